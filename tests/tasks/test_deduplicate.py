"""What counts as a copy, what as a near-copy, and what never does."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tasks import deduplicate, deduplicate_queries
from tasks.deduplicate import fingerprint
from tasks.stage import Lookup, StageInput, stable_id

REPORT = (
    "أعلنت وزارة الخارجية مساء الأحد أن جولة جديدة من المحادثات ستعقد في مسقط خلال الأيام المقبلة بوساطة عمانية، "
    "وقال المتحدث باسمها للصحفيين إن الوفد سيصل قبل يوم واحد من بدء الجلسات وإن جدول الأعمال لم يتغير منذ اللقاء "
    "الأخير الذي انتهى دون بيان مشترك."
)
NEWS = "وزیر امور خارجه روز دوشنبه در نشست خبری خود گفت که دور تازه گفت‌وگوها هفته آینده در پایتخت عمان برگزار می‌شود"


def keys(*texts: str, titles: tuple[str | None, ...] | None = None) -> tuple[str, ...]:
    columns = {
        "article_id": [stable_id(str(place)) for place in range(len(texts))],
        "title": pa.array(titles or (None,) * len(texts), pa.string()),
        "text": list(texts),
    }
    return fingerprint(pa.table(columns)).keys


def pairs(*texts: str) -> list[dict[str, Any]]:
    """The pairs of texts that come in one batch into an empty warehouse, named by their places."""
    ids = [stable_id(str(place)) for place in range(len(texts))]
    start = datetime(2025, 5, 1, tzinfo=UTC)
    articles = pa.table(
        {
            "article_id": ids,
            "title": pa.nulls(len(texts), pa.string()),
            "text": list(texts),
            "published_at": pa.array(
                [start.replace(day=day + 1) for day in range(len(texts))], pa.timestamp("us", "UTC")
            ),
        }
    )
    output = deduplicate.deduplicate(StageInput(tuple(ids), {"articles": articles}, empty_warehouse()))
    assert not (output.restated or output.rejected or output.excluded)
    assert output.tables["article_signatures"]["article_id"].to_pylist() == ids
    rows: list[dict[str, Any]] = output.tables["duplicate_pairs"].to_pylist()
    return [
        {**row, "article_id": ids.index(row["article_id"]), "duplicate_of": ids.index(row["duplicate_of"])}
        for row in rows
    ]


def empty_warehouse() -> Lookup:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("CREATE TABLE articles (article_id VARCHAR, title VARCHAR, text VARCHAR)")
    connection.execute(
        "CREATE TABLE article_signatures"
        " (article_id VARCHAR, content_key VARCHAR, shingle_count BIGINT, published_at TIMESTAMPTZ)"
    )
    connection.execute("CREATE TABLE signature_bands (article_id VARCHAR, band BIGINT, bucket BIGINT)")

    def lookup(query: str, **tables: pa.Table) -> pa.Table:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(query).to_arrow_table()

    return lookup


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


def test_a_bucket_costs_no_more_than_its_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve near-copies: all pairs by default, each with the two earliest at most when there are two heads."""
    texts = [REPORT.replace("الأحد", f"الأحد{place}") for place in range(12)]
    assert len(pairs(*texts)) == 66
    bounded = deduplicate_queries.CANDIDATES.replace(f"<= {deduplicate_queries.BUCKET_HEADS})", "<= 2)")
    monkeypatch.setattr(deduplicate_queries, "CANDIDATES", bounded)
    found = pairs(*texts)
    assert {pair["article_id"] for pair in found} == set(range(1, 12))
    assert len(found) < 66


def test_every_pair_points_backwards() -> None:
    texts = [REPORT + f" المصدر {place}." for place in range(4)]
    assert all(p["duplicate_of"] < p["article_id"] for p in pairs(*texts))
    assert all(a != b for a, b in pairwise(keys(*texts)))
