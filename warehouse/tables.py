"""Create the tables from their records and the views from their files, and follow both when they change.

A record may gain nullable columns and drop a NOT NULL, which is done to the table by itself; rules that
DuckLake does not know (choices, patterns, keys) may change freely. Anything else would lose or falsify rows,
and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import duckdb

from schemas.articles import Article
from schemas.catalog import TABLES
from schemas.errors import WarehouseError
from schemas.operations import LedgerEntry, TableVersion
from schemas.quality import QualityMetric
from schemas.record import Record, columns, fingerprint, sql_columns
from warehouse import quality
from warehouse.extensions import literal
from warehouse.location import CATALOG, WAREHOUSE_FORMAT, Location
from warehouse.sql_models import macros, models

_VERSIONS = f"{CATALOG}.main.{TableVersion.table.name}"
#: Under which the figures of `seeds/quality.csv` are noted in `table_versions`.
_FIGURES = "figures quality_metrics"


@dataclass(frozen=True, slots=True)
class _Change:
    """What has to be done to one table or view; `fingerprint` is None for one that goes."""

    name: str
    fingerprint: str | None
    statements: tuple[str, ...]
    summary: str


def qualified(record: type[Record]) -> str:
    """The table's full name; every name in SQL comes from a record, never from data."""
    return f'{CATALOG}.main."{record.table.name}"'


def ensure_tables(
    location: Location,
    connection: duckdb.DuckDBPyConnection,
    records: Sequence[type[Record]] = TABLES,
    *,
    rebuild: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[str, ...]:
    """Bring the tables to the shape of their records and the views to their files, in one snapshot.

    Nothing is done when they are so already.

    `rebuild` names tables that are made anew, without rows, and the stages that thereby are due again.
    Returns what was done, a line each. Raises WarehouseError when a record changed in a way that old rows do
    not fit, and its table is not to be made anew.
    """
    existing = _existing_columns(connection)
    stored = _stored_fingerprints(connection) if TableVersion.table.name in existing else {}
    changes = [
        change
        for record in records
        if stored.get(record.table.name) != fingerprint(record)
        and record.table.name not in (rebuild or {})
        and (change := _change(location, connection, record, existing.get(record.table.name)))
    ]
    changes += [
        _anew(record, rebuild[record.table.name]) for record in records if rebuild and record.table.name in rebuild
    ]
    changes += _view_changes(stored)
    if QualityMetric in records and stored.get(_FIGURES) != quality.fingerprint():
        load = quality.load_statements(qualified(QualityMetric))
        changes.append(_Change(_FIGURES, quality.fingerprint(), load, "figures of quality_metrics"))
    if not changes:
        return ()
    # Kept in the catalog, so that they hold for whichever client writes here. zstd makes Arabic text half as
    # large as DuckLake's default, snappy, at the same speed.
    connection.execute(f"CALL {CATALOG}.set_option('parquet_compression', 'zstd')")
    connection.execute(f"CALL {CATALOG}.set_option('data_inlining_row_limit', 0)")
    connection.execute("BEGIN")
    try:
        for change in changes:
            for statement in change.statements:
                connection.execute(statement)
        for change in changes:
            if change.name in stored:
                connection.execute(f"DELETE FROM {_VERSIONS} WHERE table_name = ?", [change.name])
        noted = [(c.name, c.fingerprint, WAREHOUSE_FORMAT) for c in changes if c.fingerprint]
        if noted:  # one statement, one data file
            values = ", ".join("(?, ?, ?)" for _ in noted)
            connection.execute(
                f"INSERT INTO {_VERSIONS} (table_name, fingerprint, warehouse_format) VALUES {values}",
                [value for row in noted for value in row],
            )
        summary = tuple(dict.fromkeys(change.summary for change in changes))
        connection.execute(f"CALL {CATALOG}.set_commit_message('rasad', ?)", [f"Tables: {'; '.join(summary)}"[:2_000]])
        connection.execute("COMMIT")
    except BaseException:
        rollback(connection)
        connection.execute("USE memory")
        raise
    return summary


def rollback(connection: duckdb.DuckDBPyConnection) -> None:
    """Give up the transaction, if a failed COMMIT has not already."""
    with suppress(duckdb.Error):
        connection.execute("ROLLBACK")


def _existing_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, tuple[str, bool]]]:
    """Table → column → (SQL type, nullable), as the catalog has them."""
    rows = connection.execute(
        "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() "
        "WHERE database_name = ? AND schema_name = 'main'",
        [CATALOG],
    ).fetchall()
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for table, column, sql_type, nullable in rows:
        found.setdefault(table, {})[column] = (sql_type, bool(nullable))
    return found


