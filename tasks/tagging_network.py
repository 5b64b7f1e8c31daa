"""Stanza's tagger on a CPU: word vectors to the scores of their tags, the same in whatever company.

How a float32 product of matrices rounds depends on how many rows there are, and a confidence must not depend on the
sentences beside it.  In FBGEMM's product with weights of half precision each row is summed by itself, in one order:
the results are the same to the last bit, at twice the speed of double precision.  Where a processor lacks it, double
precision it is, whose differences no rounded confidence shows.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

if TYPE_CHECKING:
    from stanza.models.common.packed_lstm import PackedLSTM


class Tagger(Protocol):
    """What of Stanza's `NERTagger` is used here."""

    bert_layer_mix: nn.Linear
    input_transform: nn.Linear | None
    taggerlstm: PackedLSTM
    taggerlstm_h_init: Tensor
    taggerlstm_c_init: Tensor
    tag_clfs: Sequence[nn.Linear]


class TagNetwork:
    """A bidirectional LSTM and a linear layer: what `NERTagger.forward` does with the vectors of an encoder."""

    @torch.no_grad()
    def __init__(self, model: Tagger) -> None:
        lstm: nn.LSTM = copy.deepcopy(model.taggerlstm.lstm).double()
        # Nothing stands between the two linear maps of the input, so they are one; Stanza's mix over one layer is
        # (1 + weight) times that layer.
        matrix = torch.eye(lstm.input_size, dtype=torch.float64)
        offset = torch.zeros(lstm.input_size, dtype=torch.float64)
        if model.input_transform is not None:
            matrix, offset = model.input_transform.weight.double(), model.input_transform.bias.double()
        for name in ("l0", "l0_reverse"):
            weight, bias = getattr(lstm, f"weight_ih_{name}"), getattr(lstm, f"bias_ih_{name}")
            bias += weight @ offset
            weight.copy_(weight @ matrix * (1 + model.bert_layer_mix.weight[0, 0]))
        self.lstm = lstm.requires_grad_(False)
        self.start = [model.taggerlstm_h_init.detach().double(), model.taggerlstm_c_init.detach().double()]
        self.output = copy.deepcopy(model.tag_clfs[0]).double().requires_grad_(False)
        self.cells: list[object] | None = None
        try:
            self.cells = [
                torch.ops.quantized.make_quantized_cell_params_fp16(self._half("ih", name), self._half("hh", name))
                for name in ("l0", "l0_reverse")
            ]
        except RuntimeError:  # no such kernels on this processor
            return
        self.start = [state.float() for state in self.start]
        self.packed = torch.ops.quantized.linear_prepack_fp16(self.output.weight.float(), self.output.bias.float())

    def _half(self, part: str, name: str) -> object:
        weight, bias = (getattr(self.lstm, f"{kind}_{part}_{name}").float() for kind in ("weight", "bias"))
        return torch.ops.quantized.linear_prepack_fp16(weight, bias)

    def __call__(self, words: Tensor, lengths: Sequence[int]) -> Tensor:
        """Return the scores (sentences, words, tags) of vectors (sentences, words, 384), in double precision.

        `lengths` counts the words of each sentence, and falls.
        """
        packed = pack_padded_sequence(words, torch.tensor(lengths), batch_first=True)
        start = [state.expand(2, len(lengths), -1).contiguous() for state in self.start]
        if self.cells is None:
            states, _ = self.lstm(PackedSequence(packed.data.double(), packed.batch_sizes), tuple(start))
            scores = self.output(states.data)
        else:
            states = torch.quantized_lstm(
                packed.data, packed.batch_sizes, start, self.cells, True, 1, 0.0, False, True,
                dtype=torch.float16, use_dynamic=True,
            )[0]  # fmt: skip
            scores = torch.ops.quantized.linear_dynamic_fp16(states, self.packed).double()
        rows: Tensor = pad_packed_sequence(PackedSequence(scores, packed.batch_sizes), batch_first=True)[0]
        return rows
