"""Files of banks: written, read back by us and by somebody else, and refused once changed."""

from __future__ import annotations

import string
from datetime import date, datetime, time
from itertools import pairwise

import achkit
import pytest
from bai2 import bai2 as other_bai2
from hypothesis import assume, given
from hypothesis import strategies as st

from franking.bank_files.bai2 import (
    Account,
    Bai2File,
    Funds,
    FundsType,
    Group,
    GroupStatus,
    Summary,
    Transaction,
    read_bai2,
    write_bai2,
)
from franking.bank_files.faults import BankFileFaulty
from franking.bank_files.lockbox import (
    Lockbox,
    LockboxFile,
    LockboxItem,
    batched,
    read_lockbox,
    write_lockbox,
)
from franking.bank_files.nacha import (
    Addenda,
    Batch,
    Change,
    Entry,
    EntryClass,
    NachaFile,
    Payment,
    Return,
    ServiceClass,
    TransactionCode,
    read_nacha,
    write_nacha,
)
from franking.bank_files.routing import check_digit, is_routing_number

_PLAIN = string.ascii_uppercase + string.digits
_DAYS = st.dates(date(1995, 1, 1), date(2068, 12, 31))
_MOMENTS = st.builds(
    lambda day, hour, minute: datetime(day.year, day.month, day.day, hour, minute),  # noqa: DTZ001
    _DAYS,
    st.integers(0, 23),
    st.integers(0, 59),
)
_CENTS = st.integers(1, 10**7) | st.just(10**9 - 1)
_BANKS = st.integers(1, 10**8 - 1).map(lambda number: f"{number:08d}")


def words(most: int, *, least: int = 0) -> st.SearchStrategy[str]:
    """Text as it stands in a column: nothing blank at either end."""
    return st.text(_PLAIN + " .-&", min_size=least, max_size=most).filter(
        lambda text: text == text.strip() and len(text) >= least
    )


# NACHA -------------------------------------------------------------------------------------------


def _addenda(code: TransactionCode, entry_class: EntryClass) -> st.SearchStrategy[Addenda | None]:
    traces = st.integers(0, 10**15 - 1).map(lambda number: f"{number:015d}")
    if entry_class is EntryClass.COR:
        return st.builds(
            Change,
            reason=st.sampled_from(("C01", "C02", "C03")),
            original_trace=traces,
            original_bank=_BANKS,
            corrected=words(29),
        )
    if code.is_return:
        return st.builds(
            Return,
            reason=st.sampled_from(("R01", "R02", "R10", "R29")),
            original_trace=traces,
            original_bank=_BANKS,
            information=words(44),
            died_on=st.none() | _DAYS,
        )
    return st.none() | st.builds(Payment, words(80))


@st.composite
def batches(draw: st.DrawFn, number: int, returns: bool) -> Batch:
    """A batch of any class, its traces rising."""
    classes = tuple(EntryClass) if returns else (EntryClass.PPD, EntryClass.CCD)
    entry_class, bank = draw(st.sampled_from(classes)), draw(_BANKS)
    service = draw(st.sampled_from(ServiceClass))
    codes = [
        code
        for code in TransactionCode
        if service is ServiceClass.MIXED or code.is_debit is (service is ServiceClass.DEBITS)
        if entry_class is not EntryClass.COR or code.is_return
        if returns or not code.is_return
    ]
    chosen = draw(st.lists(st.sampled_from(codes), min_size=1, max_size=5))
    entries = tuple(
        draw(_entry(code, entry_class, f"{bank}{place:07d}")) for place, code in enumerate(chosen)
    )
    return Batch(
        service=service,
        entry_class=entry_class,
        company=draw(words(16)),
        company_id=draw(words(10, least=1)),
        description=draw(words(10)),
        effective_on=draw(_DAYS),
        bank=bank,
        number=number,
        entries=entries,
    )


@st.composite
def _entry(draw: st.DrawFn, code: TransactionCode, entry_class: EntryClass, trace: str) -> Entry:
    moneyless = code.is_prenote or entry_class is EntryClass.COR
    return Entry(
        code=code,
        bank=draw(_BANKS),
        account=draw(words(17, least=1)),
        amount_cents=0 if moneyless else draw(_CENTS),
        individual_id=draw(words(15)),
        name=draw(words(22)),
        trace=trace,
        addenda=draw(_addenda(code, entry_class)),
    )


