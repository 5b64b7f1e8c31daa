"""A second opinion on the lexicon: which types a sentence tells, from its vector, its words and the lexicon's acts.

One linear score a type: a sentence's vector (`tasks/sentence_projection.py`), hashed bare words, and, for the types
with judged sentences to learn from, what the lexicon found there. Two numbers a type (Platt) turn the score into
a probability. With it an act is confirmed, left uncounted («outvoted»), counted though nothing anchors it, or
found where the lexicon has no words for it; between the thresholds the lexicon stands.

Everything is fitted by `python -m training.event_types` and lies in `seeds/events/classifier.safetensors`. A
sentence without a vector, or with one of another version, is left to the lexicon alone.
"""

from __future__ import annotations

import functools
import math
import operator
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from schemas.errors import ModelCorrupt
from tasks.clitics import NOUN, Word, bare_forms
from tasks.sentence_projection import Floats, classifier_file

#: Buckets of hashed words: the words of some 8,000 training sentences collide in one case of five.
BUCKETS = 4096
#: What the lexicon found, as numbers; see `lexicon_features`.
LEXICON_FEATURES = 12
#: Sums of hashed words are brought to this length, so that their weights and those of the vector are alike.
WORD_LENGTH = 3.0
_DIGIT = re.compile(r"\d")


class Told(Protocol):
    """What the classifier looks at of an act."""

    @property
    def type(self) -> str: ...
    @property
    def counts_as(self) -> str | None: ...
    @property
    def unanchored(self) -> bool: ...
    @property
    def historical(self) -> bool: ...
    @property
    def happened(self) -> bool: ...
    @property
    def confidence(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Opinion:
    """The probability of each type in one sentence, and what to do about it."""

    probability: dict[str, float]
    confirmed: frozenset[str]
    outvoted: frozenset[str]
    missed: frozenset[str]


@dataclass(frozen=True, eq=False)
class Classifier:
    """The fitted weights. `judged` types have thresholds of their own and weights for the lexicon's features."""

    version: str
    vector_version: str
    types: tuple[str, ...]
    judged: frozenset[str]
    scale: Floats  # what one step of a vector's int8 is worth, by dimension
    vector_weights: Floats  # (dimensions, types)
    word_weights: Floats  # (BUCKETS, types)
    lexicon_weights: Floats  # (LEXICON_FEATURES, types)
    bias: Floats
    platt: Floats  # (2, types)
    thresholds: Floats  # (3, types): confirm from, outvote below, find from

    @functools.cached_property
    def _by_step(self) -> Floats:
        """The vector weights for the int8 numbers as they are."""
        return self.scale[:, None] * self.vector_weights

    @functools.cached_property
    def _columns(self) -> list[tuple[str, list[float], list[float], list[float]]]:
        """For each type its weights of the lexicon's features, Platt's two numbers, and its thresholds."""
        parts = (self.lexicon_weights, self.platt, self.thresholds)
        return [(kind, *(part[:, at].tolist() for part in parts)) for at, kind in enumerate(self.types)]

    def opinion(self, vector: bytes, buckets: Sequence[int], features: Sequence[Sequence[float]]) -> Opinion:
        """The opinion on a sentence; `features` are `lexicon_features` of each of `types`."""
        score = np.frombuffer(vector, dtype=np.int8).astype(np.float64) @ self._by_step + self.bias
        if buckets:
            score += self.word_weights.take(buckets, 0).sum(0) * (WORD_LENGTH / len(buckets) ** 0.5)
        chances: dict[str, float] = {}
        confirmed, outvoted, missed = [], [], []
        for value, told, (kind, weights, platt, limits) in zip(score.tolist(), features, self._columns, strict=True):
            value += sum(map(operator.mul, told, weights))
            chance = chances[kind] = 1 / (1 + math.exp(-min(700.0, max(-700.0, platt[0] * value + platt[1]))))
            if chance >= limits[0]:
                confirmed.append(kind)
            if chance < limits[1]:
                outvoted.append(kind)
            if chance >= limits[2]:
                missed.append(kind)
        return Opinion(chances, frozenset(confirmed), frozenset(outvoted), frozenset(missed))

    def telling_word(self, found: Sequence[Word], language: str, kind: str) -> Word | None:
        """The word that speaks most for a type; None where none does."""
        column = self.types.index(kind)
        best = max(found, key=lambda word: self.word_weights[bucket(word.folded, language), column], default=None)
        if best is None or self.word_weights[bucket(best.folded, language), column] <= 0:
            return None
        return best


@functools.lru_cache(maxsize=200_000)
def bucket(folded: str, language: str) -> int:
    """The bucket of a word: the CRC-32 of its shortest bare form."""
    forms = [form.form for form in bare_forms(folded, language) if form.kind == NOUN]
    return zlib.crc32(min(forms, key=lambda form: (len(form), form)).encode("utf-8", "surrogatepass")) % BUCKETS


def buckets_of(found: Iterable[Word], language: str) -> list[int]:
    """The different buckets of a sentence's words, in order."""
    return sorted({bucket(word.folded, language) for word in found})


def sentence_features(text: str) -> list[float]:
    """Three facts about a sentence, the last of its LEXICON_FEATURES: its length, quotation marks, numbers."""
    return [len(text.split()) / 40, float("«" in text or '"' in text), float(_DIGIT.search(text) is not None)]


def lexicon_features(kind: str, acts: Sequence[Told], facts: Sequence[float]) -> list[float]:
    """What the lexicon found of a type, and `sentence_features`, as LEXICON_FEATURES numbers."""
    told = [act for act in acts if act.type == kind]
    counted = [act for act in acts if act.counts_as == kind]
    if not told and not counted:
        return [0.0] * (LEXICON_FEATURES - 1 - len(facts)) + [float(bool(acts)), *facts]
    return [
        float(bool(told)),
        float(bool(counted)),
        float(len(told)),
        float(len(counted)),
        max((act.confidence for act in told), default=0.0),
        float(any(act.historical for act in told)),
        float(any(not act.happened for act in told)),
        float(any(act.unanchored for act in told)),
        float(bool(acts)),
        *facts,
    ]


@functools.cache
def bundled_classifier() -> Classifier | None:
    """The classifier that comes with Rasad; None where none is there."""
    file = classifier_file()
    return read_classifier(file.read_bytes(), file.name) if file.is_file() else None


def read_classifier(data: bytes, where: str) -> Classifier:
    """The classifier in a file's bytes. Raises ModelCorrupt."""
    try:
        tensors = load_tensors(data)
        types = tuple(_text(tensors["types"]).split())
        parts = {
            name: tensors[name].astype(np.float64) * tensors.get(f"{name}.scale", np.ones(1)).astype(np.float64)
            for name in ("scale", "vector_weights", "word_weights", "lexicon_weights", "bias", "platt", "thresholds")
        }
        if parts["word_weights"].shape != (BUCKETS, len(types)):
            raise ValueError("the word weights have another shape")
        return Classifier(
            version=_text(tensors["version"]),
            vector_version=_text(tensors["vector_version"]),
            types=types,
            judged=frozenset(_text(tensors["judged"]).split()),
            **parts,
        )
    except (SafetensorError, KeyError, ValueError) as failure:
        raise ModelCorrupt(
            f"the event classifier cannot be read: {failure}",
            where=where,
            hint="Install Rasad again, or refit it: python -m training.event_types",
        ) from failure


def _text(tensor: npt.NDArray[np.generic]) -> str:
    return bytes(tensor.astype(np.uint8)).decode("ascii")
