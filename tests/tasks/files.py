"""Files as the tests of `reading` write and read them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from schemas.sources import Source
from tasks.ingest_facts import Document, Facts
from tasks.ingest_record import read_document
from tasks.reading import read_documents
from tasks.stage import Rejected

ARABIC = "زار وزير الخارجية مسقط، والتقى نظيره العُماني."
PERSIAN = "وزیر امور خارجه به مسقط سفر کرد؛ این دومین دیدار او در ماه گذشته بود."
FETCHED = datetime(2025, 11, 1, tzinfo=UTC)
PAGE = f"<html><head><title>لقاء</title></head><body><p>{ARABIC}</p></body></html>"


def read_file(path: Path, **source: object) -> tuple[list[dict[str, object]], list[Rejected], dict[str, int]]:
    """The rows of a file, what of it was rejected, and what was passed over."""
    declared = Source.model_validate({"name": "صحيفة", "kind": "export", "where": "x", **source}) if source else None
    rows: list[dict[str, object]] = []
    rejected: list[Rejected] = []
    passed: dict[str, int] = {}
    for batch in read_documents([path], declared):
        rows += batch.documents.to_pylist()
        rejected += batch.rejected
        passed |= batch.passed
    return rows, rejected, passed


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read_payload(payload: bytes, media_type: str) -> Facts:
    """The facts of a payload, as if it had been fetched."""
    return read_document(Document(payload, media_type, "https://news.example/1", FETCHED))
