"""The story of a text as it came: time of publication, title and body, without what stands around them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from tasks.ingest_dates import Published, published_line
from tasks.ingest_facts import RefusedError
from tasks.ingest_furniture import trim_furniture
from tasks.ingest_text import split_heading
from tasks.mojibake import is_unreadable, repaired
from tasks.normalize import clean_text, search_key


def read_story(raw: str, given: str | None, fetched_at: datetime | None) -> tuple[Published | None, str | None, str]:
    """Time of publication (looked for where `fetched_at` is given), title and body of a text as it came."""
    text = clean_text(repaired(raw))
    if not text:
        raise RefusedError("empty-text", "the text is empty: there is nothing to read but spaces and invisible signs")
    if is_unreadable(text):
        raise RefusedError(
            "mojibake",
            f"the text was read in a wrong encoding before it came here, and cannot be repaired: {text[:40]!r}. "
            "Export it again as UTF-8.",
        )
    text = trim_furniture(text)
    title, body = (given, _without_title(text, given)) if given else (None, text)
    published = None
    if fetched_at is not None and (dated := published_line(body.split("\n"), fetched_at)):
        published, index = dated
        body = _without_line(body, index)
    return (published, title, body) if given else (published, *split_heading(body))


def _without_line(text: str, index: int) -> str:
    lines = text.split("\n")
    rest = clean_text("\n".join(lines[:index] + lines[index + 1 :]))
    return rest or text


#: Above the headline of a page stand a menu and the path to its section, a few words a line.
_ABOVE_TITLE: Final = 8
_MENU_CHARACTERS: Final = 60


def _without_title(text: str, title: str) -> str:
    """The text below the line that says the title over again, if only a menu stands above it."""
    lines = text.split("\n", _ABOVE_TITLE)
    key = None
    for index, line in enumerate(lines[:-1]):
        if len(line) <= 2 * len(title) and line[:1].isalnum():
            key = key or search_key(title)
            if search_key(line) == key:
                return "\n".join(lines[index + 1 :]).lstrip("\n") or text
        if len(line) > _MENU_CHARACTERS:
            break
    return text
