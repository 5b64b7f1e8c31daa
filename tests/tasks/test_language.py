"""Articles get a language, paragraphs too, offsets are true and nothing else changes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.articles import Article, ParagraphLanguage
from schemas.record import arrow_schema
from schemas.validate import validate
from tasks.language import STAGE, model_version, split_paragraphs
from tasks.normalize import clean_text
from tasks.stage import StageInput, stable_id

AR = "أعلن وزير الخارجية أن الاجتماع المقبل سيعقد في العاصمة القطرية نهاية الشهر."
FA = "وزیر امور خارجه گفت نشست بعدی پایان ماه در پایتخت قطر برگزار می‌شود."
EN = "The foreign minister said the next meeting would be held at the end of the month."


def article(text: str, title: str | None = None, declared: str | None = None) -> dict[str, Any]:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {
        "article_id": stable_id(text, title or "", declared or ""),
        "document_id": stable_id(digest),
        "source": "local",
        "external_id": None,
        "url": None,
        "title": title,
        "title_method": "record" if title else "none",
        "text_method": "record",
        "text": text,
        "author": None,
        "published_at": None,
        "published_precision": None,
        "published_method": "none",
        "published_reason": "not-in-record",
        "extra": json.dumps({"declared_language": declared}) if declared else None,
        "content_hash": digest,
        "language": None,
        "language_confidence": None,
        "language_method": None,
        "run_id": "earlier",
        "stage_version": "7",
    }


def run(*articles: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    table = pa.Table.from_pylist(list(articles), schema=arrow_schema(Article))
    units = tuple(a["article_id"] for a in articles)

    def lookup(query: str, **tables: pa.Table) -> pa.Table:
        raise AssertionError("the language stage asks nothing")

    output = STAGE.work(StageInput(units, {"articles": table}, lookup))
    assert (output.rejected, output.excluded) == ((), ())
    rows, paragraphs = output.tables["articles"], output.tables["paragraph_languages"]
    stamped = paragraphs
    for name in ("run_id", "stage_version"):
        stamped = stamped.append_column(name, pa.repeat(pa.scalar("1"), paragraphs.num_rows))
    assert validate(Article, rows).invalid == ()
    assert validate(ParagraphLanguage, stamped).invalid == ()
    return rows.to_pylist(), paragraphs.to_pylist()


def test_only_the_language_columns_change() -> None:
    before = article(AR, title="عنوان")
    [after], [paragraph] = run(before)
    changed = {k for k in before if before[k] != after[k]}
    assert changed == {"language", "language_confidence", "language_method"}
    assert (after["language"], paragraph["language"], paragraph["script"]) == ("ar", "ar", "Arab")


def test_paragraphs_are_the_lines_with_true_offsets() -> None:
    text = f"{AR}\n\n{FA}\n{EN}"
    _, paragraphs = run(article(text))
    assert [text[p["char_start"] : p["char_end"]] for p in paragraphs] == [AR, FA, EN]
    assert [p["paragraph_index"] for p in paragraphs] == [0, 1, 2]
    assert [p["language"] for p in paragraphs] == ["ar", "fa", "en"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (AR, "ar"),
        (FA, "fa"),
        (f"{AR}\n{AR}\n{AR}\n{EN}", "ar"),
        (f"{EN}\n{FA}\n{FA}\n{FA}\n{FA}", "fa"),
        (f"{FA}\n2025-10-21\n***\n{FA}", "fa"),
        ("\n".join(["قمة مرتقبة", "دعم من موسكو", "رسالة إلى الصين", "لقاء في الدوحة"]), "ar"),
        ("1234\n***", "und"),
    ],
)
def test_the_article_takes_the_language_of_most_letters(text: str, language: str) -> None:
    [after], _ = run(article(text))
    assert after["language"] == language
    assert after["language_method"]


def test_a_text_of_two_languages_is_mixed() -> None:
    [after], paragraphs = run(article(f"{AR}\n{EN}\n{FA}"))
    assert (after["language"], after["language_method"]) == ("und", "mixed")
    assert after["language_confidence"] < 0.5
    assert [p["language"] for p in paragraphs] == ["ar", "en", "fa"]


def test_a_dari_article_is_persian_and_its_paragraphs_say_more() -> None:
    dari = "شاروالی کابل اعلام کرد که سرک‌های شهر به زودی قیر می‌شود."
    [after], paragraphs = run(article(f"{dari}\n{FA}"))
    assert after["language"] == "fa"
    assert [p["language"] for p in paragraphs] == ["prs", "fa"]
    [alone], _ = run(article(dari))
    assert alone["language"] == "fa"


def test_an_arabic_article_that_quotes_persian() -> None:
    [after], paragraphs = run(article("\n".join([AR, AR, FA, AR]), title="وزير الخارجية يرد على طهران"))
    assert after["language"] == "ar"
    assert [p["language"] for p in paragraphs] == ["ar", "ar", "fa", "ar"]


def test_the_title_helps_a_short_text() -> None:
    [after], _ = run(article("12:30", title=FA))
    assert after["language"] == "fa"


@pytest.mark.parametrize("declared", ["fa", "fa-IR", "FA_ir"])
def test_a_declared_language_does_not_overturn_the_text(declared: str) -> None:
    [after], _ = run(article(AR, declared=declared))
    assert after["language"] == "ar"


def test_odd_claims_are_no_error() -> None:
    odd = article(AR) | {"extra": json.dumps({"declared_language": ["ar"], "x": 1})}
    assert run(odd)[0][0]["language"] == "ar"


def test_no_articles_give_empty_tables() -> None:
    assert run() == ([], [])


def test_the_order_of_articles_does_not_matter() -> None:
    many = [article(t) for t in (AR, FA, EN, f"{AR}\n{FA}")]
    one_way, _ = run(*many)
    other_way, _ = run(*reversed(many))
    assert one_way == other_way[::-1]


def test_the_model_names_its_version() -> None:
    assert "lid.176" in model_version()


@given(st.text(max_size=60).map(clean_text))
def test_paragraphs_cover_every_letter(text: str) -> None:
    covered = "".join(text[p.start : p.end] for p in split_paragraphs(text))
    assert covered == text.replace("\n", "")
