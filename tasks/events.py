"""The stage `events`: who did what to whom, and whether it happened at all.

Reads `articles`, `sentences`, `entity_mentions`; writes `events`, `event_actors`, `event_cues` and
`article_types`. What is described
(`act_type`, `act_mode`) is kept apart from its status (`modality`, `polarity`, `time_status`); the type to count
is derived from both by the table in `seeds/events/ontology.yml`. Nothing here runs the encoder or asks a clock:
the sentence vectors that the stage `entities` left in `sentences` let a linear classifier confirm, outvote and
add to what the lexicon reads (`tasks/events_classifier.py`).

The lexicon's confidence, which the classifier's probability then joins: the entry's weight; .05 for each further
word of the pattern; .05 where an actor was found, and for each anchor of a hostile act beyond the two it needs;
less .1 for a hypothetical or claimed act, and .1 in a sentence of over 80 words.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import pyarrow as pa

from schemas.articles import Article, ArticleSentence
from schemas.entities import EntityMention
from schemas.events import ArticleType, Event, EventActor, EventCue
from tasks import lexicon
from tasks.events_classifier import Classifier, bundled_classifier
from tasks.events_opinion import heard
from tasks.events_party_nouns import Facts, Name
from tasks.events_read import Act, read_acts
from tasks.events_rows import actor_rows, cue_rows, entity_facts, event_row, name_of
from tasks.events_speakers import LEFT_OUT, Speakers, acting
from tasks.lexicon_extension import Vocabulary, bundled_vocabulary
from tasks.stage import Excluded, Row, Stage, StageInput, StageOutput, table_of

#: Sentences after which an article's subject has been named; the lead of a news text is shorter.
LEAD = 5
_SENTENCE_END = re.compile(r"[.!?؟…]+[\"'»”)\]]*\s+|\s*\n\s*")


def work(batch: StageInput, words: Vocabulary | None = None) -> StageOutput:
    """Find the events of a batch.

    Articles in a language without a lexicon are excluded with the reason `no-lexicon:<language>`; an article
    in which no event is found is done, and its row of `article_types` says so.
    """
    words = words or bundled_vocabulary()
    articles = batch.tables[Article.table.name].to_pylist()
    sentences = _by_article(batch.tables[ArticleSentence.table.name])
    mentions = _by_article(batch.tables[EntityMention.table.name])
    facts = entity_facts(batch.tables[EntityMention.table.name], batch.lookup)
    events: list[Row] = []
    actors: list[Row] = []
    cues: list[Row] = []
    about: list[Row] = []
    excluded: list[Excluded] = []
    for article in articles:
        language = article["language"] or "und"
        if language not in lexicon.LANGUAGES:
            excluded.append(Excluded(article["article_id"], f"no-lexicon:{language}"))
            continue
        key = article["article_id"]
        coded = code_article(article, sentences.get(key, []), mentions.get(key, []), facts, bundled_classifier(), words)
        events.extend(coded.events)
        actors.extend(coded.actors)
        cues.extend(coded.cues)
        about.append(article_type(key, coded.events))
    return StageOutput(
        {
            Event.table.name: table_of(Event, events),
            EventActor.table.name: table_of(EventActor, actors),
            EventCue.table.name: table_of(EventCue, cues),
            ArticleType.table.name: table_of(ArticleType, about),
        },
        excluded=tuple(excluded),
    )


class Coded(NamedTuple):
    """The rows of one article: its events in order of offset, their actors, and the words that gave their status."""

    events: list[Row]
    actors: list[Row]
    cues: list[Row]


def code_article(
    article: Row,
    sentences: Sequence[Row],
    mentions: Sequence[Row],
    facts: Mapping[str, Facts] | None = None,
    classifier: Classifier | None = None,
    words: Vocabulary | None = None,
) -> Coded:
    """The rows of one article.

    `sentences` and `mentions` are rows of those tables, `facts` what is known of the mentions' entities, by id.
    Without sentences the text is split by punctuation; the classifier is heard where a sentence has a vector of the
    version that it was fitted on.
    """
    text: str = article["text"]
    language: str = article["language"]
    words = words or bundled_vocabulary()
    known = words.reader(language)
    published: date | None = article["published_at"].date() if article["published_at"] else None
    spans = [(s["sentence_index"], s["char_start"], s["char_end"]) for s in sentences] or split(text)
    vectors = _vectors(classifier, sentences)
    names = sorted(mentions, key=lambda m: (m["char_start"], m["char_end"], m["mention_id"]))
    rows: list[Row] = []
    actors: list[Row] = []
    cues: list[Row] = []
    speakers = Speakers(known)
    at = 0
    for index, start, end in sorted(spans, key=lambda span: span[1]):
        while at < len(names) and names[at]["char_start"] < start:
            at += 1
        inside: list[Name] = []
        while at < len(names) and names[at]["char_end"] <= end:
            inside.append(name_of(names[at], start, facts or {}))
            at += 1
        left_out, going_on = speakers.follow(text[start:end], start, index, inside)
        acts = read_acts(known, text[start:end], inside, published)
        if classifier and index in vectors:
            acts = heard(classifier, known, text[start:end], acts, vectors[index])
        for act in acts:
            if going_on and not act.roles.actors:
                act = replace(act, roles=acting(act.roles, act.start, language, going_on))
            if act.speaker is None and left_out:
                told_by = act.reasons + (() if going_on else (LEFT_OUT,))
                act = replace(act, speaker=going_on, attribution=left_out, reasons=told_by)
            row = event_row(article["article_id"], text, index, start, act, words.version)
            rows.append(row)
            actors.extend(actor_rows(row, start, act.roles))
            cues.extend(cue_rows(row, text, start, act))
    title = read_acts(known, article["title"] or "", [], published)
    main = main_event(rows, title)
    in_title = {act.type for act in title}
    for row in rows:
        row["is_main"] = row["event_id"] == main
        if row["is_main"]:
            row["main_confidence"] = _main_confidence(row, rows, in_title)
    return Coded(rows, actors, cues)


def main_event(rows: Sequence[Row], title: Sequence[Act]) -> str | None:
    """Which event the article is about: one of the title's types, else the first that counts in the lead.

    An act of the title's first type goes before one of its later types; then acts of today; then those of the
    status that the title's words give («تأجيل قمة» is not about the call before it); then acts that count;
    then the text's order. None where neither title nor lead tells an act.
    """
    types = list(dict.fromkeys(act.type for act in title))
    told: dict[str, tuple[str, str]] = {}
    for act in title:
        if act.status.cued:
            told.setdefault(act.type, (act.status.modality, act.status.polarity))
    ranked = []
    for place, row in enumerate(rows):
        rank = types.index(row["act_type"]) if row["act_type"] in types else len(types)
        if rank < len(types) or row["sentence_index"] < LEAD:
            status = (row["modality"], row["polarity"])
            differs = told.get(row["act_type"], status) != status
            order = (rank, row["time_status"] != "current", differs, not _counts(row), row["char_start"])
            ranked.append((order, place, row["event_id"]))  # of two acts in the same words, the lexicon's first
    return min(ranked)[2] if ranked else None


def _main_confidence(main: Row, rows: Sequence[Row], in_title: set[str]) -> float:
    """How sure the article is about its main event: .6 of the event's own confidence for standing in the lead,
    .3 more where the title tells its type, and .1 for the share of the article's events that are of the type."""
    share = sum(row["act_type"] == main["act_type"] for row in rows) / len(rows)
    confidence: float = round(float(main["confidence"]) * (0.6 + 0.3 * (main["act_type"] in in_title) + 0.1 * share), 2)
    return confidence


