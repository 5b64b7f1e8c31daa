"""From any place of a clean text back to the text as it came."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime
from itertools import pairwise

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.ingest_facts import Document, Facts, RefusedError
from tasks.ingest_record import read_document
from tasks.ingest_story import read_story
from tasks.normalize import clean_text
from tasks.normalize_clean import clean
from tasks.offset_map import EditedText, Piece, pieces, raw_span
from warehouse.sql_models import macros

NOW = datetime(2025, 10, 21, 12, tzinfo=UTC)


def mapped(raw: str) -> EditedText:
    edited = EditedText(raw)
    clean(edited)
    return edited


def test_the_map_of_the_documentation() -> None:
    raw = "  عاجل:  مسقـــط "
    edited = mapped(raw)
    assert (edited.text, edited.offset_map()) == ("عاجل: مسقط", "0:2:5 5:7:1:2 6:9:3 9:15:1")
    start, end = raw_span(edited.offset_map(), 6, 10)
    assert raw[start:end] == "مسقـــط"


@pytest.mark.parametrize(
    ("raw", "runs"),
    [
        ("خبر", "0:0:3"),
        ("خبر\u00a0عاجل", "0:0:8"),
        ("خبر\r\nعاجل", "0:0:3 3:3:1:2 4:5:4"),
        ("ﻣﺴﻘﻂ", "0:0:4"),
        ("ﷲ أكبر", "0:0:4:1 4:1:5"),
        ("می\u200c\u200cشود", "0:0:2 2:2:1:2 3:4:3"),
        ("\u200fقال\u200e نعم", "0:1:3 3:5:4"),
        ("ا\u0654علن", "0:0:1:2 1:2:3"),
        ("مُحَمَّد", "0:0:8"),
        ("", ""),
    ],
)
def test_what_each_kind_of_change_leaves(raw: str, runs: str) -> None:
    assert mapped(raw).offset_map() == runs


WORDS = st.sampled_from(
    [
        "التقى", "الوزيرُ", "می\u200cشود", "مُحَمَّد", "محمّٓد", "ﻻ", "ﷲ", "é", "e\u0301", "مسقـــط", "2025", "«", "؟",
        " ", "  ", "\u00a0", "\t", "\n", "\n\n\n", "\r\n", " \n ", "\u200f", "\u200c", "\u200c\u200c", "\ufeff", "ـ",
        "\u2028", "ا\u0653", "\u064e\u0651", "\ud800", "क\u093c", "\u0958", "각",
    ]
)  # fmt: skip
RAWS = st.lists(WORDS, max_size=30).map("".join)


def letters(text: str) -> str:
    """What stays of a text wherever it is cut: its letters and marks, composed."""
    kept = [c for c in unicodedata.normalize("NFKC", text) if c not in "\u200c\u0640-\ufffd" and c.isprintable()]
    return unicodedata.normalize("NFC", "".join(kept).replace(" ", ""))


def check(raw: str, text: str, offset_map: str) -> None:
    """The pieces are the whole text, in the order of the raw one, and each cleans to what it is said to be."""
    found = [Piece(0, 0, 0, 0), *pieces(offset_map)]
    assert found[-1].char_end == len(text)
    for one, other in pairwise(found):
        assert one.char_end == other.char_start and one.raw_end <= other.raw_start
        ours, theirs = text[other.char_start : other.char_end], raw[other.raw_start : other.raw_end]
        assert letters(clean_text(theirs)) == letters(ours)
        between = raw[one.raw_end : other.raw_start]
        assert not letters(clean_text(between))


@given(RAWS)
def test_each_piece_of_raw_text_cleans_to_its_piece_of_text(raw: str) -> None:
    edited = mapped(raw)
    assert edited.text == clean_text(raw)
    check(raw, edited.text, edited.offset_map())


LINES = st.sampled_from(
    [
        "التقى وزير الخارجية نظيره العُماني في مسقط\u00a0يوم الاثنين، وبحثا العلاقات بين البلدين.",
        "سخنگوی وزارت خارجه گفت دور تازه  گفت‌وگوها هفتهٔ آینده برگزار مي‌شود؛ پژوهشگران هم می‌آینـــد.",
        "أعلنت وزارة الخارجية أن الوفد سيصل غداً".encode().decode("cp1256"),
        "لقاء وزاري في مسقط", "21 أكتوبر 2025", "اقرأ أيضا: وفد أممي يزور عدن", "انتهای پیام", "شارك", "", "  ",
    ]
)  # fmt: skip


@given(st.lists(LINES, max_size=8).map("\n".join), st.sampled_from([None, "لقاء وزاري في مسقط"]))
def test_the_story_of_a_text_leads_back_too(raw: str, given_title: str | None) -> None:
    try:
        story = read_story(raw, given_title, NOW)
    except RefusedError:
        return
    assert list(pieces(story.offset_map))[-1].char_end == len(story.text)
    for word in re.finditer(r"\w+", story.text):
        start, end = raw_span(story.offset_map, *word.span())
        came = raw[start:end]
        misread = came.encode("cp1256", "ignore").decode("utf-8", "ignore")
        assert word.group() == clean_text(came) or word.group() in misread


PRIVATE = 0xE000


@given(st.integers(0, 40), st.lists(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 4), st.integers(0, 3)))))
def test_whatever_is_rewritten_each_character_that_is_left_knows_its_place(
    length: int, steps: list[list[tuple[int, int, int]]]
) -> None:
    """Every raw character is another one, so that it can be found again."""
    raw = "".join(chr(PRIVATE + n) for n in range(length))
    edited = EditedText(raw)
    for step in steps:
        places: list[tuple[int, int, str]] = []
        for start, size, new in sorted(step):
            end = min(start + size, len(edited.text))
            if start < end and (not places or start >= places[-1][1]):
                places.append((start, end, "*" * new))
        edited.rewrite(places)
    runs = edited.offset_map()
    assert sum(p.char_end - p.char_start for p in pieces(runs)) == len(edited.text)
    for place, character in enumerate(edited.text):
        start, end = raw_span(runs, place, place + 1)
        if character != "*":
            assert start <= ord(character) - PRIVATE < end


def facts(payload: str, kind: str) -> Facts:
    return read_document(Document(payload.encode(), kind, "/a", NOW))


def test_a_name_is_found_in_the_payload_by_sql() -> None:
    text = "وزير الخارجية في مسقط\r\n\r\nالتقى  الوزيـــر «بدر البوسعيدي» \u200fيوم الاثنين في مسقط، وبحثا العلاقات."
    payloads = [("text/plain", "\ufeff" + text), ("application/json", json.dumps({"text": text, "id": "1"}))]
    page = text.replace("\r\n\r\n", "</h1><p>").replace("«", "&laquo;")
    payloads.append(("text/html", f"\ufeff<!doctype html><title>خبر</title><article><h1>{page}</p></article>"))
    connection = duckdb.connect()
    for macro in macros():
        if macro.name.startswith("raw_"):
            connection.execute(macro.statement)
    for kind, payload in payloads:
        read = facts(payload, kind)
        assert read.title == "وزير الخارجية في مسقط" and read.offset_map is not None
        start = read.text.index("الوزير «بدر")
        span = (start, start + len("الوزير «بدر البوسعيدي»"))
        row = connection.execute(
            "SELECT span, substring(raw, span.raw_start + 1, span.raw_end - span.raw_start)"
            " FROM (SELECT raw_span($1, $2, $3) AS span, raw_text($4, $5) AS raw)",
            [read.offset_map, *span, kind, payload.encode()],
        ).fetchone()
        assert row is not None
        assert row[1].replace("&laquo;", "«") == "الوزيـــر «بدر البوسعيدي»"
        assert (row[0]["raw_start"], row[0]["raw_end"]) == raw_span(read.offset_map, *span)


CHANGES = st.sampled_from(["خبر", "ﷲ", "ا\u0653", "\u200f", "  ", "\r\n", "مسقـــط"])


@settings(max_examples=20)  # each asks a database about every span of several texts at once
@given(st.lists(st.lists(CHANGES, min_size=1, max_size=8).map("".join), min_size=1, max_size=6))
def test_the_macro_reads_a_map_as_the_code_does(raws: list[str]) -> None:
    maps = [edited.offset_map() for edited in map(mapped, raws)]
    ends = [max((piece.char_end for piece in pieces(line)), default=0) for line in maps]
    asked = [(m, s, e) for m, end in zip(maps, ends, strict=True) for s in range(end) for e in (s + 1, end)]
    connection = duckdb.connect()
    for macro in macros():
        if macro.name.startswith("raw_"):
            connection.execute(macro.statement)
    spans = pa.table({"m": [m for m, _, _ in asked], "s": [s for _, s, _ in asked], "e": [e for _, _, e in asked]})
    connection.register("spans", spans.cast(pa.schema([("m", pa.string()), ("s", pa.int64()), ("e", pa.int64())])))
    found = connection.execute("SELECT unnest(raw_span(m, s, e)) FROM spans").fetchall()
    assert found == [raw_span(*each) for each in asked]


@pytest.mark.parametrize("span", [(0, 0), (2, 9), (5, 6)])
def test_a_span_outside_the_text_is_an_error(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="does not reach"):
        raw_span("0:2:5", *span)
