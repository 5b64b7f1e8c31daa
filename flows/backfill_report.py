"""What a backfill says when it is over, and before: window by window, small records, never data."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, computed_field
from rich.table import Table

from flows.report import SourceReport, StageReport
from schemas.operations import Counts


class WindowStage(BaseModel):
    """What became of one window at one stage."""

    model_config = ConfigDict(frozen=True)

    stage: str
    counts: Counts
    rejected: dict[str, int] = Field(default_factory=dict, description="Rejected units by rule.")
    excluded: dict[str, int] = Field(default_factory=dict, description="Excluded units by reason.")


class WindowReport(BaseModel):
    """What became of one window."""

    model_config = ConfigDict(frozen=True)

    window: str = Field(description="`start/end` of published time in UTC, or `undated`.")
    articles: int = Field(description="Articles that it holds.")
    stages: list[WindowStage] = Field(description="The stages that had something to do, in order.")

    @computed_field(description="`done`, or `nothing due`.")  # type: ignore[prop-decorator]  # mypy knows no decorator above @property (mypy#14461)
    @property
    def outcome(self) -> str:
        return "done" if self.stages else "nothing due"


class BackfillReport(BaseModel):
    """A whole backfill."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    warehouse: str
    source: str | None = Field(description="The source that it was limited to.")
    windows: list[WindowReport]
    stages: list[StageReport] = Field(description="Every stage over all its batches, also outside the windows.")
    elsewhere: list[WindowStage] = Field(
        default_factory=list, description="What was done outside them: new documents of other dates, copies."
    )
    read: SourceReport | None = Field(default=None, description="What the declared source brought.")
    due_after: dict[str, int] = Field(
        default_factory=dict, description="What is due now in these windows at stages that were not asked for."
    )
    undated: int = Field(default=0, description="Articles without a date, which no window holds and none was asked.")
    alerts: list[str] = Field(default_factory=list, description="What is unusual after the backfill.")
    untold: str | None = Field(default=None, description="Why the webhook could not be told of new alerts.")
    seconds: float = Field(description="The whole backfill, from its start.")

    @property
    def work_seconds(self) -> float:
        """Time in the stages' own work."""
        return sum(stage.seconds for stage in self.stages)

    def table(self) -> Table:
        """One line a window and stage; windows without anything due in one line each."""
        title = f"Backfill {self.run_id}"
        table = Table(
            "window", "articles", "stage", "in", "out", "rejected", "excluded", title=title, title_justify="left"
        )
        for window in self.windows:
            if not window.stages:
                table.add_row(window.window, f"{window.articles:,}", "nothing due")
            for number, stage in enumerate(window.stages):
                first = ("", "") if number else (window.window, f"{window.articles:,}")
                table.add_row(*first, *_numbers(stage))
        for stage in self.elsewhere:
            table.add_row("outside them", "", *_numbers(stage))
        return table

    def as_markdown(self) -> str:
        """The summary that Prefect shows as the run's artifact."""
        lines = [f"## Backfill {self.run_id}", "", "| window | articles | stage | in | out | rejected | excluded |"]
        lines.append("|---|---:|---|---:|---:|---:|---:|")
        for window in self.windows:
            if not window.stages:
                lines.append(f"| {window.window} | {window.articles} | nothing due | | | | |")
            for stage in window.stages:
                lines.append(f"| {window.window} | {window.articles} | {' | '.join(_numbers(stage))} |")
        lines += [f"- **alert**: {said}" for said in self.alerts]
        return "\n".join(lines)


class WindowPlanned(BaseModel):
    """What a backfill would do in one window."""

    model_config = ConfigDict(frozen=True)

    window: str
    articles: int = Field(description="Articles that it holds.")
    due: dict[str, int] = Field(description="Units due at each stage; a stage after a due one is due, too.")
    seconds: float | None = Field(description="Estimated from past runs; null where a stage has none.")


class BackfillPlan(BaseModel):
    """What a backfill would do, before anything runs."""

    model_config = ConfigDict(frozen=True)

    warehouse: str
    source: str | None
    windows: list[WindowPlanned]
    unread: int = Field(default=0, description="New documents in the source's files; their dates are not known yet.")
    unasked: str | None = Field(default=None, description="The source, where only a run itself asks it.")
    undated: int = Field(default=0, description="Articles without a date, which no window holds and none was asked.")
    seconds: float | None = Field(description="Estimated for all windows, from past runs; null where a stage has none.")

    def table(self, stages: tuple[str, ...]) -> Table:
        """One line a window, one column a stage."""
        table = Table("window", "articles", *stages, "about", title="Plan: nothing was run. Due:", title_justify="left")
        for window in self.windows:
            due = (f"{count:,}" if (count := window.due.get(stage, 0)) else "" for stage in stages)
            table.add_row(window.window, f"{window.articles:,}", *due, lasting(window.seconds))
        return table


def lasting(seconds: float | None) -> str:
    """A duration for a person; `?` where no past run tells."""
    if seconds is None:
        return "?"
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 1 or not seconds else "1 s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _numbers(stage: WindowStage) -> tuple[str, ...]:
    c = stage.counts
    return (stage.stage, *(f"{number:,}" for number in (c.rows_in, c.rows_out, c.rejected, c.excluded)))
