"""What a run is asked to do: a value that the command line, a deployment and a test build alike."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from flows.settings import Settings
from schemas.errors import SettingsError
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
