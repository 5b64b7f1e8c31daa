"""Questions to the warehouse: the rows of a batch, a stage's lookup, a user's SQL, and how things stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from schemas.catalog import BY_NAME
from schemas.errors import ContractError, RasadError
from schemas.record import Record, arrow_schema
from warehouse.connection import Reader, Resources, open_reader
from warehouse.explain import explain, explained
from warehouse.guard import check_statement
from warehouse.location import Location

#: Rows handed over at a time: 10,000 articles are some 50 MB.
_STREAM_ROWS = 10_000


class WarehouseLookup:
    """The `Lookup` of a stage: a read-only query that also sees the Arrow tables given by keyword."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def __call__(self, query: str, **tables: pa.Table) -> pa.Table:
        """Run one query. Raises ContractError when a given table has the name of a table of the warehouse."""
        shadowed = sorted(set(tables) & set(BY_NAME))
        if shadowed:
            raise ContractError(
                f"a lookup was given the tables {shadowed}, which the warehouse has too",
                hint="Give it another keyword, such as `batch`.",
            )
        return self._reader.query(query, **tables)


def read_units(reader: Reader, record: type[Record], ids: Sequence[str]) -> pa.Table:
    """The rows that belong to these units (by the record's owner column), ordered by the record's key.

    Columns out: the record's Arrow schema.
    """
    schema = arrow_schema(record)
    table, owner = f'"{record.table.name}"', f'"{record.table.owner}"'
    units = pa.table({"id": pa.array(ids, pa.string())})
    # Two steps, since DuckLake skips files by the range of rowid and not by a list of ids: a batch of 500 out
    # of 100,000 articles is read in 0.04 s instead of 0.65 s.
    first, last = (
        reader.query(f"SELECT min(rowid), max(rowid) FROM {table} WHERE {owner} IN (FROM units)", units=units)
        .to_pylist()[0]
        .values()
    )
    if first is None:
        return schema.empty_table()
    names = ", ".join(f'"{name}"' for name in schema.names)
    key = ", ".join(f'"{name}"' for name in record.table.key)
    rows = reader.query(
        f"SELECT {names} FROM {table} WHERE rowid BETWEEN ? AND ? AND {owner} IN (FROM units) ORDER BY {key}",
        [first, last],
        units=units,
    )
    return rows.cast(schema)


@contextmanager
def stream_sql(location: Location, query: str, resources: Resources | None = None) -> Iterator[pa.RecordBatchReader]:
    """Run a user's query; yields a reader over the result's batches, valid inside the `with` block.

    One statement that reads: SELECT, FROM, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN. It can reach
    nothing but the warehouse's own files.
    Raises QueryError with DuckDB's first line and a hint, or a WarehouseError.
    """
    with open_reader(location, resources, locked=True) as reader:
        statement = check_statement(reader.connection, query)
        with explained(location):
            result = reader.connection.execute(statement).to_arrow_reader(_STREAM_ROWS)
        try:
            yield result
        except RasadError:
            raise
        except (duckdb.Error, pa.ArrowInvalid, pa.ArrowIOError) as failure:  # while streaming, Arrow words it
            raise explain(failure, location) from failure


def run_sql(location: Location, query: str, resources: Resources | None = None) -> pa.Table:
    """The whole result of a user's query; see `stream_sql`."""
    with stream_sql(location, query, resources) as result:
        return result.read_all()


def attach_statement(location: Location) -> str:
    """The line that opens this warehouse in plain DuckDB, read-only."""
    return f"{location.attach_sql(read_only=True)}; USE rasad;"
