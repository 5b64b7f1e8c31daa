"""Backfills over a real warehouse, with stages that cost milliseconds."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from flows.backfill import backfill
from flows.backfill_plan import make_backfill_plan
from flows.backfill_report import BackfillReport
from flows.request import STAGE_NAMES, BackfillRequest
from flows.run import execute
from flows.settings import Settings
from schemas.errors import SourceUnknown, WarehouseMissing
from tasks import ingest
from tasks.sources import load_sources
from tasks.stage import StageInput, StageOutput
from tests.flows.cheap import backfilled, cheap_stages, cheaply, nothing, separate, write_news
from tests.flows.support import contents, rasad, rasad_process, request
from warehouse.connection import open_reader
from warehouse.diff import diff
from warehouse.location import Location

AUGUST = {"start": datetime(2025, 8, 1, tzinfo=UTC), "end": datetime(2025, 8, 4, tzinfo=UTC)}


def asked(warehouse: Path, **parts: object) -> BackfillRequest:
    settings = Settings.model_validate({"warehouse": warehouse})
    return BackfillRequest.model_validate({"settings": settings, **parts})


def query(warehouse: Path, sql: str) -> list[dict[str, object]]:
    with open_reader(Location.at(warehouse)) as reader:
        rows: list[dict[str, object]] = reader.query(sql).to_pylist()
        return rows


def due(warehouse: Path, **parts: object) -> dict[str, int]:
    """What is due by stage in all windows asked for."""
    totals = dict.fromkeys(STAGE_NAMES, 0)
    for window in make_backfill_plan(asked(warehouse, **parts)).windows:
        for stage, count in window.due.items():
            totals[stage] += count
    return totals


def ran(report: BackfillReport) -> dict[str, int]:
    totals: dict[str, int] = {}
    for stage in report.stages:
        totals[stage.stage] = totals.get(stage.stage, 0) + stage.counts.rows_in
    return totals


def snapshots(warehouse: Path) -> object:
    return query(warehouse, "SELECT count(*) AS n FROM ducklake_snapshots('rasad')")


def told(warehouse: Path) -> dict[str, list[dict[str, object]]]:
    """Every table but the notes of audits, which are about runs."""
    return {name: rows for name, rows in contents(warehouse).items() if name != "audit_findings"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Six days of two sources. `read`: ingested only; `whole`: through every stage."""
    folder = tmp_path_factory.mktemp("made")
    news = folder / "news"
    write_news(news / "one.jsonl", "وكالة الشرق", 6)
    write_news(news / "two.jsonl", "خبرگزاری میهن", 6)
    with cheaply():
        ingested = request(news, warehouse=folder / "read").model_copy(update={"stages": ("ingest",)})
        execute(ingested)
        shutil.copytree(folder / "read", folder / "whole")
        execute(request(warehouse=folder / "whole").model_copy(update={"stages": STAGE_NAMES[1:]}))
        yield {"news": news, "read": folder / "read", "whole": folder / "whole"}


@pytest.fixture
def stored(made: dict[str, Path], tmp_path: Path) -> Path:
    """Articles that were ingested, and nothing else."""
    return Path(shutil.copytree(made["read"], tmp_path / "stored"))


@pytest.fixture
def whole(made: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made["whole"], tmp_path / "whole"))


def test_only_the_windows_asked_for_are_computed_and_a_second_time_changes_nothing(
    stored: Path, made: dict[str, Path]
) -> None:
    plan = make_backfill_plan(asked(stored, **AUGUST))
    assert plan.seconds is None, "no stage has run yet, so nothing tells how long it takes"
    report = backfill(asked(stored, **AUGUST))
    assert [window.window for window in report.windows] == [
        "2025-08-01/2025-08-02",
        "2025-08-02/2025-08-03",
        "2025-08-03/2025-08-04",
    ]
    for window in report.windows:
        assert (window.outcome, window.articles) == ("done", 6)
        assert {stage.stage: stage.counts.rows_out for stage in window.stages} == dict.fromkeys(STAGE_NAMES[1:], 6)
    assert ran(report) == dict.fromkeys(STAGE_NAMES[1:], 18)
    assert [window.due for window in plan.windows] == [{"ingest": 0, **dict.fromkeys(STAGE_NAMES[1:], 6)}] * 3
    assert report.undated == 4, "articles without a date are in no window, and that is said"
    (row,) = query(
        stored,
        "SELECT count(*) AS n, min(published_at) >= '2025-08-01' AND max(published_at) < '2025-08-04' AS inside "
        "FROM stage_ledger JOIN articles USING (article_id) WHERE stage = 'deduplicate'",
    )
    assert row == {"n": 18, "inside": True}
    named = query(stored, "SELECT DISTINCT \"window\" AS w FROM runs WHERE stage <> 'ingest'")
    assert named == [{"w": "2025-08-01/2025-08-04"}]

    before, count = contents(stored), snapshots(stored)
    again = backfill(asked(stored, **AUGUST))
    assert [window.outcome for window in again.windows] == ["nothing due"] * 3
    assert again.work_seconds == 0
    assert (contents(stored), snapshots(stored)) == (before, count)

    left = make_backfill_plan(asked(stored))
    rates = query(stored, "SELECT sum(seconds / counts.rows_in) AS s FROM runs WHERE stage <> 'ingest'")
    assert left.seconds == pytest.approx(float(str(rates[0]["s"])) * 22)
    rest = backfill(asked(stored, by="month"))
    assert [(window.window, window.outcome) for window in rest.windows] == [
        ("2025-07-01/2025-08-01", "done"),
        ("2025-08-01/2025-09-01", "done"),
        ("undated", "done"),
    ]
    assert told(stored) == told(made["whole"]), "windows one after the other are what one run gives"


