"""What a run says when it is over: small records, never data."""

from __future__ import annotations

from collections import Counter

from pydantic import BaseModel, ConfigDict, Field

from schemas.operations import Counts


class BatchReport(BaseModel):
    """One stage over one batch."""

    model_config = ConfigDict(frozen=True)

    stage: str
    counts: Counts
    seconds: float = Field(description="Time in the stage's own work.")
    rejected: dict[str, int] = Field(default_factory=dict, description="Rejected units by rule.")
    excluded: dict[str, int] = Field(default_factory=dict, description="Excluded units by reason.")
    snapshot_id: int


class StageReport(BaseModel):
    """One stage over all its batches."""

    model_config = ConfigDict(frozen=True)

    stage: str
    counts: Counts
    batches: int
    seconds: float = Field(description="Time in the stage's own work.")
    rejected: dict[str, int]
    excluded: dict[str, int]


class SourceReport(BaseModel):
    """What one source brought."""

    source: str
    documents: int = Field(default=0, description="Documents that it has, new or not.")
    fetched: dict[str, int] = Field(default_factory=dict, description="Addresses asked, by outcome.")
    faults: dict[str, int] = Field(default_factory=dict, description="Addresses that gave nothing, by rule.")
    passed: dict[str, int] = Field(default_factory=dict, description="What was passed over, and how often.")
    failures: list[str] = Field(default_factory=list, description="Why the source's run counts as failed.")
    warnings: list[str] = Field(default_factory=list, description="What is unusual.")


class RunReport(BaseModel):
    """A whole run."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    warehouse: str
    stages: list[StageReport]
    unchanged: int = Field(description="Documents that were read and are in the warehouse already.")
    missing: list[str] = Field(default_factory=list, description="Paths that do not exist.")
    ignored: int = Field(default=0, description="Files in the given folders that are of no known kind.")
    unknown_keys: dict[str, int] = Field(
        default_factory=dict, description="Keys outside the input contract, and in how many new articles each was."
    )
    sources: list[SourceReport] = Field(default_factory=list, description="What each source brought.")
    alerts: list[str] = Field(default_factory=list, description="What is unusual after the run.")
    untold: str | None = Field(default=None, description="Why the webhook could not be told of new alerts.")
    seconds: float = Field(description="The whole run, from its start.")

    @property
    def work_seconds(self) -> float:
        """Time in the stages' own work; the rest of `seconds` is what the orchestration costs."""
        return sum(stage.seconds for stage in self.stages)

    def as_markdown(self) -> str:
        """The summary that Prefect shows as the run's artifact."""
        lines = [
            f"## Run {self.run_id}",
            "",
            "| stage | in | out | rejected | excluded | seconds |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        for stage in self.stages:
            c = stage.counts
            lines.append(
                f"| {stage.stage} | {c.rows_in} | {c.rows_out} | {c.rejected} | {c.excluded} | {stage.seconds:.2f} |"
            )
        for stage in self.stages:
            for title, reasons in (("rejected", stage.rejected), ("excluded", stage.excluded)):
                lines += [f"- {stage.stage}, {title}: {n} × `{rule}`" for rule, n in sorted(reasons.items())]
        for source in self.sources:
            lines += [f"- {source.source}, failed: {said}" for said in source.failures]
            lines += [f"- {source.source}, warning: {said}" for said in source.warnings]
        lines += [f"- **alert**: {said}" for said in self.alerts]
        return "\n".join(lines)


class StagePlan(BaseModel):
    """What a run would do at one stage."""

    model_config = ConfigDict(frozen=True)

    stage: str
    due: int = Field(description="Units that are due now.")
    perhaps: int = Field(default=0, description="Further ones that become due if all those before them pass.")


class Plan(BaseModel):
    """What a run would do, before anything runs."""

    model_config = ConfigDict(frozen=True)

    warehouse: str
    stages: list[StagePlan]
    missing: list[str] = Field(default_factory=list)
    unasked: list[str] = Field(default_factory=list, description="Sources that only a run itself asks.")


def summarize(batches: list[BatchReport], stages: tuple[str, ...]) -> list[StageReport]:
    """Add up batches by stage, in the order of the stages."""
    reports = []
    for stage in stages:
        mine = [batch for batch in batches if batch.stage == stage]
        reports.append(
            StageReport(
                stage=stage,
                counts=add_counts([batch.counts for batch in mine]),
                batches=len(mine),
                seconds=sum(batch.seconds for batch in mine),
                rejected=dict(sum((Counter(batch.rejected) for batch in mine), Counter())),
                excluded=dict(sum((Counter(batch.excluded) for batch in mine), Counter())),
            )
        )
    return reports


def add_counts(counts: list[Counts]) -> Counts:
    """The sum of several counts."""
    return Counts(
        rows_in=sum(c.rows_in for c in counts),
        rows_out=sum(c.rows_out for c in counts),
        rejected=sum(c.rejected for c in counts),
        excluded=sum(c.excluded for c in counts),
    )
