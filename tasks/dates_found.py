"""What a date in a text is found to be; `tasks/dates.py` finds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

DatePrecision = Literal["day", "week", "month", "year"]
#: What told the date: a calendar date in numbers or words, a weekday, or a count from the anchor.
DateMethod = Literal["gregorian", "jalali", "hijri", "weekday", "relative"]
Reason = Literal["no-anchor", "impossible-date", "ambiguous", "contradiction"]


@dataclass(frozen=True, slots=True)
class FoundDate:
    """One date in a text: `text[char_start:char_end] == surface`.

    `date` is the day, or the first day of the week (Monday), month or year that is meant; None with a `reason`.
    """

    char_start: int
    char_end: int
    surface: str
    date: date | None
    precision: DatePrecision
    method: DateMethod
    reason: Reason | None = None


def meant(day: date | None, precision: DatePrecision, method: DateMethod) -> FoundDate:
    return FoundDate(0, 0, "", day, precision, method, None if day else "impossible-date")


def missing(precision: DatePrecision, method: DateMethod, reason: Reason) -> FoundDate:
    return FoundDate(0, 0, "", None, precision, method, reason)
