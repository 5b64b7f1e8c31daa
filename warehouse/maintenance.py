"""Maintenance: merge small files, expire old snapshots, remove files that nothing needs.

Never needed for correctness; every commit leaves small files, and merging them makes queries faster. Each step is
a transaction of its own, so a killed maintenance leaves a whole warehouse, and the next one goes on.

Memory is bounded: one thread, a connection of its own, a few files at a time. Files go only when they have been
out of use for longer than the longest query may last (DuckLake once deleted live ones: ducklake#815).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from schemas.catalog import TABLES
from warehouse.connection import Resources, open_reader
from warehouse.location import CATALOG, Location
from warehouse.writer import Writer, open_writer

#: One thread and 1 GB merge files of 128 MB with room to spare.
RESOURCES = Resources(memory_limit="1GB", threads=1)
TARGET_FILE_SIZE = "128MB"
#: A file of a tenth of the target is worth merging.
SMALL_BYTES = 128_000_000 // 10
FILES_AT_ONCE = 50
#: Where a third of a file's rows are deleted, it is written anew without them.
DELETED_SHARE = 0.33
#: Longer than any query lasts.
FILE_GRACE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """What was done, or (with `is_dry`) would be done."""

    is_dry: bool
    merged_files: dict[str, int]
    expired_snapshots: int
    removed_files: int
    orphaned_files: int
    files_before: int
    files_after: int


def maintain(
    location: Location,
    run_id: str,
    *,
    keep: timedelta,
    file_grace: timedelta = FILE_GRACE,
    dry_run: bool = False,
    resources: Resources = RESOURCES,
) -> Maintenance:
    """Merge, expire, clean up; with `dry_run`, say what that would be, and change nothing.

    `keep` is how long snapshots stay (the latest always does), `file_grace` how long files stay that no snapshot
    needs. Raises LeaseHeld when another process is writing.
    """
    open_reader(location, resources).close()  # a folder without a warehouse gets none from here
    with open_writer(location, run_id, resources) as writer:
        if dry_run:
            return _dry(writer, keep, file_grace)
        before = _files(writer)
        merged = {}
        with writer.attached() as connection:
            connection.execute(f"CALL {CATALOG}.set_option('target_file_size', ?)", [TARGET_FILE_SIZE])
            for record in TABLES:
                count = _merge(connection, record.table.name)
                if count:
                    merged[record.table.name] = count
            expired = _rows(connection, _expire(dry_run=False), keep)
            removed = _rows(connection, _clean("cleanup_old_files", dry_run=False), file_grace)
            orphaned = _rows(connection, _clean("delete_orphaned_files", dry_run=False), file_grace)
            if location.store is None:
                _remove_empty_folders(location.data)
        return Maintenance(False, merged, expired, removed, orphaned, before, _files(writer))


def _dry(writer: Writer, keep: timedelta, file_grace: timedelta) -> Maintenance:
    small: dict[str, int] = {}
    with writer.attached() as connection:
        for record in TABLES:
            row = connection.execute(
                "SELECT count(*) FROM ducklake_list_files(?, ?) WHERE data_file_size_bytes < ?",
                [CATALOG, record.table.name, SMALL_BYTES],
            ).fetchone()
            if row and row[0] > 1:
                small[record.table.name] = row[0]
        expired = _rows(connection, _expire(dry_run=True), keep)
        removed = _rows(connection, _clean("cleanup_old_files", dry_run=True), file_grace)
        orphaned = _rows(connection, _clean("delete_orphaned_files", dry_run=True), file_grace)
    count = _files(writer)
    return Maintenance(True, small, expired, removed, orphaned, count, count)


def _merge(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Write files anew that are mostly deleted, then merge neighbours until nothing is left to merge."""
    connection.execute(
        f"CALL ducklake_rewrite_data_files('{CATALOG}', ?, delete_threshold => {DELETED_SHARE})", [table]
    )
    merged = 0
    while True:
        rows = connection.execute(
            f"CALL ducklake_merge_adjacent_files('{CATALOG}', ?, max_compacted_files => {FILES_AT_ONCE})", [table]
        ).fetchall()
        if not rows:
            return merged
        merged += sum(int(row[2]) for row in rows)


def _expire(*, dry_run: bool) -> str:
    return f"CALL ducklake_expire_snapshots('{CATALOG}', dry_run => {dry_run}, older_than => {{moment}})"


def _clean(function: str, *, dry_run: bool) -> str:
    return f"CALL ducklake_{function}('{CATALOG}', dry_run => {dry_run}, older_than => {{moment}})"


def _rows(connection: duckdb.DuckDBPyConnection, call: str, age: timedelta) -> int:
    moment = f"now() - INTERVAL {int(age.total_seconds())} SECOND"
    return len(connection.execute(call.format(moment=moment)).fetchall())


def _files(writer: Writer) -> int:
    """How many data files the latest snapshot has."""
    with writer.attached() as connection:
        row = connection.execute(
            "SELECT CAST(sum(file_count) AS BIGINT) FROM ducklake_table_info(?)", [CATALOG]
        ).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def _remove_empty_folders(data: Path) -> None:
    for folder in sorted((f for f in data.rglob("*") if f.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
