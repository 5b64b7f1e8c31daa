"""A fresh warehouse for each test, over two DuckDB instances for all of them.

Loading the extensions and creating eighteen tables takes most of a second; copying a folder takes none.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pytest

from warehouse.connection import Reader, Resources, connect
from warehouse.location import CATALOG, Location
from warehouse.writer import Writer, open_writer

#: Small, so that the tests show that it is enough, and several can run at once.
RESOURCES = Resources(memory_limit="512MB", threads=1)


@pytest.fixture(autouse=True)
def _without_audits(request: pytest.FixtureRequest) -> Iterator[None]:
    """The mechanics are tested with fragments that no audit lets through; `AUDITED = True` in a module keeps them."""
    with pytest.MonkeyPatch.context() as patch:  # of its own: a test may undo what it patched itself
        if not getattr(request.module, "AUDITED", False):
            patch.setattr("warehouse.writer.audit", lambda *_: None)
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """An empty warehouse as `open_writer` makes it."""
    made = Location.at(tmp_path_factory.mktemp("template"))
    open_writer(made, "run-0", RESOURCES).close()
    return made


@pytest.fixture(scope="session")
def connections(template: Location) -> Iterator[tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]]:
    writing, reading = connect(template, RESOURCES), connect(template, RESOURCES)
    yield writing, reading
    writing.close()
    reading.close()


@pytest.fixture
def location(tmp_path: Path, template: Location) -> Location:
    """A warehouse without rows."""
    return Location.at(shutil.copytree(template.folder, tmp_path / "warehouse"))


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
