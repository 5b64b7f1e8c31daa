"""The acts of a sentence after the classifier has been heard: confirmed, outvoted, or found beyond the lexicon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tasks.events_classifier import Classifier, Opinion, buckets_of
from tasks.events_dates import Dated
from tasks.events_features import lexicon_features, sentence_features
from tasks.events_read import Act
from tasks.events_roles import Roles
from tasks.events_status import Status
from tasks.lexicon_ontology import Derived
from tasks.lexicon_reader import Reader

OUTVOTED = Derived(type=None, mode=None, quad=None, intensity=None, reason="outvoted")
#: What an act must be for the classifier to count it though nothing in its clause anchors it.
_REAL = ("happened", "ongoing", "claimed")
#: The judged sentences have 34 words on average: of headlines and plain short reports they teach nothing, and in
#: sentences of fewer words than this no act is outvoted.
SHORT = 12


def heard(classifier: Classifier, known: Reader, text: str, acts: Sequence[Act], vector: bytes) -> list[Act]:
    """The acts of one sentence, in order, with the classifier's opinion on each; `acts` are the lexicon's.

    In a language without judged sentences they stay as they are: taught by Arabic alone, the classifier left nine of
    ten Persian reports of attacks uncounted.
    """
    if known.language not in classifier.languages:
        return list(acts)
    facts = sentence_features(text)
    features = [lexicon_features(kind, acts, facts) for kind in classifier.types]
    opinion = classifier.opinion(vector, buckets_of(known.words(text).folded, known.language), features)
    counted = {act.derived.type for act in acts}
    if not counted.isdisjoint(opinion.outvoted) and len(text.split()) < SHORT:
        opinion = replace(opinion, outvoted=frozenset())
    judged = [_judged(classifier, known, opinion, act, counted) for act in acts]
    told = {act.type for act in acts}
    for kind in classifier.types:
        if kind in opinion.missed and kind not in told and (act := _found(classifier, opinion, known, text, kind)):
            judged.append(act)
    return sorted(judged, key=lambda act: (act.start, act.end))


def _judged(classifier: Classifier, known: Reader, opinion: Opinion, act: Act, counted: set[str | None]) -> Act:
    chance = opinion.probability.get(act.type)
    if chance is None:
        return act
    derived = act.derived
    if derived.type == act.type and act.type in opinion.outvoted:
        derived = OUTVOTED
    elif act.unanchored and act.type in opinion.confirmed and act.type not in counted and _is_real(act.status):
        derived = known.derive(act.type, act.mode, act.status.modality, act.status.polarity, act.status.time)
    share = chance if act.type in classifier.judged and derived.type == act.type else act.confidence
    return _with(act, derived, round(min(0.99, max(0.01, (act.confidence + share) / 2)), 2))


def _is_real(status: Status) -> bool:
    return status.modality in _REAL and status.polarity == "affirmed" and status.time == "current"


def _with(act: Act, derived: Derived, confidence: float) -> Act:
    reasons = [reason for reason in act.reasons if not reason.startswith("plover_type:")]
    if derived.reason:
        reasons.insert(0, f"plover_type:{derived.reason}")
    return replace(act, derived=derived, confidence=confidence, reasons=tuple(reasons))


def _found(classifier: Classifier, opinion: Opinion, known: Reader, text: str, kind: str) -> Act | None:
    """An act for which the lexicon has no words: its trigger is the word that speaks most for the type."""
    words = known.words(text)
    place = classifier.telling_word(words.folded, known.language, kind)
    if place is None:
        return None
    status = Status("happened", "affirmed", "current", cued=False)
    return Act(
        type=kind,
        mode=None,
        start=words.starts[place],
        end=words.ends[place],
        status=status,
        derived=known.derive(kind, None, status.modality, status.polarity, status.time),
        roles=Roles((), (), None, ()),
        speaker=None,
        dated=Dated(),
        contexts=frozenset(),
        confidence=round(min(0.99, opinion.probability[kind]), 2),
        reasons=("found-by:classifier",),
    )
