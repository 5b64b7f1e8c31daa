"""The multilingual encoder: text to pieces to vectors, on a CPU, without a model hub.

The file holds the word embeddings as the 4-bit blocks they came in (18 bytes for 32 weights: one float16 scale,
then nibble pairs) and every other matrix as int8 with one scale a row.  The matrices stay int8 in memory: torch's
dynamic kernels quantise the activations as they come and multiply in int8, several times faster than float32.
Where a processor lacks such kernels the matrices are widened to float32, with the same result but for rounding.

The same object serves the name tagger (`Encoder` stands in for a Hugging Face model in Stanza's FoundationCache,
`Pieces` for its tokenizer) and `sentence_vectors`, which deduplication compares across languages.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import torch
from safetensors import safe_open
from tokenizers import Encoding, Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from tasks.parallel import spread

SENTENCE_LAYERS = (3, 5, 7)  # of the first 8; with the last, what sentence vectors are computed from

# Vowel marks, tatweel, zero-width signs and bidi controls; the joiner (U+200C) stays, it is part of Persian words.
_DROPPED = (
    *range(0x610, 0x61B), 0x61C, 0x640, *range(0x64B, 0x656), 0x670, *range(0x6D6, 0x6DD), *range(0x6DF, 0x6E5),
    0x6E7, 0x6E8, *range(0x6EA, 0x6EE), 0xAD, 0x200B, *range(0x200D, 0x2010), *range(0x202A, 0x202F),
    *range(0x2060, 0x206A), 0xFEFF,
)  # fmt: skip
_MARKS = frozenset(chr(code) for code in _DROPPED if code < 0x700)
_PRESENTATION = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]")
_CHANGES_LENGTH = re.compile("[" + "".join(map(chr, _DROPPED)) + "\ufb50-\ufdff\ufe70-\ufefc]")
_LATIN = "[A-Za-z0-9\u00c0-\u024f]+"
_LETTERS = r"[\w\u0300-\u036f]+"
_WORD = re.compile(
    rf"{_LETTERS}(?:\u200c\.\u200c{_LETTERS})+"  # the Persian way to spell out foreign initials
    r"|\w(?:\.\w)+(?!\w)"  # initials
    rf"|{_LATIN}(?:[.'_&@+:/-]+{_LATIN})*(?!\w)"  # addresses, names with a hyphen
    r"|\d+(?:[.,:/٫٬-]\d+)*(?!\w)"  # numbers, dates, times
    rf"|{_LETTERS}(?:\u200c+{_LETTERS})*"
    r"|([^\w\s\u200c\u0300-\u036f])\1*"
)


def _table(language: str) -> dict[int, str | None]:
    table: dict[int, str | None] = dict.fromkeys(_DROPPED)
    for digit in range(10):
        table[0x660 + digit] = table[0x6F0 + digit] = str(digit)
    table |= dict.fromkeys(map(ord, "«»“”„‟″"), '"') | dict.fromkeys(map(ord, "‘’‚‛`´"), "'")
    pairs = {"ar": ("یي", "کك", "ېي"), "fa": ("يی", "كک", "ىی", "ېی", "ۀه")}.get(language, ())
    return table | {ord(pair[0]): pair[1] for pair in pairs}


_TABLES = {language: _table(language) for language in ("ar", "fa", "")}


def normalise(text: str, language: str = "") -> tuple[str, Sequence[int]]:
    """Return the spelling that the models were trained on, and where each of its characters comes from.

    Presentation forms become letters; vowel marks, tatweel, bidi controls and zero-width signs (but not the
    Persian joiner) go; yeh and kaf take the form of the language; digits and quotes become ASCII.  The second
    value has one index into `text` a character, so that `text[at[start]:at[end - 1] + 1]` is what was written.
    """
    table = _TABLES[language if language in _TABLES else ""]
    if not _CHANGES_LENGTH.search(text):
        return text.translate(table), range(len(text))
    letters: list[str] = []
    at: list[int] = []
    for index, letter in enumerate(text):
        if _PRESENTATION.match(letter):
            letter = unicodedata.normalize("NFKC", letter).replace(" ", "")
        for plain in letter.translate(table):
            letters.append(plain)
            at.append(index)
    return "".join(letters), at


def end_of(text: str, last: int) -> int:
    """Return the end of the surface whose last kept character is `text[last]`: its own marks belong to it."""
    end = last + 1
    while end < len(text) and text[end] in _MARKS:
        end += 1
    return end


def split_punctuation(word: str) -> list[tuple[int, int]]:
    """Return the bounds of the words in `word`: punctuation stands apart, save inside numbers and addresses."""
    return [match.span() for match in _WORD.finditer(word)]


@dataclass(frozen=True, slots=True)
class PieceBatch:
    """What Stanza reads of a Hugging Face tokenizer's answer."""

    encodings: list[Encoding]

    def word_ids(self, batch_index: int) -> list[int | None]:
        return list(self.encodings[batch_index].word_ids)

    def __getitem__(self, key: str) -> list[list[int]]:
        longest = max(len(encoding.ids) for encoding in self.encodings)
        if key == "attention_mask":
            return [[1] * len(e.ids) + [0] * (longest - len(e.ids)) for e in self.encodings]
        return [e.ids + [Pieces.pad] * (longest - len(e.ids)) for e in self.encodings]


