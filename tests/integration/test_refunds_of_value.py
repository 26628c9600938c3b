"""Refunds of the value in withdrawn systems: examined, settled, credited, forwarded, held."""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.errors import Refused
from franking.messages.refunding import RefundCheckIssued, RefundForwarded, RefundRuled
from franking.provider.devices.records import Kind
from franking.provider.funds import chart
from franking.provider.refunds import deciding, filing
from franking.provider.refunds.records import Case, CaseStatus
from franking.provider.refunds.views import refund_view
from franking.refunds.records import EvidenceKind, Payout, Requester, RouteKind, Withdrawal
from tests.fixtures_refunds import (
    DATABASES,
    NOW,
    ON_DEPOSIT,
    OTHER,
    PC,
    WITHDRAWN,
    RefundsWorld,
    rebuilt,
    refunds_world,
)

FLOOR = 25_000


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> RefundsWorld:
    return refunds_world(request.param, tmp_path)


def decided(world: RefundsWorld, case: Case, **how: object) -> Case:
    books, signer = world.books, world.provider.signer
    return deciding.decide_refund(books, signer, case.id, now=world.now, **how)  # type: ignore[arg-type]


def ruled(world: RefundsWorld, case: Case, amount_mills: int, **changed: object) -> RefundRuled:
    message = RefundRuled(
        **world.said(),
        case=case.id,
        granted=amount_mills > 0,
        amount_mills=amount_mills,
        payout="check",
        because="found in order",
        clause="DMM 604.9.3.1 (2008)",
        decided_by="Dan Lord",
        decided_on=world.now.date().isoformat(),
        on_appeal=False,
    )
    return rebuilt(message, **changed)


@pytest.mark.duty("R08-9.3.1a-1", "R08-9.3.1a-4", "R08-Pre-Credit")
def test_value_below_the_floor_is_credited_at_once(world: RefundsWorld) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=25_001)
    case = decided(world, world.file(world.value_filing()))
    assert (case.status, case.amount_mills) == (CaseStatus.PAID, 24_999)
    assert world.deposit == ON_DEPOSIT + 24_999
    assert world.balance(chart.device(WITHDRAWN)) == world.balance(chart.refunds(case.id)) == 0
    assert world.zero() == 0


@pytest.mark.duty("R08-9.3.1a-5", "R08-Pre-Min")
def test_a_check_of_a_cent_less_than_the_floor_is_refused_and_nothing_moves(
    world: RefundsWorld,
) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=25_001)
    case = world.file(world.value_filing(payout=Payout.CHECK))
    with pytest.raises(Refused, match=r"REFUND_CHECK_BELOW_FLOOR.*\$24\.999") as refused:
        decided(world, case)
    assert "credit" in refused.value.remedy
    assert world.case(case.id).status is CaseStatus.FILED
    assert world.balance(chart.device(WITHDRAWN)) == 24_999
    assert world.sent(RefundForwarded) == []


@pytest.mark.duty("R08-9.3.1a-4", "R08-9.3.1a-5")
def test_a_check_at_the_floor_is_forwarded_and_paid_by_the_postal_service(
    world: RefundsWorld,
) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=25_000)
    case = decided(world, world.file(world.value_filing(payout=Payout.CHECK)))
    (told,) = world.sent(RefundForwarded)
    assert (told.case, told.amount_mills, told.payout) == (case.id, FLOOR, "check")
    assert (told.examiner, told.withdrawn_because) == ("R. Moss", "ordinary")
    assert world.hear(ruled(world, case, FLOOR)) == "taken"
    assert world.balance(chart.refunds(case.id)) == FLOOR
    fund = world.balance(chart.FUND)
    issued = RefundCheckIssued(
        **world.said(), case=case.id, check="10017", amount_mills=FLOOR, issued_on="2009-02-09"
    )
    assert world.hear(issued) == "taken"
    paid = world.case(case.id)
    assert (paid.status, paid.reference) == (CaseStatus.PAID, "10017")
    assert world.balance(chart.refunds(case.id)) == 0
    assert world.balance(chart.FUND) == fund + FLOOR
    assert world.zero() == 0


def test_a_check_of_another_amount_is_not_believed(world: RefundsWorld) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=0)
    case = decided(world, world.file(world.value_filing(payout=Payout.CHECK)))
    world.hear(ruled(world, case, 50_000))
    issued = RefundCheckIssued(
        **world.said(), case=case.id, check="1", amount_mills=49_999, issued_on="2009-02-09"
    )
    assert world.hear(issued).startswith("REFUND_AMOUNT_CONTRADICTS")
    assert world.case(case.id).status is CaseStatus.GRANTED


def test_what_the_postal_service_grants_below_the_floor_is_credited(world: RefundsWorld) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=0)
    case = decided(world, world.file(world.value_filing(payout=Payout.CHECK)))
    assert world.hear(ruled(world, case, 10_000, payout="credit")) == "taken"
    assert world.case(case.id).status is CaseStatus.PAID
    assert world.deposit == ON_DEPOSIT + 10_000
    assert world.balance(chart.device(WITHDRAWN)) == 40_000


