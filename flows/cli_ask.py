"""Commands that ask the warehouse something and change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli_options import AsReport, Format, ReportFormat, Warehouse
from schemas import errors

commands = typer.Typer()


@commands.command()
def sql(
    query: Annotated[
        str | None, typer.Argument(metavar='"SELECT ..."', help="One statement; the warehouse is read-only here.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read the statement from a file.", exists=True, dir_okay=False)
    ] = None,
    warehouse: Warehouse = None,
    output: Annotated[
        Format,
        typer.Option(
            "--format",
            help="`json` is one object a line; `parquet` goes to a pipe or a file.",
            case_sensitive=False,
        ),
    ] = Format.TABLE,
) -> None:
    """Ask the warehouse a question in SQL (DuckDB's dialect).

    Read-only, and unable to reach other files or the network. Questions to begin with: docs/cookbook.md.
    """
    from flows.commands import run_query

    if (query is None) == (file is None):
        raise errors.SettingsError(
            "give either a statement or --file",
            hint='For example: rasad sql "SELECT count(*) FROM articles".',
        )
    run_query(query if query is not None else Path(str(file)).read_text("utf-8"), warehouse, output.value)


@commands.command()
def status(warehouse: Warehouse = None, output: AsReport = ReportFormat.TABLE) -> None:
    """Say what is fresh, due and rejected.

    What is stored, what is due at each stage with the code and models as they are now, what was rejected, and the line
    that opens the warehouse in plain DuckDB. Warnings are the alerts that last (docs/operations.md#alerts); `healthy`
    in the JSON says that there is none.
    """
    from flows.commands import show_status

    show_status(warehouse, as_json=output is ReportFormat.JSON)


@commands.command()
def report(
    out: Annotated[Path, typer.Argument(metavar="OUT.html", help="The page; an existing file is replaced.")],
    warehouse: Warehouse = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Write one page to look at: stories, events, who acts on whom, places, sources. It needs no network.

    Stories stand on a timeline and each story's languages side by side; events by day and type with what was planned,
    put off and denied; who acts on whom, a map, sources, languages and rejections; filters by date, source, language
    and name.

    The page is counted in SQL and stays under 3 MB: days become weeks where there are many, lists end at the most
    frequent (40 sources, 150 stories, 120 names). A new page replaces an old one in one step.
    """
    from flows.page import write_page

    write_page(out, warehouse, as_json=output is ReportFormat.JSON)


@commands.command()
def metrics(warehouse: Warehouse = None) -> None:
    """Print what is stored, due, rejected and unusual, as Prometheus reads it.

    More: docs/operations.md#metrics.
    """
    from flows.metrics import show_metrics
    from flows.rendering import write_text

    write_text(show_metrics(warehouse))


@commands.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="RUN", help="A run, as `rasad status` names it.")],
    after: Annotated[str, typer.Argument(metavar="RUN", help="A later one.")],
    warehouse: Warehouse = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Say which rows were added, changed and removed between two runs.

    Table by table; stamps (run, time, version) are not compared.
    """
    from flows.maintain import show_diff

    show_diff(before, after, warehouse, as_json=output is ReportFormat.JSON)


@commands.command()
def explain(
    first: Annotated[
        str, typer.Argument(metavar="ARTICLE", help="An `article_id` (or its beginning), its source's id, or a URL.")
    ],
    second: Annotated[str, typer.Argument(metavar="ARTICLE", help="Another one.")],
    warehouse: Warehouse = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Say why two articles are, or are not, one story: the evidence and what each piece adds.

    The stories and threads they are in, whether one copies the other, and each piece of evidence with what it adds to
    the pair's score.
    """
    from flows.explain import explain as explain_pair

    explain_pair(first, second, warehouse, as_json=output is ReportFormat.JSON)
