"""A request from the command line, run in this process or as a Prefect flow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from flows.progress import progress_bars
from flows.request import BackfillRequest, RunRequest

if TYPE_CHECKING:  # loaded when it is needed, while Prefect's server starts
    from flows.workers import Workers

Request = TypeVar("Request", RunRequest, BackfillRequest)
Asked = TypeVar("Asked", RunRequest, BackfillRequest, contravariant=True)
Report = TypeVar("Report")
Told = TypeVar("Told", covariant=True)


class Work(Protocol[Asked, Told]):
    """What runs a request in this process, with workers or without."""

    def __call__(self, request: Asked, *, workers: Workers | None) -> Told: ...


def launch(
    request: Request,
    *,
    direct: bool,
    work: Callable[[], Work[Request, Report]],
    flow: Callable[[], Callable[[Request], Report]],
) -> Report:
    """Run a request with progress bars: plainly, or as a Prefect flow against the user's server or one of the run's.

    `work` and `flow` import what they return, so that Prefect and the stages' libraries load while the server starts,
    and a direct run never loads Prefect.
    """
    with progress_bars():
        if direct:
            from flows.workers import local_processes

            with local_processes(request.settings) as workers:
                return work()(request, workers=workers)
        from flows.server import prefect_at_hand

        with prefect_at_hand(request.settings.location()) as wait:
            as_flow = flow()
            wait()
            return as_flow(request)
