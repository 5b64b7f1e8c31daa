"""The articles that are due at a stage, in batches."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Set
from dataclasses import dataclass

import pyarrow as pa

from schemas.errors import ContractError
from warehouse.connection import Closing, Parameter, Reader
from warehouse.explain import explained
from warehouse.ledger import INGEST, Scope, StageSpec, key_sql, ledger_id
from warehouse.tables import rollback

_COUNTER = itertools.count()
#: Rows handed over at a time while batches are cut: 100 bytes each, so 6 MB.
_STREAM_ROWS = 65_536
#: Beyond so many runs a stage is most likely due as a whole, and every article is looked at.
_FEW_RUNS = 200


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How large a batch may get. A single article above the limit is a batch of its own.

    2 million characters of Arabic script are 4 MB of text; Stanza needs some 260 times that at its peak when it
    gets them in one call, which is what its own, smaller batches are for.
    """

    articles: int = 512
    characters: int = 2_000_000


class Due(Closing):
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


def due(
    reader: Reader,
    stage: StageSpec,
    scope: Scope | None = None,
    limits: BatchLimits | None = None,
    *,
    again: bool = False,
    runs: Set[str] | None = None,
) -> Due:
    """The articles that are due at a stage after `ingest`, with the key to store once they are done.

    With `again`, articles that went through at the same versions are taken too. With `runs` (`doubtful_runs`, and the
    run that asks), only what these have written is looked at, so that a stage costs what is new and not what is stored.
    """
    if stage.name == INGEST:
        raise ContractError("documents are due at ingest, not articles", hint="Call due_documents instead.")
    joins = ""
    upstream: list[str] = []
    parameters: list[Parameter] = []
    # Written out, so that DuckLake skips the files of other runs.
    few = sorted(runs) if runs is not None and len(runs) <= _FEW_RUNS else []
    within = f"run_id IN ({', '.join('?' * len(few))})" if few else "true"
    for number, name in enumerate(stage.after):
        of_runs = name != INGEST  # a document may be read again and its article stay as it is
        joins += (
            f"JOIN (FROM stage_ledger WHERE stage = ? AND status <> 'rejected' AND {within if of_runs else 'true'}) "
            f"AS u{number} ON u{number}.article_id = a.{ledger_id(name)}\n"
        )
        upstream.append(f"u{number}.input_key")
        parameters += [name, *(few if of_runs else [])]
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
                    LEFT JOIN (FROM stage_ledger WHERE stage = ? AND {within}) AS own ON own.article_id = a.article_id
                    WHERE {f"a.{within}" if few else "true"} AND {condition}
                ) WHERE ? OR stored IS DISTINCT FROM input_key
                """,
                [*key_parameters, *parameters, stage.name, *few, *few, *scope_parameters, again],
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


def _batch(parts: list[pa.Table]) -> pa.Table:
    table = pa.concat_tables(parts).select(["article_id", "input_key"])
    return table.sort_by("article_id").combine_chunks()
