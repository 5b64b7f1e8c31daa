"""What a plain text tells by its shape: a headline at its top."""

from __future__ import annotations

import re
from typing import Final

#: A headline has 20 words at most, of 5 letters and a space each.
HEADING_CHARACTERS: Final = 120
HEADING_WORDS: Final = 3
#: Without a blank line between them, a headline shows only by the length of the paragraph below it.
_PARAGRAPH_CHARACTERS: Final = 80
SENTENCE_END: Final = (".", "؟", "?", "!", "…", "۔")
_NOT_A_HEADING_END: Final = (".", "۔", ":", "؛", ";", "،", ",", "-", "–", "—")
_OPEN_END: Final = ("؟", "?", "!", "..", "…")
CLOSING: Final = "\"'”’»)]﴾"
_TWO_SENTENCES: Final = re.compile(r"\w{4,}[.۔] ")
_ADDRESS: Final = re.compile(r"https?://|www\.|@")
_BYLINES: Final = ("بقلم ", "كتب ", "إعداد ", "نوشته ", "به قلم ", "نویسنده ", "گزارش از ", "by ")


def split_heading(text: str) -> tuple[str | None, str]:
    """The headline of a text and the body below it; None and the whole text where there is none.

    A first line is a headline when it is short, is not a sentence, and stands above a paragraph: either with
    a blank line between them, or with a paragraph at least half as long again below. A subheading further
    down, a byline, an address or a date is no headline.
    """
    first, _, rest = text.partition("\n")
    apart = rest.startswith("\n")
    body = rest.lstrip("\n")
    below = body.partition("\n")[0]
    if not body or not _may_be_heading(first):
        return None, text
    # A question or trailing dots may close a headline, but as well a first sentence: the gap must tell.
    asks = first.rstrip(CLOSING).endswith(_OPEN_END)
    if apart:
        heads = len(below) > len(first) or below.rstrip(CLOSING).endswith(SENTENCE_END)
    else:
        heads = not asks and len(below) >= max(_PARAGRAPH_CHARACTERS, 1.5 * len(first))
    return (first, body) if heads else (None, text)


def _may_be_heading(line: str) -> bool:
    close = line.rstrip(CLOSING)
    if len(line) > HEADING_CHARACTERS:
        return False
    if close.endswith(_NOT_A_HEADING_END) and not close.endswith(_OPEN_END):
        return False
    if sum(any(map(str.isalpha, word)) for word in line.split()) < HEADING_WORDS:
        return False
    if _TWO_SENTENCES.search(line) or _ADDRESS.search(line):
        return False
    digits = sum(map(str.isdigit, line))
    return digits < 0.3 * len(line) and not line.lower().startswith(_BYLINES)
