"""Money on its way from a mailer to his account, as people at the bank and the provider run it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from franking.home.bank import PAYERS_BANK
from tests.fixtures_cli import Program

FRIDAY, SATURDAY, MONDAY = "2027-02-26T10:00", "2027-02-27T10:00", "2027-03-01T10:00"
LATE, TUESDAY, WEDNESDAY = "2027-03-01T18:00", "2027-03-02T11:00", "2027-03-03T11:00"
HOLIDAY = "2027-01-18"
"""The birthday of Martin Luther King, Jr.: the Federal Reserve Banks are closed."""
DEVICE = "office"


@cache
def licensed_home() -> Path:
    """A home with one device, on a Friday, and nothing on deposit; to be copied."""
    program = Program(Path(mkdtemp(prefix="franking-bank-")) / "home")
    program.json("home", "create", "--simulated-clock", program.home)
    program.json("device", "create", DEVICE, "--now", FRIDAY)
    program.json("device", "authorize", DEVICE, "--zip", "20260")
    return program.home


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program on a fresh copy of that home, in a fresh working folder."""
    monkeypatch.delenv("FRANKING_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(licensed_home(), tmp_path / "home")
    return Program(tmp_path / "home")


def account(desk: Program) -> str:
    """The number of the one account."""
    (only,) = desk.json("account", "list")
    return str(only["account"])


def balance(desk: Program) -> int:
    """What is on deposit, in mills."""
    mills: int = desk.json("account", "show", account(desk))["balance_mills"]
    return mills


def received(desk: Program, number: str, amount: str, *more: object) -> dict[str, Any]:
    """A payment that the bank received."""
    answer: dict[str, Any] = desk.json("bank", "receive", number, amount, *more)
    return answer


def transmitted(desk: Program, *, to: str = "day.bank") -> Path:
    """The one file that the bank has for the provider, saved."""
    (made,) = desk.json("bank", "transmit")
    path = desk.home.parent / to
    desk.json("bank", "save", made["number"], path)
    return path


def fault_codes(answer: dict[str, Any]) -> set[str]:
    """What is wrong with a file."""
    return {fault["code"] for fault in answer["faults"]}


@pytest.mark.duty("R95-501.28(b)(4)-1", "R97-P050.3.2-2", "R97-P050.3.2-3", "R95-P030.3.12a-pay")
@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("check", "check"),
        ("cash", "cash"),
        ("wire", "wire transfer"),
        ("ACH debit", "ACH debit"),
        ("ach-credit", "ACH credit"),
        ("debit card", "debit card"),
        ("credit", "credit card"),
    ],
)
def test_each_way_of_paying_brings_its_money_to_the_account(
    desk: Program, method: str, name: str
) -> None:
    paid = desk.json("pay", DEVICE, "125.50", "--method", method)
    assert (paid["method"], paid["balance_mills"]) == (name, 125_500)
    assert [file["status"] for file in paid["files"]] == ["taken in"]
    assert balance(desk) == 125_500


def test_the_same_order_is_paid_once(desk: Program) -> None:
    first = desk.json("pay", DEVICE, "10.00", "--method", "wire", "--order", "March")
    again = desk.json("pay", DEVICE, "10.00", "--method", "wire", "--order", "March")
    assert again["reference"] == first["reference"]
    assert again["balance_mills"] == 10_000
    other = desk.refused("pay", DEVICE, "11.00", "--method", "wire", "--order", "March")
    assert other["code"] == "PAYMENT_ORDER_REUSED"


@pytest.mark.parametrize("amount", ["0", "0.001", "12.345", "100000000.00"])
@pytest.mark.parametrize("method", ["wire", "ACH debit"])
def test_no_amount_is_paid_that_a_bank_can_not_say(desk: Program, amount: str, method: str) -> None:
    refused = desk.refused("pay", account(desk), amount, "--method", method)
    assert refused["code"] == "PAYMENT_AMOUNT_REFUSED"
    assert balance(desk) == 0


def test_a_payment_names_an_account_or_a_device_that_is_there(desk: Program) -> None:
    assert desk.refused("pay", "10000099", "5.00")["code"] == "FUNDS_ACCOUNT_UNKNOWN"
    routing = desk.refused("pay", DEVICE, "5.00", "--routing", "123456789")
    assert routing["code"] == "DEBITS_UNAUTHORIZED"
    name = desk.refused("pay", DEVICE, "5.00", "--method", "check", "--payer", "Müller/Söhne")
    assert name["code"] == "PAYMENT_UNREADABLE"


