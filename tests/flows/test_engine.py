"""The engine over stages made for the purpose, and a real warehouse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from flows.engine import Batch, StageRun
from schemas.articles import Article
from schemas.entities import EntityMention
from schemas.errors import ContractError, RowsLost
from tasks import ingest
from tasks.reading import DOCUMENT_SCHEMA
from tasks.stage import Excluded, Rejected, Stage, StageInput, StageOutput, stable_id
from tests.warehouse.rows import article, table
from warehouse.connection import Reader, open_reader
from warehouse.location import Location
from warehouse.writer import open_writer

NOW = datetime(2025, 8, 16, tzinfo=UTC)
ONE, TWO, THREE = (stable_id(name) for name in ("one", "two", "three"))
KEYS = {unit: f"key of {unit}" for unit in (ONE, TWO, THREE)}
Work = Callable[[StageInput], StageOutput]
Runner = Callable[[Work], StageRun]


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[tuple[Runner, Reader]]:
    """Makes a run of one stage that writes entity mentions, over a fresh warehouse."""
    location = Location.at(tmp_path / "warehouse")
    with open_writer(location, "run-1") as writer, open_reader(location) as reader:
        writer.change("run-0", "articles", _insert_articles)

        def make(work: Work) -> StageRun:
            stage = Stage(name="entities", version="1", reads=(), writes=(EntityMention,), work=work)
            return StageRun(stage, "run-1", NOW, writer, reader)

        yield make, reader


def _insert_articles(connection: duckdb.DuckDBPyConnection, snapshot_id: int) -> None:
    """Mentions need the articles that they stand in; how these came in does not matter here."""
    rows = table(Article, *(article("x", article_id=unit, text="بوتين في موسكو") for unit in KEYS))
    connection.register("rows", rows)
    connection.execute("INSERT INTO rasad.main.articles BY NAME FROM rows")
    connection.unregister("rows")


def mentions(*units: str, end: int = 5) -> pa.Table:
    rows = [
        {
            "article_id": unit,
            "mention_id": stable_id(unit, "mention"),
            "sentence_index": 0,
            "char_start": 0,
            "char_end": end,
            "word_start": 0,
            "word_end": 1,
            "surface": "بوتين",
            "bare_form": "بوتين",
            "label": "PER",
            "confidence": 0.9,
            "entity_id": None,
            "link_method": None,
            "model_version": "test",
        }
        for unit in units
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(list(_TYPES.items())))


_TYPES = {
    "article_id": pa.string(),
    "mention_id": pa.string(),
    "sentence_index": pa.int64(),
    "char_start": pa.int64(),
    "char_end": pa.int64(),
    "word_start": pa.int64(),
    "word_end": pa.int64(),
    "surface": pa.string(),
    "bare_form": pa.string(),
    "label": pa.string(),
    "confidence": pa.float64(),
    "entity_id": pa.string(),
    "link_method": pa.string(),
    "model_version": pa.string(),
}


def test_every_unit_is_counted_and_the_counts_are_in_runs(runner: tuple[Runner, Reader]) -> None:
    make, reader = runner
    output = StageOutput(
        {"entity_mentions": mentions(ONE)},
        rejected=(Rejected(TWO, "odd", "it is odd", b"payload"),),
        excluded=(Excluded(THREE, "no-models:sw"),),
    )
    report = make(lambda _: output).run(Batch(KEYS))
    assert report.counts.model_dump() == {"rows_in": 3, "rows_out": 1, "rejected": 1, "excluded": 1}
    stored = reader.query("SELECT counts, snapshot_id FROM runs").to_pylist()
    assert stored == [{"counts": report.counts.model_dump(), "snapshot_id": report.snapshot_id}]
    ledger = reader.query("SELECT article_id, status, reason FROM stage_ledger").to_pylist()
    assert {(row["article_id"], row["status"], row["reason"]) for row in ledger} == {
        (ONE, "done", None),
        (TWO, "rejected", "odd"),
        (THREE, "excluded", "no-models:sw"),
    }


@pytest.mark.parametrize(
    "output",
    [
        StageOutput({}, rejected=(Rejected(stable_id("stranger"), "odd", "it is odd"),)),
        StageOutput({}, rejected=(Rejected(ONE, "odd", "it is odd"),), excluded=(Excluded(ONE, "also"),)),
        StageOutput({}, excluded=(Excluded(ONE, "twice"), Excluded(ONE, "twice"))),
    ],
    ids=["a unit that never came in", "rejected and excluded", "excluded twice"],
)
def test_a_stage_that_loses_count_writes_nothing(runner: tuple[Runner, Reader], output: StageOutput) -> None:
    make, reader = runner
    with pytest.raises(RowsLost):
        make(lambda _: output).run(Batch(KEYS))
    assert reader.value("SELECT count(*) FROM stage_ledger") == 0
    assert reader.value("SELECT count(*) FROM runs") == 0


def test_one_bad_row_rejects_its_unit_whole_and_no_other(runner: tuple[Runner, Reader]) -> None:
    make, reader = runner
    both = pa.concat_tables([mentions(ONE), mentions(TWO, end=0)])
    report = make(lambda _: StageOutput({"entity_mentions": both})).run(Batch(KEYS))
    assert report.counts.rejected == 1
    assert reader.query("SELECT article_id FROM entity_mentions").to_pylist() == [{"article_id": ONE}]
    (rejection,) = reader.query("SELECT article_id, rule, error, payload FROM rejections").to_pylist()
    assert rejection["article_id"] == TWO
    assert rejection["rule"] == "entity_mentions.row:value_error"
    assert "char_start < char_end" in rejection["error"]
    assert "بوتين" in rejection["payload"].decode()


def test_running_a_batch_again_changes_nothing(runner: tuple[Runner, Reader]) -> None:
    make, reader = runner
    run = make(lambda _: StageOutput({"entity_mentions": mentions(ONE, TWO, THREE)}))
    query = "SELECT * FROM entity_mentions ORDER BY mention_id"
    run.run(Batch(KEYS))
    before = reader.query(query).to_pylist()
    run.run(Batch(KEYS))
    assert reader.query(query).to_pylist() == before


def test_rows_are_stamped_with_run_and_version(runner: tuple[Runner, Reader]) -> None:
    make, reader = runner
    make(lambda _: StageOutput({"entity_mentions": mentions(ONE)})).run(Batch({ONE: "key"}))
    rows = reader.query("SELECT run_id, stage_version FROM entity_mentions").to_pylist()
    assert rows == [{"run_id": "run-1", "stage_version": "1"}]


def test_an_undeclared_table_is_a_bug_of_the_stage(runner: tuple[Runner, Reader]) -> None:
    make, _ = runner
    with pytest.raises(ContractError, match="does not declare"):
        make(lambda _: StageOutput({"events": mentions(ONE)})).run(Batch(KEYS))


def test_two_batches_of_one_stage_add_up_in_runs(runner: tuple[Runner, Reader]) -> None:
    make, reader = runner
    run = make(lambda given: StageOutput({"entity_mentions": mentions(*given.units)}))
    run.run(Batch({ONE: "key"}))
    run.run(Batch({TWO: "key", THREE: "key"}))
    (row,) = reader.query("SELECT counts.rows_out AS done FROM runs").to_pylist()
    assert row["done"] == 3


def test_an_invalid_new_revision_is_rejected_and_the_stored_article_stays(tmp_path: Path) -> None:
    def document(name: str, text: str) -> Batch:
        row = {"document_id": stable_id(name), "source": "s", "uri": name, "fetched_at": NOW}
        payload = json.dumps({"id": "1", "text": text}).encode()
        row |= {"media_type": "application/json", "content_sha256": "0" * 64, "payload": payload}
        return Batch({stable_id(name): "key"}, {"raw_documents": pa.Table.from_pylist([row], schema=DOCUMENT_SCHEMA)})

    def careless(batch: StageInput) -> StageOutput:
        output = ingest.ingest(batch)
        articles = output.tables["articles"]
        empty = pa.array([""] * articles.num_rows, pa.string())
        spoilt = articles.set_column(articles.column_names.index("text"), "text", empty)
        return replace(output, tables={**output.tables, "articles": spoilt})

    location = Location.at(tmp_path / "warehouse")
    with open_writer(location, "run-1") as writer, open_reader(location) as reader:
        StageRun(ingest.STAGE, "run-1", NOW, writer, reader).run(document("old", "an old text"))
        later = StageRun(replace(ingest.STAGE, work=careless), "run-1", NOW, writer, reader)
        report = later.run(document("zzz", "a new text"))
        assert report.counts.rejected + report.counts.excluded == 1
        assert reader.query("SELECT text FROM articles").to_pylist() == [{"text": "an old text"}]
