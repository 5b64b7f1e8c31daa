"""Who acts and who is acted upon in Arabic: a verb has its subject and its object behind it, or opens with its subject.

A noun has in its genitive who acts, or whom it befalls («مقتل جنديين»); a word that is passive and active alike («قتل»)
is told by who stands beside it.
"""

from __future__ import annotations

import re

from tasks.clitics import canonical
from tasks.events_clauses import Sentence
from tasks.events_parties_placed import GENITIVE, SPEAKER, Placed, counted, distance, is_number, nearest, victim
from tasks.events_party_nouns import role_noun
from tasks.events_roles_words import ADVERBIAL, PARTICLES, PERFORM, RELATIVES, RESUMED, is_pronoun
from tasks.lexicon import Entry
from tasks.lexicon_match import Match

#: A perfect with «ا» first and «ي» last but one is a passive: its active has «ا» there. «التقينا» is none, since
#: «التقينوا» is no word.
_HOLLOW_PASSIVE = re.compile("ا.{1,3}ي[^اوي]")
#: What parts the place of a report from the report.
_DATELINE = frozenset("-–—ـ:/")
_PERSONS = ("", "ت", "ا", "وا", "تا")


def arabic(
    sentence: Sentence,
    trigger: Match[Entry],
    found: tuple[list[Placed], list[Placed], list[Placed], list[Placed]],
    harm: bool,
    befallen: bool,
) -> tuple[list[Placed], list[Placed]]:
    """Actors and recipients of an act.

    `found` are those who act by a preposition, those acted upon by one, and the others before and behind the trigger.
    """
    agents, marked, before, after = found
    performers = _performers(sentence, trigger, after) if not trigger.pattern.is_verb else []
    after = [p for p in after if p not in performers]
    if not agents and not performers and (subject := _subject(sentence, trigger, before)):
        direct = [p for p in after if _direct(sentence, p, trigger)]
        if direct or not befallen:
            return subject, nearest(direct or after or marked, trigger)
        if _complete(sentence, trigger):
            return [], subject  # «إن القاضي اعتقل أمس»: the passive is spelled alike
    if trigger.pattern.is_verb and _subject_is_told(sentence, trigger):
        return [], nearest([p for p in after if distance(p, trigger) <= GENITIVE] or marked, trigger)
    if harm:  # «قتل 20 شخصا»: phrases of people without power are not who did it
        weak = [p for p in before + after if victim(p) and not (_performs(sentence, trigger) or _judges(p, trigger))]
        strong_before = [p for p in before if p not in weak]
        if agents or performers:
            rest = [p for p in after + before if p not in agents]
            return nearest(agents or performers, trigger), nearest(marked or rest, trigger)
        first = nearest(after, trigger)
        if (
            befallen
            and first
            and distance(first[0], trigger) <= (SPEAKER if counted(sentence, first[0]) else GENITIVE + 1)
            and (counted(sentence, first[0]) or not any(_of(sentence, p) for p in marked))
        ):
            alone = victim(first[0]) or counted(sentence, first[0]) or first[0].name.label == "PER"
            spelled = {key[0] for key in sentence.readings[trigger.first].keys}
            if not trigger.pattern.is_verb and "p" not in spelled:  # «قتل» is both, «مقتل» a noun alone
                return nearest(strong_before if _is_done(sentence, trigger) else [], trigger), first
            if alone and (counted(sentence, first[0]) or not _apart(after, first)):
                return nearest(strong_before, trigger), first
        if _goes_off(sentence, trigger):
            return [], nearest(marked or after, trigger)
        if _suffered(sentence, trigger):
            return [], nearest(before, trigger) or nearest(after, trigger)
        strong_after = [
            p
            for p in after
            if p not in weak and not (trigger.pattern.is_verb and _oblique(sentence, p, trigger, after))
        ]
        if trigger.pattern.is_verb and _plural(sentence, trigger):
            # A verb in the plural has its subject before it: behind it stands the object.
            if befallen and not after:
                return [], nearest(before, trigger)
            return nearest(strong_before, trigger), nearest(after + marked, trigger)
        if trigger.pattern.is_verb:
            beside = strong_before and not _near(strong_after, trigger)
            actors = nearest(strong_before if beside else strong_after or strong_before, trigger)
        else:
            genitive = [p for p in strong_after if distance(p, trigger) <= 2]
            actors = nearest(genitive or strong_before, trigger)
        others = [p for p in after if p not in actors] or ([p for p in weak if p in before] if befallen else [])
        behind = [p for p in marked if p.first > trigger.first]
        return actors, nearest(sorted(others + behind, key=lambda p: p.first) or marked, trigger)
    if agents or performers:
        return nearest(agents or performers, trigger), nearest(after or before or marked, trigger)
    if trigger.pattern.is_verb:
        if before and not _near(after, trigger):
            return nearest(before, trigger), nearest(after or marked, trigger)
        actors = nearest([p for p in after if not _oblique(sentence, p, trigger, after)] if after else before, trigger)
        return actors, nearest([p for p in after if p not in actors] or marked, trigger)
    genitive = [p for p in after if distance(p, trigger) <= GENITIVE]
    actors = nearest(genitive or before or after, trigger)
    return actors, nearest(marked or [p for p in after if p not in actors and p not in genitive], trigger)


