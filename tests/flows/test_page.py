"""The report page: what it counts, how large it may grow, and that no article can become part of the program."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.page import measure
from flows.page import render
from flows.report import RunReport
from tests.flows.support import rasad
from warehouse.connection import open_reader
from warehouse.location import Location
from warehouse.page import Page, page
from warehouse.page_stories import LEAD_LETTERS, lead, shown
from warehouse.writer import open_writer

HOSTILE = (
    '</script><script>window.broken = 1</script><img src=x onerror="window.broken = 1"> \' " & \u2028 {{data}} رصد'
)


@pytest.fixture(scope="module")
def sampled_page(sampled: tuple[Path, RunReport]) -> Page:
    return page(Location.at(sampled[0]))


def hostile(shown_page: Page) -> Page:
    """The same page, whose articles, sources, names and errors try to get out of their strings."""
    first = shown_page.stories[0]
    told = tuple(
        article.model_copy(update={"title": HOSTILE, "lead": HOSTILE, "url": "javascript:window.broken=1"})
        for article in first.told
    )
    known = shown_page.dimensions.names
    names = tuple(name.model_copy(update={"en": f"{HOSTILE} {n}"}) for n, name in enumerate(known))
    sources = tuple(f"{HOSTILE} {n}" for n in range(len(shown_page.dimensions.sources)))
    return shown_page.model_copy(
        update={
            "stories": (first.model_copy(update={"title": HOSTILE, "told": told}), *shown_page.stories[1:]),
            "dimensions": shown_page.dimensions.model_copy(update={"names": names, "sources": sources}),
            "rejections": tuple(row.model_copy(update={"example": HOSTILE}) for row in shown_page.rejections),
        }
    )


def data_of(text: str) -> Page:
    """The value that a page carries."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return Page.model_validate_json(found.group(1))


def test_every_cube_counts_what_the_tables_hold(sampled: tuple[Path, RunReport], sampled_page: Page) -> None:
    with open_reader(Location.at(sampled[0])) as reader:
        events = reader.value(
            "SELECT count(*) FROM staging.stg_events JOIN events USING (event_id) "
            "WHERE time_status = 'current' AND NOT is_copy"
        )
        denied = reader.value(
            "SELECT count(*) FROM staging.stg_events JOIN events USING (event_id) "
            "WHERE time_status = 'current' AND NOT is_copy AND events.polarity = 'negated'"
        )
        articles = reader.value("SELECT count(*) FROM articles")
    cubes = sampled_page.cubes
    assert sum(row[-1] for row in cubes["articles"].rows) == articles == sampled_page.totals.articles
    assert sum(row[-1] for row in cubes["events"].rows) == events == sampled_page.totals.events
    status = cubes["events"].columns.index("status")
    assert sum(row[-1] for row in cubes["events"].rows if row[status] == 3) == denied
    assert not any(cube.left_out for cube in cubes.values())


def test_the_numbers_of_cubes_stand_for_something(sampled_page: Page) -> None:
    dimensions = sampled_page.dimensions
    sizes = {
        "day": len(dimensions.days),
        "source": len(dimensions.sources),
        "language": len(dimensions.languages),
        "type": len(dimensions.types),
        "status": 5,
        "place": len(dimensions.places),
    } | dict.fromkeys(("name", "actor", "recipient"), len(dimensions.names))
    for cube in sampled_page.cubes.values():
        for at, column in enumerate(cube.columns[:-1]):
            assert all((-1 if column == "day" else 0) <= row[at] < sizes[column] for row in cube.rows), column


def test_a_story_of_two_languages_shows_both(sampled_page: Page) -> None:
    arabic, persian = (sampled_page.dimensions.languages.index(code) for code in ("ar", "fa"))
    both = [story for story in sampled_page.stories if {arabic, persian} <= {a.language for a in story.told}]
    assert len(both) >= 8
    assert all(article.lead for story in both for article in story.told)


def test_days_grow_wider_until_the_page_is_small(sampled: tuple[Path, RunReport], sampled_page: Page) -> None:
    assert sampled_page.bin == "day"
    small = page(Location.at(sampled[0]), most_rows=150)
    assert small.bin == "year"
    assert all(len(cube.rows) <= 150 for cube in small.cubes.values())
    for name, cube in small.cubes.items():
        whole = sampled_page.cubes[name]
        assert sum(row[-1] for row in cube.rows) + cube.left_out == sum(row[-1] for row in whole.rows)


def test_the_benchmark_multiplies_a_warehouse(sampled: tuple[Path, RunReport], tmp_path: Path) -> None:
    measured = measure(sampled[0], 200, tmp_path)
    assert measured["articles"] == 3 * 62 and measured["left out"] == 0


def test_the_same_warehouse_gives_the_same_page(sampled: tuple[Path, RunReport], sampled_page: Page) -> None:
    assert render(page(Location.at(sampled[0]))) == render(sampled_page)


def test_no_article_gets_out_of_its_string(sampled_page: Page) -> None:
    harmless, text = render(sampled_page), render(hostile(sampled_page))
    assert text.count("<script") == harmless.count("<script") and text.count("</script") == harmless.count("</script")
    assert "<img" not in text and "\u2028" not in text
    assert data_of(text).stories[0].title == HOSTILE


def test_the_page_names_no_address_to_load_from(sampled_page: Page) -> None:
    text = render(sampled_page)
    head = text[: text.index("<style>")]
    assert "default-src 'none'" in head and re.search(r"script-src 'sha256-[\w+/]{43}='", head)
    assert not re.search(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["'](?!data:)""", text)
    assert "@import" not in text and "@font-face" not in text


def test_an_empty_warehouse_has_a_page_that_says_so(tmp_path: Path) -> None:
    open_writer(Location.at(tmp_path), "run").close()
    empty = page(Location.at(tmp_path))
    assert empty.totals.articles == 0 and not empty.stories
    assert data_of(render(empty)) == empty


def test_the_command_writes_the_page_and_says_where(sampled: tuple[Path, RunReport], tmp_path: Path) -> None:
    done = rasad("report", tmp_path / "page.html", "--warehouse", sampled[0], "--format", "json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert Path(said["path"]).stat().st_size == said["bytes"] < 3_000_000
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_a_place_that_cannot_be_written_is_told(sampled: tuple[Path, RunReport], tmp_path: Path) -> None:
    done = rasad("report", tmp_path / "missing" / "page.html", "--warehouse", sampled[0])
    assert done.returncode == 2
    assert "cannot be written" in done.stderr and "→ Name a file in a folder that is there" in done.stderr


@given(st.text(alphabet="اب پچ\u200c\u202e\u2066\u2069،. \n", max_size=900), st.text(alphabet="اب ", max_size=20))
def test_a_lead_is_short_and_ends_between_words(text: str, title: str) -> None:
    said = lead(title + text, title)
    whole = shown(title + text) or ""
    assert len(said) <= LEAD_LETTERS + 2
    assert not set(said) & set("\u202e\u2066\u2069\n")
    assert said.removesuffix(" …") in whole
