"""When an article was published, as far as its record, its page or a line of its text says so in so many words.

A date that cannot be used is null with a reason, and never a guess:

| reason            | what is wrong                                                                   |
|-------------------|---------------------------------------------------------------------------------|
| `unreadable-date` | of no form that names one day: a relative phrase, a date without a year, noise  |
| `impossible-date` | a day or hour that does not exist, or one before 1900 or after 2100             |
| `future-date`     | more than a day after the document was fetched                                  |
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Final, Literal

from tasks.calendars import FIRST_YEAR, LAST_YEAR, calendar_of_year, to_gregorian
from tasks.dates import find_dates

Precision = Literal["instant", "minute", "day"]
PublishedMethod = Literal["record", "json-ld", "meta", "time-element", "text", "none"]

#: A zone ahead of ours, and clocks that are a little wrong, put a true time of publication at most this far
#: after the time of fetching (zones span 26 hours, the press some 10 of them).
_TOLERANCE: Final = timedelta(days=1)
#: Archives without times of change unpack to 1970 or 1980: such a time of fetching says nothing.
_FETCHED_SINCE: Final = datetime(2000, 1, 1, tzinfo=UTC)

#: ISO 8601, and the day first with slashes or dots, which is how Arabic and Persian (and most other) press
#: writes it; a date with the month first is therefore never read.
_DATES: Final = (
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
    r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})",
)
_TIME: Final = (
    r"(?:(?:[Tt]|,? (?:- )?)\s?(?P<hour>\d{1,2}):?(?P<minute>\d{2})"
    r"(?::?(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s?(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
)
_FORMS: Final = tuple(re.compile(form + _TIME) for form in _DATES)
_MAIL: Final = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{1,2}:\d{2}")
#: «14:30», «02:30 مساءً», «۱۰:۱۵ ق.ظ», and the zones that are written out.
_CLOCK: Final = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})[:٫](?P<minute>\d{2})(?!\d)(?::(?P<second>\d{2}))?"
    r"(?:\s?(?P<half>صباحا|صباحاً|مساء|مساءً|ص|م|ق\.?ظ|ب\.?ظ|[AaPp]\.?[Mm]\.?)(?!\w))?"
    r"(?:\s?\(?(?P<zone>GMT|UTC|(?:ب?توقيت )?(?:جرينت?ش|غرينت?ش)|(?:ب?توقيت )?(?:مكة(?: المكرمة)?|السعودية)"
    r"|(?:به )?وقت تهران)\)?)?"
)
_WRITTEN_ZONES: Final = {"مكة": 180, "السعودية": 180, "تهران": 210}
_AFTERNOON: Final = ("م", "ب", "p")


@dataclass(frozen=True, slots=True)
class Published:
    """A time in UTC and how exact it is; both None when nothing tells it, with the reason."""

    at: datetime | None
    precision: Precision | None
    reason: str | None = None
    method: PublishedMethod = "none"


def read_published(value: str, fetched_at: datetime | None = None, method: PublishedMethod = "record") -> Published:
    """Read ISO 8601 (RFC 3339), RFC 2822, or a date with the day first or with the month's name.

    Digits may be ASCII, Arabic or Persian, the calendar Gregorian, Jalali or Hijri. With a zone the time is
    exact to the second or minute, as written. Without one it is taken as UTC and may be off by half a day, so
    its precision is `day`, as for a date alone.
    """
    value = value.strip()
    if len(value) in _ISO_LENGTHS and (quick := _from_iso(value)) is not None:
        return _checked(quick, fetched_at, method)
    latest = fetched_at.date() + _TOLERANCE if fetched_at and fetched_at >= _FETCHED_SINCE else None
    found = next((match for form in _FORMS if (match := form.fullmatch(value))), None)
    published = _from_numbers(found, latest) if found else _from_mail(value) or _from_words(value)
    return _checked(published, fetched_at, method)


#: `2025-10-21T14:30:00Z` and `2025-10-21T14:30:00+03:00`, which nearly all records and pages write.
_ISO_LENGTHS: Final = (20, 25)


def _from_iso(value: str) -> Published | None:
    if not value.isascii() or value[10] != "T" or value[19] not in "Z+-" or value[0] == "0":
        return None
    if len(value) == 25 and value[-2:] > "59":  # fromisoformat takes +03:75 for +04:15
        return None
    try:
        moment = datetime.fromisoformat(value)
        return Published(moment.astimezone(UTC), "instant") if moment.tzinfo and moment.year > 1500 else None
    except (ValueError, OverflowError):
        return None


def _checked(published: Published, fetched_at: datetime | None, method: PublishedMethod) -> Published:
    """What was read, unless it lies where no news was published."""
    if published.at is None:
        return published
    if not FIRST_YEAR <= published.at.year <= LAST_YEAR:
        return Published(None, None, "impossible-date")
    if fetched_at and fetched_at >= _FETCHED_SINCE and published.at > fetched_at + _TOLERANCE:
        return Published(None, None, "future-date")
    return Published(published.at, published.precision, published.reason, method)


def _from_numbers(found: re.Match[str], latest: date | None) -> Published:
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    try:
        zone = _zone(found["zone"])
        if found["hour"] is None and year > 1500:  # the most frequent form, without the detours
            return Published(datetime(year, month, day, tzinfo=UTC), "day")
        calendar = calendar_of_year(year, latest)
        on = to_gregorian(calendar, year, month, day) if calendar else None
        if on is None:
            return Published(None, None, "impossible-date")
        moment = datetime(
            on.year,
            on.month,
            on.day,
            int(found["hour"] or 0),
            int(found["minute"] or 0),
            int(found["second"] or 0),
            int((found["fraction"] or "0").ljust(6, "0")[:6]),
            tzinfo=zone,
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return Published(None, None, "impossible-date")
    if found["hour"] is None or found["zone"] is None:
        return Published(moment, "day")
    return Published(moment, "minute" if found["second"] is None else "instant")


def _zone(written: str | None) -> timezone:
    if written is None or written.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = written[1:].replace(":", "").ljust(4, "0")
    if int(digits[2:]) > 59:
        raise ValueError(f"the offset {written} has more than 59 minutes")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if written[0] == "-" else offset)


def _from_mail(value: str) -> Published | None:
    """The form of feeds and mail: `Tue, 21 Oct 2025 14:30:00 +0300`."""
    if not _MAIL.match(value):
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # `-0000` says that the zone is unknown; parsedate_to_datetime then leaves it out.
    if moment.tzinfo is None:
        return Published(moment.replace(tzinfo=UTC), "day")
    try:
        return Published(moment.astimezone(UTC), "instant" if value.count(":") > 1 else "minute")
    except OverflowError:
        return Published(None, None, "impossible-date")


def _from_words(value: str) -> Published:
    """One full date in words or numbers, with a time of day beside it at most; its year must be written."""
    days = [found for found in find_dates(value) if found.precision == "day" and found.reason != "no-anchor"]
    if len({found.date for found in days}) != 1 and not _one_day_in_two_calendars([found.date for found in days]):
        return Published(None, None, "unreadable-date")
    on = days[0].date
    if on is None:
        return Published(None, None, "impossible-date")
    rest = value[: days[0].char_start] + " " + value[days[0].char_end :]
    clock = _CLOCK.search(rest)
    if clock is None:
        return Published(datetime(on.year, on.month, on.day, tzinfo=UTC), "day")
    hour = int(clock["hour"])
    half = (clock["half"] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith(_AFTERNOON) else 0)
    minutes = next((shift for name, shift in _WRITTEN_ZONES.items() if name in (clock["zone"] or "")), 0)
    try:
        moment = datetime(
            on.year,
            on.month,
            on.day,
            hour,
            int(clock["minute"]),
            int(clock["second"] or 0),
            tzinfo=timezone(timedelta(minutes=minutes)),
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return Published(None, None, "impossible-date")
    return Published(moment, "minute" if clock["zone"] else "day")


def _one_day_in_two_calendars(days: Sequence[date | None]) -> bool:
    """«28 ربيع الآخر 1447 الموافق 20 أكتوبر 2025»: a Hijri day may differ from its neighbour by one."""
    known = [day for day in days if day is not None]
    return len(known) == len(days) > 0 and max(known) - min(known) <= timedelta(days=1)


#: What may stand beside the date on a line that says when the article was published.
_LABEL: Final = re.compile(
    r"تاريخ النشر|نشر(?:ت)? (?:في|بتاريخ)|نُشر(?:ت)? (?:في|بتاريخ)|تم النشر"
    r"|العدد:? \d{1,6}|شماره:? [\d۰-۹]{1,6}|آخر تحديث|اخر تحديث|التاريخ|الموافق|بتاريخ|الساعة"
    r"|آخرین به[ \u200c]?روزرسانی|به[ \u200c]?روزرسانی|بروزرسانی|به[ \u200c]?روز شده در"
    r"|تاریخ انتشار|زمان انتشار|انتشار|منتشر شده در|تاریخ|ساعت|شائع شدہ|تاریخ اشاعت"
    r"|[Pp]ublished(?: on)?|[Pp]osted on|[Uu]pdated|[Dd]ate|\bat\b"
)
_CHANGED: Final = re.compile(r"[آا]خر تحديث|به[ \u200c]?روزرسانی|بروزرسانی|به[ \u200c]?روز شده|[Uu]pdated")
#: The place from where it was sent, before the date: «تونس - 21 جانفي 2025».
_PLACE: Final = re.compile(r"[^\W\d_]{2,}(?: [^\W\d_]{2,})? ?[-–—،,:/] ?")
_ONLY_MARKS: Final = re.compile(r"[\s\W_]*")
#: A date line has a label, a weekday, the day in two calendars and a time: some 90 characters at most.
_DATE_LINE: Final = 100
_TOP_LINES: Final = 4


#: Yesterday's page, fetched in another zone, may still show the day on which it was asked for.
_CLOCK_DAYS: Final = timedelta(days=2)


def unmarked_date(lines: Sequence[str], fetched_at: datetime) -> Published | None:
    """The one date that a page shows without saying of what, as the mastheads of old newspaper sites do.

    None where there are several, or where it is the day of fetching: then it is a clock.
    """
    found = [dated[0] for line in lines if (dated := published_line([line], fetched_at))]
    days = {published.at.date() for published in found if published.at}
    if len(days) != 1 or found[0].at is None or fetched_at - found[0].at < _CLOCK_DAYS:
        return None
    return found[0]


def is_update(line: str) -> bool:
    """Whether a date line tells when the text was last changed, not when it was published."""
    return _CHANGED.search(line) is not None


def published_line(lines: Sequence[str], fetched_at: datetime | None) -> tuple[Published, int] | None:
    """The time of publication that a line of its own tells, at the top of a text or as its last line.

    Such a line holds a full date and nothing else but a label («تاريخ النشر») and a time. Returns the time and
    the line's index; None where there is no such line.
    """
    filled = [index for index, line in enumerate(lines) if line.strip()]
    for index in dict.fromkeys([*filled[:_TOP_LINES], *filled[-1:]]):
        line = lines[index]
        if len(line) > _DATE_LINE or not any(map(str.isdigit, line)):
            continue
        rest = line
        dates = find_dates(line)
        for found in reversed(dates):
            rest = rest[: found.char_start] + " " + rest[found.char_end :]
        if dates and (place := _PLACE.fullmatch(line, 0, dates[0].char_start)):
            rest = rest[place.end() :]
        if rest == line or not _ONLY_MARKS.fullmatch(_LABEL.sub(" ", _CLOCK.sub(" ", rest))):
            continue
        published = read_published(line, fetched_at, "text")
        if published.at is not None:
            return published, index
    return None
