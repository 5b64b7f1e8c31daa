"""Text as every stage shares it: what `articles.text` holds, and the key by which two texts are compared.

`clean_text` keeps what a reader sees and removes what no reader sees. `search_key` goes further and folds
spellings that differ without meaning; it is for comparing, never for showing.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tasks.normalize_clean import clean
from tasks.normalize_joins import rejoined
from tasks.normalize_signs import UNUSUAL_SIGNS
from tasks.offset_map import EditedText

#: What cleaning may change in a line, beside the order of marks and runs of spaces.
_TOUCHED: Final = re.compile(f"[{UNUSUAL_SIGNS}\u0640\u200c]")


def clean_text(raw: str) -> str:
    """The text as `articles.text` holds it; applying it twice changes nothing.

    NFC; one kind of line end; presentation forms written as letters; bidi controls, other invisible
    characters and lengthening strokes removed; runs of spaces folded within a line and runs of blank lines
    to one. Vowel marks, letters, digits and punctuation stay as written, and so does a zero-width
    non-joiner between two letters. A lone surrogate (half a character) becomes U+FFFD.
    """
    edited = EditedText(raw)
    clean(edited)
    return edited.text


def clean_line(raw: str) -> str:
    """The same for a value that is one line: a title, an author, an address."""
    if raw.isascii() and raw.isprintable():  # addresses, ids, times
        return " ".join(raw.split()) if " " in raw else raw
    if _TOUCHED.search(raw) or not unicodedata.is_normalized("NFC", raw):
        raw = clean_text(raw)
    return " ".join(raw.split())


#: Letters that are one letter to a reader who types either keyboard. Hamza and madda on a carrier fall
#: away by decomposition (أ إ آ ؤ ئ), so only letters without a decomposition are listed.
_FOLDED: Final = {
    "ٱ": "ا",
    "ٲ": "ا",
    "ٳ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ې": "ي",
    "ے": "ي",
    "ک": "ك",
    "ڪ": "ك",
    "ة": "ه",
    "ہ": "ه",
    "ھ": "ه",
    "ە": "ه",
    "ۃ": "ه",
}
#: Languages in which one of those letters is a letter of its own.
_OWN_LETTERS: Final = {"ckb": "ەې", "ug": "ەېھ", "ku": "ەې", "ur": "ھے", "ps": "ې", "sd": "ڪھ"}
#: Marks that are left out of keys: accents, Hebrew points, Arabic vowel and Quranic marks.
_DROPPED_MARK: Final = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff]"
)


class _KeyTable(dict[int, str]):
    """What each character becomes in a key, worked out when it is first met.

    The answer depends on the character alone, so one `str.translate` does all the folding in one pass.
    """

    def __init__(self, language: str | None) -> None:
        super().__init__()
        own = _OWN_LETTERS.get(language or "", "")
        self._folded = {letter: plain for letter, plain in _FOLDED.items() if letter not in own}

    def __missing__(self, code: int) -> str:
        value = self._fold(chr(code))
        self[code] = value
        return value

    def _fold(self, text: str) -> str:
        # Some characters need a second round (a capital whose small form decomposes); three are ample.
        for _ in range(3):
            folded = "".join(self._step(c) for c in unicodedata.normalize("NFKD", text.casefold()))
            if folded == text:
                break
            text = folded
        return text if text.strip() else text[:1]

    def _step(self, character: str) -> str:
        if _DROPPED_MARK.match(character):
            return ""
        category = unicodedata.category(character)
        if category == "Cf":
            return ""
        if category[0] in "PSZ" or category in ("Cc", "Cs"):
            return " "
        if category == "Nd":
            return str(unicodedata.decimal(character))
        return self._folded.get(character, character)


_TABLES: Final[dict[str | None, _KeyTable]] = {}


def first_letter(text: str) -> str:
    """The first character of a text's search key; none where the key is empty."""
    table = _table(None)
    for character in text:
        if folded := table[ord(character)].strip():
            return folded[0]
    return ""


