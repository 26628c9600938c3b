"""The treasury killed at any statement, asked twice at once, and messages that come twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.errors import Refused
from franking.messages.dispatch import POSTAL_SERVICE
from franking.postal import receiving as postal_side
from franking.postal.schema import LEDGER
from franking.postal.treasury import chart, rows, transfers
from franking.postal.treasury.records import WatchStatus
from franking.provider.schema import DISPATCHES
from tests.fixtures_databases import DATABASES
from tests.fixtures_examinations import MAKER, at
from tests.fixtures_killing import every_kill
from tests.fixtures_treasury import DEPOSIT, DOLLAR, TRANSFER, WIRE, Treasury, treasury_on
from tests.integration.test_attacks_at_once import at_once

FRIDAY, TUESDAY = "1996-01-12", "1996-01-16"


@pytest.fixture(params=DATABASES)
def treasury(request: pytest.FixtureRequest, tmp_path: Path) -> Treasury:
    return treasury_on(request.param, tmp_path)


def total(treasury: Treasury) -> int:
    """The sum of all accounts, which is zero (LEDGER-1)."""
    with treasury.books.reading() as reading:
        return sum(LEDGER.total(reading, line.kind) for line in chart.CHART)


def test_a_bank_report_killed_anywhere_is_taken_whole_or_not_at_all(treasury: Treasury) -> None:
    engine = treasury.offices.service.engine
    data = treasury.statement(FRIDAY, [(DEPOSIT, 50_000, "1"), (WIRE, 20_000, "2")])

    def act() -> None:
        engine.dispose(close=False)  # the connections are the parent's
        treasury.take(data, at(FRIDAY, 20))

    for _ in every_kill(act, every=7 if engine.dialect.name == "sqlite" else 9):
        assert total(treasury) == 0
        with treasury.books.reading() as reading:
            told = len(rows.bank_reports(reading))
        assert (treasury.balance("lockbox"), told) in {(0, 0), (-700_000, 1)}
        if told:
            break
    with pytest.raises(Refused) as refused:
        treasury.take(data, at(FRIDAY, 21))
    assert refused.value.code == "BANK_REPORT_KNOWN"
    assert treasury.balance("lockbox") == -700_000
    assert treasury.offices.service.check_journal().faults == ()


def test_a_daily_report_killed_anywhere_is_posted_once(treasury: Treasury) -> None:
    treasury.report(FRIDAY, [("deposit", "lockbox", "deposits", 500 * DOLLAR)])
    desk, engine = treasury.provider(), treasury.offices.service.engine
    moved = [("grant", "deposits", "transit", 300 * DOLLAR)]
    treasury.report(TUESDAY, moved, carried=False)
    with desk.service.reading() as reading:
        (waiting,) = DISPATCHES.undelivered(reading)
    assert waiting.recipient == POSTAL_SERVICE

    def act() -> None:
        engine.dispose(close=False)  # the connections are the parent's
        hear(treasury, waiting.text)

    for _ in every_kill(act, every=9 if engine.dialect.name == "sqlite" else 11):
        assert treasury.balance("transit") in {0, 300 * DOLLAR}
        assert total(treasury) == 0
        if treasury.balance("transit"):
            break
    assert hear(treasury, waiting.text) == "taken"
    assert treasury.balance("transit") == 300 * DOLLAR


def hear(treasury: Treasury, text: str) -> str:
    """The Postal Service hears a message."""
    offices = treasury.offices
    return postal_side.HEARING.receive(offices.service, offices.signer, text, at(TUESDAY, 23))


def test_one_report_taken_in_by_two_counts_once(treasury: Treasury) -> None:
    data = treasury.statement(FRIDAY, [(DEPOSIT, 50_000, "1")])

    def take() -> object:
        return treasury.take(data, at(FRIDAY, 20))

    outcomes = at_once(take, take)
    assert outcomes in (["BANK_REPORT_KNOWN", "done"], ["BOOKS_BUSY", "done"])
    assert treasury.balance("lockbox") == -500_000


def test_two_who_look_at_ten_see_one_alarm(treasury: Treasury) -> None:
    treasury.take(treasury.statement(FRIDAY, [(DEPOSIT, 50_000, "1")]), at(FRIDAY, 20))

    def look() -> object:
        return transfers.watch_transfers(treasury.books, at(TUESDAY, 12))

    assert set(at_once(look, look)) <= {"done", "BOOKS_BUSY"}
    look()
    moved = treasury.statement(TUESDAY, [(TRANSFER, 50_000, "2")], closed=False)
    treasury.take(moved, at(TUESDAY, 19))
    with treasury.books.reading() as reading:
        seen = [each for each in rows.watches(reading) if each.provider == MAKER]
    assert [each.status for each in seen] == [WatchStatus.LATE]
