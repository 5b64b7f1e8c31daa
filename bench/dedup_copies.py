"""What so many articles of one text cost, up to a million: through the whole stage `deduplicate`, stories included.

    python -m bench.dedup_copies [--copies 10000 100000 1000000]

Each article has an id, a time and a document of its own, and they come in batches, in order of time, but that the
earliest two come last and take over from those that were the first. The vectors cost nothing: the encoder's are
computed for each article alone, and grow with nothing. Tables lie in a DuckDB file. Half are reports of one event, half
the word «عاجل» alone, which tells no story and is counted as excluded. Reported are the seconds of the processor of all
batches, of the first, of the last but one and of the last, the peak of memory, and what came out: of each text one
story, a pair for each article but the first.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from bench.figures import Cell, Point, show_points, show_table
from schemas.entities import EntityMention
from schemas.events import Event
from schemas.record import arrow_schema, made_schema
from tasks.deduplicate_stage import deduplicate_stage
from tasks.stage import Stage, StageInput, stable_id
from tasks.stories_vectors import WIDTH, Vectors
from warehouse.connection import registered

BATCH = 20_000
MEMORY = "3GB"
REPORT = "ضرب زلزال قوي ولاية كونر شرقي أفغانستان وخلف مئات القتلى تحت أنقاض البيوت، ولم يصل رجال الإنقاذ بعد"
TEXTS = (REPORT, "عاجل")
START = datetime(2025, 3, 1, tzinfo=UTC)


def one_vector(texts: Sequence[str]) -> Vectors:
    """The same direction for every text."""
    return np.tile(np.eye(1, WIDTH, dtype=np.float32), (len(texts), 1))


class Store:
    """The warehouse's part, in a DuckDB file: rows of an owner, and of a key, give way to new ones."""

    def __init__(self, file: Path, stage: Stage) -> None:
        self.stage = stage
        self.connection = duckdb.connect(str(file), config={"threads": 2, "memory_limit": MEMORY})
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("CREATE TABLE raw_documents (document_id VARCHAR, fetched_at TIMESTAMPTZ)")
        self.connection.execute(
            "CREATE TABLE articles (article_id VARCHAR, source VARCHAR, title VARCHAR, text VARCHAR)"
        )
        for record in stage.writes:
            self.lookup(f"CREATE TABLE {record.table.name} AS FROM batch", batch=made_schema(record).empty_table())

    def lookup(self, query: str, **tables: pa.Table) -> pa.Table:
        with registered(self.connection, tables):
            return self.connection.execute(query).to_arrow_table()

    def add(self, articles: pa.Table, documents: pa.Table) -> int:
        """Take a batch through the stage and store what comes out; how many articles it excluded."""
        self.lookup("INSERT INTO raw_documents FROM batch", batch=documents)
        self.lookup("INSERT INTO articles SELECT article_id, source, title, text FROM batch", batch=articles)
        tables = {"articles": articles}
        tables |= {record.table.name: arrow_schema(record).empty_table() for record in (EntityMention, Event)}
        units = tuple(articles["article_id"].to_pylist())
        output = self.stage.work(StageInput(units, tables, self.lookup))
        owners = pa.table({"id": pa.array([*units, *output.restated], pa.string())})
        for record in self.stage.writes:
            name, rows, table = record.table.name, output.tables[record.table.name], record.table
            self.lookup(f"DELETE FROM {name} WHERE {table.owner} IN (SELECT id FROM owners)", owners=owners)
            keys = " AND ".join(f"{name}.{key} = batch.{key}" for key in table.key)
            self.lookup(f"DELETE FROM {name} USING batch WHERE {keys}", batch=rows)
            self.lookup(f"INSERT INTO {name} BY NAME FROM batch", batch=rows)
        return len(output.excluded)


def articles_of(numbers: Sequence[int]) -> tuple[pa.Table, pa.Table]:
    """Articles of these numbers, and their documents."""
    ids = [stable_id(str(number)) for number in numbers]
    moments = pa.array([START + timedelta(seconds=number) for number in numbers], pa.timestamp("us", tz="UTC"))
    texts = [TEXTS[number % len(TEXTS)] for number in numbers]
    columns = {
        "article_id": ids,
        "document_id": ids,
        "source": [f"source-{number % 200}" for number in numbers],
        "title": pa.nulls(len(ids), pa.string()),
        "text": texts,
        "language": ["ar"] * len(ids),
        "published_at": moments,
    }
    return pa.table(columns), pa.table({"document_id": ids, "fetched_at": moments})


def measure(count: int, folder: Path) -> dict[str, Cell]:
    store = Store(folder / f"{count}.duckdb", deduplicate_stage(one_vector))
    numbers, seconds, excluded = [*range(len(TEXTS), count), *range(len(TEXTS))], list[float](), 0
    for low in range(0, count, BATCH):
        articles, documents = articles_of(numbers[low : low + BATCH])
        began = time.process_time()
        excluded += store.add(articles, documents)
        seconds.append(time.process_time() - began)
        show_points(
            Point(
                curve=f"A batch of {BATCH:,} articles of two texts",
                line=f"{count:,} articles",
                x=low + len(articles),
                x_unit="articles so far",
                y=round(seconds[-1], 2),
                y_unit="s",
            )
        )
    pairs, stories, members = (
        store.lookup(f"SELECT count(*) AS n FROM {name}")["n"][0].as_py()
        for name in ("duplicate_pairs", "stories", "story_articles")
    )
    return {
        "articles": count,
        "seconds": sum(seconds),
        "first batch, s": seconds[0],
        "last but one, s": seconds[-2:][0],
        "last, s": seconds[-1],
        "peak, MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "pairs": pairs,
        "stories": stories,
        "in a story": members,
        "excluded": excluded,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, nargs="+", default=[10_000, 100_000])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        show_table([measure(count, Path(folder)) for count in options.copies])


if __name__ == "__main__":
    main()
