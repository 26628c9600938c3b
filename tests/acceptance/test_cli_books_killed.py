"""Commands that change several records of both domains, killed at statements of their books."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fixtures_cli import DEVICE, FUNDED_MILLS, TODAY, Program
from tests.fixtures_databases import DATABASES, keep_books_on
from tests.fixtures_killing import die_at, died
from tests.fixtures_money import deposit_in_home

STRIDE = 23
"""A reset takes some 200 statements of the books; killing at each would take minutes."""


@pytest.fixture(params=DATABASES)
def office(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Program:
    keep_books_on(request.param, monkeypatch)
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path / "home")
    program.json("home", "create", "--simulated-clock", program.home)
    return program


def killed(program: Program, step: int, *arguments: object) -> bool:
    """Run a command in a child that dies at its n-th statement; whether it came so far."""
    child = program.start(*arguments, before=die_at(step))
    _, ended = os.waitpid(child, 0)
    return died(ended)


def test_a_reset_killed_anywhere_is_paid_once(office: Program) -> None:
    office.json("device", "create", DEVICE, "--now", TODAY)
    office.json("device", "authorize", DEVICE, "--zip", "20260")
    deposit_in_home(office.home)
    step, paid = 1, 0
    while killed(office, step, "device", "reset", DEVICE, "--amount", "10.00"):
        paid = int(office.show()["control_total_mills"])
        assert paid in {0, FUNDED_MILLS // 5}, step
        for domain in ("provider", "postal"):
            assert office.json("journal", "show", "--domain", domain)["faults"] == []
        if paid:
            break
        step += STRIDE
    if paid:
        # What was cut short is settled by the next command, not asked for again.
        office.json("device", "audit", DEVICE)
    assert office.show()["control_total_mills"] == FUNDED_MILLS // 5
    assert office.json("books", "reconcile", "--domain", "provider")["missed"] == []


def test_an_authorization_killed_anywhere_is_done_by_asking_again(office: Program) -> None:
    office.json("device", "create", DEVICE, "--now", TODAY)
    step = 1
    while killed(office, step, "device", "authorize", DEVICE, "--zip", "20260"):
        assert office.json("journal", "show", "--domain", "postal")["faults"] == []
        step += STRIDE * 2
    assert office.show()["status"] == "authorized"
    deposit_in_home(office.home)
    office.json("device", "reset", DEVICE, "--amount", "50.00")
    assert office.show()["descending_mills"] == FUNDED_MILLS
