"""Commands that say what runs when."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli_options import AsReport, ReportFormat

commands = typer.Typer()

Deployments = Annotated[
    Path | None,
    typer.Option(
        "--file",
        metavar="FILE",
        help="Deployments like those of `prefect.yaml`, which are taken unless given.",
        show_default=False,
    ),
]


@commands.command()
def deploy(file: Deployments = None, output: AsReport = ReportFormat.TABLE) -> None:
    """Register the schedules at your Prefect server, for workers of its pool to run.

    It needs `PREFECT_API_URL`. More: docs/backfill.md#schedules.
    """
    from flows.schedules import show_deployed

    show_deployed(file, as_json=output is ReportFormat.JSON)


@commands.command()
def serve(file: Deployments = None) -> None:
    """Run the schedules from this process, until it is stopped; your Prefect server keeps them.

    It needs `PREFECT_API_URL`. More: docs/backfill.md#schedules.
    """
    from flows.schedules import serve_deployments

    serve_deployments(file)
