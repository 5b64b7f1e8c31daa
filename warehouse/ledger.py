"""What is due: decided in SQL, from the digest of everything that a result depends on.

    input_key = sha256(content_hash ␟ stage ␟ version ␟ model_version ␟ input_key of each stage in `after`)

An article is due at a stage where this differs from the key in `stage_ledger`, and every stage in `after` has
been through it without rejecting it. For `ingest` the unit is a document, and its content_sha256 the content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from warehouse.connection import Parameter, Reader

#: The stage whose units are documents; its ledger rows are found by `articles.document_id`.
INGEST = "ingest"


@dataclass(frozen=True, slots=True)
class StageSpec:
    """What the ledger must know of a stage."""

    name: str
    version: str
    after: tuple[str, ...] = ()
    model_version: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the articles: one source, a window `[start, end)` of published time, some ids. By default, all.

    An article is of a source when it says so itself, or when its document was read from there. Articles without a
    date are in no window; `undated` takes them beside the window, or by themselves where there is none.
    """

    source: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    articles: tuple[str, ...] | None = None
    undated: bool = False

    def condition(self, document: str = "a.document_id") -> tuple[str, list[Parameter]]:
        """A SQL condition on `articles AS a` and its parameters; `document` is the column that names the document."""
        bounds = [
            (operator, moment) for operator, moment in ((">=", self.start), ("<", self.end)) if moment is not None
        ]
        parameters: list[Parameter] = [moment for _, moment in bounds]
        inside = " AND ".join(f"a.published_at {operator} ?" for operator, _ in bounds)
        parts = [inside or "true"]
        if self.undated:
            parts = [f"({inside or 'false'} OR a.published_at IS NULL)"]
        if self.source is not None:
            read = "SELECT document_id FROM raw_documents WHERE source = ?"
            parts.append(f"(a.source = ? OR {document} IN ({read}))")
            parameters += [self.source, self.source]
        if self.articles is not None:
            parts.append("a.article_id IN (SELECT unnest(CAST(? AS VARCHAR[])))")
            parameters.append(list(self.articles))
        return " AND ".join(parts), parameters


def due_documents(reader: Reader, stage: StageSpec, documents: pa.Table, *, again: bool = False) -> pa.Table:
    """Which of these documents `ingest` has not yet read at this version; with `again`, all of them.

    Columns in: document_id, content_sha256. Columns out: document_id, input_key, in the given order, a document
    that is there twice only once.
    """
    key, parameters = key_sql("content_sha256", stage, [])
    return reader.query(
        f"""
        SELECT d.document_id, d.input_key FROM (
            SELECT document_id, min(position) AS position, any_value({key}) AS input_key
            FROM incoming_documents GROUP BY document_id
        ) AS d
        LEFT JOIN stage_ledger AS own ON own.stage = ? AND own.article_id = d.document_id
        WHERE ? OR own.input_key IS DISTINCT FROM d.input_key
        ORDER BY d.position
        """,
        [*parameters, stage.name, again],
        incoming_documents=documents.select(["document_id", "content_sha256"]).append_column(
            "position", pa.array(range(documents.num_rows), pa.int64())
        ),
    )


def key_sql(content: str, stage: StageSpec, upstream: Sequence[str]) -> tuple[str, list[Parameter]]:
    """The SQL of an input key, and its parameters. Unit separators keep neighbouring parts apart."""
    parts = ", ".join([content, "?", "?", "?", *upstream])
    return f"sha256(concat_ws(chr(31), {parts}))", [stage.name, stage.version, stage.model_version or ""]


def ledger_id(stage: str) -> str:
    return "document_id" if stage == INGEST else "article_id"
