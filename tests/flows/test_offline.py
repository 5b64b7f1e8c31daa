"""After installation nothing needs the network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.support import write_articles

HERE = Path(__file__).parent


@pytest.mark.slow
def test_the_whole_pipeline_runs_with_the_network_cut_off(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles")
    log = tmp_path / "network.log"
    rasad = [sys.executable, "-m", "flows", "run", str(articles), "--warehouse", str(tmp_path / "warehouse")]
    run = subprocess.run(
        [sys.executable, str(HERE / "cut_off.py"), str(log), *rasad],
        cwd=HERE.parent.parent,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        # Another test's server would be outside.
        env={name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"},
    )
    assert run.returncode == 0, run.stderr
    attempts = log.read_text().splitlines()[1:]
    assert attempts == [], f"something asked for the network: {attempts}"
    assert "deduplicate" in run.stdout


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
