"""Publish: marts and core tables as plain Parquet and one frozen DuckDB file, swapped in atomically.

    DIR/
    ├── current → versions/000042-…    what readers use; replaced in one step (rename)
    └── versions/
        └── 000042-1f0c…/              snapshot and fingerprint of what was published
            ├── rasad.duckdb           every mart and table; opens without any extension
            ├── marts/*.parquet
            ├── tables/*.parquet
            └── manifest.json          snapshot, rows of each, SHA-256 of each file

A reader that has an old version open goes on reading it: its files are removed only when two newer versions have
been published, and the operating system keeps an open file until it is closed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from schemas.catalog import TABLES
from schemas.errors import ContractError, WarehouseError
from schemas.record import Record
from warehouse.connection import Reader, Resources, open_reader
from warehouse.explain import explained
from warehouse.extensions import literal
from warehouse.location import Location
from warehouse.sql_models import Model, failures, macros, marts, quoted

#: What stays inside: payloads as they came, and what only the pipeline itself needs.
_INTERNAL = frozenset(
    {
        "raw_documents",
        "article_signatures",
        "signature_bands",
        "rejections",
        "stage_ledger",
        "audit_findings",
        "table_versions",
    }
)
DATABASE = "rasad.duckdb"
#: Versions that stay beside the new one, for readers that are in the middle of a question.
KEPT = 2


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published: where, of which snapshot, how many rows of each table."""

    folder: str
    version: str
    snapshot_id: int
    is_new: bool
    rows: dict[str, int]
    bytes: int


def publish(location: Location, folder: Path, resources: Resources | None = None) -> Publication:
    """Write the latest snapshot into DIR and make it the current version.

    A version that is there already, whole, is only made current again. Raises ContractError when a mart breaks its
    tests (nothing is then swapped in), WarehouseError when the folder cannot be written.
    """
    target = folder.expanduser().resolve()
    if target.exists() and not target.is_dir():
        raise WarehouseError(
            "this is a file, and the publication is to be a folder",
            where=str(target),
            hint="Name a new folder: rasad publish DIR.",
        )
    with explained(location), open_reader(location, resources) as reader:
        connection = reader.connection
        connection.execute("BEGIN")  # all tables of one snapshot, whatever is committed meanwhile
        snapshot = int(str(reader.value("SELECT id FROM rasad.current_snapshot()")))
        version = f"{snapshot:06d}-{_fingerprint()}"
        versions = target / "versions"
        _make_folder(versions)
        _sweep(versions)
        manifest = versions / version / "manifest.json"
        is_new = not manifest.is_file()
        if is_new:
            _refuse_broken(reader)
            draft = versions / f".{version}.{os.getpid()}"
            try:
                _write(reader, draft, snapshot)
                shutil.rmtree(versions / version, ignore_errors=True)
                draft.rename(versions / version)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        _point(target / "current", Path("versions") / version)
        _remove_old(versions, version)
        stated = json.loads(manifest.read_text("utf-8"))
        size = sum(file.stat().st_size for file in (versions / version).rglob("*") if file.is_file())
    return Publication(str(target / "current"), version, snapshot, is_new, stated["rows"], size)


def published_tables() -> tuple[type[Record], ...]:
    """The tables that go out, in the order of the pipeline."""
    return tuple(record for record in TABLES if record.table.name not in _INTERNAL)


def _fingerprint() -> str:
    """Changes with the marts and with what is published: the same snapshot may be worth publishing again."""
    parts = [model.fingerprint for model in marts()] + [macro.fingerprint for macro in macros()]
    parts += [record.table.name for record in published_tables()]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:8]


def _make_folder(versions: Path) -> None:
    try:
        versions.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise WarehouseError(
            f"nothing can be published here: {failure.strerror or failure}",
            where=str(versions.parent),
            hint="Name a folder that you may write to: rasad publish DIR.",
        ) from failure


