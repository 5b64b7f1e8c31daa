"""Rows and summaries for a person, or for a program."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NoReturn

import pyarrow as pa
from pydantic import BaseModel
from rich.console import Console
from rich.table import Column, Table

from schemas.errors import SettingsError

#: A table in a pipe may be this wide before its cells are folded: a long title is some 200 characters.
PIPE_WIDTH = 4_000


def write_rows(rows: pa.Table, output: str) -> None:
    """Write a query's rows to standard output as table, csv, json (one object a line) or parquet.

    Raises SettingsError rather than pour Parquet bytes into a terminal.
    """
    try:
        _write_rows(rows, output)
        sys.stdout.flush()
    except BrokenPipeError:
        _end_quietly()


def _write_rows(rows: pa.Table, output: str) -> None:
    match output:
        case "csv":
            import pyarrow.csv  # these two take .1 s, and most commands print neither

            pyarrow.csv.write_csv(_printable(rows), sys.stdout.buffer)
        case "json":
            for row in _rows(rows):
                record = {name: _finite(value) for name, value in zip(rows.column_names, row, strict=True)}
                sys.stdout.write(json.dumps(record, default=_plain, ensure_ascii=False) + "\n")
        case "parquet":
            if sys.stdout.isatty():
                raise SettingsError("Parquet is not for a terminal", hint="Send it to a file: ... > rows.parquet.")
            import pyarrow.parquet

            pyarrow.parquet.write_table(rows, sys.stdout.buffer)
        case _:
            table = Table(*(Column(name, overflow="fold") for name in rows.column_names))
            for row in _rows(rows):
                table.add_row(*("" if value is None else str(_plain(value)) for value in row))
            # Line by line: of one large write to a pipe whose reader goes, Python forgets the rest without a word.
            sys.stdout.writelines(_rendered(table).splitlines(keepends=True))


def write_summary(summary: BaseModel, table: Table, *, as_json: bool) -> None:
    """Write a summary: the table for a person, one JSON object for a program."""
    if as_json:
        write_json(summary.model_dump_json())
    else:
        write_text(_rendered(table))


def _rendered(table: Table) -> str:
    """A table as text: written by us, since Rich ends a program with 0 or 1 when its reader has gone."""
    console = plain_console()
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def write_json(text: str) -> None:
    """One JSON object, on a line of its own."""
    write_text(text + "\n")


def write_text(text: str) -> None:
    """Text as it is; a reader that goes ends the program without a word."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _end_quietly()


def _end_quietly() -> NoReturn:
    """The reader of our output has gone (`rasad sql … | head`): end without a word, as SIGPIPE ends other programs.

    What is still buffered goes nowhere, or Python would complain about it at its exit.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    sys.exit(128 + signal.SIGPIPE)


def plain_console() -> Console:
    """A console that shows text as it is: `[b]` is no markup, and a pipe is not cut at 80 columns."""
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(highlight=False, markup=False, emoji=False, width=width)


def warn(console: Console, alerts: Iterable[str | None]) -> None:
    """What is unusual, a line each; None stands for nothing to say."""
    for alert in alerts:
        if alert is not None:
            console.print(f"Warning: {alert}", style="bold yellow")


def _finite(value: object) -> object:
    """JSON has no NaN and no infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _rows(rows: pa.Table) -> Iterator[tuple[object, ...]]:
    return zip(*(_values(column) for column in rows.columns), strict=True)


def _values(column: pa.ChunkedArray) -> list[object]:
    """A column's values; as text where Python has no such date (year 0, infinity)."""
    try:
        values: list[object] = column.to_pylist()
    except (OverflowError, ValueError):
        values = column.cast(pa.string()).to_pylist()
    return values


def _plain(value: object) -> object:
    """A value as text where JSON and a terminal know no better; bytes as a Python literal would show them."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, pa.MonthDayNano):
        return f"{value.months} months {value.days} days {value.nanoseconds / 1e9:g} seconds"
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, float):
        return round(value, 6)
    if value is None or isinstance(value, str | int | bool | list | tuple | dict):
        return value
    return str(value)


def _printable(rows: pa.Table) -> pa.Table:
    """Columns that CSV has no form for (nested, binary, intervals) as text, nested ones as JSON."""
    for index, field in enumerate(rows.schema):
        if not _is_flat(field.type):
            texts = [None if value is None else _text(value) for value in _values(rows.column(index))]
            rows = rows.set_column(index, field.name, pa.array(texts, pa.string()))
    return rows


def _is_flat(kind: pa.DataType) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_boolean, pa.types.is_integer, pa.types.is_null)
    numbers = (pa.types.is_floating, pa.types.is_decimal, pa.types.is_temporal)
    return any(test(kind) for test in (*tests, *numbers)) and not pa.types.is_interval(kind)


def _text(value: object) -> str:
    plain = _plain(value)
    return plain if isinstance(plain, str) else json.dumps(plain, default=_plain, ensure_ascii=False)
