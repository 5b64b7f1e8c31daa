"""How the warehouse stands, as Prometheus reads it: `rasad metrics`.

Everything comes from the warehouse itself, so the figures outlive every process: totals are sums over `runs`, and a
scrape needs no server of ours. `rasad metrics > FILE.prom` in a folder that node_exporter's textfile collector reads
is the usual way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from flows.alerting import limits
from flows.settings import load_settings
from flows.stages import pipeline_stages, stage_spec
from warehouse.connection import Reader, open_reader
from warehouse.status import SourceHealth, Status, source_health, status

_TOTALS = """
SELECT stage, sum(counts.rows_out) AS done, sum(counts.rejected) AS rejected, sum(counts.excluded) AS excluded,
    sum(seconds) AS seconds, count(*) AS runs
FROM runs GROUP BY stage ORDER BY stage
"""


class _Collected(Collector):
    """What one look at the warehouse gave."""

    def __init__(self, state: Status, sources: Sequence[SourceHealth], totals: Sequence[dict[str, float]]) -> None:
        self._state, self._sources, self._totals = state, sources, totals

    def collect(self) -> Iterator[Metric]:
        yield from self._stages()
        yield from self._totals_of_runs()
        yield from self._freshness()
        state = self._state
        yield _gauge("rasad_rows", "Rows of a table.", ("table",), {(n,): c for n, c in state.tables.items()})
        open_ones = {(found.stage, found.rule): found.count for found in state.open_rejections}
        yield _gauge("rasad_open_rejections", "Rejections that nothing resolved.", ("stage", "rule"), open_ones)
        raised = {(alert.kind, alert.subject): 1 for alert in state.alerts}
        yield _gauge("rasad_alert", "1 for each alert that lasts.", ("kind", "subject"), raised)
        yield _gauge("rasad_healthy", "1 when there is no alert.", (), {(): int(state.healthy)})
        yield _gauge("rasad_snapshots", "Snapshots that are kept.", (), {(): state.snapshots})

    def _stages(self) -> Iterator[Metric]:
        stages = self._state.stages
        entries = {(s.stage, k): getattr(s, k) for s in stages for k in ("done", "rejected", "excluded")}
        yield _gauge("rasad_units", "Articles (documents at ingest) by outcome.", ("stage", "outcome"), entries)
        due = {(s.stage,): s.due for s in stages if s.due is not None}
        yield _gauge("rasad_due_units", "What the next run would do.", ("stage",), due)

    def _totals_of_runs(self) -> Iterator[Metric]:
        units = CounterMetricFamily("rasad_processed_units", "Units that runs took.", labels=("stage", "outcome"))
        seconds = CounterMetricFamily("rasad_stage_seconds", "Time in the stages' own work.", labels=("stage",))
        runs = CounterMetricFamily("rasad_runs", "Runs in which the stage had work.", labels=("stage",))
        for row in self._totals:
            stage = str(row["stage"])
            for outcome in ("done", "rejected", "excluded"):
                units.add_metric((stage, outcome), row[outcome])
            seconds.add_metric((stage,), row["seconds"])
            runs.add_metric((stage,), row["runs"])
        yield from (units, seconds, runs)

    def _freshness(self) -> Iterator[Metric]:
        last = self._state.last_run
        if last is not None:
            moment = {(): last.started_at.timestamp()}
            yield _gauge("rasad_last_run_start_timestamp_seconds", "When the last run started.", (), moment)
        for name, words in (("published", "newest article was published"), ("fetched", "newest document was fetched")):
            moments = {
                (source.source,): moment.timestamp()
                for source in self._sources
                if (moment := getattr(source, f"last_{name}")) is not None
            }
            yield _gauge(f"rasad_source_{name}_timestamp_seconds", f"When a source's {words}.", ("source",), moments)
        articles = {(source.source,): source.articles for source in self._sources}
        yield _gauge("rasad_source_articles", "Articles of a source.", ("source",), articles)


def _gauge(name: str, words: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> Metric:
    """A gauge with a value for each tuple of its labels' values."""
    family = GaugeMetricFamily(name, words, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def metrics(reader: Reader, state: Status) -> str:
    """The warehouse's figures in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(state, source_health(reader), reader.query(_TOTALS).to_pylist()))
    return generate_latest(registry).decode("utf-8")


def show_metrics(warehouse: Path | None) -> str:
    """`rasad metrics`: look once and say everything. Raises WarehouseError."""
    settings = load_settings(warehouse=warehouse)
    specs = [stage_spec(stage) for stage in pipeline_stages(settings)]
    with open_reader(settings.location()) as reader:
        return metrics(reader, status(reader, lambda: specs, limits(settings.alerts), datetime.now(UTC)))
