"""Refunds from the command line: asked before filing, filed, decided, claimed, drawn."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures_cli import DEVICE, FUNDED_MILLS, TODAY, Program, funded_home

POSTAGE = 1_000


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A home of its own, with a device of fifty dollars."""
    shutil.copytree(funded_home(), tmp_path / "home")
    return Program(tmp_path / "home")


def serial(program: Program) -> str:
    told: str = program.show()["device_id"]
    return told


def licence(program: Program) -> str:
    told: str = program.json("licence", "list")[0]["licence"]
    return told


def items(program: Program, folder: Path, *lines: str) -> Path:
    """A list of the items of the program's device."""
    path = folder / "items.csv"
    path.write_text("device,postage,ascending,date,printed,pic,service,faults\n" + "\n".join(lines))
    return path


def filed(program: Program, path: Path, *more: object, status: int = 0) -> Any:
    asked = ("refund", "file", "--licence", licence(program), "--items", path, *more)
    return program.json(*asked, status=status)


@pytest.mark.duty("R08-9.2.8-0", "R08-9.3.1a-5")
def test_the_navigator_says_everything_before_anything_is_filed(program: Program) -> None:
    told = program.json("refund", "advise", "--system", "postage meter", "--shown-on", "2026-12-31")
    assert told["decided_by"] == "postmaster of the local post office"
    assert told["last_day"] == "2027-03-01"
    assert told["open"] is True
    assert {each["kind"] for each in told["evidence"]} == {
        "copy of the lease, rental agreement or contract",
        "the items bearing the unused postage",
    }
    late = program.json("refund", "advise", "--system", "postage meter", "--shown-on", "2026-12-30")
    assert [each["code"] for each in late["obstacles"]] == ["REFUND_TOO_LATE"]
    value = ("refund", "advise", "--what", "unused value", "--amount", "24.999")
    check = {each["payout"]: each["possible"] for each in program.json(*value)["payouts"]}
    assert check == {"check": False, "credit": True, "transfer": True}
    words = program.run(*value)
    assert "$24.999 is less than $25.00" in words.out
    assert "DMM 604.9.3.1a (2008)" in words.out


@pytest.mark.duty("R08-9.3.3b-2")
@pytest.mark.parametrize(("printed", "open_still"), [("2027-02-19", True), ("2027-02-18", False)])
def test_the_navigator_counts_ten_days_for_a_pic(
    program: Program, printed: str, open_still: bool
) -> None:
    asked = ("--system", "PC Postage", "--pic", "Express Mail", "--printed-on", printed)
    told = program.json("refund", "advise", *asked)
    assert (told["manner"], told["open"]) == ("electronic", open_still)


def test_what_cannot_be_asked_is_refused_with_what_can(program: Program) -> None:
    unknown = program.refused("refund", "advise", "--system", "PC Postage", "--pic", "Fax")
    assert unknown["code"] == "REFUND_QUESTION_UNCLEAR"
    assert "Delivery Confirmation" in unknown["detail"]
    assert program.refused("refund", "advise", "--amount", "-5")["code"] in (
        "REFUND_AMOUNT_NOT_POSITIVE",
        "USAGE",
    )
    assert program.refused("refund", "advise", "--amount", "1.2345")["code"] == "AMOUNT_UNREADABLE"
    assert program.refused("refund", "show", "R-000009")["code"] == "REFUND_REQUEST_UNKNOWN"


