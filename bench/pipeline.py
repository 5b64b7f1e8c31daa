"""What the whole pipeline costs: `python -m bench.pipeline FOLDER [--sizes 10,100,1000]`.

FOLDER holds `.jsonl.gz` files of news. For each size, that many articles (taken evenly from the files, so that
languages are mixed) go through `rasad run` in a process of its own, as a user runs it, and once more unchanged.
Printed: seconds and articles/s per stage, the share of the run spent outside the stages' own work, the same share
without what is paid once per run (start, server, models), and peak memory.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Cell, Point, show_points, show_table
from flows.report import RunReport


@dataclass(frozen=True)
class Measured:
    """One run of the command line."""

    report: RunReport
    wall_seconds: float
    peak_bytes: int
    cpu_seconds: float


def sample(folder: Path, size: int, target: Path) -> None:
    """Write `size` articles, taken in turn from each file of the folder, to one JSONL file."""
    files = sorted(folder.glob("*.jsonl.gz"))
    if not files:
        raise SystemExit(f"{folder} holds no .jsonl.gz file. Name the folder: python -m bench.pipeline FOLDER")
    turns = itertools.chain.from_iterable(itertools.zip_longest(*(_lines(file) for file in files)))
    with target.open("w", encoding="utf-8") as out:
        for line in itertools.islice((line for line in turns if line), size):
            out.write(line)


def _lines(file: Path) -> Iterator[str]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from lines


def measure(articles: Path, warehouse: Path, *options: str) -> Measured:
    """Run the command line over the articles; memory and CPU are those of the process, its server apart."""
    command = [sys.executable, "-m", "flows", "run", str(articles), "--warehouse", str(warehouse), "--format", "json"]
    began = time.perf_counter()
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"rasad run ended with exit code {process.returncode}")
    scale = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in kilobytes, but for macOS
    wall, cpu = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
    return Measured(RunReport.model_validate_json(output), wall, usage.ru_maxrss * scale, cpu)


def outside(measured: Measured, *, steady: bool) -> float:
    """The share of the run that is not the stages' own work; `steady`: start and server apart."""
    whole = measured.report.seconds if steady else measured.wall_seconds
    return 1 - measured.report.work_seconds / whole


def report(sizes: list[int], folder: Path, options: tuple[str, ...] = ()) -> None:
    """Measure every size, and print two tables and two curves."""
    stages: list[dict[str, Cell]] = []
    totals: list[dict[str, Cell]] = []
    points: list[Point] = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as temporary:
            articles = Path(temporary) / "articles.jsonl"
            sample(folder, size, articles)
            first, again = (measure(articles, Path(temporary) / "warehouse", *options) for _ in range(2))
        for stage in first.report.stages:
            rate = stage.counts.rows_in / stage.seconds if stage.seconds else float("inf")
            stages.append({"articles": size, "stage": stage.stage, "seconds": stage.seconds, "articles/s": rate})
            points.append(_seconds("Seconds of each stage, by articles", stage.stage, size, stage.seconds))
        totals.append(
            {
                "articles": size,
                "run, s": first.report.seconds,
                "whole command, s": first.wall_seconds,
                "outside the stages, of the run": f"{outside(first, steady=True):.1%}",
                "of the command": f"{outside(first, steady=False):.1%}",
                "again, s": again.report.seconds,
                "peak memory, MB": first.peak_bytes / 1e6,
            }
        )
        for line, seconds in (
            ("command", first.wall_seconds),
            ("run", first.report.seconds),
            ("again", again.report.seconds),
        ):
            points.append(_seconds("Seconds of the whole pipeline, by articles", line, size, seconds))
        if again.report.work_seconds:
            raise SystemExit("the second run computed something: the ledger is broken")
    show_table(totals)
    show_table(stages)
    show_points(*points)


def _seconds(curve: str, line: str, articles: int, seconds: float) -> Point:
    return Point(curve=curve, line=line, x=articles, x_unit="articles", y=round(seconds, 3), y_unit="s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder with .jsonl.gz files of news")
    parser.add_argument("--sizes", default="10,100,1000", help="how many articles, comma-separated")
    parser.add_argument("--direct", action="store_true", help="without the Prefect engine")
    given = parser.parse_args()
    report([int(size) for size in given.sizes.split(",")], given.folder, ("--direct",) if given.direct else ())


if __name__ == "__main__":
    main()
