"""The full-text index: which words stand in which article, normalised as `search_key` does.

A table like any other, kept in the lake and in SQL alone: DuckDB's own full-text extension keeps its index inside
a DuckDB file, knows no Arabic letters, and would be needed by every reader. `search('…')` (marts/macros/search.sql)
asks it; readers need no extension.

What is due is decided as for a stage: `stage_ledger` has an entry `search` with the article's content hash.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from schemas.operations import LedgerEntry
from schemas.search import SearchTerm
from warehouse.connection import Reader, registered
from warehouse.sql_models import macro_version
from warehouse.tables import qualified
from warehouse.writer import Writer

STAGE = "search"
#: 5,000 articles of 300 words are 1 million rows, some 100 MB in memory.
BATCH = 5_000


def refresh_index(writer: Writer, reader: Reader, run_id: str) -> int:
    """Index the articles that are new or say something new; returns how many. One snapshot a batch."""
    version = macro_version("search_key")
    total: int = 0
    while True:
        due = reader.query(
            "SELECT a.article_id AS id, a.rowid AS place FROM articles AS a "
            "LEFT JOIN stage_ledger AS l ON l.stage = ? AND l.article_id = a.article_id "
            "WHERE l.input_key IS DISTINCT FROM concat(a.content_hash, ' ', ?) ORDER BY a.rowid LIMIT ?",
            [STAGE, version, BATCH],
        )
        if not due.num_rows:
            return total

        def work(connection: duckdb.DuckDBPyConnection, snapshot_id: int) -> None:
            _index(connection, due, run_id, version)  # noqa: B023 - called before the next round

        writer.change(run_id, f"search: {due.num_rows} articles indexed", work)
        total += due.num_rows
        if due.num_rows < BATCH:  # the lease is held, so none has come since; asking again compares every article
            return total


def _index(connection: duckdb.DuckDBPyConnection, due: pa.Table, run_id: str, version: str) -> None:
    terms, ledger = qualified(SearchTerm), qualified(LedgerEntry)
    # DuckLake skips files by the range of rowid and not by a list of ids: without it each batch reads every text.
    near = f"rowid BETWEEN {due['place'][0]} AND {due['place'][-1]} AND article_id IN (FROM due_ids)"
    with registered(connection, {"due_ids": due.select(["id"])}):
        # Asked here and not with `due`: another run may have indexed them meanwhile.
        again = connection.execute(
            f"SELECT article_id FROM {ledger} WHERE stage = ? AND article_id IN (FROM due_ids)", [STAGE]
        ).to_arrow_table()
        if again.num_rows:
            with registered(connection, {"again": again}):
                connection.execute(f"DELETE FROM {terms} WHERE article_id IN (FROM again)")
                connection.execute(f"DELETE FROM {ledger} WHERE stage = ? AND article_id IN (FROM again)", [STAGE])
        _insert(connection, near, run_id, version)


def _insert(connection: duckdb.DuckDBPyConnection, near: str, run_id: str, version: str) -> None:
    terms, ledger = qualified(SearchTerm), qualified(LedgerEntry)
    # In the order of the terms: DuckLake then skips parts of files by their smallest and largest term.
    connection.execute(
        f"""
        INSERT INTO {terms} (article_id, term, hits, words)
        SELECT article_id, term, count(*) AS hits, any_value(words) AS words
        FROM (
            SELECT article_id, unnest(terms) AS term, len(terms) AS words
            FROM (
                SELECT article_id, string_split(rasad.main.search_key(concat_ws(' ', title, text)), ' ') AS terms
                FROM rasad.main.articles WHERE {near}
            )
        )
        WHERE term <> ''
        GROUP BY article_id, term ORDER BY term, article_id
        """
    )
    connection.execute(
        f"INSERT INTO {ledger} (article_id, stage, input_key, status, reason, run_id) "
        "SELECT article_id, ?, concat(content_hash, ' ', ?), 'done', NULL, ? "
        f"FROM rasad.main.articles WHERE {near}",
        [STAGE, version, run_id],
    )
