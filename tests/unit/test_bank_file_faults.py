"""What is wrong with a file of a bank is told by line: every fault, in each of the formats."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import date, datetime, time

import pytest

from franking.bank_files.bai2 import (
    Account,
    Bai2File,
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
from franking.bank_files.parties import Format, format_of
from franking.bank_files.return_codes import meaning
from franking.bank_files.routing import check_digit, require_routing_number
from franking.errors import Refused

BANK = "12345678"
MOMENT = datetime(2027, 3, 1, 10, 5)  # noqa: DTZ001 — files of banks tell no offset
DAY = date(2027, 3, 1)
Read = Callable[[bytes], object]


def entry(number: int, code: TransactionCode = TransactionCode.CHECKING_DEBIT) -> Entry:
    """An entry of $10.00."""
    return Entry(
        code=code,
        bank="11100002",
        account="77",
        amount_cents=1000,
        individual_id="10000016",
        name="ACME BOLTS",
        trace=f"{BANK}{number:07d}",
        addenda=Payment("INVOICE 1") if number == 2 else None,
    )


def nacha_file(*entries: Entry, entry_class: EntryClass = EntryClass.PPD) -> NachaFile:
    """A file of one batch."""
    batch = Batch(
        service=ServiceClass.MIXED,
        entry_class=entry_class,
        company="PROVIDER",
        company_id="9123456789",
        description="POSTAGE",
        effective_on=DAY,
        bank=BANK,
        number=1,
        entries=entries or (entry(1), entry(2)),
    )
    return NachaFile(
        destination=" 123456780",
        origin="9123456789",
        created_at=MOMENT,
        modifier="A",
        destination_name="BANK",
        origin_name="PROVIDER",
        batches=(batch,),
    )


def lockbox_file() -> bytes:
    """A file of two checks, the second with remarks of two lines."""
    items = [
        LockboxItem(
            amount_cents=1000,
            account="10000016",
            routing_number="123456780",
            check_account="77",
            check_number="1001",
            received_on=DAY,
            reference=f"{number:010d}",
            remarks="R" * 100 if number == 2 else "",
        )
        for number in (1, 2)
    ]
    box = Lockbox(number="0000001", deposited_on=DAY, batches=batched(items))
    return write_lockbox(
        LockboxFile(
            destination="9123456789",
            origin="123456780",
            created_at=MOMENT,
            reference="0000000001",
            lockboxes=(box,),
        )
    )


def bai2_report() -> bytes:
    """A report of one account with two movements."""
    moved = tuple(
        Transaction(code="195", amount_cents=1000, bank_reference=str(number), text="WIRE")
        for number in (1, 2)
    )
    account = Account(
        number="77", summaries=(Summary(code="010", amount_cents=5),), transactions=moved
    )
    group = Group(
        receiver="US",
        originator="BANK",
        status=GroupStatus.UPDATE,
        as_of=DAY,
        as_of_time=None,
        accounts=(account,),
    )
    return write_bai2(
        Bai2File(
            sender="BANK",
            receiver="US",
            created_on=DAY,
            created_at=time(10, 5),
            file_id="1",
            groups=(group,),
        )
    )


def faults(read: Read, data: bytes) -> set[tuple[int, str]]:
    """Line and code of everything that is wrong."""
    with pytest.raises(BankFileFaulty) as refused:
        read(data)
    return {(fault.line, fault.code) for fault in refused.value.faults}


def changed(data: bytes, line: int, column: int, to: str) -> bytes:
    """The data with other characters from a column (from 1) of a line (from 1) on."""
    lines = data.decode().split("\n")
    text = lines[line - 1]
    lines[line - 1] = text[: column - 1] + to + text[column - 1 + len(to) :]
    return "\n".join(lines).encode()


def without(data: bytes, line: int) -> bytes:
    """The data without one line."""
    lines = data.decode().split("\n")
    del lines[line - 1]
    return "\n".join(lines).encode()


# Lines of the NACHA file: 1 header, 2 batch, 3, 4 entries, 5 addenda, 6 control, 7 file control.


@pytest.mark.parametrize(
    ("line", "column", "to", "expected"),
    [
        (1, 24, "271301", (1, "DATE")),
        (1, 30, "2560", (1, "TIME")),
        (1, 34, "a", (1, "MODIFIER")),
        (1, 35, "093", (1, "COLUMN")),
        (2, 2, "201", (2, "SERVICE_CLASS")),
        (2, 2, "220", (3, "SERVICE_CLASS")),
        (2, 51, "WEB", (2, "ENTRY_CLASS")),
        (2, 70, "270230", (2, "DATE")),
        (2, 80, "87654321", (3, "TRACE")),
        (3, 2, "47", (3, "TRANSACTION_CODE")),
        (3, 12, "7", (3, "CHECK_DIGIT")),
        (3, 13, " " * 17, (3, "ACCOUNT")),
        (3, 30, "0000000000", (3, "AMOUNT")),
        (3, 30, "-000001000", (3, "COLUMN")),
        (3, 30, "00000010.0", (3, "COLUMN")),
        (3, 79, "1", (4, "ADDENDA")),
        (3, 79, "2", (3, "ADDENDA")),
        (3, 80, f"{BANK}0000009", (4, "TRACE")),
        (3, 1, "X", (3, "RECORD_TYPE")),
        (4, 79, "0", (5, "OUT_OF_PLACE")),
        (5, 2, "07", (5, "ADDENDA")),
        (5, 88, "0000009", (5, "ADDENDA")),
        (6, 5, "000009", (6, "COUNT")),
        (6, 11, "0000000009", (6, "HASH")),
        (6, 21, "000000000009", (6, "TOTAL")),
        (6, 33, "000000000009", (6, "TOTAL")),
        (6, 45, "9000000000", (6, "BATCH")),
        (6, 88, "0000002", (6, "BATCH_NUMBER")),
        (7, 2, "000009", (7, "COUNT")),
        (7, 8, "000009", (7, "BLOCKS")),
        (7, 14, "00000009", (7, "COUNT")),
        (7, 22, "0000000009", (7, "HASH")),
        (7, 32, "000000000009", (7, "TOTAL")),
        (7, 44, "000000000009", (7, "TOTAL")),
        (8, 1, "8", (8, "AFTER_END")),
    ],
)
def test_a_fault_of_a_nacha_file_is_told_with_its_line(
    line: int, column: int, to: str, expected: tuple[int, str]
) -> None:
    assert expected in faults(read_nacha, changed(write_nacha(nacha_file()), line, column, to))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (1, (1, "NO_HEADER")),
        (2, (2, "OUT_OF_PLACE")),
        (3, (5, "COUNT")),
        (5, (5, "ADDENDA")),
        (6, (6, "CUT_SHORT")),
        (7, (7, "OUT_OF_PLACE")),
        (10, (9, "BLOCKS")),
    ],
)
def test_a_line_that_lacks_in_a_nacha_file_is_missed(line: int, expected: tuple[int, str]) -> None:
    assert expected in faults(read_nacha, without(write_nacha(nacha_file()), line))


def test_what_is_returned_has_the_addenda_that_say_why() -> None:
    back = entry(1, TransactionCode.CHECKING_DEBIT_RETURN)
    why = Return(reason="R01", original_trace=f"{BANK}0000001", original_bank="11100002")
    whole = write_nacha(nacha_file(_with(back, why)))
    assert (4, "REASON") in faults(read_nacha, changed(whole, 4, 4, "X01"))
    with pytest.raises(Refused) as refused:
        write_nacha(nacha_file(back))
    assert "has no return addenda" in refused.value.detail
    with pytest.raises(Refused) as refused:
        write_nacha(nacha_file(_with(entry(1), why)))
    assert "returns nothing" in refused.value.detail


def test_a_notice_of_change_moves_no_money() -> None:
    told = Change(
        reason="C01", original_trace=f"{BANK}0000001", original_bank="11100002", corrected="78"
    )
    back = _with(entry(1, TransactionCode.CHECKING_DEBIT_RETURN), told)
    with pytest.raises(Refused) as refused:
        write_nacha(nacha_file(back, entry_class=EntryClass.COR))
    assert "1000 cents where there is no money" in refused.value.detail


def _with(one: Entry, addenda: Return | Change) -> Entry:
    return Entry(
        code=one.code,
        bank=one.bank,
        account=one.account,
        amount_cents=one.amount_cents,
        individual_id=one.individual_id,
        name=one.name,
        trace=one.trace,
        addenda=addenda,
    )


@pytest.mark.parametrize(
    ("cents", "detail"),
    [(10**10, "amount_cents"), (-1, "amount_cents"), (0, "no money")],
)
def test_no_amount_is_written_that_has_no_columns(cents: int, detail: str) -> None:
    odd = Entry(
        code=TransactionCode.CHECKING_DEBIT,
        bank="11100002",
        account="77",
        amount_cents=cents,
        individual_id="",
        name="",
        trace=f"{BANK}0000001",
    )
    with pytest.raises(Refused) as refused:
        write_nacha(nacha_file(odd))
    assert refused.value.code == "BANK_FILE_UNWRITABLE"
    assert detail in refused.value.detail


# Lines of the lockbox file: 1 header, 2 service, 3 lockbox, 4 and 5 payments, 6 and 7 overflow,
# 8 batch total, 9 lockbox total, 10 trailer.


@pytest.mark.parametrize(
    ("line", "column", "to", "expected"),
    [
        (1, 24, "271301", (1, "DATE")),
        (1, 30, "2460", (1, "TIME")),
        (2, 2, "9999999999", (2, "SERVICE")),
        (2, 32, "500", (2, "COLUMN")),
        (3, 15, "270230", (3, "DATE")),
        (3, 8, "X", (3, "COLUMN")),
        (4, 2, "002", (4, "BATCH_NUMBER")),
        (4, 5, "007", (4, "ITEM_NUMBER")),
        (4, 8, "0000000000", (4, "AMOUNT")),
        (4, 8, "000000100.", (4, "COLUMN")),
        (4, 18, "123456789", (4, "CHECK_DIGIT")),
        (4, 18, "000000000", (4, "CHECK")),
        (4, 47, "270230", (4, "DATE")),
        (5, 63, "0000000001", (5, "REFERENCE")),
        (6, 9, "02", (6, "OVERFLOW")),
        (6, 11, "9", (7, "OUT_OF_PLACE")),
        (7, 11, "5", (7, "OVERFLOW")),
        (7, 11, "0", (8, "OVERFLOW")),
        (8, 8, "0000009", (8, "LOCKBOX")),
        (8, 15, "270302", (8, "DATE")),
        (8, 21, "009", (8, "COUNT")),
        (8, 24, "0000000009", (8, "TOTAL")),
        (9, 21, "0009", (9, "COUNT")),
        (9, 25, "0000000009", (9, "TOTAL")),
        (10, 2, "000009", (10, "COUNT")),
        (4, 1, "X", (4, "RECORD_TYPE")),
    ],
)
def test_a_fault_of_a_lockbox_file_is_told_with_its_line(
    line: int, column: int, to: str, expected: tuple[int, str]
) -> None:
    assert expected in faults(read_lockbox, changed(lockbox_file(), line, column, to))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (1, (1, "NO_HEADER")),
        (2, (0, "NO_SERVICE")),
        (3, (3, "OUT_OF_PLACE")),
        (4, (7, "COUNT")),
        (8, (8, "CUT_SHORT")),
        (9, (9, "CUT_SHORT")),
        (10, (9, "CUT_SHORT")),
    ],
)
def test_a_line_that_lacks_in_a_lockbox_file_is_missed(
    line: int, expected: tuple[int, str]
) -> None:
    assert expected in faults(read_lockbox, without(lockbox_file(), line))


# Lines of the BAI2 report: 01, 02, 03, 16, 16, 49, 98, 99.


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        (b"01,BANK,US,270301,1005", b"01,BANK,US,271301,1005", (1, "DATE")),
        (b"01,BANK,US,270301,1005", b"01,BANK,US,270301,2505", (1, "TIME")),
        (b",2/\n02", b",3/\n02", (1, "VERSION")),
        (b"02,US,BANK,1,", b"02,US,BANK,7,", (2, "GROUP_STATUS")),
        (b",USD,/", b",EUR,/", (2, "CURRENCY")),
        (b"03,77,", b"03,,", (3, "ACCOUNT")),
        (b"010,5,", b"10,5,", (3, "TYPE_CODE")),
        (b"010,5,", b"010,5.00,", (3, "AMOUNT")),
        (b"010,5,,", b"010,5,many,", (3, "COUNT")),
        (b"16,195,1000,,1,", b"16,195,1000,Q,1,", (4, "FUNDS_TYPE")),
        (b"16,195,1000,,1,", b"16,195,,,1,", (4, "AMOUNT")),
        (b"16,195,1000,,1,", b"16,195,-1000,,1,", (4, "AMOUNT")),
        (b"16,195,1000,,1,", b"16,195,1001,,1,", (6, "TOTAL")),
        (b"49,2005,4", b"49,2005,5", (6, "COUNT")),
        (b"98,2005,1,6", b"98,2006,1,6", (7, "TOTAL")),
        (b"98,2005,1,6", b"98,2005,2,6", (7, "COUNT")),
        (b"98,2005,1,6", b"98,2005,1,7", (7, "COUNT")),
        (b"99,2005,1,8", b"99,2005,1,9", (8, "COUNT")),
        (b"99,2005,1,8", b"99,2005,2,8", (8, "COUNT")),
        (b"16,195,1000,,1,", b"17,195,1000,,1,", (4, "RECORD_TYPE")),
        (b"16,195,1000,,1,", b"xx", (4, "RECORD")),
    ],
)
def test_a_fault_of_a_bai2_report_is_told_with_its_line(
    was: bytes, now: bytes, expected: tuple[int, str]
) -> None:
    data = bai2_report()
    assert was in data
    assert expected in faults(read_bai2, data.replace(was, now, 1))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (1, (1, "NO_HEADER")),
        (2, (2, "OUT_OF_PLACE")),
        (3, (3, "OUT_OF_PLACE")),
        (6, (6, "CUT_SHORT")),
        (7, (7, "CUT_SHORT")),
        (8, (7, "CUT_SHORT")),
    ],
)
def test_a_line_that_lacks_in_a_bai2_report_is_missed(line: int, expected: tuple[int, str]) -> None:
    assert expected in faults(read_bai2, without(bai2_report(), line))


def test_a_published_sample_of_bai2_is_read_with_its_spread_funds() -> None:
    lines = [
        "01,122099999,123456789,040621,0200,1,65,,2/",
        "02,031001234,122099999,1,040620,2359,,2/",
        "03,9876543210,,010,-500000,,,100,1000000,,,400,2000000,,,190/",
        "88,500000,,,110,1000000,,,072,500000,,,074,500000,,,040/",
        "88,-1500000,,/",
        "16,115,500000,S,,200000,300000,,,LOCK BOX NO.68751",
        "49,4000000,5/",
        "98,4000000,1,7/",
        "99,4000000,1,9/",
    ]
    (group,) = read_bai2("\r\n".join([*lines, ""]).encode()).groups
    (account,) = group.accounts
    assert account.summary("040") == -1_500_000
    assert account.summary("999") is None
    (deposit,) = account.transactions
    assert (deposit.amount_cents, deposit.text) == (500_000, "LOCK BOX NO.68751")
    assert deposit.funds.parts == ("", "200000", "300000")


# What holds for every format --------------------------------------------------------------------

FILES: dict[str, tuple[Read, Callable[[], bytes]]] = {
    "nacha": (read_nacha, lambda: write_nacha(nacha_file())),
    "lockbox": (read_lockbox, lockbox_file),
    "bai2": (read_bai2, bai2_report),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_ascii_is_told_with_its_line(name: str) -> None:
    read, made = FILES[name]
    data = made()
    place = data.index(b"\n") + 10
    assert (2, "NOT_ASCII") in faults(read, data[:place] + b"\xe9" + data[place + 1 :])


@pytest.mark.parametrize("name", FILES)
def test_two_files_in_one_are_none(name: str) -> None:
    read, made = FILES[name]
    assert "AFTER_END" in {code for _, code in faults(read, made() * 2)}


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_no_file(name: str) -> None:
    read, _ = FILES[name]
    assert (0, "EMPTY") in faults(read, b"")


def test_a_file_of_nothing_but_faults_is_told_short() -> None:
    with pytest.raises(BankFileFaulty) as refused:
        read_nacha(b"x\n" * 5000)
    assert len(refused.value.faults) == 1000
    assert "and 997 more" in refused.value.detail
    again = pickle.loads(pickle.dumps(refused.value))
    assert again.faults == refused.value.faults


def test_the_format_of_a_file_shows_at_its_beginning() -> None:
    assert format_of(write_nacha(nacha_file())) is Format.NACHA
    assert format_of(lockbox_file()) is Format.LOCKBOX
    assert format_of(bai2_report()) is Format.BAI2
    assert format_of(b"Dear Sir") is None


def test_a_routing_number_is_nine_digits_that_check() -> None:
    assert check_digit("12345678") == "0"
    assert require_routing_number(" 123456780 ") == "123456780"
    for wrong in ("123456789", "000000000", "12345678", "12345678O"):
        with pytest.raises(Refused) as refused:
            require_routing_number(wrong)
        assert refused.value.code == "ROUTING_NUMBER_WRONG"


def test_a_reason_is_told_in_words() -> None:
    assert meaning("R01") == "insufficient funds"
    assert meaning("C01") == "account number"
    assert meaning("R99") == "reason R99"
