"""A Prefect server of one run's own, on loopback, for whoever has none running.

Prefect would start one by itself at the first call of a flow, and wait for it. Starting it here, first thing,
lets its five to ten seconds pass while the language models load; and it ends with this process however that
ends, where Prefect's own outlives a killed parent.

A new database takes Prefect some ten seconds of migrations. So the first one made on a machine is kept, still
empty, in the user's cache folder, and new warehouses start from a copy.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import TracebackType

from schemas.errors import RasadError
from warehouse.explain import explained
from warehouse.location import Location
from warehouse.writer import make_folder

#: A first start also creates the database: 10 s alone on two cores, several times that on a busy machine.
START_SECONDS = 180
_PR_SET_PDEATHSIG = 1  # from linux/prctl.h


class OrchestratorError(RasadError):
    """The Prefect server cannot be reached or started."""


def quiet_prefect(home: Path) -> None:
    """Set, before Prefect is imported, what keeps it local, silent and free of telemetry.

    What the user has set wins, so that a team's server and profile are used where there is one. Errors reach
    the user as exceptions; Prefect's log would print each a second time, with a traceback.
    """
    home.mkdir(parents=True, exist_ok=True)
    for name, value in {
        "PREFECT_HOME": str(home.resolve()),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL",
        "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_CLI_WRAP_LINES": "false",
    }.items():
        os.environ.setdefault(name, value)


@contextmanager
def prefect_at_hand(location: Location) -> Iterator[Callable[[], None]]:
    """The user's Prefect server, or one of our own for the length of a `with` block, over a warehouse's folder.

    Import Prefect inside the block, then call what it gives: it waits until the server answers.
    Raises WarehouseError for a folder that cannot be used, OrchestratorError when the server does not start.
    """
    make_folder(location)  # told at once, not after a server has started
    home = location.folder / ".prefect"
    with explained(location):
        quiet_prefect(home)
    if os.environ.get("PREFECT_API_URL"):
        yield lambda: None
        return
    with LocalServer(home) as server:
        yield server.wait


class LocalServer:
    """A Prefect server on a free port of 127.0.0.1, as a context manager.

    `start` returns at once and points Prefect's client to the server; `wait` blocks until it answers. With `services`
    it also fires schedules and automations, which a single run has no use for.
    """

    def __init__(self, home: Path, *, services: bool = False) -> None:
        self._services = services
        self._log_path = home / "server.log"
        self._database = Path(os.environ.get("PREFECT_HOME", home)) / "prefect.db"
        self._new = not self._database.exists()
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api"

    def start(self) -> None:
        """Launch the server. Call it from the main thread, to which the child is tied, and before Prefect's import."""
        if self._new:
            with contextlib.suppress(OSError, sqlite3.Error):
                _copy_database(_empty_database(), self._database)
        arguments = ["--factory", "prefect.server.api.server:create_app", "--host", "127.0.0.1"]
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "uvicorn",
                    *arguments,
                    "--port",
                    str(self._port),
                    "--log-level",
                    "error",
                ],
                env={
                    **os.environ,
                    "PREFECT_UI_ENABLED": "0",
                    **({} if self._services else {"PREFECT__SERVER_EPHEMERAL": "1"}),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        os.environ["PREFECT_API_URL"] = self.api_url

    def wait(self) -> None:
        """Wait until the server answers. Raises OrchestratorError when it does not."""
        if self._process is None:
            self.start()
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if self._answers():
                self._keep_empty_database()
                return
            time.sleep(0.05)
        raise OrchestratorError(
            "the Prefect server did not start",
            where=str(self._log_path),
            hint="Read that file, or run the same stages without Prefect: add --direct.",
        )

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.api_url}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def _keep_empty_database(self) -> None:
        """Keep a copy of a database that has seen no run; a cache that cannot be written is no error."""
        kept = _empty_database()
        if self._new and not kept.exists():
            with contextlib.suppress(OSError, sqlite3.Error):
                kept.parent.mkdir(parents=True, exist_ok=True)
                _copy_database(self._database, kept)

    def stop(self) -> None:
        if self._process is None:
            return
        os.environ.pop("PREFECT_API_URL", None)
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> LocalServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _empty_database() -> Path:
    """Where this machine's empty Prefect database lies; each version of Prefect has its own tables."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "rasad" / f"prefect-{version('prefect')}.db"


def _copy_database(source: Path, target: Path) -> None:
    """Copy a database, also while a server has it open; the target appears whole or not at all."""
    if not source.is_file():
        return
    part = target.with_suffix(f".{os.getpid()}.part")
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as theirs,
            contextlib.closing(sqlite3.connect(part)) as ours,
        ):
            theirs.backup(ours)
            ours.execute("PRAGMA journal_mode = DELETE")  # one file: readers of the copy leave none beside it
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end_with_parent() -> None:
    """In the child, between fork and exec: ask Linux to end it when its parent dies, even by SIGKILL."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
