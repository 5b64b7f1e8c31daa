"""Files that are one document, and files with a document on each line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from tasks.reading_contract import Contract
from tasks.reading_documents import DOCUMENT_LIMIT, REJECTED_PREFIX, Document, InputFile
from tasks.stage import Rejected, stable_id


def read_whole(file: InputFile, stream: BinaryIO, kind: str, contract: Contract) -> Iterator[Document | Rejected]:
    """A file that is one document: a text, or a stored page."""
    payload = stream.read(DOCUMENT_LIMIT + 1)
    if len(payload) <= DOCUMENT_LIMIT:
        yield Document(file.name, file.changed_at(), kind, payload)
        return
    unit, size = _rest(file, stream, payload, whole=True)
    what, rule = ("page", "page-too-long") if kind == "text/html" else ("text", "text-too-long")
    error = (
        f"{file.name} is one {what} of {size:,} bytes, over the limit of {DOCUMENT_LIMIT:,} for one "
        "article. Split it into one file an article, or into lines of a .jsonl file."
    )
    yield Rejected(unit, rule, error, payload[:REJECTED_PREFIX], file.name)


def read_lines(file: InputFile, stream: BinaryIO, kind: str, contract: Contract) -> Iterator[Document | Rejected]:
    """A file with one JSON record on each line."""
    changed_at = file.changed_at()
    number = 0
    while line := stream.readline(DOCUMENT_LIMIT + 1):
        number += 1
        file.reached = f"line {number}"
        payload = line.rstrip(b"\r\n")
        if len(payload) > DOCUMENT_LIMIT:
            uri = f"{file.name}#L{number}"
            unit, size = _rest(file, stream, line, whole=False)
            error = (
                f"line {number} of {file.name} has {size:,} bytes, over the limit of "
                f"{DOCUMENT_LIMIT:,} for one record. Check that each record ends with a line end, or "
                "split it."
            )
            yield Rejected(unit, "line-too-long", error, line[:REJECTED_PREFIX], uri)
        elif payload.strip():
            uri = f"{file.name}#L{number}"
            admitted = contract.admit_line(payload, file, uri) if contract.active else payload
            if isinstance(admitted, Rejected):
                yield admitted
            else:
                yield Document(uri, changed_at, kind, admitted)


def _rest(file: InputFile, stream: BinaryIO, start: bytes, *, whole: bool) -> tuple[str, int]:
    """Pass over the rest of a line or file in pieces of 1 MiB: its id, from all bytes, and its size."""
    digest, size, piece = hashlib.sha256(), 0, start
    while piece:
        ended = piece.endswith(b"\n") and not whole
        piece = piece.rstrip(b"\r\n") if ended else piece
        digest.update(piece)
        size += len(piece)
        piece = b"" if ended else stream.read(2**20) if whole else stream.readline(2**20)
    return stable_id(file.source, digest.hexdigest()), size
