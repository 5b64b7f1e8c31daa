"""Documents become articles: read right, refused with a reason, and the same whatever the order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.articles import Article, RawDocument
from schemas.record import arrow_schema
from schemas.validate import validate
from tasks import ingest_record
from tasks.ingest import STAGE
from tasks.reading import DOCUMENT_SCHEMA
from tasks.stage import StageInput, StageOutput, stable_id

NOON = datetime(2025, 10, 21, 12, tzinfo=UTC)
TEXT = "أعلنت وزارة الخارجية أن الوفد سيصل غداً لاستكمال المحادثات."


Rows = dict[str, dict[str, Any]]


class FakeWarehouse:
    """The two tables that ingest reads and writes, replaced by owner as the real one does."""

    def __init__(self) -> None:
        self.tables: dict[str, Rows] = {"raw_documents": {}, "articles": {}}

    def lookup(self, query: str, **tables: pa.Table) -> pa.Table:
        """What the query of the stage asks; the query itself is tested on a real database below."""
        [wanted] = tables.values()
        rows = []
        for identifier in wanted["article_id"].to_pylist():
            if article := self.tables["articles"].get(identifier):
                raw = self.tables["raw_documents"][article["document_id"]]
                times = {"published_at": article["published_at"], "fetched_at": raw["fetched_at"]}
                rows.append(article | {name: microseconds(time) for name, time in times.items()})
        return pa.Table.from_pylist(rows)

    def ingest(self, documents: Sequence[dict[str, Any]]) -> StageOutput:
        """Run the stage, check what every stage promises, and store the rows."""
        table = pa.Table.from_pylist(list(documents), schema=DOCUMENT_SCHEMA)
        units = tuple(document["document_id"] for document in documents)
        output = STAGE.work(StageInput(units, {"raw_documents": table}, self.lookup))
        gone = [r.unit_id for r in output.rejected] + [e.unit_id for e in output.excluded]
        assert len(set(gone)) == len(gone) and set(gone) <= set(units)
        assert output.tables["articles"].num_rows == len(units) - len(gone)
        for record in (RawDocument, Article):
            rows = output.tables[record.table.name]
            for stamp in ("run_id", "stage_version"):
                rows = rows.append_column(stamp, pa.repeat(pa.scalar("1"), rows.num_rows))
            assert validate(record, rows).invalid == ()
            stored = self.tables[record.table.name]
            # As `warehouse/commit.py` does: an article belongs to the document that it was read from.
            for key in [key for key, row in stored.items() if row["document_id"] in units]:
                del stored[key]
            stored.update({row[record.table.owner]: row for row in rows.to_pylist()})
        return output

    def articles(self) -> list[dict[str, Any]]:
        return [row for _, row in sorted(self.tables["articles"].items())]


def microseconds(time: datetime | None) -> int | None:
    return None if time is None else (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def document(
    payload: bytes | str | dict[str, Any], *, fetched: datetime = NOON, uri: str = "/news/a.jsonl#L1"
) -> dict[str, Any]:
    kind = "text/plain" if isinstance(payload, str) else "application/json"
    if isinstance(payload, dict):
        payload = json.dumps(payload, ensure_ascii=False)
    if isinstance(payload, str):
        payload = payload.encode()
    digest = hashlib.sha256(payload).hexdigest()
    return {
        "document_id": stable_id("local", digest),
        "source": "local",
        "uri": uri,
        "fetched_at": fetched,
        "media_type": kind,
        "content_sha256": digest,
        "payload": payload,
    }


def one(payload: bytes | str | dict[str, Any]) -> dict[str, Any]:
    warehouse = FakeWarehouse()
    output = warehouse.ingest([document(payload)])
    assert output.rejected == ()
    return warehouse.articles()[0]


def refused(payload: bytes | str | dict[str, Any]) -> tuple[str, str]:
    output = FakeWarehouse().ingest([document(payload)])
    [rejection] = output.rejected
    assert rejection.uri == "/news/a.jsonl#L1" and rejection.error.startswith("/news/a.jsonl#L1: ")
    assert output.tables["raw_documents"].num_rows == 1, "raw is kept, so that later code can read it again"
    return rejection.rule, rejection.error


def test_a_full_record() -> None:
    record = {
        "id": "77",
        "source": "وكالة الأنباء",
        "url": " https://example.org/77 ",
        "title": "عنوان\nالخبر",
        "author": "سارة",
        "published_at": "2025-10-21T15:00:00+03:00",
        "language": "ar-LB",
        "text": "\ufeff\u200fنـــص  الخبر\r\n",
        "section": "سياسة",
        "tags": ["قمة", 1],
    }
    article = one(record)
    extra = json.loads(article.pop("extra"))
    assert extra == {"section": "سياسة", "tags": ["قمة", 1], "declared_language": "ar-LB"}
    content_hash = article.pop("content_hash")
    assert len(content_hash) == 64
    assert article == {
        "article_id": stable_id("article", "id", "وكالة الأنباء", "77"),
        "document_id": document(record)["document_id"],
        "source": "وكالة الأنباء",
        "external_id": "77",
        "url": "https://example.org/77",
        "title": "عنوان الخبر",
        "title_method": "record",
        "text": "نص الخبر",
        "author": "سارة",
        "published_at": NOON,
        "published_precision": "instant",
        "published_method": "record",
        "published_reason": None,
        "language": None,
        "language_confidence": None,
        "language_method": None,
        "run_id": "1",
        "stage_version": "1",
    }


def test_the_least_record_and_blank_fields() -> None:
    article = one({"text": TEXT, "title": "  ", "url": None, "author": "", "published_at": " "})
    assert [article[k] for k in ("source", "title", "url", "author", "extra", "published_at")] == [
        "local",
        None,
        None,
        None,
        None,
        None,
    ]
    assert (article["title_method"], article["published_reason"]) == ("none", "not-in-record")


def test_a_plain_text() -> None:
    article = one(f"\r\nوفد عُماني يصل صنعاء غداً\r\n\r\n{TEXT}\r\n\r\nاترك تعليقاً\r\n")
    assert (article["title"], article["title_method"]) == ("وفد عُماني يصل صنعاء غداً", "heading")
    assert article["text"] == TEXT
    assert (article["published_at"], article["published_reason"]) == (None, "plain-text")


def test_a_heading_in_a_record_without_title() -> None:
    article = one({"text": f"وفد عُماني يصل صنعاء غداً\n\n{TEXT}"})
    assert (article["title_method"], article["text"]) == ("heading", TEXT)
    given_title = one({"text": f"وفد عُماني يصل صنعاء غداً\n\n{TEXT}", "title": "آخر"})
    assert given_title["text"].endswith(TEXT) and given_title["title"] == "آخر"


@pytest.mark.parametrize(
    ("payload", "rule", "says"),
    [
        ("نص".encode() + b"\xff\xfe", "invalid-utf8", "byte 4 (0xff)"),
        ("خبر".encode("utf-16"), "invalid-utf8", "UTF-16"),
        ("خبر".encode("cp1256"), "invalid-utf8", "WINDOWS-1256"),
        (" \u200f\n\t ", "empty-text", "nothing to read"),
        ("", "empty-text", "nothing to read"),
        ({"text": "\u200b "}, "empty-text", "nothing to read"),
        (b'{"text": "a"', "invalid-json", "character 12"),
        (b"\xef\xbb\xbfnot json", "invalid-json", "near 'not json'"),
        (b'{"text": "a", "score": NaN}', "invalid-json", "NaN"),
        (b'{"text": ' + b"9" * 5000 + b"}", "invalid-json", "cannot be read"),
        (b"[" * 100_000, "invalid-json", "cannot be read"),
        (b'["text"]', "not-an-object", "JSON array"),
        (b"17", "not-an-object", "JSON number"),
        ({"title": "عنوان", "body": "نص"}, "missing-text", "`title`, `body`"),
        (b"{}", "missing-text", "none"),
        ({"text": None}, "missing-text", "`text`"),
        ({"text": 5}, "wrong-type:text", "JSON number"),
        ({"text": TEXT, "title": ["a"]}, "wrong-type:title", "JSON array"),
        ({"text": TEXT, "id": True}, "wrong-type:id", "JSON boolean"),
        ({"text": TEXT, "id": 1.5}, "wrong-type:id", "JSON number"),
        ({"text": TEXT, "published_at": 1761057000}, "wrong-type:published_at", "ISO 8601"),
        ({"text": TEXT, "author": {"name": "x"}}, "wrong-type:author", "JSON object"),
        ({"text": TEXT, "published_at": "2025-02-30"}, "impossible-date", "does not exist"),
        ({"text": TEXT, "published_at": "2203-01-01"}, "impossible-date", "outside 1900"),
        ({"text": TEXT, "published_at": "أمس"}, "unreadable-date", "leave `published_at` out"),
    ],
)
def test_what_cannot_be_read_is_refused(payload: bytes | str | dict[str, Any], rule: str, says: str) -> None:
    found, error = refused(payload)
    assert found == rule
    assert says in error


def test_good_documents_beside_bad_ones_are_done() -> None:
    warehouse = FakeWarehouse()
    output = warehouse.ingest([document(b"{"), document({"text": TEXT}), document("")])
    assert sorted(r.rule for r in output.rejected) == ["empty-text", "invalid-json"]
    assert [a["text"] for a in warehouse.articles()] == [TEXT]


def test_broken_halves_of_characters_reach_no_column() -> None:
    article = one(b'{"text": "a \\ud83d b", "title": "\\udc00x", "note": "\\ud800"}')
    assert (article["text"], article["title"]) == ("a \ufffd b", "\ufffdx")
    assert json.loads(article["extra"]) == {"note": "\ud800"}


def test_whole_numbers_are_ids() -> None:
    assert one({"text": TEXT, "id": 77})["article_id"] == one({"text": TEXT, "id": "77"})["article_id"]


def test_the_id_depends_on_the_article_and_not_on_the_file() -> None:
    by_url = {"text": TEXT, "url": "https://example.org/1"}
    assert one(by_url)["article_id"] == one(by_url | {"text": "نص آخر"})["article_id"]
    assert one(by_url)["article_id"] != one(by_url | {"source": "x"})["article_id"]
    assert one(TEXT)["article_id"] == one({"text": f" {TEXT} "})["article_id"]
    assert one(TEXT)["article_id"] == one(TEXT.replace("غداً", "غدا"))["article_id"]
    assert one("؟؟")["article_id"] != one("!!")["article_id"]


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


def test_the_query_asks_duckdb_what_the_fake_answers() -> None:
    warehouse = FakeWarehouse()
    dated = {"id": "1", "text": TEXT, "published_at": "2025-10-21T14:30:00.5+03:30"}
    warehouse.ingest([document(dated), document(TEXT), document({"id": "2", "text": "آخر"})])
    asked: list[tuple[str, dict[str, pa.Table]]] = []

    def record(query: str, **tables: pa.Table) -> pa.Table:
        asked.append((query, tables))
        return warehouse.lookup(query, **tables)

    again = pa.Table.from_pylist([document(dated), document(TEXT)], schema=DOCUMENT_SCHEMA)
    STAGE.work(StageInput(tuple(again["document_id"].to_pylist()), {"raw_documents": again}, record))
    [(query, tables)] = asked
    connection = duckdb.connect()
    for made in (RawDocument, Article):
        stored = list(warehouse.tables[made.table.name].values())
        connection.register(made.table.name, pa.Table.from_pylist(stored, schema=arrow_schema(made)))
    for name, table in tables.items():
        connection.register(name, table)
    answer = connection.execute(query).to_arrow_table().sort_by("article_id")
    assert answer.num_rows == 2
    assert answer.to_pylist() == warehouse.lookup(query, **tables).select(answer.column_names).to_pylist()


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


@settings(max_examples=50)
@given(st.lists(st.one_of(st.binary(max_size=60), st.text(max_size=60)), max_size=6, unique=True))
def test_no_document_vanishes_or_raises(payloads: list[bytes | str]) -> None:
    documents = {
        d["document_id"]: d
        for d in map(document, [p.encode("utf-8", "replace").decode() if isinstance(p, str) else p for p in payloads])
    }
    FakeWarehouse().ingest(list(documents.values()))


def test_where_new_code_rejects_the_stored_revision_an_older_one_takes_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = document({"id": "1", "text": "النص القديم للخبر.", "published_at": "2025-01-01"})
    new = document({"id": "1", "text": "النص الجديد للخبر.", "published_at": "2025-01-02"})
    warehouse = FakeWarehouse()
    warehouse.ingest([old, new])
    assert [row["document_id"] for row in warehouse.articles()] == [new["document_id"]]

    def stricter(payload: bytes, media_type: str) -> ingest_record.Facts:
        if payload == new["payload"]:
            raise ingest_record.RefusedError("new-rule", "today's code refuses it")
        return ingest_record.read_payload(payload, media_type)

    monkeypatch.setattr("tasks.ingest.read_payload", stricter)
    output = warehouse.ingest([old, new])
    assert [r.rule for r in output.rejected] == ["new-rule"]
    assert [row["document_id"] for row in warehouse.articles()] == [old["document_id"]]
