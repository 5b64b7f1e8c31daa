"""Rows and commits for the benchmarks of the warehouse."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from schemas.articles import Article, RawDocument
from schemas.operations import LedgerEntry, Rejection, Run
from schemas.record import arrow_schema
from warehouse.commit import Commit
from warehouse.connection import Resources

RESOURCES = Resources(memory_limit="2GB", threads=2)
START = datetime(2025, 1, 1, tzinfo=UTC)
WORDS = (
    *("قال", "أعلن", "زار", "التقى", "الرئيس", "الوزير", "في", "من", "إلى", "على", "وزارة", "النفط", "بغداد"),
    *("طهران", "القاهرة", "موسكو", "اليوم", "أمس", "دیدار", "گفت"),
)


def articles(first: int, count: int, *, words: int = 190) -> pa.Table:
    """Articles of about 2 KB of text; each its own words, so that compression is not flattered."""
    chooser = random.Random(first)
    rows = []
    for number in range(first, first + count):
        rows.append(
            {
                "article_id": f"{number:032x}",
                "document_id": f"{number:032x}",
                "source": f"source {number % 20}",
                "external_id": str(number),
                "url": f"https://example.org/{number}",
                "title": " ".join(chooser.choices(WORDS, k=8)),
                "title_method": "record",
                "text_method": "record",
                "text": " ".join(f"{word}{chooser.randrange(1000)}" for word in chooser.choices(WORDS, k=words)),
                "author": None,
                "published_at": START + timedelta(minutes=number),
                "published_precision": "minute",
                "published_method": "record",
                "published_reason": None,
                "extra": None,
                "content_hash": f"{number:064x}",
                "language": "ar",
                "language_confidence": 0.9,
                "language_method": "bench",
                "run_id": "bench",
                "stage_version": "1",
            }
        )
    return pa.Table.from_pylist(rows, schema=arrow_schema(Article))


def commit_of(table: pa.Table, run_id: str) -> Commit:
    """A commit of `ingest` for these articles, each with a tiny document."""
    ids = table["article_id"].to_pylist()
    documents = [
        {
            "document_id": one,
            "source": "bench",
            "uri": f"bench#{one}",
            "fetched_at": START,
            "media_type": "text/plain",
            "content_sha256": one * 2,
            "payload": b"x",
            "run_id": run_id,
            "stage_version": "1",
        }
        for one in ids
    ]
    ledger = {
        "article_id": ids,
        "stage": ["ingest"] * len(ids),
        "input_key": ids,
        "status": ["done"] * len(ids),
        "reason": [None] * len(ids),
        "run_id": [run_id] * len(ids),
    }
    run = {
        "run_id": run_id,
        "stage": "ingest",
        "window": None,
        "counts": {"rows_in": len(ids), "rows_out": len(ids), "rejected": 0, "excluded": 0},
        "seconds": 0.0,
        "versions": {"rasad": "0", "stage": "1", "model": None},
        "snapshot_id": 0,
        "started_at": START,
    }
    return Commit(
        run_id=run_id,
        stage="ingest",
        author="bench",
        message=f"{len(ids)} articles",
        units=tuple(ids),
        tables={
            "raw_documents": pa.Table.from_pylist(documents, schema=arrow_schema(RawDocument)),
            "articles": table,
        },
        rejections=arrow_schema(Rejection).empty_table(),
        ledger=pa.Table.from_pydict(ledger, schema=arrow_schema(LedgerEntry)),
        run=pa.Table.from_pylist([run], schema=arrow_schema(Run)),
    )
