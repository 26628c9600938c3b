"""The laws of the ledger under everything that happens to money, against a model and the auditor.

The auditor is a program by itself that sees the exported journal and nothing else; what it
recomputes must be what the model knows and what the books say, to the mill.
"""

from __future__ import annotations

import copy
import os
import random
import shutil
import tempfile
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

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
from franking.ledger import Posting, Transfer
from franking.ledger.decisions import accounts_of
from franking.provider.books import SERVICE
from franking.provider.funds import chart
from franking.provider.schema import LEDGER, SCHEMA
from franking.storage import Act, Books
from tests.fixtures_databases import DATABASES, books_on
from tests.fixtures_random_money import (
    OPERATIONS,
    Money,
    Step,
    acts_of,
    amount,
    another,
    audited,
    balances,
)
from tests.fixtures_three_domains import START

OPERATIONS_IN_CI = 100_000
A_BATCH = 500
COMMAND = "accept_closed"


class PowerLost(Exception):
    """The unit of work does not come to its end."""


class MoneyMachine(RuleBasedStateMachine):
    """Postings of every kind, allowed or not, repeated, reserved, and cut short."""

    database = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ledger-"))
        self.books = books_on(self.database, SCHEMA, self.folder, by=SERVICE)
        self.money = Money(size=3)
        self.now = START
        self.made: list[Posting] = []
        self.reserved: dict[str, tuple[Posting, datetime]] = {}
        self.touched: set[str] = set()

    def teardown(self) -> None:
        agrees(self.books, self.money)
        self.books.close()
        shutil.rmtree(self.folder)

    @rule(kind=st.sampled_from(OPERATIONS), data=st.data())
    def happens(self, kind: object, data: st.DataObject) -> None:
        """Something happens, or passes a limit and leaves everything as it was."""
        step = self.drawn(kind, data)
        if step is None:
            return
        if self.money.is_covered(step.posting):
            write(self.books, self.money, [step], self.later())
            self.made.append(step.posting)
        else:
            with pytest.raises(Refused, match="LIMIT_PASSED"):
                write(self.books, self.money, [step], self.later())

    @rule(kind=st.sampled_from(OPERATIONS), data=st.data())
    def is_only_tried(self, kind: object, data: st.DataObject) -> None:
        """A dry run refuses what would be refused, and changes nothing."""
        step = self.drawn(kind, data)
        if step is None or not self.money.is_covered(step.posting):
            return
        with self.books.work(self.later(), COMMAND) as work:
            LEDGER.try_post(work, step.posting, self.now)
            work.record(Act(record="account:tried"))

    @rule(kind=st.sampled_from(OPERATIONS), data=st.data())
    def is_cut_short(self, kind: object, data: st.DataObject) -> None:
        """The program dies before the end: nothing happened."""
        step = self.drawn(kind, data)
        if step is None or not self.money.is_covered(step.posting):
            return
        with pytest.raises(PowerLost):
            cut_short(self.books, [step], self.later())

    @precondition(lambda self: self.made)
    @rule(data=st.data())
    def is_asked_again(self, data: st.DataObject) -> None:
        """The same key is the same posting; with other inputs it is refused."""
        posting = data.draw(st.sampled_from(self.made))
        with self.books.work(self.later(), COMMAND) as work:
            first = LEDGER.find(work, posting.key)
            assert LEDGER.post(work, posting, self.now) == first
            work.record(Act(record="account:asked-again"))
        with pytest.raises(Refused, match="LEDGER_KEY_REUSED"):
            write(self.books, self.money, [Step(another(posting))], self.now)

    @rule(minutes=st.sampled_from([1, 60, 100_000]), data=st.data())
    def is_reserved(self, minutes: int, data: st.DataObject) -> None:
        """What is reserved is no longer available, and still there."""
        posting, until = self.reservation(data), self.later() + timedelta(minutes=minutes)
        if not self.money.is_covered(posting):
            with pytest.raises(Refused, match="LIMIT_PASSED"):
                self.reserve(posting, until)
            return
        self.reserve(posting, until)
        self.money.pending[posting.transfers[0].debit] += posting.transfers[0].amount_mills
        self.reserved[posting.key] = posting, until

    @precondition(lambda self: self.reserved)
    @rule(settled=st.booleans(), data=st.data())
    def is_settled_or_voided(self, settled: bool, data: st.DataObject) -> None:
        """A reservation ends once: as a posting, or as nothing."""
        key = data.draw(st.sampled_from(sorted(self.reserved)))
        self.end(key, settled=settled)
        posting = self.released(key)
        if settled:
            self.money.take(Step(posting))
        with pytest.raises(Refused, match="RESERVATION_CLOSED"):
            self.end(key, settled=not settled)

    @rule()
    def terms_pass(self) -> None:
        """Reservations whose term has passed are released, and no others."""
        with self.books.work(self.later(), COMMAND) as work:
            expired = {each.key for each in LEDGER.expire(work, self.now)}
            work.record(Act(record="account:expired"))
        assert expired == {key for key, (_, until) in self.reserved.items() if until <= self.now}
        for key in expired:
            self.released(key)

    @invariant()
    def touched_accounts_are_as_the_model_says(self) -> None:
        """All the others are compared at the end."""
        with self.books.reading() as reading:
            for account in self.touched:
                held = LEDGER.balance(reading, account)
                told = self.money.held[account], self.money.pending[account]
                assert (held.balance_mills, held.pending_mills) == told
        self.touched.clear()

    def drawn(self, kind: object, data: st.DataObject) -> Step | None:
        """An operation, with what it draws."""
        assert callable(kind)
        found = kind(self.money, lambda below: data.draw(st.integers(0, below - 1)))
        assert found is None or isinstance(found, Step)
        self.touched |= set() if found is None else set(accounts_of(found.posting.transfers))
        return found

    def reservation(self, data: st.DataObject) -> Posting:
        """Money of a licensee, for a refund that waits for something."""
        mills = amount(lambda below: data.draw(st.integers(0, below - 1)))
        number = self.money.number()
        self.touched.add(chart.deposits("00000001"))
        moved = Transfer(
            debit=chart.deposits("00000001"),
            credit=chart.refunds(f"R{number}"),
            amount_mills=mills,
        )
        return Posting(
            key=f"reserved:{number}", kind="reserved", transfers=(moved,), clause="policy"
        )

    def reserve(self, posting: Posting, until: datetime) -> None:
        with self.books.work(self.now, COMMAND) as work:
            LEDGER.reserve(work, posting, self.now, until=until)

    def end(self, key: str, *, settled: bool) -> None:
        with self.books.work(self.later(), COMMAND) as work:
            if settled:
                LEDGER.settle(work, key, self.now)
            else:
                LEDGER.void(work, key, self.now, because="not wanted")

    def released(self, key: str) -> Posting:
        posting, _ = self.reserved.pop(key)
        self.touched |= set(accounts_of(posting.transfers))
        self.money.pending[posting.transfers[0].debit] -= posting.transfers[0].amount_mills
        return posting

    def later(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


class MoneyMachineOnPostgresql(MoneyMachine):
    """The same specification on the other database."""

    database = "postgresql"


@pytest.mark.law("LEDGER-1", "LEDGER-2", "LEDGER-3", "LEDGER-4", "LEDGER-5", "LEDGER-6")
@pytest.mark.parametrize("machine", [MoneyMachine, MoneyMachineOnPostgresql])
def test_the_ledger_agrees_with_a_model_and_with_the_auditor(machine: type[MoneyMachine]) -> None:
    most = settings.default.max_examples if settings.default else 50
    examples = most // (2 if machine is MoneyMachine else 5)
    run_state_machine_as_test(
        machine, settings=settings(stateful_step_count=40, max_examples=examples)
    )


@pytest.mark.law("LEDGER-1", "LEDGER-2", "LEDGER-3", "LEDGER-4", "LEDGER-5", "LEDGER-6")
@pytest.mark.parametrize("database", DATABASES)
def test_random_operations_without_end(database: str, tmp_path: Path) -> None:
    """Two hundred mailers; units of work that are done, refused whole, or cut short."""
    wanted = int(os.environ.get("FRANKING_LEDGER_OPERATIONS", OPERATIONS_IN_CI)) // len(DATABASES)
    books = books_on(database, SCHEMA, tmp_path, by=SERVICE)
    random_numbers = random.Random(1995)
    money, now = Money(size=200), START
    for batch in range(-(-wanted // A_BATCH)):
        now += timedelta(minutes=7)
        before = copy.deepcopy(money) if batch % 20 == 19 else None
        steps = taken(money, random_numbers)
        if before is None:
            write(books, money, [*steps, steps[0]], now, taken=True)
        else:
            is_undone(books, steps, now, passes_a_limit=batch % 40 == 39)
            money = before
    agrees(books, money)
    books.close()


def taken(money: Money, random_numbers: random.Random) -> list[Step]:
    """A batch of what can happen; the model knows it as done."""
    steps = []
    for step in islice(money.steps(random_numbers.randrange), A_BATCH):
        money.take(step)
        steps.append(step)
    return steps


def write(
    books: Books, money: Money, steps: list[Step], now: datetime, *, taken: bool = False
) -> None:
    """All of them in one unit of work, with what other rooms tell the journal."""
    with books.work(now, COMMAND) as work:
        LEDGER.post_many(work, [step.posting for step in steps], now)
        for step in () if taken else steps:
            money.take(step)
        for act in acts_of(money, steps):
            work.record(act)


def cut_short(books: Books, steps: list[Step], now: datetime) -> None:
    """All of them in a unit of work that does not come to its end."""
    with books.work(now, COMMAND) as work:
        LEDGER.post_many(work, [step.posting for step in steps], now)
        raise PowerLost


def is_undone(books: Books, steps: list[Step], now: datetime, *, passes_a_limit: bool) -> None:
    """A batch whose last step is refused, or that is cut short: nothing of it happened."""
    before = balances(books)
    if passes_a_limit:
        much = Transfer(debit="deposits:99999999", credit=chart.LOCKBOX, amount_mills=1)
        last = Posting(key="too much", kind="refund", transfers=(much,), clause="policy")
        with pytest.raises(Refused, match="LIMIT_PASSED"):
            cut_short(books, [*steps, Step(last)], now)
    else:
        with pytest.raises(PowerLost):
            cut_short(books, steps, now)
    assert balances(books) == before


def agrees(books: Books, money: Money) -> None:
    """The auditor finds no fault; it, the books and the model know the same of every account."""
    found = audited(books)
    assert found.faults == []
    told = {account: held.balance for account, held in found.accounts.items() if held.balance}
    reserved = {account: held.pending for account, held in found.accounts.items() if held.pending}
    assert told == money.everything() == balances(books)
    assert reserved == {account: mills for account, mills in money.pending.items() if mills}
    assert sum(told.values()) == 0
