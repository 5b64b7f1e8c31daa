"""Tables, feeds, sitemaps and web archives as files: what they hold arrives, what is broken is named."""

from __future__ import annotations

import gzip
import io
import json
import os
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from schemas.errors import SourceChanged
from schemas.sources import Source
from tasks.ingest_metadata import with_metadata
from tasks.ingest_record import Document, Facts, read_document
from tasks.reading import read_documents
from tasks.reading_documents import DOCUMENT_LIMIT, UNPACKED_FREE
from tasks.reading_lists import clean_address, parse_list
from tasks.stage import Rejected

ARABIC = "زار وزير الخارجية مسقط، والتقى نظيره العُماني."
FETCHED = datetime(2025, 11, 1, tzinfo=UTC)
PERSIAN = "وزیر امور خارجه به مسقط سفر کرد؛ این دومین دیدار او در ماه گذشته بود."


def read_payload(payload: bytes, media_type: str) -> Facts:
    return read_document(Document(payload, media_type, "https://news.example/1", FETCHED))


def read(path: Path, **source: object) -> tuple[list[dict[str, object]], list[Rejected], dict[str, int]]:
    declared = Source.model_validate({"name": "صحيفة", "kind": "export", "where": "x", **source}) if source else None
    rows: list[dict[str, object]] = []
    rejected: list[Rejected] = []
    passed: dict[str, int] = {}
    for batch in read_documents([path], declared):
        rows += batch.documents.to_pylist()
        rejected += batch.rejected
        passed |= batch.passed
    return rows, rejected, passed