def _stored_fingerprints(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(connection.execute(f"SELECT table_name, fingerprint FROM {_VERSIONS}").fetchall())


def _change(
    location: Location,
    connection: duckdb.DuckDBPyConnection,
    record: type[Record],
    existing: dict[str, tuple[str, bool]] | None,
) -> _Change:
    name = record.table.name
    create = f"CREATE TABLE {qualified(record)} (\n  {sql_columns(record)}\n)"
    alter = f"ALTER TABLE {qualified(record)}"
    if existing is None:
        return _Change(name, fingerprint(record), (create,), f"created {name}")
    statements: list[str] = []
    refused: list[str] = []
    wanted = {column.name: column for column in columns(record)}
    for column in wanted.values():
        if column.name not in existing:
            if column.nullable:
                statements.append(f'{alter} ADD COLUMN "{column.name}" {column.sql_type}')
            else:
                refused.append(f"{column.name} is new and may not be null")
            continue
        sql_type, nullable = existing[column.name]
        if not _same_type(connection, sql_type, column.sql_type):
            refused.append(f"{column.name} was {sql_type} and is now {column.sql_type}")
        elif nullable and not column.nullable:
            refused.append(f"{column.name} may no longer be null")
        elif column.nullable and not nullable:
            statements.append(f'{alter} ALTER COLUMN "{column.name}" DROP NOT NULL')
    refused += [f"{gone} is gone" for gone in existing if gone not in wanted]
    if not refused:
        summary = f"changed {name}" if statements else f"new rules for {name}"
        return _Change(name, fingerprint(record), tuple(statements), summary)
    if connection.execute(f"SELECT 1 FROM {qualified(record)} LIMIT 1").fetchone() is None:
        drop = f"DROP TABLE {qualified(record)}"
        return _Change(name, fingerprint(record), (drop, create), f"created {name} anew")
    raise WarehouseError(
        f"the rows of the table {name} cannot follow its new shape: {'; '.join(refused)}",
        where=str(location.folder),
        hint=_way_out(record, location),
    )


def _anew(record: type[Record], stages: tuple[str, ...]) -> _Change:
    """Drop the table's rows and what the ledger says of the stages that write it: they are due again."""
    name = record.table.name
    due = ", ".join(literal(stage) for stage in stages)
    statements = (
        f"DROP TABLE IF EXISTS {qualified(record)}",
        f"CREATE TABLE {qualified(record)} (\n  {sql_columns(record)}\n)",
        f"DELETE FROM {qualified(LedgerEntry)} WHERE stage IN ({due})",
    )
    return _Change(name, fingerprint(record), statements, f"made {name} anew; due again: {', '.join(stages)}")


def _view_changes(stored: dict[str, str]) -> list[_Change]:
    """The macros and views whose files are new, changed or gone; noted as `macro NAME`, `view SCHEMA.NAME`."""
    wanted = {
        f"macro {macro.name}": (macro.fingerprint, macro.statement.replace("MACRO ", "MACRO main.", 1), "main")
        for macro in macros()
    }
    wanted |= {
        f"view {model.schema}.{model.name}": (
            model.fingerprint,
            f'CREATE OR REPLACE VIEW {model.schema}."{model.name}" AS {model.query}',
            model.schema,
        )
        for model in models()
    }
    changes = [
        _Change(
            name,
            fingerprint,
            # Under USE, so that the names within stay unqualified: a user may attach under another name.
            (f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.{schema}", f"USE {CATALOG}", statement, "USE memory"),
            "views",
        )
        for name, (fingerprint, statement, schema) in wanted.items()
        if stored.get(name) != fingerprint
    ]
    gone = [name for name in stored if name.startswith(("view ", "macro ")) and name not in wanted]
    return changes + [_Change(name, None, (_drop(name),), "views") for name in gone]


def _drop(noted: str) -> str:
    kind, _, name = noted.partition(" ")
    return f"DROP VIEW IF EXISTS {CATALOG}.{name}" if kind == "view" else f"DROP MACRO IF EXISTS {CATALOG}.main.{name}"


def _way_out(record: type[Record], location: Location) -> str:
    """What to type when a table cannot follow: what stages made of articles, they can make again."""
    if record.table.owner == "article_id" and record not in (Article, LedgerEntry):
        name = record.table.name
        return (
            f"Make it anew from the stored articles: rasad migrate --rebuild {name} --warehouse {location.folder}, "
            "then rasad run over any path."
        )
    return (
        "Run rasad again over the sources into a new folder (--warehouse DIR), or go back to the Rasad that wrote "
        "this one."
    )


def _same_type(connection: duckdb.DuckDBPyConnection, stored: str, wanted: str) -> bool:
    """Compare as DuckDB spells them: TIMESTAMPTZ and TIMESTAMP WITH TIME ZONE are one type."""
    if stored == wanted:
        return True
    row = connection.execute(f"SELECT typeof(CAST(NULL AS {wanted}))").fetchone()
    return row is not None and stored == row[0]
