"""Runs whose worker was killed: back into the queue, to go on from their last commit.

A Prefect server goes on believing that such a run is running, and keeps its place taken (prefect#16746). Whether it is
can be told on its own host alone, so a run notes host and process at the server when it begins. An automation on
missing heartbeats was tried instead; it started completed runs again, too.
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

#: The label of a flow run that says where it runs, as `host:pid`.
LABEL = "rasad.process"


def begin() -> None:
    """To be called first by a deployed flow: note where it runs, and put lost runs back in the queue."""
    if flow_run.id:
        with get_client(sync_client=True) as client:
            client.update_flow_run_labels(UUID(flow_run.id), {LABEL: f"{socket.gethostname()}:{os.getpid()}"})
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
            if not _is_lost(str(run.labels.get(LABEL, ""))):
                continue
            state: State[object] = AwaitingRetry(message="Its worker was killed: it goes on from its last commit.")
            client.set_flow_run_state(run.id, state)
            found.append(str(run.id))
    return found


def _is_lost(place: str) -> bool:
    """Whether a process, noted as `host:pid`, was on this host and is gone."""
    host, _, pid = place.rpartition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
        # Killed, but not yet collected by whoever started it: it runs no more.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except ProcessLookupError:
        return True
    except OSError:  # somebody else's, or there is no /proc
        return False
