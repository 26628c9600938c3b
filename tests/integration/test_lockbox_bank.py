"""The lockbox bank by itself: every cent that comes is told once, and moved once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import achkit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from franking.bank import days, items, receiving, rows
from franking.bank.books import TELLER
from franking.bank.decisions import banking_day, cents_of
from franking.bank.receiving import Originated, Paying
from franking.bank.records import (
    POSTAL_SERVICE,
    RETURNABLE,
    FileKind,
    Lockbox,
    Method,
    Payer,
    Payment,
    PaymentState,
    SentFile,
)
from franking.bank.schema import SCHEMA
from franking.bank_files.bai2 import read_bai2
from franking.bank_files.faults import BankFileFaulty
from franking.bank_files.nacha import EntryClass, TransactionCode, read_nacha
from franking.bank_files.parties import company_id
from franking.errors import Refused
from franking.provider.funds import originating
from franking.provider.funds.bank_reading import Expected, read_bank_file
from franking.provider.funds.bank_records import (
    BankDeposit,
    BankItem,
    BankMadeGood,
    BankReturn,
    BankTransfer,
)
from franking.provider.funds.originating import BankAccount, Order
from franking.provider.identity import identity
from franking.storage import Books
from tests.fixtures_databases import DATABASES, books_on
from tests.fixtures_funds import funds_of

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2027, 3, 1, 10, 0, tzinfo=NEW_YORK)
NUMBER, BANK, PAYERS = "0000001", "123456780", "111000025"
PROVIDER = "Provider One"
BOX = Lockbox(
    number=NUMBER,
    provider=PROVIDER,
    provider_id=company_id(PROVIDER),
    bank=BANK,
    account="1130009500",
    post_office_box="PO Box 95001",
    cutoff=time(17, 0),
    transmitted=time(19, 0),
    toll_free="1-800-555-0142",
    representative="A. Teller",
)


@dataclass
class Desk:
    """A bank with one lockbox, and a clock."""

    books: Books
    now: datetime = MONDAY
    orders: count[int] = field(default_factory=count)

    def pay(self, method: Method, cents: int, account: str = "10000016") -> Payment:
        """One payment."""
        payer = Payer(name="ACME", routing_number=PAYERS, account="77", check_number="1001")
        paying = Paying(method=method, account=account, amount_cents=cents, payer=payer)
        (made,) = receiving.receive_payments(self.books, NUMBER, [paying], self.now)
        return made

    def transmit(self) -> list[SentFile]:
        """Everything not told yet."""
        return days.transmit(self.books, NUMBER, self.now)

    def files(self, recipient: str = PROVIDER) -> list[SentFile]:
        """What was made for somebody."""
        with self.books.reading() as reading:
            return rows.files(reading, recipient=recipient)

    def told(self) -> list[BankItem]:
        """Everything that the provider's files say, as the provider reads them."""
        said: list[BankItem] = []
        for file in self.files():
            expected = Expected(provider_id=BOX.provider_id, bank=BANK)
            read = read_bank_file(file.content, expected, self.now.date() + timedelta(days=7))
            assert not read.faults, (file.name, read.faults)
            said += read.items
        return said

    def take(self, content: bytes) -> Originated:
        """An origination file."""
        return receiving.take_origination(self.books, NUMBER, content, self.now)

    def balance(self) -> int:
        """What is in the lockbox, in cents."""
        with self.books.reading() as reading:
            return rows.balance_cents(reading, NUMBER, self.now.date() + timedelta(days=30))


