"""Records and plain texts become articles: read right, or refused with a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.stage import stable_id
from tests.ingesting import NOON, TEXT, FakeWarehouse, document, one, refused


def test_a_full_record() -> None:
    record = {
        "id": "77",
        "source": "وكالة الأنباء",
        "url": " https://example.org/77 ",
        "title": "عنوان\nالخبر",
        "author": "سارة",
        "published_at": "2025-10-21T15:00:00+03:00",
        "language": "ar-LB",
        "text": "\ufeff\u200fنـــص  الخبر\r\n",
        "section": "سياسة",
        "tags": ["قمة", 1],
    }
    article = one(record)
    extra = json.loads(article.pop("extra"))
    assert extra == {"section": "سياسة", "tags": ["قمة", 1], "declared_language": "ar-LB"}
    content_hash = article.pop("content_hash")
    assert len(content_hash) == 64
    assert article == {
        "article_id": stable_id("article", "id", "وكالة الأنباء", "77"),
        "document_id": document(record)["document_id"],
        "source": "وكالة الأنباء",
        "external_id": "77",
        "url": "https://example.org/77",
        "title": "عنوان الخبر",
        "title_method": "record",
        "text": "نص الخبر",
        "text_method": "record",
        "offset_map": "0:2:1 1:6:1 2:7:1:2 3:9:5",
        "author": "سارة",
        "published_at": NOON,
        "published_precision": "instant",
        "published_method": "record",
        "published_reason": None,
        "language": None,
        "language_confidence": None,
        "language_method": None,
        "run_id": "1",
        "stage_version": "1",
    }


def test_the_least_record_and_blank_fields() -> None:
    article = one({"text": TEXT, "title": "  ", "url": None, "author": "", "published_at": " "})
    assert [article[k] for k in ("source", "title", "url", "author", "extra", "published_at")] == [
        "local",
        None,
        None,
        None,
        None,
        None,
    ]
    assert (article["title_method"], article["published_reason"]) == ("none", "not-in-record")


def test_a_plain_text() -> None:
    article = one(f"\r\nوفد عُماني يصل صنعاء غداً\r\n\r\n{TEXT}\r\n\r\nاترك تعليقاً\r\n")
    assert (article["title"], article["title_method"]) == ("وفد عُماني يصل صنعاء غداً", "heading")
    assert article["text"] == TEXT
    assert (article["published_at"], article["published_reason"]) == (None, "plain-text")


def test_a_heading_in_a_record_without_title() -> None:
    article = one({"text": f"وفد عُماني يصل صنعاء غداً\n\n{TEXT}"})
    assert (article["title_method"], article["text"]) == ("heading", TEXT)
    given_title = one({"text": f"وفد عُماني يصل صنعاء غداً\n\n{TEXT}", "title": "آخر"})
    assert given_title["text"].endswith(TEXT) and given_title["title"] == "آخر"


@pytest.mark.parametrize(
    ("payload", "rule", "says"),
    [
        ("نص".encode() + b"\xff\xfe", "invalid-utf8", "byte 4 (0xff)"),
        ("خبر".encode("utf-16"), "invalid-utf8", "UTF-16"),
        ("خبر".encode("cp1256"), "invalid-utf8", "iconv -f WINDOWS-1256"),
        (" \u200f\n\t ", "empty-text", "nothing to read"),
        ("", "empty-text", "nothing to read"),
        ({"text": "\u200b "}, "empty-text", "nothing to read"),
        (b'{"text": "a"', "invalid-json", "character 12"),
        (b"\xef\xbb\xbfnot json", "invalid-json", "near 'not json'"),
        (b'{"text": "a", "score": NaN}', "invalid-json", "NaN"),
        (b'{"text": ' + b"9" * 5000 + b"}", "invalid-json", "cannot be read"),
        (b"[" * 100_000, "invalid-json", "cannot be read"),
        (b'["text"]', "not-an-object", "JSON array"),
        (b"17", "not-an-object", "JSON number"),
        ({"title": "عنوان", "body": "نص"}, "missing-text", "`title`, `body`"),
        (b"{}", "missing-text", "none"),
        ({"text": None}, "missing-text", "`text`"),
        ({"text": 5}, "wrong-type:text", "JSON number"),
        ({"text": TEXT, "title": ["a"]}, "wrong-type:title", "JSON array"),
        ({"text": TEXT, "id": True}, "wrong-type:id", "JSON boolean"),
        ({"text": TEXT, "id": 1.5}, "wrong-type:id", "JSON number"),
        ({"text": TEXT, "published_at": 1761057000}, "wrong-type:published_at", "ISO 8601"),
        ({"text": TEXT, "author": {"name": "x"}}, "wrong-type:author", "JSON object"),
        ({"text": "?????? ???? ??? ?????? ????"}, "mojibake", "Export it again"),
    ],
)
def test_what_cannot_be_read_is_refused(payload: bytes | str | dict[str, Any], rule: str, says: str) -> None:
    found, error = refused(payload)
    assert found == rule
    assert says in error


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2025-02-30", "impossible-date"),
        ("2203-01-01", "impossible-date"),
        ("2025-10-23", "future-date"),
        ("أمس", "unreadable-date"),
    ],
)
def test_a_date_that_cannot_be_used_is_null_with_its_reason_and_kept_as_written(written: str, reason: str) -> None:
    article = one({"text": TEXT, "published_at": written})
    assert (article["published_at"], article["published_precision"]) == (None, None)
    assert (article["published_method"], article["published_reason"]) == ("none", reason)
    assert json.loads(article["extra"]) == {"declared_published_at": written}


def test_a_date_line_of_a_plain_text_is_its_time_and_not_its_story() -> None:
    article = one(f"وفد عُماني يصل صنعاء غداً\n\nتاريخ النشر: 20 تشرين الأول 2025 - 14:30\n\n{TEXT}")
    assert (article["title"], article["text"]) == ("وفد عُماني يصل صنعاء غداً", TEXT)
    assert (article["published_at"], article["published_precision"]) == (
        NOON.replace(day=20, hour=14, minute=30),
        "day",
    )
    assert article["published_method"] == "text"


@pytest.mark.parametrize(
    ("top", "author"),
    [
        ("كتب: أحمد سالم\nالاثنين 20 أكتوبر 2025 - 14:30", "أحمد سالم"),
        ("نشر في: 20/10/2025 02:30 م\nآخر تحديث: 21/10/2025", None),
        ("شارك\n20 أكتوبر 2025 - 14:30\nآخر تحديث: 20 أكتوبر 2025 - 16:00", None),
    ],
)
def test_a_headline_stands_above_bylines_bars_and_dates(top: str, author: str | None) -> None:
    article = one(f"وفد عُماني يصل صنعاء غداً\n\n{top}\n{TEXT}")
    assert (article["title"], article["text"], article["author"]) == ("وفد عُماني يصل صنعاء غداً", TEXT, author)
    assert article["published_at"] == NOON.replace(day=20, hour=14, minute=30)


def test_misread_text_is_repaired() -> None:
    for encoding in ("cp1256", "latin-1"):
        misread = f"{TEXT} 2025".encode().decode(encoding)
        assert one({"text": misread})["text"] == f"{TEXT} 2025"


def test_good_documents_beside_bad_ones_are_done() -> None:
    warehouse = FakeWarehouse()
    output = warehouse.ingest([document(b"{"), document({"text": TEXT}), document("")])
    assert sorted(r.rule for r in output.rejected) == ["empty-text", "invalid-json"]
    assert [a["text"] for a in warehouse.articles()] == [TEXT]


def test_broken_halves_of_characters_reach_no_column() -> None:
    article = one(b'{"text": "a \\ud83d b", "title": "\\udc00x", "note": "\\ud800"}')
    assert (article["text"], article["title"]) == ("a \ufffd b", "\ufffdx")
    assert json.loads(article["extra"]) == {"note": "\ud800"}


def test_whole_numbers_are_ids() -> None:
    assert one({"text": TEXT, "id": 77})["article_id"] == one({"text": TEXT, "id": "77"})["article_id"]


def test_the_id_depends_on_the_article_and_not_on_the_file() -> None:
    by_url = {"text": TEXT, "url": "https://example.org/1"}
    assert one(by_url)["article_id"] == one(by_url | {"text": "نص آخر"})["article_id"]
    assert one(by_url)["article_id"] != one(by_url | {"source": "x"})["article_id"]
    assert one(TEXT)["article_id"] == one({"text": f" {TEXT} "})["article_id"]
    assert one(TEXT)["article_id"] == one(TEXT.replace("غداً", "غدا"))["article_id"]
    assert one("؟؟")["article_id"] != one("!!")["article_id"]


@settings(max_examples=50)
@given(st.lists(st.one_of(st.binary(max_size=60), st.text(max_size=60)), max_size=6, unique=True))
def test_no_document_vanishes_or_raises(payloads: list[bytes | str]) -> None:
    documents = {
        d["document_id"]: d
        for d in map(document, [p.encode("utf-8", "replace").decode() if isinstance(p, str) else p for p in payloads])
    }
    FakeWarehouse().ingest(list(documents.values()))
