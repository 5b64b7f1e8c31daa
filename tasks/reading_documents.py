"""A document on its way into the warehouse, and batches of documents of bounded size."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

import pyarrow as pa

from schemas.articles import RawDocument
from schemas.record import made_schema
from tasks.stage import Rejected, stable_id

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: The longest article on record is far below 1 MB; 16 MiB leaves room for a whole issue in one record.
DOCUMENT_LIMIT: Final = 16 * 1024 * 1024
#: As much of a rejected payload as `rejections` keeps.
REJECTED_PREFIX: Final = 64 * 1024
#: 8 MiB of payload is about 2,000 articles of 4 kB, enough to make the costs of one batch small.
BATCH_BYTES: Final = 8 * 1024 * 1024
BATCH_DOCUMENTS: Final = 2_000
#: Text shrinks to a fifth, tables of it to a twentieth; gzip's most is 1/1032, and only bombs come near it.
UNPACKED_RATIO: Final = 200
#: Below this a file may shrink as it likes: it fits into memory four times over.
UNPACKED_FREE: Final = 64 * 1024 * 1024

#: The columns of `raw_documents` that are known before a document is read: all but its stamp and its article.
DOCUMENT_SCHEMA: Final = pa.schema([field for field in made_schema(RawDocument) if field.name != "article_id"])


@dataclass(frozen=True, slots=True)
class Document:
    """One payload as it came.

    `metadata` is a JSON object with what is known beside the payload, under keys of the input contract.
    `address` is given for a page: the same bytes at two addresses are two documents.
    """

    uri: str
    fetched_at: datetime
    media_type: str
    payload: bytes
    metadata: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentBatch:
    """Documents as rows of `DOCUMENT_SCHEMA`, and what could not be made into one.

    `fetches` are rows of the table of that name, for what was fetched along with these documents. `passed`
    counts parts of archives that are no articles, and values that a contract left out, by what they are.
    """

    documents: pa.Table
    rejected: tuple[Rejected, ...] = ()
    fetches: pa.Table | None = None
    passed: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Collector:
    """Documents on their way into a table. `seen` lasts as long as the batch: memory does not grow with the input."""

    source: str
    limit_bytes: int = BATCH_BYTES
    limit_documents: int = BATCH_DOCUMENTS
    rows: list[tuple[object, ...]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)
    size: int = 0
    seen: set[str] = field(default_factory=set)

    @property
    def full(self) -> bool:
        return self.size >= self.limit_bytes or len(self.rows) >= self.limit_documents

    def add(self, document: Document | Rejected) -> str:
        """Take a document, unless the batch has it; returns its id."""
        if isinstance(document, Rejected):
            if document.unit_id not in self.seen:
                self.seen.add(document.unit_id)
                self.rejected.append(document)
                self.size += len(document.payload)
            return document.unit_id
        payload = document.payload
        digest = hashlib.sha256(payload).hexdigest()
        address = (document.address,) if document.address else ()
        document_id = stable_id(self.source, digest, *address)
        if document_id not in self.seen:
            self.seen.add(document_id)
            self.size += len(payload)
            place = (document_id, self.source, document.uri, document.fetched_at, document.media_type)
            self.rows.append((*place, digest, payload, document.metadata))
        return document_id

    def take(self, fetches: pa.Table | None = None) -> DocumentBatch:
        """The batch so far; the next one begins empty."""
        columns = list(zip(*self.rows, strict=True)) or [()] * len(DOCUMENT_SCHEMA)
        arrays = [pa.array(column, f.type) for column, f in zip(columns, DOCUMENT_SCHEMA, strict=True)]
        table = pa.Table.from_arrays(arrays, schema=DOCUMENT_SCHEMA)
        taken = DocumentBatch(table, tuple(self.rejected), fetches, dict(self.passed))
        self.rows, self.rejected, self.size, self.seen, self.passed = [], [], 0, set(), Counter()
        return taken


class DecompressionLimitError(ValueError):
    """A compressed file that unfolds to far more than any text does."""


class _Bounded(io.RawIOBase):
    """A decompressing stream that stops at a limit."""

    def __init__(self, stream: gzip.GzipFile, limit: int) -> None:
        self._stream = stream
        self._left = limit
        self._limit = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        # One read of the packed bytes at a time: what comes before damage must be handed on before it raises.
        room = memoryview(buffer)
        piece = self._stream.read1(len(room))
        self._left -= len(piece)
        if self._left < 0:
            raise DecompressionLimitError(f"it unfolds to more than {self._limit:,} bytes")
        room[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._stream.close()
        super().close()


def unpack(stream: BinaryIO, packed_size: int) -> BinaryIO:
    """A gzip stream, unpacked as it is read. Reading raises DecompressionLimitError beyond any text's measure."""
    packed = gzip.GzipFile(fileobj=stream, mode="rb")
    limit = max(UNPACKED_FREE, UNPACKED_RATIO * packed_size)
    return cast(BinaryIO, io.BufferedReader(_Bounded(packed, limit), 1 << 18))


def file_name(path: Path) -> str:
    """A file as `uri` columns name it: a file name need not be UTF-8; a column must be."""
    return os.fsencode(path).decode("utf-8", "replace")


class InputFile:
    """A file that is being read: its name as a column can hold it, its time, its rejections."""

    def __init__(self, path: Path, source: str) -> None:
        self.path = path
        self.source = source
        self.name = file_name(path)
        #: How far reading came, for a message: `line 12`, `record 5`.
        self.reached = ""

    @property
    def packed(self) -> bool:
        return self.path.name.lower().endswith(".gz")

    def changed_at(self) -> datetime:
        return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)

    def refuse(self, rule: str, error: str, payload: bytes = b"") -> Rejected:
        """The rejection of the file, or of all of it that follows."""
        return Rejected(stable_id(self.source, rule, self.name), rule, error, payload[:REJECTED_PREFIX], self.name)

    def refuse_part(self, rule: str, error: str, uri: str, payload: bytes) -> Rejected:
        """The rejection of one row or record, known by its content."""
        unit = stable_id(self.source, hashlib.sha256(payload).hexdigest())
        return Rejected(unit, rule, error, payload[:REJECTED_PREFIX], uri)

    def damaged(self, rule: str, failure: object, remedy: str) -> Rejected:
        """The rejection of a file that breaks off or turns to noise: what came before was read."""
        after = f" after {self.reached}" if self.reached else ""
        return self.refuse(
            rule, f"{self.name} is damaged{after}: {failure}. What comes before the damage was read. {remedy}"
        )

    def unreadable(self, reason: str) -> Rejected:
        """The rejection of a file or folder that cannot be opened, or not to its end."""
        return self.refuse(
            "unreadable-file",
            f"{self.name} cannot be read: {reason}. See ls -l {self.name}; where it is a matter of rights, "
            f"chmod u+rX {self.name}, then run again.",
        )


def write_metadata(known: Mapping[str, object]) -> str | None:
    """What is known beside a payload, as `raw_documents.metadata` holds it; null where nothing is."""
    said = {key: value for key, value in known.items() if value not in (None, "", [], {})}
    if not said:
        return None
    written = json.dumps(said, ensure_ascii=False, sort_keys=True)
    try:
        written.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which no column can hold other than escaped
        written = json.dumps(said, sort_keys=True)
    return written
