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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tasks.ingest_dates import Published, published_line, read_published
from tasks.ingest_furniture import trim_furniture
from tasks.ingest_text import split_heading
from tasks.mojibake import is_unreadable, repaired
from tasks.normalize import clean_line, clean_text, search_key

JsonValue = object
#: The keys of the input contract; every other key is kept in `extra`.
KNOWN_KEYS: Final = ("id", "source", "url", "title", "text", "author", "published_at", "language")
#: The key of `extra` under which the record's own claim of its language is kept. It is a claim, not a
#: finding: the language stage decides, and hears it only where the text alone leaves doubt.
DECLARED_LANGUAGE: Final = "declared_language"
#: The same for a time of publication that cannot be used.
DECLARED_PUBLISHED_AT: Final = "declared_published_at"
_BOMS: Final = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class RefusedError(ValueError):
    """A payload that cannot be used: `rule` is short and stable, the message a sentence."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Facts:
    """What one payload says of its article; None where it says nothing."""

    text: str
    text_method: str
    title: str | None
    title_method: str
    published: Published
    external_id: str | None = None
    source: str | None = None
    url: str | None = None
    author: str | None = None
    extra: str | None = None
    declared_language: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One row of `raw_documents`, as far as reading it needs."""

    payload: bytes
    media_type: str
    uri: str
    fetched_at: datetime
    charset: str | None = None  # as its server or archive said it


def read_document(document: Document) -> Facts:
    """Read a payload by its media type. Raises RefusedError."""
    kind = document.media_type.partition(";")[0].strip().lower()
    return _READERS.get(kind, _read_text)(document)


def _decode(payload: bytes) -> str:
    try:
        return payload.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as failure:
        encoding = _BOMS.get(payload[:2], "WINDOWS-1256 or another old encoding")
        raise RefusedError(
            "invalid-utf8",
            f"byte {failure.start} (0x{payload[failure.start]:02x}) is not UTF-8; the text may be in "
            f"{encoding}. Convert it first, for example with iconv -f ... -t UTF-8.",
        ) from failure


def _read_text(document: Document) -> Facts:
    published, title, text = _story(_decode(document.payload), None, document.fetched_at)
    return Facts(text, "text", title, "heading" if title else "none", published or Published(None, None, "plain-text"))


def _story(raw: str, given: str | None, fetched_at: datetime | None) -> tuple[Published | None, str | None, str]:
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


def _read_json(document: Document) -> Facts:
    record = _object(_decode(document.payload))
    _check_types(record)
    text = record.get("text")
    if text is None:
        keys = ", ".join(f"`{key}`" for key in list(record)[:10]) or "none"
        raise RefusedError("missing-text", f"the record has no `text`; its keys are: {keys}")
    given = _line(record, "title")
    _, title, body = _story(str(text), given, None)
    identifier = record.get("id")
    language = _line(record, "language")
    published, unusable = _published(record, document.fetched_at)
    return Facts(
        text=body,
        text_method="record",
        title=title,
        title_method="record" if given else "heading" if title else "none",
        published=published,
        external_id=str(identifier) if isinstance(identifier, int) else _line(record, "id"),
        source=_line(record, "source"),
        url=_line(record, "url"),
        author=_line(record, "author"),
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
    dated, title, text = _story(page.text, page.title, document.fetched_at)
    published = published or dated or (dates[0] if dates else Published(None, None, "not-on-page"))
    unusable = page.dates[0][0] if page.dates and published.at is None else None
    return Facts(
        text=text,
        text_method=page.text_method,
        title=title,
        title_method=page.title_method if page.title else "heading" if title else "none",
        published=published,
        url=page.url,
        author=page.author,
        extra=_extra({}, page.language, unusable),
        declared_language=page.language,
    )


def _charset(media_type: str) -> str | None:
    """The charset of a Content-Type header: `text/html; charset=windows-1256`."""
    _, found, value = media_type.lower().partition("charset=")
    return value.partition(";")[0].strip(" \"'") or None if found else None


_READERS: Final[Mapping[str, Callable[[Document], Facts]]] = {
    "text/plain": _read_text,
    "application/json": _read_json,
    "text/html": _read_page,
    "application/xhtml+xml": _read_page,
}


def _object(raw: str) -> dict[str, JsonValue]:
    try:
        value = json.loads(raw, parse_constant=_no_constant)
    except json.JSONDecodeError as failure:
        near = raw[max(0, failure.pos - 20) : failure.pos + 20]
        raise RefusedError(
            "invalid-json", f"the line is not JSON: {failure.msg} at character {failure.pos}, near {near!r}"
        ) from failure
    except (ValueError, RecursionError) as failure:
        raise RefusedError("invalid-json", f"the line cannot be read as JSON: {failure}") from failure
    if not isinstance(value, dict):
        raise RefusedError(
            "not-an-object",
            f'the line is a JSON {_type_name(value)}, but a record is an object such as {{"text": "..."}}',
        )
    return value


def _no_constant(name: str) -> JsonValue:
    raise ValueError(f"{name} is not a JSON value")


def _check_types(record: Mapping[str, JsonValue]) -> None:
    """Known keys hold strings or null; `id` may also be a whole number, as most databases have it."""
    for key in KNOWN_KEYS:
        value = record.get(key)
        if value is None or isinstance(value, str):
            continue
        if key == "id" and isinstance(value, int) and not isinstance(value, bool):
            continue
        hint = " Write it as ISO 8601, such as 2025-10-21T14:30:00Z." if key == "published_at" else ""
        raise RefusedError(
            f"wrong-type:{key}",
            f"`{key}` is a JSON {_type_name(value)} ({str(value)[:60]}), but it must be a string.{hint}",
        )


def _type_name(value: JsonValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def _line(record: Mapping[str, JsonValue], key: str) -> str | None:
    """A value of one line; a blank one says as little as null."""
    value = record.get(key)
    return (clean_line(value) or None) if isinstance(value, str) else None


def _published(record: Mapping[str, JsonValue], fetched_at: datetime) -> tuple[Published, str | None]:
    """The time of publication, and what was written where it cannot be used."""
    value = _line(record, "published_at")
    if value is None:
        return Published(None, None, "not-in-record"), None
    published = read_published(value, fetched_at)
    return published, None if published.at else value


def _extra(record: Mapping[str, JsonValue], language: str | None, unusable: str | None) -> str | None:
    extra = {key: value for key, value in record.items() if key not in KNOWN_KEYS}
    if language:
        extra[DECLARED_LANGUAGE] = language
    if unusable:
        extra[DECLARED_PUBLISHED_AT] = unusable
    if not extra:
        return None
    written = json.dumps(extra, ensure_ascii=False, sort_keys=True)
    # Half a surrogate pair is legal in JSON, but no column can hold it other than escaped.
    return written if written.isprintable() or _encodable(written) else json.dumps(extra, sort_keys=True)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
