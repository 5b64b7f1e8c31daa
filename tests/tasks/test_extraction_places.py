"""From the text of a page back to its HTML."""

from __future__ import annotations

import re
from html import unescape

import duckdb
import pytest

from tasks.extraction_decode import decode_page
from tasks.extraction_places import find_places
from tasks.ingest_facts import Document, Facts, RefusedError
from tasks.ingest_record import read_document
from tasks.normalize import search_key
from tasks.offset_map import EditedText, raw_span
from tasks.reading import DOCUMENT_SCHEMA
from tests.ingesting import FakeWarehouse, document
from tests.tasks.test_extraction_golden import FETCHED, PAGES
from warehouse.sql_models import macros

LINE = "أعلنت وزارة الري بدء صيانة السد العالي خلال الشتاء المقبل"


def read(page: bytes) -> Facts:
    return read_document(Document(page, "text/html", "https://news.example/1", FETCHED))


def as_it_stands(html: str) -> str:
    """The words of a piece of HTML, or of the JSON of a script."""
    return search_key(unescape(re.sub(r"<[^>]*>|\\n", " ", html).replace('\\"', '"')))


def test_each_word_of_the_golden_pages_leads_to_itself_in_the_html() -> None:
    seen = set()
    for page in PAGES:
        try:
            facts = read(page.read_bytes())
        except RefusedError:
            continue
        raw = decode_page(page.read_bytes())
        assert facts.offset_map is not None
        for word in re.finditer(r"\S+", facts.text):
            start, end = raw_span(facts.offset_map, *word.span())
            assert as_it_stands(raw[start:end]) == search_key(word.group()), page.stem
        seen.add(facts.text_method)
    assert seen == {"trafilatura", "json-ld", "article", "density"}


@pytest.mark.parametrize(
    ("text", "page", "word", "written"),
    [
        ("می\u200cشود اجرا", "<p>می&zwnj;شود اجرا</p>", "می\u200cشود", "می&zwnj;شود"),
        ("قال «نعم» أمس", "<p>قال &laquo;نعم&raquo; أمس</p>", "«نعم»", "&laquo;نعم&raquo;"),
        ("مجلس الأمن", "<b>مجلس</b>\n      <i>الأمن</i>", "مجلس الأمن", "مجلس</b>\n      <i>الأمن"),
        ("مسقـــط اليوم", "<!-- مسقط اليوم --><p>مسقط اليوم</p>", "مسقـــط", "مسقط"),
        ("خبر\nخبر", "<p>خبر</p><p>خبر</p>", "خبر\nخبر", "خبر</p><p>خبر"),
        ("- أولا", "<li>أولا</li>", "- أولا", "أولا"),
        ("a < b", "<p>a &lt; b</p>", "<", "&lt;"),
    ],
)
def test_what_stands_for_a_word(text: str, page: str, word: str, written: str) -> None:
    start = text.index(word)
    first, last = raw_span(EditedText(text, find_places(text, page)).offset_map(), start, start + len(word))
    assert page[first:last] == written


def test_a_line_is_found_in_the_article_and_not_in_the_menu_above_it() -> None:
    page = f"<nav><a>السد العالي</a></nav><h1>السد العالي</h1><p>{LINE}</p><aside>السد العالي</aside>"
    text = f"السد العالي\n{LINE}"
    start, end = raw_span(EditedText(text, find_places(text, page)).offset_map(), 0, 11)
    assert (start, end) == (page.index("<h1>") + 4, page.index("</h1>"))


def test_the_script_of_a_page_is_read_where_the_text_came_from_it() -> None:
    given = '{"articleBody": "قال \\"نعم\\"\\n\\u0623\\u0645\\u0633"}'
    page = f'<p>اشترك</p><script type="application/ld+json">{given}</script>'
    text = 'قال "نعم"\nأمس'
    assert find_places(text, page) is None
    runs = find_places(text, page, in_script=True)
    for word, written in (('"نعم"', '\\"نعم\\"'), ("أمس", "\\u0623\\u0645\\u0633")):
        start = text.index(word)
        first, last = raw_span(EditedText(text, runs).offset_map(), start, start + len(word))
        assert page[first:last] == written


def test_a_text_that_stands_nowhere_in_its_page_has_no_places() -> None:
    assert find_places(LINE, "<p>اشترك في النشرة</p>") is None


@pytest.mark.parametrize("page", ["", "<", "&", "&#1114112;", "<p", "<!--", "\\u", "&#xd800;خبر"])
def test_a_broken_page_is_no_error(page: str) -> None:
    find_places("خبر", page)
    find_places("خبر", page, in_script=True)


@pytest.mark.parametrize("encoding", ["cp1256", "iso8859-6", "cp1252", "utf-8", "utf-16"])
def test_sql_reads_a_page_in_the_encoding_that_it_was_read_in(encoding: str) -> None:
    words = "أعلنت الوزارة" if encoding != "cp1252" else "Le ministère a"
    line = f"{words} \\x41 «1» " if encoding != "iso8859-6" else f"{words} \\x41 "
    page = f"<!doctype html><title>{words}</title><article><h1>{words}</h1><p>{line * 20}</p></article>"
    declared = "" if encoding.startswith("utf") else f"<meta charset={encoding}>"
    warehouse = FakeWarehouse()
    payload = page.replace("<title>", f"{declared}<title>").encode(encoding)
    warehouse.ingest([document(payload) | {"media_type": "text/html"}])
    [article], [stored] = warehouse.articles(), warehouse.tables["raw_documents"].values()
    connection = duckdb.connect()
    for macro in macros():
        if macro.name.startswith("raw_"):
            connection.execute(macro.statement)
    row = connection.execute("SELECT raw_text($1, $2)", [stored["media_type"], stored["payload"]]).fetchone()
    assert row is not None
    if encoding == "utf-16":
        assert (stored["media_type"], row[0]) == ("text/html", None)
        return
    start = article["text"].rindex(words)
    first, last = raw_span(article["offset_map"], start, start + len(words))
    assert row[0][first:last] == words
    assert row[0] == stored["payload"].decode(encoding)
    # Read again as it is stored now, it says the same.
    again = FakeWarehouse()
    again.ingest([{name: stored[name] for name in DOCUMENT_SCHEMA.names}])
    assert again.articles() == [article]
    assert list(again.tables["raw_documents"].values()) == [stored]
