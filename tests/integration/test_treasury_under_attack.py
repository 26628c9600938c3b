"""What a provider or a bank tries to hide from the treasury."""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.bank_files.bai2_records import ACH_REFUND_PAID
from franking.postal.treasury import noting
from tests.fixtures_databases import DATABASES
from tests.fixtures_examinations import at
from tests.fixtures_treasury import (
    DEPOSIT,
    DOLLAR,
    PAID,
    RETURNED,
    Treasury,
    treasury_on,
)

FRIDAY, SUNDAY, TUESDAY = "1996-01-12", "1996-01-14", "1996-01-16"
WEDNESDAY, THURSDAY = "1996-01-17", "1996-01-18"


@pytest.fixture(params=DATABASES)
def treasury(request: pytest.FixtureRequest, tmp_path: Path) -> Treasury:
    """Two providers, each with an approved lockbox."""
    return treasury_on(request.param, tmp_path)


def deposit(mills: int) -> tuple[str, str, str, int]:
    """A provider books a deposit."""
    return "deposit", "lockbox", "deposits", mills


def found(treasury: Treasury) -> list[tuple[str, int, int]]:
    """The differences that stand: what, by the bank and the treasury, by the provider."""
    return [(each.what, each.ours_mills, each.theirs_mills) for each in treasury.differences()]


def test_a_deposit_of_no_file_is_a_difference(treasury: Treasury) -> None:
    treasury.report(TUESDAY, [deposit(5 * DOLLAR)])
    assert found(treasury) == [("deposits beside the files of the bank", 0, 5 * DOLLAR)]


@pytest.mark.parametrize("bank_day", [SUNDAY, THURSDAY, "1996-01-15"])
def test_a_deposit_of_a_day_that_the_bank_cannot_have_worked_is_a_difference(
    treasury: Treasury, bank_day: str
) -> None:
    treasury.report(TUESDAY, [deposit(5 * DOLLAR)], deposits=[(bank_day, 5 * DOLLAR)])
    assert [(ours, theirs) for _, ours, theirs in found(treasury)] == [(0, 5 * DOLLAR)]


def test_a_deposit_of_a_day_that_the_bank_left_out_is_a_difference(treasury: Treasury) -> None:
    treasury.take(treasury.statement(TUESDAY, []), at(TUESDAY, 20))
    treasury.report(WEDNESDAY, [deposit(5 * DOLLAR)], deposits=[(FRIDAY, 5 * DOLLAR)])
    assert found(treasury) == [("deposits received by the bank", 0, 5 * DOLLAR)]


def test_a_settled_difference_hides_no_greater_one(treasury: Treasury) -> None:
    treasury.take(treasury.statement(FRIDAY, [(DEPOSIT, 500, "1")]), at(FRIDAY, 20))
    treasury.report(TUESDAY, [deposit(6 * DOLLAR)], deposits=[(FRIDAY, 6 * DOLLAR)])
    (first,) = treasury.differences()
    noting.settle_difference(
        treasury.books, number=first.number, because="a slip", now=at(TUESDAY, 23)
    )
    treasury.report(WEDNESDAY, [deposit(900 * DOLLAR)], deposits=[(FRIDAY, 900 * DOLLAR)])
    ((what, ours, theirs),) = found(treasury)
    assert what.startswith("deposits received by the bank")
    assert (ours, theirs) == (5 * DOLLAR, 906 * DOLLAR)
    treasury.report(THURSDAY, [deposit(DOLLAR)], deposits=[(FRIDAY, DOLLAR)])
    assert len(found(treasury)) == 2


@pytest.mark.parametrize(
    ("code", "debit", "credit"),
    [
        (RETURNED, "returned", "lockbox"),
        (RETURNED, "suspense", "lockbox"),
        (ACH_REFUND_PAID, "refunds", "lockbox"),
        (PAID, "lockbox", "returned"),
    ],
)
def test_what_came_back_or_was_paid_back_is_held_against_the_bank(
    treasury: Treasury, code: str, debit: str, credit: str
) -> None:
    data = treasury.statement(FRIDAY, [(DEPOSIT, 5_000, "1"), (code, 1_000, "2")])
    treasury.take(data, at(FRIDAY, 20))
    booked = [deposit(50 * DOLLAR), ("as the bank said", debit, credit, 10 * DOLLAR)]
    treasury.report(TUESDAY, booked, deposits=[(FRIDAY, 50 * DOLLAR)])
    assert found(treasury) == []
    treasury.report(WEDNESDAY, [("once more", debit, credit, 10 * DOLLAR)])
    treasury.take(treasury.statement(WEDNESDAY, []), at(WEDNESDAY, 20))
    ((_, ours, theirs),) = found(treasury)
    assert (ours, theirs) == (10 * DOLLAR, 20 * DOLLAR)


@pytest.mark.parametrize("code", [RETURNED, ACH_REFUND_PAID, PAID])
def test_what_the_bank_moved_and_no_provider_knows_is_a_difference(
    treasury: Treasury, code: str
) -> None:
    data = treasury.statement(FRIDAY, [(DEPOSIT, 5_000, "1"), (code, 1_000, "2")])
    treasury.take(data, at(FRIDAY, 20))
    treasury.report(TUESDAY, [deposit(50 * DOLLAR)], deposits=[(FRIDAY, 50 * DOLLAR)])
    ((_, ours, theirs),) = found(treasury)
    assert (ours, theirs) == (10 * DOLLAR, 0)


def test_the_bank_is_held_against_the_report_that_came_before_its_statement(
    treasury: Treasury,
) -> None:
    treasury.report(TUESDAY, [deposit(50 * DOLLAR)], deposits=[(FRIDAY, 50 * DOLLAR)])
    data = treasury.statement(FRIDAY, [(DEPOSIT, 5_000, "1"), (RETURNED, 1_000, "2")])
    treasury.take(data, at(WEDNESDAY, 20))
    ((_, ours, theirs),) = found(treasury)
    assert (ours, theirs) == (10 * DOLLAR, 0)


def test_no_movement_of_the_lockbox_is_without_a_name(treasury: Treasury) -> None:
    treasury.report(TUESDAY, [("fees", "device", "lockbox", DOLLAR)])
    assert ("between lockbox and device", 0, DOLLAR) in found(treasury)
