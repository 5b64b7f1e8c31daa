"""What the language model sees of a text: hashed sequences of letters, and whole words.

One pass over the code points of all texts at once. Digits, punctuation and letters of other scripts are spaces;
vowel marks, tatweel and direction marks are nothing; so a text reads the same with and without them. Training and
detection share this module: a change here asks for a newly trained model.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Rows of the weight table: 2^17. Of half a million different sequences in the training texts most are rare; a
#: table of twice the size tells no better and is slower, for it no longer fits the processor's cache.
BUCKETS: Final = 1 << 17
#: What adds nothing: sequences over a word's end and behind the end of a text.
NOTHING: Final = 0
#: Features at each letter: 1 to 5 letters that begin there, and the word that begins there.
LONGEST: Final = 5
COLUMNS: Final = LONGEST + 1
#: A word's letters beyond these tell no more, and 16 places keep the hash table small.
_WORD_LETTERS: Final = 16

_SPACE: Final = 0
_DROPPED: Final = 255
#: Harakat, the dagger alef, tatweel, zero-width joiner and direction marks. The non-joiner is a space: it ends a
#: written word, and a text that lost it often has a space there.
_NOTHING_CODES: Final = (
    *range(0x064B, 0x0653), 0x0670, 0x0640, 0x200B, 0x200D, 0x200E, 0x200F, *range(0x202A, 0x202F),
    *range(0x2066, 0x206A), 0xFEFF, 0x061C, *range(0x06D6, 0x06DE), *range(0x06DF, 0x06E5), 0x06E7, 0x06E8,
    *range(0x06EA, 0x06EE),
)  # fmt: skip
#: Signs that are no letters and yet tell languages apart: the Urdu full stop, marks of Kashmiri and of Africa,
#: the abbreviations of Sindhi for "and" and "in".
_TELLING_SIGNS: Final = (0x06D4, *range(0x0653, 0x0660), 0x06FD, 0x06FE)


#: Letters that people and keyboards interchange are one in whole words; in sequences they stay what they are.
_INTERCHANGED: Final = {"ی": "يىئ", "ک": "ك", "ا": "أإآٱ", "ه": "ةہۀۂھ", "و": "ؤ"}
#: Small words that Arabic writes as one with the next.
_ATTACHED: Final = "وفبلك"


@dataclass(frozen=True, slots=True)
class Words:
    """Every word of the batch in order, as a number that stands for its letters."""

    #: Which text it is of.
    text: NDArray[np.int32]
    letters: NDArray[np.int32]
    number: NDArray[np.uint32]
    #: The same of the word without its first letter, 0 where that letter is none of و ف ب ل ك.
    number_bare: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Features:
    """Feature rows of a batch: those of text i are `buckets[starts[i]:starts[i + 1]]`, with zeros between."""

    buckets: NDArray[np.int32]
    starts: NDArray[np.int32]
    #: Letters and spaces of each text.
    letters: NDArray[np.int32]
    words: Words


@cache
def _letter_table() -> NDArray[np.uint8]:
    """The class of each code point: 0 a space, 255 nothing, else a letter of the Arabic script."""
    table = np.zeros(sys.maxunicode + 1, dtype=np.uint8)
    letters = [
        code
        for first, last in ((0x0620, 0x06FF), (0x0750, 0x077F), (0x08A0, 0x08FF))
        for code in range(first, last + 1)
        if unicodedata.category(chr(code)) == "Lo" or code in _TELLING_SIGNS
    ]
    # 170 letters and signs; those of the extended blocks, rare all of them, share what is left below 255.
    for place, code in enumerate(letters):
        table[code] = 1 + min(place, 252)
    table[list(_NOTHING_CODES)] = _DROPPED
    for code in (*range(0xFB50, 0xFDFC), *range(0xFE70, 0xFEFD)):
        base = [c for c in unicodedata.normalize("NFKC", chr(code)) if table[ord(c)]]
        table[code] = table[ord(base[0])] if base else _SPACE
    return table


@cache
def _hashes() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """A random number for each letter, and one for each letter at each place of a word."""
    random = np.random.default_rng(20_000)
    numbers = random.integers(1, 1 << 32, size=(_WORD_LETTERS + 1, 256), dtype=np.uint32)
    classes = _letter_table()
    for letter, others in _INTERCHANGED.items():
        for other in others:
            numbers[1:, classes[ord(other)]] = numbers[1:, classes[ord(letter)]]
    return numbers[0], numbers[1:].reshape(-1)


def extract(texts: Sequence[str]) -> Features:
    """The features of each text, whatever its neighbours are.

    A text's features lie in one block of `COLUMNS` for each of its letters and single spaces.
    """
    joined = "\n" + "\n\n".join(texts) + "\n" if texts else ""
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    lengths = np.fromiter((len(text) + 2 for text in texts), dtype=np.int64, count=len(texts))
    first = np.zeros(len(codes), dtype=bool)
    first[np.cumsum(lengths) - lengths] = True
    classes = _letter_table()[codes]
    kept = classes != _DROPPED
    classes, first = classes[kept], first[kept]
    space = classes == _SPACE
    once = np.ones(len(classes), dtype=bool)
    # Of a run of spaces the first stays; the space that a text begins with stays too.
    np.logical_not(space[1:] & space[:-1], out=once[1:])
    once |= first
    classes, first = classes[once], first[once]
    starts = np.flatnonzero(first)
    letters = np.diff(np.append(starts, len(classes))).astype(np.int32)
    space = classes == _SPACE
    before = np.ones(len(classes), dtype=bool)
    before[1:] = space[:-1]
    places = np.flatnonzero(before & ~space)
    words = _words(classes, space, first, places)
    buckets = _buckets(classes, space, first)
    buckets[places, LONGEST] = _fold(words.number)
    return Features(buckets.reshape(-1), (starts * COLUMNS).astype(np.int32), letters, words)


def _buckets(classes: NDArray[np.uint8], space: NDArray[np.bool_], first: NDArray[np.bool_]) -> NDArray[np.int32]:
    length = len(classes)
    hashed = _hashes()[0][classes]
    buckets = np.zeros((length, COLUMNS), dtype=np.int32)
    running = hashed.copy()
    np.multiply(_fold(running), ~space, out=buckets[:, 0])
    # A sequence may begin with a space and may end with one; it has none within, and stays in its text.
    whole = np.ones(length, dtype=bool)
    for size in range(2, min(LONGEST, length) + 1):
        count = length - size + 1
        running = (running[:count] * np.uint32(0x9E3779B1)) ^ (running[:count] >> np.uint32(15))
        running += hashed[size - 1 :]
        whole = whole[:count] & ~first[size - 1 :]
        if size > 2:
            whole &= ~space[size - 2 : size - 2 + count]
        np.multiply(_fold(running), whole, out=buckets[:count, size - 1])
    return buckets


def _words(
    classes: NDArray[np.uint8], space: NDArray[np.bool_], first: NDArray[np.bool_], places: NDArray[np.int64]
) -> Words:
    """Each word that begins at one of `places`; its number is the sum of one for each letter at its place."""
    if not len(places):
        none = np.zeros(0, dtype=np.int32)
        return Words(none, none, none.view(np.uint32), none.view(np.uint32))
    placed = _hashes()[1]
    origin = np.zeros(len(classes), dtype=np.int32)
    origin[places] = places
    place = np.arange(len(classes), dtype=np.int32) - np.maximum.accumulate(origin)
    outside = space | (place >= _WORD_LETTERS)
    counted = placed[np.minimum(place, _WORD_LETTERS - 1) * 256 + classes]
    counted[outside] = 0
    # Without the first letter, each other one is a place further to the front.
    bare = placed[np.clip(place - 1, 0, _WORD_LETTERS - 1) * 256 + classes]
    bare[outside | (place == 0)] = 0
    attached = np.isin(classes[places], _letter_table()[[ord(letter) for letter in _ATTACHED]])
    return Words(
        text=(np.cumsum(first)[places] - 1).astype(np.int32),
        letters=np.add.reduceat((~space).astype(np.int32), places),
        number=np.add.reduceat(counted, places, dtype=np.uint32),
        number_bare=np.where(attached, np.add.reduceat(bare, places, dtype=np.uint32), np.uint32(0)),
    )


def _fold(hashes: NDArray[np.uint32]) -> NDArray[np.int32]:
    """A bucket for each hash: the upper bits of a product are the well-mixed ones."""
    mixed = hashes * np.uint32(0x85EBCA6B)
    return ((mixed >> np.uint32(13)) & np.uint32(BUCKETS - 1)).astype(np.int32)
