"""What a licensee tries at his provider: one value by credit and by check, or to a dead system."""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.errors import Refused
from franking.messages.refunding import RefundForwarded
from franking.provider.devices.records import Kind
from franking.provider.refunds import deciding, filing
from franking.provider.refunds.records import Case, CaseStatus
from franking.refunds.records import EvidenceKind, Payout, Withdrawal
from tests.fixtures_refunds import (
    DATABASES,
    ON_DEPOSIT,
    OTHER,
    WITHDRAWN,
    RefundsWorld,
    refunds_world,
)


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> RefundsWorld:
    """A licensee and a meter of his that was withdrawn with $30.00 in it."""
    world = refunds_world(request.param, tmp_path)
    world.meter(WITHDRAWN, set_mills=50_000, used_mills=20_000)
    return world


def decide(world: RefundsWorld, case: Case, stated_mills: int | None = None) -> Case:
    """The provider decides."""
    books, signer = world.books, world.provider.signer
    return deciding.decide_refund(books, signer, case.id, now=world.now, stated_mills=stated_mills)


def test_value_that_was_credited_is_not_forwarded_for_a_check(world: RefundsWorld) -> None:
    decide(world, world.file(world.value_filing()))
    again = world.file(world.value_filing(payout=Payout.CHECK))
    with pytest.raises(Refused, match="REFUND_VALUE_NOT_IN_BOOKS"):
        decide(world, again)
    assert world.sent(RefundForwarded) == []
    assert world.deposit == ON_DEPOSIT + 30_000


def test_no_more_is_forwarded_than_the_ledger_holds_whatever_documents_say(
    world: RefundsWorld,
) -> None:
    burnt = {"withdrawal": Withdrawal.DISASTER, "returned": False}
    case = world.file(world.value_filing(question=burnt, payout=Payout.CHECK))
    for kind in (
        EvidenceKind.NO_INSURANCE,
        EvidenceKind.STATEMENT_OF_CAUSE,
        EvidenceKind.RECONSTRUCTION,
    ):
        filing.add_evidence(world.books, case.id, kind, document="signed", now=world.now)
    with pytest.raises(Refused, match="REFUND_VALUE_NOT_IN_BOOKS"):
        decide(world, case, stated_mills=30_001)
    assert decide(world, case, stated_mills=30_000).status is CaseStatus.FORWARDED


def test_no_more_of_a_faulty_system_is_recommended_than_the_ledger_holds(
    world: RefundsWorld,
) -> None:
    case = world.file(world.value_filing(question={"withdrawal": Withdrawal.FAULTY}))
    with pytest.raises(Refused, match="REFUND_VALUE_NOT_IN_BOOKS"):
        deciding.report_cause(
            world.books,
            world.provider.signer,
            case.id,
            cause="worn",
            caused_by_user=False,
            recommended_mills=30_001,
            now=world.now,
        )


def test_nothing_is_transferred_to_a_system_out_of_service(world: RefundsWorld) -> None:
    world.device(OTHER, Kind.METER, "meter-1995")
    with pytest.raises(Refused, match="REFUND_TARGET_UNSUITABLE"):
        world.file(world.value_filing(payout=Payout.TRANSFER, target=OTHER))
