"""Every table of the warehouse, in the order in which articles reach them."""

from __future__ import annotations

from schemas.articles import Article, ArticleSentence, ParagraphLanguage, RawDocument
from schemas.entities import Entity, EntityMention, EntityName, EntityRedirect
from schemas.events import ArticleType, Event, EventActor, EventCue
from schemas.operations import AuditFinding, LedgerEntry, Rejection, Run, TableVersion
from schemas.quality import QualityMetric
from schemas.record import Record
from schemas.search import SearchTerm
from schemas.sources import Fetch
from schemas.stories import (
    ArticleFeatures,
    ArticleSignature,
    DuplicatePair,
    SignatureBand,
    Story,
    StoryArticle,
    StoryRedirect,
)

TABLES: tuple[type[Record], ...] = (
    Fetch,
    RawDocument,
    Article,
    ParagraphLanguage,
    ArticleSentence,
    EntityMention,
    Entity,
    EntityName,
    EntityRedirect,
    Event,
    EventActor,
    EventCue,
    ArticleType,
    DuplicatePair,
    ArticleSignature,
    SignatureBand,
    ArticleFeatures,
    StoryArticle,
    Story,
    StoryRedirect,
    SearchTerm,
    QualityMetric,
    Rejection,
    LedgerEntry,
    Run,
    AuditFinding,
    TableVersion,
)

BY_NAME: dict[str, type[Record]] = {record.table.name: record for record in TABLES}
