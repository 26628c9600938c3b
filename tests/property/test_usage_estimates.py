"""What a mailing history says: laws of the estimate, and its refusals."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking import rules
from franking.errors import Refused
from franking.provider.adjustments.estimating import (
    daily_use,
    estimate,
    mailing_days,
    span_totals,
)
from franking.provider.adjustments.records import DayReading

BEGAN = date(1996, 6, 3)
SAID = rules.at("refunds", "meter-1995", BEGAN)


def log(uses: list[int]) -> list[DayReading]:
    """A log of so much use a day, the last the day before the malfunction."""
    first = BEGAN - timedelta(days=len(uses) + 1)
    readings, ascending = [DayReading(day=first, ascending_mills=0)], 0
    for number, use in enumerate(uses, start=1):
        ascending += use
        readings.append(DayReading(day=first + timedelta(days=number), ascending_mills=ascending))
    return readings


@given(st.lists(st.integers(0, 10_000), min_size=30, max_size=120), st.integers(0, 9))
def test_the_estimate_lies_within_its_interval_and_within_the_history(
    uses: list[int], days: int
) -> None:
    found = estimate(log(uses), began_on=BEGAN, ended_on=BEGAN + timedelta(days=days), rules=SAID)
    used = [mills for _, mills in daily_use(log(uses))]
    totals = span_totals(used, found.span_days)
    assert min(totals) <= found.low_mills <= found.used_mills <= found.high_mills <= max(totals)
    assert found.history_to < BEGAN


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=60))
def test_no_mill_is_lost_when_use_is_spread_over_the_days(uses: list[int]) -> None:
    readings = log(uses)
    sparse = [readings[0], *readings[5:-1:7], readings[-1]]
    assert sum(mills for _, mills in daily_use(sparse)) == sum(uses)


@given(st.lists(st.integers(0, 1000), max_size=40), st.integers(1, 12))
def test_spans_are_summed_as_by_hand(used: list[int], length: int) -> None:
    by_hand = [sum(used[at : at + length]) for at in range(len(used) - length + 1)]
    assert span_totals(used, length) == by_hand


def test_the_same_every_day_is_estimated_to_the_mill() -> None:
    readings = [
        DayReading(day=BEGAN - timedelta(days=60 - number), ascending_mills=number * 700)
        for number in range(60)
    ]
    found = estimate(readings, began_on=BEGAN, ended_on=BEGAN + timedelta(days=6), rules=SAID)
    assert found.span_days == mailing_days(BEGAN, BEGAN + timedelta(days=6)) == 6
    assert found.low_mills <= 6 * 700 <= found.high_mills + 2 * 700


def test_too_short_a_history_and_a_register_that_falls_are_refused() -> None:
    with pytest.raises(Refused, match="HISTORY_TOO_SHORT"):
        estimate(log([100] * 5), began_on=BEGAN, ended_on=BEGAN, rules=SAID)
    with pytest.raises(Refused, match="HISTORY_TOO_SHORT"):
        estimate([], began_on=BEGAN, ended_on=BEGAN, rules=SAID)
    falling = [*log([100] * 30)[:-1], DayReading(day=BEGAN - timedelta(days=1), ascending_mills=5)]
    with pytest.raises(Refused, match="HISTORY_FALLS"):
        estimate(falling, began_on=BEGAN, ended_on=BEGAN, rules=SAID)
