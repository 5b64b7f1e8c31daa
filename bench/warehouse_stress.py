"""Whether the warehouse stays whole: readers beside a writer, two writers, kills at random moments."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from bench.warehouse_rows import RESOURCES, articles, commit_of
from schemas.errors import RasadError
from warehouse.audits import audit_all
from warehouse.connection import Resources, open_reader
from warehouse.location import Location
from warehouse.maintenance import maintain
from warehouse.search import refresh_index
from warehouse.status import check_files
from warehouse.writer import open_writer

NOW = timedelta(0)


def readers(folder: Path, seconds: float, count: int = 8) -> None:
    """Each reader checks that it sees whole commits; the writer commits every two seconds."""
    location = Location.at(folder / "w")
    per_commit = 20
    open_writer(location, "bench", RESOURCES).close()
    end = time.monotonic() + seconds
    errors: list[str] = []
    asked = [0] * count

    def ask(number: int) -> None:
        with open_reader(location, Resources("256MB", 1)) as reader:
            while time.monotonic() < end:
                try:
                    row = reader.query(
                        "SELECT (SELECT count(*) FROM articles) AS a, (SELECT count(*) FROM stage_ledger) AS b, "
                        "(SELECT coalesce(sum(articles), 0) FROM language_mix) AS c"
                    ).to_pylist()[0]
                    if row["a"] != row["b"] or row["a"] != row["c"] or row["a"] % per_commit:
                        errors.append(f"half a commit: {row}")
                except RasadError as failure:
                    errors.append(repr(failure))
                asked[number] += 1

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(count)]
    commits = 0
    with open_writer(location, "bench", RESOURCES) as writer:
        for thread in threads:
            thread.start()
        while time.monotonic() < end:
            writer.commit(commit_of(articles(commits * per_commit, per_commit), f"run-{commits}"))
            commits += 1
            time.sleep(2)
    for thread in threads:
        thread.join()
    with open_reader(location) as reader:
        kept = reader.value("SELECT count(*) FROM articles")
    print(f"{seconds:.0f} s, {count} readers, {sum(asked):,} questions, {commits} commits: {len(errors)} errors")
    print(f"{kept} of {commits * per_commit} articles are there", *errors[:3], sep="\n")


def writers(folder: Path, rounds: int) -> None:
    """Two processes commit the same new day at once; whoever comes second waits for the lease, or is told."""
    location = Location.at(folder / "w")
    open_writer(location, "bench", RESOURCES).close()
    for number in range(rounds):
        command = [sys.executable, "-m", "bench.warehouse_stress", "child", str(location.folder)]
        both = [subprocess.Popen([*command, str(number)]) for _ in range(2)]
        for process in both:
            process.wait()
    with open_reader(location) as reader:
        row = reader.query("SELECT count(*) AS n, count(DISTINCT article_id) AS d FROM articles").to_pylist()[0]
        faults = audit_all(reader)
    print(f"{rounds} rounds: {row['n']} rows, {row['d']} different, audits: {faults or 'nothing found'}")


def child(folder: Path, count: int) -> None:
    """Commit one batch under the lease, waiting for it."""
    with open_writer(Location.at(folder), f"run-{count}", RESOURCES, wait_seconds=60) as writer:
        writer.commit(commit_of(articles(count * 100, 100), f"run-{count}"))


def victim(folder: Path) -> None:
    """Commit batches (those that are not there yet), index them, maintain; until killed."""
    location = Location.at(folder)
    while True:
        with open_writer(location, "victim", RESOURCES, wait_seconds=60) as writer, open_reader(location) as reader:
            present = int(str(reader.value("SELECT count(*) FROM articles"))) // 20
            for number in range(present, present + 5):
                writer.commit(commit_of(articles(number * 20, 20), f"run-{number:05d}"))
                print(number, flush=True)
            refresh_index(writer, reader, "victim")
        maintain(location, "victim", keep=NOW, file_grace=timedelta(seconds=5))


def kills(folder: Path, count: int) -> None:
    """After each kill: it opens, files are whole, nothing acknowledged is lost, nothing doubled, audits pass."""
    location = Location.at(folder / "w")
    open_writer(location, "bench", RESOURCES).close()
    chooser = random.Random(7)
    command = [sys.executable, "-m", "bench.warehouse_stress", "victim", str(location.folder)]
    acknowledged, bad = -1, 0
    for number in range(count):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            # Counted from the first commit: on a busy machine the start alone outlasts any fixed moment.
            acknowledged = max(acknowledged, int(process.stdout.readline() or -1))
            timer = threading.Timer(chooser.uniform(0.0, 8.0), lambda p=process: p.send_signal(signal.SIGKILL))
            timer.start()
            for line in process.stdout:
                acknowledged = max(acknowledged, int(line)) if line.endswith("\n") else acknowledged
            timer.cancel()
        try:
            with open_reader(location) as reader:
                check_files(reader)
                row = reader.query("SELECT count(*) AS n, count(DISTINCT article_id) AS d FROM articles").to_pylist()[0]
                faults = audit_all(reader)
            whole = row["n"] == row["d"] and row["n"] % 20 == 0 and row["n"] >= (acknowledged + 1) * 20
            if not whole or faults:
                bad += 1
                print(f"kill {number}: {row}, acknowledged {acknowledged}, {faults}")
        except RasadError as failure:
            bad += 1
            print(f"kill {number}: {failure!r}")
        if number % 20 == 19:
            print(f"{number + 1} kills, {acknowledged + 1} commits, {bad} bad", flush=True)
    print(f"{count} kills, {acknowledged + 1} acknowledged commits: {bad} times anything was wrong")


if __name__ == "__main__":
    mode, place, *numbers = sys.argv[1:]
    if mode == "child":
        child(Path(place), int(numbers[0]))
    else:
        victim(Path(place))
