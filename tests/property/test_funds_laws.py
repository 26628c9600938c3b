"""A licensee's money through the provider's own commands, in any order, against the auditor."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from franking.errors import Refused
from franking.identifiers import record_id
from franking.ledger import account_record
from franking.money import format_dollars
from franking.provider.funds import (
    advances,
    charging,
    chart,
    corrections,
    paying,
    postings,
    refunding,
)
from franking.provider.funds.records import BalanceRefund, Payment
from franking.provider.schema import LEDGER
from franking.storage import Act, Work
from tests.fixtures_funds import BERT, SERIAL, Funds, funds_of
from tests.fixtures_licensing import PSD
from tests.fixtures_random_money import audited, balances

Told = TypeVar("Told")
MILLS = st.sampled_from([10, 990, 20_000, 100_000, 350_000])
NOBODY = "99999999"


class PowerLost(Exception):
    """The unit of work does not come to its end."""


class FundsMachine(RuleBasedStateMachine):
    """Payments, items that come back, advances, resets, refunds, corrections, and crashes."""

    database = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="funds-"))
        self.funds: Funds = funds_of(self.database, self.folder, PSD)
        self.signer = self.funds.world.first.signer
        paying.authorize_debits(self.funds.books, self.funds.details(), now=self.funds.now)
        self.came_in = 0
        """What the bank received, less what it paid back or moved on: mills."""
        self.paid: list[Payment] = []
        self.unpaid: list[Payment] = []
        self.waiting: list[Payment] = []
        self.refunds: list[BalanceRefund] = []
        self.granted: dict[int, int] = {}
        """Grants in transit: their amounts by sequence."""
        self.sequence = self.statements = self.moves = 0
        self.device = 0

    def teardown(self) -> None:
        found = audited(self.funds.service)
        assert found.faults == []
        held = {name: each.balance for name, each in found.accounts.items() if each.balance}
        assert held == balances(self.funds.service)
        self.funds.service.close()
        shutil.rmtree(self.folder)

    # Money in ------------------------------------------------------------------------------

    @rule(mills=MILLS)
    def pays(self, mills: int) -> None:
        """The next deposit repays advances first."""
        before, owed = self.funds.balance, self.owed
        self.paid.append(self.funds.paid(mills))
        self.came_in += mills
        repaid = owed - self.owed
        assert repaid == min(owed, before + mills)
        assert self.funds.balance == before + mills - repaid

    @rule(mills=MILLS)
    def pays_for_an_account_that_is_none(self, mills: int) -> None:
        self.waiting.append(self.funds.paid(mills, account=NOBODY))
        self.came_in += mills

    @precondition(lambda self: self.waiting)
    @rule(same_person=st.booleans())
    def is_assigned(self, same_person: bool) -> None:
        """By two people."""
        payment, books, now = self.waiting[-1], self.funds.books, self.funds.now
        proposed = corrections.propose_assignment(
            books, payment.number, account=self.funds.account.number, because="found", now=now
        )
        if same_person:
            with pytest.raises(Refused, match="SECOND_PERSON_NEEDED"):
                corrections.decide_correction(books, proposed.number, approve=True, now=now)
        second = books.acting(BERT)
        corrections.decide_correction(second, proposed.number, approve=True, now=now)
        self.waiting.remove(payment)

    @precondition(lambda self: self.paid)
    @rule()
    def comes_back(self) -> None:
        payment = self.paid.pop()
        self.unpaid.append(self.funds.came_back(payment))
        self.came_in -= payment.amount_mills
        assert self.funds.standing().status == "locked"

    @precondition(lambda self: self.unpaid)
    @rule()
    def is_collected(self) -> None:
        payment = self.unpaid.pop()
        self.funds.collected(payment)
        self.came_in += payment.amount_mills
        assert (self.funds.standing().status == "locked") == bool(self.unpaid)

    @precondition(lambda self: self.came_in > 0)
    @rule()
    def the_bank_moves_it_on(self) -> None:
        self.moves += 1
        self.funds.moved(self.came_in, f"T{self.moves}")
        self.came_in = 0

    # Advances ------------------------------------------------------------------------------

    @rule(mills=MILLS)
    def the_provider_pays_in(self, mills: int) -> None:
        self.statements += 1
        self.funds.deposit_of_provider(mills, self.statements)

    @rule(mills=MILLS)
    def advances_are_agreed(self, mills: int) -> None:
        self.allowed(lambda: self.funds.advances_up_to(mills))

    @rule(mills=MILLS)
    def an_advance_is_asked_for(self, mills: int) -> None:
        before = self.funds.balance
        number, now = self.funds.account.number, self.funds.now
        given = self.allowed(
            lambda: advances.advance_funds(self.funds.books, number, mills, now=now)
        )
        assert self.funds.balance == before + (given.amount_mills if given else 0)

    # Resets --------------------------------------------------------------------------------

    @rule(mills=MILLS)
    def is_granted(self, mills: int) -> None:
        """Charged from the deposit, with an advance for what is missing, or refused whole."""
        before, asked = (self.funds.balance, self.owed), self.sequence + 1
        advanced = self.allowed(lambda: self.charge(mills, asked))
        if advanced is None:
            assert (self.funds.balance, self.owed) == before
            return
        assert advanced == max(0, mills - before[0])
        assert (self.funds.balance, self.owed) == (
            before[0] + advanced - mills,
            before[1] + advanced,
        )
        self.sequence, self.granted[asked] = asked, mills

    @rule(mills=MILLS)
    def a_grant_is_cut_short(self, mills: int) -> None:
        before = balances(self.funds.service)
        with pytest.raises((PowerLost, Refused)):
            self.charge(mills, self.sequence + 1, then=lose_power)
        assert balances(self.funds.service) == before

    @precondition(lambda self: self.granted)
    @rule(taken=st.booleans())
    def a_device_answers(self, taken: bool) -> None:
        """It has credited the grant, or it ended unused."""
        sequence = max(self.granted)
        mills = self.granted.pop(sequence)
        if taken:
            made = postings.receipt(serial=SERIAL, sequence=sequence, amount_mills=mills)
            self.device += mills
        else:
            made = postings.returned_unused(
                serial=SERIAL,
                sequence=sequence,
                account=self.funds.account.number,
                amount_mills=mills,
            )
        with self.funds.service.work(self.funds.now, "accept_receipt") as work:
            LEDGER.post_many(work, [made, made], self.funds.now)

    # Money out -----------------------------------------------------------------------------

    @rule(mills=MILLS)
    def is_asked_back(self, mills: int) -> None:
        number, now, before = self.funds.account.number, self.funds.now, self.funds.balance
        asked = self.allowed(
            lambda: refunding.request_refund(
                self.funds.books, self.signer, number, amount_mills=mills, now=now
            )
        )
        if asked is not None:
            self.refunds.append(asked)
        assert self.funds.balance == before - (mills if asked else 0)

    @precondition(lambda self: self.refunds)
    @rule(paid=st.booleans())
    def is_paid_back_or_called_off(self, paid: bool) -> None:
        refund = self.refunds.pop()
        if paid:
            self.order(refund)
            self.funds.paid_back(refund.case, refund.amount_mills)
            self.came_in -= refund.amount_mills
        else:
            refunding.call_off_refund(
                self.funds.books, refund.case, because="stays", now=self.funds.now
            )

    # What must hold ------------------------------------------------------------------------

    @invariant()
    def the_books_know_what_the_bank_has(self) -> None:
        assert self.funds.holds(chart.LOCKBOX) == -self.came_in
        assert self.funds.holds(chart.transit(SERIAL)) == sum(self.granted.values())
        assert self.funds.holds(chart.device(SERIAL)) == self.device

    @property
    def owed(self) -> int:
        """What the licensee owes the provider for advances."""
        return -self.funds.holds(chart.owed(self.funds.account.number))

    def order(self, refund: BalanceRefund) -> None:
        """The bank is told to pay it back."""
        with self.funds.service.work(self.funds.now, "take_bank_file") as work:
            refunding.ordered(work, refund, reference="0000000001")
            work.record(Act(record=record_id("refund", refund.case)))

    def charge(
        self, mills: int, sequence: int, then: Callable[[Work], None] = lambda _: None
    ) -> int:
        """Grant a reset as the room that grants it does; how much of it was advanced."""
        funds = self.funds
        told = {"sequence": sequence, "amount": format_dollars(mills)}
        on = (account_record(chart.transit(SERIAL)), record_id("device", SERIAL))
        with funds.service.work(funds.now, "grant_reset", on=on) as work:
            charge = charging.charge_for_reset(
                work, SERIAL, funds.account.licence, mills, sequence, funds.now
            )
            work.record(Act(record=record_id("device", SERIAL), inputs=told))
            then(work)
        return charge.advanced_mills

    @staticmethod
    def allowed(action: Callable[[], Told]) -> Told | None:
        """What the action gives, or nothing where it is refused."""
        try:
            return action()
        except Refused:
            return None


class FundsMachineOnPostgresql(FundsMachine):
    """The same specification on the other database."""

    database = "postgresql"


def lose_power(_: Work) -> None:
    """In the middle of it."""
    raise PowerLost


@pytest.mark.law("LEDGER-1", "LEDGER-2", "LEDGER-3", "LEDGER-4", "LEDGER-6")
@pytest.mark.parametrize("machine", [FundsMachine, FundsMachineOnPostgresql])
def test_a_licensees_money_agrees_with_the_auditor(machine: type[FundsMachine]) -> None:
    most = settings.default.max_examples if settings.default else 50
    examples = most // (4 if machine is FundsMachine else 10)
    run_state_machine_as_test(
        machine, settings=settings(stateful_step_count=25, max_examples=examples)
    )
