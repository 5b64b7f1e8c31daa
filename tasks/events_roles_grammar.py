"""Who acts and who is acted upon where one does something to another, by the grammar of each language.

Arabic verbs have their subject behind them, or before them where the sentence opens with it, and then their object.
Persian has the subject first, «را» behind the object and the verb last. What a preposition introduces is acted
upon, or acts («على يد», «از سوی», "by"). The genitive of a noun is its object where the noun says what befalls
somebody («مقتل جنديين»), else its subject («هجوم المسلحين»).
"""

from __future__ import annotations

from tasks.clitics import canonical
from tasks.events_clauses import Sentence
from tasks.events_parties_placed import SPEAKER, Placed, counted, distance, nearest, power, speaks, victim
from tasks.events_roles_words import BECOME, BEFALLS, BOTH_VOICES, HARM, PERFORM
from tasks.lexicon import Entry
from tasks.lexicon_match import Match
from tasks.lexicon_reader import Reader

#: A genitive follows its noun at once, with a number between at most.
GENITIVE = 3


def assigned(
    sentence: Sentence, trigger: Match[Entry], placed: list[Placed], reader: Reader, befallen: bool
) -> tuple[list[Placed], list[Placed]]:
    """Actors and recipients of an act that one does to another."""
    language, kind, verbal = reader.language, trigger.pattern.payload.type, trigger.pattern.is_verb
    agents = [p for p in placed if p.marker == "agent"]
    marked = [p for p in placed if p.marker == "recipient"]
    objects = [p for p in placed if p.marker == "object"]
    itself = [p for p in placed if _names_actor(p, trigger)]
    bare = [p for p in placed if not p.marker and p not in itself and not trigger.first <= p.first <= trigger.head]
    before = [p for p in bare if p.last < trigger.first and (verbal or not speaks(sentence, p, reader))]
    after = [p for p in bare if p.first > trigger.head]
    if kind == "PROTEST":
        crowd = [p for p in itself + before + after if power(p)]
        actors = itself or nearest([p for p in (after or before) + before if p not in crowd], trigger)
        others = [p for p in marked + crowd if p not in actors]
        addressed = [p for p in others + bare if p not in actors and _demanded_of(sentence, p)]
        return actors, nearest(addressed or others, trigger)
    if itself:
        return itself, nearest(objects or after or marked, trigger)
    harm = kind in HARM
    undergone = trigger.pattern.payload.passive or (language == "ar" and verbal and _spelled_passive(sentence, trigger))
    if undergone or (harm and language == "fa" and befallen and not objects):
        return nearest(agents, trigger), nearest(bare, trigger) or nearest(marked, trigger)
    if language == "fa":
        actors = agents or before or after
        return nearest(actors, trigger), nearest(objects or marked, trigger)
    if language == "en":
        if verbal:
            return nearest(before or agents, trigger), nearest(after or marked, trigger)
        return nearest(agents or before or after, trigger), nearest(marked, trigger)
    return _arabic(sentence, trigger, (agents, marked, before, after), harm, befallen)


def _arabic(
    sentence: Sentence,
    trigger: Match[Entry],
    found: tuple[list[Placed], list[Placed], list[Placed], list[Placed]],
    harm: bool,
    befallen: bool,
) -> tuple[list[Placed], list[Placed]]:
    agents, marked, before, after = found
    performers = _performers(sentence, trigger, after) if not trigger.pattern.is_verb else []
    after = [p for p in after if p not in performers]
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
        strong_after = [p for p in after if p not in weak]
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
        if before and (_opens_clause(sentence, before[-1], trigger) or not _near(after, trigger)):
            return nearest(before, trigger), nearest(after or marked, trigger)
        actors = nearest(after or before, trigger)
        return actors, nearest([p for p in after if p not in actors] or marked, trigger)
    genitive = [p for p in after if distance(p, trigger) <= GENITIVE]
    actors = nearest(genitive or before or after, trigger)
    return actors, nearest(marked or [p for p in after if p not in actors and p not in genitive], trigger)


def _demanded_of(sentence: Sentence, placed: Placed) -> bool:
    """«مطالبين الحكومة بالتدخل»: of whom protesters demand something is whom they protest against."""
    before = sentence.folded[placed.first - 1] if placed.first else ""
    return before.lstrip("و").startswith(("مطالبين", "مطالبا", "مناشدين", "مطالبه"))


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


def _plural(sentence: Sentence, trigger: Match[Entry]) -> bool:
    return sentence.folded[trigger.first].endswith(("وا", "ون"))


def _names_actor(placed: Placed, trigger: Match[Entry]) -> bool:
    """Whether the trigger itself names who acts: «متظاهرون», «فجر انتحاري», but not the adjective of an attack."""
    if not placed.name.is_phrase or not trigger.first <= placed.first <= trigger.head:
        return False
    if trigger.pattern.payload.type == "PROTEST":
        return not power(placed)
    if trigger.pattern.payload.mode in ("withdraw", "troops"):  # «انسحاب القوات الأوكرانية»
        return True
    return not victim(placed) and (trigger.pattern.is_verb or placed.first == trigger.first)


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


def _spelled_passive(sentence: Sentence, trigger: Match[Entry]) -> bool:
    """Whether an Arabic verb is written as a passive: «صودر» of «صادر», «أقيلت» of «أقال»."""
    own = trigger.pattern.elements[0]
    for form in (key[2:] for key in sentence.readings[trigger.first].keys if key in own and key[0] == "p"):
        active = (form[:1] + form[1:].replace("و", "ا", 1), form.replace("ي", "ا", 1))
        if any(one != form and f"p:{one}" in own for one in active):
            return True
    return False


def _opens_clause(sentence: Sentence, placed: Placed, trigger: Match[Entry]) -> bool:
    """Whether a verb's subject opens its clause: «أن بوتين يطالب أوكرانيا», «الرئيس الصيني رحب»."""
    opening = placed.first and sentence.clauses[placed.first] == sentence.clauses[placed.first - 1]
    behind = sentence.folded[placed.first - 1] if placed.first else ""
    return placed.last == trigger.first - 1 and (not opening or behind in ("ان", "بان", "لان", "لكن"))


def _near(after: list[Placed], trigger: Match[Entry]) -> bool:
    return bool(after) and distance(after[0], trigger) <= 2


def _of(sentence: Sentence, placed: Placed) -> bool:
    """Whether «ل» marks the object of a verbal noun: «قصف الجيش للمدنيين»."""
    return sentence.folded[placed.first].startswith("ل")


def is_befallen(sentence: Sentence, trigger: Match[Entry], language: str) -> bool:
    """Whether the trigger may say what befalls the party beside it, not what it does."""
    if language == "fa":
        verb = trigger.verb
        if verb is not None and trigger.pattern.is_verb:
            return sentence.folded[verb].startswith(BECOME)
        return canonical(sentence.folded[trigger.first]) in BEFALLS
    keys = {form.form for key, form in sentence.readings[trigger.first].keys.items() if key[0] == "n"}
    folded = canonical(sentence.folded[trigger.first])
    if trigger.pattern.is_verb:
        return folded in BOTH_VOICES or folded[1:] in BOTH_VOICES
    return bool((keys | {folded}) & BEFALLS)