class Pieces:
    """The vocabulary of the encoder: sentences to piece ids, with start (0) and end (2) signs."""

    pad = 1
    model_max_length = 512

    def __init__(self, path: Path) -> None:
        self.tokenizer = Tokenizer.from_str(gzip.decompress(path.read_bytes()).decode("utf-8"))

    def encode(self, sentences: Sequence[Sequence[str]]) -> list[Encoding]:
        """Return one encoding a sentence of words."""
        return list(self.tokenizer.encode_batch([list(words) for words in sentences], is_pretokenized=True))

    def __call__(self, data: Sequence[Sequence[str]], **_: object) -> PieceBatch:
        return PieceBatch(self.encode(data))


class _Int8Linear(nn.Module):
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
        weight, scale, bias = (tensors[f"{name}.{part}"] for part in ("weight", "scale", "bias"))
        zero = torch.zeros(len(scale), dtype=torch.int64)
        quantised = torch._make_per_channel_quantized_tensor(weight, scale.double(), zero, 0)
        self.bias = bias
        self.packed: object | None = None
        try:
            self.packed = torch.ops.quantized.linear_prepack(quantised, None)
        except RuntimeError:  # no int8 kernels on this processor
            self.weight = quantised.dequantize()

    def forward(self, x: Tensor) -> Tensor:
        if self.packed is None:
            return functional.linear(x, self.weight, self.bias)
        largest = torch.maximum(x.amax(-1, keepdim=True), x.amin(-1, keepdim=True).neg_()).clamp_min_(1e-6)
        result: Tensor = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(
            x / largest, self.SCALE, self.ZERO, self.packed
        )
        return torch.addcmul(self.bias, result, largest, out=result)


class _Layer(nn.Module):
    """One transformer layer, post-norm as in BERT, with the three projections in one matrix."""

    def __init__(self, tensors: dict[str, Tensor], prefix: str, heads: int, eps: float) -> None:
        super().__init__()
        self.heads, self.eps = heads, eps
        self.qkv, self.out = (_Int8Linear(tensors, prefix + name) for name in ("qkv", "out"))
        self.up, self.down = (_Int8Linear(tensors, prefix + name) for name in ("up", "down"))
        self.norms = [(tensors[f"{prefix}norm{i}.weight"], tensors[f"{prefix}norm{i}.bias"]) for i in (1, 2)]

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = (
            functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            .transpose(1, 2)
            .reshape(batch, length, width)
        )
        x = functional.layer_norm(self.out(mixed).add_(x), (width,), *self.norms[0], self.eps)
        return functional.layer_norm(self.down(functional.gelu(self.up(x))).add_(x), (width,), *self.norms[1], self.eps)


