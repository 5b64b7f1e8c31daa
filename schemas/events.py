"""Who did what to whom, and whether it happened: events and their actors, after PLOVER."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from schemas.articles import OFFSETS
from schemas.record import Identifier, Offset, Share, StampedRecord, TableSpec

Modality = Literal["happened", "ongoing", "planned", "postponed", "cancelled", "hypothetical", "demanded", "claimed"]
Quad = Literal["verbal_cooperation", "material_cooperation", "verbal_conflict", "material_conflict"]


class Event(StampedRecord):
    """One event as one sentence tells it: what is described, apart from whether it happened."""

    table: ClassVar[TableSpec] = TableSpec(
        name="events", grain="one event mention", key=("event_id",), owner="article_id", orders=(OFFSETS,)
    )
    event_id: Identifier = Field(description="Digest of the article, the trigger's offsets and the act.")
    article_id: Identifier = Field(description="The article; see `articles`.")
    sentence_index: Offset = Field(description="The sentence it stands in; see `sentences`.")
    is_main: bool = Field(description="Whether this is what the article is about; at most one per article.")
    story_id: Identifier | None = Field(description="The story of the article; see `stories`.")
    trigger: str = Field(description="The word or phrase that tells the act, exactly as written.", min_length=1)
    char_start: Offset = Field(description="First code point of the trigger in `articles.text`.")
    char_end: Offset = Field(description="One past its last code point.")
    act_type: str = Field(description="PLOVER type (or an X_ type of ours) of what is described.", min_length=3)
    act_mode: str | None = Field(description="PLOVER mode of what is described; null where the type has none.")
    modality: Modality = Field(
        description="Whether it happened, is planned, was put off, …; `claimed` where the text doubts it («زعم»)."
    )
    polarity: Literal["affirmed", "negated"] = Field(description="Whether the text affirms or denies it.")
    time_status: Literal["current", "historical"] = Field(description="News, or a reference to the past.")
    attributed_to: Identifier | None = Field(
        description="The mention of who says so, or who is cited for it («بحسب», «به گفته»); see `entity_mentions`."
    )
    plover_type: str | None = Field(description="The type to count: derived from act, modality and polarity.")
    plover_mode: str | None = Field(description="The mode that goes with `plover_type`.")
    quad: Quad | None = Field(description="PLOVER quad class of `plover_type`.")
    intensity: float | None = Field(
        description="PLOVER intensity, from -10 (conflict) to 10 (cooperation).", ge=-10, le=10
    )
    contexts: list[str] = Field(description="PLOVER contexts of the act.")
    event_date: date | None = Field(description="The day of the event.")
    event_date_precision: Literal["day", "week", "month", "year"] | None = Field(
        description="How exact `event_date` is."
    )
    event_date_method: str | None = Field(description="Which rule read `event_date`, such as `weekday`.")
    place_entity_id: str | None = Field(description="Where it took place; see `entities`.")
    place_precision: Literal["city", "region", "country"] | None = Field(description="How exact the place is.")
    place_method: str | None = Field(description="Which rule chose the place, such as `clause`.")
    latitude: float | None = Field(description="Degrees north of the place.", ge=-90, le=90)
    longitude: float | None = Field(description="Degrees east of the place.", ge=-180, le=180)
    country: str | None = Field(description="ISO 3166-1 alpha-3 code of the place.", pattern=r"^[A-Z]{3}$")
    confidence: Share = Field(description="How sure the typing is, from 0 to 1.")
    reason: str | None = Field(description="Reason codes for the fields that are null.")
    ontology_version: str = Field(description="The lexicon and rules that read it.", min_length=1)


class ArticleType(StampedRecord):
    """What an article is about: its main event, or that it reports none."""

    table: ClassVar[TableSpec] = TableSpec(
        name="article_types", grain="one article that was read for events", key=("article_id",), owner="article_id"
    )
    article_id: Identifier = Field(description="The article; see `articles`.")
    event_id: Identifier | None = Field(description="Its main event, as `events.is_main` says; null where none is.")
    act_type: str | None = Field(description="PLOVER type (or an X_ type) of what its main event describes.")
    plover_type: str | None = Field(description="The type that its main event counts as.")
    modality: Modality | None = Field(description="Whether the main event happened, is planned, …")
    confidence: Share | None = Field(description="How sure the article is about that event, from 0 to 1.")
    reason: Literal["no-event", "background-only"] | None = Field(
        description="Why it has no main event: it tells none, or only outside title and lead."
    )


class EventActor(StampedRecord):
    """One actor or recipient of one event."""

    table: ClassVar[TableSpec] = TableSpec(
        name="event_actors",
        grain="one actor of one event",
        key=("event_id", "role", "char_start"),
        owner="article_id",
        orders=(OFFSETS,),
    )
    event_id: Identifier = Field(description="The event; see `events`.")
    article_id: Identifier = Field(description="The article; see `articles`.")
    role: Literal["actor", "recipient"] = Field(
        description="Who acts, or who is acted upon; where `plover_type` is a request, a refusal or a threat, who "
        "makes it and to whom. All who meet, agree or cooperate are actors; the dead of accidents are recipients."
    )
    char_start: Offset = Field(description="First code point of the party in `articles.text`.")
    char_end: Offset = Field(description="One past its last code point.")
    mention_id: Identifier | None = Field(
        description="The mention that names it; see `entity_mentions`. Null for a party without a name («المتظاهرون»)."
    )
    entity_id: str | None = Field(description="The entity; see `entities`. Null when unknown.")
    surface: str = Field(description="The party with its title, exactly as written.", min_length=1)
    sector: str | None = Field(description="PLOVER sector such as GOV or MIL.", pattern=r"^[A-Z]{3}$")
    country: str | None = Field(description="ISO 3166-1 alpha-3 code of its country.", pattern=r"^[A-Z]{3}$")
    method: str = Field(
        description="How it got its role: `grammar`, `same-subject` for that of the verb before, or `last-speaker` for "
        "a subject left out or a pronoun.",
        min_length=1,
    )


class EventCue(StampedRecord):
    """The words that gave an event one part of its status. An act that simply happened has none."""

    table: ClassVar[TableSpec] = TableSpec(
        name="event_cues",
        grain="one part of the status of one event",
        key=("event_id", "aspect"),
        owner="article_id",
        orders=(OFFSETS,),
    )
    event_id: Identifier = Field(description="The event; see `events`.")
    article_id: Identifier = Field(description="The article; see `articles`.")
    aspect: Literal["modality", "polarity", "time_status", "attribution"] = Field(
        description="What the words decided: the column of `events`, or who says it."
    )
    value: str = Field(description="What they said of it: the column's value, or `said`.", min_length=1)
    char_start: Offset = Field(description="First code point of the words in `articles.text`.")
    char_end: Offset = Field(description="One past their last code point.")
    surface: str = Field(description="The words, exactly as written.", min_length=1)
    method: Literal["cue", "governing-act", "verb-form", "past-year", "question-mark", "speech-verb"] = Field(
        description="Which rule heard them."
    )
