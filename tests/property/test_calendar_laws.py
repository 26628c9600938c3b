"""Laws of the calendars that hold on every day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.rules.calendars import (
    BANKING,
    FEDERAL,
    POSTAL,
    Calendar,
    accounting_period,
    hours,
    months,
    postal_quarter,
)

DAYS = st.dates(date(1995, 1, 1), date(2040, 12, 31))
CALENDARS = st.sampled_from([FEDERAL, BANKING, POSTAL])


@pytest.mark.duty("R-all-Time")
@given(CALENDARS, DAYS, st.integers(1, 20))
def test_the_day_reached_counts_and_so_many_days_lie_between(
    calendar: Calendar, start: date, days: int
) -> None:
    end = calendar.add(start, days)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert calendar.is_business_day(end)
    assert sum(map(calendar.is_business_day, between)) == days


@given(CALENDARS, DAYS, st.integers(0, 10), st.integers(0, 10))
def test_days_add_up(calendar: Calendar, start: date, first: int, second: int) -> None:
    assert calendar.add(calendar.add(start, first), second) == calendar.add(start, first + second)


@given(DAYS, st.integers(0, 24))
def test_months_land_in_the_month_named_and_never_later_in_it(start: date, count: int) -> None:
    end = months(start, count)
    assert (end.year - start.year) * 12 + end.month - start.month == count
    assert end.day <= start.day


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda t: t.year < 9000), st.integers(0, 100))
def test_hours_are_exact(start: datetime, count: int) -> None:
    assert hours(start, count) - start == timedelta(hours=count)


@pytest.mark.duty("R-all-Time")
@given(DAYS)
def test_every_day_lies_in_one_period_and_its_quarter_contains_that_period(day: date) -> None:
    period, quarter = accounting_period(day), postal_quarter(day)
    assert period.first <= day <= period.last
    assert quarter.first <= period.first
    assert period.last <= quarter.last
    assert period.year == quarter.year


@given(DAYS)
def test_periods_follow_each_other_without_a_gap(day: date) -> None:
    period = accounting_period(day)
    after = accounting_period(period.last + timedelta(days=1))
    assert after.first == period.last + timedelta(days=1)
