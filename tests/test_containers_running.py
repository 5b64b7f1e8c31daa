"""The containers of compose.yaml, started: skipped where there is no Docker engine, or where its images were not made.

    docker compose build && docker compose pull --ignore-buildable
    python -m pytest tests/test_containers_running.py

It takes some minutes and leaves nothing behind. Nothing is built or pulled here, so that it needs no network: after a
change of the code, build first.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
IMAGES = [service["image"] for service in yaml.safe_load((ROOT / "compose.yaml").read_text())["services"].values()]
_UI = """
import urllib.request as r
page = r.urlopen(r.Request("http://prefect:4200/", headers={"Accept": "text/html"}))
print(page.status, page.read().decode())
"""
_STATE = """
from prefect.client.orchestration import get_client
with get_client(sync_client=True) as client:
    print(client.read_flow_run("{run}").state_name)
"""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


class Stack:
    """The services of compose.yaml as a project of this test's own, with no port on this machine."""

    def __init__(self, override: Path) -> None:
        override.write_text("services: {prefect: {ports: !reset []}}")
        files = ("--file", ROOT / "compose.yaml", "--file", override)
        self._command = ("docker", "compose", "--project-name", f"rasad-test-{os.getpid()}", *files)

    def __call__(self, *arguments: str) -> str:
        """What `docker compose …` prints; it must succeed."""
        answer = subprocess.run([*self._command, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300)
        assert answer.returncode == 0, f"{arguments}\n{answer.stdout[-3000:]}\n{answer.stderr[-3000:]}"
        return answer.stdout

    def inside(self, *command: str) -> str:
        """What a command prints in the worker's container."""
        return self("exec", "--no-TTY", "worker", *command)

    def rows(self, query: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.inside("rasad", "sql", query, "--format", "json").splitlines()]


def wait(reached: Callable[[], bool], what: str, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, f"not reached in {seconds} s: {what}"
        time.sleep(1)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    if shutil.which("docker") is None:
        pytest.skip("there is no docker here")
    for asked in (["info"], ["compose", "version"], ["image", "inspect", *IMAGES]):
        if subprocess.run(["docker", *asked], capture_output=True, timeout=60).returncode:
            pytest.skip(f"docker {' '.join(asked)} fails: no engine, no compose, or images that were not made")
    started = Stack(tmp_path / "override.yaml")
    try:
        started("up", "--detach", "--wait", "--no-build", "--pull", "never")
        yield started
    finally:
        started("down", "--volumes")


def test_a_team_s_set_up_runs_starts_anew_and_loses_no_run(stack: Stack) -> None:
    page = stack.inside("python", "-c", _UI)
    assert page.startswith("200 ") and "<title>" in page, "Prefect's UI"

    stack("run", "--rm", "--no-TTY", "worker", "rasad", "run", "/articles", "--stages", "ingest", "--direct")
    (ingested,) = stack.rows("SELECT count(*) AS articles FROM articles")
    assert ingested["articles"]

    # A worker that is killed in the middle of a run, and whose container is made anew: the run goes on in that one.
    stack.inside("rasad", "deploy")
    queued = stack.inside("rasad", "backfill", "--stored", "--queue", "--undated", "--stage", "language,entities")
    run = queued.split("flow run ")[1].split(".")[0]

    def state() -> str:
        return stack.inside("python", "-c", _STATE.format(run=run)).strip()

    wait(lambda: state() == "Running", f"the queued backfill, {state()}")
    stack("kill", "worker")
    stack("up", "--detach", "--wait", "--no-build", "--force-recreate", "--no-deps", "worker")
    assert state() == "Running", "nobody has told the server"
    stack.inside("rasad", "deploy")
    wait(lambda: state() == "Completed", f"the run whose worker was killed, {state()}")
    (done,) = stack.rows("SELECT count(*) AS articles FROM stage_ledger WHERE stage = 'language'")
    assert done == ingested

    # All at once, in no order: both servers forget, the store has its bucket again, and there is a new warehouse.
    stack("restart")
    stack("up", "--detach", "--wait", "--no-build", "--pull", "never")
    stack("run", "--rm", "--no-TTY", "worker", "rasad", "run", "/articles", "--stages", "ingest", "--direct")
    assert stack.rows("SELECT count(*) AS articles FROM articles") == [ingested]
