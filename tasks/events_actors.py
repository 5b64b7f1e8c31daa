"""Who acts, on whom, where, and who says so: roles of the mentions around a trigger, by position and grammar.

Only mentions of the trigger's own clause count, so that no actor comes from an unrelated one. Where the grammar
leaves a role open it stays empty and the event says why.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.events_clauses import Sentence
from tasks.lexicon import Entry
from tasks.lexicon_match import Match, Reader

#: A mention further from the trigger than this many words belongs to something else.
WINDOW = 25
#: A speaker stands this near the verb of saying.
SPEAKER = 8
#: At most so many actors of one role are written for one event; a longer list is a list, not an act.
MOST = 20
_AND = {"و", "and"}


@dataclass(frozen=True, slots=True)
class Name:
    """One mention, with offsets in its sentence."""

    mention_id: str
    start: int
    end: int
    surface: str
    label: str
    entity_id: str | None


@dataclass(frozen=True, slots=True)
class Roles:
    """The mentions of one event by role; `reasons` are codes for what is missing."""

    actors: tuple[Name, ...]
    recipients: tuple[Name, ...]
    place: Name | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A name in its clause: its first and last word and what the words before it make of it."""

    name: Name
    first: int
    last: int
    marker: str


def roles(sentence: Sentence, trigger: Match[Entry], names: Sequence[Name], reader: Reader, symmetric: bool) -> Roles:
    """Actors, recipients and place of a trigger from the names of its sentence, ordered by offset."""
    placed = _in_clause(sentence, trigger, names, reader)
    place = next((p for p in placed if p.marker == "place" and p.name.label == "LOC"), None)
    rest = [p for p in placed if p.marker not in ("place", "topic")]
    actors, recipients = rest, list[_Placed]()
    if not symmetric:
        actors, recipients = _assigned(trigger, rest, reader.language)
    reasons = [] if actors else ["actor:none-in-clause"]
    if place is None:
        reasons.append("place:none-in-clause")
    elif place.name.entity_id is None:
        reasons.append("place:not-linked")
    return Roles(
        tuple(p.name for p in actors[:MOST]),
        tuple(p.name for p in recipients[:MOST]),
        place.name if place else None,
        tuple(reasons),
    )


def _in_clause(sentence: Sentence, trigger: Match[Entry], names: Sequence[Name], reader: Reader) -> list[_Placed]:
    words = sentence.words
    low = words[max(0, trigger.first - WINDOW)].start
    high = words[min(len(words) - 1, trigger.head + WINDOW)].end
    begin = bisect_left(names, low, key=lambda name: name.start)
    found: list[_Placed] = []
    for name in names[begin:]:
        if name.start > high:
            break
        first = bisect_left(words, name.start + 1, key=lambda word: word.end)
        last = max(first, bisect_left(words, name.end, key=lambda word: word.start) - 1)
        if first >= len(words) or name.label == "MISC":
            continue
        if sentence.clauses[first] == sentence.clauses[trigger.first] and not first <= trigger.first <= last:
            found.append(_Placed(name, first, last, _marker(sentence, first, name, reader, found)))
    return found


def _marker(sentence: Sentence, first: int, name: Name, reader: Reader, before: list[_Placed]) -> str:
    """`place`, `recipient`, `topic` or nothing, by the preposition before a name or written with it.

    In «الصراع في أوكرانيا» the place is that of the topic, neither the event's nor an actor.
    """
    word = sentence.words[first]
    if before and first - before[-1].last <= 2:
        between = [w.folded for w in sentence.words[before[-1].last + 1 : first]]
        together = (name.start > word.start and word.folded.startswith("و")) or sentence.text[name.start] == "و"
        if (together and not between) or (between and set(between) <= _AND):
            return before[-1].marker
    clitic = sentence.text[word.start : name.start].lstrip("وف") if name.start > word.start else ""
    at = first - 1
    while at > 0 and sentence.words[at].folded in reader.regions and not clitic:
        at -= 1
    previous = sentence.words[at].folded if at >= 0 else ""
    if previous.startswith("ب") and previous[1:] in reader.regions:
        clitic = "ب"
    candidate = clitic or previous
    if name.label == "LOC" and candidate in reader.places:
        near = {w.folded for w in sentence.words[max(0, at - 2) : first]}
        return "place" if reader.topics.isdisjoint(near) else "topic"
    return "recipient" if {candidate, candidate.removeprefix("و")} & reader.recipients else ""


