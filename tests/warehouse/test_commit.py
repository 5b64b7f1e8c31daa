"""A commit is one snapshot, replaces exactly what belongs to its units, and can be repeated."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.articles import Article, ParagraphLanguage, RawDocument
from schemas.entities import Entity
from schemas.errors import ContractError, SchemaMismatch
from schemas.operations import LedgerEntry, Rejection
from schemas.stories import DuplicatePair, Story, StoryArticle
from tests.warehouse.rows import (
    INGEST,
    article,
    commit,
    digest,
    document,
    ingested,
    input_key,
    languages,
    paragraph,
    rejection,
    row,
    table,
)
from warehouse.connection import Reader
from warehouse.writer import Writer

NAMES = ("a", "b", "c")


def contents(reader: Reader) -> dict[str, list[dict[str, object]]]:
    """Every row of the tables that these commits write (but `runs`, whose snapshot moves on), by key."""
    found = {}
    for record in (RawDocument, Article, ParagraphLanguage, LedgerEntry):
        key = ", ".join(f'"{name}"' for name in record.table.key)
        found[record.table.name] = reader.query(f'SELECT * FROM "{record.table.name}" ORDER BY {key}').to_pylist()
    return found


def count(reader: Reader, name: str) -> object:
    return reader.value(f'SELECT count(*) FROM "{name}"')


def test_a_commit_is_one_snapshot_with_author_message_and_run(writer: Writer, reader: Reader) -> None:
    before = reader.value("SELECT max(snapshot_id) FROM ducklake_snapshots('rasad')")
    snapshot = writer.commit(ingested(*NAMES))
    rows = reader.query(
        "SELECT snapshot_id, author, commit_message, commit_extra_info FROM ducklake_snapshots('rasad') "
        "WHERE snapshot_id > ?",
        [before],
    ).to_pylist()
    assert [r["snapshot_id"] for r in rows] == [snapshot]
    assert (rows[0]["author"], rows[0]["commit_message"]) == ("rasad", "ingest: 3")
    extra = json.loads(rows[0]["commit_extra_info"])
    assert (extra["run_id"], extra["stage"], extra["rows"]["articles"]) == ("run-1", "ingest", 3)


def test_the_run_row_names_the_snapshot_that_holds_it(writer: Writer, reader: Reader) -> None:
    first = writer.commit(ingested("a"))
    assert reader.value("SELECT snapshot_id FROM runs") == first
    second = writer.commit(ingested("b"))
    assert reader.query("SELECT snapshot_id FROM runs").to_pylist() == [{"snapshot_id": second}]


def test_the_same_commit_twice_leaves_the_same_rows(writer: Writer, reader: Reader) -> None:
    for made in (ingested(*NAMES), languages(*NAMES)):
        writer.commit(made)
    once = contents(reader)
    for made in (ingested(*NAMES), languages(*NAMES)):
        writer.commit(made)
    assert contents(reader) == once


@settings(
    max_examples=2,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.permutations(NAMES), cut=st.integers(1, 2))
def test_order_and_batches_do_not_matter(writer: Writer, reader: Reader, order: list[str], cut: int) -> None:
    """One warehouse goes through all the orders: each must leave what the first commits left."""
    writer.commit(ingested(*NAMES))
    writer.commit(languages(*NAMES))
    expected = contents(reader)
    for batch in (order[:cut], order[cut:]):
        writer.commit(ingested(*batch))
        writer.commit(languages(*batch))
    assert contents(reader) == expected


def test_rows_of_a_unit_are_replaced_and_others_stay(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested(*NAMES))
    writer.commit(languages(*NAMES))
    unit = digest("article a")
    rows = table(ParagraphLanguage, paragraph("a", 1, "fa"), paragraph("a", 2, "fa"))
    writer.commit(commit("language", {unit: "k2"}, {"paragraph_languages": rows}))
    found = reader.query("SELECT article_id, paragraph_index FROM paragraph_languages ORDER BY ALL").to_pylist()
    assert [r["paragraph_index"] for r in found if r["article_id"] == unit] == [1, 2]
    assert len(found) == 4


def test_a_table_named_without_rows_is_emptied_for_the_units(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested(*NAMES))
    writer.commit(languages(*NAMES))
    writer.commit(commit("language", {digest("article a"): "k2"}, {"paragraph_languages": table(ParagraphLanguage)}))
    assert count(reader, "paragraph_languages") == 2


def test_restated_ids_are_replaced_too(writer: Writer, reader: Reader) -> None:
    def pair(later: str, earlier: str) -> dict[str, object]:
        return row(DuplicatePair, article_id=digest(later), duplicate_of=digest(earlier), method="m")

    writer.commit(commit("deduplicate", {digest("1"): "k"}, {"duplicate_pairs": table(DuplicatePair, pair("1", "2"))}))
    writer.commit(
        commit(
            "deduplicate",
            {digest("0"): "k"},
            {"duplicate_pairs": table(DuplicatePair, pair("1", "0"), pair("2", "0"))},
            restated=(digest("1"),),
        )
    )
    found = reader.query("SELECT article_id, duplicate_of FROM duplicate_pairs").to_pylist()
    assert {(r["article_id"], r["duplicate_of"]) for r in found} == {
        (digest("1"), digest("0")),
        (digest("2"), digest("0")),
    }


def test_reference_rows_are_replaced_by_key(writer: Writer, reader: Reader) -> None:
    for label in ("PER", "ORG"):
        rows = table(Entity, row(Entity, entity_id="Q1", label=label), row(Entity, entity_id="Q2", label="LOC"))
        writer.commit(commit("entities", {digest("article a"): "k"}, {"entities": rows}))
    assert reader.query("SELECT entity_id, label FROM entities ORDER BY 1").to_pylist() == [
        {"entity_id": "Q1", "label": "ORG"},
        {"entity_id": "Q2", "label": "LOC"},
    ]


def test_a_new_revision_replaces_the_article_of_the_older_document(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a"))
    writer.commit(languages("a"))
    key = {digest("document a, revised"): "k"}
    revised = table(Article, article("a", document="a, revised", text="نص جديد"))
    writer.commit(
        commit("ingest", key, {"raw_documents": table(RawDocument, document("a, revised")), "articles": revised})
    )
    assert reader.query("SELECT text FROM articles").to_pylist() == [{"text": "نص جديد"}]
    assert count(reader, "raw_documents") == 2
    assert count(reader, "paragraph_languages") == 1  # replaced when the language stage gets there
    # The older document, read again, has nothing to say about the article any more.
    writer.commit(commit("ingest", {digest("document a"): "k2"}, {"articles": table(Article)}))
    assert count(reader, "articles") == 1


def test_a_document_that_gives_no_article_any_more_takes_it_away(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a", "b"))
    writer.commit(languages("a", "b"))
    pair = row(DuplicatePair, article_id=digest("article b"), duplicate_of=digest("article a"), method="m")
    unit_b = {digest("article b"): "k"}
    a = digest("article a")
    member = row(StoryArticle, story_id=digest("story"), article_id=a, thread_id=a, method="first")
    tables = {
        "duplicate_pairs": table(DuplicatePair, pair),
        "story_articles": table(StoryArticle, member),
    }
    tables["stories"] = table(Story, row(Story, story_id=digest("story"), canonical_id=a))
    writer.commit(commit("deduplicate", unit_b, tables))
    gone = digest("document a")
    writer.commit(commit("ingest", {gone: "k2"}, {"articles": table(Article)}, rejected=[gone]))
    assert reader.query("SELECT article_id FROM articles").to_pylist() == [{"article_id": digest("article b")}]
    assert count(reader, "paragraph_languages") == 1
    assert [count(reader, name) for name in ("duplicate_pairs", "story_articles", "stories")] == [0, 0, 0]
    left = reader.query("SELECT stage FROM stage_ledger WHERE article_id = ?", [digest("article b")]).to_pylist()
    assert left == [{"stage": "language"}], "the copy must be compared again"


def test_a_stage_that_completes_articles_keeps_those_that_it_rejects(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a", "b"))
    keys = {digest("article a"): "k", digest("article b"): "k"}
    done = table(Article, article("a", language="fa"))
    writer.commit(commit("language", keys, {"articles": done}, rejected=[digest("article b")]))
    found = reader.query("SELECT language FROM articles ORDER BY language NULLS LAST").to_pylist()
    assert [r["language"] for r in found] == ["fa", None]


def test_a_rejection_stays_on_record_and_is_resolved_by_the_run_that_accepts(writer: Writer, reader: Reader) -> None:
    unit = digest("document bad")
    other = digest("document other")
    bad = rejection("ingest", "text:empty", document_id=unit)
    still = rejection("ingest", "date:impossible", document_id=other)
    keys = {unit: "k", other: "k"}
    writer.commit(commit("ingest", keys, {}, rejections=[bad, still], rejected=[unit, other]))
    writer.commit(commit("ingest", keys, {}, rejections=[bad, still], rejected=[unit, other]))
    assert count(reader, "rejections") == 2, "the same row rejected again is one rejection"
    writer.commit(commit("language", {unit: "k"}, {}, run_id="run-2"))
    writer.commit(commit("ingest", keys, {}, run_id="run-3", rejections=[still], rejected=[other]))
    found = reader.query("SELECT rule, resolved_by FROM rejections ORDER BY rule").to_pylist()
    assert found == [
        {"rule": "date:impossible", "resolved_by": None},
        {"rule": "text:empty", "resolved_by": "run-3"},
    ]


def test_the_ledger_keeps_one_row_for_each_unit_and_stage(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a"))
    writer.commit(languages("a"))
    writer.commit(ingested("a", version="2"))
    found = reader.query("SELECT stage, input_key FROM stage_ledger ORDER BY stage").to_pylist()
    assert [r["stage"] for r in found] == ["ingest", "language"]
    assert found[0]["input_key"] == input_key(digest("content a", 64), replace(INGEST, version="2"))


def test_rows_are_never_inlined_into_the_catalog(writer: Writer) -> None:
    writer.commit(ingested("a"))
    files = list((writer.location.data / "main" / "articles").glob("*.parquet"))
    assert len(files) == 1
    assert [table["article_id"] for table in pa.parquet.read_table(files[0]).to_pylist()] == [digest("article a")]


@pytest.mark.parametrize("name", ["nothing", "runs", "stage_ledger", "rejections"])
def test_only_tables_of_stages_can_be_written(writer: Writer, name: str) -> None:
    with pytest.raises(ContractError, match=name):
        writer.commit(commit("ingest", {digest("d"): "k"}, {name: table(Rejection)}))


def test_two_rows_with_one_key_are_refused(writer: Writer, reader: Reader) -> None:
    twice = table(ParagraphLanguage, paragraph("a"), paragraph("a"))
    with pytest.raises(ContractError, match="same key"):
        writer.commit(commit("language", {digest("article a"): "k"}, {"paragraph_languages": twice}))
    assert count(reader, "stage_ledger") == 0


def test_a_table_of_another_shape_is_refused(writer: Writer) -> None:
    with pytest.raises(SchemaMismatch, match="raw_documents"):
        writer.commit(commit("ingest", {digest("d"): "k"}, {"raw_documents": pa.table({"document_id": ["x"]})}))