@st.composite
def nacha_files(draw: st.DrawFn, *, returns: bool = True) -> NachaFile:
    """A whole file."""
    count = draw(st.integers(1, 3))
    return NachaFile(
        destination=f" {draw(_BANKS)}0",
        origin=f" {draw(_BANKS)}0",
        created_at=draw(_MOMENTS),
        modifier=draw(st.sampled_from(_PLAIN)),
        destination_name=draw(words(23)),
        origin_name=draw(words(23)),
        batches=tuple(draw(batches(number, returns)) for number in range(1, count + 1)),
    )


@given(nacha_files())
def test_a_nacha_file_is_read_back_as_it_was_written(file: NachaFile) -> None:
    assert read_nacha(write_nacha(file)) == file


@given(nacha_files())
def test_a_nacha_file_may_have_the_line_ends_of_either_world(file: NachaFile) -> None:
    assert read_nacha(write_nacha(file).replace(b"\n", b"\r\n")) == file


@given(nacha_files())
def test_a_nacha_file_has_whole_blocks_of_94_columns(file: NachaFile) -> None:
    lines = write_nacha(file).decode().splitlines()
    assert {len(line) for line in lines} == {94}
    assert len(lines) % 10 == 0


@given(nacha_files(returns=False))
def test_another_reader_finds_the_same_entries_and_no_fault(file: NachaFile) -> None:
    text = write_nacha(file).decode()
    checked = achkit.validate(text)
    theirs = achkit.parse(text)
    # Returns are left out: the other reader does not total them.
    assert checked == {"ok": True, "errors": []}
    assert [
        (entry["amount_cents"], entry["id_number"], entry["txn_code"])
        for batch in theirs["batches"]
        for entry in batch["entries"]
    ] == [
        (entry.amount_cents, entry.individual_id, int(entry.code))
        for batch in file.batches
        for entry in batch.entries
    ]


@given(
    st.lists(st.tuples(st.sampled_from(("credit", "debit")), _BANKS, _CENTS), min_size=1),
    words(22, least=1),
)
def test_a_file_that_another_program_wrote_is_read(
    payments: list[tuple[str, str, int]], name: str
) -> None:
    bank = "123456780"
    made = achkit.AchFile.create(
        origin_dfi=bank,
        company_id="1234567890",
        creation_date=datetime(2027, 3, 1, 9, 30),  # noqa: DTZ001
    )
    batch = made.batch("PPD", "POSTAGE", "2027-03-02")
    for side, at, cents in payments:
        getattr(batch, side)(name, at + check_digit(at), "77", cents, id_number="10000016")
    file = read_nacha(made.render().encode())
    (read,) = file.batches
    assert [(each.bank, each.amount_cents) for each in read.entries] == [
        (at, cents) for _, at, cents in payments
    ]
    assert read.debit_cents == sum(cents for side, _, cents in payments if side == "debit")


@given(nacha_files(), st.data())
def test_a_digit_changed_anywhere_in_an_entry_s_money_or_bank_is_found(
    file: NachaFile, data: st.DataObject
) -> None:
    lines = write_nacha(file).decode().splitlines(keepends=True)
    entries = [place for place, line in enumerate(lines) if line.startswith("6")]
    at = data.draw(st.sampled_from(entries))
    column = data.draw(st.sampled_from((*range(3, 12), *range(29, 39))))
    digit = data.draw(st.sampled_from(string.digits))
    assume(lines[at][column] != digit)
    lines[at] = lines[at][:column] + digit + lines[at][column + 1 :]
    with pytest.raises(BankFileFaulty):
        read_nacha("".join(lines).encode())


@given(nacha_files(), st.data())
def test_a_nacha_file_cut_short_is_refused(file: NachaFile, data: st.DataObject) -> None:
    written = write_nacha(file)
    at = data.draw(st.integers(0, len(written) - 1))
    with pytest.raises(BankFileFaulty):
        read_nacha(written[:at])


@given(st.binary(max_size=400))
def test_no_bytes_whatever_are_half_read(data: bytes) -> None:
    for read in (read_nacha, read_lockbox, read_bai2):
        with pytest.raises(BankFileFaulty) as refused:
            read(data)
        assert refused.value.faults
        lines = [fault.line for fault in refused.value.faults]
        assert all(one <= other for one, other in pairwise(lines))


