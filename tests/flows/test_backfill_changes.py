"""What becomes due when a stage changes or a source arrives, and what a backfill makes of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from flows.backfill import backfill
from flows.backfill_plan import make_backfill_plan
from flows.request import STAGE_NAMES
from flows.run import execute
from tasks import ingest
from tasks.sources import load_sources
from tasks.stage import StageInput, StageOutput
from tests.flows.backfills import AUGUST, asked, due, query, ran, without
from tests.flows.cheap import cheap_stages, cheaply, nothing, write_news
from tests.flows.support import contents, request
from warehouse.connection import open_reader
from warehouse.diff import diff
from warehouse.location import Location


@pytest.fixture(scope="module", autouse=True)
def _cheap() -> Iterator[None]:
    with cheaply():
        yield


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


def test_a_new_ingest_reads_stored_documents_again_without_their_files(whole: Path, six_days: dict[str, Path]) -> None:
    def earlier(batch: StageInput) -> StageOutput:
        """As `ingest`, with every date two days earlier."""
        output = ingest.ingest(batch)
        articles = output.tables["articles"]
        at = articles.schema.get_field_index("published_at")
        moved = [time and time - timedelta(days=2) for time in articles["published_at"].to_pylist()]
        articles = articles.set_column(at, articles.schema.field(at), pa.array(moved, articles.schema.field(at).type))
        return replace(output, tables={**output.tables, "articles": articles})

    news = six_days["news"].rename(six_days["news"].with_name("gone"))
    try:
        with cheaply(replace(ingest.STAGE, version="99", work=earlier)):
            assert due(whole)["ingest"] == 42, "also the documents that were refused"
            report = backfill(asked(whole))
            assert not any(due(whole).values())
    finally:
        news.rename(six_days["news"])
    assert ran(report) == {"ingest": 42, **dict.fromkeys(STAGE_NAMES[1:], 40)}
    assert report.windows[0].window == "2025-07-28/2025-07-29"
    assert report.windows[-1].stages[0].rejected == {"missing-text": 2}
    assert query(whole, "SELECT DISTINCT stage_version AS v FROM articles") == [{"v": "99"}]


def test_a_new_source_costs_its_own_articles_and_gives_the_tables_of_a_rebuild(
    whole: Path, six_days: dict[str, Path], tmp_path: Path
) -> None:
    news = Path(shutil.copytree(six_days["news"], tmp_path / "news"))
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
    assert len(found["duplicate_pairs"]) > len(contents(six_days["whole"])["duplicate_pairs"])
    for name in ("articles", "entity_mentions", "duplicate_pairs", "stories", "story_articles", "story_redirects"):
        # A document's id depends on the name under which its file was read.
        assert without(found[name], "document_id") == without(expected[name], "document_id"), name
