"""Golden pairs: pages of our own in the layouts of the press, and the article that each must give.

After a change that is meant: `python -m pytest tests/tasks/test_extraction_golden.py --golden`, then read the
difference.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tasks.ingest_facts import Document, RefusedError
from tasks.ingest_record import read_document

GOLDEN = Path(__file__).parents[1] / "golden" / "pages"
PAGES = sorted(GOLDEN.glob("*.html"))
FETCHED = datetime(2025, 12, 1, tzinfo=UTC)


def record(page: Path) -> dict[str, object]:
    """What a page gives, as the golden files write it: the text as a list of its lines."""
    document = Document(page.read_bytes(), "text/html", f"https://fetched.example/{page.stem}", FETCHED)
    try:
        facts = read_document(document)
    except RefusedError as refusal:
        return {"refused": refusal.rule}
    return {
        "title": facts.title,
        "title_method": facts.title_method,
        "author": facts.author,
        "url": facts.url,
        "published_at": facts.published.at.isoformat() if facts.published.at else None,
        "published_precision": facts.published.precision,
        "published_method": facts.published.method,
        "published_reason": facts.published.reason,
        "extra": facts.extra,
        "text_method": facts.text_method,
        "text": facts.text.split("\n"),
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page: Path, request: pytest.FixtureRequest) -> None:
    expected = page.with_suffix(".json")
    if request.config.getoption("--golden"):
        expected.write_text(json.dumps(record(page), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert record(page) == json.loads(expected.read_text("utf-8"))


def test_every_method_and_language_is_there() -> None:
    records = [json.loads(page.with_suffix(".json").read_text("utf-8")) for page in PAGES]
    assert {r["text_method"] for r in records if "text" in r} == {"trafilatura", "json-ld", "article", "density"}
    assert {r["published_method"] for r in records if "text" in r} >= {"json-ld", "meta", "time-element", "text"}
    assert {page.stem.rpartition("_")[2] for page in PAGES} == {"ar", "fa", "prs", "ur"}
    assert len(PAGES) >= 19