def desk_on(database: str, folder: Path) -> Desk:
    """A bank with a lockbox."""
    books = books_on(database, SCHEMA, folder, by=TELLER)
    receiving.open_lockbox(books, BOX, MONDAY)
    return Desk(books)


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    return desk_on(request.param, tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> Desk:
    """The same on SQLite only, for what depends on no database."""
    return desk_on("sqlite", tmp_path)


@pytest.mark.duty("R95-501.28(e)(2)-1", "R95-501.28(e)(1)-2")
def test_every_payment_is_told_once_in_the_format_of_its_way(desk: Desk) -> None:
    paid = {desk.pay(way, 100 + place).reference for place, way in enumerate(Method)}
    made = desk.transmit()
    assert {file.kind for file in made} == {FileKind.LOCKBOX, FileKind.ACH, FileKind.TRANSFERS}
    assert desk.transmit() == []
    told = [each for each in desk.told() if isinstance(each, BankDeposit)]
    assert {each.reference for each in told} == paid
    assert {each.method.value for each in told} == {each.value for each in Method}
    assert desk.books.check_journal().faults == ()


@pytest.mark.duty("R95-501.28(e)(1)-1")
def test_a_provider_has_one_lockbox_in_the_postal_service_s_name(small: Desk) -> None:
    with pytest.raises(Refused) as refused:
        receiving.open_lockbox(small.books, BOX, MONDAY)
    assert refused.value.code == "LOCKBOX_OPENED_BEFORE"
    with pytest.raises(Refused) as unknown:
        receiving.receive_payments(small.books, "0000009", [], MONDAY)
    assert unknown.value.code == "BANK_LOCKBOX_UNKNOWN"


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2027-03-01T16:59", "2027-03-01"),
        ("2027-03-01T17:00", "2027-03-02"),
        ("2027-03-05T18:00", "2027-03-08"),
        ("2027-03-06T09:00", "2027-03-08"),
        ("2027-01-18T09:00", "2027-01-19"),
        ("2027-11-25T09:00", "2027-11-26"),
    ],
)
@pytest.mark.duty("R95-501.28(e)(2)-2")
def test_what_comes_after_the_cutoff_or_on_a_holiday_is_of_the_next_banking_day(
    moment: str, day: str
) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=NEW_YORK)
    assert banking_day(BOX, now) == date.fromisoformat(day)


@pytest.mark.parametrize("mills", [0, -10, 5, 12_345, 10**12])
def test_a_bank_knows_whole_cents_only(mills: int) -> None:
    with pytest.raises(Refused) as refused:
        cents_of(mills)
    assert refused.value.code == "PAYMENT_AMOUNT_REFUSED"


@pytest.mark.parametrize(
    ("payer", "code"),
    [
        (Payer(name="A,B", routing_number=PAYERS, account="7"), "PAYMENT_UNREADABLE"),
        (Payer(name="Ärger", routing_number=PAYERS, account="7"), "PAYMENT_UNREADABLE"),
        (Payer(name="A", routing_number="111000026", account="7"), "ROUTING_NUMBER_WRONG"),
        (Payer(name="A", routing_number=PAYERS, account=""), "PAYMENT_UNREADABLE"),
        (Payer(name="A", routing_number=PAYERS, account="7" * 18), "PAYMENT_UNREADABLE"),
        (Payer(name="A" * 101, routing_number=PAYERS, account="7"), "PAYMENT_UNREADABLE"),
    ],
)
def test_a_payment_that_no_file_could_tell_is_not_received(
    small: Desk, payer: Payer, code: str
) -> None:
    odd = Paying(method=Method.ACH_CREDIT, account="1", amount_cents=100, payer=payer)
    with pytest.raises(Refused) as refused:
        receiving.receive_payments(small.books, NUMBER, [odd], MONDAY)
    assert refused.value.code == code
    assert small.balance() == 0


def test_more_than_a_file_can_total_goes_into_several(small: Desk) -> None:
    most = 10**10 - 1
    for _ in range(3):
        small.pay(Method.CHECK, most)
    assert [file.kind for file in small.transmit()] == [FileKind.LOCKBOX] * 3
    assert sum(each.amount_mills for each in small.told() if isinstance(each, BankDeposit)) == (
        3 * most * 10
    )


def test_more_items_than_a_lockbox_counts_go_into_several_files(small: Desk) -> None:
    payer = Payer(name="ACME", routing_number=PAYERS, account="77", check_number="1")
    paying = Paying(method=Method.CHECK, account="10000016", amount_cents=1, payer=payer)
    receiving.receive_payments(small.books, NUMBER, [paying] * 10_001, MONDAY)
    assert len(small.transmit()) == 2
    assert len(small.told()) == 10_001


# The provider's own files ------------------------------------------------------------------------


