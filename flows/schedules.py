"""`rasad deploy`, `rasad serve` and `rasad backfill --queue`: what runs when, at a Prefect server.

`prefect.yaml` says it; this module registers that at the server, with a pool of processes for the workers.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from flows.parameters import BackfillParameters
from flows.rendering import plain_console, write_json
from flows.server import quiet_prefect
from schemas.errors import SettingsError

#: How many runs a pool has at once. One writes, one waits for the lease; two places are left to runs of killed workers,
#: which hold theirs until they are found.
POOL_LIMIT = 4
_INSTALLED = Path(__file__).with_name("prefect.yaml")
_CHECKOUT = Path(__file__).parents[1] / "prefect.yaml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Schedule(_Part):
    cron: str | None = None
    timezone: str = "UTC"
    interval: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.cron is None) == (self.interval is None):
            raise ValueError("a schedule has either a cron or an interval, in seconds")
        return self


class _Limit(_Part):
    limit: int
    collision_strategy: str


class _Pool(_Part):
    name: str


class Deployment(_Part):
    """One entry of `prefect.yaml`, as far as we need it."""

    name: str
    description: str = ""
    entrypoint: str
    #: JSON for the flow; Prefect checks it against the flow's own models.
    parameters: dict[str, Any] = Field(default_factory=dict)
    schedules: list[_Schedule] = Field(default_factory=list)
    concurrency_limit: _Limit
    work_pool: _Pool
    tags: list[str] = Field(default_factory=list)


def read_deployments(file: Path | None) -> list[Deployment]:
    """The deployments of a file like `prefect.yaml`; Rasad's own unless one is given. Raises SettingsError."""
    path = file or next((one for one in (Path("prefect.yaml"), _INSTALLED, _CHECKOUT) if one.is_file()), _INSTALLED)
    try:
        entries = yaml.safe_load(path.read_text("utf-8"))["deployments"]
        return [Deployment.model_validate(entry) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as failure:
        raise SettingsError(
            f"the deployments cannot be read: {failure}",
            where=str(path),
            hint="Compare it with the prefect.yaml that comes with Rasad, or name another one: --file FILE.",
        ) from failure


def deploy(file: Path | None) -> list[str]:
    """Register every deployment and the pool, and put runs of killed workers back in the queue. Twice is once.

    Returns the deployments' names.

    Raises SettingsError where there is no server, or a file or parameter cannot be used.
    """
    deployments = _flows(file, "rasad deploy")
    from prefect.client.orchestration import get_client

    from flows.recovery import recover

    with get_client(sync_client=True) as client:
        for pool in {entry.work_pool.name for entry, _ in deployments}:
            _make_pool(client, pool)
    recover()
    for entry, deployment in deployments:
        deployment.apply(work_pool_name=entry.work_pool.name)
    return [f"{deployment.flow_name}/{entry.name}" for entry, deployment in deployments]


def show_deployed(file: Path | None, *, as_json: bool) -> None:
    """Deploy, and say what is there and how a worker is started."""
    quiet_prefect(Path.home() / ".prefect")
    names = deploy(file)
    pools = sorted({entry.work_pool.name for entry in read_deployments(file)})
    if as_json:
        write_json(json.dumps({"deployments": names, "work_pools": pools}))
        return
    console = plain_console()
    for name in names:
        console.print(f"deployed: {name}")
    for pool in pools:
        console.print(f"Start a worker where Rasad is installed: prefect worker start --pool {pool}")


def serve_deployments(file: Path | None) -> None:
    """Run the schedules from this process until it is stopped: no pool, no worker. Raises SettingsError."""
    deployments = [deployment for _, deployment in _flows(file, "rasad serve")]
    from prefect import serve

    from flows.recovery import recover

    recover()
    serve(*deployments, limit=POOL_LIMIT)


def queue_backfill(parameters: BackfillParameters, deployment: str = "rasad-backfill-days/backfill") -> str:
    """Queue a backfill for the workers; returns the flow run's id. Its parameters are whole already.

    Raises SettingsError where there is no server, or nothing is deployed there.
    """
    _need_server("rasad backfill --queue")
    from prefect.deployments import run_deployment
    from prefect.exceptions import ObjectNotFound

    try:
        run = run_deployment(deployment, parameters={"parameters": parameters.model_dump(mode="json")}, timeout=0)
    except ObjectNotFound as failure:
        raise SettingsError(
            f"{deployment} is not deployed at {os.environ['PREFECT_API_URL']}", hint="Deploy it: rasad deploy."
        ) from failure
    return str(run.id)  # type: ignore[union-attr]  # outside an event loop Prefect gives the run, not a coroutine


def _flows(file: Path | None, command: str) -> list[tuple[Deployment, Any]]:
    """Each deployment with Prefect's own object for it, its parameters checked. Any: its type needs the import."""
    entries = read_deployments(file)
    _need_server(command)
    from prefect.client.schemas.objects import ConcurrencyLimitConfig
    from prefect.exceptions import ParameterTypeError
    from prefect.flows import Flow
    from prefect.schedules import Cron, Interval
    from prefect.types.entrypoint import EntrypointType

    made: list[tuple[Deployment, Any]] = []
    for entry in entries:
        module, _, name = entry.entrypoint.rpartition(".")
        try:
            entered = getattr(import_module(module), name)
            assert isinstance(entered, Flow)
            entered.validate_parameters(entry.parameters)
        except (ImportError, AttributeError, AssertionError, ParameterTypeError) as failure:
            raise SettingsError(
                f"the deployment {entry.name} cannot be used: {failure}",
                where=entry.entrypoint,
                hint="Entry points and their parameters are in flows/deployments.py; see docs/backfill.md.",
            ) from failure
        deployment = entered.to_deployment(
            entry.name,
            schedules=[
                Cron(one.cron, timezone=one.timezone) if one.cron else Interval(timedelta(seconds=one.interval or 0))
                for one in entry.schedules
            ],
            parameters=entry.parameters,
            description=entry.description,
            tags=entry.tags,
            concurrency_limit=ConcurrencyLimitConfig.model_validate(entry.concurrency_limit.model_dump()),
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        made.append((entry, deployment))
    return made


def _need_server(command: str) -> None:
    if not os.environ.get("PREFECT_API_URL"):
        raise SettingsError(
            "schedules need a Prefect server that goes on running; the one in a run of its own never fires them",
            where="PREFECT_API_URL",
            hint=f"Start one: prefect server start. Then: PREFECT_API_URL=http://127.0.0.1:4200/api {command}",
        )


def _make_pool(client: Any, name: str) -> None:  # Any: Prefect's client is imported only where it is needed
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectNotFound

    try:
        client.read_work_pool(name)
    except ObjectNotFound:
        client.create_work_pool(WorkPoolCreate(name=name, type="process", concurrency_limit=POOL_LIMIT))