def _assigned(trigger: Match[Entry], placed: list[_Placed], language: str) -> tuple[list[_Placed], list[_Placed]]:
    """Actors and recipients of an act that one does to another."""
    marked = [p for p in placed if p.marker == "recipient"]
    bare = [p for p in placed if not p.marker]
    before = [p for p in bare if p.last < trigger.first]
    after = [p for p in bare if p.first > trigger.head]
    if trigger.pattern.payload.passive:
        return [], bare + marked
    if language == "fa":
        return _nearest(before or after, trigger), _nearest(marked, trigger)
    if language == "en":
        if trigger.pattern.is_verb:
            return _nearest(before, trigger), _nearest(after or marked, trigger)
        return _nearest(before or after, trigger), _nearest(marked, trigger)
    if before and trigger.pattern.is_verb:
        return _nearest(before, trigger), _nearest(after or marked, trigger)
    actors = _nearest(after or before, trigger)
    others = [p for p in after if p not in actors]
    return actors, _nearest(others or marked, trigger)


def _nearest(placed: list[_Placed], trigger: Match[Entry]) -> list[_Placed]:
    """The nearest name and those joined with it: compound actors are lists."""
    if not placed:
        return []
    at = min(range(len(placed)), key=lambda n: (_distance(placed[n], trigger), n))
    low = high = at
    while low > 0 and placed[low].first - placed[low - 1].last <= 2 and _distance(placed[low - 1], trigger):
        low -= 1
    while high + 1 < len(placed) and placed[high + 1].first - placed[high].last <= 2:
        high += 1
    if high > low and placed[low].first < trigger.first < placed[high].first:
        return [placed[at]]
    return placed[low : high + 1] if _listed(placed[low : high + 1]) else [placed[at]]


def _listed(placed: list[_Placed]) -> bool:
    """Whether the names are joined by «و» or "and": two names side by side may be subject and object."""
    return all(
        later.name.surface.startswith("و") or later.first - earlier.last == 2
        for earlier, later in itertools.pairwise(placed)
    )


def _distance(placed: _Placed, trigger: Match[Entry]) -> int:
    return trigger.first - placed.last if placed.last < trigger.first else placed.first - trigger.head


def speaker(sentence: Sentence, trigger: Match[Entry], names: Sequence[Name], reader: Reader) -> Name | None:
    """Who says it, where a verb of saying stands before the trigger with one person or body as its subject."""
    for place in range(trigger.first - 1, max(-1, trigger.first - 40), -1):
        keys = sentence.readings[place].keys
        if reader.speech.isdisjoint(keys):
            continue
        low, high = place, place + SPEAKER
        if reader.language != "ar":
            low, high = place - SPEAKER, place
        low, high = max(0, low), min(high, trigger.first - 1)
        while high > place and sentence.clauses[high] != sentence.clauses[place]:
            high -= 1  # «أعلن الكرملين أن بوتين …»: what is said has its own subject
        if high <= low:
            return None
        start, end = sentence.words[low].start, sentence.words[high].end
        begin = bisect_left(names, start, key=lambda name: name.start)
        said = [n for n in names[begin : begin + 4] if n.end <= end and n.label in ("PER", "ORG")]
        people = [n for n in said if n.label == "PER"] or said
        return people[0] if len(people) == 1 else None
    return None
