"""Opening: creation, other formats, damage, changed records, and running out of things."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

import warehouse.location
from schemas.catalog import TABLES
from schemas.errors import (
    ExtensionMissing,
    QueryError,
    WarehouseDamaged,
    WarehouseMissing,
    WarehouseNewer,
)
from schemas.record import Record, fingerprint
from tests.warehouse.conftest import RESOURCES
from tests.warehouse.rows import ingested, languages
from warehouse import quality
from warehouse.commit import Commit, write
from warehouse.connection import Reader, open_reader
from warehouse.explain import explain
from warehouse.location import CATALOG, Location
from warehouse.sql_models import macros, models
from warehouse.writer import Writer, open_writer


def test_the_first_writer_makes_every_table_in_one_snapshot(tmp_path: Path) -> None:
    location = Location.at(tmp_path / "a folder with 'quotes' [1] و عربي")
    with open_writer(location, "run-1", RESOURCES) as writer:
        writer.commit(ingested("a"))
    with open_reader(location, RESOURCES) as reader:
        found = reader.query("SELECT table_name, fingerprint FROM table_versions").to_pylist()
        views = {f"view {m.schema}.{m.name}": m.fingerprint for m in models()}
        views |= {f"macro {m.name}": m.fingerprint for m in macros()}
        figures = {"figures quality_metrics": quality.fingerprint()}
        tables = {r.table.name: fingerprint(r) for r in TABLES}
        assert {r["table_name"]: r["fingerprint"] for r in found} == tables | views | figures
        assert reader.value("SELECT count(*) FROM ducklake_snapshots('rasad')") == 3  # empty, tables, commit
        assert reader.query("SELECT * FROM articles").num_rows == 1
    assert not any(location.spill.iterdir())


def test_a_second_opening_changes_nothing(location: Location) -> None:
    open_writer(location, "run-2", RESOURCES).close()
    with open_reader(location, RESOURCES) as reader:
        assert reader.value("SELECT count(*) FROM ducklake_snapshots('rasad')") == 2


def test_a_warehouse_can_be_moved(location: Location, writer: Writer, tmp_path: Path) -> None:
    writer.commit(ingested("a"))
    moved = location.folder.rename(tmp_path / "elsewhere")
    with open_reader(Location.at(moved), RESOURCES) as reader:
        assert reader.query("SELECT * FROM articles").num_rows == 1
    with open_writer(Location.at(moved), "run-2", RESOURCES) as again:
        again.commit(ingested("b"))
    assert len(list((moved / "data" / "main" / "articles").iterdir())) == 2


def test_no_warehouse_is_named_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing, match="rasad run PATH --warehouse") as missing:
        open_reader(Location.at(tmp_path / "nothing"), RESOURCES)
    assert missing.value.where == str(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_a_creation_that_was_killed_is_taken_up_again(tmp_path: Path) -> None:
    location = Location.at(tmp_path / "w")
    location.folder.mkdir()
    location.catalog.touch()
    with pytest.raises(WarehouseMissing):
        open_reader(location, RESOURCES)
    open_writer(location, "run-1", RESOURCES).close()
    open_reader(location, RESOURCES).close()


def test_a_newer_warehouse_is_not_touched(
    location: Location, connections: tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]
) -> None:
    connection = connections[0]
    connection.execute(location.attach_sql(read_only=False))
    connection.execute(f"UPDATE {CATALOG}.main.table_versions SET warehouse_format = 2 WHERE table_name = 'runs'")
    connection.execute(f"DETACH {CATALOG}")
    with pytest.raises(WarehouseNewer, match="pip install --upgrade rasad"):
        open_reader(location, RESOURCES)
    with pytest.raises(WarehouseNewer, match="format 2"):
        open_writer(location, "run-2", RESOURCES)


def test_a_newer_catalog_is_not_touched(location: Location) -> None:
    catalog = sqlite3.connect(location.catalog)
    with catalog:
        catalog.execute("UPDATE ducklake_metadata SET value = '9.0' WHERE key = 'version'")
    catalog.close()
    with pytest.raises(WarehouseNewer, match=r"9\.0"):
        open_reader(location, RESOURCES)


@pytest.mark.parametrize("damage", ["truncated", "garbage"])
def test_a_damaged_catalog_is_named(location: Location, damage: str) -> None:
    if damage == "truncated":
        os.truncate(location.catalog, location.catalog.stat().st_size // 3)
    else:
        location.catalog.write_bytes(b"hello" * 1000)
    for attempt in (lambda: open_reader(location, RESOURCES), lambda: open_writer(location, "run-2", RESOURCES)):
        with pytest.raises(WarehouseDamaged) as damaged:
            attempt()
        assert damaged.value.where == str(location.catalog)


def test_a_catalog_that_is_gone_is_not_made_anew_over_the_data(location: Location) -> None:
    location.catalog.unlink()
    for attempt in (lambda: open_reader(location, RESOURCES), lambda: open_writer(location, "run-2", RESOURCES)):
        with pytest.raises(WarehouseDamaged, match="no catalog"):
            attempt()


def test_a_missing_parquet_file_is_named(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a"))
    (file,) = (writer.location.data / "main" / "articles").iterdir()
    file.unlink()
    with pytest.raises(WarehouseDamaged) as damaged:
        reader.query("SELECT * FROM articles")
    assert damaged.value.where == str(file)
    with pytest.raises(WarehouseDamaged):
        writer.commit(ingested("a"))


def test_an_exception_in_the_middle_leaves_nothing(
    writer: Writer, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.commit(ingested("a"))
    before = reader.value("SELECT max(snapshot_id) FROM ducklake_snapshots('rasad')")

    def fail(
        connection: duckdb.DuckDBPyConnection,
        commit: Commit,
        tables: dict[type[Record], pa.Table],
        snapshot_id: int,
        clean: set[str],
    ) -> None:
        write(connection, commit, tables, snapshot_id, clean)
        raise KeyboardInterrupt

    monkeypatch.setattr("warehouse.writer.write", fail)
    with pytest.raises(KeyboardInterrupt):
        writer.commit(languages("a"))
    monkeypatch.undo()
    assert reader.value("SELECT max(snapshot_id) FROM ducklake_snapshots('rasad')") == before
    assert reader.query("SELECT language FROM articles").to_pylist() == [{"language": None}]
    assert reader.value("SELECT count(*) FROM paragraph_languages") == 0
    assert reader.value("SELECT count(*) FROM stage_ledger") == 1
    writer.commit(languages("a"))
    assert reader.value("SELECT count(*) FROM paragraph_languages") == 1


def test_a_full_disk_is_explained(location: Location) -> None:
    failure = duckdb.IOException('IO Error: Could not write file "x.parquet": No space left on device')
    assert "Free some space" in explain(failure, location).hint
    assert isinstance(explain(duckdb.BinderException("Binder Error: no"), location), QueryError)
    older = explain(duckdb.CatalogException("Table with name audit_findings does not exist!"), location)
    assert "rasad migrate" in older.hint


def test_a_missing_extension_names_the_command(monkeypatch: pytest.MonkeyPatch, location: Location) -> None:
    monkeypatch.setattr(warehouse.location, "EXTENSIONS", ("nowhere",))
    with pytest.raises(ExtensionMissing, match="pip install duckdb-extension-nowhere=="):
        open_reader(location, RESOURCES)


def test_no_home_is_needed(monkeypatch: pytest.MonkeyPatch, location: Location) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    with open_reader(location, RESOURCES) as reader:
        assert reader.value("SELECT count(*) FROM articles") == 0
        assert reader.value("SELECT TIMESTAMPTZ '2025-01-01 00:00:00+03' AT TIME ZONE 'Asia/Tehran'") is not None
