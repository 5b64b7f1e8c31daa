"""What a user's SQL may be: one statement that reads.

DuckDB's own locks (a read-only catalog, no external access, a locked configuration) leave gaps: COPY can
write into the warehouse's data folder, and the functions of the SQLite extension open any SQLite file, past
all of DuckDB's checks. So the statement's type is checked, and its table functions against a list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import duckdb

from schemas.errors import QueryError
from warehouse.explain import query_error

#: Built-in table functions that read nothing but their arguments and the warehouse.
ALLOWED_FUNCTIONS = frozenset(
    (
        "range",
        "generate_series",
        "unnest",
        "repeat",
        "repeat_row",
        "json_each",
        "json_tree",
        "summary",
        "snapshots",
        "current_snapshot",
        "last_committed_snapshot",
        "table_changes",
        "table_insertions",
        "table_deletions",
        "table_info",
        "list_files",
        "options",
        "ducklake_snapshots",
        "ducklake_current_snapshot",
        "ducklake_last_committed_snapshot",
        "ducklake_table_changes",
        "ducklake_table_insertions",
        "ducklake_table_deletions",
        "ducklake_table_info",
        "ducklake_list_files",
        "ducklake_options",
        "pragma_table_info",
        "pragma_show",
        "pragma_version",
        "duckdb_tables",
        "duckdb_columns",
        "duckdb_views",
        "duckdb_schemas",
        "duckdb_databases",
        "duckdb_types",
        "duckdb_functions",
        "duckdb_settings",
        "duckdb_keywords",
        "search",  # ours: marts/macros/search.sql
    )
)
#: How the database of a DuckLake catalog is called where it is attached.
_INTERNALS = "__ducklake_metadata"
_EXPLAIN = re.compile(r"\s*EXPLAIN\s+(?:ANALYZE\s+)?(?:\(\s*[\w\s,]*\)\s*)?", re.IGNORECASE)
_READS = "Give one statement that reads: SELECT, FROM, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN."


def check_statement(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """The statement, if it is one that only reads. Raises QueryError otherwise."""
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as failure:
        raise query_error(failure) from failure
    if len(statements) > 1 and any(not s.query.strip() for s in statements):
        raise QueryError("PIVOT needs its columns listed here", hint="Name them: PIVOT … ON column IN (…).")
    if len(statements) != 1:
        raise QueryError(f"the query has {len(statements)} statements", hint=_READS)
    statement = statements[0]
    text = statement.query
    kind = statement.type.name
    if kind == "EXPLAIN":
        explained = _EXPLAIN.match(text)
        text = text[explained.end() :] if explained else ""
    elif kind != "SELECT":
        raise QueryError(f"{kind} is not possible: the warehouse is read-only here", hint=_READS)
    _check_functions(connection, text)
    return statement.query


def _check_functions(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    row = connection.execute("SELECT json_serialize_sql(?)", [text]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True}
    if tree["error"] or not tree["statements"]:
        raise QueryError("this statement cannot be checked", hint=_READS)
    for catalog in _named_catalogs(tree):
        if catalog.lower().startswith(_INTERNALS):
            raise QueryError(
                "the catalog's own tables are not for questions: beside them may lie what is not the warehouse's",
                hint="Ask ducklake_snapshots('rasad'), ducklake_table_info('rasad') or ducklake_list_files instead.",
            )
    for function in _table_functions(tree):
        if function.lower() not in ALLOWED_FUNCTIONS:
            raise QueryError(
                f"the table function {function} is not possible here",
                hint="Read files in with rasad run, or attach the warehouse in DuckDB yourself (rasad doctor).",
            )


def _named_catalogs(tree: object) -> Iterator[str]:
    """What stands before the names of tables: catalogs and schemas."""
    for node in _nodes(tree):
        if node.get("type") == "BASE_TABLE":
            yield str(node.get("catalog_name"))
            yield str(node.get("schema_name"))


def _table_functions(tree: object) -> Iterator[str]:
    """The names of all table functions."""
    for node in _nodes(tree):
        function = node.get("function")
        if node.get("type") == "TABLE_FUNCTION" and isinstance(function, dict):
            yield str(function.get("function_name"))


def _nodes(tree: object) -> Iterator[dict[str, object]]:
    """The nodes of a parsed statement, at any depth."""
    queue: list[object] = [tree]
    while queue:
        node = queue.pop()
        if isinstance(node, dict):
            yield node
            queue.extend(node.values())
        elif isinstance(node, list):
            queue.extend(node)
