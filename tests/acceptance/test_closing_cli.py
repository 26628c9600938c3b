"""Closing days and showing statements from the command line; hosted devices close to the mill."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from franking.ledger.audit import audit
from tests.fixtures_cli import Program

HOSTED = "FK1A0000000001"
DAY, NEXT, AFTER = "2025-09-02", "2025-09-03T06:00", "2025-09-04T06:00"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A home with a hosted device that was paid for through the bank, and evidenced three."""
    made = Program(tmp_path / "home")
    made.json("home", "create", "--simulated-clock")
    made.json("fleet", "create", "--zip", "62701", "--now", f"{DAY}T09:00")
    made.json("pay", HOSTED, "300.00", "--method", "check")
    made.json("device", "reset", HOSTED, "--amount", "50.00")
    evidence(made, "a", 3)
    return made


def evidence(program: Program, name: str, pieces: int) -> None:
    """Evidence pieces of 78 cents."""
    asked = ("--postage", "0.78", "--request-id", name, "--pieces", pieces)
    program.json("fleet", "evidence", HOSTED, *asked)


def test_a_hosted_device_closes_to_the_mill(program: Program) -> None:
    (first,) = program.json("close", "--now", NEXT)
    assert (first["day"], first["differences"], first["devices"]["hosted"]) == (DAY, [], 1)
    evidence(program, "b", 2)
    (second,) = program.json("close", "--now", AFTER)
    balances = {each["kind"]: each for each in second["totals"]}
    assert second["differences"] == []
    assert balances["used"]["credits_mills"] == 3 * 780, "read at the close of the day before"
    (device,) = program.json("close", "devices", "2025-09-03")
    assert device["held_mills"] == 50_000 - 5 * 780
    assert program.show(HOSTED)["descending_mills"] == device["held_mills"]


def test_a_day_is_shown_checked_explained_and_drawn(program: Program, tmp_path: Path) -> None:
    program.json("close", "--now", NEXT)
    papers = [tmp_path / "one.pdf", tmp_path / "two.pdf"]
    for paper in papers:
        shown = program.json("close", "show", DAY, "--pdf", paper)
    assert shown["postings"] == 3
    assert papers[0].read_bytes() == papers[1].read_bytes()
    assert program.json("close", "check", DAY)["differs"] == []
    assert [each["day"] for each in program.json("close", "list", "--from", DAY)] == [DAY]
    assert "No difference" in program.run("close", "show", DAY).out
    found = program.refused("close", "explain", DAY, 1, "--because", "seen")
    assert found["code"] == "CLOSE_DIFFERENCE_UNKNOWN"


def test_trying_to_close_changes_nothing(program: Program) -> None:
    found = program.json("close", "--dry-run", "--now", NEXT)
    assert (found["postings"], found["digest"]) == (3, "")
    assert program.json("close", "list") == []
    assert program.run("close", "--now", NEXT).status == 0
    assert program.json("close") == [], "every day that has ended is closed"


def test_every_device_is_written_as_a_line(program: Program) -> None:
    program.json("close", "--now", NEXT)
    told = program.json("close", "devices", DAY, "--csv", program.home / "devices.csv")
    rows = list(csv.DictReader((program.home / "devices.csv").open()))
    assert (told["devices"], rows[0]["serial"]) == (1, HOSTED)


@pytest.mark.duty("R97-P050.3.5c")
def test_a_statement_is_shown_and_sent_in_every_form(program: Program, tmp_path: Path) -> None:
    account = program.json("account", "list")[0]["account"]
    pdf, table = tmp_path / "s.pdf", tmp_path / "s.csv"
    shown = program.json(
        "statement", "show", account, "--month", "2025-09", "--pdf", pdf, "--csv", table
    )
    assert [each["balance_mills"] for each in shown["lines"]] == [300_000, 250_000]
    assert pdf.read_bytes().startswith(b"%PDF")
    assert table.read_text().splitlines()[-1] == "2025-09-30,Balance at the end,,250.000"
    assert program.json("statement", "send", "--month", "2025-09", "--dry-run")["accounts"] == []
    program.json("account", "statements", account, "monthly")
    folder = tmp_path / "sent"
    sent = program.json("statement", "send", "--folder", folder, "--now", "2025-10-02")
    assert sent["accounts"] == [account]
    assert sorted(each.name for each in folder.iterdir()) == [
        f"{account}-2025-09.csv",
        f"{account}-2025-09.pdf",
    ]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("close", "show", "2025-09-01"), "DAY_NOT_CLOSED"),
        (("close", "show", "yesterday"), "TIME_UNREADABLE"),
        (("close", "--through", "2025-09-02"), "DAY_NOT_OVER"),
        (("statement", "show", "12345678"), "FUNDS_ACCOUNT_UNKNOWN"),
        (("statement", "send", "--month", "2025-13"), "MONTH_UNREADABLE"),
        (("statement", "send", "--month", "2025-09"), "MONTH_NOT_OVER"),
        (("report", "activity", "2025-09-02"), "DAY_NOT_CLOSED"),
        (("report", "revenue", "--on", "2025-09-02"), "PERIOD_NOT_CLOSED"),
        (("report", "take-list", "nowhere.csv"), "LIST_UNREADABLE"),
        (("report", "missing", "--month", "2025-09"), "MONTH_NOT_ENDED"),
        (("report", "dispose", "2025-Q4", "1", "--disposition", "gone", "--because", "x"),
         "DISPOSITION_UNFIT"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_with_its_reason(
    program: Program, asked: tuple[str, ...], code: str
) -> None:
    assert program.refused(*asked)["code"] == code


def test_the_closed_days_are_those_that_an_auditor_finds_in_the_journal(
    program: Program, tmp_path: Path
) -> None:
    program.json("close", "--now", NEXT)
    (close,) = program.json("close", "--now", AFTER)
    export = tmp_path / "journal.jsonl"
    program.json("journal", "export", export)
    found = audit(export.read_text("utf-8").splitlines())
    assert found.faults == []
    told = {each["kind"]: each["opening_mills"] + each["credits_mills"] - each["debits_mills"]
            for each in close["totals"]}  # fmt: skip
    assert told == found.totals()
