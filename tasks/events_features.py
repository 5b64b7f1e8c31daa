"""What the lexicon found in a sentence, as named numbers for the event classifier (`tasks/events_classifier.py`).

Training and the stage call the same `lexicon_features`. The classifier's file names the features that it has weights
for, so neither their order nor their number is agreed upon anywhere else. A feature is one of NUMBERS, or
`family:value` with a family of FAMILIES: 1 where the sentence has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tasks.events_read import Act

#: Of the type: whether and how often the lexicon has it told and counted, how sure it is, and what speaks against it.
_OF_TYPE = ("told", "counted", "times-told", "times-counted", "confidence", "historical", "not-happened", "unanchored")
NUMBERS = frozenset((*_OF_TYPE, "any-act", "words", "quotation", "digits"))
#: Of acts of the type: mode, status, why one does not count, the mode of one that does and whether it is the first of
#: its sentence; then the other acts' types, and the contexts of the sentence.
FAMILIES = frozenset(
    ("mode", "modality", "polarity", "time", "uncounted", "counted-mode", "counted-place", "other", "context")
)
_DIGIT = re.compile(r"\d")


def sentence_features(text: str) -> dict[str, float]:
    """Three facts about a sentence: its length in forties of words, quotation marks, digits."""
    return {
        "words": len(text.split()) / 40,
        "quotation": float("«" in text or '"' in text),
        "digits": float(_DIGIT.search(text) is not None),
    }


def lexicon_features(kind: str, acts: Sequence[Act], facts: Mapping[str, float]) -> dict[str, float]:
    """What the lexicon found of a type in a sentence, and its `sentence_features`; what is left out is 0.

    The order of the names is the same wherever it runs: sums of them are compared with thresholds.
    """
    found = dict(facts)
    if not acts:
        return found
    found["any-act"] = 1.0
    told: list[Act] = []
    for act in acts:
        if act.type != kind:
            found[f"other:{act.type}"] = 1.0
            continue
        told.append(act)
        status = act.status
        found[f"mode:{act.mode}"] = 1.0
        found[f"modality:{status.modality}"] = 1.0
        found[f"polarity:{status.polarity}"] = 1.0
        found[f"time:{status.time}"] = 1.0
        if act.derived.reason:
            found[f"uncounted:{act.derived.reason}"] = 1.0
        if act.counts_as == kind:
            found[f"counted-mode:{act.mode}"] = 1.0
            found["counted-place:first" if act is acts[0] else "counted-place:later"] = 1.0
    contexts = {act.contexts for act in acts}  # mostly one: those of the sentence
    for context in sorted(frozenset().union(*contexts)):
        found[f"context:{context}"] = 1.0
    counted = [act.derived.type for act in acts].count(kind)
    if told or counted:
        numbers = (
            bool(told),
            bool(counted),
            len(told),
            counted,
            max((act.confidence for act in told), default=0.0),
            any(act.historical for act in told),
            any(not act.happened for act in told),
            any(act.unanchored for act in told),
        )
        found |= zip(_OF_TYPE, map(float, numbers), strict=True)
    return found


def unknown_features(names: Sequence[str]) -> list[str]:
    """Those that `lexicon_features` never gives."""
    return [name for name in names if name not in NUMBERS and (":" not in name or name.split(":")[0] not in FAMILIES)]
