"""Where a warehouse lies, as a value that is handed down.

    FOLDER/
    ├── catalog.sqlite    what tables and snapshots there are (DuckLake's catalog)
    ├── data/             the rows, as Parquet files
    ├── writer.lock       held by the one process that writes (writer.json says which)
    └── spill/            what does not fit into memory; empty between runs

Everything that depends on SQLite and a folder is in this module: a PostgreSQL catalog or an object store is
another way to answer the same questions, and no caller changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warehouse.extensions import literal

#: Raised when an older Rasad could no longer read what we write.
WAREHOUSE_FORMAT = 1
#: The name under which every connection attaches the warehouse.
CATALOG = "rasad"
#: How long SQLite waits for a lock. The writer's transactions on the catalog last some 10 ms, so 20 s is a
#: wait that only a stuck process or a network file system makes.
BUSY_MILLISECONDS = 20_000


@dataclass(frozen=True, slots=True)
class Location:
    """The folder of one warehouse. Make it with `Location.at`, which resolves links and `~`."""

    folder: Path
    #: Where a reader keeps its copy of the catalog, when the folder may not be written (see `private_copy`).
    private: Path | None = None

    @classmethod
    def at(cls, folder: str | Path) -> Location:
        return cls(Path(folder).expanduser().resolve())

    @property
    def catalog(self) -> Path:
        return (self.private or self.folder) / "catalog.sqlite"

    @property
    def data(self) -> Path:
        return self.folder / "data"

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

    def exists(self) -> bool:
        """Whether there is a catalog. A catalog of no bytes is a creation that was killed at its start.

        The catalog is never opened here or anywhere else but by DuckDB: closing any other handle on a SQLite
        file drops the locks that this process holds on it.
        """
        try:
            return self.catalog.stat().st_size > 0
        except OSError:
            return False

    def has_data(self) -> bool:
        """Whether there is any Parquet file, with or without a catalog."""
        return self.data.is_dir() and any(self.data.rglob("*.parquet"))

    def attach_sql(self, *, read_only: bool) -> str:
        """The ATTACH statement. The data path is always given, so that a warehouse can be moved or copied."""
        options = [f"DATA_PATH {literal(f'{self.data}/')}", "OVERRIDE_DATA_PATH true"]
        if read_only:
            options.insert(0, "READ_ONLY")
        else:
            # With WAL, readers and the writer do not wait for each other. Inlined rows (DuckLake's default
            # for fewer than 10) would be invisible to whoever reads the Parquet files.
            options += ["META_JOURNAL_MODE 'WAL'", "DATA_INLINING_ROW_LIMIT 0"]
        options.append(f"META_BUSY_TIMEOUT {BUSY_MILLISECONDS}")
        return f"ATTACH {literal(f'ducklake:sqlite:{self.catalog}')} AS {CATALOG} ({', '.join(options)})"

    def readable_paths(self) -> tuple[list[str], list[str]]:
        """What a locked-down reader may open: folders, and single files."""
        return [f"{self.data}/", f"{self.spill}/"], [str(self.catalog)]
