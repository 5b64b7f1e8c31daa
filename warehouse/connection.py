"""Open the warehouse for reading."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from schemas.errors import QueryError, WarehouseDamaged, WarehouseMissing
from warehouse.explain import catalog_gone, explained, newer, not_a_folder
from warehouse.extensions import literal, load_extensions
from warehouse.location import CATALOG, WAREHOUSE_FORMAT, Location
from warehouse.object_store import use_credentials

#: A value that may be bound to a `?` of a query.
Parameter = object
#: A commit touches the catalog for some 10 ms, a copy takes as long: the second attempt is quiet.
_COPY_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Resources:
    """What one connection may use. Beyond the memory limit DuckDB spills into the warehouse's folder."""

    memory_limit: str = "2GB"
    threads: int | None = None


def connect(location: Location, resources: Resources) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with the extensions loaded, bounded memory and UTC; nothing attached yet.

    Each connection spills into a folder of its own, named after its process: DuckDB empties the folder when
    it closes, and would take a neighbour's files with it.
    """
    with suppress(OSError):  # without a spill folder, what fits into memory still works
        location.spill.mkdir(exist_ok=True)
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            # Hashing 90 MB of extensions took .4 s for each connection. They lie beside DuckDB's own library, which
            # nobody checks either; `rasad doctor` loads them with the check.
            "allow_unsigned_extensions": True,
            # A user's secrets are for stores and servers alone: without them no file of the home is read.
            "allow_persistent_secrets": location.is_remote,
            "python_enable_replacements": False,  # `FROM x` must never find a Python variable
            "memory_limit": resources.memory_limit,
            "threads": resources.threads or os.cpu_count() or 1,
            "temp_directory": str(location.spill / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"),
        },
    )
    try:
        connection.execute("SET enable_progress_bar = false")  # it would go into the answer of a long question
        load_extensions(connection, location.extensions)
        if location.store:
            use_credentials(connection, location.store)
        connection.execute("SET TimeZone = 'UTC'")
    except BaseException:
        connection.close()
        raise
    return connection


class Closing(ABC):
    """What is closed at the end of a `with` block."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Reader(Closing):
    """A read-only view of the warehouse; every query sees the latest snapshot.

    It is never locked out, and never keeps the writer waiting. Threads may share it; they take turns.
    """

    def __init__(self, location: Location, connection: duckdb.DuckDBPyConnection) -> None:
        self.location = location
        self.connection = connection
        #: Held by whoever uses the connection itself.
        self.turn = threading.RLock()
        self._in_snapshot = False

    def query(self, sql: str, parameters: Sequence[Parameter] = (), **tables: pa.Table) -> pa.Table:
        """Run one statement; warehouse tables are named plainly, the given Arrow tables by their keywords.

        Raises a WarehouseError or QueryError.
        """
        one = self.snapshot() if tables else nullcontext()
        with self.turn, explained(self.location), one, registered(self.connection, tables):
            return self.connection.execute(sql, list(parameters)).to_arrow_table()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Every question of a `with` block sees one snapshot, whatever is committed meanwhile.

        And costs less: outside a transaction DuckLake reads its catalog for each step, 10 to 25 ms a question.
        """
        with self.turn:
            if self._in_snapshot:
                yield
                return
            self.connection.execute("BEGIN")
            self._in_snapshot = True
            try:
                yield
            finally:
                self._in_snapshot = False
                with suppress(duckdb.Error):  # after a failed statement there is nothing to commit, and it was told
                    self.connection.execute("COMMIT")

    def value(self, sql: str, parameters: Sequence[Parameter] = ()) -> object:
        """The first value of the first row, or None."""
        with self.turn, explained(self.location):
            row = self.connection.execute(sql, list(parameters)).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        self.connection.close()
        if self.location.private:
            shutil.rmtree(self.location.private, ignore_errors=True)


def open_reader(location: Location, resources: Resources | None = None, *, locked: bool = False) -> Reader:
    """Attach the warehouse READ_ONLY, as the default catalog: `SELECT * FROM articles` just works.

    With `locked`, queries can neither read nor write any file outside the warehouse's own, nor reach the
    network, nor change a setting (see `queries.run_sql` for the part that DuckDB does not lock).
    Raises WarehouseMissing, WarehouseNewer, WarehouseDamaged, WarehouseError or ExtensionMissing.
    """
    if not location.exists():
        if location.has_data():
            raise catalog_gone(location)
        if location.folder.exists() and not location.folder.is_dir():
            raise not_a_folder(location)
        raise WarehouseMissing(
            "there is no warehouse here",
            where=location.catalog_name if location.database else str(location.folder),
            hint=f"Make one: rasad run PATH --warehouse {location.folder}",
        )
    if location.database is None and not os.access(location.folder, os.W_OK):
        with explained(location):
            location = private_copy(location)
    connection = connect(location, resources or Resources())
    try:
        with explained(location):
            connection.execute(location.attach_sql(read_only=True))
            connection.execute(f"USE {CATALOG}")
        check_format(location, connection)
        if locked:
            lock_down(location, connection)
    except BaseException:
        connection.close()
        raise
    return Reader(location, connection)


def private_copy(location: Location) -> Location:
    """The same warehouse with a copy of its catalog in a private folder, as of now.

    SQLite cannot open a catalog in WAL mode where it may not write beside it: on a read-only disk, or for a user
    with no right to the folder. The copy goes when the reader is closed, at the latest with the process.
    """
    private = Path(tempfile.mkdtemp(prefix="rasad-"))
    atexit.register(shutil.rmtree, private, ignore_errors=True)
    files = [location.catalog, location.catalog.with_name(f"{location.catalog.name}-wal")]
    for _ in range(_COPY_ATTEMPTS):
        before = [_state(file) for file in files]
        for file, state in zip(files, before, strict=True):
            (private / file.name).unlink(missing_ok=True)
            if state is not None:
                shutil.copyfile(file, private / file.name)
        if [_state(file) for file in files] == before:  # nobody wrote meanwhile
            break
    return replace(location, private=private)


def _state(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size


def open_frozen(file: Path) -> duckdb.DuckDBPyConnection:
    """Open the frozen database that `rasad publish` wrote, read-only. Raises WarehouseDamaged."""
    try:
        return duckdb.connect(str(file), read_only=True)
    except duckdb.Error as failure:
        raise WarehouseDamaged(
            f"the frozen database cannot be read: {str(failure).splitlines()[0]}",
            where=str(file),
            hint="Publish it again: rasad publish DIR.",
        ) from failure


def lock_down(location: Location, connection: duckdb.DuckDBPyConnection) -> None:
    """Leave the connection the warehouse's own files, and nothing else. Cannot be undone."""
    folders, files = location.readable_paths()
    connection.execute(f"SET allowed_directories = [{', '.join(map(literal, folders))}]")
    connection.execute(f"SET allowed_paths = [{', '.join(map(literal, files))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def check_format(location: Location, connection: duckdb.DuckDBPyConnection) -> None:
    """Raise WarehouseNewer when a later Rasad wrote here, WarehouseMissing when nothing was ever written."""
    try:
        with explained(location):
            row = connection.execute(f"SELECT max(warehouse_format) FROM {CATALOG}.main.table_versions").fetchone()
    except QueryError as failure:
        raise WarehouseMissing(
            "the catalog holds no tables of Rasad",
            where=location.catalog_name,
            hint=f"Finish its creation: rasad run PATH --warehouse {location.folder}",
        ) from failure
    if row and row[0] is not None and row[0] > WAREHOUSE_FORMAT:
        raise newer(location, f"warehouse format {row[0]}; this Rasad knows up to {WAREHOUSE_FORMAT}")


@contextmanager
def registered(connection: duckdb.DuckDBPyConnection, tables: dict[str, pa.Table]) -> Iterator[None]:
    """Make Arrow tables visible to SQL under their names, for the length of a `with` block."""
    try:
        for name, table in tables.items():
            connection.register(name, table)
        yield
    finally:
        for name in tables:
            with suppress(duckdb.Error):
                connection.unregister(name)
