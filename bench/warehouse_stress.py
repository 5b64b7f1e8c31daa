"""Whether the warehouse stays whole with many at once: readers beside a writer, two writers on one new day."""

from __future__ import annotations

import multiprocessing
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import Cell, show_table
from bench.warehouse_rows import RESOURCES, articles, commit_of
from schemas.errors import RasadError
from warehouse.audits import audit_all
from warehouse.connection import Resources, open_reader
from warehouse.location import Location
from warehouse.writer import open_writer

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

READERS = 8
#: Articles of one commit, and the pause after it.
PER_COMMIT, PAUSE = 20, 2.0
#: How long a reader looks at an answer.
LOOKING = 0.25
QUESTION = """
    SELECT (SELECT count(*) FROM articles) AS articles, (SELECT count(*) FROM stage_ledger) AS ledger,
        (SELECT coalesce(sum(articles), 0) FROM language_mix) AS mart
"""
_PROCESSES = multiprocessing.get_context("forkserver")


def read_beside(location: Location, seconds: float, count: int = READERS) -> tuple[int, int, list[str]]:
    """Processes that ask all the time while this one commits; returns questions, commits and what was wrong."""
    open_writer(location, "bench", RESOURCES).close()
    _PROCESSES.set_forkserver_preload(["bench.warehouse_stress"])
    told: Queue[tuple[int, list[str]]] = _PROCESSES.Queue()
    processes = [_PROCESSES.Process(target=_ask, args=(location, seconds, told)) for _ in range(count)]
    for process in processes:
        process.start()
    commits, end = 0, time.monotonic() + seconds
    with open_writer(location, "bench", RESOURCES) as writer:
        while not commits or time.monotonic() < end:
            writer.commit(commit_of(articles(commits * PER_COMMIT, PER_COMMIT), f"run-{commits}"))
            commits += 1
            time.sleep(min(PAUSE, seconds / 10))
    answers = [told.get(timeout=seconds + 120) for _ in processes]
    for process in processes:
        process.join()
    wrong = [problem for _, problems in answers for problem in problems]
    with open_reader(location) as reader:
        kept = reader.value("SELECT count(*) FROM articles")
        wrong += [str(fault) for fault in audit_all(reader)]
    if kept != commits * PER_COMMIT:
        wrong.append(f"{kept} of {commits * PER_COMMIT} articles are there")
    return sum(asked for asked, _ in answers), commits, wrong


def _ask(location: Location, seconds: float, told: Queue[tuple[int, list[str]]]) -> None:
    """Ask until the time is over; each answer must be of whole commits, and later ones must not hold less."""
    asked, most, problems = 0, 0, []
    end = time.monotonic() + seconds
    try:
        with open_reader(location, Resources("256MB", 1)) as reader:
            while not asked or time.monotonic() < end:
                row = reader.query(QUESTION).to_pylist()[0]
                asked += 1
                if len(set(row.values())) > 1 or row["articles"] % PER_COMMIT or row["articles"] < most:
                    problems.append(f"half a commit: {row}, after {most}")
                most = row["articles"]
                time.sleep(LOOKING)
    except RasadError as failure:
        problems.append(repr(failure))
    told.put((asked, problems))


def readers(folder: Path, seconds: int, catalog: str) -> None:
    """Print how it went."""
    asked, commits, wrong = read_beside(Location.at(folder / "w", catalog=catalog), seconds)
    figures: dict[str, Cell] = {"seconds": seconds, "readers": READERS, "questions": asked, "commits": commits}
    show_table([{"catalog": catalog.split(":")[0], **figures, "problems": len(wrong)}])
    print(*wrong[:5], sep="\n")


def write_at_once(location: Location, rounds: int) -> list[str]:
    """Two processes commit the same new day at once, so many times; returns what was wrong."""
    open_writer(location, "bench", RESOURCES).close()
    for number in range(rounds):
        both = [_PROCESSES.Process(target=_write_day, args=(location, number)) for _ in range(2)]
        for process in both:
            process.start()
        for process in both:
            process.join()
    with open_reader(location) as reader:
        row = reader.query("SELECT count(*) AS n, count(DISTINCT article_id) AS d FROM articles").to_pylist()[0]
        wrong = [str(fault) for fault in audit_all(reader)]
    if not row["n"] == row["d"] == rounds * PER_COMMIT:
        wrong.append(f"{row['n']} rows, {row['d']} articles, of {rounds * PER_COMMIT}")
    return wrong


def _write_day(location: Location, number: int) -> None:
    with suppress(RasadError), open_writer(location, f"run-{number}", RESOURCES, wait_seconds=60) as writer:
        writer.commit(commit_of(articles(number * PER_COMMIT, PER_COMMIT), f"run-{number}"))


def writers(folder: Path, rounds: int, catalog: str) -> None:
    """Print how it went."""
    wrong = write_at_once(Location.at(folder / "w", catalog=catalog), rounds)
    show_table([{"catalog": catalog.split(":")[0], "rounds of two writers": rounds, "problems": len(wrong)}])
    print(*wrong[:5], sep="\n")
