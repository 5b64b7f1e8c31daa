"""Whatever the order, the batches and the revisions, deduplication leaves the same tables."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.record import sql_columns
from schemas.stories import ArticleSignature, DuplicatePair, SignatureBand
from tasks import deduplicate, deduplicate_queries
from tasks.stage import StageInput, stable_id

TABLES = (DuplicatePair, ArticleSignature, SignatureBand)
START = datetime(2025, 3, 1, tzinfo=UTC)
SENTENCE = "أعلن الوزير اليوم في بيان أن المحادثات ستستأنف غدا بعد توقف دام شهرا كاملا بحضور وفدين من البلدين"
WORDS = SENTENCE.split()


@dataclass(frozen=True)
class Item:
    """An article, as far as deduplication looks at it."""

    name: str
    text: str
    published_at: datetime | None

    @property
    def article_id(self) -> str:
        return stable_id(self.name)


class Store:
    """A warehouse in small: plain tables, changed the way the engine changes them."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute(
            "CREATE TABLE articles (article_id VARCHAR, title VARCHAR, text VARCHAR, published_at TIMESTAMPTZ)"
        )
        for record in TABLES:
            self.connection.execute(f"CREATE TABLE {record.table.name} ({sql_columns(record)})")

    def lookup(self, query: str, **tables: pa.Table) -> pa.Table:
        for name, table in tables.items():
            self.connection.register(name, table)
        answer = self.connection.execute(query).to_arrow_table()
        for name in tables:
            self.connection.unregister(name)
        return answer

    def ingest(self, items: Sequence[Item]) -> None:
        articles = articles_of(items)
        self.lookup("DELETE FROM articles WHERE article_id IN (SELECT article_id FROM batch)", batch=articles)
        self.lookup("INSERT INTO articles SELECT * FROM batch", batch=articles)

    def deduplicate(self, items: Sequence[Item]) -> tuple[str, ...]:
        units = tuple(item.article_id for item in items)
        output = deduplicate.deduplicate(StageInput(units, {"articles": articles_of(items)}, self.lookup))
        assert not set(output.restated) & set(units)
        owners = pa.table({"article_id": pa.array([*units, *output.restated], pa.string())})
        for record in TABLES:
            name = record.table.name
            rows = output.tables[name]
            assert set(rows["article_id"].to_pylist()) <= set(owners["article_id"].to_pylist())
            self.lookup(f"DELETE FROM {name} WHERE article_id IN (SELECT article_id FROM owners)", owners=owners)
            self.lookup(f"INSERT INTO {name} SELECT *, 'run', '1' FROM batch", batch=rows)
        return output.restated

    def add(self, items: Sequence[Item]) -> tuple[str, ...]:
        self.ingest(items)
        return self.deduplicate(items)

    def state(self) -> dict[str, list[tuple[object, ...]]]:
        return {
            record.table.name: sorted(
                self.connection.execute(f"SELECT * FROM {record.table.name}").fetchall(), key=repr
            )
            for record in TABLES
        }


def articles_of(items: Sequence[Item]) -> pa.Table:
    return pa.table(
        {
            "article_id": pa.array([item.article_id for item in items], pa.string()),
            "title": pa.nulls(len(items), pa.string()),
            "text": pa.array([item.text for item in items], pa.string()),
            "published_at": pa.array([item.published_at for item in items], pa.timestamp("us", tz="UTC")),
        }
    )


def story(seed: int, edits: int) -> str:
    """One of a few made-up reports, with as many words exchanged."""
    chance = random.Random(seed)
    words = [f"{chance.choice(WORDS)}{chance.randrange(40)}" for _ in range(40)]
    for edit in range(edits):
        words[(edit * 13 + 5) % len(words)] = f"تعديل{edit}"
    return " ".join(words)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Item], list[Item]]:
    """Articles, and the order in which they come, with earlier revisions of some mixed in before them."""
    texts = st.builds(story, st.integers(0, 2), st.integers(0, 3)) | st.sampled_from(["عاجل", "عاجل.", "؟!"])
    days = st.none() | st.integers(0, 4).map(lambda day: START + timedelta(days=day))
    final = [Item(str(place), draw(texts), draw(days)) for place in range(draw(st.integers(1, 9)))]
    arrivals = draw(st.permutations(final))
    for item in draw(st.lists(st.sampled_from(final), max_size=4)):
        draft = replace(item, text=draw(texts), published_at=draw(days))
        arrivals.insert(draw(st.integers(0, arrivals.index(item))), draft)
    return final, arrivals


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(histories(), st.lists(st.integers(1, 5), min_size=1, max_size=6), st.sampled_from([1, 2, 32]))
def test_any_order_and_batching_gives_the_tables_of_one_rebuild(
    history: tuple[list[Item], list[Item]], sizes: list[int], heads: int
) -> None:
    final, arrivals = history
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AFFECTED", "CANDIDATES"):
            query = getattr(deduplicate_queries, name)
            patch.setattr(deduplicate_queries, name, query.replace("<= 32)", f"<= {heads})"))
        rebuilt, grown = Store(), Store()
        rebuilt.add(final)
        while arrivals:
            size = sizes.pop(0) if sizes else 1
            batch = {item.name: item for item in arrivals[:size]}
            grown.add(list(batch.values()))
            del arrivals[:size]
        assert grown.state() == rebuilt.state()


def test_articles_stored_by_one_commit_and_deduplicated_by_many_give_the_same_tables() -> None:
    items = [Item(str(n), story(n % 3, n % 4), START + timedelta(days=-n)) for n in range(8)]
    rebuilt, grown = Store(), Store()
    rebuilt.add(items)
    grown.ingest(items)
    for item in items:
        grown.deduplicate([item])
    assert grown.state() == rebuilt.state()


def test_later_articles_restate_nothing() -> None:
    store = Store()
    restated = [store.add([Item(str(n), story(n % 2, n % 4), START + timedelta(days=n))]) for n in range(8)]
    assert set(restated) == {()}


def test_an_earlier_copy_takes_over_the_group() -> None:
    store = Store()
    first, second = (Item(name, story(1, 0), START + timedelta(days=1)) for name in ("a", "b"))
    store.add([first, second])
    late = Item("c", story(1, 0), START)
    assert set(store.add([late])) == {first.article_id, second.article_id}
    pairs = store.connection.execute("SELECT article_id, duplicate_of, kind FROM duplicate_pairs").fetchall()
    assert sorted(pairs) == sorted((i.article_id, late.article_id, "exact") for i in (first, second))
    owners = store.connection.execute("SELECT DISTINCT article_id FROM signature_bands").fetchall()
    assert owners == [(late.article_id,)]


def test_copies_make_one_pair_each() -> None:
    store = Store()
    store.add([Item(str(n), story(1, 0), None) for n in range(500)])
    assert pc.sum(store.lookup("SELECT count(*) AS n FROM duplicate_pairs")["n"]).as_py() == 499
