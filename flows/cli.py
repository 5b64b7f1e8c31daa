"""The command line. Each command imports what it needs when it runs, so that `--help` is instant."""

from __future__ import annotations

import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from flows.request import chosen_stages
from schemas import errors

EPILOG = "Exit codes: 0 done; 1 done, but a path was missing; 2 wrong input or setting; 3 warehouse; 4 models; \
6 a source failed."

app = typer.Typer(
    name="rasad",
    help="Rasad turns news in Arabic and Persian into tables that answer questions in SQL.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

models = typer.Typer(help="The language models that are here, and Stanza's official ones.", no_args_is_help=True)
app.add_typer(models, name="models")

Warehouse = Annotated[
    Path | None,
    typer.Option("--warehouse", help="The warehouse's folder; `warehouse-data` unless set elsewhere."),
]


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


class ReportFormat(StrEnum):
    """How a summary is printed."""

    TABLE = "table"
    JSON = "json"


class Language(StrEnum):
    """A language that Rasad reads."""

    AR = "ar"
    FA = "fa"


AsReport = Annotated[
    ReportFormat, typer.Option("--format", help="For a person, or for a program.", case_sensitive=False)
]


@app.command()
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


@app.command()
def sql(
    query: Annotated[str | None, typer.Argument(help="One statement; the warehouse is read-only here.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="Read the statement from a file.", exists=True, dir_okay=False)
    ] = None,
    warehouse: Warehouse = None,
    output: Annotated[Format, typer.Option("--format", case_sensitive=False)] = Format.TABLE,
) -> None:
    """Ask the warehouse a question in SQL (DuckDB's dialect)."""
    from flows.commands import run_query

    if (query is None) == (file is None):
        raise errors.SettingsError(
            "give either a statement or --file",
            hint='For example: rasad sql "SELECT count(*) FROM articles".',
        )
    run_query(query if query is not None else Path(str(file)).read_text("utf-8"), warehouse, output.value)


@app.command()
def status(warehouse: Warehouse = None, output: AsReport = ReportFormat.TABLE) -> None:
    """Say what is fresh, due and rejected."""
    from flows.commands import show_status

    show_status(warehouse, as_json=output is ReportFormat.JSON)


@app.command()
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


@app.command()
def publish(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where it goes; made if there is none.")],
    warehouse: Warehouse = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Write marts and tables as Parquet and one DuckDB file, swapped in atomically."""
    from flows.publish import publish_to

    publish_to(folder, warehouse, as_json=output is ReportFormat.JSON)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="RUN", help="A run, as `rasad status` names it.")],
    after: Annotated[str, typer.Argument(metavar="RUN", help="A later one.")],
    warehouse: Warehouse = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Say which rows were added, changed and removed between two runs."""
    from flows.maintain import show_diff

    show_diff(before, after, warehouse, as_json=output is ReportFormat.JSON)


@app.command()
def migrate(
    rebuild: Annotated[
        list[str] | None,
        typer.Option(help="Make this table anew, empty: its stages are due again.", show_default=False),
    ] = None,
    warehouse: Warehouse = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Bring tables and views to the shape of this Rasad (a run does so by itself where it is safe)."""
    from flows.maintain import migrate_warehouse

    migrate_warehouse(warehouse, rebuild=tuple(rebuild or ()), as_json=output is ReportFormat.JSON)


@app.command()
def maintain(
    keep_days: Annotated[int, typer.Option(min=0, help="How long snapshots stay, for time travel.")] = 30,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")] = False,
    warehouse: Warehouse = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Merge small files, expire old snapshots, remove files that nothing needs."""
    from flows.maintain import maintain_warehouse

    maintain_warehouse(warehouse, keep_days=keep_days, dry_run=dry_run, as_json=output is ReportFormat.JSON)


@app.command()
def doctor(warehouse: Warehouse = None, output: AsReport = ReportFormat.TABLE) -> None:
    """Check versions, models, extensions and catalog; name the command that mends what is wrong."""
    from flows.doctor import examine

    if not examine(warehouse, as_json=output is ReportFormat.JSON):
        raise typer.Exit(3)


@app.command()
def explain(
    first: Annotated[str, typer.Argument(metavar="ARTICLE", help="An article_id (or its beginning), id or URL.")],
    second: Annotated[str, typer.Argument(metavar="ARTICLE", help="Another one.")],
    warehouse: Warehouse = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Say why two articles are, or are not, one story: the evidence and what each piece adds."""
    from flows.explain import explain as explain_pair

    explain_pair(first, second, warehouse, as_json=output is ReportFormat.JSON)


@models.command("fetch")
def fetch(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR",
            help="Where they go; `ner.resources` unless given, else Stanza's own folder in your cache.",
            show_default=False,
        ),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="A place that serves Stanza's resources; Stanza's own unless given.")
    ] = None,
    language: Annotated[
        list[Language] | None, typer.Option(help="Only this one; may be given twice.", show_default=False)
    ] = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Download Stanza's official packages, checking the md5 of every file; a second call continues."""
    from flows.model_fetch import fetch_models
    from flows.settings import load_settings

    fetch_models(
        folder or load_settings().ner.resources,
        url=url,
        languages=[code.value for code in language or ()],
        as_json=output is ReportFormat.JSON,
    )


@models.command("list")
def list_(output: AsReport = ReportFormat.TABLE) -> None:
    """Say which models are here, their versions and labels, and whether every file is whole."""
    from flows.model_list import list_models

    list_models(as_json=output is ReportFormat.JSON)


def exit_code(error: errors.RasadError) -> int:
    """The exit code that stands for a kind of error; see EPILOG."""
    match error:
        case errors.InputError() | errors.SettingsError() | errors.QueryError():
            return 2
        case errors.WarehouseError():
            return 3
        case errors.ModelError():
            return 4
        case errors.SourceError():
            return 6
        case _:
            return 5


#: The signals that asked this process to stop.
_received: list[int] = []


def _stop(number: int, frame: FrameType | None) -> None:
    """Ctrl-C or SIGTERM: `with` blocks release the lease and stop the Prefect server on the way out."""
    # A second signal ends at once. Python also loses the first one where it meets it in a destructor.
    signal.signal(number, lambda *_: os._exit(128 + number))
    _received.append(number)
    raise SystemExit(128 + number)


def main() -> None:
    """The entry point of the console script: errors become one message and an exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        _explain_errors()
    except BaseException:  # what a library makes of the signal on its way: DuckDB raises a RuntimeError
        if not _received:
            raise
        sys.stderr.write("stopped: what was committed stays.\n→ Run the same command again: it goes on from there.\n")
        sys.exit(128 + _received[0])


def _explain_errors() -> None:
    try:
        app()
    except errors.RasadError as error:
        if _received:
            raise
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print("error:", style="bold red", end=" ")
        console.print(f"{error.problem}" + (f" ({error.where})" if error.where else ""), markup=False)
        console.print(f"→ {error.hint}", markup=False)
        sys.exit(exit_code(error))
