"""The one way into the warehouse: the lease is held, and each commit is one snapshot."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from schemas.errors import WarehouseError
from schemas.operations import TableVersion
from warehouse.commit import Commit, checked, write
from warehouse.connection import Resources, catalog_gone, check_format, connect, explained, not_a_folder, registered
from warehouse.lease import writer_lease
from warehouse.location import CATALOG, Location
from warehouse.tables import ensure_tables, rollback

__all__ = ["Commit", "Writer", "open_writer"]


class Writer:
    """Holds the lease and commits; make it with `open_writer` and use it in a `with` block.

    The catalog is attached for the length of a commit only, so that nobody else ever waits for longer. Threads
    may share a writer; they take turns.
    """

    def __init__(self, location: Location, connection: duckdb.DuckDBPyConnection, held: ExitStack) -> None:
        self.location = location
        self._connection = connection
        self._held = held
        self._turn = threading.Lock()

    def commit(self, commit: Commit) -> int:
        """Write everything in one snapshot and return its id; after any exception nothing of it is there.

        Raises SchemaMismatch or ContractError when a table does not fit its record, WarehouseError when the
        disk is full or the catalog locked, WarehouseDamaged when a file of the warehouse is missing.
        """
        tables = checked(commit)
        connection = self._connection
        with (
            self._turn,
            explained(self.location),
            registered(connection, {"ids": _ids(commit.units + commit.restated)}),
        ):
            connection.execute(self.location.attach_sql(read_only=False))
            try:
                connection.execute("BEGIN")
                try:
                    expected = _last_snapshot(connection) + 1
                    write(connection, commit, tables, expected)
                    connection.execute("COMMIT")
                except BaseException:
                    rollback(connection)
                    raise
                actual = _last_snapshot(connection)
            finally:
                _detach(connection)
        if actual != expected:
            raise WarehouseError(
                f"the commit became snapshot {actual}, not {expected}: something wrote without the lease",
                where=str(self.location.folder),
                hint="Let nothing but rasad write here; rasad sql and DuckDB with READ_ONLY are safe.",
            )
        return actual

    def close(self) -> None:
        """Close DuckDB, then give the lease back."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_writer(
    location: Location, run_id: str, resources: Resources | None = None, *, wait_seconds: float = 0.0
) -> Writer:
    """Take the lease, make the warehouse if there is none, and bring its tables to the records' shape.

    Raises LeaseHeld, WarehouseNewer, WarehouseDamaged, ExtensionMissing or WarehouseError.
    """
    make_folder(location)
    held = ExitStack()
    try:
        held.enter_context(writer_lease(location, run_id, wait_seconds=wait_seconds))
        if not location.exists() and location.has_data():
            raise catalog_gone(location)
        _sweep_spill(location)
        connection = connect(location, resources or Resources())
        held.callback(connection.close)
        with explained(location):
            connection.execute(location.attach_sql(read_only=False))
            try:
                if _has_versions(connection):
                    check_format(location, connection)
                ensure_tables(location, connection)
            finally:
                _detach(connection)
    except BaseException:
        held.close()
        raise
    return Writer(location, connection, held)


def make_folder(location: Location) -> None:
    """Make the warehouse's folder if there is none. Raises WarehouseError where that cannot be."""
    if location.folder.exists() and not location.folder.is_dir():
        raise not_a_folder(location)
    with explained(location):
        location.data.mkdir(parents=True, exist_ok=True)


def _ids(values: tuple[str, ...]) -> pa.Table:
    return pa.table({"id": pa.array(sorted(set(values)), pa.string())})


def _last_snapshot(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute(f"SELECT id FROM {CATALOG}.current_snapshot()").fetchone()
    return int(row[0]) if row else 0


def _has_versions(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND table_name = ?",
        [CATALOG, TableVersion.table.name],
    )
    return found.fetchone() is not None


def _detach(connection: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):  # after a failure there is nothing to add to it
        connection.execute(f"DETACH {CATALOG}")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's process
        return True
    return True


def _sweep_spill(location: Location) -> None:
    """Remove the spill folders of processes that were killed; a folder is named after its process."""
    if not location.spill.is_dir():
        return
    for folder in location.spill.iterdir():
        pid = folder.name.split("-")[0]
        if folder.is_dir() and pid.isdigit() and not _alive(int(pid)):
            with suppress(OSError):
                for file in folder.iterdir():
                    file.unlink()
                folder.rmdir()
