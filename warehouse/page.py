"""What the report page shows, counted in SQL: a value of bounded size, whatever the number of articles.

The page filters by day, source, language and name in the browser, so it needs counts by all of these: a `Cube` is a
table of whole numbers, grouped by the places of its values in `Dimensions`, with the count last. The days are days,
or weeks, months or years, whatever keeps every cube within `MOST_ROWS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from warehouse.connection import Reader, Resources, open_reader
from warehouse.location import Location
from warehouse.page_queries import CUBES, DIMENSIONS, SETUP, bins
from warehouse.page_stories import PageStory, page_stories

#: 30,000 rows of some eight small numbers are about 600 kB; eight cubes, most far smaller, stay under 2 MB.
MOST_ROWS = 30_000
#: From fine to coarse.
BINS = ("day", "week", "month", "year")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cube(_Value):
    """Counts by dimension: `rows` hold the places of values in the dimensions (-1: none), the last column is `n`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]
    #: What is counted in rows that were left out: 0 unless even years make too many rows.
    left_out: int


class PageName(_Value):
    """A person, body, place or kind of party that the page can be filtered by."""

    id: str
    label: str
    en: str | None
    ar: str | None
    fa: str | None


class PageType(_Value):
    """A type of event with its PLOVER quad class."""

    id: str
    quad: str | None


class PagePlace(_Value):
    """A place of events; a country has no coordinates of its own."""

    id: str
    en: str | None
    ar: str | None
    fa: str | None
    country: str | None
    precision: str | None
    latitude: float | None
    longitude: float | None


class Dimensions(_Value):
    """What the numbers of a cube stand for."""

    days: tuple[date, ...]
    sources: tuple[str, ...]
    languages: tuple[str, ...]
    types: tuple[PageType, ...]
    names: tuple[PageName, ...]
    places: tuple[PagePlace, ...]


class PageSource(_Value):
    """How a source stands; see the mart `source_health`."""

    source: str
    documents: int
    articles: int
    rejected: int
    without_date: int
    without_title: int
    without_language: int
    copies: int
    events: int
    first_published_at: datetime | None
    last_published_at: datetime | None


class PageRejection(_Value):
    """Open rejections of one rule at one stage, with one explanation."""

    stage: str
    rule: str
    open: int
    resolved: int
    example: str


class PageQuality(_Value):
    """One measured figure; see `quality_metrics`."""

    stage: str
    language: str
    subject: str
    metric: str
    value: float
    n: int | None
    unit: str
    corpus: str
    basis: str
    measured_on: date


class PageTotals(_Value):
    """What the warehouse holds in all."""

    articles: int
    copies: int
    sources: int
    stories: int
    bilingual_stories: int
    events: int
    rejections: int
    first_published_at: datetime | None
    last_published_at: datetime | None


class Page(_Value):
    """Everything on the page."""

    snapshot: int
    #: When the last run started; null in a warehouse without a run.
    as_of: datetime | None
    bin: str
    totals: PageTotals
    dimensions: Dimensions
    cubes: dict[str, Cube]
    stories: tuple[PageStory, ...]
    sources: tuple[PageSource, ...]
    rejections: tuple[PageRejection, ...]
    quality: tuple[PageQuality, ...]


@dataclass(frozen=True, slots=True)
class _Counter:
    reader: Reader

    def rows(self, sql: str) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = self.reader.query(sql).to_pylist()
        return rows

    def values(self, sql: str) -> tuple[str, ...]:
        return tuple(str(row["id"]) for row in self.rows(sql))


def page(location: Location, resources: Resources | None = None, *, most_rows: int = MOST_ROWS) -> Page:
    """Count everything, in one snapshot. Raises WarehouseMissing and its kin."""
    with open_reader(location, resources) as reader:
        reader.connection.execute("BEGIN")  # one snapshot, whatever is committed meanwhile
        counter = _Counter(reader)
        for statement in SETUP:
            reader.connection.execute(statement)
        chosen = next((width for width in BINS if _fits(reader, width, most_rows)), BINS[-1])
        as_of = reader.value("SELECT max(started_at) FROM runs")
        return Page(
            snapshot=int(str(reader.value("SELECT id FROM rasad.current_snapshot()"))),
            as_of=as_of if isinstance(as_of, datetime) else None,
            bin=chosen,
            totals=PageTotals.model_validate(counter.rows(DIMENSIONS["totals"])[0]),
            dimensions=_dimensions(counter),
            cubes={cube.name: _cube(reader, f"temp.page_cube_{cube.name}", most_rows) for cube in CUBES},
            stories=page_stories(reader),
            sources=tuple(PageSource.model_validate(row) for row in counter.rows(DIMENSIONS["health"])),
            rejections=tuple(PageRejection.model_validate(row) for row in counter.rows(DIMENSIONS["rejections"])),
            quality=tuple(PageQuality.model_validate(row) for row in counter.rows(DIMENSIONS["quality"])),
        )


def _dimensions(counter: _Counter) -> Dimensions:
    days = [row["day"] for row in counter.rows("SELECT day FROM temp.page_days ORDER BY place")]
    return Dimensions(
        days=tuple(day for day in days if isinstance(day, date)),
        sources=counter.values("SELECT id FROM temp.page_sources ORDER BY place"),
        languages=counter.values("SELECT id FROM temp.page_languages ORDER BY place"),
        types=tuple(
            PageType.model_validate(row) for row in counter.rows("SELECT id, quad FROM temp.page_types ORDER BY place")
        ),
        names=tuple(PageName.model_validate(row) for row in counter.rows(DIMENSIONS["names"])),
        places=tuple(PagePlace.model_validate(row) for row in counter.rows(DIMENSIONS["places"])),
    )


def _fits(reader: Reader, width: str, most_rows: int) -> bool:
    """Count the cubes by days, weeks, months or years; whether none is too large. By years, all are counted anyway."""
    for statement in bins(width):
        reader.connection.execute(statement)
    fits = True
    for cube in CUBES:
        reader.connection.execute(f"CREATE OR REPLACE TEMP TABLE page_cube_{cube.name} AS {cube.sql}")
        fits = fits and int(str(reader.value(f"SELECT count(*) FROM temp.page_cube_{cube.name}"))) <= most_rows
        if not fits and width != BINS[-1]:
            return False
    return fits


def _cube(reader: Reader, counted: str, most_rows: int) -> Cube:
    """One cube; of one that is too large even by years, the largest counts."""
    table = reader.query(f"FROM {counted} ORDER BY n DESC, COLUMNS(* EXCLUDE n) LIMIT {most_rows}")
    whole = int(str(reader.value(f"SELECT coalesce(sum(n), 0) FROM {counted}")))
    columns: Sequence[Sequence[int]] = [table.column(name).to_pylist() for name in table.column_names]
    rows = sorted(zip(*columns, strict=True)) if table.num_rows else []
    return Cube(
        columns=tuple(table.column_names),
        rows=tuple(rows),
        left_out=whole - sum(row[-1] for row in rows),
    )
