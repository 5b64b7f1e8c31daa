"""What benchmarks print, so that people can read it and the book can set it: Markdown tables, and points of curves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

Cell = str | int | float | None


class Point(BaseModel):
    """One measured point: of the curve of this title, on the line of this name."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    curve: str
    line: str
    x: float
    x_unit: str
    y: float
    y_unit: str


def show_table(rows: Sequence[Mapping[str, Cell]], caption: str = "") -> None:
    """Print rows that have the same columns as a Markdown table; numbers to the right, None as a dash."""
    if not rows:
        return
    if caption:
        print(f"\n{caption}:\n")
    columns = list(rows[0])
    numeric = [all(not isinstance(row[column], str) for row in rows) for column in columns]
    print(f"| {' | '.join(columns)} |")
    print("|" + "|".join("---:" if number else "---" for number in numeric) + "|")
    for row in rows:
        print(f"| {' | '.join(shown(row[column]) for column in columns)} |", flush=True)
    print()


def show_points(*points: Point) -> None:
    """Print points, each as a line of JSON that the book draws and does not show."""
    for point in points:
        print(json.dumps(point.model_dump()), flush=True)


def read_point(line: str) -> Point | None:
    """A line of a benchmark as a point; None for any other line."""
    if not line.startswith('{"curve"'):
        return None
    return Point.model_validate_json(line)


def shown(value: Cell) -> str:
    """A figure as people read it: thousands apart, and as many decimals as say something (a share has three)."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, int) or abs(value) >= 100 or value == 0:
        return f"{value:,.0f}"
    return f"{value:.{1 if abs(value) >= 10 else 2 if abs(value) > 1 else 3}f}"
