"""The parties of a trigger's clause, each with what the words around it make of it: agent, recipient, place, …"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tasks.clitics import Spellings, canonical
from tasks.events_clauses import Sentence
from tasks.events_party_nouns import Name
from tasks.events_roles_words import (
    AGENTS,
    AMONG,
    AND,
    ARTICLES,
    NUMBERS,
    OWN_W,
    PARTS,
    POWERS,
    SOURCES,
    TOWARDS,
    VICTIMS,
)
from tasks.lexicon import Entry
from tasks.lexicon_match import Match
from tasks.lexicon_reader import Reader

#: A mention further from the trigger than this many words belongs to something else.
WINDOW = 25
#: So many parties on either side of a trigger are looked at where the clause has none.
NEAREST = 12
#: A genitive follows its noun at once, with a number between at most.
GENITIVE = 3
#: So many words may stand before the agency that reports.
REPORT = 6
#: A speaker stands this near the verb of saying.
SPEAKER = 8


#: What may stand between a Persian noun and «را».
_ADJECTIVES = frozenset({"خود", "مذكور", "ديگر", "اصلي", "مشهور", "سرشناس", "برجسته", "معروف", "پيشين", "سابق"})


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
    for at, name in enumerate(names):
        first = bisect_left(sentence.ends, name.start + 1)
        if first >= size or (name.label == "MISC" and name.facts.sector is None):
            continue
        last = max(first, bisect_left(sentence.starts, name.end) - 1)
        found = placed.setdefault(sentence.clauses[first], [])
        joined = bool(found) and _is_joined(sentence, found[-1].last, first, name)
        limit = names[at + 1].start if at + 1 < len(names) else len(sentence.text)
        found.append(Placed(name, first, last, marker(sentence, first, last, name, reader, found, limit), joined))
    return placed


def around(sentence: Sentence, trigger: Match[Entry], placed: Mapping[int, Sequence[Placed]]) -> list[Placed]:
    """The parties of the trigger's clause within its window; a name that the trigger is a part of is none."""
    parties = placed.get(sentence.clauses[trigger.first], ())
    low, high = trigger.first - WINDOW, trigger.head + WINDOW
    if len(parties) > NEAREST:
        begin = bisect_left(parties, low, key=lambda p: p.first)
        parties = parties[begin : bisect_right(parties, high, begin, key=lambda p: p.first)]
    return [
        p
        for p in parties
        if low <= p.first <= high and (p.name.mention_id is None or not p.first <= trigger.first <= p.last)
    ]


def _is_joined(sentence: Sentence, last: int, first: int, name: Name) -> bool:
    """Whether «و» or "and" stands between two parties, or a comma: «روسيا، الصين وإيران»."""
    between = sentence.folded[last + 1 : first]
    if not between:
        attached = name.start > sentence.starts[first] and sentence.folded[first].startswith("و")
        conjunction = not name.is_phrase and name.surface.startswith("و") and not name.surface.startswith(OWN_W)
        return attached or conjunction or "،" in sentence.text[sentence.ends[last] : name.start]
    return len(between) == 1 and between[0] in AND


