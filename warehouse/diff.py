"""What a run changed: the rows of two snapshots, compared by key."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from schemas.catalog import TABLES
from schemas.errors import QueryError, WarehouseError
from schemas.operations import TableVersion
from schemas.record import Record
from warehouse.connection import Reader
from warehouse.explain import explained
from warehouse.sql_models import quoted

#: Columns that say when and by what a row was written, not what it says.
STAMPS = frozenset({"run_id", "stage_version", "rejected_at", "found_at", "started_at", "seconds", "snapshot_id"})


@dataclass(frozen=True, slots=True)
class TableDiff:
    """Rows of one table that came, went, or say something else under the same key."""

    table: str
    added: int
    changed: int
    removed: int


def diff(reader: Reader, before: str, after: str) -> tuple[TableDiff, ...]:
    """How the tables after one run differ from those after another; tables without a difference are left out.

    Stamps (run, version, times of writing) are not compared. Raises QueryError for a run that is not on record,
    WarehouseError when its snapshot has been expired.
    """
    first, second = _snapshot(reader, before), _snapshot(reader, after)
    found = []
    for record in TABLES:
        if record is TableVersion:
            continue
        table = _compare(reader, record, first, second)
        if table.added or table.changed or table.removed:
            found.append(table)
    return tuple(found)


def _snapshot(reader: Reader, run_id: str) -> int:
    snapshot = reader.value("SELECT max(snapshot_id) FROM runs WHERE run_id = ?", [run_id])
    if not isinstance(snapshot, int):
        raise QueryError(
            f"no run {run_id!r} has committed anything",
            hint='See the runs: rasad sql "SELECT DISTINCT run_id FROM runs ORDER BY run_id".',
        )
    known = reader.value("SELECT count(*) FROM ducklake_snapshots('rasad') WHERE snapshot_id = ?", [snapshot])
    if not known:
        raise WarehouseError(
            f"snapshot {snapshot} of run {run_id} has been expired",
            where=str(reader.location.folder),
            hint="Compare later runs; rasad maintain --keep-days N keeps snapshots for longer.",
        )
    return snapshot


def _compare(reader: Reader, record: type[Record], first: int, second: int) -> TableDiff:
    name = record.table.name
    old, new = _columns(reader, name, first), _columns(reader, name, second)
    if not old or not new:
        count = 0
        if old or new:
            present = first if old else second
            count = int(str(reader.value(f"SELECT count(*) FROM {quoted(name)} AT (VERSION => {present})")))
        return TableDiff(name, 0 if old else count, 0, count if old else 0)
    key = ", ".join(map(quoted, record.table.key))
    said = ", ".join(quoted(c) for c in old if c in new and c not in STAMPS)
    side = f"SELECT ({key}) AS key, hash({said}) AS said FROM {quoted(name)} AT (VERSION => "
    row = reader.query(
        f"""
        SELECT
            count(*) FILTER (before.key IS NULL) AS added,
            count(*) FILTER (before.said <> later.said) AS changed,
            count(*) FILTER (later.key IS NULL) AS removed
        FROM ({side}{first})) AS before FULL JOIN ({side}{second})) AS later ON later.key = before.key
        """
    ).to_pylist()[0]
    return TableDiff(name, row["added"], row["changed"], row["removed"])


def _columns(reader: Reader, name: str, snapshot: int) -> list[str]:
    """The table's columns at a snapshot; none where it did not exist yet."""
    with reader.turn, explained(reader.location):
        try:
            found = reader.connection.execute(f"SELECT * FROM {quoted(name)} AT (VERSION => {snapshot}) LIMIT 0")
        except duckdb.CatalogException:
            return []
        return [column[0] for column in found.description]