@pytest.mark.duty("R95-501.28(e)(2)-1", "R95-501.28(e)(2)-3", "R95-501.28(e)(1)-2")
def test_the_day_s_deposits_come_in_one_file_each_on_its_account(desk: Program) -> None:
    number = account(desk)
    for amount in ("10.00", "20.00", "30.00"):
        received(desk, number, amount, "--method", "check", "--check-number", "1001")
    taken = desk.json("funds", "take-file", transmitted(desk))
    assert (taken["kind"], taken["items"], taken["deposits_mills"]) == ("lockbox", 3, 60_000)
    assert balance(desk) == 60_000
    told = desk.json("funds", "payments", "--account", number)
    assert {each["status"] for each in told} == {"on deposit"}


def test_a_file_twice_is_refused_also_under_another_name(desk: Program) -> None:
    received(desk, account(desk), "10.00", "--method", "wire")
    path = transmitted(desk)
    desk.json("funds", "take-file", path)
    again = desk.home.parent / "again.bai"
    shutil.copy(path, again)
    refused = desk.refused("funds", "take-file", again)
    assert refused["code"] == "BANK_FILE_TAKEN_BEFORE"
    assert path.name in refused["detail"]
    assert balance(desk) == 10_000


def test_an_item_that_another_file_told_already_sets_the_file_aside(desk: Program) -> None:
    received(desk, account(desk), "10.00", "--method", "wire")
    path = transmitted(desk)
    desk.json("funds", "take-file", path)
    resent = desk.home.parent / "resent.bai"
    # The same movements, in a file that the bank made an hour later.
    resent.write_bytes(path.read_bytes().replace(b",1000,1,,,2/", b",1100,1,,,2/"))
    answer = desk.json("funds", "take-file", resent, status=2)
    assert (answer["status"], fault_codes(answer)) == ("set aside", {"TOLD_BEFORE"})
    assert balance(desk) == 10_000


def test_a_dry_run_says_what_would_be_and_takes_it_back(desk: Program) -> None:
    received(desk, account(desk), "10.00", "--method", "check")
    path = transmitted(desk)
    rehearsed = desk.json("funds", "take-file", path, "--dry-run")
    assert (rehearsed["status"], rehearsed["deposits_mills"]) == ("taken in", 10_000)
    assert balance(desk) == 0
    assert desk.json("funds", "files") == []
    assert desk.json("funds", "take-file", path)["status"] == "taken in"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((b"0000001000", b"0000001001"), "TOTAL"),
        ((b"\n9000008", b"\n9000009"), "COUNT"),
        ((b"270226", b"270118"), "NO_BANKING_DAY"),
        ((b"270226", b"270231"), "DATE"),
        ((b"270226", b"280303"), "DAY_AHEAD"),
        ((PAYERS_BANK.encode(), PAYERS_BANK[:-1].encode() + b"X"), "COLUMN"),
        ((PAYERS_BANK.encode(), b"099900029"), "CHECK_DIGIT"),
    ],
)
def test_a_lockbox_file_with_one_bad_record_is_set_aside_whole(
    desk: Program, change: tuple[bytes, bytes], code: str
) -> None:
    for amount in ("10.00", "25.00"):
        received(desk, account(desk), amount, "--method", "check")
    path = transmitted(desk)
    was, now = change
    once = code in ("TOTAL", "CHECK_DIGIT", "COLUMN")
    data = path.read_bytes()
    assert was in data
    path.write_bytes(data.replace(was, now, 1 if once else -1))
    answer = desk.json("funds", "take-file", path, status=2)
    assert answer["status"] == "set aside"
    assert code in fault_codes(answer)
    assert balance(desk) == 0
    (listed,) = desk.json("funds", "files", "--status", "set aside")
    shown = desk.json("funds", "file", listed["digest"])
    assert shown["faults"] == answer["faults"]


@pytest.mark.parametrize("method", ["check", "wire", "ACH credit"])
def test_a_file_cut_short_is_set_aside_whole(desk: Program, method: str) -> None:
    received(desk, account(desk), "10.00", "--method", method)
    path = transmitted(desk)
    path.write_bytes(path.read_bytes()[:-20])
    answer = desk.json("funds", "take-file", path, status=2)
    assert answer["status"] == "set aside"
    assert fault_codes(answer) & {"CUT_SHORT", "WIDTH"}
    assert balance(desk) == 0


def test_what_is_no_file_of_a_bank_is_set_aside(desk: Program) -> None:
    path = desk.home.parent / "letter.txt"
    path.write_text("Dear Sir,\n")
    answer = desk.json("funds", "take-file", path, status=2)
    assert fault_codes(answer) == {"FORMAT"}
    assert desk.refused("funds", "take-file", "nowhere.txt")["code"] == "BANK_FILE_UNREADABLE"
    assert desk.refused("funds", "file", "00")["code"] == "BANK_FILE_UNKNOWN"


