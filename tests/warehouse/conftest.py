"""A fresh warehouse for each test, over two DuckDB instances for all of them.

A module with `CATALOGS = ("sqlite", "postgres")` has its tests run over both.

Loading the extensions and creating eighteen tables takes most of a second; copying a folder takes none.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.warehouse.servers import object_store, postgres_server
from warehouse.connection import Reader, Resources, connect
from warehouse.location import CATALOG, Location
from warehouse.writer import Writer, open_writer

#: Small, so that the tests show that it is enough, and several can run at once.
RESOURCES = Resources(memory_limit="512MB", threads=1)
_NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def _without_audits(request: pytest.FixtureRequest) -> Iterator[None]:
    """The mechanics are tested with fragments that no audit lets through; `AUDITED = True` in a module keeps them."""
    with pytest.MonkeyPatch.context() as patch:  # of its own: a test may undo what it patched itself
        if not getattr(request.module, "AUDITED", False):
            patch.setattr("warehouse.writer.audit", lambda *_: None)
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "catalog_kind" in metafunc.fixturenames:
        kinds = getattr(metafunc.module, "CATALOGS", ("sqlite",))
        metafunc.parametrize("catalog_kind", kinds, scope="session", ids=None if len(kinds) > 1 else [""])


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """How to reach a PostgreSQL server, but for the database."""
    with postgres_server() as reached:
        yield reached


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """`s3://BUCKET` of an object store."""
    with object_store() as address:
        yield address


@pytest.fixture(scope="session")
def template(catalog_kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Location:
    """An empty warehouse as `open_writer` makes it."""
    setting = "sqlite"
    if catalog_kind == "postgres":
        setting = f"postgres:{request.getfixturevalue('server')} dbname={new_database(request, 'template0')}"
    made = Location.at(tmp_path_factory.mktemp("template"), catalog=setting)
    open_writer(made, "run-0", RESOURCES).close()
    return made


@pytest.fixture(scope="session")
def connections(template: Location) -> Iterator[tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]]:
    writing, reading = connect(template, RESOURCES), connect(template, RESOURCES)
    yield writing, reading
    writing.close()
    reading.close()


@pytest.fixture
def location(tmp_path: Path, template: Location, request: pytest.FixtureRequest) -> Location:
    """A warehouse without rows."""
    folder = shutil.copytree(template.folder, tmp_path / "warehouse")
    if template.database is None:
        return Location.at(folder)
    name = new_database(request, str(conninfo_to_dict(template.database)["dbname"]))
    made = Location.at(folder, catalog=f"postgres:{request.getfixturevalue('server')} dbname={name}")
    with psycopg.connect(made.database or "") as session:
        session.execute("UPDATE ducklake_metadata SET value = %s WHERE key = 'data_path'", [made.data_path])
    return made


def new_database(request: pytest.FixtureRequest, template: str) -> str:
    """The name of a new database, a copy of another."""
    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(f"{request.getfixturevalue('server')} dbname=postgres", autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


@pytest.fixture
def writer(location: Location, connections: tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]) -> Writer:
    return Writer(location, connections[0], ExitStack())


@pytest.fixture
def reader(
    location: Location, connections: tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]
) -> Iterator[Reader]:
    connection = connections[1]
    connection.execute(location.attach_sql(read_only=True))
    connection.execute(f"USE {CATALOG}")
    yield Reader(location, connection)
    connection.execute("USE memory")
    connection.execute(f"DETACH {CATALOG}")
