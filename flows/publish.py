"""`rasad publish`: write the warehouse out for whoever has no DuckLake."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter
from rich.table import Table

from flows.rendering import plain_console, write_json
from flows.settings import load_settings
from warehouse.connection import Resources
from warehouse.publish import DATABASE, Publication, publish


def publish_to(folder: Path, warehouse: Path | None, *, as_json: bool) -> None:
    """Publish, and say what lies where. Raises WarehouseError, ContractError."""
    settings = load_settings(warehouse=warehouse)
    done = publish(settings.location(), folder, Resources(memory_limit=settings.memory_limit))
    if as_json:
        write_json(TypeAdapter(Publication).dump_json(done).decode())
        return
    console = plain_console()
    state = "" if done.is_new else ", which was there already"
    table = Table("table", "rows", title=f"Snapshot {done.snapshot_id}{state}", title_justify="left")
    for name, count in done.rows.items():
        table.add_row(name, f"{count:,}")
    console.print(table)
    console.print(f"{done.bytes / 1e6:.1f} MB in {done.folder}", soft_wrap=True)
    console.print(f"Open it anywhere: duckdb -readonly {Path(done.folder) / DATABASE}", soft_wrap=True)
