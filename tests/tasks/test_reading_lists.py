"""Feeds and sitemaps: what they say of each page arrives, what is no list is named."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tasks.ingest_metadata import with_metadata
from tasks.reading_documents import DOCUMENT_LIMIT
from tasks.reading_lists import clean_address, parse_list
from tests.tasks.files import ARABIC, PERSIAN, read_file, read_payload, write

FEED = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>وكالة</title>
<item><title>زيارة &amp; لقاء</title><link>https://example.org/a/1?utm_source=rss&amp;id=5#top</link><guid>tag:1</guid>
<pubDate>Mon, 20 Oct 2025 17:30:00 +0300</pubDate><description>{ARABIC}</description><category>سياسة</category>
<content:encoded><![CDATA[<p>{ARABIC * 20}</p><script>x</script>]]></content:encoded></item>
<item><title>دیدار</title><link>/b/2</link><pubDate>20 Oct 2025</pubDate><description>{PERSIAN}</description></item>
<item><title>بی متن</title><link>https://example.org/c</link></item>
</channel></rss>"""


def test_a_feed_says_what_it_knows_of_each_page() -> None:
    listing = parse_list(FEED.encode(), "https://example.org/rss")
    assert listing.fault is None
    one, two, three = listing.entries
    assert (one.url, one.complete, one.listed_at) == ("https://example.org/a/1?id=5", True, "2025-10-20T14:30:00Z")
    assert one.facts == {
        "title": "زيارة & لقاء",
        "published_at": "2025-10-20T14:30:00Z",
        "feed_id": "tag:1",
        "tags": ["سياسة"],
    }
    assert one.text and one.text.endswith("<script>x</script>"), "the text is kept as it came"
    assert (two.url, two.complete, two.text) == ("https://example.org/b/2", False, PERSIAN)
    assert two.facts["published_at"] == "2025-10-20", "a day is no midnight"
    assert (three.text, three.complete) == (None, False)


def test_a_feed_in_a_file_gives_the_text_it_has(tmp_path: Path) -> None:
    file = write(tmp_path / "rss.xml", FEED.replace("<link>/b", "<link>https://example.org/b"))
    rows, rejected, _ = read_file(file)
    assert [row["uri"] for row in rows] == ["https://example.org/a/1?id=5", "https://example.org/b/2"]
    assert {row["media_type"] for row in rows} == {"text/html"}
    assert [r.rule for r in rejected] == ["entry-without-text"]
    facts = with_metadata(read_payload(PERSIAN.encode(), "text/html"), str(rows[1]["metadata"]))
    assert (facts.url, facts.title, facts.title_method) == ("https://example.org/b/2", "دیدار", "record")
    assert facts.published.at == datetime(2025, 10, 20, tzinfo=UTC) and facts.published.precision == "day"


def test_a_date_of_a_feed_that_nobody_can_read_is_no_reason_to_lose_the_article() -> None:
    facts = with_metadata(read_payload(PERSIAN.encode(), "text/plain"), '{"published_at": "soon", "tags": ["a"]}')
    assert (facts.published.at, facts.published.reason) == (None, "unreadable-date")
    assert facts.extra == '{"tags": ["a"]}'


def test_a_feed_that_breaks_off_keeps_what_was_read(tmp_path: Path) -> None:
    file = write(tmp_path / "rss.xml", FEED[: FEED.index("<item><title>بی")])
    rows, rejected, _ = read_file(file)
    assert len(rows) >= 1 and [r.rule for r in rejected if r.uri == str(file)] == ["damaged-list"]


@pytest.mark.parametrize("content", ["<html><body>404</body></html>", "<config/>", "", "لا شيء"])
def test_other_xml_is_no_feed(tmp_path: Path, content: str) -> None:
    rows, rejected, _ = read_file(write(tmp_path / "a.xml", content))
    assert rows == [] and [r.rule for r in rejected] == ["not-a-feed"]


SITEMAP = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://example.org/1</loc><lastmod>2025-10-20T10:00:00Z</lastmod><news:news><news:publication><news:name>و
</news:name></news:publication><news:publication_date>2025-10-20</news:publication_date><news:title>لقاء في مسقط
</news:title></news:news></url><url><loc>&e;</loc></url><url><loc>javascript:alert(1)</loc></url></urlset>"""


def test_a_news_sitemap_says_what_it_knows_and_reads_no_file_of_ours(tmp_path: Path) -> None:
    for payload in (SITEMAP.encode(), gzip.compress(SITEMAP.encode())):
        [entry] = parse_list(payload).entries
        assert entry.url == "https://example.org/1" and entry.listed_at == "2025-10-20T10:00:00Z"
        assert entry.facts == {"title": "لقاء في مسقط", "published_at": "2025-10-20"}
    _, [fault], _ = read_file(write(tmp_path / "sitemap.xml", SITEMAP))
    assert fault.rule == "sitemap-without-texts" and "1 pages" in fault.error


def test_an_index_names_its_sitemaps() -> None:
    index = "<sitemapindex><sitemap><loc>/s1.xml.gz</loc><lastmod>2025-10-20</lastmod></sitemap></sitemapindex>"
    listing = parse_list(index.encode(), "https://example.org/sitemap.xml")
    assert listing.lists == (("https://example.org/s1.xml.gz", "2025-10-20"),)


def test_a_packed_sitemap_that_unfolds_without_end_is_refused() -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * (DOCUMENT_LIMIT + 1))
    assert "unfolds to more" in str(parse_list(bomb).fault)


@pytest.mark.parametrize(
    ("address", "clean"),
    [
        ("HTTPS://Example.ORG", "https://example.org/"),
        ("https://example.org/خبر/۱?a=1&fbclid=x&b=", "https://example.org/خبر/۱?a=1&b="),
        ("ftp://example.org/", None),
        ("http://[::1", None),
        (None, None),
    ],
)
def test_addresses_lose_what_only_counts_visits(address: str | None, clean: str | None) -> None:
    assert clean_address(address) == clean
