"""Accounts on deposit and the funds desk, as people use them from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures_cli import TODAY, Program

NAME = "office"
ANNA, BERT = ("--as", "provider agent:Anna Ivey"), ("--as", "provider agent:Bert Ott")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A device in service whose licensee has nothing on deposit yet."""
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path / "home")
    program.json("home", "create", "--simulated-clock", program.home)
    program.json("device", "create", NAME, "--now", TODAY)
    program.json("device", "authorize", NAME, "--zip", "20260")
    return program


@pytest.mark.duty("R95-501.28(e)(6)-2")
def test_a_first_check_goes_with_a_ticket_prepared_by_hand(office: Program) -> None:
    account = office.json("account", "show", NAME)["account"]
    ticket = office.json(
        *("account", "ticket", account, "--check", "1001=20.00"),
        *("--by-hand", "Lee Park", "--pdf", "ticket.pdf"),
    )
    assert (ticket["account"], ticket["prepared_by"]) == (account, "Lee Park")
    assert ticket["lockbox"].startswith("PO Box")
    assert Path("ticket.pdf").read_bytes().startswith(b"%PDF")
    first = Path("ticket.pdf").read_bytes()
    office.json("account", "ticket", account, "--check", "1001=20.00", "--by-hand", "Lee Park",
                "--pdf", "again.pdf")  # fmt: skip
    assert Path("again.pdf").read_bytes() == first
    assert office.json("pay", account, "20.00", "--method", "check")["balance_mills"] == 20_000


def test_the_balance_the_ways_and_the_choices_are_seen_at_once(office: Program) -> None:
    office.json("pay", NAME, "20.00", "--method", "wire")
    ways = [each["method"] for each in office.json("account", "options", NAME)]
    assert ways[:3] == ["ACH debit", "ACH credit", "wire transfer"]
    office.json("account", "prefer", NAME, "wire")
    office.json("account", "statements", NAME, "monthly")
    shown = office.json("account", "show", NAME)
    assert (shown["balance_mills"], shown["method"], shown["statements"]) == (
        20_000,
        "wire transfer",
        "monthly",
    )
    told = office.run("account", "options", NAME).out
    assert told.index("ACH debit") < told.index("wire transfer") < told.index("check")
    assert "Minneapolis Accounting Service Center" in office.run("account", "show", NAME).out


def test_a_balance_asked_back_is_paid_by_the_bank(office: Program) -> None:
    office.json("pay", NAME, "20.00", "--method", "wire")
    assert office.refused("account", "refund", NAME)["code"] == "NOWHERE_TO_REFUND"
    bank = ("--routing", "021000021", "--bank-account", "77", "--signed-by", "Joe")
    office.json("account", "authorize-debits", NAME, *bank)
    asked = office.json("account", "refund", NAME)
    assert (asked["amount_mills"], asked["status"]) == (20_000, "asked")
    assert office.json("account", "show", NAME)["balance_mills"] == 0
    waiting = office.json("funds", "send-orders", "orders.ach", "--dry-run")
    assert (waiting["refunds"], Path("orders.ach").exists()) == ([asked["case"]], False)
    off = office.json("funds", "call-off", asked["case"], "--because", "changed his mind")
    assert off["status"] == "called off"
    assert office.json("account", "show", NAME)["balance_mills"] == 20_000
    assert office.refused("funds", "send-orders", "orders.ach")["code"] == "NOTHING_TO_ORIGINATE"
    assert not Path("orders.ach").exists()


def test_orders_are_written_to_a_new_file_only(office: Program) -> None:
    office.json("pay", NAME, "20.00", "--method", "wire")
    bank = ("--routing", "021000021", "--bank-account", "77", "--signed-by", "Joe")
    office.json("account", "authorize-debits", NAME, *bank)
    office.json("account", "refund", NAME, "--amount", "5.00")
    Path("orders.ach").write_text("mine")
    assert office.refused("funds", "send-orders", "orders.ach")["code"] == "ORDERS_NOT_WRITTEN"
    assert office.json("funds", "refunds")[0]["status"] == "asked", "nothing was ordered"
    office.json("funds", "send-orders", "new.ach")
    assert Path("new.ach").read_text().startswith("101 ")
    assert office.json("funds", "refunds")[0]["status"] == "ordered"


