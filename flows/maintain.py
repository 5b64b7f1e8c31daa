"""`rasad maintain`, `rasad migrate` and `rasad diff`: care of the warehouse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter
from rich.table import Table

from flows.engine import new_run_id
from flows.rendering import plain_console, write_json
from flows.settings import load_settings
from flows.stages import pipeline_stages
from schemas.articles import Article, RawDocument
from schemas.errors import SettingsError
from warehouse.connection import Resources, open_reader
from warehouse.diff import TableDiff, diff
from warehouse.maintenance import Maintenance, maintain
from warehouse.writer import open_writer


def maintain_warehouse(warehouse: Path | None, *, keep_days: int, dry_run: bool, as_json: bool) -> None:
    """Merge small files, expire snapshots, remove what nothing needs."""
    location = load_settings(warehouse=warehouse).location()
    done = maintain(location, new_run_id(datetime.now(UTC)), keep=timedelta(days=keep_days), dry_run=dry_run)
    if as_json:
        write_json(TypeAdapter(Maintenance).dump_json(done).decode())
        return
    console = plain_console()
    if done.is_dry:
        console.print("Dry run: nothing was changed.")
    for name, count in done.merged_files.items():
        console.print(f"{name}: {count:,} small files {'to merge' if done.is_dry else 'merged'}")
    verb = "to" if done.is_dry else "were"
    tense = ("expire", "remove", "remove") if done.is_dry else ("expired", "removed", "removed")
    console.print(f"{done.expired_snapshots:,} snapshots older than {keep_days} days {verb} {tense[0]}")
    console.print(f"{done.removed_files:,} files out of use {verb} {tense[1]}")
    console.print(f"{done.orphaned_files:,} files of killed writers {verb} {tense[2]}")
    console.print(f"Data files: {done.files_before:,} before, {done.files_after:,} after.")


def migrate_warehouse(warehouse: Path | None, *, rebuild: tuple[str, ...], as_json: bool) -> None:
    """Bring tables and views to the shape of this Rasad, and say what was done."""
    settings = load_settings(warehouse=warehouse)
    location = settings.location()
    open_reader(location).close()  # a folder without a warehouse gets none from here
    run_id = new_run_id(datetime.now(UTC))
    with open_writer(location, run_id, rebuild=rebuildable(rebuild)) as writer:
        done = writer.migrated
    if as_json:
        write_json(TypeAdapter(tuple[str, ...]).dump_json(done).decode())
        return
    console = plain_console()
    for line in done:
        console.print(line)
    if not done:
        console.print("Nothing to do: tables and views have the shape of this Rasad.")


def rebuildable(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The stages that write each of these tables. Raises SettingsError for one that no stage can make again."""
    writers: dict[str, tuple[str, ...]] = {}
    for stage in pipeline_stages(load_settings()):
        for record in stage.writes:
            if record not in (RawDocument, Article):
                writers[record.table.name] = (*writers.get(record.table.name, ()), stage.name)
    unknown = [name for name in names if name not in writers]
    if unknown:
        raise SettingsError(
            f"the stages cannot make {', '.join(unknown)} again from the stored articles",
            where="--rebuild",
            hint=f"Choose from: {', '.join(sorted(writers))}.",
        )
    return {name: writers[name] for name in names}


def show_diff(before: str, after: str, warehouse: Path | None, *, as_json: bool) -> None:
    """Rows added, changed and removed between two runs, table by table."""
    settings = load_settings(warehouse=warehouse)
    with open_reader(settings.location(), Resources(settings.memory_limit)) as reader:
        found = diff(reader, before, after)
    if as_json:
        write_json(TypeAdapter(tuple[TableDiff, ...]).dump_json(found).decode())
        return
    table = Table("table", "added", "changed", "removed", title=f"From {before} to {after}", title_justify="left")
    for row in found:
        table.add_row(row.table, f"{row.added:,}", f"{row.changed:,}", f"{row.removed:,}")
    plain_console().print(table if found else "No row differs.")
