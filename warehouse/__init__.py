"""Where rows live: DuckLake, one writer, SQL marts, audits.

For Python users: `warehouse.connect("warehouse-data")` returns a read-only DuckDB connection.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

__all__ = ["connect"]


def connect(folder: str | Path, *, memory_limit: str = "2GB", threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection that sees the tables and marts of a warehouse, read-only and always up to date.

        import warehouse

        with warehouse.connect("warehouse-data") as db:
            frame = db.sql("SELECT language, count(*) AS articles FROM articles GROUP BY ALL").df()

    `folder` is a warehouse, or what `rasad publish` wrote (the folder, or the frozen file itself). The warehouse
    cannot be changed through it and flows are never kept waiting; tables of your own go into the catalog `memory`.
    Raises WarehouseMissing, WarehouseNewer, WarehouseDamaged or ExtensionMissing.
    """
    from warehouse.connection import Resources, open_frozen, open_reader
    from warehouse.location import Location

    path = Path(folder).expanduser()
    frozen = [file for file in (path, path / "rasad.duckdb", path / "current" / "rasad.duckdb") if file.is_file()]
    if frozen:
        return open_frozen(frozen[0])
    return open_reader(Location.at(path), Resources(memory_limit, threads)).connection
