"""A close that is killed anywhere leaves the day closed once, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.messages.funds import DailyActivity, FinancialTransactions
from franking.provider.closing import commands, tables
from franking.provider.closing.records import HostedReading
from tests.fixtures_closing import DOLLARS, Closing, closing_on
from tests.fixtures_databases import DATABASES
from tests.fixtures_killing import every_kill
from tests.fixtures_licensing import PSD

METER = "0100000001"
STRIDE = 5
"""A close has some eighty statements; each fifth of them is enough to stand between any two."""


@pytest.fixture(params=DATABASES)
def closing(request: pytest.FixtureRequest, tmp_path: Path) -> Closing:
    """A day of business that has ended."""
    made = closing_on(request.param, tmp_path, PSD)
    made.device(METER)
    made.bank_file(300 * DOLLARS)
    made.reset(METER, 100 * DOLLARS, 1)
    made.next_day()
    return made


def let_go(closing: Closing) -> None:
    """No connection is shared with a child that is killed."""
    closing.world.service.engine.dispose()
    for each in closing.world.providers.values():
        each.service.engine.dispose()


def test_a_close_killed_anywhere_is_made_once(closing: Closing) -> None:
    hosted = {METER: HostedReading(serial=METER, ascending_mills=0, descending_mills=100_000)}
    signer = closing.world.first.signer
    let_go(closing)
    for _ in every_kill(
        lambda: commands.close_days(closing.books, signer, closing.now, hosted=hosted),
        every=STRIDE,
    ):
        let_go(closing)
    assert closing.close() == [], "the last child came to its end"
    with closing.books.reading() as reading:
        latest = tables.latest(reading)
    assert latest is not None
    assert (latest.postings, latest.differences) == (3, ())
    assert commands.check_close(closing.books, latest.day) == ()
    for kind in (DailyActivity, FinancialTransactions):
        assert len(closing.told(kind)) == 1
    assert not closing.funds.service.check_journal().faults
