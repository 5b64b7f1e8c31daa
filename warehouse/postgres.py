"""A catalog in PostgreSQL: how it is named, whether it is there, and its lease.

The password never passes through Rasad: libpq finds it in `PGPASSWORD`, in the password file or in a service file,
for DuckDB's connections and for the lease's alike. So nothing that Rasad prints, logs or stores can hold it.

The lease is an advisory lock on the database, held by one session of the writer. The server ends the session, and
with it the lock, when the process dies; a machine that vanishes is noticed by keep-alive packets.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from schemas.errors import SettingsError, WarehouseError
from warehouse.holder import Holder

if TYPE_CHECKING:  # loaded where it is needed: most warehouses have no server
    import psycopg

#: The lock's number in its database: the bytes of "rasad" as a whole number.
LOCK = int.from_bytes(b"rasad", "big")
#: A server that does not answer within this is told of.
_CONNECT_SECONDS = 10
#: A vanished machine keeps the lease for 30 + 3 × 10 seconds.
_KEEPALIVE = {"tcp_keepalives_idle": 30, "tcp_keepalives_interval": 10, "tcp_keepalives_count": 3}
#: How often somebody who waits for the lease asks again.
_ASK_SECONDS = 0.2
_CREDENTIALS = "Give the password in PGPASSWORD or in the password file of libpq (~/.pgpass), never in the settings."


def connection_string(catalog: str) -> str:
    """What follows `postgres:`, checked: key=value pairs, or a URL. Raises SettingsError; a password is refused."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    kind, _, rest = catalog.partition(":")
    where = "the setting `catalog`"
    if kind not in ("postgres", "postgresql"):
        raise SettingsError(
            "the catalog is neither `sqlite` nor a PostgreSQL database",
            where=where,
            hint="Write sqlite, or postgres:host=HOST dbname=NAME user=USER.",
        )
    try:
        found = conninfo_to_dict(catalog if rest.startswith("//") else rest)
    except ProgrammingError as failure:  # its words may repeat a password
        raise SettingsError(
            "the connection string of the catalog cannot be read",
            where=where,
            hint="Write postgres:host=HOST dbname=NAME user=USER, as for psql.",
        ) from (None if "password" in rest or "@" in rest else failure)
    if any("password" in name or name == "passfile" for name in found):
        raise SettingsError("the catalog's connection string holds a password", where=where, hint=_CREDENTIALS)
    return make_conninfo("", **{name: str(value) for name, value in found.items()})


def has_catalog(database: str) -> bool:
    """Whether DuckLake has its tables in this database. Raises WarehouseError when it cannot be reached."""
    with _session(database, "rasad") as session:
        row = session.execute("SELECT to_regclass('public.ducklake_metadata') IS NOT NULL").fetchone()
    return bool(row and row[0])


@contextmanager
def advisory_lock(
    database: str, run_id: str, wait_seconds: float, held: Callable[[], Exception]
) -> Iterator[tuple[Holder, Callable[[], None]]]:
    """Hold the lease for a `with` block; yields who holds it, and a check that it is still held.

    Waits up to `wait_seconds`, then raises what `held` makes.
    """
    name = f"rasad {run_id} {os.getpid()} {socket.gethostname()}"
    with _session(database, name) as session:
        deadline = time.monotonic() + wait_seconds
        while not _try(session):
            if time.monotonic() >= deadline:
                raise held()
            time.sleep(min(_ASK_SECONDS, wait_seconds))
        holder = lock_holder(database)
        assert holder is not None

        def check() -> None:
            """Raise WarehouseError when the session has ended: somebody else may be writing."""
            from psycopg import Error

            try:
                session.execute("SELECT 1")
            except Error as failure:
                raise WarehouseError(
                    "the session that held the lease has ended; nothing of this commit was kept",
                    where=f"postgres:{database}",
                    hint="Look after the server, then run the same command again: it goes on where it stopped.",
                ) from failure

        yield holder, check


def lock_holder(database: str) -> Holder | None:
    """Who holds the lease now; None when nobody does."""
    with _session(database, "rasad") as session:
        row = session.execute(
            "SELECT application_name, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"+00:00\"') "
            "FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "AND (CAST(classid AS BIGINT) << 32) | CAST(objid AS BIGINT) = %s",
            [LOCK],
        ).fetchone()
    if row is None:
        return None
    _, run_id, pid, host = (*str(row[0]).split(" ", 3), "", "", "")[:4]
    return Holder(int(pid) if pid.isdigit() else 0, host, run_id, str(row[1]))


def unreachable(database: str, text: str) -> WarehouseError:
    """The error for a server that does not answer, or does not let us in."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    problem = next((line for line in lines if "failed:" in line), lines[0] if lines else "no answer")
    return WarehouseError(
        f"the PostgreSQL catalog cannot be used: {problem.rpartition('failed: ')[2]}",
        where=f"postgres:{database}",
        hint=f"See whether psql '{database}' gets in. {_CREDENTIALS}",
    )


def _try(session: psycopg.Connection) -> bool:
    row = session.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
    return bool(row and row[0])


@contextmanager
def _session(database: str, name: str) -> Iterator[psycopg.Connection]:
    import psycopg

    options = " ".join(f"-c {key}={value}" for key, value in _KEEPALIVE.items())
    try:
        session = psycopg.connect(
            database, autocommit=True, connect_timeout=_CONNECT_SECONDS, application_name=name[:63], options=options
        )
    except psycopg.Error as failure:
        raise unreachable(database, str(failure)) from failure
    try:
        yield session
    finally:
        with suppress(psycopg.Error):  # a session that is gone needs no end
            session.close()