@given(_BANKS)
def test_one_digit_misread_makes_no_routing_number(bank: str) -> None:
    number = bank + check_digit(bank)
    assert is_routing_number(number)
    for place, kept in enumerate(number):
        for digit in string.digits:
            if digit != kept:
                assert not is_routing_number(number[:place] + digit + number[place + 1 :])


# The 80-column lockbox format --------------------------------------------------------------------


@st.composite
def _items(draw: st.DrawFn, number: int) -> LockboxItem:
    is_cash, bank = draw(st.booleans()), draw(_BANKS)
    return LockboxItem(
        amount_cents=draw(_CENTS),
        account=draw(words(10)),
        routing_number="" if is_cash else bank + check_digit(bank),
        check_account="" if is_cash else draw(words(10)),
        check_number="" if is_cash else draw(words(10)),
        received_on=draw(_DAYS),
        reference=f"{number:010d}",
        remarks=draw(words(200)),
    )


@st.composite
def lockbox_files(draw: st.DrawFn) -> LockboxFile:
    """A whole transmission of one or two lockboxes."""
    count = draw(st.integers(1, 2))
    return LockboxFile(
        destination=draw(words(10)),
        origin=draw(words(10)),
        created_at=draw(_MOMENTS),
        reference=f"{draw(st.integers(0, 10**10 - 1)):010d}",
        lockboxes=tuple(
            Lockbox(
                number=f"{draw(st.integers(0, 10**7 - 1)):07d}",
                deposited_on=draw(_DAYS),
                batches=batched(
                    [draw(_items(box * 100 + item)) for item in range(draw(st.integers(0, 4)))]
                ),
            )
            for box in range(count)
        ),
    )


@given(lockbox_files())
def test_a_lockbox_file_is_read_back_as_it_was_written(file: LockboxFile) -> None:
    written = write_lockbox(file)
    assert {len(line) for line in written.decode().splitlines()} == {80}
    assert read_lockbox(written) == file
    assert read_lockbox(written.replace(b"\n", b"\r\n")) == file


@given(lockbox_files(), st.data())
def test_a_lockbox_file_cut_short_is_refused(file: LockboxFile, data: st.DataObject) -> None:
    written = write_lockbox(file)
    at = data.draw(st.integers(0, len(written) - 1))
    with pytest.raises(BankFileFaulty):
        read_lockbox(written[:at])


@given(lockbox_files(), st.data())
def test_an_amount_changed_in_a_lockbox_file_is_found(
    file: LockboxFile, data: st.DataObject
) -> None:
    lines = write_lockbox(file).decode().splitlines(keepends=True)
    payments = [place for place, line in enumerate(lines) if line.startswith("6")]
    assume(payments)
    at = data.draw(st.sampled_from(payments))
    column, digit = data.draw(st.integers(7, 16)), data.draw(st.sampled_from(string.digits))
    assume(lines[at][column] != digit)
    lines[at] = lines[at][:column] + digit + lines[at][column + 1 :]
    with pytest.raises(BankFileFaulty):
        read_lockbox("".join(lines).encode())


def test_a_lockbox_file_holds_as_many_items_as_its_numbers_count() -> None:
    items = [
        LockboxItem(
            amount_cents=1,
            account="10000016",
            routing_number="",
            check_account="",
            check_number="",
            received_on=date(2027, 3, 1),
            reference=f"{number:010d}",
        )
        for number in range(2001)
    ]
    box = Lockbox(number="0000001", deposited_on=date(2027, 3, 1), batches=batched(items))
    assert [len(batch.items) for batch in box.batches] == [999, 999, 3]
    assert box.total_cents == 2001


# BAI2 --------------------------------------------------------------------------------------------

_REFERENCES = st.text(_PLAIN, max_size=16)
_SPREAD = st.lists(st.integers(0, 999).map(str), min_size=3, max_size=3)


def _funds(*, plain: bool) -> st.SearchStrategy[Funds]:
    if plain:
        return st.just(Funds())
    simple = st.sampled_from((FundsType.UNKNOWN, FundsType.NOW, FundsType.IN_ONE_DAY))
    return (
        st.just(Funds())
        | simple.map(Funds)
        | _SPREAD.map(lambda parts: Funds(FundsType.SPREAD, tuple(parts)))
        | st.just(Funds(FundsType.DATED, ("270301", "1200")))
        | st.just(Funds(FundsType.DISTRIBUTED, ("2", "1", "100", "2", "200")))
    )


