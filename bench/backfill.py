"""What a backfill and a re-run cost: python -m bench.backfill [--articles N] [--months N] [--kills N] [--part NAME]...
                                                           [--folder DIR] [--maintain]

Stages are cheap on purpose, so that what is measured is everything around them: `ingest`, `language` and `deduplicate`
are the real ones (the last with toy vectors), names are looked up in a list, events are none. They cost some
milliseconds an article, all five of the real ones about 200; so a share measured here is far above that of a real run.
News are made (`bench/made_news.py`), N articles a month, a month a run, each month as dense as the first. With --folder
the warehouse is kept, and months that are in it are not run again; with --maintain `rasad maintain` follows each month.

Four parts, each a ratio within one run, of processor time where the machine may be busy:

- overhead   what the run of each month spends outside the stages' own work, with these stages, and what that is beside
             stages of 200 ms an article
- unchanged  a backfill of the last month again, over its first run
- added      a run over 1,000 further articles, over a run of these articles alone in a fresh warehouse
- kills      a backfill of a month in processes that are killed at random: its tables against an undisturbed one's
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from pydantic import TypeAdapter

from bench.figures import Cell, Point, show_points, show_table
from bench.made_news import SOURCES, START, write_made_news
from flows.backfill import backfill
from flows.report import RunReport
from flows.request import STAGE_NAMES, BackfillRequest
from flows.run import execute
from flows.settings import Settings
from tasks.stage import Stage, StageInput, StageOutput
from tests.flows.cheap import backfilled, cheap_stages, cheaply, separate
from tests.flows.support import contents, request
from warehouse.location import Location
from warehouse.maintenance import maintain

PARTS = ("overhead", "unchanged", "added", "kills")
DAYS = 31
#: So many articles are added, in as many days as make them as dense as the months before.
ADDED = 1_000
#: All five stages on one core: 1,000 articles took 207 s (docs/benchmarks.md).
REAL_SECONDS = 0.2


@dataclass(frozen=True)
class Took:
    """Processor and wall seconds of one call."""

    processor: float
    wall: float


#: What is kept of a month's run: what it took, the processor seconds in the stages' own work, its articles.
MONTH = TypeAdapter(tuple[Took, float, int])


def timed(work: Callable[[], object]) -> Took:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Took(time.process_time() - processor, time.perf_counter() - wall)


class Clock:
    """Processor seconds that stages spent in their own work: the wall says little on a busy machine."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def stages(self) -> tuple[Stage, ...]:
        return tuple(replace(stage, work=self._counted(stage.work)) for stage in cheap_stages({}))

    def _counted(self, work: Callable[[StageInput], StageOutput]) -> Callable[[StageInput], StageOutput]:
        def counted(batch: StageInput) -> StageOutput:
            began = time.process_time()
            try:
                return work(batch)
            finally:
                self.seconds += time.process_time() - began

        return counted


def whole_month(warehouse: Path) -> BackfillRequest:
    return BackfillRequest(settings=Settings(warehouse=warehouse))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000, help="how many there are in a month")
    parser.add_argument("--months", type=int, default=1, help="how many months, a run each")
    parser.add_argument("--kills", type=int, default=50, help="how many processes are killed")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this one; may be given again")
    parser.add_argument("--folder", type=Path, help="keep the warehouse here, and go on with the one that is")
    parser.add_argument("--maintain", action="store_true", help="maintain the warehouse after each month")
    options = parser.parse_args()
    parts = options.part or PARTS
    with tempfile.TemporaryDirectory() as temporary, cheaply():
        folder = Path(temporary)
        if set(parts) & {"overhead", "unchanged", "added"}:
            per_day = options.articles // len(SOURCES) // DAYS
            grown(options.folder or folder, per_day, options.months, parts, options.maintain)
        if "kills" in parts:
            killed(folder / "kills", options.kills)


