"""Dates in running text, in three calendars and four languages, counted from the day of publication."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.calendars import Calendar, calendar_of_year, from_gregorian, to_gregorian
from tasks.dates import FoundDate, find_dates

#: A Tuesday: 29 Mehr 1404, 29 Rabi al-Akhir 1447.
ANCHOR = date(2025, 10, 21)


def only(text: str, anchor: date | None = ANCHOR) -> FoundDate:
    [found] = find_dates(text, anchor)
    assert text[found.char_start : found.char_end] == found.surface
    return found


@pytest.mark.parametrize(
    ("text", "surface", "day"),
    [
        ("أعلن أمس الاثنين أن الوفد وصل", "أمس الاثنين", "2025-10-20"),
        ("وأمسِ قال الوزير", "أمسِ", "2025-10-20"),
        ("قال أول أمس", "أول أمس", "2025-10-19"),
        ("يصل غداً الأربعاء", "غداً الأربعاء", "2025-10-22"),
        ("يلتقيان بعد غد", "بعد غد", "2025-10-23"),
        ("وقّع الثلاثاء الماضي", "الثلاثاء الماضي", "2025-10-14"),
        ("يعقد يوم الخميس المقبل", "يوم الخميس المقبل", "2025-10-23"),
        ("قال الخميس إن", "الخميس", "2025-10-16"),
        ("قال اليوم الثلاثاء إن", "اليوم الثلاثاء", "2025-10-21"),
        ("قبل ثلاثة أيام", "قبل ثلاثة أيام", "2025-10-18"),
        ("قبل يومين", "قبل يومين", "2025-10-19"),
        ("في 15 كانون الثاني/يناير 2024", "15 كانون الثاني/يناير 2024", "2024-01-15"),
        ("يوم الأربعاء 18 جانفي 2017 في", "يوم الأربعاء 18 جانفي 2017", "2017-01-18"),
        ("في 12 غشت 2024", "12 غشت 2024", "2024-08-12"),
        ("في 19 جوان 2025", "19 جوان 2025", "2025-06-19"),
        ("في 3 أغسطس (آب) 2025", "3 أغسطس (آب) 2025", "2025-08-03"),
        ("الخامس عشر من آب", "الخامس عشر من آب", "2025-08-15"),
        ("في ٢١ أكتوبر ٢٠٢٥م", "٢١ أكتوبر ٢٠٢٥م", "2025-10-21"),
        ("الثلاثاء 28 ربيع الآخر 1447هـ", "الثلاثاء 28 ربيع الآخر 1447هـ", "2025-10-21"),
        ("في 28 ربيع الآخر 1447 هـ", "28 ربيع الآخر 1447 هـ", "2025-10-20"),
        ("في 1405/05/10 هـ", "1405/05/10 هـ", "1985-01-31"),
        ("در ۱۴۰۴/۰۷/۲۹", "۱۴۰۴/۰۷/۲۹", "2025-10-21"),
        ("روز پنجشنبه گفت", "روز پنجشنبه", "2025-10-16"),
        ("روز پنج‌شنبه آینده", "روز پنج‌شنبه آینده", "2025-10-23"),
        ("دیروز دوشنبه گفت", "دیروز دوشنبه", "2025-10-20"),
        ("پریروز و", "پریروز", "2025-10-19"),
        ("پس‌فردا می‌رود", "پس‌فردا", "2025-10-23"),
        ("سه روز پیش بود", "سه روز پیش", "2025-10-18"),
        ("یکشنبه ۲۷ مهرماه بود", "یکشنبه ۲۷ مهرماه", "2025-10-19"),
        ("بیست و نهم مهر ۱۴۰۴", "بیست و نهم مهر ۱۴۰۴", "2025-10-21"),
        ("در ۱۰ اسد ۱۴۰۴", "۱۰ اسد ۱۴۰۴", "2025-08-01"),
        ("۲۱ اکتبر ۲۰۲۵", "۲۱ اکتبر ۲۰۲۵", "2025-10-21"),
        ("پیر کے روز 20 اکتوبر 2025 کو", "20 اکتوبر 2025", "2025-10-20"),
        ("on August 15, 2025", "August 15, 2025", "2025-08-15"),
        ("since last Tuesday", "last Tuesday", "2025-10-14"),
    ],
)
def test_days(text: str, surface: str, day: str) -> None:
    found = only(text)
    assert (found.surface, str(found.date), found.precision) == (surface, day, "day")


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("الأسبوع الماضي", "2025-10-13", "week"),
        ("هفته آینده", "2025-10-27", "week"),
        ("الشهر المقبل", "2025-11-01", "month"),
        ("ماه جاری", "2025-09-23", "month"),
        ("العام الماضي", "2024-01-01", "year"),
        ("سال گذشته", "2024-03-20", "year"),
        ("أكتوبر 2024", "2024-10-01", "month"),
        ("دی ماه ۱۴۰۳", "2024-12-21", "month"),
        ("عام 2019", "2019-01-01", "year"),
        ("سال ۱۴۰۲", "2023-03-21", "year"),
        ("قبل أسبوعين", "2025-10-06", "week"),
    ],
)
def test_weeks_months_and_years(text: str, day: str, precision: str) -> None:
    found = only(text)
    assert (str(found.date), found.precision) == (day, precision)


@pytest.mark.parametrize(
    ("text", "anchor", "reason"),
    [
        ("أمس", None, "no-anchor"),
        ("روز پنجشنبه", None, "no-anchor"),
        ("21 أكتوبر", None, "no-anchor"),
        ("30 فبراير 2024", ANCHOR, "impossible-date"),
        ("۳۰ اسفند ۱۴۰۲", ANCHOR, "impossible-date"),
        ("31/02/2025", ANCHOR, "impossible-date"),
        ("أمس الجمعة", ANCHOR, "contradiction"),
        ("1405/01/01", ANCHOR, "ambiguous"),
        ("پرسوں", ANCHOR, "ambiguous"),
    ],
)
def test_what_cannot_be_told_has_a_reason(text: str, anchor: date | None, reason: str) -> None:
    found = only(text, anchor)
    assert (found.date, found.reason) == (None, reason)


@pytest.mark.parametrize(
    "text",
    [
        "في اليوم التالي",
        "۱۵ جوان کشته شدند",
        "ساعت 10:30",
        "۵ می‌شود",
        "هذه الجماعة",
        "مهر تأیید",
        "آب و هوا",
        "رقم 2025/10",
        "12345-10-21",
        "بعد اجتماع",
        "در چند سال گذشته",
        "طی پنج سال گذشته",
        "چند روز پیش",
        "قبل بضعة أيام",
        "",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert find_dates(text, ANCHOR) == []


def test_a_plan_prefers_the_coming_weekday_but_words_decide() -> None:
    def days(text: str) -> list[str]:
        return [str(found.date) for found in find_dates(text, ANCHOR, prefer="future")]

    assert days("ستعقد يوم الخميس") == ["2025-10-23"]
    assert days("يوم الخميس الماضي") == ["2025-10-16"]
    assert days("يوم الثلاثاء") == ["2025-10-21"]


def test_several_dates_keep_their_order_and_places() -> None:
    text = "قال أمس إن القمة التي عُقدت في 3 آذار 2024 ستتكرر الأسبوع المقبل."
    found = find_dates(text, ANCHOR)
    assert [f.surface for f in found] == ["أمس", "3 آذار 2024", "الأسبوع المقبل"]
    assert [text[f.char_start : f.char_end] for f in found] == [f.surface for f in found]


@given(st.dates(date(1990, 1, 1), date(2050, 12, 31)), st.sampled_from(["gregorian", "jalali", "hijri"]))
def test_calendars_go_there_and_back(day: date, calendar: Calendar) -> None:
    assert to_gregorian(calendar, *from_gregorian(calendar, day)) == day


@given(st.dates(date(1990, 1, 1), date(2050, 12, 31)), st.sampled_from(["gregorian", "jalali"]))
def test_a_date_in_numbers_is_read_in_its_calendar(day: date, calendar: Calendar) -> None:
    year, month, number = from_gregorian(calendar, day)
    assert calendar_of_year(year, day) == calendar
    assert only(f"{year}/{month:02}/{number:02}", day).date == day


WORDS = [
    "أمس",
    "الاثنين",
    "الماضي",
    "21",
    "أكتوبر",
    "2025",
    "روز",
    "پنجشنبه",
    "۲۹",
    "مهر",
    "۱۴۰۴",
    "قبل",
    "ثلاثة",
    "أيام",
    "غداً",
    "هـ",
    "من",
    "/",
    "-",
    "،",
    "سال",
]


@given(st.lists(st.sampled_from(WORDS), max_size=12), st.sampled_from([ANCHOR, None]))
def test_places_are_true_and_apart_whatever_the_text(words: list[str], anchor: date | None) -> None:
    text = " ".join(words)
    end = 0
    for found in find_dates(text, anchor):
        assert end <= found.char_start < found.char_end
        assert text[found.char_start : found.char_end] == found.surface
        assert (found.date is None) == (found.reason is not None)
        end = found.char_end