def owned(sentence: Sentence, placed: Placed) -> bool:
    """Whether a person is somebody's: «زوجته», «أبنائه»."""
    return placed.name.is_phrase and placed.name.facts.sector == "CVL" and sentence.folded[placed.last].endswith("ه")


def _is_done(sentence: Sentence, trigger: Match[Entry]) -> bool:
    """Whether somebody is said to do what the noun names: «قام بقتل», «نجح في قتل»."""
    before = sentence.folded[trigger.first - 1] if trigger.first else ""
    return sentence.folded[trigger.first].startswith("ب") or before in ("في", "من", "علي", "عن")


def _goes_off(sentence: Sentence, trigger: Match[Entry]) -> bool:
    """Whether the trigger tells of a bomb alone: whoever stands near it did not explode."""
    folded = canonical(sentence.folded[trigger.first]).lstrip("وفبل")
    return folded.startswith(("انفج", "نفج", "سيار", "عبو", "شاحن", "الانفج"))


def _suffered(sentence: Sentence, trigger: Match[Entry]) -> bool:
    """«تعرضت لهجوم», «تعرض السفير لمحاولة اغتيال»: who stands before the act was attacked."""
    clause = sentence.clauses[trigger.first]
    return any(
        "تعرض" in sentence.folded[place] and sentence.clauses[place] == clause
        for place in range(max(0, trigger.first - SPEAKER), trigger.first + 1)
    )


def _performs(sentence: Sentence, trigger: Match[Entry]) -> bool:
    """Whether the trigger is a verb of doing («نفذت عمليات»), whose subject is no victim whoever it is."""
    return trigger.pattern.is_verb and sentence.folded[trigger.first].lstrip("وف").startswith(PERFORM)


def _judges(placed: Placed, trigger: Match[Entry]) -> bool:
    """Whether a court does what courts do: it jails and punishes («قضت محكمة بسجن صحافي»)."""
    return placed.name.facts.sector == "JUD" and trigger.pattern.payload.type != "ASSAULT"


def _subject(sentence: Sentence, trigger: Match[Entry], before: list[Placed]) -> list[Placed]:
    """The party with which the clause of an Arabic verb opens: «إن حماس خطفت …», «الشرطة تعتقل …»."""
    if not trigger.pattern.is_verb and not any(key[0] == "p" for key in sentence.readings[trigger.first].keys):
        return []
    found = nearest(before, trigger)
    if not found or not {*sentence.folded[found[-1].last + 1 : trigger.first]} <= PARTICLES:
        return []
    if not _DATELINE.isdisjoint(sentence.gaps[found[-1].last + 1]):
        return []  # «واشنطن - فرضت وزارة الخزانة عقوبات»
    at, clause = found[0].first, sentence.clauses[trigger.first]
    while at > 0 and sentence.clauses[at - 1] == clause and is_number(sentence.folded[at - 1]):
        at -= 1
    if at > 0 and sentence.clauses[at - 1] == clause:
        first = at == 1 or sentence.clauses[at - 2] != clause
        opens = first and (clause in sentence.bridged or sentence.folded[at - 1].removeprefix("و") in PARTICLES)
        return found if opens else []
    return found


