"""Refunds under any order of requests, rulings, claims and answers: once, and every mill in place.

REFUND-1: a piece is refunded once; what is claimed was paid by the provider, and is claimed once.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from franking.errors import Refused
from franking.messages.refunding import (
    AnsweredEntry,
    PiecesRefunded,
    RefundDecided,
    RefundedPiece,
    RefundRuled,
    ReimbursementAnswered,
)
from franking.provider.funds import chart
from franking.provider.refunds import claiming, deciding, rows
from franking.provider.refunds.records import Case, CaseStatus
from franking.refunds.records import Payout
from tests.fixtures_refunds import ON_DEPOSIT, PC, POSTAGE, RefundsWorld, piece, refunds_world

PIECES = st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True)


class Refunds(RuleBasedStateMachine):
    """A provider's desk, on SQLite, with a PC Postage device that used $40.00."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.world: RefundsWorld = refunds_world("sqlite", Path(self.folder.name))
        self.world.pc_system()
        self.theirs = 0
        self.answered: set[str] = set()
        self.reimbursed = 0

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(
        numbers=PIECES,
        spoilt=st.booleans(),
        payout=st.sampled_from([Payout.PROVIDER, Payout.CREDIT]),
    )
    def file(self, numbers: list[int], spoilt: bool, payout: Payout) -> None:
        items = [piece(number, legible=not spoilt or number % 2 == 0) for number in numbers]
        self.world.file(self.world.pieces_filing(items, payout=payout))

    @rule(pick=st.integers(0, 5))
    def decide(self, pick: int) -> None:
        for case in self.cases(CaseStatus.FILED)[pick : pick + 1]:
            books, signer = self.world.books, self.world.provider.signer
            deciding.decide_refund(books, signer, case.id, now=self.world.now)

    @rule(pick=st.integers(0, 5), granted=st.booleans())
    def appeal(self, pick: int, granted: bool) -> None:
        for case in self.cases(CaseStatus.DENIED)[pick : pick + 1]:
            left = self.left(case) if granted else 0
            ruling = RefundRuled(
                **self.world.said(),
                case=case.id,
                granted=granted,
                amount_mills=left,
                payout="",
                because="heard",
                clause="DMM 604.9.2.8d (2008)",
                decided_by="Dan Lord",
                decided_on="2009-02-02",
                on_appeal=True,
            )
            self.world.hear(ruling)

    @rule(number=st.integers(1, 12))
    def refund_at_the_post_office(self, number: int) -> None:
        self.theirs += 1
        ascending = piece(number).ascending_mills or 0
        theirs = RefundedPiece(device=PC, ascending_mills=ascending, postage_mills=POSTAGE)
        message = PiecesRefunded(
            **self.world.said(), case=str(self.theirs), pieces=[theirs], refunded_on="2009-02-02"
        )
        assert self.world.hear(message) == "taken"

    @rule()
    def claim(self) -> None:
        books, signer = self.world.books, self.world.provider.signer
        claiming.claim_reimbursement(books, signer, self.world.now)

    @rule(refuse=st.integers(0, 3))
    def answer(self, refuse: int) -> None:
        with self.world.books.reading() as reading:
            waiting = [each for each in rows.claims(reading) if each["answered_on"] is None]
            entries = [
                rows.entries_of(reading, claiming.claim_id(each["claim"])) for each in waiting
            ]
        for some in entries[:1]:
            total = sum(each.amount_mills for each in some[refuse:])
            answers = [
                AnsweredEntry(key=each.key, reimbursed=at >= refuse, because="")
                for at, each in enumerate(some)
            ]
            message = ReimbursementAnswered(
                **self.world.said(),
                claim=some[0].claim,
                entries=answers,
                reimbursed_mills=total,
                answered_on="2009-02-02",
            )
            assert self.world.hear(message) == "taken"
            self.reimbursed += total

    @rule(pick=st.integers(0, 5))
    def decide_again(self, pick: int) -> None:
        for case in self.cases(CaseStatus.PAID)[pick : pick + 1]:
            books, signer = self.world.books, self.world.provider.signer
            with pytest.raises(Refused, match="REFUND_STEP_UNSUITABLE"):
                deciding.decide_refund(books, signer, case.id, now=self.world.now)

    @invariant()
    def every_mill_is_in_place(self) -> None:
        assert self.world.zero() == 0
        paid = self.cases(CaseStatus.PAID)
        total = sum(case.amount_mills for case in paid)
        own = sum(case.amount_mills for case in paid if case.payout is Payout.PROVIDER)
        assert self.world.balance(chart.USED) == 40_000 - total
        assert self.world.deposit == ON_DEPOSIT + total - own
        assert self.world.balance(chart.REIMBURSEMENTS) == own - self.reimbursed
        assert all(self.world.balance(chart.refunds(case.id)) == 0 for case in paid)

    @invariant()
    def a_piece_is_refunded_once(self) -> None:
        told = [each for each in self.world.sent(RefundDecided) if each.granted]
        named = [(one.device, one.ascending_mills) for each in told for one in each.pieces]
        assert len(named) == len(set(named))

    def cases(self, status: CaseStatus) -> list[Case]:
        with self.world.books.reading() as reading:
            return rows.cases(reading, status=status)

    def left(self, case: Case) -> int:
        """The postage of what was not refunded since."""
        with self.world.books.reading() as reading:
            items = rows.items_of(reading, case.number)
            names = [(each.item.device, each.item.ascending_mills or 0) for each in items]
            known = rows.refunded(reading, names)
        return POSTAGE * sum(name not in known for name in names)


TestRefunds = Refunds.TestCase
TestRefunds.settings = settings(
    max_examples=8,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
