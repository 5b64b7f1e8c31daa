"""Where a warehouse lies, as a value that is handed down.

    FOLDER/
    ├── catalog.sqlite    what tables and snapshots there are (DuckLake's catalog)
    ├── data/             the rows, as Parquet files
    ├── writer.lock       held by the one process that writes (writer.json says which)
    └── spill/            what does not fit into memory; empty between runs

The catalog may lie in a PostgreSQL database instead (`warehouse/postgres.py`), the Parquet files in an object store
(`warehouse/object_store.py`); the folder then holds what is left. What differs is answered here, and no caller asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warehouse import object_store, postgres
from warehouse.extensions import EXTENSIONS, literal

#: Raised when an older Rasad could no longer read what we write.
WAREHOUSE_FORMAT = 1
#: The name under which every connection attaches the warehouse.
CATALOG = "rasad"
#: How long SQLite waits for a lock. The writer's transactions on the catalog last some 10 ms, so 20 s is a
#: wait that only a stuck process or a network file system makes.
BUSY_MILLISECONDS = 20_000


@dataclass(frozen=True, slots=True)
class Location:
    """The place of one warehouse. Make it with `Location.at`, which resolves links and `~`, and checks the rest."""

    folder: Path
    #: How libpq finds the database of the catalog, without a password; None: a SQLite file in the folder.
    database: str | None = None
    #: `s3://bucket/prefix/` of the Parquet files; None: `data/` in the folder.
    store: str | None = None
    #: Where a reader keeps its copy of the catalog, when the folder may not be written (see `private_copy`).
    private: Path | None = None

    @classmethod
    def at(cls, folder: str | Path, *, catalog: str = "sqlite", storage: str = "folder") -> Location:
        """The warehouse of these settings. Raises SettingsError for a catalog or a storage that cannot be."""
        return cls(
            Path(folder).expanduser().resolve(),
            None if catalog == "sqlite" else postgres.connection_string(catalog),
            None if storage == "folder" else object_store.prefix(storage),
        )

    @property
    def catalog(self) -> Path:
        """The file of a SQLite catalog."""
        return (self.private or self.folder) / "catalog.sqlite"

    @property
    def catalog_name(self) -> str:
        """What messages call the catalog."""
        return str(self.catalog) if self.database is None else f"postgres:{self.database}"

    @property
    def data(self) -> Path:
        """The folder of the Parquet files, unless an object store has them."""
        return self.folder / "data"

    @property
    def data_path(self) -> str:
        """Where the Parquet files are, with a slash at its end."""
        return self.store or f"{self.data}/"

    @property
    def lock(self) -> Path:
        return self.folder / "writer.lock"

    @property
    def holder(self) -> Path:
        """Who holds the lock, for the message to whoever waits."""
        return self.folder / "writer.json"

    @property
    def spill(self) -> Path:
        return (self.private or self.folder) / "spill"

    @property
    def is_remote(self) -> bool:
        """Whether a part of it is reached over the network."""
        return self.database is not None or self.store is not None

    @property
    def extensions(self) -> tuple[str, ...]:
        """What DuckDB must load, in this order."""
        return (
            *(("httpfs",) if self.store else ()),
            *(("postgres_scanner",) if self.database is not None else ()),
            *EXTENSIONS,
        )

    def exists(self) -> bool:
        """Whether there is a catalog. A catalog of no bytes is a creation that was killed at its start.

        A SQLite file is never opened here or anywhere else but by DuckDB: closing any other handle on it drops
        the locks that this process holds on it. Raises WarehouseError when the database cannot be reached.
        """
        if self.database is not None:
            return postgres.has_catalog(self.database)
        try:
            return self.catalog.stat().st_size > 0
        except OSError:
            return False

    def has_data(self) -> bool:
        """Whether there is any Parquet file in the folder, with or without a catalog."""
        return self.store is None and self.data.is_dir() and any(self.data.rglob("*.parquet"))

    def attach_sql(self, *, read_only: bool) -> str:
        """The ATTACH statement; it holds no secret, so that it may be shown.

        For a catalog in the folder the data path is always given, so that a warehouse can be moved or copied. A
        database remembers it for everybody: DuckLake refuses another.
        """
        options = [f"DATA_PATH {literal(self.data_path)}"]
        if read_only:
            options.insert(0, "READ_ONLY")
        else:
            # Inlined rows (DuckLake's default for fewer than 10) would be invisible to whoever reads the files.
            options.append("DATA_INLINING_ROW_LIMIT 0")
        if self.database is not None:
            source = f"ducklake:postgres:{self.database}"
        else:
            source = f"ducklake:sqlite:{self.catalog}"
            options += ["OVERRIDE_DATA_PATH true", f"META_BUSY_TIMEOUT {BUSY_MILLISECONDS}"]
            if not read_only:  # with WAL, readers and the writer do not wait for each other
                options.append("META_JOURNAL_MODE 'WAL'")
        return f"ATTACH {literal(source)} AS {CATALOG} ({', '.join(options)})"

    def readable_paths(self) -> tuple[list[str], list[str]]:
        """What a locked-down reader may open: folders, and single files."""
        return [self.data_path, f"{self.spill}/"], [] if self.database is not None else [str(self.catalog)]
