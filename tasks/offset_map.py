"""Where each place of a clean text lies in the text as it came.

An offset map is a line of pieces, in order: `char:raw:n` for n characters that stand one for one, from these places
on in the clean and in the raw text; `char:raw:n:m` for n characters that stand for m raw ones. What no piece leads
to was left out. Most articles have one piece or two:

    raw  «  عاجل:  مسقـــط »      "0:2:5 5:7:1:2 6:9:3 9:15:1"
    text «عاجل: مسقط»

The SQL macro `raw_span` reads the same line.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

#: Lengths of a run: in the clean text, and in the raw one.
Run = tuple[int, int]
#: A place that was rewritten: start and end before, and how many characters more (or fewer) it has now.
_Edit = tuple[int, int, int]

#: Marks behind a letter that NFC may compose or reorder: Latin accents, Arabic hamza and madda, two vowel marks. One
#: vowel mark alone stays as it is, and that is what nearly all marked letters have.
_MARKS: Final = re.compile(
    "[\u0300-\u036f\u064b-\u065f\u0670](?:(?<=[\u0300-\u036f\u0653-\u065f])|(?=[\u0300-\u036f\u064b-\u065f\u0670]))"
    "[\u0300-\u036f\u064b-\u065f\u0670]*"
)
_LINE: Final = re.compile("[^\n]+")


class EditedText:
    """A text that is made clean step by step; each step notes what it rewrote.

    `runs` says how it was itself made of a longer one, such as the HTML of its page.
    """

    __slots__ = ("_runs", "_steps", "text")

    def __init__(self, raw: str, runs: Iterable[Run] | None = None) -> None:
        self.text = raw
        self._runs = [(len(raw), len(raw))] if runs is None else list(runs)
        self._steps: list[list[_Edit]] = []

    def sub(self, pattern: re.Pattern[str], replacement: str | Callable[[re.Match[str]], str]) -> None:
        """As `pattern.sub`, for patterns that match no empty place."""
        if callable(replacement):
            self.rewrite((*match.span(), replacement(match)) for match in pattern.finditer(self.text))
            return
        text, length, at = self.text, len(replacement), 0
        parts: list[str] = []
        edits: list[_Edit] = []
        for match in pattern.finditer(text):
            start, end = match.span()
            parts.append(text[at:start])
            at = end
            if more := length + start - end:
                edits.append((start, end, more))
        if parts:
            parts.append(text[at:])
            self.text = replacement.join(parts)
        if edits:
            self._steps.append(edits)

    def rewrite(self, places: Iterable[tuple[int, int, str]]) -> None:
        """Put other characters at some places: (start, end, new), in order, none within another."""
        text, at = self.text, 0
        parts: list[str] = []
        edits: list[_Edit] = []
        for start, end, new in places:
            parts += text[at:start], new
            at = end
            if more := len(new) - (end - start):
                edits.append((start, end, more))
        if parts:
            self.text = "".join(parts) + text[at:]
        if edits:
            self._steps.append(edits)

    def replace(self, character: str, other: str) -> None:
        """Put one character in place of another."""
        self.text = self.text.replace(character, other)

    def exchange(self, pattern: re.Pattern[str], character: str) -> None:
        """Put one character in place of each single character that fits."""
        self.text = pattern.sub(character, self.text)

    def keep(self, start: int, end: int | None = None) -> None:
        """Leave out what is before `start` and from `end` on."""
        length = len(self.text)
        end = length if end is None else end
        if start or end < length:
            self._steps.append([(s, e, s - e) for s, e in ((0, start), (end, length)) if e > s])
            self.text = self.text[start:end]

    def strip(self, characters: str) -> None:
        bare = self.text.strip(characters)
        if len(bare) < len(self.text):
            start = len(self.text) - len(self.text.lstrip(characters)) if bare else len(self.text)
            self.keep(start, start + len(bare))

    def keep_lines(self, kept: Sequence[int]) -> None:
        """Leave out all lines but those of these indexes."""
        lines = self.text.split("\n")
        starts = [0, *accumulate(len(line) + 1 for line in lines)]
        wanted = frozenset(kept)
        # A line goes with the line end behind it; the last one that stays loses its own.
        last = max(wanted, default=-1)
        end = starts[last] + len(lines[last]) if wanted else 0
        gone = [(starts[n], starts[n + 1], "") for n in range(last) if n not in wanted]
        self.rewrite([*gone, (end, len(self.text), "")] if end < len(self.text) else gone)

    def compose(self) -> None:
        """NFC, noted letter by letter where marks are all that it concerns, else line by line."""
        if unicodedata.is_normalized("NFC", self.text):
            return
        before, steps = self.text, len(self._steps)
        self.rewrite(_composed_letters(before))
        # What was put in its place is equivalent, so the text is NFC or something beside the marks is not.
        if not unicodedata.is_normalized("NFC", self.text):
            self.text = before
            del self._steps[steps:]
            self.sub(_LINE, _composed)

    def offset_map(self) -> str:
        """The map from the text as it is now to the text as it came."""
        if not self._steps and len(self._runs) == 1 and self._runs[0] == (len(self.text), len(self.text)):
            return f"0:0:{len(self.text)}" if self.text else ""  # nothing was rewritten, as in most records
        runs: list[Run] = []
        for n, m in self._runs:
            _add(runs, n, m)
        for edits in self._steps:
            runs = _edited(runs, edits)
        found: list[str] = []
        char = raw = 0
        for n, m in runs:
            if n:
                found.append(f"{char}:{raw}:{n}" if n == m else f"{char}:{raw}:{n}:{m}")
            char, raw = char + n, raw + m
        return " ".join(found)


def _composed_letters(text: str) -> Iterator[tuple[int, int, str]]:
    for marks in _MARKS.finditer(text):
        start = marks.start() - 1
        if start >= 0 and text[start] != "\n":
            yield start, marks.end(), unicodedata.normalize("NFC", text[start : marks.end()])


def _composed(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match.group())


def _edited(runs: Sequence[Run], edits: Sequence[_Edit]) -> list[Run]:
    """The runs after one more step. Where an edit cuts into a run that is not one for one, both become one run."""
    result: list[Run] = []
    if len(runs) == 1 and runs[0][0] == runs[0][1]:  # as most texts are before their first step
        at = 0
        for start, end, more in edits:
            if start > at:
                result.append((start - at, start - at))
                result.append((end - start + more, end - start))
            else:
                _add(result, end - start + more, end - start)
            at = end
        _add(result, runs[0][0] - at, runs[0][0] - at)
        return result
    rest = iter(runs)
    n, m = next(rest, (0, 0))
    at = 0  # in the text before the step: everything before is told
    for start, end, more in _widened(runs, edits):
        while at < start or (not n and m):  # the runs up to the edit; what was left out before stays out
            if n > start - at:  # only a run that is one for one can be cut
                _add(result, start - at, start - at)
                n, m, at = n - (start - at), m - (start - at), start
                break
            _add(result, n, m)
            at += n
            n, m = next(rest, (0, 0))
        raw = 0
        while at < end or (not n and m):
            if n > end - at:
                raw += end - at
                n, m, at = n - (end - at), m - (end - at), end
                break
            raw += m
            at += n
            n, m = next(rest, (0, 0))
        _add(result, end - start + more, raw)
    _add(result, n, m)
    for n, m in rest:
        _add(result, n, m)
    return result


def _add(runs: list[Run], n: int, m: int) -> None:
    """Append a run; neighbours that are one for one make one run, and so do neighbours that are left out."""
    if runs:
        last_n, last_m = runs[-1]
        if (n == m and last_n == last_m) or n == last_n == 0:
            runs[-1] = (last_n + n, last_m + m)
            return
    if n or m:
        runs.append((n, m))


def _widened(runs: Sequence[Run], edits: Sequence[_Edit]) -> list[_Edit]:
    """The edits, each as wide as the runs that it cuts into and that are not one for one."""
    ends = list(accumulate(n for n, _ in runs))
    wide: list[_Edit] = []
    for start, end, more in edits:
        for place in (start, end):
            index = bisect_right(ends, place)
            if index < len(runs) and runs[index][0] != runs[index][1]:
                begin = ends[index] - runs[index][0]
                if begin < place:
                    start, end = min(start, begin), max(end, ends[index])
        if wide and start < wide[-1][1]:
            before = wide.pop()
            start, end, more = before[0], max(end, before[1]), more + before[2]
        wide.append((start, end, more))
    return wide


@dataclass(frozen=True, slots=True)
class Piece:
    """`text[char_start:char_end]` was made of `raw[raw_start:raw_end]`."""

    char_start: int
    char_end: int
    raw_start: int
    raw_end: int


def pieces(offset_map: str) -> Iterator[Piece]:
    """The pieces of an offset map, which together are the whole clean text."""
    for written in offset_map.split():
        char, raw, length, *raw_length = map(int, written.split(":"))
        yield Piece(char, char + length, raw, raw + (raw_length or [length])[0])


def raw_span(offset_map: str, char_start: int, char_end: int) -> tuple[int, int]:
    """The smallest part of the raw text that `text[char_start:char_end]` was made of, as (start, end).

    An empty span has no raw text, and neither has one that the map does not reach: both are a ValueError.
    """
    start = end = None
    for piece in pieces(offset_map):
        even = piece.char_end - piece.char_start == piece.raw_end - piece.raw_start
        if piece.char_start <= char_start < piece.char_end:
            start = piece.raw_start + (char_start - piece.char_start if even else 0)
        if piece.char_start < char_end <= piece.char_end:
            end = piece.raw_end - (piece.char_end - char_end if even else 0)
    if start is None or end is None or char_start >= char_end:
        raise ValueError(f"the offset map does not reach the characters {char_start} to {char_end}")
    return start, end
