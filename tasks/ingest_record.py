"""One payload, read: a plain text or a JSON record becomes the facts of an article, or is refused.

A payload is refused as a whole, with a rule and a sentence that says what to mend; nothing is guessed.

| rule                  | what is wrong                                                        |
|-----------------------|----------------------------------------------------------------------|
| `invalid-utf8`        | the bytes are not UTF-8; the error names the first bad byte          |
| `invalid-json`        | the line is not JSON                                                 |
| `not-an-object`       | the line is JSON, but not an object with keys                        |
| `missing-text`        | there is no key `text`, or it is null                                |
| `empty-text`          | the text has nothing to read                                         |
| `wrong-type:<key>`    | a known key holds a value of another type                            |
| `unreadable-date`     | `published_at` is of no known form, such as ISO 8601                 |
| `impossible-date`     | `published_at` names a day or hour that does not exist, or a far one |
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tasks.ingest_dates import BadDateError, Published, read_published
from tasks.ingest_text import split_heading, trim_furniture
from tasks.normalize import clean_line, clean_text

JsonValue = object
#: The keys of the input contract; every other key is kept in `extra`.
KNOWN_KEYS: Final = ("id", "source", "url", "title", "text", "author", "published_at", "language")
#: The key of `extra` under which the record's own claim of its language is kept. It is a claim, not a
#: finding: the language stage decides, and hears it only where the text alone leaves doubt.
DECLARED_LANGUAGE: Final = "declared_language"
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
    title: str | None
    title_method: Literal["record", "heading", "none"]
    published: Published
    external_id: str | None = None
    source: str | None = None
    url: str | None = None
    author: str | None = None
    extra: str | None = None
    declared_language: str | None = None


def read_payload(payload: bytes, media_type: str) -> Facts:
    """Read a payload by its media type. Raises RefusedError."""
    return _READERS.get(media_type, _read_text)(_decode(payload))


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


def _read_text(raw: str) -> Facts:
    title, text = _title_and_text(raw, None)
    return Facts(text, title, "heading" if title else "none", Published(None, None, "plain-text"))


def _title_and_text(raw: str, given: str | None) -> tuple[str | None, str]:
    text = clean_text(raw)
    if not text:
        raise RefusedError("empty-text", "the text is empty: there is nothing to read but spaces and invisible signs")
    text = trim_furniture(text)
    return (given, text) if given else split_heading(text)


def _read_json(raw: str) -> Facts:
    record = _object(raw)
    _check_types(record)
    text = record.get("text")
    if text is None:
        keys = ", ".join(f"`{key}`" for key in list(record)[:10]) or "none"
        raise RefusedError("missing-text", f"the record has no `text`; its keys are: {keys}")
    given = _line(record, "title")
    title, body = _title_and_text(str(text), given)
    identifier = record.get("id")
    language = _line(record, "language")
    return Facts(
        text=body,
        title=title,
        title_method="record" if given else "heading" if title else "none",
        published=_published(record),
        external_id=str(identifier) if isinstance(identifier, int) else _line(record, "id"),
        source=_line(record, "source"),
        url=_line(record, "url"),
        author=_line(record, "author"),
        extra=_extra(record, language),
        declared_language=language,
    )


_READERS: Final[Mapping[str, Callable[[str], Facts]]] = {
    "text/plain": _read_text,
    "application/json": _read_json,
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


def _published(record: Mapping[str, JsonValue]) -> Published:
    value = _line(record, "published_at")
    if value is None:
        return Published(None, None, "not-in-record")
    try:
        return read_published(value)
    except BadDateError as failure:
        raise RefusedError(failure.rule, f"{failure}. Mend it, or leave `published_at` out.") from failure


def _extra(record: Mapping[str, JsonValue], language: str | None) -> str | None:
    extra = {key: value for key, value in record.items() if key not in KNOWN_KEYS}
    if language:
        extra[DECLARED_LANGUAGE] = language
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
