"""The stage `events`: who did what to whom, and whether it happened at all.

Reads `articles`, `sentences`, `entity_mentions`; writes `events` and `event_actors`. What is described
(`act_type`, `act_mode`) is kept apart from its status (`modality`, `polarity`, `time_status`); the type to count
is derived from both by the table in `seeds/events/ontology.yml`. Nothing here calls a model or a clock.

Confidence is a heuristic until it is calibrated: the entry's weight; .05 for each further word of the pattern;
.05 where an actor was found, and for each anchor of a hostile act beyond the two it needs; less .1 for a
hypothetical or claimed act, and .1 in a sentence of over 80 words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from schemas.articles import Article, ArticleSentence
from schemas.entities import EntityMention
from schemas.events import Event, EventActor
from schemas.record import Record, StampedRecord, arrow_schema
from tasks import lexicon
from tasks.events_actors import Name
from tasks.events_read import Act, read_acts
from tasks.lexicon_match import reader
from tasks.stage import Excluded, Stage, StageInput, StageOutput, stable_id

#: Sentences after which an article's subject has been named; the lead of a news text is shorter.
LEAD = 5
_SENTENCE_END = re.compile(r"[.!?؟…]+[\"'»”)\]]*\s+|\s*\n\s*")

Row = dict[str, Any]


def work(batch: StageInput) -> StageOutput:
    """Find the events of a batch.

    Articles in a language without a lexicon are excluded with the reason `no-lexicon:<language>`; an article
    in which no event is found is done, with no rows.
    """
    articles = batch.tables[Article.table.name].to_pylist()
    sentences = _by_article(batch.tables[ArticleSentence.table.name])
    mentions = _by_article(batch.tables[EntityMention.table.name])
    events: list[Row] = []
    actors: list[Row] = []
    excluded: list[Excluded] = []
    for article in articles:
        language = article["language"] or "und"
        if language not in lexicon.LANGUAGES:
            excluded.append(Excluded(article["article_id"], f"no-lexicon:{language}"))
            continue
        key = article["article_id"]
        found_events, found_actors = code_article(article, sentences.get(key, []), mentions.get(key, []))
        events.extend(found_events)
        actors.extend(found_actors)
    return StageOutput(
        {Event.table.name: _table(Event, events), EventActor.table.name: _table(EventActor, actors)},
        excluded=tuple(excluded),
    )


def code_article(article: Row, sentences: Sequence[Row], mentions: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The rows of one article: its events in order of offset, and their actors.

    `sentences` and `mentions` are rows of those tables. Without sentences the text is split by punctuation.
    """
    text: str = article["text"]
    language: str = article["language"]
    known = reader(language)
    published: date | None = article["published_at"].date() if article["published_at"] else None
    spans = [(s["sentence_index"], s["char_start"], s["char_end"]) for s in sentences] or split(text)
    names = sorted(mentions, key=lambda m: (m["char_start"], m["char_end"], m["mention_id"]))
    rows: list[Row] = []
    actors: list[Row] = []
    at = 0
    for index, start, end in sorted(spans, key=lambda span: span[1]):
        while at < len(names) and names[at]["char_start"] < start:
            at += 1
        inside: list[Name] = []
        while at < len(names) and names[at]["char_end"] <= end:
            inside.append(_name(names[at], start))
            at += 1
        for act in read_acts(known, text[start:end], inside, published):
            row = _event(article["article_id"], text, index, start, act)
            rows.append(row)
            actors.extend(_actors(row, act))
    title = read_acts(known, article["title"] or "", [], published)
    main = main_event(rows, title)
    for row in rows:
        row["is_main"] = row["event_id"] == main
    return rows, actors


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
    for row in rows:
        rank = types.index(row["act_type"]) if row["act_type"] in types else len(types)
        if rank < len(types) or row["sentence_index"] < LEAD:
            status = (row["modality"], row["polarity"])
            differs = told.get(row["act_type"], status) != status
            order = (rank, row["time_status"] != "current", differs, not _counts(row), row["char_start"])
            ranked.append((order, row["event_id"]))
    return min(ranked)[1] if ranked else None


def _counts(row: Row) -> bool:
    """Whether an act is news by itself: PLOVER counts it, it is one of our own types, or it was put off."""
    return row["plover_type"] is not None or row["act_type"].startswith("X_") or row["modality"] == "postponed"


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


def _event(article_id: str, text: str, index: int, start: int, act: Act) -> Row:
    low, high = start + act.start, start + act.end
    place = act.roles.place
    return {
        "event_id": stable_id(article_id, str(low), str(high), act.type),
        "article_id": article_id,
        "sentence_index": index,
        "is_main": False,
        "story_id": None,
        "trigger": text[low:high],
        "char_start": low,
        "char_end": high,
        "act_type": act.type,
        "act_mode": act.mode,
        "modality": act.status.modality,
        "polarity": act.status.polarity,
        "time_status": act.status.time,
        "attributed_to": act.speaker.mention_id if act.speaker else None,
        "plover_type": act.derived.type,
        "plover_mode": act.derived.mode,
        "quad": act.derived.quad,
        "intensity": act.derived.intensity,
        "contexts": sorted(act.contexts),
        "event_date": act.day,
        "event_date_precision": "day" if act.day else None,
        "place_entity_id": place.entity_id if place else None,
        "latitude": None,
        "longitude": None,
        "country": None,
        "confidence": act.confidence,
        "reason": " ".join(act.reasons) or None,
        "ontology_version": lexicon.version(),
    }


def _actors(event: Row, act: Act) -> Iterable[Row]:
    seen: set[tuple[str, str]] = set()
    for role, names in (("actor", act.roles.actors), ("recipient", act.roles.recipients)):
        for name in names:
            known = (role, name.entity_id or name.surface)  # once, however often the clause names it
            if known not in seen:
                seen.add(known)
                yield {
                    "event_id": event["event_id"],
                    "article_id": event["article_id"],
                    "role": role,
                    "mention_id": name.mention_id,
                    "entity_id": name.entity_id,
                    "surface": name.surface,
                    "sector": None,
                }


def _name(row: Row, start: int) -> Name:
    low, high = row["char_start"] - start, row["char_end"] - start
    return Name(row["mention_id"], low, high, row["surface"], row["label"], row["entity_id"])


def _by_article(table: pa.Table) -> Mapping[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        grouped[row["article_id"]].append(row)
    return grouped


def _table(record: type[Record], rows: list[Row]) -> pa.Table:
    """The rows in the record's shape, without the stamp that the engine adds."""
    fields = [f for f in arrow_schema(record) if f.name not in StampedRecord.model_fields]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


STAGE = Stage(
    name="events",
    version="1",
    reads=(Article, ArticleSentence, EntityMention),
    writes=(Event, EventActor),
    work=work,
    after=("entities",),
    model_version=lexicon.version,
)
