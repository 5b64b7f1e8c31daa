"""From one sentence to its acts: triggers, their status, what they count as, and who, where and when.

This is the whole reading of a sentence, apart from tables: `tasks/events.py` makes rows of it, golden tests
call it directly.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tasks import events_status
from tasks.events_clauses import Sentence, read
from tasks.events_dates import Dated, Days, resolve
from tasks.events_parties import parties
from tasks.events_parties_placed import Placed, by_clause
from tasks.events_party_nouns import Name
from tasks.events_roles import Roles, roles, ruled
from tasks.events_roles_carried import carried
from tasks.events_speakers import NAMELESS, Said, cited, of_speaker, speaker, with_speaker
from tasks.events_status import Evidence, Status
from tasks.events_status_forms import kinds_of
from tasks.lexicon import Entry
from tasks.lexicon_match import Match
from tasks.lexicon_ontology import Derived
from tasks.lexicon_reader import Reader

#: Persian verbs that tell an act without a noun: «بیست نفر را کشت».
_TELLING = ("كشت", "ربود", "دزديد", "سوزاند")
#: Persian prepositions: they tell no act alone.
_PREPOSITIONS = frozenset({"به", "از", "در", "با", "بر"})
LONG_SENTENCE = 80
#: A hostile act counts with this many points of `_anchored`.
NEEDED = 2
#: How far an anchor may stand from the trigger, in words.
ANCHOR = 12


@dataclass(frozen=True, slots=True)
class Act:
    """One act as one sentence tells it; offsets count the sentence's code points."""

    type: str
    mode: str | None
    start: int
    end: int
    status: Status
    derived: Derived
    roles: Roles
    speaker: Name | None
    dated: Dated
    contexts: frozenset[str]
    confidence: float
    reasons: tuple[str, ...]
    attribution: Evidence | None = None

    @property
    def counts_as(self) -> str | None:
        return self.derived.type

    @property
    def unanchored(self) -> bool:
        return self.derived.reason == "not-anchored"

    @property
    def historical(self) -> bool:
        return self.status.time == "historical"

    @property
    def happened(self) -> bool:
        return self.status.modality == "happened"


@dataclass(frozen=True, slots=True)
class _Told:
    """A trigger with its status, before roles are looked up."""

    trigger: Match[Entry]
    type: str
    mode: str | None
    first: int
    head: int
    status: Status
    derived: Derived
    governor: Match[Entry] | None = None
    points: int = NEEDED


def read_acts(known: Reader, text: str, names: Sequence[Name], published: date | None) -> list[Act]:
    """The acts of a sentence, in order. `names` are its mentions by offset; `published` anchors relative days."""
    sentence = read(known, text)
    if sentence is None:
        return []
    told = [_anchored(sentence, one, names, known) for one in _merged(sentence, _told(sentence, known, published))]
    told = _within_assault(told)
    acting = parties(sentence, names, known) if told else []
    clauses = by_clause(sentence, acting, known)
    days = Days(sentence, known, published)
    source = cited(sentence, clauses, known.language) if told else None
    return without_victims([_act(one, names, acting, clauses, days, source) for one in told])


def without_victims(acts: list[Act]) -> list[Act]:
    """The acts without those as actors whom the same sentence tells to be the dead, the hurt or the arrested."""
    counted = [act for act in acts if act.roles.befallen and act.derived.type]
    victims = {name.start for act in counted for name in act.roles.recipients}
    if not victims:
        return acts
    kept: list[Act] = []
    for act in acts:
        actors = tuple(name for name in act.roles.actors if name.start not in victims)
        if act.derived.quad == "material_conflict" and len(actors) < len(act.roles.actors):
            reasons = act.reasons if actors else (*act.reasons, "actor:is-a-victim")
            act = replace(act, roles=replace(act.roles, actors=actors), reasons=reasons)
        kept.append(act)
    return kept


def _told(sentence: Sentence, known: Reader, published: date | None) -> list[_Told]:
    year = published.year if published else None
    found: list[_Told] = []
    absorbed: set[int] = set()
    before = events_status.PLAIN
    for at, trigger in enumerate(sentence.triggers):
        governors = events_status.governing(sentence, at, known.language)
        status = events_status.of(sentence, at, governors, known, year)
        if at and events_status.shares(sentence, at, before, status):
            status = before
        before = status
        entry = trigger.pattern.payload
        for act in (entry, *([entry.also] if entry.also else [])):
            derived = known.derive(act.type, act.mode, status.modality, status.polarity, status.time)
            # One act told by a verb and its complement is one row: the verb gives way to the act it governs.
            ruling = [g for g in governors if g.pattern.payload.type == derived.type] if governors else []
            absorbed |= {id(g) for g in ruling}
            first, head = _told_at(sentence, trigger)
            governor = ruling[0] if ruling else None
            found.append(_Told(trigger, act.type, act.mode, first, head, status, derived, governor))
    return [one for one in found if id(one.trigger) not in absorbed]


def _told_at(sentence: Sentence, trigger: Match[Entry]) -> tuple[int, int]:
    """The words that tell the act: a pattern's first ones, or its last ones where those are a preposition alone."""
    if trigger.first < trigger.head or len(trigger.places) == 1:
        return trigger.first, trigger.head
    first = last = trigger.last
    while first - 1 in trigger.places:
        first -= 1
    verb = trigger.verb == last and (first < last or sentence.folded[last].startswith(_TELLING))
    alone = verb or sentence.folded[trigger.first] in _PREPOSITIONS
    return (first, last) if alone else (trigger.first, trigger.head)


