"""The day of an event, where its sentence tells it: a written date, or a day counted from the day of publication.

Which date belongs to which event: the nearest of the trigger's own clause, the most exact before all; else, where
the sentence tells one event and one date, that date. What words mean as dates is read by `tasks/dates.py`, in all its
calendars. Nothing is guessed from the day of publication alone, and no clock is read.
"""

from __future__ import annotations

import functools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import compress, count
from typing import NamedTuple

from tasks import dates_names
from tasks.clitics import Spellings, canonical, fold
from tasks.dates import find_dates
from tasks.dates_reading import Prefer
from tasks.events_clauses import Sentence
from tasks.lexicon import Entry
from tasks.lexicon_match import Match
from tasks.lexicon_reader import Reader

#: A date this many words from the trigger still dates it.
WINDOW = 20
#: A date holds together over so many words on either side of one that may be part of it.
BESIDE = 4
#: Behind a count of days: what it is counted from, which is not the day of publication.
_FROM = {"ar": ("من ", "على "), "fa": ("از ",), "en": ("after ", "before ")}
#: A day goes before a month or a year in the same clause.
_EXACT = {"day": 0, "week": 1, "month": 2, "year": 3}
#: Modalities under which a bare weekday is the coming one.
_AHEAD = ("planned", "hypothetical", "demanded")
#: Behind one of these stands the day to which something was put off: «تأجل إلى يوم السبت», «به شنبه موکول شد».
_UNTIL = frozenset({"الي", "حتي", "به", "تا", "to", "until", "till"})
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


class Days:
    """The dates of one sentence, read once for all its acts, and only if a word of it may be part of a date."""

    def __init__(self, sentence: Sentence, reader: Reader, published: date | None) -> None:
        self.sentence, self.reader, self.published = sentence, reader, published
        self._spans: list[tuple[int, int]] = []
        for place in compress(count(), map(_DAYS.__getitem__, sentence.folded)):
            low, high = max(0, place - BESIDE), min(len(sentence.folded), place + BESIDE + 1)
            if self._spans and low <= self._spans[-1][1]:
                low = self._spans.pop()[0]
            self._spans.append((low, high))
        self._told: dict[Prefer, list[Reading]] = {}

    def told(self, prefer: Prefer) -> list[Reading]:
        """Every date, in order; counts from something else («بعد يومين من الهجوم») left out."""
        if prefer not in self._told:
            self._told[prefer] = [one for low, high in self._spans for one in self._within(low, high, prefer)]
        return self._told[prefer]

    def _within(self, first: int, end: int, prefer: Prefer) -> Iterator[Reading]:
        starts, text, language = self.sentence.starts, self.sentence.text, self.reader.language
        shift = starts[first]
        stretch = text[shift : starts[end] if end < len(starts) else len(text)]
        for one in find_dates(stretch, self.published, language=language, prefer=prefer):
            start, after = shift + one.char_start, shift + one.char_end
            if one.method == "relative" and text[after:].lstrip().startswith(_FROM[language]):
                continue
            dated = Dated(one.date, one.precision, one.method) if one.date else Dated()
            yield Reading(start, after, one.precision, dated, _REASONS[one.reason] if one.reason else None)


def resolve(days: Days, trigger: Match[Entry], modality: str) -> tuple[Dated, str | None]:
    """The date and None, or nothing and a reason code."""
    sentence, since = days.sentence, days.reader.since
    starts = sentence.starts
    found = days.told("future" if modality in _AHEAD else "past")
    if modality == "postponed":
        ahead = {one.start: one for one in days.told("future") if _is_new_day(sentence, one)}
        found = [ahead.get(one.start, one) for one in found]
    begin = bisect_left(found, starts[max(0, trigger.first - WINDOW)], key=lambda one: one.start)
    finish = bisect_right(found, starts[min(len(starts) - 1, trigger.head + WINDOW)], begin, key=lambda one: one.start)
    near: list[tuple[int, int, int, Reading]] = []
    for one in found[begin:finish]:
        place = max(0, bisect_right(starts, one.start) - 1)
        open_ended = one.precision == "year" and place and sentence.folded[place - 1] in since
        if sentence.clauses[place] == sentence.clauses[trigger.first] and not open_ended:
            exact = _EXACT[one.precision] if one.dated.day else len(_EXACT)
            near.append((exact, abs(place - trigger.first), place, one))
    if near:
        best = min(near)[-1]
        return best.dated, best.reason
    if len(sentence.triggers) > 1:
        return Dated(), "event_date:none-in-clause"
    alone = {one.dated.day: one.dated for one in found if one.dated.day}
    if len(alone) == 1:
        [told] = alone.values()
        return Dated(told.day, told.precision, f"{told.method}-of-sentence"), None
    return Dated(), "event_date:none-in-clause"


def _is_new_day(sentence: Sentence, one: Reading) -> bool:
    place = bisect_right(sentence.starts, one.start) - 1
    return place > 0 and sentence.folded[place - 1] in _UNTIL


def _tells_a_day(folded: str) -> bool:
    """Whether a date may hang on a word: most sentences hold none, and are not searched.

    A number of less than four digits is part of a date beside another such word alone («12 مايو», «قبل 3 أيام»).
    """
    if folded[0].isdecimal():
        return len(folded) > 3 or not folded.isdecimal()
    return canonical(folded).removeprefix("و") in _day_words()


_DAYS = Spellings(_tells_a_day)


@functools.cache
def _day_words() -> frozenset[str]:
    """The words without which, or a number, nothing is a date."""
    months = [name for name, _, _ in dates_names.month_names()]
    names = [name for line in dates_names.WEEKDAYS.strip().split("\n") for name in line.split("|")]
    names += dates_names.DAYS
    names += [name for table in (dates_names.TWO_OF, dates_names.UNITS) for some in table.values() for name in some]
    # Of a name in several words one is enough: «كانون» of «كانون الثاني», «أمس» of «أول من أمس».
    written = [canonical(fold(name)).split() for name in months + names]
    found = {"".join(words) for words in written}
    found |= {words[0] for words in written[: len(months)]} | {words[-1] for words in written[len(months) :]}
    plain = {word.removeprefix("و") for word in found}
    return frozenset(plain | {word + "ها" for word in plain})
