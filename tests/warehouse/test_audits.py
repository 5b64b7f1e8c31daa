"""Audits: each one passes on good rows, fails on a planted fault, and then nothing of the batch is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa
import pytest

from schemas.catalog import BY_NAME
from schemas.errors import AuditFailed
from schemas.operations import LedgerEntry, Rejection, Run
from tests.warehouse.example import PUTIN, fill, rows, told
from tests.warehouse.rows import commit, digest, ingested, rejection, row, table
from warehouse.audits import FEWEST_UNITS, audit_all, audits
from warehouse.commit import Commit
from warehouse.connection import Reader
from warehouse.writer import Writer

AUDITED = True
Rows = dict[str, list[dict[str, object]]]
NOBODY = digest("nobody")


def _set(name: str, column: str, value: object) -> Callable[[Rows], None]:
    def plant(found: Rows) -> None:
        found[name][0][column] = value

    return plant


def _drop(*names: str) -> Callable[[Rows], None]:
    def plant(found: Rows) -> None:
        for name in names:
            found[name] = []

    return plant


#: Audit → what makes it fail, and nothing else.
FAULTS: dict[str, Callable[[Rows], None]] = {
    "reference articles.document_id": _set("articles", "document_id", NOBODY),
    "reference event_actors.event_id": _set("event_actors", "event_id", NOBODY),
    "reference event_actors.mention_id": _set("event_actors", "mention_id", NOBODY),
    "reference event_cues.event_id": _set("event_cues", "event_id", NOBODY),
    "reference events.attributed_to": _set("events", "attributed_to", NOBODY),
    "reference entity_mentions.entity_id": _drop("entities"),
    "reference duplicate_pairs.duplicate_of": _set("duplicate_pairs", "duplicate_of", NOBODY),
    "offsets entity_mentions": _set("entity_mentions", "surface", "موسكو"),
    "offsets events": _set("events", "trigger", "زارت"),
    "offsets event_cues": _set("event_cues", "surface", "زارت"),
    "offsets paragraph_languages": _set("paragraph_languages", "char_end", 1_000),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_stops_the_commit(writer: Writer, reader: Reader, name: str) -> None:
    writer.commit(ingested("a", "b"))
    before = reader.value("SELECT max(snapshot_id) FROM ducklake_snapshots('rasad')")
    found = rows()
    FAULTS[name](found)
    stage = "ingest" if name == "reference articles.document_id" else "events"
    with pytest.raises(AuditFailed) as failed:
        writer.commit(replace(told(found), stage=stage, units=(*told(found).units, NOBODY)))
    assert name in failed.value.problem
    assert reader.value("SELECT max(snapshot_id) FROM ducklake_snapshots('rasad')") == before
    assert reader.value("SELECT count(*) FROM events") == 0


@pytest.mark.parametrize(
    "name", [a.name for a in audits() if a.name.startswith("reference") and a.name.endswith(".article_id")]
)
def test_a_row_without_its_article_stops_the_commit(writer: Writer, name: str) -> None:
    record_name = name.removeprefix("reference ").removesuffix(".article_id")
    orphan = row(BY_NAME[record_name], article_id=NOBODY, **_valid(record_name))
    with pytest.raises(AuditFailed, match=name):
        writer.commit(commit("x", {NOBODY: "k"}, {record_name: table(BY_NAME[record_name], orphan)}))


def _valid(name: str) -> dict[str, object]:
    return {"contexts": []} if name == "events" else {}


def test_a_key_that_is_there_twice_stops_the_commit(
    writer: Writer, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer refuses double keys within a batch and replaces stored ones: both are switched off here."""
    fill(writer)
    monkeypatch.setattr("warehouse.writer.checked", _unchecked)
    found = rows()
    found["entities"] *= 2
    twice = told(found)
    with pytest.raises(AuditFailed) as failed:
        writer.commit(twice)
    assert "unique entities" in failed.value.problem


def _unchecked(given: Commit) -> dict[object, pa.Table]:
    tables: dict[object, pa.Table] = {BY_NAME[name]: made for name, made in given.tables.items()}
    return tables | {Rejection: given.rejections, LedgerEntry: given.ledger, Run: given.run}


def test_counts_that_do_not_add_up_stop_the_commit(writer: Writer) -> None:
    made = ingested("a")
    counts = {"rows_in": 3, "rows_out": 1, "rejected": 1, "excluded": 0}
    wrong = made.run.set_column(
        made.run.schema.get_field_index("counts"),
        made.run.schema.field("counts"),
        pa.array([counts], made.run.schema.field("counts").type),
    )
    with pytest.raises(AuditFailed, match="counts runs"):
        writer.commit(replace(made, run=wrong))


def test_a_rejected_unit_without_a_rejection_stops_the_commit(writer: Writer) -> None:
    bad = digest("document bad")
    with pytest.raises(AuditFailed, match="rejections of the ledger"):
        writer.commit(commit("ingest", {bad: "k"}, {}, rejected=[bad]))


def test_a_high_share_of_rejections_is_a_warning_that_stays_on_record(writer: Writer, reader: Reader) -> None:
    bad = [digest(f"document {n}") for n in range(FEWEST_UNITS)]
    rejections = [rejection("ingest", "empty-text", document_id=unit) for unit in bad]
    writer.commit(commit("ingest", dict.fromkeys(bad, "k"), {}, rejections=rejections, rejected=bad))
    (warning,) = reader.query("FROM audit_findings").to_pylist()
    assert (warning["audit"], warning["stage"], warning["run_id"]) == ("rejected share", "ingest", "run-1")
    assert warning["example"] == f"{FEWEST_UNITS} of {FEWEST_UNITS} rejected"


@pytest.mark.parametrize("stage", ["entities", "events"])
def test_a_whole_batch_without_a_row_is_a_warning(writer: Writer, reader: Reader, stage: str) -> None:
    names = [f"n{n}" for n in range(FEWEST_UNITS)]
    writer.commit(ingested(*names))
    writer.commit(commit(stage, dict.fromkeys((digest(f"article {n}") for n in names), "k"), {}))
    (warning,) = reader.query("FROM audit_findings").to_pylist()
    assert warning["audit"].startswith("nothing in ")
    assert warning["stage"] == stage


def test_good_rows_pass_and_the_whole_warehouse_can_be_asked(writer: Writer, reader: Reader) -> None:
    fill(writer)
    assert audit_all(reader) == []
    assert reader.value("SELECT count(*) FROM audit_findings") == 0
    assert reader.value("SELECT count(*) FROM entity_timeline WHERE entity_id = ?", [PUTIN]) == 2
