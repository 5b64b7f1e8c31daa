"""Who holds the lease of a warehouse."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lease, as told to whoever else asks for it."""

    pid: int
    host: str
    run_id: str
    since: str
