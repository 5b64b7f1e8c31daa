"""`rasad replay`: take rejected rows through today's code.

Documents are read again from `raw_documents`, files that could not be opened from where they lay, articles from
the tables. What is accepted now goes on through the later stages; the rejection stays on record, resolved.
"""

from __future__ import annotations

import logging
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field

from flows.alerting import raise_alerts
from flows.engine import Batch, StageRun, new_run_id
from flows.logs import logging_to, note
from flows.progress import progress_bars, watcher
from flows.rendering import plain_console, warn, write_json
from flows.report import BatchReport
from flows.settings import Settings, load_settings
from flows.stages import pipeline_stages, stage_spec
from schemas.articles import RawDocument
from schemas.errors import SettingsError
from tasks.reading import DEFAULT_SOURCE, DOCUMENT_SCHEMA, read_documents, resolve
from tasks.stage import Rejected, stable_id
from warehouse.connection import Reader, Resources, open_reader
from warehouse.due import BatchLimits, due
from warehouse.ledger import Scope, due_documents
from warehouse.queries import read_units
from warehouse.rejections import FILE_RULES, open_rejections, resolve_mended
from warehouse.search import refresh_index
from warehouse.writer import open_writer

#: The line of a file at the end of a document's `uri`.
_LINE = re.compile(r"#L\d+$")


class ReplayReport(BaseModel):
    """What became of the rejections that were tried again."""

    run_id: str = Field(description="The run that tried.")
    tried: int = Field(description="Open rejections that were chosen.")
    resolved: int = Field(description="Those that are accepted now.")
    open: int = Field(description="Those that are rejected still.")
    unreachable: list[str] = Field(description="Files that are no longer where they were.")
    alerts: list[str] = Field(default_factory=list, description="What is unusual after it.")
    untold: str | None = Field(default=None, description="Why the webhook could not be told of new alerts.")
    seconds: float = Field(description="How long it took.")


def replay(settings: Settings, *, stage: str | None, rule: str | None, ids: tuple[str, ...]) -> ReplayReport:
    """Try open rejections again, then what follows from those that are accepted.

    Raises SettingsError when an id is unknown, LeaseHeld when another process is writing.
    """
    with logging_to(settings.log):
        return _replay(settings, stage, rule, ids)


def _replay(settings: Settings, stage: str | None, rule: str | None, ids: tuple[str, ...]) -> ReplayReport:
    began, now = time.perf_counter(), datetime.now(UTC)
    run_id = new_run_id(now)
    note(logging.INFO, "replay started", run_id=run_id, warehouse=str(settings.warehouse))
    location, resources = settings.location(), Resources(memory_limit=settings.memory_limit)
    open_reader(location, resources).close()  # a folder without a warehouse gets none from here
    with open_writer(location, run_id, resources) as writer, open_reader(location, resources) as reader:
        chosen = open_rejections(reader, stage=stage, rule=rule, ids=ids)
        _check_ids(chosen, ids)
        rows = chosen.to_pylist()
        articles: set[str] = {row["article_id"] for row in rows if row["article_id"]}
        unreachable: list[str] = []
        for each in pipeline_stages(settings):
            running = StageRun(each, run_id, now, writer, reader, window="replay")
            if each.name == "ingest":
                wanted = [row for row in rows if row["stage"] == "ingest"]
                _read_files(running, wanted, unreachable)
                documents = {row["document_id"] for row in wanted if row["document_id"]}
                _read_again(running, documents)
                articles |= _articles_of(reader, documents, run_id)
                continue
            forced = tuple(sorted(row["article_id"] for row in rows if row["stage"] == each.name))
            _run_articles(running, settings, Scope(articles=forced), again=True)
            _run_articles(running, settings, Scope(articles=tuple(sorted(articles))), again=False)
        refresh_index(writer, reader, run_id)
        still = open_rejections(reader, stage=stage, rule=rule, ids=ids)["rejection_id"].to_pylist()
        alerts, untold = raise_alerts(reader, settings.alerts, run_id, now)
    seconds = time.perf_counter() - began
    note(logging.INFO, "replay ended", run_id=run_id, seconds=round(seconds, 3), alerts=alerts)
    left = len(set(still) & {row["rejection_id"] for row in rows})
    return ReplayReport(
        run_id=run_id,
        tried=len(rows),
        resolved=len(rows) - left,
        open=left,
        unreachable=sorted(set(unreachable)),
        alerts=alerts,
        untold=untold,
        seconds=seconds,
    )


def _check_ids(chosen: pa.Table, ids: tuple[str, ...]) -> None:
    known = {value for name in ("rejection_id", "article_id", "document_id") for value in chosen[name].to_pylist()}
    unknown = [one for one in ids if one not in known]
    if unknown:
        raise SettingsError(
            f"no open rejection has the id {', '.join(unknown)}",
            where="--id",
            hint='See them: rasad sql "SELECT * FROM rejections WHERE resolved_by IS NULL".',
        )


