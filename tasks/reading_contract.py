"""What a source's records may hold: its column map, and its contract for everything else.

The four modes, for a key that is neither of the input contract nor declared in `extra_keys`, and for a value of
a known key that is of another type than a string:

| mode            | an unexpected key                    | a value of another type            |
|-----------------|--------------------------------------|------------------------------------|
| `evolve`        | kept in `articles.extra`             | the record is rejected by `ingest` |
| `freeze`        | ends the source's run                | ends the source's run              |
| `discard_row`   | the record is rejected here          | the record is rejected here        |
| `discard_value` | left out of the record, and counted  | left out, and counted              |
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from schemas.errors import SourceChanged
from schemas.sources import CONTRACT_KEYS, Source
from tasks.normalize import search_key
from tasks.reading_documents import InputFile
from tasks.stage import Rejected


@lru_cache(maxsize=1000)
def _spelling(column: str) -> str:
    """A column's name for comparing: windows-1256 has no Persian yeh, so «تیتر» is written «تيتر» there."""
    return column if column.isascii() else search_key(column)


class Contract:
    """How the records of one source are taken in; `passed` counts what `discard_value` left out."""

    def __init__(self, source: Source | None, passed: Counter[str]) -> None:
        self.source = source
        self.passed = passed
        self.columns: Mapping[str, str] = source.columns if source else {}
        self.encoding = source.encoding if source else "utf-8"
        self._keys = {own: key for key, own in self.columns.items()}
        self._spelled = {_spelling(own): own for own in self._keys}
        self._mode = source.contract if source else "evolve"
        self._expected = frozenset(CONTRACT_KEYS) | frozenset(source.extra_keys if source else ())

    @property
    def active(self) -> bool:
        """Whether records have to be looked into at all."""
        return bool(self._keys) or self._mode != "evolve"

    def named(self, columns: Iterable[str]) -> list[str]:
        """What the columns of the source are called in a record. A mapped column hides another of its new name.

        Where a declared spelling is there, a column of another spelling is not it, and keeps its own name.
        """
        columns = list(columns)
        return [self._named(column, columns) for column in columns]

    def _named(self, column: str, beside: Sequence[str]) -> str:
        key = self._keys.get(column)
        if key is None and (own := self._spelled.get(_spelling(column))) and own not in beside:
            key = self._keys[own]
        return key or (f"{column}_unmapped" if column in self.columns else column)

    def absent(self, columns: Iterable[str]) -> list[str]:
        """The mapped columns that are not there in any spelling."""
        there = {_spelling(column) for column in columns}
        return [own for own in self._keys if _spelling(own) not in there]

    def admit_line(self, payload: bytes, file: InputFile, uri: str) -> bytes | Rejected:
        """A line of JSON as the contract lets it in. What is no JSON object is left for `ingest` to explain."""
        try:
            record = json.loads(payload)
        except (ValueError, RecursionError):
            return payload
        if not isinstance(record, dict):
            return payload
        renamed = dict(zip(self.named(record), record.values(), strict=True))
        return self.admit(renamed, file, uri, payload if renamed == record else None)

    def admit(
        self, record: dict[str, object], file: InputFile, uri: str, written: bytes | None = None
    ) -> bytes | Rejected:
        """A record, with its keys already renamed, as the bytes of a JSON object.

        `written` are the bytes that it came as, kept where nothing of it changes. Raises SourceChanged in a
        frozen source.
        """
        if self._mode != "evolve":
            faults = {key: fault for key, value in record.items() if (fault := self._fault(key, value))}
            if faults and self._mode == "discard_value":
                for key in faults:
                    self.passed[f"values of {key}, left out by the contract"] += 1
                record = {key: value for key, value in record.items() if key not in faults}
                written = None
            elif faults:
                return self._refuse(faults, file, uri, record)
        return written if written is not None else write_record(record)

    def _fault(self, key: str, value: object) -> str | None:
        if key not in self._expected:
            return "is not expected"
        if value is None or isinstance(value, str) or key not in CONTRACT_KEYS:
            return None
        if key == "id" and isinstance(value, int) and not isinstance(value, bool):
            return None
        return f"is no string ({str(value)[:40]})"

    def _refuse(self, faults: Mapping[str, str], file: InputFile, uri: str, record: dict[str, object]) -> Rejected:
        said = "; ".join(f"`{key}` {fault}" for key, fault in faults.items())
        if self._mode == "freeze":
            raise SourceChanged(
                f"the source {file.source} is frozen, and a record has changed its shape: {said}",
                where=uri,
                hint="Add the key to its `extra_keys` or `columns`, or choose another `contract`, then run again.",
            )
        rule = "unexpected-key" if "is not expected" in faults.values() else "unexpected-type"
        error = f"{uri}: {said}, and the contract of {file.source} is to leave out such rows (discard_row)."
        return file.refuse_part(rule, error, uri, write_record(record))


def write_record(record: Mapping[str, object]) -> bytes:
    """A record as the bytes of a JSON object, in the order of its keys."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
