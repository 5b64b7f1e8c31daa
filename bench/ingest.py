"""What ingestion costs: `python -m bench.ingest FOLDER [--articles 4000] [--pages 400] [--sizes 40,160,320]`.

FOLDER holds `.jsonl.gz` files of news. Three tables are printed:

1. **records**: articles/s of reading alone, of the stage alone, and of `rasad run --stages ingest` as a user runs it;
2. **pages**: the same articles as web pages of a simple layout, through the stage and through trafilatura alone, in
   turns of one batch each, so that both meet the same machine;
3. **memory**: the peak of `rasad run --stages ingest` for inputs of growing size (MB), and the slope between them.

CPU seconds are printed beside wall seconds: on a machine with other work, only they can be compared.
"""

from __future__ import annotations

import argparse
import gzip
import html
import itertools
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import trafilatura

from bench.figures import Cell, Point, show_points, show_table
from bench.pipeline import Measured, sample
from bench.pipeline import measure as measured_run
from tasks.ingest import STAGE
from tasks.reading import read_documents
from tasks.reading_documents import Collector, Document
from tasks.stage import StageInput, StageOutput

_FETCHED = datetime(2025, 10, 20, tzinfo=UTC)
#: What surrounds an article on most pages: menus before it, links and a comment form after it.
_MENU = "".join(f'<li><a href="/s/{n}">قسم {n}</a></li>' for n in range(20))
_LINKS = "".join(f'<li><a href="/a/{n}">عنوان خبر آخر رقم {n} من الموقع</a></li>' for n in range(15))
_SCRIPT = "<script>" + "var a = 1; " * 400 + "</script>"


@dataclass(frozen=True)
class Cost:
    """What one piece of work took."""

    units: int
    wall: float
    cpu: float

    def row(self, name: str) -> dict[str, Cell]:
        return {
            "": name,
            "units": self.units,
            "a second (wall)": self.units / self.wall,
            "a second (CPU)": self.units / self.cpu,
        }


def measure(work: Callable[[], int]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    units = work()
    return Cost(units, time.perf_counter() - wall, time.process_time() - cpu)


def nothing_stored(query: str, **tables: pa.Table) -> pa.Table:
    """The answer of an empty warehouse to the question of `ingest`."""
    return pa.table({"article_id": pa.array([], pa.string())})


def run_stage(documents: pa.Table) -> StageOutput:
    units = tuple(documents["document_id"].to_pylist())
    return STAGE.work(StageInput(units, {"raw_documents": documents}, nothing_stored))


def records(folder: Path, count: int) -> None:
    """Articles/s of the parts of ingesting JSON lines, and of the whole command."""
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "articles.jsonl"
        sample(folder, count, file)
        tables: list[pa.Table] = []

        def read() -> int:
            tables.extend(batch.documents for batch in read_documents([file]))
            return sum(table.num_rows for table in tables)

        reading = measure(read)
        staging = measure(lambda: sum(len(run_stage(table).tables["articles"]) for table in tables))
        run = command(file, Path(temporary) / "warehouse")
    ingest = run.report.stages[0]
    whole = Cost(ingest.counts.rows_in, run.report.seconds, run.cpu_seconds)
    parts = (
        reading.row("reading"),
        staging.row("the stage's work"),
        whole.row("`rasad run --stages ingest`, start included"),
    )
    show_table(parts, "JSON lines")
    print(
        f"Of the run's {run.report.seconds:.1f} s, {ingest.seconds:.1f} s were the stage's own work; "
        f"peak {run.peak_bytes / 1e6:,.0f} MB."
    )


def command(file: Path, warehouse: Path) -> Measured:
    """Run `ingest` alone as a user runs it."""
    return measured_run(file, warehouse, "--direct", "--stages", "ingest")


def articles(folder: Path, count: int) -> Iterator[dict[str, str]]:
    files = sorted(folder.glob("*.jsonl.gz"))
    turns = itertools.chain.from_iterable(itertools.zip_longest(*(_lines(file) for file in files)))
    for line in itertools.islice((line for line in turns if line), count):
        yield json.loads(line)


def _lines(file: Path) -> Iterator[str]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from lines


def as_page(article: dict[str, str], number: int) -> bytes:
    """An article as a web page with what usually surrounds one."""
    title = html.escape(article.get("title") or "خبر")
    body = "".join(f"<p>{html.escape(line)}</p>" for line in article["text"].split("\n") if line.strip())
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title} - موقع</title>{_SCRIPT}'
        f'<meta property="og:title" content="{title}"></head><body><nav><ul>{_MENU}</ul></nav>'
        f"<main><article><h1>{title}</h1>{body}</article></main><aside><h3>اقرأ أيضا</h3><ul>{_LINKS}</ul></aside>"
        f'<form><label>الاسم</label><input name="n"></form><footer>جميع الحقوق محفوظة {number}</footer></body></html>'
    ).encode()


