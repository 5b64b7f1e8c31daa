"""Small, valid rows for the tests of the warehouse, made from the records so that they stay valid."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import pyarrow as pa

from schemas.articles import Article, ParagraphLanguage, RawDocument
from schemas.operations import LedgerEntry, Rejection, Run
from schemas.record import Record, arrow_schema, columns
from warehouse.commit import Commit
from warehouse.ledger import StageSpec

MOMENT = datetime(2025, 3, 1, 12, tzinfo=UTC)
INGEST = StageSpec("ingest", "1")
LANGUAGE = StageSpec("language", "1", ("ingest",))
ENTITIES = StageSpec("entities", "1", ("language",), "ner-1")
STAGES = (INGEST, LANGUAGE, ENTITIES)

_DEFAULTS: Mapping[pa.DataType, object] = {
    pa.string(): "x",
    pa.int64(): 0,
    pa.float64(): 0.5,
    pa.bool_(): False,
    pa.binary(): b"x",
    pa.timestamp("us", tz="UTC"): MOMENT,
    pa.date32(): date(2025, 3, 1),
}


def digest(text: str, digits: int = 32) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def row(record: type[Record], **values: object) -> dict[str, object]:
    """One row: the given values, null where allowed, else something harmless."""
    made: dict[str, object] = {}
    for column in columns(record):
        if column.name in values:
            made[column.name] = values[column.name]
        elif column.nullable:
            made[column.name] = None
        elif column.choices:
            made[column.name] = column.choices[0]
        else:
            made[column.name] = [] if pa.types.is_list(column.arrow_type) else _DEFAULTS[column.arrow_type]
    unknown = set(values) - set(made)
    assert not unknown, f"{record.__name__} has no {unknown}"
    return made


def table(record: type[Record], *rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=arrow_schema(record))


def document(name: str) -> dict[str, object]:
    return row(
        RawDocument,
        document_id=digest(f"document {name}"),
        source="agency",
        uri=f"file:{name}",
        media_type="text/plain",
        content_sha256=digest(f"content {name}", 64),
        payload=name.encode(),
    )


def article(name: str, *, document: str | None = None, **values: object) -> dict[str, object]:
    given = {
        "article_id": digest(f"article {name}"),
        "document_id": digest(f"document {document or name}"),
        "source": "agency",
        "text": f"نص {name}",
        "content_hash": digest(f"hash {name}", 64),
    }
    return row(Article, **{**given, **values})


def paragraph(name: str, index: int = 0, language: str = "ar") -> dict[str, object]:
    return row(
        ParagraphLanguage,
        article_id=digest(f"article {name}"),
        paragraph_index=index,
        char_start=index * 10,
        char_end=index * 10 + 5,
        language=language,
        script="Arab",
    )


def rejection(
    stage: str, rule: str, *, document_id: str | None = None, article_id: str | None = None
) -> dict[str, object]:
    return row(
        Rejection,
        rejection_id=digest(f"{stage} {rule} {document_id or article_id}"),
        stage=stage,
        rule=rule,
        error=f"{rule} does not hold",
        document_id=document_id,
        article_id=article_id,
        rejected_at=MOMENT,
    )


def commit(
    stage: str,
    keys: Mapping[str, str],
    tables: Mapping[str, pa.Table],
    *,
    run_id: str = "run-1",
    rejections: Sequence[dict[str, object]] = (),
    rejected: Sequence[str] = (),
    restated: tuple[str, ...] = (),
    window: str | None = None,
) -> Commit:
    """A commit of one batch; `keys` are the units with their input keys."""
    ledger = [
        row(
            LedgerEntry,
            article_id=unit,
            stage=stage,
            input_key=key,
            status="rejected" if unit in rejected else "done",
            run_id=run_id,
        )
        for unit, key in keys.items()
    ]
    counts = {
        "rows_in": len(keys),
        "rows_out": len(keys) - len(rejected),
        "rejected": len(rejected),
        "excluded": 0,
    }
    run = row(
        Run,
        run_id=run_id,
        stage=stage,
        window=window,
        counts=counts,
        seconds=1.0,
        versions={"rasad": "0", "stage": "1", "model": None},
        started_at=MOMENT,
    )
    return Commit(
        run_id=run_id,
        stage=stage,
        author="rasad",
        message=f"{stage}: {len(keys)}",
        units=tuple(keys),
        tables=tables,
        rejections=table(Rejection, *rejections),
        ledger=table(LedgerEntry, *ledger),
        run=table(Run, run),
        restated=restated,
    )


def input_key(content: str, stage: StageSpec, *upstream: str) -> str:
    """The key as `warehouse.ledger` documents it, computed without SQL."""
    parts = [content, stage.name, stage.version, stage.model_version or "", *upstream]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def ingested(*names: str, run_id: str = "run-1", version: str = "1") -> Commit:
    """A commit of `ingest`: one document and its article for each name."""
    stage = StageSpec("ingest", version)
    keys = {digest(f"document {n}"): input_key(digest(f"content {n}", 64), stage) for n in names}
    tables = {
        "raw_documents": table(RawDocument, *map(document, names)),
        "articles": table(Article, *map(article, names)),
    }
    return commit("ingest", keys, tables, run_id=run_id)


def languages(*names: str, run_id: str = "run-1", stage: StageSpec = LANGUAGE, upstream: StageSpec = INGEST) -> Commit:
    """A commit of `language`: the articles completed, and a paragraph each."""
    keys = {
        digest(f"article {n}"): input_key(
            digest(f"hash {n}", 64), stage, input_key(digest(f"content {n}", 64), upstream)
        )
        for n in names
    }
    tables = {
        "articles": table(Article, *(article(n, language="ar", language_confidence=0.9) for n in names)),
        "paragraph_languages": table(ParagraphLanguage, *(paragraph(n) for n in names)),
    }
    return commit("language", keys, tables, run_id=run_id)
