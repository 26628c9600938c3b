"""The treasury, the lockbox bank and two providers: who says what of the same money."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.postal.treasury import chart, rows, transfers
from franking.postal.treasury.records import ReportStatus, WatchStatus
from tests.fixtures_databases import DATABASES
from tests.fixtures_examinations import MAKER, RIVAL, at
from tests.fixtures_treasury import (
    DEPOSIT,
    DOLLAR,
    PAID,
    RETURNED,
    TRANSFER,
    WIRE,
    Treasury,
    treasury_on,
)

FRIDAY, MONDAY, TUESDAY = "1996-01-12", "1996-01-15", "1996-01-16"
# Monday 15 January 1996 was a holiday of the Federal Reserve Banks.
WEDNESDAY, THURSDAY = "1996-01-17", "1996-01-18"


@pytest.fixture(params=DATABASES)
def treasury(request: pytest.FixtureRequest, tmp_path: Path) -> Treasury:
    return treasury_on(request.param, tmp_path)


def test_what_the_bank_received_is_at_the_bank_until_it_is_moved(treasury: Treasury) -> None:
    received = treasury.statement(FRIDAY, [(DEPOSIT, 50_000, "1"), (WIRE, 25_050, "2")])
    treasury.take(received, at(FRIDAY, 20))
    assert treasury.balance("lockbox") == -750_500
    moved = treasury.statement(TUESDAY, [(TRANSFER, 75_050, "3")], closed=False, clock=time(9, 30))
    treasury.take(moved, at(TUESDAY, 11))
    assert treasury.balance("lockbox") == 0
    assert treasury.balance(chart.FUND) == -750_500


def test_the_closed_day_repeats_what_the_day_under_way_told(treasury: Treasury) -> None:
    under_way = treasury.statement(FRIDAY, [(WIRE, 10_000, "1")], closed=False, clock=time(12))
    treasury.take(under_way, at(FRIDAY, 14))
    closed = treasury.statement(FRIDAY, [(WIRE, 10_000, "1"), (DEPOSIT, 5_000, "2")])
    treasury.take(closed, at(FRIDAY, 20))
    assert treasury.balance("lockbox") == -150_000
    assert treasury.differences() == []


def test_a_file_counts_once(treasury: Treasury) -> None:
    data = treasury.statement(FRIDAY, [(DEPOSIT, 50_000, "1")])
    treasury.take(data, at(FRIDAY, 20))
    with pytest.raises(Refused, match="was taken at") as refused:
        treasury.take(data, at(FRIDAY, 21))
    assert refused.value.code == "BANK_REPORT_KNOWN"
    assert treasury.balance("lockbox") == -500_000
    assert treasury.balance("lockbox", RIVAL) == 0


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: data[: len(data) // 2], "line"),
        (lambda data: data.replace(b"50000", b"50001", 1), "said to be"),
        (lambda data: data.replace(b"700100200", b"999999999"), "no lockbox account of ours"),
        (lambda data: data.replace(b"960112", b"960115"), "not a banking day"),
        (lambda _: b"", "line"),
    ],
)
def test_a_faulty_file_is_set_aside_whole(treasury: Treasury, damage: object, words: str) -> None:
    data = treasury.statement(FRIDAY, [(DEPOSIT, 50_000, "1"), (WIRE, 20_000, "2")])
    report = treasury.take(damage(data), at(WEDNESDAY, 9))  # type: ignore[operator]
    assert report.status is ReportStatus.SET_ASIDE
    assert words in report.because or report.because
    assert treasury.balance("lockbox") == 0
    treasury.take(data, at(WEDNESDAY, 10))
    assert treasury.balance("lockbox") == -700_000


def test_a_file_of_tomorrow_and_a_day_closed_twice_are_set_aside(treasury: Treasury) -> None:
    early = treasury.statement(TUESDAY, [(DEPOSIT, 1_000, "1")], opening=0)
    assert "still to come" in treasury.take(early, at(FRIDAY, 20)).because
    treasury.opening.clear()
    treasury.take(treasury.statement(FRIDAY, [(DEPOSIT, 1_000, "1")]), at(FRIDAY, 20))
    again = treasury.statement(FRIDAY, [(DEPOSIT, 2_000, "1")], opening=0)
    assert "was closed before" in treasury.take(again, at(FRIDAY, 21)).because


@pytest.mark.duty("R95-501.28(e)(4)-1")
@pytest.mark.duty("R95-501.28(b)(4)-2")
def test_amounts_moved_by_ten_on_the_banks_clock_are_in_time(treasury: Treasury) -> None:
    treasury.take(treasury.statement(FRIDAY, [(DEPOSIT, 50_000, "1")]), at(FRIDAY, 20))
    treasury.take(treasury.statement(FRIDAY, [], name=RIVAL), at(FRIDAY, 20))
    moved = treasury.statement(TUESDAY, [(TRANSFER, 50_000, "9")], closed=False, clock=time(9, 59))
    treasury.take(moved, at(TUESDAY, 11))
    # 10 a.m. at the bank in Chicago is 11 in New York.
    assert transfers.watch_transfers(treasury.books, at(TUESDAY, 10)) == []
    assert transfers.watch_transfers(treasury.books, at(TUESDAY, 11)) == []
    with treasury.books.reading() as reading:
        seen = rows.watches(reading)
    assert {each.status for each in seen} == {WatchStatus.IN_TIME}
    assert {each.banking_day.isoformat() for each in seen} == {TUESDAY}


@pytest.mark.duty("R95-501.28(e)(4)-1")
def test_a_transfer_that_did_not_come_by_ten_is_an_alarm_until_it_comes(
    treasury: Treasury,
) -> None:
    treasury.take(treasury.statement(FRIDAY, [(DEPOSIT, 50_000, "1")]), at(FRIDAY, 20))
    treasury.take(treasury.statement(FRIDAY, [], name=RIVAL), at(FRIDAY, 20))
    (alarm,) = transfers.watch_transfers(treasury.books, at(TUESDAY, 11))
    assert (alarm.provider, alarm.short_mills) == (MAKER, 500_000)
    assert alarm.of_day.isoformat() == FRIDAY
    late = treasury.statement(TUESDAY, [(TRANSFER, 50_000, "9")], closed=False, clock=time(10, 1))
    treasury.take(late, at(TUESDAY, 12))
    assert transfers.watch_transfers(treasury.books, at(TUESDAY, 12)) == []
    with treasury.books.reading() as reading:
        statuses = {each.provider: each.status for each in rows.watches(reading)}
    assert statuses == {MAKER: WatchStatus.LATE, RIVAL: WatchStatus.IN_TIME}


def test_a_bank_that_says_nothing_is_an_alarm(treasury: Treasury) -> None:
    alarms = transfers.watch_transfers(treasury.books, at(TUESDAY, 11))
    assert {each.provider for each in alarms} == {MAKER, RIVAL}
    assert "has not said what it received on 1996-01-12" in alarms[0].because


def test_part_of_the_amounts_is_not_enough(treasury: Treasury) -> None:
    treasury.take(treasury.statement(FRIDAY, [(DEPOSIT, 50_000, "1")]), at(FRIDAY, 20))
    part = treasury.statement(TUESDAY, [(TRANSFER, 49_999, "9")], closed=False, clock=time(9))
    treasury.take(part, at(TUESDAY, 10))
    alarms = transfers.watch_transfers(treasury.books, at(TUESDAY, 11))
    assert [each.short_mills for each in alarms if each.provider == MAKER] == [10]


def test_a_missed_transfer_stands_on_the_docket(treasury: Treasury) -> None:
    treasury.take(treasury.statement(FRIDAY, [(DEPOSIT, 50_000, "1")]), at(FRIDAY, 20))
    swept = treasury.offices.sweep(WEDNESDAY)
    assert swept.missed
    with treasury.books.reading() as reading:
        alarms = rows.watches(reading, status=WatchStatus.ALARM)
    assert (MAKER, TUESDAY) in {(each.provider, each.banking_day.isoformat()) for each in alarms}


def deposited(treasury: Treasury, mills: int = 500 * DOLLAR) -> None:
    """The bank received a deposit on Friday; the provider booked it on Tuesday."""
    cents = mills // 10
    treasury.take(treasury.statement(FRIDAY, [(DEPOSIT, cents, "1")]), at(FRIDAY, 20))
    moved = [("deposit", "lockbox", "deposits", mills)]
    assert treasury.report(TUESDAY, moved, deposits=[(FRIDAY, mills)]) == []


@pytest.mark.duty("R97-Pre-Recon")
def test_provider_bank_and_treasury_agree(treasury: Treasury) -> None:
    deposited(treasury)
    wednesday = [
        ("grant", "deposits", "transit", 300 * DOLLAR),
        ("receipt", "transit", "device", 300 * DOLLAR),
        ("use", "device", "used", 20 * DOLLAR),
    ]
    assert treasury.report(WEDNESDAY, wednesday) == []
    assert treasury.differences() == []
    held = {kind: treasury.balance(kind) for kind in ("deposits", "transit", "device", "used")}
    assert held == {
        "deposits": 200 * DOLLAR,
        "transit": 0,
        "device": 280 * DOLLAR,
        "used": 20 * DOLLAR,
    }
    assert treasury.balance("bank-clearing") == 0
    assert treasury.balance("deposits", RIVAL) == 0


@pytest.mark.duty("R97-Pre-Recon")
def test_a_deposit_that_the_provider_booked_otherwise_is_a_difference(treasury: Treasury) -> None:
    treasury.take(treasury.statement(FRIDAY, [(DEPOSIT, 50_000, "1")]), at(FRIDAY, 20))
    moved = [("deposit", "lockbox", "deposits", 400 * DOLLAR)]
    treasury.report(TUESDAY, moved, deposits=[(FRIDAY, 400 * DOLLAR)])
    (found,) = treasury.differences()
    assert (found.ours_mills, found.theirs_mills) == (500 * DOLLAR, 400 * DOLLAR)
    assert treasury.balance("bank-clearing") == 100 * DOLLAR


def test_a_deposit_that_the_provider_did_not_book_is_a_difference(treasury: Treasury) -> None:
    treasury.take(treasury.statement(FRIDAY, [(DEPOSIT, 50_000, "1")]), at(FRIDAY, 20))
    treasury.report(FRIDAY, [])
    assert treasury.differences() == []
    treasury.report(TUESDAY, [])
    (found,) = treasury.differences()
    assert (found.day.isoformat(), found.theirs_mills) == (FRIDAY, 0)


def test_a_deposit_that_the_bank_told_later_is_compared_then(treasury: Treasury) -> None:
    moved = [("deposit", "lockbox", "deposits", 400 * DOLLAR)]
    treasury.report(TUESDAY, moved, deposits=[(FRIDAY, 400 * DOLLAR)])
    assert treasury.differences() == []
    treasury.take(treasury.statement(FRIDAY, [(DEPOSIT, 50_000, "1")]), at(WEDNESDAY, 9))
    assert [each.ours_mills for each in treasury.differences()] == [500 * DOLLAR]


def test_every_difference_of_a_report_is_listed(treasury: Treasury) -> None:
    deposited(treasury)
    wednesday = [
        ("grant", "deposits", "transit", 300 * DOLLAR),
        ("advance", "provider-deposit", "deposits", 50 * DOLLAR),
    ]
    treasury.report(WEDNESDAY, wednesday, differences=("device:FK1 differs",), device=7 * DOLLAR)
    found = {each.what for each in treasury.differences()}
    assert found == {
        "sum of all balances",
        "balance of device carried on",
        "balance of device",
        "advances above the provider's deposit",
        "told by the provider, 1",
    }


def test_a_report_of_a_reported_day_is_not_taken(treasury: Treasury) -> None:
    deposited(treasury)
    (outcome,) = treasury.report(TUESDAY, [("use", "device", "used", DOLLAR)])
    assert outcome.startswith("REPORT_DAY_CLOSED")
    assert treasury.balance("used") == 0


@pytest.mark.parametrize("mills", [0, -5, 2**53])
def test_an_amount_that_is_none_is_not_posted(treasury: Treasury, mills: int) -> None:
    (outcome,) = treasury.report(TUESDAY, [("deposit", "lockbox", "deposits", mills)])
    assert outcome.split(":")[0] in {"REPORT_UNFIT", "TRANSFER_AMOUNT_REFUSED"}
    assert treasury.balance("deposits") == 0


@pytest.mark.duty("R95-501.28(e)(8)-1")
def test_a_returned_item_stays_with_the_postal_service(treasury: Treasury) -> None:
    deposited(treasury)
    returned = treasury.statement(TUESDAY, [(RETURNED, 50_000, "1")])
    treasury.take(returned, at(TUESDAY, 20))
    movement = [("returned item", "returned", "lockbox", 500 * DOLLAR)]
    assert treasury.report(WEDNESDAY, movement) == []
    assert treasury.balance("returned") == -500 * DOLLAR
    assert treasury.balance("deposits") == 500 * DOLLAR
    paid = treasury.statement(WEDNESDAY, [(PAID, 50_000, "1")])
    treasury.take(paid, at(WEDNESDAY, 20))
    made_good = [("returned item paid", "lockbox", "returned", 500 * DOLLAR)]
    assert treasury.report(THURSDAY, made_good) == []
    assert treasury.balance("returned") == 0
    assert treasury.balance("bank-clearing") == 0


@pytest.mark.duty("R95-Pre-IV-5")
def test_more_than_seven_billion_dollars_add_up_to_the_mill(treasury: Treasury) -> None:
    each_day = 900_000_000 * DOLLAR + 10
    for number in range(2, 11):
        day, cents = f"1996-07-{number:02}", each_day // 10
        treasury.report(day, [("deposit", "lockbox", "deposits", each_day)])
        if at(day).weekday() < 5 and number != 4:
            treasury.take(treasury.statement(day, [(DEPOSIT, cents, day)]), at(day, 20))
    assert treasury.balance("deposits") == 9 * each_day > 7_000_000_000 * DOLLAR
    days = ("1996-07-02", "1996-07-03", "1996-07-05", "1996-07-08", "1996-07-09", "1996-07-10")
    assert treasury.balance("lockbox") == -len(days) * each_day
    assert treasury.balance("bank-clearing") == (len(days) - 9) * each_day


def test_what_the_provider_booked_as_moved_is_held_against_the_bank(treasury: Treasury) -> None:
    deposited(treasury)
    moved = [(TRANSFER, 50_000, "2")]
    treasury.take(treasury.statement(TUESDAY, moved), at(TUESDAY, 20))
    booked = [("transfer", "fund", "lockbox", 500 * DOLLAR)]
    assert treasury.report(WEDNESDAY, booked) == []
    assert treasury.differences() == []
    treasury.report(THURSDAY, booked)
    assert [each.what for each in treasury.differences()] == ["moved to the fund in all"]


def test_a_transfer_that_the_provider_did_not_book_is_a_difference(treasury: Treasury) -> None:
    deposited(treasury)
    moved = [(TRANSFER, 50_000, "2")]
    treasury.take(treasury.statement(TUESDAY, moved), at(TUESDAY, 20))
    treasury.report(WEDNESDAY, [])
    (found,) = treasury.differences()
    assert (found.ours_mills, found.theirs_mills) == (500 * DOLLAR, 0)
