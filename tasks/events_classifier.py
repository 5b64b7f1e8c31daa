"""A second opinion on the lexicon: which types a sentence tells, from its vector, its words and the lexicon's acts.

One linear score a type: a sentence's vector (`tasks/sentence_projection.py`), hashed bare words, and, for the types
with judged sentences to learn from, what the lexicon found there (`tasks/events_features.py`). Two numbers a type
(Platt) turn the score into a probability. With it an act is confirmed, left uncounted («outvoted»), counted though
nothing anchors it, or found where the lexicon has no words for it; between the thresholds the lexicon stands, and so it
does in languages without judged sentences.

Everything is fitted by `python -m training.event_types` and lies in `seeds/events/classifier.safetensors`. A
sentence without a vector, or with one of another version, is left to the lexicon alone.
"""

from __future__ import annotations

import functools
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from schemas.errors import ModelCorrupt
from tasks.clitics import NOUN, Spellings, bare_forms
from tasks.events_features import unknown_features
from tasks.sentence_projection import Floats, classifier_file

#: Buckets of hashed words: the words of some 8,000 training sentences collide in one case of five.
BUCKETS = 4096
#: Sums of hashed words are brought to this length, so that their weights and those of the vector are alike.
WORD_LENGTH = 3.0


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
    languages: frozenset[str]  # those of the judged sentences: of others it has learnt nothing
    scale: Floats  # what one step of a vector's int8 is worth, by dimension
    vector_weights: Floats  # (dimensions, types)
    word_weights: Floats  # (BUCKETS, types)
    features: tuple[str, ...]  # names of `lexicon_features`
    lexicon_weights: Floats  # (features, types)
    bias: Floats
    platt: Floats  # (2, types)
    thresholds: Floats  # (3, types): confirm from, outvote below, find from

    @functools.cached_property
    def _by_step(self) -> Floats:
        """The vector weights for the int8 numbers as they are."""
        return self.scale[:, None] * self.vector_weights

    @functools.cached_property
    def _columns(self) -> list[tuple[str, dict[str, float], list[float], list[float]]]:
        """For each type its weights of the lexicon's features, Platt's two numbers, and its thresholds."""
        parts = (self.platt, self.thresholds)
        weights = [
            {name: weight for name, weight in zip(self.features, column, strict=True) if weight}
            for column in self.lexicon_weights.T.tolist()
        ]
        return [(kind, weights[at], *(part[:, at].tolist() for part in parts)) for at, kind in enumerate(self.types)]

    def opinion(self, vector: bytes, buckets: Sequence[int], features: Sequence[Mapping[str, float]]) -> Opinion:
        """The opinion on a sentence; `features` are `lexicon_features` of each of `types`."""
        score = np.frombuffer(vector, dtype=np.int8).astype(np.float64) @ self._by_step + self.bias
        if buckets:
            score += np.add.reduce(self.word_weights.take(buckets, 0), 0) * (WORD_LENGTH / len(buckets) ** 0.5)
        chances: dict[str, float] = {}
        confirmed, outvoted, missed = [], [], []
        for value, told, (kind, weights, platt, limits) in zip(score.tolist(), features, self._columns, strict=True):
            known = 0.0
            for name, number in told.items():
                if name in weights:
                    known += weights[name] * number
            value += known
            chance = chances[kind] = 1 / (1 + math.exp(-min(700.0, max(-700.0, platt[0] * value + platt[1]))))
            if chance >= limits[0]:
                confirmed.append(kind)
            if chance < limits[1]:
                outvoted.append(kind)
            if chance >= limits[2]:
                missed.append(kind)
        return Opinion(chances, frozenset(confirmed), frozenset(outvoted), frozenset(missed))

    def telling_word(self, folded: Sequence[str], language: str, kind: str) -> int | None:
        """The place of the word that speaks most for a type; None where none does."""
        weights = self.word_weights[[bucket(word, language) for word in folded], self.types.index(kind)].tolist()
        best = max(weights, default=0.0)
        return weights.index(best) if best > 0 else None


@functools.cache
def _buckets(language: str) -> Spellings[int]:
    return Spellings(functools.partial(_bucket, language=language))


def bucket(folded: str, language: str) -> int:
    """The bucket of a word: the CRC-32 of its shortest bare form."""
    return _buckets(language)[folded]


def _bucket(folded: str, language: str) -> int:
    forms = [form.form for form in bare_forms(folded, language) if form.kind == NOUN]
    return zlib.crc32(min(forms, key=lambda form: (len(form), form)).encode("utf-8", "surrogatepass")) % BUCKETS


def buckets_of(folded: Iterable[str], language: str) -> list[int]:
    """The different buckets of a sentence's folded words, in order."""
    return sorted({*map(_buckets(language).__getitem__, folded)})


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
        features = tuple(_text(tensors["features"]).split())
        if parts["lexicon_weights"].shape != (len(features), len(types)):
            raise ValueError("the lexicon's weights have another shape")
        if unknown := unknown_features(features):
            raise ValueError(f"it weighs features that this version does not read: {', '.join(unknown)}")
        return Classifier(
            version=_text(tensors["version"]),
            vector_version=_text(tensors["vector_version"]),
            types=types,
            judged=frozenset(_text(tensors["judged"]).split()),
            languages=frozenset(_text(tensors["languages"]).split()),
            features=features,
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
