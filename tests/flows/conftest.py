"""What the flow tests share: one finished warehouse over the sample articles, one Prefect server."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.report import RunReport
from flows.request import STAGE_NAMES
from flows.run import execute
from flows.server import LocalServer, quiet_prefect
from tests.flows.cheap import cheaply, write_news
from tests.flows.official import make_place
from tests.flows.support import SAMPLES, request


@pytest.fixture(scope="session")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunReport]:
    """The sample articles, taken through every stage once. Tests that write copy the folder first.

    Once for all processes of pytest-xdist: whoever comes first makes it, the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sampled"
    folder.mkdir(exist_ok=True)
    warehouse, told = folder / "warehouse", folder / "report.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go with the file, also by a process that was killed
        if not told.exists():
            shutil.rmtree(warehouse, ignore_errors=True)
            told.write_text(execute(request(SAMPLES, warehouse=warehouse)).model_dump_json(), encoding="utf-8")
    return warehouse, RunReport.model_validate_json(told.read_text("utf-8"))


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


@pytest.fixture(scope="session")
def six_days(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Six days of two sources, by cheap stages. `read`: ingested only; `whole`: through all; `news`: the files."""
    folder = tmp_path_factory.mktemp("made")
    news = folder / "news"
    write_news(news / "one.jsonl", "وكالة الشرق", 6)
    write_news(news / "two.jsonl", "خبرگزاری میهن", 6)
    with cheaply():
        ingested = request(news, warehouse=folder / "read").model_copy(update={"stages": ("ingest",)})
        execute(ingested)
        shutil.copytree(folder / "read", folder / "whole")
        execute(request(warehouse=folder / "whole").model_copy(update={"stages": STAGE_NAMES[1:]}))
    return {"news": news, "read": folder / "read", "whole": folder / "whole"}


@pytest.fixture
def stored(six_days: dict[str, Path], tmp_path: Path) -> Path:
    """Articles of six days that were ingested, and nothing else."""
    return Path(shutil.copytree(six_days["read"], tmp_path / "stored"))


@pytest.fixture
def whole(six_days: dict[str, Path], tmp_path: Path) -> Path:
    """The same, through every stage."""
    return Path(shutil.copytree(six_days["whole"], tmp_path / "whole"))
