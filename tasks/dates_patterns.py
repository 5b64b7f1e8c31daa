"""How dates are written: letters folded one for one, names for look-up, and one expression for all kinds of dates."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from tasks import dates_names as names
from tasks.calendars import Calendar

#: Letters that differ by keyboard or habit, one for one, so that offsets stay; a joiner counts as a space.
_LETTERS: Final = str.maketrans(
    "أإآٱىیېےکةہۃھؤئۀ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹\u200c\xa0\u202f\u066b",
    "ااااييييكههههويه01234567890123456789   .",
)
_LOWERED: Final = _LETTERS | str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
#: Vowel marks, the lengthening stroke and bidi marks: between two letters they are nothing.
NOTHING: Final = re.compile("[\u0640\u064b-\u065f\u0670\u200d-\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_PERSIAN_LETTERS: Final = re.compile("[پچژگکی]")
_PERSIAN_LANGUAGES: Final = frozenset({"fa", "prs", "ur", "ps", "ckb", "glk", "mzn", "azb", "sd", "bal"})


def _fold(text: str) -> str:
    return NOTHING.sub("", text).translate(_LETTERS).lower()


def fold_with_positions(text: str) -> tuple[str, range | list[int]]:
    """The folded text, and for each of its characters where it stands in the text."""
    folded = text.translate(_LOWERED)
    if not NOTHING.search(folded):
        return folded, range(len(folded))
    kept = [i for i, character in enumerate(folded) if not NOTHING.match(character)]
    return "".join(folded[i] for i in kept), kept


def is_persian(text: str, language: str | None) -> bool:
    if language is None or language == "und":
        return _PERSIAN_LETTERS.search(text) is not None
    return language in _PERSIAN_LANGUAGES


def _either(words: Iterable[str]) -> str:
    """An alternation, the longest first; a space in a name may be missing."""
    folded = sorted({_fold(word.strip()) for word in words}, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", " ?") for word in folded)


@dataclass(frozen=True, slots=True)
class Names:
    """The name tables, folded for look-up; spaces dropped, since a text may drop them."""

    months: dict[str, tuple[tuple[Calendar, int], ...]]
    weekdays: dict[str, int]
    days: dict[str, int]
    ordinals: dict[str, int]
    counts: dict[str, int]
    untold: frozenset[str]
    units: dict[str, str]
    twos: dict[str, str]
    past: frozenset[str]
    ahead: frozenset[str]
    arabic_only: frozenset[str]
    afghan: frozenset[str]
    with_year: frozenset[str]
    after_day: frozenset[str]
    two_ways: frozenset[str]


def compact(word: str) -> str:
    return _fold(word).replace(" ", "")


@lru_cache(maxsize=1)
def known_names() -> Names:
    months: dict[str, tuple[tuple[Calendar, int], ...]] = {}
    for name, calendar, number in names.month_names():
        months[compact(name)] = (*months.get(compact(name), ()), (calendar, number))
    return Names(
        months=months,
        weekdays={
            compact(name): number
            for number, line in enumerate(names.WEEKDAYS.strip().splitlines())
            for name in line.split("|")
        },
        days={compact(word): offset for word, offset in names.DAYS.items()},
        ordinals={compact(word): number for word, number in names.ordinals().items()},
        counts={compact(word): number for word, number in names.COUNTS.items()},
        untold=frozenset(map(compact, names.UNTOLD_COUNTS)),
        units={compact(word): unit for unit, words in names.UNITS.items() for word in words},
        twos={compact(word): unit for unit, words in names.TWO_OF.items() for word in words},
        past=frozenset(map(compact, names.PAST)),
        ahead=frozenset(map(compact, names.AHEAD)),
        arabic_only=frozenset(map(compact, names.ARABIC_ONLY)),
        afghan=frozenset(map(compact, names.AFGHAN)),
        with_year=frozenset(map(compact, names.ONLY_WITH_YEAR)),
        after_day=frozenset(map(compact, names.WEEKDAYS_AFTER_DAY)),
        two_ways=frozenset(map(compact, names.TWO_WAYS)),
    )


@lru_cache(maxsize=1)
def date_patterns() -> re.Pattern[str]:
    """One expression for all kinds of dates: the first alternative that fits at a place is the longest kind."""
    month = _either(name for name, _, _ in names.month_names())
    weekday = _either(name for line in names.WEEKDAYS.strip().splitlines() for name in line.split("|"))
    units = _either(word for words in names.UNITS.values() for word in words)
    twos = _either(word for words in names.TWO_OF.values() for word in words)
    counts = _either([*names.COUNTS, *names.UNTOLD_COUNTS])
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
        rf"(?:(?P<q7>قبل|منذ|بعد) )?(?:(?P<k7>\d{{1,3}}|{counts}) (?P<u7>{units})|(?P<t7>{twos}))"
        rf"(?: (?P<p7>پيش|قبل|بعد|ديگر|ago|later))?(?!\w)",
        rf"{to_weekday.format('w8')}(?: (?:هفته )?(?P<p8>{which})(?!\w))?",
        rf"(?P<u9>الاسبوع|الشهر|العام|السنه|هفته|ماه|سال) (?P<p9>{way})(?!\w)(?! از)",
        rf"(?P<p10>last|next|this) (?:(?P<u10>week|month|year)|(?P<w10>{weekday}))(?!\w)",
        rf"(?:عام|سنه|العام|سال|في|in|year) (?P<y11>\d{{4}})(?![\d/.:-]*\d)(?: ?(?P<c11>{year}))?(?!\w)",
    )
    # The Arabic «and» is written onto the word behind it; it is no part of the date.
    return re.compile(rf"(?<![\w/.:-])(?={_beginnings()})و?(?P<start>)(?:" + "|".join(kinds) + ")")


@lru_cache(maxsize=1)
def kinds_of_groups() -> dict[str, tuple[str, ...]]:
    """The groups of each kind of date, by its number."""
    kinds: dict[str, tuple[str, ...]] = {}
    for name in date_patterns().groupindex:
        kinds[name[1:]] = (*kinds.get(name[1:], ()), name)
    return kinds


#: Most words of a text end their trial within so many letters: of two, every «ال…» would pass.
_TRIED: Final = 5


def _beginnings() -> str:
    """The first letters of everything that may begin a date."""
    words = [name for name, _, _ in names.month_names()]
    words += [name for line in names.WEEKDAYS.strip().splitlines() for name in line.split("|")]
    words += [*names.DAYS, *names.ordinals(), *names.COUNTS, *names.UNTOLD_COUNTS, *sum(names.TWO_OF.values(), ())]
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
    return rf"و?(?:\d|{_tree({_fold(word.strip()) for word in words})})"


def _tree(words: set[str], depth: int = 0) -> str:
    """An expression for the first letters of any of the words, each letter tried once; a space may be missing."""
    branches = []
    for first in sorted({word[0] for word in words}):
        behind = {word[1:] for word in words if word[0] == first}
        rest = "" if "" in behind or depth + 1 == _TRIED else _tree(behind, depth + 1)
        branches.append((" ?" if first == " " else re.escape(first)) + rest)
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
