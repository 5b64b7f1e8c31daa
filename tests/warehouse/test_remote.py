"""A catalog in PostgreSQL and Parquet files in an object store: by settings alone, and without a secret anywhere."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import boto3
import duckdb
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from schemas.errors import LeaseHeld, QueryError, SettingsError, WarehouseDamaged, WarehouseError, WarehouseMissing
from tests.warehouse.conftest import RESOURCES, new_database
from tests.warehouse.rows import ingested
from tests.warehouse.servers import KEY, PASSWORD, SECRET
from warehouse.connection import Reader, open_reader
from warehouse.location import Location
from warehouse.maintenance import maintain
from warehouse.publish import DATABASE, publish
from warehouse.queries import attach_statement, run_sql
from warehouse.status import check_files
from warehouse.writer import Writer, open_writer

NOW = timedelta(0)
CATALOGS = ("postgres",)


@pytest.fixture(scope="module")
def remote(
    server: str, bucket: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Location:
    """A warehouse of which nothing lies in its folder, with two articles in two commits."""
    catalog = f"postgres:{server} dbname={new_database(request, 'template0')}"
    made = Location.at(tmp_path_factory.mktemp("remote"), catalog=catalog, storage=f"{bucket}/pressé/")
    with open_writer(made, "run-1", RESOURCES) as writer:
        writer.commit(ingested("a"))
        writer.commit(ingested("b"))
    return made


def test_rows_are_written_read_maintained_and_published(remote: Location, tmp_path: Path) -> None:
    done = maintain(remote, "run-m", keep=NOW, file_grace=NOW, resources=RESOURCES)
    assert done.merged_files["articles"] == 2
    assert done.removed_files > 0
    assert run_sql(remote, "SELECT text FROM articles ORDER BY text")["text"].to_pylist() == ["نص a", "نص b"]
    with open_reader(remote, RESOURCES) as reader:
        check_files(reader)
    publish(remote, tmp_path / "out", RESOURCES)
    with duckdb.connect(str(tmp_path / "out" / "current" / DATABASE), read_only=True) as frozen:
        assert frozen.execute("SELECT count(*) FROM articles").fetchone() == (2,)
    assert not [file for file in remote.folder.rglob("*") if file.is_file()], "nothing lies in the folder"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM __ducklake_metadata_rasad.public.ducklake_table",
        "SELECT (SELECT count(*) FROM __DUCKLAKE_METADATA_rasad.pg_catalog.pg_user)",
        "FROM postgres_query('__ducklake_metadata_rasad', 'SELECT 1')",
        "FROM 's3://other/secrets.parquet'",
        "FROM 'https://example.org/x.parquet'",
        "FROM duckdb_secrets()",
    ],
)
def test_questions_reach_neither_the_server_nor_another_bucket(remote: Location, query: str) -> None:
    with pytest.raises(QueryError):
        run_sql(remote, query)


def test_no_secret_shows(remote: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = run_sql(remote, "SELECT value FROM duckdb_settings()")["value"].to_pylist()
    runs = run_sql(remote, "SELECT CAST(runs AS VARCHAR) AS run FROM runs")["run"].to_pylist()
    said = [attach_statement(remote), remote.catalog_name, repr(remote), *map(str, settings), *runs]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(WarehouseError, match="object store") as failed:
        run_sql(remote, "SELECT max(text) FROM articles")
    said.append(str(failed.value))
    monkeypatch.setenv("PGPASSWORD", f"{PASSWORD}, changed")
    with pytest.raises(WarehouseError, match=r"PostgreSQL.*password authentication failed") as refused:
        open_reader(remote, RESOURCES)
    said.append(str(refused.value))
    for secret in (PASSWORD, KEY, SECRET):
        assert not [text for text in said if secret in text]


@pytest.mark.parametrize(
    ("catalog", "storage"),
    [
        ("postgres:host=h dbname=d password=hunter2", "folder"),
        ("postgresql://me:hunter2@h/d", "folder"),
        ("postgres:host=h password='hunter2", "folder"),
        ("mysql:host=h", "folder"),
        ("sqlite", "s3://hunter2:x@bucket"),
        ("sqlite", "s3://Bucket/*"),
        ("sqlite", "https://h/x"),
    ],
)
def test_settings_that_cannot_be_are_refused_and_a_password_is_not_repeated(catalog: str, storage: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Location.at("w", catalog=catalog, storage=storage)
    assert "hunter2" not in str(refused.value)


def test_a_database_or_a_url_without_a_password_is_taken() -> None:
    pairs = Location.at("w", catalog="postgres:host=h dbname=d").database or ""
    assert conninfo_to_dict(pairs) == {"host": "h", "dbname": "d"}
    url = Location.at("w", catalog="postgresql://me@h:5433/d").database or ""
    assert conninfo_to_dict(url) == {"user": "me", "dbname": "d", "host": "h", "port": "5433"}
    assert Location.at("w", storage="s3://bucket/news").data_path == "s3://bucket/news/"


def test_an_empty_database_is_no_warehouse_and_stays_empty(
    server: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    place = Location.at(tmp_path, catalog=f"postgres:{server} dbname={new_database(request, 'template0')}")
    with pytest.raises(WarehouseMissing, match="rasad run PATH"):
        open_reader(place, RESOURCES)
    assert not place.exists()


def test_files_elsewhere_than_the_catalog_says_are_refused(location: Location, tmp_path: Path) -> None:
    elsewhere = Location.at(tmp_path / "elsewhere", catalog=location.catalog_name)
    with pytest.raises(WarehouseError, match="keeps its files elsewhere"):
        open_reader(elsewhere, RESOURCES)


def test_a_lease_that_was_lost_undoes_the_commit(location: Location) -> None:
    with open_writer(location, "run-1", RESOURCES) as writer:
        writer.commit(ingested("a"))
        with pytest.raises(LeaseHeld, match=r"run run-1 .process"):
            open_writer(location, "run-2", RESOURCES)
        with psycopg.connect(location.database or "", autocommit=True) as session:
            session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'rasad run-1 %'"
            )
        with pytest.raises(WarehouseError, match="held the lease has ended"):
            writer.commit(ingested("b"))
    with open_writer(location, "run-3", RESOURCES) as writer:
        writer.commit(ingested("c"))
    with open_reader(location, RESOURCES) as reader:
        assert reader.value("SELECT count(*) FROM articles") == 2


def test_a_file_that_is_gone_from_the_store_is_named(bucket: str, tmp_path: Path) -> None:
    place = Location.at(tmp_path, storage=f"{bucket}/other")
    with open_writer(place, "run-1", RESOURCES) as writer:
        writer.commit(ingested("a"))
    with open_reader(place, RESOURCES) as reader:
        name = str(reader.value("SELECT data_file FROM ducklake_list_files('rasad', 'articles')"))
    boto3.client("s3").delete_object(Bucket="news", Key=name.removeprefix("s3://news/"))
    for attempt in (lambda: run_sql(place, "SELECT max(text) FROM articles"), lambda: _check(place)):
        with pytest.raises(WarehouseDamaged, match="missing"):
            attempt()


def test_a_store_without_the_bucket_is_told_from_one_that_lost_a_file(bucket: str, tmp_path: Path) -> None:
    place = Location.at(tmp_path, storage="s3://never-made/other")
    with pytest.raises(WarehouseDamaged) as caught, open_writer(place, "run-1", RESOURCES) as writer:
        writer.commit(ingested("a"))
    assert "make the bucket of s3://never-made/other/" in str(caught.value.hint)


def test_a_role_with_the_documented_rights_reads_and_is_told_that_it_may_not_write(
    location: Location, writer: Writer
) -> None:
    writer.commit(ingested("a"))
    with psycopg.connect(location.database or "", autocommit=True) as session:
        session.execute("DROP ROLE IF EXISTS analyst")
        session.execute(f"CREATE ROLE analyst LOGIN PASSWORD '{PASSWORD}'")
        session.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO analyst")
        session.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO analyst")
    role = str(location.database).replace("user=rasad", "user=analyst")
    theirs = Location.at(location.folder, catalog=f"postgres:{role}")
    try:
        assert run_sql(theirs, "SELECT count(*) AS n FROM articles")["n"].to_pylist() == [1]
        writer.commit(ingested("b"))
        assert run_sql(theirs, "SELECT count(*) AS n FROM articles")["n"].to_pylist() == [2]
        with (
            pytest.raises(WarehouseError, match="permission denied for") as caught,
            open_writer(theirs, "run-2", RESOURCES) as refused,
        ):
            refused.commit(ingested("c"))
        assert "its owner" in str(caught.value.hint)
    finally:
        with psycopg.connect(location.database or "", autocommit=True) as session:
            session.execute("DROP OWNED BY analyst")
            session.execute("DROP ROLE analyst")


def _check(place: Location) -> None:
    with open_reader(place, RESOURCES) as reader:
        check_files(reader)


def test_readers_and_writers_share_a_database(writer: Writer, reader: Reader) -> None:
    writer.commit(ingested("a", "b"))
    assert reader.value("SELECT count(*) FROM articles") == 2
    assert reader.value("SELECT count(*) FROM ducklake_snapshots('rasad')") == 3
