"""Times of publication are read where they are certain, and null with a reason where they are not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.ingest_dates import published_line, read_published, unmarked_date


@pytest.mark.parametrize(
    ("written", "moment", "precision"),
    [
        ("2025-10-21T14:30:00Z", datetime(2025, 10, 21, 14, 30), "instant"),
        ("2025-10-21t14:30:00z", datetime(2025, 10, 21, 14, 30), "instant"),
        ("2025-10-21T14:30:00.123456789Z", datetime(2025, 10, 21, 14, 30, 0, 123456), "instant"),
        ("2025-10-21T14:30:00+03:00", datetime(2025, 10, 21, 11, 30), "instant"),
        ("2025-10-21 14:30:00 +0330", datetime(2025, 10, 21, 11, 0), "instant"),
        ("2025-10-21T01:00-05", datetime(2025, 10, 21, 6, 0), "minute"),
        ("2025-10-21T14:30Z", datetime(2025, 10, 21, 14, 30), "minute"),
        ("2025-10-21T14:30:00", datetime(2025, 10, 21, 14, 30), "day"),
        ("2025-10-21T143000", datetime(2025, 10, 21, 14, 30), "day"),
        ("2025-10-21", datetime(2025, 10, 21), "day"),
        ("2025/10/21", datetime(2025, 10, 21), "day"),
        ("21/10/2025", datetime(2025, 10, 21), "day"),
        ("02/05/2016", datetime(2016, 5, 2), "day"),
        (" ۲۰۲۵-۱۰-۲۱ ", datetime(2025, 10, 21), "day"),
        ("٢١/١٠/٢٠٢٥", datetime(2025, 10, 21), "day"),
        ("2024-02-29", datetime(2024, 2, 29), "day"),
    ],
)
def test_known_forms(written: str, moment: datetime, precision: str) -> None:
    published = read_published(written)
    assert (published.at, published.precision) == (moment.replace(tzinfo=UTC), precision)
    assert published.reason is None


FETCHED = datetime(2025, 10, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment", "precision"),
    [
        ("1404-07-29", datetime(2025, 10, 21), "day"),
        ("۱۴۰۴/۰۷/۲۹ ۱۲:۳۰", datetime(2025, 10, 21, 12, 30), "day"),
        ("1404-07-29T12:30:00+03:30", datetime(2025, 10, 21, 9), "instant"),
        ("1447-04-28", datetime(2025, 10, 20), "day"),
        ("1447/04/29 هـ", datetime(2025, 10, 21), "day"),
        ("Tue, 21 Oct 2025 14:30:00 +0300", datetime(2025, 10, 21, 11, 30), "instant"),
        ("21 Oct 2025 14:30 GMT", datetime(2025, 10, 21, 14, 30), "minute"),
        ("Tue, 21 Oct 2025 14:30:00 -0000", datetime(2025, 10, 21, 14, 30), "day"),
        ("الثلاثاء 21 أكتوبر 2025 - 02:30 مساءً", datetime(2025, 10, 21, 14, 30), "day"),
        ("21 تشرين الأول/أكتوبر 2025", datetime(2025, 10, 21), "day"),
        ("5 جانفي 2017", datetime(2017, 1, 5), "day"),
        ("12 غشت 2024 على الساعة 12:10", datetime(2024, 8, 12, 12, 10), "day"),
        ("سه‌شنبه، ۲۹ مهر ۱۴۰۴ ساعت ۱۰:۱۵ ق.ظ", datetime(2025, 10, 21, 10, 15), "day"),
        ("21 أكتوبر 2025 الساعة 14:30 بتوقيت مكة المكرمة", datetime(2025, 10, 21, 11, 30), "minute"),
        ("28 ربيع الآخر 1447هـ الموافق 20 أكتوبر 2025م", datetime(2025, 10, 20), "day"),
        ("October 21, 2025 2:30 pm", datetime(2025, 10, 21, 14, 30), "day"),
        ("20 اکتوبر 2025", datetime(2025, 10, 20), "day"),
        ("۱۰ اسد ۱۴۰۴", datetime(2025, 8, 1), "day"),
    ],
)
def test_other_calendars_and_written_dates(written: str, moment: datetime, precision: str) -> None:
    published = read_published(written, FETCHED)
    assert (published.at, published.precision) == (moment.replace(tzinfo=UTC), precision)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2025-02-30", "impossible-date"),
        ("2025-13-01", "impossible-date"),
        ("05/17/2015", "impossible-date"),
        ("2025-10-21T25:00:00Z", "impossible-date"),
        ("2025-10-21T10:00:00+99:00", "impossible-date"),
        ("2025-10-21T10:00:00+03:75", "impossible-date"),
        ("1899-12-31", "impossible-date"),
        ("2203-01-01", "impossible-date"),
        ("0000-01-01", "impossible-date"),
        ("9999-12-31T23:59:59-12:00", "impossible-date"),
        ("30 فبراير 2024", "impossible-date"),
        ("۳۰ اسفند ۱۴۰۲", "impossible-date"),
        ("21 أكتوبر 2025 الساعة 31:30", "impossible-date"),
        ("2025-10-24", "future-date"),
        ("1405-01-01", "impossible-date"),
        ("yesterday", "unreadable-date"),
        ("أمس", "unreadable-date"),
        ("21 أكتوبر", "unreadable-date"),
        ("من 20 أكتوبر 2025 إلى 22 أكتوبر 2025", "unreadable-date"),
        ("أكتوبر 2025", "unreadable-date"),
        ("1761057000", "unreadable-date"),
        ("25-10-21", "unreadable-date"),
        ("", "unreadable-date"),
    ],
)
def test_a_date_that_cannot_be_used_says_why(written: str, reason: str) -> None:
    published = read_published(written, FETCHED)
    assert (published.at, published.precision, published.reason, published.method) == (None, None, reason, "none")


def test_the_future_begins_a_day_after_fetching_and_an_unset_clock_says_nothing() -> None:
    assert read_published("2025-10-22T23:00:00Z", FETCHED).at is not None
    assert read_published("2025-10-23T00:00:01Z", FETCHED).reason == "future-date"
    assert read_published("2025-10-23", datetime(1980, 1, 1, tzinfo=UTC)).at is not None
    assert read_published("2025-10-23").at is not None


BODY = "أعلنت وزارة الخارجية اليوم أن الوفد سيصل إلى العاصمة مساء الغد."


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("تاريخ النشر: 21 أكتوبر 2025 - 14:30", 21),
        ("الثلاثاء، 21 أكتوبر 2025", 21),
        ("نشر في 21/10/2025", 21),
        ("الاثنين 28 ربيع الآخر 1447هـ الموافق 20 أكتوبر 2025م", 20),
        ("تاریخ انتشار: ۲۹ مهر ۱۴۰۴ - ۱۲:۳۰", 21),
        ("۲۹ مهر ۱۴۰۴", 21),
        ("تونس - 21 أكتوبر 2025", 21),
        ("الثلاثاء 21 تشرين الأول 2025 - العدد 2891", 21),
        ("Published on October 21, 2025 at 10:15 am", 21),
    ],
)
def test_a_line_with_nothing_but_a_date_dates_the_text(line: str, day: int) -> None:
    for lines, index in (([line, BODY], 0), (["عنوان", "", line, BODY], 2), ([*[BODY] * 6, line], 6)):
        found = published_line(lines, FETCHED)
        assert found is not None
        published, at = found
        assert published.at is not None
        assert (published.at.date(), published.method, at) == (date(2025, 10, day), "text", index)


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (["الأولى", "الثلاثاء 21 تشرين الأول 2025 - العدد 2891"], None),  # may be a clock: fetched the day after
        (["الجمعة 17 تشرين الأول 2025", "17/10/2025"], date(2025, 10, 17)),
        (["۲۵ مهر ۱۴۰۴", "۲۴ مهر ۱۴۰۴"], None),
        (["بدأ العمل في 17 أكتوبر 2025"], None),
        ([], None),
    ],
)
def test_a_date_that_nothing_marks_counts_where_it_is_the_only_one(lines: list[str], day: date | None) -> None:
    published = unmarked_date(lines, FETCHED)
    assert (published.at.date() if published and published.at else None) == day


@pytest.mark.parametrize(
    "line",
    [
        "وصل الوفد في 21 أكتوبر 2025",
        "21 أكتوبر",
        "أمس الاثنين",
        "21 أكتوبر 2025 ذكرى التأسيس",
        "2025",
        "21 أكتوبر 2031",
    ],
)
def test_a_line_that_says_more_or_less_does_not(line: str) -> None:
    assert published_line([line, BODY], FETCHED) is None
    assert published_line([*[BODY] * 5, line, BODY], FETCHED) is None


@given(
    st.datetimes(datetime(1901, 1, 1), datetime(2099, 12, 31)),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_iso_times_survive(moment: datetime, zone: timezone) -> None:
    aware = moment.replace(tzinfo=zone)
    published = read_published(aware.isoformat())
    assert published.at == aware
    assert published.at is not None and published.at.utcoffset() == timedelta(0)
    assert published.precision == "instant"


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_both_orders_of_a_date_agree(day: date) -> None:
    assert read_published(day.isoformat()) == read_published(day.strftime("%d/%m/%Y"))


@given(st.text(max_size=30))
def test_anything_else_has_a_reason(written: str) -> None:
    published = read_published(written, FETCHED)
    assert (published.at is None) == (published.reason in ("unreadable-date", "impossible-date", "future-date"))
