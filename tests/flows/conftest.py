"""What the flow tests share: one finished warehouse over the sample articles, one Prefect server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.report import RunReport
from flows.run import execute
from flows.server import LocalServer, quiet_prefect
from tests.flows.official import make_place
from tests.flows.support import SAMPLES, request


@pytest.fixture(scope="session")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunReport]:
    """The sample articles, taken through every stage once. Tests that write copy the folder first."""
    warehouse = tmp_path_factory.mktemp("sampled") / "warehouse"
    return warehouse, execute(request(SAMPLES, warehouse=warehouse))


@pytest.fixture(scope="session")
def official_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small packages, laid out as where Stanza's are downloaded from. Tests that change it copy it first."""
    folder = tmp_path_factory.mktemp("place")
    make_place(folder)
    return folder


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """A real Prefect server on loopback."""
    home = tmp_path_factory.mktemp("prefect")
    quiet_prefect(home)
    with LocalServer(home) as server:
        server.wait()
        from prefect.context import refresh_global_settings_context

        refresh_global_settings_context()  # a test with a server of its own may have imported Prefect before
        yield server
