"""The parties of a trigger's clause, each with what the words around it make of it: agent, recipient, place, …"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tasks.clitics import canonical
from tasks.events_clauses import Sentence
from tasks.events_party_nouns import Name
from tasks.events_roles_words import AGENTS, AMONG, AND, COMPASS, NUMBERS, OWN_W, PARTS, POWERS, SOURCES, VICTIMS
from tasks.lexicon import Entry
from tasks.lexicon_match import Match
from tasks.lexicon_reader import Reader

#: A mention further from the trigger than this many words belongs to something else.
WINDOW = 25
#: So many parties on either side of a trigger are looked at where the clause has none.
NEAREST = 12
#: A speaker stands this near the verb of saying.
SPEAKER = 8


class Placed(NamedTuple):
    """A party in its clause: its first and last word and what the words around it make of it."""

    name: Name
    first: int
    last: int
    marker: str
    joined: bool = False


def by_clause(sentence: Sentence, names: Sequence[Name], reader: Reader) -> Mapping[int, Sequence[Placed]]:
    """The parties of each clause of a sentence, by offset; nationalities alone are none."""
    size = len(sentence.folded)
    placed: dict[int, list[Placed]] = {}
    for name in names:
        first = bisect_left(sentence.ends, name.start + 1)
        if first >= size or (name.label == "MISC" and name.facts.sector is None):
            continue
        last = max(first, bisect_left(sentence.starts, name.end) - 1)
        found = placed.setdefault(sentence.clauses[first], [])
        joined = bool(found) and _is_joined(sentence, found[-1].last, first, name)
        found.append(Placed(name, first, last, marker(sentence, first, last, name, reader, found), joined))
    return placed


def around(sentence: Sentence, trigger: Match[Entry], placed: Mapping[int, Sequence[Placed]]) -> list[Placed]:
    """The parties of the trigger's clause within its window; a name that the trigger is a part of is none."""
    parties = placed.get(sentence.clauses[trigger.first], ())
    begin = bisect_left(parties, trigger.first - WINDOW, key=lambda p: p.first)
    finish = bisect_right(parties, trigger.head + WINDOW, begin, key=lambda p: p.first)
    return [p for p in parties[begin:finish] if p.name.is_phrase or not p.first <= trigger.first <= p.last]


def _is_joined(sentence: Sentence, last: int, first: int, name: Name) -> bool:
    """Whether «و» or "and" stands between two parties, or a comma: «روسيا، الصين وإيران»."""
    between = sentence.folded[last + 1 : first]
    if not between:
        attached = name.start > sentence.starts[first] and sentence.folded[first].startswith("و")
        conjunction = not name.is_phrase and name.surface.startswith("و") and not name.surface.startswith(OWN_W)
        return attached or conjunction or "،" in sentence.text[sentence.ends[last] : name.start]
    return len(between) == 1 and between[0] in AND


def marker(sentence: Sentence, first: int, last: int, name: Name, reader: Reader, before: list[Placed]) -> str:
    """`place`, `agent`, `recipient`, `object`, `topic`, `source`, `among` or nothing, by the words around a party.

    Those «among them» are part of those told before, whatever befell these.

    In «الصراع في أوكرانيا» the place is that of the topic, neither the event's nor an actor.
    """
    start, end = sentence.span(first, first)
    if not AMONG.isdisjoint(sentence.folded[max(0, first - 3) : first]):
        return "among"
    if reader.language == "fa" and last + 1 < len(sentence.folded) and sentence.folded[last + 1] == "را":
        return "object"
    if before and first - before[-1].last <= 2:
        between = sentence.folded[before[-1].last + 1 : first]
        if _is_joined(sentence, before[-1].last, first, name) and set(between) <= AND:
            return before[-1].marker
    while first > 1 and canonical(sentence.folded[first - 1]) in NUMBERS and name.start == start:
        first -= 1  # «على يد عشرة متمردين»
    if first > 1 and sentence.folded[first - 1] == "من" and _is_part(sentence.folded[first - 2]):
        first -= 2  # «عدد من الجنود»: what stands before the number decides
        start, end = sentence.span(first, first)
    leading = [canonical(word) for word in sentence.folded[max(0, first - 2) : first]]
    agents = AGENTS[reader.language]
    if tuple(leading) in agents or tuple(leading[-1:]) in agents:
        return "agent"
    sources = SOURCES[reader.language]
    if tuple(leading) in sources or tuple(leading[-1:]) in sources:
        return "source"
    clitic = name.clitic or (sentence.text[start : name.start].lstrip("وف") if start < name.start < end else "")
    at = first - 1
    while at > 0 and (sentence.folded[at] in reader.regions or sentence.folded[at] in COMPASS) and not clitic:
        at -= 1
    previous = sentence.folded[at] if at >= 0 else ""
    if previous.startswith("ب") and (previous[1:] in reader.regions or previous[1:] in COMPASS):
        clitic = "ب"
    candidate = clitic or previous
    if name.label == "LOC" and candidate in reader.places:
        near = {*sentence.folded[max(0, at - 2) : first]}
        return "place" if reader.topics.isdisjoint(near) else "topic"
    if name.is_phrase and candidate in ("في", "در", "in", "at"):
        return "topic"
    return "recipient" if {candidate, candidate.removeprefix("و")} & reader.recipients else ""


def _is_part(folded: str) -> bool:
    """Whether a word before «من» says how many of some there are."""
    return canonical(folded).removeprefix("ال") in PARTS


def power(placed: Placed) -> bool:
    return placed.name.facts.sector in POWERS


def victim(placed: Placed) -> bool:
    return (placed.name.is_phrase or placed.name.label == "MISC") and placed.name.facts.sector in VICTIMS


def counted(sentence: Sentence, placed: Placed) -> bool:
    """Whether a number stands before a party, or it is one of some: those who are counted are the dead."""
    before = sentence.folded[placed.first - 1] if placed.first else ""
    return before.isdecimal() or canonical(before) in NUMBERS


def speaks(sentence: Sentence, placed: Placed, reader: Reader) -> bool:
    """Whether a party is the subject of a verb of saying: «أعلنت الشرطة مقتل …» tells no act of the police."""
    if reader.language != "ar" or not placed.first:
        return False
    return sentence.readings[placed.first - 1].speech


def nearest(placed: list[Placed], trigger: Match[Entry]) -> list[Placed]:
    """The nearest party and those joined with it: compound actors are lists."""
    if not placed:
        return []
    at = min(range(len(placed)), key=lambda n: (distance(placed[n], trigger), n))
    low = high = at
    while low > 0 and placed[low].first - placed[low - 1].last <= 2 and distance(placed[low - 1], trigger):
        low -= 1
    while high + 1 < len(placed) and placed[high + 1].first - placed[high].last <= 2:
        high += 1
    if high > low and placed[low].first < trigger.first < placed[high].first:
        return [placed[at]]
    return placed[low : high + 1] if _listed(placed[low : high + 1]) else [placed[at]]


def _listed(placed: list[Placed]) -> bool:
    """Whether the names are joined by «و» or "and": two names side by side may be subject and object."""
    return all(later.joined for _, later in itertools.pairwise(placed))


def distance(placed: Placed, trigger: Match[Entry]) -> int:
    return trigger.first - placed.last if placed.last < trigger.first else placed.first - trigger.head