def orders() -> list[Order]:
    """Debits of a person and of a firm, a refund, and a trial."""
    person = BankAccount(routing=PAYERS, number="77", holder="ANN")
    firm = BankAccount(routing=PAYERS, number="88", kind="savings", holder="ACME", is_firm=True)
    return [
        Order(account="10000016", amount_mills=10_000, bank_account=person),
        Order(account="10000024", amount_mills=20_000, bank_account=firm),
        Order(
            account="10000016",
            amount_mills=5_000,
            bank_account=person,
            is_refund=True,
            case="B-00000001",
        ),
        Order(account="10000024", amount_mills=0, bank_account=firm, is_prenote=True),
    ]


@pytest.fixture
def origination(tmp_path: Path) -> bytes:
    """A provider's file of all of them."""
    funds = funds_of("sqlite", tmp_path, "ibip-1997")
    made = originating.originate(
        funds.service, orders(), bank=BANK, effective_on=MONDAY.date(), now=MONDAY
    )
    ours = company_id(identity(funds.service).name).encode()
    # Rewritten for the provider of this bank's lockbox: nothing else names it.
    return made.content.replace(ours, BOX.provider_id.encode())


def test_a_provider_s_file_holds_what_was_ordered(small: Desk, origination: bytes) -> None:
    file = read_nacha(origination)
    assert [
        (batch.entry_class, entry.code, entry.amount_cents)
        for batch in file.batches
        for entry in batch.entries
    ] == [
        (EntryClass.PPD, TransactionCode.CHECKING_DEBIT, 1000),
        (EntryClass.PPD, TransactionCode.CHECKING_CREDIT, 500),
        (EntryClass.CCD, TransactionCode.SAVINGS_DEBIT, 2000),
        (EntryClass.CCD, TransactionCode.SAVINGS_DEBIT_PRENOTE, 0),
    ]
    assert achkit.validate(origination.decode()) == {"ok": True, "errors": []}
    taken = small.take(origination)
    assert (taken.debits, taken.refunds, taken.prenotes) == (2, 1, 1)
    assert small.balance() == 2500
    assert small.told() == []  # nothing is told before it is transmitted
    small.transmit()
    assert {type(each).__name__ for each in small.told()} == {"BankDeposit", "BankRefund"}


def test_a_provider_s_file_is_taken_once_and_whole(small: Desk, origination: bytes) -> None:
    with pytest.raises(BankFileFaulty):
        small.take(origination[:-94])
    other = origination.replace(BOX.provider_id.encode(), b"9000000009")
    with pytest.raises(Refused) as refused:
        small.take(other)
    assert refused.value.code == "ORIGINATION_REFUSED"
    small.take(origination)
    for again, code in (
        (origination, "ORIGINATION_TAKEN_BEFORE"),
        (origination.replace(b"2703011000B", b"2703011100B"), "ORIGINATION_REFUSED"),
    ):
        with pytest.raises(Refused) as refused:
            small.take(again)
        assert refused.value.code == code
    assert small.balance() == 2500


@pytest.mark.parametrize(
    "order",
    [
        Order(account="1", amount_mills=5, bank_account=BankAccount(routing=PAYERS, number="7")),
        Order(account="1", amount_mills=0, bank_account=BankAccount(routing=PAYERS, number="7")),
        Order(account="1", amount_mills=-10, bank_account=BankAccount(routing=PAYERS, number="7")),
        Order(account="1", amount_mills=10, bank_account=BankAccount(routing="1", number="7")),
        Order(account="1", amount_mills=10, bank_account=BankAccount(routing=PAYERS, number="")),
    ],
)
def test_no_order_is_written_that_the_bank_could_not_carry_out(
    tmp_path: Path, order: Order
) -> None:
    funds = funds_of("sqlite", tmp_path, "ibip-1997")
    with pytest.raises(Refused):
        originating.originate(
            funds.service, [order], bank=BANK, effective_on=MONDAY.date(), now=MONDAY
        )
    with pytest.raises(Refused) as nothing:
        originating.originate(funds.service, [], bank=BANK, effective_on=MONDAY.date(), now=MONDAY)
    assert nothing.value.code == "NOTHING_TO_ORIGINATE"
    assert originating.not_handed_over(funds.service) == []


