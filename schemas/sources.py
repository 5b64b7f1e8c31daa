"""Where articles come from: a source as people declare it, and what is remembered of each address fetched.

A `Source` is data in `seeds/sources.yml` (or a file of the user's); it is no table. `Fetch` is one.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from schemas.record import Identifier, LanguageCode, Record, Share, TableSpec

#: The keys of the input contract; a column map may name these, and every other key is `extra`.
CONTRACT_KEYS = ("id", "source", "url", "title", "text", "author", "published_at", "language")
Kind = Literal["files", "export", "feed", "sitemap", "pages", "warc"]
#: Kinds whose articles are pages that Rasad fetches.
FETCHED_KINDS: frozenset[str] = frozenset({"feed", "sitemap", "pages"})


class _Declared(BaseModel):
    """A part of a source as people write it: a misspelt key is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Expectations(_Declared):
    """What a source usually brings. A broken minimum fails the source's run, a broken maximum warns."""

    min_articles_a_day: float | None = Field(default=None, ge=0, description="Fewer than this fail the source's run.")
    max_articles_a_day: float | None = Field(default=None, ge=0, description="More than this are a warning.")
    max_empty_titles: Share | None = Field(
        default=None, description="A larger share of articles without a title is a warning."
    )
    days: int = Field(default=1, ge=1, le=366, description="Over how many days of fetching a rate is taken.")

    @model_validator(mode="after")
    def _minimum_below_maximum(self) -> Self:
        low, high = self.min_articles_a_day, self.max_articles_a_day
        if low is not None and high is not None and low > high:
            raise ValueError(f"min_articles_a_day ({low:g}) is above max_articles_a_day ({high:g})")
        return self


class FetchLimits(_Declared):
    """How a source's pages are fetched: politely, and never without a bound."""

    per_host: int = Field(default=1, ge=1, le=16, description="Requests to one host at the same time.")
    delay_seconds: float = Field(
        default=1.0, ge=0, le=3600, description="Least time between two requests to one host; robots.txt may ask more."
    )
    concurrency: int = Field(default=16, ge=1, le=256, description="Requests at the same time, to all hosts.")
    timeout_seconds: float = Field(default=30.0, gt=0, le=3600, description="Longest time for one whole answer.")
    max_bytes: int = Field(
        default=8 * 1024 * 1024, ge=1024, le=16 * 1024 * 1024, description="Largest answer, after decompression."
    )
    retries: int = Field(default=3, ge=0, le=10, description="Further tries after a failure that may pass.")
    backoff_seconds: float = Field(
        default=1.0, ge=0, le=600, description="Wait before the first retry; doubled for each further one."
    )
    max_wait_seconds: float = Field(
        default=120.0, ge=0, le=3600, description="Longest wait that a server's Retry-After may ask for."
    )
    max_redirects: int = Field(default=5, ge=0, le=20, description="Redirects followed for one address.")
    max_pages: int | None = Field(default=None, ge=1, description="At most this many pages in one run.")
    user_agent: str | None = Field(
        default=None, min_length=3, description="Who asks; Rasad's own name and version unless given."
    )
    allow_private: bool = Field(
        default=False, description="Whether addresses of private networks and of this machine may be asked."
    )

    @field_validator("user_agent")
    @classmethod
    def _one_ascii_line(cls, value: str | None) -> str | None:
        if value is not None and not (value.isascii() and value.isprintable()):
            raise ValueError("a user agent is one line of ASCII letters and signs")
        return value


