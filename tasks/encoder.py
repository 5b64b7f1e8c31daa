"""The multilingual encoder: text to pieces to vectors, on a CPU, without a model hub.

`encoder.safetensors` holds the untouched encoder, all its layers and the word embeddings of the kept pieces in the
4-bit blocks they came in, and the layers that were fine-tuned for names, in int8.  Names are read from the lowest
layers, as they came, and the fine-tuned ones above them (`Encoder`); what a text is about from the untouched ones
(`sentence_encoder.py`), because learning names pulls the meaning of a sentence apart.

`Encoder` stands in for a Hugging Face model in Stanza's FoundationCache, `Pieces` for its tokenizer.
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

import torch
from safetensors import safe_open
from tokenizers import Encoding, Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from tasks.encoder_layers import Layer, unpack_blocks

# The last layer of those fine-tuned for names knows little else; with these three it tells what a sentence is about.
MEANING_LAYERS = (3, 5, 7)

# Vowel marks, tatweel, zero-width signs and bidi controls; the joiner (U+200C) stays, it is part of Persian words.
_DROPPED = (
    *range(0x610, 0x61B), 0x61C, 0x640, *range(0x64B, 0x656), 0x670, *range(0x6D6, 0x6DD), *range(0x6DF, 0x6E5),
    0x6E7, 0x6E8, *range(0x6EA, 0x6EE), 0xAD, 0x200B, *range(0x200D, 0x2010), *range(0x202A, 0x202F),
    *range(0x2060, 0x206A), 0xFEFF,
)  # fmt: skip
_MARKS = frozenset(chr(code) for code in _DROPPED if code < 0x700)
_PRESENTATION = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]")
_CHANGES_LENGTH = re.compile("[" + "".join(map(chr, _DROPPED)) + "\ufb50-\ufdff\ufe70-\ufefc]")
_LONE_TATWEEL = re.compile(r"(?<!\S)\u0640+(?!\S)")
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
    Persian joiner) go; tatweel between blanks, which Persian print has for a dash, becomes one; yeh and kaf take the
    form of the language; digits and quotes become ASCII.  The second value has one index into `text` a character, so
    that `text[at[start]:at[end - 1] + 1]` is what was written.
    """
    table = _TABLES[language if language in _TABLES else ""]
    if not _CHANGES_LENGTH.search(text):
        return text.translate(table), range(len(text))
    text = _LONE_TATWEEL.sub(lambda dash: "-" * len(dash.group()), text)
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


@dataclass(frozen=True)
class EncoderFile:
    """What `encoder.safetensors` holds, read once for both encoders."""

    words: Tensor  # (pieces, 384)
    positions: Tensor  # (512, 384)
    tensors: dict[str, Tensor]
    heads: int
    eps: float

    @classmethod
    def read(cls, path: Path) -> EncoderFile:
        """Read the file; KeyError, ValueError, OSError or RuntimeError where it is damaged."""
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  safe_open has keys and no iteration
        words = torch.from_numpy(unpack_blocks(tensors.pop("words.blocks").numpy()))
        return cls(words, tensors["positions"].float(), tensors, int(metadata["heads"]), float(metadata["eps"]))

    def layers(self, prefixes: Iterable[str]) -> nn.ModuleList:
        with warnings.catch_warnings():
            # torch announces that its quantised tensors will move to another package; 2.13 is pinned.
            warnings.simplefilter("ignore")
            return nn.ModuleList(Layer(self.tensors, prefix, self.heads, self.eps) for prefix in prefixes)

    def count(self, kind: str) -> list[int]:
        """Return the numbers of the layers of a kind, `base` or `names`."""
        return sorted({int(name.split(".")[1]) for name in self.tensors if name.startswith(f"{kind}.")})


class Encoder(nn.Module):
    """Piece ids (batch, length) to vectors (batch, length, 384)."""

    _hf_peft_config_loaded = False  # Stanza asks every encoder for it

    def __init__(self, file: EncoderFile, pieces: Pieces, layers: Sequence[str]) -> None:
        super().__init__()
        self.pieces = pieces
        self.words, self.positions, self.eps = file.words, file.positions, file.eps
        self.norm = (file.tensors["norm.weight"], file.tensors["norm.bias"])
        self.config = SimpleNamespace(hidden_size=self.words.shape[1])
        self.layers = file.layers(layers)

    @classmethod
    def for_names(cls, file: EncoderFile, pieces: Pieces) -> Encoder:
        """Return the lowest layers as they came with those fine-tuned for names above them."""
        tuned = file.count("names")
        return cls(file, pieces, [*(f"base.{i}." for i in range(tuned[0])), *(f"names.{i}." for i in tuned)])

    @classmethod
    def untouched(cls, file: EncoderFile, pieces: Pieces) -> Encoder:
        """Return all layers as they came."""
        return cls(file, pieces, [f"base.{i}." for i in file.count("base")])

    @torch.inference_mode()
    def encode(self, ids: Tensor) -> Tensor:
        """Return the vectors of padded piece ids; those of padding mean nothing."""
        return self.states(ids)[-1]

    @torch.inference_mode()
    def states(self, ids: Tensor) -> list[Tensor]:
        """Return the vectors of padded piece ids after each layer of MEANING_LAYERS, and after the last."""
        # Always masked, also where nothing is padded: the kernel must not depend on the other sentences.
        padding = ids == Pieces.pad
        mask = torch.zeros(len(ids), 1, 1, ids.shape[1]).masked_fill_(padding[:, None, None], -1e4)
        x: Tensor = functional.embedding(ids, self.words) + self.positions[: ids.shape[1]]
        x = functional.layer_norm(x, (x.shape[-1],), *self.norm, self.eps)
        found = []
        for number, layer in enumerate(self.layers, 1):
            x = layer(x, mask)
            if number in MEANING_LAYERS or number == len(self.layers):
                found.append(x)
        return found

    @torch.inference_mode()
    def means(self, ids: Tensor, states: Sequence[Tensor]) -> Tensor:
        """Return the means of `states` over the pieces of each text, side by side, in double precision.

        Sums of rounded numbers depend on their order; in double precision what is left of that is far below
        what any user of the means looks at, so a text's means follow from its own pieces alone.
        """
        keep = (ids != Pieces.pad).unsqueeze(1).double()
        weights = keep / keep.sum(2, keepdim=True)
        return torch.cat([torch.bmm(weights, state.double()).squeeze(1) for state in states], dim=1)

    def forward(self, input_ids: Tensor, **_: object) -> SimpleNamespace:
        """Answer as a Hugging Face model does; only the last layer is kept."""
        return SimpleNamespace(hidden_states=(self.encode(input_ids),))


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
