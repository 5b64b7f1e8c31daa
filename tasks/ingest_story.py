"""The story of a text as it came: time of publication, title and body, without what stands around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tasks.ingest_dates import Published, published_line
from tasks.ingest_facts import RefusedError
from tasks.ingest_furniture import trim_furniture, trim_top
from tasks.ingest_text import split_heading
from tasks.mojibake import is_unreadable, repair
from tasks.normalize import clean, search_key
from tasks.offset_map import EditedText, Run


@dataclass(frozen=True, slots=True)
class Story:
    """A clean text, what was found at its top, and where its characters lie in the text as it came."""

    text: str
    offset_map: str
    title: str | None
    author: str | None
    published: Published | None


def read_story(raw: str, given: str | None, fetched_at: datetime | None, runs: Sequence[Run] | None = None) -> Story:
    """The story of a raw text. `given` is the title where something else tells it; a time of publication is
    looked for where `fetched_at` is given; `runs` tells how the text was made of its page. Raises RefusedError
    for a text that cannot be read."""
    edited = EditedText(raw, runs)
    if raw.startswith("\ufeff"):
        edited.keep(1)
    repair(edited)
    clean(edited)
    if not edited.text:
        raise RefusedError("empty-text", "the text is empty: there is nothing to read but spaces and invisible signs")
    if is_unreadable(edited.text):
        raise RefusedError(
            "mojibake",
            f"the text was read in a wrong encoding before it came here, and cannot be repaired: {edited.text[:40]!r}. "
            "Export it again as UTF-8.",
        )
    trim_furniture(edited)
    if given:
        edited.keep(_below_title(edited.text, given))
    published = None
    lines = edited.text.split("\n") if fetched_at is not None else []
    if lines and (dated := published_line(lines, fetched_at)):
        published, index = dated
        if any(line for number, line in enumerate(lines) if number != index):
            edited.keep_lines([number for number in range(len(lines)) if number != index])
            clean(edited)
    title = given
    if not given:
        title, body = split_heading(edited.text)
        edited.keep(len(edited.text) - len(body))
    author = trim_top(edited)
    return Story(edited.text, edited.offset_map(), title, author, published)


#: Above the headline of a page stand a menu and the path to its section, a few words a line.
_ABOVE_TITLE: Final = 8
_MENU_CHARACTERS: Final = 60


def _below_title(text: str, title: str) -> int:
    """Where the text below the line begins that says the title over again, if only a menu stands above it."""
    key = None
    start = 0
    for line in text.split("\n", _ABOVE_TITLE)[:-1]:
        start += len(line) + 1
        if len(line) <= 2 * len(title) and line[:1].isalnum():
            key = key or search_key(title)
            if search_key(line) == key:
                body = text[start:].lstrip("\n")
                return len(text) - len(body) if body else 0
        if len(line) > _MENU_CHARACTERS:
            break
    return 0
