"""The bank's files at the provider: whole or not at all, once, also when the process is killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from itertools import count
from pathlib import Path

import pytest

from franking.bank_files.bai2 import (
    Account,
    Bai2File,
    Group,
    GroupStatus,
    Summary,
    Transaction,
    write_bai2,
)
from franking.bank_files.lockbox import Lockbox, LockboxFile, LockboxItem, batched, write_lockbox
from franking.bank_files.parties import company_id
from franking.errors import Refused
from franking.provider.funds import bank_files, bank_tables, chart, rows
from franking.provider.funds.bank_posting import corrected
from franking.provider.funds.bank_records import BankChange, BankFile, FileStatus
from franking.provider.funds.paying import declare_plan
from franking.provider.funds.records import AccountStatus, BankDetails, Method, PaymentStatus
from franking.provider.schema import LEDGER
from tests.fixtures_databases import DATABASES
from tests.fixtures_funds import PLAN, Funds, funds_of
from tests.fixtures_killing import every_kill
from tests.integration.test_attacks_at_once import at_once

BANK = "123456780"
UNKNOWN = "10000099"


@dataclass
class Desk:
    """A provider with one licensee's account, and the files that a bank sends it."""

    funds: Funds
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def day(self) -> date:
        """The banking day under way."""
        return self.funds.now.date()

    def checks(self, *amounts_cents: int, account: str = "") -> list[LockboxItem]:
        """Checks that came to the lockbox."""
        return [
            LockboxItem(
                amount_cents=cents,
                account=account or self.funds.account.number,
                routing_number=BANK,
                check_account="77",
                check_number="1001",
                received_on=self.day,
                reference=f"{next(self.numbers):010d}",
                remarks="ACME BOLTS",
            )
            for cents in amounts_cents
        ]

    def lockbox_file(self, items: Sequence[LockboxItem]) -> bytes:
        """A lockbox file that holds them."""
        box = Lockbox(number="0000001", deposited_on=self.day, batches=batched(items))
        file = LockboxFile(
            destination=self.provider_id,
            origin=BANK,
            created_at=self.funds.now.replace(tzinfo=None),
            reference=f"{next(self.numbers):010d}",
            lockboxes=(box,),
        )
        return write_lockbox(file)

    def report(
        self, *moved: Transaction, modifier: str = "3", balances: Sequence[int] = ()
    ) -> bytes:
        """A BAI2 report of these movements."""
        codes = zip(("010", "015", "100", "400"), balances, strict=False)
        account = Account(
            number="1130009500",
            summaries=tuple(Summary(code=code, amount_cents=cents) for code, cents in codes),
            transactions=moved,
        )
        group = Group(
            receiver=self.provider_id,
            originator=BANK,
            status=GroupStatus.UPDATE,
            as_of=self.day,
            as_of_time=None,
            accounts=(account,),
            as_of_modifier=modifier,
        )
        return write_bai2(
            Bai2File(
                sender=BANK,
                receiver=self.provider_id,
                created_on=self.day,
                created_at=time(10, 0),
                file_id=str(next(self.numbers)),
                groups=(group,),
            )
        )

    def wire(self, cents: int, *, code: str = "195", account: str = "") -> Transaction:
        """A wire, unless another type code says otherwise."""
        return Transaction(
            code=code,
            amount_cents=cents,
            bank_reference=f"{next(self.numbers):010d}",
            customer_reference=account or self.funds.account.number,
            text="R01 insufficient funds" if code == "555" else "",
        )

    def take(self, data: bytes, name: str = "file") -> BankFile:
        """Take a file in."""
        return bank_files.take_bank_file(self.funds.books, data, name=name, now=self.funds.now)

    @property
    def provider_id(self) -> str:
        """How files name the provider."""
        with self.funds.service.reading() as reading:
            return bank_files.expected_of(reading).provider_id

    @property
    def payments(self) -> list[tuple[str, int]]:
        """Every payment: where it is, and its amount."""
        with self.funds.service.reading() as reading:
            return [(each.status.value, each.amount_mills) for each in rows.payments(reading)]

    @property
    def zero(self) -> int:
        """The sum of all balances."""
        return sum(self.funds.totals().values())


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    return Desk(funds_of(request.param, tmp_path, "meter-1995"))


@pytest.fixture
def small(tmp_path: Path) -> Desk:
    """The same on SQLite only, for what depends on no database."""
    return Desk(funds_of("sqlite", tmp_path, "meter-1995"))


@pytest.mark.duty("R95-501.28(e)(2)-3")
def test_a_file_is_posted_whole_each_item_on_its_account(desk: Desk) -> None:
    items = [*desk.checks(1000, 2000, 3000), *desk.checks(500, account=UNKNOWN)]
    taken = desk.take(desk.lockbox_file(items))
    assert (taken.status, taken.items, taken.deposits_mills) == (FileStatus.TAKEN, 4, 65_000)
    assert desk.funds.balance == 60_000
    assert desk.payments.count((PaymentStatus.IN_SUSPENSE.value, 5_000)) == 1
    assert desk.funds.totals()[chart.LOCKBOX] == -65_000
    assert desk.zero == 0


