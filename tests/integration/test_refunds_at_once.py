"""Refunds decided by two people at once, and by a process that is killed: paid once, or not yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from franking.messages.refunding import RefundDecided
from franking.provider.funds import chart
from franking.provider.refunds import claiming, deciding
from franking.provider.refunds.records import CaseStatus
from tests.fixtures_killing import every_kill
from tests.fixtures_refunds import (
    DATABASES,
    POSTAGE,
    RefundsWorld,
    piece,
    refunds_world,
)
from tests.integration.test_attacks_at_once import at_once

TIMES = 5


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> RefundsWorld:
    made = refunds_world(request.param, tmp_path)
    made.pc_system()
    return made


def decide(world: RefundsWorld, case: str) -> Callable[[], object]:
    def act() -> object:
        books, signer = world.books, world.provider.signer
        return deciding.decide_refund(books, signer, case, now=world.now)

    return act


def test_one_request_decided_by_two_is_paid_once(world: RefundsWorld) -> None:
    for number in range(1, TIMES + 1):
        case = world.file(world.pieces_filing([piece(number)]))
        outcomes = at_once(decide(world, case.id), decide(world, case.id))
        assert outcomes in (["REFUND_STEP_UNSUITABLE", "done"], ["BOOKS_BUSY", "done"])
        assert world.balance(chart.REIMBURSEMENTS) == number * POSTAGE
    assert world.zero() == 0


def test_one_piece_in_two_requests_is_refunded_once(world: RefundsWorld) -> None:
    for number in range(1, TIMES + 1):
        cases = [world.file(world.pieces_filing([piece(number)])) for _ in range(2)]
        at_once(*(decide(world, case.id) for case in cases))
        for case in cases:
            if world.case(case.id).status is CaseStatus.FILED:
                decide(world, case.id)()
        found = sorted(world.case(case.id).status for case in cases)
        assert found == [CaseStatus.DENIED, CaseStatus.PAID]
        assert world.balance(chart.REIMBURSEMENTS) == number * POSTAGE


def test_two_claims_at_once_claim_everything_once(world: RefundsWorld) -> None:
    for number in range(1, TIMES + 1):
        decide(world, world.file(world.pieces_filing([piece(number)])).id)()
    books, signer = world.books, world.provider.signer

    def claim() -> object:
        return claiming.claim_reimbursement(books, signer, world.now)

    at_once(claim, claim)
    claim()
    with books.reading() as reading:
        assert claiming.unclaimed(reading) == []
    assert world.balance(chart.REIMBURSEMENTS) == TIMES * POSTAGE


def test_a_decision_killed_at_any_statement_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    made = refunds_world("sqlite", tmp_path)
    made.pc_system()
    case = made.file(made.pieces_filing([piece(1), piece(2, legible=False)])).id
    for _ in every_kill(lambda: decide(made, case)()):
        stands = made.case(case)
        paid = POSTAGE if stands.status is CaseStatus.PAID else 0
        assert made.balance(chart.REIMBURSEMENTS) == paid
        assert made.balance(chart.refunds(case)) == made.zero() == 0
        assert len(made.sent(RefundDecided)) == (2 if paid else 0)
        if paid:
            break