def records(rows: list[dict[str, object]]) -> list[object]:
    return [json.loads(bytes(row["payload"])) for row in rows if isinstance(row["payload"], bytes)]


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_is_read_row_by_row_with_texts_over_several_lines(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    lines = [
        separator.join(("id", "title", "text", "قسم")),
        separator.join(("1", '"قال: ""نعم""' + separator + ' ثم رحل"', f'"{ARABIC}\r\n\r\nالفقرة الثانية"', "سياسة")),
        separator.join(("2", "", PERSIAN, "")),
        "",
    ]
    file = write(tmp_path / "أخبار.csv", "\r\n".join(lines).encode(encoding))
    rows, rejected, _ = read(file)
    assert rejected == []
    assert records(rows) == [
        {
            "id": "1",
            "title": f'قال: "نعم"{separator} ثم رحل',
            "text": f"{ARABIC}\r\n\r\nالفقرة الثانية",
            "قسم": "سياسة",
        },
        {"id": "2", "text": PERSIAN},
    ]
    assert [row["uri"] for row in rows] == [f"{file}#L2", f"{file}#L5"]
    assert {row["media_type"] for row in rows} == {"application/json"}


def test_columns_are_mapped_and_an_old_encoding_is_declared(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.csv", f"no;العنوان;body;text\n7;خبر عاجل;{ARABIC};وكالة\n".encode("windows-1256", "ignore")
    )
    columns = {"id": "no", "title": "العنوان", "text": "body"}
    rows, rejected, _ = read(file, columns=columns, encoding="windows-1256", language="ar")
    assert rejected == []
    [record] = records(rows)
    assert record == {"id": "7", "title": "خبر عاجل", "text": ARABIC, "text_unmapped": "وكالة"}
    assert rows[0]["source"] == "صحيفة"
    facts = with_metadata(read_payload(json.dumps(record).encode(), "application/json"), str(rows[0]["metadata"]))
    assert facts.declared_language == "ar"


def test_bad_rows_of_a_table_cost_no_other(tmp_path: Path) -> None:
    good = f"1,{ARABIC}\n".encode()
    bad = b"2," + "خبر".encode("windows-1256") + b"\n"
    file = write(tmp_path / "a.csv", b"id,text\n" + good + bad + b"3,a,b\n" + f"4,{PERSIAN}\n".encode())
    rows, rejected, _ = read(file)
    assert [record["id"] for record in records(rows)] == ["1", "4"]  # type: ignore[index]
    assert [(r.rule, r.uri) for r in rejected] == [
        ("invalid-encoding", f"{file}#L3"),
        ("wrong-number-of-cells", f"{file}#L4"),
    ]
    assert "windows-1256" in rejected[0].error
    assert rejected[0].payload == b"2\t" + "خبر".encode("windows-1256")


def test_a_table_that_breaks_off_inside_a_quote_is_named_with_its_line(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", f'text\n{ARABIC}\n"{PERSIAN}\n')
    rows, [fault], _ = read(file)
    assert len(rows) == 1
    assert fault.rule == "damaged-table" and "line 3" in fault.error


def test_a_table_without_a_text_names_its_columns(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "headline,body\nx,y\n")
    pq.write_table(pa.table({"headline": ["x"], "body": ["y"]}), tmp_path / "b.parquet")
    rows, rejected, _ = read(tmp_path)
    assert rows == []
    assert [r.rule for r in rejected] == ["missing-column"] * 2
    assert all("`headline`, `body`" in r.error and "columns: {text: COLUMN}" in r.error for r in rejected)
    _, [fault], _ = read(tmp_path / "a.csv", columns={"text": "content"})
    assert "`content`" in fault.error


def test_parquet_values_become_json(tmp_path: Path) -> None:
    zone = timezone(timedelta(hours=3))
    table = pa.table(
        {
            "id": pa.array([1, 2]),
            "text": [ARABIC, PERSIAN],
            "published_at": pa.array([datetime(2025, 5, 1, 12, tzinfo=zone), None], pa.timestamp("us", "Asia/Riyadh")),
            "tags": pa.array([["سياسة"], []]),
            "score": pa.array([0.5, float("nan")]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    rows, rejected, _ = read(tmp_path / "a.parquet")
    assert rejected == []
    assert records(rows) == [
        {"id": 1, "text": ARABIC, "published_at": "2025-05-01T09:00:00Z", "tags": ["سياسة"], "score": 0.5},
        {"id": 2, "text": PERSIAN, "tags": []},
    ]
    assert [row["uri"] for row in rows] == [f"{tmp_path / 'a.parquet'}#R1", f"{tmp_path / 'a.parquet'}#R2"]


def test_the_same_row_is_the_same_document_in_any_kind_of_table(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", f"id,text\nn1,{ARABIC}\n")
    write(tmp_path / "b.tsv", f"id\ttext\nn1\t{ARABIC}\n")
    pq.write_table(pa.table({"id": ["n1"], "text": [ARABIC]}), tmp_path / "c.parquet")
    rows, _, _ = read(tmp_path)
    assert [row["uri"] for row in rows] == [f"{tmp_path / 'a.csv'}#L2"]


def test_a_damaged_parquet_file_is_rejected_and_its_neighbour_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": [ARABIC] * 10}), tmp_path / "a.parquet")
    write(tmp_path / "a.parquet", (tmp_path / "a.parquet").read_bytes()[:-30])
    write(tmp_path / "b.txt", PERSIAN)
    rows, rejected, _ = read(tmp_path)
    assert [row["uri"] for row in rows] == [str(tmp_path / "b.txt")]
    assert [r.rule for r in rejected] == ["damaged-table"]


def contracted(tmp_path: Path, mode: str) -> tuple[list[object], list[str], dict[str, int]]:
    lines = [
        {"id": 1, "text": ARABIC, "mood": "calm"},
        {"id": 2, "text": PERSIAN, "author": ["سعاد"]},
        {"id": 3, "text": ARABIC, "desk": "سياسة"},
    ]
    file = write(tmp_path / "a.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    rows, rejected, passed = read(file, contract=mode, extra_keys=["desk"])
    return records(rows), [r.rule for r in rejected], passed


def test_contract_evolve_takes_what_comes(tmp_path: Path) -> None:
    taken, rejected, _ = contracted(tmp_path, "evolve")
    assert len(taken) == 3 and rejected == []


def test_contract_discard_row_rejects_what_is_not_expected(tmp_path: Path) -> None:
    taken, rejected, _ = contracted(tmp_path, "discard_row")
    assert taken == [{"id": 3, "text": ARABIC, "desk": "سياسة"}]
    assert rejected == ["unexpected-key", "unexpected-type"]


def test_contract_discard_value_leaves_out_and_counts(tmp_path: Path) -> None:
    taken, rejected, passed = contracted(tmp_path, "discard_value")
    assert taken == [{"id": 1, "text": ARABIC}, {"id": 2, "text": PERSIAN}, {"id": 3, "text": ARABIC, "desk": "سياسة"}]
    assert rejected == []
    assert passed == {
        "values of mood, left out by the contract": 1,
        "values of author, left out by the contract": 1,
    }


def test_contract_freeze_ends_the_run_and_names_the_key_and_line(tmp_path: Path) -> None:
    with pytest.raises(SourceChanged, match=r"`mood` is not expected.*a\.jsonl#L1.*extra_keys"):
        contracted(tmp_path, "freeze")


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
    rows, rejected, _ = read(file)
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
    rows, rejected, _ = read(file)
    assert len(rows) >= 1 and [r.rule for r in rejected if r.uri == str(file)] == ["damaged-list"]


@pytest.mark.parametrize("content", ["<html><body>404</body></html>", "<config/>", "", "لا شيء"])
def test_other_xml_is_no_feed(tmp_path: Path, content: str) -> None:
    rows, rejected, _ = read(write(tmp_path / "a.xml", content))
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
    _, [fault], _ = read(write(tmp_path / "sitemap.xml", SITEMAP))
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


PAGE = f"<html><head><title>لقاء</title></head><body><p>{ARABIC}</p></body></html>"


def archive(path: Path, pages: int = 3, body: bytes = PAGE.encode(), packed: bool = True, **headers: str) -> Path:
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=packed)
        writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "test"}))
        for number in range(pages):
            payload = body if "coding" in headers else body + str(number).encode()
            fields = [("Content-Type", headers.get("kind", "text/html; charset=UTF-8"))]
            if "coding" in headers:
                fields.append(("Content-Encoding", headers["coding"]))
            writer.write_record(
                writer.create_warc_record(
                    f"https://example.org/{number}",
                    "response",
                    payload=io.BytesIO(payload),
                    length=len(payload),
                    http_headers=StatusAndHeaders(headers.get("status", "200 OK"), fields, protocol="HTTP/1.1"),
                    warc_headers_dict={"WARC-Date": f"2025-10-20T10:00:0{number}Z"},
                )
            )
    return path


@pytest.mark.parametrize("packed", [True, False])
def test_each_page_of_an_archive_is_a_document_with_its_own_address_and_time(tmp_path: Path, packed: bool) -> None:
    file = archive(tmp_path / ("a.warc.gz" if packed else "a.warc"), packed=packed)
    rows, rejected, _ = read(file)
    assert rejected == []
    assert [row["uri"] for row in rows] == [f"https://example.org/{n}" for n in range(3)]
    assert [row["fetched_at"] for row in rows] == [datetime(2025, 10, 20, 10, 0, n, tzinfo=UTC) for n in range(3)]
    assert [row["payload"] for row in rows] == [PAGE.encode() + str(n).encode() for n in range(3)]
    said = json.loads(str(rows[1]["metadata"]))
    assert said == {"archive": f"{file}#3", "charset": "UTF-8", "url": "https://example.org/1"}


def test_pages_of_an_archive_are_unpacked_and_what_is_no_page_is_counted(tmp_path: Path) -> None:
    archive(tmp_path / "a.warc.gz", pages=1, body=gzip.compress(PAGE.encode()), coding="gzip")
    archive(tmp_path / "b.warc.gz", kind="image/png")
    archive(tmp_path / "c.warc.gz", pages=2, status="404 Not Found")
    rows, rejected, passed = read(tmp_path)
    assert [row["payload"] for row in rows] == [PAGE.encode()] and rejected == []
    assert passed == {"archive records of type image/png": 3, "archive records with status 404": 2}


@pytest.mark.parametrize(("packed", "lost"), [(True, 40), (True, 300), (False, 1), (False, 300)])
def test_an_archive_that_breaks_off_keeps_what_came_before(tmp_path: Path, packed: bool, lost: int) -> None:
    whole = archive(tmp_path / "whole", body=os.urandom(2_000).hex().encode(), packed=packed).read_bytes()
    # An unpacked record ends with two line ends, which it can do without.
    file = write(tmp_path / ("a.warc.gz" if packed else "a.warc"), whole[: -lost - 4])
    rows, rejected, _ = read(file)
    assert [r.rule for r in rejected] == ["damaged-archive"]
    assert "after record 3" in rejected[0].error and len(rows) == 2


@pytest.mark.parametrize("content", [b"", b"nothing", gzip.compress(b"nothing"), bytes(range(256)) * 2])
def test_what_is_no_archive_is_told(tmp_path: Path, content: bytes) -> None:
    rows, rejected, _ = read(write(tmp_path / "a.warc.gz", content))
    assert rows == [] and [r.rule for r in rejected] == ["damaged-archive"]


def test_a_page_of_an_archive_that_unfolds_without_end_is_rejected_alone(tmp_path: Path) -> None:
    archive(tmp_path / "a.warc.gz", pages=1, body=gzip.compress(b" " * (DOCUMENT_LIMIT * 3)), coding="gzip")
    archive(tmp_path / "b.warc.gz", pages=1)
    tracemalloc.start()
    rows, rejected, _ = read(tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(rows) == 1 and [r.rule for r in rejected] == ["page-too-long"]
    assert peak < 3.5 * DOCUMENT_LIMIT


def test_a_gzip_bomb_is_not_unfolded_to_its_end(tmp_path: Path) -> None:
    bomb = gzip.compress(b"0" * 2**20, 9)
    with (tmp_path / "a.jsonl.gz").open("wb") as stream:
        for _ in range(UNPACKED_FREE // 2**20 + 2):
            stream.write(bomb)
    write(tmp_path / "b.txt", ARABIC)
    rows, rejected, _ = read(tmp_path)
    assert [row["uri"] for row in rows] == [str(tmp_path / "b.txt")]
    assert [r.rule for r in rejected] == ["decompression-limit"]


def test_a_stored_page_is_handed_on_as_it_is(tmp_path: Path) -> None:
    file = write(tmp_path / "خبر.html", PAGE)
    write(tmp_path / "b.htm.gz", gzip.compress((PAGE + " ").encode()))
    rows, _, _ = read(tmp_path)
    assert {row["media_type"] for row in rows} == {"text/html"}
    assert {str(file): PAGE.encode()}.items() <= {row["uri"]: row["payload"] for row in rows}.items()


@pytest.mark.parametrize("kind", ["csv", "warc"])
def test_memory_stays_with_the_batch_in_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"a.{kind}"
    if kind == "csv":
        with file.open("w") as stream:
            stream.write("id,text\n")
            stream.writelines(f"{n},{'x' * 1_000}\n" for n in range(10_000))
    else:
        archive(file, pages=10, body=b"x" * 1_000_000, packed=False)
    tracemalloc.start()
    count = sum(batch.documents.num_rows for batch in read_documents([file], batch_bytes=2**20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == (10_000 if kind == "csv" else 10)
    # 10 MB pass through.
    assert peak < 7e6
