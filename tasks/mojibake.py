"""UTF-8 that somebody read as windows-1256, windows-1252 or latin-1: «ط§ظ„» or "Ø§Ù„" for «ال».

Each Arabic letter is two bytes in UTF-8, the first of them one of D8 to DB. Misread, every second letter of
such a text is therefore one of four (ط ظ ع غ, or Ø Ù Ú Û), which no language comes near. Reading the bytes
again undoes it exactly, unless some were lost on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

from tasks.offset_map import EditedText

#: The four letters make up 40 to 50 % of misread text, and 4 to 9 % of Arabic and Persian.
_SHARE: Final = 0.25
_LEADS: Final = {"cp1256": "طظعغ", "cp1252": "ØÙÚÛ"}
#: A soft hyphen is the second byte of «ح» (D8 AD). Programs that drop invisible characters drop it; 2 to 3 % of
#: the letters are «ح», so more lone first bytes than that mean that something else was lost.
_LOST_HAH: Final = re.compile(rb"\xd8(?![\x80-\xbf])")
#: Question marks in place of letters, as old databases write them, say nothing any more.
_QUESTION_SHARE: Final = 0.4
_FEW: Final = 12
_HAH_SHARE: Final = 0.06
_LINE: Final = re.compile("[^\n]+")
_MISREAD: Final = re.compile("[^\\x00-\\x7f]+")


def repair(edited: EditedText) -> None:
    """Read the misread lines of a text again, rightly.

    A line that cannot be repaired whole stays as it is: see `is_unreadable`.
    """
    text = edited.text
    encoding = _misread_as(text)
    if encoding is None:
        # A few misread lines in a long text: their most frequent pairs, «ال» misread in either way, tell.
        if "§" not in text or ("ط§ظ„" not in text and "Ø§Ù„" not in text):
            return
    elif whole := list(_read_again(text, encoding)):
        edited.rewrite(whole)
        return
    places: list[tuple[int, int, str]] = []
    for line in _LINE.finditer(text):
        if encoding := _misread_as(line.group()):
            places += ((line.start() + s, line.start() + e, new) for s, e, new in _read_again(line.group(), encoding))
    edited.rewrite(places)


def is_unreadable(text: str) -> bool:
    """Whether a text is still misread after the repair, or has lost its letters to question marks."""
    # Of a clean text a third at least is written; a longer one without a sign of loss need not be counted.
    if len(text) < 3 * _FEW or "?" in text or "\ufffd" in text:
        written = len(text) - text.count(" ") - text.count("\n")
        if written < _FEW:
            return False
        if text.count("?") + text.count("\ufffd") > _QUESTION_SHARE * written:
            return True
    return _misread_as(text) is not None


def _misread_as(text: str) -> str | None:
    # One of the four makes up 20 % of misread text by itself, and under 1 % of Arabic: a quick way past.
    if len(text) < 4 or (text.count("ظ") < 0.02 * len(text) and text.count("ط") < 0.1 * len(text) and "Ø" not in text):
        return None
    written = len(text) - text.count(" ")
    for encoding, leads in _LEADS.items():
        if sum(text.count(lead) for lead in leads) > _SHARE * written and _are_pairs(text, encoding, leads):
            return encoding
    return None


def _are_pairs(text: str, encoding: str, leads: str) -> bool:
    """Whether most of these letters are followed by what a second byte (80 to BF) was read as."""
    table = _bytes_of(encoding)
    followed = [0x80 <= table.get(after, 0) < 0xC0 for lead, after in pairwise(text) if lead in leads]
    return sum(followed) > 0.6 * len(followed)


def _read_again(text: str, encoding: str) -> Iterator[tuple[int, int, str]]:
    """The misread words of a text as (start, end, read rightly); none where one of them cannot be read.

    Between them stand characters of one byte, the same in every encoding, so each word can be read by itself.
    """
    table = _bytes_of(encoding)
    words = [(match.start(), match.end()) for match in _MISREAD.finditer(text)]
    try:
        raws = [bytes(table[character] for character in text[start:end]) for start, end in words]
    except KeyError:
        return
    lost = sum(len(_LOST_HAH.findall(raw)) for raw in raws)
    if lost and "\xad" not in text and lost <= max(1, _HAH_SHARE * len(text) / 2):
        raws = [_LOST_HAH.sub(b"\xd8\xad", raw) for raw in raws]
    try:
        read = [raw.decode("utf-8") for raw in raws]
    except UnicodeDecodeError:
        return
    yield from ((start, end, word) for (start, end), word in zip(words, read, strict=True))


@lru_cache(maxsize=2)
def _bytes_of(encoding: str) -> dict[str, int]:
    """The byte that each character was read from; C1 controls stand for the bytes without a character."""
    table = {chr(byte): byte for byte in range(256)} if encoding == "cp1252" else {}
    table |= {bytes([byte]).decode(encoding, "replace"): byte for byte in range(256)}
    table.pop("\ufffd", None)
    return table