class Source(_Declared):
    """One place that articles come from."""

    name: str = Field(
        min_length=1, max_length=200, description="Its name; `articles.source` where a record names none."
    )
    kind: Kind = Field(
        description="files (text and JSON lines), export (tables with a column map), feed (RSS, Atom), sitemap "
        "(news sitemaps), pages (a list of addresses), warc (web archives)."
    )
    where: tuple[str, ...] = Field(
        min_length=1, description="Paths and globs, relative to the file of sources, or http addresses."
    )
    language: LanguageCode | None = Field(default=None, description="Its language, where its articles name none.")
    columns: dict[str, str] = Field(
        default_factory=dict, description="Key of the input contract → the source's own column or key."
    )
    encoding: str = Field(default="utf-8", description="How its `.csv` files are written.")
    contract: Literal["evolve", "freeze", "discard_row", "discard_value"] = Field(
        default="evolve",
        description="What becomes of a key that is not expected, or of a value of another type: kept in `extra`, an "
        "error, the row rejected, or the value left out.",
    )
    extra_keys: tuple[str, ...] = Field(
        default=(), description="Keys beyond the input contract that are expected, and kept in `extra`."
    )
    expectations: Expectations = Field(default_factory=Expectations, description="What it usually brings.")
    fetch: FetchLimits = Field(default_factory=FetchLimits, description="How its pages are fetched.")

    @field_validator("where", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value

    @field_validator("columns")
    @classmethod
    def _known_keys(cls, value: dict[str, str]) -> dict[str, str]:
        if unknown := [key for key in value if key not in CONTRACT_KEYS]:
            raise ValueError(f"{', '.join(unknown)} is no key of the input contract: {', '.join(CONTRACT_KEYS)}")
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError:
            raise ValueError(f"there is no encoding {value!r}; write for example utf-8 or windows-1256") from None
        return value

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        records = self.kind in ("files", "export")
        if not records and (self.columns or self.contract != "evolve" or self.extra_keys):
            raise ValueError(f"columns, extra_keys and contract are for records; a source of kind {self.kind} has none")
        if self.kind not in FETCHED_KINDS:
            if addresses := [place for place in self.where if "://" in place]:
                raise ValueError(f"{addresses[0]} is an address, but a source of kind {self.kind} reads files")
            if "fetch" in self.model_fields_set:
                raise ValueError(f"fetch limits are for what is fetched; a source of kind {self.kind} reads files")
        for place in self.where:
            if "://" in place and not place.startswith(("http://", "https://")):
                raise ValueError(f"{place} is neither a path nor an http address")
        return self


class SourceFile(_Declared):
    """A file of sources."""

    sources: tuple[Source, ...] = Field(description="The sources, each with a name of its own.")


class Fetch(Record):
    """What is remembered of one address of a source, so that nothing is fetched twice and a killed run goes on."""

    table: ClassVar[TableSpec] = TableSpec(
        name="fetches", grain="one address of one source", key=("fetch_id",), owner="fetch_id"
    )
    fetch_id: Identifier = Field(description="Digest of the source and the address.")
    source: str = Field(description="The source; see `seeds/sources.yml`.", min_length=1)
    url: str = Field(description="The address as it is listed, without what only counts visits.", min_length=1)
    role: Literal["list", "page"] = Field(description="A feed or sitemap, or the page of one article.")
    outcome: Literal["fetched", "unchanged", "failed", "refused"] = Field(
        description="The last answer: a payload, that nothing changed, a failure that may pass, or one that will not."
    )
    status: int | None = Field(description="The HTTP status; null without an answer.")
    rule: str | None = Field(description="Why it failed or was refused, a short stable name.")
    error: str | None = Field(description="The same in a sentence for a person.")
    attempts: int = Field(description="Runs in a row in which it failed.", ge=0)
    etag: str | None = Field(description="The server's ETag, sent back the next time.")
    last_modified: str | None = Field(description="The server's Last-Modified, sent back the next time.")
    listed_at: str | None = Field(description="When the list says that the page was last changed.")
    metadata: str | None = Field(description="What the list says of the page, as a JSON object.")
    document_id: Identifier | None = Field(description="The payload last fetched; see `raw_documents`.")
    fetched_at: datetime = Field(description="When it was last asked for.")
    run_id: str = Field(description="The run that asked; see `runs`.", min_length=1)
