"""Progress bars on a terminal, silence in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Watcher(Protocol):
    """Whoever wants to know how far a run is."""

    def begin(self, stage: str, total: int | None) -> None: ...

    def advance(self, units: int) -> None: ...


class Silence:
    """Nobody is watching."""

    def begin(self, stage: str, total: int | None) -> None: ...

    def advance(self, units: int) -> None: ...


class Bars:
    """One bar a stage, and one without an end until the first of them begins: libraries and Prefect take a while."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._current: TaskID | None = None
        self._starting: TaskID | None = progress.add_task("starting", total=None)

    def begin(self, stage: str, total: int | None) -> None:
        if self._starting is not None:
            self._progress.remove_task(self._starting)
            self._starting = None
        # Of the documents that `ingest` reads nobody knows the number before: they are all there when it ends.
        for task in self._progress.tasks:
            if task.total is None:
                self._progress.update(task.id, total=task.completed)
        self._current = self._progress.add_task(stage, total=total)

    def advance(self, units: int) -> None:
        if self._current is not None:
            self._progress.advance(self._current, units)


#: A context variable, because Prefect calls the flow: there is no argument that could carry a live object.
_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


def watcher() -> Watcher:
    """Whoever watches the run in this context."""
    return _watcher.get() or Silence()


@contextmanager
def progress_bars() -> Iterator[None]:
    """Show bars on standard error while the block runs, if that is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        token = _watcher.set(Bars(progress))
        try:
            yield
        finally:
            _watcher.reset(token)
