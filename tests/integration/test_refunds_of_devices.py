"""Value of real devices under the rules of 1997: signed statements, three things, one payment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from franking.clock import instant_text
from franking.errors import Refused
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.kinds import RegisterReading
from franking.messages.refunding import RefundForwarded, RefundRuled
from franking.messages.signing import sign, unverified
from franking.provider.books import SERVICE
from franking.provider.funds import chart
from franking.provider.receiving import HEARING
from franking.provider.refunds import deciding, filing
from franking.provider.refunds.examined import examined, held
from franking.provider.refunds.filing import question_of_device, require_case
from franking.provider.refunds.records import Case, CaseStatus, Filing
from franking.provider.resetting.answering import (
    accept_clearing,
    accept_withdrawal,
    examine_device,
)
from franking.provider.resetting.ordering import order_clearing, order_withdrawal
from franking.provider.schema import DISPATCHES, LEDGER
from franking.refunds.records import EvidenceKind, Payout, System, Withdrawal
from franking.rules.permissions import Role
from franking.storage import Actor, Books
from tests.fixtures_money import PLENTY
from tests.fixtures_three_domains import DEVICE, ThreeDomains, three_domains

LOADED, USED = 100_000, 30_000
AGENT = Actor("Guy Dent", Role.PROVIDER_AGENT)
THREE = (EvidenceKind.WRITTEN_REQUEST, EvidenceKind.DEVICE, EvidenceKind.REGISTER_RECORD)


@pytest.fixture
def world(tmp_path: Path) -> ThreeDomains:
    made = three_domains(tmp_path)
    made.enrol()
    made.reset(LOADED, "first")
    made.evidence(USED)
    return made


def desk(world: ThreeDomains) -> Books:
    return world.provider.acting(AGENT)


def withdraw(world: ThreeDomains) -> None:
    provider, signer = world.provider, world.provider_signer
    order = order_withdrawal(
        provider, signer, device_id=DEVICE, reason="given up", now=world.later()
    )
    accept_withdrawal(provider, signer, world.device.withdraw(order, world.later()), world.later())


def clear(world: ThreeDomains) -> None:
    provider, signer = world.provider, world.provider_signer
    order = order_clearing(
        provider, signer, device_id=DEVICE, examiner="R. Moss", now=world.later()
    )
    accept_clearing(provider, world.device.clear(order, world.later()), world.later())


def file(world: ThreeDomains, payout: Payout = Payout.CHECK, **changed: object) -> Case:
    with world.provider.reading() as reading:
        question = question_of_device(reading, DEVICE)
    asked = replace(question, **changed)  # type: ignore[arg-type]
    wanted = Filing(question=asked, licence=world.licence, payout=payout, device=DEVICE)
    return filing.file_refund(desk(world), wanted, world.later())


def bring(world: ThreeDomains, case: Case, *kinds: EvidenceKind) -> None:
    for kind in kinds:
        filing.add_evidence(desk(world), case.id, kind, document="came by mail", now=world.later())


def decide(world: ThreeDomains, case: Case) -> Case:
    return deciding.decide_refund(desk(world), world.provider_signer, case.id, now=world.later())


def balance(world: ThreeDomains, account: str) -> int:
    with world.provider.reading() as reading:
        return LEDGER.balance(reading, account).balance_mills


def forwarded(world: ThreeDomains) -> list[RefundForwarded]:
    with world.provider.reading() as reading:
        sent = DISPATCHES.undelivered(reading)
    return [
        unverified(each.text, RefundForwarded) for each in sent if each.kind == "RefundForwarded"
    ]


def rule(world: ThreeDomains, case: Case, amount_mills: int, payout: str) -> str:
    message = RefundRuled(
        device=DEVICE,
        issued_at=instant_text(world.now),
        sender=POSTAL_SERVICE,
        case=case.id,
        granted=True,
        amount_mills=amount_mills,
        payout=payout,
        because="in order",
        clause="DMM P050.3.3 (1997)",
        decided_by="Ruth Moss",
        decided_on=world.now.date().isoformat(),
        on_appeal=False,
    )
    text = sign(message, world.postal_signer, recipient=world.provider_signer.name)
    books = world.provider.acting(SERVICE)
    return HEARING.receive(books, world.provider_signer, text, world.later())


@pytest.mark.duty("R97-P050.3.3-3", "R97-502.28-2", "R97-Pre-Refund")
def test_in_1997_nothing_goes_on_without_request_device_and_report(world: ThreeDomains) -> None:
    withdraw(world)
    clear(world)
    case = file(world)
    for number in range(len(THREE)):
        with pytest.raises(Refused, match="REFUND_EVIDENCE_MISSING") as refused:
            decide(world, case)
        assert THREE[number].value in refused.value.detail
        bring(world, case, THREE[number])
    assert decide(world, case).status is CaseStatus.FORWARDED


@pytest.mark.duty("R97-P050.3.3-2", "R08-9.3.1a-2", "R95-P030.3.7-2")
def test_the_postal_service_refunds_what_the_device_signed_that_it_gave_up(
    world: ThreeDomains,
) -> None:
    case = file(world)
    assert case.system is System.PC_POSTAGE
    bring(world, case, *THREE)
    with pytest.raises(Refused, match="REFUND_SYSTEM_NOT_EXAMINED"):
        decide(world, case)
    withdraw(world)
    with pytest.raises(Refused, match="REFUND_SYSTEM_NOT_EXAMINED"):
        decide(world, case)
    clear(world)
    decide(world, case)
    (told,) = forwarded(world)
    assert (told.amount_mills, told.basis, told.examiner) == (LOADED - USED, "exact", "R. Moss")
    assert rule(world, case, LOADED - USED, "credit") == "taken"
    with world.provider.reading() as reading:
        assert require_case(reading, case.id).status is CaseStatus.PAID
    assert sum(balances(world, "deposits")) == PLENTY - USED
    assert balances(world, "refunds") == [0, 0]


def balances(world: ThreeDomains, kind: str) -> list[int]:
    with world.provider.reading() as reading:
        found = LEDGER.balances(reading, kind=kind)
    return [each.balance_mills for each in found.values()]


@pytest.mark.duty("R08-9.3.3a")
def test_what_a_device_gave_up_stays_its_licensee_s_whoever_has_it_next(
    world: ThreeDomains,
) -> None:
    withdraw(world)
    clear(world)
    with world.provider.reading() as reading:
        mine = held(reading, DEVICE, licence=world.licence)
        others = examined(reading, DEVICE, licence="20260-000099")
        seen = examined(reading, DEVICE, licence=world.licence)
    assert mine.amount_mills == LOADED - USED
    assert mine.account.startswith(f"refunds:{DEVICE}-")
    assert others is None
    assert seen is not None


@pytest.mark.duty("R08-9.3.1-2", "R08-9.3.1-1")
def test_a_dead_device_is_refunded_from_its_examination_when_the_cause_is_known(
    world: ThreeDomains,
) -> None:
    case = file(world, withdrawal=Withdrawal.FAULTY)
    found = RegisterReading(
        ascending_mills=USED,
        descending_mills=LOADED - USED,
        control_total_mills=LOADED,
        piece_count=1,
        reset_sequence=1,
    )
    examine_device(
        world.provider,
        world.provider_signer,
        device_id=DEVICE,
        examiner="R. Moss",
        finding="display dark",
        registers=found,
        now=world.later(),
    )
    bring(world, case, *THREE)
    deciding.report_cause(
        desk(world),
        world.provider_signer,
        case.id,
        cause="a dry joint",
        caused_by_user=False,
        now=world.later(),
    )
    (told,) = forwarded(world)
    assert (told.cause, told.basis, told.finding) == ("a dry joint", "approximate", "display dark")
    assert balance(world, chart.device(DEVICE)) == LOADED - USED
    assert rule(world, case, LOADED - USED, "credit") == "taken"
    assert balance(world, chart.device(DEVICE)) == 0
