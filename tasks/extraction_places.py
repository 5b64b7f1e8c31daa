"""Where the text of an article stands in the HTML that it was taken out of.

Extractors give text without places. Both texts are therefore read without spaces and invisible signs, and the lines
of the one are looked for in the other, in order: the long ones first, which stand in one place only, then the short
ones between them. What stands nowhere (line ends, bullets that an extractor puts in) has no raw characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tasks.offset_map import Run

Places = NDArray[np.int64]

#: What is no text of a page: comments, scripts, tags. Character references are one character, as written.
_MARKUP: Final = re.compile(
    r"<!--.*?-->|<(?P<name>script|style)\b.*?</(?P=name)\s*>|</?[a-z!?][^>]*>|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]\w{1,31});",
    re.IGNORECASE | re.DOTALL,
)
#: In the JSON of a script, what stands for another character, and the HTML that some sites put there.
_ESCAPES: Final = re.compile(
    r'\\(?:u[0-9a-f]{4}|["\\/bfnrt])|</?[a-z][^>"]*>|&(?:#\d{1,7}|[a-z]\w{1,31});', re.IGNORECASE
)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
#: What the two texts need not have in common: spaces, controls, lengthening strokes, vowel marks (whose order NFC
#: changes), joiners and direction marks.
_IGNORED: Final = (
    *range(0x21), *range(0x7F, 0xA1), 0xAD, 0x61C, 0x640, *range(0x64B, 0x656), 0x670, 0x1680, 0x180E,
    *range(0x2000, 0x2010), *range(0x2028, 0x2030), *range(0x205F, 0x2070), 0x3000, 0xFEFF,
)  # fmt: skip
_FILLER: Final = "\0"
#: A line of so many letters stands in one place of a page: it is some six words long.
_LONG: Final = 30
#: A line that stands nowhere as a whole is looked for word by word, this far behind the last.
_NEAR: Final = 300
#: Of a text that is less than half to be found, the page is not the source.
_FOUND_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Letters:
    """The characters of a text that count, and where each stands in it."""

    text: str
    places: Places


def find_places(text: str, page: str, *, in_script: bool = False) -> list[Run] | None:
    """How `text` was made of `page`, as lengths of runs (see `tasks/offset_map.py`); None where it was not.

    `in_script` says that the text was given in the page's JSON-LD.
    """
    shown, widths = _shown(page, _ESCAPES if in_script else _MARKUP)
    wanted, given = _letters(text), _letters(shown)
    found = _matched(text, wanted, given)
    if not len(found) or len(found) < _FOUND_SHARE * len(wanted.text):
        return None
    return list(_runs(text, page, wanted.places[found[:, 0]], given.places[found[:, 1]], widths))


def _shown(page: str, markup: re.Pattern[str]) -> tuple[str, dict[int, int]]:
    """The page with fillers in place of markup, as long as before; and the length of each character reference."""
    parts: list[str] = []
    widths: dict[int, int] = {}
    at = 0
    for match in markup.finditer(page):
        start, end = match.span()
        written = match.group()
        if written[0] == "&":
            character = unescape(written)
        elif written[0] == "\\":
            character = chr(int(written[2:], 16)) if written[1] in "uU" else _ESCAPED.get(written[1], written[1])
        else:
            character = ""
        if len(character) > 1:  # no reference that is known, or one of those for two characters
            character = ""
        if character:
            widths[start] = end - start
        parts += page[at:start], character.ljust(end - start, _FILLER)
        at = end
    return "".join(parts) + page[at:], widths


@cache
def _counts() -> NDArray[np.bool_]:
    counts = np.ones(0x110000, dtype=bool)
    counts[list(_IGNORED)] = False
    return counts


def _letters(text: str) -> _Letters:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    places = np.flatnonzero(_counts()[codes])
    return _Letters(codes[places].tobytes().decode("utf-32-le", "surrogatepass"), places)


def _matched(text: str, wanted: _Letters, given: _Letters) -> Places:
    """Pairs of places in the two rows of letters that are the same characters, in order in both."""
    ends = [match.end() for match in re.finditer("\n|$", text)]
    bounds = [0, *np.searchsorted(wanted.places, ends).tolist()]
    lines = [(start, end) for start, end in pairwise(bounds) if end > start]
    places: dict[tuple[int, int], int] = {}
    after = 0
    for start, end in lines:
        if end - start >= _LONG and (place := given.text.find(wanted.text[start:end], after)) >= 0:
            places[start, end] = place
            after = place + end - start
    anchors = [*((line, place) for line, place in places.items()), ((len(wanted.text), 0), len(given.text))]
    pairs: list[tuple[int, int, int]] = []  # start in the text's letters, in the page's, and how many
    after, number = 0, 0
    for start, end in lines:
        if (start, end) in places:
            found = [(start, places[start, end], end - start)]
            number += 1
        else:
            before = anchors[number][1]
            whole = wanted.text[start:end]
            # Above the article its first lines may stand in menus too: the last place is theirs.
            above = places and not pairs
            place = given.text.rfind(whole, 0, before) if above else given.text.find(whole, after, before)
            found = (
                [(start, place, end - start)]
                if place >= 0
                else list(_words(text, start, end, wanted, given, after, before))
            )
        if found:
            pairs += found
            after = found[-1][1] + found[-1][2]
    if not pairs:
        return np.empty((0, 2), dtype=np.int64)
    return np.concatenate([np.arange(n)[:, None] + np.array([[a, b]]) for a, b, n in pairs])


def _words(
    text: str, start: int, end: int, wanted: _Letters, given: _Letters, after: int, before: int
) -> Iterator[tuple[int, int, int]]:
    """The words of a line, each near the one before."""
    first, last = int(wanted.places[start]), int(wanted.places[end - 1]) + 1
    for word in re.finditer(r"\S+", text[first:last]):
        begin, stop = np.searchsorted(wanted.places, [first + word.start(), first + word.end()]).tolist()
        if begin == stop:
            continue
        place = given.text.find(wanted.text[begin:stop], after, min(before, after + _NEAR))
        if place >= 0:
            yield begin, place, stop - begin
            after = place + stop - begin


def _runs(text: str, page: str, chars: Places, raws: Places, widths: dict[int, int]) -> Iterator[Run]:
    """Runs of characters that stand one for one, and what lies between them in both texts."""
    steps, raw_steps = np.diff(chars), np.diff(raws)
    breaks = (steps != raw_steps) | (steps > 2)
    if widths:
        wide = np.isin(raws, list(widths))
        breaks |= wide[1:] | wide[:-1]
    starts = [0, *(np.flatnonzero(breaks) + 1).tolist()]
    stops = [*(np.flatnonzero(breaks) + 1).tolist(), len(chars)]
    char = raw = 0
    for first, stop in zip(starts, stops, strict=True):
        begin, raw_begin = int(chars[first]), int(raws[first])
        yield from _between(text, page, (char, begin), (raw, raw_begin))
        char, raw = int(chars[stop - 1]) + 1, int(raws[stop - 1]) + 1
        width = widths.get(raw_begin, 1) if stop - first == 1 else 1
        yield (1, width) if width > 1 else (char - begin, raw - raw_begin)
        raw += width - 1
    yield from _between(text, page, (char, len(text)), (raw, len(page)))


def _between(text: str, page: str, chars: tuple[int, int], raws: tuple[int, int]) -> Iterator[Run]:
    """A line end or space stands for the markup in its place; what is more was put in, or left out."""
    n, m = chars[1] - chars[0], raws[1] - raws[0]
    if n and chars[0] and chars[1] < len(text) and (n != m or n == 1 or text[slice(*chars)] == page[slice(*raws)]):
        yield n, m
    else:
        yield from ((n, 0), (0, m)) if chars[0] else ((0, m), (n, 0))
