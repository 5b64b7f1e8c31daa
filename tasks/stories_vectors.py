"""What an article is about, as numbers: the vector of its headline and first sentence, freed of its language.

A multilingual encoder puts texts of one language nearer to each other than texts of one meaning: two Arabic texts
on one topic lie nearer than an Arabic and a Persian report of the same event. What all texts of a language have in
common is their mean, so it is taken off (`Freed`, fitted by `training/stories.py`).

Vectors are kept as one byte a value. Their products then are sums of whole numbers below 2**24 (384 · 127² is 6.2
million), exact in float32 whatever the order of summation: a similarity never depends on the batch.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasks.normalize import search_key

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]

WIDTH = 384
#: A lead of this many characters is some 60 words: two sentences of news.
LEAD_CHARACTERS = 320
#: Labels say that there is news, not which: «عاجل», «خبر فوری», «أخبار اليوم», «نشرة الأخبار المسائية» have up to three
#: words, and mean the same to an encoder. Of 14,000 articles none has a headline and lead of fewer than four words; of
#: 5,400 bare headlines 25 have, and most of those are labels too ("Olympics roundup", "Page A1").
TELLING_WORDS = 4
_IDEOGRAPHS = re.compile(r"[\u3400-\u9fff]{1,2}")
_SENTENCE_END = re.compile(r"(?<=[^\W\d_]{3})[.!؟?۔](?=\s|$)|[\n؟!]")


def headline_vectors(texts: Sequence[str]) -> Vectors:
    """The sentence encoder's vectors, (len(texts), 384), of unit length."""
    from tasks.models import bundled_models  # torch loads only where vectors are made

    return bundled_models().sentence_encoder().vectors(texts)


def encoder_version() -> str:
    """Changes when the bundled encoder does."""
    from tasks.models import bundled_models

    return bundled_models().version


def headline(title: str | None, text: str) -> str:
    """What is encoded of an article: its title and first sentence, or its first two sentences without a title."""
    title = (title or "").strip()
    body = text.strip()
    if title and body.startswith(title):
        body = body[len(title) :].strip()
    sentences = 1 if title else 2
    end, found = 0, 0
    for match in _SENTENCE_END.finditer(body[: LEAD_CHARACTERS + 1]):
        if match.end() - end < 12:  # a dateline, an abbreviation
            continue
        end, found = match.end(), found + 1
        if found == sentences:
            break
    lead = body[: end if found == sentences else LEAD_CHARACTERS].strip()
    return f"{title}\n{lead}".strip()


def is_telling(headline: str) -> bool:
    """Whether there are words enough to tell one story from another; two ideographs count as a word.

    Where there are not, the vector is zero: it resembles none, and no article is joined to another by meaning.
    """
    words = search_key(_IDEOGRAPHS.sub(r" \g<0> ", headline)).split()
    return len(set(words)) >= TELLING_WORDS


@dataclass(frozen=True)
class Freed:
    """Takes a vector's language off it: the mean of its language, then the directions that tell languages apart.

    `means` (languages, 384), `directions` (k, 384) of unit length; a language that is not there gets the mean of all.
    """

    languages: tuple[str, ...]
    means: NDArray[np.float64]
    directions: NDArray[np.float64]

    def __call__(self, vectors: Vectors, languages: Sequence[str | None]) -> NDArray[np.int8]:
        """Vectors as bytes, (n, 384): unit length times 127 over their largest value's room."""
        known = {language: place for place, language in enumerate(self.languages)}
        rows = np.array([known.get(language or "", len(known)) for language in languages], np.int64)
        means = np.vstack([self.means, self.means.mean(0)])
        plain = vectors.astype(np.float64) - means[rows]
        for direction in self.directions:  # one by one: a product's rounding must not depend on the batch
            plain -= (plain * direction).sum(1, keepdims=True) * direction
        return quantised(plain)


def quantised(vectors: NDArray[np.float64]) -> NDArray[np.int8]:
    """One byte a value; a vector's largest value becomes 127."""
    largest = np.abs(vectors).max(1, keepdims=True, initial=0)
    values: NDArray[np.int8] = np.rint(vectors * (127 / np.maximum(largest, 1e-12))).astype(np.int8)
    return values


@lru_cache(maxsize=1)
def bundled_freed() -> Freed:
    """The means that ship in `seeds/stories`."""
    with np.load(vectors_file(), allow_pickle=False) as held:
        languages = tuple(str(name) for name in held["languages"])
        return Freed(languages, held["means"].astype(np.float64), held["directions"].astype(np.float64))


def vectors_file() -> Path:
    return Path(str(files("seeds").joinpath("stories", "languages.npz")))


@lru_cache(maxsize=1)
def freed_version() -> str:
    return hashlib.sha256(vectors_file().read_bytes()).hexdigest()[:8]
