"""Who and what is named: mentions in the text and the entities they stand for."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from schemas.articles import OFFSETS
from schemas.record import Identifier, Offset, Share, StampedRecord, TableSpec

Label = Literal["PER", "ORG", "LOC", "MISC"]


class EntityMention(StampedRecord):
    """One name in one place of one article."""

    table: ClassVar[TableSpec] = TableSpec(
        name="entity_mentions", grain="one mention", key=("mention_id",), owner="article_id", orders=(OFFSETS,)
    )
    article_id: Identifier = Field(description="The article; see `articles`.")
    mention_id: Identifier = Field(description="Digest of the article, the offsets and the label.")
    sentence_index: Offset = Field(description="The sentence it stands in; see `sentences`.")
    char_start: Offset = Field(description="First code point of the mention in `articles.text`.")
    char_end: Offset = Field(description="One past its last code point.")
    word_start: Offset = Field(description="Its first word, counted in its sentence from 0.")
    word_end: Offset = Field(description="One past its last word.")
    surface: str = Field(description="The text of the mention, exactly as written.", min_length=1)
    bare_form: str = Field(description="The surface without clitics and with normalised letters.", min_length=1)
    label: Label = Field(description="Person, organisation, place or other name.")
    confidence: Share = Field(description="The model's probability for the label, from 0 to 1.")
    entity_id: str | None = Field(description="The entity it stands for; see `entities`. Null when unknown.")
    link_method: str | None = Field(description="How the entity was found; null without one.")
    model_version: str = Field(description="The model that found the mention.", min_length=1)


class Entity(StampedRecord):
    """One person, organisation or place, whatever the language or spelling of its mentions."""

    table: ClassVar[TableSpec] = TableSpec(
        name="entities", grain="one canonical entity", key=("entity_id",), owner="entity_id"
    )
    entity_id: str = Field(
        description="A stable id: the gazetteer's, or `per-name-…` for a full name outside it; see `entity_redirects`.",
        min_length=1,
    )
    label: Label = Field(description="Person, organisation, place or other name.")
    name_ar: str | None = Field(description="Its usual name in Arabic.")
    name_fa: str | None = Field(description="Its usual name in Persian.")
    name_en: str | None = Field(description="Its usual name in English.")
    wikidata_id: str | None = Field(description="Its Wikidata id, where it is sure.", pattern=r"^Q[1-9][0-9]*$")
    geonames_id: int | None = Field(description="The GeoNames id of a place.", ge=1)
    country: str | None = Field(description="ISO 3166-1 alpha-3 code of its country.", pattern=r"^[A-Z]{3}$")
    sector: str | None = Field(description="PLOVER sector of a person or body, such as GOV.", pattern=r"^[A-Z]{3}$")
    latitude: float | None = Field(description="Degrees north of a place; null for countries.", ge=-90, le=90)
    longitude: float | None = Field(description="Degrees east of a place.", ge=-180, le=180)


class EntityName(StampedRecord):
    """The sounds of a person's name outside the gazetteer, kept so that later names are compared without the text."""

    table: ClassVar[TableSpec] = TableSpec(
        name="entity_names", grain="one name outside the gazetteer", key=("entity_id",), owner="entity_id"
    )
    entity_id: str = Field(description="The id made of these sounds; see `entities`.", min_length=1)
    sounds: str = Field(description="The sounds of each word, in an alphabet shared by all scripts.", min_length=1)
    skeleton: str = Field(description="The consonants that near spellings share.", min_length=1)
    country: str | None = Field(
        default=None,
        description="ISO 3166-1 alpha-3 code of the country told beside the name; part of the id.",
        pattern=r"^[A-Z]{3}$",
    )


class EntityRedirect(StampedRecord):
    """An id that stands for the same person as another: two spellings of one name. Ids keep their meaning.

    Namesakes whose countries are told lead to themselves: the row says that, and why, they are not joined.
    """

    table: ClassVar[TableSpec] = TableSpec(
        name="entity_redirects", grain="one merged entity id", key=("entity_id",), owner="entity_id"
    )
    entity_id: str = Field(description="The merged id; its mentions keep it.", min_length=1)
    merged_into: str = Field(description="The id to count by; never redirected further.", min_length=1)
    similarity: Share = Field(description="How alike the nearest name of the group sounds, from 0 to 1.")
    method: str = Field(
        description="What joined them (`name-sound`), or keeps namesakes apart: their countries (`namesakes-apart`), "
        "or that of several it is not told which one is meant (`namesakes-unresolved`).",
        min_length=1,
    )
