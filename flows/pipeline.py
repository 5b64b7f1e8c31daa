"""The pipeline as a Prefect flow: one task for each batch of a stage, four artifacts for each run.

The stages, in order, are in `flows/stages.py`; what happens to a batch is in `flows/engine.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.artifacts import leave_artifacts
from flows.backfill import backfill
from flows.backfill_report import BackfillReport
from flows.cluster import dask_workers
from flows.report import BatchReport, RunReport
from flows.request import BackfillRequest, RunRequest
from flows.run import execute


@flow(name="rasad", flow_run_name="rasad {request.settings.warehouse}", persist_result=False)
def pipeline(request: RunRequest) -> RunReport:
    """Articles in, tables out: ingest → language → entities → events → deduplicate."""
    with dask_workers(request.settings) as workers:
        report = execute(request, step=as_task, workers=workers)
    leave_artifacts(report, request.settings.location())
    return report


@flow(name="rasad-backfill", flow_run_name="backfill {request.settings.warehouse}", persist_result=False)
def backfill_windows(request: BackfillRequest) -> BackfillReport:
    """What is due in windows of published time, window after window."""
    with dask_workers(request.settings) as workers:
        report = backfill(request, step=as_task, workers=workers)
    leave_artifacts(report, request.settings.location())
    return report


def as_task(stage: str, number: int, work: Callable[[], BatchReport]) -> BatchReport:
    """Run one batch as a Prefect task.

    The work travels in a closure, so Prefect neither copies nor hashes a table; our own ledger decides what is
    due, so nothing is cached here.
    """

    @task(
        name=stage,
        task_run_name=f"{stage}-{number}",
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    def batch() -> BatchReport:
        return work()

    return batch()
