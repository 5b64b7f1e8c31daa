"""How a warehouse stands: what is in it, what is due, what was rejected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.catalog import TABLES
from warehouse.alerts import Alert, Limits, alerts
from warehouse.connection import Reader
from warehouse.explain import file_damaged
from warehouse.ledger import StageSpec
from warehouse.location import CATALOG
from warehouse.outstanding import outstanding

#: DuckLake's own tables, in the catalog's database.
_NOTES: Final = f"__ducklake_metadata_{CATALOG}"


@dataclass(frozen=True, slots=True)
class StageStatus:
    """How many units of a stage are in which state. `due` is None for a stage that was not asked about."""

    stage: str
    done: int
    rejected: int
    excluded: int
    due: int | None


@dataclass(frozen=True, slots=True)
class OpenRejections:
    """How many rejections of one rule are open, and the latest one's explanation."""

    stage: str
    rule: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class LastRun:
    """The run that committed last."""

    run_id: str
    started_at: datetime
    stages: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Status:
    """What `rasad status` shows."""

    folder: str
    tables: dict[str, int]
    stages: tuple[StageStatus, ...]
    last_run: LastRun | None
    last_published: datetime | None
    open_rejections: tuple[OpenRejections, ...]
    snapshots: int
    alerts: tuple[Alert, ...]
    healthy: bool


def status(
    reader: Reader,
    stages: Callable[[], Sequence[StageSpec]] = tuple,
    limits: Limits | None = None,
    now: datetime | None = None,
) -> Status:
    """Count everything, as of one moment; with the stages as they are now, also what is due.

    The stages are asked for last, so that they may be loaded meanwhile. Healthy is what raises no alert.
    """
    with reader.snapshot():
        return _status(reader, stages, limits, now)


def _status(
    reader: Reader, stages: Callable[[], Sequence[StageSpec]], limits: Limits | None, now: datetime | None
) -> Status:
    raised = alerts(reader, limits, now)
    rows = _rows(reader)
    published = reader.value("SELECT max(published_at) FROM articles")
    snapshots = reader.value("SELECT count(*) FROM ducklake_snapshots('rasad')")
    last_run = _last_run(reader)
    rejections = reader.query(
        """
        SELECT stage, rule, count(*) AS count, arg_max(error, (rejected_at, rejection_id)) AS example
        FROM rejections WHERE resolved_by IS NULL
        GROUP BY stage, rule ORDER BY count DESC, stage, rule
        """
    ).to_pylist()
    return Status(
        folder=str(reader.location.folder),
        tables=rows,
        stages=_stages(reader, stages()),
        last_run=last_run,
        last_published=published if isinstance(published, datetime) else None,
        open_rejections=tuple(OpenRejections(**row) for row in rejections),
        snapshots=snapshots if isinstance(snapshots, int) else 0,
        alerts=raised,
        healthy=not raised,
    )


#: Rows of each table as the catalog has them. `count(*)` opens a table first, 20 ms each: half a second for all. No row
#: is inlined in the catalog (`Location.attach_sql`), so the files have them all.
_ROWS: Final = f"""
WITH present AS (SELECT id FROM ducklake_current_snapshot('{CATALOG}')),
parts AS (
    SELECT table_id, record_count AS rows, begin_snapshot, end_snapshot FROM {_NOTES}.ducklake_data_file
    UNION ALL
    SELECT table_id, -delete_count, begin_snapshot, end_snapshot FROM {_NOTES}.ducklake_delete_file
)
SELECT t.table_name AS name, CAST(coalesce(sum(parts.rows), 0) AS BIGINT) AS rows
FROM {_NOTES}.ducklake_table AS t CROSS JOIN present LEFT JOIN parts ON parts.table_id = t.table_id
    AND parts.begin_snapshot <= present.id AND coalesce(parts.end_snapshot > present.id, true)
WHERE t.begin_snapshot <= present.id AND coalesce(t.end_snapshot > present.id, true)
GROUP BY t.table_name
"""


