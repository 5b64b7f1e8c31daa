"""What a page says of its article outside its text: JSON-LD, Open Graph and other meta elements, `<time>`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from tasks.ingest_dates import PublishedMethod
from tasks.ingest_furniture_patterns import BYLINE
from tasks.normalize import clean_line

#: Meta elements, the most reliable first; names are compared in small letters.
_TITLE_META: Final = ("og:title", "twitter:title", "dc.title", "dcterms.title", "headline")
_AUTHOR_META: Final = ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author")
_DATE_META: Final = (
    "article:published_time", "og:published_time", "datepublished", "parsely-pub-date", "publishdate", "pubdate",
    "publish_date", "dcterms.created", "dc.date.issued", "dcterms.issued", "dc.date", "sailthru.date",
    "article.published", "cxenseparse:recs:publishtime", "date",
)  # fmt: skip
#: «Headline | Site», «Headline - Site»: the last part of a `<title>` is the site's name if it is this short.
_SITE_NAME: Final = re.compile(r"\s+[|\-–—»•:]+\s+[^|\-–—»•:]{2,40}$")
#: Where pages show a date that no element marks as one.
_DATE_CLASSES: Final = ("date", "time", "publish", "tarikh")
_DATE_TEXT: Final = 100
_LABELLED: Final = re.compile(
    r"\s*(?:تاريخ النشر|نُ?شر(?:ت)? في|تم النشر|تاریخ انتشار|زمان انتشار|تاریخ اشاعت|شائع شدہ|Published)"
)
_MANY: Final = 12
#: Around an article, and links to others.
_BESIDE: Final = "ancestor::aside | ancestor::nav | ancestor::footer | ancestor::a"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the page says; `dates` are the candidates for the time of publication, the most reliable first."""

    title: str | None = None
    title_method: str = "none"
    author: str | None = None
    url: str | None = None
    language: str | None = None
    body: str | None = None
    dates: tuple[tuple[str, PublishedMethod], ...] = ()
    #: Where there are none: short pieces of the page with digits, one of which may be a date that nothing marks.
    unmarked: tuple[str, ...] = ()


def read_metadata(page: HtmlElement, uri: str) -> Metadata:
    """Read a page's metadata; `uri` is where it was fetched, the base of relative addresses."""
    articles = list(_linked_data(page))
    meta = _meta(page)
    title, title_method = _title(page, articles, meta)
    dates = tuple(_dates(page, articles, meta))
    return Metadata(
        title=title,
        title_method=title_method,
        author=_author(page, articles, meta),
        url=_address(page, articles, meta, uri),
        language=clean_line(page.get("lang") or "") or None,
        body=_article_body(articles),
        dates=dates,
        unmarked=() if dates else tuple(_unmarked(page)),
    )


def _linked_data(page: HtmlElement) -> Iterator[dict[str, object]]:
    """The JSON-LD objects that are articles, the most telling types first."""
    found: list[dict[str, object]] = []
    for script in page.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        # Pages write line breaks into strings, and wrap the script in comments of other languages.
        written = script.text.strip().removeprefix("<!--").removesuffix("-->").strip()
        written = written.removeprefix("//<![CDATA[").removesuffix("//]]>").strip().rstrip(";")
        try:
            found.extend(_objects(json.loads(written, strict=False)))
        except (ValueError, RecursionError):
            continue
    yield from sorted((o for o in found if _is_article(o)), key=lambda o: "NewsArticle" not in str(o.get("@type")))


def _objects(value: object, depth: int = 0) -> Iterator[dict[str, object]]:
    if isinstance(value, list):
        for item in value[:50]:
            yield from _objects(item, depth + 1)
    elif isinstance(value, dict) and depth < 6:
        yield value
        for key in ("@graph", "mainEntity", "liveBlogUpdate"):
            if key in value:
                yield from _objects(value[key], depth + 1)


