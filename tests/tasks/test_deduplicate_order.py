"""Whatever the order, the batches and the revisions, deduplication leaves the same tables."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks import deduplicate_index, deduplicate_queries
from tests.tasks.store import COPIES, Item, Store, arrivals

SENTENCE = "أعلن الوزير اليوم في بيان أن المحادثات ستستأنف غدا بعد توقف دام شهرا كاملا بحضور وفدين من البلدين"
WORDS = SENTENCE.split()
COLOPHON = "تابعوا آخر أخبارنا عبر قناتنا على منصات التواصل جميع الحقوق محفوظة للموقع"


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
    whole = st.builds(story, st.integers(0, 2), st.integers(0, 3))
    inside = whole.map(lambda text: text + " " + story(9, 0))
    texts = whole | inside | whole.map(lambda text: f"{text}\n{COLOPHON}") | st.sampled_from(["عاجل", "عاجل.", "؟!"])
    days = st.none() | st.integers(0, 4).map(lambda day: 24 * day)
    final = [Item(str(place), draw(texts), draw(days)) for place in range(draw(st.integers(4, 9)))]
    return final, arrivals(draw, final, texts, days)


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(
    histories(),
    st.lists(st.integers(1, 5), min_size=1, max_size=6),
    st.sampled_from([1, 2, 32]),
    st.sampled_from([2, 3]),
    st.sampled_from([(0, 0), (30_000, 200_000), (30_000, 5)]),
)
def test_any_order_and_batching_gives_the_tables_of_one_rebuild(
    history: tuple[list[Item], list[Item]], sizes: list[int], heads: int, pages: int, few: tuple[int, int]
) -> None:
    final, arriving = history
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AFFECTED", "CANDIDATES"):
            query = getattr(deduplicate_queries, name).replace("<= 32)", f"<= {heads})")
            patch.setattr(deduplicate_queries, name, query)
        patch.setattr(deduplicate_queries, "BUCKET_HEADS", heads)
        patch.setattr(deduplicate_queries, "BOILERPLATE", pages)
        rebuilt, grown = Store(COPIES), Store(COPIES)
        patch.setattr(deduplicate_index, "FEW", 0)
        rebuilt.add(final)
        patch.setattr(deduplicate_index, "FEW", few[0])
        patch.setattr(deduplicate_index, "MOST_MET", few[1])
        grown.grow(arriving, sizes)
        assert grown.state() == rebuilt.state()


def test_articles_stored_by_one_commit_and_deduplicated_by_many_give_the_same_tables() -> None:
    items = [Item(str(n), story(n % 3, n % 4), -24 * n) for n in range(8)]
    rebuilt, grown = Store(COPIES), Store(COPIES)
    rebuilt.add(items)
    grown.ingest(items)
    for item in items:
        grown.work([item])
    assert grown.state() == rebuilt.state()


def test_later_articles_restate_nothing() -> None:
    store = Store(COPIES)
    restated = [store.add([Item(str(n), story(n % 2, n % 4), 24 * n)]).restated for n in range(8)]
    assert set(restated) == {()}


def test_an_earlier_copy_takes_over_the_group() -> None:
    store = Store(COPIES)
    first, second = (Item(name, story(1, 0), 24) for name in ("a", "b"))
    store.add([first, second])
    late = Item("c", story(1, 0), 0)
    assert set(store.add([late]).restated) == {first.article_id, second.article_id}
    pairs = store.connection.execute("SELECT article_id, duplicate_of, kind FROM duplicate_pairs").fetchall()
    assert sorted(pairs) == sorted((i.article_id, late.article_id, "exact") for i in (first, second))
    owners = store.connection.execute("SELECT DISTINCT article_id FROM signature_bands").fetchall()
    assert owners == [(late.article_id,)]


def test_copies_make_one_pair_each() -> None:
    store = Store(COPIES)
    store.add([Item(str(n), story(1, 0), None) for n in range(500)])
    assert store.lookup("SELECT count(*) AS n FROM duplicate_pairs")["n"].to_pylist() == [499]
