"""What the tests of roles share: acts of one sentence, with mentions where each name first stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tasks.entities_gazetteer import bundled_gazetteer
from tasks.events_party_nouns import Facts, Name
from tasks.events_read import Act, read_acts
from tasks.lexicon_reader import reader

PUBLISHED = date(2025, 10, 22)


def named(text: str, names: Sequence[tuple[str, str, str | None]]) -> list[Name]:
    """Mentions where each name first stands, with the facts of the bundled gazetteer."""
    found = []
    for at, (surface, label, entity_id) in enumerate(names):
        facts = Facts("")
        if entity_id:
            entity = bundled_gazetteer().entities[entity_id]
            facts = Facts(entity.label, entity.country, entity.sector, entity.latitude, entity.longitude)
        start = text.index(surface)
        found.append(Name(f"{at:032x}", start, start + len(surface), surface, label, entity_id, facts))
    return sorted(found, key=lambda name: name.start)


def acts(text: str, language: str, *names: tuple[str, str, str | None]) -> list[Act]:
    """The acts of a sentence with these mentions: (surface, label, entity id)."""
    return read_acts(reader(language), text, named(text, names), PUBLISHED)


def act(text: str, language: str, kind: str, *names: tuple[str, str, str | None]) -> Act:
    """The first act of a type."""
    found = [one for one in acts(text, language, *names) if one.type == kind]
    assert found, text
    return found[0]
