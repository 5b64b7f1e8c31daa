"""What is known of a document beside its payload: from the feed, archive or server that it came from.

`raw_documents.metadata` is a JSON object with keys of the input contract. The payload itself is heard first.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Final

from tasks.ingest_dates import read_published
from tasks.ingest_facts import DECLARED_LANGUAGE, Facts
from tasks.normalize import clean_line

#: What only helps to read the payload is no fact of the article.
_ABOUT_THE_PAYLOAD: Final = ("charset", "archive")


def charset(metadata: str | None) -> str | None:
    """The encoding that a payload is in, as its server or archive said."""
    said = json.loads(metadata).get("charset") if metadata else None
    return said if isinstance(said, str) else None


def with_metadata(facts: Facts, metadata: str | None, fetched_at: datetime | None = None) -> Facts:
    """The facts of an article, with what is known beside its payload where that says nothing.

    The address under which a page was found wins over the page's own: it names the article, and must stay the
    same over all revisions. A date that cannot be read is no date, with the reason; keys that no column is for
    are kept in `extra`.
    """
    if not metadata:
        return facts
    known: dict[str, object] = json.loads(metadata)
    said = {key: clean_line(value) or None for key, value in known.items() if isinstance(value, str)}
    language = facts.declared_language or said.get("language")
    title = said.get("title") if facts.title_method != "record" else None
    published = facts.published
    if not published.at and "published_at" in said:
        published = read_published(said["published_at"] or "", fetched_at)
    return replace(
        facts,
        title=title or facts.title,
        title_method="record" if title else facts.title_method,
        published=published,
        external_id=facts.external_id or said.get("id"),
        url=said.get("url") or facts.url,
        author=facts.author or said.get("author"),
        extra=_extra(facts.extra, known, language),
        declared_language=language,
    )


def _extra(own: str | None, known: dict[str, object], language: str | None) -> str | None:
    columns = ("id", "url", "title", "author", "published_at", "language", *_ABOUT_THE_PAYLOAD)
    extra = {key: value for key, value in known.items() if key not in columns}
    if language:
        extra[DECLARED_LANGUAGE] = language
    extra |= json.loads(own) if own else {}
    return json.dumps(extra, ensure_ascii=False, sort_keys=True) if extra else None
