"""Publishing: whole versions, swapped in one step, that plain DuckDB and Parquet readers open."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

import warehouse
import warehouse.publish
from schemas.errors import ContractError, WarehouseDamaged, WarehouseError
from tests.warehouse.conftest import RESOURCES
from tests.warehouse.rows import ingested, languages
from warehouse.publish import publish, published_tables
from warehouse.sql_models import Failure, marts
from warehouse.writer import Writer

PLAIN: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two marts and the tables that they need are enough to see how publishing works."""
    chosen = tuple(m for m in marts() if m.name in ("language_mix", "source_health"))
    monkeypatch.setattr(warehouse.publish, "marts", lambda: chosen)
    needed = ("articles", "paragraph_languages", "entities", "entity_mentions", "search_terms")
    kept = tuple(r for r in published_tables() if r.table.name in needed)
    monkeypatch.setattr(warehouse.publish, "published_tables", lambda: kept)


def test_what_is_published_opens_without_an_extension_and_says_what_its_columns_mean(
    writer: Writer, tmp_path: Path
) -> None:
    writer.commit(ingested("a", "b"))
    writer.commit(languages("a"))
    target = tmp_path / "public 'news'"
    done = publish(writer.location, target, RESOURCES)
    assert done.is_new
    rows = {"language_mix": 2, "source_health": 1, "articles": 2, "paragraph_languages": 1}
    assert done.rows == rows | {"entities": 0, "entity_mentions": 0, "search_terms": 0}
    with duckdb.connect(str(target / "current" / "rasad.duckdb"), read_only=True, config=PLAIN) as db:
        assert db.execute("SELECT text FROM articles ORDER BY text").fetchall() == [("نص a",), ("نص b",)]
        types = dict(db.execute("SELECT column_name, data_type FROM duckdb_columns()").fetchall())
        assert types["published_at"] == "TIMESTAMP"
        assert db.execute("SELECT count(*) FROM articles WHERE published_at::DATE IS NULL").fetchone() == (2,)
        comment = db.execute("SELECT comment FROM duckdb_columns() WHERE column_name = 'mixed_articles'").fetchone()
        assert comment == ("Those with a paragraph in another language.",)
    assert pyarrow.parquet.read_table(target / "current" / "tables" / "articles.parquet").num_rows == 2
    manifest = json.loads((target / "current" / "manifest.json").read_text())
    assert manifest["snapshot_id"] == done.snapshot_id
    assert set(manifest["sha256"]) >= {"rasad.duckdb", "marts/language_mix.parquet", "tables/articles.parquet"}
    with warehouse.connect(target) as db:
        assert db.execute("SELECT sum(articles) FROM language_mix").fetchone() == (2,)


def test_a_reader_of_an_old_version_reads_on_and_the_next_one_finds_the_new(writer: Writer, tmp_path: Path) -> None:
    writer.commit(ingested("a"))
    publish(writer.location, tmp_path / "p", RESOURCES)
    old = duckdb.connect(str(tmp_path / "p" / "current" / "rasad.duckdb"), read_only=True)
    for number in range(4):
        writer.commit(ingested(f"b{number}"))
        publish(writer.location, tmp_path / "p", RESOURCES)
    assert old.execute("SELECT count(*) FROM articles").fetchone() == (1,)
    old.close()
    with warehouse.connect(tmp_path / "p") as new:
        assert new.execute("SELECT count(*) FROM articles").fetchone() == (5,)
    assert len(list((tmp_path / "p" / "versions").iterdir())) == 3


def test_the_same_snapshot_is_not_written_twice(writer: Writer, tmp_path: Path) -> None:
    first = publish(writer.location, tmp_path / "p", RESOURCES)
    before = (tmp_path / "p" / "current" / "rasad.duckdb").stat().st_mtime_ns
    again = publish(writer.location, tmp_path / "p", RESOURCES)
    assert (first.is_new, again.is_new, again.version) == (True, False, first.version)
    assert (tmp_path / "p" / "current" / "rasad.duckdb").stat().st_mtime_ns == before


def test_nothing_is_swapped_in_when_a_mart_breaks_its_test_or_the_writing_fails(
    writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(writer.location, tmp_path / "p", RESOURCES)
    before = (tmp_path / "p" / "current").readlink()
    writer.commit(ingested("a"))

    def fail(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(warehouse.publish, "_freeze", fail)
        with pytest.raises(KeyboardInterrupt):
            publish(writer.location, tmp_path / "p", RESOURCES)
        patch.setattr(warehouse.publish, "failures", lambda *_: [Failure("m", "unique: a", 2, "{}")])
        with pytest.raises(ContractError, match="unique: a"):
            publish(writer.location, tmp_path / "p", RESOURCES)
    assert (tmp_path / "p" / "current").readlink() == before
    assert len(list((tmp_path / "p" / "versions").iterdir())) == 1


def test_a_place_that_cannot_be_used_is_named(writer: Writer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WarehouseError, match="file"):
        publish(writer.location, tmp_path / "file", RESOURCES)
    with pytest.raises(WarehouseError, match="nothing can be published here"):
        publish(writer.location, tmp_path / "file" / "inside", RESOURCES)
    (tmp_path / "p" / "current").mkdir(parents=True)
    with pytest.raises(WarehouseError, match="in the way"):
        publish(writer.location, tmp_path / "p", RESOURCES)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "rasad.duckdb").write_bytes(b"no database" * 1000)
    with pytest.raises(WarehouseDamaged, match="rasad publish"):
        warehouse.connect(tmp_path / "damaged")


def test_a_python_user_reads_the_warehouse_and_cannot_change_it(writer: Writer) -> None:
    writer.commit(ingested("a"))
    with warehouse.connect(writer.location.folder, threads=1, memory_limit="512MB") as db:
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (1,)
        writer.commit(ingested("b"))
        assert db.execute("SELECT sum(articles) FROM language_mix").fetchone() == (2,)
        with pytest.raises(duckdb.Error, match="read-only"):
            db.execute("DELETE FROM articles")
        db.execute("CREATE TABLE memory.main.mine AS SELECT article_id FROM articles")
        assert db.execute("SELECT count(*) FROM memory.main.mine").fetchone() == (2,)
