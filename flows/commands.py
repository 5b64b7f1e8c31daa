"""What the commands of `flows/cli.py` do: build a request, run it, print the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from flows.launch import Work, launch
from flows.rendering import plain_console, warn, write_json, write_rows, write_summary
from flows.report import Plan, RunReport, SourceReport
from flows.request import RunRequest
from flows.settings import Settings, load_settings
from schemas.errors import SettingsError, SourceFailed
from schemas.sources import Source

if TYPE_CHECKING:  # DuckDB is loaded by the commands that need it
    from warehouse.ledger import StageSpec

#: A record with more unknown keys than fit on two lines is of a format that nobody will read out key by key.
NAMED_KEYS = 20


def run_pipeline(
    paths: list[Path],
    *,
    warehouse: Path | None,
    stages: tuple[str, ...],
    sources: list[str],
    all_sources: bool,
    plan: bool,
    direct: bool,
    as_json: bool,
) -> bool:
    """`rasad run`: returns whether a path was missing. Raises SourceFailed, last of all, when a source failed."""
    if "ingest" in stages and not (paths or sources or all_sources):
        raise SettingsError(
            "no articles were named",
            hint="Name files or folders, or sources (--source NAME, --all-sources), or leave ingest out: "
            "--stages language,entities.",
        )
    settings = load_settings(warehouse=warehouse)
    source, declared = _sources(settings, paths, sources, all_sources)
    request = RunRequest(paths=tuple(paths), settings=settings, stages=stages, source=source, sources=declared)
    if plan:
        from flows.run import make_plan

        planned = make_plan(request)
        write_summary(planned, _plan_table(planned), as_json=as_json)
        if planned.unasked and not as_json:
            plain_console().print(f"Not asked for a plan: {', '.join(planned.unasked)}.")
        if not as_json:
            _name_missing(plain_console(), planned.missing)
        return bool(planned.missing)
    if "ingest" in stages and paths:
        from tasks.reading_paths import resolve

        resolve(paths)  # a wrong path is told at once, not after a server has started
    report = launch(request, direct=direct, work=_work, flow=_flow)
    write_summary(report, _run_table(report), as_json=as_json)
    if not as_json:
        _explain(report)
    failed = [source for source in report.sources if source.failures]
    if failed:
        raise SourceFailed(
            "; ".join(f"{source.source}: {said}" for source in failed for said in source.failures),
            hint="What was committed stays. Mend the source, or what is expected of it, in sources.yml; then run it "
            f"again: rasad run --source '{failed[0].source}' --warehouse {report.warehouse}",
        )
    return bool(report.missing)


def _sources(
    settings: Settings, paths: list[Path], names: list[str], all_sources: bool
) -> tuple[str | Source | None, tuple[Source, ...]]:
    from flows.sources import named_sources

    return named_sources(settings, paths, names, all_sources)


def _work() -> Work[RunRequest, RunReport]:
    from flows.run import execute

    return execute


def _flow() -> Callable[[RunRequest], RunReport]:
    from flows.pipeline import pipeline

    return pipeline


def run_query(query: str, warehouse: Path | None, output: str) -> None:
    """`rasad sql`: print a query's rows. Raises QueryError, WarehouseError."""
    from warehouse.queries import run_sql

    settings = load_settings(warehouse=warehouse)
    write_rows(run_sql(settings.location(), query), output)


def show_status(warehouse: Path | None, *, as_json: bool) -> None:
    """`rasad status`: what is fresh, due and rejected."""
    from flows.alerting import limits
    from warehouse.connection import open_reader
    from warehouse.queries import attach_statement
    from warehouse.status import Status, status

    settings = load_settings(warehouse=warehouse)
    location = settings.location()
    with ThreadPoolExecutor(1) as beside:
        stages = beside.submit(_stage_specs, settings)  # .3 s of imports, while DuckDB opens and counts
        with open_reader(location) as reader:
            state = status(reader, stages.result, limits(settings.alerts), datetime.now(UTC))
    if as_json:
        write_json(TypeAdapter(Status).dump_json(state).decode())
        return
    console = plain_console()
    table = Table("stage", "done", "rejected", "left out", "due", title=state.folder, title_justify="left")
    for stage in state.stages:
        numbers = (stage.done, stage.rejected, stage.excluded, stage.due)
        table.add_row(stage.stage, *("" if n is None else f"{n:,}" for n in numbers))
    console.print(table)
    rows = Table("table", "rows")
    for name, count in state.tables.items():
        rows.add_row(name, f"{count:,}")
    console.print(rows)
    for rejection in state.open_rejections:
        console.print(f"{rejection.stage}: {rejection.count:,} rejected, {rejection.rule}: {rejection.example}")
    if state.open_rejections:
        console.print(
            f"Try rejected rows again with today's code: rasad replay --warehouse {state.folder}", soft_wrap=True
        )
    warn(console, [alert.message for alert in state.alerts])
    due = sum(stage.due or 0 for stage in state.stages)
    console.print(f"{'Healthy' if state.healthy else 'Look at the warnings'}; {due:,} units are due.")
    if state.last_run:
        console.print(f"Last run {state.last_run.run_id}; {state.snapshots:,} snapshots.")
    console.print(f"Latest article: {state.last_published or 'no article has a date'}")
    console.print(f"In DuckDB: {attach_statement(location)}", soft_wrap=True)


