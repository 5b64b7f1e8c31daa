"""Commands that take articles through the stages."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from flows.cli_options import AsReport, Direct, ReportFormat, Warehouse
from flows.request import STAGE_NAMES, chosen_stages

commands = typer.Typer()


class Cut(StrEnum):
    """How published time is cut into windows."""

    DAY = "day"
    MONTH = "month"


@commands.command()
def init(warehouse: Warehouse = None, output: AsReport = ReportFormat.TABLE) -> None:
    """Make a warehouse with its tables and a file of settings; what is there stays.

    The warehouse has all its tables and the measured figures of `quality_metrics`; `rasad.toml` has every setting,
    explained and at its default. No other command needs this one: the first `rasad run` makes a warehouse too.
    """
    from flows.init import initialise

    initialise(warehouse, as_json=output is ReportFormat.JSON)


@commands.command()
def run(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            readable=False,
            metavar="PATH...",
            help="Files, folders and globs: `.txt`, `.jsonl`, `.csv`, `.html`, `.xml` feeds, `.warc` (all also "
            "`.gz`) and `.parquet`.",
            show_default=False,
        ),
    ] = None,
    warehouse: Warehouse = None,
    stages: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help=f"Only these of `{','.join(STAGE_NAMES)}`; without `ingest`, no path is needed.",
        ),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A declared source to run; may be given several times. Beside paths: the source of articles that do "
            "not name theirs.",
            show_default=False,
        ),
    ] = None,
    all_sources: Annotated[bool, typer.Option("--all-sources", help="Run every declared source.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Say what is due; run nothing, write nothing.")] = False,
    direct: Direct = False,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Ingest articles and take everything that is due through the stages.

    What is new in files, folders or declared sources (docs/sources.md) is ingested; what was done before is not done
    again. A record of a `.jsonl` file has `text`, and if known `id`, `source`, `url`, `title`, `author`,
    `published_at`, `language`; its other keys are kept in `articles.extra`.
    """
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
def backfill(
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this source; what is new of a declared one is read first.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Published at this date or moment (UTC) or later.", metavar="DATE")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Published before this one.", metavar="DATE")] = None,
    stage: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only this stage, or these: `entities,events`.")
    ] = None,
    by: Annotated[Cut, typer.Option(help="How the time is cut into windows.", case_sensitive=False)] = Cut.DAY,
    undated: Annotated[
        bool, typer.Option("--undated", help="Articles without a date, too; always without --from and --to.")
    ] = False,
    stored: Annotated[bool, typer.Option("--stored", help="Only what is stored: do not read the source.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Say what is due and how long it takes; run nothing.")] = False,
    queued: Annotated[
        bool, typer.Option("--queue", help="Leave it to the workers of your Prefect server; whole days only.")
    ] = False,
    warehouse: Warehouse = None,
    direct: Direct = False,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Take what is due in windows of published time through the stages, window after window.

    Every window is named in the answer. Twice changes nothing, and a backfill that was killed goes on where it stopped:
    type the same command again. More: docs/backfill.md.
    """
    from flows.backfill_command import backfill_request, queue, show_backfill, show_backfill_plan

    request = backfill_request(
        warehouse=warehouse,
        source=source,
        start=start,
        end=end,
        stages=chosen_stages(stage),
        by=by.value,
        undated=undated,
        stored=stored,
    )
    show = show_backfill_plan if plan else queue if queued else show_backfill
    show(request, direct=direct, as_json=output is ReportFormat.JSON)


@commands.command()
def replay(
    stage: Annotated[str | None, typer.Option(metavar="STAGE", help="Only what this stage rejected.")] = None,
    rule: Annotated[
        str | None, typer.Option(metavar="RULE", help="Only what broke this rule, e.g. `unreadable-date`.")
    ] = None,
    ids: Annotated[
        list[str] | None,
        typer.Option(
            "--id",
            metavar="ID",
            help="Only this rejection, article or document; may be given again.",
            show_default=False,
        ),
    ] = None,
    warehouse: Warehouse = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Take rejected rows through today's code; what is accepted stays on record as resolved.

    Documents are read from `raw_documents`, files from where they lay, articles from the tables; then they go through
    the later stages. Resolved rejections keep the run in `resolved_by`. `rasad run` over a file that was mended
    resolves its rejection too.
    """
    from flows.replay import replay_rejections

    chosen_stages(stage)
    replay_rejections(warehouse, stage=stage, rule=rule, ids=tuple(ids or ()), as_json=output is ReportFormat.JSON)
