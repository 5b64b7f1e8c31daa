"""How the warehouse stands up: python -m bench.warehouse NAME [--count N] [--seconds S]

write      writing articles through validation, audits and commits, beside DuckDB's COPY of the same rows
marts      a mart after 200 small commits and maintenance, beside one written at once
readers    readers that ask all the time while a writer commits every few seconds
writers    two writers at once on the same new day
kills      SIGKILL at random moments of a writer and of maintenance

Times are printed as ratios within one run; the machine may be busy.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

from schemas.articles import Article, RawDocument
from schemas.operations import LedgerEntry, Rejection, Run
from schemas.record import arrow_schema
from schemas.validate import validate
from warehouse.audits import audit_all
from warehouse.commit import Commit
from warehouse.connection import Resources, open_reader
from warehouse.location import Location
from warehouse.maintenance import maintain
from warehouse.search import refresh_index
from warehouse.status import check_files
from warehouse.writer import open_writer

RESOURCES = Resources(memory_limit="2GB", threads=2)
START = datetime(2025, 1, 1, tzinfo=UTC)
WORDS = tuple(
    "قال أعلن زار التقى الرئيس الوزير في من إلى على وزارة النفط بغداد طهران القاهرة موسكو اليوم أمس دیدار گفت".split()  # noqa: SIM905
)
NOW = timedelta(0)


def articles(first: int, count: int, *, words: int = 190) -> pa.Table:
    """Articles of about 2 KB of text; each its own words, so that compression is not flattered."""
    chooser = random.Random(first)
    rows = []
    for number in range(first, first + count):
        rows.append(
            {
                "article_id": f"{number:032x}",
                "document_id": f"{number:032x}",
                "source": f"source {number % 20}",
                "external_id": str(number),
                "url": f"https://example.org/{number}",
                "title": " ".join(chooser.choices(WORDS, k=8)),
                "title_method": "record",
                "text": " ".join(f"{word}{chooser.randrange(1000)}" for word in chooser.choices(WORDS, k=words)),
                "author": None,
                "published_at": START + timedelta(minutes=number),
                "published_precision": "minute",
                "published_method": "record",
                "published_reason": None,
                "extra": None,
                "content_hash": f"{number:064x}",
                "language": "ar",
                "language_confidence": 0.9,
                "language_method": "bench",
                "run_id": "bench",
                "stage_version": "1",
            }
        )
    return pa.Table.from_pylist(rows, schema=arrow_schema(Article))


def commit_of(table: pa.Table, run_id: str) -> Commit:
    """A commit of `ingest` for these articles, each with a tiny document."""
    ids = table["article_id"].to_pylist()
    documents = [
        {
            "document_id": one,
            "source": "bench",
            "uri": f"bench#{one}",
            "fetched_at": START,
            "media_type": "text/plain",
            "content_sha256": one * 2,
            "payload": b"x",
            "run_id": run_id,
            "stage_version": "1",
        }
        for one in ids
    ]
    ledger = {
        "article_id": ids,
        "stage": ["ingest"] * len(ids),
        "input_key": ids,
        "status": ["done"] * len(ids),
        "reason": [None] * len(ids),
        "run_id": [run_id] * len(ids),
    }
    run = {
        "run_id": run_id,
        "stage": "ingest",
        "window": None,
        "counts": {"rows_in": len(ids), "rows_out": len(ids), "rejected": 0, "excluded": 0},
        "seconds": 0.0,
        "versions": {"rasad": "0", "stage": "1", "model": None},
        "snapshot_id": 0,
        "started_at": START,
    }
    return Commit(
        run_id=run_id,
        stage="ingest",
        author="bench",
        message=f"{len(ids)} articles",
        units=tuple(ids),
        tables={
            "raw_documents": pa.Table.from_pylist(documents, schema=arrow_schema(RawDocument)),
            "articles": table,
        },
        rejections=arrow_schema(Rejection).empty_table(),
        ledger=pa.Table.from_pydict(ledger, schema=arrow_schema(LedgerEntry)),
        run=pa.Table.from_pylist([run], schema=arrow_schema(Run)),
    )


def write(folder: Path, count: int) -> None:
    """Validated commits of 50,000 articles beside one COPY for each of the same tables."""
    size = min(count, 50_000)
    copying = validating = committing = 0.0
    plain = duckdb.connect(config={"memory_limit": "2GB", "threads": 2})
    with open_writer(Location.at(folder / "w"), "bench", RESOURCES) as writer:
        for first in range(0, count, size):
            table = articles(first, min(size, count - first))
            made = commit_of(table, f"run-{first}")
            plain.register("rows", table)
            target = f"{folder}/{first}.parquet"
            copying += timed(partial(plain.execute, f"COPY rows TO '{target}' (FORMAT parquet, COMPRESSION zstd)"))
            validating += timed(partial(validate, Article, table))
            committing += timed(partial(writer.commit, made))
    total = validating + committing
    print(f"{count:,} articles: COPY {copying:.1f} s, validate {validating:.1f} s, commit {committing:.1f} s")
    print(f"validated path / COPY = {total / copying:.2f} (goal: at most 1.5)")


def marts(folder: Path, count: int) -> None:
    """`language_mix` and `source_health` over the same articles: in 200 commits and maintained, and in one commit."""
    many, one = Location.at(folder / "many"), Location.at(folder / "one")
    table = articles(0, count)
    with open_writer(many, "bench", RESOURCES) as writer:
        step = -(-count // 200)
        for number, first in enumerate(range(0, count, step)):
            writer.commit(commit_of(table.slice(first, step), f"run-{number}"))
    with open_writer(one, "bench", RESOURCES) as writer:
        writer.commit(commit_of(table, "run-0"))
    files = len(list(many.data.rglob("*.parquet")))
    before = {name: reading(many, name) for name in ("language_mix", "source_health")}
    done = maintain(many, "bench-m", keep=NOW, file_grace=NOW)
    print(f"{count:,} articles in 200 commits: {files} files, {done.files_after} after maintenance")
    for name, was in before.items():
        fresh, after = reading(one, name), reading(many, name)
        print(f"{name}: {was / fresh:.2f} times a fresh one before, {after / fresh:.2f} after (goal: at most 1.5)")


def reading(location: Location, mart: str) -> float:
    """The median of nine readings."""
    with open_reader(location, RESOURCES) as reader:
        reader.query(f"SELECT * FROM {mart}")
        return sorted(timed(lambda: reader.query(f"SELECT * FROM {mart}")) for _ in range(9))[4]


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
                except Exception as failure:  # whatever it is, it is what is counted here
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
        command = [sys.executable, "-m", "bench.warehouse", "child", "--folder", str(location.folder)]
        both = [subprocess.Popen([*command, "--count", str(number)]) for _ in range(2)]
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


def victim(folder: Path, count: int) -> None:
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
    command = [sys.executable, "-m", "bench.warehouse", "victim", "--folder", str(location.folder)]
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
        except Exception as failure:  # whatever it is, it is what is counted here
            bad += 1
            print(f"kill {number}: {failure!r}")
        if number % 20 == 19:
            print(f"{number + 1} kills, {acknowledged + 1} commits, {bad} bad", flush=True)
    print(f"{count} kills, {acknowledged + 1} acknowledged commits: {bad} times anything was wrong")


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def scratch(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep
        return
    folder = Path(tempfile.mkdtemp(prefix="rasad-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=["write", "marts", "readers", "writers", "kills", "child", "victim"])
    parser.add_argument("--count", type=int)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    for folder in scratch(given.folder):
        match given.name:
            case "write":
                write(folder, given.count or 1_000_000)
            case "marts":
                marts(folder, given.count or 20_000)
            case "readers":
                readers(folder, given.seconds)
            case "writers":
                writers(folder, given.count or 10)
            case "kills":
                kills(folder, given.count or 200)
            case "child":
                child(folder, given.count)
            case "victim":
                victim(folder, 0)


if __name__ == "__main__":
    main()
