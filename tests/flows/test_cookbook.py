"""Every question of the cookbook is asked, over the sample articles and as any user may ask it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows.report import RunReport
from tasks.normalize import search_key
from warehouse.location import Location
from warehouse.queries import run_sql

PAGE = Path(__file__).parents[2] / "docs" / "cookbook.md"
QUESTIONS = re.findall(
    r"^## (\d+\. .*?)\n(.*?)```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)


def test_the_questions_are_numbered() -> None:
    assert len(QUESTIONS) >= 20
    assert [title.split(".")[0] for title, _, _ in QUESTIONS] == [str(n + 1) for n in range(len(QUESTIONS))]


@pytest.mark.parametrize(("note", "sql"), [(note, sql) for _, note, sql in QUESTIONS], ids=[t for t, _, _ in QUESTIONS])
def test_a_question_has_an_answer(sampled: tuple[Path, RunReport], note: str, sql: str) -> None:
    rows = run_sql(Location.at(sampled[0]), sql)
    assert rows.num_rows or "may be empty" in note


def test_every_mention_leads_back_to_its_file(sampled: tuple[Path, RunReport]) -> None:
    question = next(sql for _, _, sql in QUESTIONS if "raw_span" in sql)
    rows = run_sql(Location.at(sampled[0]), question.replace("LIMIT 20", "")).to_pylist()
    assert len(rows) > 100
    assert all(search_key(row["surface"]) == search_key(row["as_it_came"]) for row in rows)


def test_one_name_finds_all_its_spellings(sampled: tuple[Path, RunReport]) -> None:
    location = Location.at(sampled[0])
    found = [
        set(run_sql(location, f"SELECT article_id FROM search('{spelling}')")["article_id"].to_pylist())
        for spelling in ("ترامب", "ترمب", "ترامپ")
    ]
    assert found[0] == found[1] == found[2]
    written = run_sql(location, "SELECT article_id FROM articles WHERE regexp_matches(text, 'ترامب|ترمب|ترامپ')")
    assert set(written["article_id"].to_pylist()) <= found[0]