def test_nothing_is_corrected_by_one_person(office: Program) -> None:
    account = office.json("pay", NAME, "20.00", "--method", "wire")["account"]
    why = ("--because", "the bank took 5.00 back", "--reference", "P-00000001")
    proposed = office.json(
        "funds", "correct", "propose", f"deposits:{account}", "lockbox", "5.00", *why, *ANNA
    )
    number = proposed["correction"]
    assert office.refused("funds", "correct", "approve", number, *ANNA)["code"] == (
        "SECOND_PERSON_NEEDED"
    )
    assert office.json("account", "show", NAME)["balance_mills"] == 20_000
    office.json("funds", "correct", "approve", number, *BERT)
    assert office.json("account", "show", NAME)["balance_mills"] == 15_000
    (kept,) = office.json("funds", "correct", "list")
    assert (kept["proposed_by"], kept["decided_by"]) == ("Anna Ivey", "Bert Ott")


def test_an_advance_needs_an_agreement_and_a_deposit(office: Program) -> None:
    assert office.refused("funds", "advance", NAME, "5.00")["code"] == "INSUFFICIENT_FUNDS"
    office.json("funds", "agree-advances", NAME, "50.00")
    refused = office.refused("funds", "advance", NAME, "5.00")
    assert (refused["code"], refused["clause"]) == (
        "ADVANCE_REFUSED",
        "39 CFR 501.28(b)(5) (1995)",
    )
    assert office.json("funds", "advances")["left_mills"] == 0


def test_the_desk_answers_where_a_payment_is(office: Program) -> None:
    announced = office.json("funds", "expect", NAME, "12.00", "--method", "wire")
    assert "has not reported it yet" in announced["answer"]
    office.json("pay", NAME, "12.00", "--method", "wire")
    shown = office.json("funds", "payment", announced["payment"])
    assert shown["status"] == "on deposit"
    assert [each["payment"] for each in office.json("funds", "payments")] == [announced["payment"]]
    assert office.json("funds", "float")[0]["method"] == "wire transfer"
    assert office.json("funds", "idle", "--days", "90") == []


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("account", "show", "10000000"), None),
        (("funds", "expect", NAME, "0", "--method", "wire"), "PAYMENT_AMOUNT_UNSUITABLE"),
        (("funds", "expect", NAME, "1.005", "--method", "wire"), "PAYMENT_AMOUNT_UNSUITABLE"),
        (("funds", "expect", NAME, "0,5", "--method", "wire"), "AMOUNT_UNREADABLE"),
        (("funds", "expect", NAME, "5", "--method", "shells"), "PAYMENT_METHOD_UNKNOWN"),
        (("funds", "expect", NAME, "5", "--method", "ACH debit"), "DEBITS_UNAUTHORIZED"),
        (("funds", "payment", "P-1"), "PAYMENT_UNKNOWN"),
        (("funds", "payment", "P-99999999999999999999"), "PAYMENT_UNKNOWN"),
        (("funds", "call-off", "B-00000001", "--because", "x"), "BALANCE_REFUND_UNKNOWN"),
        (("funds", "correct", "approve", "C-00000009"), "CORRECTION_UNKNOWN"),
        (("account", "ticket", NAME, "--check", "x=1.2345"), "AMOUNT_UNREADABLE"),
        (("account", "authorize-debits", NAME, "--routing", "123456789", "--bank-account", "1",
          "--signed-by", "Joe"), "DEBITS_UNAUTHORIZED"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_words(
    office: Program, command: tuple[str, ...], code: str | None
) -> None:
    refused = office.refused(*command)
    assert code in (None, refused["code"])