def _transactions(*, plain: bool) -> st.SearchStrategy[Transaction]:
    return st.builds(
        Transaction,
        code=st.sampled_from(("115", "165", "195", "399", "495", "555")),
        amount_cents=_CENTS,
        bank_reference=_REFERENCES,
        customer_reference=_REFERENCES,
        text=words(60),
        funds=_funds(plain=plain),
    )


def _summaries(*, plain: bool) -> st.SearchStrategy[Summary]:
    return st.builds(
        Summary,
        code=st.sampled_from(("010", "015", "100", "400")),
        amount_cents=st.integers(-(10**9), 10**9),
        items=st.none() | st.integers(0, 999),
        funds=_funds(plain=plain),
    )


def _accounts(*, plain: bool) -> st.SearchStrategy[Account]:
    return st.builds(
        Account,
        number=st.text(_PLAIN, min_size=1, max_size=12),
        summaries=st.lists(_summaries(plain=plain), min_size=plain, max_size=4).map(tuple),
        transactions=st.lists(_transactions(plain=plain), max_size=4).map(tuple),
        currency=st.sampled_from(("", "USD")),
    )


def _groups(*, plain: bool) -> st.SearchStrategy[Group]:
    return st.builds(
        Group,
        receiver=_REFERENCES,
        originator=st.text(_PLAIN, min_size=1, max_size=10),
        status=st.sampled_from(GroupStatus),
        as_of=_DAYS,
        as_of_time=st.none() | st.just(time(14, 30)),
        accounts=st.lists(_accounts(plain=plain), min_size=plain, max_size=3).map(tuple),
        as_of_modifier=st.sampled_from(("", "3", "4")),
    )


def _reports(*, plain: bool) -> st.SearchStrategy[Bai2File]:
    """Reports; ``plain`` ones hold nothing that the other reader does not know."""
    return st.builds(
        Bai2File,
        sender=st.text(_PLAIN, min_size=1, max_size=10),
        receiver=st.text(_PLAIN, min_size=1, max_size=10),
        created_on=_DAYS,
        created_at=st.just(time(9, 5)),
        file_id=st.integers(1, 999).map(str),
        groups=st.lists(_groups(plain=plain), min_size=1, max_size=2).map(tuple),
    )


_REPORTS = _reports(plain=False)


@given(_REPORTS)
def test_a_bai2_report_is_read_back_as_it_was_written(file: Bai2File) -> None:
    written = write_bai2(file)
    assert read_bai2(written) == file
    assert read_bai2(written.replace(b"\n", b"\r\n")) == file


@given(_reports(plain=True))
def test_another_reader_finds_the_same_movements_in_a_bai2_report(file: Bai2File) -> None:
    theirs = other_bai2.parse_from_string(write_bai2(file).decode(), check_integrity=True)
    assert [
        (one.type_code.code, one.amount, one.bank_reference or "", one.customer_reference or "")
        for group in theirs.children
        for account in group.children
        for one in account.children
    ] == [
        (one.code, one.amount_cents, one.bank_reference, one.customer_reference)
        for group in file.groups
        for account in group.accounts
        for one in account.transactions
    ]


@given(_REPORTS, st.data())
def test_a_bai2_report_that_lacks_a_line_is_refused(file: Bai2File, data: st.DataObject) -> None:
    lines = write_bai2(file).decode().splitlines(keepends=True)
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    with pytest.raises(BankFileFaulty):
        read_bai2("".join(lines).encode())


@given(_REPORTS, st.data())
def test_an_amount_changed_in_a_bai2_report_is_found(file: Bai2File, data: st.DataObject) -> None:
    lines = write_bai2(file).decode().splitlines(keepends=True)
    moved = [place for place, line in enumerate(lines) if line.startswith("16,")]
    assume(moved)
    at = data.draw(st.sampled_from(moved))
    code, kind, amount, rest = lines[at].split(",", 3)
    lines[at] = ",".join((code, kind, str(int(amount) + data.draw(st.integers(1, 99))), rest))
    with pytest.raises(BankFileFaulty):
        read_bai2("".join(lines).encode())
