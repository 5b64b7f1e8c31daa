"""The story of a text as it came: time of publication, title and body, without what stands around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tasks.ingest_dates import Published, is_update, published_line
from tasks.ingest_facts import RefusedError
from tasks.ingest_furniture import top_end, trim_furniture, trim_top
from tasks.ingest_text import split_heading
from tasks.mojibake import is_unreadable, repair
from tasks.normalize import first_letter, search_key
from tasks.normalize_clean import clean
from tasks.normalize_signs import EVERYTHING, LOST, MISREAD, ODD
from tasks.offset_map import EditedText, Run

#: A shorter text is looked at letter by letter.
_LITTLE: Final = 40


@dataclass(slots=True)  # not frozen: one is made for each article, in a third of the time
class Story:
    """A clean text, what was found at its top, and where its characters lie in the text as it came."""

    text: str
    offset_map: str
    title: str | None
    author: str | None
    published: Published | None


def read_story(
    raw: str,
    given: str | None,
    fetched_at: datetime | None,
    runs: Sequence[Run] | None = None,
    signs: int = EVERYTHING,
) -> Story:
    """The story of a raw text. `given` is the title where something else tells it; a time of publication is
    looked for where `fetched_at` is given; `runs` tells how the text was made of its page; `signs` are the raw
    text's, where they are known (`tasks/normalize_signs.py`). Raises RefusedError for a text that cannot be read."""
    edited = EditedText(raw, runs)
    if raw.startswith("\ufeff"):
        edited.keep(1)
    if signs & MISREAD:
        repair(edited)
        signs = EVERYTHING
    clean(edited, signs)
    if not edited.text:
        raise RefusedError("empty-text", "the text is empty: there is nothing to read but spaces and invisible signs")
    # What the signs tell of the letters' shares, they tell of a text that cleaning left half of.
    if (signs & (ODD | LOST | MISREAD) or len(edited.text) <= _LITTLE + len(raw) // 2) and is_unreadable(edited.text):
        raise RefusedError(
            "mojibake",
            f"the text was read in a wrong encoding before it came here, and cannot be repaired: {edited.text[:40]!r}. "
            "Export it again as UTF-8.",
        )
    trim_furniture(edited)
    if given:
        edited.keep(_below_title(edited.text, given))
    published = _take_dates(edited, fetched_at) if fetched_at is not None else None
    title, byline = given, None
    if not given:
        title, byline = _take_heading(edited)
    author = trim_top(edited) or byline
    return Story(edited.text, edited.offset_map(), title, author, published)


def _take_dates(edited: EditedText, fetched_at: datetime) -> Published | None:
    """Take the lines off a text that say when it was published and last changed; the time of publication."""
    published, told = None, False
    lines = edited.text.split("\n")
    while dated := published_line(lines, fetched_at):
        found, index = dated
        changed = is_update(lines[index])
        if told and not changed:
            break
        published = found if published is None or not changed else published
        told = told or not changed
        if not any(line for number, line in enumerate(lines) if number != index):
            break
        edited.keep_lines([number for number in range(len(lines)) if number != index])
        clean(edited)
        lines = edited.text.split("\n")
    return published


def _take_heading(edited: EditedText) -> tuple[str | None, str | None]:
    """Take a headline off the top of a text, also one with a byline or bars below it; the headline, and the name."""
    text = edited.text
    title, body = split_heading(text)
    if title is None and (below := text.find("\n")) >= 0:
        rest = text[below:].lstrip("\n")
        start, author = top_end(rest)
        if start and (title := split_heading(f"{text[:below]}\n\n{rest[start:]}")[0]):
            edited.keep(len(text) - len(rest) + start)
            return title, author
    edited.keep(len(text) - len(body))
    return title, None


#: Above the headline of a page stand a menu and the path to its section, a few words a line.
_ABOVE_TITLE: Final = 8
_MENU_CHARACTERS: Final = 60


def _below_title(text: str, title: str) -> int:
    """Where the text below the line begins that says the title over again, if only a menu stands above it."""
    key, first = None, first_letter(title)
    start = 0
    for line in text.split("\n", _ABOVE_TITLE)[:-1]:
        start += len(line) + 1
        if len(line) <= 2 * len(title) and line[:1].isalnum() and first_letter(line) == first:
            key = key or search_key(title)
            if search_key(line) == key:
                body = text[start:].lstrip("\n")
                return len(text) - len(body) if body else 0
        if len(line) > _MENU_CHARACTERS:
            break
    return 0
