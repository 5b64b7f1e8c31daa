"""A few small articles, and a way to run `rasad` as a user does."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from flows.cli import answer
from flows.request import RunRequest
from flows.settings import Settings
from schemas.catalog import TABLES
from warehouse.connection import open_reader
from warehouse.location import Location

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "seeds" / "articles"
ARABIC = (
    "التقى الرئيس الروسي فلاديمير بوتين نظيره الأميركي دونالد ترمب في موسكو يوم الاثنين.\n"
    "وقال المتحدث باسم الكرملين دميتري بيسكوف إن اللقاء كان بنّاءً، وإن قمة جديدة ستعقد الشهر المقبل."
)
PERSIAN = (
    "ولادیمیر پوتین، رئیس‌جمهور روسیه، روز دوشنبه در مسکو با دونالد ترامپ دیدار کرد.\n"
    "دمیتری پسکوف، سخنگوی کرملین، گفت این دیدار سازنده بود و نشست تازه‌ای ماه آینده برگزار خواهد شد."
)
ENGLISH = "The two presidents met in Moscow on Monday. A new summit is planned for next month, the Kremlin said."
#: Columns that tell when and by which run a row was written, not what it says.
STAMPS = {"run_id", "rejected_at", "started_at", "seconds", "snapshot_id", "uri", "fetched_at"}


def write_articles(folder: Path) -> Path:
    """Two plain files, a JSONL file with one broken line, and nothing else."""
    folder.mkdir(parents=True)
    (folder / "one.txt").write_text(ARABIC, encoding="utf-8")
    (folder / "two.txt").write_text(PERSIAN, encoding="utf-8")
    records = [
        {"id": "e1", "source": "Test Wire", "text": ENGLISH, "published_at": "2025-08-16T09:00:00+03:00"},
        {"id": "a1", "source": "وكالة الاختبار", "text": ARABIC + "\nانتهى", "published_at": "2025-08-16"},
        {"id": "x1", "source": "Test Wire", "title": "No text"},
    ]
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (folder / "three.jsonl").write_text(lines, encoding="utf-8")
    return folder


def request(*paths: Path, warehouse: Path, **settings: object) -> RunRequest:
    """A request as the command line would make it."""
    return RunRequest(paths=paths, settings=Settings.model_validate({"warehouse": warehouse, **settings}))


def rasad(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process, which has everything loaded: tenths of a second instead of seconds.

    What a process of its own differs in (signals, pipes, Prefect's settings) is asked with `rasad_process`.
    """
    said, complained = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code: object = 0
    with ExitStack() as held:
        held.enter_context(contextlib.redirect_stdout(said))
        held.enter_context(contextlib.redirect_stderr(complained))
        if cwd is not None:
            held.enter_context(contextlib.chdir(cwd))
        try:
            answer([str(argument) for argument in arguments])
        except SystemExit as left:
            code = left.code
    texts = [stream.buffer.getvalue().decode() for stream in (said, complained)]
    return subprocess.CompletedProcess(arguments, code if isinstance(code, int) else int(code is not None), *texts)


def rasad_process(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "flows", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        cwd=cwd,
    )


def contents(warehouse: Path) -> dict[str, list[dict[str, object]]]:
    """Every table's rows without their stamps, in the order of their keys; the operational tables apart."""
    tables = {}
    with open_reader(Location.at(warehouse)) as reader:
        for record in TABLES:
            if record.table.name in {"runs", "table_versions"}:
                continue
            rows: pa.Table = reader.query(f"SELECT * FROM {record.table.name} ORDER BY ALL")
            kept = [name for name in rows.column_names if name not in STAMPS]
            tables[record.table.name] = sorted(rows.select(kept).to_pylist(), key=repr)
    return tables
