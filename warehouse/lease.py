"""One writer at a time.

DuckLake lets two transactions insert the same keys without an error (ducklake#1393), so the lease is a matter
of correctness. Beside a SQLite catalog it is an advisory lock on a file, held by the operating system for the
process; in PostgreSQL an advisory lock of a session. However the process ends, the lock ends with it, and there is
nothing to clean up.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from filelock import FileLock, Timeout

from schemas.errors import LeaseHeld
from warehouse.explain import explained
from warehouse.holder import Holder
from warehouse.location import Location
from warehouse.postgres import advisory_lock, lock_holder


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write: who has it, and `check`, which raises WarehouseError when it was lost."""

    holder: Holder
    check: Callable[[], None]


@contextmanager
def writer_lease(location: Location, run_id: str, *, wait_seconds: float = 0.0) -> Iterator[Lease]:
    """Hold the warehouse's lease for a `with` block.

    Waits up to `wait_seconds` for another writer to end, then raises LeaseHeld, which names it.
    """
    if location.database is not None:
        with advisory_lock(location.database, run_id, wait_seconds, lambda: _held(location)) as (holder, check):
            yield Lease(holder, check)
        return
    # A lock by the mere existence of a file would outlive its process: better none than that one.
    lock = FileLock(location.lock, thread_local=False, fallback_to_soft=False)
    with explained(location):
        try:
            lock.acquire(timeout=max(0.0, wait_seconds))
        except Timeout as busy:
            raise _held(location) from busy
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder = Holder(os.getpid(), socket.gethostname(), run_id, since)
        _announce(location, holder)
        yield Lease(holder, lambda: None)  # the operating system keeps it for as long as we live
    finally:
        with suppress(OSError):
            location.holder.unlink(missing_ok=True)
        lock.release()


def current_holder(location: Location) -> Holder | None:
    """Who said last that it holds the lease; None when nobody did, or the note cannot be read."""
    if location.database is not None:
        return lock_holder(location.database)
    try:
        return Holder(**json.loads(location.holder.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _announce(location: Location, holder: Holder) -> None:
    """Write the note in one step, so that nobody reads half of it. It informs; the lock decides."""
    draft = location.holder.with_suffix(".json.new")
    with explained(location):
        draft.write_text(json.dumps(asdict(holder)), encoding="utf-8")
        draft.replace(location.holder)


def _held(location: Location) -> LeaseHeld:
    holder = current_holder(location)
    if holder is None:
        who = "another process"
        stop = "Wait for it to end"
    else:
        who = f"run {holder.run_id} (process {holder.pid} on {holder.host}, since {holder.since})"
        stop = f"Wait for it to end, or stop it: kill {holder.pid}"
    return LeaseHeld(
        f"{who} is writing to this warehouse",
        where=location.catalog_name if location.database else str(location.folder),
        hint=f"{stop}. Reading goes on meanwhile: rasad sql, rasad status.",
    )
