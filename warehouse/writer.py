"""The one way into the warehouse: the lease is held, and each commit is one snapshot."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import WarehouseError
from schemas.operations import TableVersion
from warehouse.audits import audit
from warehouse.commit import Commit, checked, write
from warehouse.connection import Closing, Resources, check_format, connect, registered
from warehouse.explain import catalog_gone, explained, not_a_folder
from warehouse.lease import Lease, writer_lease
from warehouse.location import CATALOG, Location
from warehouse.tables import ensure_tables, qualified, rollback

__all__ = ["Commit", "Writer", "open_writer"]


class Writer(Closing):
    """Holds the lease and commits; make it with `open_writer` and use it in a `with` block.

    The catalog is attached for the length of a commit only, so that nobody else ever waits for longer. Threads
    may share a writer; they take turns.
    """

    def __init__(
        self,
        location: Location,
        connection: duckdb.DuckDBPyConnection,
        held: ExitStack,
        migrated: tuple[str, ...] = (),
        lease: Lease | None = None,
    ) -> None:
        self.location = location
        #: What was done to tables and views when the writer was opened, a line each.
        self.migrated = migrated
        self._connection = connection
        self._held = held
        self._lease = lease
        self._turn = threading.Lock()
        #: Stages of which no rejection is open; nobody else can add one while the lease is held.
        self._clean: set[str] = set()

    def commit(self, commit: Commit) -> int:
        """Write everything in one snapshot and return its id; after any exception nothing of it is there.

        Raises SchemaMismatch or ContractError when a table does not fit its record, AuditFailed when the rows
        contradict each other, WarehouseError when the disk is full or the catalog locked, WarehouseDamaged when
        a file of the warehouse is missing.
        """
        tables = checked(commit)

        def work(connection: duckdb.DuckDBPyConnection, snapshot_id: int) -> None:
            with registered(connection, {"ids": _ids(commit.units + commit.restated)}):
                write(connection, commit, tables, snapshot_id, self._clean)
                audit(connection, commit, tables)

        return self._transaction(work)

    def change(self, run_id: str, message: str, work: Callable[[duckdb.DuckDBPyConnection, int], None]) -> int:
        """Any other change in one snapshot, with its run and message; returns the snapshot's id."""

        def noted(connection: duckdb.DuckDBPyConnection, snapshot_id: int) -> None:
            work(connection, snapshot_id)
            connection.execute(
                f"CALL {CATALOG}.set_commit_message(?, ?, extra_info => ?)",
                ["rasad", message, json.dumps({"run_id": run_id})],
            )

        return self._transaction(noted)

    def _transaction(self, work: Callable[[duckdb.DuckDBPyConnection, int], None]) -> int:
        with self.attached() as connection:
            connection.execute("BEGIN")
            try:
                expected = _last_snapshot(connection) + 1
                work(connection, expected)
                if self._lease is not None:
                    self._lease.check()
                connection.execute("COMMIT")
            except BaseException:
                rollback(connection)
                raise
            actual = _own_snapshot(connection)
        if actual != expected:
            raise WarehouseError(
                f"the commit became snapshot {actual}, not {expected}: something wrote without the lease",
                where=str(self.location.folder),
                hint="Let nothing but rasad write here; rasad sql and DuckDB with READ_ONLY are safe.",
            )
        return actual

    @contextmanager
    def attached(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The connection with the catalog attached, for the length of a `with` block; errors are explained."""
        with self._turn, explained(self.location):
            self._connection.execute(self.location.attach_sql(read_only=False))
            try:
                yield self._connection
            finally:
                _detach(self._connection)

    def close(self) -> None:
        """Close DuckDB, then give the lease back."""
        self._held.close()


def open_writer(
    location: Location,
    run_id: str,
    resources: Resources | None = None,
    *,
    wait_seconds: float = 0.0,
    rebuild: Mapping[str, tuple[str, ...]] | None = None,
) -> Writer:
    """Take the lease, make the warehouse if there is none, and bring its tables to the records' shape.

    `rebuild` names tables that may be made anew, empty, with the stages that are then due again.

    Raises LeaseHeld, WarehouseNewer, WarehouseDamaged, ExtensionMissing or WarehouseError.
    """
    make_folder(location)
    held = ExitStack()
    try:
        lease = held.enter_context(writer_lease(location, run_id, wait_seconds=wait_seconds))
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
                migrated = ensure_tables(location, connection, rebuild=rebuild or {})
            finally:
                _detach(connection)
    except BaseException:
        held.close()
        raise
    return Writer(location, connection, held, migrated, lease)


def make_folder(location: Location) -> None:
    """Make the warehouse's folder if there is none. Raises WarehouseError where that cannot be."""
    if location.folder.exists() and not location.folder.is_dir():
        raise not_a_folder(location)
    with explained(location):
        (location.folder if location.store else location.data).mkdir(parents=True, exist_ok=True)


def _ids(values: tuple[str, ...]) -> pa.Table:
    return pa.table({"id": pc.unique(pa.array(values, pa.string()))})


def _last_snapshot(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute(f"SELECT id FROM {CATALOG}.current_snapshot()").fetchone()
    return int(row[0]) if row else 0


def _own_snapshot(connection: duckdb.DuckDBPyConnection) -> int:
    """The snapshot that this connection committed last: known without reading the catalog again."""
    row = connection.execute(f"FROM {CATALOG}.last_committed_snapshot()").fetchone()
    return int(row[0]) if row and row[0] is not None else 0  # null before the first commit


def _has_versions(connection: duckdb.DuckDBPyConnection) -> bool:
    try:  # asking duckdb_tables() opens every table
        connection.execute(f"SELECT 1 FROM {qualified(TableVersion)} LIMIT 0")
    except duckdb.CatalogException:
        return False
    return True


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
