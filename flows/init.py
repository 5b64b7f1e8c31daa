"""`rasad init`: a warehouse with its tables and reference data, and the file of settings beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich.table import Table

from flows.rendering import plain_console, write_summary
from flows.settings import Settings, load_settings
from schemas.errors import SettingsError
from warehouse.connection import Resources, open_reader
from warehouse.writer import open_writer

#: Read by every command that is typed in this folder.
SETTINGS_FILE = Path("rasad.toml")


class Initialised(BaseModel):
    """What was made, and what was there already."""

    model_config = ConfigDict(frozen=True)
    warehouse: str
    is_new: bool
    tables: int
    quality_metrics: int
    settings: str
    settings_written: bool
    next: str


def initialise(warehouse: Path | None, *, as_json: bool) -> None:
    """Make what is missing, touch nothing that is there, and name the next command.

    Raises WarehouseError, and SettingsError where the file of settings cannot be written.
    """
    settings = load_settings(warehouse=warehouse)
    location = settings.location()
    is_new = not location.exists()
    resources = Resources(memory_limit=settings.memory_limit)
    open_writer(location, "init", resources).close()
    with open_reader(location, resources) as reader:
        figures = int(str(reader.value("SELECT count(*) FROM quality_metrics")))
        tables = int(str(reader.value("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'rasad'")))
    written = _write_settings(settings.warehouse)
    done = Initialised(
        warehouse=str(location.folder),
        is_new=is_new,
        tables=tables,
        quality_metrics=figures,
        settings=str(SETTINGS_FILE.resolve()),
        settings_written=written,
        next="rasad run PATH",
    )
    write_summary(done, _table(done), as_json=as_json)
    if not as_json:
        plain_console().print(
            "Next: rasad run PATH (a folder of articles), then rasad report page.html. "
            "What each setting does stands beside it in the file.",
            soft_wrap=True,
        )


def settings_text(warehouse: Path) -> str:
    """A file of settings: the warehouse set, everything else named, explained and left at its default."""
    top = [f"# {Settings.model_fields['warehouse'].description}", f"warehouse = {json.dumps(str(warehouse))}", ""]
    sections: list[str] = []
    for name, field in Settings.model_fields.items():
        if name == "warehouse":
            continue
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            sections += [f"[{name}]", *_lines(field.annotation), ""]
        else:
            top += [*_line(name, field.description, field.get_default(call_default_factory=True)), ""]
    head = (
        "# Settings of Rasad: a line without # is in force. The environment (RASAD_…) and options win over this file.\n"
    )
    return "\n".join([head, *top, *sections]).rstrip() + "\n"


def _lines(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield from _line(name, field.description, field.get_default(call_default_factory=True))


def _line(name: str, description: str | None, default: object) -> list[str]:
    """A setting at its default, as a comment; TOML has no null, so one without a default is named only."""
    value = json.dumps(default, default=str) if default is not None else '"…"'
    return [f"# {description}", f"#{name} = {value}"]


def _write_settings(warehouse: Path) -> bool:
    """Write the file unless there is one; whether it was written."""
    try:
        with SETTINGS_FILE.open("x", encoding="utf-8") as stream:
            stream.write(settings_text(warehouse))
    except FileExistsError:
        return False
    except OSError as failure:
        raise SettingsError(
            f"the file of settings cannot be written: {failure.strerror or failure}",
            where=str(SETTINGS_FILE.resolve()),
            hint="Type the command in a folder that you may write.",
        ) from failure
    return True


def _table(done: Initialised) -> Table:
    table = Table("", "", show_header=False)
    table.add_row("warehouse", f"{done.warehouse} ({'made' if done.is_new else 'was there: brought up to date'})")
    table.add_row("tables", str(done.tables))
    table.add_row("measured figures", f"{done.quality_metrics} in quality_metrics")
    table.add_row("settings", f"{done.settings} ({'written' if done.settings_written else 'was there: left as it is'})")
    return table
