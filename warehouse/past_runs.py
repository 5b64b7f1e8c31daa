"""What past runs did: how fast they were, and what became of each window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schemas.operations import By
from warehouse.connection import Reader
from warehouse.ledger import INGEST, StageSpec

#: Of so many runs the time is taken: enough to even out a busy hour, few enough to forget last year's machine.
_RUNS = 20


def seconds_per_unit(reader: Reader, stage: StageSpec) -> float | None:
    """Seconds of a stage's own work for one unit in its latest runs; None when it has never run.

    Runs with today's model tell; without any, those with another one have to.
    """
    rate = reader.value(
        """
        SELECT sum(seconds) / sum(units) FROM (
            SELECT seconds, counts.rows_in AS units FROM runs
            WHERE stage = ? AND counts.rows_in > 0
            QUALIFY dense_rank() OVER (ORDER BY versions.model IS NOT DISTINCT FROM ? DESC) = 1
            ORDER BY started_at DESC LIMIT ?
        )
        """,
        [stage.name, stage.model_version, _RUNS],
    )
    return float(rate) if isinstance(rate, int | float) else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """So many units of one stage and window that one run left in one state, for one reason."""

    status: str
    reason: str | None
    units: int


def window_outcomes(reader: Reader, run_id: str, by: By) -> dict[tuple[datetime | None, str], list[Outcome]]:
    """What a run did by window and stage, as the ledger has it: by the first moment of the day or month in UTC.

    None stands for what has no date. A document counts where its article is now.
    """
    rows = reader.query(
        f"""
        SELECT date_trunc('{by}', a.published_at) AS first, done.stage, done.status, done.reason, count(*) AS units
        FROM (
            SELECT l.stage, l.status, l.reason, CASE WHEN l.stage = ? THEN d.article_id ELSE l.article_id END AS id
            FROM stage_ledger AS l LEFT JOIN raw_documents AS d ON l.stage = ? AND d.document_id = l.article_id
            WHERE l.run_id = ? AND l.stage <> 'search' -- the index, which is no stage
        ) AS done LEFT JOIN articles AS a ON a.article_id = done.id
        GROUP BY ALL ORDER BY ALL
        """,
        [INGEST, INGEST, run_id],
    )
    found: dict[tuple[datetime | None, str], list[Outcome]] = {}
    for row in rows.to_pylist():
        outcome = Outcome(row["status"], row["reason"], row["units"])
        found.setdefault((row["first"], row["stage"]), []).append(outcome)
    return found