@pytest.mark.duty("R08-9.3.3c-1", "R08-9.2.8d-1", "R08-9.3.2b-1")
def test_printed_pieces_are_filed_listed_drawn_decided_and_claimed(
    program: Program, tmp_path: Path
) -> None:
    name = serial(program)
    for number in range(3):
        program.evidence(f"piece-{number}")
    program.json("device", "audit", DEVICE)
    lines = [f"{name},1.00,{number}.00,2027-03-01,2027-03-01,,," for number in (1, 2)]
    spoilt = f"{name},1.00,3.00,2027-03-01,2027-03-01,,,illegible"
    case = filed(program, items(program, tmp_path, *lines, spoilt))
    assert (case["case"], case["route"]) == ("R-000001", "dated PC Postage without PIC")
    assert [len(each["reasons"]) for each in case["items"]] == [0, 0, 1]
    manifest = program.json("refund", "manifest", "R-000001", "--pdf", tmp_path / "list.pdf")
    assert (manifest["pieces"], manifest["total_mills"]) == (3, 3 * POSTAGE)
    drawn = (tmp_path / "list.pdf").read_bytes()
    assert drawn.startswith(b"%PDF-")
    program.json("refund", "manifest", "R-000001", "--pdf", tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == drawn
    tried = program.json("refund", "decide", "R-000001", "--dry-run")
    assert (tried["status"], tried["amount_mills"]) == ("paid", 2 * POSTAGE)
    assert program.json("refund", "show", "R-000001")["status"] == "filed"
    done = program.json("refund", "decide", "R-000001")
    assert (done["status"], done["amount_mills"]) == ("paid", 2 * POSTAGE)
    rest = program.json("refund", "show", "R-000002", "--pdf", tmp_path / "request.pdf")
    assert (rest["status"], rest["items"][0]["legible"]) == ("denied", False)
    assert rest["appeal"]["days"] == 30
    (claim,) = program.json("refund", "claim")
    assert claim["total_mills"] == 2 * POSTAGE
    (answered,) = program.json("refund", "claims")
    assert (answered["reimbursed_mills"], answered["answered_on"]) == (2 * POSTAGE, "2027-03-01")
    assert program.json("refund", "claim") == []


@pytest.mark.duty("R08-9.3.3-1", "R08-9.2.8d-1")
def test_a_print_is_read_verified_and_refunded_and_its_scan_opens_a_case(
    program: Program, tmp_path: Path
) -> None:
    print_of = tmp_path / "spoilt.png"
    program.evidence("piece-1", "--out", print_of)
    program.json("device", "audit", DEVICE)
    program.json("refund", "file", "--licence", licence(program), "--print", print_of)
    case = program.json("refund", "show", "R-000001")
    assert (case["items"][0]["valid"], case["items"][0]["ascending_mills"]) == (True, POSTAGE)
    assert program.json("refund", "decide", "R-000001")["status"] == "paid"
    told = program.json("piece", "scan", print_of, "--zip", "20260", status=3)
    assert "case" in str(told)
    again = program.json("explain", "refund:R-000001")
    assert "refund R-000001" in str(again)


@pytest.mark.duty("R08-9.2.8d-2", "R08-9.2.8d-3")
def test_a_ruling_of_the_provider_is_appealed_to_headquarters_and_paid(
    program: Program, tmp_path: Path
) -> None:
    name = serial(program)
    for number in (1, 2):
        program.evidence(f"piece-{number}")
    program.json("device", "audit", DEVICE)
    lines = [f"{name},1.00,{number}.00,2027-03-01,2027-03-01,,,illegible" for number in (1, 2)]
    filed(program, items(program, tmp_path, *lines))
    assert program.json("refund", "decide", "R-000001")["status"] == "denied"
    manager = ("--as", "manager, postage technology management:Dan Lord")
    (case,) = program.json("refund-desk", "list")
    number = case["number"]
    appeal = ("refund-desk", "appeal", number, "--letter", "They can be read.", "--by", "Joe Acme")
    without = program.refused(*appeal, "--originals", 0)
    assert "original" in str(without)
    program.json(*appeal, "--originals", 2)
    hear = ("refund-desk", "hear", number, "--grant", 2, "--because", "one can be read")
    program.json(*hear, *manager)
    paid = program.json("refund", "show", "R-000001")
    assert (paid["status"], paid["amount_mills"]) == ("paid", POSTAGE)
    assert "one can be read" in paid["because"]
    (claim,) = program.json("refund", "claim")
    assert [each["key"] for each in claim["entries"]] == [f"piece:{name}:{2 * POSTAGE}"]
    (answered,) = program.json("refund", "claims")
    assert answered["reimbursed_mills"] == POSTAGE


def test_a_forged_print_is_not_refunded(program: Program, tmp_path: Path) -> None:
    genuine, forged = tmp_path / "p.bin", tmp_path / "forged.bin"
    program.evidence("piece-1", "--out", genuine)
    program.json("device", "audit", DEVICE)
    payload = bytearray(genuine.read_bytes())
    payload[21] ^= 1
    forged.write_bytes(payload)
    program.json("refund", "file", "--licence", licence(program), "--print", forged)
    decided = program.json("refund", "decide", "R-000001")
    assert decided["status"] == "denied"
    assert "it is not valid" in decided["because"]


def test_a_piece_is_refunded_once(program: Program, tmp_path: Path) -> None:
    name = serial(program)
    program.evidence("piece-1")
    program.json("device", "audit", DEVICE)
    path = items(program, tmp_path, f"{name},1.00,1.00,2027-03-01,2027-03-01,,,")
    filed(program, path)
    program.json("refund", "decide", "R-000001")
    again = filed(program, path)
    assert program.json("refund", "decide", again["case"])["status"] == "denied"
    told = program.json("refund", "show", again["case"])["because"]
    assert "it was refunded before" in told


@pytest.mark.duty("R08-9.3.1a-2", "R08-9.3.1b-1", "R08-9.3.1a-1")
def test_value_of_a_withdrawn_system_is_examined_then_credited(program: Program) -> None:
    name, held = serial(program), licence(program)
    program.evidence("piece-1")
    asked = ("--what", "unused value", "--device", name, "--licence", held)
    case = program.json("refund", "file", *asked, "--payout", "credit")
    refused = program.refused("refund", "decide", case["case"])
    assert refused["code"] == "REFUND_SYSTEM_NOT_EXAMINED"
    program.json("device", "withdraw", DEVICE)
    program.json("device", "clear", DEVICE, "--examiner", "A. Clerk")
    done = program.json("refund", "decide", case["case"])
    assert (done["status"], done["amount_mills"]) == ("paid", FUNDED_MILLS - POSTAGE)
    assert done["examined"]["is_signed"] is True
    twice = program.json("refund", "file", *asked, "--payout", "credit")
    again = program.refused("refund", "decide", twice["case"])
    assert again["code"] == "REFUND_VALUE_NOT_IN_BOOKS"


@pytest.mark.duty("R08-Pre-PCmodel", "R08-9.3.1b-1")
def test_the_provider_pays_a_closed_account_and_is_reimbursed_once(program: Program) -> None:
    name, held = serial(program), licence(program)
    program.json("device", "withdraw", DEVICE)
    program.json("device", "clear", DEVICE, "--examiner", "A. Clerk")
    asked = ("--what", "unused value", "--device", name, "--licence", held)
    case = program.json("refund", "file", *asked, "--payout", "provider")
    assert case["route"] == "value in a closed PC Postage account"
    assert program.json("refund", "decide", case["case"])["status"] == "paid"
    assert program.json("refund", "claim", "--dry-run")[0]["total_mills"] == FUNDED_MILLS
    program.json("refund", "claim")
    (answered,) = program.json("refund", "claims")
    (entry,) = answered["entries"]
    assert (entry["outcome"], entry["key"]) == ("reimbursed", f"value:{name}:{case['case']}")
    assert program.json("refund", "claim") == []


@pytest.mark.duty("R08-9.3.1a-4")
def test_a_check_is_forwarded_ruled_and_issued_across_the_domains(program: Program) -> None:
    name, held = serial(program), licence(program)
    asked = ("--what", "unused value", "--device", name, "--licence", held)
    case = program.json("refund", "file", *asked, "--payout", "check", "--system", "postage meter")
    program.json("device", "withdraw", DEVICE)
    program.json("device", "clear", DEVICE, "--examiner", "A. Clerk")
    forwarded = program.json("refund", "decide", case["case"])
    assert forwarded["status"] == "with the Postal Service"
    (waiting,) = program.json("refund-desk", "list")
    assert waiting["asked_mills"] == FUNDED_MILLS
    number = waiting["number"]
    rule = ("refund-desk", "decide-value", number, "--grant", "50.00", "--because", "in order")
    program.json(*rule, "--as", "manager, postage technology management:Dan Lord")
    granted = program.json("refund", "show", case["case"])
    assert (granted["status"], granted["decided_by"]) == ("granted", "Dan Lord")
    program.json("refund-desk", "pay", number, "--as", "treasury officer:Tia Moss")
    paid = program.json("refund", "show", case["case"])
    assert paid["status"] == "paid"
    assert paid["reference"]


def test_a_list_with_wrong_lines_is_refused_whole(program: Program, tmp_path: Path) -> None:
    path = items(program, tmp_path, "FK1A,abc,1.00,2027-03-01,,,,", "FK1A,1.00,1.00,yesterday,,,,")
    asked = ("refund", "file", "--licence", licence(program), "--items", path)
    refused = program.refused(*asked)
    assert refused["code"] == "ITEMS_UNREADABLE"
    assert "line 2" in refused["detail"]
    assert "line 3" in refused["detail"]
    assert program.json("refund", "list") == []
    assert TODAY.startswith("2027-03-01")
