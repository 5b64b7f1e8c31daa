"""Malformed inputs of every kind through `ingest`: python -m bench.fuzz [--count N]

Small good files (JSON lines, CSV, a page, a web archive, Parquet; some packed with gzip) are damaged in a way that the
seed decides: bytes flipped, cut, doubled, moved, bad UTF-8 and control characters put in, numbers and quotes swapped.
Asked is that nothing crashes, that of each file something is told (a row, a rejection, or a part that is counted as no
article), and that the run's own counts and audits hold.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from flows.request import RunRequest
from flows.run import execute
from flows.settings import Settings
from tasks.reading import read_documents
from warehouse.audits import audit_all
from warehouse.connection import open_reader

SEED = 7
#: Files of one run: each run is a process's memory, and a failure names a folder of this size.
CHUNK = 500
TEXTS = (
    "زار وزير الخارجية مسقط، والتقى نظيره العُماني. وقال إن اللقاء كان بنّاءً.",
    "وزیر امور خارجه به مسقط سفر کرد؛ این دومین دیدار او در ماه گذشته بود.",
)
#: What damage puts in: joiners, marks, ends of strings, half a letter, numbers that fit nowhere.
BITS = (
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xd8",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        "\u200f\u202e".encode(),
        b'"',
        b"'",
        b"\\",
        b"\n",
    ),
    *(b"\r", b",", b"{", b"]" * 50, b"[" * 3000, b"1e999", b"-" + b"9" * 400, b"NaN", b"null", b"<![CDATA[", b"<!--"),
    *(
        b"&#x110000;",
        b"<table>" * 300,
        b"</html>",
        b"WARC/1.0\r\n\r\n",
        b"Content-Length: -1\r\n",
        b"PAR1",
        b"\x1f\x8b",
    ),
)


def good_files(number: int) -> dict[str, bytes]:
    """One whole file of each kind; the number is in each, so that no two are the same."""
    rows = [
        {
            "id": f"{number}-{n}",
            "text": f"{text} {number}",
            "title": "لقاء",
            "published_at": f"2025-0{n + 1}-11T08:00:00Z",
        }
        for n, text in enumerate(TEXTS)
    ]
    page = "".join(
        f"<html><head><title>لقاء {number}</title><meta name='date' content='2025-03-11'></head><body><article>"
        f"<h1>{row['title']}</h1><p>{row['text']}</p></article></body></html>"
        for row in rows[:1]
    )
    header = ",".join(rows[0])
    table = "\n".join([header, *(",".join(f'"{value}"' for value in row.values()) for row in rows)])
    parquet, archive = io.BytesIO(), io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), parquet)
    writer = WARCWriter(archive, gzip=False)
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.0")
    record = writer.create_warc_record(
        f"https://news.example/{number}",
        "response",
        payload=io.BytesIO(page.encode()),
        http_headers=headers,
        warc_headers_dict={"WARC-Record-ID": f"<urn:n:{number}>", "WARC-Date": "2025-03-11T08:00:00Z"},
    )
    writer.write_record(record)
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return {
        "jsonl": lines.encode(),
        "csv": table.encode(),
        "html": page.encode(),
        "warc": archive.getvalue(),
        "parquet": parquet.getvalue(),
        "jsonl.gz": gzip.compress(lines.encode(), mtime=0),
        "warc.gz": gzip.compress(archive.getvalue(), mtime=0),
    }


def damage(content: bytes, chooser: random.Random) -> bytes:
    """The content with one to four kinds of damage."""
    data = bytearray(content)
    for _ in range(chooser.randint(1, 4)):
        place, other = sorted((chooser.randrange(len(data) + 1), chooser.randrange(len(data) + 1)))
        match chooser.randrange(7):
            case 0:
                del data[place:other]
            case 1:
                data[place:place] = chooser.choice(BITS)
            case 2:
                for _ in range(chooser.randint(1, 8)):
                    if data:
                        data[chooser.randrange(len(data))] = chooser.randrange(256)
            case 3:
                data[other:other] = data[place:other]
            case 4:
                data = data[other:] + data[:place]
            case 5:
                data = bytearray(bytes(data).replace(chooser.choice((b'"', b":", b",", b">")), chooser.choice(BITS), 3))
            case _:
                del data[other:]
    return bytes(data)


def damaged_files(folder: Path, count: int, seed: int = SEED) -> Iterator[Path]:
    """Write so many damaged files, kind after kind."""
    chooser = random.Random(seed)
    kinds = list(good_files(0))
    for number in range(count):
        kind = kinds[number % len(kinds)]
        file = folder / f"{number:05d}.{kind}"
        file.write_bytes(damage(good_files(number)[kind], chooser))
        yield file


def check(folder: Path, count: int, *, say: Callable[[str], object] = print) -> list[str]:
    """Damage so many files and read them all; returns what went wrong."""
    problems: list[str] = []
    told: Counter[str] = Counter()
    for first in range(0, count, CHUNK):
        inputs = folder / f"inputs-{first}"
        inputs.mkdir()
        for file in damaged_files(inputs, min(CHUNK, count - first), SEED + first):
            outcome = _outcome(file)
            told[outcome] += 1
            if outcome == "nothing":
                problems.append(f"of {file} nothing is told: {file.read_bytes()[:200]!r}")
        settings = Settings(warehouse=folder / f"warehouse-{first}")
        report = execute(RunRequest(paths=(inputs,), settings=settings, stages=("ingest",)))
        with open_reader(settings.location()) as reader:
            problems += [str(fault) for fault in audit_all(reader)]
        counts = report.stages[0].counts
        told["rows"] += counts.rows_out
        told["rejections"] += counts.rejected
        outcomes = ", ".join(f"{number:,} {what}" for what, number in told.items())
        say(f"{min(first + CHUNK, count):,} files: {outcomes}; {len(problems)} problems")
    return problems


def _outcome(file: Path) -> str:
    """What the reader makes of one file."""
    documents = rejected = passed = 0
    for batch in read_documents([file]):
        documents += batch.documents.num_rows
        rejected += len(batch.rejected)
        passed += sum(batch.passed.values())
    if documents:
        return "files with documents"
    if rejected:
        return "files rejected"
    if passed:
        return "files of parts that are no articles"
    content = file.read_bytes().strip()
    if not content or (file.suffix == ".csv" and b"\n" not in content and b"\r" not in content):
        return "files without rows"  # blank, or column names alone
    return "nothing"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    given = parser.parse_args()
    said: list[str] = []
    with tempfile.TemporaryDirectory(prefix="rasad-fuzz-") as folder:
        problems = check(Path(folder), given.count, say=said.append)
    print(said[-1], *problems, sep="\n")


if __name__ == "__main__":
    main()
