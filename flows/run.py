"""One run: take the lease, then stage by stage, batch by batch, whatever is due."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence, Set
from contextlib import closing
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from flows.alerting import raise_alerts
from flows.engine import Batch, StageRun, new_run_id
from flows.logs import logging_to, note
from flows.progress import watcher
from flows.report import BatchReport, Plan, RunReport, StagePlan, summarize
from flows.request import RunRequest
from flows.settings import Settings
from flows.sources import Input, check_expectations, find_inputs, size
from flows.stages import pipeline_stages, stage_spec
from flows.workers import Workers, calls
from schemas.errors import WarehouseMissing
from tasks.ingest_facts import DECLARED_LANGUAGE, DECLARED_PUBLISHED_AT
from tasks.stage import Stage
from warehouse.connection import Reader, Resources, open_reader
from warehouse.due import BatchLimits, due
from warehouse.ledger import INGEST, Scope, due_documents
from warehouse.plan import plan
from warehouse.queries import WarehouseLookup
from warehouse.rejections import resolve_mended
from warehouse.run_sets import doubtful_runs
from warehouse.search import refresh_index
from warehouse.writer import open_writer

#: How one batch is called: the stage's name, the batch's number, the work itself.
Step = Callable[[str, int, Callable[[], BatchReport]], BatchReport]


def plainly(stage: str, number: int, work: Callable[[], BatchReport]) -> BatchReport:
    """Run a batch as a plain call."""
    return work()


def execute(request: RunRequest, step: Step = plainly, workers: Workers | None = None) -> RunReport:
    """Take everything that is due through the stages asked for.

    Raises PathMissing or NothingToRead when there is nothing to ingest, LeaseHeld when another process is
    writing, ModelError when the language models cannot be used. What was committed before an error stays.
    """
    with logging_to(request.settings.log):
        return _execute(request, step, workers)


def _execute(request: RunRequest, step: Step, workers: Workers | None) -> RunReport:
    began = time.perf_counter()
    now = datetime.now(UTC)
    run_id = new_run_id(now)
    note(logging.INFO, "run started", run_id=run_id, warehouse=str(request.settings.warehouse), stages=request.stages)
    inputs = find_inputs(request) if "ingest" in request.stages else []
    stages = [stage for stage in pipeline_stages(request.settings) if stage.name in request.stages]
    for stage in stages:
        stage.model_version()  # a model that is not there ends the run before its first batch, not after an hour
    location = request.settings.location()
    resources = Resources(memory_limit=request.settings.memory_limit)
    done: list[BatchReport] = []
    refused: set[str] = set()
    unchanged = 0
    with (
        open_writer(location, run_id, resources, wait_seconds=request.wait_seconds) as writer,
        open_reader(location, resources) as reader,
    ):
        runs: set[str] | None = None
        for stage in stages:
            if stage.name != INGEST and runs is None:
                # Asked once, after ingest: from here on this run alone writes, and only what of these is due.
                later = [stage_spec(each) for each in stages if each.name != INGEST]
                runs = doubtful_runs(reader, later)
                if not runs:
                    break
                runs.add(run_id)
            running = StageRun(stage, run_id, now, writer, reader)
            # Closed before the reader, also where a batch fails: what is due is kept in a table of the reader's.
            with closing(_due_batches(stage, request, inputs, reader, run_id, now, runs)) as batches:
                for number, (batch, work) in enumerate(calls(running, batches, workers), start=1):
                    unchanged += batch.unchanged
                    refused |= batch.refused
                    if batch.keys or "fetches" in batch.tables:
                        report = step(stage.name, number, work)
                        done.append(report)
                        watcher().advance(report.counts.rows_in)
            if inputs and stage.name == "ingest":
                read = [name for found in inputs for name in found.files]
                resolve_mended(writer, reader, run_id, read, refused)
        refresh_index(writer, reader, run_id)
        unknown = _unknown_keys(reader, run_id) if inputs else {}
        alerts, untold = raise_alerts(reader, request.settings.alerts, run_id, now)
    seconds = time.perf_counter() - began
    note(logging.INFO, "run ended", run_id=run_id, seconds=round(seconds, 3), alerts=alerts)
    return RunReport(
        run_id=run_id,
        warehouse=str(request.settings.warehouse),
        stages=summarize(done, request.stages),
        unchanged=unchanged,
        missing=[path for found in inputs for path in found.missing],
        ignored=sum(len(found.ignored) for found in inputs),
        unknown_keys=unknown,
        sources=[found.report for found in inputs if found.declared or found.report.passed],
        alerts=alerts,
        untold=untold,
        seconds=seconds,
    )


def _unknown_keys(reader: Reader, run_id: str) -> dict[str, int]:
    """The keys of this run's records that no column is for, the most frequent first."""
    rows = reader.query(
        """
        SELECT key, count(*) AS records
        FROM (SELECT unnest(json_keys(extra)) AS key FROM articles WHERE run_id = ? AND extra IS NOT NULL)
        WHERE key NOT IN (?, ?) GROUP BY key ORDER BY records DESC, key
        """,
        [run_id, DECLARED_LANGUAGE, DECLARED_PUBLISHED_AT],
    )
    return dict(zip(rows["key"].to_pylist(), rows["records"].to_pylist(), strict=True))


