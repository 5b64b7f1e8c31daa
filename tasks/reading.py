"""Files in, documents out: find what a user named, and stream it in batches of bounded size.

A document is the smallest thing that a file holds: the whole of a `.txt` file, one line of a `.jsonl` file;
either may be gzipped. What is inside a document is for `tasks/ingest.py` to read; here bytes stay bytes.
Memory holds one batch and one line, whatever the size of the input.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Final

import pyarrow as pa

from schemas.articles import RawDocument
from schemas.errors import NothingToRead, PathMissing
from schemas.record import StampedRecord, arrow_schema
from tasks.stage import Rejected, stable_id

PathLike = str | os.PathLike[str]

DEFAULT_SOURCE: Final = "local"
MEDIA_TYPES: Final = {".txt": "text/plain", ".jsonl": "application/json"}
#: The longest article on record is far below 1 MB; 16 MiB leaves room for a whole issue in one record.
DOCUMENT_LIMIT: Final = 16 * 1024 * 1024
#: As much of a rejected payload as `rejections` keeps.
REJECTED_PREFIX: Final = 64 * 1024
#: 8 MiB of payload is about 2,000 articles of 4 kB, enough to make the costs of one batch small.
BATCH_BYTES: Final = 8 * 1024 * 1024
BATCH_DOCUMENTS: Final = 2_000

#: The columns of `raw_documents` that are known before a run: all but its stamp.
DOCUMENT_SCHEMA: Final = pa.schema([f for f in arrow_schema(RawDocument) if f.name not in StampedRecord.model_fields])
_KINDS: Final = "`.txt` and `.jsonl` files (also `.gz`)"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the named paths stand for.

    `files` in the order of their paths, each once; `missing` the paths and patterns that match nothing, as
    they were given; `ignored` the files that are not of a kind that can be read; `unreadable` the folders
    and links that cannot be followed, each with the reason.
    """

    files: tuple[Path, ...]
    missing: tuple[str, ...] = ()
    ignored: tuple[Path, ...] = ()
    unreadable: tuple[tuple[Path, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentBatch:
    """Documents as rows of `DOCUMENT_SCHEMA`, and what could not be made into one."""

    documents: pa.Table
    rejected: tuple[Rejected, ...] = ()


def resolve(paths: Iterable[PathLike]) -> Resolved:
    """Files, folders (with everything below them) and patterns, as the list of files to read.

    Hidden files and folders are left alone; a folder that links back to itself is entered once. Order and
    repetition of the arguments do not matter. Raises PathMissing when none of the paths exists, and
    NothingToRead when those that do hold no file of a known kind.
    """
    given = [os.fspath(path) for path in paths]
    found: dict[tuple[int, int], Path] = {}
    ignored: dict[tuple[int, int], Path] = {}
    missing: list[str] = []
    unreadable: dict[Path, str] = {}
    for name in given:
        roots = _roots(name)
        if not roots:
            missing.append(name)
        for file, identity in _walk(roots):
            if isinstance(identity, OSError):
                unreadable[file] = identity.strerror or str(identity)
                continue
            target = found if media_type(file) else ignored
            target[identity] = min(file, target.get(identity, file))
    if given and len(missing) == len(given):
        raise PathMissing(
            "no such file or folder" if len(given) == 1 else "none of the paths exists",
            where=", ".join(given),
            hint="Check the spelling, or list what is there with: ls",
        )
    if not found and not unreadable:
        beside = f"; {len(ignored)} other files were passed over" if ignored else ""
        raise NothingToRead(
            f"there is nothing to read{beside}",
            where=", ".join(given) or None,
            hint=f"Name {_KINDS}, or folders that hold some: rasad run PATH...",
        )
    return Resolved(
        tuple(sorted(found.values())),
        tuple(missing),
        tuple(sorted(ignored.values())),
        tuple(sorted(unreadable.items())),
    )


def media_type(file: Path) -> str | None:
    """The MIME type by which a file is read, or None if it is of no known kind."""
    return MEDIA_TYPES.get(PurePath(file.name.lower().removesuffix(".gz")).suffix)


def _roots(name: str) -> list[Path]:
    """What one argument stands for: itself where there is such a path, else what the pattern matches."""
    # (Path.glob takes no absolute patterns, and Path.exists raises where a folder may not be searched.)
    names = [name] if os.path.lexists(name) else glob.glob(name, recursive=True)  # noqa: PTH207
    return [Path(os.path.abspath(n)) for n in names if os.path.exists(n)]  # noqa: PTH100, PTH110


def _walk(roots: Iterable[Path]) -> Iterator[tuple[Path, tuple[int, int] | OSError]]:
    """Every regular file below the roots, with what tells it apart from others, whatever it is called.

    A folder or link that cannot be followed comes with the error instead.
    """
    entered: set[tuple[int, int]] = set()
    queue = list(roots)
    while queue:
        path = queue.pop()
        try:
            status = path.stat()
        except OSError as failure:
            if media_type(path):
                yield path, failure
            continue
        identity = (status.st_dev, status.st_ino)
        if stat.S_ISREG(status.st_mode):
            yield path, identity
        elif stat.S_ISDIR(status.st_mode) and identity not in entered:
            entered.add(identity)
            try:
                queue.extend(child for child in path.iterdir() if not child.name.startswith("."))
            except OSError as failure:
                yield path, failure


def read_documents(
    paths: Resolved | Iterable[PathLike],
    source: str | None = None,
    *,
    batch_bytes: int = BATCH_BYTES,
    batch_documents: int = BATCH_DOCUMENTS,
) -> Iterator[DocumentBatch]:
    """Stream the documents of the given paths, in the order of their paths and lines.

    Columns out: `DOCUMENT_SCHEMA`. `document_id` digests the source (`local` unless given) and the payload,
    so a document that occurs again in a batch is yielded once; across batches the ledger tells. A batch holds
    at most `batch_documents` documents and ends with the one that brings it to `batch_bytes`. Raises what
    `resolve` raises; everything that goes wrong with one file is a rejection, and reading goes on with the next.
    """
    resolved = paths if isinstance(paths, Resolved) else resolve(paths)
    batch = _Batch(source or DEFAULT_SOURCE)
    for path, reason in resolved.unreadable:
        batch.add(_Reader(path, batch.source).unreadable(reason))
    for file in resolved.files:
        for document in _Reader(file, batch.source).documents():
            batch.add(document)
            if batch.size >= batch_bytes or len(batch.documents) >= batch_documents:
                yield batch.take()
    if batch.documents or batch.rejected:
        yield batch.take()


#: A document on its way into a table: uri, when it was fetched, media type, payload.
_Document = tuple[str, datetime, str, bytes]


@dataclass(slots=True)
class _Batch:
    """Documents on their way into a table. `seen` lasts as long as the batch: memory does not grow with the input."""

    source: str
    documents: list[dict[str, object]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    size: int = 0
    seen: set[bytes] = field(default_factory=set)

    def add(self, document: _Document | Rejected) -> None:
        if isinstance(document, Rejected):
            unit = bytes.fromhex(document.unit_id)
            if unit not in self.seen:
                self.seen.add(unit)
                self.rejected.append(document)
                self.size += len(document.payload)
            return
        uri, fetched_at, kind, payload = document
        digest = hashlib.sha256(payload).hexdigest()
        document_id = stable_id(self.source, digest)
        unit = bytes.fromhex(document_id)
        if unit not in self.seen:
            self.seen.add(unit)
            self.size += len(payload)
            row = (document_id, self.source, uri, fetched_at, kind, digest, payload)
            self.documents.append(dict(zip(DOCUMENT_SCHEMA.names, row, strict=True)))

    def take(self) -> DocumentBatch:
        taken = DocumentBatch(pa.Table.from_pylist(self.documents, schema=DOCUMENT_SCHEMA), tuple(self.rejected))
        self.documents, self.rejected, self.size, self.seen = [], [], 0, set()
        return taken


class _Reader:
    """One file, read from its start to its end or to the first damage."""

    def __init__(self, file: Path, source: str) -> None:
        self.file = file
        self.source = source
        #: A file name need not be UTF-8; a column must be.
        self.name = os.fsencode(file).decode("utf-8", "replace")
        self.line = 0

    def documents(self) -> Iterator[_Document | Rejected]:
        kind = media_type(self.file) or "application/octet-stream"
        read = self._lines if kind == MEDIA_TYPES[".jsonl"] else self._whole
        try:
            fetched_at = datetime.fromtimestamp(self.file.stat().st_mtime, UTC)
            opener = gzip.open if self.file.name.lower().endswith(".gz") else open
            with opener(self.file, "rb") as stream:
                for uri, payload in read(stream):
                    yield payload if isinstance(payload, Rejected) else (uri, fetched_at, kind, payload)
        except (gzip.BadGzipFile, EOFError, zlib.error) as failure:
            after = f" after line {self.line}" if self.line else ""
            yield self._refuse(
                "corrupt-gzip",
                f"{self.name} is damaged{after}: {failure}. What comes before the damage was read. Fetch the "
                f"file again; gzip -t {self.name} tells whether it is whole.",
            )
        except OSError as failure:
            yield self.unreadable(failure.strerror or str(failure))

    def unreadable(self, reason: str) -> Rejected:
        """The rejection of a file or folder that cannot be opened, or not to its end."""
        return self._refuse(
            "unreadable-file",
            f"{self.name} cannot be read: {reason}. See ls -l {self.name}; where it is a matter of rights, "
            f"chmod u+rX {self.name}, then run again.",
        )

    def _whole(self, stream: io.BufferedIOBase) -> Iterator[tuple[str, bytes | Rejected]]:
        payload = stream.read(DOCUMENT_LIMIT + 1)
        if len(payload) <= DOCUMENT_LIMIT:
            yield self.name, payload
            return
        unit, size = self._rest(stream, payload, whole=True)
        error = (
            f"{self.name} is one text of {size:,} bytes, over the limit of {DOCUMENT_LIMIT:,} for one "
            "article. Split it into one file an article, or into lines of a .jsonl file."
        )
        yield self.name, Rejected(unit, "text-too-long", error, payload[:REJECTED_PREFIX], self.name)

    def _lines(self, stream: io.BufferedIOBase) -> Iterator[tuple[str, bytes | Rejected]]:
        while line := stream.readline(DOCUMENT_LIMIT + 1):
            self.line += 1
            uri = f"{self.name}#L{self.line}"
            payload = line.rstrip(b"\r\n")
            if len(payload) > DOCUMENT_LIMIT:
                unit, size = self._rest(stream, line, whole=False)
                error = (
                    f"line {self.line} of {self.name} has {size:,} bytes, over the limit of "
                    f"{DOCUMENT_LIMIT:,} for one record. Check that each record ends with a line end, or "
                    "split it."
                )
                yield uri, Rejected(unit, "line-too-long", error, line[:REJECTED_PREFIX], uri)
            elif payload.strip():
                yield uri, payload

    def _rest(self, stream: io.BufferedIOBase, start: bytes, *, whole: bool) -> tuple[str, int]:
        """Pass over the rest of a line or file in pieces of 1 MiB: its id, from all bytes, and its size."""
        digest, size, piece = hashlib.sha256(), 0, start
        while piece:
            ended = piece.endswith(b"\n") and not whole
            piece = piece.rstrip(b"\r\n") if ended else piece
            digest.update(piece)
            size += len(piece)
            piece = b"" if ended else stream.read(2**20) if whole else stream.readline(2**20)
        return stable_id(self.source, digest.hexdigest()), size

    def _refuse(self, rule: str, error: str) -> Rejected:
        return Rejected(stable_id(self.source, rule, self.name), rule, error, uri=self.name)
