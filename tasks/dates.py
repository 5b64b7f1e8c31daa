"""Dates in running text: where they stand, which day they mean, how exact they are and what told it.

    find_dates("أعلن أمس الاثنين ...", anchor=date(2025, 10, 21))
    → [FoundDate(char_start=5, char_end=16, surface="أمس الاثنين", date=2025-10-20, precision="day", ...)]

Days are counted from the `anchor`, the day of publication, and never from a clock. What cannot be told is a
FoundDate without a date, with the reason. Gregorian, Jalali and Hijri; Arabic (all three sets of month
names), Persian, Dari, Urdu and English.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tasks.dates_found import FoundDate
from tasks.dates_patterns import NOTHING, date_patterns, fold_with_positions, is_persian
from tasks.dates_reading import Prefer, Reading

__all__ = ["FoundDate", "find_dates"]


def find_dates(
    text: str, anchor: date | None = None, *, language: str | None = None, prefer: Prefer = "past"
) -> list[FoundDate]:
    """Every date in a text, in its order, none within another.

    `anchor` is the day of publication: without it only full calendar dates and years have a date. A date
    without a year is the nearest such day to the anchor. A bare weekday is the last such day up to the anchor
    itself, or with `prefer="future"` the next: a plan («ستعقد يوم الخميس») means the coming one, and only the
    caller knows the verb; «الماضي» or «آینده» beside it decides. Without a `language`, letters that only
    Persian and its like use tell how common words are read.
    """
    folded, positions = fold_with_positions(text)
    reading = Reading(anchor, is_persian(text, language), prefer)
    found: list[FoundDate] = []
    for match in date_patterns().finditer(folded):
        read = reading.read(match)
        if read is None:
            continue
        start, end = positions[match.start("start")], positions[match.end() - 1] + 1
        while end < len(text) and NOTHING.match(text, end):  # «1447هـ»
            end += 1
        found.append(replace(read, char_start=start, char_end=end, surface=text[start:end]))
    return found
