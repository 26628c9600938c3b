"""Which reports are due next, on the provider's docket.

A day that is closed opens the duty to close the next one, and sees to it that the duties of the
period, the quarter and the month that it lies in stand open. A report that is filed satisfies its
duty and opens that of the next period.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

from franking.identifiers import record_id
from franking.provider.reports.records import ReportKind
from franking.provider.schema import DOCKET
from franking.rules.calendars import accounting_period, months, postal_quarter
from franking.rules.rulebooks import rulebook
from franking.storage import Work

CLOSE_DUTY: Final = "daily close"
RECONCILE_DUTY: Final = "in-service reconciliation"
_METERS, _DEVICES = "meter-1995", "ibip-1997"
_ONE_DAY = timedelta(days=1)


def month_end(day: date) -> date:
    """The last day of the month that ``day`` is in."""
    return months(day.replace(day=1), 1) - _ONE_DAY


PERIODS: Final[dict[ReportKind, tuple[str, Callable[[date], date]]]] = {
    ReportKind.REVENUE_ALLOCATION: (
        "revenue allocation report",
        lambda day: accounting_period(day).last,
    ),
    ReportKind.IN_SERVICE: ("in-service list", lambda day: postal_quarter(day).last),
    ReportKind.MISSING_DEVICES: ("missing devices list", month_end),
    ReportKind.STATEMENTS: ("monthly statements", month_end),
}
"""The duty of each periodical report, and the last day of the period that a day is in."""


def day_closed(work: Work, provider: str, day: date, now: datetime) -> None:
    """A day was closed: the next is to be, and the reports of its periods are to be filed."""
    record, because = record_id("provider", provider), f"{day} is closed"
    DOCKET.satisfy(work, CLOSE_DUTY, record=record, now=now, because=because)
    _open(work, CLOSE_DUTY, record, day + _ONE_DAY, now, because)
    for duty, last in PERIODS.values():
        _open(work, duty, record, last(day), now, because)


def report_filed(
    work: Work, kind: ReportKind, provider: str, period_end: date, now: datetime
) -> None:
    """A periodical report was filed: that of the next period is due next."""
    duty, last = PERIODS[kind]
    record, because = record_id("provider", provider), f"filed up to {period_end}"
    DOCKET.satisfy(work, duty, record=record, now=now, because=because)
    _open(work, duty, record, last(period_end + _ONE_DAY), now, because)


def newest_rulebook(on: date) -> str:
    """The rulebook of devices once its text is out; until then there are meters only."""
    return _DEVICES if on >= rulebook(_DEVICES).opens else _METERS


def _open(work: Work, duty: str, record: str, start: date, now: datetime, because: str) -> None:
    DOCKET.open(
        work,
        duty,
        record=record,
        owed_by="provider",
        rulebook=newest_rulebook(start),
        start=start,
        now=now,
        because=because,
    )
