"""Who takes part in an act that several do together: a meeting, a call, an agreement.

Where the words say so, they alone decide: «اللقاء بين لافروف وروبيو», «اجتماع بوتين مع ويتكوف», «قمة ترامب وبوتين»,
«دیدار لاوروف با روبیو», "talks between Lavrov and Rubio". Then nobody else of the clause takes part, not who tells
of it either. Where they do not, whoever stands in the clause may (`tasks/events_roles.py`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from tasks.clitics import canonical
from tasks.events_clauses import Sentence
from tasks.events_parties_placed import Placed, distance
from tasks.events_party_nouns import country_of
from tasks.events_roles_words import AND, BETWEEN, COUNTERPARTS, SOME, TWO_TITLES, WITH
from tasks.lexicon import Entry
from tasks.lexicon_match import Match
from tasks.lexicon_reader import Reader

#: A preposition stands this near the act that it belongs to, in words: «اجتماعا طارئا أمس بين …».
NEAR = 6
#: How far who meets stands from «مع», with a pronoun's clause between at most: «محادثات وصفها بالجيدة مع …».
FAR = 12
#: «ونظيره الأميركي دونالد ترمب»: between two of a list stand a word for the other one and a nationality at most.
TITLE = 3


def participants(
    sentence: Sentence, trigger: Match[Entry], placed: Sequence[Placed], reader: Reader
) -> list[Placed] | None:
    """The parties whom the words around a trigger make its participants, by offset; None where they leave it open."""
    own = trigger.places
    others = [p for p in placed if p.last < own[0] or p.first > trigger.head]
    stop = _next_trigger(sentence, trigger)
    behind = [p for p in others if p.first > trigger.head]
    if listed := _between(sentence, trigger, others, stop, reader.language):
        return listed
    at = _preposition(sentence, trigger, WITH[reader.language], stop, reader.language)
    if at is None:
        genitive = [p for p in behind if distance(p, trigger) <= 1 and not trigger.pattern.is_verb]
        listed = _list(sentence, behind, genitive[0]) if genitive else []
        return listed if len(listed) > 1 else None
    partners = [p for p in others if at < p.first <= at + NEAR]
    if not partners or _words_between(sentence, at, partners[0].first):
        return None
    first = partners[0]
    if first.name.is_phrase and len(partners) > 1 and canonical(sentence.folded[first.first]) in SOME:
        first = partners[1]  # «با شماری از اعضای طالبان»
    listed = _list(sentence, others, first)
    beside = [p for p in behind if p.last < at and p not in listed and p.marker in ("", "object")]
    before = [p for p in others if p.last < min(own[0], at) and p.marker == "" and not _counterpart(sentence, p)]
    nearest = beside[:1] if beside else before[-1:]
    host = _list_back(sentence, others, nearest[0]) if nearest else []
    return sorted({*host, *listed}, key=lambda p: p.first)


def _counterpart(sentence: Sentence, party: Placed) -> bool:
    """«أطلع بوتين نظيره على … لقائه»: the meeting is not his counterpart's."""
    return party.name.is_phrase and canonical(sentence.folded[party.first]).startswith(COUNTERPARTS)


def elsewhere(sentence: Sentence, trigger: Match[Entry], party: Placed, language: str) -> bool:
    """Whether a party takes part in a later act of its own: «اتصل بالوزير بعد محادثاته مع السفير»."""
    if party.first <= trigger.head or _next_trigger(sentence, trigger) > party.first:
        return False
    before = sentence.folded[party.first - 1]
    return before in WITH[language] or before in BETWEEN[language]


def _between(
    sentence: Sentence, trigger: Match[Entry], placed: Sequence[Placed], stop: int, language: str
) -> list[Placed]:
    at = _preposition(sentence, trigger, BETWEEN[language], stop, language)
    if at is None:
        return []
    first = next((p for p in placed if at < p.first <= at + NEAR), None)
    return _list(sentence, placed, first) if first else []


def _preposition(
    sentence: Sentence, trigger: Match[Entry], words: frozenset[str], stop: int, language: str
) -> int | None:
    """Where a preposition of the trigger stands: behind it, before the next act; in Persian before a verb as well."""
    clause = sentence.clauses[trigger.first]
    reach = NEAR if words is BETWEEN[language] else FAR
    places = list(range(trigger.first, min(stop, trigger.head + reach + 1)))
    if language == "fa":
        at = bisect_left(sentence.triggers, trigger.first, key=lambda one: one.first)
        ended = sentence.triggers[at - 1].head if at else -1
        places += range(trigger.first - 1, max(ended, trigger.first - FAR), -1)
    for place in places:
        if sentence.clauses[place] == clause and sentence.folded[place] in words:
            return place
    return None


def _next_trigger(sentence: Sentence, trigger: Match[Entry]) -> int:
    """Where the act behind a trigger begins, or the sentence's end."""
    at = bisect_right(sentence.triggers, max(trigger.places), key=lambda one: one.first)
    return sentence.triggers[at].first if at < len(sentence.triggers) else len(sentence.folded)


def _list(sentence: Sentence, placed: Sequence[Placed], first: Placed) -> list[Placed]:
    """A party and those that «و» joins with it."""
    found = [first]
    for party in placed:
        if party.first > found[-1].last and _joins(sentence, found[-1], party):
            found.append(party)
    return found


def _list_back(sentence: Sentence, placed: Sequence[Placed], last: Placed) -> list[Placed]:
    """A party and those before it with which «و» joins it."""
    found = [last]
    for party in reversed(placed):
        if party.last < found[0].first and _joins(sentence, party, found[0]):
            found.insert(0, party)
    return found


def _joins(sentence: Sentence, one: Placed, other: Placed) -> bool:
    if sentence.clauses[one.last] != sentence.clauses[other.first]:
        return False
    between = sentence.folded[one.last + 1 : other.first]
    if other.joined and len(between) <= 1:
        return True
    if not between:
        return sentence.gaps[other.first].strip() in ("-", "–")
    if len(between) > TITLE or not between[0].startswith(tuple(AND)):
        return False
    return not _words_between(sentence, one.last, other.first)


def _words_between(sentence: Sentence, low: int, high: int) -> bool:
    """Whether there is more between two words than «و», «بين» again, a word for the other one and a nationality."""
    return not all(
        word in AND
        or (bare := canonical(word).lstrip("و")) in ("", "بين")
        or bare.startswith(COUNTERPARTS)
        or bare in TWO_TITLES
        or country_of(word, "ar") is not None
        or country_of(word, "fa") is not None
        for word in sentence.folded[low + 1 : high]
    )
