"""What one payload says of its article, and the refusal of a payload that says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tasks.ingest_dates import Published

#: The keys of the input contract; every other key is kept in `extra`.
KNOWN_KEYS: Final = ("id", "source", "url", "title", "text", "author", "published_at", "language")
#: The key of `extra` under which the record's own claim of its language is kept. It is a claim, not a
#: finding: the language stage decides, and hears it only where the text alone leaves doubt.
DECLARED_LANGUAGE: Final = "declared_language"
#: The same for a time of publication that cannot be used.
DECLARED_PUBLISHED_AT: Final = "declared_published_at"


class RefusedError(ValueError):
    """A payload that cannot be used: `rule` is short and stable, the message a sentence."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


@dataclass(slots=True)  # not frozen: one is made for each article, in a third of the time
class Facts:
    """What one payload says of its article; None where it says nothing."""

    text: str
    text_method: str
    offset_map: str | None
    title: str | None
    title_method: str
    published: Published
    external_id: str | None = None
    source: str | None = None
    url: str | None = None
    author: str | None = None
    extra: str | None = None
    declared_language: str | None = None
    encoding: str | None = None  # of a page: what its bytes were read in, as Python names it


@dataclass(slots=True)
class Document:
    """One row of `raw_documents`, as far as reading it needs."""

    payload: bytes
    media_type: str
    uri: str
    fetched_at: datetime
    charset: str | None = None  # as its server or archive said it
