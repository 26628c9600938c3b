"""The ledger from the command line: where the money is, and an audit that needs no books."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from franking.provider.schema import SCHEMA
from franking.storage import Actor, Books
from tests.fixtures_cli import DEVICE, FUNDED_MILLS, Program, program
from tests.fixtures_databases import DATABASES
from tests.fixtures_money import PLENTY
from tests.fixtures_stories import prepared

__all__ = ["program"]

SERIAL = "FK1A0000000001"
IN_DEVICE, DEPOSIT = f"device:{SERIAL}", "deposits:10000016"


def export(program: Program, folder: Path, domain: str = "provider") -> Path:
    """The journal of a domain, exported."""
    file = folder / f"{domain}.jsonl"
    program.json("journal", "export", file, "--domain", domain)
    return file


def test_the_chart_says_what_every_account_means(program: Program) -> None:
    chart = {line["kind"]: line for line in program.json("ledger", "show")}
    assert chart["deposits"]["floor_mills"] == 0
    assert chart["lockbox"]["floor_mills"] is None
    assert all(line["meaning"] and line["clause"] for line in chart.values())
    postal = {line["kind"] for line in program.json("ledger", "show", "--domain=postal")}
    assert {"fund", "bank-clearing"} <= postal
    assert "no limit" in program.run("ledger", "show").out


def test_an_account_is_shown_with_what_may_be_taken(program: Program) -> None:
    told = program.json("ledger", "account", IN_DEVICE)
    assert (told["balance_mills"], told["available_mills"]) == (FUNDED_MILLS, FUNDED_MILLS)
    assert told["kind"]["title"] == "Value in the device"
    assert program.json("ledger", "show", "device") == {
        IN_DEVICE: {"balance_mills": 50_000, "pending_mills": 0, "available_mills": 50_000}
    }
    assert "$50.00" in program.run("ledger", "account", IN_DEVICE).out
    assert program.json("ledger", "account", "device:NOBODY")["balance_mills"] == 0


def test_the_lines_of_an_account_have_the_balance_after_each(program: Program) -> None:
    lines = program.json("ledger", "lines", DEPOSIT)
    moved = [(line["kind"], line["amount_mills"], line["balance_after_mills"]) for line in lines]
    assert moved == [("deposit", PLENTY, PLENTY), ("grant", -50_000, PLENTY - 50_000)]
    assert "grant" in program.run("ledger", "lines", DEPOSIT, "--since=2027-03-01").out
    later = ("--since=2027-03-02", "--until=2027-03-03")
    assert program.json("ledger", "lines", DEPOSIT, *later) == []
    assert "Nothing has moved" in program.run("ledger", "lines", DEPOSIT, *later).out


@pytest.mark.law("LEDGER-1")
def test_all_accounts_add_up_to_zero(program: Program) -> None:
    told = program.json("ledger", "totals")
    assert told["sum_mills"] == 0
    assert told["totals"]["device"] == 50_000
    assert sum(told["totals"].values()) == 0
    before = program.json("ledger", "totals", "--on=2027-02-28")["totals"]
    assert not any(before.values())
    assert "all together" in program.run("ledger", "totals").out


@pytest.mark.parametrize("asked", [("account", "purse:1"), ("lines", "deposits"), ("show", "gold")])
def test_an_account_outside_the_chart_is_refused(program: Program, asked: tuple[str, str]) -> None:
    assert program.refused("ledger", *asked)["code"] == "ACCOUNT_UNKNOWN"


def test_a_day_that_is_none_is_refused(program: Program) -> None:
    for asked in (("lines", DEPOSIT, "--since=yesterday"), ("totals", "--on=2027-02-30")):
        assert program.run("ledger", *asked).status == 2


# The audit -----------------------------------------------------------------------------------


@pytest.mark.law("LEDGER-4", "LEDGER-5")
def test_an_audit_of_the_export_agrees_with_the_books(program: Program, tmp_path: Path) -> None:
    program.evidence("one")
    program.json("device", "audit", DEVICE)
    found = program.json("ledger", "audit", export(program, tmp_path))
    assert (found["faults"], found["differences"], found["compared"]) == ([], [], True)
    assert found["balances"][IN_DEVICE] == 49_000
    assert (found["resets"], found["sum_mills"]) == (1, 0)
    shown = program.run("ledger", "audit").out
    assert "compared with the books" in shown
    assert "yes" in shown
    assert program.json("ledger", "audit", "--domain=postal")["faults"] == []


@pytest.mark.parametrize("database", DATABASES)
def test_an_audit_is_the_same_on_both_databases(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = prepared(paid_and_reset, database).copied(tmp_path, monkeypatch)
    found = program.json("ledger", "audit", export(program, tmp_path))
    assert (found["faults"], found["differences"], found["compared"]) == ([], [], True)
    assert found["totals"] == {
        "deposits": 150_000,
        "device": 50_000,
        "lockbox": -200_000,
        "transit": 0,
    }


def paid_and_reset(program: Program) -> None:
    """A payment, and a reset."""
    program.json("device", "create", DEVICE, "--now", "2027-03-01T10:00")
    program.json("device", "authorize", DEVICE, "--zip", "20260")
    program.json("pay", DEVICE, "200.00", "--method", "check")
    program.json("device", "reset", DEVICE, "--amount", "50.00")


def test_books_that_have_gone_on_are_not_compared(program: Program, tmp_path: Path) -> None:
    file = export(program, tmp_path)
    program.json("device", "reset", DEVICE, "--amount=1.00")
    found = program.json("ledger", "audit", file, status=2)
    assert (found["faults"], found["compared"]) == ([], False)
    assert found["rows_since"] > 0
    told = program.run("ledger", "audit", file)
    assert "the books have gone on by" in told.err
    assert program.json("ledger", "audit", file, "--alone")["compared"] is False


def test_an_amount_changed_in_the_export_is_found(program: Program, tmp_path: Path) -> None:
    file = export(program, tmp_path)
    file.write_text(file.read_text().replace(f'"{IN_DEVICE}\\",50000', f'"{IN_DEVICE}\\",50010'))
    found = program.json("ledger", "audit", file, "--alone", status=2)
    assert {each["law"] for each in found["faults"]} >= {"LEDGER-2", "LEDGER-4", "LEDGER-5"}
    assert any("not what was written" in each["fault"] for each in found["faults"])
    told = program.run("ledger", "audit", file)
    assert told.status == 2
    assert "Against the laws" in told.out


def test_a_balance_changed_in_the_books_is_found(program: Program, tmp_path: Path) -> None:
    """Whoever can write the database can change a balance; the journal still says what it was."""
    file = export(program, tmp_path)
    books = Books.open(program.home / "provider" / "books.sqlite3", SCHEMA, by=Actor("X", "x"))
    with books.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE ledger_balances SET balance_mills = 60000 WHERE account = '{IN_DEVICE}'"
        )
    books.close()
    found = program.json("ledger", "audit", file, status=2)
    (apart,) = found["differences"]
    assert apart["account"] == IN_DEVICE
    assert (apart["journal"]["balance_mills"], apart["books"]["balance_mills"]) == (50_000, 60_000)
    assert found["faults"] == []
    assert "Differences" in program.run("ledger", "audit", file).out


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\x00\xff", b"[" * 50_000, b'{"journal": "x", "domain": "mars"}']
)
def test_a_file_that_is_no_export_is_told_in_words(
    program: Program, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "export"
    file.write_bytes(content)
    told: Any = json.loads(program.run("ledger", "audit", file, "--json").out)
    assert told["faults"]
    assert program.json("journal", "verify", file, status=1)["faults"]
    assert program.refused("ledger", "audit", tmp_path / "nothing")["code"] == "EXPORT_UNREADABLE"
    assert program.refused("ledger", "audit", tmp_path)["code"] == "EXPORT_UNREADABLE"