@pytest.mark.duty("R08-9.3.1a-2", "R95-P030.3.7-2")
def test_nothing_is_paid_before_the_system_was_examined(world: RefundsWorld) -> None:
    world.device(WITHDRAWN, Kind.METER, "meter-1995", out=False)
    case = world.file(world.value_filing())
    with pytest.raises(Refused, match="REFUND_SYSTEM_NOT_EXAMINED"):
        decided(world, case)
    assert world.deposit == ON_DEPOSIT


@pytest.mark.duty("R08-9.3.1a-3")
def test_postage_used_beyond_what_was_paid_for_is_collected(world: RefundsWorld) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=50_700)
    case = decided(world, world.file(world.value_filing()))
    assert (case.status, case.amount_mills) == (CaseStatus.COLLECTED, 700)
    assert world.deposit == ON_DEPOSIT - 700
    assert world.zero() == 0


@pytest.mark.duty("R08-9.3.1a-3")
def test_an_empty_system_is_settled_with_nothing(world: RefundsWorld) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=50_000)
    case = decided(world, world.file(world.value_filing()))
    assert (case.status, case.because) == (CaseStatus.DENIED, "nothing is left in it")
    assert world.deposit == ON_DEPOSIT


@pytest.mark.duty("R95-P030.3.7-1", "R95-P030.3.10")
def test_value_is_transferred_to_another_system_of_the_same_licence_only(
    world: RefundsWorld,
) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=20_000)
    for target in (OTHER, WITHDRAWN):
        with pytest.raises(Refused, match="REFUND_TARGET_UNSUITABLE"):
            world.file(world.value_filing(payout=Payout.TRANSFER, target=target))
    world.device(OTHER, Kind.METER, "meter-1995", out=False)
    case = world.file(world.value_filing(payout=Payout.TRANSFER, target=OTHER))
    assert decided(world, case).status is CaseStatus.PAID
    assert world.deposit == ON_DEPOSIT + 30_000


@pytest.mark.duty("R08-9.3.1-2")
def test_a_faulty_system_is_held_until_the_cause_is_reported_and_ruled_upon(
    world: RefundsWorld,
) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=20_000)
    faulty = {"withdrawal": Withdrawal.FAULTY}
    case = world.file(world.value_filing(question=faulty))
    assert (case.route, case.status) == (RouteKind.FAULTY_VALUE, CaseStatus.AWAITING_CAUSE)
    with pytest.raises(Refused, match="REFUND_CAUSE_UNREPORTED"):
        decided(world, case)
    due = {each["duty"] for each in refund_view(world.books, case.id)["due"]}  # type: ignore[attr-defined]
    assert due == {"report the cause of a faulty system"}
    books, signer = world.books, world.provider.signer
    deciding.report_cause(
        books, signer, case.id, cause="a worn wheel", caused_by_user=False, now=world.now
    )
    (told,) = world.sent(RefundForwarded)
    assert (told.cause, told.caused_by_user, told.amount_mills) == ("a worn wheel", False, 30_000)
    assert world.deposit == ON_DEPOSIT
    assert world.hear(ruled(world, case, 28_000, payout="credit")) == "taken"
    assert world.deposit == ON_DEPOSIT + 28_000


@pytest.mark.duty("R95-Pre-II.B", "R95-P030.3.7-3")
@pytest.mark.parametrize("logged", [True, False])
def test_without_a_log_the_amount_of_a_faulty_system_may_be_refused(
    world: RefundsWorld, logged: bool
) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=20_000)
    case = world.file(world.value_filing(question={"withdrawal": Withdrawal.FAULTY}))
    if logged:
        kind = EvidenceKind.REGISTER_RECORD
        filing.add_evidence(world.books, case.id, kind, document="3602-A", now=world.now)
    reason = refund_view(world.books, case.id)["unsupported"]
    assert (reason is None) is logged
    books, signer = world.books, world.provider.signer
    deciding.report_cause(books, signer, case.id, cause="worn", caused_by_user=False, now=world.now)
    (told,) = world.sent(RefundForwarded)
    assert ("may be refused" in told.finding) is not logged
    assert ("daily register record or system report" in told.documents) is logged


@pytest.mark.duty("R08-9.3.1-3")
def test_a_fault_of_the_user_is_never_refunded(world: RefundsWorld) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=20_000)
    case = world.file(world.value_filing(question={"withdrawal": Withdrawal.FAULTY}))
    books, signer = world.books, world.provider.signer
    deciding.report_cause(
        books, signer, case.id, cause="opened by hand", caused_by_user=True, now=world.now
    )
    assert world.hear(ruled(world, case, 30_000)).startswith("REFUND_USER_CAUSED")
    assert world.hear(ruled(world, case, 0, payout="")) == "taken"
    assert world.case(case.id).status is CaseStatus.DENIED
    assert world.balance(chart.device(WITHDRAWN)) == 30_000


