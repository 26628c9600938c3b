"""Requests at post offices: who takes them, who rules, what is granted, what is paid."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.messages.refunding import PiecesRefunded
from franking.postal.pieces import commands as pieces
from franking.postal.pieces.marking import mark_mailed
from franking.postal.pieces.records import Piece
from franking.postal.refunds import appealing, destroying, paying, rows, ruling
from franking.postal.refunds.designating import designate, end_designation
from franking.postal.refunds.records import (
    APPEAL,
    DESTROY,
    HEAR,
    RULE,
    AppealStatus,
    CaseStatus,
    RefundCase,
)
from franking.postal.schema import LEDGER
from franking.refunds.records import ItemForm, Requester, RouteKind, System
from franking.rules.permissions import Role
from franking.storage import Act, Actor
from tests.fixtures_databases import DATABASES
from tests.fixtures_refund_desk import (
    CENTER,
    CLERK,
    DEVICE,
    HEADQUARTERS,
    MANAGER,
    NOW,
    POSTAGE,
    POSTMASTER,
    TREASURER,
    RefundDesk,
    item,
    refund_desk,
)

TODAY = NOW.date()


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> RefundDesk:
    return refund_desk(request.param, tmp_path)


def rule(
    desk: RefundDesk, case: RefundCase, *, by: Actor = POSTMASTER, **more: object
) -> RefundCase:
    return ruling.rule_on_items(
        desk.books(by),
        desk.world.signer,
        case.number,
        because="unused",
        now=desk.now,
        **more,  # type: ignore[arg-type]
    )


def reasons(desk: RefundDesk, case: RefundCase) -> list[tuple[str, ...]]:
    """Why each item was not granted, in the order in which they lie."""
    return [tuple(reason.code for reason in each.reasons) for each in desk.items(case.number)]


# Who takes it and who rules -------------------------------------------------------------------


@pytest.mark.duty("R08-9.2.8b-1", "R08-9.2.8-0", "R08-9.3.2a-1")
def test_dated_metered_postage_is_ruled_on_by_the_local_postmaster(desk: RefundDesk) -> None:
    case = desk.file(item(1), item(2))
    assert case.route is RouteKind.DATED_METERED
    for other in (MANAGER, CLERK):
        with pytest.raises(Refused, match="NOT_THE_DECIDER"):
            rule(desk, case, by=other)
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        rule(desk, case, by=HEADQUARTERS)
    ruled = rule(desk, case)
    assert (ruled.status, ruled.granted_mills) == (CaseStatus.FINAL, 2 * POSTAGE)
    assert ruled.ruled_by == POSTMASTER.name
    with pytest.raises(Refused, match="REFUND_RULED"):
        rule(desk, case)


@pytest.mark.duty("R08-9.2.8c-1", "R08-9.3.4c-1")
def test_undated_postage_is_ruled_on_by_the_manager_or_a_designee_named_in_writing(
    desk: RefundDesk,
) -> None:
    case = desk.undated(item(1, date_shown=None))
    designee = Actor("Del Eagan", Role.POSTMASTER)
    with pytest.raises(Refused, match="NOT_THE_DECIDER"):
        rule(desk, case, by=designee)
    manager = desk.books(MANAGER)
    with pytest.raises(Refused, match="DESIGNATION_UNWRITTEN"):
        designate(manager, district="Springfield", designee="Del Eagan", letter=" ", now=desk.now)
    designate(manager, district="Hartford", designee="Del Eagan", letter="memo 1", now=desk.now)
    with pytest.raises(Refused, match="NOT_THE_DECIDER"):
        rule(desk, case, by=designee)
    named = designate(
        manager, district="Springfield", designee="del eagan", letter="memo 2", now=desk.now
    )
    ruled = rule(desk, case, by=designee)
    assert ruled.granted_mills == POSTAGE
    end_designation(manager, named.number, now=desk.now)
    with pytest.raises(Refused, match="DESIGNATION_UNKNOWN"):
        end_designation(manager, named.number, now=desk.now)
    desk.later(days=1)
    second = desk.undated(item(2, date_shown=None))
    with pytest.raises(Refused, match="NOT_THE_DECIDER"):
        rule(desk, second, by=designee)
    assert rule(desk, second, by=MANAGER).granted_mills == POSTAGE


@pytest.mark.duty("R08-9.3.4a-1")
def test_only_the_user_or_who_prepared_the_mailing_asks_for_undated_postage(
    desk: RefundDesk,
) -> None:
    undated = item(1, date_shown=None)
    assert desk.undated(undated, capacity=Requester.COMMERCIAL_PREPARER).number == 1
    with pytest.raises(Refused, match="REFUND_ASKED_BY_STRANGER"):
        desk.undated(undated, capacity=Requester.OTHER)
    with pytest.raises(Refused, match="REFUND_ASKED_BY_STRANGER"):
        desk.file(item(1), capacity=Requester.COMMERCIAL_PREPARER)


@pytest.mark.duty("R08-9.3.4a-2")
def test_undated_postage_needs_a_signed_letter(desk: RefundDesk) -> None:
    with pytest.raises(Refused, match="signed letter on why the pieces were not mailed"):
        desk.undated(item(1, date_shown=None), letter=" ")


@pytest.mark.duty("R08-9.3.2a-1", "R08-9.3.2b-1")
@pytest.mark.parametrize("proof", ["", "a friend's word"])
def test_a_request_without_proof_or_items_is_not_taken(desk: RefundDesk, proof: str) -> None:
    with pytest.raises(Refused, match="copy of the lease, rental agreement or contract"):
        desk.file(item(1), proof=proof)
    with pytest.raises(Refused, match="items bearing the unused postage"):
        desk.file()
    for given in ("rental agreement", "contract"):
        assert desk.file(item(1), proof=given).documents == (given,)


@pytest.mark.duty("R08-9.3.2-1")
def test_pc_postage_goes_to_its_provider_and_not_to_the_counter(desk: RefundDesk) -> None:
    with pytest.raises(Refused, match="goes to your provider"):
        desk.file(item(1), system=System.PC_POSTAGE)
    with pytest.raises(Refused, match="REFUND_MIXED"):
        desk.file(item(1), item(2, date_shown=None))


# What is granted ------------------------------------------------------------------------------


@pytest.mark.duty(
    "R08-9.3.2-1", "R08-9.3.2d-3", "R08-9.3.2e-1", "R08-9.3.6d", "R08-9.3.2b-2", "R08-9.3.2e-2"
)
def test_every_reason_against_an_item_is_told_and_the_others_are_granted(
    desk: RefundDesk,
) -> None:
    case = desk.file(
        item(1),
        item(2, complete=False, legible=False, valid=False),
        item(3, removed=True),
        item(4, fastened=True, form=ItemForm.LOOSE),
        item(5, local_office=False),
        item(6, fastened=True, form=ItemForm.PLAIN_PAPER),
    )
    ruled = rule(desk, case, deny={1: "postmarked"})
    found = {each.item.ascending_mills: each for each in desk.items(case.number)}
    codes = {
        (ascending or 0) // POSTAGE: [reason.code for reason in each.reasons]
        for ascending, each in found.items()
    }
    assert codes == {
        1: ["DENIED"],
        2: ["NOT_COMPLETE", "NOT_LEGIBLE", "NOT_VALID"],
        3: ["REMOVED_FROM_PIECE"],
        4: ["FASTENED"],
        5: ["NO_LOCAL_OFFICE"],
        6: [],
    }
    assert (ruled.status, ruled.granted_mills) == (CaseStatus.GRANTED, POSTAGE)


@pytest.mark.duty("R08-9.3.2c")
@pytest.mark.parametrize(("days", "granted"), [(60, True), (61, False), (-3, True)])
def test_physical_items_count_from_the_date_shown(
    desk: RefundDesk, days: int, granted: bool
) -> None:
    case = desk.file(item(1, days_old=days))
    assert bool(rule(desk, case).granted_mills) is granted
    assert reasons(desk, case) == [() if granted else ("TOO_LATE",)]


def test_items_lie_by_meter_and_then_by_value(desk: RefundDesk) -> None:
    other = "FK1A0000000002"
    case = desk.file(
        item(1, device=other), item(3, postage_mills=600, ascending_mills=9000), item(2)
    )
    lying = [(each.item.device, each.item.postage_mills) for each in desk.items(case.number)]
    assert lying == [(DEVICE, POSTAGE), (DEVICE, 600), (other, POSTAGE)]


def test_a_mailed_piece_is_denied_and_opens_a_case(desk: RefundDesk) -> None:
    mailed = Piece(device=DEVICE, ascending_mills=POSTAGE, postage_mills=POSTAGE)
    with desk.world.service.work(desk.now, "scan_mail", on=("scan:01101",)) as work:
        mark_mailed(work, [mailed], source="scan:01101", now=desk.now)
        work.record(Act(record="scan:01101"))
    case = desk.file(item(1), item(2))
    ruled = rule(desk, case)
    assert ruled.granted_mills == POSTAGE
    assert reasons(desk, case) == [("REFUND_AFTER_MAILING",), ()]
    (opened,) = pieces.piece_cases(desk.world.service)
    assert opened.source == f"refund:{case.number}"


def test_the_same_piece_in_two_requests_is_refunded_once(desk: RefundDesk) -> None:
    first, second = desk.file(item(1)), desk.file(item(1))
    assert rule(desk, first).granted_mills == POSTAGE
    assert rule(desk, second).granted_mills == 0
    assert reasons(desk, second) == [("REFUNDED_TWICE",)]


def test_a_line_that_is_not_there_and_a_ruling_without_a_reason_are_refused(
    desk: RefundDesk,
) -> None:
    case = desk.file(item(1))
    with pytest.raises(Refused, match="LINE_UNKNOWN"):
        rule(desk, case, deny={2: "x"})
    with pytest.raises(Refused, match="RULING_WITHOUT_REASON"):
        ruling.rule_on_items(
            desk.books(POSTMASTER), desk.world.signer, case.number, because=" ", now=desk.now
        )
    with pytest.raises(Refused, match="REFUND_CASE_UNKNOWN"):
        ruling.rule_on_items(
            desk.books(POSTMASTER), desk.world.signer, 99, because="x", now=desk.now
        )


# Appeals --------------------------------------------------------------------------------------


def denied(desk: RefundDesk) -> RefundCase:
    case = desk.file(item(1), item(2))
    return rule(desk, case, deny={1: "it looks mailed", 2: "it looks mailed"})


def appeal(desk: RefundDesk, case: RefundCase, *, originals: int = 2) -> None:
    appealing.file_refund_appeal(
        desk.books(POSTMASTER),
        case.number,
        letter="They never left our office.",
        originals=originals,
        filed_by="Joe Acme",
        now=desk.now,
    )


def forward(desk: RefundDesk, case: RefundCase, by: Actor = POSTMASTER) -> None:
    appealing.forward_refund_appeal(desk.books(by), case.number, now=desk.now)


def hear(desk: RefundDesk, case: RefundCase, by: Actor, *grant: int) -> None:
    appealing.decide_refund_appeal(
        desk.books(by),
        desk.world.signer,
        case.number,
        grant=grant,
        because="heard",
        now=desk.now,
    )


@pytest.mark.duty("R08-9.2.8b-2", "R08-9.2.8b-3")
def test_a_postmasters_ruling_is_appealed_to_postage_technology_whose_word_is_final(
    desk: RefundDesk,
) -> None:
    case = denied(desk)
    with pytest.raises(Refused, match="ORIGINALS_MISSING"):
        appeal(desk, case, originals=1)
    appeal(desk, case)
    with pytest.raises(Refused, match="it goes through nobody else"):
        forward(desk, case)
    with pytest.raises(Refused, match="NOT_THE_DECIDER"):
        hear(desk, case, CENTER, 1)
    hear(desk, case, HEADQUARTERS, 1)
    final = desk.case(case.number)
    assert (final.status, final.granted_mills) == (CaseStatus.FINAL, POSTAGE)
    with pytest.raises(Refused, match="REFUND_APPEAL_DECIDED"):
        hear(desk, case, HEADQUARTERS, 2)
    with pytest.raises(Refused, match="REFUND_NOT_APPEALABLE"):
        appeal(desk, case)


def test_from_june_2009_the_same_appeal_goes_to_the_service_center(desk: RefundDesk) -> None:
    desk.later(days=28)
    assert desk.now.date() == date(2009, 6, 1)
    case = denied(desk)
    appeal(desk, case)
    with pytest.raises(Refused, match="APPEAL_NOT_FORWARDED"):
        hear(desk, case, CENTER, 1)
    forward(desk, case)
    with pytest.raises(Refused, match="NOT_THE_DECIDER"):
        hear(desk, case, HEADQUARTERS, 1)
    hear(desk, case, CENTER, 1)
    assert desk.case(case.number).granted_mills == POSTAGE


@pytest.mark.duty("R08-9.2.8c-2", "R08-9.2.8c-3")
def test_an_undated_ruling_is_appealed_through_business_mail_entry_to_the_center(
    desk: RefundDesk,
) -> None:
    case = desk.undated(item(1, date_shown=None))
    rule(desk, case, by=MANAGER, deny={1: "no reason given"})
    with pytest.raises(Refused, match="ORIGINALS_MISSING"):
        appeal(desk, case, originals=0)
    appeal(desk, case, originals=1)
    with pytest.raises(Refused, match="APPEAL_NOT_FORWARDED"):
        hear(desk, case, CENTER, 1)
    with pytest.raises(Refused, match="NOT_THE_DECIDER"):
        forward(desk, case, POSTMASTER)
    forward(desk, case, MANAGER)
    hear(desk, case, CENTER, 1)
    assert desk.case(case.number).status is CaseStatus.FINAL


@pytest.mark.parametrize(("days", "in_time"), [(30, True), (31, False)])
@pytest.mark.duty("R08-9.2.8b-2")
def test_an_appeal_is_filed_within_thirty_days_of_receipt(
    desk: RefundDesk, days: int, in_time: bool
) -> None:
    case = denied(desk)
    desk.later(days=10)
    ruling.note_receipt(
        desk.books(POSTMASTER), case.number, received_on=desk.now.date(), now=desk.now
    )
    assert desk.duties(f"refund:{case.number}")[APPEAL][1] == desk.now.date() + timedelta(days=30)
    desk.later(days=days)
    if in_time:
        appeal(desk, case)
        assert desk.duties(f"refund:{case.number}")[HEAR][0] == "open"
    else:
        with pytest.raises(Refused, match="REFUND_APPEAL_TOO_LATE"):
            appeal(desk, case)


def test_without_proof_of_receipt_the_mail_has_its_days(desk: RefundDesk) -> None:
    case = denied(desk)
    assert desk.duties(f"refund:{case.number}")[APPEAL][1] == TODAY + timedelta(days=33)
    with pytest.raises(Refused, match="RECEIPT_UNFIT"):
        ruling.note_receipt(
            desk.books(POSTMASTER),
            case.number,
            received_on=TODAY + timedelta(days=1),
            now=desk.now,
        )


def test_a_ruling_that_nobody_appeals_becomes_final_with_the_sweep(desk: RefundDesk) -> None:
    case = denied(desk)
    desk.later(days=40)
    desk.sweep()
    assert desk.case(case.number).status is CaseStatus.FINAL
    with pytest.raises(Refused, match="REFUND_NOT_APPEALABLE"):
        appeal(desk, case)


def test_an_appeal_is_heard_by_another_person_than_ruled(desk: RefundDesk) -> None:
    desk.later(days=30)
    case = denied(desk)
    appeal(desk, case)
    forward(desk, case)
    same = Actor("PAT  MOORE", Role.PRICING_AND_CLASSIFICATION_MANAGER)
    with pytest.raises(Refused, match="HEARD_BY_ITS_RULER"):
        hear(desk, case, same, 1)


def test_an_appeal_cannot_pay_for_a_piece_that_was_mailed_meanwhile(desk: RefundDesk) -> None:
    case = denied(desk)
    appeal(desk, case)
    mailed = Piece(device=DEVICE, ascending_mills=POSTAGE, postage_mills=POSTAGE)
    with desk.world.service.work(desk.now, "scan_mail", on=("scan:01101",)) as work:
        mark_mailed(work, [mailed], source="scan:01101", now=desk.now)
        work.record(Act(record="scan:01101"))
    hear(desk, case, HEADQUARTERS, 1, 2)
    assert desk.case(case.number).granted_mills == POSTAGE
    with desk.world.service.reading() as reading:
        heard = rows.appeal_of(reading, case.number)
    assert heard is not None
    assert heard.status is AppealStatus.DECIDED
    assert heard.granted_mills == POSTAGE


# Paying and destroying ------------------------------------------------------------------------


def test_what_was_granted_is_paid_once_by_another_person_and_the_fund_pays(
    desk: RefundDesk,
) -> None:
    case = desk.file(*(item(number) for number in range(1, 11)))
    rule(desk, case)
    treasury = desk.books(TREASURER)
    with pytest.raises(Refused, match="PAID_BY_ITS_RULER"):
        paying.issue_check(
            desk.books(Actor(POSTMASTER.name, Role.TREASURY_OFFICER)),
            desk.world.signer,
            case.number,
            now=desk.now,
        )
    check = paying.issue_check(treasury, desk.world.signer, case.number, now=desk.now)
    assert check.amount_mills == 10 * POSTAGE - 10 * POSTAGE // 10  # a tenth is kept
    with desk.world.service.reading() as reading:
        assert LEDGER.balance(reading, "fund").balance_mills == check.amount_mills
        assert LEDGER.balance(reading, "postage-refunds").balance_mills == -check.amount_mills
    with pytest.raises(Refused, match="NOTHING_TO_PAY"):
        paying.issue_check(treasury, desk.world.signer, case.number, now=desk.now)


def test_what_an_appeal_grants_is_paid_on_top(desk: RefundDesk) -> None:
    case = desk.file(item(1), item(2))
    rule(desk, case, deny={2: "it looks mailed"})
    first = paying.issue_check(desk.books(TREASURER), desk.world.signer, case.number, now=desk.now)
    appeal(desk, case, originals=1)
    hear(desk, case, HEADQUARTERS, 2)
    second = paying.issue_check(desk.books(TREASURER), desk.world.signer, case.number, now=desk.now)
    assert first.amount_mills + second.amount_mills == 2 * POSTAGE - 2 * POSTAGE // 10


def test_refunded_items_are_destroyed_by_two_people_once_nobody_can_appeal(
    desk: RefundDesk,
) -> None:
    case = desk.file(item(1), item(2))
    books = desk.books(POSTMASTER)
    rule(desk, case, deny={1: "it looks mailed"})
    with pytest.raises(Refused, match="ITEMS_NOT_DESTROYABLE"):
        destroying.destroy_items(
            books, [case.number], witness="Mia Best", method="shredded", now=desk.now
        )
    desk.later(days=40)
    desk.sweep()
    assert desk.duties(f"refund:{case.number}")[DESTROY][0] == "open"
    for alone in ("", "pat moore"):
        with pytest.raises(Refused, match="DESTROYED_BY_ONE"):
            destroying.destroy_items(
                books, [case.number], witness=alone, method="shredded", now=desk.now
            )
    done = destroying.destroy_items(
        books, [case.number], witness="Mia Best", method="shredded", now=desk.now
    )
    assert (done.certificate, done.pieces, done.amount_mills) == ("D-000001", 1, POSTAGE)
    assert desk.duties(f"refund:{case.number}")[DESTROY][0] == "satisfied"
    with pytest.raises(Refused, match="destroyed under D-000001"):
        destroying.destroy_items(
            books, [case.number], witness="Mia Best", method="shredded", now=desk.now
        )
    with desk.world.service.reading() as reading:
        assert destroying.find_destruction(reading, "d-000001") == done
        with pytest.raises(Refused, match="DESTRUCTION_UNKNOWN"):
            destroying.find_destruction(reading, "nonsense")


def test_a_request_waits_on_the_docket_until_it_is_ruled_on(desk: RefundDesk) -> None:
    case = desk.file(item(1))
    record = f"refund:{case.number}"
    assert desk.duties(record)[RULE] == ("open", TODAY + timedelta(days=30))
    rule(desk, case)
    assert desk.duties(record)[RULE][0] == "satisfied"
    assert desk.told(PiecesRefunded) == []  # nobody here certified the device