def _is_article(item: dict[str, object]) -> bool:
    kinds = item.get("@type")
    return any(
        isinstance(kind, str) and kind.endswith(("Article", "Posting", "Report"))
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _string(value: object) -> str | None:
    """A text of JSON-LD: itself, or the name or address of the object that stands for it."""
    if isinstance(value, list):
        return _string(value[0]) if value else None
    if isinstance(value, dict):
        return _string(value.get("name") or value.get("@id") or value.get("url"))
    return clean_line(unescape(value)) or None if isinstance(value, str) else None


def _meta(page: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in page.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = clean_line(element.get("content") or "")
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _title(page: HtmlElement, articles: list[dict[str, object]], meta: dict[str, str]) -> tuple[str | None, str]:
    for article in articles:
        if title := _string(article.get("headline")):
            return title, "json-ld"
    headings = [clean_line(h.text_content()) for h in page.iter("h1")]
    for name in _TITLE_META:
        if name in meta:
            # «گزارش تصویری | جشنواره انار»: what stands in a heading too is no site's name.
            return meta[name] if meta[name] in headings else _SITE_NAME.sub("", meta[name]), "meta"
    if len(found := [heading for heading in headings if heading]) == 1:
        return found[0], "heading"
    element = page.find(".//title")
    title = _SITE_NAME.sub("", clean_line(element.text_content())) if element is not None else ""
    return (title, "title-element") if title else (found[0], "heading") if found else (None, "none")


def _author(page: HtmlElement, articles: list[dict[str, object]], meta: dict[str, str]) -> str | None:
    for article in articles:
        written = article.get("author")
        names = [_string(item) for item in (written if isinstance(written, list) else [written])]
        if known := [name for name in names if name and not _is_address(name)]:
            return ", ".join(dict.fromkeys(known))
    for name in _AUTHOR_META:
        if name in meta and not _is_address(meta[name]):
            return meta[name]
    for element in page.xpath("//*[@rel='author' or @itemprop='author'][position() <= 3]"):
        if (name := clean_line(element.text_content())) and len(name) <= 80:
            return name
    for element in page.xpath("//*[contains(@class, 'author') or contains(@class, 'byline')]")[:_MANY]:
        if byline := BYLINE.fullmatch(clean_line(element.text_content())):
            return byline[1]
    return None


def _is_address(text: str) -> bool:
    return "://" in text or text.startswith(("www.", "@"))


def _address(page: HtmlElement, articles: list[dict[str, object]], meta: dict[str, str], uri: str) -> str | None:
    """The page's canonical address. One that names the site's front page is a mistake of the site's."""
    given = [link.get("href") for link in page.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    given += [meta.get("og:url")]
    given += [_string(article.get(key)) for article in articles for key in ("mainEntityOfPage", "url")]
    fetched = uri if uri.startswith(("http://", "https://")) else None
    for address in [*given, fetched]:
        try:
            absolute = urljoin(fetched or "", clean_line(address or ""))
            parts = urlsplit(absolute)
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.netloc and (parts.path.strip("/") or parts.query):
            return absolute.partition("#")[0]
    return fetched


def _article_body(articles: list[dict[str, object]]) -> str | None:
    bodies = [body for article in articles if isinstance(body := article.get("articleBody"), str) and body.strip()]
    live = [a for a in articles if "BlogPosting" in str(a.get("@type")) and "articleBody" in a]
    if len(live) > 1 and len(live) == len(bodies):  # a live blog: one posting an entry
        return "\n".join(dict.fromkeys(bodies))
    return max(bodies, key=len, default=None)


def _dates(
    page: HtmlElement, articles: list[dict[str, object]], meta: dict[str, str]
) -> Iterator[tuple[str, PublishedMethod]]:
    for article in articles:
        for key in ("datePublished", "dateCreated"):
            if value := _string(article.get(key)):
                yield value, "json-ld"
    for name in _DATE_META:
        if name in meta:
            yield meta[name], "meta"
    for element in page.xpath("//*[@itemprop='datePublished' or @pubdate]")[:_MANY]:
        yield element.get("datetime") or element.get("content") or element.text_content(), "time-element"
    for element in page.xpath("//article//time | //main//time | //header//time | //time")[:_MANY]:
        if not element.xpath("ancestor::aside | ancestor::nav | ancestor::footer"):
            yield element.get("datetime") or element.text_content(), "time-element"
    marked = " or ".join(f"contains(@class, '{name}')" for name in _DATE_CLASSES)
    for element in page.xpath(f"//*[(self::span or self::div or self::p or self::li) and ({marked})]")[:_MANY]:
        text = clean_line(element.text_content())
        if 8 <= len(text) <= _DATE_TEXT and not element.xpath("ancestor::aside | ancestor::nav | ancestor::footer"):
            yield text, "text"
    for element in page.iter(etree.Element):
        if element.text and len(element.text) <= _DATE_TEXT and _LABELLED.match(element.text):
            yield clean_line(element.text_content())[:_DATE_TEXT], "text"


def _unmarked(page: HtmlElement) -> Iterator[str]:
    for element in page.iter("td", "font", "span", "div", "p", "b", "strong", "center", "small", "i", "em"):
        written = str(element.text_content()) if len(element) <= 1 else ""
        if 8 <= len(written) <= 2 * _DATE_TEXT and any(map(str.isdigit, written)):
            text = clean_line(written)
            if len(text) <= _DATE_TEXT and not element.xpath(_BESIDE):
                yield text
