"""The promises that a whole run makes, on the sample articles and the bundled models."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from flows.report import RunReport
from flows.request import STAGE_NAMES
from flows.run import execute, make_plan
from schemas.errors import LeaseHeld, NothingToRead, PathMissing
from tests.flows.support import SAMPLES, contents, request, write_articles
from warehouse.connection import open_reader
from warehouse.lease import writer_lease
from warehouse.location import Location

Sampled = tuple[Path, RunReport]


def query(warehouse: Path, sql: str) -> list[dict[str, object]]:
    with open_reader(Location.at(warehouse)) as reader:
        rows: list[dict[str, object]] = reader.query(sql).to_pylist()
        return rows


def test_every_stage_did_something_and_no_row_vanished(sampled: Sampled) -> None:
    warehouse, report = sampled
    rows = query(warehouse, "SELECT stage, counts.* FROM runs")
    assert {row["stage"] for row in rows} == set(STAGE_NAMES)
    for stage in report.stages:
        counts = stage.counts
        assert counts.rows_out > 0, stage.stage
        assert counts.rows_in == counts.rows_out + counts.rejected + counts.excluded, stage.stage


def test_the_ledger_agrees_with_the_tables(sampled: Sampled) -> None:
    warehouse, _ = sampled
    (row,) = query(
        warehouse,
        """
        SELECT
          (SELECT count(*) FROM articles) AS articles,
          (SELECT count(*) FROM stage_ledger WHERE stage = 'ingest' AND status = 'done') AS ingested,
          (SELECT count(*) FROM stage_ledger WHERE stage = 'ingest' AND status = 'rejected') AS refused,
          (SELECT count(*) FROM rejections) AS rejections,
          (SELECT count(*) FROM stage_ledger WHERE stage = 'language') AS language
        """,
    )
    assert row["articles"] == row["ingested"] == row["language"]
    assert row["refused"] == row["rejections"]


def test_each_event_names_the_story_of_its_article(sampled: Sampled) -> None:
    warehouse, _ = sampled
    (row,) = query(
        warehouse,
        "SELECT count(*) AS events, count(*) FILTER (WHERE events.story_id = told.story_id) AS agreeing "
        "FROM events JOIN story_articles AS told USING (article_id)",
    )
    assert row["events"] == row["agreeing"] != 0


def test_all_offsets_are_true(sampled: Sampled) -> None:
    warehouse, _ = sampled
    texts = {r["article_id"]: str(r["text"]) for r in query(warehouse, "SELECT article_id, text FROM articles")}
    mentions = query(warehouse, "SELECT article_id, char_start, char_end, surface AS words FROM entity_mentions")
    triggers = query(warehouse, "SELECT article_id, char_start, char_end, trigger AS words FROM events")
    assert len(mentions) > 300
    assert len(triggers) > 100
    for row in mentions + triggers:
        assert texts[row["article_id"]][int(str(row["char_start"])) : int(str(row["char_end"]))] == row["words"]


def test_the_leaders_are_people_in_both_languages_whichever_the_spelling(sampled: Sampled) -> None:
    warehouse, _ = sampled
    rows = query(
        warehouse,
        """
        SELECT entity_id, language, list(DISTINCT bare_form) AS spellings
        FROM entity_mentions JOIN articles USING (article_id)
        WHERE label = 'PER' AND entity_id IN ('per-donald-trump', 'per-vladimir-putin')
        GROUP BY ALL
        """,
    )
    found = {(row["entity_id"], row["language"]) for row in rows}
    assert found >= {(p, lang) for p in ("per-donald-trump", "per-vladimir-putin") for lang in ("ar", "fa")}


def test_broken_records_are_rejected_and_their_neighbours_kept(sampled: Sampled) -> None:
    warehouse, _ = sampled
    rejected = query(warehouse, "SELECT rule, error, uri, payload FROM rejections")
    rules = {str(row["rule"]) for row in rejected}
    assert rules >= {"invalid-utf8", "empty-text", "invalid-json", "not-an-object", "missing-text", "corrupt-gzip"}
    assert all(row["error"] and row["uri"] for row in rejected)
    kept = query(warehouse, "SELECT external_id FROM articles WHERE external_id IN ('brk-7', 'cut-1', 'cut-2')")
    assert len(kept) == 3
    undated = query(
        warehouse,
        "SELECT external_id, published_at, published_reason FROM articles WHERE external_id IN ('brk-6', 'brk-8')",
    )
    assert {(row["external_id"], row["published_at"], row["published_reason"]) for row in undated} == {
        ("brk-6", None, "impossible-date"),
        ("brk-8", None, "unreadable-date"),
    }


def test_articles_in_a_language_without_models_are_kept_with_the_reason(sampled: Sampled) -> None:
    warehouse, _ = sampled
    rows = query(
        warehouse,
        "SELECT DISTINCT l.status, l.reason FROM stage_ledger l JOIN articles a USING (article_id) "
        "WHERE l.stage = 'entities' AND a.language = 'en'",
    )
    assert rows == [{"status": "excluded", "reason": "no-models:en"}]
    (events,) = query(
        warehouse, "SELECT count(*) AS n FROM events JOIN articles USING (article_id) WHERE language = 'en'"
    )
    assert int(str(events["n"])) > 0, "events need no models: English articles have them"


def test_a_second_run_computes_nothing_and_changes_nothing(sampled: Sampled, tmp_path: Path) -> None:
    warehouse = shutil.copytree(sampled[0], tmp_path / "warehouse")
    snapshots = "SELECT count(*) AS n FROM ducklake_snapshots('rasad')"
    before, count = contents(warehouse), query(warehouse, snapshots)
    again = execute(request(SAMPLES, warehouse=warehouse))
    assert again.work_seconds == 0
    assert all(stage.counts.rows_in == 0 for stage in again.stages)
    assert again.unchanged > 50
    assert contents(warehouse) == before
    assert query(warehouse, snapshots) == count


@pytest.mark.slow
def test_order_and_batches_do_not_matter(sampled: Sampled, tmp_path: Path) -> None:
    files = [file for file in SAMPLES.rglob("*") if file.suffix in {".txt", ".jsonl", ".gz"}]
    random.Random(7).shuffle(files)
    cuts = [files[:3], files[3:4], files[4:11], files[11:]]
    warehouse = tmp_path / "warehouse"
    for part in cuts:
        execute(request(*part, warehouse=warehouse, batch={"articles": 17}))
    expected, found = contents(sampled[0]), contents(warehouse)
    for table, rows in expected.items():
        assert found[table] == rows, table


def test_stages_can_be_run_one_at_a_time(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles")
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    execute(request(articles, warehouse=whole))
    execute(request(articles, warehouse=parts).model_copy(update={"stages": ("ingest", "language")}))
    assert query(parts, "SELECT count(*) AS n FROM entity_mentions") == [{"n": 0}]
    execute(request(warehouse=parts).model_copy(update={"stages": STAGE_NAMES[2:]}))
    assert contents(parts) == contents(whole)


def test_the_plan_says_what_a_run_then_does_and_writes_nothing(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles")
    asked = request(articles, warehouse=tmp_path / "warehouse")
    plan = make_plan(asked)
    assert not (tmp_path / "warehouse").exists()
    report = execute(asked)
    assert [stage.due for stage in plan.stages] == [report.stages[0].counts.rows_in, 0, 0, 0, 0]
    assert [stage.due + stage.perhaps for stage in make_plan(asked).stages] == [0] * 5


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles")
    location = Location.at(tmp_path / "warehouse")
    location.folder.mkdir()
    with writer_lease(location, "another-run"), pytest.raises(LeaseHeld, match="another-run"):
        execute(request(articles, warehouse=location.folder))


def test_a_missing_path_is_named_and_the_others_are_processed(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles")
    asked = request(articles, tmp_path / "nowhere", warehouse=tmp_path / "warehouse")
    report = execute(asked.model_copy(update={"stages": ("ingest",)}))
    assert report.missing == [str(tmp_path / "nowhere")]
    assert report.stages[0].counts.rows_out == 4
    with pytest.raises(PathMissing, match="nowhere"):
        execute(request(tmp_path / "nowhere", warehouse=tmp_path / "warehouse"))


def test_a_folder_without_articles_says_so(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("no article")
    with pytest.raises(NothingToRead, match=r"\.txt"):
        execute(request(tmp_path, warehouse=tmp_path / "warehouse"))
