"""SIGKILL at random moments of runs and of maintenance, and whether everything is whole afterwards."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench.warehouse_rows import articles
from flows.request import STAGE_NAMES, RunRequest
from flows.run import execute, make_plan
from flows.settings import BatchSettings, Settings
from schemas.errors import RasadError
from warehouse.audits import audit_all
from warehouse.connection import open_reader
from warehouse.location import Location
from warehouse.maintenance import maintain
from warehouse.status import check_files

#: Without entities and events, whose models take longer to load than all else takes here.
LIGHT = ("ingest", "language", "deduplicate")
#: Articles that come in before each attempt, and the batches that they make: several commits a stage.
ARTICLES, BATCH = 40, 20
#: Every so many kills hit maintenance instead, and every so many a run of all the stages.
MAINTAINED, WHOLE = 4, 20
#: Every so many attempts a run may end, so that what is due, and the time it takes, stays about the same.
LET_LIVE = 6
#: Processes come from a server that has imported everything: a kill then hits work rather than imports.
_PROCESSES = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the warehouse holds at one moment."""

    articles: frozenset[str]
    ledger: int


def kill_repeatedly(
    folder: Path, count: int, catalog: str = "sqlite", *, whole: int = WHOLE, say: Callable[[str], object] = print
) -> list[str]:
    """Attempt until so many were killed before their end, look after each, let a last run complete.

    Returns what was wrong.
    """
    settings = Settings(warehouse=folder / "warehouse", catalog=catalog, batch=BatchSettings(articles=BATCH))
    location, inputs = settings.location(), folder / "inputs"
    inputs.mkdir()
    _PROCESSES.set_forkserver_preload(["bench.warehouse_kills", "torch", "pytz"])
    chooser = random.Random(7)
    problems: list[str] = []
    _more(inputs, 0)
    running = _killed(_run, (settings, inputs, LIGHT), None)
    maintaining = _killed(_maintain, (location,), None)
    before, hits, number = _seen(location), 0, 0
    while hits < count:
        number += 1
        _more(inputs, number)
        if number % LET_LIVE == 0:
            running = _killed(_run, (settings, inputs, LIGHT), None)
        if number % MAINTAINED == 0:
            moment = chooser.uniform(0, maintaining)
            hits += _killed(_maintain, (location,), moment) >= moment
        else:
            stages = STAGE_NAMES if number % whole == 1 else LIGHT
            moment = chooser.uniform(0, 1.2 * running)
            hits += _killed(_run, (settings, inputs, stages), moment) >= moment
        try:
            after = _seen(location)
            if lost := before.articles - after.articles:
                problems.append(f"attempt {number}: {len(lost)} articles are gone")
            before = after
        except (RasadError, AssertionError) as failure:
            problems.append(f"attempt {number}: {failure!r}")
        if number % 20 == 0:
            say(f"{number} attempts, {hits} killed, {len(before.articles)} articles, {len(problems)} problems")
    _killed(_run, (settings, inputs, LIGHT), None)
    total = len(_seen(location).articles)
    if total != ARTICLES * (number + 1):
        problems.append(f"the last run left {total} of {ARTICLES * (number + 1)} articles")
    due = make_plan(RunRequest(paths=(inputs,), settings=settings, stages=LIGHT)).stages
    if any(stage.due or stage.perhaps for stage in due):
        problems.append(f"still due after it: {due}")
    say(f"{number} attempts, {hits} killed before their end; {total} articles; problems: {problems or 'none'}")
    return problems


def _more(inputs: Path, number: int) -> None:
    """One more file of articles."""
    rows = articles(number * ARTICLES, ARTICLES, words=40).to_pylist()
    records = [
        {"id": row["external_id"], "text": row["text"], "published_at": row["published_at"].isoformat()} for row in rows
    ]
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (inputs / f"{number:05d}.jsonl").write_text(lines, encoding="utf-8")


def _run(settings: Settings, inputs: Path, stages: tuple[str, ...]) -> None:
    """What `rasad run --direct` does."""
    execute(RunRequest(paths=(inputs,), settings=settings, stages=stages))


def _maintain(location: Location) -> None:
    maintain(location, "run-maintain", keep=timedelta(0), file_grace=timedelta(seconds=5))


def _killed(work: Callable[..., None], arguments: tuple[object, ...], after: float | None) -> float:
    """Run it in a process of its own, killed after so many seconds; returns how long it lived."""
    process = _PROCESSES.Process(target=work, args=arguments)
    process.start()
    began = time.perf_counter()
    process.join(after)
    lived = time.perf_counter() - began
    if process.exitcode is None:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    elif process.exitcode != 0:
        raise AssertionError(f"{work.__name__} ended with {process.exitcode}")
    return lived


def _seen(location: Location) -> Seen:
    """Open the warehouse and check all of it."""
    with open_reader(location) as reader:
        check_files(reader)
        faults = audit_all(reader)
        assert not faults, faults
        ids = reader.query("SELECT article_id FROM articles")["article_id"].to_pylist()
        assert len(ids) == len(set(ids)), "an article is there twice"
        ledger = int(str(reader.value("SELECT count(*) FROM stage_ledger WHERE stage = 'ingest' AND status = 'done'")))
        assert ledger == len(ids), f"{ledger} documents are done, {len(ids)} articles are there"
    return Seen(frozenset(ids), ledger)
