"""What providers send of refunds: value to be paid, rulings that are appealed, claims."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from franking.errors import Refused
from franking.messages.refunding import (
    RefundCheckIssued,
    RefundRuled,
    ReimbursementAnswered,
)
from franking.postal.pieces import commands as pieces
from franking.postal.pieces.marking import mark_mailed
from franking.postal.pieces.records import CaseKind, Piece
from franking.postal.refunds import appealing, claiming, paying, ruling
from franking.postal.refunds.records import RULE, CaseStatus, Origin, RefundCase
from franking.postal.schema import LEDGER
from franking.postal.treasury.chart import account
from franking.refunds.records import RouteKind
from franking.rules.permissions import Role
from franking.storage import Act, Actor
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import FIRST, SECOND
from tests.fixtures_refund_desk import (
    DEVICE,
    HEADQUARTERS,
    POSTAGE,
    POSTMASTER,
    TREASURER,
    RefundDesk,
    entry,
    piece,
    refund_desk,
)

TAKEN = "taken"


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> RefundDesk:
    return refund_desk(request.param, tmp_path)


def rule(
    desk: RefundDesk, number: int, granted_mills: int, *, by: Actor = HEADQUARTERS
) -> RefundCase:
    return ruling.rule_on_value(
        desk.books(by),
        desk.world.signer,
        number,
        granted_mills=granted_mills,
        because="as examined",
        now=desk.now,
    )


def pay(desk: RefundDesk, number: int) -> None:
    paying.issue_check(desk.books(TREASURER), desk.world.signer, number, now=desk.now)


def mailed(desk: RefundDesk, number: int) -> None:
    one = Piece(device=DEVICE, ascending_mills=number * POSTAGE, postage_mills=POSTAGE)
    with desk.world.service.work(desk.now, "scan_mail", on=("scan:01101",)) as work:
        mark_mailed(work, [one], source="scan:01101", now=desk.now)
        work.record(Act(record="scan:01101"))


# Value of withdrawn systems --------------------------------------------------------------------


@pytest.mark.duty("R08-9.3.1a-4", "R97-P050.3.3-2", "R97-Pre-Refund")
def test_forwarded_value_is_ruled_on_paid_by_check_and_the_provider_is_told(
    desk: RefundDesk,
) -> None:
    assert desk.forwarded() == TAKEN
    case = desk.case(1)
    assert (case.origin, case.provider) == (Origin.FORWARDED, FIRST)
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        rule(desk, 1, 80_000, by=POSTMASTER)
    rule(desk, 1, 80_000)
    (ruled,) = desk.told(RefundRuled)
    assert (ruled.case, ruled.granted, ruled.amount_mills) == ("R-000001", True, 80_000)
    assert (ruled.payout, ruled.on_appeal) == ("check", False)
    pay(desk, 1)
    (issued,) = desk.told(RefundCheckIssued)
    assert (issued.case, issued.amount_mills) == ("R-000001", 80_000)
    with desk.world.service.reading() as reading:
        assert LEDGER.balance(reading, "fund").balance_mills == 80_000
        cleared = LEDGER.balance(reading, account("fund-clearing", FIRST))
        assert cleared.balance_mills == -80_000


@pytest.mark.duty("R08-9.3.1a-5", "R08-9.3.1b-2", "R08-Pre-Min", "R08-Pre-Def", "R08-Pre-Credit")
@pytest.mark.parametrize(
    ("amount_mills", "payout"), [(24_999, "credit"), (25_000, "check"), (25_001, "check")]
)
def test_no_check_is_issued_below_the_floor_and_a_credit_always(
    desk: RefundDesk, amount_mills: int, payout: str
) -> None:
    desk.forwarded(amount_mills=amount_mills)
    assert rule(desk, 1, amount_mills).granted_mills == amount_mills
    (ruled,) = desk.told(RefundRuled)
    assert (ruled.amount_mills, ruled.payout) == (amount_mills, payout)
    if payout == "credit":
        with pytest.raises(Refused, match="PAID_OTHERWISE"):
            pay(desk, 1)
    else:
        pay(desk, 1)


def test_a_credit_and_a_transfer_have_no_floor(desk: RefundDesk) -> None:
    for number, payout in enumerate(("credit", "transfer"), start=1):
        desk.forwarded(
            f"R-00000{number}", device=f"FK1A000000000{number}", amount_mills=10, payout=payout
        )
        rule(desk, number, 10)
    assert [ruled.payout for ruled in desk.told(RefundRuled)] == ["credit", "transfer"]


@pytest.mark.duty("R08-9.3.1-2")
def test_a_faulty_systems_refund_is_withheld_until_the_cause_is_reported(
    desk: RefundDesk,
) -> None:
    desk.forwarded(withdrawn_because="faulty")
    assert desk.case(1).status is CaseStatus.AWAITING_CAUSE
    with pytest.raises(Refused, match="AWAITING_CAUSE_REPORT"):
        rule(desk, 1, 80_000)
    assert desk.duties("refund:1") == {}
    desk.later(days=3)
    assert desk.forwarded(withdrawn_because="faulty", cause="a chip failed") == TAKEN
    assert desk.duties("refund:1")[RULE][0] == "open"
    assert rule(desk, 1, 60_000).granted_mills == 60_000
    assert desk.forwarded(cause="another").startswith("REFUND_TOLD_BEFORE")


@pytest.mark.duty("R08-9.3.1-3")
def test_a_fault_that_the_user_caused_is_not_refunded(desk: RefundDesk) -> None:
    desk.forwarded(withdrawn_because="faulty", cause="opened with a drill", caused_by_user=True)
    with pytest.raises(Refused, match="FAULT_CAUSED_BY_USER"):
        rule(desk, 1, 80_000)
    assert rule(desk, 1, 0).granted_mills == 0
    assert not desk.told(RefundRuled)[0].granted


def test_no_more_is_granted_than_was_asked_and_nothing_twice(desk: RefundDesk) -> None:
    desk.forwarded()
    for amount_mills in (80_001, -1):
        with pytest.raises(Refused, match="REFUND_EXCEEDS_REQUEST"):
            rule(desk, 1, amount_mills)
    rule(desk, 1, 80_000)
    with pytest.raises(Refused, match="REFUND_RULED"):
        rule(desk, 1, 80_000)
    desk.forwarded("R-000002")
    with pytest.raises(Refused, match="VALUE_REFUNDED_BEFORE"):
        rule(desk, 2, 80_000)


def test_a_case_that_is_nothing_or_comes_again_is_refused(desk: RefundDesk) -> None:
    assert desk.forwarded(amount_mills=0).startswith("REFUND_MESSAGE_UNFIT")
    assert desk.forwarded(withdrawn_because="whim").startswith("REFUND_MESSAGE_UNFIT")
    assert desk.forwarded() == TAKEN
    assert desk.forwarded(amount_mills=90_000).startswith("REFUND_TOLD_BEFORE")
    assert desk.forwarded(provider=SECOND, device="FK1A0000000009") == TAKEN


# Rulings of providers ---------------------------------------------------------------------------


@pytest.mark.duty("R08-9.2.8d-1")
def test_a_provider_grants_pc_postage_and_a_scan_of_it_opens_a_case(desk: RefundDesk) -> None:
    assert desk.decided(piece(1), piece(2)) == TAKEN
    case = desk.case(1)
    assert (case.route, case.granted_mills) == (RouteKind.PC_PHYSICAL, 2 * POSTAGE)
    mailed(desk, 1)
    (found,) = pieces.piece_cases(desk.world.service)
    assert found.kind is CaseKind.MAILED_AFTER_REFUND
    assert f"by {FIRST}" in found.detail


def test_a_provider_cannot_refund_what_was_mailed(desk: RefundDesk) -> None:
    mailed(desk, 1)
    assert desk.decided(piece(1), piece(2)) == TAKEN
    assert desk.case(1).granted_mills == POSTAGE
    (found,) = pieces.piece_cases(desk.world.service)
    assert found.kind is CaseKind.REFUND_AFTER_MAILING


@pytest.mark.duty("R08-9.2.8d-2", "R08-9.2.8d-3")
def test_a_providers_denial_is_appealed_to_postage_technology_whose_word_is_final(
    desk: RefundDesk,
) -> None:
    desk.decided(piece(1), piece(2), granted=False, amount_mills=0, because="mailed, it seems")

    def appeal(originals: int) -> None:
        appealing.file_refund_appeal(
            desk.books(HEADQUARTERS),
            1,
            letter="We have them here.",
            originals=originals,
            filed_by="Joe Acme",
            now=desk.now,
        )

    with pytest.raises(Refused, match="ORIGINALS_MISSING"):
        appeal(0)
    appeal(2)
    with pytest.raises(Refused, match="NOT_THE_DECIDER"):
        appealing.decide_refund_appeal(
            desk.books(Actor("Cleo", Role.PRICING_AND_CLASSIFICATION_MANAGER)),
            desk.world.signer,
            1,
            grant=[1],
            because="unused",
            now=desk.now,
        )
    appealing.decide_refund_appeal(
        desk.books(HEADQUARTERS),
        desk.world.signer,
        1,
        grant=[1],
        because="unused",
        now=desk.now,
    )
    (told,) = desk.told(RefundRuled)
    assert (told.case, told.on_appeal, told.payout) == ("R-000001", True, "provider")
    assert told.amount_mills == POSTAGE
    assert desk.claimed(entry(1), entry(2)) == TAKEN
    (answer,) = desk.told(ReimbursementAnswered)
    assert [each.reimbursed for each in answer.entries] == [True, False]


def test_a_ruling_of_a_wrong_kind_or_about_nothing_is_refused(desk: RefundDesk) -> None:
    wrong = desk.decided(piece(1), route=RouteKind.DATED_METERED.value)
    assert wrong.startswith("REFUND_MESSAGE_UNFIT")
    assert desk.decided().startswith("REFUND_MESSAGE_UNFIT")
    assert desk.decided(piece(1), route="by pigeon").startswith("MESSAGE_UNFIT")
    assert desk.decided(piece(1)) == TAKEN
    assert desk.decided(piece(2)).startswith("REFUND_TOLD_BEFORE")


# Claims -----------------------------------------------------------------------------------------


@pytest.mark.duty("R08-9.3.1b-1", "R08-Pre-PCmodel")
def test_a_provider_is_reimbursed_once_for_each_piece(desk: RefundDesk) -> None:
    desk.decided(piece(1), piece(2))
    assert desk.claimed(entry(1), entry(2)) == TAKEN
    assert desk.claimed(entry(1), entry(3), claim="C-2") == TAKEN
    first, second = desk.told(ReimbursementAnswered)
    assert first.reimbursed_mills == 2 * POSTAGE
    assert [each.because for each in second.entries] == [
        f"reimbursed on 2009-05-04 to {FIRST}, claim C-1",
        "no ruling that refunds it is known",
    ]
    assert second.reimbursed_mills == 0
    with desk.world.service.reading() as reading:
        assert LEDGER.balance(reading, "fund").balance_mills == 2 * POSTAGE


def test_nobody_is_reimbursed_for_what_another_refunded(desk: RefundDesk) -> None:
    desk.decided(piece(1))
    desk.decided(piece(1), provider=SECOND)
    desk.claimed(entry(1), provider=SECOND)
    (answer,) = desk.told(ReimbursementAnswered, SECOND)
    assert not answer.entries[0].reimbursed
    assert f"refunded by {FIRST}" in answer.entries[0].because


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"documents": []}, "no document proves it"),
        ({"amount_mills": 0}, "it is about nothing"),
        ({"amount_mills": POSTAGE + 1}, "its postage is $0.42"),
        ({"key": "stamps"}, "its key names neither"),
        ({"key": f"piece:{DEVICE}:twelve"}, "its key names neither"),
        ({"case": "R-000009"}, "it was refunded by"),
    ],
)
def test_an_entry_that_is_not_proven_is_answered_with_the_reason(
    desk: RefundDesk, changed: dict[str, Any], why: str
) -> None:
    desk.decided(piece(1))
    assert desk.claimed(entry(1, **changed)) == TAKEN
    (answer,) = desk.told(ReimbursementAnswered)
    assert not answer.entries[0].reimbursed
    assert why in answer.entries[0].because


def test_a_claim_is_added_up_and_taken_once_and_no_entry_counts_twice(desk: RefundDesk) -> None:
    desk.decided(piece(1))
    assert desk.claimed(entry(1), total_mills=1).startswith("CLAIM_TOTAL_WRONG")
    assert desk.claimed(entry(1), entry(1)) == TAKEN
    (answer,) = desk.told(ReimbursementAnswered)
    assert answer.reimbursed_mills == POSTAGE
    assert answer.entries[1].because == "it stands in this claim twice"
    assert desk.claimed(entry(2)).startswith("CLAIM_TOLD_BEFORE")
    with desk.world.service.reading() as reading:
        (kept,) = claiming.claims(reading)
    assert kept["reimbursed_mills"] == POSTAGE


@pytest.mark.duty("R08-9.3.1b-1", "R08-Pre-PCmodel")
def test_the_value_of_a_closed_account_is_reimbursed_once_in_its_life_without_a_floor(
    desk: RefundDesk,
) -> None:
    desk.claimed(entry(key=f"value:{DEVICE}:R-000001", amount_mills=70))
    desk.claimed(entry(key=f"value:{DEVICE}:R-000002", amount_mills=70), claim="C-2")
    first, second = desk.told(ReimbursementAnswered)
    assert first.reimbursed_mills == 70
    assert "its value was reimbursed on 2009-05-04" in second.entries[0].because
    desk.forwarded()
    with pytest.raises(Refused, match="VALUE_REFUNDED_BEFORE"):
        rule(desk, 1, 80_000)


def test_value_that_the_postal_service_paid_is_not_reimbursed(desk: RefundDesk) -> None:
    desk.forwarded()
    rule(desk, 1, 80_000)
    desk.claimed(entry(key=f"value:{DEVICE}:R-000001", amount_mills=80_000))
    (answer,) = desk.told(ReimbursementAnswered)
    assert answer.entries[0].because == "its value was refunded on 2009-05-04 (case 1)"
