"""Lists of articles: RSS and Atom feeds, news sitemaps. Each entry says where a page is, and what is known of it.

A feed of full texts carries its articles along; of others only the addresses count, and the pages are fetched by
`tasks/fetch_source.py`. Read as a plain file, with nothing to be fetched, a feed gives what text it has.
"""

from __future__ import annotations

import gzip
import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import feedparser
from lxml import etree, html

from tasks.reading_contract import Contract
from tasks.reading_documents import DOCUMENT_LIMIT, Document, InputFile, write_metadata
from tasks.stage import Rejected

#: A report of an agency has three sentences of 200 letters at least; a summary has one or two.
FULL_TEXT_CHARACTERS: Final = 600
#: What addresses carry only so that visits can be counted.
_COUNTERS: Final = re.compile(r"utm_\w+|at_(?:medium|campaign)|fbclid|gclid|yclid|ocid")
_GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as a list has it: its page's address, what is said of it, and the text where that is there."""

    url: str | None
    facts: dict[str, object] = field(default_factory=dict)
    #: When the list says that the page was last changed, or else published; only compared for being the same.
    listed_at: str | None = None
    #: The text as a piece of HTML, and whether it is the whole article.
    text: str | None = None
    complete: bool = False

    def metadata(self, language: str | None = None) -> str | None:
        """What is known beside the page, as `raw_documents.metadata` holds it."""
        return write_metadata({"language": language, **self.facts, "url": self.url})


@dataclass(frozen=True, slots=True)
class Listing:
    """What a feed or sitemap holds: entries, and for an index the sitemaps that it names, with their dates.

    `fault` says what is wrong with it; what could be read before stays.
    """

    entries: tuple[Entry, ...] = ()
    lists: tuple[tuple[str, str | None], ...] = ()
    fault: str | None = None
    kind: str = "feed"


def parse_list(payload: bytes, base: str | None = None) -> Listing:
    """Read a feed or a sitemap, also gzipped (as many sitemaps are, whatever their server calls them)."""
    if payload.startswith(_GZIP):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(payload)) as packed:
                payload = packed.read(DOCUMENT_LIMIT + 1)
        except (OSError, EOFError) as failure:
            return Listing(fault=f"it is damaged: {failure}")
        if len(payload) > DOCUMENT_LIMIT:
            return Listing(fault=f"it unfolds to more than {DOCUMENT_LIMIT:,} bytes")
    if re.search(rb"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]", payload[:4096]):
        return _parse_sitemap(payload, base)
    return _parse_feed(payload, base)


def _parse_sitemap(payload: bytes, base: str | None) -> Listing:
    entries: list[Entry] = []
    lists: list[tuple[str, str | None]] = []
    fault = None
    # No entities, no network, no trees of a million branches: a sitemap comes from strangers.
    events = etree.iterparse(io.BytesIO(payload), events=("end",), resolve_entities=False, no_network=True)
    try:
        for _, element in events:
            name = _local(element)
            if name in ("url", "sitemap"):
                said = {_local(child): (child.text or "").strip() for child in element.iter() if child.text}
                address = clean_address(said.get("loc"), base)
                if name == "sitemap" and address:
                    lists.append((address, said.get("lastmod")))
                elif address:
                    facts = {"title": said.get("title"), "published_at": said.get("publication_date")}
                    listed_at = said.get("lastmod") or said.get("publication_date")
                    entries.append(Entry(address, {k: v for k, v in facts.items() if v}, listed_at))
                element.clear()
    except etree.XMLSyntaxError as failure:
        fault = f"it is damaged: {failure.msg}"
    return Listing(tuple(entries), tuple(lists), fault, "sitemap")


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _parse_feed(payload: bytes, base: str | None) -> Listing:
    headers = {"content-location": base} if base else {}
    # A stream, since feedparser takes a short string for an address or a file name. Texts stay as they came.
    feed = feedparser.parse(io.BytesIO(payload), sanitize_html=False, response_headers=headers)
    entries = tuple(_entry(entry, base) for entry in feed.entries)
    if not feed.get("version") and not entries:
        return Listing(fault="it is neither a feed (RSS, Atom) nor a sitemap")
    broken = feed.get("bozo_exception") if feed.bozo else None
    # Feeds with a wrong charset or type are read all the same; only broken XML may have cost entries.
    fault = f"it is damaged: {_said(broken)}" if type(broken).__name__ == "SAXParseException" else None
    return Listing(entries, (), fault)


