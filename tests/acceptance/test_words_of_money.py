"""What the commands of money say to people: what would happen, what to do next."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.acceptance.test_bank_cli import DEVICE, TUESDAY, desk, received, transmitted
from tests.fixtures_cli import Program

__all__ = ["desk"]
UNKNOWN = "20000006"
ITEMS = """device,postage,ascending,date,pieces,form,faults
FK1A0000000009,0.42,,2027-02-20,3,,
"""


def test_a_dry_run_says_what_would_become_of_a_file(desk: Program) -> None:
    received(desk, UNKNOWN, "35.00", "--method", "check")
    file = transmitted(desk)
    assert "would be taken in" in desk.run("funds", "take-file", file, "--dry-run").out
    said = desk.run("funds", "take-file", file).out
    assert "taken in" in said
    assert "would be" not in said


def test_what_a_proposal_tells_to_do_next_can_be_typed(desk: Program) -> None:
    received(desk, UNKNOWN, "35.00", "--method", "check")
    desk.json("funds", "take-file", transmitted(desk))
    (waiting,) = desk.json("funds", "payments")
    proposed = desk.run("funds", "assign", waiting["payment"], DEVICE, "--because", "his name")
    told = re.search(r"funds correct approve (\S+) --as 'provider agent:NAME'", proposed.out)
    assert told is not None
    approved = ("funds", "correct", "approve", told[1], "--as", "provider agent:Bea Holm")
    assert desk.json(*approved)["status"] == "approved"


def test_a_statement_is_found_by_its_account_its_device_and_its_licence(desk: Program) -> None:
    desk.json("pay", DEVICE, "20.00", "--method", "wire")
    (account,) = desk.json("account", "list")
    shown = [
        desk.json("statement", "show", each)
        for each in (account["account"], DEVICE, account["licence"])
    ]
    assert shown[0] == shown[1] == shown[2]
    assert shown[0]["lines"][0]["amount_mills"] == 20_000


@pytest.mark.parametrize("shown", [("close", "show"), ("report", "activity"), ("close", "devices")])
def test_the_last_closed_day_is_shown_where_none_is_named(
    desk: Program, shown: tuple[str, str]
) -> None:
    desk.json("pay", DEVICE, "20.00", "--method", "wire")
    desk.json("bank", "tend", "--now", TUESDAY)
    desk.json("close")
    last = desk.json("close", "list")[-1]["day"]
    assert desk.json(*shown) == desk.json(*shown, last)


def test_a_day_with_differences_says_how_to_see_and_answer_them(
    desk: Program, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.lbx"
    desk.json("pay", DEVICE, "20.00", "--method", "wire")
    received(desk, UNKNOWN, "35.00", "--method", "check")
    cut.write_bytes(transmitted(desk).read_bytes()[:200])
    desk.run("funds", "take-file", cut)
    desk.json("bank", "tend", "--now", TUESDAY)
    said = " ".join(desk.run("close").out.split())
    told = re.search(r"franking close show (\S+) lists the differences", said)
    assert told is not None
    listed = desk.json("close", "show", told[1])["in_words"]
    assert any("set aside" in each for each in listed)
    assert not any("$0.00 instead of $0.00" in each for each in listed)


def test_a_request_at_the_desk_tells_its_next_step_and_speaks_of_dollars(
    desk: Program, tmp_path: Path
) -> None:
    items = tmp_path / "items.csv"
    items.write_text(ITEMS, "utf-8")
    asked = ("--requester", "Acme Bolts", "--zip", "20260", "--items", items)
    refused = desk.refused("refund-desk", "file", *asked)
    assert (refused["code"], "--proof" in refused["remedy"]) == ("REFUND_INCOMPLETE", True)
    filed = desk.run("refund-desk", "file", *asked, "--proof", "lease")
    assert "franking refund-desk decide 1 --because" in filed.out
    ruled = desk.run("refund-desk", "decide", "1", "--because", "unused", "--as", "postmaster:Pat")
    assert "$1.26 of $1.26 granted" in ruled.out
    assert "franking refund-desk pay 1 --as 'treasury officer:NAME'" in ruled.out
    paid = desk.run("refund-desk", "pay", "1", "--as", "treasury officer:Tia")
    assert paid.status == 0
    assert "refund-desk pay" not in desk.run("refund-desk", "show", "1").out


def test_the_treasury_calls_nothing_in_time_that_it_does_not_watch(desk: Program) -> None:
    assert "No lockbox is known" in desk.run("treasury", "transfers").out
    desk.json("pay", DEVICE, "20.00", "--method", "wire")
    desk.json("bank", "tend", "--now", TUESDAY)
    assert "Every transfer came in time" in desk.run("treasury", "transfers").out