def test_a_file_killed_anywhere_is_posted_whole_or_not_at_all(desk: Desk) -> None:
    engine = desk.funds.service.engine
    data = desk.lockbox_file([*desk.checks(1000, 2000), *desk.checks(500, account=UNKNOWN)])
    balances = set()

    def act() -> None:
        engine.dispose(close=False)  # the connections are the parent's
        desk.take(data)

    for _ in every_kill(act, every=3 if engine.dialect.name == "sqlite" else 7):
        balances.add(desk.funds.balance)
        assert desk.funds.balance in {0, 30_000}
        assert desk.zero == 0
        if desk.funds.balance:
            break
    if not desk.funds.balance:
        pytest.fail("the last run came to its end and posted nothing")
    with pytest.raises(Refused) as refused:
        desk.take(data)
    assert refused.value.code == "BANK_FILE_TAKEN_BEFORE"
    assert (desk.funds.balance, balances - {30_000}) == (30_000, {0})


def test_one_file_taken_in_by_two_is_posted_once(desk: Desk) -> None:
    data = desk.lockbox_file(desk.checks(1000))
    outcomes = at_once(_taking(desk, data), _taking(desk, data))
    assert outcomes in (["BANK_FILE_TAKEN_BEFORE", "done"], ["BOOKS_BUSY", "done"])
    assert desk.funds.balance == 10_000


def _taking(desk: Desk, data: bytes) -> Callable[[], object]:
    return lambda: desk.take(data)


def test_a_return_of_a_payment_that_never_came_sets_the_whole_file_aside(small: Desk) -> None:
    answer = small.take(small.report(small.wire(1000), small.wire(500, code="555")))
    assert answer.status is FileStatus.SET_ASIDE
    assert [fault.code for fault in answer.faults] == ["PAYMENT_UNKNOWN"]
    assert small.payments == []
    assert (small.funds.balance, small.zero) == (0, 0)
    assert small.funds.standing().status is AccountStatus.OPEN


@pytest.mark.duty("R95-501.28(e)(8)-3")
def test_a_file_that_overtook_another_is_taken_in_when_it_comes_again(desk: Desk) -> None:
    (check,) = desk.checks(5000)
    deposits = desk.lockbox_file([check])
    came_back = desk.report(replace(desk.wire(5000, code="555"), bank_reference=check.reference))
    assert desk.take(came_back).status is FileStatus.SET_ASIDE
    assert desk.take(came_back).status is FileStatus.SET_ASIDE
    assert desk.take(deposits).status is FileStatus.TAKEN
    assert desk.take(came_back).faults == ()
    assert desk.funds.standing().status is AccountStatus.LOCKED
    with pytest.raises(Refused) as refused:
        desk.take(came_back)
    assert refused.value.code == "BANK_FILE_TAKEN_BEFORE"
    assert desk.funds.holds(chart.returned(desk.funds.account.number)) == -50_000
    with desk.funds.service.reading() as reading:
        files = bank_tables.files(reading)
    assert [each.status for each in files] == [FileStatus.TAKEN] * 2


