"""What a run or a backfill leaves in Prefect: a summary, its stages, its rejections by rule, its sources' health."""

from __future__ import annotations

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.backfill_report import BackfillReport
from flows.report import RunReport
from warehouse.connection import open_reader
from warehouse.location import Location
from warehouse.status import source_health

#: A table of more rows is for SQL: `rasad sql "FROM source_health"`.
MOST_SOURCES = 200


def leave_artifacts(report: RunReport | BackfillReport, location: Location) -> None:
    """Create the artifacts of a run or backfill. Their keys stay, so that Prefect shows each one's history."""
    if isinstance(report, BackfillReport):
        key, words = "rasad-backfill", "What became of each window"
    else:
        key, words = "rasad-run", "What each stage of the run did"
    create_markdown_artifact(key=key, markdown=report.as_markdown(), description=words)
    create_table_artifact(
        key="rasad-stages",
        table=[
            {"stage": s.stage, **s.counts.model_dump(), "batches": s.batches, "seconds": round(s.seconds, 2)}
            for s in report.stages
        ],
        description=f"Run {report.run_id}, stage by stage",
    )
    lost = [
        {"stage": s.stage, "rule": rule, "rejected": count}
        for s in report.stages
        for rule, count in sorted(s.rejected.items(), key=lambda item: (-item[1], item[0]))
    ]
    create_table_artifact(key="rasad-rejections", table=lost, description=f"What run {report.run_id} rejected, by rule")
    with open_reader(location) as reader:
        sources = source_health(reader)[:MOST_SOURCES]
    create_table_artifact(
        key="rasad-sources",
        table=[
            {
                "source": s.source,
                "articles": s.articles,
                "last published": s.last_published.isoformat() if s.last_published else None,
                "last fetched": s.last_fetched.isoformat() if s.last_fetched else None,
                "open rejections": s.rejected,
            }
            for s in sources
        ],
        description=f"The sources after run {report.run_id}",
    )
