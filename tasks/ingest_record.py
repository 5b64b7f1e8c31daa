"""One payload, read: a plain text, a JSON record or a page becomes the facts of an article, or is refused.

A payload is refused as a whole, with a rule and a sentence that says what to mend; nothing is guessed.

| rule                | what is wrong                                                                 |
|---------------------|-------------------------------------------------------------------------------|
| `invalid-utf8`      | the bytes are not UTF-8; the error names the first bad byte                   |
| `invalid-json`      | the line is not JSON                                                          |
| `not-an-object`     | the line is JSON, but not an object with keys                                 |
| `missing-text`      | there is no key `text`, or it is null                                         |
| `empty-text`        | the text has nothing to read                                                  |
| `mojibake`          | the letters were lost when the text was read in a wrong encoding              |
| `nothing-extracted` | a page without the text of an article                                         |
| `wrong-type:<key>`  | a known key holds a value of another type                                     |

A date that cannot be used is no reason to lose an article: see `tasks/ingest_dates.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from tasks.ingest_dates import Published, read_published, unmarked_date
from tasks.ingest_facts import DECLARED_LANGUAGE, DECLARED_PUBLISHED_AT, KNOWN_KEYS, Document, Facts, RefusedError
from tasks.ingest_json import JsonValue, check_types, read_object
from tasks.ingest_story import read_story
from tasks.normalize import clean_line
from tasks.normalize_signs import signs_of

_BOMS: Final = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def read_document(document: Document) -> Facts:
    """Read a payload by its media type. Raises RefusedError."""
    (facts,) = read_documents([document])
    if isinstance(facts, RefusedError):
        raise facts
    return facts


def read_documents(documents: Sequence[Document]) -> Iterator[Facts | RefusedError]:
    """Read payloads by their media types, each as it would be read alone: its facts, or why it is refused.

    All records are opened first, so that one look over all of their texts tells what is to be done in each.
    """
    opened = [_opened(document) for document in documents]
    signs = iter(signs_of([record.text for record in opened if isinstance(record, _Record)]))
    for document, record in zip(documents, opened, strict=True):
        if isinstance(record, RefusedError):
            yield record
            continue
        try:
            if isinstance(record, _Record):
                yield _read_record(record, document, next(signs))
            else:
                yield record(document)
        except RefusedError as refusal:
            yield refusal


class _Record(NamedTuple):
    """A JSON record that holds what the contract says, and its text."""

    values: dict[str, JsonValue]
    text: str


def _opened(document: Document) -> _Record | Callable[[Document], Facts] | RefusedError:
    """The record of a JSON payload; of any other, what reads it."""
    kind = document.media_type
    if kind not in _READERS:
        kind = kind.partition(";")[0].strip().lower()
    if kind != _JSON:
        return _READERS.get(kind, _read_text)
    try:
        return _open_record(document)
    except RefusedError as refusal:
        return refusal


def _decode(payload: bytes) -> str:
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError as failure:
        encoding = _BOMS.get(payload[:2], "WINDOWS-1256")
        raise RefusedError(
            "invalid-utf8",
            f"byte {failure.start} (0x{payload[failure.start]:02x}) is not UTF-8; the text may be in {encoding}, or be "
            f"cut off. Convert it, and run it again: iconv -f {encoding} -t UTF-8 FILE > NEW.",
        ) from failure


def _read_text(document: Document) -> Facts:
    story = read_story(_decode(document.payload), None, document.fetched_at)
    return Facts(
        text=story.text,
        text_method="text",
        offset_map=story.offset_map,
        title=story.title,
        title_method="heading" if story.title else "none",
        published=story.published or Published(None, None, "plain-text"),
        author=story.author,
    )


def _open_record(document: Document) -> _Record:
    record = read_object(_decode(document.payload).removeprefix("\ufeff"))
    check_types(record)
    text = record.get("text")
    if text is None:
        keys = ", ".join(f"`{key}`" for key in list(record)[:10]) or "none"
        raise RefusedError("missing-text", f"the record has no `text`; its keys are: {keys}")
    return _Record(record, str(text))


def _read_record(opened: _Record, document: Document, signs: int) -> Facts:
    record = opened.values
    given = _line(record, "title")
    story = read_story(opened.text, given, None, signs=signs)
    identifier = record.get("id")
    language = _line(record, "language")
    published, unusable = _published(record, document.fetched_at)
    return Facts(
        text=story.text,
        text_method="record",
        offset_map=story.offset_map,
        title=story.title,
        title_method="record" if given else "heading" if story.title else "none",
        published=published,
        external_id=str(identifier) if isinstance(identifier, int) else _line(record, "id"),
        source=_line(record, "source"),
        url=_line(record, "url"),
        author=_line(record, "author") or story.author,
        extra=_extra(record, language, unusable),
        declared_language=language,
    )


def _read_page(document: Document) -> Facts:
    # Imported late: a run without pages needs no HTML parser.
    from tasks.extraction import read_page

    page = read_page(document.payload, document.uri, document.charset or _charset(document.media_type))
    if page is None:
        raise RefusedError(
            "nothing-extracted",
            "the page holds no text of an article: it may be a list of links, be drawn by a script, or ask for "
            "consent first. Look at it in a browser; where it shows an article, please report the page.",
        )
    dates = [read_published(value, document.fetched_at, method) for value, method in page.dates]
    published = next((date for date in dates if date.at is not None), None)
    story = read_story(page.text, page.title, document.fetched_at, page.runs)
    published = (
        published
        or story.published
        or unmarked_date(page.unmarked, document.fetched_at)
        or (dates[0] if dates else Published(None, None, "not-on-page"))
    )
    unusable = page.dates[0][0] if page.dates and published.at is None else None
    return Facts(
        text=story.text,
        text_method=page.text_method,
        offset_map=story.offset_map if page.runs else None,
        title=story.title,
        title_method=page.title_method if page.title else "heading" if story.title else "none",
        published=published,
        url=page.url,
        author=page.author or story.author,
        extra=_extra({}, page.language, unusable),
        declared_language=page.language,
        encoding=page.encoding,
    )


def _charset(media_type: str) -> str | None:
    """The charset of a Content-Type header: `text/html; charset=windows-1256`."""
    _, found, value = media_type.lower().partition("charset=")
    return value.partition(";")[0].strip(" \"'") or None if found else None


_JSON: Final = "application/json"
_READERS: Final[Mapping[str, Callable[[Document], Facts]]] = {
    "text/plain": _read_text,
    "text/html": _read_page,
    "application/xhtml+xml": _read_page,
}


#: Values that come again and again in the records of a source.
_NAMES: Final = ("source", "author", "language")
_clean_name: Final = lru_cache(maxsize=1024)(clean_line)


def _line(record: Mapping[str, JsonValue], key: str) -> str | None:
    """A value of one line; a blank one says as little as null."""
    value = record.get(key)
    if not isinstance(value, str):
        return None
    return (_clean_name(value) if key in _NAMES else clean_line(value)) or None


def _published(record: Mapping[str, JsonValue], fetched_at: datetime) -> tuple[Published, str | None]:
    """The time of publication, and what was written where it cannot be used."""
    value = _line(record, "published_at")
    if value is None:
        return Published(None, None, "not-in-record"), None
    published = read_published(value, fetched_at)
    return published, None if published.at else value


_quoted: Final[Callable[[str], str]] = json.encoder.encode_basestring
#: Made once: `json.dumps` makes a new one for each call.
_WRITER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


_KNOWN: Final = frozenset(KNOWN_KEYS)


def _extra(record: Mapping[str, JsonValue], language: str | None, unusable: str | None) -> str | None:
    extra = {key: value for key, value in record.items() if key not in _KNOWN}
    if language:
        extra[DECLARED_LANGUAGE] = language
    if unusable:
        extra[DECLARED_PUBLISHED_AT] = unusable
    if not extra:
        return None
    written = _written(extra)
    # Half a surrogate pair is legal in JSON, but no column can hold it other than escaped.
    return written if written.isprintable() or _encodable(written) else json.dumps(extra, sort_keys=True)


def _written(values: Mapping[str, JsonValue]) -> str:
    if all(isinstance(value, str) for value in values.values()):  # nearly always; `encode` sets up a writer each time
        return "{" + ", ".join(f"{_quoted(key)}: {_quoted(str(values[key]))}" for key in sorted(values)) + "}"
    return _WRITER.encode(values)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