def grown(folder: Path, per_day: int, months: int, parts: Sequence[str], maintained: bool) -> None:
    """A warehouse of some months, the last one once more, and some further articles."""
    warehouse, stored = folder / "warehouse", 0
    for month in range(months):
        done = folder / f"month {month}.json"
        if done.exists():
            first, inside, count = MONTH.validate_json(done.read_bytes())
        else:
            first, report, inside = measured(folder / f"month {month}", month * DAYS, DAYS, per_day, warehouse)
            count = report.stages[1].counts.rows_in
            if maintained:
                maintain(Location.at(warehouse), f"after-month-{month}", keep=timedelta(0))
            done.write_bytes(MONTH.dump_json((first, inside, count)))
        around, real = first.processor - inside, REAL_SECONDS * count
        show_table(
            [
                {
                    "articles": count,
                    "to": stored,
                    "processor, s": first.processor,
                    "clock, s": first.wall,
                    "ms an article in the stages": inside / count * 1000,
                    "around them": around / count * 1000,
                    "share of a run": f"{around / first.processor:.1%}",
                    "beside real stages": f"{around / (around + real):.1%}",
                }
            ],
            f"A run over month {month + 1}",
        )
        for line, seconds in (("in the stages", inside), ("around them", around)):
            unit = "ms of processor an article"
            show_points(
                Point(
                    curve="What an article costs",
                    line=line,
                    x=stored,
                    x_unit="articles stored",
                    y=seconds / count * 1000,
                    y_unit=unit,
                )
            )
        stored += count
    rows: list[dict[str, Cell]] = []
    if "unchanged" in parts:
        start = START + timedelta(days=(months - 1) * DAYS)
        settings = Settings(warehouse=warehouse)
        asked = BackfillRequest(settings=settings, start=start, end=start + timedelta(days=DAYS))
        again = timed(lambda: backfill(asked))
        rows.append(_beside("the last month again, unchanged", again, "its first run", first, real - inside, 0))
    if "added" in parts:
        days = max(1, round(ADDED / len(SOURCES) / per_day))
        shutil.copytree(warehouse, folder / "copy")
        alone, report, _ = measured(folder / "more", months * DAYS, days, per_day, folder / "alone")
        added, _, inside = measured(folder / "more", months * DAYS, days, per_day, folder / "copy")
        for name in ("more", "alone", "copy"):
            shutil.rmtree(folder / name)
        real = REAL_SECONDS * report.stages[1].counts.rows_in
        said = f"{report.stages[1].counts.rows_in:,} further articles to {stored:,}"
        rows.append(_beside(said, added, "the same alone", alone, real - inside, real - inside))
    show_table(rows, "Runs after the first, in seconds of the processor")


def _beside(what: str, took: Took, other: str, base: Took, real_base: float, real: float) -> dict[str, Cell]:
    """Two runs; with real stages each would take as many seconds more."""
    return {
        "run": what,
        "processor, s": took.processor,
        "clock, s": took.wall,
        "beside": f"{other}, {base.processor:.1f} s",
        "with these cheap stages": f"{took.processor / base.processor:.2%}",
        "with real ones": f"{(took.processor + real) / (base.processor + real_base):.2%}",
    }


def measured(news: Path, first: int, days: int, per_day: int, warehouse: Path) -> tuple[Took, RunReport, float]:
    """A run over some days: what it took, what it did, and the processor seconds in the stages' own work."""
    write_made_news(news, days, per_day, first=first)
    reports: list[RunReport] = []
    clock = Clock()
    with cheaply(*clock.stages()):
        took = timed(lambda: reports.append(execute(request(news, warehouse=warehouse))))
    return took, reports[0], clock.seconds


def killed(folder: Path, kills: int) -> None:
    """Kill a month's backfill at random moments until it is through; from its beginning again, until all are killed."""
    news, chance = write_made_news(folder / "news", DAYS, 3), random.Random(8)
    ingested = request(news, warehouse=folder / "start", batch={"articles": 64})
    execute(ingested.model_copy(update={"stages": STAGE_NAMES[:1]}))
    shutil.copytree(folder / "start", folder / "whole")
    backfill(whole_month(folder / "whole"))
    expected = tables(folder / "whole")
    processes, done, months, differing = separate(), 0, 0, set[str]()
    while done < kills:
        shutil.copytree(folder / "start", folder / "killed", dirs_exist_ok=False)
        settings = ingested.settings.model_copy(update={"warehouse": folder / "killed"})
        under_way = True
        while under_way and done < kills:
            worker = processes.Process(target=backfilled, args=(BackfillRequest(settings=settings),))
            worker.start()
            worker.join(chance.uniform(0.2, 6.0))
            under_way = worker.exitcode is None
            if under_way:
                worker.kill()
                done += 1
            worker.join()
        backfill(BackfillRequest(settings=settings))
        found = tables(folder / "killed")
        differing |= {name for name, rows in expected.items() if rows != found[name]}
        months += 1
        shutil.rmtree(folder / "killed")
    said = ", ".join(sorted(differing)) or "none"
    print(f"kills: {done} processes killed in {months} months; tables that differ from an undisturbed one's: {said}")


def tables(warehouse: Path) -> dict[str, list[dict[str, object]]]:
    """Every table but the notes of audits, which are about runs."""
    return {name: rows for name, rows in contents(warehouse).items() if name != "audit_findings"}


if __name__ == "__main__":
    main()
