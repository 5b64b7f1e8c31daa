"""Whatever the order, the batches and the revisions, the stage leaves the stories of one rebuild."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks import stories_queries, stories_undated
from tests.tasks.store import START, Item, Store, arrivals

TOPICS = (
    "التقى وزير الخارجية نظيره العماني في مسقط وبحثا موعد الجولة المقبلة من المحادثات",
    "ضرب زلزال قوي ولاية كونر وخلف مئات القتلى تحت أنقاض البيوت الطينية",
    "رفع البنك المركزي سعر الفائدة إلى ثمانية عشر في المئة بعد اجتماع طارئ",
)


def report(topic: int, seed: int) -> str:
    """A report of one topic with some words of its own: near ones match, far ones do not."""
    chance = random.Random(seed)
    words = TOPICS[topic].split()
    kept = [word for word in words if chance.random() < 0.75]
    return " ".join([*kept, *(f"كلمة{chance.randrange(60)}" for _ in range(3))])


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Item], list[Item]]:
    """Articles, and the order in which they come, with earlier revisions of some mixed in before them."""
    texts = st.builds(report, st.integers(0, 2), st.integers(0, 7))
    hours = st.none() | st.integers(0, 300)
    final = [
        Item(
            str(place), draw(texts), draw(hours), draw(st.sampled_from(["ar", "fa"])), f"source-{place % 3}",
            draw(st.integers(0, 3)),
        )
        for place in range(draw(st.integers(6, 14)))
    ]  # fmt: skip
    return final, arrivals(draw, final, texts, hours)


@settings(max_examples=7, suppress_health_check=list(HealthCheck))
@given(histories(), st.lists(st.integers(1, 6), min_size=1, max_size=8), st.sampled_from([2, 3, 50_000]))
def test_any_order_and_batching_gives_the_stories_of_one_rebuild(
    history: tuple[list[Item], list[Item]], sizes: list[int], most: int
) -> None:
    final, arriving = history
    rebuilt, grown = Store(), Store()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stories_undated, "MOST", most)
        rebuilt.add(final)
        grown.grow(arriving, sizes)
    assert grown.state() == rebuilt.state()


def test_undated_articles_beyond_the_most_stand_alone_and_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories_undated, "MOST", 2)
    items = sorted((Item(str(n), report(0, n), None) for n in range(6)), key=lambda item: item.article_id)
    excluded = Store().add(items).excluded
    assert {(e.unit_id, e.reason) for e in excluded} == {(item.article_id, "too-many-undated") for item in items[2:]}


def test_a_long_stream_in_any_order_gives_the_stories_of_one_rebuild() -> None:
    chance = random.Random(5)
    items = [
        Item(str(n), report(chance.randrange(3), chance.randrange(30)), chance.randrange(0, 900)) for n in range(70)
    ]
    rebuilt, grown = Store(), Store()
    rebuilt.add(items)
    assert 10 < len(set(rebuilt.stories().values())) < 65
    chance.shuffle(items)
    for at in range(0, len(items), 17):
        grown.add(items[at : at + 17])
    assert grown.state() == rebuilt.state()


@pytest.mark.parametrize("is_after", [False, True])
def test_what_is_usual_five_days_around_is_taken_off_whatever_comes_first(is_after: bool) -> None:
    """Two reports resemble each other less where a crowd of their topic came days before the first, or after the last.

    The crowd is out of the habit of the other, and further away than what that one can be joined to.
    """

    def item(name: str, seed: int, hours: float) -> Item:
        return Item(name, report(0, seed), 137 - hours if is_after else hours)

    crowd = [item(f"crowd{n}", 100 + n, n / 4) for n in range(60)]
    first, second = item("first", 3, 24 * 4.9), item("second", 4, 24 * 5.7)
    alone, rebuilt = Store(), Store()
    alone.add([first, second])
    rebuilt.add([*crowd, first, second])
    assert alone.stories()[first.article_id] == alone.stories()[second.article_id]
    assert rebuilt.stories()[first.article_id] != rebuilt.stories()[second.article_id]
    mixed = [crowd[:30], [second], crowd[30:], [first]]
    for batches in ([crowd, [first], [second]], [[first], [second], crowd], mixed):
        grown = Store()
        for batch in batches:
            grown.add(batch)
        assert grown.state() == rebuilt.state()


def test_a_text_that_comes_again_and_again_is_written_once_a_time() -> None:
    """The rows that a batch of copies costs do not grow with the copies that are stored."""
    store, written = Store(), []
    for batch in range(5):
        copies = [Item(f"{batch}-{n}", TOPICS[0], batch, fetched=batch) for n in range(40)]
        output = store.add(copies)
        written.append({name: rows.num_rows for name, rows in output.tables.items()})
    assert written[1:] == [written[1]] * 4
    assert written[1]["story_articles"] == written[1]["story_redirects"] == 40
    rebuilt = Store()
    rebuilt.add([Item(f"{batch}-{n}", TOPICS[0], batch, fetched=batch) for batch in range(5) for n in range(40)])
    assert store.state() == rebuilt.state()


def test_a_late_article_has_a_bounded_stretch_matched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that a stretch cuts in two at its end do not count as changed: it would grow to the end of time."""
    chance = random.Random(8)

    def event(topic: int, name: str) -> Item:
        words = [f"موضوع{topic}كلمة{word}" for word in range(10) if chance.random() < 0.6]
        return Item(name, " ".join([*words, f"تفصيل{name}", f"مصدر{name}"]), topic * 24 + chance.uniform(0, 96))

    store = Store()
    store.add([event(n % 110, str(n)) for n in range(770)])
    assert 110 < len(set(store.stories().values())) < 400
    read: list[int] = []
    query = stories_queries.nodes

    def nodes(first: int, last: int) -> str:
        read.append(last)
        return query(first, last)

    monkeypatch.setattr(stories_queries, "nodes", nodes)
    for n in range(3):
        store.add([event(30 + 2 * n, f"late{n}")])
    latest = START + timedelta(days=90)
    assert read
    assert max(read) < latest.timestamp() * 1_000_000