def _read_files(running: StageRun, rows: list[dict[str, str]], unreachable: list[str]) -> None:
    """Read again the files of rejections whose payload is not in the warehouse."""
    stored = set(read_units(running.reader, RawDocument, [r["document_id"] for r in rows])["document_id"].to_pylist())
    named: dict[str, set[str]] = {}
    for row in rows:
        if row["document_id"] in stored or not row["uri"]:
            continue
        name = _LINE.sub("", row["uri"])
        if Path(name).is_file():
            named.setdefault(name, set()).add(_source(running.reader, row, name))
        else:
            unreachable.append(name)
    refused: set[str] = set()
    for name, sources in named.items():
        for source in sources:
            for found in read_documents(resolve([name]), source):
                broken = [rejected.unit_id for rejected in found.rejected]
                refused.update(broken)
                known = found.documents.select(["document_id", "content_sha256"])
                if broken:
                    extra = pa.table({"document_id": broken, "content_sha256": broken}, known.schema)
                    known = pa.concat_tables([known, extra])
                keys = due_documents(running.reader, stage_spec(running.stage), known)
                fresh = dict(zip(keys["document_id"].to_pylist(), keys["input_key"].to_pylist(), strict=True))
                _run(running, fresh, found.documents, tuple(r for r in found.rejected if r.unit_id in fresh))
    resolve_mended(running.writer, running.reader, running.run_id, named, refused)


def _source(reader: Reader, row: dict[str, str], name: str) -> str:
    """Under which source a file was read: its unit's id digests it, else its other documents tell."""
    found = reader.query("SELECT DISTINCT source FROM raw_documents ORDER BY source")["source"].to_pylist()
    for source in (DEFAULT_SOURCE, *found):
        if row["rule"] in FILE_RULES and stable_id(source, row["rule"], name) == row["document_id"]:
            return str(source)
    beside = reader.value("SELECT any_value(source) FROM raw_documents WHERE starts_with(uri, ? || '#')", [name])
    return str(beside) if beside else DEFAULT_SOURCE


def _read_again(running: StageRun, documents: set[str]) -> None:
    """Take stored documents through `ingest` once more, in batches."""
    ordered = sorted(documents)
    for start in range(0, len(ordered), 512):
        table = read_units(running.reader, RawDocument, ordered[start : start + 512])
        keys = due_documents(
            running.reader, stage_spec(running.stage), table.select(["document_id", "content_sha256"]), again=True
        )
        named = dict(zip(keys["document_id"].to_pylist(), keys["input_key"].to_pylist(), strict=True))
        _run(running, named, table)


def _run(running: StageRun, keys: dict[str, str], documents: pa.Table, rejected: tuple[Rejected, ...] = ()) -> None:
    if keys:
        fresh = documents.filter(pc.is_in(documents["document_id"], pa.array(list(keys), pa.string())))
        _advance(
            running.run(
                Batch(keys=keys, tables={"raw_documents": fresh.select(DOCUMENT_SCHEMA.names)}, rejected=rejected)
            )
        )


def _run_articles(running: StageRun, settings: Settings, scope: Scope, *, again: bool) -> None:
    if not scope.articles:
        return
    limits = BatchLimits(settings.batch.articles, settings.batch.characters)
    with due(running.reader, stage_spec(running.stage), scope, limits, again=again) as found:
        watcher().begin(running.stage.name, found.articles)
        for rows in found.batches():
            keys = dict(zip(rows["article_id"].to_pylist(), rows["input_key"].to_pylist(), strict=True))
            _advance(running.run(Batch(keys=keys)))


def _advance(report: BatchReport) -> None:
    watcher().advance(report.counts.rows_in)


def _articles_of(reader: Reader, documents: set[str], run_id: str) -> set[str]:
    """The articles that the documents gave, and those that mended files brought."""
    wanted = pa.table({"id": pa.array(sorted(documents), pa.string())})
    rows = reader.query(
        "SELECT article_id FROM articles WHERE document_id IN (FROM wanted) OR run_id = ?", [run_id], wanted=wanted
    )
    return set(rows["article_id"].to_pylist())


def replay_rejections(
    warehouse: Path | None, *, stage: str | None, rule: str | None, ids: tuple[str, ...], as_json: bool
) -> None:
    """Try rejections again, and say what became of them."""
    settings = load_settings(warehouse=warehouse)
    with progress_bars():
        report = replay(settings, stage=stage, rule=rule, ids=ids)
    if as_json:
        write_json(report.model_dump_json())
        return
    console = plain_console()
    console.print(f"{report.tried:,} rejections tried again: {report.resolved:,} resolved, {report.open:,} still open.")
    for name in report.unreachable:
        console.print(f"There is no {name} any more: put it back, or run rasad run on where it is now.")
    warn(console, [*report.alerts, report.untold])
    if report.open:
        question = "SELECT stage, rule, error FROM rejections WHERE resolved_by IS NULL"
        console.print(f'Why: rasad sql "{question}" --warehouse {settings.warehouse}', soft_wrap=True)
