"""When an article was published, as far as its record says so in so many words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, Literal

Precision = Literal["instant", "minute", "day"]

#: News before 1900 or after 2100 is a typing error, or a date in another calendar.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100
#: Years that today's dates have in the Hijri (1446) and Jalali (1404) calendars, with a margin of a century.
_OTHER_CALENDARS: Final = range(1300, 1551)

#: ISO 8601, and the day first with slashes or dots, which is how Arabic and Persian (and most other) press
#: writes it; a date with the month first is therefore never read.
_DATES: Final = (
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
    r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})",
)
_TIME: Final = (
    r"(?:[Tt ]\s?(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s?(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
)
_FORMS: Final = tuple(re.compile(date + _TIME) for date in _DATES)


@dataclass(frozen=True, slots=True)
class Published:
    """A time in UTC and how exact it is; both None when nothing tells it, with the reason."""

    at: datetime | None
    precision: Precision | None
    reason: str | None = None


class BadDateError(ValueError):
    """A date that cannot be used; `rule` is `unreadable-date` or `impossible-date`."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


def read_published(value: str) -> Published:
    """Read ISO 8601 (RFC 3339) or a date with the day first, in ASCII, Arabic or Persian digits.

    With a zone the time is exact to the second or minute, as written. Without one it is taken as UTC and may
    be off by half a day, so its precision is `day`, as for a date alone. Raises BadDateError otherwise.
    """
    found = next((match for form in _FORMS if (match := form.fullmatch(value.strip()))), None)
    if found is None:
        raise BadDateError(
            "unreadable-date",
            f"the date {value[:60]!r} is not of the form 2025-10-21, 2025-10-21T14:30:00Z, "
            "2025-10-21T14:30:00+03:00 or 21/10/2025 (day first)",
        )
    year = int(found["year"])
    try:
        moment = datetime(
            year,
            int(found["month"]),
            int(found["day"]),
            int(found["hour"] or 0),
            int(found["minute"] or 0),
            int(found["second"] or 0),
            int((found["fraction"] or "0").ljust(6, "0")[:6]),
            tzinfo=_zone(found["zone"]),
        ).astimezone(UTC)
    except (ValueError, OverflowError) as failure:
        raise BadDateError("impossible-date", f"the date {value[:60]!r} does not exist: {failure}") from failure
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        calendar = " (a Jalali or Hijri year? Convert it first)" if year in _OTHER_CALENDARS else ""
        raise BadDateError(
            "impossible-date",
            f"the date {value[:60]!r} is outside {FIRST_YEAR} to {LAST_YEAR}{calendar}",
        )
    return Published(moment, _precision(found))


def _precision(found: re.Match[str]) -> Precision:
    if found["hour"] is None or found["zone"] is None:
        return "day"
    return "minute" if found["second"] is None else "instant"


def _zone(written: str | None) -> timezone:
    if written is None or written.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = written[1:].replace(":", "").ljust(4, "0")
    if int(digits[2:]) > 59:
        raise ValueError(f"the offset {written} has more than 59 minutes")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if written[0] == "-" else offset)
