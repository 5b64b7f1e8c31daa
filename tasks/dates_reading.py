"""Which day the words of a date mean, seen from the day of publication."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from tasks.calendars import FIRST_YEAR, LAST_YEAR, Calendar, calendar_of_year, from_gregorian, to_gregorian
from tasks.dates_found import DatePrecision, FoundDate, meant, missing
from tasks.dates_patterns import compact, kinds_of_groups, known_names

Prefer = Literal["past", "future"]


@dataclass(frozen=True, slots=True)
class Reading:
    anchor: date | None
    persian: bool
    prefer: Prefer

    def read(self, match: re.Match[str]) -> FoundDate | None:
        """The date of one match, its place left open; None where the words mean something else."""
        kind = str(match.lastgroup)[1:]  # every kind ends in a group of its own, named with its number
        part = {name[0]: value.replace(" ", "") for name in kinds_of_groups()[kind] if (value := match.group(name))}
        match int(kind):
            case 1 | 2:
                return self._numbers(part, int(part["m"]), int(part["d"]), "day")
            case 3 | 4:
                return self._written(part)
            case 5:
                return self._month(part)
            case 6:
                return self._near(part)
            case 7:
                return self._counted(part)
            case 8 | 10 if "w" in part:
                return self._weekday(part, match.group())
            case 9 | 10:
                return self._unit(part)
        return self._numbers(part, 1, 1, "year")

    def _numbers(self, part: dict[str, str], month: int, day: int, precision: DatePrecision) -> FoundDate:
        """A date whose calendar only its year, or a mark behind it («هـ», «م», «ه.ش»), tells."""
        year, mark = int(part["y"]), part.get("c")
        calendar = _marked(mark) if mark else calendar_of_year(year, self.anchor)
        if calendar is None:
            return missing(precision, "gregorian", "ambiguous")
        return meant(to_gregorian(calendar, year, month, day), precision, calendar)

    def _meaning(self, name: str, year: str | None) -> tuple[Calendar, int] | None:
        """Calendar and number of a month, or None where the word is no month here."""
        known = known_names()
        if name in known.with_year and year is None:
            return None
        if name in known.arabic_only and self.persian and name != compact("آب"):
            return None
        if name in known.afghan and not self.persian and not year:
            return None
        found = known.months[name]
        if year is not None:  # «محرم», and every other name that two calendars share
            fitting = [pair for pair in found if FIRST_YEAR <= int(year) <= LAST_YEAR or pair[0] != "gregorian"]
            found = tuple(fitting) or found
        return found[0]

    def _written(self, part: dict[str, str]) -> FoundDate | None:
        known = known_names()
        year = part.get("y")
        meaning = self._meaning(part["n"], year)
        if meaning is None:
            return None
        calendar, month = meaning
        day = int(part["d"]) if "d" in part else known.ordinals[part["o"]]
        weekday = known.weekdays.get(part.get("w", ""))
        if year is not None:
            return _with_weekday(to_gregorian(calendar, int(year), month, day), calendar, weekday)
        if self.anchor is None:
            return missing("day", calendar, "no-anchor")
        near = from_gregorian(calendar, self.anchor)[0]
        days = [to_gregorian(calendar, y, month, day) for y in (near - 1, near, near + 1)]
        possible = [found for found in days if found is not None]
        if not possible:
            return missing("day", calendar, "impossible-date")
        anchor = self.anchor
        return _with_weekday(min(possible, key=lambda found: (abs(found - anchor), found)), calendar, weekday)

    def _month(self, part: dict[str, str]) -> FoundDate | None:
        meaning = self._meaning(part["n"], part["y"])
        if meaning is None:
            return None
        calendar, month = meaning
        return meant(to_gregorian(calendar, int(part["y"]), month, 1), "month", calendar)

    def _near(self, part: dict[str, str]) -> FoundDate:
        known = known_names()
        if part["a"] in known.two_ways:
            return missing("day", "relative", "ambiguous")
        if self.anchor is None:
            return missing("day", "relative", "no-anchor")
        day = self.anchor + timedelta(days=known.days[part["a"]])
        weekday = known.weekdays.get(part.get("w", ""))
        if weekday is None or weekday == day.weekday():
            return meant(day, "day", "relative")
        # «أمس الاثنين», published after midnight: the weekday tells the day on which it was written.
        for shift in (-1, 1):
            if (day + timedelta(days=shift)).weekday() == weekday:
                return meant(day + timedelta(days=shift), "day", "weekday")
        return missing("day", "relative", "contradiction")

    def _counted(self, part: dict[str, str]) -> FoundDate | None:
        known = known_names()
        before, after = part.get("q"), part.get("p")
        if (before is None and after is None) or part.get("k") in known.untold:
            return None
        number = 2 if "t" in part else known.counts[part["k"]] if part["k"] in known.counts else int(part["k"])
        unit = known.twos[part["t"]] if "t" in part else known.units[part["u"]]
        ahead = before == "بعد" or after in ("بعد", "ديگر", "later")
        if self.anchor is None:
            return missing(_precision(unit), "relative", "no-anchor")
        return self._shifted(unit, number if ahead else -number, whole=False)

    def _unit(self, part: dict[str, str]) -> FoundDate | None:
        known = known_names()
        unit, way = known.units.get(part["u"], part["u"]), part["p"]
        if self.anchor is None:
            return missing(_precision(unit), "relative", "no-anchor")
        if unit in ("month", "year") and self.persian:
            return self._persian_unit(unit, _direction(way))
        return self._shifted(unit, _direction(way), whole=True)

    def _persian_unit(self, unit: str, count: int) -> FoundDate:
        """A month or year of the Jalali calendar, by its first day."""
        assert self.anchor is not None
        year, month, _ = from_gregorian("jalali", self.anchor)
        if unit == "year":
            return meant(to_gregorian("jalali", year + count, 1, 1), "year", "relative")
        year, month = year + (month - 1 + count) // 12, (month - 1 + count) % 12 + 1
        return meant(to_gregorian("jalali", year, month, 1), "month", "relative")

    def _shifted(self, unit: str, count: int, *, whole: bool) -> FoundDate:
        """So many units from the anchor: `whole` weeks, months and years by their first day, else as counted."""
        assert self.anchor is not None
        anchor = self.anchor
        try:
            if unit == "day":
                return meant(anchor + timedelta(days=count), "day", "relative")
            if unit == "week":
                day = anchor + timedelta(weeks=count)
                return meant(day - timedelta(days=day.weekday()), "week", "relative")
            if unit == "month":
                months = anchor.year * 12 + anchor.month - 1 + count
                return meant(to_gregorian("gregorian", months // 12, months % 12 + 1, 1), "month", "relative")
        except OverflowError:
            return missing(_precision(unit), "relative", "impossible-date")
        return meant(to_gregorian("gregorian", anchor.year + count, 1, 1), "year", "relative")

    def _weekday(self, part: dict[str, str], surface: str) -> FoundDate | None:
        known = known_names()
        if part["w"] in known.after_day and not re.match("(?:يوم|روز|بروز|on) ", surface) and "p" not in part:
            return None
        if self.anchor is None:
            return missing("day", "weekday", "no-anchor")
        distance = (known.weekdays[part["w"]] - self.anchor.weekday()) % 7
        way = part.get("p")
        if way in known.past or (way is None and self.prefer == "past"):
            # «الثلاثاء الماضي», published on a Tuesday, is the one before.
            back = distance - 7 if distance or way else 0
            return meant(self.anchor + timedelta(days=back), "day", "weekday")
        if way in known.ahead or way is None:
            return meant(self.anchor + timedelta(days=distance or (7 if way else 0)), "day", "weekday")
        return meant(self.anchor + timedelta(days=distance - 7 if distance else 0), "day", "weekday")


def _marked(mark: str) -> Calendar:
    if "ش" in mark or mark == "خورشيدي":
        return "jalali"
    return "gregorian" if mark.startswith("م") else "hijri"


def _direction(way: str) -> int:
    known = known_names()
    return -1 if way in known.past else 1 if way in known.ahead else 0


def _precision(unit: str) -> DatePrecision:
    match unit:
        case "week":
            return "week"
        case "month":
            return "month"
        case "year":
            return "year"
    return "day"


def _with_weekday(day: date | None, calendar: Calendar, weekday: int | None) -> FoundDate:
    """A weekday beside a Hijri day decides between it and its neighbours (the new moon is sighted locally)."""
    if day is not None and calendar == "hijri" and weekday is not None:
        for shift in (0, -1, 1):
            if (day + timedelta(days=shift)).weekday() == weekday:
                return meant(day + timedelta(days=shift), "day", calendar)
    return meant(day, "day", calendar)
