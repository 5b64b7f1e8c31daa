"""Options that many commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Warehouse = Annotated[
    Path | None,
    typer.Option("--warehouse", metavar="DIR", help="The warehouse's folder; `warehouse-data` unless set elsewhere."),
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


AsReport = Annotated[
    ReportFormat, typer.Option("--format", help="For a person, or for a program.", case_sensitive=False)
]

Direct = Annotated[
    bool,
    typer.Option(
        "--direct", help="The same stages without the Prefect engine: starts faster, leaves no trace in Prefect."
    ),
]