def _refuse_broken(reader: Reader) -> None:
    broken = failures(reader, marts())
    if broken:
        first = broken[0]
        raise ContractError(
            f"the mart {first.model} breaks its test `{first.test}` in {first.rows} rows, e.g. {first.example[:300]}",
            where=f"{len(broken)} tests in all",
            hint="Nothing was published. Mend the mart's .sql file, or the rows: rasad sql shows them.",
        )


def _write(reader: Reader, draft: Path, snapshot: int) -> None:
    """Write the Parquet files from the reader's open transaction, then the frozen database from them."""
    sources: list[tuple[str, str, str, dict[str, str]]] = [
        ("marts", mart.name, _described(mart), mart.columns) for mart in marts()
    ]
    for record in published_tables():
        columns = {name: info.description or "" for name, info in record.model_fields.items()}
        sources.append(("tables", record.table.name, f"A row is {record.table.grain}.", columns))
    for part in ("marts", "tables"):
        (draft / part).mkdir(parents=True)
    for part, name, _, _ in sources:
        file = literal(str(draft / part / f"{name}.parquet"))
        reader.connection.execute(
            f"COPY (SELECT * FROM rasad.main.{quoted(name)}) TO {file} (FORMAT parquet, COMPRESSION zstd)"
        )
    reader.connection.execute("COMMIT")
    rows: dict[str, int] = {}
    reader.connection.execute(f"ATTACH {literal(str(draft / DATABASE))} AS frozen")
    for part, name, description, columns in sources:
        rows[name] = _freeze(reader.connection, name, draft / part / f"{name}.parquet", description, columns)
    reader.connection.execute("USE frozen")
    for macro in macros():
        reader.connection.execute(macro.statement)
    reader.connection.execute("USE memory")
    reader.connection.execute("DETACH frozen")
    digests = {str(file.relative_to(draft)): _sha256(file) for file in sorted(draft.rglob("*")) if file.is_file()}
    manifest = {"snapshot_id": snapshot, "rows": rows, "sha256": digests}
    (draft / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _freeze(
    connection: duckdb.DuckDBPyConnection, name: str, file: Path, description: str, columns: dict[str, str]
) -> int:
    """Load one Parquet file into the frozen database; times become plain UTC timestamps.

    TIMESTAMPTZ needs the extension icu for almost every operation, and this file is to need none.
    """
    source = f"read_parquet({literal(str(file))})"
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    aware = [column for column, kind, *_ in described if kind == "TIMESTAMP WITH TIME ZONE"]
    plain = ", ".join(f"{quoted(c)} AT TIME ZONE 'UTC' AS {quoted(c)}" for c in aware)
    chosen = f"* REPLACE ({plain})" if aware else "*"
    table = f"frozen.main.{quoted(name)}"
    connection.execute(f"CREATE TABLE {table} AS SELECT {chosen} FROM {source}")
    connection.execute(f"COMMENT ON TABLE {table} IS {literal(description)}")
    for column, text in columns.items():
        connection.execute(f"COMMENT ON COLUMN {table}.{quoted(column)} IS {literal(text)}")
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _described(mart: Model) -> str:
    return f"{mart.description} A row is {mart.grain}."


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _point(link: Path, version: Path) -> None:
    """Let the link lead to the version, in one step: a reader finds the old version or the new one."""
    if link.exists() and not link.is_symlink():
        raise WarehouseError(
            "something that rasad did not make is in the way",
            where=str(link),
            hint="Move it away, or publish into another folder.",
        )
    draft = link.with_name(f".current.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(version)
    draft.replace(link)


def _remove_old(versions: Path, current: str) -> None:
    """Keep the current version and the latest two before it."""
    others = sorted((f for f in versions.iterdir() if f.name != current), key=lambda f: f.stat().st_mtime_ns)
    for old in others[: max(0, len(others) - KEPT)]:
        shutil.rmtree(old, ignore_errors=True)


def _sweep(versions: Path) -> None:
    """Remove the drafts of processes that were killed; a draft is named after its process."""
    for draft in versions.glob(".*.*"):
        pid = draft.name.rpartition(".")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            with suppress(OSError):
                shutil.rmtree(draft)
