"""How long `rasad status` takes on a large warehouse: python -m bench.status [--count N] [--folder DIR]

The warehouse is made in SQL, N articles in commits of 50,000: documents, articles, five sentences and five names each,
the ledger of every stage and of the search index with the keys that these stages would store, one run a commit, a
rejection in a hundred documents. Texts are short, since no question of the status reads them. The latest 1,000 articles
have not been through the last two stages.

Printed: seconds of the command as a user types it, wall and processor (the machine may be busy), beside the command on
an empty warehouse in the same run; and what each question of it takes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from bench.figures import Cell, show_table
from bench.warehouse_rows import RESOURCES
from flows.settings import Settings
from flows.stages import pipeline_stages, stage_spec
from schemas.articles import Article, ArticleSentence, RawDocument
from schemas.entities import EntityMention
from schemas.operations import LedgerEntry, Rejection, Run
from schemas.record import Record, columns
from warehouse.alerts import alerts
from warehouse.connection import Reader, open_reader
from warehouse.ledger import StageSpec, key_sql
from warehouse.location import Location
from warehouse.outstanding import outstanding
from warehouse.plan import plan
from warehouse.search import STAGE as SEARCH
from warehouse.status import status
from warehouse.tables import qualified
from warehouse.writer import open_writer

CHUNK = 50_000
#: Values for columns that may not be null, by DuckDB's type.
DEFAULTS = {
    "VARCHAR": "'x'",
    "BLOB": "'x'::BLOB",
    "BIGINT": "0",
    "INTEGER": "0",
    "DOUBLE": "0.5",
    "BOOLEAN": "false",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ '2025-01-01'",
    "TIMESTAMPTZ": "TIMESTAMPTZ '2025-01-01'",
}
ARTICLE = "md5(n::VARCHAR)"
DOCUMENT = "md5('d' || n)"
CONTENT = "sha256(n::VARCHAR)"
WHEN = "TIMESTAMPTZ '2020-01-01' + INTERVAL 1 MINUTE * n"


def insert(
    connection: duckdb.DuckDBPyConnection, record: type[Record], origin: str, values: dict[str, str], run_id: str
) -> None:
    """Fill a table from `origin`, a relation with a column `n`; columns without a value get null or a default."""
    given = {"run_id": f"'{run_id}'", **values}
    parts = [
        f'{given.get(c.name, "NULL" if c.nullable else DEFAULTS.get(c.sql_type, "NULL"))} AS "{c.name}"'
        for c in columns(record)
    ]
    connection.execute(f"INSERT INTO {qualified(record)} SELECT {', '.join(parts)} FROM {origin}")


def ledger(connection: duckdb.DuckDBPyConnection, stages: list[StageSpec], origin: str, run_id: str) -> None:
    """The entries of all stages, each key made of those before it, as the engine would store them."""
    keys: dict[str, str] = {}
    inner = f"SELECT n, {ARTICLE} AS article, {DOCUMENT} AS document, {CONTENT} AS content FROM {origin}"
    for stage in stages:
        key, parameters = key_sql("content", stage, [keys[name] for name in stage.after])
        for value in parameters:  # of our own stages: names and versions without quotes
            key = key.replace("?", f"'{value}'", 1)
        inner = f"SELECT *, {key} AS key_{stage.name} FROM ({inner})"
        keys[stage.name] = f"key_{stage.name}"
    entries = [
        f"SELECT {'document' if s.name == 'ingest' else 'article'} AS unit, '{s.name}' AS stage, key_{s.name} AS key "
        "FROM keyed"
        for s in stages
    ]
    entries.append(f"SELECT article, '{SEARCH}', content FROM keyed")
    connection.execute(
        f"""
        INSERT INTO {qualified(LedgerEntry)} (article_id, stage, input_key, status, reason, run_id)
        WITH keyed AS ({inner})
        SELECT unit, stage, key, 'done', NULL, '{run_id}' FROM ({" UNION ALL ".join(entries)})
        """
    )


def build(location: Location, count: int) -> None:
    """Fill a warehouse; see the top of this module."""
    stages = [stage_spec(stage) for stage in pipeline_stages(Settings())]

    def chunk(first: int, run_id: str, connection: duckdb.DuckDBPyConnection, snapshot_id: int) -> None:
        rows = f"(SELECT range AS n FROM range({first}, {min(first + CHUNK, count)}))"
        five = f"(SELECT n, unnest(range(5)) AS i FROM {rows})"
        many = f"(SELECT n FROM {rows} WHERE n % 100 = 0)"
        source = "'source ' || n % 200"
        insert(
            connection,
            RawDocument,
            rows,
            {"document_id": DOCUMENT, "source": source, "content_sha256": CONTENT, "fetched_at": WHEN},
            run_id,
        )
        told = {"article_id": ARTICLE, "document_id": DOCUMENT, "source": source, "content_hash": CONTENT}
        written = {"text": "'قال المتحدث إن الاجتماع الذي عقد أمس كان بناء ' || n", "published_at": WHEN}
        insert(connection, Article, rows, {**told, **written, "language": "'ar'"}, run_id)
        place = {"article_id": ARTICLE, "sentence_index": "i", "sentence_key": "md5(n || '-' || i)"}
        insert(connection, ArticleSentence, five, place, run_id)
        name = {"article_id": ARTICLE, "mention_id": "md5(n || '+' || i)", "entity_id": "'Q' || n % 5000"}
        insert(connection, EntityMention, five, name, run_id)
        ledger(connection, stages, rows, run_id)
        refused = {"rejection_id": "md5('r' || n)", "document_id": "md5('r' || n)", "stage": "'ingest'"}
        insert(connection, Rejection, many, {**refused, "rule": "'rule ' || n % 7"}, run_id)
        for stage in stages:
            versions = f"{{'rasad': '0', 'stage': '{stage.version}', 'model': {_quoted(stage.model_version)}}}"
            taken = f"{{'rows_in': {CHUNK}, 'rows_out': {CHUNK}, 'rejected': 0, 'excluded': 0}}"
            did = {"stage": f"'{stage.name}'", "counts": taken, "versions": versions, "seconds": "60"}
            insert(connection, Run, "(SELECT 0 AS n)", {**did, "snapshot_id": str(snapshot_id)}, run_id)

    with open_writer(location, "bench", RESOURCES) as writer:
        for number, first in enumerate(range(0, count, CHUNK)):
            run_id = f"run-{number:05d}"
            writer.change(run_id, "bench", partial(chunk, first, run_id))
            print(f"{min(first + CHUNK, count):,} articles", file=sys.stderr, flush=True)
        writer.change("bench", "bench", partial(_interrupt, count))


def _interrupt(count: int, connection: duckdb.DuckDBPyConnection, snapshot_id: int) -> None:
    """The last run ended before the latest 1,000 articles got to the last two stages."""
    connection.execute(
        f"DELETE FROM {qualified(LedgerEntry)} WHERE stage IN ('events', 'deduplicate') AND article_id IN "
        f"(SELECT {ARTICLE} FROM (SELECT range AS n FROM range({count - 1000}, {count})))"
    )


def _quoted(value: str | None) -> str:
    return "NULL" if value is None else f"'{value}'"


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of one thing."""

    wall: float
    processor: float

    def row(self, what: str) -> dict[str, Cell]:
        return {"": what, "clock, s": self.wall, "processor, s": self.processor}


