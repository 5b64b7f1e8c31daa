"""Commands that look after a warehouse: publishing, migration, maintenance, what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli_options import AsReport, ReportFormat, Warehouse

commands = typer.Typer()


@commands.command()
def publish(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where it goes; made if there is none.")],
    warehouse: Warehouse = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Write marts and tables as Parquet and one DuckDB file, swapped in atomically.

    Marts and core tables of one snapshot, and a DuckDB file that opens without any extension, under `DIR/current`, a
    link that is swapped in one step. Readers of an older version read on; the two versions before stay. Nothing is
    swapped in when a mart breaks its tests. Times are plain TIMESTAMPs in UTC in the DuckDB file.
    """
    from flows.publish import publish_to

    publish_to(folder, warehouse, as_json=output is ReportFormat.JSON)


@commands.command()
def migrate(
    rebuild: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TABLE", help="Make this table anew, empty: its stages are due again.", show_default=False
        ),
    ] = None,
    warehouse: Warehouse = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Bring tables and views to the shape of this Rasad (a run does so by itself where it is safe).

    New nullable columns, dropped NOT NULLs, changed marts. Where old rows cannot follow, it stops before it changes
    anything and names the table for `--rebuild`. More: docs/upgrade.md.
    """
    from flows.maintain import migrate_warehouse

    migrate_warehouse(warehouse, rebuild=tuple(rebuild or ()), as_json=output is ReportFormat.JSON)


@commands.command()
def maintain(
    keep_days: Annotated[
        int, typer.Option(metavar="DAYS", min=0, help="How long snapshots stay, for time travel.")
    ] = 30,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")] = False,
    warehouse: Warehouse = None,
    output: AsReport = ReportFormat.TABLE,
) -> None:
    """Merge small files, expire old snapshots, remove files that nothing needs.

    A file goes when nothing has needed it for a day. Never needed for correctness; memory stays under 1 GB.
    """
    from flows.maintain import maintain_warehouse

    maintain_warehouse(warehouse, keep_days=keep_days, dry_run=dry_run, as_json=output is ReportFormat.JSON)


@commands.command()
def doctor(warehouse: Warehouse = None, output: AsReport = ReportFormat.TABLE) -> None:
    """Check versions, models, extensions and catalog; name the command that mends what is wrong.

    The language models are checked by using them.
    """
    from flows.doctor import examine

    if not examine(warehouse, as_json=output is ReportFormat.JSON):
        raise typer.Exit(3)
