"""Parties between tables and rules: mentions with what is known of their entities in, rows of `event_actors` out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.events_party_nouns import NOTHING, Facts, Name
from tasks.events_roles import Roles
from tasks.stage import Lookup

Row = dict[str, Any]

_FACTS = (
    "SELECT entity_id, label, country, sector, latitude, longitude FROM entities SEMI JOIN wanted USING (entity_id)"
)


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
    )


def actor_rows(event: Row, start: int, roles: Roles) -> Iterable[Row]:
    """The rows of one event's parties, each once however often the clause names it."""
    seen: set[tuple[str, str]] = set()
    for role, names in (("actor", roles.actors), ("recipient", roles.recipients)):
        for name in names:
            known = (role, name.entity_id or name.surface)
            if known in seen:
                continue
            seen.add(known)
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
