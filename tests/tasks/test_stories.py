"""What makes one story, what does not, and what a story's row says."""

from __future__ import annotations

import numpy as np
import pytest

from tasks import stories_undated
from tasks.deduplicate_stage import deduplicate_stage
from tasks.stage import stable_id
from tasks.stories_merge import Groups, merge
from tasks.stories_score import DAY, bundled_scale
from tasks.stories_terms import sound, terms_of
from tasks.stories_threads import NONE
from tasks.stories_vectors import WIDTH, headline, headline_vectors, is_telling
from tests.tasks.store import Item, Store

QUAKE = "ضرب زلزال قوي ولاية كونر شرق أفغانستان وخلف مئات القتلى تحت أنقاض البيوت الطينية فجر الاثنين"
TALKS = "انتهت في مسقط الجولة الأولى من المحادثات غير المباشرة واتفق الوفدان على لقاء آخر السبت المقبل"


def row(store: Store, name: str) -> dict[str, object]:
    story = store.stories()[stable_id(name)]
    cursor = store.connection.execute("SELECT * FROM stories WHERE story_id = ?", [story])
    return dict(zip([column[0] for column in cursor.description], cursor.fetchone() or (), strict=True))


def test_reports_of_one_event_are_one_story_and_of_another_event_another() -> None:
    store = Store()
    other = QUAKE.replace("مئات", "عشرات") + " بحسب السلطات"
    store.add([Item("a", QUAKE, 0), Item("b", other, 5, "fa"), Item("c", TALKS, 6)])
    found = store.stories()
    assert found[stable_id("a")] == found[stable_id("b")] != found[stable_id("c")]
    assert (row(store, "a")["article_count"], row(store, "a")["language_count"]) == (2, 2)


def test_the_same_words_a_week_later_are_another_story() -> None:
    store = Store()
    store.add([Item("a", TALKS + " الأول", 0), Item("b", TALKS + " الثاني", 24 * 8)])
    assert len(set(store.stories().values())) == 2


@pytest.mark.parametrize(
    ("days", "counts", "joined"),
    [((0, 0.2), (1, 1), True), ((0, 3.0), (1, 1), False), ((0, 0.2), (90, 90), False), ((0, 0.2), (90, 1), True)],
    ids=["soon", "after a silence", "both large", "one large"],
)
def test_a_silent_or_a_large_story_must_be_nearer(
    days: tuple[float, ...], counts: tuple[int, ...], joined: bool
) -> None:
    """Two threads of a cosine of .45."""
    directions = np.zeros((2, WIDTH))
    directions[0, 0], directions[1, 0], directions[1, 1] = 1, 0.45, (1 - 0.45**2) ** 0.5
    roots = np.full(2, NONE)
    moments = np.array([round(day * DAY) for day in days])
    merge(Groups(moments, directions * 4096, np.array(counts)), bundled_scale(), 0, roots)
    assert (roots[1] == roots[0]) == joined


def test_copies_of_one_wire_text_count_once_as_a_source() -> None:
    store = Store()
    copies = [Item(f"copy{n}", QUAKE, n, source=f"site-{n}") for n in range(5)]
    own = Item("own", QUAKE.replace("ضرب زلزال قوي", "هز زلزال") + " وتواصلت عمليات الإنقاذ", 9, source="other")
    store.add([*copies, own])
    assert (row(store, "own")["article_count"], row(store, "own")["independent_source_count"]) == (6, 2)


def test_a_backfill_becomes_canonical_without_renaming_the_story() -> None:
    store = Store()
    store.add([Item("a", QUAKE, 5), Item("b", QUAKE + " وفق بيان", 6)])
    before = row(store, "a")
    store.add([Item("late", QUAKE + " عاجل", 1, fetched=40)])
    after = row(store, "late")
    assert after["story_id"] == before["story_id"]
    assert (before["canonical_id"], after["canonical_id"]) == (stable_id("a"), stable_id("late"))


