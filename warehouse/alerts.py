"""What a person should look at: rejections that jump, silent sources, old news, what audits warn of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from warehouse.connection import Reader

Kind = Literal["rejections", "source-silent", "freshness", "audit"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to look at. `kind` and `subject` stay the same for as long as it lasts."""

    kind: Kind
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What is still usual; None asks nothing."""

    rejected_share: float = 0.05
    silent_days: float | None = 3.0
    fresh_hours: float | None = None


#: A jump is a share above the limit, three times the share of the 20 runs before, in at least 5 rows. A replay takes
#: what was rejected before, so its share tells nothing.
_JUMP = """
WITH shares AS (
    SELECT stage, run_id, counts.rejected AS rejected, counts.rows_in AS rows_in,
        row_number() OVER (PARTITION BY stage ORDER BY snapshot_id DESC) AS age
    FROM runs WHERE counts.rows_in > 0 AND "window" IS DISTINCT FROM 'replay'
)
SELECT latest.stage, latest.run_id, latest.rejected, latest.rows_in, usual.share
FROM shares AS latest
JOIN (
    SELECT stage, sum(rejected) / sum(rows_in) AS share FROM shares WHERE age BETWEEN 2 AND 21 GROUP BY stage
) AS usual ON usual.stage = latest.stage
WHERE latest.age = 1 AND latest.rejected >= 5
    AND latest.rejected > ? * latest.rows_in AND latest.rejected > 3 * usual.share * latest.rows_in
ORDER BY latest.stage
"""
_WARNINGS = """
SELECT stage, audit, example FROM audit_findings
WHERE run_id = (SELECT arg_max(run_id, snapshot_id) FROM runs) ORDER BY stage, audit
"""
#: Silence is measured against the other sources, not against the clock: an archive that was loaded once is no alarm.
#: Whoever wrote on fewer than three days of the fortnight before its last word has no habit to break.
#: Days are counted for those alone who fell silent.
_SILENT = """
WITH last AS (SELECT source, max(published_at) AS said FROM articles GROUP BY source),
newest AS (SELECT max(said) AS moment FROM last),
silent AS (
    SELECT * FROM last, newest
    WHERE said < moment - to_seconds(?) AND said >= moment - INTERVAL 30 DAY
)
SELECT source, said, moment
FROM silent JOIN articles AS a USING (source)
WHERE a.published_at::DATE > said::DATE - 14
GROUP BY ALL HAVING count(DISTINCT a.published_at::DATE) >= 3 ORDER BY source
"""


def alerts(reader: Reader, limits: Limits | None = None, now: datetime | None = None) -> tuple[Alert, ...]:
    """Everything that is unusual at this moment.

    A source is silent when it wrote nothing for `silent_days` while others did (for a month, then it is history);
    news is old when the newest document was fetched more than `fresh_hours` before `now`.
    """
    limits = limits or Limits()
    found = [
        Alert(
            "rejections",
            row["stage"],
            f"{row['stage']}: {row['rejected']:,} of {row['rows_in']:,} rejected in run {row['run_id']}, "
            f"{row['rejected'] / row['rows_in']:.0%} instead of {row['share']:.1%}",
        )
        for row in reader.query(_JUMP, [limits.rejected_share]).to_pylist()
    ]
    if limits.silent_days is not None:
        found += [
            Alert(
                "source-silent",
                row["source"],
                f"{row['source']}: silent since {row['said']:%Y-%m-%d %H:%M} UTC, others wrote until "
                f"{row['moment']:%Y-%m-%d %H:%M}",
            )
            for row in reader.query(_SILENT, [limits.silent_days * 86_400]).to_pylist()
        ]
    newest = reader.value("SELECT max(fetched_at) FROM raw_documents")
    if limits.fresh_hours is not None and now is not None and isinstance(newest, datetime):
        age = now - newest
        if age > timedelta(hours=limits.fresh_hours):
            hours = age.total_seconds() / 3600
            found.append(
                Alert(
                    "freshness",
                    "warehouse",
                    f"the newest document was fetched {hours:,.0f} hours ago, at most {limits.fresh_hours:g} are usual",
                )
            )
    found += [
        Alert("audit", f"{row['stage']}: {row['audit']}", f"{row['stage']}: {row['audit']}: {row['example']}")
        for row in reader.query(_WARNINGS).to_pylist()
    ]
    return tuple(found)
