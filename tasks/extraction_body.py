"""The text of a page: trafilatura first, and three other ways where it finds nothing or only a part.

| method        | where the text comes from                                                                |
|---------------|------------------------------------------------------------------------------------------|
| `trafilatura` | trafilatura's main extractor                                                             |
| `json-ld`     | the `articleBody` that the page gives to search engines                                  |
| `article`     | the one element that the page marks as its article (`<article>`, `itemprop`, `<main>`)   |
| `density`     | the element whose own paragraphs hold most text outside of links                         |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final, Literal

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from tasks.ingest_furniture_lines import RELATED
from tasks.normalize import clean_text, search_key

TextMethod = Literal["trafilatura", "json-ld", "article", "density", "fragment"]

#: Shorter than this, another method is asked too: the shortest news item has a headline and two sentences.
_SHORT: Final = 250
#: A text below this is no article: a menu entry, a consent line.
_LEAST: Final = 60
#: `articleBody` must say this much more than the page shows to be taken for it: it has often lost its paragraphs.
_MORE: Final = 1.6
_BLOCK_NAMES: Final = (
    "address article aside blockquote center dd div dl dt fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 header "
    "hr li main nav ol p pre section table tbody td tfoot th thead tr ul"
)
_SILENT_NAMES: Final = (
    "script style noscript template form button select option textarea input iframe svg nav aside footer figcaption "
    "object video audio head"
)
_BLOCKS: Final = frozenset(_BLOCK_NAMES.split())
_NO_TEXT: Final = frozenset(_SILENT_NAMES.split())
_TAG: Final = re.compile(r"</?(?:p|br|div|li|h\d|span|a|strong|em|b|i|img|figure)\b[^>]*>", re.IGNORECASE)
_BREAK_TAG: Final = re.compile(r"</(?:p|div|li|h\d)>|<br\s*/?>", re.IGNORECASE)
#: A row of figures or names is shorter than a paragraph.
_LAYOUT_ROW: Final = 300
_TABLE_ROW: Final = re.compile(r"^\|(.*)\|[ \t]*$", re.MULTILINE)
_RULE_ROW: Final = re.compile(r"^\|?(?:\s*-{3,}\s*\|?)+$\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Body:
    """The text of an article as it was found, not clean yet, and what found it."""

    text: str
    method: TextMethod
    length: int  # of the clean text


def parse_page(text: str) -> HtmlElement | None:
    """The page as a tree without comments; None where there is no element at all."""
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        # U+0000 would end the document for the parser.
        return document_fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def read_body(page: HtmlElement, article_body: str | None) -> Body | None:
    """The article's text; None where the page holds none. Changes the tree: links to other articles leave it."""
    for script in [*page.iter("script", "style")]:
        _drop(script)
    _drop_related(page)
    if (live := _live_blog(page)) is not None and (entries := _usable(_block_text(live), "article")):
        return entries
    body = _usable(_by_trafilatura(page), "trafilatura")
    given = _usable(_without_tags(article_body or ""), "json-ld")
    if body is not None and given is not None and given.length > _MORE * body.length:
        body = given  # the page shows the beginning only
    if body is not None and body.length >= _SHORT:
        return body
    others = [body, given, _usable(_by_mark(page), "article"), _usable(_by_density(page), "density")]
    found = [other for other in others if other is not None]
    # The first that is not a mere part of a later one.
    return next((one for one in found if all(other.length <= _MORE * one.length for other in found)), None)


def read_fragment(piece: HtmlElement) -> Body | None:
    """All text of a piece of HTML; None where it has none."""
    for script in [*piece.iter("script", "style")]:
        _drop(script)
    text = _block_text(piece)
    length = len(clean_text(text))
    return Body(text, "fragment", length) if length else None


def _usable(text: str, method: TextMethod) -> Body | None:
    shown = clean_text(text)
    return Body(text, method, len(shown)) if sum(map(str.isalpha, shown)) >= _LEAST else None


def _by_trafilatura(page: HtmlElement) -> str:
    # Imported late: it takes most of a second, and a run without pages does not need it.
    from trafilatura import extract

    try:
        # Its own fallbacks (`fast=False`) double the time; ours look where its heuristics are blind.
        text = extract(page, fast=True, include_comments=False, include_tables=True, include_formatting=False)
    except Exception:  # a page can break it in ways that nobody listed; the other methods go on
        return ""
    text = _RULE_ROW.sub("", text or "")
    if any(len(row.group()) > _LAYOUT_ROW for row in _TABLE_ROW.finditer(text)):
        return ""  # an old page, laid out by tables: its menu and its text are cells of one row
    return _TABLE_ROW.sub(lambda row: " ".join(row.group(1).split("|")), text)


