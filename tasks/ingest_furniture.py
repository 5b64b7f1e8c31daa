"""Page furniture: lines that are no part of the story, known by whole lines and by where they stand.

| where                   | what goes                                                                           |
|-------------------------|-------------------------------------------------------------------------------------|
| at the end, upwards     | comment forms, share bars, lists of related articles, end marks and signatures of   |
|                         | agencies, code numbers, sources, picture credits, tags, prompts to follow,          |
|                         | subscribe or install                                                                |
| behind the last         | «المصدر (العربية)», «(وكالات)», «(صورة أرشيفية)»                                    |
| sentence                |                                                                                     |
| at the top, downwards   | share bars, code numbers, bylines, «قبل ساعتين», an agency on a line of its own       |
| anywhere                | one line that sends to another article: «اقرأ أيضا: ...», «بیشتر بخوانید: ...», or  |
|                         | such a header with a list whose lines have bullets                                  |

A line goes only where its own words show what it is; a doubtful one stays. Trimming stops at the first line
of another kind, so nothing inside the story is touched but the lines of the last row.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from tasks.ingest_furniture_lines import (
    AGENCIES,
    FURNITURE,
    FURNITURE_CHARACTERS,
    FURNITURE_STARTS,
    RELATED,
    RELATED_INLINE,
    RELATED_LINES,
    TAG_STARTS,
    TOP,
)
from tasks.ingest_furniture_patterns import (
    AGO,
    BULLET,
    BYLINE,
    CODE_LINE,
    COPYRIGHT,
    CREDIT,
    DATELINE,
    END_MARK,
    HASHTAGS,
    INITIALS,
    POINTS,
    PROMPTS,
    SENDS_ELSEWHERE,
    SOURCE_LINE,
    TAIL,
    TAIL_WORDS,
)
from tasks.ingest_text import CLOSING, HEADING_CHARACTERS
from tasks.normalize import search_key as make_key
from tasks.offset_map import EditedText

#: A line is looked at from the bottom and from the top, and those of a publisher come again in each of its articles.
search_key: Final = lru_cache(maxsize=4096)(make_key)


def trim_furniture(edited: EditedText) -> None:
    """Take the furniture off a text; one that would be left empty stays. Twice does no more than once."""
    lines = edited.text.split("\n")
    kept = kept_lines(lines)
    if len(kept) < len(lines):
        edited.keep_lines(kept)
        # Two blank lines meet where a line between them went.
        edited.sub(_BLANK_LINES, "\n\n")
    while TAIL_WORDS.search(edited.text, len(edited.text) - _SIGNATURE_CHARACTERS) and (
        tail := TAIL.search(edited.text, max(edited.text.rfind("\n"), len(edited.text) - _SIGNATURE_CHARACTERS, 0))
    ):
        edited.keep(0, tail.start())


_BLANK_LINES: Final = re.compile("\n{3,}")


def trim_top(edited: EditedText) -> str | None:
    """Take what stands between a headline and the story off a text without its headline; the name in a byline."""
    start, author = top_end(edited.text)
    edited.keep(start)
    return author


def top_end(text: str) -> tuple[int, str | None]:
    """Where the story begins below bylines and bars at the top of a text, and the name in the byline."""
    start, author = 0, None
    while (end := text.find("\n", start)) >= 0:
        line = text[start:end]
        byline = BYLINE.fullmatch(line.strip()) if len(line) <= HEADING_CHARACTERS else None
        if not byline and not _is_top_furniture(line):
            break
        author = byline[1] if byline else author
        start = end
        while text.startswith("\n", start):
            start += 1
    return start, author


def kept_lines(lines: list[str]) -> list[int]:
    """The indexes of the lines that belong to the story."""
    end = _story_end(lines)
    start = 0
    while start < end and (not lines[start].strip() or _is_top_furniture(lines[start])):
        start += 1
    if start >= end:
        return list(range(len(lines)))
    # Nearly all lines of a story are long or end as a sentence does.
    sending = [
        number
        for number in range(start, end)
        if (line := lines[number])
        and len(line) <= FURNITURE_CHARACTERS
        and not line.endswith(_STOPS)
        and SENDS_ELSEWHERE.search(line)
    ]
    gone: set[int] = set()
    for number in sending:
        if number not in gone:
            gone.update(range(number, number + _pointing(lines, number, end)))
    return [number for number in range(start, end) if number not in gone]


#: How a sentence ends that nobody takes for a headline.
_STOPS: Final = (".", "۔")


def _pointing(lines: list[str], start: int, end: int) -> int:
    """How many lines from here on are nothing but pointers to other articles; a sentence that ends as one is none."""
    line = lines[start]
    sign = POINTS.search(line)
    if search_key(line[: sign.start()] if sign else line) not in RELATED:
        return 0
    after = line[sign.end() :].strip() if sign else ""
    if after:
        return 0 if _closes(after) else 1
    stop = start + 1
    while (
        stop < end and BULLET.match(lines[stop]) and len(lines[stop]) <= HEADING_CHARACTERS and not _closes(lines[stop])
    ):
        stop += 1
    return stop - start if stop > start + 1 else 0


def _closes(line: str) -> bool:
    return line.rstrip(CLOSING).endswith(_STOPS)


def _is_top_furniture(line: str) -> bool:
    if len(line) > HEADING_CHARACTERS:
        return False
    key = search_key(line)
    if key in TOP or CODE_LINE.fullmatch(key) or AGO.fullmatch(key):
        return True
    return line.rstrip().endswith(":") and DATELINE.fullmatch(key) is not None


def _story_end(lines: list[str]) -> int:
    end = len(lines)
    while end:
        end = _without_blank(lines, end)
        if end and _is_furniture(lines[end - 1]):
            end -= 1
            continue
        above = _above_related(lines, end)
        if above == end:
            break
        end = above
    return end


def _without_blank(lines: list[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _is_furniture(line: str) -> bool:
    if len(line) > FURNITURE_CHARACTERS:
        return False
    key = search_key(line)
    if not key:  # a line of ornaments, such as *** or ———
        return True
    if key in FURNITURE or key.startswith(FURNITURE_STARTS) or CODE_LINE.fullmatch(key) or COPYRIGHT.fullmatch(key):
        return True
    if line.startswith("#") and HASHTAGS.fullmatch(line):
        return True
    if len(line) <= _SIGNATURE_CHARACTERS and _is_signature(line, key):
        return True
    return (key.startswith(TAG_STARTS) and ":" in line) or any(prompt.fullmatch(key) for prompt in PROMPTS)


#: «المصدر: وكالة الأنباء السعودية» is as long as a signature gets.
_SIGNATURE_CHARACTERS: Final = 60


def _is_signature(line: str, key: str) -> bool:
    if INITIALS.fullmatch(line.strip()) or END_MARK.fullmatch(key) or CREDIT.fullmatch(line.strip()):
        return True
    if line.rstrip().endswith(":") and DATELINE.fullmatch(key):
        return True
    if key in AGENCIES and not line.strip()[0].isalnum():
        return True
    return ":" in line and SOURCE_LINE.fullmatch(key) is not None


def _above_related(lines: list[str], end: int) -> int:
    """Where the text ends above a list of links that closes it; `end` where there is none."""
    position, seen = end, 0
    while position and seen <= RELATED_LINES:
        line = lines[position - 1].strip()
        if line:
            if len(line) > HEADING_CHARACTERS:
                return end
            key = search_key(line)
            if key in RELATED or (key.startswith(RELATED_INLINE) and _is_pointer(line)):
                return position - 1
            if _closes(line):
                return end
            seen += 1
        position -= 1
    return end


def _is_pointer(line: str) -> bool:
    """Whether a header and what it points to stand on one line; «اقرأ أيضا في موقعنا: ...» is one too."""
    sign = POINTS.search(line)
    return ":" in line or (sign is not None and search_key(line[: sign.start()]) in RELATED)
