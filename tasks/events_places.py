"""Where an event took place: which of the sentence's places, by which rule, and how exactly.

A place with a preposition of place in the trigger's own clause is it («في بغداد»); else the object of the act, where
it is a place that cannot act («قصفت مدينة حلب»); else the only place of the sentence that such a preposition
introduces, where no topic lies between. The coordinates are those of the place's entity: a country has none, since
a point in its middle is where nothing happened.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.clitics import canonical
from tasks.events_clauses import Sentence
from tasks.events_parties_placed import Placed
from tasks.events_party_nouns import Name
from tasks.events_roles_words import ABOUT
from tasks.lexicon import Entry
from tasks.lexicon_match import Match
from tasks.lexicon_reader import Reader

#: What a talk is about reaches over so many words: «درباره امنیت کشتیرانی در خلیج فارس».
ABOUT_REACH = 6


@dataclass(frozen=True, slots=True)
class Position:
    """What `events` says of a place beside its entity; each null has its reason."""

    precision: str | None
    latitude: float | None
    longitude: float | None
    country: str | None
    reasons: tuple[str, ...]


def find_place(
    sentence: Sentence, trigger: Match[Entry], placed: Sequence[Placed], names: Sequence[Name], reader: Reader
) -> tuple[Name | None, str | None, str | None]:
    """The place, the rule that found it, and a reason code where there is none or it is not linked."""
    found, method = _choose(sentence, trigger, placed, names, reader)
    if found is None:
        return None, None, "place:none-in-clause"
    return found, method, None if found.entity_id else "place:not-linked"


def _choose(
    sentence: Sentence, trigger: Match[Entry], placed: Sequence[Placed], names: Sequence[Name], reader: Reader
) -> tuple[Name | None, str | None]:
    marked = [p for p in placed if p.marker == "place"]
    if marked:
        # «در ریاض دیدار و درباره امنیت در خلیج فارس گفت‌وگو کردند»: what they speak of is elsewhere.
        marked = [p for p in marked if not _spoken_of(sentence, p)] or marked
        # The most exact of those side by side: «في حي الكرادة في بغداد» is told from the small to the large.
        return min(marked, key=lambda p: (abs(p.first - trigger.first), p.first)).name, "clause"
    objects = [p for p in placed if p.name.label == "LOC" and p.marker != "topic" and _is_site(p.name)]
    if objects:
        return min(objects, key=lambda p: (abs(p.first - trigger.first), p.first)).name, "object"
    if len(sentence.triggers) > 1:
        return None, None
    elsewhere = [name for name in names if name.label == "LOC" and _introduced(sentence, name, reader)]
    if len({name.entity_id or name.surface for name in elsewhere}) == 1:
        return elsewhere[0], "sentence"
    return None, None


def _spoken_of(sentence: Sentence, placed: Placed) -> bool:
    words = sentence.folded[max(0, placed.first - ABOUT_REACH) : placed.first]
    return not ABOUT.isdisjoint(map(canonical, words))


def _is_site(name: Name) -> bool:
    """A linked place whose name does not stand for a government."""
    return bool(name.facts.label) and name.facts.sector is None


def _introduced(sentence: Sentence, name: Name, reader: Reader) -> bool:
    words = sentence.folded
    first = bisect_left(sentence.ends, name.start + 1)
    if first >= len(words):
        return False
    clitic = sentence.text[sentence.starts[first] : name.start].lstrip("وف")
    at = first - 1
    while at > 0 and words[at] in reader.regions and not clitic:
        at -= 1
    near = {*words[max(0, at - 2) : first]}
    return (clitic or (words[at] if at >= 0 else "")) in reader.places and reader.topics.isdisjoint(near)


def position(place: Name | None) -> Position:
    """Coordinates, country and precision of a place that was found; nothing for none."""
    if place is None:
        return Position(None, None, None, None, ("country:no-place",))
    facts = place.facts
    is_country = (
        place.entity_id is not None
        and facts.country is not None
        and place.entity_id == (f"loc-{facts.country.lower()}")
    )
    if is_country:
        return Position("country", None, None, facts.country, ("latitude:place-is-country",))
    if facts.latitude is None:
        why = ("country:not-resolved",) if facts.country is None else ()
        precision = "region" if facts.label else None
        return Position(precision, None, None, facts.country, (*why, "latitude:not-known"))
    return Position("city", facts.latitude, facts.longitude, facts.country, ())
