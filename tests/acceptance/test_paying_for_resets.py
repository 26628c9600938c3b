"""Paying and resetting as a mailer does it: in one step, refused without money, with a receipt."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures_cli import TODAY, Program
from tests.fixtures_money import totals_in_home

NAME = "office"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A device in service whose licensee has nothing on deposit yet."""
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path / "home")
    program.json("home", "create", "--simulated-clock", program.home)
    program.json("device", "create", NAME, "--now", TODAY)
    program.json("device", "authorize", NAME, "--zip", "20260")
    return program


RESET = ("device", "reset", NAME, "--amount", "50.00")


@pytest.mark.duty("R97-502.26(b)(1)-1", "R97-P050.3.2-1")
def test_without_money_a_reset_is_refused_and_says_how_to_pay(office: Program) -> None:
    refused = office.refused(*RESET)
    assert refused["code"] == "INSUFFICIENT_FUNDS"
    assert "502.26(b)(1)" in refused["clause"]
    assert "Pay in first" in refused["remedy"]
    assert totals_in_home(office.home) == {}


@pytest.mark.duty("R97-P050.3.5c", "R95-P030.3.12c", "R95-501.28(e)(3)-4")
def test_a_reset_paid_by_wire_leaves_a_receipt_with_the_balance(office: Program) -> None:
    office.json("pay", NAME, "20.00", "--method", "wire transfer")
    done = office.json(*RESET, "--pay", "wire", "--pdf", "receipt.pdf")
    assert (done["descending_mills"], done["balance_mills"]) == (50_000, 20_000)
    assert Path("receipt.pdf").read_bytes().startswith(b"%PDF")
    form = office.json("form", "3603", "--of", done["device_id"])
    assert (form["amount_mills"], form["balance_mills"]) == (50_000, 20_000)
    assert (form["way"], form["before"]["descending_mills"]) == ("over the network", 0)
    assert totals_in_home(office.home) == {"lockbox": -70_000, "deposits": 20_000, "device": 50_000}


@pytest.mark.duty("R95-501.28(e)(8)-3")
def test_nothing_is_paid_for_a_reset_while_the_account_is_locked(office: Program) -> None:
    check = office.json("pay", NAME, "50.00", "--method", "check")["reference"]
    office.json(*RESET)
    office.json("bank", "return", check)
    office.json("bank", "return", check)
    office.json("bank", "transmit")
    office.json("bank", "deliver")
    before = totals_in_home(office.home)
    assert office.refused(*RESET, "--pay", "wire")["code"] == "FUNDS_ACCOUNT_LOCKED"
    assert totals_in_home(office.home) == before == {"returned": -50_000, "device": 50_000}


def test_what_the_device_would_refuse_is_not_paid_for(office: Program) -> None:
    asked = ("device", "reset", NAME, "--amount", "500.01", "--pay", "wire")
    assert office.refused(*asked)["code"] == "CREDIT_ABOVE_LIMIT"
    for method in ("ach", "pigeon"):
        assert office.refused(*RESET, "--pay", method)["code"] == "PAYMENT_METHOD_UNKNOWN"
    assert totals_in_home(office.home) == {}