def _subject_is_told(sentence: Sentence, trigger: Match[Entry]) -> bool:
    """Whether a pronoun or relative before a verb is its subject: «إنه قتل مسلحا», «الذي استهدف المطار».

    A verb with a pronoun of its own has its subject behind it: «الذي نفذته الجماعة».
    """
    at = trigger.first - 1
    while at > 0 and sentence.folded[at] in PARTICLES:
        at -= 1
    if at < 0 or sentence.clauses[at] != sentence.clauses[trigger.first]:
        return False
    if not RESUMED.isdisjoint(sentence.folded[trigger.first + 1 : trigger.head + 3]):
        return False  # «التي ترفع فيها تونس …»
    own = any(form.suffix for key, form in sentence.readings[trigger.first].keys.items() if key[0] in "pi")
    return not own and (sentence.folded[at] in RELATIVES or is_pronoun(sentence.folded[at]))


def _oblique(sentence: Sentence, placed: Placed, trigger: Match[Entry], after: list[Placed]) -> bool:
    """Whether a noun behind a verb, or behind its subject, is spelled as its object: «قتل مسلحا»."""
    at = placed.first
    if not placed.name.is_phrase or not (at == trigger.first + 1 or any(p.last == at - 1 for p in after)):
        return False
    written = canonical(sentence.folded[at])
    noun = role_noun(sentence.folded[at], "ar")
    return written.endswith("ين") or (noun is not None and written.endswith(noun[0] + "ا"))


def _direct(sentence: Sentence, placed: Placed, trigger: Match[Entry]) -> bool:
    """Whether nothing but a number stands between a verb and a party behind it: its object, where it has a subject."""
    return all(is_number(word) for word in sentence.folded[trigger.first + 1 : placed.first])


def _complete(sentence: Sentence, trigger: Match[Entry]) -> bool:
    """Whether a verb has no object behind it: the clause ends there, or goes on with a preposition or a time."""
    after = trigger.head + 1
    if after >= len(sentence.folded) or sentence.clauses[after] != sentence.clauses[trigger.head]:
        return True
    word = canonical(sentence.folded[after])
    return word in ADVERBIAL or word[:1] == "ب" or sentence.gaps[after].strip() != ""


def _plural(sentence: Sentence, trigger: Match[Entry]) -> bool:
    return sentence.folded[trigger.first].endswith(("وا", "ون"))


def _apart(after: list[Placed], first: list[Placed]) -> list[Placed]:
    return [p for p in after if p not in first and not victim(p)]


def _performers(sentence: Sentence, trigger: Match[Entry], after: list[Placed]) -> list[Placed]:
    """Who does what a noun names, by a verb of doing behind it: «هجوم شنه مسلحون»."""
    for placed in after:
        if 2 <= distance(placed, trigger) <= SPEAKER:
            verb = sentence.folded[placed.first - 1].lstrip("وفت")
            if verb.startswith(PERFORM) and len(verb) <= 6:
                return nearest([placed], trigger)
    return []


def spelled_passive(sentence: Sentence, trigger: Match[Entry]) -> bool:
    """Whether an Arabic verb is written as a passive: «صودر» of «صادر», «أقيلت» of «أقال», «أصيب» by itself."""
    own = trigger.pattern.elements[0]
    for form in (key[2:] for key in sentence.readings[trigger.first].keys if key in own and key[0] == "p"):
        active = (form[:1] + form[1:].replace("و", "ا", 1), form.replace("ي", "ا", 1))
        if any(one != form and f"p:{one}" in own for one in active):
            return True
        base = next(
            (form.removesuffix(end) for end in _PERSONS if _HOLLOW_PASSIVE.fullmatch(form.removesuffix(end))), ""
        )
        if base and f"p:{base}وا" in own:
            return True
    return False


def _near(after: list[Placed], trigger: Match[Entry]) -> bool:
    return bool(after) and distance(after[0], trigger) <= 2


def _of(sentence: Sentence, placed: Placed) -> bool:
    """Whether «ل» marks the object of a verbal noun: «قصف الجيش للمدنيين»."""
    return sentence.folded[placed.first].startswith("ل")
