"""The Prefect server of one run's own."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.server import LocalServer, OrchestratorError, _copy_database, _empty_database, quiet_prefect


def test_what_the_user_has_set_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "DEBUG")
    monkeypatch.delenv("PREFECT_SERVER_ANALYTICS_ENABLED", raising=False)
    quiet_prefect(tmp_path)
    assert os.environ["PREFECT_LOGGING_LEVEL"] == "DEBUG"
    assert os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


def test_a_server_that_cannot_start_names_its_log_and_the_way_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", "nonsense://")
    with LocalServer(tmp_path) as server, pytest.raises(OrchestratorError, match=r"server\.log.*--direct"):
        server.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with a parent that was killed")
def test_the_server_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from flows.server import LocalServer, quiet_prefect\n"
        f"home = Path({str(tmp_path)!r}); quiet_prefect(home); server = LocalServer(home); server.start()\n"
        "print(server._process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while _lives(child) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.slow
def test_a_new_warehouse_starts_from_the_empty_database_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    for name in ("first", "second"):
        home = tmp_path / name
        home.mkdir()
        monkeypatch.setenv("PREFECT_HOME", str(home))
        with LocalServer(home) as server:
            assert (home / "prefect.db").exists() == (name == "second")
            server.wait()
    (kept,) = (tmp_path / "cache" / "rasad").iterdir()
    with contextlib.closing(sqlite3.connect(kept)) as database:
        assert database.execute("SELECT count(*) FROM flow_run").fetchone() == (0,)


def test_a_damaged_empty_database_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kept = _empty_database()
    kept.parent.mkdir()
    kept.write_bytes(b"no database at all" * 100)
    with contextlib.suppress(sqlite3.DatabaseError):
        _copy_database(kept, tmp_path / "prefect.db")
    assert not (tmp_path / "prefect.db").exists()
