"""The three calendars of the Arabic and Persian press, as days of the Gregorian one.

Jalali (solar Hijri: Iran, Afghanistan) by `jdatetime`, Hijri (lunar, in its official Umm al-Qura form) by
`hijridate`. Elsewhere a Hijri month may begin a day earlier or later than in Mecca, since the new moon is
sighted there: a Hijri day is therefore exact to a day either way, unless a weekday beside it decides.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import jdatetime
from hijridate import Gregorian, Hijri

Calendar = Literal["gregorian", "jalali", "hijri"]

#: News before 1900 or after 2100 is a typing error, or a date in another calendar.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100
#: The years of those two centuries: 1900 is 1278 in the Jalali calendar, 2100 is 1479 ...
_JALALI_YEARS: Final = range(1279, 1480)
#: ... and the table of the Umm al-Qura calendar runs from 1924 to 2077.
_HIJRI_YEARS: Final = range(1343, 1501)
#: 1989: the first year of the web.
_FIRST_HIJRI: Final = 1410


def to_gregorian(calendar: Calendar, year: int, month: int, day: int) -> date | None:
    """The Gregorian day, or None where there is no such day (or, for Hijri, no table for it)."""
    try:
        match calendar:
            case "gregorian":
                return date(year, month, day)
            case "jalali":
                converted: date = jdatetime.date(year, month, day).togregorian()
                return converted
            case "hijri":
                return Hijri(year, month, day).to_gregorian()
    except (ValueError, OverflowError):
        return None


def from_gregorian(calendar: Calendar, day: date) -> tuple[int, int, int]:
    """Year, month and day in another calendar. Raises OverflowError for a Hijri day outside 1924 to 2077."""
    match calendar:
        case "gregorian":
            return day.year, day.month, day.day
        case "jalali":
            written = jdatetime.date.fromgregorian(date=day)
            return written.year, written.month, written.day
        case "hijri":
            hijri = Gregorian.fromdate(day).to_hijri()
            return hijri.year, hijri.month, hijri.day


def calendar_of_year(year: int, latest: date | None = None) -> Calendar | None:
    """The calendar that a year of four digits belongs to, where nothing else names it.

    The Jalali and Hijri years of one day are some 40 apart, so of the two readings of a year like 1447 one
    lies in the future (2068 by the Jalali count) and the other is meant. Of two readings in the past, the
    Jalali is taken: the Hijri one would lie before 1985, and no news of that time was written for machines.
    For the same reason a Jalali year in the future is not taken for a Hijri one of 40 years ago: it is None.
    `latest` is the last day that can be meant; without it, the Jalali years up to 1430 (2051) are taken.
    """
    last_jalali = from_gregorian("jalali", latest)[0] if latest else 1430
    if year in _JALALI_YEARS and year <= last_jalali:
        return "jalali"
    if year in _JALALI_YEARS or year in _HIJRI_YEARS:
        return "hijri" if year >= _FIRST_HIJRI else None
    return "gregorian"
