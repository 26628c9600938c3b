"""The dates of mailing that a piece deposited on a day may bear, as days since 1970-01-01.

Once per day and class of mail, however many pieces: for one piece and for columns alike. ``on`` is
the day of the verification, whose rules hold; the day of deposit is whatever somebody noted, to the
ends of the calendar. Refuses to know pieces.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from functools import lru_cache

import msgspec

from franking import rules
from franking.rules.calendars import POSTAL
from franking.verification.predicates import NEVER
from franking.verification.trust_format import day_number


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Days that a date of mailing may be, the date of the next collection aside."""

    earliest: int
    last: int


@lru_cache(maxsize=4096)
def window_of(
    rulebook: str,
    on: date,
    deposited: date,
    mail_class: str | None = None,
    *,
    excusable: bool = True,
) -> Window:
    """The window of a deposit.

    The day of deposit itself (DMM P050.4.7), and the one before it where it is ``excusable``: the
    piece may have been put into a collection box after the last collection, or not been collected
    as scheduled (P050.5.4). In a class that may leave out the day, its month, and through the
    grace day the month before, where a postmaster may have found unavoidable delay (P050.4.6).

    Raises:
        Refused: ``RULEBOOK_UNKNOWN``, ``RULEBOOK_NOT_OPEN`` on ``on``.
    """
    if day_may_be_left_out(rulebook, on, mail_class):
        return _window_of_months(rulebook, on, deposited, excusable=excusable)
    back = _days_back(rulebook, on, deposited) if excusable else 0
    return Window(earliest=day_number(deposited) - back, last=day_number(deposited))


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
    return day_number(deposited) + rules.whole("device", rulebook, on, "date_ahead_days_max")


@lru_cache(maxsize=4096)
def collected_after(deposited: date) -> int:
    """The next day of collection after that of the deposit, where no schedule says it."""
    if not date.min.year < deposited.year < date.max.year:
        return NEVER
    return day_number(POSTAL.add(deposited, 1))


def _days_back(rulebook: str, on: date, deposited: date) -> int:
    """To the last day of collection before, or so many calendar days, whichever is more."""
    days = rules.whole("host", rulebook, on, "previous_date_days")
    if not date.min.year < deposited.year < date.max.year:
        return days
    return max(days, (deposited - POSTAL.before(deposited)).days)


def _window_of_months(rulebook: str, on: date, deposited: date, *, excusable: bool) -> Window:
    first = day_number(deposited.replace(day=1))
    grace = rules.whole("indicium", rulebook, on, "month_year_grace_day")
    last = first + monthrange(deposited.year, deposited.month)[1] - 1
    if not excusable or deposited.day > grace:
        return Window(earliest=first, last=last)
    year, month = divmod(deposited.year * 12 + deposited.month - 2, 12)
    return Window(earliest=first - monthrange(max(year, 1), month + 1)[1], last=last)
