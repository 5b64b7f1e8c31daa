"""A run in a process of its own: after installation nothing needs the network, and a pipe gets one JSON object."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from flows.report import RunReport
from flows.request import STAGE_NAMES
from tests.flows.support import rasad, write_articles

HERE = Path(__file__).parent


class Ended(NamedTuple):
    """A run that is over: its process, what the network's guard noted, and the folder of articles and warehouse."""

    process: subprocess.CompletedProcess[str]
    noted: list[str]
    folder: Path


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """`rasad run --format json` with Prefect and without network, in a process of its own and into a pipe."""
    folder = tmp_path_factory.mktemp("offline")
    articles, log = write_articles(folder / "articles"), folder / "network.log"
    command = [sys.executable, "-m", "flows", "run", str(articles), "--warehouse", str(folder / "warehouse")]
    process = subprocess.run(
        [sys.executable, str(HERE / "cut_off.py"), str(log), *command, "--format", "json"],
        cwd=HERE.parent.parent,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        # Another test's server would be outside.
        env={name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"},
    )
    return Ended(process, log.read_text().splitlines(), folder)


@pytest.mark.slow
def test_the_whole_pipeline_runs_with_the_network_cut_off(ended: Ended) -> None:
    assert ended.process.returncode == 0, ended.process.stderr
    assert ended.noted[1:] == [], f"something asked for the network: {ended.noted[1:]}"
    stages = [stage.stage for stage in RunReport.model_validate_json(ended.process.stdout).stages]
    assert stages == list(STAGE_NAMES)
    again = rasad("run", ended.folder / "articles", "--direct", "--warehouse", ended.folder / "warehouse")
    assert again.returncode == 0 and all(stage in again.stdout for stage in STAGE_NAMES)


@pytest.mark.slow
def test_it_is_silent_in_a_pipe_and_speaks_json(ended: Ended) -> None:
    assert (ended.process.returncode, ended.process.stderr) == (0, "")
    counts = RunReport.model_validate_json(ended.process.stdout).stages[0].counts
    assert (counts.rows_in, counts.rejected) == (5, 1), "two files, and three lines of which one has no text"


def test_the_guard_notices_a_connection(tmp_path: Path) -> None:
    """Without this, the test above could pass because the guard sleeps."""
    log = tmp_path / "network.log"
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"  # TEST-NET-1, RFC 5737
    run = subprocess.run(
        [sys.executable, str(HERE / "cut_off.py"), str(log), sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode != 0
    assert "192.0.2.1" in log.read_text()
