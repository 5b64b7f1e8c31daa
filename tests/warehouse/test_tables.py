"""Tables whose records changed: what follows by itself, what is refused, and what is made anew."""

from __future__ import annotations

from typing import ClassVar

import duckdb
import pytest
from pydantic import Field

from schemas.articles import ParagraphLanguage
from schemas.errors import WarehouseError
from schemas.record import Record, TableSpec, fingerprint
from tests.warehouse.rows import commit, digest, ingested, languages, table
from warehouse.connection import Reader
from warehouse.location import CATALOG, Location
from warehouse.tables import ensure_tables
from warehouse.writer import Writer


class _Wider(ParagraphLanguage):
    dialect: str | None = Field(description="New, and may be null.")


class _Stricter(ParagraphLanguage):
    script: str = Field(description="Another rule.", min_length=4)


class _Looser(ParagraphLanguage):
    script: str | None = Field(description="May be null now.")  # type: ignore[assignment]


class _Gone(Record):
    table: ClassVar[TableSpec] = TableSpec("paragraph_languages", "g", ("article_id",), "article_id")
    article_id: int = Field(description="d")


def _ensure(location: Location, connection: duckdb.DuckDBPyConnection, record: type[Record]) -> tuple[str, ...]:
    connection.execute(location.attach_sql(read_only=False))
    try:
        return ensure_tables(location, connection, [record])
    finally:
        connection.execute(f"DETACH {CATALOG}")


def test_a_record_that_gains_a_nullable_column_changes_its_table(
    writer: Writer, reader: Reader, connections: tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]
) -> None:
    writer.commit(ingested("a"))
    writer.commit(languages("a"))
    assert _ensure(writer.location, connections[0], _Wider) == ("changed paragraph_languages",)
    assert reader.query("SELECT language, dialect FROM paragraph_languages").to_pylist() == [
        {"language": "ar", "dialect": None}
    ]
    stored = "SELECT fingerprint FROM table_versions WHERE table_name = 'paragraph_languages'"
    assert reader.value(stored) == fingerprint(_Wider)
    assert _ensure(writer.location, connections[0], _Wider) == ()


def test_a_changed_rule_is_noted_and_a_dropped_not_null_followed(
    writer: Writer, reader: Reader, connections: tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]
) -> None:
    writer.commit(ingested("a"))
    writer.commit(languages("a"))
    assert _ensure(writer.location, connections[0], _Stricter) == ("new rules for paragraph_languages",)
    assert _ensure(writer.location, connections[0], _Looser) == ("changed paragraph_languages",)
    described = reader.query("SELECT column_name FROM (DESCRIBE paragraph_languages) WHERE \"null\" = 'YES'")
    assert described.to_pylist() == [{"column_name": "script"}]


def test_a_change_that_old_rows_cannot_follow_is_refused(
    writer: Writer, reader: Reader, connections: tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]
) -> None:
    writer.commit(ingested("a"))
    writer.commit(languages("a"))
    with pytest.raises(WarehouseError, match="article_id was VARCHAR and is now BIGINT") as refused:
        _ensure(writer.location, connections[0], _Gone)
    assert "paragraph_languages" in refused.value.problem
    assert "script is gone" in refused.value.problem
    writer.commit(commit("language", {digest("article a"): "k"}, {"paragraph_languages": table(ParagraphLanguage)}))
    assert _ensure(writer.location, connections[0], _Gone) == ("created paragraph_languages anew",)


def test_a_table_is_made_anew_and_its_stage_is_due_again(
    writer: Writer, reader: Reader, connections: tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]
) -> None:
    writer.commit(ingested("a"))
    writer.commit(languages("a"))
    with pytest.raises(WarehouseError, match="rasad migrate --rebuild paragraph_languages"):
        _ensure(writer.location, connections[0], _Gone)
    connections[0].execute(writer.location.attach_sql(read_only=False))
    try:
        done = ensure_tables(
            writer.location, connections[0], [_Gone], rebuild={"paragraph_languages": ("language", "entities")}
        )
    finally:
        connections[0].execute(f"DETACH {CATALOG}")
    assert done == ("made paragraph_languages anew; due again: language, entities",)
    assert reader.query("SELECT * FROM paragraph_languages").column_names == ["article_id"]
    assert reader.query("SELECT DISTINCT stage FROM stage_ledger").to_pylist() == [{"stage": "ingest"}]
    assert reader.value("SELECT count(*) FROM articles") == 1
