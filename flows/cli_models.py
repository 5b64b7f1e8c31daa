"""`rasad models`: the language models."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from flows.cli_options import AsReport, ReportFormat

commands = typer.Typer(help="The language models that are here, and Stanza's official ones.", no_args_is_help=True)


class Language(StrEnum):
    """A language that Rasad reads."""

    AR = "ar"
    FA = "fa"


@commands.command("fetch")
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
        str | None,
        typer.Option(metavar="URL", help="A place that serves Stanza's resources; Stanza's own unless given."),
    ] = None,
    language: Annotated[
        list[Language] | None, typer.Option(help="Only this one; may be given twice.", show_default=False)
    ] = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Download Stanza's official packages, checking the md5 of every file; a second call continues.

    More: docs/models.md.
    """
    from flows.model_fetch import fetch_models
    from flows.settings import load_settings

    fetch_models(
        folder or load_settings().ner.resources,
        url=url,
        languages=[code.value for code in language or ()],
        as_json=output is ReportFormat.JSON,
    )


@commands.command("list")
def list_(output: AsReport = ReportFormat.TABLE) -> None:
    """Say which models are here, their versions and labels, and whether every file is whole.

    Rasad's own and Stanza's official ones; a file is whole when it is the one that the manifest or index names.
    """
    from flows.model_list import list_models

    list_models(as_json=output is ReportFormat.JSON)
