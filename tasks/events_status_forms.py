"""What a verb's form says of an act: its own, or that of the verb which carries a noun.

«سيعقد الرئيسان لقاء» and «دیدار … برگزار نشد» tell by the verb whether the meeting is planned or was not held.
"""

from __future__ import annotations

from typing import NamedTuple

from tasks.events_clauses import Sentence
from tasks.lexicon import Entry
from tasks.lexicon_forms import NEGATIVE_KINDS, VERB_KINDS
from tasks.lexicon_match import Match

#: Arabic words that only nouns follow: «في فرض عقوبات» has no verb though «فرض» may be one.
_BEFORE_NOUNS = frozenset({"في", "من", "الي", "علي", "عن", "بعد", "قبل", "عقب", "اثر", "منذ", "خلال", "بسبب", "دون"})
#: How far a verb of no act of its own colours a noun («سيعقد الرئيسان لقاء», «دیدار … برگزار نشد»).
CARRIES = {"ar": 8, "fa": 12, "en": 0}
#: «برگزار» makes a noun a date: «نشست برگزار می‌شود» announces a meeting, as no other verb in the present does.
_HELD = "برگزار"


class Form(NamedTuple):
    """What a verb's form says, and its words: the trigger's own, or those of the verb that carries a noun."""

    modality: str
    negative: bool
    first: int
    last: int


def kinds_of(sentence: Sentence, trigger: Match[Entry]) -> set[str]:
    """Which kinds of form the trigger's leading word may be; n for nouns."""
    if trigger.first and sentence.folded[trigger.first - 1] in _BEFORE_NOUNS:
        return {"n"}
    place = trigger.verb if trigger.verb is not None else trigger.first
    if trigger.pattern.is_verb and trigger.verb == trigger.first and len(sentence.readings) > place:
        keys = sentence.readings[place].keys
        found = {key[0] for key in trigger.pattern.elements[0] if key in keys and not _masdar(key, keys[key].prefix)}
        return found & VERB_KINDS or {"n"}
    return {"n"}


def _masdar(key: str, prefix: str) -> bool:
    """Whether a preposition makes a noun of what is spelled as a perfect: «لعقد محادثات»."""
    return key[0] == "p" and prefix.lstrip("وف")[:1] in ("ل", "ب")


def form_of(sentence: Sentence, at: int, kinds: set[str], language: str, *, shielded: bool) -> Form:
    """Modality and negation by the form of the trigger's verb, or of the verb that carries a noun."""
    if language == "fa":
        return _persian_form(sentence, at, shielded)
    trigger = sentence.triggers[at]
    if kinds == {"n"} and language == "ar" and not shielded:
        return _arabic_carrier(sentence, trigger)
    modality = _own_form(sentence, trigger, kinds, language)
    return Form(modality, False, trigger.first, trigger.first)


def _own_form(sentence: Sentence, trigger: Match[Entry], kinds: set[str], language: str) -> str:
    if language == "en":
        if "b" in kinds and not kinds & {"p", "i"}:
            near = {*sentence.folded[max(0, trigger.first - 3) : trigger.first]}
            return "happened" if near & {"did", "didn"} else "hypothetical"
        return "ongoing" if kinds & {"g", "i"} and "p" not in kinds else "happened"
    if "i" in kinds and "p" not in kinds:
        before = sentence.folded[trigger.first - 1] if trigger.first else ""
        if before.lstrip("وف") == "لم":
            return "happened"
        prefix = next(f.prefix for k, f in sentence.readings[trigger.first].keys.items() if k[0] == "i")
        opened = before in ("ان", "لان", "كي", "لكي", "حتي", "بان")
        return "planned" if "س" in prefix else "hypothetical" if opened or "ل" in prefix else "ongoing"
    return "happened"


def _arabic_carrier(sentence: Sentence, trigger: Match[Entry]) -> Form:
    for place in range(trigger.first - 1, max(-1, trigger.first - 1 - CARRIES["ar"]), -1):
        if sentence.clauses[place] != sentence.clauses[trigger.first]:
            break
        reading = sentence.readings[place]
        if not reading.verbal or any(key[0] == "n" for key in reading.keys):
            continue
        if trigger.first - place > 2 and is_for(sentence, trigger):
            break
        forms = [form for key, form in reading.keys.items() if key[0] in "pi"]
        before = sentence.folded[place - 1].lstrip("وف") if place else ""
        future = before in ("لن", "سوف") or any("س" in form.prefix for form in forms)
        perhaps = before in ("قد", "ربما") and any(form.kind == "i" for form in forms)
        modality = "planned" if future else "hypothetical" if perhaps else "happened"
        particle = before in ("لم", "لن", "سوف", "قد", "ربما")
        return Form(modality, before in ("لم", "لن"), place - particle, place)
    return Form("happened", False, trigger.first, trigger.first)


def is_for(sentence: Sentence, trigger: Match[Entry]) -> bool:
    """Whether «ل» puts an act behind what is done for it: «لم يقدم توقيتا للمكالمة» denies no call."""
    return any(form.prefix.startswith("ل") for form in sentence.readings[trigger.first].keys.values())


def _persian_form(sentence: Sentence, at: int, shielded: bool) -> Form:
    trigger = sentence.triggers[at]
    plain = Form("happened", False, trigger.first, trigger.first)
    place = trigger.last if trigger.pattern.is_verb else None if shielded else _persian_carrier(sentence, at)
    if place is None:
        return plain
    kinds: set[str] = set()
    spelled = set()
    group = sentence.verb_group(place)
    for word in group:
        own = trigger.pattern.is_verb and word == trigger.last
        keys = sentence.readings[word].keys
        kinds |= {k[0] for k in keys if (not own or k in trigger.pattern.elements[-1]) and k[0] in VERB_KINDS}
        spelled.add(sentence.folded[word])
    negative = bool(kinds & NEGATIVE_KINDS) or any(w.startswith("نخواه") for w in spelled)
    held = not trigger.pattern.is_verb and _HELD in (sentence.folded[place - 1], sentence.folded[place])
    if any(w.startswith(("خواه", "نخواه")) for w in spelled):
        modality = "planned"
    elif kinds & {"p", "P", "d"}:
        modality = "happened"
    elif kinds & {"s", "S"}:
        modality = "hypothetical"
    elif kinds & {"i", "I"}:
        modality = "planned" if held else "ongoing"
    else:
        modality = "happened"
    return Form(modality, negative, group[0], group[-1])


def _persian_carrier(sentence: Sentence, at: int) -> int | None:
    """The verb that ends the noun's clause, unless another act stands between."""
    trigger = sentence.triggers[at]
    last = min(len(sentence.folded), trigger.head + 2 + CARRIES["fa"])
    for place in range(trigger.head + 1, last):
        if sentence.clauses[place] != sentence.clauses[trigger.first]:
            return None
        if at + 1 < len(sentence.triggers) and sentence.triggers[at + 1].first <= place:
            return None
        if any(key[0] in "pisPIS" for key in sentence.readings[place].keys):
            return place
    return None
