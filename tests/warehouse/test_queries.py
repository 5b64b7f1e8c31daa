"""Reading: the rows of a batch, a stage's lookup, a user's SQL, and how things stand."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from schemas.articles import Article, ParagraphLanguage
from schemas.errors import ContractError, QueryError, WarehouseDamaged
from schemas.operations import Run
from schemas.record import arrow_schema
from schemas.validate import validate
from tests.warehouse.conftest import RESOURCES
from tests.warehouse.rows import ENTITIES, LANGUAGE, MOMENT, commit, digest, ingested, languages, rejection
from warehouse.connection import Reader, open_reader
from warehouse.guard import check_statement
from warehouse.queries import WarehouseLookup, attach_statement, read_units, run_sql, stream_sql
from warehouse.status import OpenRejections, StageStatus, status
from warehouse.writer import Writer


def test_units_are_read_in_the_shape_and_order_of_their_record(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a", "b", "c", "d"))
    writer.commit(languages("c", "d"))
    wanted = [digest(f"article {n}") for n in ("d", "a", "nobody")]
    found = read_units(reader, Article, wanted)
    assert found.schema == arrow_schema(Article)
    assert found["article_id"].to_pylist() == sorted(wanted[:2])
    assert not validate(Article, found).invalid
    assert read_units(reader, ParagraphLanguage, wanted).num_rows == 1
    assert read_units(reader, Article, ["nobody"]).schema == arrow_schema(Article)
    runs = read_units(reader, Run, ["run-1"])
    assert runs["counts"].to_pylist()[0] == {"rows_in": 4, "rows_out": 4, "rejected": 0, "excluded": 0}


def test_a_lookup_sees_the_warehouse_and_the_given_tables(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a", "b"))
    lookup = WarehouseLookup(reader)
    batch = pa.table({"id": [digest("article a")]})
    found = lookup("SELECT text FROM articles JOIN batch ON article_id = id", batch=batch)
    assert found.to_pylist() == [{"text": "نص a"}]
    with pytest.raises(QueryError, match="batch does not exist"):
        lookup("FROM batch")
    with pytest.raises(ContractError, match="articles"):
        lookup("FROM articles", articles=batch)
    with pytest.raises(QueryError, match="read-only"):
        lookup("DELETE FROM articles")


def test_a_query_just_works(writer: Writer) -> None:
    writer.commit(ingested("a", "b"))
    found = run_sql(writer.location, "SELECT source, count(*) AS n FROM articles GROUP BY ALL;", RESOURCES)
    assert found.to_pylist() == [{"source": "agency", "n": 2}]
    with stream_sql(writer.location, "FROM articles", RESOURCES) as result:
        assert sum(batch.num_rows for batch in result) == 2


def test_a_missing_file_is_damage_and_not_a_mistake_in_the_query(writer: Writer) -> None:
    writer.commit(ingested("a"))
    for file in (writer.location.data / "main" / "articles").iterdir():
        file.unlink()
    with pytest.raises(WarehouseDamaged):
        run_sql(writer.location, "FROM articles", RESOURCES)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("SELECT nope FROM articles", 'Referenced column "nope"'),
        ("SELECT * FROM nope", "nope does not exist"),
        ("SELEC 1", "syntax error"),
        ("", "0 statements"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("PIVOT articles ON source USING count(*)", "PIVOT"),
        ("DELETE FROM articles", "DELETE is not possible"),
        ("CREATE TABLE t AS SELECT 1", "CREATE is not possible"),
        ("SET memory_limit = '1GB'", "SET is not possible"),
        ("COPY (SELECT 1) TO '{folder}/data/x.parquet'", "COPY is not possible"),
        ("ATTACH 'sqlite:{folder}/x.db'", "ATTACH is not possible"),
        ("SELECT * FROM sqlite_scan('{folder}/catalog.sqlite', 'ducklake_table')", "sqlite_scan"),
        ("EXPLAIN ANALYZE SELECT * FROM sqlite_scan('x', 'y')", "sqlite_scan"),
        ("DESCRIBE (FROM query('SELECT 1'))", "query"),
        ("WITH a AS (FROM GLOB('/etc/*')) SELECT (SELECT 1 FROM a)", "GLOB|glob"),
        ("SELECT * FROM read_text('/etc/passwd')", "read_text"),
    ],
)
def test_what_a_query_may_not_do(reader: Reader, query: str, problem: str) -> None:
    connection = reader.connection
    with pytest.raises(QueryError, match=problem) as refused:
        statement = check_statement(connection, query.replace("{folder}", str(reader.location.folder)))
        reader.query(statement)
    assert refused.value.hint


@pytest.mark.parametrize(
    "query",
    [
        "FROM articles",
        "WITH a AS (SELECT 1 AS x) FROM a;",
        "VALUES (1)",
        "SHOW TABLES",
        "DESCRIBE articles",
        "SUMMARIZE articles",
        "EXPLAIN SELECT 1",
        "SELECT * FROM range(3)",
        "SELECT * FROM articles AT (VERSION => 1)",
        "FROM rasad.snapshots()",
        "PIVOT articles ON source IN ('agency') USING count(*)",
    ],
)
def test_what_a_query_may_do(reader: Reader, query: str) -> None:
    reader.query(check_statement(reader.connection, query))


def test_a_locked_reader_reaches_nothing_outside(writer: Writer, tmp_path: Path) -> None:
    """Past the guard too: DuckDB itself refuses, so that a gap in the one is closed by the other."""
    writer.commit(ingested("a"))
    location = writer.location
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    with open_reader(location, RESOURCES, locked=True) as locked:
        assert locked.value("SELECT count(*) FROM articles WHERE text <> ''") == 1
        for query in (
            f"SELECT * FROM read_csv('{outside}')",
            f"SELECT * FROM '{location.data}/../../outside.csv'",
            f"COPY (SELECT 1) TO '{tmp_path / 'written.csv'}'",
            "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SET enable_external_access = true",
            "RESET lock_configuration",
            f"ATTACH '{tmp_path / 'other.duckdb'}'",
            "CALL ducklake_add_data_files('rasad', 'articles', '/etc/passwd')",
            "DELETE FROM articles",
            "DELETE FROM __ducklake_metadata_rasad.ducklake_metadata",
        ):
            with pytest.raises((QueryError, duckdb.Error)):
                locked.query(query)
    assert not (tmp_path / "written.csv").exists()


def test_status_counts_everything(writer: Writer, reader: Reader) -> None:
    empty = status(reader)
    assert (empty.last_run, empty.last_published, empty.open_rejections, empty.stages) == (None, None, (), ())
    writer.commit(ingested("a", "b"))
    bad = digest("document bad")
    rejected = rejection("ingest", "text:empty", document_id=bad)
    writer.commit(commit("ingest", {bad: "k"}, {}, rejections=[rejected], rejected=[bad]))
    writer.commit(languages("a", run_id="run-2"))
    found = status(reader, lambda: (LANGUAGE, ENTITIES))
    assert (found.tables["articles"], found.tables["events"], found.snapshots) == (2, 0, 5)
    assert found.stages == (
        StageStatus("language", done=1, rejected=0, excluded=0, due=1),
        StageStatus("entities", done=0, rejected=0, excluded=0, due=2),
        StageStatus("ingest", done=2, rejected=1, excluded=0, due=None),
    )
    assert found.open_rejections == (OpenRejections("ingest", "text:empty", 1, "text:empty does not hold"),)
    assert found.last_run is not None
    assert (found.last_run.run_id, found.last_run.stages, found.last_run.started_at) == ("run-2", ("language",), MOMENT)


def test_the_attach_statement_works_in_plain_duckdb(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a"))
    statement = attach_statement(writer.location)
    assert "\n" not in statement
    cursor = reader.connection.cursor()
    for part in statement.replace(" AS rasad ", " AS again ").replace("USE rasad", "USE again").split("; "):
        cursor.execute(part)
    assert cursor.execute("SELECT count(*) FROM articles").fetchone() == (1,)
    cursor.execute("USE memory")
    cursor.execute("DETACH again")
    cursor.close()


def test_a_long_question_draws_nothing_into_its_answer(reader: Reader) -> None:
    assert reader.value("SELECT current_setting('enable_progress_bar')") is False
