"""A JSON record: an object whose known keys hold what the input contract says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from tasks.ingest_facts import KNOWN_KEYS, RefusedError

JsonValue = object


def read_object(raw: str) -> dict[str, JsonValue]:
    try:
        value = _DECODER.decode(raw)
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


#: Made once: `json.loads` makes a new one for each call that forbids NaN.
_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant)


def check_types(record: Mapping[str, JsonValue]) -> None:
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