def search_key(text: str, language: str | None = None) -> str:
    """The text for comparing: equal keys mean equal words, whatever the keyboard or the typist's habits.

    Letters are folded (alef and hamza carriers, yeh and kaf of either keyboard, teh marbuta), vowel marks,
    accents, lengthening strokes and joiners removed, digits made ASCII, capitals folded, and everything
    between words becomes one space. A space that stands for a lost joiner goes («می شود», «رئیس جمهور»: see
    `tasks/normalize_joins.py`). With a language, letters that are distinct in it stay distinct.
    Applying it twice changes nothing.
    """
    return rejoined(" ".join(text.translate(_table(language)).split()))


def search_keys(texts: pa.Array | pa.ChunkedArray, languages: pa.Array | pa.ChunkedArray | None = None) -> pa.Array:
    """`search_key` of a column, several times faster than text by text.

    Columns in: texts, and their languages where known; out: keys as `large_string`, nulls stay null.
    """
    values: list[str | None] = texts.to_pylist()
    spoken: list[str | None] = [None] * len(values) if languages is None else languages.to_pylist()
    kinds = [language if language in _OWN_LETTERS else None for language in spoken]
    keys: list[str | None] = [None] * len(values)
    for kind in dict.fromkeys(kinds):
        rows = [i for i, value in enumerate(values) if value is not None and kinds[i] == kind]
        for chunk in _chunks(rows, values):
            for row, key in zip(chunk, _fold_many([values[i] or "" for i in chunk], kind), strict=True):
                keys[row] = key
    return pa.array(keys, pa.large_string())


def _table(language: str | None) -> _KeyTable:
    kind = language if language in _OWN_LETTERS else None
    table = _TABLES.get(kind)
    return table if table is not None else _TABLES.setdefault(kind, _KeyTable(kind))


#: Characters folded at once: 4 bytes each in some five arrays make 80 MB at most.
_CHUNK_CHARACTERS: Final = 4_000_000


def _chunks(rows: list[int], values: list[str | None]) -> Iterator[list[int]]:
    chunk: list[int] = []
    size = 0
    for row in rows:
        chunk.append(row)
        size += len(values[row] or "")
        if size >= _CHUNK_CHARACTERS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


Codes = NDArray[np.uint32]
_GONE, _SPACE, _BORDER = 0, 0x20, 0x0A
#: Not yet looked up, and folded to more than one character; both lie beyond the last code point.
_UNKNOWN, _SEVERAL = 0xFFFFFFFF, 0xFFFFFFFE
_CODES: Final[dict[str | None, Codes]] = {}


def _fold_many(texts: list[str], kind: str | None) -> list[str]:
    """Keys of many texts at once: one table look-up for each character of all of them, joined."""
    table = _table(kind)
    lookup = _CODES.setdefault(kind, np.full(sys.maxunicode + 1, _UNKNOWN, dtype=np.uint32))
    codes = np.frombuffer("\n".join([*texts, ""]).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    folded = lookup[codes]
    if (unknown := folded == _UNKNOWN).any():
        for code in np.unique(codes[unknown]).tolist():
            lookup[code] = _as_code(table[code])
        folded = lookup[codes]
    ends = np.cumsum([len(text) + 1 for text in texts]) - 1
    several = np.searchsorted(ends, np.flatnonzero(folded == _SEVERAL))
    folded[folded == _SEVERAL] = _GONE
    folded[ends] = _BORDER
    written = _single_spaces(folded[folded != _GONE]).tobytes().decode("utf-32-le")
    keys = [rejoined(key) for key in written.split("\n")]
    for row in np.unique(several).tolist():
        keys[row] = search_key(texts[row], kind)
    return keys[: len(texts)]


def _as_code(folded: str) -> int:
    if not folded:
        return _GONE
    return ord(folded) if len(folded) == 1 else _SEVERAL


def _single_spaces(codes: Codes) -> Codes:
    """Drop each space that follows a space or a border, then each that stands before a border."""
    if not len(codes):
        return codes
    space, border = codes == _SPACE, codes == _BORDER
    after = np.concatenate(([True], (space | border)[:-1]))
    codes = codes[~(space & after)]
    before = np.concatenate(((codes == _BORDER)[1:], [False]))
    kept: Codes = codes[~((codes == _SPACE) & before)]
    return kept
