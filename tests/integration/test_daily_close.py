"""The daily close: registers, ledger and bank files held against each other, day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError

from franking.errors import Refused
from franking.ledger.audit import audit
from franking.messages.funds import DailyActivity, FinancialTransactions
from franking.provider.closing import commands, tables
from franking.provider.closing.records import DayClose, DifferenceKind
from franking.provider.funds import bank_tables, postings
from franking.provider.funds.bank_records import BankFile, FileStatus
from franking.provider.resetting import rows as resets
from franking.provider.resetting.records import Reset, ResetStatus
from franking.provider.schema import SCHEMA
from franking.storage import Act
from franking.storage.export import export_journal
from tests.fixtures_closing import DOLLARS, Closing, closing_on, posted_late
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import PSD

METER, OTHER_METER = "0100000001", "0100000002"
FIRST_DAY = date(1997, 6, 2)


@pytest.fixture(params=DATABASES)
def closing(request: pytest.FixtureRequest, tmp_path: Path) -> Closing:
    """A provider with one licensee and one meter."""
    made = closing_on(request.param, tmp_path, PSD)
    made.device(METER)
    return made


@pytest.fixture
def day(closing: Closing) -> DayClose:
    """A day of a deposit, two resets and use, closed."""
    closing.bank_file(300 * DOLLARS, 200 * DOLLARS)
    closing.reset(METER, 100 * DOLLARS, 1)
    closing.use(METER, 32 * DOLLARS)
    closing.granted(METER, 50 * DOLLARS, 2)
    closing.next_day()
    (closed,) = closing.close()
    return closed


def kinds(close: DayClose) -> list[DifferenceKind]:
    """In what the records of a day differ."""
    return [each.kind for each in close.differences]


@pytest.mark.duty("R97-Pre-Recon")
def test_a_day_of_every_kind_of_business_closes_to_the_mill(day: DayClose) -> None:
    assert day.day == FIRST_DAY
    assert day.differences == ()
    balances = {each.kind: each.closing_mills for each in day.totals}
    assert balances == {
        "deposits": 350 * DOLLARS,
        "device": 68 * DOLLARS,
        "transit": 50 * DOLLARS,
        "used": 32 * DOLLARS,
        "lockbox": -500 * DOLLARS,
    }
    assert sum(balances.values()) == 0
    assert (day.devices.in_transit, day.devices.in_transit_mills) == (1, 50 * DOLLARS)
    assert (day.devices.holding_value, day.devices.oldest_report) == (1, "1997-06-02")
    (file,) = day.files
    assert (file.count, file.amount_mills, file.posted_mills) == (2, 500 * DOLLARS, 500 * DOLLARS)


@pytest.mark.duty("R95-501.28(g)-1")
def test_the_days_activity_is_reported_and_the_treasury_finds_nothing_else(
    closing: Closing, day: DayClose
) -> None:
    (told,) = closing.told(DailyActivity)
    assert isinstance(told, DailyActivity)
    moved = {(each.kind, each.debit, each.credit): each.amount_mills for each in told.movements}
    assert moved == {
        ("deposit", "lockbox", "deposits"): 500 * DOLLARS,
        ("grant", "deposits", "transit"): 150 * DOLLARS,
        ("receipt", "transit", "device"): 100 * DOLLARS,
        ("use", "device", "used"): 32 * DOLLARS,
    }
    assert told.balances == {each.kind: each.closing_mills for each in day.totals}
    assert (told.day, told.differences) == ("1997-06-02", ())
    assert [each.amount_mills for each in told.deposits] == [500 * DOLLARS]


def test_an_auditor_of_the_journal_alone_comes_to_the_same_balances(
    closing: Closing, day: DayClose
) -> None:
    with closing.books.reading() as reading:
        found = audit(export_journal(reading, SCHEMA))
    (told,) = closing.told(DailyActivity)
    assert isinstance(told, DailyActivity)
    assert found.totals() == told.balances == {each.kind: each.closing_mills for each in day.totals}


@pytest.mark.duty("R97-502.21(m)")
def test_each_download_of_the_day_is_filed(closing: Closing, day: DayClose) -> None:
    (told,) = closing.told(FinancialTransactions)
    assert isinstance(told, FinancialTransactions)
    assert (told.day, told.total_mills) == (day.day.isoformat(), 150 * DOLLARS)
    first, second = told.lines
    assert (first.device, first.sequence, first.amount_mills) == (METER, 1, 100 * DOLLARS)
    assert (first.account, first.zip_code) == (closing.account.number, "01101")
    assert (first.licence, first.advanced_mills) == (closing.account.licence, 0)
    assert (first.control_total_mills, second.control_total_mills) == (0, 100 * DOLLARS)


def test_downloads_beyond_one_message_go_in_parts_that_add_up(closing: Closing) -> None:
    closing.bank_file(900 * DOLLARS)
    for sequence in range(1, 403):
        closing.granted(METER, 1 * DOLLARS, sequence)
    closing.next_day()
    closing.close()
    told = closing.told(FinancialTransactions)
    parts = [each for each in told if isinstance(each, FinancialTransactions)]
    assert [(each.part, each.parts, len(each.lines)) for each in parts] == [(1, 2, 400), (2, 2, 2)]
    assert {each.total_mills for each in parts} == {402 * DOLLARS}
    assert len({each.sequence for part in parts for each in part.lines}) == 402


def test_a_day_without_business_is_closed_and_reported(closing: Closing, day: DayClose) -> None:
    closing.next_day()
    (empty,) = closing.close()
    assert (empty.postings, empty.differences) == (0, ())
    assert [each.closing_mills for each in empty.totals] == [
        each.closing_mills for each in day.totals
    ]
    assert len(closing.told(DailyActivity)) == 2


def test_days_left_open_are_closed_one_by_one(closing: Closing) -> None:
    closing.bank_file(10 * DOLLARS)
    for _ in range(3):
        closing.next_day()
    assert [each.day for each in closing.close()] == [
        FIRST_DAY + timedelta(days=n) for n in range(3)
    ]
    assert closing.close() == []


def test_nothing_is_closed_before_the_first_posting(closing: Closing) -> None:
    closing.next_day()
    assert closing.close() == []


@pytest.mark.parametrize("ahead", [0, 1])
def test_a_day_that_goes_on_or_is_to_come_is_not_closed(closing: Closing, ahead: int) -> None:
    with pytest.raises(Refused, match="DAY_NOT_OVER"):
        closing.close(through=closing.now.date() + timedelta(days=ahead))


def test_days_are_closed_in_order(closing: Closing, day: DayClose) -> None:
    closing.next_day()
    closing.next_day()
    signer = closing.world.first.signer
    for wrong in (day.day + timedelta(days=2), day.day - timedelta(days=1)):
        with pytest.raises(Refused, match="DAY_CLOSED_OUT_OF_ORDER"):
            commands.close_day(closing.books, signer, closing.now, day=wrong)


def test_a_closed_day_is_given_back_as_it_was_closed(closing: Closing, day: DayClose) -> None:
    later = closing.now + timedelta(hours=3)
    again = commands.close_day(closing.books, closing.world.first.signer, later, day=day.day)
    assert again == day
    assert len(closing.told(DailyActivity)) == 1


def test_what_is_posted_for_a_closed_day_stays_out_of_it_and_is_listed(
    closing: Closing, day: DayClose
) -> None:
    posted_late(closing, day.day, 7 * DOLLARS)
    with closing.books.reading() as reading:
        assert tables.find(reading, day.day) == day
    assert commands.check_close(closing.books, day.day) == ()
    closing.next_day()
    (after,) = closing.close()
    assert DifferenceKind.LATE_POSTING in kinds(after)
    assert after.balance("lockbox") == -507 * DOLLARS
    assert DifferenceKind.CARRIED not in kinds(after)


def test_a_day_comes_out_the_same_when_it_is_computed_again(
    closing: Closing, day: DayClose
) -> None:
    closing.reset(METER, 10 * DOLLARS, 3)
    closing.next_day()
    closing.close()
    for each in (day.day, day.day + timedelta(days=1)):
        assert commands.check_close(closing.books, each) == ()


def test_nobody_changes_a_closed_day(closing: Closing, day: DayClose) -> None:
    change = update(tables.CLOSES).values(digest="0" * 64)
    with closing.books.engine.begin() as connection, pytest.raises(DBAPIError):
        connection.execute(change)
    assert commands.check_close(closing.books, day.day) == ()


def test_trying_to_close_keeps_nothing(closing: Closing) -> None:
    closing.bank_file(10 * DOLLARS)
    closing.next_day()
    found = commands.try_close(closing.books, closing.now, day=FIRST_DAY)
    assert (found.postings, found.digest) == (1, "")
    with closing.books.reading() as reading:
        assert tables.latest(reading) is None


# Differences -----------------------------------------------------------------------------------


@pytest.mark.duty("R97-Pre-Recon")
def test_a_device_that_shows_another_value_than_the_ledger_is_listed(closing: Closing) -> None:
    closing.bank_file(500 * DOLLARS)
    closing.reset(METER, 100 * DOLLARS, 1)
    closing.read(METER, off_by=-1)
    closing.next_day()
    (close,) = closing.close()
    (found,) = close.differences
    assert (found.kind, found.about) == (DifferenceKind.REGISTERS, f"device:{METER}")
    assert (found.expected_mills, found.found_mills) == (100 * DOLLARS, 100 * DOLLARS - 1)
    (told,) = closing.told(DailyActivity)
    assert isinstance(told, DailyActivity)
    assert "$99.999 instead of $100.00" in told.differences[0]


def test_a_file_that_says_another_sum_than_was_posted_from_it_is_listed(closing: Closing) -> None:
    digest = closing.bank_file(500 * DOLLARS, told_mills=501 * DOLLARS)
    closing.next_day()
    (close,) = closing.close()
    (found,) = close.differences
    assert (found.kind, found.about) == (DifferenceKind.FILE, f"file:{digest}")


def test_a_deposit_that_no_file_of_the_bank_brought_is_listed(closing: Closing) -> None:
    closing.bank_file(500 * DOLLARS)
    made_up = postings.deposit(payment="P-99", account=closing.account.number, amount_mills=3)
    closing.post(made_up)
    closing.next_day()
    (close,) = closing.close()
    (found,) = close.differences
    assert found.kind is DifferenceKind.WITHOUT_FILE
    assert (found.expected_mills, found.found_mills) == (500 * DOLLARS, 500 * DOLLARS + 3)


def test_a_file_set_aside_stays_in_sight(closing: Closing) -> None:
    aside = BankFile(
        digest="f" * 64,
        name="lockbox of 2 June",
        kind=None,
        day=None,
        status=FileStatus.SET_ASIDE,
        taken_at="1997-06-02T20:00:00.000000Z",
        items=0,
        deposits_mills=0,
    )
    closing.bank_file(5 * DOLLARS)
    with closing.funds.service.work(closing.now, "take_bank_file") as work:
        row = {
            "digest": aside.digest,
            "name": aside.name,
            "kind": None,
            "day": None,
            "status": aside.status.value,
            "taken_at": aside.taken_at,
            "items": 0,
            "deposits_mills": 0,
            "faults": '["cut short"]',
            "statement": None,
            "content": b"",
        }
        work.write(insert(bank_tables.FILES).values(row))
        work.record(Act(record="file:f"))
    closing.next_day()
    (close,) = closing.close()
    assert kinds(close) == [DifferenceKind.FILE_SET_ASIDE]


def test_a_charge_without_its_grant_and_a_grant_without_its_charge_are_listed(
    closing: Closing,
) -> None:
    closing.bank_file(500 * DOLLARS)
    closing.reset(METER, 10 * DOLLARS, 1)
    number = closing.account.number
    closing.post(postings.grant(serial=METER, sequence=2, account=number, amount_mills=2))
    unpaid = Reset(
        device_id=METER,
        sequence=3,
        amount_mills=5,
        request_digest="x",
        grant="grant",
        grant_digest="",
        status=ResetStatus.GRANTED,
        account=number,
    )
    with closing.funds.service.work(closing.now, "grant_reset") as work:
        resets.add_reset(work, unpaid)
        work.record(Act(record=f"device:{METER}"))
    closing.next_day()
    (close,) = closing.close()
    found = {each.kind: each for each in close.differences}
    assert found[DifferenceKind.GRANT_UNPAID].detail == "reset 3"
    assert found[DifferenceKind.CHARGE_WITHOUT_GRANT].about == f"posting:grant:{METER}:2"
    assert found[DifferenceKind.TRANSIT].expected_mills == 5
    assert found[DifferenceKind.TRANSIT].found_mills == 2


def test_every_difference_is_listed_and_not_the_first(closing: Closing) -> None:
    closing.device(OTHER_METER)
    closing.bank_file(500 * DOLLARS, told_mills=1)
    for serial in (METER, OTHER_METER):
        closing.reset(serial, 100 * DOLLARS, 1)
        closing.read(serial, off_by=1)
    closing.next_day()
    (close,) = closing.close()
    assert sorted(kinds(close)) == sorted(
        [DifferenceKind.FILE, DifferenceKind.REGISTERS, DifferenceKind.REGISTERS]
    )


def test_what_was_found_out_about_a_difference_is_kept_beside_it(closing: Closing) -> None:
    closing.bank_file(500 * DOLLARS, told_mills=1)
    closing.next_day()
    (close,) = closing.close()
    commands.explain_difference(
        closing.books, day=close.day, number=1, because="the bank corrected it", now=closing.now
    )
    with closing.books.reading() as reading:
        (answer,) = tables.answers(reading, close.day)
        assert tables.find(reading, close.day) == close
    assert (answer.number, answer.because) == (1, "the bank corrected it")


@pytest.mark.parametrize(
    ("number", "because", "code"),
    [
        (2, "seen", "CLOSE_DIFFERENCE_UNKNOWN"),
        (0, "seen", "CLOSE_DIFFERENCE_UNKNOWN"),
        (1, " ", "EXPLANATION_EMPTY"),
    ],
)
def test_an_explanation_names_a_difference_and_says_something(
    closing: Closing, number: int, because: str, code: str
) -> None:
    closing.bank_file(500 * DOLLARS, told_mills=1)
    closing.next_day()
    closing.close()
    with pytest.raises(Refused, match=code):
        commands.explain_difference(
            closing.books, day=FIRST_DAY, number=number, because=because, now=closing.now
        )


def test_a_day_that_is_not_closed_is_not_shown(closing: Closing) -> None:
    with pytest.raises(Refused, match="DAY_NOT_CLOSED"):
        commands.check_close(closing.books, FIRST_DAY)


# Devices ---------------------------------------------------------------------------------------


def test_each_device_is_told_with_the_age_of_its_report_and_its_value_in_transit(
    closing: Closing, day: DayClose
) -> None:
    for _ in range(8):
        closing.next_day()
    (*_, last) = closing.close()
    with closing.books.reading() as reading:
        (device,) = commands.device_positions(reading, last, closing.now)
    assert (device.serial, device.reported_on, device.age_days) == (METER, "1997-06-02", 8)
    assert (device.in_device_mills, device.in_transit_mills) == (68 * DOLLARS, 50 * DOLLARS)
    assert dict(last.devices.ages) == {"within 31 days": 1}
    assert day.devices.ages == (("the same day", 1),)


def test_a_device_is_told_as_the_day_left_it_whatever_came_after(
    closing: Closing, day: DayClose
) -> None:
    closing.reset(METER, 10 * DOLLARS, 3)
    with closing.books.reading() as reading:
        (device,) = commands.device_positions(reading, day, closing.now)
    assert (device.in_device_mills, device.held_mills) == (68 * DOLLARS, 78 * DOLLARS)


def test_a_device_that_only_the_ledger_knows_is_told_too(closing: Closing) -> None:
    closing.bank_file(500 * DOLLARS)
    closing.granted("0999999999", 5 * DOLLARS, 1)
    closing.next_day()
    (close,) = closing.close()
    assert close.devices.devices == 2
    assert close.devices.in_transit_mills == 5 * DOLLARS


# The docket ------------------------------------------------------------------------------------


def test_a_close_opens_what_is_due_next(closing: Closing, day: DayClose) -> None:
    record = f"provider:{closing.world.first.name}"
    due = {each.duty: each for each in closing.world.first.standing(record) if each.is_outstanding}
    assert due["daily close"].due == day.day + timedelta(days=2)
    assert due["missing devices list"].due == date(1997, 7, 1)
    assert {"revenue allocation report", "in-service list", "monthly statements"} <= set(due)
    closing.next_day()
    closing.close()
    again = [each for each in closing.world.first.standing(record) if each.duty == "daily close"]
    assert [str(each.status) for each in again] == ["satisfied", "open"]


def test_two_people_who_close_at_once_close_once(closing: Closing) -> None:
    closing.bank_file(5 * DOLLARS)
    closing.next_day()
    signer = closing.world.first.signer
    one = commands.close_day(closing.books, signer, closing.now, day=FIRST_DAY)
    computed = replace(one, closed_by="somebody else", digest="")
    kept = commands._keep(closing.books, signer, computed, closing.now)
    assert kept == one
