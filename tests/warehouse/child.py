"""A second process for the tests: `python -m tests.warehouse.child MODE FOLDER`.

Modes: `hold` holds a commit open just before its end, `commit` makes eight commits, `lock` keeps SQLite locked.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from unittest.mock import patch

import duckdb
import pyarrow as pa

from schemas.record import Record
from tests.warehouse.rows import ingested
from warehouse.commit import Commit, write
from warehouse.connection import Resources
from warehouse.location import Location
from warehouse.writer import open_writer

RESOURCES = Resources(memory_limit="512MB", threads=1)
COMMITS = 8


def say(word: str) -> None:
    print(word, flush=True)


def hold(location: Location) -> None:
    def write_and_wait(
        connection: duckdb.DuckDBPyConnection, commit: Commit, tables: dict[type[Record], pa.Table], snapshot_id: int
    ) -> None:
        write(connection, commit, tables, snapshot_id)
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


def lock(location: Location) -> None:
    catalog = sqlite3.connect(location.catalog, isolation_level=None)
    catalog.execute("BEGIN IMMEDIATE")
    say("locked")
    time.sleep(600)


if __name__ == "__main__":
    {"hold": hold, "commit": commit, "lock": lock}[sys.argv[1]](Location.at(sys.argv[2]))
