"""Every table of the warehouse, in the order in which articles reach them."""

from __future__ import annotations

from schemas.articles import Article, ArticleSentence, ParagraphLanguage, RawDocument
from schemas.entities import Entity, EntityMention
from schemas.events import Event, EventActor
from schemas.operations import LedgerEntry, Rejection, Run, TableVersion
from schemas.record import Record
from schemas.stories import (
    ArticleSignature,
    DuplicatePair,
    SignatureBand,
    Story,
    StoryArticle,
    StoryRedirect,
)

TABLES: tuple[type[Record], ...] = (
    RawDocument,
    Article,
    ParagraphLanguage,
    ArticleSentence,
    EntityMention,
    Entity,
    Event,
    EventActor,
    DuplicatePair,
    ArticleSignature,
    SignatureBand,
    StoryArticle,
    Story,
    StoryRedirect,
    Rejection,
    LedgerEntry,
    Run,
    TableVersion,
)

BY_NAME: dict[str, type[Record]] = {record.table.name: record for record in TABLES}