def test_windows_of_one_source_and_without_a_date_are_windows_too(stored: Path, made: dict[str, Path]) -> None:
    report = backfill(asked(stored, source="خبرگزاری میهن", end=datetime(2025, 7, 31, tzinfo=UTC), undated=True))
    assert [(w.window, w.articles) for w in report.windows] == [("2025-07-30/2025-07-31", 3), ("undated", 2)]
    assert ran(report) == dict.fromkeys(STAGE_NAMES[1:], 5)
    backfill(asked(stored))
    assert told(stored) == told(made["whole"])


def test_windows_are_cut_at_the_ends_of_the_range(stored: Path) -> None:
    noon = {"start": datetime(2025, 7, 31, 12, tzinfo=UTC), "end": datetime(2025, 8, 1, 12, tzinfo=UTC)}
    plan = make_backfill_plan(asked(stored, by="month", **noon))
    names = [window.window for window in plan.windows]
    assert names == ["2025-07-31T12:00:00Z/2025-08-01", "2025-08-01/2025-08-01T12:00:00Z"]


def test_an_empty_window_is_named_too(stored: Path) -> None:
    year = {"start": datetime(2025, 6, 1, tzinfo=UTC), "end": datetime(2025, 8, 1, tzinfo=UTC), "by": "month"}
    windows = make_backfill_plan(asked(stored, **year)).windows
    assert [(window.window, window.articles) for window in windows] == [
        ("2025-06-01/2025-07-01", 0),
        ("2025-07-01/2025-08-01", 12),
    ]


def test_one_stage_leaves_the_stages_after_it_due_and_says_so(stored: Path) -> None:
    report = backfill(asked(stored, stages=("language",), **AUGUST))
    assert ran(report) == {"language": 18}
    assert report.due_after == {"entities": 18, "events": 18, "deduplicate": 18}


@pytest.mark.parametrize(
    ("stage", "after"),
    [
        ("language", ["language", "entities", "events", "deduplicate"]),
        ("entities", ["entities", "events", "deduplicate"]),
        ("events", ["events", "deduplicate"]),
        ("deduplicate", ["deduplicate"]),
    ],
)
def test_a_bumped_stage_makes_itself_and_the_stages_after_it_due(whole: Path, stage: str, after: list[str]) -> None:
    assert not any(due(whole).values())
    with cheaply(**{stage: "99"}):
        assert due(whole) == {name: 40 if name in after else 0 for name in STAGE_NAMES}
        assert due(whole, **AUGUST) == {name: 18 if name in after else 0 for name in STAGE_NAMES}


def test_a_change_of_rules_is_shown_row_by_row_and_rolled_back_by_another_bump(whole: Path) -> None:
    before = contents(whole)
    (first,) = query(whole, "SELECT max(run_id) AS run FROM runs")
    entities = cheap_stages({})[2]
    with cheaply(replace(entities, version="2", work=nothing)):
        changed = backfill(asked(whole))
    assert ran(changed) == dict.fromkeys(STAGE_NAMES[2:], 40)
    with open_reader(Location.at(whole)) as reader:
        found = {row.table: row for row in diff(reader, str(first["run"]), changed.run_id)}
    mentions = len(before["entity_mentions"])
    assert mentions > 10
    assert (found["entity_mentions"].removed, found["entity_mentions"].added) == (mentions, 0)
    assert "articles" not in found
    with cheaply(entities="3"):
        assert ran(backfill(asked(whole))) == ran(changed)
    after = contents(whole)
    for name in before.keys() - {"stage_ledger", "audit_findings"}:
        assert without(after[name], "stage_version") == without(before[name], "stage_version"), name


def without(rows: list[dict[str, object]], *columns: str) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if name not in columns} for row in rows]


