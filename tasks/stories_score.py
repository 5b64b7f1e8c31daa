"""How probable it is that two articles tell one story, and why.

Each piece of evidence is a number; the score is their weighted sum, the probability its logistic. The weights are
calibrated by `training/stories.py`, so that of the pairs given .8, about eight in ten are of one story.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tasks.minhash import Positions
from tasks.stories_terms import KINDS, Terms, bundled_rarity, term_table
from tasks.stories_vectors import WIDTH, Vectors

Numbers = NDArray[np.float64]

#: The evidence, in the order of the columns of `evidence`.
EVIDENCE = (
    "meaning",
    "words",
    "sounds",
    "numbers",
    "entities",
    "acts",
    "told",
    "days",
    "same_language",
    "meaning_within",
)
DAY = 86_400_000_000
#: Two articles with linked entities have so much in common when they merely tell of the same countries; less than that
#: speaks against one story. Where one of them has none (its language has no model), nothing is said.
USUAL_ENTITIES = 0.5
#: Days between two articles one of which has no date: unknown, so as far apart as reports of one story usually are.
UNDATED_DAYS = 1.0
#: Pairs weighed at a time: 10 columns of 8 bytes and their scratch are some 60 MB.
_PAIRS = 1 << 18


@dataclass(frozen=True, slots=True)
class Items:
    """Articles (or threads of them) to be matched, in order of `(moment, id)`.

    `vectors` hold whole numbers from -127 to 127; `lengths` are their norms; `moments` microseconds, UNDATED last;
    `languages` any numbers that tell languages apart.
    """

    ids: tuple[str, ...]
    moments: Positions
    vectors: Vectors
    lengths: Numbers
    languages: Positions
    terms: Terms
    totals: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def until(self, moment: int) -> Items:
        """The articles up to a moment."""
        end = int(np.searchsorted(self.moments, moment, side="right"))
        return Items(
            self.ids[:end],
            self.moments[:end],
            self.vectors[:end],
            self.lengths[:end],
            self.languages[:end],
            self.terms.first(end),
            self.totals[:end],
        )


def items(rows: pa.Table, undated: int) -> Items:
    """Columns in: article_id, published_at, language, vector, terms, in order."""
    vectors = as_vectors(rows["vector"])
    moments = rows["published_at"].cast(pa.int64()).fill_null(undated).to_numpy().astype(np.int64)
    languages = rows["language"].fill_null("und").combine_chunks().dictionary_encode()
    terms = term_table(rows["terms"], bundled_rarity())
    return Items(
        tuple(rows["article_id"].to_pylist()),
        moments,
        vectors,
        lengths(vectors),
        np.asarray(languages.indices).astype(np.int64),
        terms,
        terms.totals(),
    )


def as_vectors(column: pa.ChunkedArray) -> Vectors:
    """Bytes to numbers."""
    joined = b"".join(column.to_pylist())
    return np.frombuffer(joined, np.int8).reshape(-1, WIDTH).astype(np.float32)


def lengths(vectors: Vectors) -> Numbers:
    squares = np.einsum("ij,ij->i", vectors, vectors)  # whole numbers below 2**24: exact
    norms: Numbers = np.maximum(np.sqrt(squares.astype(np.float64)), 1e-6)
    return norms


@dataclass(frozen=True)
class Scale:
    """Weights of the evidence, and where stories are cut; see `seeds/stories/scale.json`.

    `floor`: pairs of lower cosine are no candidates. `join`: an article joins a thread where the mean score of its
    pairs with it is higher. `merge`: a thread joins a story where the cosine of the two is higher, less `silence` a day
    since the story's last thread began and `size` times the logarithm of the smaller one's articles. `alone`: what the
    score of one pair must be where no date helps.
    """

    weights: Mapping[str, float]
    constant: float
    floor: float
    join: float
    merge: float
    silence: float
    size: float
    alone: float
    version: str = ""

    def evidence(self, known: Items, left: Positions, right: Positions) -> Numbers:
        """The evidence for each pair, (pairs, len(EVIDENCE))."""
        parts = [
            self._evidence(known, left[at : at + _PAIRS], right[at : at + _PAIRS])
            for at in range(0, max(len(left), 1), _PAIRS)
        ]
        return np.concatenate(parts)

    def _evidence(self, known: Items, left: Positions, right: Positions) -> Numbers:
        meaning = np.einsum("ij,ij->i", known.vectors[left], known.vectors[right]).astype(np.float64)
        meaning /= known.lengths[left] * known.lengths[right]
        room = np.sqrt(known.totals[left].astype(np.float64) * known.totals[right].astype(np.float64))
        shared = known.terms.shared(left, right) / np.maximum(room, 1)
        both = room[:, KINDS.index("e")] > 0
        shared[both, KINDS.index("e")] -= USUAL_ENTITIES
        apart = np.abs(known.moments[left].astype(np.float64) - known.moments[right]) / DAY
        apart[apart > 1000] = UNDATED_DAYS
        same = (known.languages[left] == known.languages[right]).astype(np.float64)
        columns = [meaning, *(shared[:, kind] for kind in range(len(KINDS))), apart, same, meaning * same]
        return np.stack(columns, axis=1)

    def score(self, evidence: Numbers) -> Numbers:
        """The weighted sum; added column by column, so that no rounding depends on how many pairs there are."""
        total = np.full(len(evidence), self.constant)
        for column, name in enumerate(EVIDENCE):
            total += evidence[:, column] * self.weights[name]
        return total


def probability(score: Numbers) -> Numbers:
    chance: Numbers = 1 / (1 + np.exp(-score))
    return chance


def scale_file() -> Path:
    return Path(str(files("seeds").joinpath("stories", "scale.json")))


@lru_cache(maxsize=1)
def bundled_scale() -> Scale:
    return Scale(**json.loads(scale_file().read_text(encoding="utf-8")))
