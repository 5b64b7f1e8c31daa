"""A backfill: what is due in windows of published time, window after window, through the stages.

1. A declared source is read: what is new of it is ingested, whatever its dates, which nobody knows before.
2. Stored documents that today's `ingest` has not read are read again from `raw_documents`; dates may change here.
3. Window after window, in order of time, the later stages take what the ledger says is due. Windows that hold little
   are taken together: each batch has a cost of its own, so a day of ten articles is not worth five of them.
4. Articles of other windows that lost what they were copies of are compared again.

Each batch is a commit of its own under one lease, so a killed backfill goes on where it stopped when the same
command runs again, and a finished one finds nothing to do.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from flows.alerting import raise_alerts
from flows.backfill_plan import Planned, check_source, planned_windows, source_inputs, undated_articles, window_of
from flows.backfill_report import BackfillReport, WindowReport, WindowStage
from flows.engine import Batch, StageRun, new_run_id
from flows.logs import logging_to, note
from flows.progress import watcher
from flows.report import BatchReport, summarize
from flows.request import BackfillRequest
from flows.run import Step, article_batches, document_batches, plainly
from flows.sources import Input
from flows.stages import pipeline_stages, stage_spec
from flows.windows import in_order, range_name, scope_of
from flows.workers import Workers, calls
from schemas.articles import RawDocument
from schemas.operations import Counts
from tasks.reading_documents import DOCUMENT_SCHEMA
from tasks.stage import Stage
from warehouse.connection import Reader, Resources, open_reader
from warehouse.ledger import INGEST, Scope
from warehouse.past_runs import Outcome, window_outcomes
from warehouse.queries import read_units
from warehouse.rejections import resolve_mended
from warehouse.search import refresh_index
from warehouse.stored import stored_documents_due
from warehouse.writer import Writer, open_writer

_COMPARES = "deduplicate"
#: Windows are taken together up to so many full batches: 2,048 articles, of which a kill can cost one batch.
BATCHES = 4


def backfill(request: BackfillRequest, step: Step = plainly, workers: Workers | None = None) -> BackfillReport:
    """Take what is due in the windows asked for through the stages asked for.

    Raises SourceUnknown for a source that is neither declared nor stored, LeaseHeld when another process is
    writing, ModelError when the language models cannot be used. What was committed before an error stays.
    """
    with logging_to(request.settings.log):
        return _backfill(request, step, workers)


def _backfill(request: BackfillRequest, step: Step, workers: Workers | None) -> BackfillReport:
    began, now = time.perf_counter(), datetime.now(UTC)
    run_id = new_run_id(now)
    note(logging.INFO, "backfill started", run_id=run_id, warehouse=str(request.settings.warehouse))
    stages = [stage for stage in pipeline_stages(request.settings) if stage.name in request.stages]
    for stage in stages:
        stage.model_version()  # a model that is not there ends the run before its first batch, not after an hour
    inputs = source_inputs(request)
    location = request.settings.location()
    resources = Resources(memory_limit=request.settings.memory_limit)
    if not inputs:
        open_reader(location, resources).close()  # a folder without a warehouse gets none from here
    with (
        open_writer(location, run_id, resources, wait_seconds=request.wait_seconds) as writer,
        open_reader(location, resources) as reader,
    ):
        check_source(request, reader)
        running = _Backfill(request, stages, run_id, now, writer, reader, step, workers)
        report = running.run(inputs)
        refresh_index(writer, reader, run_id)
        alerts, untold = raise_alerts(reader, request.settings.alerts, run_id, now)
    seconds = time.perf_counter() - began
    note(logging.INFO, "backfill ended", run_id=run_id, seconds=round(seconds, 3), alerts=alerts)
    return report.model_copy(update={"alerts": alerts, "untold": untold, "seconds": seconds})


@dataclass(slots=True)
class _Backfill:
    """One backfill under way."""

    request: BackfillRequest
    stages: list[Stage]
    run_id: str
    now: datetime
    writer: Writer
    reader: Reader
    step: Step
    workers: Workers | None
    done: list[BatchReport] = field(default_factory=list)
    running: dict[str, StageRun] = field(default_factory=dict)

    def run(self, inputs: list[Input]) -> BackfillReport:
        window = range_name(self.request.start, self.request.end)
        for stage in self.stages:
            self.running[stage.name] = StageRun(stage, self.run_id, self.now, self.writer, self.reader, window=window)
        before = self.reader.value("SELECT id FROM rasad.current_snapshot()")
        self._read_sources(inputs)
        planned = self._plan(self.stages)
        if self._read_again(planned):
            planned = self._plan(self.stages)  # dates may have changed, and with them the windows
        for stretch in self._stretches(planned):
            for stage in self.stages:
                if stage.name != INGEST and any(planned[first].due.get(stage.name) for first in stretch):
                    scope = self._scope(stretch)
                    self._take(stage, article_batches(stage, self.request.settings, self.reader, scope))
        self._compare_again(before if isinstance(before, int) else 0)
        return self._report(planned, inputs)

    def _read_sources(self, inputs: list[Input]) -> None:
        """Ingest what is new of the declared source."""
        if not inputs:
            return
        stage, refused = self.running[INGEST].stage, set[str]()
        with closing(document_batches(stage, inputs, self.reader, self.run_id, self.now)) as batches:
            for batch in batches:
                refused |= batch.refused
                if batch.keys or "fetches" in batch.tables:
                    self._take_one(stage, partial(self.running[INGEST].run, batch))
        read = [name for found in inputs for name in found.files]
        resolve_mended(self.writer, self.reader, self.run_id, read, refused)

    def _read_again(self, planned: Planned) -> bool:
        """Take stored documents that another version read through today's `ingest`; whether there were any."""
        wanted = [first for first in in_order(planned) if planned[first].due.get(INGEST)]
        if wanted:
            stage = self.running[INGEST].stage
            self._take(stage, self._stored_batches(stage, self._scope(wanted)))
        return bool(wanted)

    def _stretches(self, planned: Planned) -> Iterator[list[datetime | None]]:
        """Neighbouring windows with something due, together until they fill some batches."""
        stretch: list[datetime | None] = []
        units = 0
        for first in in_order(planned):
            due = max((count for name, count in planned[first].due.items() if name != INGEST), default=0)
            if stretch and units + due > BATCHES * self.request.settings.batch.articles:
                yield stretch
                stretch, units = [], 0
            if due:
                stretch.append(first)
                units += due
        if stretch:
            yield stretch

    def _stored_batches(self, stage: Stage, scope: Scope) -> Generator[Batch]:
        for keys in stored_documents_due(self.reader, stage_spec(stage), scope):
            documents = read_units(self.reader, RawDocument, tuple(keys))
            yield Batch(keys=keys, tables={RawDocument.table.name: documents.select(DOCUMENT_SCHEMA.names)})

    def _compare_again(self, before: int) -> None:
        """What `ingest` took away may have been what an article of another window was a copy of.

        The commit that took it away has forgotten their comparison (`warehouse/commit.py`).
        """
        if _COMPARES not in self.running or not any(report.stage == INGEST for report in self.done):
            return
        forgotten = self.reader.query(
            f"SELECT article_id FROM stage_ledger AT (VERSION => {before}) WHERE stage = ? "
            "EXCEPT SELECT article_id FROM stage_ledger WHERE stage = ?",
            [_COMPARES, _COMPARES],
        )["article_id"].to_pylist()
        if forgotten:
            scope = Scope(articles=tuple(sorted(forgotten)))
            stage = self.running[_COMPARES].stage
            self._take(stage, article_batches(stage, self.request.settings, self.reader, scope))

    def _take(self, stage: Stage, batches: Generator[Batch]) -> None:
        with closing(batches):
            for _, work in calls(self.running[stage.name], batches, self.workers):
                self._take_one(stage, work)

    def _take_one(self, stage: Stage, work: Callable[[], BatchReport]) -> None:
        report = self.step(stage.name, len(self.running[stage.name].done) + 1, work)
        self.done.append(report)
        watcher().advance(report.counts.rows_in)

    def _scope(self, firsts: list[datetime | None]) -> Scope:
        return scope_of([window_of(self.request, first) for first in firsts], self.request.source)

    def _plan(self, stages: list[Stage]) -> Planned:
        return planned_windows(self.request, self.reader, stages)

    def _report(self, planned: Planned, inputs: list[Input]) -> BackfillReport:
        names = tuple(stage.name for stage in self.stages)
        others = [stage for stage in pipeline_stages(self.request.settings) if stage.name not in names]
        after = self._plan(others) if others else {}
        due_after = {stage.name: sum(p.due.get(stage.name, 0) for p in after.values()) for stage in others}
        outcomes = window_outcomes(self.reader, self.run_id, self.request.by) if self.done else {}
        return BackfillReport(
            run_id=self.run_id,
            warehouse=str(self.request.settings.warehouse),
            source=self.request.source,
            windows=[
                WindowReport(
                    window=window_of(self.request, first).name,
                    articles=planned[first].articles,
                    stages=[_stage(name, outcomes[first, name]) for name in names if (first, name) in outcomes],
                )
                for first in in_order(planned)
            ],
            stages=[stage for stage in summarize(self.done, names) if stage.batches],
            read=inputs[0].report if inputs else None,
            due_after={name: count for name, count in due_after.items() if count},
            elsewhere=_elsewhere(names, planned, outcomes),
            undated=undated_articles(self.request, self.reader),
            seconds=0.0,  # known when the index of words is up to date
        )


def _elsewhere(
    names: tuple[str, ...], planned: Planned, outcomes: dict[tuple[datetime | None, str], list[Outcome]]
) -> list[WindowStage]:
    """What was done outside the windows asked for: new documents of other dates, and what follows from them."""
    others: dict[str, list[Outcome]] = {}
    for (first, name), found in outcomes.items():
        if first not in planned:
            others.setdefault(name, []).extend(found)
    return [_stage(name, others[name]) for name in names if name in others]


def _stage(name: str, outcomes: list[Outcome]) -> WindowStage:
    totals = Counter[str]()
    for outcome in outcomes:
        totals[outcome.status] += outcome.units
    reasons: dict[str, Counter[str]] = {"rejected": Counter(), "excluded": Counter()}
    for outcome in outcomes:
        if outcome.reason and outcome.status in reasons:
            reasons[outcome.status][outcome.reason] += outcome.units
    counts = Counts(
        rows_in=totals.total(), rows_out=totals["done"], rejected=totals["rejected"], excluded=totals["excluded"]
    )
    return WindowStage(stage=name, counts=counts, rejected=reasons["rejected"], excluded=reasons["excluded"])
