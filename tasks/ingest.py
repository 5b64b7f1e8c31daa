"""The first stage: documents in, articles out.

Each document is read by `tasks/ingest_record.py` into the facts of one article. An article's id comes from
its source and the source's own id for it, else its address, else its text: never from a file name. Several
documents of one article are its revisions; the latest stays, whatever order they come in.

Where the first line of a text is taken as its title, `articles.text` is the body below it. Page furniture at
the end of a text is left out. `raw_documents` keeps every payload whole, so that later code can read it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from schemas.articles import Article, RawDocument
from schemas.record import made_schema
from schemas.sources import Fetch
from tasks.ingest_facts import Document, Facts, RefusedError
from tasks.ingest_metadata import charset, with_metadata
from tasks.ingest_record import read_documents
from tasks.ingest_revisions import Candidate, Rank, fallen, latest, microseconds, others_of, stored_of
from tasks.normalize import search_key
from tasks.stage import Rejected, Stage, StageInput, StageOutput, stable_id

#: As much of a payload as `rejections` keeps; `raw_documents` has the whole.
_REJECTED_PREFIX: Final = 64 * 1024

_ARTICLE_SCHEMA: Final = made_schema(Article)
#: Encodings of one byte a character, which `raw_text` reads in SQL, under the names of the web.
_CHARSETS: Final = {"cp1256": "windows-1256", "cp1252": "windows-1252", "iso8859-6": "iso-8859-6"}
#: Documents read at a time: some 700 kB of text, which the processor's cache holds from one step to the next.
_PART: Final = 250

_Row = dict[str, object]


def ingest(batch: StageInput) -> StageOutput:
    """Read documents into articles.

    Tables in: `raw_documents`; out: the same rows, and `articles` with the language columns null, or as
    stored where the content is the same. A document that cannot be read is rejected, one that is not the
    latest of its article excluded: `older-revision`, or `same-content` where it says nothing different.

    A newest revision that is rejected leaves the article as the older ones give it. Where code of another
    version rejects the very document that a stored article was read from, or finds an earlier date in it, the
    article's other documents are read again, from the batch and from the warehouse, and the best of them takes
    its place; where there is none, the commit takes the article away (`warehouse/commit.py`): the tables say
    what today's code makes of all documents, in whatever batches they are read, and the rejection keeps the
    payload.
    """
    documents = batch.tables[RawDocument.table.name]
    rejected: list[Rejected] = []
    candidates: dict[str, list[Candidate]] = {}
    articles: dict[str, str] = {}
    read_in: dict[str, str] = {}
    parts = (_rows(documents.slice(start, _PART)) for start in range(0, documents.num_rows, _PART))
    for document, candidate in chain.from_iterable(map(_candidates, parts)):
        if isinstance(candidate, RefusedError):
            payload, uri = document["payload"], str(document["uri"])
            assert isinstance(payload, bytes)
            unit, error = str(document["document_id"]), f"{uri}: {candidate}"
            rejected.append(Rejected(unit, candidate.rule, error, payload[:_REJECTED_PREFIX], uri))
            continue
        article = str(candidate.row["article_id"])
        articles[candidate.rank.document_id] = article
        candidates.setdefault(article, []).append(candidate)
        if candidate.encoding in _CHARSETS:
            read_in[candidate.rank.document_id] = _CHARSETS[candidate.encoding]
    units = frozenset(batch.units)
    stored = stored_of(candidates, batch)
    others = _other_revisions(candidates, stored, units, batch)
    rows, excluded = latest(candidates, stored, units)
    restated = [document for document in others if document["document_id"] in {row["document_id"] for row in rows}]
    articles |= {str(row["document_id"]): str(row["article_id"]) for row in rows}
    if restated:
        documents = pa.concat_tables([documents, pa.Table.from_pylist(restated, schema=documents.schema)])
    if read_in:
        documents = _with_charsets(documents, read_in)
    read_as = pa.array([articles.get(document) for document in documents["document_id"].to_pylist()], pa.string())
    tables = {
        RawDocument.table.name: documents.append_column("article_id", read_as),
        Article.table.name: pa.Table.from_pydict(
            {name: [row[name] for row in rows] for name in _ARTICLE_SCHEMA.names}, schema=_ARTICLE_SCHEMA
        ),
    }
    return StageOutput(
        tables, tuple(rejected), tuple(excluded), restated=tuple(str(document["document_id"]) for document in restated)
    )


def _rows(documents: pa.Table) -> list[_Row]:
    """The rows of `raw_documents`; most of a batch share their time, and times are slow to convert."""
    names = documents.column_names
    columns = [documents[name].to_pylist() for name in names if name != "fetched_at"]
    times = pc.unique(documents["fetched_at"])
    known = {
        stamp: moment.astimezone(UTC)
        for stamp, moment in zip(times.cast(pa.int64()).to_pylist(), times.to_pylist(), strict=True)
    }
    fetched = [known[moment] for moment in documents["fetched_at"].cast(pa.int64()).to_pylist()]
    names = ["fetched_at", *(name for name in names if name != "fetched_at")]
    return [dict(zip(names, row, strict=True)) for row in zip(fetched, *columns, strict=True)]


def _candidates(documents: Sequence[_Row]) -> Iterator[tuple[_Row, Candidate | RefusedError]]:
    """Each document with what it says of its article."""
    read = read_documents([_payload(document) for document in documents])
    for document, facts in zip(documents, read, strict=True):
        yield document, facts if isinstance(facts, RefusedError) else _candidate(document, facts)


def _payload(document: _Row) -> Document:
    payload, fetched_at, metadata = document["payload"], document["fetched_at"], document.get("metadata")
    assert isinstance(payload, bytes) and isinstance(fetched_at, datetime)
    assert metadata is None or isinstance(metadata, str)
    return Document(payload, str(document["media_type"]), str(document["uri"]), fetched_at, charset(metadata))


def _candidate(document: _Row, facts: Facts) -> Candidate:
    fetched_at, metadata = document["fetched_at"], document.get("metadata")
    assert isinstance(fetched_at, datetime) and (metadata is None or isinstance(metadata, str))
    facts = with_metadata(facts, metadata, fetched_at)
    source = facts.source or str(document["source"])
    content_hash = _content_hash(source, facts)
    row: _Row = {
        "article_id": article_id(source, facts),
        "document_id": document["document_id"],
        "source": source,
        "external_id": facts.external_id,
        "url": facts.url,
        "title": facts.title,
        "title_method": facts.title_method,
        "text": facts.text,
        "text_method": facts.text_method,
        "offset_map": facts.offset_map,
        "author": facts.author,
        "published_at": facts.published.at,
        "published_precision": facts.published.precision,
        "published_method": facts.published.method,
        "published_reason": facts.published.reason,
        "extra": facts.extra,
        "content_hash": content_hash,
        "language": None,
        "language_confidence": None,
        "language_method": None,
    }
    rank = Rank(
        microseconds(facts.published.at),
        microseconds(fetched_at),
        content_hash,
        str(document["document_id"]),
    )
    return Candidate(rank, row, facts.encoding)


def _with_charsets(documents: pa.Table, read_in: Mapping[str, str]) -> pa.Table:
    """Tell in the media type of pages that are not UTF-8 what they were read in: SQL has no other way to know."""
    kinds = [
        f"{kind.partition(';')[0].strip()}; charset={read_in[unit]}" if unit in read_in else kind
        for unit, kind in zip(documents["document_id"].to_pylist(), documents["media_type"].to_pylist(), strict=True)
    ]
    place = documents.column_names.index("media_type")
    return documents.set_column(place, documents.schema.field(place), pa.array(kinds, pa.string()))


def article_id(source: str, facts: Facts) -> str:
    """The id of an article: the same for every revision of it, whatever file it came in.

    A text without letters has an empty key and is told apart by itself.
    """
    if facts.external_id:
        return stable_id("article", "id", source, facts.external_id)
    if facts.url:
        return stable_id("article", "url", source, facts.url)
    return stable_id("article", "text", source, search_key(facts.text) or facts.text)


def _content_hash(source: str, facts: Facts) -> str:
    published = facts.published.at.isoformat() if facts.published.at else None
    parts = [source, facts.title, facts.text, published, facts.url, facts.author, facts.declared_language]
    # Clean text holds no control characters, so these keep the parts, and nothing from an empty part, apart.
    written = "\x1f".join(["\x00" if part is None else part for part in parts])
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _other_revisions(
    candidates: dict[str, list[Candidate]], stored: Mapping[str, _Row], read: frozenset[str], batch: StageInput
) -> list[_Row]:
    """Let documents outside the batch compete for articles whose own document says less than it did.

    They were passed over for that document, by an order that no longer holds. Returns them, and adds what
    they say to the candidates.
    """
    sunk = fallen(candidates, stored, read)
    if not sunk:
        return []
    others = others_of(sunk, batch)
    for _, candidate in _candidates(others):
        if isinstance(candidate, RefusedError):
            continue
        if (identifier := str(candidate.row["article_id"])) in sunk:
            candidates.setdefault(identifier, []).append(candidate)
    return others


STAGE: Final = Stage(
    name="ingest",
    version="5",
    reads=(RawDocument,),
    writes=(RawDocument, Fetch, Article),
    work=ingest,
    unit="document_id",
)