@pytest.mark.parametrize("cents", [100_000_000_001, 2**53 + 1, 2**63 // 10 + 1, 10**18 - 1001])
def test_more_than_any_account_holds_sets_the_file_aside(desk: Desk, cents: int) -> None:
    answer = desk.take(desk.report(desk.wire(1000), desk.wire(cents)))
    assert (answer.status, [fault.code for fault in answer.faults]) == (
        FileStatus.SET_ASIDE,
        ["AMOUNT"],
    )
    assert (desk.payments, desk.funds.balance, desk.zero) == ([], 0, 0)


def test_a_file_whose_name_is_no_text_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        desk.take(desk.lockbox_file(desk.checks(1000)), name="lockbox-\udcff")
    assert refused.value.code == "VALUE_UNWRITABLE"
    assert (desk.payments, desk.zero) == ([], 0)


@pytest.mark.duty("R95-501.28(e)(8)-3", "R95-501.28(e)(8)-4")
def test_a_check_that_comes_back_after_the_money_was_spent_is_owed(small: Desk) -> None:
    (check,) = small.checks(5000)
    small.take(small.lockbox_file([check]))
    small.funds.reset(50_000)
    came_back = replace(small.wire(5000, code="555"), bank_reference=check.reference)
    assert small.take(small.report(came_back)).status is FileStatus.TAKEN
    assert small.funds.holds(chart.returned(small.funds.account.number)) == -50_000
    assert small.funds.standing().status is AccountStatus.LOCKED
    paid = replace(small.wire(5000, code="266"), bank_reference=check.reference)
    assert small.take(small.report(paid)).status is FileStatus.TAKEN
    assert small.funds.standing().status is AccountStatus.OPEN
    assert small.zero == 0


def test_a_return_of_another_amount_sets_the_file_aside(small: Desk) -> None:
    (check,) = small.checks(5000)
    small.take(small.lockbox_file([check]))
    came_back = replace(small.wire(4999, code="555"), bank_reference=check.reference)
    answer = small.take(small.report(came_back))
    assert [fault.code for fault in answer.faults] == ["PAYMENT_NOT_THERE_YET"]
    assert small.funds.standing().status is AccountStatus.OPEN


@pytest.mark.duty("R95-501.28(e)(4)-1")
def test_what_the_bank_moved_leaves_the_lockbox(small: Desk) -> None:
    small.take(small.lockbox_file(small.checks(5000)))
    small.take(small.report(small.wire(5000, code="495")))
    totals = small.funds.totals()
    assert (totals[chart.LOCKBOX], totals[chart.FUND]) == (0, -50_000)


def test_a_statement_is_kept_and_nothing_of_it_is_posted(small: Desk) -> None:
    moved = (small.wire(1000, code="115"), small.wire(400, code="555"))
    answer = small.take(small.report(*moved, modifier="4", balances=(0, 600, 1000, 400)))
    assert answer.status is FileStatus.TAKEN
    assert answer.statement is not None
    assert answer.statement.closing_mills == 6_000
    assert small.zero == 0
    assert small.payments == []


def test_a_statement_whose_balance_does_not_follow_is_set_aside(small: Desk) -> None:
    moved = (small.wire(1000, code="115"),)
    answer = small.take(small.report(*moved, modifier="4", balances=(0, 999, 1000, 0)))
    assert [fault.code for fault in answer.faults] == ["TOTAL"]
    assert "closing balance of 999 cents, but 1000 follow" in answer.faults[0].detail


@pytest.mark.parametrize(
    ("moved", "code"),
    [
        ({"code": "690"}, "TYPE_CODE"),
        ({"amount_cents": 0}, "AMOUNT"),
        ({"bank_reference": ""}, "REFERENCE"),
    ],
)
def test_a_movement_that_nobody_can_post_sets_the_file_aside(
    small: Desk, moved: dict[str, str | int], code: str
) -> None:
    odd = replace(small.wire(1000), **moved)  # type: ignore[arg-type]
    answer = small.take(small.report(small.wire(500), odd))
    assert code in {fault.code for fault in answer.faults}
    assert small.funds.balance == 0


def test_a_file_of_another_bank_than_the_declared_one_is_set_aside(small: Desk) -> None:
    ways = (Method.ACH_DEBIT, Method.ACH_CREDIT, Method.WIRE, Method.CHECK)
    declared = replace(PLAN, methods=ways)
    declare_plan(small.funds.books, declared, rulebook="meter-1995", now=small.funds.now)
    answer = small.take(small.report(small.wire(1000)))
    assert [fault.code for fault in answer.faults] == ["SENDER"]


def test_every_fault_of_a_file_is_told_not_the_first(small: Desk) -> None:
    data = small.lockbox_file(small.checks(1000, 2000)).replace(b"0000001000", b"0000001001")
    data = data.replace(b"\n9", b"\n8", 1)
    answer = small.take(data)
    assert {fault.code for fault in answer.faults} >= {"TOTAL", "CUT_SHORT"}
    assert all(fault.line for fault in answer.faults if fault.code == "TOTAL")


def test_a_great_file_is_taken_in_at_once(desk: Desk) -> None:
    desk.take(desk.lockbox_file(desk.checks(*([100] * 1200))))
    assert desk.funds.balance == 1_200_000


DETAILS = BankDetails(
    account="10000016",
    routing="021000021",
    bank_account="111",
    kind="checking",
    authorized_by="Joe",
    authorized_on=date(1996, 1, 2),
)


@pytest.mark.parametrize(
    ("reason", "told", "after"),
    [
        ("C01", "222", ("021000021", "222", "checking")),
        ("C02", "123456780", ("123456780", "111", "checking")),
        ("C03", "123456780   222", ("123456780", "222", "checking")),
        ("C05", "37", ("021000021", "111", "savings")),
        ("C06", "222   27", ("021000021", "222", "checking")),
        ("C02", "123456789", ("021000021", "111", "checking")),
        ("C03", "222", ("021000021", "111", "checking")),
        ("C04", "Somebody", ("021000021", "111", "checking")),
        ("C01", "", ("021000021", "111", "checking")),
    ],
)
def test_a_notice_changes_what_its_code_says_and_no_more(
    reason: str, told: str, after: tuple[str, str, str]
) -> None:
    change = BankChange(reference="1", account="10000016", reason=reason, corrected=told)
    found = corrected(DETAILS, change)
    assert (found.routing, found.bank_account, found.kind) == after


def test_a_provider_has_one_name_in_files_of_banks() -> None:
    assert company_id("Provider of this home") == company_id("Provider of this home")
    assert len(company_id("Any name, however long it is")) == 10
    assert LEDGER.chart is chart.CHART