def test_a_file_for_another_provider_is_set_aside(desk: Program) -> None:
    received(desk, account(desk), "10.00", "--method", "wire")
    path = transmitted(desk)
    ours = path.read_bytes().split(b",")[2]
    path.write_bytes(path.read_bytes().replace(ours, b"9000000001"))
    answer = desk.json("funds", "take-file", path, status=2)
    assert fault_codes(answer) == {"RECIPIENT"}


@pytest.mark.duty("R95-501.28(e)(2)-3")
def test_a_deposit_for_an_unknown_account_is_not_lost(desk: Program) -> None:
    received(desk, "10000099", "10.00", "--method", "check")
    received(desk, account(desk), "20.00", "--method", "check")
    taken = desk.json("funds", "take-file", transmitted(desk))
    assert taken["deposits_mills"] == 30_000
    assert balance(desk) == 20_000
    (waiting,) = desk.json("funds", "payments", "--status", "in suspense")
    assert (waiting["account"], waiting["amount_mills"]) == ("10000099", 10_000)


@pytest.mark.duty(
    "R95-501.28(e)(8)-1", "R95-501.28(e)(8)-2", "R95-501.28(e)(8)-3", "R95-501.28(e)(8)-4"
)
@pytest.mark.parametrize("method", ["check", "ACH debit"])
def test_an_unpaid_item_locks_the_account_until_the_bank_reports_it_paid(
    desk: Program, method: str
) -> None:
    paid = desk.json("pay", DEVICE, "100.00", "--method", method)
    desk.json("device", "reset", DEVICE, "--amount", "40.00")
    again = desk.json("bank", "return", paid["reference"])
    assert again["state"] == "presented again"
    assert desk.json("bank", "tend") == []
    desk.json("device", "reset", DEVICE, "--amount", "10.00")  # the first return locks nothing
    assert desk.json("bank", "return", paid["reference"])["state"] == "unpaid"
    desk.json("bank", "transmit")
    desk.json("bank", "deliver")
    locked = desk.refused("device", "reset", DEVICE, "--amount", "10.00")
    assert locked["code"] == "FUNDS_ACCOUNT_LOCKED"
    assert "501.28(e)(8)" in locked["clause"]
    desk.json("bank", "settle", paid["reference"], "--now", MONDAY)
    assert desk.refused("device", "reset", DEVICE, "--amount", "10.00")["code"] == locked["code"]
    desk.json("bank", "transmit")
    desk.json("bank", "deliver")
    desk.json("device", "reset", DEVICE, "--amount", "10.00")
    assert balance(desk) == 40_000


def test_only_checks_and_debits_come_back_and_only_unpaid_ones_are_settled(desk: Program) -> None:
    wire = desk.json("pay", DEVICE, "5.00", "--method", "wire")["reference"]
    check = desk.json("pay", DEVICE, "5.00", "--method", "check")["reference"]
    assert desk.refused("bank", "return", wire)["code"] == "ITEM_NOT_RETURNABLE"
    assert desk.refused("bank", "settle", check)["code"] == "ITEM_NOT_UNPAID"
    assert desk.refused("bank", "return", "0000000099")["code"] == "BANK_ITEM_UNKNOWN"
    assert desk.refused("bank", "return", check, "--reason", "X")["code"] == "BANK_REASON_UNKNOWN"
    desk.json("bank", "return", check, "--unpaid")
    assert desk.refused("bank", "return", check)["code"] == "ITEM_NOT_RETURNABLE"


def test_a_notice_of_change_draws_the_next_debit_elsewhere(desk: Program) -> None:
    first = desk.json("pay", DEVICE, "5.00", "--bank-account", "111", "--routing", "123456780")
    desk.json("bank", "change", first["reference"], "222")
    desk.json("bank", "transmit")
    (told,) = desk.json("bank", "deliver")
    assert told["status"] == "taken in"
    desk.json("pay", DEVICE, "6.00")
    desk.json("funds", "expect", DEVICE, "7.00")
    desk.json("funds", "send-orders", "orders.ach")
    assert "627123456780222 " in Path("orders.ach").read_text()


