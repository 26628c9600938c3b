"""Laws of the comparison: who tells the truth is not accused, and no changed mill stays hidden."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from franking.postal.treasury import chart
from franking.rules.calendars import BANKING
from tests.fixtures_examinations import at
from tests.fixtures_treasury import DEPOSIT, TRANSFER, Treasury, treasury_on

START = date(1996, 1, 16)
CENT = 10


@dataclass(frozen=True)
class Day:
    """One banking day: what the bank receives, and what becomes of it at the provider, in cents."""

    received: int
    granted: int
    used: int


DAYS = st.lists(
    st.builds(
        Day,
        received=st.integers(1, 10**9),
        granted=st.integers(0, 10**9),
        used=st.integers(0, 10**9),
    ),
    min_size=2,
    max_size=4,
)


@cache
def banking_days() -> tuple[str, ...]:
    """The first banking days from the start on."""
    found: list[str] = []
    day = START
    while len(found) < 8:
        if BANKING.is_business_day(day):
            found.append(day.isoformat())
        day += timedelta(days=1)
    return tuple(found)


def live(treasury: Treasury, days: list[Day], *, changed: int = -1, by_cents: int = 0) -> None:
    """The days as they happen; on the day ``changed`` the provider books otherwise than it was.

    The bank closes each day; the provider books its deposits on the next, and spends no more than
    it has.
    """
    before = 0
    for number, (day, name) in enumerate(zip(days, banking_days(), strict=False)):
        known = treasury.balances.get("Franking Provider", {})
        moved = [("transfer", "fund", "lockbox", before * CENT)] if before else []
        deposits = []
        if before:
            told = before + (by_cents if number - 1 == changed else 0)
            moved.append(("deposit", "lockbox", "deposits", told * CENT))
            deposits.append((banking_days()[number - 1], told * CENT))
        granted = min(day.granted * CENT, known.get("deposits", 0))
        used = min(day.used * CENT, known.get("device", 0))
        if granted:
            moved.append(("grant", "deposits", "device", granted))
        if used:
            moved.append(("use", "device", "used", used))
        items = [(DEPOSIT, day.received, f"{name}-1")]
        items += [(TRANSFER, before, f"{name}-2")] if before else []
        treasury.take(treasury.statement(name, items), at(name, 20))
        assert treasury.report(name, moved, deposits=deposits) == []
        before = day.received


@pytest.mark.duty("R97-Pre-Recon")
@settings(max_examples=7, deadline=None)
@given(days=DAYS)
def test_parties_who_tell_the_same_are_not_accused(days: list[Day]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        treasury = treasury_on("sqlite", Path(folder), approved="1996-01-12")
        live(treasury, days)
        assert treasury.differences() == []
        received = sum(day.received for day in days[:-1]) * CENT
        held = sum(treasury.balance(kind) for kind in ("deposits", "device", "used"))
        assert held == received == -treasury.balance(chart.FUND)


@pytest.mark.duty("R97-Pre-Recon")
@settings(max_examples=7, deadline=None)
@given(days=DAYS, by_cents=st.integers(1, 10**6), data=st.data())
def test_no_cent_that_was_booked_otherwise_stays_hidden(
    days: list[Day], by_cents: int, data: st.DataObject
) -> None:
    changed = data.draw(st.integers(0, len(days) - 2))
    with tempfile.TemporaryDirectory() as folder:
        treasury = treasury_on("sqlite", Path(folder), approved="1996-01-12")
        live(treasury, days, changed=changed, by_cents=by_cents)
        (found,) = treasury.differences()
        assert found.theirs_mills - found.ours_mills == by_cents * CENT
        assert found.day.isoformat() == banking_days()[changed]
        last = days[-1].received * CENT
        assert treasury.balance("bank-clearing") == last - by_cents * CENT
