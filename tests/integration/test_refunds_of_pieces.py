"""Refunds of PC Postage indicia by the provider, once per piece, and claims for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.messages.refunding import (
    AnsweredEntry,
    PiecesRefunded,
    RefundDecided,
    RefundedPiece,
    RefundRuled,
    ReimbursementAnswered,
    ReimbursementClaimed,
)
from franking.provider.funds import chart
from franking.provider.refunds import claiming, deciding, filing
from franking.provider.refunds.records import Case, CaseStatus
from franking.provider.refunds.views import claims_view, manifest_of, paid_between, refund_view
from franking.refunds.records import EvidenceKind, Item, Manner, Payout, Requester, RouteKind
from tests.fixtures_refunds import (
    DATABASES,
    FIRST,
    NOW,
    OFFICER,
    ON_DEPOSIT,
    PC,
    POSTAGE,
    RefundsWorld,
    piece,
    refunds_world,
    tracked,
)


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> RefundsWorld:
    made = refunds_world(request.param, tmp_path)
    made.pc_system()
    return made


def decided(world: RefundsWorld, case: Case, **how: object) -> Case:
    books, signer = world.books, world.provider.signer
    return deciding.decide_refund(books, signer, case.id, now=world.now, **how)  # type: ignore[arg-type]


def refunded(world: RefundsWorld, *items: Item, **changed: object) -> Case:
    return decided(world, world.file(world.pieces_filing(items, **changed)))


def appealed(world: RefundsWorld, case: Case, amount_mills: int, *some: RefundedPiece) -> str:
    ruling = RefundRuled(
        **world.said(),
        case=case.id,
        granted=amount_mills > 0,
        amount_mills=amount_mills,
        payout="provider" if amount_mills else "",
        because="the originals are in order",
        clause="DMM 604.9.2.8d (2008)",
        decided_by="Dan Lord",
        decided_on="2009-02-20",
        on_appeal=True,
        pieces=list(some),
    )
    return world.hear(ruling)


@pytest.mark.duty("R08-9.2.8d-1", "R08-9.3.3b-1", "R08-Pre-PCmodel", "R08-9.3.3a")
def test_tracked_pieces_are_refunded_electronically_by_the_provider(world: RefundsWorld) -> None:
    case = refunded(world, tracked(1), tracked(2, age_days=10))
    assert (case.route, case.status) == (RouteKind.PC_ELECTRONIC, CaseStatus.PAID)
    assert case.amount_mills == 2 * POSTAGE
    assert world.balance(chart.REIMBURSEMENTS) == 2 * POSTAGE
    assert world.balance(chart.refunds(case.id)) == 0
    assert world.balance(chart.USED) == 40_000 - 2 * POSTAGE
    (told,) = world.sent(RefundDecided)
    assert (told.granted, told.criteria) == (True, "refunds-2008 as of 2009-02-02")
    assert [each.postage_mills for each in told.pieces] == [POSTAGE, POSTAGE]
    assert world.zero() == 0


@pytest.mark.duty("R08-9.3.3b-2")
def test_on_the_eleventh_day_a_tracked_piece_is_denied_and_may_be_appealed(
    world: RefundsWorld,
) -> None:
    case = refunded(world, tracked(1, age_days=11))
    assert case.status is CaseStatus.DENIED
    assert "2009-02-01" in case.because
    assert world.balance(chart.USED) == 40_000
    view = refund_view(world.books, case.id)
    assert view["appeal"]["to"] == "manager of Postage Technology Management"  # type: ignore[index]
    duties = {each["duty"]: each["due_on"] for each in view["due"]}  # type: ignore[attr-defined]
    assert duties["appeal the provider's refund ruling"] == "2009-03-07"


@pytest.mark.duty("R08-9.3.3b-3")
def test_a_tracked_piece_on_paper_is_refused_and_so_is_another_without_its_paper(
    world: RefundsWorld,
) -> None:
    for item, manner in ((tracked(1), Manner.PHYSICAL), (piece(1), Manner.ELECTRONIC)):
        with pytest.raises(Refused, match="REFUND_MANNER_UNSUITABLE"):
            world.file(world.pieces_filing([item], manner=manner))


@pytest.mark.duty("R08-9.3.3c-1", "R08-9.3.3c-2")
@pytest.mark.parametrize(("passed", "status"), [(60, CaseStatus.PAID), (61, CaseStatus.DENIED)])
def test_a_piece_without_pic_has_sixty_days_from_the_date_shown(
    world: RefundsWorld, passed: int, status: CaseStatus
) -> None:
    shown = NOW.date() - timedelta(days=passed)
    case = refunded(world, piece(1, date_shown=shown))
    assert (case.route, case.status) == (RouteKind.PC_PHYSICAL, status)


@pytest.mark.duty("R08-9.3.3-1", "R08-9.2.8d-2")
def test_items_are_judged_one_by_one_and_what_is_denied_can_be_appealed(
    world: RefundsWorld,
) -> None:
    case = refunded(world, piece(1), piece(2, valid=False, legible=False), piece(3))
    assert (case.status, case.amount_mills) == (CaseStatus.PAID, 2 * POSTAGE)
    rest = world.case("R-000002")
    assert (rest.status, rest.asked_mills) == (CaseStatus.DENIED, POSTAGE)
    assert "it is not legible" in rest.because
    assert "it is not valid" in rest.because
    granted, denied = sorted(world.sent(RefundDecided), key=lambda told: not told.granted)
    assert (len(granted.pieces), denied.case, len(denied.pieces)) == (2, rest.id, 1)
    assert appealed(world, rest, POSTAGE) == "taken"
    assert world.case(rest.id).status is CaseStatus.PAID
    assert world.balance(chart.REIMBURSEMENTS) == 3 * POSTAGE


def test_a_request_of_many_items_is_told_and_claimed_whole(world: RefundsWorld) -> None:
    many = [piece(0, ascending_mills=number * 10, postage_mills=10) for number in range(1, 302)]
    with pytest.raises(Refused, match="REFUND_ITEMS_TOO_MANY"):
        world.file(world.pieces_filing(many))
    case = refunded(world, *many[:300])
    assert case.amount_mills == 3_000
    (told,) = world.sent(RefundDecided)
    assert len(told.pieces) == 300
    claims = claiming.claim_reimbursement(world.books, world.provider.signer, world.now)
    assert [each.total_mills for each in claims] == [1_500, 1_500]
    assert len(world.sent(ReimbursementClaimed)) == 2


def test_what_was_paid_on_a_day_is_there_for_the_report(world: RefundsWorld) -> None:
    first = refunded(world, piece(1))
    world.later(days=1)
    second = refunded(world, piece(2))
    day = NOW.date()
    assert paid_between(world.books, day, day) == [world.case(first.id)]
    both = paid_between(world.books, day, day + timedelta(days=1))
    assert [each.id for each in both] == [first.id, second.id]


def test_an_appeal_may_be_sustained_for_some_pieces_only(world: RefundsWorld) -> None:
    case = refunded(world, piece(1, legible=False), piece(2, legible=False))
    some = RefundedPiece(device=PC, ascending_mills=10_840, postage_mills=POSTAGE)
    assert appealed(world, case, POSTAGE).startswith("REFUND_AMOUNT_CONTRADICTS")
    assert appealed(world, case, POSTAGE, some) == "taken"
    paid = world.case(case.id)
    assert (paid.status, paid.amount_mills) == (CaseStatus.PAID, POSTAGE)
    (claim,) = claiming.claim_reimbursement(world.books, world.provider.signer, world.now)
    assert [each.key for each in claim.entries] == [f"piece:{PC}:10840"]


def test_an_appeal_that_fails_ends_it(world: RefundsWorld) -> None:
    case = refunded(world, piece(1, removed=True))
    assert appealed(world, case, 0) == "taken"
    assert world.case(case.id).status is CaseStatus.DENIED
    view = refund_view(world.books, case.id)
    assert view["events"][-1]["event"] == "appeal denied"  # type: ignore[index]
    (duty,) = [each for each in view["due"] if each["duty"].startswith("appeal")]  # type: ignore[attr-defined]
    assert duty["status"] == "satisfied"


def test_the_day_of_receipt_moves_the_end_of_the_appeal(world: RefundsWorld) -> None:
    case = refunded(world, piece(1, removed=True))
    world.later(days=5)
    with pytest.raises(Refused, match="REFUND_RECEIPT_DAY_IMPOSSIBLE"):
        deciding.note_receipt(
            world.books, case.id, received_on=NOW.date() - timedelta(days=1), now=world.now
        )
    received = NOW.date() + timedelta(days=5)
    deciding.note_receipt(world.books, case.id, received_on=received, now=world.now)
    due = refund_view(world.books, case.id)["due"]
    open_ones = [each for each in due if each["status"] == "open"]  # type: ignore[attr-defined]
    assert [each["due_on"] for each in open_ones] == ["2009-03-09"]


@pytest.mark.duty("R08-9.3.5-1", "R08-9.3.5-2")
def test_undated_pieces_are_denied_unless_the_circumstances_are_extraordinary(
    world: RefundsWorld,
) -> None:
    undated = [piece(number, date_shown=None) for number in (1, 2)]
    plain = refunded(world, undated[0])
    assert (plain.route, plain.status) == (RouteKind.UNDATED_PC, CaseStatus.DENIED)
    case = world.file(world.pieces_filing([undated[1]]))
    with pytest.raises(Refused, match=r"REFUND_EVIDENCE_MISSING.*extraordinary"):
        decided(world, case, exceptionally="the printer burnt")
    filing.add_evidence(
        world.books, case.id, EvidenceKind.NARRATIVE, document="a fire on 1 May", now=world.now
    )
    after = decided(world, case, exceptionally="the printer burnt")
    assert (after.status, after.amount_mills) == (CaseStatus.PAID, POSTAGE)
    assert after.because.startswith("the printer burnt")


def test_a_piece_is_refunded_once_whoever_asks_again(world: RefundsWorld) -> None:
    refunded(world, piece(1))
    again = refunded(world, piece(1))
    assert again.status is CaseStatus.DENIED
    assert "it was refunded before" in again.because
    assert world.balance(chart.REIMBURSEMENTS) == POSTAGE
    with pytest.raises(Refused, match=r"REFUND_ASKED_BEFORE.*twice"):
        world.file(world.pieces_filing([piece(2), piece(2)]))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"ascending_mills": 10_500}, "shares value with another refunded piece"),
        ({"ascending_mills": 10_000, "postage_mills": 10_001}, "has not reported"),
        ({"ascending_mills": 40_001}, "has not reported that it used this postage"),
    ],
)
def test_a_made_up_piece_is_not_refunded(
    world: RefundsWorld, changed: dict[str, int], why: str
) -> None:
    refunded(world, piece(1))
    case = refunded(world, piece(9, **changed))
    assert case.status is CaseStatus.DENIED
    assert why in case.because
    assert world.balance(chart.REIMBURSEMENTS) == POSTAGE


def test_two_pieces_of_one_request_cannot_share_value(world: RefundsWorld) -> None:
    case = refunded(world, piece(1), piece(1, ascending_mills=10_421))
    assert case.amount_mills == POSTAGE
    assert "shares value" in world.case("R-000002").because


def test_a_piece_that_the_postal_service_refunded_is_not_refunded_again(
    world: RefundsWorld,
) -> None:
    theirs = RefundedPiece(device=PC, ascending_mills=10_420, postage_mills=POSTAGE)
    message = PiecesRefunded(**world.said(), case="17", pieces=[theirs], refunded_on="2009-02-01")
    assert world.hear(message) == "taken"
    assert refunded(world, piece(1)).status is CaseStatus.DENIED
    assert refunded(world, piece(2)).status is CaseStatus.PAID


def test_a_credit_goes_to_the_account_and_is_not_claimed(world: RefundsWorld) -> None:
    refunded(world, piece(1), payout=Payout.CREDIT)
    assert world.deposit == ON_DEPOSIT + POSTAGE
    assert claiming.claim_reimbursement(world.books, world.provider.signer, world.now) == []


@pytest.mark.duty("R08-Pre-PCmodel")
def test_what_the_provider_paid_is_claimed_once_for_each_piece(world: RefundsWorld) -> None:
    refunded(world, piece(1), piece(2))
    refunded(world, piece(3))
    books, signer = world.books, world.provider.signer
    tried = claiming.claim_reimbursement(books, signer, world.now, dry_run=True)
    (claim,) = claiming.claim_reimbursement(books, signer, world.now)
    assert tried == [claim]
    assert claim.total_mills == 3 * POSTAGE
    assert claiming.claim_reimbursement(books, signer, world.now) == []
    (told,) = world.sent(ReimbursementClaimed)
    assert len({each.key for each in told.entries}) == 3
    assert all(each.documents for each in told.entries)
    refused = told.entries[0].key
    answer = ReimbursementAnswered(
        **world.said(),
        claim=told.claim,
        entries=[
            AnsweredEntry(
                key=each.key,
                reimbursed=each.key != refused,
                because="it was mailed" if each.key == refused else "",
            )
            for each in told.entries
        ],
        reimbursed_mills=2 * POSTAGE,
        answered_on="2009-02-04",
    )
    assert world.hear(replace_total(answer, 3 * POSTAGE)).startswith("REFUND_AMOUNT_CONTRADICTS")
    assert world.hear(answer) == "taken"
    assert world.balance(chart.REIMBURSEMENTS) == POSTAGE
    (shown,) = claims_view(books)
    assert (shown["reimbursed_mills"], shown["answered_on"]) == (2 * POSTAGE, "2009-02-02")
    assert world.zero() == 0


def replace_total(answer: ReimbursementAnswered, total: int) -> ReimbursementAnswered:
    from msgspec.structs import replace as changed

    return changed(answer, reimbursed_mills=total)


@pytest.mark.duty("R08-9.3.3a", "R08-9.3.4a-1")
def test_a_preparer_may_not_ask_for_pc_postage(world: RefundsWorld) -> None:
    preparer = {"requester": Requester.COMMERCIAL_PREPARER}
    with pytest.raises(Refused, match="REFUND_NOT_ENTITLED"):
        world.file(world.pieces_filing([piece(1)], question=preparer))


@pytest.mark.duty("R08-9.2.8-0", "R08-9.3.2a-1")
def test_metered_indicia_are_sent_to_where_they_go(world: RefundsWorld) -> None:
    from franking.refunds.records import System

    for dated in (True, False):
        asked = world.pieces_filing(
            [piece(1)], question={"system": System.METER, "dated": dated}, payout=Payout.PROVIDER
        )
        with pytest.raises(Refused) as refused:
            world.file(asked)
        assert refused.value.code == "REFUND_FILED_ELSEWHERE"
        assert ("local post office" if dated else "business mail entry") in refused.value.detail


@pytest.mark.duty("R08-9.3.2b-1", "R08-9.3.3c-3")
def test_the_manifest_of_a_request_lists_its_items_as_they_lie(world: RefundsWorld) -> None:
    items = [piece(number, postage_mills=290 if number % 2 else 420) for number in range(1, 8)]
    case = world.file(world.pieces_filing(items))
    listed = manifest_of(world.books, case.id)
    assert [(each.postage_mills, each.pieces) for each in listed.bundles] == [(290, 4), (420, 3)]
    assert listed.pieces == 7


def test_nobody_decides_in_a_role_that_may_not(world: RefundsWorld) -> None:
    case = world.file(world.pieces_filing([piece(1)]))
    mailer = world.provider.service.acting(replace(OFFICER, role="mailer"))
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        deciding.decide_refund(mailer, world.provider.signer, case.id, now=world.now)
    assert FIRST
