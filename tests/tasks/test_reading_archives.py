"""Web archives, packed files and stored pages: whole ones arrive, broken and endless ones are named."""

from __future__ import annotations

import gzip
import io
import json
import random
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tasks.reading import read_documents
from tasks.reading_documents import DOCUMENT_LIMIT, UNPACKED_FREE
from tests.tasks.files import ARABIC, PAGE, read_file, write


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
    rows, rejected, _ = read_file(file)
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
    rows, rejected, passed = read_file(tmp_path)
    assert [row["payload"] for row in rows] == [PAGE.encode()] and rejected == []
    assert passed == {"archive records of type image/png": 3, "archive records with status 404": 2}


@pytest.mark.parametrize(("packed", "lost"), [(True, 40), (True, 300), (False, 1), (False, 300)])
def test_an_archive_that_breaks_off_keeps_what_came_before(tmp_path: Path, packed: bool, lost: int) -> None:
    whole = archive(
        tmp_path / "whole", body=random.Random(2_000).randbytes(2_000).hex().encode(), packed=packed
    ).read_bytes()
    # An unpacked record ends with two line ends, which it can do without.
    file = write(tmp_path / ("a.warc.gz" if packed else "a.warc"), whole[: -lost - 4])
    rows, rejected, _ = read_file(file)
    assert [r.rule for r in rejected] == ["damaged-archive"]
    assert "after record 3" in rejected[0].error and len(rows) == 2


CONTENTS = {
    "empty": b"",
    "text": b"nothing",
    "packed": gzip.compress(b"nothing", mtime=0),
    "bytes": bytes(range(256)) * 2,
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_what_is_no_archive_is_told(tmp_path: Path, content: bytes) -> None:
    rows, rejected, _ = read_file(write(tmp_path / "a.warc.gz", content))
    assert rows == [] and [r.rule for r in rejected] == ["damaged-archive"]


def test_a_page_of_an_archive_that_unfolds_without_end_is_rejected_alone(tmp_path: Path) -> None:
    archive(tmp_path / "a.warc.gz", pages=1, body=gzip.compress(b" " * (DOCUMENT_LIMIT * 3)), coding="gzip")
    archive(tmp_path / "b.warc.gz", pages=1)
    tracemalloc.start()
    rows, rejected, _ = read_file(tmp_path)
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
    rows, rejected, _ = read_file(tmp_path)
    assert [row["uri"] for row in rows] == [str(tmp_path / "b.txt")]
    assert [r.rule for r in rejected] == ["decompression-limit"]


def test_a_stored_page_is_handed_on_as_it_is(tmp_path: Path) -> None:
    file = write(tmp_path / "خبر.html", PAGE)
    write(tmp_path / "b.htm.gz", gzip.compress((PAGE + " ").encode()))
    rows, _, _ = read_file(tmp_path)
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
