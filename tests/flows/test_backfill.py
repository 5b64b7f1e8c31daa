"""Backfills over a real warehouse, with stages that cost milliseconds: windows, kills, options."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.backfill import backfill
from flows.backfill_plan import make_backfill_plan
from flows.request import STAGE_NAMES
from schemas.errors import SourceUnknown, WarehouseMissing
from tests.flows.backfills import AUGUST, asked, query, ran, snapshots, told
from tests.flows.cheap import backfilled, cheaply, separate
from tests.flows.support import contents, rasad, rasad_process


@pytest.fixture(scope="module", autouse=True)
def _cheap() -> Iterator[None]:
    with cheaply():
        yield


def test_only_the_windows_asked_for_are_computed_and_a_second_time_changes_nothing(
    stored: Path, six_days: dict[str, Path]
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
    assert told(stored) == told(six_days["whole"]), "windows one after the other are what one run gives"


def test_windows_of_one_source_and_without_a_date_are_windows_too(stored: Path, six_days: dict[str, Path]) -> None:
    report = backfill(asked(stored, source="خبرگزاری میهن", end=datetime(2025, 7, 31, tzinfo=UTC), undated=True))
    assert [(w.window, w.articles) for w in report.windows] == [("2025-07-30/2025-07-31", 3), ("undated", 2)]
    assert ran(report) == dict.fromkeys(STAGE_NAMES[1:], 5)
    backfill(asked(stored))
    assert told(stored) == told(six_days["whole"])


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


def test_an_unknown_source_and_an_empty_folder_are_told(stored: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceUnknown, match="وكالة الشرق"):
        backfill(asked(stored, source="Nobody"))
    with pytest.raises(WarehouseMissing):
        backfill(asked(tmp_path / "nowhere"))
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.slow
def test_killed_at_random_and_started_again_it_ends_as_if_undisturbed(stored: Path, six_days: dict[str, Path]) -> None:
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
    assert told(stored) == told(six_days["whole"])


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
