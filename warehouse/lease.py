"""One writer at a time.

DuckLake lets two transactions insert the same keys without an error (ducklake#1393), so the lease is a matter
of correctness. It is an advisory lock on a file, held by the operating system for the process: however the
process ends, the lock ends with it, and there is nothing to clean up.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from filelock import FileLock, Timeout

from schemas.errors import LeaseHeld
from warehouse.explain import explained
from warehouse.location import Location


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lease, as told to whoever else asks for it."""

    pid: int
    host: str
    run_id: str
    since: str


@contextmanager
def writer_lease(location: Location, run_id: str, *, wait_seconds: float = 0.0) -> Iterator[Holder]:
    """Hold the warehouse's lease for a `with` block.

    Waits up to `wait_seconds` for another writer to end, then raises LeaseHeld, which names it.
    """
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
        yield holder
    finally:
        with suppress(OSError):
            location.holder.unlink(missing_ok=True)
        lock.release()


def current_holder(location: Location) -> Holder | None:
    """Who said last that it holds the lease; None when nobody did, or the note cannot be read."""
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
        where=str(location.folder),
        hint=f"{stop}. Reading goes on meanwhile: rasad sql, rasad status.",
    )
