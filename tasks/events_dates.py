"""The day of an event, where its sentence tells it: a written date, or a day counted from the day of publication.

Which date belongs to which event: the nearest of the trigger's own clause; else, where the sentence tells one event
and one date, that date. A month or a year alone dates by its first day, and the precision says so.
Nothing is guessed from the day of publication alone, and no clock is read. What the words mean as dates is the one
function `readings`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from tasks.clitics import Word, fold
from tasks.events_clauses import Sentence
from tasks.lexicon import Entry
from tasks.lexicon_match import Match, Reader

#: A date this many words from the trigger still dates it.
WINDOW = 20


@dataclass(frozen=True, slots=True)
class Calendar:
    """A lexicon's calendar words, folded."""

    weekdays: dict[str, int]
    months: dict[tuple[str, ...], int]
    days: dict[str, int]
    upcoming: frozenset[str]
    past: frozenset[str]


def calendar(reader: Reader) -> Calendar:
    """The calendar of a lexicon."""
    dates = reader.lexicon.dates
    return Calendar(
        {_compact(word): number for number, names in enumerate(dates.weekdays) for word in names},
        {tuple(fold(n).split()): at for at, names in enumerate(dates.months, 1) for n in names},
        {fold(word): offset for word, offset in dates.days.items()},
        frozenset(fold(word) for word in dates.upcoming),
        frozenset(fold(word) for word in dates.past),
    )


def _compact(text: str) -> str:
    return fold(text).replace(" ", "")


@dataclass(frozen=True, slots=True)
class Dated:
    """The day of an event, how exact it is, and the rule that found it; all null where none is told."""

    day: date | None = None
    precision: str | None = None
    method: str | None = None


class Reading(NamedTuple):
    """A date in a sentence: the word where it stands, what it means, or why it means nothing."""

    place: int
    dated: Dated
    reason: str | None


def resolve(
    sentence: Sentence, trigger: Match[Entry], known: Calendar, modality: str, published: date | None
) -> tuple[Dated, str | None]:
    """The date and None, or nothing and a reason code."""
    low, high = max(0, trigger.first - WINDOW), min(len(sentence.words), trigger.head + WINDOW + 1)
    clause = sentence.clauses[trigger.first]
    reason = "event_date:none-in-clause"
    alone = len(sentence.triggers) == 1
    if alone:  # else the window alone is read, so that a sentence of many events costs no square of its length
        low, high = 0, len(sentence.words)
    found = readings(sentence.words[low : high + 3], known, modality, published)
    found = [one._replace(place=one.place + low) for one in found if one.place + low < high]
    near = [
        one for one in found if abs(one.place - trigger.first) <= WINDOW + 3 and sentence.clauses[one.place] == clause
    ]
    for one in sorted(near, key=lambda one: (_EXACT[one.dated.precision], abs(one.place - trigger.first), one.place)):
        if one.dated.day:
            return one.dated, None
        reason = one.reason or reason
    days = {one.dated.day: one.dated for one in found if one.dated.day}
    if alone and not near and len(days) == 1:
        [told] = days.values()
        return Dated(told.day, told.precision, f"{told.method}-of-sentence"), None
    return Dated(), reason


#: A day goes before a month or a year in the same clause.
_EXACT: dict[str | None, int] = {"day": 0, "week": 1, "month": 2, "year": 3, None: 4}


def readings(words: Sequence[Word], known: Calendar, modality: str, published: date | None) -> list[Reading]:
    """Every date that the words of a sentence tell, in order. The one place where words become dates."""
    found: list[Reading] = []
    taken = -1
    for place, word in enumerate(words):
        if place <= taken:
            continue
        if word.folded.isdecimal() and len(word.folded) <= 2:
            day, why = _written_out(words, place, int(word.folded), known, published)
            if day or why:
                found.append(Reading(place, Dated(day, "day", "written") if day else Dated(), why))
                taken = place + 3
            continue
        coarse = _month_or_year(words, place, known)
        if coarse:
            found.append(Reading(place, coarse, None))
            continue
        day, why = _day(words, place, known, modality, published)
        if day or why:
            method = "relative-day" if word.folded in known.days else "weekday"
            found.append(Reading(place, Dated(day, "day", method) if day else Dated(), why))
    return found


