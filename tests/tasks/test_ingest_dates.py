"""Dates are read where they are certain, and refused with a reason where they are not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.ingest_dates import BadDateError, read_published


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


@pytest.mark.parametrize(
    ("written", "rule", "says"),
    [
        ("2025-02-30", "impossible-date", "does not exist"),
        ("2025-13-01", "impossible-date", "does not exist"),
        ("05/17/2015", "impossible-date", "does not exist"),
        ("2025-10-21T25:00:00Z", "impossible-date", "does not exist"),
        ("2025-10-21T10:00:00+99:00", "impossible-date", "does not exist"),
        ("2025-10-21T10:00:00+03:75", "impossible-date", "59 minutes"),
        ("1899-12-31", "impossible-date", "outside 1900 to 2100"),
        ("2203-01-01", "impossible-date", "outside 1900 to 2100"),
        ("0000-01-01", "impossible-date", "does not exist"),
        ("9999-12-31T23:59:59-12:00", "impossible-date", "does not exist"),
        ("1404-07-29", "impossible-date", "Jalali or Hijri"),
        ("۱۴۰۴/۰۷/۲۹", "impossible-date", "Jalali or Hijri"),
        ("1447-04-28", "impossible-date", "Jalali or Hijri"),
        ("yesterday", "unreadable-date", "2025-10-21T14:30:00Z"),
        ("21 أكتوبر 2025", "unreadable-date", "2025-10-21"),
        ("1761057000", "unreadable-date", "2025-10-21"),
        ("25-10-21", "unreadable-date", "2025-10-21"),
    ],
)
def test_bad_dates_say_why(written: str, rule: str, says: str) -> None:
    with pytest.raises(BadDateError, match=says) as caught:
        read_published(written)
    assert caught.value.rule == rule


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
def test_anything_else_is_refused_by_rule(written: str) -> None:
    try:
        read_published(written)
    except BadDateError as failure:
        assert failure.rule in ("unreadable-date", "impossible-date")
