"""Of several documents of one article the latest stays, in whatever order and batches they come."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks import ingest_facts, ingest_record, ingest_revisions
from tasks.ingest_dates import Published
from tests.ingesting import NOON, TEXT, FakeWarehouse, document


def test_an_older_revision_is_left_out_in_one_batch_and_in_two() -> None:
    old = document({"id": "1", "text": "قديم", "published_at": "2025-10-20"})
    new = document({"id": "1", "text": "جديد", "published_at": "2025-10-21"})
    for batches in ([[old, new]], [[new, old]], [[old], [new]], [[new], [old]]):
        warehouse = FakeWarehouse()
        outputs = [warehouse.ingest(batch) for batch in batches]
        assert [a["text"] for a in warehouse.articles()] == ["جديد"]
        reasons = [e.reason for output in outputs for e in output.excluded]
        assert reasons == ([] if batches == [[old], [new]] else ["older-revision"])


def test_the_same_content_fetched_twice_keeps_its_language() -> None:
    warehouse = FakeWarehouse()
    warehouse.ingest([document({"id": "1", "text": TEXT, "seen": 1})])
    [held] = warehouse.articles()
    found = {"language": "ar", "language_confidence": 0.9, "language_method": "m"}
    warehouse.tables["articles"][held["article_id"]] = held | found
    later = document({"id": "1", "text": TEXT, "seen": 2}, fetched=NOON + timedelta(hours=1))
    warehouse.ingest([later])
    [article] = warehouse.articles()
    assert (article["language"], article["document_id"]) == ("ar", later["document_id"])
    earlier = document({"id": "1", "text": TEXT, "seen": 3}, fetched=NOON - timedelta(hours=1))
    assert [e.reason for e in warehouse.ingest([earlier]).excluded] == ["same-content"]
    changed = document({"id": "1", "text": "نص جديد تماماً"}, fetched=NOON + timedelta(hours=2))
    warehouse.ingest([changed])
    assert warehouse.articles()[0]["language"] is None


def test_the_queries_ask_duckdb_what_the_fake_answers() -> None:
    warehouse = FakeWarehouse()
    dated = document({"id": "1", "text": TEXT, "published_at": "2025-10-21T14:30:00.5+03:30"})
    older = document({"id": "1", "text": "خبر أقدم", "published_at": "2025-10-19"})
    warehouse.ingest([dated, older, document(TEXT), document({"id": "2", "text": "آخر"})])
    [one] = [a["article_id"] for a in warehouse.articles() if a["external_id"] == "1"]
    tables = {
        "wanted": pa.table({"article_id": [one]}),
        "reread": pa.table({"document_id": [dated["document_id"], document(TEXT)["document_id"]]}),
    }
    for query, rows, key in (
        (ingest_revisions.STORED, 2, "article_id"),
        (ingest_revisions.REVISIONS, 1, "document_id"),
    ):
        answer = warehouse.in_duckdb(query, **tables).sort_by(key)
        assert answer.num_rows == rows
        expected = warehouse.lookup(query, **tables).select(answer.column_names).sort_by(key)
        assert answer.to_pylist() == expected.to_pylist()


def test_reading_a_document_again_changes_nothing() -> None:
    warehouse = FakeWarehouse()
    documents = [document({"id": "1", "text": TEXT}), document(TEXT)]
    warehouse.ingest(documents)
    before = warehouse.articles()
    assert warehouse.ingest(documents).excluded == ()
    assert warehouse.articles() == before


REVISIONS = st.lists(
    st.builds(
        lambda number, text, day, hour: document(
            {"id": str(number), "text": text, **({"published_at": f"2025-10-{day}"} if day else {})},
            fetched=NOON + timedelta(hours=hour),
        ),
        st.integers(1, 3),
        st.sampled_from(["خبر أول", "خبر ثان", "خبر ثالث"]),
        st.sampled_from([None, 20, 21]),
        st.integers(0, 2),
    ),
    max_size=8,
    unique_by=lambda d: str(d["document_id"]),
)


@settings(max_examples=30)
@given(REVISIONS, st.data())
def test_order_and_batches_do_not_matter(documents: list[dict[str, Any]], data: st.DataObject) -> None:
    whole = FakeWarehouse()
    whole.ingest(documents)
    expected = whole.articles()
    shuffled = data.draw(st.permutations(documents))
    parts = FakeWarehouse()
    while shuffled:
        size = data.draw(st.integers(1, len(shuffled)))
        parts.ingest(shuffled[:size])
        shuffled = shuffled[size:]
    assert parts.articles() == expected


def read_by(
    read: Callable[[ingest_facts.Document], ingest_facts.Facts],
) -> Callable[[Sequence[ingest_facts.Document]], Iterator[ingest_facts.Facts | ingest_facts.RefusedError]]:
    """What reads documents, of what reads one."""

    def each(
        documents: Sequence[ingest_facts.Document],
    ) -> Iterator[ingest_facts.Facts | ingest_facts.RefusedError]:
        for asked in documents:
            try:
                yield read(asked)
            except ingest_facts.RefusedError as refusal:
                yield refusal

    return each


def test_where_new_code_rejects_the_stored_revision_an_older_one_takes_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = document({"id": "1", "text": "النص القديم للخبر.", "published_at": "2025-01-01"})
    new = document({"id": "1", "text": "النص الجديد للخبر.", "published_at": "2025-01-02"})
    warehouse = FakeWarehouse()
    warehouse.ingest([old, new])
    assert [row["document_id"] for row in warehouse.articles()] == [new["document_id"]]

    def stricter(asked: ingest_facts.Document) -> ingest_facts.Facts:
        if asked.payload == new["payload"]:
            raise ingest_facts.RefusedError("new-rule", "today's code refuses it")
        return ingest_record.read_document(asked)

    monkeypatch.setattr("tasks.ingest.read_documents", read_by(stricter))
    output = warehouse.ingest([old, new])
    assert [r.rule for r in output.rejected] == ["new-rule"]
    assert [row["document_id"] for row in warehouse.articles()] == [old["document_id"]]


def test_a_revision_that_takes_its_place_keeps_what_its_feed_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"metadata": json.dumps({"url": "https://news.example/1", "title": "عنوان من الموجز"}, ensure_ascii=False)}
    old = document("النص القديم للخبر.") | said
    new = document("النص الجديد للخبر.", fetched=NOON + timedelta(hours=1)) | said
    warehouse = FakeWarehouse()
    warehouse.ingest([old])
    warehouse.ingest([new])

    def stricter(asked: ingest_facts.Document) -> ingest_facts.Facts:
        if asked.payload == new["payload"]:
            raise ingest_facts.RefusedError("new-rule", "today's code refuses it")
        return ingest_record.read_document(asked)

    monkeypatch.setattr("tasks.ingest.read_documents", read_by(stricter))
    monkeypatch.setattr(warehouse, "lookup", warehouse.in_duckdb)
    warehouse.ingest([new])
    [article] = warehouse.articles()
    assert (article["document_id"], article["url"]) == (old["document_id"], "https://news.example/1")
    assert warehouse.tables["raw_documents"][old["document_id"]]["metadata"] == said["metadata"]


def newer_code(asked: ingest_facts.Document) -> ingest_facts.Facts:
    """Code of a later version: it refuses some texts, and finds other dates in others."""
    facts = ingest_record.read_document(asked)
    if "ثالث" in facts.text:
        raise ingest_facts.RefusedError("new-rule", "today's code refuses it")
    if "ثان" in facts.text:
        return replace(facts, published=Published(None, None, "not-in-record"))
    return facts


@settings(max_examples=12)
@given(REVISIONS, st.data())
def test_reading_all_again_by_newer_code_does_not_depend_on_batches(
    documents: list[dict[str, Any]], data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        parts = FakeWarehouse()
        parts.ingest(documents)
        patch.setattr("tasks.ingest.read_documents", read_by(newer_code))
        whole = FakeWarehouse()
        whole.ingest(documents)
        shuffled = data.draw(st.permutations(documents))
        while shuffled:
            size = data.draw(st.integers(1, len(shuffled)))
            parts.ingest(shuffled[:size])
            shuffled = shuffled[size:]
        assert parts.articles() == whole.articles()
        assert set(parts.tables["raw_documents"]) == {d["document_id"] for d in documents}
