"""Schedules against a real Prefect server and a real worker, on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from pydantic import ValidationError

from flows.parameters import BackfillParameters, Days, RunParameters
from flows.run import execute
from flows.schedules import read_deployments
from flows.server import LocalServer, quiet_prefect
from schemas.errors import SettingsError
from tests.flows.support import ROOT, rasad, request, write_articles
from warehouse.connection import open_reader
from warehouse.lease import writer_lease
from warehouse.location import Location

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

#: The project's own deployments, but one fires every few seconds, and their entry points are the same.
DEPLOYMENTS = """
deployments:
  - name: often
    entrypoint: flows.deployments.run_sources
    parameters: {parameters: {stages: [ingest], warehouse: "%(folder)s/scheduled"}}
    schedules: [{interval: 8}]
    concurrency_limit: &one {limit: 1, collision_strategy: CANCEL_NEW}
    work_pool: &pool {name: rasad}
  - name: nightly
    entrypoint: flows.deployments.run_sources
    parameters: {parameters: {}}
    concurrency_limit: *one
    work_pool: *pool
  - name: backfill
    entrypoint: flows.deployments.backfill_windows_of
    parameters: {parameters: {}}
    concurrency_limit: *one
    work_pool: *pool
"""


def test_the_deployments_that_ship_can_be_used() -> None:
    entries = {entry.name: entry for entry in read_deployments(ROOT / "prefect.yaml")}
    assert set(entries) == {"hourly-ingest", "nightly", "backfill", "maintain"}
    assert entries["hourly-ingest"].schedules[0].cron == "5 * * * *"
    assert not entries["backfill"].schedules
    assert {entry.work_pool.name for entry in entries.values()} == {"rasad"}


def test_a_schedule_is_a_cron_or_an_interval(tmp_path: Path) -> None:
    file = tmp_path / "prefect.yaml"
    file.write_text(DEPLOYMENTS.replace("{interval: 8}", "{timezone: UTC}"), encoding="utf-8")
    with pytest.raises(SettingsError, match="either a cron or an interval"):
        read_deployments(file)


@pytest.mark.parametrize(
    "wrong",
    [{"window": {"first": "2025-08-01", "days": 0}}, {"stages": ["entites"]}, {"form": "2025-08-01"}, {"by": "week"}],
    ids=["no days", "no such stage", "no such name", "no such window"],
)
def test_parameters_that_cannot_be_are_refused_by_their_shape(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BackfillParameters.model_validate(wrong)


def test_days_are_a_window_without_its_end() -> None:
    days = Days(first=date(2025, 12, 31), days=2)
    assert (days.start.isoformat(), days.end.isoformat()) == ("2025-12-31T00:00:00+00:00", "2026-01-02T00:00:00+00:00")


@pytest.mark.parametrize("command", [["deploy"], ["serve"], ["backfill", "--queue"]], ids=" ".join)
def test_without_a_server_the_way_to_one_is_told(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    answer = rasad(*command)
    assert answer.returncode == 2
    assert "prefect server start" in answer.stderr


class Place:
    """A server, its client, and workers that can be killed."""

    def __init__(self, folder: Path, client: SyncPrefectClient) -> None:
        self.folder = folder
        self.client = client
        self.location = Location.at(folder / "warehouse")
        self._workers: list[subprocess.Popen[bytes]] = []

    def work(self) -> subprocess.Popen[bytes]:
        """Start a worker, in a process group of its own."""
        with (self.folder / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "prefect", "worker", "start", "--pool", "rasad", "--type", "process"],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, "PREFECT_WORKER_QUERY_SECONDS": "1", "PYTHONPATH": str(ROOT)},
                start_new_session=True,
            )
        self._workers.append(worker)
        return worker

    def stop(self) -> None:
        for worker in self._workers:
            if worker.poll() is None:
                kill_all(worker.pid)
                worker.wait()

    def queue(self, name: str, parameters: dict[str, object]) -> FlowRun:
        from prefect.deployments import run_deployment

        asked = {"warehouse": str(self.location.folder), **parameters}
        queued = run_deployment(name, parameters={"parameters": asked}, timeout=0)
        return queued  # type: ignore[return-value]  # noqa: RET504  # outside an event loop it is no coroutine

    def state(self, run: FlowRun) -> str:
        state = self.client.read_flow_run(run.id).state
        return str(state.name) if state else ""

    def until(self, run: FlowRun, *names: str) -> None:
        wait(lambda: self.state(run) in names, f"{names}, it is {self.state(run)}\n{self.log()}")

    def log(self) -> str:
        file = self.folder / "worker.log"
        return file.read_text(errors="replace")[-4000:] if file.exists() else ""

    def articles(self, warehouse: Path) -> int:
        with open_reader(Location.at(warehouse)) as reader:
            return int(str(reader.value("SELECT count(*) FROM articles")))


def wait(reached: Callable[[], bool], what: str, seconds: float = 150) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, f"not reached in {seconds} s: {what}"
        time.sleep(0.2)


def kill_all(pid: int) -> None:
    """Kill a process and everything that it started, as a machine that is switched off does."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        waiting += children.get(one, [])
        os.kill(one, signal.SIGKILL)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    write_articles(tmp_path / "articles")
    (tmp_path / "sources.yml").write_text("sources:\n  - {name: ours, kind: files, where: articles}\n")
    monkeypatch.setenv("RASAD_SOURCES", str(tmp_path / "sources.yml"))
    monkeypatch.setenv("RASAD_RETRY_SECONDS", "25")
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS", "1")
    quiet_prefect(tmp_path)
    with LocalServer(tmp_path, services=True) as server:
        server.wait()
        from prefect.client.orchestration import get_client
        from prefect.settings import PREFECT_API_URL, temporary_settings

        with temporary_settings({PREFECT_API_URL: server.api_url}), get_client(sync_client=True) as client:
            found = Place(tmp_path, client)
            try:
                yield found
            finally:
                found.stop()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds the children of a worker in /proc")