def pages(folder: Path, count: int, batch: int = 100) -> None:
    """Pages/s through the stage beside trafilatura alone, batch by batch in turn."""
    stored = [as_page(article, number) for number, article in enumerate(articles(folder, count))]
    ours, theirs = Cost(0, 0, 0), Cost(0, 0, 0)
    out = 0
    for start in range(0, len(stored), batch):
        part = stored[start : start + batch]
        collected = Collector("bench")
        for number, page in enumerate(part, start):
            address = f"https://news.example/{number}"
            collected.add(Document(address, _FETCHED, "text/html", page, json.dumps({"url": address}), address))
        table = collected.take().documents
        outputs: list[StageOutput] = []

        def stage(table: pa.Table = table, outputs: list[StageOutput] = outputs) -> int:
            outputs.append(run_stage(table))
            return int(table.num_rows)

        def alone(part: list[bytes] = part) -> int:
            for page in part:
                trafilatura.extract(page, include_comments=False, with_metadata=True)
            return len(part)

        # Whoever comes second finds the caches warm; so they take turns at that too.
        works = (stage, alone) if (start // batch) % 2 else (alone, stage)
        costs = {work.__name__: measure(work) for work in works}
        ours, theirs = _plus(ours, costs["stage"]), _plus(theirs, costs["alone"])
        out += len(outputs[0].tables["articles"])
    show_table((ours.row("ingest"), theirs.row("trafilatura alone")), "Pages")
    print(
        f"{out:,} of {len(stored):,} pages became articles; ingest takes {ours.cpu / theirs.cpu:.2f} times the CPU of "
        "trafilatura alone, on one core."
    )


def _plus(one: Cost, other: Cost) -> Cost:
    return Cost(one.units + other.units, one.wall + other.wall, one.cpu + other.cpu)


def memory(folder: Path, sizes: list[int]) -> None:
    """Peak memory of the whole command for inputs of growing size; the articles differ by a number."""
    rows: list[dict[str, Cell]] = []
    peaks: list[float] = []
    kept = list(articles(folder, 2_000))
    for size in sizes:
        with tempfile.TemporaryDirectory() as temporary:
            file = Path(temporary) / "articles.jsonl"
            with file.open("w", encoding="utf-8") as stream:
                for number, article in enumerate(itertools.cycle(kept)):
                    text = f"{number}: {article['text']}"
                    stream.write(json.dumps({"id": f"n{number}", "text": text}, ensure_ascii=False) + "\n")
                    if stream.tell() >= size * 1_000_000:
                        break
            run = command(file, Path(temporary) / "warehouse")
        count = run.report.stages[0].counts.rows_in
        peaks.append(run.peak_bytes / 1e6)
        rows.append(
            {
                "input, MB": size,
                "articles": count,
                "peak memory, MB": peaks[-1],
                "articles/s (CPU)": count / run.cpu_seconds,
            }
        )
    show_table(rows, "Memory of the whole command")
    for size, peak in zip(sizes, peaks, strict=True):
        title = "Peak memory of ingestion, by size of the input"
        show_points(Point(curve=title, line="command", x=size, x_unit="MB of input", y=round(peak), y_unit="MB"))
    if len(sizes) > 1:
        slope = (peaks[-1] - peaks[-2]) / (sizes[-1] - sizes[-2])
        print(f"Slope over the last step: {slope:.2f} MB of memory for each MB of input.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder with .jsonl.gz files of news")
    parser.add_argument("--articles", type=int, default=4_000, help="how many records; 0 to leave them out")
    parser.add_argument("--pages", type=int, default=400, help="how many pages; 0 to leave them out")
    parser.add_argument("--sizes", default="40,160,320", help="inputs in MB, comma-separated; empty to leave them out")
    options = parser.parse_args()
    if options.articles:
        records(options.folder, options.articles)
    if options.pages:
        pages(options.folder, options.pages)
    if options.sizes:
        memory(options.folder, [int(size) for size in options.sizes.split(",")])


if __name__ == "__main__":
    main()