def _unpack_blocks(blocks: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return the float32 weights of 4-bit blocks.  blocks: (rows, blocks to a row * 18)."""
    raw = blocks.reshape(len(blocks), -1, 18)
    scale = raw[:, :, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([raw[:, :, 2:] & 15, raw[:, :, 2:] >> 4], axis=2).astype(np.float32) - 8
    return (nibbles * scale).reshape(len(blocks), -1)


class Encoder(nn.Module):
    """Piece ids (batch, length) to vectors (batch, length, 384)."""

    _hf_peft_config_loaded = False  # Stanza asks every encoder for it

    def __init__(self, path: Path, pieces: Pieces) -> None:
        super().__init__()
        self.pieces = pieces
        with safe_open(path, framework="pt") as file:
            sizes = {key: float(value) for key, value in file.metadata().items()}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        self.words = torch.from_numpy(_unpack_blocks(tensors["words.blocks"].numpy()))
        self.positions = tensors["positions"].float()
        self.norm = (tensors["norm.weight"], tensors["norm.bias"])
        self.eps = sizes["eps"]
        # Names and meanings pull the last layer apart; a linear map from several layers gives the meaning back.
        self.sentence_weight, self.sentence_bias = tensors["sentence.weight"].float(), tensors["sentence.bias"].float()
        self.config = SimpleNamespace(hidden_size=self.words.shape[1])
        with warnings.catch_warnings():
            # torch announces that its quantised tensors will move to another package; 2.13 is pinned.
            warnings.simplefilter("ignore")
            self.layers = nn.ModuleList(
                _Layer(tensors, f"layers.{i}.", int(sizes["heads"]), self.eps) for i in range(int(sizes["layers"]))
            )

    @torch.inference_mode()
    def encode(self, ids: Tensor) -> Tensor:
        """Return the vectors of padded piece ids; those of padding mean nothing."""
        return self.states(ids)[-1]

    @torch.inference_mode()
    def states(self, ids: Tensor) -> list[Tensor]:
        """Return the vectors of padded piece ids after each layer of SENTENCE_LAYERS, and after the last."""
        # Always masked, also where nothing is padded: the kernel must not depend on the other sentences.
        padding = ids == Pieces.pad
        mask = torch.zeros(len(ids), 1, 1, ids.shape[1]).masked_fill_(padding[:, None, None], -1e4)
        x: Tensor = functional.embedding(ids, self.words) + self.positions[: ids.shape[1]]
        x = functional.layer_norm(x, (x.shape[-1],), *self.norm, self.eps)
        found = []
        for number, layer in enumerate(self.layers, 1):
            x = layer(x, mask)
            if number in SENTENCE_LAYERS or number == len(self.layers):
                found.append(x)
        return found

    @torch.inference_mode()
    def pooled(self, ids: Tensor) -> Tensor:
        """Return the means over the pieces of a text, of each kept layer, side by side."""
        keep = (ids != Pieces.pad).unsqueeze(-1)
        return torch.cat([(state * keep).sum(1) / keep.sum(1) for state in self.states(ids)], dim=1)

    def forward(self, input_ids: Tensor, **_: object) -> SimpleNamespace:
        """Answer as a Hugging Face model does; only the last layer is kept."""
        return SimpleNamespace(hidden_states=(self.encode(input_ids),))

    @torch.inference_mode()
    def _means(self, rows: list[list[int]]) -> npt.NDArray[np.float32]:
        means = torch.addmm(self.sentence_bias, self.pooled(padded(rows)), self.sentence_weight)
        vectors: npt.NDArray[np.float32] = functional.normalize(means, dim=-1).numpy()
        return vectors

    def sentence_vectors(self, texts: Sequence[str], prefix: str = "query: ") -> npt.NDArray[np.float32]:
        """Return one vector of unit length a text (len(texts), 384); beyond 512 pieces a text is not read.

        The cosine of two vectors says how near the texts are in meaning, across languages: near 0 for unrelated
        texts, above 0.5 for the same event told in two languages.  How well it tells: `seeds/models/encoder.md`.
        """
        encodings = self.pieces.tokenizer.encode_batch([prefix + normalise(text)[0] for text in texts])
        limit = Pieces.model_max_length
        rows = [e.ids if len(e.ids) <= limit else [*e.ids[: limit - 1], 2] for e in encodings]
        result = np.zeros((len(texts), self.config.hidden_size), dtype=np.float32)
        grouped = batches([len(row) for row in rows])
        for batch, means in zip(grouped, spread(self._means, [[rows[i] for i in b] for b in grouped]), strict=True):
            result[batch] = means
        return result


#: Sentences are padded to a multiple of this many pieces: some 10 % more work at news length, and what a sentence
#: is padded to follows from its own length, not from its neighbours'.
STEP = 8


def batches(lengths: Sequence[int], limit: int = 2048, step: int = 1) -> list[list[int]]:
    """Group indices of like length so that a batch has at most `limit` padded pieces (or one sentence).

    With `step`, all lengths of a batch round up to the same multiple of it.
    2,048 pieces x 1,536 values x 4 bytes = 12 MB of activations: enough to keep two cores busy, and in cache.
    """
    result: list[list[int]] = []
    batch: list[int] = []
    rounded = [-(-length // step) * step for length in lengths]
    for index in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):
        other = bool(batch) and step > 1 and rounded[index] != rounded[batch[0]]
        if batch and (other or rounded[index] * (len(batch) + 1) > limit):
            result.append(batch)
            batch = []
        batch.append(index)
    return [*result, batch] if batch else result


def padded(rows: Iterable[list[int]], step: int = 1) -> Tensor:
    """One row a sentence, all padded to the longest one's length, rounded up to a multiple of `step`."""
    rows = list(rows)
    longest = -(-max(map(len, rows)) // step) * step
    return torch.tensor([row + [Pieces.pad] * (longest - len(row)) for row in rows])
