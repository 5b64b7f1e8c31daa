"""What of a source is fetched, run after run: what is new, what changed, what failed; nothing twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from schemas.record import arrow_schema
from schemas.sources import Fetch, Source
from tasks.fetch_source import fetch_source
from tasks.reading_documents import DocumentBatch
from tests.tasks import misbehaving as bad
from tests.tasks.misbehaving import ARABIC, Server, page, serving

MORNING, NOON = "Mon, 20 Oct 2025 08:00:00 +0300", "Mon, 20 Oct 2025 12:00:00 +0300"


class Remembered:
    """The table `fetches`, kept from run to run as a warehouse keeps it."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}

    def __call__(self, query: str, **tables: pa.Table) -> pa.Table:
        fetches = pa.Table.from_pylist(list(self.rows.values()), schema=arrow_schema(Fetch))
        with duckdb.connect() as connection:
            for name, table in {"fetches": fetches, **tables}.items():
                connection.register(name, table)
            return connection.execute(query).to_arrow_table()

    def run(self, source: Source) -> Run:
        """One run to its end, with every batch committed."""
        batches = []
        for batch in fetch_source(source, self):
            assert batch.fetches is not None
            self.rows |= {row["fetch_id"]: row | {"run_id": "r"} for row in batch.fetches.to_pylist()}
            batches.append(batch)
        return Run(batches)


class Run:
    def __init__(self, batches: list[DocumentBatch]) -> None:
        self.documents = [row for batch in batches for row in batch.documents.to_pylist()]
        self.rejected = [rejected.rule for batch in batches for rejected in batch.rejected]
        fetched = [row for batch in batches if batch.fetches is not None for row in batch.fetches.to_pylist()]
        self.outcomes = Counter(row["outcome"] for row in fetched)
        self.rules = {row["rule"] for row in fetched if row["rule"]}

    @property
    def paths(self) -> list[str]:
        return sorted("/" + str(row["uri"]).rpartition("/")[2] for row in self.documents)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def source(kind: str, *where: str, **fetch: Any) -> Source:
    limits = {"delay_seconds": 0, "retries": 0, "allow_private": True, "per_host": 4, **fetch}
    return Source.model_validate({"name": "وكالة", "kind": kind, "where": where, "language": "ar", "fetch": limits})


def feed(*items: tuple[str, str]) -> bad.Reply:
    """A feed of (path, time)."""
    entries = "".join(
        f"<item><title>خبر {path}</title><link>{path}?utm_source=rss</link><pubDate>{when}</pubDate>"
        f"<description>{ARABIC}</description></item>"
        for path, when in items
    )
    return bad.text(f'<rss version="2.0"><channel><title>x</title>{entries}</channel></rss>', "application/rss+xml")


def own_page(request: bad.Handler) -> None:
    request.send(page(request.path * 40))


def test_a_page_is_fetched_when_it_is_listed_and_when_its_list_says_that_it_changed(server: Server) -> None:
    server.replies |= {"/rss": feed(("/a", MORNING), ("/b", MORNING)), "/a": own_page, "/b": own_page}
    wire, remembered = source("feed", f"{server.url}/rss"), Remembered()
    first = remembered.run(wire)
    assert first.paths == ["/a", "/b"]
    said = json.loads(next(row["metadata"] for row in first.documents if row["uri"].endswith("/a")))
    assert said == {
        "charset": "utf-8",
        "language": "ar",
        "published_at": "2025-10-20T05:00:00Z",
        "title": "خبر /a",
        "url": f"{server.url}/a",
    }
    assert remembered.run(wire).paths == []
    server.replies["/rss"] = feed(("/a", NOON), ("/b", MORNING))
    assert remembered.run(wire).paths == ["/a"]
    assert (server.asked["/a"], server.asked["/b"], server.asked["/rss"]) == (2, 1, 3)


def test_full_texts_in_a_feed_are_taken_from_it(server: Server) -> None:
    body = f"<p>{ARABIC * 12}</p>"
    server.replies["/rss"] = bad.text(
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>x</title><link href="/full"/><id>1</id>'
        f'<updated>2025-10-20T10:00:00Z</updated><content type="html"><![CDATA[{body}]]></content></entry></feed>'
    )
    [document] = Remembered().run(source("feed", f"{server.url}/rss")).documents
    assert (document["payload"], document["uri"]) == (body.encode(), f"{server.url}/full")
    assert server.asked["/full"] == 0


