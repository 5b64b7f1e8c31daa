"""What a stage is: a plain function over Arrow tables, with a name, a version, what it reads and writes.

A stage knows no Prefect, no warehouse, no clock. `flows/engine.py` runs any of them: it reads what is due,
calls `work`, validates every table against its record, checks that no row vanished, commits and reports.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from schemas.record import Record, made_schema

#: A row while a stage puts it together, by column; `table_of` and then the record say whether it is one.
Row = dict[str, Any]


def table_of(record: type[Record], rows: Sequence[Row]) -> pa.Table:
    """The rows of a stage in the columns that it makes of a record; ArrowInvalid for a value of another type."""
    return pa.Table.from_pylist(rows, schema=made_schema(record))


class Lookup(Protocol):
    """A read-only question to the warehouse, as a stage may ask it.

    The query names warehouse tables plainly (`FROM articles`) and the given Arrow tables by their keys.
    """

    def __call__(self, query: str, **tables: pa.Table) -> pa.Table: ...


@dataclass(frozen=True, slots=True)
class Rejected:
    """A unit that could not be used: rule is a short stable name, error a sentence for a person."""

    unit_id: str
    rule: str
    error: str
    payload: bytes = b""
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class Excluded:
    """A unit that is left out on purpose, with a short stable reason."""

    unit_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class StageInput:
    """A batch of due units.

    `units` are the ids of the batch; `tables` holds, for each record that the stage reads, the rows that
    belong to those units, ordered by the record's key.
    """

    units: tuple[str, ...]
    tables: Mapping[str, pa.Table]
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class StageOutput:
    """What became of a batch: every unit is in `rejected`, in `excluded`, or done.

    `tables` holds rows for each record that the stage writes, without `run_id` and `stage_version` (the
    engine stamps them; rows that carry both already keep theirs). The rows replace what the warehouse holds
    for the batch's units, and for the further ids in `restated`.
    """

    tables: Mapping[str, pa.Table]
    rejected: tuple[Rejected, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    restated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the pipeline.

    `unit` is the column that says to which unit a row belongs. `after` names the stages whose keys make this
    one due again; an article that one of them rejected does not get here. `model_version` is asked only when
    the stage is planned or run, since finding it out may mean reading model files.

    `ahead` promises that `work` gives the same whatever other batches of this stage have committed, so that workers
    may do it before those are; what does depend on them is left to `settle`, which follows in order, before the commit.
    """

    name: str
    version: str
    reads: tuple[type[Record], ...]
    writes: tuple[type[Record], ...]
    work: Callable[[StageInput], StageOutput]
    unit: str = "article_id"
    after: tuple[str, ...] = ()
    model_version: Callable[[], str | None] = field(default=lambda: None)
    ahead: bool = False
    settle: Callable[[StageOutput, Lookup], StageOutput] = field(default=lambda output, lookup: output)


def stable_id(*parts: str) -> str:
    """32 hex digits that depend on the parts alone (unit separators keep `a, bc` and `ab, c` apart)."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
