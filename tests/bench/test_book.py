"""The benchmark book: it keeps what people wrote, and the benchmarks still run. No time is ever asserted."""

from __future__ import annotations

import gzip
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from bench import book
from bench.book import CHAPTERS, Result, measure, placed, render
from bench.curves import curve
from bench.figures import Point, read_point, show_points, show_table

ROOT = Path(__file__).parents[2]
POINTS = "\n".join(
    json.dumps({"curve": "Time & memory", "line": line, "x": x, "x_unit": "articles", "y": x * 0.01, "y_unit": "s"})
    for line in ("ours", "theirs")
    for x in (10, 1_000)
)
RESULT = Result(
    command="python -m bench.page WAREHOUSE",
    measured_on="2026-11-22",
    machine="2 cores",
    versions={"duckdb": "1.5.5"},
    seconds=3.0,
    output=f"2 cores\n{POINTS}\n| a |\n|---|\n| 1 |\na word\n  a column 3.2",
)


@pytest.fixture(autouse=True)
def _pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "PICTURES", tmp_path / "benchmarks")


def test_a_result_takes_the_place_of_the_former_one_and_of_nothing_else() -> None:
    kept = "<!-- book:page -->\nformer\n<!-- end:page -->"
    page = f"# Benchmarks\n\nWritten by hand.\n\n## Pages\n\n{kept}\n\nMore by hand.\n"
    once = render(page, {"page": RESULT})
    assert "former" not in once and once.startswith("# Benchmarks\n\nWritten by hand.\n\n## Pages\n")
    assert "\n\nMore by hand.\n" in once and once.count("<!-- book:page -->") == 1
    assert render(once, {"page": RESULT}) == once


def test_a_chapter_without_a_place_comes_last() -> None:
    assert placed("# B\n", "x", "Title", "text") == "# B\n\n## Title\n\n<!-- book:x -->\ntext\n<!-- end:x -->\n"


def test_a_chapter_shows_its_curve_its_tables_and_its_words(tmp_path: Path) -> None:
    text = book.section("page", RESULT)
    assert "![Time & memory](benchmarks/page-time-memory.svg)" in text and "x_unit" not in text
    assert "\n2 cores\n\n| a |\n|---|\n| 1 |\n" in text and "```text\na word\n  a column 3.2\n```" in text
    assert (tmp_path / "benchmarks" / "page-time-memory.svg").exists()


def test_a_picture_is_sound_svg_with_a_point_for_each_size() -> None:
    lines = {"ours": [(10, 0.5), (1_000, 4.0), (100_000, 0.0)], "<theirs>": [(10, 2.0)]}
    drawn = ElementTree.fromstring(curve("Seconds & <articles>", lines, "articles", "s"))
    assert len(drawn.findall("{http://www.w3.org/2000/svg}circle")) == 4
    places = [float(circle.attrib["cx"]) for circle in drawn.findall("{http://www.w3.org/2000/svg}circle")]
    assert places[0] < places[1] < places[2] and places[3] == places[0]


def test_a_table_is_markdown_with_numbers_to_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    show_table([{"system": "ours", "seconds": 0.12345, "documents": 12_000, "peer": None}])
    assert capsys.readouterr().out == (
        "| system | seconds | documents | peer |\n|---|---:|---:|---:|\n| ours | 0.123 | 12,000 | – |\n\n"
    )


def test_points_come_back_as_they_were_printed(capsys: pytest.CaptureFixture[str]) -> None:
    point = Point(curve="Time", line="ours", x=10, x_unit="articles", y=0.5, y_unit="s")
    show_points(point)
    assert read_point(capsys.readouterr().out) == point and read_point('{"else": 1}') is None


def test_the_accuracy_tables_have_both_languages() -> None:
    text = book.accuracy()
    for stage in ("language", "entities", "events"):
        rows = text.split(f"**{stage}**")[1].split("**")[0]
        assert "| ar |" in rows and "| fa |" in rows


def test_the_page_holds_what_was_last_measured() -> None:
    page, results = book.PAGE.read_text(encoding="utf-8"), book.kept()
    assert results and not [name for name, result in results.items() if book.section(name, result) not in page]


def test_every_benchmark_has_a_chapter() -> None:
    modules = {file.stem for file in (ROOT / "bench").glob("*.py") if "def main" in file.read_text(encoding="utf-8")}
    told = {chapter.full.split()[0].removeprefix("bench.") for chapter in CHAPTERS.values()}
    assert modules - told == {"book", "actors"} and told <= modules


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample articles in the place of corpora."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "news").mkdir()
    for language in ("ar", "fa"):
        texts = [file.read_text("utf-8") for file in sorted((ROOT / "seeds" / "articles" / language).glob("*.txt"))]
        lines = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
        (folder / "news" / f"{language}.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    return folder


@pytest.mark.parametrize("name", ["write", "dedup", "ingest"])
def test_a_small_run_of_a_benchmark_makes_a_chapter(name: str, data: Path, tmp_path: Path) -> None:
    result = measure(name, data, tmp_path, small=True)
    assert str(data) not in json.dumps(result.model_dump()) and str(tmp_path) not in json.dumps(result.model_dump())
    tables = [line for line in book.section(name, result).splitlines() if line.startswith("|")]
    assert len(tables) >= 3 and any(character.isdigit() for character in "".join(tables))