def _rows(reader: Reader) -> dict[str, int]:
    """How many rows each table has."""
    rows = reader.query(_ROWS)
    counts = dict(zip(rows["name"].to_pylist(), rows["rows"].to_pylist(), strict=True))
    return {record.table.name: counts[record.table.name] for record in TABLES}


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """What one source delivered; `rejected` counts its open rejections."""

    source: str
    articles: int
    last_published: datetime | None
    last_fetched: datetime | None
    rejected: int


def source_health(reader: Reader) -> tuple[SourceHealth, ...]:
    """How each source does, the largest first: what of the mart `source_health` needs no name and no event."""
    rows = reader.query(
        """
        WITH written AS (
            SELECT source, count(*) AS articles, max(published_at) AS published FROM articles GROUP BY source
        ),
        fetched AS (SELECT source, max(fetched_at) AS fetched FROM raw_documents GROUP BY source),
        lost AS (
            SELECT coalesce(a.source, d.source, '(unreadable)') AS source, count(*) AS rejected
            FROM rejections AS r LEFT JOIN articles AS a USING (article_id)
            LEFT JOIN raw_documents AS d ON d.document_id = r.document_id
            WHERE r.resolved_by IS NULL GROUP BY ALL
        )
        SELECT source, coalesce(articles, 0) AS articles, published AS last_published, fetched AS last_fetched,
            coalesce(rejected, 0) AS rejected
        FROM written FULL JOIN fetched USING (source) FULL JOIN lost USING (source)
        ORDER BY articles DESC, source
        """
    )
    return tuple(SourceHealth(**row) for row in rows.to_pylist())


def check_files(reader: Reader) -> None:
    """Raise WarehouseDamaged when a data file of the latest snapshot is gone or of another size."""
    stored = _stored_sizes(reader)
    for record in TABLES:
        files = reader.query(f"SELECT * FROM ducklake_list_files('rasad', '{record.table.name}')").to_pylist()
        sizes = {file["data_file"]: file["data_file_size_bytes"] for file in files}
        sizes |= {file["delete_file"]: file["delete_file_size_bytes"] for file in files if file["delete_file"]}
        for name, size in sizes.items():
            if stored.get(name) != size:
                raise file_damaged("a data file is missing or not whole", name)


def _stored_sizes(reader: Reader) -> dict[str, int]:
    """Path → bytes of every Parquet file that is there; of an object store, without its contents."""
    if reader.location.store is None:
        return {str(file): file.stat().st_size for file in reader.location.data.rglob("*.parquet")}
    rows = reader.query("SELECT filename, size FROM read_blob(?)", [f"{reader.location.data_path}**/*.parquet"])
    return dict(zip(rows["filename"].to_pylist(), rows["size"].to_pylist(), strict=True))


def _stages(reader: Reader, stages: Sequence[StageSpec]) -> tuple[StageStatus, ...]:
    """The given stages in their order, then any other that the ledger knows."""
    rows = reader.query(
        """
        SELECT
            stage,
            count(*) FILTER (status = 'done') AS done,
            count(*) FILTER (status = 'rejected') AS rejected,
            count(*) FILTER (status = 'excluded') AS excluded
        FROM stage_ledger WHERE stage <> 'search' -- the index, which is no stage
        GROUP BY stage ORDER BY stage
        """
    ).to_pylist()
    found = {row["stage"]: row for row in rows}
    due = outstanding(reader, stages) if stages else {}
    order = [stage.name for stage in stages] + [name for name in found if name not in due]
    nothing = {"done": 0, "rejected": 0, "excluded": 0}
    return tuple(
        StageStatus(name, row["done"], row["rejected"], row["excluded"], due.get(name))
        for name, row in ((name, found.get(name, nothing)) for name in order)
    )


def _last_run(reader: Reader) -> LastRun | None:
    rows = reader.query(
        """
        SELECT run_id, min(started_at) AS started_at, list(stage ORDER BY snapshot_id, stage) AS stages,
            sum(seconds) AS seconds
        FROM runs GROUP BY run_id ORDER BY max(snapshot_id) DESC, run_id DESC LIMIT 1
        """
    ).to_pylist()
    if not rows:
        return None
    row = rows[0]
    return LastRun(row["run_id"], row["started_at"], tuple(row["stages"]), row["seconds"])