def make_plan(request: RunRequest) -> Plan:
    """What `execute` would do; reads the inputs and the ledger, writes nothing."""
    stages = [stage for stage in pipeline_stages(request.settings) if stage.name in request.stages]
    inputs = find_inputs(request) if "ingest" in request.stages else []
    try:
        reader = open_reader(request.settings.location())
    except WarehouseMissing:
        fresh = unread_documents(stages[0], inputs, None)
        counts = {stage.name: 0 for stage in stages}
    else:
        with reader:
            fresh = unread_documents(stages[0], inputs, reader)
            counts = plan(reader, [stage_spec(stage) for stage in stages if stage.name != "ingest"])
    return Plan(
        warehouse=str(request.settings.warehouse),
        stages=[
            StagePlan(stage=stage.name, due=fresh)
            if stage.name == "ingest"
            else StagePlan(stage=stage.name, due=counts[stage.name], perhaps=fresh)
            for stage in stages
        ],
        missing=[path for found in inputs for path in found.missing],
        unasked=[found.name for found in inputs if found.fetched],
    )


def unread_documents(stage: Stage, inputs: Sequence[Input], reader: Reader | None) -> int:
    """How many documents of files `ingest` has not read yet; all of them where there is no warehouse.

    Sources that would have to be asked are left out.
    """
    files = [found for found in inputs if not found.fetched]
    if reader is None:
        return sum(size(documents) for found in files for documents in found.documents(None))
    return sum(len(batch.keys) for found in files for batch in _documents(stage, found, reader))


def _due_batches(
    stage: Stage,
    request: RunRequest,
    inputs: list[Input],
    reader: Reader,
    run_id: str,
    now: datetime,
    runs: Set[str] | None,
) -> Generator[Batch]:
    """The batches that are due at a stage, found only as they are asked for: earlier ones are committed."""
    if stage.name == "ingest":
        yield from document_batches(stage, inputs, reader, run_id, now)
    else:
        yield from article_batches(stage, request.settings, reader, runs=runs)


def document_batches(
    stage: Stage, inputs: Sequence[Input], reader: Reader, run_id: str, now: datetime
) -> Generator[Batch]:
    """What `ingest` has not read yet of the inputs, each judged by what is expected of it when it is through."""
    watcher().begin(stage.name, None)
    for found in inputs:
        with found.explaining():
            yield from _documents(stage, found, reader)
            # Asked for a further batch, the run has committed the last one.
            check_expectations(reader, found, run_id, now)


def article_batches(
    stage: Stage, settings: Settings, reader: Reader, scope: Scope | None = None, runs: Set[str] | None = None
) -> Generator[Batch]:
    """The articles that are due at a later stage, of all or of a part of them; of these runs, unless None."""
    limits = BatchLimits(settings.batch.articles, settings.batch.characters)
    with due(reader, stage_spec(stage), scope, limits, runs=runs) as articles:
        watcher().begin(stage.name, articles.articles)
        for rows in articles.batches():
            yield Batch(keys=_keys(rows, "article_id"))


def _documents(stage: Stage, inputs: Input, reader: Reader) -> Iterator[Batch]:
    """The documents in the inputs that `ingest` has not read yet, and what could not be read."""
    for found in inputs.documents(WarehouseLookup(reader)):
        known = found.documents.select(["document_id", "content_sha256"])
        # What cannot be read has no digest of its content; its id stands for it.
        broken = [rejected.unit_id for rejected in found.rejected]
        if broken:
            extra = pa.table({"document_id": broken, "content_sha256": broken}, known.schema)
            known = pa.concat_tables([known, extra])
        keys = _keys(due_documents(reader, stage_spec(stage), known), "document_id")
        fresh = pc.is_in(found.documents["document_id"], pa.array(list(keys), pa.string()))
        tables = {"raw_documents": found.documents.filter(fresh)}
        if found.fetches is not None and found.fetches.num_rows:
            tables["fetches"] = found.fetches
        yield Batch(
            keys=keys,
            tables=tables,
            rejected=tuple(rejected for rejected in found.rejected if rejected.unit_id in keys),
            refused=frozenset(broken),
            unchanged=size(found) - len(keys),
        )


def _keys(rows: pa.Table, unit: str) -> dict[str, str]:
    return dict(zip(rows[unit].to_pylist(), rows["input_key"].to_pylist(), strict=True))
