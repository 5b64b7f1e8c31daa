"""What of an article survives translation, as terms: words, sounds of names, numbers, entities and acts.

    w:نشست   a word, in the letters of `search_key`: for articles of one language, and borrowed spellings
    s:btn    the consonants of a word, whatever its script: بوتين, Путин and Putin
    n:1200   a number that is more than a digit
    e:…      a linked entity      a:CONSULT   the type of an act that the text tells
    t:CONSULT+   the same as told: done (+), or planned, postponed, demanded, denied (-)

A term counts by how rare it is. How rare words and sounds are was counted once, over licensed text
(`training/stories.py`), and ships in `seeds/stories`: a count over what is stored would change with every batch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
from anyascii import anyascii
from numpy.typing import NDArray

from tasks.minhash import Positions, ragged
from tasks.normalize import search_key

KINDS = "wsneat"
#: Terms of one article and kind: a headline and a sentence rarely have more words.
MOST = 48
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SPELLINGS = (
    ("sch", "s"), ("tch", "s"), ("ck", "k"), ("ch", "s"), ("sh", "s"), ("zh", "s"), ("ph", "f"), ("kh", "k"),
    ("gh", "g"), ("th", "t"), ("dj", "g"), ("ts", "s"), ("tz", "s"),
)  # fmt: skip
#: Arabic writes p as b and v as f or w; vowels, h, w and y come and go between scripts.
_SOUNDS = str.maketrans("pvqcxzj", "bfkkssg", "aeiouywh")
_ARTICLE = "ال"


def terms_of(
    headline: str, entities: Sequence[str] = (), acts: Sequence[str] = (), told: Sequence[str] = ()
) -> list[str]:
    """The terms of one article, sorted, each once."""
    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for word in search_key(headline).split():
        if _NUMBER.fullmatch(word):
            if len(word) > 1:
                found["n"].add(word)
            continue
        if len(word) >= 3:
            found["w"].add(word)
        for form in (word, word.removeprefix(_ARTICLE)):
            if len(heard := sound(form)) >= 3:
                found["s"].add(heard)
    found["e"].update(entities)
    found["a"].update(acts)
    found["t"].update(told)
    return [f"{kind}:{term}" for kind in KINDS for term in sorted(found[kind])[:MOST]]


@lru_cache(maxsize=1 << 16)
def sound(word: str) -> str:
    """The consonants of a word as most scripts agree on them: فلاديمير, Владимир, Vladimir → fldmr."""
    latin = re.sub("[^a-z]", "", anyascii(word).lower())
    for spelling, heard in _SPELLINGS:
        latin = latin.replace(spelling, heard)
    return re.sub(r"(.)\1+", r"\1", latin.translate(_SOUNDS))


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of many articles: article i has `codes[offsets[i]:offsets[i + 1]]`, ascending; `names[code]` is
    the term, `kinds[code]` its place in KINDS and `weights[code]` its rarity, a whole number."""

    codes: Positions
    offsets: Positions
    names: tuple[str, ...]
    kinds: NDArray[np.int64]
    weights: NDArray[np.int64]

    def first(self, count: int) -> Terms:
        """The terms of the first so many articles."""
        offsets = self.offsets[: count + 1]
        return replace(self, codes=self.codes[: offsets[-1]], offsets=offsets)

    def totals(self) -> NDArray[np.int64]:
        """The squared length of each article's terms of each kind, (articles, kinds)."""
        rows = np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))
        places = rows * len(KINDS) + self.kinds[self.codes]
        sums = np.bincount(places, self.weights[self.codes] ** 2, (len(self.offsets) - 1) * len(KINDS))
        return sums.astype(np.int64).reshape(-1, len(KINDS))

    def shared(self, left: Positions, right: Positions) -> NDArray[np.int64]:
        """The product of the terms of the articles left[i] and right[i], of each kind, (pairs, kinds)."""
        counts = np.diff(self.offsets)
        width = np.int64(max(len(self.names), 1))
        owners = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
        keys = owners * width + self.codes
        small = np.where(counts[left] <= counts[right], left, right)
        large = np.where(counts[left] <= counts[right], right, left)
        probes = counts[small]
        codes = self.codes[ragged(self.offsets[small], probes)]
        wanted = np.repeat(large, probes) * width + codes
        place = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        hits = keys[place] == wanted if len(keys) else np.zeros(0, np.bool_)
        pair = np.repeat(np.arange(len(left)), probes)[hits]
        cells = pair * len(KINDS) + self.kinds[codes[hits]]
        sums = np.bincount(cells, self.weights[codes[hits]] ** 2, len(left) * len(KINDS))
        return sums.astype(np.int64).reshape(-1, len(KINDS))


def term_table(lists: pa.ChunkedArray, rarity: Mapping[str, int]) -> Terms:
    """The terms of a column of lists of strings, each list sorted within its kind."""
    column = lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
    flat = column.flatten().dictionary_encode()
    offsets = np.concatenate([[0], np.cumsum(np.asarray(column.value_lengths()))]).astype(np.int64)
    names = tuple(flat.dictionary.to_pylist())
    codes = np.asarray(flat.indices).astype(np.int64)
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    codes = codes[np.lexsort((codes, rows))]
    kinds = np.array([KINDS.index(name[0]) for name in names], np.int64)
    weights = np.array([rarity.get(name, rarity[""]) for name in names], np.int64)
    return Terms(codes, offsets, names, kinds, weights)


def rarity_file() -> Path:
    return Path(str(files("seeds").joinpath("stories", "rarity.json")))


@lru_cache(maxsize=1)
def bundled_rarity() -> dict[str, int]:
    """Rarity of frequent terms, from 1 to 16; the key "" has that of all others."""
    return dict(json.loads(rarity_file().read_text(encoding="utf-8")))
