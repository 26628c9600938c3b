"""Deadlines in the units that the documents use: every one names its calendar.

Calendar days, business days (federal), banking days (Federal Reserve), hours, months and years;
postal quarters and accounting periods. The day from which one counts is not counted, and the day
reached is the last one in time. Refuses to know what is due.

The holiday rules are those of the Office of Personnel Management (a Saturday holiday is kept on
Friday) and of the Federal Reserve (it is not); they differ on 17 weekdays in 2021-2040.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from importlib import resources
from typing import Any

import holidays
import yaml

from franking.errors import InvariantBroken, Refusal
from franking.rules.records import POLICY, Parameter

MONTHS_PER_YEAR = 12
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5

CALENDAR_SILENT = Refusal(
    "CALENDAR_SILENT",
    clause=POLICY,
    remedy="Ask for a later date, or add the year to rules/calendars.yaml.",
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days count: ``closed`` gives the closed weekdays of a year."""

    name: str
    closed: Callable[[int], frozenset[date]]
    open_on_saturday: bool = False

    def is_business_day(self, day: date) -> bool:
        """Whether the day counts."""
        last = _SATURDAY if self.open_on_saturday else _SATURDAY - 1
        return day.weekday() <= last and day not in self.closed(day.year)

    def next_business_day(self, day: date) -> date:
        """The day itself if it counts, else the first after it that does."""
        while not self.is_business_day(day):
            day += _ONE_DAY
        return day

    def before(self, day: date) -> date:
        """The last counting day before ``day``."""
        day -= _ONE_DAY
        while not self.is_business_day(day):
            day -= _ONE_DAY
        return day

    def add(self, start: date, days: int) -> date:
        """The ``days``-th counting day after ``start``, which is not counted itself."""
        if days < 0:
            raise InvariantBroken(f"a deadline of {days} days")
        for _ in range(days):
            start = self.next_business_day(start + _ONE_DAY)
        return start


@cache
def _federal_closed(year: int) -> frozenset[date]:
    one_off = {entry["day"] for entry in _table()["federal_closings"]}
    kept = holidays.US(years=(year - 1, year, year + 1), observed=True)
    return frozenset(kept) | one_off


@cache
def _banking_closed(year: int) -> frozenset[date]:
    known = frozenset(holidays.financial_holidays("FED", years=(year,)))
    return known or _closed_with_sundays_moved(year)  # the library's table begins in 1999


@cache
def _postal_closed(year: int) -> frozenset[date]:
    one_off = {entry["day"] for entry in _table()["federal_closings"]}
    return _closed_with_sundays_moved(year) | one_off


def _closed_with_sundays_moved(year: int) -> frozenset[date]:
    """The legal holidays, one on a Sunday kept on the Monday after; on a Saturday on that day."""
    legal = holidays.US(years=(year,), observed=False)
    observed_monday = {day + _ONE_DAY for day in legal if day.weekday() == _SATURDAY + 1}
    return frozenset(legal) | observed_monday


FEDERAL = Calendar("federal business days", _federal_closed)
"""Monday to Friday but federal holidays: the "business days" of the documents."""

BANKING = Calendar("banking days", _banking_closed)
"""Days on which the Federal Reserve Banks are open: the "banking days" of the documents."""

POSTAL = Calendar("postal delivery days", _postal_closed, open_on_saturday=True)
"""Monday to Saturday but postal holidays: days on which mail is collected and delivered."""


def calendar_days(start: date, days: int) -> date:
    """The day so many days after ``start``."""
    return start + timedelta(days=days)


def months(start: date, count: int) -> date:
    """The same day so many months later, or the last day of a month that is too short."""
    year, month = divmod(start.year * MONTHS_PER_YEAR + start.month - 1 + count, MONTHS_PER_YEAR)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def years(start: date, count: int) -> date:
    """The same day so many years later; 29 February becomes 28 February."""
    return months(start, count * MONTHS_PER_YEAR)


