"""Between tables and rules: mentions with what is known of their entities in; rows of events, parties and cues out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from tasks.clitics import canonical, fold
from tasks.events_party_nouns import NOTHING, Facts, Name
from tasks.events_places import position
from tasks.events_read import Act
from tasks.events_roles import Roles
from tasks.stage import Lookup, Row, stable_id

_FACTS = (
    "SELECT entity_id, label, country, sector, latitude, longitude FROM entities SEMI JOIN wanted USING (entity_id)"
)
#: What Arabic writes together with a name.
_PROCLITICS = frozenset({"ب", "ل", "ك", "و", "ف", "وب", "ول", "وك", "فب", "فل"})


def entity_facts(mentions: pa.Table, lookup: Lookup) -> dict[str, Facts]:
    """What `entities` says of the entities of some mentions, by id; asks once for a whole batch."""
    ids = pc.unique(mentions["entity_id"].drop_null())
    if not len(ids):
        return {}
    rows = lookup(_FACTS, wanted=pa.table({"entity_id": ids})).to_pylist()
    return {row.pop("entity_id"): Facts(**row) for row in rows}


def name_of(mention: Row, start: int, facts: Mapping[str, Facts]) -> Name:
    """A mention as the rules see it, with offsets in the sentence that begins at `start`."""
    return Name(
        mention["mention_id"],
        mention["char_start"] - start,
        mention["char_end"] - start,
        mention["surface"],
        mention["label"],
        mention["entity_id"],
        facts.get(mention["entity_id"] or "", NOTHING),
        _clitic(mention["surface"], mention["bare_form"]),
    )


def _clitic(surface: str, bare_form: str) -> str:
    """The Arabic proclitics with which a mention begins, «و» and «ف» left out: «ل» of «ولحزب الله», «للجيش»."""
    written, bare = canonical(fold(surface.split()[0])), canonical(fold((bare_form.split() or [""])[0]))
    if written == "ل" + bare[1:] and bare.startswith("ال"):
        return "ل"
    lead = written.removesuffix(bare) if bare and written.endswith(bare) else ""
    return lead.lstrip("وف") if lead in _PROCLITICS else ""


def actor_rows(event: Row, start: int, roles: Roles) -> Iterable[Row]:
    """The rows of one event's parties, each once however often the clause names it, and one for a place in the text."""
    seen: set[tuple[str, str | int]] = set()
    for role, names in (("actor", roles.actors), ("recipient", roles.recipients)):
        for name in names:
            known: set[tuple[str, str | int]] = {(role, name.entity_id or name.surface), (role, name.start)}
            if known & seen:
                continue
            seen |= known
            yield {
                "event_id": event["event_id"],
                "article_id": event["article_id"],
                "role": role,
                "char_start": start + name.start,
                "char_end": start + name.end,
                "mention_id": name.mention_id,
                "entity_id": name.entity_id,
                "surface": name.surface,
                "sector": name.facts.sector,
                "country": name.facts.country,
                "method": roles.method if role == "actor" else "grammar",
            }


def event_row(article_id: str, text: str, index: int, start: int, act: Act, version: str) -> Row:
    """The row of one act; `start` is the sentence's place in the text, `index` its number."""
    low, high = start + act.start, start + act.end
    place = act.roles.place
    where = position(place)
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
        "event_date": act.dated.day,
        "event_date_precision": act.dated.precision,
        "event_date_method": act.dated.method,
        "place_entity_id": place.entity_id if place else None,
        "place_precision": where.precision,
        "place_method": act.roles.place_method,
        "latitude": where.latitude,
        "longitude": where.longitude,
        "country": where.country,
        "confidence": act.confidence,
        "reason": " ".join((*act.reasons, *where.reasons)) or None,
        "ontology_version": version,
    }


def cue_rows(event: Row, text: str, start: int, act: Act) -> Iterable[Row]:
    """The rows of the words that gave an act its status."""
    for one in (*act.status.evidence, *([act.attribution] if act.attribution else [])):
        low, high = start + one.start, start + one.end
        yield {
            "event_id": event["event_id"],
            "article_id": event["article_id"],
            "aspect": one.aspect,
            "value": one.value,
            "char_start": low,
            "char_end": high,
            "surface": text[low:high],
            "method": one.method,
        }
