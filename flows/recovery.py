"""Runs whose worker was killed: back into the queue, to go on from their last commit.

A Prefect server goes on believing that such a run is running, and keeps its place taken (prefect#16746). Whether it is
can be told on its own host alone, so a run notes host and process at the server when it begins: the process by its
start, too, since in a container that begins anew the same few numbers are given out again. An automation on missing
heartbeats was tried instead; it started completed runs again, too.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import State, StateType
from prefect.runtime import flow_run
from prefect.states import AwaitingRetry

#: The label of a flow run that says where it runs, as `host:pid:start`.
LABEL = "rasad.process"
#: Field 22 of proc_pid_stat(5), when a process started, counted from field 3, its state.
_START = 22 - 3


def begin() -> None:
    """To be called first by a deployed flow: note where it runs, and put lost runs back in the queue."""
    if flow_run.id:
        with get_client(sync_client=True) as client:
            client.update_flow_run_labels(UUID(flow_run.id), {LABEL: place_of_this_process()})
    recover()


def recover() -> list[str]:
    """Queue the deployed runs of this host again whose process is no more; returns their ids."""
    running = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.CANCELLING])),
        deployment_id=FlowRunFilterDeploymentId(is_null_=False),
    )
    found = []
    with get_client(sync_client=True) as client:
        for run in client.read_flow_runs(flow_run_filter=running):
            if not is_lost(str(run.labels.get(LABEL, ""))):
                continue
            state: State[object] = AwaitingRetry(message="Its worker was killed: it goes on from its last commit.")
            client.set_flow_run_state(run.id, state)
            found.append(str(run.id))
    return found


def place_of_this_process() -> str:
    """This process as `host:pid:start`; its start in ticks since the machine's, 0 where there is no /proc."""
    try:
        start = _status(os.getpid())[_START]
    except OSError:
        start = "0"
    return f"{socket.gethostname()}:{os.getpid()}:{start}"


def is_lost(place: str) -> bool:
    """Whether a process, noted as `host:pid:start`, was on this host and is gone."""
    host, pid, start = place.rsplit(":", 2) if place.count(":") >= 2 else ("", "", "")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
        status = _status(int(pid))
    except ProcessLookupError:
        return True
    except OSError:  # somebody else's, or there is no /proc
        return False
    # Killed, but not yet collected by whoever started it: it runs no more. Nor does one whose number another has.
    return status[0] == "Z" or status[_START] != start


def _status(pid: int) -> list[str]:
    """What the kernel says of a process, from its state on (proc_pid_stat(5), field 3). Raises OSError."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
