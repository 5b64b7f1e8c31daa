"""From the text of a page back to its HTML."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tasks.extraction_decode import decode_page
from tasks.extraction_places import find_places
from tasks.ingest_facts import Document, Facts, RefusedError
from tasks.ingest_record import read_document
from tasks.normalize import search_key
from tasks.offset_map import EditedText, raw_span
from tests.tasks.test_extraction_golden import FETCHED, PAGES

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
