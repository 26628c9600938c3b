"""The dates of mailing that a piece deposited on a day may bear, as days since 1970-01-01.

Once per day and class of mail, however many pieces: for one piece and for columns alike. Refuses to
know pieces.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import msgspec

from franking import rules
from franking.rules.calendars import POSTAL
from franking.verification.trust_format import day_number


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Days that a date of mailing may be, the date of the next collection aside."""

    earliest: int
    last: int


@lru_cache(maxsize=4096)
def window_of(
    rulebook: str, deposited: date, mail_class: str | None = None, *, excusable: bool = True
) -> Window:
    """The window of a deposit.

    The day of deposit itself (DMM P050.4.7), and the one before it where it is ``excusable``: the
    piece may have been put into a collection box after the last collection, or not been collected
    as scheduled (P050.5.4). In a class that may leave out the day, its month, and through the
    grace day the month before, where a postmaster may have found unavoidable delay (P050.4.6).
    """
    if day_may_be_left_out(rulebook, deposited, mail_class):
        return _window_of_months(rulebook, deposited, excusable=excusable)
    earliest = _previous_date(rulebook, deposited) if excusable else deposited
    return Window(earliest=day_number(earliest), last=day_number(deposited))


@lru_cache(maxsize=4096)
def day_may_be_left_out(rulebook: str, on: date, mail_class: str | None) -> bool:
    """Whether pieces of the class, ``"standard"`` or so, may show month and year only."""
    if mail_class is None:
        return False
    classes = rules.at("indicium", rulebook, on).choices("day_optional_classes")
    return mail_class.lower() in {name.lower() for name in classes}


@lru_cache(maxsize=4096)
def latest_date(rulebook: str, on: date, deposited: date) -> int:
    """The last day that a piece deposited on that day may be dated by now; beyond it is too far."""
    days = rules.whole("device", rulebook, on, "date_ahead_days_max")
    return day_number(deposited + timedelta(days=days))


def _previous_date(rulebook: str, deposited: date) -> date:
    """The last day of collection before, or so many calendar days back, whichever is earlier."""
    days = rules.whole("host", rulebook, deposited, "previous_date_days")
    return min(POSTAL.before(deposited), deposited - timedelta(days=days))


def _window_of_months(rulebook: str, deposited: date, *, excusable: bool) -> Window:
    first = deposited.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    grace = rules.whole("indicium", rulebook, deposited, "month_year_grace_day")
    earliest = before if excusable and deposited.day <= grace else first
    following = (first + timedelta(days=31)).replace(day=1)
    return Window(earliest=day_number(earliest), last=day_number(following) - 1)
