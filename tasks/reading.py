"""Files in, documents out: stream what a user named in batches of bounded size.

A document is the smallest thing that a file holds: the whole of a `.txt` or `.html` file, one line of a
`.jsonl` file, one row of a table, one entry of a feed, one page of a web archive. What is inside a document is
for `tasks/ingest.py` to read; here bytes stay bytes. Memory holds one batch and one document, whatever the size
of the input.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from schemas.sources import Source
from tasks.reading_contract import Contract
from tasks.reading_documents import (
    BATCH_BYTES,
    BATCH_DOCUMENTS,
    DOCUMENT_LIMIT,
    DOCUMENT_SCHEMA,
    REJECTED_PREFIX,
    Collector,
    DecompressionLimitError,
    Document,
    DocumentBatch,
    InputFile,
    unpack,
    write_metadata,
)
from tasks.reading_lines import read_lines, read_whole
from tasks.reading_lists import read_list
from tasks.reading_paths import PathLike, Resolved, media_type, resolve
from tasks.reading_tables import read_parquet, read_rows
from tasks.reading_warc import read_archive
from tasks.stage import Rejected

__all__ = [
    "DOCUMENT_LIMIT",
    "DOCUMENT_SCHEMA",
    "REJECTED_PREFIX",
    "DocumentBatch",
    "read_documents",
    "resolve",
]

DEFAULT_SOURCE: Final = "local"
#: What each kind of file is read by; each takes the file, its stream and the source's contract.
_Reader = Callable[..., Iterator[Document | Rejected]]
_READERS: Final[Mapping[str, _Reader]] = {
    "text/plain": read_whole,
    "text/html": read_whole,
    "application/json": read_lines,
    "text/csv": read_rows,
    "text/tab-separated-values": read_rows,
    "application/vnd.apache.parquet": read_parquet,
    "application/xml": read_list,
    "application/warc": read_archive,
}


def read_documents(
    paths: Resolved | Iterable[PathLike],
    source: str | Source | None = None,
    *,
    batch_bytes: int = BATCH_BYTES,
    batch_documents: int = BATCH_DOCUMENTS,
) -> Iterator[DocumentBatch]:
    """Stream the documents of the given paths, in the order of their paths and lines.

    Columns out: `DOCUMENT_SCHEMA`. `document_id` digests the source (`local` unless given) and the payload,
    so a document that occurs again in a batch is yielded once; across batches the ledger tells. A batch holds
    at most `batch_documents` documents and ends with the one that brings it to `batch_bytes`. A declared source
    brings its column map, contract and language along.

    Raises what `resolve` raises, and SourceChanged where a frozen source has an unexpected key; everything else
    that goes wrong with one file is a rejection, and reading goes on with the next.
    """
    resolved = paths if isinstance(paths, Resolved) else resolve(paths)
    declared = source if isinstance(source, Source) else None
    name = declared.name if declared else str(source or DEFAULT_SOURCE)
    batch = Collector(name, batch_bytes, batch_documents)
    contract = Contract(declared, batch.passed)
    said = write_metadata({"language": declared.language}) if declared else None
    for path, reason in resolved.unreadable:
        batch.add(InputFile(path, name).unreadable(reason))
    for path in resolved.files:
        for document in _read_file(InputFile(path, name), contract):
            if said and isinstance(document, Document) and document.metadata is None:
                document = replace(document, metadata=said)
            batch.add(document)
            if batch.full:
                yield batch.take()
                contract.passed = batch.passed
    if batch.rows or batch.rejected or batch.passed:
        yield batch.take()


def _read_file(file: InputFile, contract: Contract) -> Iterator[Document | Rejected]:
    """One file, from its start to its end or to the first damage."""
    kind = media_type(file.path) or "text/plain"
    read = _READERS[kind]
    try:
        with file.path.open("rb", buffering=1 << 18) as stream:
            # An archive is a row of gzip members, each with one record: its own reader takes them one by one.
            packed = file.packed and kind != "application/warc"
            plain = unpack(stream, file.path.stat().st_size) if packed else stream
            yield from read(file, plain, kind, contract)
    except DecompressionLimitError as failure:
        yield file.damaged(
            "decompression-limit",
            failure,
            "No text shrinks that far. If it is what you want, unpack it yourself and name the unpacked file.",
        )
    except (gzip.BadGzipFile, EOFError, zlib.error) as failure:
        yield file.damaged(
            "corrupt-gzip", failure, f"Fetch the file again; gzip -t {file.name} tells whether it is whole."
        )
    except OSError as failure:
        yield file.unreadable(failure.strerror or str(failure))
