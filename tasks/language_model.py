"""The language model of the Arabic script: how likely each language is, and how many words are known to it.

Two questions, for the second guards the first. *Which of the languages it knows is the text likest to?* A linear
model over letter sequences answers, trained by `training/language.py`. *Is it really one?* A language that the
model has never seen is always likest to some other; but the words of a text that is truly Arabic, Persian or Urdu
are mostly in the list of words of that language, and those of its neighbours are not.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from tasks.language_features import NOTHING, Features, extract

if TYPE_CHECKING:  # it loads only where a text is judged
    import torch

#: Both files carry this: features of one release do not fit weights of another.
RELEASE: Final = "2"
#: Languages whose words are listed, and the bit of each in the table of words.
LISTED: Final = {"ar": 1, "fa": 2, "ur": 4}
#: Cells of the table of words: 2^21. Some 190,000 words at two cells each fill a sixth of it, so that one word in
#: forty of another language seems known by chance.
WORD_CELLS: Final = 1 << 21


@dataclass(frozen=True, slots=True)
class Judged:
    """What the model makes of a batch; one row a text."""

    #: Logarithms of likelihood, up to a constant of each row: texts × `labels()`.
    scores: NDArray[np.float32]
    #: Share of letters that are in words known to each of `LISTED`: texts × 3.
    known: NDArray[np.float32]
    words: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Model:
    labels: tuple[str, ...]
    weights: torch.Tensor
    scale: NDArray[np.float32]
    biases: NDArray[np.float32]
    words: NDArray[np.uint8]


def labels() -> tuple[str, ...]:
    """The languages in the order of the columns of `Judged.scores`."""
    return _model().labels


def judge(texts: Sequence[str]) -> Judged:
    """Judge texts that are mainly in the Arabic script. A text's row does not depend on its neighbours."""
    import torch

    model = _model()
    features = extract(texts)
    if not len(texts):
        return Judged(np.zeros((0, len(model.labels)), np.float32), *_known(features, 0))
    # Weights are whole numbers, so the sum is exact, in whatever order it is made.
    sums = torch.nn.functional.embedding_bag(
        torch.from_numpy(features.buckets), model.weights, torch.from_numpy(features.starts), mode="sum"
    ).numpy()
    length = np.sqrt(np.maximum(features.letters, 1).astype(np.float32))[:, None]
    scores = (sums * model.scale / length + model.biases).astype(np.float32)
    return Judged(scores, *_known(features, len(texts)))


def word_cells(numbers: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The two cells of the table that stand for each word."""
    shift = np.uint32(32 - WORD_CELLS.bit_length() + 1)
    first = (numbers * np.uint32(0x9E3779B1)) >> shift
    second = (numbers * np.uint32(0xC2B2AE35) + np.uint32(0x27D4EB2F)) >> shift
    return first.astype(np.int64), second.astype(np.int64)


def _known(features: Features, count: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    words, table = features.words, _model().words
    first, second = word_cells(words.number)
    flags = table[first] & table[second]
    first, second = word_cells(words.number_bare)
    bare = (words.number_bare != 0) & (words.letters > 3)
    flags |= np.where(bare, table[first] & table[second] & LISTED["ar"], 0).astype(np.uint8)
    total = np.bincount(words.text, weights=words.letters, minlength=count)
    shares = [
        np.bincount(words.text, weights=words.letters * ((flags & bit) != 0), minlength=count) / np.maximum(total, 1)
        for bit in LISTED.values()
    ]
    return np.stack(shares, axis=1).astype(np.float32), np.bincount(words.text, minlength=count).astype(np.int32)


@cache
def _model() -> _Model:
    import torch

    folder = files("seeds").joinpath("language")
    with folder.joinpath("model.npz").open("rb") as file, np.load(file, allow_pickle=False) as stored:
        described = json.loads(str(stored["description"]))
        if described["release"] != RELEASE:
            raise RuntimeError(f"seeds/language/model.npz is release {described['release']}, this code reads {RELEASE}")
        weights = stored["weights"].astype(np.float32)
        weights[NOTHING] = 0.0
        return _Model(
            tuple(described["labels"]), torch.from_numpy(weights), stored["scale"], stored["biases"], stored["words"]
        )