@pytest.mark.duty("R95-501.28(b)(4)-2", "R95-501.28(e)(4)-1", "R95-501.28(e)(2)-2")
def test_the_bank_moves_each_day_s_amounts_by_ten_of_the_next_banking_day(desk: Program) -> None:
    desk.json("pay", DEVICE, "100.00", "--method", "check")
    weekend = desk.json("pay", DEVICE, "50.00", "--method", "wire", "--now", SATURDAY)
    assert weekend["day"] == "2027-03-01"
    assert balance(desk) == 150_000  # it can be used before the bank's day begins
    assert desk.json("bank", "show", "--now", MONDAY)["transfers"] == []
    desk.json("bank", "tend")
    (moved,) = desk.json("bank", "show")["transfers"]
    assert (moved["day"], moved["amount_mills"]) == ("2027-02-26", 100_000)
    assert moved["made_at"] == "2027-03-01T14:30:00.000000Z"  # half past nine in New York
    late = desk.json("pay", DEVICE, "7.00", "--method", "wire", "--now", LATE)
    assert late["day"] == "2027-03-02"
    desk.json("bank", "tend", "--now", WEDNESDAY)
    moved_by_day = {
        each["day"]: each["amount_mills"] for each in desk.json("bank", "show")["transfers"]
    }
    assert moved_by_day == {"2027-02-26": 100_000, "2027-03-01": 50_000, "2027-03-02": 7_000}
    assert desk.json("bank", "show")["balance_mills"] == 0
    assert {file["status"] for file in desk.json("funds", "files")} == {"taken in"}


def test_a_bank_that_holds_transfers_up_is_seen_to_do_so(desk: Program) -> None:
    desk.json("pay", DEVICE, "100.00", "--method", "check")
    desk.json("bank", "hold-transfers")
    desk.json("bank", "tend", "--now", TUESDAY)
    assert desk.json("bank", "show")["transfers"] == []
    assert desk.json("bank", "show")["balance_mills"] == 100_000
    desk.json("bank", "hold-transfers", "--release")
    desk.json("bank", "tend")
    moved = [each["amount_mills"] for each in desk.json("bank", "show")["transfers"]]
    assert moved == [100_000, 0], "the quiet day after it is closed and moved, too"


def test_a_banking_day_is_closed_once_and_not_before_its_cutoff(desk: Program) -> None:
    desk.json("pay", DEVICE, "100.00", "--method", "check")
    code = desk.refused("bank", "close-day", "2027-02-26")["code"]
    assert code == "BANK_DAY_NOT_OVER"
    assert desk.refused("bank", "close-day", HOLIDAY)["code"] == "NO_BANKING_DAY"
    assert desk.refused("bank", "transfer", "2027-02-26")["code"] == "NOTHING_TO_TRANSFER"
    made = desk.json("bank", "close-day", "2027-02-26", "--now", MONDAY)
    assert {each["to"] for each in made} == {"Provider of this home", "postal service"}
    assert desk.refused("bank", "close-day", "2027-02-26")["code"] == "BANK_DAY_CLOSED"
    assert desk.json("bank", "transfer", "2027-02-26")["amount_mills"] == 100_000
    assert desk.refused("bank", "transfer", "2027-02-26")["code"] == "NOTHING_TO_TRANSFER"


@pytest.mark.duty("R95-501.28(f)-2")
def test_a_balance_is_paid_back_by_the_bank_within_48_hours(desk: Program) -> None:
    desk.json("pay", DEVICE, "100.00", "--method", "ACH debit")
    asked = desk.json("account", "refund", account(desk), "--now", MONDAY)
    desk.json("funds", "send-orders", "orders.ach", "--now", TUESDAY)
    desk.json("bank", "take-orders", "orders.ach")
    desk.json("bank", "transmit")
    (told,) = desk.json("bank", "deliver")
    assert told["status"] == "taken in"
    (paid,) = desk.json("funds", "refunds")
    assert (paid["status"], paid["paid_on"]) == ("paid", "2027-03-02")
    assert asked["due_at"].startswith("2027-03-03T15:00")  # 48 hours after it was asked for
    assert balance(desk) == 0


def test_only_the_bank_acts_for_the_bank(desk: Program) -> None:
    told = desk.refused("bank", "transmit", "--as", "provider agent:Ann")
    assert told["code"] == "NOT_PERMITTED"
    received(desk, account(desk), "10.00", "--method", "wire", "--as", "lockbox bank:Bob")
    mailer = desk.refused("funds", "take-file", transmitted(desk), "--as", "mailer:Max")
    assert mailer["code"] == "NOT_PERMITTED"


def test_a_file_of_the_bank_is_written_where_there_is_none_yet(desk: Program) -> None:
    received(desk, account(desk), "10.00", "--method", "wire")
    path = transmitted(desk)
    assert desk.refused("bank", "save", "1", path)["code"] == "BANK_FILE_NOT_WRITTEN"
    assert desk.refused("bank", "save", "77", "new")["code"] == "BANK_FILE_NOT_WRITTEN"
    assert [each["name"] for each in desk.json("bank", "files", "--waiting")]
