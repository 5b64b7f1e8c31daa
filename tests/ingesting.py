"""Documents, and a warehouse of dictionaries that takes them through the ingest stage."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from schemas.articles import Article, RawDocument
from schemas.record import arrow_schema
from schemas.validate import validate
from tasks.ingest import STAGE
from tasks.reading import DOCUMENT_SCHEMA
from tasks.stage import StageInput, StageOutput, stable_id

NOON = datetime(2025, 10, 21, 12, tzinfo=UTC)
TEXT = "أعلنت وزارة الخارجية أن الوفد سيصل غداً لاستكمال المحادثات."


Rows = dict[str, dict[str, Any]]


class FakeWarehouse:
    """The two tables that ingest reads and writes, replaced by owner as the real one does."""

    def __init__(self) -> None:
        self.tables: dict[str, Rows] = {"raw_documents": {}, "articles": {}}

    def lookup(self, query: str, **tables: pa.Table) -> pa.Table:
        """What the two queries of the stage ask; the queries themselves are tested on a real database."""
        wanted, reread = (set(tables[name].column(0).to_pylist()) for name in ("wanted", "reread"))
        documents = self.tables["raw_documents"]
        if "FROM articles" not in query:
            kept = [d for d in documents.values() if d["article_id"] in wanted and d["document_id"] not in reread]
            return pa.Table.from_pylist(kept, schema=DOCUMENT_SCHEMA)
        rows = []
        for article in self.tables["articles"].values():
            if article["article_id"] in wanted or article["document_id"] in reread:
                fetched_at = documents[article["document_id"]]["fetched_at"]
                times = {"published_at": article["published_at"], "fetched_at": fetched_at}
                rows.append(article | {name: microseconds(time) for name, time in times.items()})
        return pa.Table.from_pylist(rows)

    def in_duckdb(self, query: str, **tables: pa.Table) -> pa.Table:
        """The same, asked of a database."""
        connection = duckdb.connect()
        for record in (RawDocument, Article):
            rows = list(self.tables[record.table.name].values())
            connection.register(record.table.name, pa.Table.from_pylist(rows, schema=arrow_schema(record)))
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(query).to_arrow_table()

    def ingest(self, documents: Sequence[dict[str, Any]]) -> StageOutput:
        """Run the stage, check what every stage promises, and store the rows."""
        table = pa.Table.from_pylist(list(documents), schema=DOCUMENT_SCHEMA)
        units = tuple(document["document_id"] for document in documents)
        output = STAGE.work(StageInput(units, {"raw_documents": table}, self.lookup))
        gone = [r.unit_id for r in output.rejected] + [e.unit_id for e in output.excluded]
        assert len(set(gone)) == len(gone) and set(gone) <= set(units)
        assert output.tables["articles"].num_rows == len(units) - len(gone) + len(output.restated)
        for record in (RawDocument, Article):
            rows = output.tables[record.table.name]
            for stamp in ("run_id", "stage_version"):
                rows = rows.append_column(stamp, pa.repeat(pa.scalar("1"), rows.num_rows))
            assert validate(record, rows).invalid == ()
            stored = self.tables[record.table.name]
            # As `warehouse/commit.py` does: an article belongs to the document that it was read from.
            gone_too = {*units, *output.restated}
            for key in [key for key, row in stored.items() if row["document_id"] in gone_too]:
                del stored[key]
            stored.update({row[record.table.owner]: row for row in rows.to_pylist()})
        return output

    def articles(self) -> list[dict[str, Any]]:
        return [row for _, row in sorted(self.tables["articles"].items())]


def microseconds(time: datetime | None) -> int | None:
    return None if time is None else (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def document(
    payload: bytes | str | dict[str, Any], *, fetched: datetime = NOON, uri: str = "/news/a.jsonl#L1"
) -> dict[str, Any]:
    kind = "text/plain" if isinstance(payload, str) else "application/json"
    if isinstance(payload, dict):
        payload = json.dumps(payload, ensure_ascii=False)
    if isinstance(payload, str):
        payload = payload.encode()
    digest = hashlib.sha256(payload).hexdigest()
    return {
        "document_id": stable_id("local", digest),
        "source": "local",
        "uri": uri,
        "fetched_at": fetched,
        "media_type": kind,
        "content_sha256": digest,
        "payload": payload,
    }


def one(payload: bytes | str | dict[str, Any]) -> dict[str, Any]:
    warehouse = FakeWarehouse()
    output = warehouse.ingest([document(payload)])
    assert output.rejected == ()
    return warehouse.articles()[0]


def refused(payload: bytes | str | dict[str, Any]) -> tuple[str, str]:
    output = FakeWarehouse().ingest([document(payload)])
    [rejection] = output.rejected
    assert rejection.uri == "/news/a.jsonl#L1" and rejection.error.startswith("/news/a.jsonl#L1: ")
    assert output.tables["raw_documents"].num_rows == 1, "raw is kept, so that later code can read it again"
    return rejection.rule, rejection.error
