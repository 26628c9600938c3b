"""Accounts on deposit: opened with the acknowledgment, paid into, charged, locked, advanced to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.provider.funds import (
    accounts,
    advances,
    charging,
    chart,
    corrections,
    paying,
    refunding,
    rows,
)
from franking.provider.funds.decisions import is_account_number
from franking.provider.funds.records import AccountStatus, Method, PaymentStatus, Statements
from franking.provider.licensing import leasing
from tests.fixtures_databases import DATABASES
from tests.fixtures_funds import BERT, SERIAL, Funds, funds_of
from tests.fixtures_licensing import METER, PSD, signatures
from tests.fixtures_psd import new_signer

DOLLARS = 1000


@pytest.fixture(params=DATABASES)
def funds(request: pytest.FixtureRequest, tmp_path: Path) -> Funds:
    """Acme Bolts with an account, under 1997, on each database."""
    return funds_of(request.param, tmp_path, PSD)


@pytest.fixture
def metered(tmp_path: Path) -> Funds:
    """Acme Bolts with an account, under 1995."""
    return funds_of("sqlite", tmp_path, METER)


@pytest.mark.duty("R95-501.28(b)(2)-3")
@pytest.mark.duty("R97-502.26(b)(1)-2")
def test_the_lease_with_its_acknowledgment_opens_one_account(funds: Funds) -> None:
    account = funds.account
    assert is_account_number(account.number)
    assert (account.licensee, account.zip_code) == ("Acme Bolts", "01101")
    assert [one.duty for one in funds.duties(account.record)] == [accounts.ACKNOWLEDGMENT]
    again = leasing.sign_lease(
        funds.books, account.licence, PSD, signatures(funds.world.later(days=1).date()), funds.now
    )
    assert again.licence == account.licence
    with funds.service.reading() as reading:
        assert rows.account_count(reading) == 1
    assert accounts.open_account(funds.books, account.licence, now=funds.now) == account


@pytest.mark.duty("R97-P050.3.1-2")
def test_a_lease_without_an_agreement_on_funds_is_none_and_pays_for_no_reset(
    funds: Funds,
) -> None:
    licence, today = funds.world.licensed(zip_code="01103"), funds.now.date()
    unsigned = replace(signatures(today), acknowledged_by="")
    with pytest.raises(Refused, match="LEASE_UNSIGNED"):
        leasing.sign_lease(funds.books, licence.number, PSD, unsigned, funds.now)
    with funds.service.reading() as reading, pytest.raises(Refused, match="FUNDS_ACCOUNT_MISSING"):
        charging.require_resettable(reading, licence.number, today)


def test_no_account_opens_without_a_lease(funds: Funds) -> None:
    licence = funds.world.licensed(zip_code="01103")
    with pytest.raises(Refused, match="FUNDS_ACCOUNT_MISSING"):
        accounts.open_account(funds.books, licence.number, now=funds.now)


@pytest.mark.law("LEDGER-2")
@pytest.mark.duty("R95-501.28(b)(2)-1")
@pytest.mark.duty("R95-501.28(e)(3)-3")
@pytest.mark.duty("R97-502.26(b)(1)-1")
@pytest.mark.duty("R97-P050.3.2-1")
def test_a_reset_is_paid_from_funds_on_deposit_and_from_nothing_else(funds: Funds) -> None:
    with pytest.raises(Refused, match="INSUFFICIENT_FUNDS") as refused:
        funds.reset(50 * DOLLARS)
    assert "501.28(b)(2)" in refused.value.clause
    funds.paid(80 * DOLLARS)
    charge = funds.reset(50 * DOLLARS)
    assert (charge.balance_after_mills, charge.advanced_mills) == (30 * DOLLARS, 0)
    assert (funds.balance, funds.holds(chart.transit(SERIAL))) == (30 * DOLLARS, 50 * DOLLARS)
    with pytest.raises(Refused, match="INSUFFICIENT_FUNDS"):
        funds.reset(30 * DOLLARS + 1, 2)
    assert funds.balance == 30 * DOLLARS


def test_the_same_reset_again_is_charged_once(funds: Funds) -> None:
    funds.paid(80 * DOLLARS)
    first, again = funds.reset(50 * DOLLARS), funds.reset(50 * DOLLARS)
    assert first.posted.number == again.posted.number
    assert funds.balance == 30 * DOLLARS
    with pytest.raises(Refused, match="LEDGER_KEY_REUSED"):
        funds.reset(20 * DOLLARS)


@pytest.mark.parametrize("amount", [0, -1, 10**13])
def test_no_reset_is_charged_nothing_less_or_too_much(funds: Funds, amount: int) -> None:
    funds.paid(80 * DOLLARS)
    with pytest.raises(Refused):
        funds.reset(amount)
    assert funds.balance == 80 * DOLLARS


@pytest.mark.duty("R95-501.28(e)(8)-3")
@pytest.mark.duty("R95-501.28(e)(8)-4")
@pytest.mark.duty("R95-501.28(e)(8)-1")
def test_an_item_returned_after_the_money_was_spent_locks_until_paid_in_full(funds: Funds) -> None:
    spent, other = funds.paid(60 * DOLLARS), funds.paid(40 * DOLLARS, Method.ACH_DEBIT)
    funds.reset(90 * DOLLARS)
    funds.came_back(spent)
    funds.came_back(other)
    assert funds.standing().status is AccountStatus.LOCKED
    assert funds.balance == 10 * DOLLARS
    assert funds.holds(chart.returned(funds.account.number)) == -100 * DOLLARS
    funds.paid(500 * DOLLARS)
    with pytest.raises(Refused, match="FUNDS_ACCOUNT_LOCKED"):
        funds.reset(1 * DOLLARS, 2)
    funds.collected(spent)
    assert funds.standing().status is AccountStatus.LOCKED, "one of two is still unpaid"
    after = funds.collected(other)
    assert after.status is PaymentStatus.MADE_GOOD
    assert funds.standing().status is AccountStatus.OPEN
    assert funds.holds(chart.returned(funds.account.number)) == 0
    assert funds.reset(1 * DOLLARS, 2).balance_after_mills == 509 * DOLLARS
    assert funds.events()[-3:] == ["locked", "paid", "unlocked"]


def test_the_bank_is_believed_only_on_items_it_brought(funds: Funds) -> None:
    item = funds.paid(60 * DOLLARS)
    with pytest.raises(Refused, match="PAYMENT_NOT_THERE_YET"):
        funds.came_back(item, amount_mills=61 * DOLLARS)
    with pytest.raises(Refused, match="PAYMENT_NOT_THERE_YET"):
        funds.collected(item)
    funds.came_back(item)
    with pytest.raises(Refused, match="PAYMENT_NOT_THERE_YET"):
        funds.came_back(item)


@pytest.mark.duty("R95-501.28(b)(5)-2")
@pytest.mark.duty("R95-501.28(b)(5)-3")
@pytest.mark.duty("R95-P030.3.12a")
@pytest.mark.duty("R97-P050.3.5a-1")
def test_an_advance_covers_what_is_missing_within_the_days_cover(funds: Funds) -> None:
    funds.paid(20 * DOLLARS)
    funds.advances_up_to(1000 * DOLLARS)
    with pytest.raises(Refused, match="ADVANCE_REFUSED"):
        funds.reset(50 * DOLLARS)
    funds.deposit_of_provider(100 * DOLLARS, 1)
    charge = funds.reset(50 * DOLLARS)
    assert (charge.advanced_mills, charge.balance_after_mills) == (30 * DOLLARS, 0)
    assert funds.reset(50 * DOLLARS).advanced_mills == 0, "the same reset is not advanced again"
    assert funds.reset(70 * DOLLARS, 2).advanced_mills == 70 * DOLLARS
    with pytest.raises(Refused, match="ADVANCE_REFUSED") as refused:
        funds.reset(1, 3)
    assert "501.28(b)(5)" in refused.value.clause
    funds.deposit_of_provider(10 * DOLLARS, 2)
    assert funds.reset(10 * DOLLARS, 3).advanced_mills == 10 * DOLLARS


def test_without_an_agreement_nothing_is_advanced(funds: Funds) -> None:
    funds.deposit_of_provider(100 * DOLLARS, 1)
    with pytest.raises(Refused, match="INSUFFICIENT_FUNDS"):
        funds.reset(1 * DOLLARS)
    funds.advances_up_to(5 * DOLLARS)
    funds.reset(5 * DOLLARS)
    with pytest.raises(Refused, match="INSUFFICIENT_FUNDS"):
        funds.reset(1, 2)
    funds.advances_up_to(0)
    with pytest.raises(Refused, match="INSUFFICIENT_FUNDS"):
        advances.advance_funds(funds.books, funds.account.number, 1, now=funds.now)


@pytest.mark.duty("R95-501.28(b)(5)-1")
def test_nothing_is_advanced_below_an_average_days_advances(metered: Funds) -> None:
    metered.advances_up_to(10_000 * DOLLARS)
    metered.deposit_of_provider(3000 * DOLLARS, 1)
    metered.reset(3000 * DOLLARS)
    metered.world.later(days=1)
    metered.deposit_of_provider(99 * DOLLARS, 2)
    # 3000 dollars over the 30 days before are 100 a day: 99 on deposit are less than that.
    with pytest.raises(Refused, match="below the average") as refused:
        metered.reset(1 * DOLLARS, 2)
    assert refused.value.code == "ADVANCE_REFUSED"
    metered.deposit_of_provider(1 * DOLLARS, 3)
    assert metered.reset(1 * DOLLARS, 2).advanced_mills == 1 * DOLLARS


@pytest.mark.duty("R95-501.28(b)(5)-4")
def test_what_was_advanced_is_owed_to_the_provider_and_repaid_first(funds: Funds) -> None:
    funds.advances_up_to(100 * DOLLARS)
    funds.deposit_of_provider(100 * DOLLARS, 1)
    funds.reset(80 * DOLLARS)
    assert funds.holds(chart.owed(funds.account.number)) == -80 * DOLLARS
    assert funds.holds(chart.CAPITAL) == 80 * DOLLARS
    assert funds.holds(chart.PROVIDER_DEPOSIT) == 20 * DOLLARS
    funds.paid(50 * DOLLARS)
    assert (funds.balance, funds.holds(chart.PROVIDER_DEPOSIT)) == (0, 70 * DOLLARS)
    funds.paid(50 * DOLLARS)
    assert (funds.balance, funds.holds(chart.owed(funds.account.number))) == (20 * DOLLARS, 0)
    assert funds.holds(chart.CAPITAL) == 0


def test_repayments_of_a_day_do_not_let_more_be_advanced_on_it(funds: Funds) -> None:
    funds.advances_up_to(1000 * DOLLARS)
    funds.deposit_of_provider(100 * DOLLARS, 1)
    funds.world.later(days=1)
    funds.reset(100 * DOLLARS)
    funds.paid(100 * DOLLARS)
    with pytest.raises(Refused, match="ADVANCE_REFUSED"):
        funds.reset(1 * DOLLARS, 2)
    funds.world.later(days=1)
    assert funds.reset(1 * DOLLARS, 2).advanced_mills == 1 * DOLLARS


@pytest.mark.law("LEDGER-1", "LEDGER-3")
def test_every_mill_is_somewhere(funds: Funds) -> None:
    funds.advances_up_to(1000 * DOLLARS)
    funds.deposit_of_provider(100 * DOLLARS, 1)
    item = funds.paid(60 * DOLLARS)
    funds.paid(5 * DOLLARS, account="99999999")
    funds.reset(90 * DOLLARS)
    funds.came_back(item)
    funds.moved(5 * DOLLARS)
    totals = funds.totals()
    assert sum(totals.values()) == 0
    by_place = dict.fromkeys(chart.Place, 0)
    for kind, total in totals.items():
        by_place[chart.PLACES[kind]] += total
    held = by_place[chart.Place.HELD] + by_place[chart.Place.SPENT]
    assert -by_place[chart.Place.SOURCE] == held
    assert by_place[chart.Place.PROVIDER] == 0


@pytest.mark.duty("R95-501.28(e)(3)-4")
@pytest.mark.duty("R97-P050.3.5c")
def test_a_licensee_chooses_a_document_for_each_reset_or_a_monthly_statement(
    funds: Funds,
) -> None:
    assert funds.account.statements is Statements.EACH
    number = funds.account.number
    accounts.choose_statements(funds.books, number, Statements.MONTHLY, now=funds.now)
    assert funds.standing().statements is Statements.MONTHLY
    assert funds.events()[-1] == "chosen"


def test_an_account_closes_only_empty_and_opens_again(funds: Funds) -> None:
    item = funds.paid(10 * DOLLARS)
    number = funds.account.number
    with pytest.raises(Refused, match="FUNDS_ACCOUNT_IN_USE"):
        accounts.close_account(funds.books, number, because="gone", now=funds.now)
    funds.reset(10 * DOLLARS)
    closed = accounts.close_account(funds.books, number, because="gone", now=funds.now)
    assert closed.status is AccountStatus.CLOSED
    with pytest.raises(Refused, match="FUNDS_ACCOUNT_CLOSED"):
        funds.reset(10 * DOLLARS, 2)
    # A check of a closed account may still come back.
    funds.came_back(item)
    assert funds.standing().status is AccountStatus.LOCKED
    funds.collected(item)
    again = accounts.open_account(funds.books, funds.account.licence, now=funds.now)
    assert again.number == number


def test_nobody_closes_or_opens_a_locked_account_without_the_banks_word(funds: Funds) -> None:
    item = funds.paid(40 * DOLLARS)
    funds.reset(40 * DOLLARS)
    funds.came_back(item)
    forgiven = corrections.propose_correction(
        funds.books,
        debit=chart.FUND,
        credit=chart.returned(funds.account.number),
        amount_mills=40 * DOLLARS,
        because="forgiven",
        reference=item.number,
        now=funds.now,
    )
    corrections.decide_correction(
        funds.service.acting(BERT), forgiven.number, approve=True, now=funds.now
    )
    with pytest.raises(Refused, match="FUNDS_ACCOUNT_LOCKED"):
        accounts.close_account(funds.books, funds.account.number, because="x", now=funds.now)
    accounts.open_account(funds.books, funds.account.licence, now=funds.now)
    assert funds.standing().status is AccountStatus.LOCKED


@pytest.mark.law("LEDGER-3")
def test_a_correction_keeps_the_providers_own_money_apart(funds: Funds) -> None:
    number = funds.account.number
    with pytest.raises(Refused, match=r"CORRECTION_UNSUITABLE.* own money"):
        corrections.propose_correction(
            funds.books,
            debit=chart.EXPENSE,
            credit=chart.deposits(number),
            amount_mills=DOLLARS,
            because="a gift",
            reference="none",
            now=funds.now,
        )


def test_what_comes_into_a_closed_account_can_be_asked_back(funds: Funds) -> None:
    number = funds.account.number
    paying.authorize_debits(funds.books, funds.details(), now=funds.now)
    accounts.close_account(funds.books, number, because="moved away", now=funds.now)
    funds.paid(40 * DOLLARS)
    signer = new_signer("provider")
    refund = refunding.request_refund(funds.books, signer, number, now=funds.now)
    assert (refund.amount_mills, funds.balance) == (40 * DOLLARS, 0)
    funds.paid_back(refund.case, refund.amount_mills)
    assert funds.holds(chart.refunds(refund.case)) == funds.holds(chart.LOCKBOX) == 0


def test_a_number_misread_is_said_to_be_one(funds: Funds) -> None:
    wrong = funds.account.number[:-1] + str((int(funds.account.number[-1]) + 1) % 10)
    with funds.service.reading() as reading:
        with pytest.raises(Refused, match="check digit is wrong"):
            accounts.require_account(reading, wrong)
        with pytest.raises(Refused, match="FUNDS_ACCOUNT_UNKNOWN"):
            accounts.require_account(reading, "")