def _month_or_year(words: Sequence[Word], place: int, known: Calendar) -> Dated | None:
    """«في أغسطس 2025», «عام 2014»: the first day, with the precision that is told."""
    for length in (2, 1):
        name = tuple(word.folded for word in words[place : place + length])
        if name in known.months and not (place and words[place - 1].folded.isdecimal()):
            year = _year(words, place + length)
            following = words[place + length].folded if place + length < len(words) else ""
            if year and not (following.isdecimal() and len(following) <= 2):
                return Dated(date(year, known.months[name], 1), "month", "written")
    if words[place].folded in _YEAR_WORDS and (year := _year(words, place + 1)):
        before = tuple(word.folded for word in words[max(0, place - 1) : place])
        return None if before in known.months else Dated(date(year, 1, 1), "year", "written")
    return None


_YEAR_WORDS = frozenset({"عام", "سنة", "العام", "سال", "year"})


def _year(words: Sequence[Word], place: int) -> int | None:
    if place < len(words) and words[place].folded in _YEAR_WORDS:
        place += 1
    spelled = words[place].folded if place < len(words) else ""
    # A Jalali or Hijri year (1404, 1447) is not read here: its months are not those of this calendar.
    return int(spelled) if spelled.isdecimal() and len(spelled) == 4 and 1800 <= int(spelled) <= 2200 else None


def _day(
    words: Sequence[Word], place: int, known: Calendar, modality: str, published: date | None
) -> tuple[date | None, str | None]:
    spelled = words[place].folded
    if spelled.isdecimal() and len(spelled) <= 2:
        return _written_out(words, place, int(spelled), known, published)
    offset = known.days.get(spelled)
    weekday = _weekday(words, place, known)
    if offset is None and weekday is None:
        return None, None
    if published is None:
        return None, "event_date:published-unknown"
    if offset is not None:
        return _shifted(published, offset), None
    assert weekday is not None
    following = {word.folded for word in words[place + 1 : place + 3]}
    ahead = not known.upcoming.isdisjoint(following) or (
        modality in ("planned", "hypothetical", "demanded") and known.past.isdisjoint(following)
    )
    distance = (weekday - published.weekday()) % 7
    return _shifted(published, distance if ahead else distance - 7 if distance else 0), None


def _shifted(published: date, days: int) -> date | None:
    try:
        return published + timedelta(days=days)
    except OverflowError:
        return None


def _weekday(words: Sequence[Word], place: int, known: Calendar) -> int | None:
    spelled = words[place].folded
    for candidate in (spelled, spelled.removeprefix("و"), spelled.removeprefix("يوم")):
        if candidate in known.weekdays:
            return known.weekdays[candidate]
    pair = spelled + words[place + 1].folded if place + 1 < len(words) else ""
    return known.weekdays.get(pair)


def _written_out(
    words: Sequence[Word], place: int, day: int, known: Calendar, published: date | None
) -> tuple[date | None, str | None]:
    """A day number with a month behind it («15 أغسطس 2025») or before it ("August 15, 2025")."""
    for length in (2, 1):
        behind = tuple(word.folded for word in words[place + 1 : place + 1 + length])
        if behind in known.months:
            return _composed(words, place + 1 + length, day, known.months[behind], published)
        ahead = tuple(word.folded for word in words[max(0, place - length) : place])
        if ahead in known.months:
            return _composed(words, place + 1, day, known.months[ahead], published)
    return None, None


def _composed(
    words: Sequence[Word], year_at: int, day: int, month: int, published: date | None
) -> tuple[date | None, str | None]:
    spelled = words[year_at].folded if year_at < len(words) else ""
    if spelled in ("عام", "سنة", "سال") and year_at + 1 < len(words):
        spelled = words[year_at + 1].folded
    if spelled.isdecimal() and len(spelled) == 4:
        year = int(spelled)
    elif published is None:
        return None, "event_date:published-unknown"
    else:
        near = (published.year - 1, published.year, published.year + 1)
        # Without a year the nearest such day is meant: half a year is never exceeded.
        year = min(near, key=lambda y: (abs(y * 372 + month * 31 + day - _ordinal(published)), y))
    if not 1800 <= year <= 2200:
        return None, "event_date:calendar-unknown"
    try:
        return date(year, month, day), None
    except ValueError:
        return None, "event_date:impossible"


def _ordinal(day: date) -> int:
    return day.year * 372 + day.month * 31 + day.day
