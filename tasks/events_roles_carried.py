"""The subject of a verb that has none of its own: that of the verb before, or who tells of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from tasks.clitics import canonical
from tasks.events_clauses import Sentence
from tasks.events_parties_placed import NEAREST, Placed, is_number, marker, power, speaks, victim
from tasks.events_party_nouns import Name
from tasks.events_roles_grammar import is_befallen
from tasks.events_roles_words import BOTH_VOICES, PARTICLES, PERSIAN_PREPOSITIONS, RELATIVES, is_pronoun
from tasks.lexicon import Entry
from tasks.lexicon_match import Match
from tasks.lexicon_reader import Reader


def carried(
    sentence: Sentence, trigger: Match[Entry], names: Sequence[Name], reader: Reader, has_object: bool = False
) -> tuple[Name, ...]:
    """The subject of an Arabic verb behind «و» or «ف» that has none of its own: that of the clauses before it.

    It is the first party before the verb that no preposition introduces and to whom nothing is done.
    """
    verb = sentence.folded[trigger.first]
    if reader.language == "fa":
        return _sayer(sentence, trigger, names)
    if reader.language != "ar":
        return ()
    if told := _telling(sentence, trigger, names):
        return told
    if not trigger.pattern.is_verb or verb[:1] not in ("و", "ف"):
        return ()
    if canonical(verb)[1:] in BOTH_VOICES and not verb.endswith("ت") and not (verb.endswith("وا") and has_object):
        return ()  # «وقتل شخصان»: the passive
    begin = bisect_left(names, sentence.starts[trigger.first], key=lambda name: name.start)
    for name in names[max(0, begin - NEAREST) : begin]:
        if name.end > sentence.starts[trigger.first] or name.label in ("LOC", "MISC"):
            continue
        first = bisect_left(sentence.ends, name.start + 1)
        placed = Placed(name, first, first, marker(sentence, first, first, name, reader, []))
        crowd = trigger.pattern.payload.type == "PROTEST"
        if placed.marker or speaks(sentence, placed, reader) or (power(placed) if crowd else victim(placed)):
            continue
        before = sentence.folded[first - 1] if first else None
        if first > 1 and sentence.folded[first - 2] in RELATIVES:
            continue  # «الدوحة التي استدعت السفير وأدانت …»: the object of the verb before
        if (
            before is None
            or any(key[0] in "pi" for key in sentence.readings[first - 1].keys)
            or _opens(sentence, first)
        ):
            return (name,)
    return ()


def _telling(sentence: Sentence, trigger: Match[Entry], names: Sequence[Name]) -> tuple[Name, ...]:
    """Who says it, where a pronoun behind «إن» means just them: «قال الجيش إنه قصف …», «أكدت الشرطة أنها اعتقلت …»."""
    if "تعرض" in sentence.folded[trigger.first] or trigger.pattern.payload.passive:
        return ()
    at = trigger.first - 1
    while at > 0 and sentence.folded[at] in PARTICLES:
        at -= 1
    if at < 1 or not is_pronoun(sentence.folded[at]) or sentence.clauses[at] != sentence.clauses[trigger.first]:
        return ()
    place = next((place for place in reversed(sentence.saying) if place < at), None)
    if place is None or sentence.clauses[at] - sentence.clauses[place] != 1:
        return ()
    said = sentence.folded[place].lstrip("وف")
    pronoun = sentence.folded[at]
    if pronoun.endswith("نا") or pronoun.endswith("ها") != (said.startswith("ت") or said.endswith("ت")):
        return ()
    begin = bisect_left(names, sentence.starts[place + 1], key=lambda name: name.start)
    near = [name for name in names[begin : begin + 1] if name.start < sentence.ends[place + 1]]
    return tuple(name for name in near if name.label not in ("LOC", "MISC") or name.facts.sector is not None)


def _sayer(sentence: Sentence, trigger: Match[Entry], names: Sequence[Name]) -> tuple[Name, ...]:
    """Who says it, where a Persian clause behind «که» leaves its subject out: «ارتش گفت که پهپادی را سرنگون کرده است».

    One person does not say so of a verb in the plural.
    """
    clause, verb = sentence.clauses[trigger.first], trigger.verb
    if verb is None or not trigger.pattern.is_verb or clause not in sentence.bridged:
        return ()
    place = next((place for place in reversed(sentence.saying) if sentence.clauses[place] == clause - 1), None)
    if place is None or is_befallen(sentence, trigger, "fa") or trigger.pattern.payload.passive:
        return ()
    first = trigger.first
    while sentence.clauses[first - 1] == clause:
        first -= 1
    opening = first + 1 + is_number(sentence.folded[min(first + 1, trigger.first)])  # behind «که» and a number
    told = any(name.start == sentence.starts[opening] for name in names) or opening >= trigger.first
    if not told and sentence.folded[opening] not in PERSIAN_PREPOSITIONS:
        return ()  # «کشورش به کسی حمله نکرده است» may have a subject of its own
    at = place
    while at > 0 and sentence.clauses[at - 1] == clause - 1:
        at -= 1
    begin = bisect_left(names, sentence.starts[at], key=lambda name: name.start)
    near = [
        name for name in names[begin : begin + 1] if name.start < sentence.ends[at] and name.end < sentence.ends[place]
    ]
    several = sentence.folded[verb].endswith("ند")
    return tuple(n for n in near if n.label != "MISC" and not (several and n.label == "PER"))


def _opens(sentence: Sentence, first: int) -> bool:
    return first == 0 or sentence.clauses[first - 1] != sentence.clauses[first]
