"""The flows that `prefect.yaml` deploys: entered by module path, so that they run from any folder.

A run that finds another one writing waits for the lease. One that fails is tried again, and goes on where it stopped;
so does one whose worker was killed, as soon as another run of its host begins (`flows/recovery.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prefect import flow

from flows.backfill_command import backfill_request
from flows.backfill_report import BackfillReport
from flows.engine import new_run_id
from flows.parameters import LEASE_SECONDS, BackfillParameters, MaintainParameters, RunParameters, in_order
from flows.pipeline import backfill_windows, pipeline
from flows.recovery import begin
from flows.report import RunReport, SourceReport
from flows.request import RunRequest
from flows.settings import load_settings
from schemas.errors import SourceFailed
from schemas.sources import Source
from tasks.sources import choose_sources, load_sources
from warehouse.maintenance import maintain

#: A failed run is tried so often again, after so many seconds: a source or a disk may be back by then. Prefect wants to
#: know with the flow, so these settings are read when a worker imports it.
RETRIES, RETRY_SECONDS = 2, load_settings().retry_seconds


@flow(name="rasad-sources", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS, persist_result=False)
def run_sources(parameters: RunParameters) -> RunReport:
    """What is new of declared sources, and everything that is due at the stages asked for.

    Raises SourceFailed, last of all, when a source failed; what was committed stays.
    """
    begin()
    settings = load_settings(warehouse=parameters.warehouse)
    stages = in_order(parameters.stages)
    sources: tuple[Source, ...] = ()
    if "ingest" in stages:
        declared = load_sources(settings.sources)
        sources = choose_sources(declared, parameters.sources) if parameters.sources else declared
    request = RunRequest(paths=(), settings=settings, stages=stages, sources=sources, wait_seconds=LEASE_SECONDS)
    report: RunReport = pipeline(request)
    if any(source.failures for source in report.sources):
        raise _failed(report.sources)
    return report


@flow(name="rasad-backfill-days", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS, persist_result=False)
def backfill_windows_of(parameters: BackfillParameters) -> BackfillReport:
    """What is due in windows of published time.

    Raises SourceFailed, last of all, when the source failed; what was committed stays.
    """
    begin()
    window = parameters.window
    report: BackfillReport = backfill_windows(
        backfill_request(
            warehouse=parameters.warehouse,
            source=parameters.source,
            start=window.start.isoformat() if window else None,
            end=window.end.isoformat() if window else None,
            stages=in_order(parameters.stages),
            by=parameters.by,
            undated=parameters.undated,
            stored=parameters.stored,
            wait_seconds=LEASE_SECONDS,
        )
    )
    if report.read is not None and report.read.failures:
        raise _failed([report.read])
    return report


@flow(name="rasad-maintain", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS, persist_result=False)
def maintain_files(parameters: MaintainParameters) -> None:
    """Merge small files, expire old snapshots, remove what nothing needs."""
    begin()
    location = load_settings(warehouse=parameters.warehouse).location()
    maintain(location, new_run_id(datetime.now(UTC)), keep=timedelta(days=parameters.keep_days))


def _failed(sources: list[SourceReport]) -> SourceFailed:
    said = "; ".join(f"{source.source}: {failure}" for source in sources for failure in source.failures)
    return SourceFailed(said, hint="Mend the source, or what is expected of it, in sources.yml.")