def _stage_specs(settings: Settings) -> list[StageSpec]:
    from flows.stages import pipeline_stages, stage_spec

    return [stage_spec(stage) for stage in pipeline_stages(settings)]


def _run_table(report: RunReport) -> Table:
    table = Table(
        "stage",
        "in",
        "out",
        "rejected",
        "excluded",
        "seconds",
        title=f"Run {report.run_id}",
        title_justify="left",
    )
    for stage in report.stages:
        c = stage.counts
        numbers = (c.rows_in, c.rows_out, c.rejected, c.excluded)
        table.add_row(stage.stage, *(f"{n:,}" for n in numbers), f"{stage.seconds:.1f}")
    return table


def _plan_table(plan: Plan) -> Table:
    table = Table("stage", "due now", "due after it", title="Plan: nothing was run", title_justify="left")
    for stage in plan.stages:
        table.add_row(stage.stage, f"{stage.due:,}", f"up to {stage.perhaps:,} more" if stage.perhaps else "")
    return table


def _explain(report: RunReport) -> None:
    """Say in words what the table cannot: what was left out, and how to look at it."""
    console = plain_console()
    for stage in report.stages:
        for rule, count in sorted(stage.rejected.items()):
            console.print(f"{stage.stage}: {count:,} rejected, {rule}")
        for reason, count in sorted(stage.excluded.items()):
            console.print(f"{stage.stage}: {count:,} left out, {reason}")
    if any(stage.rejected for stage in report.stages):
        question = "SELECT stage, rule, error, uri FROM rejections"
        console.print(f'Why: rasad sql "{question}" --warehouse {report.warehouse}', soft_wrap=True)
    if report.unknown_keys:
        named = ", ".join(f"{key} ({count:,})" for key, count in list(report.unknown_keys.items())[:NAMED_KEYS])
        more = len(report.unknown_keys) - NAMED_KEYS
        further = f" and {more:,} more" if more > 0 else ""
        console.print(f"Unknown keys of records, kept in articles.extra: {named}{further}")
    if report.unchanged:
        console.print(f"{report.unchanged:,} documents were in the warehouse already.")
    if report.ignored:
        console.print(f"{report.ignored:,} files were passed over: they are of no kind that Rasad reads.")
    for source in report.sources:
        _explain_source(console, source, report.warehouse)
    warn(console, [*report.alerts, report.untold])
    _name_missing(console, report.missing)
    work = report.work_seconds
    console.print(f"{report.seconds:.1f} s in all, {work:.1f} s of it in the stages. Warehouse: {report.warehouse}")


def _name_missing(console: Console, paths: Iterable[object]) -> None:
    for path in paths:
        console.print(f"There is no {path}: check the name and run it again.", style="bold red")


def _explain_source(console: Console, source: SourceReport, warehouse: str) -> None:
    """What one source brought, in a line for each thing worth knowing."""
    if source.fetched:
        outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(source.fetched.items()))
        console.print(f"{source.source}: asked {sum(source.fetched.values()):,} addresses: {outcomes}")
    for rule, count in sorted(source.faults.items()):
        console.print(f"{source.source}: {count:,} addresses gave nothing, {rule}")
    if source.faults:
        question = "SELECT url, rule, error FROM fetches WHERE rule IS NOT NULL"
        console.print(f'Why: rasad sql "{question}" --warehouse {warehouse}', soft_wrap=True)
    for what, count in sorted(source.passed.items()):
        console.print(f"{source.source}: {count:,} passed over, {what}")
    for warning in source.warnings:
        console.print(f"warning: {source.source}: {warning}", style="yellow")
