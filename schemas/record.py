"""One definition of a row, from which every other shape is derived.

A table is a frozen, strict Pydantic model. Its Arrow schema, DuckDB column list, JSON Schema,
data-dictionary page and fingerprint all come from that class, so they cannot disagree.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Literal, Self, Union, get_args, get_origin

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

from schemas.errors import ContractError

#: 32 hex digits = 128 bits: two of a billion ids collide with a chance of about 1e-21.
Identifier = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
#: A SHA-256 digest in hex.
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
#: An ISO 639-1 or 639-3 code, or `und`.
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Offset = Annotated[int, Field(ge=0)]

_ARROW_TYPES: Mapping[object, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
    datetime: pa.timestamp("us", tz="UTC"),
    date: pa.date32(),
}
_SQL_TYPES: Mapping[pa.DataType, str] = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.binary(): "BLOB",
    pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
    pa.date32(): "DATE",
}


@dataclass(frozen=True, slots=True)
class Ordered:
    """A rule across two columns: `low` before `high` wherever both are set."""

    low: str
    high: str
    strict: bool = True

    @property
    def name(self) -> str:
        return f"{self.low} {'<' if self.strict else '<='} {self.high}"


@dataclass(frozen=True, slots=True)
class TableSpec:
    """What a table is, beyond its columns.

    `key` names the columns that tell rows apart; `owner` the column by whose values rows are replaced
    when their article (or document, or entity) is computed again.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    owner: str
    orders: tuple[Ordered, ...] = ()


class Part(BaseModel):
    """A nested value inside a record: an Arrow struct."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Record(BaseModel):
    """The base of every table row. Subclasses set `table` and describe every field."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
    table: ClassVar[TableSpec]

    @model_validator(mode="after")
    def _ordered_columns(self) -> Self:
        for rule in self.table.orders:
            low, high = getattr(self, rule.low), getattr(self, rule.high)
            if low is None or high is None:
                continue
            if low > high or (rule.strict and low == high):
                raise ValueError(f"{rule.name} does not hold: {low} and {high}")
        return self


class StampedRecord(Record):
    """A row that says which run and which version of its stage made it."""

    run_id: str = Field(description="The run that wrote this row; see `runs`.", min_length=1)
    stage_version: str = Field(description="The version of the stage's code that made it.", min_length=1)


@dataclass(frozen=True, slots=True)
class Column:
    """One column, as every derived shape needs it."""

    name: str
    arrow_type: pa.DataType
    nullable: bool
    description: str
    choices: tuple[str, ...]
    info: FieldInfo

    @property
    def sql_type(self) -> str:
        return sql_type(self.arrow_type)


def columns(record: type[BaseModel]) -> tuple[Column, ...]:
    """The columns of a record (or of a nested part), own columns first, the stamp last."""
    stamp = list(StampedRecord.model_fields)
    names = [n for n in record.model_fields if n not in stamp]
    names += [n for n in stamp if n in record.model_fields]
    return tuple(_column(record, name) for name in names)


def _column(record: type[BaseModel], name: str) -> Column:
    info = record.model_fields[name]
    inner, nullable = _without_none(info.annotation)
    choices = tuple(str(c) for c in get_args(inner)) if get_origin(inner) is Literal else ()
    if not info.description:
        raise ContractError(
            f"the field {record.__name__}.{name} has no description",
            hint="Describe it in schemas/: the data dictionary is made from it.",
        )
    return Column(name, _arrow_type(inner), nullable, info.description, choices, info)


def _without_none(annotation: object) -> tuple[object, bool]:
    if get_origin(annotation) is Annotated:
        return _without_none(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        options = [a for a in get_args(annotation) if a is not NoneType]
        if len(options) == 1:
            return _without_none(options[0])[0], True
    return annotation, False


def _arrow_type(annotation: object) -> pa.DataType:
    if annotation in _ARROW_TYPES:
        return _ARROW_TYPES[annotation]
    if get_origin(annotation) is Literal:
        return pa.string()
    if get_origin(annotation) is list:
        item, _ = _without_none(get_args(annotation)[0])
        return pa.list_(pa.field("element", _arrow_type(item)))
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return pa.struct([pa.field(c.name, c.arrow_type, c.nullable) for c in columns(annotation)])
    raise ContractError(f"no Arrow type is known for {annotation!r}", hint="Use one of the types in schemas/record.py.")


def arrow_schema(record: type[Record]) -> pa.Schema:
    """The Arrow schema of a table, with nullability and the record's fingerprint in its metadata."""
    fields = [pa.field(c.name, c.arrow_type, c.nullable) for c in columns(record)]
    return pa.schema(fields, metadata={"rasad.table": record.table.name, "rasad.fingerprint": fingerprint(record)})


def made_schema(record: type[Record]) -> pa.Schema:
    """The columns that a stage makes: all but the stamp (`run_id`, `stage_version`), which the engine adds."""
    return pa.schema([field for field in arrow_schema(record) if field.name not in StampedRecord.model_fields])


def sql_type(arrow_type: pa.DataType) -> str:
    """DuckDB's name for an Arrow type."""
    if arrow_type in _SQL_TYPES:
        return _SQL_TYPES[arrow_type]
    if pa.types.is_list(arrow_type):
        return f"{sql_type(arrow_type.value_type)}[]"
    inner = ", ".join(f'"{f.name}" {sql_type(f.type)}' for f in arrow_type)
    return f"STRUCT({inner})"


def sql_columns(record: type[Record]) -> str:
    """The column list of `CREATE TABLE`. DuckLake knows NOT NULL alone; keys are audited instead."""
    return ",\n  ".join(f'"{c.name}" {c.sql_type}{"" if c.nullable else " NOT NULL"}' for c in columns(record))


def fingerprint(record: type[Record]) -> str:
    """16 hex digits that change whenever the shape or the rules of the table change, wording apart."""
    shape: dict[str, Any] = {
        "table": record.table.name,
        "key": record.table.key,
        "owner": record.table.owner,
        "orders": [rule.name for rule in record.table.orders],
        "columns": [
            [c.name, c.sql_type, c.nullable, c.choices, [repr(m) for m in constraints(c.info)]] for c in columns(record)
        ],
    }
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]


def constraints(info: FieldInfo) -> list[object]:
    """The constraints on a field, those inside `X | None` included."""
    found: list[object] = list(info.metadata)
    queue: list[object] = [info.annotation]
    while queue:
        annotation = queue.pop()
        if get_origin(annotation) is Annotated:
            inner, *metadata = get_args(annotation)
            for item in metadata:
                found.extend(item.metadata if isinstance(item, FieldInfo) else [item])
            queue.append(inner)
        elif get_origin(annotation) in (Union, UnionType):
            queue.extend(get_args(annotation))
    return found
