"""The refund desks and the scanners of the mail, as people run them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures_cli import DEVICE, Program, funded_home
from tests.fixtures_cli import program as program

ASKED = ("--requester", "Acme Bolts", "--zip", "20260", "--proof", "lease")
CENTER = ("--as", "manager, pricing and classification service center:Cleo Pratt")
MARSH = ("--as", "postmaster:Paul Marsh")


def printed(program: Program, number: int) -> Path:
    """A piece of the device as a picture of its symbol."""
    file = program.home.parent / f"{number}.png"
    program.evidence(f"piece-{number}", "--out", file)
    return file


def written(program: Program, *lines: str) -> Path:
    file = program.home.parent / "items.csv"
    file.write_text("device,postage,ascending,date,pieces,form,faults\n" + "\n".join(lines))
    return file


@pytest.mark.duty("R08-9.2.8b-1", "R08-9.3.2b-2")
def test_a_piece_is_refunded_at_the_counter_and_its_later_scan_opens_a_case(
    program: Program,
) -> None:
    file = printed(program, 1)
    case = program.json("refund-desk", "file", *ASKED, "--print", file)
    assert (case["route"], case["asked_mills"]) == ("dated metered postage", 1000)
    ruled = program.json("refund-desk", "decide", case["number"], "--because", "unused")
    assert (ruled["status"], ruled["granted_mills"], ruled["due_mills"]) == ("final", 1000, 900)
    paid = program.json("refund-desk", "pay", 1, "--as", "treasury officer:Tia Moss")
    assert paid["amount_mills"] == 900
    (seen,) = program.json("piece", "scan", file, "--zip", "20260", status=3)
    assert seen["outcome"].startswith("case 1: ")
    assert "refunded" in program.run("piece", "show", seen["device"], "1.00").out
    (opened,) = program.json("piece", "cases")
    assert opened["kind"] == "mailed after refund"
    closed = program.json("piece", "close", 1, "--finding", "a copy of a refunded print")
    assert closed["status"] == "closed"
    assert program.json("piece", "cases") == []


def test_a_mailed_piece_is_not_refunded(program: Program) -> None:
    file = printed(program, 1)
    (seen,) = program.json("piece", "scan", file, "--zip", "20260")
    assert (seen["verdict"], seen["outcome"]) == ("authentic", "mailed")
    program.json("refund-desk", "file", *ASKED, "--print", file)
    (ahead,) = program.json("refund-desk", "decide", 1, "--because", "unused", "--dry-run")["items"]
    assert (ahead["granted"], ahead["reasons"][0]["code"]) == (False, "REFUND_AFTER_MAILING")
    assert program.json("refund-desk", "show", 1)["status"] == "filed"
    assert program.json("piece", "cases") == []
    ruled = program.json("refund-desk", "decide", 1, "--because", "unused")
    assert ruled["status"] == "denied"
    assert "dated metered postage: denied" in program.run("explain", "refund:1").out
    assert "refund asked after mailing" in program.run("explain", "piece-case:1").out
    assert ruled["items"][0]["reasons"][0]["code"] == "REFUND_AFTER_MAILING"


def test_an_appeal_goes_its_way_and_its_decision_is_final(program: Program) -> None:
    file = written(program, "FK1A0000000009,0.42,,2027-02-20,3,,", "FK1A0000000009,0.42,,,1,,")
    assert program.refused("refund-desk", "file", *ASKED, "--items", file)["code"] == "REFUND_MIXED"
    file = written(program, "FK1A0000000009,0.42,,2027-02-20,3,,")
    program.json("refund-desk", "file", *ASKED, "--items", file)
    program.json("refund-desk", "decide", 1, "--because", "x", "--deny", "2=it looks mailed")
    program.json("refund-desk", "received", 1, "--on", "2027-03-01")
    appeal = ("refund-desk", "appeal", 1, "--letter", "We have it here.", "--by", "Joe Acme")
    assert program.refused(*appeal, "--originals", 0)["code"] == "ORIGINALS_MISSING"
    filed = program.json(*appeal, "--originals", 1)
    assert filed["through"] == "postmaster"
    program.json("refund-desk", "forward", 1, *MARSH)
    heard = program.json("refund-desk", "hear", 1, "--grant", 2, "--because", "it stayed", *CENTER)
    assert heard["sustained"]
    shown = program.run("refund-desk", "show", 1)
    assert "appeal sustained" in shown.out
    assert program.json("refund-desk", "appeals") == []
    assert program.json("refund-desk", "list") == []


def test_refunded_items_are_destroyed_with_a_certificate_on_paper(program: Program) -> None:
    file = written(program, "FK1A0000000009,0.42,,2027-02-20,3,,")
    program.json("refund-desk", "file", *ASKED, "--items", file)
    program.json("refund-desk", "decide", 1, "--because", "unused")
    sheet = program.home.parent / "certificate.pdf"
    told = program.json("refund-desk", "destroy", 1, "--witness", "Mia Best", "--pdf", sheet)
    assert told["certificate"] == "D-000001"
    assert sheet.read_bytes().startswith(b"%PDF")


def test_designees_are_named_in_writing(program: Program) -> None:
    program.json("refund-desk", "designate", "Springfield", "Del Eagan", "--letter", "memo 1")
    assert "Del Eagan" in program.run("refund-desk", "designees").out
    program.json("refund-desk", "end-designation", 1)
    assert program.json("refund-desk", "designees")[0]["until"] == "2027-03-01"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("FK1A0000000009,-1,,,1,,", "line 2"),
        ("FK1A0000000009,0.4242,,,1,,", "line 2"),
        ("FK1A0000000009,0,,,1,,", "postage of 0"),
        (",1.00,,,1,,", "line 2"),
        ("FK1A0000000009,1.00,,2027-02-30,1,,", "2027-02-30"),
        ("FK1A0000000009,1.00,,,0,,", "line 2"),
        ("FK1A0000000009,1.00,5.00,,2,,", "share one ascending"),
        ("FK1A0000000009,1.00,,,1,rolled,", "rolled"),
        ("FK1A0000000009,1.00,,,1,,eaten", "eaten"),
        ("FK1A0000000009,99999999999999,,,1,,", "line 2"),
    ],
)
def test_a_list_with_one_bad_line_is_not_taken_at_all(
    program: Program, line: str, why: str
) -> None:
    file = written(program, line, "FK1A0000000009,0.42,,2027-02-20,1,,")
    refused = program.refused("refund-desk", "file", *ASKED, "--items", file)
    assert refused["code"] == "ITEMS_UNREADABLE"
    assert why in refused["detail"]
    assert program.json("refund-desk", "list") == []


def test_what_is_not_there_is_told_in_words(program: Program) -> None:
    assert program.refused("refund-desk", "show", 9)["code"] == "REFUND_CASE_UNKNOWN"
    assert program.refused("piece", "show", "FK1A0000000009", "1.00")["code"] == "PIECE_UNKNOWN"
    assert program.refused("piece", "close", 9, "--finding", "x")["code"] == "PIECE_CASE_UNKNOWN"
    assert program.refused("refund-desk", "pay", 9)["code"] == "REFUND_CASE_UNKNOWN"
    nothing = ("refund-desk", "file", *ASKED, "--items", "nowhere.csv")
    assert program.refused(*nothing)["code"] == "ITEMS_UNREADABLE"
    assert program.refused("refund-desk", "file", *ASKED)["code"] == "REFUND_INCOMPLETE"
    assert program.run("refund-desk", "claims").out.strip() == "Nothing was claimed."


__all__ = ["DEVICE", "funded_home"]