def marker(
    sentence: Sentence, first: int, last: int, name: Name, reader: Reader, before: list[Placed], limit: int = 0
) -> str:
    """`place`, `agent`, `recipient`, `object`, `topic`, `source`, `among` or nothing, by the words around a party.

    Those «among them» are part of those told before, whatever befell these.

    `limit` is where the next party begins. In «الصراع في أوكرانيا» the place is that of the topic, neither the event's
    nor an actor.
    """
    start, end = sentence.span(first, first)
    words, language = sentence.folded, reader.language
    if not AMONG.isdisjoint(words[max(0, first - 3) : first]):
        return "among"
    if language == "fa" and (found := _persian_marker(sentence, first, last, name, before, limit)):
        return found
    if before and first - before[-1].last <= 2:
        between = words[before[-1].last + 1 : first]
        if _is_joined(sentence, before[-1].last, first, name) and set(between) <= AND:
            return before[-1].marker
    while first > 1 and name.start == start and is_number(words[first - 1]):
        first -= 1  # «على يد عشرة متمردين»
    if first > 1 and words[first - 1] == "من" and _is_part(words[first - 2]):
        first -= 2  # «عدد من الجنود»: what stands before the number decides
        start, end = sentence.span(first, first)
    if first > 1 and words[first - 1] == "از" and words[first - 2] in ("بيش", "كمتر"):
        first -= 2
    if first and (words[first - 1] in _LEADS[language] or language == "en"):
        leading = led_by(sentence, first, language)
        if leading is not None:
            return leading[1]
    clitic = name.clitic or (sentence.text[start : name.start].lstrip("وف") if start < name.start < end else "")
    at = first - 1
    while at > 0 and sentence.folded[at] in reader.regions and not clitic:
        at -= 1
    previous = sentence.folded[at] if at >= 0 else ""
    if previous.startswith("ب") and previous[1:] in reader.regions:
        clitic = "ب"
    candidate = clitic or previous
    if name.label == "LOC" and candidate in reader.places:
        near = {*sentence.folded[max(0, at - 2) : first]}
        return "place" if reader.topics.isdisjoint(near) else "topic"
    if (name.is_phrase or name.label == "ORG") and candidate in ("في", "در", "in", "at"):
        return "topic"
    if candidate in TOWARDS and at > 0 and sentence.folded[at - 1] == "به":
        return "recipient"
    return "recipient" if {candidate, candidate.removeprefix("و")} & reader.recipients else ""


def _opens_report(sentence: Sentence, first: int) -> bool:
    """Whether a Persian sentence opens with who reports it: «به گزارش گروه اقتصادی خبرگزاری …»."""
    if sentence.folded[:2] != ["به", "گزارش"]:
        return False
    return not any(gap.strip(" \u200c") for gap in sentence.gaps[1 : first + 1])


def _persian_marker(
    sentence: Sentence, first: int, last: int, name: Name, before: list[Placed], limit: int
) -> str | None:
    """What «را» or «از جمله» makes of a party, and who reports at the head of a sentence.

    An adjective or «خود» may stand before «را»: «سفیر خود را».
    """
    words = sentence.folded
    counting = first - 1 if first > 1 and is_number(words[first - 1]) else first
    if counting > 1 and words[counting - 1] == "جمله" and words[counting - 2] == "از":
        return "among"
    behind = words[last + 1] if last + 1 < len(words) else ""
    if behind == "را":
        return "object"
    if behind in _ADJECTIVES and sentence.starts[last + 1] < limit and name.label != "LOC":
        himself = behind == "خود" and not before  # «مهاجم خود را منفجر کرد»
        if not himself and words[last + 2 : last + 3] == ["را"]:
            return "object"
    return "source" if name.label == "ORG" and first <= REPORT and _opens_report(sentence, first) else None


#: The phrases by which a party acts or tells, by their last word.
_LEADS = {
    language: {
        last: [(phrase, sort) for phrase, sort in phrases if phrase[-1] == last]
        for last in {phrase[-1] for phrase, _ in phrases}
    }
    for language in AGENTS
    for phrases in [[(p, "agent") for p in AGENTS[language]] + [(p, "source") for p in SOURCES[language]]]
}


def led_by(sentence: Sentence, first: int, language: str) -> tuple[int, str] | None:
    """The words right before a party that make it who acts or who tells: the first of them, and which of the two."""
    words, leads = sentence.folded, _LEADS[language]
    if language == "en":
        while first > 1 and words[first - 1] in ARTICLES:
            first -= 1
    for phrase, sort in leads.get(words[first - 1], ()) if first else ():
        if tuple(words[max(0, first - len(phrase)) : first]) == phrase:
            return first - len(phrase), sort
    return None


def is_number(folded: str) -> bool:
    """Whether a word tells how many."""
    return _COUNTS[folded]


_COUNTS = Spellings(lambda folded: folded.isdecimal() or canonical(folded) in NUMBERS)


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
    return is_number(before)


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
