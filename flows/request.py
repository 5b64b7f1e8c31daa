"""What a run is asked to do: a value that the command line, a deployment and a test build alike."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from flows.settings import Settings
from schemas.errors import SettingsError
from schemas.operations import By
from schemas.sources import Source

STAGE_NAMES = ("ingest", "language", "entities", "events", "deduplicate")


class RunRequest(BaseModel):
    """Which articles go through which stages into which warehouse."""

    model_config = ConfigDict(frozen=True)

    paths: tuple[Path, ...] = Field(description="Files, folders and globs; none when `ingest` is not asked for.")
    settings: Settings = Field(description="The settings in force.")
    stages: tuple[str, ...] = Field(default=STAGE_NAMES, description="The stages to run, in order.")
    source: str | Source | None = Field(
        default=None, description="The source of records that do not name theirs, declared or only named."
    )
    sources: tuple[Source, ...] = Field(default=(), description="Declared sources to read, beside the paths.")
    wait_seconds: float = Field(default=0.0, ge=0, description="How long to wait while another process is writing.")


class BackfillRequest(BaseModel):
    """Which stored articles, of which published time, go through which stages again where they are due."""

    model_config = ConfigDict(frozen=True)

    settings: Settings = Field(description="The settings in force.")
    source: str | None = Field(default=None, description="Only articles of this source.")
    declared: Source | None = Field(
        default=None, description="The same as it is declared: what is new of it is read first."
    )
    start: AwareDatetime | None = Field(default=None, description="Published at this moment or later.")
    end: AwareDatetime | None = Field(default=None, description="Published before this moment.")
    by: By = Field(default="day", description="How the time is cut into windows.")
    undated: bool = Field(default=False, description="Articles without a date, too, where the time has bounds.")
    stages: tuple[str, ...] = Field(default=STAGE_NAMES, description="The stages to run, in order.")
    wait_seconds: float = Field(default=0.0, ge=0, description="How long to wait while another process is writing.")

    @model_validator(mode="after")
    def _start_before_end(self) -> Self:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("the window ends before it begins: its end is not part of it")
        return self

    @property
    def with_undated(self) -> bool:
        """Whether articles without a date are taken: always when the time has no bounds."""
        return self.undated or (self.start is None and self.end is None)


def chosen_stages(names: str | None) -> tuple[str, ...]:
    """Read `--stages a,b`: the named stages in the pipeline's order, all of them for None.

    Raises SettingsError for an unknown name.
    """
    if names is None:
        return STAGE_NAMES
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in STAGE_NAMES]
    if unknown or not wanted:
        raise SettingsError(
            f"there is no stage {', '.join(repr(n) for n in unknown) or repr(names)}",
            where="--stages",
            hint=f"Choose from: {', '.join(STAGE_NAMES)}.",
        )
    return tuple(name for name in STAGE_NAMES if name in wanted)
