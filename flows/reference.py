"""The pages of commands and of settings, made from the code itself: python -m flows.reference commands|settings

What `--help` and `rasad.toml` say is what the pages say. A page that a text names (`docs/sources.md`) becomes a link.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import typer
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from typer.core import TyperArgument, TyperCommand, TyperGroup

from flows.cli import EXIT_CODES, app
from flows.settings import Settings

_COMMANDS = """# Commands

Every command has `--help`, which says what this page says: it is made from the commands themselves. Where a program
reads the answer, add `--format json`. Progress bars appear on a terminal and never in a pipe.

| exit code | meaning |
|---|---|
"""

_SETTINGS = """# Settings

Built-in defaults, then `rasad.toml` in the working directory, then the environment, then the command line: the later
wins. `rasad init` writes a `rasad.toml` with all of them at their defaults. This page is made from the settings
themselves.

| in `rasad.toml` | in the environment | default | what it does |
|---|---|---|---|
"""

_PREFECT = """
A list is a JSON list in the environment: `RASAD_EVENTS__LEXICONS='["my-words.yml"]'`.

Prefect: `PREFECT_API_URL` sends runs to a server of yours. Without it each run starts a server of its own on loopback,
with its database under `WAREHOUSE/.prefect`, and ends it. Whatever `PREFECT_…` variable you set is left alone.
"""


def commands_page() -> str:
    """Every command: what it is for, what it takes, what its exit codes mean."""
    parts = [_COMMANDS + "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()), ""]
    for name, command in commands():
        parts += [f"## {_heading(name, command)}", "", _linked(command.help or ""), "", *_parameters(command), ""]
    return "\n".join(parts).rstrip() + "\n"


def settings_page() -> str:
    """Every setting: its name in the file and in the environment, its default, what it does."""
    return _SETTINGS + "\n".join(_settings(Settings, ())) + "\n" + _PREFECT


def commands() -> Iterator[tuple[str, TyperCommand]]:
    """Every command with its full name, those of groups (`models fetch`) too, in the order of `--help`."""

    def under(group: TyperGroup, path: str) -> Iterator[tuple[str, TyperCommand]]:
        for name, command in group.commands.items():
            if isinstance(command, TyperGroup):
                yield from under(command, f"{path}{name} ")
            elif isinstance(command, TyperCommand):
                yield f"{path}{name}", command

    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    yield from under(root, "")


def _heading(name: str, command: TyperCommand) -> str:
    """The command with its arguments: `rasad diff RUN RUN`."""
    arguments = [parameter for parameter in command.params if isinstance(parameter, TyperArgument)]
    return " ".join(["rasad", name, *(str(argument.metavar or argument.name) for argument in arguments)])


def _parameters(command: TyperCommand) -> list[str]:
    context = typer.Context(command)
    records = [parameter.get_help_record(context) for parameter in command.params]
    rows = [
        f"| `{_typed(name)}` | {_linked(_cell(text))} |" for name, text in filter(None, records) if "--help" not in name
    ]
    return ["| option | what it does |", "|---|---|", *rows]


def _typed(name: str) -> str:
    """An option with what is typed after it: kinds of value are left out, choices are named one by one."""
    plain = re.sub(r" <(str|list\[str\]|list\[Path\]|path|int)>", "", name)
    return re.sub(r"<(?:list\[)?([^\]>]+)\]?>", lambda choices: choices[1].replace("|", ", "), plain)


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
        rows.append(f"| `{'.'.join(here)}` | `{variable}` | {shown} | {_linked(_cell(field.description or ''))} |")
    return rows


def _linked(text: str) -> str:
    """Pages of the documentation as links."""
    return re.sub(
        r"docs/([\w-]+)\.md(#[\w-]+)?",
        lambda found: f"[{found[1].replace('-', ' ')}]({found[1]}.md{found[2] or ''})",
        text.strip(),
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write({"commands": commands_page, "settings": settings_page}[sys.argv[1]]())
