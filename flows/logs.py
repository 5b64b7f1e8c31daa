"""The log of a run: one JSON object a line, with the run's id and the ids of articles.

It goes through Python's logging under the name `rasad`, so that `PREFECT_LOGGING_EXTRA_LOGGERS=rasad` also shows it
beside a flow run in Prefect. Otherwise nothing is written unless the settings name a file: Prefect's own handlers would
show an event without its fields.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from flows.report import BatchReport
from flows.settings import LogSettings
from schemas.errors import SettingsError
from tasks.stage import Excluded, Rejected

LOGGER = logging.getLogger("rasad")
LOGGER.addHandler(logging.NullHandler())  # or Python prints warnings that nobody asked for
LOGGER.propagate = False


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, event, then the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        return json.dumps(line, ensure_ascii=False, default=str)


def note(level: int, event: str, **fields: object) -> None:
    """Write one line; the fields are JSON values."""
    if LOGGER.isEnabledFor(level):
        LOGGER.log(level, event, extra={"fields": fields})


def note_batch(
    run_id: str, report: BatchReport, units: Iterable[str], rejected: Iterable[Rejected], excluded: Iterable[Excluded]
) -> None:
    """What became of a batch: a line for it, one for each article that was rejected or left out."""
    for lost in rejected:
        note(
            logging.WARNING,
            "rejected",
            run_id=run_id,
            stage=report.stage,
            unit_id=lost.unit_id,
            rule=lost.rule,
            error=lost.error,
        )
    for left in excluded:
        note(logging.INFO, "excluded", run_id=run_id, stage=report.stage, unit_id=left.unit_id, reason=left.reason)
    fields = {"counts": report.counts.model_dump(), "seconds": round(report.seconds, 3)}
    note(logging.INFO, "batch", run_id=run_id, stage=report.stage, snapshot_id=report.snapshot_id, **fields)
    if LOGGER.isEnabledFor(logging.DEBUG):
        note(logging.DEBUG, "units", run_id=run_id, stage=report.stage, unit_ids=list(units))


@contextmanager
def logging_to(settings: LogSettings) -> Iterator[None]:
    """Write the log as the settings say while the block runs; SettingsError for a file that cannot be written."""
    if settings.file is None:
        yield
        return
    try:
        to_file = settings.file != Path("-")
        handler = logging.FileHandler(settings.file, encoding="utf-8") if to_file else logging.StreamHandler(sys.stderr)
    except OSError as failure:
        raise SettingsError(
            f"the log cannot be written: {failure.strerror or failure}",
            where=str(settings.file),
            hint="Name a file in a folder that is there, with log.file or RASAD_LOG__FILE.",
        ) from failure
    handler.setFormatter(JsonLines())
    before = LOGGER.level
    LOGGER.addHandler(handler)
    LOGGER.setLevel(settings.level)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(before)
        handler.close()
