"""How fast the warehouse writes, and how marts read after many commits, as ratios within one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

from bench.figures import Cell, show_table
from bench.warehouse_rows import RESOURCES, articles, commit_of
from schemas.articles import Article
from schemas.validate import validate
from warehouse.connection import open_reader
from warehouse.location import Location
from warehouse.maintenance import maintain
from warehouse.writer import open_writer

NOW = timedelta(0)
#: A week of hourly runs, and some more; fewer where there are few articles.
COMMITS = 200


@dataclass
class Spent:
    """Seconds by the clock and of the processor; on a busy machine only the latter compare."""

    wall: float = 0.0
    processor: float = 0.0

    def during(self, work: Callable[[], object]) -> None:
        """Add what this takes."""
        wall, processor = time.perf_counter(), time.process_time()
        work()
        self.wall += time.perf_counter() - wall
        self.processor += time.process_time() - processor


def write(folder: Path, count: int) -> None:
    """Validated commits of 50,000 articles beside one COPY for each of the same tables."""
    size = min(count, 50_000)
    copying, committing = Spent(), Spent()
    plain = duckdb.connect(config={"memory_limit": "2GB", "threads": 2})
    with open_writer(Location.at(folder / "w"), "bench", RESOURCES) as writer:
        for first in range(0, count, size):
            table = articles(first, min(size, count - first))
            made = commit_of(table, f"run-{first}")
            plain.register("rows", table)
            target = f"{folder}/{first}.parquet"
            copying.during(partial(plain.execute, f"COPY rows TO '{target}' (FORMAT parquet, COMPRESSION zstd)"))
            committing.during(partial(whole, table))
            committing.during(partial(writer.commit, made))
    ratio: dict[str, Cell] = {
        "": "ratio (goal: at most 1.5)",
        "clock, s": committing.wall / copying.wall,
        "processor, s": committing.processor / copying.processor,
    }
    show_table(
        [
            {"": "DuckDB's COPY", "clock, s": copying.wall, "processor, s": copying.processor},
            {"": "validated commits", "clock, s": committing.wall, "processor, s": committing.processor},
            ratio,
        ],
        f"{count:,} articles",
    )


def marts(folder: Path, count: int) -> None:
    """`language_mix` and `source_health` over the same articles: in many commits and maintained, and in one commit."""
    commits = min(COMMITS, max(2, count // 20))
    many, one = Location.at(folder / "many"), Location.at(folder / "one")
    table = articles(0, count)
    with open_writer(many, "bench", RESOURCES) as writer:
        step = -(-count // commits)
        for number, first in enumerate(range(0, count, step)):
            writer.commit(commit_of(table.slice(first, step), f"run-{number}"))
    with open_writer(one, "bench", RESOURCES) as writer:
        writer.commit(commit_of(table, "run-0"))
    files = len(list(many.data.rglob("*.parquet")))
    before = {name: reading(many, name) for name in ("language_mix", "source_health")}
    done = maintain(many, "bench-m", keep=NOW, file_grace=NOW)
    rows: list[dict[str, Cell]] = []
    for name, was in before.items():
        fresh, after = reading(one, name), reading(many, name)
        rows.append(
            {
                "mart": name,
                "one commit, ms": 1000 * fresh,
                f"{commits} commits, times that": was / fresh,
                "maintained, times that (goal: at most 1.5)": after / fresh,
            }
        )
    show_table(rows, f"{count:,} articles in {commits} commits, {files} files; after maintenance {done.files_after}")


def reading(location: Location, mart: str) -> float:
    """The median of nine readings."""
    with open_reader(location, RESOURCES) as reader:
        reader.query(f"SELECT * FROM {mart}")
        return sorted(timed(lambda: reader.query(f"SELECT * FROM {mart}")) for _ in range(9))[4]


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def whole(table: pa.Table) -> None:
    """Validate; a row that is refused means that these rows are out of date."""
    assert not validate(Article, table).invalid