def hours(start: datetime, count: int) -> datetime:
    """The instant so many elapsed hours later, in UTC; changes of the clock do not matter."""
    if start.tzinfo is None:
        raise InvariantBroken("an instant without an offset")
    return start.astimezone(UTC) + timedelta(hours=count)


def local_time(day: date, clock: str, place: tzinfo) -> datetime:
    """The instant at which the clocks of a place show ``clock`` (``"10:00"``) on a day."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=place)


_COUNTED_FROM_A_DATE: dict[str, Callable[[date, int], date]] = {
    "calendar days": calendar_days,
    "days": calendar_days,
    "business days": FEDERAL.add,
    "banking days": BANKING.add,
    "months": months,
    "years": years,
}


def due(start: date, parameter: Parameter) -> date:
    """The last day in time for a deadline parameter that starts to run on ``start``."""
    count = _COUNTED_FROM_A_DATE.get(parameter.unit)
    if count is None or not isinstance(parameter.value, int):
        raise InvariantBroken(f"{parameter.name} is not a deadline counted from a date")
    return count(start, parameter.value)


# Postal quarters and accounting periods ----------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A span of postal bookkeeping: fiscal year, number in it, first and last day."""

    year: int
    number: int
    first: date
    last: date


def accounting_period(day: date) -> Period:
    """The postal accounting period that contains ``day`` (policy table).

    Raises:
        Refused: ``CALENDAR_SILENT`` before the first year of the table.
    """
    if day >= _table()["postal_years"]["monthly_from"]:
        return _month_period(day, months_each=1)
    return _containing(day, _periods(_postal_year(day)))


def postal_quarter(day: date) -> Period:
    """The postal quarter that contains ``day`` (policy table).

    Raises:
        Refused: ``CALENDAR_SILENT`` before the first year of the table.
    """
    if day >= _table()["postal_years"]["monthly_from"]:
        return _month_period(day, months_each=3)
    return _containing(day, _quarters(_postal_year(day)))


def _month_period(day: date, *, months_each: int) -> Period:
    """Months or quarters of a fiscal year that opens on 1 October of the year before."""
    year = day.year + (day.month >= 10)
    opening = date(year - 1, 10, 1)
    passed = (day.year - opening.year) * MONTHS_PER_YEAR + day.month - opening.month
    number = passed // months_each
    first = months(opening, number * months_each)
    last = months(first, months_each) - _ONE_DAY
    return Period(year=year, number=number + 1, first=first, last=last)


def _postal_year(day: date) -> int:
    starts: dict[int, date] = _table()["postal_years"]["starts"]
    begun = [year for year, start in starts.items() if start <= day]
    if not begun:
        raise CALENDAR_SILENT.because(f"the table of postal years begins after {day}")
    return max(begun)


@cache
def _periods(year: int) -> tuple[Period, ...]:
    table = _table()["postal_years"]
    length = timedelta(days=table["period_days"])
    count = sum(table["periods_of_quarters"])
    firsts = [table["starts"][year] + length * number for number in range(count)]
    end = table["starts"].get(year + 1, table["monthly_from"])
    lasts = [first - _ONE_DAY for first in (*firsts[1:], end)]
    return tuple(
        Period(year=year, number=number, first=first, last=last)
        for number, (first, last) in enumerate(zip(firsts, lasts, strict=True), 1)
    )


@cache
def _quarters(year: int) -> tuple[Period, ...]:
    periods, found = list(_periods(year)), []
    for number, count in enumerate(_table()["postal_years"]["periods_of_quarters"], 1):
        taken, periods = periods[:count], periods[count:]
        found.append(Period(year=year, number=number, first=taken[0].first, last=taken[-1].last))
    return tuple(found)


def _containing(day: date, spans: tuple[Period, ...]) -> Period:
    return next(span for span in spans if span.first <= day <= span.last)


@cache
def _table() -> dict[str, Any]:
    text = resources.files("franking.rules").joinpath("calendars.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table