def _without_tags(body: str) -> str:
    """`articleBody` as text: some sites put escaped HTML there."""
    text = unescape(body) if "&" in body else body
    if "<" in text and _TAG.search(text):
        text = re.sub(r"<[^>]{0,500}>", " ", _BREAK_TAG.sub("\n", text))
    return text


def _by_mark(page: HtmlElement) -> str:
    for path in ("//*[contains(@itemprop, 'articleBody')]", "//article", "//main", "//*[@role='main']"):
        texts = [_block_text(element) for element in page.xpath(path)]
        if text := max(texts, key=len, default=""):
            return text
    return ""


#: So many times in one article are those of its entries.
_ENTRIES: Final = 3


def _live_blog(page: HtmlElement) -> HtmlElement | None:
    """The element of a live blog: an article with the time of each entry. Extractors lose the order of its entries."""
    for article in page.iter("article"):
        times = article.xpath(".//time[not(ancestor::aside or ancestor::nav or ancestor::footer or ancestor::a)]")
        if len(times) >= _ENTRIES and not article.xpath(".//article") and not _is_links(article):
            return article
    return None


def _by_density(page: HtmlElement) -> str:
    """The element with most text of its own: in it directly, or in paragraphs that are its children."""
    best, most = None, 0
    for element in page.iter("div", "td", "section", "article", "center", "body", "font", "span"):
        own = len((element.text or "").strip())
        for child in element:
            if child.tag in ("p", "br", "b", "strong", "i", "em", "font", "span", "blockquote", "h2", "h3"):
                own += _plain_length(child)
            own += len((child.tail or "").strip())
        if own > most:
            best, most = element, own
    return _block_text(best) if best is not None else ""


def _plain_length(element: HtmlElement) -> int:
    linked = sum(len("".join(link.itertext())) for link in element.iter("a"))
    return max(0, len("".join(element.itertext()).strip()) - linked)


def _block_text(element: HtmlElement) -> str:
    return "".join(_pieces(element)).strip()


def _pieces(element: HtmlElement) -> Iterator[str]:
    """The text below an element, a line a block, without what is no text."""
    block = element.tag in _BLOCKS
    if block:
        yield "\n"
    if element.text:
        yield " ".join(element.text.split("\n"))
    for child in element:
        if child.tag == "br":
            yield "\n"
        elif child.tag not in _NO_TEXT:
            yield from _pieces(child)
        if child.tail:
            yield " ".join(child.tail.split("\n"))
    if block:
        yield "\n"


#: How the headers in RELATED begin, as they are written: a cheap look before the key of a text is made.
_HEADER: Final = re.compile(
    r"\s*[^\w\s]{0,3}\s*(?:[اإأ]قر[أا]|قد (?:يعجبك|يهمك)|مقالات|مواضيع|موضوعات|أخبار|اخبار|طالع|شاهد"
    r"|ذات صلة|بیشتر|همچنین|مطالب|خبرهای|بخوانید"
    r"|مزید|یہ بھی|متعلقہ|[Rr]ead|[Rr]elated|You may)"
)
_LINK_SHARE: Final = 0.6


def _drop_related(page: HtmlElement) -> None:
    """Take out blocks of links to other articles: a header such as «اقرأ أيضا» with links behind or below it."""
    headers = [e for e in page.iter(etree.Element) if e.text and len(e.text) < 60 and _HEADER.match(e.text)]
    for element in headers:
        block = element
        while (above := block.getparent()) is not None and _text(above) == _text(element) and above.tag != "body":
            block = above
        if block.getroottree().getroot() is not page or above is None:
            continue
        key = search_key(_text(block))
        if key in RELATED:
            following = block.getnext()
            if following is not None and _is_links(following):
                _drop(following)
                _drop(block)
            elif above.tag not in ("body", "article", "main") and _is_links(above, besides=len(_text(block))):
                _drop(above)
        elif key.startswith(tuple(f"{header} " for header in RELATED)) and _is_links(block, besides=len(element.text)):
            _drop(block)


def _text(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())


def _is_links(element: HtmlElement, besides: int = 0) -> bool:
    whole = len(_text(element)) - besides
    linked = sum(len(_text(link)) for link in element.iter("a"))
    return linked > 0 and linked >= _LINK_SHARE * whole


def _drop(element: HtmlElement) -> None:
    drop_tree: Callable[[], None] = element.drop_tree
    if element.getparent() is not None:
        drop_tree()
