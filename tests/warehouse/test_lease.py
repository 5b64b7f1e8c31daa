"""The lease on a file, and a catalog that another program keeps locked: what only a folder has."""

from __future__ import annotations

import pytest

import warehouse.location
from schemas.errors import LeaseHeld, WarehouseError
from tests.warehouse.child import child
from tests.warehouse.rows import ingested
from warehouse.connection import Reader
from warehouse.lease import writer_lease
from warehouse.location import Location
from warehouse.writer import Writer


def test_a_catalog_locked_by_another_program_is_explained(
    writer: Writer, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse.location, "BUSY_MILLISECONDS", 200)
    writer.commit(ingested("a"))
    with child("lock", writer.location, until="locked") as process:
        with pytest.raises(WarehouseError, match="locked"):
            writer.commit(ingested("b"))
        assert reader.value("SELECT count(*) FROM articles") == 1
        process.kill()
        process.wait()
    writer.commit(ingested("b"))
    assert reader.value("SELECT count(*) FROM articles") == 2


def test_an_unreadable_note_about_the_holder_does_no_harm(location: Location) -> None:
    with writer_lease(location, "run-1"):
        location.holder.write_text("{", encoding="utf-8")
        with pytest.raises(LeaseHeld, match="another process"), writer_lease(location, "run-2"):
            pass
    with writer_lease(location, "run-3"):
        pass
