"""What counts as a copy, what as a near-copy, and what never does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest

from tasks import deduplicate_index, deduplicate_queries
from tasks.deduplicate import CONTAINED_METHOD
from tasks.deduplicate_texts import fingerprint
from tasks.stage import stable_id
from tests.tasks.store import COPIES, Item, Store

REPORT = (
    "أعلنت وزارة الخارجية مساء الأحد أن جولة جديدة من المحادثات ستعقد في مسقط خلال الأيام المقبلة بوساطة عمانية، "
    "وقال المتحدث باسمها للصحفيين إن الوفد سيصل قبل يوم واحد من بدء الجلسات وإن جدول الأعمال لم يتغير منذ اللقاء "
    "الأخير الذي انتهى دون بيان مشترك."
)
NEWS = "وزیر امور خارجه روز دوشنبه در نشست خبری خود گفت که دور تازه گفت‌وگوها هفته آینده در پایتخت عمان برگزار می‌شود"


def keys(*texts: str, titles: tuple[str | None, ...] | None = None) -> tuple[str, ...]:
    columns = {
        "source": ["agency"] * len(texts),
        "article_id": [stable_id(str(place)) for place in range(len(texts))],
        "title": pa.array(titles or (None,) * len(texts), pa.string()),
        "text": list(texts),
    }
    return fingerprint(pa.table(columns)).keys


def pairs(*texts: str, sources: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The pairs of texts that come in one batch into an empty warehouse, one a day, named by their places."""
    names = sources or ["agency"] * len(texts)
    items = [Item(str(at), text, 24 * at, source=names[at]) for at, text in enumerate(texts)]
    ids = [item.article_id for item in items]
    output = Store(COPIES).add(items)
    assert not (output.restated or output.rejected or output.excluded)
    assert output.tables["article_signatures"]["article_id"].to_pylist() == ids
    rows: list[dict[str, Any]] = output.tables["duplicate_pairs"].to_pylist()
    return [
        {**row, "article_id": ids.index(row["article_id"]), "duplicate_of": ids.index(row["duplicate_of"])}
        for row in rows
    ]


def test_punctuation_marks_and_keyboards_make_no_difference() -> None:
    persian = NEWS.replace("ی", "ي").replace("ک", "ك").replace("\u200c", "")
    assert len(set(keys(NEWS, persian, f"«{NEWS}»."))) == 1
    assert keys(REPORT)[0] == keys(REPORT.replace("أ", "ا").replace("،", " "))[0] != keys(NEWS)[0]


def test_short_texts_need_equal_titles() -> None:
    one, two, three = keys("عاجل", "عاجل!", "عاجل", titles=("هدنة", "هدنة", "زلزال"))
    assert one == two != three
    assert len(set(keys("؟!", "...", ""))) == 3


def test_an_edited_copy_is_a_near_copy_of_the_earlier_text() -> None:
    edited = "خبر جديد: " + REPORT.replace("الأحد", "الاثنين")
    [pair] = pairs(REPORT, NEWS, edited)
    assert (pair["article_id"], pair["duplicate_of"], pair["kind"]) == (2, 0, "near")
    words, others = (text.replace("،", "").replace(":", "").split() for text in (REPORT, edited))
    left, right = (set(zip(w, w[1:], w[2:], strict=False)) for w in (words, others))
    assert pair["similarity"] == pytest.approx(len(left & right) / len(left | right))


def test_copies_and_near_copies_meet_in_the_earliest() -> None:
    edited = REPORT + " وأضاف أن الاتصالات مستمرة."
    found = {
        (p["article_id"], p["duplicate_of"], p["kind"]) for p in pairs(REPORT, edited, REPORT, edited, "عاجل", "عاجل")
    }
    assert found == {(1, 0, "near"), (2, 0, "exact"), (3, 1, "exact"), (5, 4, "exact")}


def test_texts_that_share_a_sentence_alone_are_no_copies() -> None:
    other = "تراجعت أسعار النفط اليوم في الأسواق العالمية بعد ارتفاع المخزونات إلى أعلى مستوى لها منذ عام كامل. "
    shared = "وكانت الجولة السابقة من المحادثات قد انتهت دون بيان مشترك."
    assert pairs(REPORT + " " + shared, other + shared) == []


@pytest.mark.parametrize("few", [0, 30_000])
def test_a_bucket_costs_no_more_than_its_heads(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve near-copies: all pairs by default, each with the two earliest at most when there are two heads."""
    texts = [REPORT.replace("الأحد", f"الأحد{place}") for place in range(12)]
    assert len(pairs(*texts)) == 66
    bounded = deduplicate_queries.CANDIDATES.replace(f"<= {deduplicate_queries.BUCKET_HEADS})", "<= 2)")
    monkeypatch.setattr(deduplicate_queries, "CANDIDATES", bounded)
    monkeypatch.setattr(deduplicate_queries, "BUCKET_HEADS", 2)
    monkeypatch.setattr(deduplicate_index, "FEW", few)
    found = pairs(*texts)
    assert {pair["article_id"] for pair in found} == set(range(1, 12))
    assert len(found) < 66


def test_every_pair_points_backwards() -> None:
    texts = [REPORT + f" المصدر {place}." for place in range(4)]
    assert all(p["duplicate_of"] < p["article_id"] for p in pairs(*texts))
    assert all(a != b for a, b in pairwise(keys(*texts)))


def page(number: int) -> str:
    """A text of sixty words that no other page has."""
    return " ".join(f"كلمة{number}رقم{place}" for place in range(60))


@pytest.mark.parametrize("short_first", [True, False])
def test_a_short_item_inside_a_long_one_is_found_whichever_came_first(short_first: bool) -> None:
    digest = "\n".join([page(1), REPORT, page(2)])
    [pair] = pairs(*((REPORT, digest) if short_first else (digest, REPORT)))
    assert (pair["kind"], pair["method"]) == ("near", CONTAINED_METHOD)
    assert pair["similarity"] >= 0.95


def test_a_quoted_sentence_makes_no_item_inside_another() -> None:
    quoted = "وقال المتحدث باسمها للصحفيين إن الوفد سيصل قبل يوم واحد من بدء الجلسات"
    assert pairs(quoted, REPORT + " " + page(1)) == []


COLOPHON = " ".join(f"تابعوا{place}" for place in range(300))


def test_pages_that_share_boilerplate_alone_are_no_copies() -> None:
    """Most of every page is the same: what twenty pages of a source have is furniture, nineteen not yet."""
    pages = [f"{page(number)}\n{COLOPHON}" for number in range(deduplicate_queries.BOILERPLATE)]
    assert len(pairs(*pages[:-1])) == 19 * 18 / 2
    assert pairs(*pages) == []
    assert len(pairs(*pages, sources=[f"site-{number % 2}" for number in range(20)])) == 20 * 19 / 2


def test_copies_are_found_beside_boilerplate_and_forgotten_pairs_return_when_it_goes() -> None:
    texts = [f"{page(number)}\n{COLOPHON}" for number in range(deduplicate_queries.BOILERPLATE)]
    items = [Item(str(at), text, at) for at, text in enumerate([*texts, texts[3].replace("كلمة3رقم7", "سبعة")])]
    store = Store(COPIES)
    for at in range(0, len(items), 6):
        store.add(items[at : at + 6])
    query = "SELECT article_id, duplicate_of FROM duplicate_pairs"
    assert store.connection.execute(query).fetchall() == [(items[-1].article_id, items[3].article_id)]
    for at in (0, 1):
        store.add([replace(items[at], text=page(90 + at))])
    assert len(store.connection.execute(query).fetchall()) == 19 * 18 / 2
