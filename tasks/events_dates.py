"""The day of an event, where its sentence tells it: a written date, or a day counted from the day of publication.

Which date belongs to which event: the nearest of the trigger's own clause, the most exact before all; else, where
the sentence tells one event and one date, that date. What words mean as dates is read by `tasks/dates.py`, in all its
calendars. Nothing is guessed from the day of publication alone, and no clock is read.
"""

from __future__ import annotations

import functools
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tasks.dates import find_dates
from tasks.dates_reading import Prefer
from tasks.events_clauses import Sentence
from tasks.lexicon import Entry
from tasks.lexicon_match import Match, Reader

#: A date this many words from the trigger still dates it.
WINDOW = 20
#: A day goes before a month or a year in the same clause.
_EXACT = {"day": 0, "week": 1, "month": 2, "year": 3}
#: Modalities under which a bare weekday is the coming one.
_AHEAD = ("planned", "hypothetical", "demanded")
_REASONS = {
    "no-anchor": "event_date:published-unknown",
    "impossible-date": "event_date:impossible",
    "ambiguous": "event_date:ambiguous",
    "contradiction": "event_date:contradiction",
}


@dataclass(frozen=True, slots=True)
class Dated:
    """The day of an event, how exact it is, and the rule that found it; all null where none is told."""

    day: date | None = None
    precision: str | None = None
    method: str | None = None


class Reading(NamedTuple):
    """A date in a sentence: where it begins and ends, how exact it is, what it means, or why it means nothing."""

    start: int
    end: int
    precision: str
    dated: Dated
    reason: str | None


def resolve(
    sentence: Sentence, trigger: Match[Entry], reader: Reader, modality: str, published: date | None
) -> tuple[Dated, str | None]:
    """The date and None, or nothing and a reason code."""
    words = sentence.words
    found = readings(sentence.text, reader.language, "future" if modality in _AHEAD else "past", published)
    begin = bisect_left(found, words[max(0, trigger.first - WINDOW)].start, key=lambda one: one.start)
    finish = bisect_right(
        found, words[min(len(words) - 1, trigger.head + WINDOW)].start, begin, key=lambda one: one.start
    )
    near: list[tuple[int, int, int, Reading]] = []
    for one in found[begin:finish]:
        place = max(0, bisect_right(words, one.start, key=lambda word: word.start) - 1)
        since = one.precision == "year" and place and words[place - 1].folded in reader.since
        if sentence.clauses[place] == sentence.clauses[trigger.first] and not since:
            exact = _EXACT[one.precision] if one.dated.day else len(_EXACT)
            near.append((exact, abs(place - trigger.first), place, one))
    if near:
        best = min(near)[-1]
        return best.dated, best.reason
    if len(sentence.triggers) > 1:
        return Dated(), "event_date:none-in-clause"
    days = {one.dated.day: one.dated for one in found if one.dated.day}
    if len(days) == 1:
        [told] = days.values()
        return Dated(told.day, told.precision, f"{told.method}-of-sentence"), None
    return Dated(), "event_date:none-in-clause"


@functools.lru_cache(maxsize=64)  # the acts of one sentence ask one after the other
def readings(text: str, language: str, prefer: Prefer, published: date | None) -> tuple[Reading, ...]:
    """Every date that a sentence tells, in order; counts from something else («بعد يومين من الهجوم») left out."""
    return tuple(
        Reading(
            one.char_start,
            one.char_end,
            one.precision,
            Dated(one.date, one.precision, one.method) if one.date else Dated(),
            _REASONS[one.reason] if one.reason else None,
        )
        for one in find_dates(text, published, language=language, prefer=prefer)
        if not (one.method == "relative" and text[one.char_end :].lstrip().startswith(_FROM.get(language, ("\n",))))
    )


#: Behind a count of days: what it is counted from, which is not the day of publication.
_FROM = {"ar": ("من ", "على "), "fa": ("از ",), "en": ("after ", "before ")}
