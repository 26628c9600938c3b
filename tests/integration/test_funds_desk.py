"""The funds desk: payments found again, suspense, refunds of balances, what two people do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from franking.bank_files.nacha import read_nacha
from franking.errors import Refused
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import AccountRefundRequested, AcknowledgmentOfDeposit
from franking.messages.receiving import Dispatched
from franking.messages.signing import claimed_kind, unverified
from franking.provider.funds import (
    acknowledging,
    advances,
    announcing,
    chart,
    corrections,
    paying,
    refunding,
    rows,
    sending,
    views,
)
from franking.provider.funds.records import (
    CorrectionStatus,
    Method,
    PaymentStatus,
    RefundStatus,
)
from franking.provider.schema import DISPATCHES
from tests.fixtures_databases import DATABASES
from tests.fixtures_funds import ALL_WAYS, ANNA, BERT, PLAN, ROUTING, SERIAL, Funds, funds_of
from tests.fixtures_licensing import METER, PSD
from tests.fixtures_psd import new_signer

DOLLARS = 1000


@pytest.fixture(params=DATABASES)
def funds(request: pytest.FixtureRequest, tmp_path: Path) -> Funds:
    return funds_of(request.param, tmp_path, PSD)


@pytest.fixture
def metered(tmp_path: Path) -> Funds:
    return funds_of("sqlite", tmp_path, METER)


def sent(funds: Funds, kind: type[Dispatched]) -> list[Dispatched]:
    """The messages of a kind on their way to the Postal Service."""
    with funds.service.reading() as reading:
        waiting = DISPATCHES.undelivered(reading)
    texts = [each.text for each in waiting if each.recipient == POSTAL_SERVICE]
    return [
        unverified(text, kind)
        for text in texts
        if claimed_kind(text) == f"franking/{kind.__name__}"
    ]


# The acknowledgment ------------------------------------------------------------------------


@pytest.mark.duty("R95-501.28(b)(2)-2")
@pytest.mark.duty("R95-501.28(b)(2)-3")
def test_under_1995_the_acknowledgment_goes_to_the_licensing_post_office(
    metered: Funds,
) -> None:
    addressee = acknowledge(metered)
    assert addressee == "licensing post office 01101"
    (message,) = sent(metered, AcknowledgmentOfDeposit)
    assert isinstance(message, AcknowledgmentOfDeposit)
    assert (message.signed_by, message.account) == ("Joe Acme", metered.account.number)
    assert metered.duties(metered.account.record) == []


@pytest.mark.duty("R97-502.26(b)(1)-2")
def test_under_1997_it_goes_to_the_accounting_center_and_once(funds: Funds) -> None:
    with funds.service.reading() as reading:
        assert acknowledging.unsent(reading) == [funds.account]
    assert acknowledge(funds) == acknowledge(funds) == "Minneapolis Accounting Service Center"
    assert len(sent(funds, AcknowledgmentOfDeposit)) == 1
    with funds.service.reading() as reading:
        assert acknowledging.unsent(reading) == []


def acknowledge(funds: Funds) -> str:
    """The signed acknowledgment, sent on."""
    signer = funds.world.first.signer
    number = funds.account.number
    return acknowledging.send_acknowledgment(
        funds.books, signer, number, digest="00" * 32, now=funds.now
    )


# Ways of paying ----------------------------------------------------------------------------


@pytest.mark.duty("R97-P050.3.5a-2")
@pytest.mark.duty("R97-P050.3.2-2")
def test_the_ways_of_1997_are_shown_in_their_order(funds: Funds) -> None:
    paying.declare_plan(funds.books, PLAN, rulebook=PSD, now=funds.now)
    shown = paying.options(funds.books, funds.account.number, on=funds.now.date())
    assert [each.method for each in shown] == [
        Method.ACH_DEBIT,
        Method.ACH_CREDIT,
        Method.WIRE,
        Method.DEBIT_CARD,
        Method.CHECK,
        Method.CASH,
    ]
    assert [each.method for each in shown if not each.mandatory] == [
        Method.DEBIT_CARD,
        Method.CHECK,
    ]


@pytest.mark.duty("R95-501.28(e)(5)")
@pytest.mark.duty("R95-501.28(b)(4)-1")
@pytest.mark.duty("R95-P030.3.12a-pay")
def test_the_ways_of_1995_are_shown_in_their_order(metered: Funds) -> None:
    shown = paying.options(metered.books, metered.account.number, on=metered.now.date())
    ways = [each.method for each in shown]
    assert ways == [Method.ACH_DEBIT, Method.ACH_CREDIT, Method.WIRE, Method.CHECK]
    with pytest.raises(Refused, match="METHOD_UNSUITABLE"):
        paying.choose_method(metered.books, metered.account.number, Method.CASH, now=metered.now)


@pytest.mark.duty("R95-501.28(e)(6)-1")
@pytest.mark.duty("R95-501.28(e)(7)")
def test_each_way_comes_with_instructions(metered: Funds) -> None:
    plan = replace(PLAN, methods=(*ALL_WAYS[:3], Method.CHECK), card_processor="")
    paying.declare_plan(metered.books, plan, rulebook=METER, now=metered.now)
    shown = paying.options(metered.books, metered.account.number, on=metered.now.date())
    told = {each.method: " ".join(each.instructions) for each in shown}
    assert "deposit ticket to P.O. Box 894757" in told[Method.CHECK]
    assert ROUTING in told[Method.WIRE]
    assert metered.account.number in told[Method.ACH_CREDIT]
    assert "Authorize debits once" in told[Method.ACH_DEBIT]


@pytest.mark.duty("R97-P050.3.2-3")
def test_a_provider_must_accept_every_way_but_cards(funds: Funds) -> None:
    for missing in (Method.CASH, Method.WIRE, Method.ACH_DEBIT, Method.ACH_CREDIT):
        short = replace(PLAN, methods=tuple(each for each in ALL_WAYS if each is not missing))
        with pytest.raises(Refused, match="METHODS_MISSING"):
            paying.declare_plan(funds.books, short, rulebook=PSD, now=funds.now)
    without_cards = tuple(each for each in ALL_WAYS if each is not Method.DEBIT_CARD)
    plan = replace(PLAN, methods=without_cards, card_processor="")
    paying.declare_plan(funds.books, plan, rulebook=PSD, now=funds.now)
    with pytest.raises(Refused, match="METHOD_UNSUITABLE"):
        paying.choose_method(funds.books, funds.account.number, Method.DEBIT_CARD, now=funds.now)


@pytest.mark.duty("R97-P050.3.2-4")
@pytest.mark.duty("R97-P050.3.2-5")
def test_cards_go_through_the_selected_processor_at_the_providers_cost(funds: Funds) -> None:
    another = replace(PLAN, card_processor="Cheap Cards")
    with pytest.raises(Refused, match="CARD_PROCESSOR_UNSUITABLE"):
        paying.declare_plan(funds.books, another, rulebook=PSD, now=funds.now)
    paying.declare_plan(funds.books, PLAN, rulebook=PSD, now=funds.now)
    funds.paid(100 * DOLLARS, Method.DEBIT_CARD)
    assert funds.balance == 100 * DOLLARS, "the licensee bears nothing of the fee"
    assert funds.holds(chart.EXPENSE) == -2_500
    assert funds.holds(chart.CAPITAL) == 2_500


def test_a_plan_with_a_false_routing_number_is_refused(funds: Funds) -> None:
    wrong = replace(PLAN, routing="021000022")
    with pytest.raises(Refused, match="DEBITS_UNAUTHORIZED"):
        paying.declare_plan(funds.books, wrong, rulebook=PSD, now=funds.now)


# Payments ----------------------------------------------------------------------------------


@pytest.mark.duty("R95-501.28(e)(2)-3")
@pytest.mark.duty("R95-501.28(e)(4)-2")
def test_every_payment_is_posted_and_its_status_can_be_answered(funds: Funds) -> None:
    announced = announcing.expect_payment(
        funds.books,
        funds.account.number,
        25 * DOLLARS,
        Method.WIRE,
        now=funds.now,
    )
    assert "has not reported it yet" in views.answer(announced)
    assert funds.balance == 0, "what is announced is no money"
    funds.world.later(days=2)
    came = funds.paid(25 * DOLLARS, Method.WIRE)
    assert came.number == announced.number
    other = funds.paid(5 * DOLLARS, Method.WIRE)
    assert other.number != announced.number
    shown = views.payment_view(funds.books, announced.number)
    assert (shown["status"], funds.balance) == ("on deposit", 30 * DOLLARS)
    assert "on deposit since" in shown["answer"]
    with pytest.raises(Refused, match="PAYMENT_UNKNOWN"):
        views.payment_view(funds.books, "P-99999999")


@pytest.mark.duty("R95-Pre-IV-7")
def test_the_time_from_sent_to_usable_is_measured_by_way(funds: Funds) -> None:
    paying.declare_plan(funds.books, PLAN, rulebook=PSD, now=funds.now)
    for days, method in ((3, Method.CHECK), (1, Method.WIRE)):
        announcing.expect_payment(
            funds.books, funds.account.number, 10 * DOLLARS, method, now=funds.now
        )
        funds.world.later(days=days)
        funds.paid(10 * DOLLARS, method)
    measured = {each["method"]: each["days_median"] for each in views.float_view(funds.books)}
    assert measured == {"check": 3, "wire transfer": 1}


@pytest.mark.parametrize("amount", [0, -10, 5, 10_001, 100_000_000_000])
def test_payments_are_of_whole_cents_within_what_a_file_can_say(funds: Funds, amount: int) -> None:
    with pytest.raises(Refused, match="PAYMENT_AMOUNT_UNSUITABLE"):
        announcing.expect_payment(
            funds.books, funds.account.number, amount, Method.WIRE, now=funds.now
        )


def test_an_announced_payment_that_never_comes_is_noted(funds: Funds) -> None:
    announced = announcing.expect_payment(
        funds.books, funds.account.number, 10 * DOLLARS, Method.WIRE, now=funds.now
    )
    after = announcing.note_never_received(
        funds.books, announced.number, because="stopped", now=funds.now
    )
    assert after.status is PaymentStatus.FAILED
    with pytest.raises(Refused, match="PAYMENT_NOT_THERE_YET"):
        announcing.note_never_received(funds.books, announced.number, because="x", now=funds.now)


# Suspense and corrections ------------------------------------------------------------------


def test_a_deposit_for_nobody_waits_in_suspense_until_two_people_assign_it(funds: Funds) -> None:
    lost = funds.paid(40 * DOLLARS, account="12345678")
    assert lost.status is PaymentStatus.IN_SUSPENSE
    assert funds.holds(chart.suspense(lost.number)) == 40 * DOLLARS
    assert [one.duty for one in funds.duties(record_id("payment", lost.number))] == [
        "assign the payment"
    ]
    proposed = corrections.propose_assignment(
        funds.books, lost.number, account=funds.account.number, because="name", now=funds.now
    )
    with pytest.raises(Refused, match="SECOND_PERSON_NEEDED"):
        corrections.decide_correction(funds.books, proposed.number, approve=True, now=funds.now)
    assert funds.balance == 0
    other = funds.service.acting(BERT)
    corrections.decide_correction(other, proposed.number, approve=True, now=funds.now)
    assert funds.balance == 40 * DOLLARS
    assert funds.duties(record_id("payment", lost.number)) == []
    with pytest.raises(Refused, match="CORRECTION_DECIDED"):
        corrections.decide_correction(other, proposed.number, approve=True, now=funds.now)


def test_a_payment_in_suspense_is_assigned_whole_or_not_at_all(funds: Funds) -> None:
    lost = funds.paid(40 * DOLLARS, account="12345678")
    with pytest.raises(Refused, match="CORRECTION_UNSUITABLE") as refused:
        corrections.propose_correction(
            funds.books,
            debit=chart.suspense(lost.number),
            credit=chart.deposits(funds.account.number),
            amount_mills=10 * DOLLARS,
            because="part of it is his",
            reference="a letter",
            now=funds.now,
        )
    assert "franking funds assign" in refused.value.remedy
    assert funds.came_back(lost).status is PaymentStatus.FAILED


def test_an_item_of_nobody_that_comes_back_locks_nobody(funds: Funds) -> None:
    lost = funds.paid(40 * DOLLARS, account="12345678")
    assert funds.came_back(lost).status is PaymentStatus.FAILED
    assert funds.holds(chart.suspense(lost.number)) == 0
    assert funds.holds(chart.LOCKBOX) == 0


def test_nothing_is_posted_by_hand_without_a_second_person(funds: Funds) -> None:
    item = funds.paid(40 * DOLLARS)
    proposed = corrections.propose_correction(
        funds.books,
        debit=chart.deposits(funds.account.number),
        credit=chart.LOCKBOX,
        amount_mills=10 * DOLLARS,
        because="the bank corrected the amount",
        reference=item.number,
        now=funds.now,
    )
    assert funds.balance == 40 * DOLLARS
    for spelt in (
        " anna IVEY ",
        "Anna  Ivey",
        "Anna\u00a0Ivey",
        "\uff21nna Ivey",
        "Anna\u200b Ivey",
    ):
        same = funds.service.acting(replace(ANNA, name=spelt))
        with pytest.raises(Refused, match="SECOND_PERSON_NEEDED"):
            corrections.decide_correction(same, proposed.number, approve=True, now=funds.now)
    other = funds.service.acting(BERT)
    after = corrections.decide_correction(other, proposed.number, approve=True, now=funds.now)
    assert (after.status, funds.balance) == (CorrectionStatus.APPROVED, 30 * DOLLARS)
    assert {each["correction"]: each["status"] for each in views.corrections_view(other)} == {
        proposed.number: "approved"
    }


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount_mills": 0}, "TRANSFER_AMOUNT_REFUSED"),
        ({"amount_mills": -5}, "TRANSFER_AMOUNT_REFUSED"),
        ({"amount_mills": 50 * DOLLARS}, "LIMIT_PASSED"),
        ({"because": " "}, "CORRECTION_UNSUITABLE"),
        ({"reference": ""}, "CORRECTION_UNSUITABLE"),
        ({"credit": "nowhere"}, "ACCOUNT_UNKNOWN"),
        ({"credit": "deposits:12345678"}, "FUNDS_ACCOUNT_UNKNOWN"),
        ({"credit": f"device:{SERIAL}"}, "CORRECTION_UNSUITABLE"),
        ({"credit": chart.USED}, "CORRECTION_UNSUITABLE"),
        ({"credit": chart.refunds("B-00000001")}, "CORRECTION_UNSUITABLE"),
        ({"credit": chart.suspense("P-00000001")}, "CORRECTION_UNSUITABLE"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_when_proposed(
    metered: Funds, changed: dict[str, object], code: str
) -> None:
    metered.paid(40 * DOLLARS)
    given: dict[str, object] = {
        "debit": chart.deposits(metered.account.number),
        "credit": chart.LOCKBOX,
        "amount_mills": 10 * DOLLARS,
        "because": "an error",
        "reference": "P-00000001",
        **changed,
    }
    with pytest.raises(Refused) as refused:
        corrections.propose_correction(metered.books, now=metered.now, **given)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert views.corrections_view(metered.books) == []


# Refunds of balances -----------------------------------------------------------------------


@pytest.mark.duty("R95-501.28(f)-2")
def test_a_balance_is_paid_back_by_the_bank_within_48_hours(metered: Funds) -> None:
    signer, number = metered.world.first.signer, metered.account.number
    metered.paid(40 * DOLLARS)
    with pytest.raises(Refused, match="NOWHERE_TO_REFUND"):
        refunding.request_refund(metered.books, signer, number, now=metered.now)
    paying.authorize_debits(metered.books, metered.details(), now=metered.now)
    asked = refunding.request_refund(metered.books, signer, number, now=metered.now)
    assert (asked.amount_mills, metered.balance) == (40 * DOLLARS, 0)
    assert asked.due_at.startswith("1996-03-06T14:30")
    (duty,) = metered.duties(record_id("refund", asked.case))
    assert duty.due.isoformat() == "1996-03-06"
    (told,) = sent(metered, AccountRefundRequested)
    assert isinstance(told, AccountRefundRequested)
    assert told.amount_mills == 40 * DOLLARS
    file = sending.send_orders(metered.books, bank=ROUTING, now=metered.now)
    assert asked.case.encode() in file.content
    with pytest.raises(Refused, match="NOTHING_TO_ORIGINATE"):
        sending.send_orders(metered.books, bank=ROUTING, now=metered.now)
    with pytest.raises(Refused, match="REFUND_UNDER_WAY"):
        refunding.call_off_refund(metered.books, asked.case, because="no", now=metered.now)
    with metered.service.reading() as reading:
        assert refunding.late(reading, metered.world.later(hours=47)) == []
        assert len(refunding.late(reading, metered.world.later(hours=2))) == 1
    metered.paid_back(asked.case, 40 * DOLLARS)
    assert metered.duties(record_id("refund", asked.case)) == []
    assert metered.holds(chart.refunds(asked.case)) == 0
    with pytest.raises(Refused, match="PAYMENT_NOT_THERE_YET"):
        metered.paid_back(asked.case, 40 * DOLLARS)
    assert refunding.tell_paid(metered.service, signer, now=metered.now) == 1
    assert refunding.tell_paid(metered.service, signer, now=metered.now) == 0


def test_only_the_licensees_own_whole_cents_are_paid_back(funds: Funds) -> None:
    signer, number = funds.world.first.signer, funds.account.number
    paying.authorize_debits(funds.books, funds.details(), now=funds.now)
    with pytest.raises(Refused, match="BALANCE_REFUND_UNSUITABLE"):
        refunding.request_refund(funds.books, signer, number, now=funds.now)
    funds.paid(40 * DOLLARS)
    funds.reset(10_005)
    for wrong in (0, -10, 15, 30_000, 29_995):
        with pytest.raises(Refused, match="BALANCE_REFUND_UNSUITABLE"):
            refunding.request_refund(funds.books, signer, number, amount_mills=wrong, now=funds.now)
    asked = refunding.request_refund(funds.books, signer, number, now=funds.now)
    assert (asked.amount_mills, funds.balance) == (29_990, 5)
    after = refunding.call_off_refund(funds.books, asked.case, because="changed", now=funds.now)
    assert (after.status, funds.balance) == (RefundStatus.CALLED_OFF, 29_995)


def test_what_was_advanced_is_not_paid_out_to_the_licensee(funds: Funds) -> None:
    paying.authorize_debits(funds.books, funds.details(), now=funds.now)
    funds.advances_up_to(100 * DOLLARS)
    funds.deposit_of_provider(100 * DOLLARS, 1)
    advances.advance_funds(funds.books, funds.account.number, 50 * DOLLARS, now=funds.now)
    with pytest.raises(Refused, match="BALANCE_REFUND_UNSUITABLE"):
        refunding.request_refund(
            funds.books, funds.world.first.signer, funds.account.number, now=funds.now
        )


def test_a_locked_account_pays_nothing_back(funds: Funds) -> None:
    paying.authorize_debits(funds.books, funds.details(), now=funds.now)
    funds.came_back(funds.paid(40 * DOLLARS))
    with pytest.raises(Refused, match="FUNDS_ACCOUNT_LOCKED"):
        refunding.request_refund(
            funds.books, funds.world.first.signer, funds.account.number, now=funds.now
        )


# Debits ------------------------------------------------------------------------------------


def test_a_debit_is_asked_for_drawn_once_and_found_again_by_its_trace(funds: Funds) -> None:
    number = funds.account.number
    with pytest.raises(Refused, match="DEBITS_UNAUTHORIZED"):
        announcing.expect_payment(
            funds.books, number, 10 * DOLLARS, Method.ACH_DEBIT, now=funds.now
        )
    good = funds.details()
    for bad in (
        replace(good, routing="123456789"),
        replace(good, kind="gold"),
        replace(good, bank_account=" "),
    ):
        with pytest.raises(Refused, match="DEBITS_UNAUTHORIZED"):
            paying.authorize_debits(funds.books, bad, now=funds.now)
    paying.authorize_debits(funds.books, funds.details(), now=funds.now)
    asked = announcing.expect_payment(
        funds.books, number, 10 * DOLLARS, Method.ACH_DEBIT, now=funds.now
    )
    file = sending.send_orders(funds.books, bank=ROUTING, now=funds.now)
    with funds.service.reading() as reading:
        drawn = rows.find_payment(reading, asked.number)
        assert sending.waiting(reading) == ([], [])
    assert drawn is not None
    assert (drawn.reference,) == file.traces


@pytest.mark.duty("R95-Pre-IV-2")
def test_no_licensee_holds_up_the_debits_of_the_others(funds: Funds) -> None:
    """One that no file could name is refused; a name is written as near as ASCII gets."""
    paying.declare_plan(funds.books, PLAN, rulebook=PSD, now=funds.now)
    for account in ("1" * 18, "\uff11\uff12", "12\n34", "12\x00", "\u202812", " "):
        wrong = replace(funds.details(), bank_account=account)
        with pytest.raises(Refused, match="DEBITS_UNAUTHORIZED"):
            paying.authorize_debits(funds.books, wrong, now=funds.now)
    named = replace(funds.details(), authorized_by="\u0141uka\u0161 \xdcnl\xfc\u2028" + "x" * 300)
    paying.authorize_debits(funds.books, named, now=funds.now)
    announcing.expect_payment(
        funds.books, funds.account.number, 10 * DOLLARS, Method.ACH_DEBIT, now=funds.now
    )
    file = sending.send_orders(funds.books, bank=ROUTING, now=funds.now)
    (batch,) = read_nacha(file.content).batches
    assert [each.name for each in batch.entries] == ["?ukas Unlu?xxxxxxxxxxx"]


def test_a_number_of_another_kind_or_spelling_names_nothing(funds: Funds) -> None:
    """What is decided under another name would wait for other people, and leave its duty open."""
    paying.authorize_debits(funds.books, funds.details(), now=funds.now)
    item = funds.paid(40 * DOLLARS)
    signer, number = funds.world.first.signer, funds.account.number
    refund = refunding.request_refund(funds.books, signer, number, now=funds.now)
    for case in (item.number, "B-1", f"{refund.case} ", f"x{refund.case}"):
        with pytest.raises(Refused, match="BALANCE_REFUND_UNKNOWN"):
            refunding.call_off_refund(funds.books, case, because="x", now=funds.now)
    with funds.service.reading() as reading:
        assert rows.find_payment(reading, refund.case) is None
        assert rows.find_correction(reading, item.number) is None


def test_a_balance_that_no_file_can_pay_at_once_is_asked_back_in_parts(funds: Funds) -> None:
    paying.authorize_debits(funds.books, funds.details(), now=funds.now)
    for _ in range(2):
        funds.paid(60_000_000 * DOLLARS)
    signer, number = new_signer("provider"), funds.account.number
    with pytest.raises(Refused, match="BALANCE_REFUND_UNSUITABLE"):
        refunding.request_refund(
            funds.books, signer, number, amount_mills=100_000_000 * DOLLARS, now=funds.now
        )
    asked = refunding.request_refund(funds.books, signer, number, now=funds.now)
    assert asked.amount_mills == 99_999_999_990
    sending.send_orders(funds.books, bank=ROUTING, now=funds.now)
    rest = refunding.request_refund(funds.books, signer, number, now=funds.now)
    assert rest.amount_mills == 20_000_000 * DOLLARS + 10


def test_idle_balances_are_listed_with_the_fastest_way_to_pay(funds: Funds) -> None:
    funds.paid(100 * DOLLARS)
    assert views.idle_view(funds.books, on=funds.now.date()) == []
    funds.world.later(days=61)
    (idle,) = views.idle_view(funds.books, on=funds.now.date())
    assert (idle["balance_mills"], idle["recommended"]) == (100 * DOLLARS, "ACH debit")
    funds.reset(10 * DOLLARS)
    assert views.idle_view(funds.books, on=funds.now.date()) == []
