"""The command line: its groups of commands, its exit codes, and how errors and signals end it.

Each group is a module (`cli_run.py`, `cli_ask.py`, `cli_care.py`, `cli_schedules.py`, `cli_models.py`); a command there
says what it takes and imports what it needs when it runs, so that `--help` is instant.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from flows import cli_ask, cli_care, cli_models, cli_run, cli_schedules
from schemas import errors

#: What each exit code means.
EXIT_CODES = {
    0: "done; rejected articles are in `rejections` and in the summary",
    1: "done, but a path that was named does not exist",
    2: "an input, an option, a setting or a query cannot be used",
    3: "the warehouse cannot be opened or written; for `doctor`: something is wrong",
    4: "the language models cannot be used",
    5: "anything else, which is a bug of ours",
    6: "a source failed: it could not be asked, changed its shape, or brought less than expected; the rest is done",
}

app = typer.Typer(
    name="rasad",
    help="Rasad turns news in Arabic and Persian into tables that answer questions in SQL.",
    epilog="Exit codes: "
    + "; ".join(f"{code} {meaning.split(':')[0].split(';')[0]}" for code, meaning in EXIT_CODES.items()),
    rich_markup_mode="markdown",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for group in (cli_run, cli_ask, cli_care, cli_schedules):
    app.add_typer(group.commands)
app.add_typer(cli_models.commands, name="models")


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rasad {version('rasad')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    """Options of `rasad` itself."""


def exit_code(error: errors.RasadError) -> int:
    """The exit code that stands for a kind of error; see EXIT_CODES."""
    match error:
        case errors.InputError() | errors.SettingsError() | errors.QueryError():
            return 2
        case errors.WarehouseError():
            return 3
        case errors.ModelError():
            return 4
        case errors.SourceError():
            return 6
        case _:
            return 5


#: The signals that asked this process to stop.
_received: list[int] = []


def _stop(number: int, frame: FrameType | None) -> None:
    """Ctrl-C or SIGTERM: `with` blocks release the lease and stop the Prefect server on the way out."""
    # A second signal ends at once. Python also loses the first one where it meets it in a destructor.
    signal.signal(number, lambda *_: os._exit(128 + number))
    _received.append(number)
    raise SystemExit(128 + number)


def main() -> None:
    """The entry point of the console script: errors become one message and an exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        answer()
    except BaseException:  # what a library makes of the signal on its way: DuckDB raises a RuntimeError
        if not _received:
            raise
        sys.stderr.write("stopped: what was committed stays.\n→ Run the same command again: it goes on from there.\n")
        sys.exit(128 + _received[0])


def answer(arguments: Sequence[str] | None = None) -> None:
    """Do what the arguments (of this process, unless given) ask for, explain what is wrong, and exit."""
    try:
        app(arguments)
    except errors.RasadError as error:
        if _received:
            raise
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print("error:", style="bold red", end=" ")
        console.print(f"{error.problem}" + (f" ({error.where})" if error.where else ""), markup=False)
        console.print(f"→ {error.hint}", markup=False)
        sys.exit(exit_code(error))
