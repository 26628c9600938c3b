"""Paying in, killed at statements of the books of bank, provider and Postal Service: paid once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.test_cli_books_killed import killed
from tests.fixtures_cli import DEVICE, TODAY, Program
from tests.fixtures_databases import DATABASES, keep_books_on

STRIDE = 29
NEXT_DAY = "2027-03-02T11:00"


@pytest.fixture(params=DATABASES)
def office(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Program:
    keep_books_on(request.param, monkeypatch)
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path / "home")
    program.json("home", "create", "--simulated-clock", program.home)
    program.json("device", "create", DEVICE, "--now", TODAY)
    program.json("device", "authorize", DEVICE, "--zip", "20260")
    return program


def balance(office: Program) -> int:
    """What is on deposit, in mills."""
    (account,) = office.json("account", "list")
    mills: int = office.json("account", "show", account["account"])["balance_mills"]
    return mills


def settle_everything(office: Program) -> None:
    """Whoever comes next carries what was cut short."""
    office.json("bank", "transmit")
    office.json("bank", "deliver")
    assert office.json("bank", "show")["files_waiting"] == 0


def test_an_order_killed_anywhere_and_given_again_is_paid_once(office: Program) -> None:
    asked = ("pay", DEVICE, "10.00", "--method", "check", "--order", "the rent")
    step = 1
    while killed(office, step, *asked):
        assert balance(office) in {0, 10_000}, step
        step += STRIDE
    settle_everything(office)
    assert balance(office) == 10_000
    assert {each["status"] for each in office.json("funds", "files")} == {"taken in"}


def test_a_debit_killed_anywhere_is_drawn_no_more_often_than_asked(office: Program) -> None:
    step, asked = 1, 1
    while killed(office, step, "pay", DEVICE, "10.00", "--method", "ACH debit"):
        settle_everything(office)
        assert balance(office) <= 10_000 * asked, step
        step, asked = step + 2 * STRIDE, asked + 1
    settle_everything(office)
    drawn = office.json("bank", "payments")
    assert balance(office) == sum(each["amount_mills"] for each in drawn) <= 10_000 * asked


def test_a_bank_killed_at_its_close_moves_each_day_once(office: Program) -> None:
    office.json("pay", DEVICE, "10.00", "--method", "wire")
    step = 1
    while killed(office, step, "bank", "tend", "--now", NEXT_DAY):
        step += STRIDE
    office.json("bank", "tend")
    moved = office.json("bank", "show")
    assert [each["amount_mills"] for each in moved["transfers"]] == [10_000]
    assert (moved["balance_mills"], moved["files_waiting"]) == (0, 0)
    assert balance(office) == 10_000
