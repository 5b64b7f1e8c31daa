"""Signs that only one of the smaller languages writes; by words alone it passes for its great neighbour.

| sign                                        | language                                                            |
|---------------------------------------------|---------------------------------------------------------------------|
| «ˇ» behind a letter: «گيلانˇ مئن»            | Gilaki, for the vowel between a noun and what belongs to it          |
| «ءَ», «ءِ», «ءُ» as a word: «زبان ءِ»           | Balochi, for its cases; Arabic and Urdu never write them alone       |
| «ۊ»: «مۊ», «گۊشت»                            | Gilaki, Luri or Southern Kurdish: none of the languages that are told |
"""

from __future__ import annotations

import re
from typing import Final

GILAKI: Final = "glk"
BALOCHI: Final = "bal"
#: Vocalised Kanuri writes a lone hamza too, but is likest to none of these.
MISTAKEN: Final = frozenset({"ar", "fa", "prs", "ur", "ps"})
_CARON: Final = "\u02c7"
_CASE: Final = re.compile("(?<!\\S)ء[\u064e-\u0650](?!\\S)")
_RING: Final = "\u06ca"
#: A name or quotation in another text brings one sign, a text in Balochi one every few words.
_WORDS_A_CASE: Final = 10


def told_by_marks(text: str) -> str | None:
    """The language that the signs of a text tell, `und` where they only tell what it is not; None without any."""
    if _CARON in text and re.search(f"[\u0620-\u06ff]{_CARON}", text):
        return GILAKI
    if " ء" in text and (cases := len(_CASE.findall(text))) and text.count(" ") < cases * _WORDS_A_CASE:
        return BALOCHI
    return "und" if _RING in text else None
