"""Web archives (WARC, as Common Crawl's news archives are): each answer that is a page is one document.

The page's address and time are those of its record. Records of other kinds, and answers that are no page, are
counted and passed over.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message
from typing import BinaryIO, Final

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from tasks.reading_contract import Contract
from tasks.reading_documents import DOCUMENT_LIMIT, Document, InputFile, write_metadata
from tasks.stage import Rejected

PAGE_TYPES: Final = ("text/html", "application/xhtml+xml")
#: Records that say something about others.
_BESIDE: Final = ("warcinfo", "request", "metadata", "revisit", "continuation")
_PIECE: Final = 64 * 1024
_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")


class CutOffError(ValueError):
    """A record that ends before its length."""


def read_archive(file: InputFile, stream: BinaryIO, kind: str, contract: Contract) -> Iterator[Document | Rejected]:
    """The pages of an archive, one record in memory at a time."""
    number = 0
    try:
        for record in _records(stream):
            number += 1
            found = _read_record(file, record, number, contract)
            file.reached = f"record {number}"
            if found is not None:
                yield found
        if not number:
            raise ArchiveLoadFailed("it holds no record")
    except (ArchiveLoadFailed, CutOffError, EOFError, zlib.error, ValueError) as failure:
        yield file.damaged(
            "damaged-archive",
            str(failure).strip().split("\n")[0].strip()[:300] or type(failure).__name__,
            f"Fetch the file again; warcio check {file.name} tells what is wrong with it.",
        )


def _records(stream: BinaryIO) -> Iterator[ArcWarcRecord]:
    """The records of an archive. Raises ArchiveLoadFailed and its kin."""
    records = ArchiveIterator(stream)
    while True:
        try:
            record = next(records, None)
        except (AttributeError, LookupError, TypeError) as failure:  # warcio's answer to missing or odd headers
            raise ArchiveLoadFailed("a record lacks what it must say") from failure
        if record is None:
            return
        yield record


def _read_record(file: InputFile, record: ArcWarcRecord, number: int, contract: Contract) -> Document | Rejected | None:
    if record.rec_type != "response" or record.http_headers is None:
        if record.rec_type not in _BESIDE:
            contract.passed[f"archive records that are no web answers ({record.rec_type})"] += 1
        return None
    status = record.http_headers.get_statuscode()
    kind, charset = content_type(record.http_headers.get_header("Content-Type") or "")
    if status != "200":
        contract.passed[f"archive records with status {status}"] += 1
        return None
    if kind not in PAGE_TYPES:
        contract.passed[f"archive records of type {kind or 'unknown'}"] += 1
        return None
    address = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
    place = f"{file.name}#{number}"
    payload = _read_payload(record)
    if len(payload) > DOCUMENT_LIMIT:
        error = f"{place} ({address}) is a page of more than {DOCUMENT_LIMIT:,} bytes, the limit for one article."
        return file.refuse_part("page-too-long", error, address or place, payload)
    fetched_at = _date(record.rec_headers.get_header("WARC-Date") or "")
    if not address.startswith(("http://", "https://")) or fetched_at is None:
        error = f"{place}: the record does not say when (WARC-Date) and where (WARC-Target-URI) its page was fetched."
        return file.refuse_part("incomplete-record", error, place, payload)
    language = contract.source.language if contract.source else None
    said = {"url": address, "charset": charset, "archive": place, "language": language}
    return Document(address, fetched_at, "text/html", payload, write_metadata(said), address)


def _read_payload(record: ArcWarcRecord) -> bytes:
    """The body of an answer, unpacked, up to one byte beyond the limit. Raises CutOffError."""
    stream = record.content_stream()
    pieces, size = [], 0
    while size <= DOCUMENT_LIMIT and (piece := stream.read(_PIECE)):
        pieces.append(piece)
        size += len(piece)
    if size <= DOCUMENT_LIMIT and getattr(record.raw_stream, "limit", 0) > 0:
        raise CutOffError(f"the record ends {record.raw_stream.limit:,} bytes before its length")
    return b"".join(pieces)


def content_type(header: str) -> tuple[str, str | None]:
    """The MIME type and the charset that a Content-Type header names."""
    message = Message()
    message["Content-Type"] = header
    charset = message.get_param("charset")
    return message.get_content_type() if header else "", charset if isinstance(charset, str) else None


def _date(written: str) -> datetime | None:
    found = _DATE.fullmatch(written.strip())
    if not found:
        return None
    try:
        moment = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment.replace(microsecond=int((found[2] or "0").ljust(6, "0")[:6]))
