"""Commands that take articles through the stages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli_options import AsReport, ReportFormat, Warehouse
from flows.request import chosen_stages

commands = typer.Typer()


@commands.command()
def run(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            readable=False,
            metavar="PATH...",
            help="Files, folders and globs: .txt, .jsonl, .csv, .html, .xml, .warc (also .gz), .parquet.",
            show_default=False,
        ),
    ] = None,
    warehouse: Warehouse = None,
    stages: Annotated[str | None, typer.Option(help="Only these, e.g. `ingest,language`.")] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            help="A declared source to run; may be given several times. Beside paths: where their articles come from.",
            show_default=False,
        ),
    ] = None,
    all_sources: Annotated[bool, typer.Option("--all-sources", help="Run every declared source.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Say what is due; run nothing.")] = False,
    direct: Annotated[bool, typer.Option("--direct", help="The same stages without the Prefect engine.")] = False,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Ingest articles and take everything that is due through the stages."""
    from flows.commands import run_pipeline

    missing = run_pipeline(
        paths or [],
        warehouse=warehouse,
        stages=chosen_stages(stages),
        sources=source or [],
        all_sources=all_sources,
        plan=plan,
        direct=direct,
        as_json=output is ReportFormat.JSON,
    )
    if missing:
        raise typer.Exit(1)


@commands.command()
def replay(
    stage: Annotated[str | None, typer.Option(help="Only what this stage rejected.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only what broke this rule, e.g. `unreadable-date`.")] = None,
    ids: Annotated[
        list[str] | None,
        typer.Option("--id", help="Only this rejection, article or document; may be given again.", show_default=False),
    ] = None,
    warehouse: Warehouse = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Take rejected rows through today's code; what is accepted stays on record as resolved."""
    from flows.replay import replay_rejections

    chosen_stages(stage)
    replay_rejections(warehouse, stage=stage, rule=rule, ids=tuple(ids or ()), as_json=output is ReportFormat.JSON)
