"""What is due: decided in SQL, from the digest of everything that a result depends on.

    input_key = sha256(content_hash ␟ stage ␟ version ␟ model_version ␟ input_key of each stage in `after`)

An article is due at a stage where this differs from the key in `stage_ledger`, and every stage in `after` has
been through it without rejecting it. For `ingest` the unit is a document, and its content_sha256 the content.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import pyarrow as pa

from schemas.errors import ContractError
from warehouse.connection import Parameter, Reader
from warehouse.explain import explained
from warehouse.tables import rollback

#: The stage whose units are documents; its ledger rows are found by `articles.document_id`.
INGEST = "ingest"
_COUNTER = itertools.count()
#: Rows handed over at a time while batches are cut: 100 bytes each, so 6 MB.
_STREAM_ROWS = 65_536


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


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How large a batch may get. A single article above the limit is a batch of its own.

    2 million characters of Arabic script are 4 MB of text; Stanza needs some 260 times that at its peak when it
    gets them in one call, which is what its own, smaller batches are for.
    """

    articles: int = 512
    characters: int = 2_000_000


class Due:
    """The articles that are due at one stage, as of the moment when they were asked for.

    Kept in DuckDB (and spilled by it), so that a million of them cost no Python memory. Use in a `with` block.
    """

    def __init__(self, reader: Reader, table: str, articles: int, limits: BatchLimits) -> None:
        self.articles = articles
        self._reader = reader
        self._table = table
        self._limits = limits

    def batches(self) -> Iterator[pa.Table]:
        """Tables of (article_id, input_key), each ordered by article_id.

        Batches follow the order in which the articles were written, so that a batch lies in one or two Parquet
        files: reading it, and replacing it, does not touch all the others.
        """
        cursor = self._reader.connection.cursor()  # the caller goes on asking while this one is read
        try:
            rows = cursor.execute(
                f"SELECT article_id, input_key, characters FROM {self._table} ORDER BY position, article_id"
            ).to_arrow_reader(_STREAM_ROWS)
            pending: list[pa.Table] = []
            count = size = 0
            for chunk in rows:
                table, start = pa.Table.from_batches([chunk]), 0
                for row, length in enumerate(table["characters"].to_pylist()):
                    full = count >= self._limits.articles or size + length > self._limits.characters
                    if count and full:
                        yield _batch([*pending, table.slice(start, row - start)])
                        pending, start, count, size = [], row, 0, 0
                    count, size = count + 1, size + length
                pending.append(table.slice(start))
            if count:
                yield _batch(pending)
        finally:
            cursor.close()

    def close(self) -> None:
        with self._reader.turn, explained(self._reader.location):
            self._reader.connection.execute(f"DROP TABLE IF EXISTS {self._table}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def due(
    reader: Reader,
    stage: StageSpec,
    scope: Scope | None = None,
    limits: BatchLimits | None = None,
    *,
    again: bool = False,
) -> Due:
    """The articles that are due at a stage after `ingest`, with the key to store once they are done.

    With `again`, articles that went through at the same versions are taken too.
    """
    if stage.name == INGEST:
        raise ContractError("documents are due at ingest, not articles", hint="Call due_documents instead.")
    joins = ""
    upstream: list[str] = []
    parameters: list[Parameter] = []
    for number, name in enumerate(stage.after):
        joins += (
            f"JOIN stage_ledger AS u{number} ON u{number}.stage = ? AND u{number}.status <> 'rejected' "
            f"AND u{number}.article_id = a.{ledger_id(name)}\n"
        )
        upstream.append(f"u{number}.input_key")
        parameters.append(name)
    key, key_parameters = key_sql("a.content_hash", stage, upstream)
    condition, scope_parameters = (scope or Scope()).condition()
    table = f"memory.main.due_{next(_COUNTER)}"
    connection = reader.connection
    with reader.turn, explained(reader.location):
        connection.execute("BEGIN")  # one snapshot for both steps
        try:
            connection.execute(
                f"""
                CREATE TABLE {table} AS
                SELECT article_id, input_key, position FROM (
                    SELECT a.article_id, a.rowid AS position, {key} AS input_key, own.input_key AS stored
                    FROM articles AS a
                    {joins}
                    LEFT JOIN stage_ledger AS own ON own.stage = ? AND own.article_id = a.article_id
                    WHERE {condition}
                ) WHERE ? OR stored IS DISTINCT FROM input_key
                """,
                [*key_parameters, *parameters, stage.name, *scope_parameters, again],
            )
            found = connection.execute(f"SELECT count(*), min(position), max(position) FROM {table}").fetchone()
            count, first, last = found or (0, None, None)
            # Only due articles' texts are measured: reading a text costs more than all else about an article.
            connection.execute(
                f"""
                CREATE OR REPLACE TABLE {table} AS
                SELECT d.article_id, d.input_key, d.position, a.characters
                FROM {table} AS d JOIN (
                    SELECT article_id, length(text) AS characters FROM articles WHERE rowid BETWEEN ? AND ?
                ) AS a ON a.article_id = d.article_id
                """,
                [first if count else 0, last if count else -1],
            )
            connection.execute("COMMIT")
        except BaseException:
            rollback(connection)
            raise
    return Due(reader, table, int(count), limits or BatchLimits())


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


def _batch(parts: list[pa.Table]) -> pa.Table:
    table = pa.concat_tables(parts).select(["article_id", "input_key"])
    return table.sort_by("article_id").combine_chunks()