@pytest.mark.duty("R08-9.3.1-5", "R08-9.3.1-6", "R08-9.3.1-1")
def test_a_burnt_system_is_refunded_on_documents_and_attestations_only(
    world: RefundsWorld,
) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=20_000)
    lost = {"withdrawal": Withdrawal.DISASTER, "returned": False}
    case = world.file(world.value_filing(question=lost))
    with pytest.raises(Refused, match="REFUND_EVIDENCE_MISSING") as refused:
        decided(world, case, stated_mills=30_000)
    for words in ("attestation that nobody else", "statement on the cause", "reconstructed"):
        assert words in refused.value.detail
    for kind in (
        EvidenceKind.NO_INSURANCE,
        EvidenceKind.STATEMENT_OF_CAUSE,
        EvidenceKind.RECONSTRUCTION,
    ):
        filing.add_evidence(world.books, case.id, kind, document="signed", now=world.now)
    with pytest.raises(Refused, match="REFUND_VALUE_NOT_IN_BOOKS"):
        decided(world, case, stated_mills=30_001)
    after = decided(world, case, stated_mills=30_000)
    assert (after.status, after.basis.value) == (CaseStatus.PAID, "approximate")
    assert world.deposit == ON_DEPOSIT + 30_000


def test_what_a_meter_used_since_its_last_report_is_posted_when_it_is_examined(
    world: RefundsWorld,
) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=20_000, told_mills=5_000)
    used = world.balance(chart.USED)
    decided(world, world.file(world.value_filing()))
    assert world.balance(chart.USED) == used + 15_000
    assert world.balance(chart.device(WITHDRAWN)) == 0
    assert world.deposit == ON_DEPOSIT + 30_000


def test_value_is_asked_for_once(world: RefundsWorld) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=20_000)
    first = world.file(world.value_filing())
    with pytest.raises(Refused, match=f"REFUND_ASKED_BEFORE.*{first.id}"):
        world.file(world.value_filing())
    decided(world, first)
    again = world.file(world.value_filing())
    with pytest.raises(Refused, match="REFUND_VALUE_NOT_IN_BOOKS"):
        decided(world, again)
    with pytest.raises(Refused, match="REFUND_STEP_UNSUITABLE"):
        decided(world, first)
    assert world.deposit == ON_DEPOSIT + 30_000


@pytest.mark.duty("R08-9.3.3a")
def test_nobody_asks_for_what_is_anothers(world: RefundsWorld) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=20_000, licence="01101-999999")
    with pytest.raises(Refused, match="REFUND_NOT_ENTITLED"):
        world.file(world.value_filing())
    with pytest.raises(Refused, match="REFUND_NOT_ENTITLED"):
        world.file(world.value_filing(question={"requester": Requester.OTHER}))
    with pytest.raises(Refused, match="REFUND_NOT_ENTITLED"):
        world.file(world.value_filing("FK1M0000009999"))


@pytest.mark.duty("R08-Pre-PCmodel", "R08-9.3.1b-1")
def test_a_closed_pc_postage_account_is_paid_by_the_provider_whatever_the_amount(
    world: RefundsWorld,
) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=49_999)
    from franking.refunds.records import System

    asked = world.value_filing(question={"system": System.PC_POSTAGE}, payout=Payout.PROVIDER)
    case = decided(world, world.file(asked))
    assert (case.route, case.status, case.amount_mills) == (
        RouteKind.PC_VALUE,
        CaseStatus.PAID,
        1,
    )
    assert world.balance(chart.REIMBURSEMENTS) == 1
    assert world.deposit == ON_DEPOSIT


def test_a_dry_run_tells_what_would_be_decided_and_leaves_nothing(world: RefundsWorld) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=20_000)
    case = world.file(world.value_filing())
    assert decided(world, case, dry_run=True).status is CaseStatus.PAID
    assert world.case(case.id).status is CaseStatus.FILED
    assert world.deposit == ON_DEPOSIT


def test_a_reason_in_words_denies(world: RefundsWorld) -> None:
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=20_000)
    case = decided(world, world.file(world.value_filing()), denied="its seal was broken")
    assert (case.status, case.because) == (CaseStatus.DENIED, "its seal was broken")
    assert world.balance(chart.device(WITHDRAWN)) == 30_000


def test_what_names_nothing_or_nobody_is_refused(world: RefundsWorld) -> None:
    with pytest.raises(Refused, match="REFUND_EMPTY"):
        world.file(world.value_filing(""))
    with pytest.raises(Refused, match="REFUND_REQUEST_UNKNOWN"):
        world.case("R-999999")
    with pytest.raises(Refused, match="REFUND_REQUEST_UNKNOWN"):
        world.case("what?")
    assert PC != WITHDRAWN
    assert NOW.year == 2009
