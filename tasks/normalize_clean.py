"""Cleaning step by step: each step notes what it rewrites, so that every character still knows where it came from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from tasks.normalize_signs import (
    BLANKS,
    EDGES,
    ENDS,
    EVERYTHING,
    INVISIBLE,
    JOINERS,
    MARKS,
    ODD,
    SPACES,
    STROKES,
    UNUSUAL,
    WIDE,
)
from tasks.offset_map import EditedText

ZERO_WIDTH_NON_JOINER: Final = "\u200c"
REPLACEMENT: Final = "\ufffd"

#: Line ends of every system, the Unicode ones and those of old printers.
_LINE_END: Final = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
#: Marks that sit on a letter, in the scripts that use joiners; `\w` does not cover them.
_MARKS: Final = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
    "\u08d3-\u08ff\u0900-\u0e7f\u1000-\u109f"
)
_RARE: Final = re.compile(f"[{INVISIBLE}\ud800-\udfff\ufb50-\ufdff\ufe70-\ufefc]")
#: A lengthening stroke that touches no letter is typed as a dash; longer runs are ornaments.
#: (Each pattern starts with a literal: the search then skips from one such character to the next, which
#: makes it some five times faster than one that starts by looking behind or with a repeated one.)
_DASH_STROKE: Final = re.compile(rf"\u0640(?<![\w{_MARKS}]\u0640)\u0640?(?![\w{_MARKS}])")
_STROKE: Final = re.compile("\u0640\u0640*")
#: The two that half of all texts have: they go first, so that the look for what is rare need not stop at them.
_FREQUENT_SPACES: Final = ("\xa0", "\t")
_OTHER_SPACES: Final = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_SPACE_RUN: Final = re.compile("   *")
_LINE_FEED: Final = re.compile("\n")
_BLANK_LINES: Final = re.compile("\n\n\n\n*")
_TWO_JOINERS: Final = 2 * ZERO_WIDTH_NON_JOINER
_JOINER_RUN: Final = re.compile("\u200c\u200c\u200c*")
#: A non-joiner separates two letters; before or after anything else it does nothing.
_USELESS_JOINER: Final = re.compile(rf"\u200c(?:(?!\w)|(?<![\w{_MARKS}]\u200c))")


def clean(edited: EditedText, signs: int = EVERYTHING) -> None:
    """Do what `clean_text` does to a text that remembers where its characters came from.

    `signs` are those of `tasks/normalize_signs.py`, where they are known: what needs no mending is not looked for.
    """
    if signs & WIDE:
        for space in _FREQUENT_SPACES:
            edited.replace(space, " ")
    # What these take away brings other characters together.
    if signs & (ODD | STROKES | JOINERS):
        _clean_rare(edited, signs)
        signs = EVERYTHING
    if signs & SPACES and "  " in edited.text:
        edited.sub(_SPACE_RUN, " ")
    if signs & EDGES and (" \n" in edited.text or "\n " in edited.text):
        edited.rewrite(_bare_line_ends(edited.text))
    if signs & (BLANKS | EDGES) and "\n\n\n" in edited.text:
        edited.sub(_BLANK_LINES, "\n\n")
    if signs & ENDS:
        edited.strip("\n ")
    if signs & MARKS:
        edited.compose()


def _clean_rare(edited: EditedText, signs: int) -> None:
    if signs & ODD and UNUSUAL.search(edited.text):  # one look for what few texts have
        edited.sub(_LINE_END, "\n")
        edited.sub(_RARE, _plain)
        edited.exchange(_OTHER_SPACES, " ")
    if "\u0640" in edited.text:
        edited.sub(_DASH_STROKE, "-")
        edited.sub(_STROKE, "")
    if ZERO_WIDTH_NON_JOINER in edited.text:
        if _TWO_JOINERS in edited.text:
            edited.sub(_JOINER_RUN, ZERO_WIDTH_NON_JOINER)
        edited.sub(_USELESS_JOINER, "")


def _bare_line_ends(text: str) -> Iterator[tuple[int, int, str]]:
    """Each line end with a space beside it; a space between two belongs to the first."""
    at = 0
    for found in _LINE_FEED.finditer(text):
        start, end = found.span()
        start -= start > at and text[start - 1] == " "
        end += text.startswith(" ", end)
        if end > start + 1:
            yield start, end, "\n"
        at = end


def _plain(match: re.Match[str]) -> str:
    character = match.group()
    if "\ud800" <= character <= "\udfff":
        return REPLACEMENT
    if _is_presentation_form(character):
        # An isolated vowel mark is encoded as a space with the mark; the space is only its carrier.
        return unicodedata.normalize("NFKC", character).removeprefix(" ")
    return ""


def _is_presentation_form(character: str) -> bool:
    if "\ufdd0" <= character <= "\ufdef":
        return False
    return "\ufb50" <= character <= "\ufdff" or "\ufe70" <= character <= "\ufefc"
