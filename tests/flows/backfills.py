"""What the tests of backfills ask for, and how they look at what came of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flows.backfill_plan import make_backfill_plan
from flows.backfill_report import BackfillReport
from flows.request import STAGE_NAMES, BackfillRequest
from flows.settings import Settings
from tests.flows.support import contents
from warehouse.connection import open_reader
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


def without(rows: list[dict[str, object]], *columns: str) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if name not in columns} for row in rows]
