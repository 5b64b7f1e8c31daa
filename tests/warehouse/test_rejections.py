"""Rejections: chosen, resolved by a mended file, and noticed when there are suddenly many."""

from __future__ import annotations

from tests.warehouse.rows import commit, digest, ingested, rejection
from warehouse.connection import Reader
from warehouse.rejections import open_rejections, resolve_mended
from warehouse.writer import Writer


def reject(
    writer: Writer, rule: str, *names: str, run_id: str = "run-1", uri: str | None = None, window: str | None = None
) -> None:
    units = [digest(f"document {name}") for name in names]
    rows = [rejection("ingest", rule, document_id=unit) | {"uri": uri} for unit in units]
    keys = dict.fromkeys(units, "k")
    writer.commit(commit("ingest", keys, {}, rejections=rows, rejected=units, run_id=run_id, window=window))


def test_open_rejections_are_chosen_by_stage_rule_and_id(writer: Writer, reader: Reader) -> None:
    reject(writer, "empty-text", "a", "b")
    reject(writer, "invalid-json", "c")
    assert open_rejections(reader).num_rows == 3
    assert open_rejections(reader, rule="empty-text").num_rows == 2
    assert open_rejections(reader, stage="language").num_rows == 0
    assert open_rejections(reader, ids=[digest("document c")])["rule"].to_pylist() == ["invalid-json"]
    writer.commit(ingested("a", run_id="run-2"))
    assert open_rejections(reader, rule="empty-text")["document_id"].to_pylist() == [digest("document b")]
    assert reader.value("SELECT count(*) FROM rejections") == 3, "a resolved one stays on record"


def test_a_mended_file_resolves_its_rejection_and_may_break_again(writer: Writer, reader: Reader) -> None:
    reject(writer, "corrupt-gzip", "file", uri="news.jsonl.gz")
    reject(writer, "corrupt-gzip", "other", uri="other.jsonl.gz")
    reject(writer, "empty-text", "line", uri="news.jsonl.gz")
    unit = digest("document file")
    assert resolve_mended(writer, reader, "run-2", ["news.jsonl.gz"], still_broken=[unit]) == 0
    assert resolve_mended(writer, reader, "run-2", ["news.jsonl.gz"], still_broken=[]) == 1
    resolved = reader.query("SELECT uri, rule, resolved_by FROM rejections WHERE resolved_by IS NOT NULL").to_pylist()
    assert resolved == [{"uri": "news.jsonl.gz", "rule": "corrupt-gzip", "resolved_by": "run-2"}]
    assert reader.value("SELECT count(*) FROM stage_ledger WHERE article_id = ?", [unit]) == 0
    reject(writer, "corrupt-gzip", "file", uri="news.jsonl.gz", run_id="run-3")
    assert open_rejections(reader, rule="corrupt-gzip").num_rows == 2
