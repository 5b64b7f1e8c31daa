"""How long the report page takes and how large it grows: python -m bench.page WAREHOUSE [--articles 100000 …]

Multiplies a copy of a warehouse (every row under new ids, moved along in time, two thirds of the sources new) until it
holds so many articles, then makes the page. Prints a table and two curves: what it takes, and how large the page is.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from bench.figures import Cell, Point, show_points, show_table
from flows.page import render
from schemas.catalog import TABLES
from schemas.record import Record, columns
from warehouse.connection import Resources
from warehouse.location import CATALOG, Location
from warehouse.page import page
from warehouse.writer import open_writer

#: What the page reads.
_READ = {
    "articles",
    "entity_mentions",
    "events",
    "event_actors",
    "stories",
    "story_articles",
    "duplicate_pairs",
    "raw_documents",
}
#: Ids that tell rows apart; entities stay, since the same people go on making news.
_SALTED = {
    "article_id",
    "document_id",
    "mention_id",
    "event_id",
    "story_id",
    "duplicate_of",
    "canonical_id",
    "thread_id",
    "matched_with",
    "attributed_to",
}


def _multiplied(record: type[Record], copies: int) -> str:
    """Rows of a table, `copies` times over, each copy six hours later than the one before it."""
    expressions = []
    for column in columns(record):
        name = f'"{column.name}"'
        if column.name in _SALTED:
            expressions.append(f"md5({name} || n) AS {name}")
        elif column.sql_type == "TIMESTAMPTZ":
            expressions.append(f"{name} + to_hours(6 * n) AS {name}")
        elif column.sql_type == "DATE":
            expressions.append(f"CAST({name} + to_hours(6 * n) AS DATE) AS {name}")
        elif column.name == "source":
            expressions.append(f"CASE WHEN n % 3 = 0 THEN {name} ELSE {name} || ' ' || n % 40 END AS {name}")
        else:
            expressions.append(name)
    table = f'{CATALOG}.main."{record.table.name}"'
    return f"INSERT INTO {table} SELECT {', '.join(expressions)} FROM {table}, range(1, {copies}) AS copies (n)"


def measure(warehouse: Path, articles: int, folder: Path) -> dict[str, Cell]:
    """Multiply, make the page, and say what it took. Seconds are of the wall clock."""
    location = Location.at(folder / "warehouse")
    shutil.copytree(warehouse, location.folder, ignore=shutil.ignore_patterns("spill", ".prefect"))
    stored = page(Location.at(warehouse)).totals.articles
    with open_writer(location, "bench") as writer, writer.attached() as connection:
        for record in TABLES:
            if record.table.name in _READ:
                connection.execute(_multiplied(record, max(1, articles // stored)))
    begun = time.perf_counter()
    shown = page(location, Resources())
    counted = time.perf_counter()
    text = render(shown)
    return {
        "articles": shown.totals.articles,
        "events": shown.totals.events,
        "seconds": time.perf_counter() - begun,
        "of them in SQL": counted - begun,
        "page, MB": len(text.encode()) / 1e6,
        "counted by": shown.bin,
        "left out": sum(cube.left_out for cube in shown.cubes.values()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--articles", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    given = parser.parse_args()
    rows = []
    for articles in given.articles:
        with tempfile.TemporaryDirectory(prefix="rasad-bench-") as folder:
            rows.append(measure(given.warehouse, articles, Path(folder)))
    show_table(rows)
    for row in rows:
        for curve, name, unit in (
            ("Seconds for the page, by articles", "seconds", "s"),
            ("Size of the page, by articles", "page, MB", "MB"),
        ):
            x, y = float(str(row["articles"])), round(float(str(row[name])), 3)
            show_points(Point(curve=curve, line="page", x=x, x_unit="articles", y=y, y_unit=unit))


if __name__ == "__main__":
    main()
