"""Tables as exports have them: each row of a `.csv`, `.tsv` or `.parquet` file is one JSON record.

Columns are named as in the input contract, or mapped to it by the source (`columns` in `sources.yml`); further
columns are kept like further keys of a JSON record. An empty cell says nothing.
"""

from __future__ import annotations

import codecs
import csv
import io
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.reading_contract import Contract
from tasks.reading_documents import DOCUMENT_LIMIT, Document, InputFile
from tasks.stage import Rejected

_RECORD: Final = "application/json"
#: Rows of a Parquet file in memory at a time: 256 articles of 4 kB are 1 MB, of the largest kind some 100 MB.
_PARQUET_ROWS: Final = 256
_DELIMITERS: Final = (",", ";", "\t", "|")
#: The marks at the start of a file by which other programs write Unicode.
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_rows(file: InputFile, stream: BinaryIO, kind: str, contract: Contract) -> Iterator[Document | Rejected]:
    """The rows of a file of separated values, with quotes as in RFC 4180 and column names in its first row."""
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]  # it takes any binary stream
    start = buffered.peek(4)[:4]
    encoding = next((name for mark, name in _MARKS if start.startswith(mark)), contract.encoding)
    # Bytes that are no text come through as lone surrogates, so that one bad row costs no other.
    text = io.TextIOWrapper(buffered, encoding, "surrogateescape" if encoding != "utf-16" else "replace", newline="")
    try:
        yield from _read_text_rows(file, text, kind, contract, encoding)
    finally:
        text.detach()  # closing the file is for whoever opened it


def _read_text_rows(
    file: InputFile, text: io.TextIOWrapper, kind: str, contract: Contract, encoding: str
) -> Iterator[Document | Rejected]:
    csv.field_size_limit(DOCUMENT_LIMIT)
    first = text.readline(DOCUMENT_LIMIT)
    delimiter = "\t" if kind == "text/tab-separated-values" else max(_DELIMITERS, key=first.count)
    raw = first.encode("utf-8", "surrogateescape")
    try:
        header = next(csv.reader([first], delimiter=delimiter, strict=True), [])
    except csv.Error as failure:
        yield file.refuse("damaged-table", f"the column names of {file.name} cannot be read: {failure}", raw)
        return
    if refusal := _without_text(file, header, contract):
        yield refusal
        return
    names = contract.named(column.strip() for column in header)
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    changed_at = file.changed_at()
    while True:
        line = rows.line_num + 2
        try:
            cells = next(rows)
        except StopIteration:
            return
        except (csv.Error, UnicodeError) as failure:
            # Nothing tells where the next row begins: what follows a broken quote may be text or columns.
            yield file.damaged(
                "damaged-table",
                f"the row that begins on line {line} cannot be read ({failure})",
                "Mend that row, or export the table again with quotes around texts, then run again.",
            )
            return
        file.reached = f"line {rows.line_num + 1}"
        if not any(cell.strip() for cell in cells):
            continue
        yield _row(file, f"{file.name}#L{line}", names, cells, changed_at, contract, encoding)


def _row(
    file: InputFile,
    uri: str,
    names: Sequence[str],
    cells: Sequence[str],
    changed_at: datetime,
    contract: Contract,
    encoding: str,
) -> Document | Rejected:
    raw = "\t".join(cells).encode("utf-8", "surrogateescape")
    if len(cells) != len(names):
        error = f"{uri}: the row has {len(cells)} cells, but there are {len(names)} columns. Quote texts that hold "
        return file.refuse_part("wrong-number-of-cells", error + "the separator or line ends.", uri, raw)
    try:
        for cell in cells:
            cell.encode()
    except UnicodeEncodeError as failure:
        at = failure.object[max(0, failure.start - 20) : failure.start]
        error = f"{uri}: after {at!r} there are bytes that are not {encoding}. If the file is in another encoding, "
        return file.refuse_part("invalid-encoding", error + "declare it: `encoding: windows-1256`.", uri, raw)
    record: dict[str, object] = {name: cell for name, cell in zip(names, cells, strict=True) if cell.strip()}
    return _document(file, uri, record, changed_at, contract)


def read_parquet(file: InputFile, stream: BinaryIO, kind: str, contract: Contract) -> Iterator[Document | Rejected]:
    """The rows of a Parquet file, streamed."""
    number = 0
    try:
        table = pq.ParquetFile(stream, pre_buffer=False, buffer_size=1 << 20)
        if refusal := _without_text(file, table.schema_arrow.names, contract):
            yield refusal
            return
        names = contract.named(table.schema_arrow.names)
        changed_at = file.changed_at()
        for batch in table.iter_batches(_PARQUET_ROWS):
            columns = [[_value(value) for value in column.to_pylist()] for column in batch.columns]
            for values in zip(*columns, strict=True):
                number += 1
                file.reached = f"row {number}"
                record = {name: value for name, value in zip(names, values, strict=True) if value not in (None, "")}
                if record:
                    yield _document(file, f"{file.name}#R{number}", record, changed_at, contract)
        # Of a column that is cut short, PyArrow's batches end early and without an error.
        if number != table.metadata.num_rows:
            raise pa.ArrowInvalid(f"the file promises {table.metadata.num_rows} rows and holds {number}")
    except (pa.ArrowException, OSError, ValueError) as failure:
        yield file.damaged(
            "damaged-table", str(failure).split("\n")[0][:300], "Export the table again, then run again."
        )


def _document(
    file: InputFile, uri: str, record: dict[str, object], changed_at: datetime, contract: Contract
) -> Document | Rejected:
    payload = contract.admit(record, file, uri)
    if isinstance(payload, Rejected):
        return payload
    if len(payload) > DOCUMENT_LIMIT:
        error = f"{uri} has {len(payload):,} bytes, over the limit of {DOCUMENT_LIMIT:,} for one record. Split it."
        return file.refuse_part("row-too-long", error, uri, payload)
    return Document(uri, changed_at, _RECORD, payload)


def _without_text(file: InputFile, header: Sequence[str], contract: Contract) -> Rejected | None:
    """The rejection of a table in which no column is the text, or in which a mapped column is missing."""
    columns = [column.strip() for column in header]
    absent = contract.absent(columns)
    if "text" in contract.named(columns) and not absent:
        return None
    there = ", ".join(f"`{column}`" for column in columns[:30]) or "none"
    wanted = ", ".join(f"`{column}`" for column in absent) or "`text`"
    error = f"{file.name} has no column {wanted}; its columns are: {there}. Say in sources.yml which column holds "
    return file.refuse("missing-column", error + "the text (columns: {text: COLUMN}), then: rasad run --source NAME")


def _value(value: object) -> object:
    """A cell as JSON has it: times as ISO 8601, exact numbers as text."""
    match value:
        case datetime():
            # A time without zone stays without: half a day of doubt is not to be written off here.
            zoned = value.astimezone(UTC) if value.tzinfo else value
            return zoned.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case float() if value != value or value in (float("inf"), float("-inf")):
            return None
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError:
                return b64encode(value).decode()
        case list() | tuple():
            return [_value(item) for item in value]
        case dict():
            return {str(key): _value(item) for key, item in value.items()}
        case None | bool() | int() | float() | str():
            return value
    return str(value)
