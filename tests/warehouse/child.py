"""A second process for the tests: `python -m tests.warehouse.child MODE FOLDER CATALOG`.

Modes: `hold` holds a commit open just before its end, `commit` makes eight commits, `lock` keeps SQLite locked,
`maintain` commits and maintains until it is killed.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import duckdb
import pyarrow as pa

from schemas.record import Record
from tests.warehouse.rows import ingested
from warehouse.commit import Commit, write
from warehouse.connection import Resources
from warehouse.location import Location
from warehouse.maintenance import maintain
from warehouse.writer import open_writer

RESOURCES = Resources(memory_limit="512MB", threads=1)
COMMITS = 8
ROOT = Path(__file__).parents[2]


def say(word: str) -> None:
    print(word, flush=True)


def hold(location: Location) -> None:
    def write_and_wait(
        connection: duckdb.DuckDBPyConnection,
        commit: Commit,
        tables: dict[type[Record], pa.Table],
        snapshot_id: int,
        clean: set[str],
    ) -> None:
        write(connection, commit, tables, snapshot_id, clean)
        say("written")
        time.sleep(600)

    with open_writer(location, "run-child", RESOURCES) as writer:
        writer.commit(ingested("before"))
        with patch("warehouse.writer.write", write_and_wait):
            writer.commit(ingested("never"))


def commit(location: Location) -> None:
    with open_writer(location, "run-child", RESOURCES) as writer:
        say("open")
        for number in range(COMMITS):
            writer.commit(ingested(f"{number}-1", f"{number}-2", f"{number}-3"))
    say("done")


def maintain_for_ever(location: Location) -> None:
    """Commit and maintain in turn, until killed."""
    number = 0
    while True:
        with open_writer(location, "run-child", RESOURCES) as writer:
            for _ in range(3):
                writer.commit(ingested(f"{location.folder.name}-{number}"))
                number += 1
        say("committed")
        maintain(location, "run-m", keep=timedelta(0), file_grace=timedelta(0), resources=RESOURCES)


def lock(location: Location) -> None:
    catalog = sqlite3.connect(location.catalog, isolation_level=None)
    catalog.execute("BEGIN IMMEDIATE")
    say("locked")
    time.sleep(600)


def setting_of(location: Location) -> str:
    return "sqlite" if location.database is None else location.catalog_name


@contextmanager
def child(mode: str, location: Location, *, until: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has come as far as to say `until`; killed at the end."""
    command = [sys.executable, "-m", "tests.warehouse.child", mode, str(location.folder), setting_of(location)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == until
            yield process
        finally:
            process.kill()


if __name__ == "__main__":
    place = Location.at(sys.argv[2], catalog=sys.argv[3])
    {"hold": hold, "commit": commit, "lock": lock, "maintain": maintain_for_ever}[sys.argv[1]](place)
