"""What was probably used while a device registered wrongly, from its recent mailings. Pure.

The days of the malfunction are compared with every span of as many mailing days in the history
before it: what was used in the middle one is the estimate, and the interval holds the middle part
of them. No distribution is assumed and no float is needed; a person can check it with the log.
Refuses to know where the history comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from franking.errors import Refusal
from franking.provider.adjustments.records import DayReading, UsageEstimate
from franking.rules import RuleSet
from franking.rules.calendars import POSTAL

HISTORY_TOO_SHORT = Refusal(
    "HISTORY_TOO_SHORT",
    clause="DMM P030.3.8 (1995)",
    remedy="Add earlier readings of the log, or other reliable evidence of what was used.",
    http_status=422,
)
HISTORY_FALLS = Refusal(
    "HISTORY_FALLS",
    clause="DMM P030.3.8 (1995)",
    remedy="Correct the readings named: an ascending register never falls.",
    http_status=422,
)
METHOD = "median of all spans of as many mailing days in the history before the malfunction"
_ONE_DAY = timedelta(days=1)
_PERCENT = 100


def estimate(
    history: Sequence[DayReading], *, began_on: date, ended_on: date, rules: RuleSet
) -> UsageEstimate:
    """What was used from ``began_on`` to ``ended_on``, by the readings before.

    Raises:
        Refused: ``HISTORY_TOO_SHORT``, ``HISTORY_FALLS``.
    """
    since = began_on - timedelta(weeks=rules.whole("mailing_history_weeks"))
    before = [each for each in sorted(history, key=_day) if since <= each.day < began_on]
    used = list(daily_use(before))
    length = max(1, mailing_days(began_on, ended_on))
    totals = sorted(span_totals([mills for _, mills in used], length))
    least = rules.whole("mailing_history_spans_min")
    if len(totals) < least:
        raise HISTORY_TOO_SHORT.because(
            f"{len(used)} mailing days before {began_on} give {max(0, len(totals))} spans of"
            f" {length} days; {least} are needed"
        )
    cut = len(totals) * rules.whole("mailing_history_cut_percent") // _PERCENT
    return UsageEstimate(
        method=METHOD,
        history_from=used[0][0],
        history_to=used[-1][0],
        spans=len(totals),
        span_days=length,
        used_mills=_middle(totals),
        low_mills=totals[cut],
        high_mills=totals[-1 - cut],
    )


def daily_use(readings: Sequence[DayReading]) -> Iterator[tuple[date, int]]:
    """What was used on each mailing day between the first reading and the last, in mills.

    Between readings that lie days apart the use is spread evenly, to the mill.

    Raises:
        Refused: ``HISTORY_FALLS``.
    """
    for earlier, later in pairwise(readings):
        used = later.ascending_mills - earlier.ascending_mills
        if used < 0:
            raise HISTORY_FALLS.because(
                f"{later.ascending_mills} mills on {later.day}, after {earlier.ascending_mills}"
                f" on {earlier.day}"
            )
        days = [day for day in _days(earlier.day + _ONE_DAY, later.day) if _is_mailing(day)]
        days = days or [later.day]
        each, rest = divmod(used, len(days))
        for place, day in enumerate(days):
            yield day, each + (place < rest)


def span_totals(used: Sequence[int], length: int) -> list[int]:
    """What was used in every span of ``length`` days that lie one after the other."""
    if len(used) < length:
        return []
    totals = [sum(used[:length])]
    for place in range(length, len(used)):
        totals.append(totals[-1] + used[place] - used[place - length])
    return totals


def mailing_days(first: date, last: date) -> int:
    """How many days from ``first`` to ``last`` mail is collected on."""
    return sum(_is_mailing(day) for day in _days(first, last))


def _middle(totals: Sequence[int]) -> int:
    """The median, rounded down to the mill."""
    half = len(totals) // 2
    return totals[half] if len(totals) % 2 else (totals[half - 1] + totals[half]) // 2


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += _ONE_DAY


def _is_mailing(day: date) -> bool:
    return POSTAL.is_business_day(day)


def _day(reading: DayReading) -> date:
    return reading.day
