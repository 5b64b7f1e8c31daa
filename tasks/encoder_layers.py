"""Transformer layers for a CPU: weights stored in 4-bit blocks or int8, multiplied in int8.

A 4-bit block is 18 bytes for 32 weights: one float16 scale, then nibble pairs.  Whatever the file holds, a matrix is
int8 with one scale a row in memory: torch's kernels multiply in int8, several times faster than float32.  Where a
processor lacks them the matrices are widened to float32, with the same result but for rounding.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

BLOCK_BYTES = 18  # a float16 and 32 nibbles


def unpack_blocks(blocks: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return the float32 weights of 4-bit blocks.  blocks: (rows, blocks to a row * 18)."""
    raw = blocks.reshape(len(blocks), -1, BLOCK_BYTES)
    scale = raw[:, :, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([raw[:, :, 2:] & 15, raw[:, :, 2:] >> 4], axis=2).astype(np.float32) - 8
    return (nibbles * scale).reshape(len(blocks), -1)


def quantise(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return a matrix (rows, columns) as int8, and the float32 scale of each row."""
    scale = weight.abs().amax(1).clamp_min(1e-8) / 127
    return torch.round(weight / scale[:, None]).to(torch.int8), scale


def _matrix(tensors: dict[str, Tensor], name: str) -> tuple[Tensor, Tensor]:
    if f"{name}.blocks" in tensors:
        return quantise(torch.from_numpy(unpack_blocks(tensors[f"{name}.blocks"].numpy())))
    return tensors[f"{name}.weight"], tensors[f"{name}.scale"]


class Int8Linear(nn.Module):
    """y = x W' + b with W in int8, one scale a row, and x quantised as it comes.

    torch quantises a whole batch by its largest value: a few values are 30 times the others, which leaves the
    rest 3 bits, and a piece gets other vectors in other company. Here each piece is brought to a largest value of
    1 and quantised on a fixed scale, so that its result depends on its own sentence alone (cosine to the float32
    output 0.999 instead of 0.98).
    """

    #: From -1 to 1 in 256 steps, as torch's unsigned input wants it: 0 is step 128.
    SCALE, ZERO = 1 / 127, 128

    def __init__(self, tensors: dict[str, Tensor], name: str) -> None:
        super().__init__()
        weight, scale = _matrix(tensors, name)
        zero = torch.zeros(len(scale), dtype=torch.int64)
        quantised = torch._make_per_channel_quantized_tensor(weight, scale.double(), zero, 0)
        self.bias = tensors[f"{name}.bias"]
        self.packed: object | None = None
        try:
            self.packed = torch.ops.quantized.linear_prepack(quantised, None)
        except RuntimeError:  # no int8 kernels on this processor
            self.weight = quantised.dequantize()

    def forward(self, x: Tensor, spent: bool = False) -> Tensor:
        """Multiply; where `x` is `spent` (nobody reads it any more), its memory is used again."""
        if self.packed is None:
            return functional.linear(x, self.weight, self.bias)
        largest = torch.maximum(x.amax(-1, keepdim=True), x.amin(-1, keepdim=True).neg_()).clamp_min_(1e-6)
        result: Tensor = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(
            x.div_(largest) if spent else x / largest, self.SCALE, self.ZERO, self.packed
        )
        return torch.addcmul(self.bias, result, largest, out=result)


class Layer(nn.Module):
    """One transformer layer, post-norm as in BERT, with the three projections in one matrix.

    `tensors` holds, under `prefix`, the matrices qkv, out, up and down (each as `.blocks` or as `.weight` and
    `.scale`, with its `.bias`), and the weight and bias of norm1 and norm2.
    """

    def __init__(self, tensors: dict[str, Tensor], prefix: str, heads: int, eps: float) -> None:
        super().__init__()
        self.heads, self.eps = heads, eps
        self.qkv, self.out = (Int8Linear(tensors, prefix + name) for name in ("qkv", "out"))
        self.up, self.down = (Int8Linear(tensors, prefix + name) for name in ("up", "down"))
        self.norms = [(tensors[f"{prefix}norm{i}.weight"], tensors[f"{prefix}norm{i}.bias"]) for i in (1, 2)]

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = (
            functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            .transpose(1, 2)
            .reshape(batch, length, width)
        )
        x = functional.layer_norm(self.out(mixed, spent=True).add_(x), (width,), *self.norms[0], self.eps)
        wide = torch.ops.aten.gelu_(self.up(x))
        return functional.layer_norm(self.down(wide, spent=True).add_(x), (width,), *self.norms[1], self.eps)
