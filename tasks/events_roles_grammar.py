"""Who acts and who is acted upon where one does something to another, by the grammar of each language.

Arabic verbs have their subject behind them, or before them where the sentence opens with it, and then their object.
Persian has the subject first, «را» behind the object and the verb last. What a preposition introduces is acted
upon, or acts («على يد», «از سوی», "by"). The genitive of a noun is its object where the noun says what befalls
somebody («مقتل جنديين»), else its subject («هجوم المسلحين»).
"""

from __future__ import annotations

from tasks.clitics import Spellings, canonical
from tasks.events_clauses import Sentence
from tasks.events_parties_placed import GENITIVE, Placed, counted, distance, is_number, nearest, power, speaks, victim
from tasks.events_roles_arabic import arabic, owned, spelled_passive
from tasks.events_roles_words import (
    BECOME,
    BEFALLS,
    BOTH_VOICES,
    BY_FIRE,
    HARM,
    OBJECTIVE,
    PASSIVE,
    PERSIAN_PREPOSITIONS,
    PERSIAN_STRIKERS,
    STRIKERS,
)
from tasks.lexicon import Entry
from tasks.lexicon_match import Match
from tasks.lexicon_reader import Reader

#: Whether a noun of an act has whom it is done to in its genitive.
_OBJECTIVE = Spellings(lambda folded: canonical(folded).lstrip("وبل").removeprefix("ال") in OBJECTIVE)


def assigned(
    sentence: Sentence, trigger: Match[Entry], placed: list[Placed], reader: Reader, befallen: bool
) -> tuple[list[Placed], list[Placed]]:
    """Actors and recipients of an act that one does to another."""
    actors, recipients = _assigned(sentence, trigger, placed, reader, befallen)
    if befallen and not trigger.pattern.is_verb and trigger.pattern.payload.type in HARM:
        # «اغتيال ضابط»: the pattern of a noun has whom the act befalls.
        told = [p for p in placed if p.first == trigger.first + 1 and p not in actors and not p.marker]
        recipients = told or recipients
    return actors, recipients


def _assigned(
    sentence: Sentence, trigger: Match[Entry], placed: list[Placed], reader: Reader, befallen: bool
) -> tuple[list[Placed], list[Placed]]:
    language, kind, verbal = reader.language, trigger.pattern.payload.type, trigger.pattern.is_verb
    if not placed:
        return [], []
    sorts: dict[str, list[Placed]] = {"agent": [], "recipient": [], "object": [], "": []}
    itself: list[Placed] = []
    first, head = trigger.first, trigger.head
    for party in placed:
        held = first <= party.first <= head
        if held and party.marker != "object" and _names_actor(sentence, party, trigger, language):
            itself.append(party)
            if not party.marker:
                continue
        # «قتل جنود شابا»: the pattern of an Arabic verb has the verb and whoever is behind it.
        apart = party.marker or not held or (language == "ar" and verbal and party.first == first + 1)
        his = language == "ar" and party.first != head + 1 and owned(sentence, party)
        if apart and not (his and not party.marker):
            sorts.setdefault(party.marker, []).append(party)
    agents, marked, objects, bare = sorts["agent"], sorts["recipient"], sorts["object"], sorts[""]
    before = [p for p in bare if p.last < first and (verbal or not speaks(sentence, p, reader))]
    after = [p for p in bare if p.first > first]
    if kind == "PROTEST":
        crowd = [p for p in itself + before + after if power(p)]
        actors = itself or nearest([p for p in (after or before) + before if p not in crowd], trigger)
        others = [p for p in marked + crowd if p not in actors]
        addressed = [p for p in others + bare if p not in actors and _demanded_of(sentence, p)]
        return actors, nearest(addressed or others, trigger)
    if not verbal and not agents and _OBJECTIVE[sentence.folded[first]]:
        genitive = [p for p in objects + after if distance(p, trigger) in range(GENITIVE)]
        if genitive:
            return nearest(before, trigger), nearest(genitive, trigger)
    if itself:
        return itself, nearest(objects or after or marked, trigger)
    harm = kind in HARM
    undergone = trigger.pattern.payload.passive or (language == "ar" and verbal and spelled_passive(sentence, trigger))
    if language == "fa" and (undergone or (harm and befallen and (not objects or not verbal))):
        genitive = [p for p in objects + after if distance(p, trigger) in range(GENITIVE)]
        many = [p for p in before if counted(sentence, p) and not _embedded(sentence, p, -1)]
        subject = (many[-1:] or _first(sentence, before, trigger)) if verbal else nearest(genitive, trigger)
        return nearest(agents, trigger), subject or nearest(bare, trigger) or nearest(marked, trigger)
    if undergone:
        return nearest(agents, trigger), nearest(bare, trigger) or nearest(marked, trigger)
    if language == "fa":
        return _persian(sentence, trigger, (agents, objects, marked, before, after), harm)
    if language == "en":
        after = [p for p in after if not _says(sentence, p)]
        if verbal and not PASSIVE.isdisjoint(sentence.folded[max(0, trigger.first - 3) : trigger.first]):
            return nearest(agents, trigger), nearest(before or after, trigger)
        if verbal:
            return nearest(before or agents, trigger), nearest(after or marked, trigger)
        return nearest(agents or before or after, trigger), nearest(marked, trigger)
    return arabic(sentence, trigger, (agents, marked, before, after), harm, befallen)


