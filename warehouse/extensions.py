"""Load DuckDB's extensions from pinned PyPI wheels, so that nothing is ever downloaded at run time."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import duckdb

from schemas.errors import ExtensionMissing

#: Time zones, the SQLite catalog, the lake itself: in this order, since DuckLake looks for the catalog's.
EXTENSIONS = ("icu", "sqlite_scanner", "ducklake")


def extension_path(name: str) -> Path:
    """The file of one extension inside its wheel. Raises ExtensionMissing when the wheel is not installed."""
    module = f"duckdb_extension_{name}"
    spec = find_spec(module)
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        if path.is_file():
            return path
    raise ExtensionMissing(
        f"DuckDB {duckdb.__version__} needs its extension {name}, and the wheel {module} "
        f"{'is not installed' if spec is None else 'holds another version'}",
        hint=f"Install it: pip install {module.replace('_', '-')}=={duckdb.__version__}",
    )


def load_extensions(connection: duckdb.DuckDBPyConnection, names: Sequence[str] = EXTENSIONS) -> None:
    """Load extensions by their paths; needs no network and no home directory."""
    for name in names:
        path = extension_path(name)
        try:
            connection.execute(f"LOAD {literal(str(path))}")
        except duckdb.Error as failure:
            raise ExtensionMissing(
                f"DuckDB cannot load its extension {name}: {str(failure).splitlines()[0]}",
                where=str(path),
                hint="Install it again: pip install --force-reinstall "
                f"duckdb-extension-{name.replace('_', '-')}=={duckdb.__version__}",
            ) from failure


def literal(value: str) -> str:
    """A SQL string literal, for the few statements that take no parameters (LOAD, ATTACH, SET)."""
    return "'" + value.replace("'", "''") + "'"
