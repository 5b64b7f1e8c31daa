"""What a backfill would do, and in which windows: read from the ledger, nothing written."""

from __future__ import annotations

from datetime import datetime

from flows.backfill_report import BackfillPlan, WindowPlanned
from flows.request import BackfillRequest, RunRequest
from flows.run import unread_documents
from flows.sources import Input, find_inputs
from flows.stages import pipeline_stages, stage_spec
from flows.windows import Window, in_order, split, window_at
from schemas.errors import SourceUnknown, WarehouseMissing
from tasks.stage import Stage
from warehouse.connection import Reader, Resources, open_reader
from warehouse.ledger import INGEST, Scope
from warehouse.outstanding import settled
from warehouse.past_runs import seconds_per_unit
from warehouse.plan import WindowPlan, idle_windows, plan_windows

Planned = dict[datetime | None, WindowPlan]


def make_backfill_plan(request: BackfillRequest) -> BackfillPlan:
    """What `backfill` would do; reads files of the source and the ledger, asks nobody, writes nothing."""
    stages = [stage for stage in pipeline_stages(request.settings) if stage.name in request.stages]
    inputs = source_inputs(request)
    location = request.settings.location()
    try:
        reader = open_reader(location, Resources(memory_limit=request.settings.memory_limit))
    except WarehouseMissing:
        if not inputs:
            raise
        unread, windows, undated = unread_documents(stages[0], inputs, None), [], 0
    else:
        with reader:
            check_source(request, reader)
            planned = planned_windows(request, reader, stages)
            rates = {stage.name: seconds_per_unit(reader, stage_spec(stage)) for stage in stages}
            windows = [_planned(request, first, planned[first], rates) for first in in_order(planned)]
            unread = unread_documents(stages[0], inputs, reader) if inputs else 0
            undated = undated_articles(request, reader)
    times = [window.seconds for window in windows]
    return BackfillPlan(
        warehouse=str(request.settings.warehouse),
        source=request.source,
        windows=windows,
        unread=unread,
        unasked=next((found.name for found in inputs if found.fetched), None),
        undated=undated,
        seconds=None if None in times else sum(time for time in times if time is not None),
    )


def _planned(
    request: BackfillRequest, first: datetime | None, planned: WindowPlan, rates: dict[str, float | None]
) -> WindowPlanned:
    seconds: float | None = 0.0
    due = {name: planned.due.get(name, 0) for name in rates}
    for name, rate in rates.items():
        if count := due[name]:
            seconds = None if rate is None or seconds is None else seconds + rate * count
    return WindowPlanned(window=window_of(request, first).name, articles=planned.articles, due=due, seconds=seconds)


def planned_windows(request: BackfillRequest, reader: Reader, stages: list[Stage]) -> Planned:
    """What is due in each window that the request names; where both its ends are given, empty windows too."""
    specs = [stage_spec(stage) for stage in stages]
    bounded = request.start is not None or request.end is not None
    scope = Scope(request.source, request.start, request.end, undated=bounded and request.undated)
    counted = idle_windows if settled(reader, specs) else plan_windows
    planned = counted(reader, specs, scope, request.by)
    if request.start is not None and request.end is not None:
        for first in split(request.start, request.end, request.by):
            planned.setdefault(first, WindowPlan())
    return planned


def source_inputs(request: BackfillRequest) -> list[Input]:
    if request.declared is None or INGEST not in request.stages:
        return []
    return find_inputs(RunRequest(paths=(), settings=request.settings, sources=(request.declared,)))


def check_source(request: BackfillRequest, reader: Reader) -> None:
    if request.source is None or request.declared is not None:
        return
    query = "SELECT source FROM articles UNION SELECT source FROM raw_documents ORDER BY source"
    known = reader.query(query)["source"].to_pylist()
    if request.source not in known:
        raise SourceUnknown(
            f"there is no source {request.source!r}",
            where="--source",
            hint=f"Declare it in sources.yml, or choose from: {', '.join(known[:20]) or 'none'}.",
        )


def undated_articles(request: BackfillRequest, reader: Reader) -> int:
    if request.with_undated:
        return 0
    condition, parameters = Scope(request.source, undated=True).condition()
    return int(str(reader.value(f"SELECT count(*) FROM articles AS a WHERE {condition}", parameters)))


def window_of(request: BackfillRequest, first: datetime | None) -> Window:
    return window_at(first, request.by, request.start, request.end)
