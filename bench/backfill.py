"""What a backfill and a re-run cost: python -m bench.backfill [--articles N] [--kills N] [--part NAME]...

Stages are cheap on purpose, so that what is measured is everything around them: `ingest`, `language` and `deduplicate`
are the real ones (the last with toy vectors), names are looked up in a list, events are none. They cost some
milliseconds an article, all five of the real ones about 200; so a share measured here is far above that of a real run.
News are made, in Arabic, on the days of one month, a third of them copies across sources.

Four parts, each a ratio within one run, of processor time where the machine may be busy:

- overhead   what a run over N articles spends outside the stages' own work, with these stages, and what that is beside
             stages of 200 ms an article
- unchanged  a backfill of the month again, over the first one
- added      a run over N/100 further articles, over a run of these articles alone in a fresh warehouse
- kills      a backfill of a month in processes that are killed at random: its tables against an undisturbed one's
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bench.figures import Cell, show_table
from flows.backfill import backfill
from flows.report import RunReport
from flows.request import STAGE_NAMES, BackfillRequest
from flows.run import execute
from flows.settings import Settings
from tasks.stage import Stage, StageInput, StageOutput
from tests.flows.cheap import backfilled, cheap_stages, cheaply, separate, write_news
from tests.flows.support import contents, request

PARTS = ("overhead", "unchanged", "added", "kills")
DAYS = 31
SOURCES = ("وكالة الشرق", "خبرگزاری میهن", "صحيفة الغد")
#: All five stages on one core: 1,000 articles took 207 s (docs/benchmarks.md).
REAL_SECONDS = 0.2


@dataclass(frozen=True)
class Took:
    """Processor and wall seconds of one call."""

    processor: float
    wall: float


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


def month_of(folder: Path, articles: int, first: int = 0) -> Path:
    """So many articles, on the days of one month."""
    each = articles // len(SOURCES) // DAYS
    for source in SOURCES:
        write_news(folder / f"{source} {first}.jsonl", source, DAYS, each, first=first)
    return folder


def whole_month(warehouse: Path) -> BackfillRequest:
    return BackfillRequest(settings=Settings(warehouse=warehouse))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000, help="how many there are at first")
    parser.add_argument("--kills", type=int, default=50, help="how many processes are killed")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this one; may be given again")
    options = parser.parse_args()
    parts = options.part or PARTS
    with tempfile.TemporaryDirectory() as temporary, cheaply():
        folder = Path(temporary)
        if set(parts) & {"overhead", "unchanged", "added"}:
            grown(folder, options.articles, parts)
        if "kills" in parts:
            killed(folder / "kills", options.kills)


def grown(folder: Path, articles: int, parts: tuple[str, ...]) -> None:
    """A warehouse of so many articles, its month once more, and some further articles."""
    news, warehouse = month_of(folder / "news", articles), folder / "warehouse"
    reports: list[RunReport] = []
    clock = Clock()
    with cheaply(*clock.stages()):
        first = timed(lambda: reports.append(execute(request(news, warehouse=warehouse))))
    (report,) = reports
    count = report.stages[1].counts.rows_in
    show_table(
        [
            {"stage": stage.stage, "in": stage.counts.rows_in, "batches": stage.batches, "seconds": stage.seconds}
            for stage in report.stages
        ],
        f"{count:,} articles",
    )
    around = first.processor - clock.seconds
    real = REAL_SECONDS * count
    rows: list[dict[str, Cell]] = [
        _row("a first run with these cheap stages", first),
        {
            "": "of it outside the stages",
            "processor, s": around,
            "clock, s": None,
            "share of the first run": f"{around / first.processor:.1%}",
        },
    ]
    if "unchanged" in parts:
        again = timed(lambda: backfill(whole_month(warehouse)))
        rows.append(_row("the unchanged month again", again, first))
    if "added" in parts:
        more = month_of(folder / "more", max(articles // 100, len(SOURCES) * DAYS), first=DAYS)
        alone = timed(lambda: execute(request(more, warehouse=folder / "alone")))
        added = timed(lambda: execute(request(more, warehouse=warehouse)))
        rows += [_row("further articles, to these", added, first), _row("the same, alone", alone, first)]
    show_table(rows, f"{count:,} articles and what comes after them")
    print(
        f"Outside the stages: {around / count * 1000:.2f} ms an article, "
        f"{around / (around + real):.1%} beside real stages."
    )


def _row(what: str, took: Took, first: Took | None = None) -> dict[str, Cell]:
    share = f"{took.processor / first.processor:.1%}" if first else None
    return {"": what, "processor, s": took.processor, "clock, s": took.wall, "share of the first run": share}


def killed(folder: Path, kills: int) -> None:
    """Kill a month's backfill at random moments until it is through; from its beginning again, until all are killed."""
    news, chance = month_of(folder / "news", 3 * DAYS * len(SOURCES)), random.Random(8)
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