# Whatever happens, in whatever order -------------------------------------------------------------

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(("pay", "return", "settle", "transmit", "tomorrow")),
        st.sampled_from(Method),
        st.integers(1, 10**6),
    ),
    min_size=5,
    max_size=25,
)


@settings(max_examples=12)
@given(_STEPS)
def test_what_the_bank_tells_and_moves_is_what_it_received(
    steps: list[tuple[str, Method, int]],
) -> None:
    with TemporaryDirectory() as folder:
        desk = desk_on("sqlite", Path(folder))
        known: list[Payment] = []
        for step, method, cents in steps:
            _do(desk, known, step, method, cents)
        desk.now += timedelta(days=10)
        days.tend(desk.books, desk.now)
        desk.now += timedelta(days=10)
        days.tend(desk.books, desk.now)
        _check(desk, known)
        desk.books.close()


def test_a_bank_tended_late_tells_a_transfer_before_it_closes_the_day_of_it(small: Desk) -> None:
    small.pay(Method.CHECK, 26000)
    small.now += timedelta(days=3)
    days.tend(small.books, small.now)
    files = small.files(POSTAL_SERVICE)
    monday, tuesday = MONDAY.date(), MONDAY.date() + timedelta(days=1)
    told = [(each.kind, each.day) for each in files[:3]]
    assert told == [
        (FileKind.STATEMENT, monday),
        (FileKind.TRANSFERS, tuesday),
        (FileKind.STATEMENT, tuesday),
    ]
    (group,) = read_bai2(files[2].content).groups
    assert "495" in {each.code for each in group.accounts[0].transactions}


def _do(desk: Desk, known: list[Payment], step: str, method: Method, cents: int) -> None:
    with desk.books.reading() as reading:
        current = [rows.require_payment(reading, each.reference) for each in known]
    match step:
        case "pay":
            known.append(desk.pay(method, cents))
        case "return":
            for each in [one for one in current if one.method in RETURNABLE][:1]:
                if each.state in (PaymentState.RECEIVED, PaymentState.REPRESENTED):
                    items.return_item(desk.books, each.reference, reason="R01", now=desk.now)
        case "settle":
            for each in [one for one in current if one.state is PaymentState.UNPAID][:1]:
                items.settle_item(desk.books, each.reference, now=desk.now)
        case "transmit":
            desk.transmit()
        case "tomorrow":
            desk.now += timedelta(days=1)
            days.tend(desk.books, desk.now)


def _check(desk: Desk, known: list[Payment]) -> None:
    """Each thing that happened is told once; what came in and did not come back was moved."""
    told = desk.told()
    with desk.books.reading() as reading:
        ended = [rows.require_payment(reading, each.reference) for each in known]
        moved = rows.transfers(reading, NUMBER)
    unpaid = (PaymentState.UNPAID, PaymentState.PAID)
    assert _references(told, BankDeposit) == Counter(each.reference for each in ended)
    assert _references(told, BankReturn) == Counter(
        each.reference for each in ended if each.state in unpaid
    )
    assert _references(told, BankMadeGood) == Counter(
        each.reference for each in ended if each.state is PaymentState.PAID
    )
    collected = sum(each.amount_cents for each in ended if each.state is not PaymentState.UNPAID)
    assert sum(each.amount_cents for each in moved) - _overdrawn(desk) == collected
    assert sum(each.amount_mills for each in told if isinstance(each, BankTransfer)) == (
        10 * sum(each.amount_cents for each in moved)
    )
    reports = [read_bai2(file.content) for file in desk.files(POSTAL_SERVICE)]
    wired = [
        one.amount_cents
        for report in reports
        for account in report.groups[0].accounts
        for one in account.transactions
        if one.code == "495" and report.groups[0].as_of_modifier == "3"
    ]
    assert sum(wired) == sum(each.amount_cents for each in moved)


def _overdrawn(desk: Desk) -> int:
    """What came back after its amount was moved, and was not netted yet."""
    return -desk.balance()


def _references(told: list[BankItem], kind: type[BankItem]) -> Counter[str]:
    return Counter(each.reference for each in told if isinstance(each, kind))
