"""`rasad backfill`: build the request, run it, print what became of each window."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flows.backfill_report import BackfillPlan, BackfillReport, lasting
from flows.launch import Work, launch
from flows.rendering import plain_console, warn, write_json, write_summary
from flows.request import STAGE_NAMES, BackfillRequest
from flows.settings import load_settings
from flows.windows import read_moment
from schemas.errors import SettingsError, SourceFailed
from schemas.operations import By
from tasks.sources import load_sources

DAY = timedelta(days=1)


def backfill_request(
    *,
    warehouse: Path | None = None,
    source: str | None = None,
    start: str | None = None,
    end: str | None = None,
    stages: tuple[str, ...],
    by: By = "day",
    undated: bool = False,
    stored: bool = False,
    wait_seconds: float = 0.0,
) -> BackfillRequest:
    """What the options come to. Raises SettingsError for a date, or a range, that cannot be used."""
    settings = load_settings(warehouse=warehouse)
    first = read_moment(start, "--from") if start is not None else None
    last = read_moment(end, "--to") if end is not None else None
    if first is not None and last is not None and first >= last:
        raise SettingsError(
            f"the window from {start} to {end} is empty: its end is not part of it",
            where="--from, --to",
            hint="For one day, write the next day as its end: --from 2025-08-01 --to 2025-08-02.",
        )
    declared = {} if source is None or stored else {one.name: one for one in load_sources(settings.sources)}
    return BackfillRequest(
        settings=settings,
        source=source,
        declared=declared.get(source or ""),
        start=first,
        end=last,
        by=by,
        undated=undated,
        stages=stages,
        wait_seconds=wait_seconds,
    )


def show_backfill_plan(request: BackfillRequest, *, direct: bool, as_json: bool) -> None:
    """Say what is due in each window, and about how long it will take; `direct` makes no difference."""
    from flows.backfill_plan import make_backfill_plan

    plan = make_backfill_plan(request)
    write_summary(plan, plan.table(request.stages), as_json=as_json)
    if as_json:
        return
    console = plain_console()
    if plan.unread:
        console.print(f"{plan.unread:,} new documents of {plan.source} come first; their dates are not known yet.")
    if plan.unasked:
        console.print(f"{plan.unasked} is asked by the backfill itself, not by a plan.")
    _explain_undated(plan)
    console.print(f"About {lasting(plan.seconds)} in the stages, as they were in past runs (? where there is none).")


def show_backfill(request: BackfillRequest, *, direct: bool, as_json: bool) -> None:
    """Run it, and say what became of each window. Raises SourceFailed, last of all, when the source failed."""
    report = launch(request, direct=direct, work=_work, flow=_flow)
    write_summary(report, report.table(), as_json=as_json)
    if not as_json:
        _explain(report)
    if report.read is not None and report.read.failures:
        raise SourceFailed(
            "; ".join(f"{report.read.source}: {said}" for said in report.read.failures),
            hint="What was committed stays. Mend the source, or what is expected of it, in sources.yml, and run the "
            "same command again.",
        )


def queue(request: BackfillRequest, *, direct: bool, as_json: bool) -> None:
    """Queue it for the workers of the user's Prefect server; `direct` makes no difference.

    Raises SettingsError for a range that is not of whole days, or where nothing is deployed.
    """
    from flows.parameters import BackfillParameters, Days
    from flows.schedules import queue_backfill

    window = None
    if request.start is not None or request.end is not None:
        first, last = request.start, request.end
        whole = first is not None and last is not None and not (first - datetime.min.replace(tzinfo=UTC)) % DAY
        if first is None or last is None or not whole or (last - first) % DAY:
            raise SettingsError(
                "a queued backfill is of whole days, or of all time",
                where="--from, --to",
                hint="Give both as days: --from 2025-08-01 --to 2025-09-01.",
            )
        window = Days(first=first.date(), days=(last - first) // DAY)
    parameters = BackfillParameters.model_validate(
        {
            "warehouse": request.settings.warehouse.resolve(),
            "source": request.source,
            "window": window,
            "by": request.by,
            "stages": [] if request.stages == STAGE_NAMES else list(request.stages),
            "undated": request.undated,
            "stored": request.declared is None,
        }
    )
    run = queue_backfill(parameters)
    if as_json:
        write_json(json.dumps({"flow_run_id": run}))
    else:
        plain_console().print(f"Queued as flow run {run}. See it: prefect flow-run inspect {run}")


def _work() -> Work[BackfillRequest, BackfillReport]:
    from flows.backfill import backfill

    return backfill


def _flow() -> Callable[[BackfillRequest], BackfillReport]:
    from flows.pipeline import backfill_windows

    return backfill_windows


def _explain(report: BackfillReport) -> None:
    """Say in words what the table cannot."""
    console = plain_console()
    for stage in report.stages:
        for rule, count in sorted(stage.rejected.items()):
            console.print(f"{stage.stage}: {count:,} rejected, {rule}")
    idle = sum(not window.stages for window in report.windows)
    if report.read is not None:
        for warning in report.read.warnings:
            console.print(f"warning: {report.read.source}: {warning}", style="yellow")
    for name, count in report.due_after.items():
        console.print(f"Due now at {name}: {count:,}. Take them too: the same command without --stage.")
    _explain_undated(report)
    warn(console, [*report.alerts, report.untold])
    console.print(
        f"{len(report.windows):,} windows, nothing was due in {idle:,}. {report.seconds:.1f} s in all, "
        f"{report.work_seconds:.1f} s of it in the stages. Warehouse: {report.warehouse}"
    )


def _explain_undated(summary: BackfillPlan | BackfillReport) -> None:
    if summary.undated:
        plain_console().print(
            f"{summary.undated:,} articles have no date and are in no window: add --undated to take them too."
        )
