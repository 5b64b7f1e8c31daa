"""Maintenance changes files, never rows; it says beforehand what it would do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.errors import WarehouseError, WarehouseMissing
from tests.warehouse.conftest import RESOURCES
from tests.warehouse.rows import ingested, languages
from warehouse.connection import open_reader
from warehouse.diff import diff
from warehouse.location import Location
from warehouse.maintenance import maintain
from warehouse.status import check_files, status
from warehouse.writer import Writer

NOW = timedelta(0)


def rows(location: Location) -> list[dict[str, object]]:
    with open_reader(location, RESOURCES) as reader:
        check_files(reader)
        found: list[dict[str, object]] = reader.query(
            "SELECT article_id, text, language, (SELECT count(*) FROM stage_ledger) AS ledger FROM articles ORDER BY 1"
        ).to_pylist()
        counted = status(reader).tables  # from the catalog, whatever was replaced, merged or removed
    assert (counted["articles"], counted["stage_ledger"]) == (len(found), found[0]["ledger"])
    return found


def test_small_files_are_merged_and_no_row_changes(writer: Writer) -> None:
    for number in range(6):
        writer.commit(ingested(f"a{number}", run_id=f"run-{number}"))
        writer.commit(languages(f"a{number}", run_id=f"run-{number}"))
    before, files = rows(writer.location), len(list(writer.location.data.rglob("*.parquet")))
    planned = maintain(writer.location, "run-m", keep=NOW, file_grace=NOW, dry_run=True, resources=RESOURCES)
    assert planned.is_dry
    assert planned.merged_files["articles"] > 1
    assert len(list(writer.location.data.rglob("*.parquet"))) == files, "a dry run changes nothing"
    kept = maintain(writer.location, "run-m", keep=timedelta(days=1), resources=RESOURCES)
    assert kept.merged_files["articles"] >= planned.merged_files["articles"] > 1
    assert kept.expired_snapshots == kept.removed_files == kept.orphaned_files == 0
    with open_reader(writer.location, RESOURCES) as reader:
        assert diff(reader, "run-0", "run-5")[0].added == 5, "time travel goes on across merged files"
    done = maintain(writer.location, "run-m", keep=NOW, file_grace=NOW, resources=RESOURCES)
    assert done.expired_snapshots > 0
    assert done.removed_files > 0
    assert rows(writer.location) == before
    assert len(list(writer.location.data.rglob("*.parquet"))) == done.files_after < files
    with open_reader(writer.location, RESOURCES) as reader, pytest.raises(WarehouseError, match="expired"):
        diff(reader, "run-0", "run-5")
    writer.commit(ingested("later"))
    assert len(rows(writer.location)) == 7


def test_files_of_a_killed_writer_go_when_they_are_old_enough(writer: Writer) -> None:
    writer.commit(ingested("a"))
    orphan = writer.location.data / "main" / "articles" / "ducklake-orphan.parquet"
    orphan.write_bytes(next(orphan.parent.glob("*.parquet")).read_bytes())
    assert maintain(writer.location, "run-m", keep=NOW, resources=RESOURCES).orphaned_files == 0
    assert orphan.exists()
    assert maintain(writer.location, "run-m", keep=NOW, file_grace=NOW, resources=RESOURCES).orphaned_files == 1
    assert not orphan.exists()
    assert len(rows(writer.location)) == 1


def test_a_folder_without_a_warehouse_gets_none(tmp_path: object) -> None:
    with pytest.raises(WarehouseMissing):
        maintain(Location.at(f"{tmp_path}/none"), "run-m", keep=NOW, resources=RESOURCES)