def test_a_new_ingest_reads_stored_documents_again_without_their_files(whole: Path, made: dict[str, Path]) -> None:
    def earlier(batch: StageInput) -> StageOutput:
        """As `ingest`, with every date two days earlier."""
        output = ingest.ingest(batch)
        articles = output.tables["articles"]
        at = articles.schema.get_field_index("published_at")
        moved = [time and time - timedelta(days=2) for time in articles["published_at"].to_pylist()]
        articles = articles.set_column(at, articles.schema.field(at), pa.array(moved, articles.schema.field(at).type))
        return replace(output, tables={**output.tables, "articles": articles})

    news = made["news"].rename(made["news"].with_name("gone"))
    try:
        with cheaply(replace(ingest.STAGE, version="99", work=earlier)):
            assert due(whole)["ingest"] == 42, "also the documents that were refused"
            report = backfill(asked(whole))
            assert not any(due(whole).values())
    finally:
        news.rename(made["news"])
    assert ran(report) == {"ingest": 42, **dict.fromkeys(STAGE_NAMES[1:], 40)}
    assert report.windows[0].window == "2025-07-28/2025-07-29"
    assert report.windows[-1].stages[0].rejected == {"missing-text": 2}
    assert query(whole, "SELECT DISTINCT stage_version AS v FROM articles") == [{"v": "99"}]


def test_a_new_source_costs_its_own_articles_and_gives_the_tables_of_a_rebuild(
    whole: Path, made: dict[str, Path], tmp_path: Path
) -> None:
    news = Path(shutil.copytree(made["news"], tmp_path / "news"))
    write_news(news / "three.jsonl", "صحيفة الغد", 4, first=2)
    declared = tmp_path / "sources.yml"
    declared.write_text("sources:\n  - {name: صحيفة الغد, kind: files, where: news/three.jsonl}\n", encoding="utf-8")
    (source,) = load_sources(declared)
    known = {row["article_id"] for row in query(whole, "SELECT article_id FROM articles")}
    new = {"ingest": 15, **dict.fromkeys(STAGE_NAMES[1:], 14)}

    assert make_backfill_plan(asked(whole, source=source.name, declared=source)).unread == 15
    report = backfill(asked(whole, source=source.name, declared=source))
    assert ran(report) == new
    runs = query(whole, f"SELECT stage, counts.rows_in AS n FROM runs WHERE run_id = '{report.run_id}'")
    assert {str(row["stage"]): row["n"] for row in runs} == new
    done = query(whole, f"SELECT article_id FROM stage_ledger WHERE run_id = '{report.run_id}'")
    assert not known & {row["article_id"] for row in done}, "no old article was taken through any stage"
    assert backfill(asked(whole, source=source.name, declared=source)).work_seconds == 0

    rebuilt = tmp_path / "rebuilt"
    execute(request(news, warehouse=rebuilt))
    expected, found = contents(rebuilt), contents(whole)
    assert len(found["duplicate_pairs"]) > len(contents(made["whole"])["duplicate_pairs"])
    for name in ("articles", "entity_mentions", "duplicate_pairs", "stories", "story_articles", "story_redirects"):
        # A document's id depends on the name under which its file was read.
        assert without(found[name], "document_id") == without(expected[name], "document_id"), name


def test_an_unknown_source_and_an_empty_folder_are_told(stored: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceUnknown, match="وكالة الشرق"):
        backfill(asked(stored, source="Nobody"))
    with pytest.raises(WarehouseMissing):
        backfill(asked(tmp_path / "nowhere"))
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.slow
def test_killed_at_random_and_started_again_it_ends_as_if_undisturbed(stored: Path, made: dict[str, Path]) -> None:
    processes, chance = separate(), random.Random(8)
    killed = 0
    while killed < 3:
        worker = processes.Process(target=backfilled, args=(asked(stored),))
        worker.start()
        worker.join(chance.uniform(0.5, 2.0))
        if worker.exitcode is not None:
            assert worker.exitcode == 0
            break
        worker.kill()
        worker.join()
        killed += 1
    assert killed, "the backfill was through before it was killed once"
    backfill(asked(stored))
    assert told(stored) == told(made["whole"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--from", "2025-13-01"], "--from"),
        (["--from", "2025-08-01", "--to", "2025-08-01"], "next day"),
        (["--stage", "entites"], "'entites'"),
    ],
    ids=["a date that is none", "an empty range", "a stage that is none"],
)
def test_options_that_cannot_be_used_are_explained(options: list[str], words: str) -> None:
    answer = rasad("backfill", *options)
    assert answer.returncode == 2
    assert words in answer.stderr
    assert "→" in answer.stderr


def test_a_program_gets_one_object(whole: Path) -> None:
    answer = rasad_process(
        "backfill", "--warehouse", whole, "--stage", "language", "--plan", "--by", "month", "--format", "json"
    )
    plan = json.loads(answer.stdout)
    assert [window["window"] for window in plan["windows"]] == [
        "2025-07-01/2025-08-01",
        "2025-08-01/2025-09-01",
        "undated",
    ]
    assert plan["windows"][0]["due"] == {"language": 0}
