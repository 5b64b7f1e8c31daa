"""Dates in running text: where they stand, which day they mean, how exact they are and what told it.

    find_dates("أعلن أمس الاثنين ...", anchor=date(2025, 10, 21))
    → [FoundDate(char_start=5, char_end=16, surface="أمس الاثنين", date=2025-10-20, precision="day", ...)]

Days are counted from the `anchor`, the day of publication, and never from a clock. What cannot be told is a
FoundDate without a date, with the reason. Gregorian, Jalali and Hijri; Arabic (all three sets of month
names), Persian, Dari, Urdu and English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

from tasks import dates_names as names
from tasks.calendars import FIRST_YEAR, LAST_YEAR, Calendar, calendar_of_year, from_gregorian, to_gregorian

DatePrecision = Literal["day", "week", "month", "year"]
#: What told the date: a calendar date in numbers or words, a weekday, or a count from the anchor.
DateMethod = Literal["gregorian", "jalali", "hijri", "weekday", "relative"]
Reason = Literal["no-anchor", "impossible-date", "ambiguous", "contradiction"]
Prefer = Literal["past", "future"]


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
    folded, positions = _fold_with_positions(text)
    reading = _Reading(anchor, _is_persian(text, language), prefer)
    found: list[FoundDate] = []
    for match in _patterns().finditer(folded):
        read = reading.read(match)
        if read is None:
            continue
        start, end = positions[match.start("start")], positions[match.end() - 1] + 1
        while end < len(text) and _NOTHING.match(text, end):  # «1447هـ»
            end += 1
        found.append(replace(read, char_start=start, char_end=end, surface=text[start:end]))
    return found


#: Letters that differ by keyboard or habit, one for one, so that offsets stay; a joiner counts as a space.
_LETTERS: Final = str.maketrans(
    "أإآٱىیېےکةہۃھؤئۀ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹\u200c\xa0\u202f\u066b",
    "ااااييييكههههويه01234567890123456789   .",
)
#: Vowel marks, the lengthening stroke and bidi marks: between two letters they are nothing.
_NOTHING: Final = re.compile("[\u0640\u064b-\u065f\u0670\u200d-\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_PERSIAN_LETTERS: Final = re.compile("[پچژگکی]")
_PERSIAN_LANGUAGES: Final = frozenset({"fa", "prs", "ur", "ps", "ckb", "glk", "mzn", "azb", "sd", "bal"})


def _fold(text: str) -> str:
    return _NOTHING.sub("", text).translate(_LETTERS).lower()


def _fold_with_positions(text: str) -> tuple[str, range | list[int]]:
    """The folded text, and for each of its characters where it stands in the text."""
    folded = text.translate(_LETTERS)
    folded = "".join(c.lower() if c < "\x80" else c for c in folded) if not folded.islower() else folded
    if not _NOTHING.search(folded):
        return folded, range(len(folded))
    kept = [i for i, character in enumerate(folded) if not _NOTHING.match(character)]
    return "".join(folded[i] for i in kept), kept


def _is_persian(text: str, language: str | None) -> bool:
    if language is None or language == "und":
        return _PERSIAN_LETTERS.search(text) is not None
    return language in _PERSIAN_LANGUAGES


def _either(words: Iterable[str]) -> str:
    """An alternation, the longest first; a space in a name may be missing."""
    folded = sorted({_fold(word.strip()) for word in words}, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", " ?") for word in folded)


@dataclass(frozen=True, slots=True)
class _Names:
    """The name tables, folded for look-up; spaces dropped, since a text may drop them."""

    months: dict[str, tuple[tuple[Calendar, int], ...]]
    weekdays: dict[str, int]
    days: dict[str, int]
    ordinals: dict[str, int]
    counts: dict[str, int]
    units: dict[str, str]
    twos: dict[str, str]
    past: frozenset[str]
    ahead: frozenset[str]
    arabic_only: frozenset[str]
    afghan: frozenset[str]
    with_year: frozenset[str]
    after_day: frozenset[str]
    two_ways: frozenset[str]


def _compact(word: str) -> str:
    return _fold(word).replace(" ", "")


@lru_cache(maxsize=1)
def _names() -> _Names:
    months: dict[str, tuple[tuple[Calendar, int], ...]] = {}
    for name, calendar, number in names.month_names():
        months[_compact(name)] = (*months.get(_compact(name), ()), (calendar, number))
    return _Names(
        months=months,
        weekdays={
            _compact(name): number
            for number, line in enumerate(names.WEEKDAYS.strip().splitlines())
            for name in line.split("|")
        },
        days={_compact(word): offset for word, offset in names.DAYS.items()},
        ordinals={_compact(word): number for word, number in names.ordinals().items()},
        counts={_compact(word): number for word, number in names.COUNTS.items()},
        units={_compact(word): unit for unit, words in names.UNITS.items() for word in words},
        twos={_compact(word): unit for unit, words in names.TWO_OF.items() for word in words},
        past=frozenset(map(_compact, names.PAST)),
        ahead=frozenset(map(_compact, names.AHEAD)),
        arabic_only=frozenset(map(_compact, names.ARABIC_ONLY)),
        afghan=frozenset(map(_compact, names.AFGHAN)),
        with_year=frozenset(map(_compact, names.ONLY_WITH_YEAR)),
        after_day=frozenset(map(_compact, names.WEEKDAYS_AFTER_DAY)),
        two_ways=frozenset(map(_compact, names.TWO_WAYS)),
    )


@lru_cache(maxsize=1)
def _patterns() -> re.Pattern[str]:
    """One expression for all kinds of dates: the first alternative that fits at a place is the longest kind."""
    month = _either(name for name, _, _ in names.month_names())
    weekday = _either(name for line in names.WEEKDAYS.strip().splitlines() for name in line.split("|"))
    units = _either(word for words in names.UNITS.values() for word in words)
    twos = _either(word for words in names.TWO_OF.values() for word in words)
    way = _either([*names.PAST, *names.AHEAD, *names.CURRENT])
    no_day = _either(names.NOT_TODAY)
    # «قبل» and «بعد» behind a weekday begin something else: «الثلاثاء بعد الاجتماع».
    which = _either(set(names.PAST + names.AHEAD + names.CURRENT) - {"قبل", "بعد", "پیش"})
    english = _either(name for name, _, _ in names.month_names() if name.isascii())
    to_weekday = rf"(?:(?:يوم|روز|بروز|on) )?(?P<{{0}}>{weekday})(?:ها)?(?!\w)"
    second = rf"(?: ?[/(] ?(?:{month}) ?\)?)?"  # «كانون الثاني/يناير», «آب (أغسطس)»
    year = r"(?:ه ?\.? ?ش|هجري شمسي|خورشيدي|ه ?\.? ?ق|هجري قمري|هجريه|هجري|هـ|ه|ميلاديه|ميلادي|م)"
    kinds = (
        rf"(?P<y1>\d{{4}})[-/.](?P<m1>\d{{1,2}})[-/.](?P<d1>\d{{1,2}})(?![\d/])(?: ?(?P<c1>{year})(?!\w))?",
        rf"(?P<d2>\d{{1,2}})[-/.](?P<m2>\d{{1,2}})[-/.](?P<y2>\d{{4}})(?![\d/])(?: ?(?P<c2>{year})(?!\w))?",
        rf"(?:{to_weekday.format('w3')}،?,? )?(?:الموافق |مورخ |برابر با )?"
        rf"(?:(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?|(?P<o3>{_either(names.ordinals())}))"
        rf"(?: من| of| ماه| شهر)?[ -](?P<n3>{month}){second}(?: ?ماه)?(?!\w)"
        rf"(?:,?،?[ -](?:من )?(?:عام |سنه |سال )?(?P<y3>\d{{4}})(?!\d)(?: ?(?P<c3>{year})(?!\w))?)?",
        rf"(?:{to_weekday.format('w4')},? )?(?P<n4>{english}) (?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)"
        rf"(?:,? (?P<y4>\d{{4}})(?!\d))?",
        rf"(?P<n5>{month}){second}(?: ?ماه)?,? (?:من )?(?:عام |سنه |سال )?"
        rf"(?P<y5>\d{{4}})(?!\d)(?: ?(?P<c5>{year})(?!\w))?",
        rf"(?P<a6>{_either(names.DAYS)})(?!\w)(?! (?:{no_day})(?!\w))(?:،? \(?{to_weekday.format('w6')}\)?)?",
        rf"(?:(?P<q7>قبل|منذ|بعد) )?(?:(?P<k7>\d{{1,3}}|{_either(names.COUNTS)}) (?P<u7>{units})|(?P<t7>{twos}))"
        rf"(?: (?P<p7>پيش|قبل|بعد|ديگر|ago|later))?(?!\w)",
        rf"{to_weekday.format('w8')}(?: (?:هفته )?(?P<p8>{which})(?!\w))?",
        rf"(?P<u9>الاسبوع|الشهر|العام|السنه|هفته|ماه|سال) (?P<p9>{way})(?!\w)(?! از)",
        rf"(?P<p10>last|next|this) (?:(?P<u10>week|month|year)|(?P<w10>{weekday}))(?!\w)",
        rf"(?:عام|سنه|العام|سال|في|in|year) (?P<y11>\d{{4}})(?![\d/.:-]*\d)(?: ?(?P<c11>{year}))?(?!\w)",
    )
    # The Arabic «and» is written onto the word behind it; it is no part of the date.
    return re.compile(rf"(?<![\w/.:-])(?={_beginnings()})و?(?P<start>)(?:" + "|".join(kinds) + ")")


def _beginnings() -> str:
    """The first two letters of everything that may begin a date: most words of a text end their trial here."""
    words = [name for name, _, _ in names.month_names()]
    words += [name for line in names.WEEKDAYS.strip().splitlines() for name in line.split("|")]
    words += [*names.DAYS, *names.ordinals(), *names.COUNTS, *sum(names.TWO_OF.values(), ())]
    words += [
        *sum(names.UNITS.values(), ()),
        "يوم",
        "روز",
        "بروز",
        "قبل",
        "منذ",
        "بعد",
        "في",
        "in",
        "on",
        "last",
        "next",
    ]
    words += ["this", "الموافق", "مورخ", "برابر"]
    pairs: dict[str, set[str]] = {}
    for word in words:
        folded = _compact(word)
        pairs.setdefault(folded[0], set()).add(folded[1])
    tree = "|".join(f"{first}[{''.join(sorted(second))}]" for first, second in sorted(pairs.items()))
    return rf"و?(?:\d|{tree})"


@dataclass(frozen=True, slots=True)
class _Reading:
    anchor: date | None
    persian: bool
    prefer: Prefer

    def read(self, match: re.Match[str]) -> FoundDate | None:
        """The date of one match, its place left open; None where the words mean something else."""
        group = {name: value for name, value in match.groupdict().items() if value}
        kind = re.sub(r"\D", "", next(iter(sorted(group, key=lambda name: -int(name[1:])))))
        part = {name[0]: value.replace(" ", "") for name, value in group.items() if name[1:] == kind}
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
            return _missing(precision, "gregorian", "ambiguous")
        return _found(to_gregorian(calendar, year, month, day), precision, calendar)

    def _meaning(self, name: str, year: str | None) -> tuple[Calendar, int] | None:
        """Calendar and number of a month, or None where the word is no month here."""
        known = _names()
        if name in known.with_year and year is None:
            return None
        if name in known.arabic_only and self.persian and name != _compact("آب"):
            return None
        if name in known.afghan and not self.persian and not year:
            return None
        found = known.months[name]
        if year is not None:  # «محرم», and every other name that two calendars share
            fitting = [pair for pair in found if FIRST_YEAR <= int(year) <= LAST_YEAR or pair[0] != "gregorian"]
            found = tuple(fitting) or found
        return found[0]

    def _written(self, part: dict[str, str]) -> FoundDate | None:
        known = _names()
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
            return _missing("day", calendar, "no-anchor")
        near = from_gregorian(calendar, self.anchor)[0]
        days = [to_gregorian(calendar, y, month, day) for y in (near - 1, near, near + 1)]
        possible = [found for found in days if found is not None]
        if not possible:
            return _missing("day", calendar, "impossible-date")
        anchor = self.anchor
        return _with_weekday(min(possible, key=lambda found: (abs(found - anchor), found)), calendar, weekday)

    def _month(self, part: dict[str, str]) -> FoundDate | None:
        meaning = self._meaning(part["n"], part["y"])
        if meaning is None:
            return None
        calendar, month = meaning
        return _found(to_gregorian(calendar, int(part["y"]), month, 1), "month", calendar)

    def _near(self, part: dict[str, str]) -> FoundDate:
        known = _names()
        if part["a"] in known.two_ways:
            return _missing("day", "relative", "ambiguous")
        if self.anchor is None:
            return _missing("day", "relative", "no-anchor")
        day = self.anchor + timedelta(days=known.days[part["a"]])
        weekday = known.weekdays.get(part.get("w", ""))
        if weekday is None or weekday == day.weekday():
            return _found(day, "day", "relative")
        # «أمس الاثنين», published after midnight: the weekday tells the day on which it was written.
        for shift in (-1, 1):
            if (day + timedelta(days=shift)).weekday() == weekday:
                return _found(day + timedelta(days=shift), "day", "weekday")
        return _missing("day", "relative", "contradiction")

    def _counted(self, part: dict[str, str]) -> FoundDate | None:
        known = _names()
        before, after = part.get("q"), part.get("p")
        if before is None and after is None:
            return None
        number = 2 if "t" in part else known.counts[part["k"]] if part["k"] in known.counts else int(part["k"])
        unit = known.twos[part["t"]] if "t" in part else known.units[part["u"]]
        ahead = before == "بعد" or after in ("بعد", "ديگر", "later")
        if self.anchor is None:
            return _missing(_precision(unit), "relative", "no-anchor")
        return self._shifted(unit, number if ahead else -number, whole=False)

    def _unit(self, part: dict[str, str]) -> FoundDate | None:
        known = _names()
        unit, way = known.units.get(part["u"], part["u"]), part["p"]
        if self.anchor is None:
            return _missing(_precision(unit), "relative", "no-anchor")
        if unit in ("month", "year") and self.persian:
            return self._persian_unit(unit, _direction(way))
        return self._shifted(unit, _direction(way), whole=True)

    def _persian_unit(self, unit: str, count: int) -> FoundDate:
        """A month or year of the Jalali calendar, by its first day."""
        assert self.anchor is not None
        year, month, _ = from_gregorian("jalali", self.anchor)
        if unit == "year":
            return _found(to_gregorian("jalali", year + count, 1, 1), "year", "relative")
        year, month = year + (month - 1 + count) // 12, (month - 1 + count) % 12 + 1
        return _found(to_gregorian("jalali", year, month, 1), "month", "relative")

    def _shifted(self, unit: str, count: int, *, whole: bool) -> FoundDate:
        """So many units from the anchor: `whole` weeks, months and years by their first day, else as counted."""
        assert self.anchor is not None
        anchor = self.anchor
        try:
            if unit == "day":
                return _found(anchor + timedelta(days=count), "day", "relative")
            if unit == "week":
                day = anchor + timedelta(weeks=count)
                return _found(day - timedelta(days=day.weekday()), "week", "relative")
            if unit == "month":
                months = anchor.year * 12 + anchor.month - 1 + count
                return _found(to_gregorian("gregorian", months // 12, months % 12 + 1, 1), "month", "relative")
        except OverflowError:
            return _missing(_precision(unit), "relative", "impossible-date")
        return _found(to_gregorian("gregorian", anchor.year + count, 1, 1), "year", "relative")

    def _weekday(self, part: dict[str, str], surface: str) -> FoundDate | None:
        known = _names()
        if part["w"] in known.after_day and not re.match("(?:يوم|روز|بروز|on) ", surface) and "p" not in part:
            return None
        if self.anchor is None:
            return _missing("day", "weekday", "no-anchor")
        distance = (known.weekdays[part["w"]] - self.anchor.weekday()) % 7
        way = part.get("p")
        if way in known.past or (way is None and self.prefer == "past"):
            # «الثلاثاء الماضي», published on a Tuesday, is the one before.
            back = distance - 7 if distance or way else 0
            return _found(self.anchor + timedelta(days=back), "day", "weekday")
        if way in known.ahead or way is None:
            return _found(self.anchor + timedelta(days=distance or (7 if way else 0)), "day", "weekday")
        return _found(self.anchor + timedelta(days=distance - 7 if distance else 0), "day", "weekday")


def _marked(mark: str) -> Calendar:
    if "ش" in mark or mark == "خورشيدي":
        return "jalali"
    return "gregorian" if mark.startswith("م") else "hijri"


def _direction(way: str) -> int:
    known = _names()
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


def _found(day: date | None, precision: DatePrecision, method: DateMethod) -> FoundDate:
    return FoundDate(0, 0, "", day, precision, method, None if day else "impossible-date")


def _missing(precision: DatePrecision, method: DateMethod, reason: Reason) -> FoundDate:
    return FoundDate(0, 0, "", None, precision, method, reason)


def _with_weekday(day: date | None, calendar: Calendar, weekday: int | None) -> FoundDate:
    """A weekday beside a Hijri day decides between it and its neighbours (the new moon is sighted locally)."""
    if day is not None and calendar == "hijri" and weekday is not None:
        for shift in (0, -1, 1):
            if (day + timedelta(days=shift)).weekday() == weekday:
                return _found(day + timedelta(days=shift), "day", calendar)
    return _found(day, "day", calendar)