def _merged(sentence: Sentence, told: list[_Told]) -> list[_Told]:
    kept: list[_Told] = []
    for one in told:
        last = kept[-1] if kept else None
        joins = last is not None and last.type == one.type and _joined(sentence, last.head, one.first)
        if last and last.type == one.type and last.trigger.verb == one.first:
            kept[-1] = one  # «ده تن کشته شدند»: «کشته» is read as a verb and as part of one
        elif last and joins and last.status == one.status and None in (last.mode, one.mode):
            mode = last.mode or one.mode
            richer = last if last.mode else one
            kept[-1] = replace(last, head=one.head, mode=mode, derived=richer.derived)
        elif last and joins and last.status == one.status and last.mode == one.mode:
            kept[-1] = replace(last, head=one.head)
        else:
            kept.append(one)
    return kept


def _anchored(sentence: Sentence, told: _Told, names: Sequence[Name], known: Reader) -> _Told:
    """Leave out hostile acts that are only spoken of: «القتل والتعذيب», "the attacks".

    Two points for a finite verb in the past, one for a noun that is not definite and one more where it opens
    the sentence as in a headline; one each for a day, a number or casualties, and a name within reach.
    """
    if told.derived.quad != "material_conflict":
        return told
    kinds = kinds_of(sentence, told.trigger)
    if kinds & {"p", "P", "d"} or (known.language == "fa" and told.trigger.pattern.is_verb):
        points = 2
    else:
        points = 1 - _definite(sentence, told, known)
        points += points and told.first <= 1
    low, high = max(0, told.first - ANCHOR), min(len(sentence.folded), told.head + ANCHOR + 1)
    near = sentence.folded[low:high]
    points += not known.days.isdisjoint(near)
    points += not known.anchors.isdisjoint(near) or any(map(str.isdecimal, near))
    start, end = sentence.span(low, high - 1)
    first = bisect_left(names, start, key=lambda name: name.start)
    points += first < len(names) and names[first].end <= end
    if points >= NEEDED:
        return told if points == told.points else replace(told, points=points)
    none = Derived(type=None, mode=None, quad=None, intensity=None, reason="not-anchored")
    return replace(told, derived=none, points=points)


def _definite(sentence: Sentence, told: _Told, known: Reader) -> bool:
    word = sentence.folded[told.first]
    if known.language == "ar":
        return any("ال" in f.prefix or f.prefix.endswith("لل") for f in sentence.readings[told.first].keys.values())
    return (told.first > 0 and sentence.folded[told.first - 1] in known.definite) or word in known.definite


def _joined(sentence: Sentence, head: int, first: int) -> bool:
    """Whether two triggers stand side by side, or with nothing but «و» or "and" between."""
    between = sentence.folded[head + 1 : first]
    return sentence.clauses[head] == sentence.clauses[first] and (
        between in (["و"], ["and"]) or (not between and head < first)
    )


def _within_assault(told: list[_Told]) -> list[_Told]:
    """Troops that move in a report of an assault are part of it: PLOVER does not count them."""
    if not any(one.derived.type == "ASSAULT" for one in told):
        return told
    part = Derived(type=None, mode=None, quad=None, intensity=None, reason="mobilize-within-assault")
    return [replace(one, derived=part) if one.derived.type == "MOBILIZE" else one for one in told]


def _act(
    told: _Told,
    names: Sequence[Name],
    acting: Sequence[Name],
    clauses: Mapping[int, Sequence[Placed]],
    days: Days,
    source: Said | None,
) -> Act:
    sentence, known = days.sentence, days.reader
    start, end = sentence.span(told.first, told.head)
    symmetric = known.ontology.types[told.type].symmetric
    found = roles(sentence, told.trigger, acting, clauses, known, symmetric, names)
    if told.governor:
        both = known.ontology.types[told.governor.pattern.payload.type].symmetric
        found = ruled(found, roles(sentence, told.governor, acting, clauses, known, both, names), both)
    if not found.actors:
        subject = carried(sentence, told.governor or told.trigger, acting, known, bool(found.recipients))
        if subject:
            found = replace(found, actors=subject, method="same-subject", reasons=found.reasons[1:])
    said = speaker(sentence, told.trigger, names, acting, known) or source
    teller = said[0] if said else None
    if teller and teller.label == "PER" and of_speaker(sentence, told.trigger, known.language):
        found = with_speaker(found, teller, symmetric)
    dated, day_reason = resolve(days, told.trigger, told.status.modality)
    reasons = [f"plover_type:{told.derived.reason}"] if told.derived.reason else []
    reasons += [*found.reasons, *([day_reason] if day_reason else [])]
    reasons += [NAMELESS] if said and said[0] is None else []
    return Act(
        told.type,
        told.mode,
        start,
        end,
        told.status,
        told.derived,
        found,
        said[0] if said else None,
        dated,
        sentence.contexts,
        _confidence(sentence, told, found),
        tuple(reasons),
        said[1] if said else None,
    )


def _confidence(sentence: Sentence, told: _Told, found: Roles) -> float:
    """See `tasks/events.py`; between .05 and .98."""
    pattern = told.trigger.pattern
    score = pattern.payload.weight + 0.05 * (len(pattern.elements) - 1)
    score += 0.05 if found.actors else 0.0
    score += 0.05 * (told.points - NEEDED)
    score -= 0.1 if told.status.modality in ("hypothetical", "claimed") else 0.0
    score -= 0.1 if len(sentence.folded) > LONG_SENTENCE else 0.0
    return round(min(0.98, max(0.05, score)), 2)
