"""Batches computed by several worker processes, committed by one, in order.

A stage that may work ahead (`Stage.ahead`) has its next batches computed by workers while the run settles and commits
the ones before, under its one lease. A worker is told a stage, the ids of a batch and a folder; it reads the rows
itself (models load once in it), and leaves its tables there as Parquet files: neither rows nor results go through a
scheduler. Batches are cut as without workers and committed in the same order, so the tables come out the same.
"""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet

from flows.engine import Batch, Computed, StageRun, compute
from flows.report import BatchReport
from flows.settings import Settings
from flows.stages import pipeline_stages
from tasks.stage import Excluded, Rejected, Stage, StageOutput
from warehouse.connection import Reader, Resources, open_reader

#: For each worker one batch under way and one that waits, so that no worker idles while the run commits.
AHEAD = 2


class Pending(Protocol):
    """A batch that some worker computes."""

    def result(self) -> float: ...


#: Hands a batch to a worker: stage, number, unit ids, the folder for its tables. The result is the work's seconds.
Submit = Callable[[str, int, tuple[str, ...], Path], Pending]


def calls(
    running: StageRun, batches: Iterable[Batch], workers: Workers | None
) -> Iterator[tuple[Batch, Callable[[], BatchReport]]]:
    """Each batch with the call that commits it, to be made before the next is asked for."""
    if workers is None or not running.stage.ahead:
        for batch in batches:
            yield batch, partial(running.run, batch)
        return
    waiting: deque[tuple[Batch, Path, Pending]] = deque()
    for number, batch in enumerate(batches, start=1):
        folder = workers.folder / f"{running.stage.name}-{number}"
        waiting.append((batch, folder, workers.submit(running.stage.name, number, tuple(batch.keys), folder)))
        if len(waiting) > AHEAD * workers.count:
            yield _next(running, waiting)
    while waiting:
        yield _next(running, waiting)


def _next(running: StageRun, waiting: deque[tuple[Batch, Path, Pending]]) -> tuple[Batch, Callable[[], BatchReport]]:
    batch, folder, pending = waiting.popleft()
    return batch, partial(running.run, batch, partial(_collect, folder, pending))


class Workers:
    """Some worker processes: how many, how to reach them, and the folder that they and the run share."""

    def __init__(self, count: int, folder: Path, submit: Submit) -> None:
        self.count, self.folder, self.submit = count, folder, submit


@contextmanager
def shared_folder(settings: Settings) -> Iterator[Path]:
    """A folder in the warehouse's own for what workers leave; gone when the block ends."""
    base = settings.location().folder
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="workers-", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def local_processes(settings: Settings) -> Iterator[Workers | None]:
    """Worker processes of this machine without any scheduler, for `--direct`; None for a single worker."""
    if settings.workers == 1:
        yield None
        return
    spawned = multiprocessing.get_context("spawn")  # a forked process would inherit torch's threads and DuckDB's locks
    with shared_folder(settings) as folder, ProcessPoolExecutor(settings.workers, mp_context=spawned) as pool:

        def submit(stage: str, number: int, units: tuple[str, ...], target: Path) -> Pending:
            return pool.submit(compute_batch, settings, stage, units, target)

        try:
            yield Workers(settings.workers, folder, submit)
        finally:
            pool.shutdown(cancel_futures=True)


def compute_batch(settings: Settings, stage: str, units: tuple[str, ...], folder: Path) -> float:
    """In a worker: do a stage's work on a batch and leave its tables in `folder`. Returns the work's seconds."""
    done = compute(_stages(settings)[stage], units, {}, _reader(settings))
    _leave(done.output, folder)
    return done.seconds


@lru_cache(maxsize=1)
def _stages(settings: Settings) -> dict[str, Stage]:
    return {stage.name: stage for stage in pipeline_stages(settings)}


@lru_cache(maxsize=1)
def _reader(settings: Settings) -> Reader:
    """The worker's own view of the warehouse, open until the process ends; each question sees the latest snapshot."""
    return open_reader(settings.location(), Resources(memory_limit=settings.memory_limit, threads=1))


_REJECTED = pa.schema(
    [
        ("unit_id", pa.string()),
        ("rule", pa.string()),
        ("error", pa.string()),
        ("payload", pa.binary()),
        ("uri", pa.string()),
    ]
)
_EXCLUDED = pa.schema([("unit_id", pa.string()), ("reason", pa.string())])
_PARTS = ("rejected units", "excluded units")  # with a space, as no table's name has


def _leave(output: StageOutput, folder: Path) -> None:
    """Write an output's tables; the folder appears whole or not at all, also where a batch is computed twice."""
    part = Path(tempfile.mkdtemp(dir=folder.parent))
    rejected = [{name: getattr(r, name) for name in _REJECTED.names} for r in output.rejected]
    excluded = [{name: getattr(e, name) for name in _EXCLUDED.names} for e in output.excluded]
    lists = (pa.Table.from_pylist(rejected, _REJECTED), pa.Table.from_pylist(excluded, _EXCLUDED))
    for name, table in {**output.tables, **dict(zip(_PARTS, lists, strict=True))}.items():
        pyarrow.parquet.write_table(table, part / f"{name}.parquet", compression="zstd")
    with suppress(OSError):  # the other one was first, and made the same
        part.rename(folder)


def _collect(folder: Path, pending: Pending) -> Computed:
    """In the run: wait for a batch, and read what the worker left. What went wrong in the worker is raised here."""
    seconds = pending.result()
    tables = {
        file.stem: pyarrow.parquet.read_table(file, partitioning=None) for file in sorted(folder.glob("*.parquet"))
    }
    rejected, excluded = (tables.pop(name).to_pylist() for name in _PARTS)
    shutil.rmtree(folder, ignore_errors=True)
    output = StageOutput(
        tables,
        rejected=tuple(Rejected(**row) for row in rejected),
        excluded=tuple(Excluded(**row) for row in excluded),
    )
    return Computed(output, seconds)