def command(location: Location) -> Took:
    """`rasad status`, the best of three: the machine may be busy."""
    tries = []
    for _ in range(3):
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "flows", "status", "--warehouse", str(location.folder), "--format", "json"],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        json.loads(process.stdout.read())
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        tries.append(Took(time.perf_counter() - began, usage.ru_utime + usage.ru_stime))
    return min(tries, key=lambda took: took.wall)


def timed(work: Callable[[], object]) -> Took:
    began, used = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - began, time.process_time() - used)


def questions(reader: Reader) -> list[dict[str, Cell]]:
    """What the parts of the status take, within one process."""
    stages = [stage_spec(stage) for stage in pipeline_stages(Settings())]
    return [
        timed(lambda: outstanding(reader, stages)).row("what is due"),
        timed(lambda: plan(reader, stages)).row("the same by every key"),
        timed(lambda: alerts(reader)).row("warnings"),
        timed(lambda: status(reader, lambda: stages)).row("all questions"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="kept, and used again when it is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        empty, full = Location.at(folder / "empty"), Location.at(folder / "full")
        if not full.exists():
            build(full, given.count)
            open_writer(empty, "bench", RESOURCES).close()
        size = sum(file.stat().st_size for file in full.data.rglob("*.parquet"))
        rows = [
            command(empty).row("`rasad status`, empty warehouse"),
            command(full).row("`rasad status`, full warehouse"),
        ]
        with open_reader(full, RESOURCES) as reader:
            rows += questions(reader)
        show_table(rows, f"{given.count:,} articles, {size / 1e6:,.0f} MB of Parquet")


if __name__ == "__main__":
    main()