def article_type(article_id: str, rows: Sequence[Row]) -> Row:
    """What an article is about, from its events: its main one, or why there is none."""
    main = next((row for row in rows if row["is_main"]), None)
    reason = None if main else ("background-only" if rows else "no-event")
    return {
        "article_id": article_id,
        "event_id": main["event_id"] if main else None,
        "act_type": main["act_type"] if main else None,
        "plover_type": main["plover_type"] if main else None,
        "modality": main["modality"] if main else None,
        "confidence": main["main_confidence"] if main else None,
        "reason": reason,
    }


def _counts(row: Row) -> bool:
    """Whether an act is news by itself: PLOVER counts it, it is one of our own types, or it was put off."""
    return row["plover_type"] is not None or row["act_type"].startswith("X_") or row["modality"] == "postponed"


def _vectors(classifier: Classifier | None, sentences: Sequence[Row]) -> dict[int, bytes]:
    if classifier is None:
        return {}
    return {
        row["sentence_index"]: row["vector"]
        for row in sentences
        if row.get("vector") is not None and row["vector_version"] == classifier.vector_version
    }


def split(text: str) -> list[tuple[int, int, int]]:
    """Sentences by punctuation, paragraphs never merged: (index, start, end), for texts without any."""
    spans: list[tuple[int, int, int]] = []
    start = 0
    for mark in [*_SENTENCE_END.finditer(text), None]:
        end = mark.start() + len(mark.group().rstrip()) if mark else len(text)
        if text[start:end].strip():
            lead = len(text[start:end]) - len(text[start:end].lstrip())
            spans.append((len(spans), start + lead, start + len(text[start:end].rstrip())))
        start = mark.end() if mark else end
    return spans


def _by_article(table: pa.Table) -> Mapping[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        grouped[row["article_id"]].append(row)
    return grouped


def events_model_version(words: Vocabulary) -> str:
    """The vocabulary's version, and the classifier's where there is one."""
    classifier = bundled_classifier()
    return f"{words.version}+classifier-{classifier.version}" if classifier else words.version


def events_stage(factory: Callable[[], Vocabulary] = bundled_vocabulary) -> Stage:
    """The stage with the ontology and the lexicons that the factory gives, asked once, when first needed."""
    words = functools.cache(factory)
    return Stage(
        name="events",
        version="6",
        reads=(Article, ArticleSentence, EntityMention),
        writes=(Event, EventActor, EventCue, ArticleType),
        work=lambda batch: work(batch, words()),
        after=("entities",),
        model_version=lambda: events_model_version(words()),
        ahead=True,
    )


STAGE = events_stage()
