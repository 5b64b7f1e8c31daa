"""What more workers bring: python -m bench.workers FOLDER [--count N] [--workers 1,2] [--direct]

FOLDER holds `.jsonl.gz` files of news. N articles are ingested once; then the other stages run over copies of that
warehouse with each number of workers, models loaded anew each time. Printed: articles/s of the run, of its stages, and
the ratio to the first; peak memory of the run and of its largest worker; what the tables take on disk, per million
articles. On a busy machine seconds of the processor tell more than the clock. Each process has one thread for the
language models (`OMP_NUM_THREADS=1`), so that a worker is a core.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Cell, Point, show_points, show_table
from bench.pipeline import sample
from flows.report import RunReport
from flows.request import STAGE_NAMES
from schemas.catalog import TABLES
from warehouse.connection import open_reader
from warehouse.location import Location

#: Small, so that few articles make batches enough to share, and large enough that commits are not the most of it.
BATCH = "50"


@dataclass(frozen=True)
class Measured:
    """One run."""

    report: RunReport
    wall: float
    processor: float
    peak: int


def run(warehouse: Path, workers: int, *arguments: str) -> Measured:
    """Run the command line; the peak is that of the run and of its workers, whichever process is the largest."""
    command = [sys.executable, "-m", "flows", "run", *arguments, "--warehouse", str(warehouse), "--format", "json"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "RASAD_WORKERS": str(workers), "RASAD_BATCH__ARTICLES": BATCH}
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    report = RunReport.model_validate_json(answer.stdout)
    return Measured(report, time.perf_counter() - began, processor, used.ru_maxrss * 1024)


def storage(warehouse: Path, articles: int) -> None:
    """What each table takes, for a million articles like these."""
    with open_reader(Location.at(warehouse)) as reader:
        sizes = {
            record.table.name: int(
                str(
                    reader.value(
                        "SELECT coalesce(sum(data_file_size_bytes), 0) FROM "
                        f"ducklake_list_files('rasad', '{record.table.name}')"
                    )
                )
            )
            for record in TABLES
        }
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:8]
    show_table(
        [
            {"table": name, "GB": round(size / articles / 1e3, 3)}
            for name, size in (("all tables", sum(sizes.values())), *largest)
        ],
        "On disk, for a million articles like these",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--direct", action="store_true", help="processes without Prefect and Dask")
    given = parser.parse_args()
    direct = ["--direct"] if given.direct else []
    later = ["--stages", ",".join(STAGE_NAMES[1:]), *direct]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        sample(given.folder, given.count, folder / "articles.jsonl")
        run(folder / "ingested", 1, str(folder / "articles.jsonl"), "--stages", "ingest", "--direct")
        rows: list[dict[str, Cell]] = []
        first = 0.0
        for workers in map(int, given.workers.split(",")):
            warehouse = Path(shutil.copytree(folder / "ingested", folder / f"with-{workers}"))
            measured = run(warehouse, workers, *later)
            rate = given.count / measured.report.seconds
            first = first or rate
            rows.append(
                {
                    "workers": workers,
                    "run, s": measured.report.seconds,
                    "articles/s": rate,
                    "times the first": rate / first,
                    "processor, s": measured.processor,
                    "peak of a process, MB": measured.peak / 1e6,
                    **{f"{stage.stage}, s": stage.seconds for stage in measured.report.stages},
                }
            )
            point = {"x": workers, "x_unit": "workers", "y": round(rate, 3), "y_unit": "articles/s"}
            show_points(Point.model_validate({"curve": "Articles a second, by workers", "line": "run", **point}))
        show_table(rows, f"{given.count:,} articles; seconds of stages are those of their batches' work, added up")
        storage(warehouse, given.count)


if __name__ == "__main__":
    main()