def _said(failure: object) -> str:
    return str(getattr(failure, "getMessage", lambda: failure)())


def _entry(entry: Any, base: str | None) -> Entry:
    url = clean_address(entry.get("link"), base)
    summary = str(entry.get("summary") or "")
    content = max((str(part.get("value") or "") for part in entry.get("content", [])), key=len, default="")
    text = content if len(content) >= len(summary) else summary
    identifier = str(entry.get("id") or "") or None
    facts: dict[str, object] = {
        "title": _plain(str(entry.get("title") or "")) or None,
        "author": str(entry.get("author") or "") or None,
        "published_at": _when(entry, "published") or _when(entry, "updated"),
        "feed_id" if url else "id": identifier,
        "tags": [str(tag.term) for tag in entry.get("tags", []) if tag.get("term")],
    }
    return Entry(
        url,
        {key: value for key, value in facts.items() if value},
        _when(entry, "updated") or _when(entry, "published"),
        text if text.strip() else None,
        complete=bool(content) and len(_plain(text)) >= FULL_TEXT_CHARACTERS,
    )


def _when(entry: Any, name: str) -> str | None:
    """A time of a feed as ISO 8601, as written where it is of no form that feedparser knows."""
    if name not in entry:  # asked for a missing one, feedparser answers with another and a warning
        return None
    written, parsed = entry.get(name), entry.get(f"{name}_parsed")
    if not written or not parsed:
        return str(written).strip() or None if written else None
    # A day alone must not become the first second of it.
    return time.strftime("%Y-%m-%dT%H:%M:%SZ" if ":" in str(written) else "%Y-%m-%d", parsed)


def _plain(fragment: str) -> str:
    """The words of a piece of HTML, for a title or a length."""
    if "<" not in fragment and "&" not in fragment:
        return fragment.strip()
    try:
        return " ".join(str(html.fromstring(f"<div>{fragment}</div>").text_content()).split())
    except (etree.ParserError, ValueError):
        return fragment.strip()


def clean_address(address: object, base: str | None = None) -> str | None:
    """An http address without fragment and visit counters; None for anything else."""
    if not isinstance(address, str) or not address.strip():
        return None
    try:
        parts = urlsplit(urljoin(base or "", address.strip()))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        query = parts.query
        if _COUNTERS.search(query):
            kept = [(k, v) for k, v in parse_qsl(query, keep_blank_values=True) if not _COUNTERS.fullmatch(k)]
            query = urlencode(kept)
    except ValueError:
        return None
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", query, ""))


def read_list(file: InputFile, stream: BinaryIO, kind: str, contract: Contract) -> Iterator[Document | Rejected]:
    """A feed in a file: its entries, with the text that they carry. Nothing is fetched."""
    payload = stream.read(DOCUMENT_LIMIT + 1)
    if len(payload) > DOCUMENT_LIMIT:
        error = f"{file.name} is larger than {DOCUMENT_LIMIT:,} bytes, the limit for one feed. Split it."
        yield file.refuse("list-too-long", error, payload)
        return
    listing = parse_list(payload)
    for entry in listing.entries if listing.kind == "feed" else ():
        yield entry_document(file, entry, contract.source.language if contract.source else None)
    if listing.kind == "sitemap" and not listing.fault:
        pages = len(listing.entries) or len(listing.lists)
        error = (
            f"{file.name} is a sitemap: it names {pages:,} pages and holds no article. Declare it in sources.yml as a "
            "source of kind `sitemap`, then fetch its pages: rasad run --source NAME"
        )
        yield file.refuse("sitemap-without-texts", error, payload)
    elif listing.fault:
        rule = "not-a-feed" if "neither" in listing.fault else "damaged-list"
        error = f"{file.name}: {listing.fault}. What could be read of it was read. Save it from its address again."
        yield file.refuse(rule, error, payload)


def entry_document(file: InputFile, entry: Entry, language: str | None) -> Document | Rejected:
    """What a feed's entry says by itself, as a document; the page at its address would say it in full."""
    known = str(entry.url or entry.facts.get("feed_id") or entry.facts.get("id") or "")
    uri = f"{file.name}#{known}"
    if entry.text is None:
        error = f"{uri}: the entry has no text. Declare the feed as a source, and its pages are fetched."
        return file.refuse_part("entry-without-text", error, uri, repr(entry).encode())
    said = entry.metadata(language)
    return Document(
        entry.url or uri, file.changed_at(), "text/html", entry.text.encode("utf-8", "replace"), said, known
    )