def _persian(
    sentence: Sentence,
    trigger: Match[Entry],
    found: tuple[list[Placed], list[Placed], list[Placed], list[Placed], list[Placed]],
    harm: bool,
) -> tuple[list[Placed], list[Placed]]:
    """A clause begins with its subject and ends with its verb; a noun has who acts right behind it."""
    agents, objects, marked, before, after = found
    if trigger.pattern.is_verb:
        return nearest(agents, trigger) or _first(sentence, before, trigger) or nearest(after, trigger), nearest(
            objects or marked, trigger
        )
    if harm:
        before, after = ([p for p in some if not _is_count(sentence, p)] for some in (before, after))
    asks = sentence.folded[trigger.first] in ("خواستار", "خواهان")
    beside = bool(after) and distance(after[0], trigger) <= 1 and not asks
    genitive = beside and not (after[0].name.is_phrase and victim(after[0]))  # «حمله یمنی‌ها», not «کشتار غیرنظامیان»
    actors = agents or (after if genitive else before or after)
    return nearest(actors, trigger), nearest(objects or marked, trigger)


def _first(sentence: Sentence, before: list[Placed], trigger: Match[Entry]) -> list[Placed]:
    """The first party of a Persian clause and those joined with it: its subject, if no preposition leads to it."""
    said = max((place for place in sentence.saying if place < trigger.first), default=-1)
    led = False
    before = [p for p in before if p.first > said] or before  # «اسرائیل مدعی شد حماس …»
    for at, placed in enumerate(before):
        led = _embedded(sentence, placed, before[at - 1].last if at else -1) or (led and _and(sentence, placed))
        if not led:
            last = at + 1
            while last < len(before) and before[last].joined:
                last += 1
            return before[at:last]
    return nearest(before, trigger)


def _and(sentence: Sentence, placed: Placed) -> bool:
    return placed.joined and not sentence.gaps[placed.first].strip(" \u200c")


def _embedded(sentence: Sentence, placed: Placed, since: int) -> bool:
    """Whether a party is part of what a preposition leads to: «در پی شلیک پلیس», «در حمله هوایی عربستان»."""
    for place in range(placed.first - 1, max(since, placed.first - 5), -1):
        if sentence.gaps[place + 1].strip(" \u200c") or is_number(sentence.folded[place]):
            return False
        if sentence.folded[place] in PERSIAN_PREPOSITIONS:
            return True
    return False


def _is_count(sentence: Sentence, placed: Placed) -> bool:
    """Whether a Persian phrase tells how many people there are and no more: «ده تن»."""
    return placed.name.is_phrase and sentence.folded[placed.first] in ("نفر", "تن")


def _says(sentence: Sentence, placed: Placed) -> bool:
    """Whether an English party tells of the act: "…, police said"."""
    return placed.last + 1 < len(sentence.folded) and sentence.readings[placed.last + 1].speech


def _demanded_of(sentence: Sentence, placed: Placed) -> bool:
    """«مطالبين الحكومة بالتدخل»: of whom protesters demand something is whom they protest against."""
    before = sentence.folded[placed.first - 1] if placed.first else ""
    return before.lstrip("و").startswith(("مطالبين", "مطالبا", "مناشدين", "مطالبه"))


def _names_actor(sentence: Sentence, placed: Placed, trigger: Match[Entry], language: str) -> bool:
    """Whether the trigger itself names who acts: «متظاهرون», «فجر انتحاري», but not the adjective of an attack."""
    if not placed.name.is_phrase or not trigger.first <= placed.first <= trigger.head:
        return False
    if trigger.pattern.payload.type == "PROTEST":
        return not power(placed)
    if trigger.pattern.payload.mode in ("withdraw", "troops"):  # «انسحاب القوات الأوكرانية»
        return True
    if trigger.pattern.is_verb and language == "ar" and placed.first > trigger.first:
        noun = canonical(sentence.folded[placed.first])
        return noun in STRIKERS or (placed.name.facts.sector in ("UAF", "JUD") and noun.endswith("ون"))
    if not trigger.pattern.is_verb and placed.first == trigger.first + 1:
        noun = canonical(sentence.folded[placed.first])
        strikes = noun in STRIKERS or canonical(sentence.folded[trigger.first]) in BY_FIRE
        return strikes if language == "ar" else noun.startswith(PERSIAN_STRIKERS)
    return not victim(placed) and (trigger.pattern.is_verb or placed.first == trigger.first)


def is_befallen(sentence: Sentence, trigger: Match[Entry], language: str) -> bool:
    """Whether the trigger may say what befalls the party beside it, not what it does."""
    if language == "fa":
        verb = trigger.verb
        if verb is not None and trigger.pattern.is_verb:
            return _is_undergone(sentence, verb)
        return canonical(sentence.folded[trigger.first]) in BEFALLS
    keys = {form.form for key, form in sentence.readings[trigger.first].keys.items() if key[0] == "n"}
    folded = canonical(sentence.folded[trigger.first])
    if trigger.pattern.is_verb:
        return folded in BOTH_VOICES or folded[1:] in BOTH_VOICES
    return bool((keys | {folded}) & BEFALLS)


def _is_undergone(sentence: Sentence, verb: int) -> bool:
    """Whether a Persian verb says what befalls its subject: «بازداشت شد», «به قتل رسید», «هدف حمله قرار گرفت»."""
    word, before = sentence.folded[verb], sentence.folded[verb - 1] if verb else ""
    if word.startswith(BECOME):
        return before != "درگير"
    if word.startswith(("رسيد", "رسند", "مي رس", "ميرس", "نرسيد")):
        return verb > 1 and sentence.folded[verb - 2] == "به"
    return before == "قرار" and word.startswith(("گرفت", "مي گير", "ميگير", "گير", "نگرفت"))
