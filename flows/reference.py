"""Every command with its options, and every setting, as a page: made from the code itself when the site is built."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import typer
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from typer.core import TyperCommand, TyperGroup

from flows.cli import app
from flows.settings import Settings

_HEAD = """# Every option and setting

Made from the commands and the settings themselves when this site is built. What a command is for and what to do with
its answer: [commands](commands.md).
"""


def markdown() -> str:
    """The whole page; the same for the same code."""
    parts = [_HEAD, "## Commands", ""]
    for name, command in commands():
        parts += [f"### rasad {name}", "", (command.help or "").strip(), "", *_parameters(command), ""]
    parts += ["## Settings", "", "| in `rasad.toml` | in the environment | default | |", "|---|---|---|---|"]
    parts += _settings(Settings, ())
    return "\n".join(parts).rstrip() + "\n"


def commands() -> Iterator[tuple[str, TyperCommand]]:
    """Every command with its full name, those of groups (`models fetch`) too, by name."""

    def under(group: TyperGroup, path: str) -> Iterator[tuple[str, TyperCommand]]:
        for name, command in sorted(group.commands.items()):
            if isinstance(command, TyperGroup):
                yield from under(command, f"{path}{name} ")
            elif isinstance(command, TyperCommand):
                yield f"{path}{name}", command

    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    yield from under(root, "")


def _parameters(command: TyperCommand) -> list[str]:
    context = typer.Context(command)
    records = [parameter.get_help_record(context) for parameter in command.params]
    rows = [f"| `{_cell(name)}` | {_cell(text)} |" for name, text in filter(None, records) if "--help" not in name]
    return ["| | |", "|---|---|", *rows] if rows else ["It takes no options."]


def _settings(model: type[BaseModel], path: tuple[str, ...]) -> list[str]:
    rows: list[str] = []
    for name, field in model.model_fields.items():
        here = (*path, name)
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            rows += _settings(inner, here)
            continue
        default = field.get_default(call_default_factory=True)
        shown = "none" if default in (None, (), PydanticUndefined) else f"`{default}`"
        variable = "RASAD_" + "__".join(here).upper()
        rows.append(f"| `{'.'.join(here)}` | `{variable}` | {shown} | {_cell(field.description or '')} |")
    return rows


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(markdown())
