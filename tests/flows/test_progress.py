"""What a terminal shows while a run goes on."""

from __future__ import annotations

import io

from rich.console import Console
from rich.progress import Progress

from flows.progress import Bars


def test_something_moves_before_the_first_stage_and_a_stage_that_ended_is_full() -> None:
    progress = Progress(console=Console(file=io.StringIO()))
    bars = Bars(progress)
    assert [(task.description, task.total) for task in progress.tasks] == [("starting", None)]
    bars.begin("ingest", None)
    bars.advance(7)
    bars.begin("language", 5)
    shown = [(task.description, task.completed, task.total, task.finished) for task in progress.tasks]
    assert shown == [("ingest", 7, 7, True), ("language", 0, 5, False)]
