"""The day of an event, where its clause tells it: a full date, or a day counted from the day of publication.

Nothing is guessed from the day of publication alone, and no clock is read. Jalali and Hijri dates are left to
a later version and said to be so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

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


def resolve(
    sentence: Sentence, trigger: Match[Entry], known: Calendar, modality: str, published: date | None
) -> tuple[date | None, str | None]:
    """The day and None, or None and a reason code."""
    low, high = max(0, trigger.first - WINDOW), min(len(sentence.words), trigger.head + WINDOW + 1)
    clause = sentence.clauses[trigger.first]
    places = [p for p in range(low, high) if sentence.clauses[p] == clause]
    reason = "event_date:none-in-clause"
    for place in sorted(places, key=lambda p: (abs(p - trigger.first), p)):
        found, why = _day(sentence.words, place, known, modality, published)
        if found:
            return found, None
        reason = why or reason
    return None, reason


def _day(
    words: list[Word], place: int, known: Calendar, modality: str, published: date | None
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


def _weekday(words: list[Word], place: int, known: Calendar) -> int | None:
    spelled = words[place].folded
    for candidate in (spelled, spelled.removeprefix("و"), spelled.removeprefix("يوم")):
        if candidate in known.weekdays:
            return known.weekdays[candidate]
    pair = spelled + words[place + 1].folded if place + 1 < len(words) else ""
    return known.weekdays.get(pair)


def _written_out(
    words: list[Word], place: int, day: int, known: Calendar, published: date | None
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
    words: list[Word], year_at: int, day: int, month: int, published: date | None
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