def test_sitemaps_below_an_index_are_read_only_where_they_changed(server: Server) -> None:
    def index(changed: str) -> bad.Reply:
        dates = {"/old.xml": "2025-09-01", "/new.xml": changed}
        names = (f"<sitemap><loc>{path}</loc><lastmod>{date}</lastmod></sitemap>" for path, date in dates.items())
        return bad.text(f"<sitemapindex>{''.join(names)}</sitemapindex>")

    def pages(*paths: str) -> bad.Reply:
        return bad.text(f"<urlset>{''.join(f'<url><loc>{path}</loc></url>' for path in paths)}</urlset>")

    server.replies |= {"/s.xml": index("1"), "/old.xml": pages("/a"), "/new.xml": pages("/b")}
    server.replies |= dict.fromkeys(("/a", "/b", "/c"), own_page)
    site, remembered = source("sitemap", f"{server.url}/s.xml"), Remembered()
    assert remembered.run(site).paths == ["/a", "/b"]
    server.replies |= {"/s.xml": index("2"), "/new.xml": pages("/b", "/c")}
    assert remembered.run(site).paths == ["/c"]
    assert (server.asked["/old.xml"], server.asked["/new.xml"]) == (1, 2)


def test_a_sitemap_that_failed_below_an_unchanged_index_is_read_the_next_time(server: Server) -> None:
    index = "<sitemapindex><sitemap><loc>/s.xml</loc><lastmod>1</lastmod></sitemap></sitemapindex>"

    def stamped_index(request: bad.Handler) -> None:
        if request.headers.get("If-None-Match"):
            request.send_response(304)
            request.end_headers()
        else:
            request.send(index.encode(), ETag='"1"')

    listed = bad.text("<urlset><url><loc>/a</loc></url></urlset>")
    server.replies |= {"/i.xml": stamped_index, "/s.xml": bad.busy(1, status=503, then=listed), "/a": own_page}
    site, remembered = source("sitemap", f"{server.url}/i.xml"), Remembered()
    assert [remembered.run(site).paths for _ in range(3)] == [[], ["/a"], []]
    assert server.asked["/s.xml"] == 2


def test_a_list_of_pages_is_asked_each_time_whether_they_changed(server: Server, tmp_path: Any) -> None:
    lines = ["# صفحات", f"{server.url}/a", "", "not an address", f"{server.url}/b", f"{server.url}/a#x"]
    (tmp_path / "pages.txt").write_text("\n".join(lines), encoding="utf-8")
    server.replies |= {"/a": bad.stamped, "/b": bad.missing}
    site, remembered = source("pages", str(tmp_path / "pages.txt")), Remembered()
    first = remembered.run(site)
    assert (first.paths, first.rejected, first.rules) == (["/a"], ["not-an-address"], {"http-404"})
    server.replies["/b"] = own_page
    again = remembered.run(site)
    assert again.paths == ["/b"] and again.outcomes == {"unchanged": 1, "fetched": 1}


def test_what_failed_is_tried_again_though_the_feed_does_not_change(server: Server) -> None:
    server.replies |= {"/rss": feed(("/a", MORNING), ("/gone", MORNING)), "/a": bad.busy(1, status=503)}
    wire, remembered = source("feed", f"{server.url}/rss"), Remembered()
    assert remembered.run(wire).rules == {"http-503", "http-404"}

    def unchanged(request: bad.Handler) -> None:
        request.send_response(304)
        request.end_headers()

    server.replies["/rss"] = unchanged
    [document] = remembered.run(wire).documents
    assert json.loads(document["metadata"])["title"] == "خبر /a", "what the feed said is not forgotten"
    assert (server.asked["/a"], server.asked["/gone"]) == (2, 1), "what is gone is not asked again"


def test_after_five_runs_a_failure_is_left_alone_until_the_page_changes(server: Server) -> None:
    server.replies |= {"/rss": feed(("/a", MORNING)), "/a": bad.busy(99, status=503)}
    wire, remembered = source("feed", f"{server.url}/rss"), Remembered()
    for _ in range(7):
        remembered.run(wire)
    assert server.asked["/a"] == 5
    server.replies |= {"/rss": feed(("/a", NOON)), "/a": own_page}
    assert remembered.run(wire).paths == ["/a"]


def test_a_page_limit_leaves_the_rest_for_the_next_run(server: Server) -> None:
    paths = [f"/{n}" for n in range(5)]
    server.replies |= dict.fromkeys(paths, own_page)
    server.replies["/rss"] = feed(*((path, MORNING) for path in paths))
    wire, remembered = source("feed", f"{server.url}/rss", max_pages=2), Remembered()
    assert [len(remembered.run(wire).paths) for _ in range(4)] == [2, 2, 1, 0]


def test_the_same_bytes_at_two_addresses_are_two_documents(server: Server) -> None:
    server.replies |= {"/rss": feed(("/a", MORNING), ("/b", MORNING)), "/a": bad.good, "/b": bad.good}
    found = Remembered().run(source("feed", f"{server.url}/rss"))
    assert len({row["document_id"] for row in found.documents}) == 2
