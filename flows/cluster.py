"""Workers of a Dask cluster, through Prefect's task runner: `pip install 'rasad[dask]'`, and `workers` above 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.settings import Settings
from flows.workers import Pending, Workers, compute_batch, shared_folder
from schemas.errors import SettingsError

#: What Dask sets for the workers that it starts.
_SPAWNED = "distributed.nanny.pre-spawn-environ"
#: With this, glibc gives memory back as soon as it is free, and the models take it anew for each operation: names cost
#: twice the processor time, and two workers were slower than one.
_TRIMMING = "MALLOC_TRIM_THRESHOLD_"


@contextmanager
def dask_workers(settings: Settings) -> Iterator[Workers | None]:
    """The cluster of the settings, or one of this machine's processes for the length of the run; None for one worker.

    Each worker has one thread: a second would load nothing twice, but share the language models' one lock.
    """
    if settings.workers == 1:
        yield None
        return
    try:
        import dask
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError as failure:
        raise SettingsError(
            f"{settings.workers} workers need Dask, which is not installed",
            where="workers",
            hint="Install it: pip install 'rasad[dask]', or run with --direct, or with one worker.",
        ) from failure
    local = {"n_workers": settings.workers, "threads_per_worker": 1, "dashboard_address": None, "memory_limit": 0}
    runner = (
        DaskTaskRunner(address=settings.cluster)
        if settings.cluster
        else DaskTaskRunner(cluster_kwargs={**local, "silence_logs": "ERROR"})
    )
    spawned = {_SPAWNED: {name: value for name, value in dask.config.get(_SPAWNED).items() if name != _TRIMMING}}
    with shared_folder(settings) as folder, dask.config.set(spawned), runner:

        def submit(stage: str, number: int, units: tuple[str, ...], target: Path) -> Pending:
            named = _compute.with_options(name=f"{stage} computed", task_run_name=f"{stage}-{number} computed")
            parameters = {"settings": settings, "stage": stage, "units": units, "folder": target}
            return runner.submit(named, parameters=parameters)

        yield Workers(settings.workers, folder, submit)


@task(cache_policy=NO_CACHE, persist_result=False)
def _compute(settings: Settings, stage: str, units: tuple[str, ...], folder: Path) -> float:
    return compute_batch(settings, stage, units, folder)
