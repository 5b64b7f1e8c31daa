"""A warehouse in small for the stage `deduplicate`, changed the way the engine changes the real one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from hypothesis import strategies as st

from schemas.entities import EntityMention
from schemas.events import Event
from schemas.record import Record, arrow_schema, made_schema
from schemas.stories import ArticleSignature, DuplicatePair, SignatureBand
from tasks.deduplicate import deduplicate
from tasks.deduplicate_stage import deduplicate_stage
from tasks.stage import Stage, StageInput, StageOutput, stable_id
from tasks.stories_vectors import WIDTH, Vectors, bundled_freed
from warehouse.connection import registered

START = datetime(2025, 3, 1, tzinfo=UTC)


def toy_vectors(texts: Sequence[str]) -> Vectors:
    """Vectors that share what the texts' words share: each word adds a direction of its own.

    As with the real encoder, all of them have a large part in common, which the stage takes off.
    """
    rows = []
    common = bundled_freed().means.mean(0)
    for text in texts:
        row = np.full(WIDTH, 0.001)
        for word in text.split():
            row += _direction(word)
        rows.append(common + 0.5 * row / np.linalg.norm(row))
    return np.array(rows, np.float32).reshape(-1, WIDTH)


@lru_cache(maxsize=4_096)
def _direction(word: str) -> npt.NDArray[np.float64]:
    return np.random.default_rng(int(stable_id(word)[:8], 16)).normal(size=WIDTH)


#: The whole stage, with vectors that cost nothing.
STORIES = deduplicate_stage(toy_vectors)
#: Its first half.
COPIES = Stage("copies", "1", (), (DuplicatePair, ArticleSignature, SignatureBand), deduplicate)


@dataclass(frozen=True)
class Item:
    """An article, as far as the stage looks at it; hours count from START, as `fetched` does."""

    name: str
    text: str
    hours: float | None
    language: str = "ar"
    source: str = "agency"
    fetched: int = 0

    @property
    def article_id(self) -> str:
        return stable_id(self.name)


class Store:
    """Plain tables instead of a DuckLake.

    Rows are replaced in Arrow, and a table is written anew where any changed: of a dozen rows every statement costs
    DuckDB as much as a question.
    """

    def __init__(self, stage: Stage = STORIES) -> None:
        self.stage = stage
        self.tables = {record.table.name: made_schema(record).empty_table() for record in stage.writes}
        self.documents: set[str] = set()
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute(
            "CREATE TABLE articles (article_id VARCHAR, document_id VARCHAR, source VARCHAR, title VARCHAR, "
            "text VARCHAR, language VARCHAR, published_at TIMESTAMPTZ)"
        )
        self.connection.execute("CREATE TABLE raw_documents (document_id VARCHAR, fetched_at TIMESTAMPTZ)")
        for name, table in self.tables.items():
            self.lookup(f"CREATE TABLE {name} AS FROM batch", batch=table)

    def lookup(self, query: str, **tables: pa.Table) -> pa.Table:
        with registered(self.connection, tables):
            return self.connection.execute(query).to_arrow_table()

    def ingest(self, items: Sequence[Item]) -> None:
        articles = articles_of(items)
        ids = set(articles["document_id"].to_pylist())
        fetched = pa.array([START + timedelta(hours=item.fetched) for item in items], pa.timestamp("us", tz="UTC"))
        documents = pa.table({"document_id": articles["document_id"], "fetched_at": fetched})
        for name, rows in (("articles", articles), ("raw_documents", documents)):
            if ids & self.documents:
                self.lookup(f"DELETE FROM {name} WHERE document_id IN (SELECT document_id FROM batch)", batch=rows)
            self.lookup(f"INSERT INTO {name} SELECT * FROM batch", batch=rows)
        self.documents |= ids

    def work(self, items: Sequence[Item]) -> StageOutput:
        """Take articles through the stage, as one batch, and store what comes out."""
        units = tuple(item.article_id for item in items)
        tables = {
            "articles": articles_of(items),
            EntityMention.table.name: arrow_schema(EntityMention).empty_table(),
            Event.table.name: arrow_schema(Event).empty_table(),
        }
        output = self.stage.work(StageInput(units, tables, self.lookup))
        assert not output.rejected
        for record in self.stage.writes:
            self.replace(record, output.tables[record.table.name], {*units, *output.restated})
        return output

    def replace(self, record: type[Record], rows: pa.Table, owners: set[str]) -> None:
        """Rows of these owners, and of the keys of the new ones, give way to the new ones."""
        name, stored = record.table.name, self.tables[record.table.name]
        required = [field.name for field in stored.schema if not field.nullable]
        assert not any(rows[column].null_count for column in required), f"{name}: a null among {required}"
        keys = list(zip(*(rows[column].to_pylist() for column in record.table.key), strict=True))
        known = set(keys)
        assert len(known) == len(keys), f"{name}: a key twice"
        held = zip(*(stored[column].to_pylist() for column in record.table.key), strict=True)
        kept = [
            owner not in owners and key not in known
            for owner, key in zip(stored[record.table.owner].to_pylist(), held, strict=True)
        ]
        if not rows.num_rows and all(kept):
            return
        left = stored.filter(pa.array(kept, pa.bool_()))
        self.tables[name] = pa.concat_tables([left, rows.select(stored.schema.names).cast(stored.schema)])
        self.lookup(f"CREATE OR REPLACE TABLE {name} AS FROM batch", batch=self.tables[name])

    def add(self, items: Sequence[Item]) -> StageOutput:
        """Store articles and take them through the stage, as one batch."""
        self.ingest(items)
        return self.work(items)

    def grow(self, arrivals: Sequence[Item], sizes: Sequence[int]) -> None:
        """Add articles in batches of these sizes, then one by one; of two revisions in a batch the later counts."""
        left, steps = list(arrivals), iter(sizes)
        while left:
            size = next(steps, 1)
            self.add(list({item.name: item for item in left[:size]}.values()))
            del left[:size]

    def state(self) -> dict[str, list[tuple[object, ...]]]:
        return {
            name: sorted(zip(*(column.to_pylist() for column in table.columns), strict=True), key=repr)
            for name, table in self.tables.items()
        }

    def stories(self) -> dict[str, str]:
        """The story of each article."""
        return dict(self.connection.execute("SELECT article_id, story_id FROM story_articles").fetchall())


def arrivals(
    draw: st.DrawFn, final: list[Item], texts: st.SearchStrategy[str], hours: st.SearchStrategy[int | None]
) -> list[Item]:
    """The order in which articles come, with earlier revisions of some mixed in before them."""
    order = draw(st.permutations(final))
    for item in draw(st.lists(st.sampled_from(final), max_size=4)):
        draft = replace(item, text=draw(texts), hours=draw(hours))
        order.insert(draw(st.integers(0, order.index(item))), draft)
    return order


def articles_of(items: Sequence[Item]) -> pa.Table:
    times = [None if item.hours is None else START + timedelta(hours=item.hours) for item in items]
    return pa.table(
        {
            "article_id": pa.array([item.article_id for item in items], pa.string()),
            "document_id": pa.array([item.article_id for item in items], pa.string()),
            "source": pa.array([item.source for item in items], pa.string()),
            "title": pa.nulls(len(items), pa.string()),
            "text": pa.array([item.text for item in items], pa.string()),
            "language": pa.array([item.language for item in items], pa.string()),
            "published_at": pa.array(times, pa.timestamp("us", tz="UTC")),
        }
    )
