"""Settings as one value that is passed down: built-in defaults < `rasad.toml` < environment < options."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as VariableError

from schemas.errors import SettingsError

if TYPE_CHECKING:  # DuckDB is loaded by the commands that need it
    from warehouse.location import Location


class NerSettings(BaseModel):
    """Which language models find names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: Literal["bundled", "official"] = Field(
        default="bundled",
        description="`bundled`: Rasad's own models; `official`: Stanza's packages, see docs/models.md.",
    )
    resources: Path | None = Field(
        default=None,
        description="For `official`: the folder with Stanza's `resources.json`, as `rasad models fetch` leaves it; "
        "Stanza's own unless set.",
    )
    gazetteer: tuple[Path, ...] = Field(
        default=(),
        description="CSV files of your own people, bodies and places, behind the bundled ones, with the columns of "
        "`seeds/gazetteer/README.md`; a bad line is named with its number.",
    )


class EventSettings(BaseModel):
    """Words and types of the user's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lexicons: tuple[Path, ...] = Field(
        default=(), description="Files with your own words for acts, see docs/own-words.md."
    )
    ontology: Path | None = Field(
        default=None, description="A file with your own types (`X_…`) and contexts, see docs/ontology.md."
    )


class BatchSettings(BaseModel):
    """How many articles make one batch: one task, one commit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    articles: int = Field(default=512, ge=1, description="Articles in one batch, at most.")
    characters: int = Field(
        default=2_000_000,
        ge=1,
        description="Characters of text in one batch, at most: about 1,000 articles of agency length, 4 MB.",
    )


class AlertSettings(BaseModel):
    """What is unusual, and who is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    webhook: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="Address to which a run, a backfill or a replay posts new alerts as JSON, see "
        "docs/operations.md#alerts.",
    )
    rejected_share: float = Field(
        default=0.05,
        gt=0,
        le=1,
        description="A larger share of rejections, three times the usual one, is an alert.",
    )
    silent_days: float | None = Field(
        default=3,
        gt=0,
        description="A source that writes nothing for so many days while others do is an alert.",
    )
    fresh_hours: float | None = Field(
        default=None,
        gt=0,
        description="The newest document may be this old; not asked unless set.",
    )


class LogSettings(BaseModel):
    """What a run writes down while it goes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path | None = Field(default=None, description="JSON lines are added to this file; `-` is standard error.")
    level: Literal["DEBUG", "INFO", "WARNING"] = Field(
        default="INFO", description="DEBUG also names the articles of each batch, WARNING only what was rejected."
    )


class Settings(BaseSettings):
    """Everything that can be set, by `rasad.toml` or by `RASAD_…` (nested names with two underscores)."""

    model_config = SettingsConfigDict(
        env_prefix="RASAD_", env_nested_delimiter="__", toml_file="rasad.toml", frozen=True, extra="forbid"
    )

    warehouse: Path = Field(default=Path("warehouse-data"), description="The warehouse's folder (`--warehouse`).")
    catalog: str = Field(
        default="sqlite",
        description="Where tables and snapshots are noted: `sqlite` (a file in the folder), or "
        "`postgres:host=… dbname=…`, see docs/team.md.",
    )
    storage: str = Field(
        default="folder",
        description="Where the Parquet files lie: `folder`, or `s3://BUCKET/PREFIX`, see docs/team.md.",
    )
    memory_limit: str = Field(
        default="2GB",
        pattern=r"^\d+(\.\d+)?[KMG]i?B$",
        description="Memory that DuckDB may use before it spills to the warehouse's `spill/`.",
    )
    sources: Path | None = Field(
        default=None,
        description="The file of sources, see docs/sources.md; Rasad's own, `seeds/sources.yml`, unless set.",
    )
    ner: NerSettings = Field(default_factory=NerSettings, description="Language models.")
    events: EventSettings = Field(default_factory=EventSettings, description="Event words and types.")
    batch: BatchSettings = Field(default_factory=BatchSettings, description="Batch sizes.")
    workers: int = Field(
        default=1, ge=1, le=256, description="Processes that compute batches, see docs/operations.md#several-workers."
    )
    cluster: str | None = Field(
        default=None,
        description="The address of a Dask scheduler, `tcp://HOST:8786`; unless set, the run starts workers itself.",
    )
    retry_seconds: float = Field(
        default=60,
        ge=0,
        description="A scheduled or queued run that failed is tried again after so many seconds, twice at most; read "
        "where its worker runs.",
    )
    alerts: AlertSettings = Field(default_factory=AlertSettings, description="Alerts.")
    log: LogSettings = Field(default_factory=LogSettings, description="The log.")

    def location(self) -> Location:
        """The place of the warehouse. Raises SettingsError for a catalog or a storage that cannot be."""
        from warehouse.location import Location

        return Location.at(self.warehouse, catalog=self.catalog, storage=self.storage)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options win over the environment, the environment over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(*, warehouse: Path | None = None) -> Settings:
    """The settings in force here, with the options of the command line on top.

    Raises SettingsError for a name or a value that cannot be used.
    """
    _refuse_unknown(os.environ)
    try:
        return Settings() if warehouse is None else Settings(warehouse=warehouse)
    except ValidationError as failure:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in failure.errors(include_url=False, include_input=False)
        )
        raise SettingsError(
            f"a setting cannot be used: {faults}",
            where="rasad.toml or a RASAD_ variable",
            hint="Names and values are listed in docs/settings.md.",
        ) from failure
    except VariableError as failure:
        raise SettingsError(
            "a RASAD_ variable cannot be read",
            where=f"the environment: {failure}",
            hint="""A list is written as JSON: RASAD_NER__GAZETTEER='["my-names.csv"]'.""",
        ) from failure
    except ValueError as failure:
        raise SettingsError(
            f"the settings cannot be read: {failure}",
            where="rasad.toml",
            hint="Mend the file, or move it away to run with the defaults.",
        ) from failure


def _refuse_unknown(variables: Iterable[str]) -> None:
    """A mistyped variable would change nothing and say nothing; those of the tests are no settings."""
    known = [f"RASAD_{name.upper()}" for name in Settings.model_fields]
    for variable in sorted(variables):
        name = variable.upper().partition("__")[0]
        if name.startswith("RASAD_") and not name.startswith("RASAD_TEST_") and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f"Did you mean {near[0]}? " if near else ""
            raise SettingsError(
                "there is no such setting",
                where=variable,
                hint=f"{meant}Names and values are listed in docs/settings.md.",
            )