def test_every_id_that_an_article_could_found_leads_to_its_story() -> None:
    store = Store()
    store.add([Item("a", QUAKE, 5), Item("b", QUAKE + " وفق بيان", 6), Item("c", TALKS, 7)])
    ids = {row[0] for row in store.connection.execute("SELECT story_id FROM stories").fetchall()}
    leads = dict(store.connection.execute("SELECT story_id, merged_into FROM story_redirects").fetchall())
    for name in "abc":
        own = stable_id("story", stable_id(name))
        assert leads.get(own, own) == store.stories()[stable_id(name)]
    assert not ids & leads.keys()


@pytest.mark.parametrize("at_once", [0, 50_000])
def test_undated_articles_follow_the_report_they_resemble(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories_undated, "AT_ONCE", at_once)  # 0: read in sixteen slices
    store = Store()
    store.add([Item("dated", QUAKE, 5), Item("none", QUAKE + " عاجل", None), Item("alone", TALKS, None)])
    found = store.stories()
    assert found[stable_id("none")] == found[stable_id("dated")] != found[stable_id("alone")]


def test_a_thousand_copies_and_one_word_texts_make_no_false_stories() -> None:
    store = Store()
    store.add([*(Item(f"{n}", QUAKE, n / 100) for n in range(1000)), Item("x", "عاجل", 1), Item("y", "خبر", 1)])
    found = store.stories()
    assert len(set(found.values())) == 3
    assert row(store, "0")["independent_source_count"] == 1


def test_labels_are_joined_to_nothing_by_the_encoder_itself() -> None:
    """«عاجل» and «فوری» mean the same, and say of no event that it happened."""
    labels = [
        "عاجل",
        "خبر",
        "فوری",
        "خبر عاجل",
        "خبر فوری",
        "أخبار اليوم",
        "آخرین اخبار",
        "فيديو",
        "ویدیو",
        "عاجل عاجل عاجل عاجل",
    ]
    dated = [Item(f"d{at}", text, at) for at, text in enumerate(labels)]
    undated = [Item(f"u{at}", text + ".", None) for at, text in enumerate(labels)]
    quakes = [
        Item("q1", QUAKE, 1),
        Item("q2", "زمین‌لرزه‌ای شدید در ولایت کنر در شرق افغانستان صدها کشته بر جا گذاشت", 2, "fa"),
    ]
    store = Store(deduplicate_stage(headline_vectors))
    output = store.add([*dated, *undated, *quakes])
    assert {e.unit_id for e in output.excluded} == {item.article_id for item in [*dated, *undated]}
    found = store.stories()
    assert len({found[item.article_id] for item in dated}) == len(labels)
    assert [found[item.article_id] for item in undated] == [found[item.article_id] for item in dated]  # equal texts
    assert found[quakes[0].article_id] == found[quakes[1].article_id]
    assert len(set(found.values())) == len(labels) + 1


def test_words_enough_to_tell_a_story_are_counted_in_every_script() -> None:
    assert is_telling("استقالة وزير الدفاع اليمني") and is_telling("东京奥运会开幕式")
    assert not any(map(is_telling, ("", "؟!", "استقالة وزير", "عاجل عاجل عاجل عاجل", "نخست‌وزیر آمد", "奥运会")))


@pytest.mark.parametrize("names", [("Putin", "بوتين", "Путин"), ("Vladimir", "فلاديمير", "Владимир")])
def test_names_sound_alike_in_every_script(names: tuple[str, ...]) -> None:
    assert len({sound(name.lower()) for name in names}) == 1


def test_terms_are_sorted_within_their_kinds_and_each_stands_once() -> None:
    terms = terms_of("قتل 120 شخصا و120 جريحا في كابل كابل", ["loc-kabul"], ["ASSAULT"])
    assert len(terms) == len(set(terms))
    assert {"n:120", "w:كابل", "s:kbl", "e:loc-kabul", "a:ASSAULT"} <= set(terms)


def test_the_headline_is_the_title_and_the_first_sentence() -> None:
    text = "زلزال في كونر\n\nقتل مئات الأشخاص في زلزال فجر الاثنين. وتواصل فرق الإنقاذ عملها."
    assert headline("زلزال في كونر", text) == "زلزال في كونر\nقتل مئات الأشخاص في زلزال فجر الاثنين."
    assert headline(None, "") == ""
