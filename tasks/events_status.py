"""Whether an act happened: modality, polarity and time of a trigger, from the cues within reach.

Order of evidence: words that govern the act («دعا إلى», «رفض»), cues of the lexicon, then the verb's own form.
Where cues disagree the one that takes most away from the fact decides: a meeting that is planned and was
called off is called off.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tasks.events_clauses import Sentence
from tasks.events_party_nouns import word_set
from tasks.events_status_forms import form_of, is_for, kinds_of
from tasks.lexicon import Cue, Entry
from tasks.lexicon_match import Match
from tasks.lexicon_reader import Reader

_RANK = ("cancelled", "postponed", "demanded", "hypothetical", "planned", "claimed", "ongoing", "happened")
#: The rule by which a governing act says what has become of the act that it governs.
GOVERNED = "governing-act"
#: No cue reaches further than this many words (the largest `reach` a lexicon may declare).
FARTHEST = 40
#: So many cues are looked at one by one sooner than searched; what is too far off does not reach anyway.
FEW = 12
#: How far a governing verb or noun reaches to the act that it governs.
GOVERNS = {True: 8, False: 4}
#: «لم يقدم المتحدث أمس توقيتا محتملا للمكالمة»: so far from what is not done stands what it is for.
NOT_DONE = 4
#: So many words stand between two nouns that «و» joins, itself among them.
JOINED = 2
#: Says that what an Arabic verb tells is past, which a denial of it may deny: «نفى أن يكون قد قتل».
_INDEED = frozenset({"قد", "لقد"})
#: Cues that take back what they rule, however firmly it is told.
_TAKES_BACK = frozenset({"negated", "claimed"})
#: What becomes of an act may be told behind a relative clause.
_PUT_OFF = frozenset({"postponed", "cancelled"})
_NOT_OR_WHAT = frozenset({"ما", "وما", "فما"})
#: Words behind which «ما» denies.
_BEFORE_NOT = frozenset({"ان", "بان", "انه", "انها", "انهم", "اننا", "انني", "اني", "نحن", "انا", "لكن", "لكننا", "بل"})
#: What comes of something: «…، ما أدى إلى», «ما أسفر عن».
_OUTCOMES = word_set(
    """
    ادي ادت اسفر اسفرت تسبب تسببت اوقع اوقعت اودي اودت خلف خلفت احدث احدثت دفع دفعت جعل جعلت اثار اثارت نتج نجم اسقط
    """
)
#: Signs behind which a sentence or a quotation begins anew.
_OPENS = re.compile('[.!?؟:؛«»“”„"]')


class Evidence(NamedTuple):
    """The words of the sentence, by offset, that gave an act one part of its status, and the rule that heard them."""

    aspect: str
    value: str
    start: int
    end: int
    method: str


@dataclass(frozen=True, slots=True)
class Status:
    """What is said of an act beside the act; `cued` tells whether words said it, or only the verb's form.

    `evidence` has an entry for each part that differs from an affirmed, current act that happened.
    """

    modality: str
    polarity: str
    time: str
    cued: bool
    evidence: tuple[Evidence, ...] = field(default=(), compare=False)


PLAIN = Status("happened", "affirmed", "current", cued=False)


def of(
    sentence: Sentence,
    at: int,
    governors: Sequence[Match[Entry]],
    reader: Reader,
    published_year: int | None,
) -> Status:
    """The status of trigger number `at`."""
    trigger = sentence.triggers[at]
    kinds = kinds_of(sentence, trigger)
    said: dict[str, tuple[int, int, str]] = {}
    shield = FARTHEST + 1
    near = [
        (cue, distance)
        for cue in _near(sentence, trigger)
        if (distance := _reaches(cue, trigger, kinds, sentence)) is not None
    ]
    firm = False
    for cue, distance in near:
        if cue.pattern.payload.says == "happened" and distance:
            shield = min(shield, -distance)
            firm |= sentence.folded[cue.first] not in _INDEED
    for cue, distance in near:
        # Behind «بعد» or "after" an act is a fact; only adjectives right behind it may still change that.
        rule = cue.pattern.payload
        denied = not firm and distance < 0 and rule.crosses and rule.says in _TAKES_BACK
        if shield <= FARTHEST and (-distance > shield or distance > 4) and not denied:
            continue
        said.setdefault(cue.pattern.payload.says, (cue.first, cue.last, "cue"))
    if (undone := _denied_for(sentence, trigger)) is not None:
        said.setdefault("hypothetical", (undone, undone, "cue"))
    for governor in governors:
        if shield > FARTHEST and governor.pattern.payload.governs:
            doubt = _doubted(sentence, governor)
            said.setdefault(*(doubt or (governor.pattern.payload.governs, (governor.first, governor.head, GOVERNED))))
    form = form_of(sentence, at, kinds, reader.language, shielded=shield <= FARTHEST)
    by_form = (form.first, form.last, "verb-form")
    if "demanded" in said and "hypothetical" in said and said["hypothetical"][1] < said["demanded"][0]:
        del said["demanded"]  # «بعید است که خواستار آتش‌بس شود»: the demand itself is in doubt
    if "refused" in said:
        said["planned"] = said["negated"] = said["refused"]
    modality = next((name for name in _RANK if name in said), form.modality) if said else form.modality
    if modality == "happened" and form.modality == "ongoing" and shield > FARTHEST:
        modality = "ongoing"
    negated = "negated" in said or form.negative
    if negated and form.modality == "planned" and modality == "hypothetical":
        modality = "planned"
    asked = modality in ("happened", "ongoing") and sentence.text.rstrip()[-1:] in ("?", "؟")
    past_year = _past_year(sentence, trigger, reader, published_year)
    if asked:
        modality = "hypothetical"
    historical = "historical" in said or past_year is not None
    time = "historical" if historical and modality in ("happened", "ongoing", "claimed") else "current"
    evidence: list[Evidence] = []
    if asked:
        end = len(sentence.text.rstrip())
        evidence.append(Evidence("modality", modality, end - 1, end, "question-mark"))
    elif modality != "happened" or modality in said:
        evidence.append(_heard(sentence, "modality", modality, said.get(modality, by_form)))
    if negated:
        evidence.append(_heard(sentence, "polarity", "negated", said.get("negated", by_form)))
    if time == "historical":
        year = (past_year or 0, past_year or 0, "past-year")
        evidence.append(_heard(sentence, "time_status", time, said.get("historical", year)))
    return Status(modality, "negated" if negated else "affirmed", time, bool(said), tuple(evidence))


def shares(sentence: Sentence, at: int, before: Status, own: Status) -> bool:
    """Whether a noun has the status of the noun before it, which «و» joins: «نحو وقف النار والتوصل إلى اتفاق»."""
    one, other = sentence.triggers[at - 1], sentence.triggers[at]
    if own != PLAIN or before.time != "current" or not _same(sentence, one, other):
        return False
    apart = sentence.folded[one.places[-1] + 1 : other.first]
    joined = sentence.folded[other.first].startswith("و") or apart[-1:] in (["و"], ["and"])
    nouns = all(act.verb in (None, act.first) and kinds_of(sentence, act) == {"n"} for act in (one, other))
    return joined and len(apart) <= JOINED and nouns


def _denied_for(sentence: Sentence, trigger: Match[Entry]) -> int | None:
    """The "not" of something that was not done for an act: «لم يحدد موعدا للقمة» leaves the summit open."""
    if trigger.first < 3 or not is_for(sentence, trigger):
        return None
    for place in range(trigger.first - 3, max(-1, trigger.first - 3 - NOT_DONE), -1):
        if sentence.clauses[place] != sentence.clauses[trigger.first]:
            return None
        if sentence.folded[place].lstrip("وف") in ("لم", "لن"):
            return place
    return None


def _doubted(sentence: Sentence, governor: Match[Entry]) -> tuple[str, tuple[int, int, str]] | None:
    """What is to be said of an act whose governing act is unsure itself: «من غير المرجح أن يوصي بعقد قمة»."""
    kinds = kinds_of(sentence, governor)
    for cue in _near(sentence, governor):
        if cue.pattern.payload.says == "hypothetical" and _reaches(cue, governor, kinds, sentence) is not None:
            return "hypothetical", (cue.first, cue.last, "cue")
    return None


def _heard(sentence: Sentence, aspect: str, value: str, by: tuple[int, int, str]) -> Evidence:
    start, end = sentence.span(by[0], by[1])
    return Evidence(aspect, value, start, end, by[2])


def governing(sentence: Sentence, at: int, language: str) -> list[Match[Entry]]:
    """The triggers that govern another one: before it within reach, in Persian also behind it."""
    trigger = sentence.triggers[at]
    found = []
    for other in sentence.triggers[max(0, at - 6) : at + 4]:
        entry = other.pattern.payload
        if not entry.governs or entry.type == trigger.pattern.payload.type:
            continue
        reach = GOVERNS[other.pattern.is_verb]
        before = 0 < trigger.first - other.head <= reach + 1
        behind = language == "fa" and other.pattern.is_verb and 0 < other.first - trigger.head <= reach + 1
        if (before and _bridges(sentence, other.first, trigger.first)) or (behind and _same(sentence, other, trigger)):
            found.append(other)
    return found


def _near(sentence: Sentence, trigger: Match[Entry]) -> list[Match[Cue]]:
    """The cues that may reach the trigger; a word of the trigger itself is no cue («تحریم‌ها را لغو کرد»)."""
    cues, own = sentence.cues, {*trigger.places}
    if len(cues) > FEW:
        low = bisect_left(cues, trigger.first - FARTHEST - 4, key=lambda cue: cue.first)
        high = bisect_left(cues, trigger.head + FARTHEST + 1, key=lambda cue: cue.first)
        cues = cues[low:high]
    first, last = trigger.first, trigger.places[-1]
    return [
        cue
        for cue in cues
        if cue.first > last or cue.places[-1] < first or own.isdisjoint(range(cue.first, cue.places[-1] + 1))
    ]


def _reaches(cue: Match[Cue], trigger: Match[Entry], kinds: set[str], sentence: Sentence) -> int | None:
    """How far the cue stands from the trigger, negative before it, or None where it does not speak of it."""
    rule = cue.pattern.payload
    if rule.says == "negated" and sentence.folded[cue.first] in _NOT_OR_WHAT and cue.first == cue.last:
        return -1 if cue.first == trigger.first - 1 and _denies(sentence, cue.first) else None
    if (rule.kinds and kinds.isdisjoint(rule.kinds)) or (rule.types and trigger.pattern.payload.type not in rule.types):
        return None
    if cue.last < trigger.first:
        distance = cue.last - trigger.first
        if rule.side == "after" or -distance - 1 > rule.reach:
            return None
        held = _bridges(sentence, cue.last, trigger.first) if rule.crosses else _same(sentence, cue, trigger)
        if rule.says == "negated" and distance < -2 and not rule.crosses and is_for(sentence, trigger):
            return None
    elif cue.first > trigger.head:
        distance = cue.first - trigger.head
        if rule.side == "before" or distance - 1 > rule.reach:
            return None
        held = _same(sentence, cue, trigger) or (rule.crosses and _bridges(sentence, trigger.head, cue.first))
        held = held or (rule.says in _PUT_OFF and _around(sentence, trigger, cue))
    else:
        return None
    return distance if held else None


def _around(sentence: Sentence, trigger: Match[Entry], cue: Match[Cue]) -> bool:
    """Whether a relative clause alone stands between an act and what became of it: «مذاکراتی که …، به تعویق افتاد»."""
    at = bisect_right(sentence.triggers, trigger.head, key=lambda one: one.first)
    if at < len(sentence.triggers) and sentence.triggers[at].first < cue.last:
        return False
    opening = bisect_right(sentence.clauses, sentence.clauses[trigger.head])
    return sentence.folded[opening : opening + 1] == ["كه"] and _bridges(sentence, trigger.head, cue.first)


def _denies(sentence: Sentence, at: int) -> bool:
    """Whether «ما» is "not" and no "what" or "which": «ما قصفنا مستشفى», but «ما أدى إلى مقتل شخصين», «ما قاله الوزير».

    It denies a perfect verb where a sentence, a quotation or what is said begins, or behind «و». A verb with a pronoun
    tells what was done («وما ارتكبه»), and one of outcome what came of something.
    """
    verb = sentence.readings[at + 1]
    forms = [form for key, form in verb.keys.items() if key[0] == "p"]
    if not forms or forms[0].suffix in ("ه", "ها", "هم", "هما"):
        return False
    behind = sentence.folded[at + 2] if at + 2 < len(sentence.folded) else ""
    if sentence.folded[at + 1] in _OUTCOMES and (behind == "الي" or not behind.startswith("ال")):
        return False  # «ما أدى الهجوم إلى مقتل أحد» has a subject, and denies
    if sentence.folded[at] != "ما":
        return "من" not in sentence.folded[at + 2 : at + 5]
    if sentence.clauses[at] in sentence.bridged and sentence.clauses[max(0, at - 3)] != sentence.clauses[at]:
        return True  # «إن بلاده ما هاجمت أحدا»
    return at == 0 or _OPENS.search(sentence.gaps[at]) is not None or sentence.folded[at - 1] in _BEFORE_NOT


def _same(sentence: Sentence, one: Match[Cue] | Match[Entry], other: Match[Entry]) -> bool:
    return sentence.clauses[one.first] == sentence.clauses[other.first]


def _bridges(sentence: Sentence, low: int, high: int) -> bool:
    """Whether nothing but one «أن/که/that» lies between two words."""
    first, last = sentence.clauses[low], sentence.clauses[high]
    return first == last or (last == first + 1 and last in sentence.bridged)


def _past_year(sentence: Sentence, trigger: Match[Entry], reader: Reader, published_year: int | None) -> int | None:
    """The word of a year before that of publication in the clause, unless it only says since when."""
    for place in sentence.years:
        if not trigger.first - 12 <= place < trigger.head + 13:
            continue
        if sentence.clauses[place] != sentence.clauses[trigger.first]:
            continue
        before = [sentence.folded[p] for p in range(max(0, place - 2), place)]
        if reader.since & set(before) or not reader.years & set(before):
            continue
        year = int(sentence.folded[place])
        jalali = year < 1500  # they lie 621 or 622 behind
        if published_year is None or year + 621 * jalali < published_year - jalali:
            return place
    return None