def test_deploy_schedule_refuse_retry_and_cancel(place: Place) -> None:
    from prefect.exceptions import PrefectHTTPStatusError
    from prefect.states import Cancelling

    from flows.schedules import deploy, queue_backfill

    file = place.folder / "deployments.yaml"
    file.write_text(DEPLOYMENTS % {"folder": place.folder}, encoding="utf-8")
    names = [deploy(file) for _ in range(2)][1]
    assert names == ["rasad-sources/often", "rasad-sources/nightly", "rasad-backfill-days/backfill"]
    assert len(place.client.read_deployments()) == 3, "deployed twice is deployed once"

    with pytest.raises(PrefectHTTPStatusError, match="409"):
        place.queue("rasad-backfill-days/backfill", {"window": {"first": "2025-08-01", "days": 0}})

    place.work()
    # Schedule: fired by the server, run by the worker.
    wait(lambda: (place.folder / "scheduled" / "catalog.sqlite").exists(), "the schedule never fired")
    often = place.client.read_deployment_by_name("rasad-sources/often")
    place.client.pause_deployment(often.id)

    # Retry: there is no warehouse yet, so the first try fails; the second one finds what the run after it has made.
    retried = UUID(queue_backfill(BackfillParameters(warehouse=place.location.folder, stages=["language"])))
    wait(lambda: "AwaitingRetry" in {s.name for s in place.client.read_flow_run_states(retried)}, place.log())
    done = place.queue("rasad-sources/nightly", RunParameters(stages=["ingest"]).model_dump(exclude={"warehouse"}))
    place.until(done, "Completed")
    assert place.articles(place.location.folder) == 4

    with writer_lease(place.location, "the test"):
        # Cancel: the run waits for the lease that the test holds.
        waiting = place.queue("rasad-sources/nightly", {"stages": ["language"]})
        place.until(waiting, "Running")
        place.client.set_flow_run_state(waiting.id, Cancelling())
        place.until(waiting, "Cancelled")
    wait(lambda: place.client.read_flow_run(retried).state_name == "Completed", f"retry\n{place.log()}")


@pytest.mark.skipif(sys.platform != "linux", reason="reads a process's start in /proc")
def test_a_process_is_known_by_its_start_as_well_as_its_number() -> None:
    # A container that begins anew gives out the same numbers: the next run there often has the killed one's.
    from flows.recovery import is_lost, place_of_this_process

    mine = place_of_this_process()
    host, pid, start = mine.rsplit(":", 2)
    assert not is_lost(mine)
    assert is_lost(f"{host}:{pid}:{int(start) - 1}"), "another process had this number before"
    assert is_lost(f"{host}:{2**30}:{start}"), "no process has this number"
    for elsewhere in (f"not-{host}:{pid}:{int(start) - 1}", f"{host}:{pid}", ""):
        assert not is_lost(elsewhere), "who cannot tell leaves it alone"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds the children of a worker in /proc")
def test_a_run_whose_worker_was_killed_goes_on(place: Place) -> None:
    from flows.recovery import LABEL, recover
    from flows.schedules import deploy

    file = place.folder / "deployments.yaml"
    file.write_text(DEPLOYMENTS.replace("[{interval: 8}]", "[]") % {"folder": place.folder}, encoding="utf-8")
    deploy(file)
    ingested = request(place.folder / "articles", warehouse=place.location.folder)
    execute(ingested.model_copy(update={"stages": ("ingest",)}))
    worker = place.work()
    with writer_lease(place.location, "the test"):
        # The run waits for the lease that the test holds; then all of it ends, as if the machine were switched off.
        lost = place.queue("rasad-sources/nightly", {"stages": ["language"]})
        wait(lambda: LABEL in place.client.read_flow_run(lost.id).labels, f"it never began\n{place.log()}")
        kill_all(worker.pid)
        worker.wait()
    assert place.state(lost) == "Running", "nobody has told the server"
    assert recover() == [str(lost.id)]
    assert recover() == [], "what is queued again is not lost"
    place.work()
    place.until(lost, "Completed")
    with open_reader(place.location) as reader:
        assert reader.value("SELECT count(*) FROM stage_ledger WHERE stage = 'language'") == 4
