"""Check a batch as columns; let Pydantic explain the few rows that fail.

The column mask marks *suspects*: it may mark too many, never too few (a property test compares it with
Pydantic). Pydantic then decides about each suspect and words the error. Clean data never become Python
objects, which is what makes this some twenty times faster than validating row by row.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import annotated_types
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import ValidationError

from schemas.errors import SchemaMismatch
from schemas.record import Column, Ordered, Record, arrow_schema, columns, constraints

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Invalid:
    """One row that does not fit its record: its place in the batch, the rule and the explanation."""

    row: int
    rule: str
    error: str


@dataclass(frozen=True, slots=True)
class Validated:
    """A batch split in two: the rows that fit, in order, and what is wrong with each other one."""

    rows: pa.Table
    invalid: tuple[Invalid, ...]


def validate(record: type[Record], table: pa.Table) -> Validated:
    """Split a batch into valid rows and explained failures.

    Columns in: those of the record, in any order; columns out: the record's Arrow schema.
    Raises SchemaMismatch when a column is missing, unknown or of another type.
    """
    table = conform(record, table)
    suspects = np.flatnonzero(suspect_mask(record, table))
    if not len(suspects):
        return Validated(table, ())
    invalid: list[Invalid] = []
    for position, row in zip(suspects.tolist(), table.take(pa.array(suspects)).to_pylist(), strict=True):
        try:
            record.model_validate(row)
        except ValidationError as failure:
            invalid.append(Invalid(position, *_explain(failure)))
    keep = np.ones(table.num_rows, dtype=np.bool_)
    keep[[fault.row for fault in invalid]] = False
    return Validated(table.filter(pa.array(keep)), tuple(invalid))


def conform(record: type[Record], table: pa.Table) -> pa.Table:
    """Order the columns as declared and cast them; nothing else is changed.

    Nullability is checked as a rule on rows, not as a cast, so that one null costs one row, not the batch.
    """
    schema = arrow_schema(record)
    missing = [name for name in schema.names if name not in table.column_names]
    unknown = [name for name in table.column_names if name not in schema.names]
    if missing or unknown:
        raise SchemaMismatch(
            f"the batch lacks the columns {missing} and has the unknown columns {unknown}",
            where=f"table {record.table.name}",
            hint="Make the stage return exactly the columns of the record in schemas/.",
        )
    loose = pa.schema([_loose(f) for f in schema], metadata=schema.metadata)
    try:
        return table.select(schema.names).cast(loose)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as failure:
        raise SchemaMismatch(
            f"the batch cannot be cast to the declared types: {failure}",
            where=f"table {record.table.name}",
            hint="Make the stage return the types of the record in schemas/.",
        ) from failure


def _loose(field: pa.Field) -> pa.Field:
    """The field with nulls allowed, inside structs and lists too."""
    kind = field.type
    if pa.types.is_struct(kind):
        kind = pa.struct([_loose(part) for part in kind])
    elif pa.types.is_list(kind):
        kind = pa.list_(_loose(kind.value_field))
    return pa.field(field.name, kind, True)


def suspect_mask(record: type[Record], table: pa.Table) -> Mask:
    """True for each row that Pydantic must look at."""
    suspects = np.zeros(table.num_rows, dtype=np.bool_)
    for column in columns(record):
        suspects |= _column_suspects(column, table[column.name])
    for rule in record.table.orders:
        suspects |= _order_suspects(rule, table)
    return suspects


def _column_suspects(column: Column, values: pa.ChunkedArray) -> Mask:
    suspects = np.zeros(len(values), dtype=np.bool_)
    if not column.nullable and values.null_count:
        suspects |= _as_mask(pc.is_null(values))
    if column.choices:
        allowed = pa.array(column.choices, pa.string())
        suspects |= ~_as_mask(pc.is_in(values, allowed)) & ~_as_mask(pc.is_null(values))
    if pa.types.is_floating(column.arrow_type):
        suspects |= _as_mask(pc.is_nan(values))
    if pa.types.is_nested(column.arrow_type):
        return np.ones(len(values), dtype=np.bool_)  # few tables have them: Pydantic reads every row
    for constraint in constraints(column.info):
        suspects |= _constraint_suspects(constraint, values)
    return suspects


def _constraint_suspects(constraint: object, values: pa.ChunkedArray) -> Mask:
    match constraint:
        case annotated_types.Ge(ge=limit):
            return _fails(pc.greater_equal, values, limit)
        case annotated_types.Gt(gt=limit):
            return _fails(pc.greater, values, limit)
        case annotated_types.Le(le=limit):
            return _fails(pc.less_equal, values, limit)
        case annotated_types.Lt(lt=limit):
            return _fails(pc.less, values, limit)
        case annotated_types.MinLen(min_length=1):  # bytes tell it too, and need not be read
            return _fails(pc.greater_equal, pc.binary_length(values), 1)
        case annotated_types.MinLen(min_length=limit):
            return _fails(pc.greater_equal, _lengths(values), limit)
        case annotated_types.MaxLen(max_length=limit):
            return _fails(pc.less_equal, _lengths(values), limit)
    pattern = getattr(constraint, "pattern", None)
    if isinstance(pattern, str | re.Pattern):
        text = pattern if isinstance(pattern, str) else pattern.pattern
        # RE2 without the multi-line flag, as Pydantic's own engine; anything it cannot read is a suspect.
        return ~_as_mask(pc.match_substring_regex(values, text)) & ~_as_mask(pc.is_null(values))
    return np.ones(len(values), dtype=np.bool_)


def _lengths(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_length(values) if pa.types.is_binary(values.type) else pc.utf8_length(values)


def _fails(holds: Callable[[pa.ChunkedArray, object], pa.ChunkedArray], values: pa.ChunkedArray, limit: object) -> Mask:
    return ~_as_mask(pc.fill_null(holds(values, limit), True))


def _order_suspects(rule: Ordered, table: pa.Table) -> Mask:
    compare = pc.less if rule.strict else pc.less_equal
    return ~_as_mask(pc.fill_null(compare(table[rule.low], table[rule.high]), True))


def _as_mask(values: pa.ChunkedArray) -> Mask:
    mask: Mask = np.asarray(pc.fill_null(values, False).combine_chunks())
    return mask.astype(np.bool_, copy=False)


def _explain(failure: ValidationError) -> tuple[str, str]:
    """A short, stable rule name such as `text:string_too_short`, and the sentence for a person."""
    details = failure.errors(include_url=False, include_input=False)
    rules = [f"{'.'.join(str(p) for p in d['loc']) or 'row'}:{d['type']}" for d in details]
    sentences = [f"{'.'.join(str(p) for p in d['loc']) or 'row'}: {d['msg']}" for d in details]
    return rules[0], "; ".join(sentences)
