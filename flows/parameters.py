"""What scheduled runs are asked: values that cannot be wrong once they have their shape.

A Prefect server checks parameters by the JSON Schema of these models when a run is queued; it runs no validator of
Python. So a window is a first day and a number of days, which no end can precede.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from flows.request import STAGE_NAMES
from schemas.operations import By

StageName = Literal["ingest", "language", "entities", "events", "deduplicate"]
#: A run that is to be waited for: longer than the longest nightly run that anybody should have.
LEASE_SECONDS = 4 * 3600


class _Parameters(BaseModel):
    """A misspelt name is refused by the server before anything is queued."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    warehouse: Path | None = Field(default=None, description="The warehouse's folder; as set where the worker runs.")


class RunParameters(_Parameters):
    """A run over declared sources."""

    sources: list[str] = Field(default_factory=list, description="Declared sources; all of them when empty.")
    stages: list[StageName] = Field(default_factory=list, description="Only these stages; all of them when empty.")


class Days(BaseModel):
    """Some days of published time, in UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date = Field(description="The first day.")
    days: int = Field(ge=1, le=36_525, description="How many days; at most a century.")

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), UTC)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(days=self.days)


class BackfillParameters(_Parameters):
    """A backfill."""

    source: str | None = Field(default=None, description="Only articles of this source.")
    window: Days | None = Field(default=None, description="Only articles published on these days.")
    by: By = Field(default="day", description="How the time is cut into windows.")
    stages: list[StageName] = Field(default_factory=list, description="Only these stages; all of them when empty.")
    undated: bool = Field(default=False, description="Articles without a date, too.")
    stored: bool = Field(default=False, description="Only what is stored: do not read the source.")


class MaintainParameters(_Parameters):
    """Care of a warehouse's files."""

    keep_days: int = Field(default=30, ge=0, description="How long snapshots stay, for time travel.")


def in_order(stages: list[StageName]) -> tuple[str, ...]:
    """The stages in the pipeline's order; all of them for none."""
    return tuple(name for name in STAGE_NAMES if not stages or name in stages)
