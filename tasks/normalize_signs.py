"""What cleaning has to do in each of many texts, told by one look over the characters of all of them.

Most texts of the news need nothing, or a fold of two spaces; looking for each thing in each text takes longer than
mending it. Here every character gets a class from a table, and the classes of all texts are compared at once. A sign
that is set says that there may be something to do, and one that is not, that there is nothing: what is done about it,
and the last word, are with `tasks/normalize.py` and `tasks/mojibake.py`.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Spaces of another kind that half of all texts have; two spaces; one beside a line end; two blank lines; a space or a
#: line end first or last.
WIDE, SPACES, EDGES, BLANKS, ENDS = (1 << bit for bit in range(5))
#: Invisible signs, presentation forms, rare spaces and line ends; lengthening strokes; joiners that join nothing. What
#: is done about these may bring others together, so nothing else that is said of such a text counts.
ODD, STROKES, JOINERS = (1 << bit for bit in range(5, 8))
#: Marks that may have to be composed or put in order; letters of misread text; question marks that stand for letters.
MARKS, MISREAD, LOST = (1 << bit for bit in range(8, 11))
EVERYTHING: Final = (1 << 11) - 1

#: What no reader sees: controls, soft hyphen, zero-width space, bidi marks (U+061C, U+200E/F, 202A-E,
#: 2066-9), invisible operators, the byte order mark, interlinear anchors and noncharacters.
INVISIBLE: Final = (
    "\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
)
#: These, other spaces and line ends, and presentation forms.
UNUSUAL_SIGNS: Final = (
    "\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
    f"{INVISIBLE}\ud800-\udfff\ufb50-\ufdff\ufe70-\ufefc"
)
UNUSUAL: Final = re.compile(f"[{UNUSUAL_SIGNS}]")
#: Classes of characters. A word's letters come first, then the marks that sit on them.
_LETTER, _ZAH, _TAH, _SLASHED, _JOINED, _MARK, _SPACE, _WIDE, _LINE, _ODD, _STROKE, _JOINER, _SECTION, _LOST, _OTHER = (
    range(15)
)
_UNKNOWN: Final = 255
_KNOWN: Final = {
    "ظ": _ZAH, "ط": _TAH, "Ø": _SLASHED, " ": _SPACE, "\t": _WIDE, "\xa0": _WIDE, "\n": _LINE, "\u0640": _STROKE,
    "\u200c": _JOINER, "§": _SECTION, "?": _LOST, "\ufffd": _LOST,
}  # fmt: skip
#: Vowel marks of Arabic, which compose with nothing: one alone is as it should be.
_VOWEL_MARKS: Final = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670"
#: Half of what makes `tasks/mojibake.py` look closer, since cleaning may shorten a text by half before it does.
_ZAH_SHARE: Final = 0.01
_TAH_SHARE: Final = 0.05
#: Characters that are looked at in one go: some 2 MB of arrays, which stay in the processor's cache.
_CHUNK_CHARACTERS: Final = 1 << 18

_Classes = NDArray[np.uint8]
_table: Final[_Classes] = np.full(sys.maxunicode + 1, _UNKNOWN, dtype=np.uint8)


def signs_of(texts: Sequence[str]) -> list[int]:
    """For each text the sum of the signs that are set; 0 where it is clean and reads as text does."""
    signs: list[int] = []
    for chunk in _chunks(texts):
        # A text that is longer than all arrays ought to be is looked at by itself, sign by sign.
        looked = _signs([text if len(text) <= _CHUNK_CHARACTERS else "" for text in chunk]).tolist()
        signs += [
            found if len(text) <= _CHUNK_CHARACTERS else EVERYTHING for found, text in zip(looked, chunk, strict=True)
        ]
    return signs


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start = size = 0
    for number, text in enumerate(texts):
        if size and size + len(text) > _CHUNK_CHARACTERS:
            yield texts[start:number]
            start, size = number, 0
        size += min(len(text), _CHUNK_CHARACTERS)
    if start < len(texts):
        yield texts[start:]


def _signs(texts: Sequence[str]) -> NDArray[np.int64]:
    """The signs of some texts, joined by line ends that count as neither line ends nor letters."""
    classes = _classes("\n".join([*texts, ""]))
    lengths = np.array([len(text) for text in texts])
    ends = np.cumsum(lengths + 1) - 1
    starts = ends - lengths
    classes[ends] = _OTHER
    signs = np.zeros(len(texts), dtype=np.int64)

    def sign(bit: int, found: NDArray[np.bool_]) -> None:
        signs[np.searchsorted(ends, np.flatnonzero(found))] |= bit

    def often(of: int, share: float) -> NDArray[np.bool_]:
        counts = np.bincount(np.searchsorted(ends, np.flatnonzero(classes == of)), minlength=len(texts))
        return (counts > 0) & (counts >= share * lengths)

    wide, line, mark = classes == _WIDE, classes == _LINE, classes == _MARK
    space = (classes == _SPACE) | wide
    sign(WIDE, wide)
    sign(SPACES, space[1:] & space[:-1])
    sign(EDGES, (space[1:] & line[:-1]) | (line[1:] & space[:-1]))
    sign(BLANKS, line[2:] & line[1:-1] & line[:-2])
    sign(ODD, classes == _ODD)
    sign(STROKES, classes == _STROKE)
    places = np.flatnonzero(classes == _JOINER)  # before the first text stands, as numpy counts, the end of the last
    before = classes[places - 1]
    useless = (classes[places + 1] >= _JOINED) | ((before >= _JOINED) & (before != _MARK))
    signs[np.searchsorted(ends, places[useless])] |= JOINERS
    sign(MARKS, classes == _JOINED)
    sign(MARKS, mark[1:] & mark[:-1])
    sign(MISREAD, (classes == _SLASHED) | (classes == _SECTION))
    signs[often(_ZAH, _ZAH_SHARE) | often(_TAH, _TAH_SHARE)] |= MISREAD
    sign(LOST, classes == _LOST)
    filled = lengths > 0
    for at in (starts[filled], ends[filled] - 1):
        signs[np.flatnonzero(filled)[space[at] | line[at]]] |= ENDS
    return signs


def _classes(text: str) -> _Classes:
    written = text.encode("utf-16-le", "surrogatepass")
    codes: NDArray[np.uint16 | np.uint32] = np.frombuffer(written, dtype=np.uint16)
    if len(codes) > len(text):  # emoji and the like, of two units each
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    classes = _table[codes]
    if (unknown := classes == _UNKNOWN).any():
        for code in np.unique(codes[unknown]).tolist():
            _table[code] = _class(chr(code))
        classes = _table[codes]
    return classes


def _class(character: str) -> int:
    if character in _KNOWN:
        return _KNOWN[character]
    if UNUSUAL.match(character):
        return _ODD
    if character in _VOWEL_MARKS:
        return _MARK
    # Whatever composes with a letter before it is a mark or a Hangul vowel or final consonant.
    if (
        unicodedata.category(character)[0] == "M"
        or "\u1100" <= character <= "\u11ff"
        or not unicodedata.is_normalized("NFC", character)
    ):
        return _JOINED
    return _LETTER if character == "_" or character.isalnum() else _OTHER
