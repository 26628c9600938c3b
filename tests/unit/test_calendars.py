"""Deadlines in every unit that the documents use."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from franking import rules
from franking.errors import InvariantBroken, Refused
from franking.rules.calendars import (
    BANKING,
    FEDERAL,
    POSTAL,
    accounting_period,
    due,
    hours,
    local_time,
    months,
    postal_quarter,
    years,
)

# Weekdays of 2021-2040 on which one of the two calendars is closed and the other is open.
FRIDAYS_BEFORE_A_SATURDAY_HOLIDAY = {
    *("2021-06-18", "2021-12-24", "2021-12-31", "2023-11-10", "2026-07-03", "2027-06-18"),
    *("2027-12-24", "2027-12-31", "2028-11-10", "2032-06-18", "2032-12-24", "2032-12-31"),
    *("2034-11-10", "2037-07-03", "2038-06-18", "2038-12-24", "2038-12-31"),
}


@pytest.mark.duty("R-all-Time")
def test_three_business_days_depend_on_the_calendar_named() -> None:
    before_independence_day = date(2026, 7, 1)
    assert FEDERAL.add(before_independence_day, 3) == date(2026, 7, 7)
    assert BANKING.add(before_independence_day, 3) == date(2026, 7, 6)
    assert POSTAL.add(before_independence_day, 3) == date(2026, 7, 6)


@pytest.mark.duty("R-all-Time")
@pytest.mark.parametrize(
    ("subject", "rulebook", "name", "start", "last_day"),
    [
        ("provider", "ibip-1997", "licence_appeal_days", date(1998, 2, 20), date(1998, 3, 2)),
        (
            *("provider", "ibip-1997", "defect_retrieval_business_days"),
            *(date(1998, 7, 1), date(1998, 7, 7)),  # Friday 3 July is kept for the Fourth
        ),
        ("device", "ibip-1997", "watchdog_months", date(1997, 11, 30), date(1998, 2, 28)),
        ("provider", "meter-1995", "life_record_kept_years", date(1996, 2, 29), date(1999, 2, 28)),
        ("refunds", "refunds-2008", "electronic_refund_days", date(2008, 6, 1), date(2008, 6, 11)),
    ],
)
def test_each_deadline_is_counted_in_its_own_unit(
    subject: rules.Subject, rulebook: str, name: str, start: date, last_day: date
) -> None:
    assert due(start, rules.at(subject, rulebook, date(2008, 6, 1))[name]) == last_day


@pytest.mark.duty("R-all-Time")
def test_hours_are_elapsed_time_across_a_change_of_the_clock() -> None:
    new_york = ZoneInfo("America/New_York")
    received = datetime(2026, 10, 31, 12, 0, tzinfo=new_york)
    refund = rules.whole("funds", "meter-1995", received.date(), "account_balance_refund_hours")
    end = hours(received, refund).astimezone(new_york)
    assert end == datetime(2026, 11, 2, 11, 0, tzinfo=new_york)


@pytest.mark.duty("R-all-Time")
def test_ten_in_the_morning_is_local_to_the_place() -> None:
    clock = rules.at("funds", "meter-1995", date(2026, 1, 5)).text("lockbox_transfer_time")
    there = local_time(date(2026, 1, 5), clock, ZoneInfo("America/Los_Angeles"))
    assert there.astimezone(UTC) == datetime(2026, 1, 5, 18, 0, tzinfo=UTC)


def test_a_deadline_in_another_unit_is_a_mistake_of_ours() -> None:
    with pytest.raises(InvariantBroken):
        due(date(2026, 1, 1), rules.at("device", "ibip-1997", date(2026, 1, 1))["descending_limit"])


def test_the_banks_work_on_the_friday_before_a_saturday_holiday() -> None:
    days = (date(2021, 1, 1) + timedelta(days=n) for n in range(20 * 365 + 5))
    differ = {
        str(day) for day in days if FEDERAL.is_business_day(day) != BANKING.is_business_day(day)
    }
    assert differ == FRIDAYS_BEFORE_A_SATURDAY_HOLIDAY | {"2025-01-09"}  # a day of mourning


def test_mail_moves_on_saturdays_but_not_on_holidays() -> None:
    assert POSTAL.is_business_day(date(2026, 11, 21))
    assert not POSTAL.is_business_day(date(2026, 11, 22))
    assert not POSTAL.is_business_day(date(2026, 7, 4))
    assert POSTAL.is_business_day(date(2026, 7, 3))
    assert not POSTAL.is_business_day(date(2027, 7, 5))  # the Fourth falls on a Sunday


def test_months_end_on_the_last_day_of_a_shorter_month() -> None:
    assert months(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert years(date(2028, 2, 29), 1) == date(2029, 2, 28)


@pytest.mark.duty("R-all-Time")
def test_the_postal_year_2001_ends_on_the_seventh_of_september() -> None:
    last = accounting_period(date(2001, 9, 7))
    assert (last.year, last.number, last.last) == (2001, 13, date(2001, 9, 7))
    assert accounting_period(date(2001, 9, 8)).number == 1


def test_postal_quarters_had_twelve_weeks_and_the_last_sixteen() -> None:
    fourth = postal_quarter(date(1997, 7, 1))
    assert (fourth.year, fourth.number) == (1997, 4)
    assert (fourth.last - fourth.first).days + 1 == 16 * 7
    second = postal_quarter(date(1997, 1, 1))
    assert (second.last - second.first).days + 1 == 12 * 7


def test_since_october_2003_periods_are_months_of_the_federal_year() -> None:
    assert accounting_period(date(2003, 9, 30)).number == 13
    first = accounting_period(date(2003, 10, 1))
    assert (first.year, first.number, first.last) == (2004, 1, date(2003, 10, 31))
    quarter = postal_quarter(date(2026, 11, 21))
    assert (quarter.year, quarter.number) == (2027, 1)
    assert (quarter.first, quarter.last) == (date(2026, 10, 1), date(2026, 12, 31))


def test_before_the_table_begins_there_is_no_answer() -> None:
    with pytest.raises(Refused, match="CALENDAR_SILENT"):
        postal_quarter(date(1990, 1, 1))


@pytest.mark.parametrize("closed", ["1996-01-01", "1996-01-15", "1996-12-25", "1997-11-27"])
def test_banks_close_on_the_holidays_of_the_years_of_the_rules(closed: str) -> None:
    assert not BANKING.is_business_day(date.fromisoformat(closed))


def test_banks_stay_open_on_the_friday_before_a_saturday_holiday() -> None:
    assert BANKING.is_business_day(date(1998, 7, 3))
    assert not FEDERAL.is_business_day(date(1998, 7, 3))


def test_the_counting_day_before_leaves_out_weekends_and_holidays() -> None:
    assert BANKING.before(date(2008, 12, 26)) == date(2008, 12, 24)
    assert BANKING.before(date(2008, 12, 8)) == date(2008, 12, 5)
    assert BANKING.before(date(2008, 12, 6)) == date(2008, 12, 5)
    assert BANKING.add(BANKING.before(date(2008, 12, 26)), 1) == date(2008, 12, 26)
