"""The treasury from the command line: agreement, an alarm, a suspension, an inspection."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest

from tests.fixtures_cli import DEVICE, TODAY, Program

PROVIDER = "Provider of this home"
MORNING, NOON = "2027-03-02T08:00", "2027-03-02T12:00"


@cache
def paid_home() -> Path:
    """A home whose one device was reset from a payment through the lockbox bank; to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="franking-treasury-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    program = Program(folder / "home")
    program.json("home", "create", "--simulated-clock", program.home)
    program.json("device", "create", DEVICE, "--now", TODAY)
    program.json("device", "authorize", DEVICE, "--zip", "20260")
    program.json("pay", DEVICE, "200.00", "--method", "check")
    program.json("device", "reset", DEVICE, "--amount", "50.00")
    return program.home


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.delenv("FRANKING_HOME", raising=False)
    shutil.copytree(paid_home(), tmp_path / "home")
    return Program(tmp_path / "home")


@pytest.mark.duty("R97-Pre-Recon")
@pytest.mark.duty("R95-501.28(e)(4)-1")
def test_a_payment_reaches_the_fund_and_all_three_books_agree(program: Program) -> None:
    program.json("bank", "tend", "--now", MORNING)
    program.json("close")
    told = program.json("treasury", "overview")
    held = told["providers"][PROVIDER]
    assert held["device"] == 50_000
    assert held["lockbox"] == -(held["deposits"] + held["device"])
    assert told["sum_mills"] == 0
    assert told["differences"] == {PROVIDER: 0}
    program.json("bank", "tend", "--now", NOON)
    (watch,) = program.json("treasury", "transfers", "--all")
    assert (watch["banking_day"], watch["status"]) == ("2027-03-02", "in time")
    told = program.json("treasury", "overview")
    assert told["fund_mills"] == held["deposits"] + held["device"]
    assert program.json("treasury", "differences") == []
    (lockbox,) = program.json("treasury", "lockboxes")
    assert (lockbox["status"], lockbox["approval"]) == ("approved", "LB-0001")


@pytest.mark.duty("R95-501.28(e)(4)-1")
def test_a_bank_that_does_not_transfer_is_an_alarm_at_ten(program: Program) -> None:
    program.json("bank", "hold-transfers")
    program.json("bank", "tend", "--now", "2027-03-02T09:59")
    assert program.json("treasury", "transfers") == []
    (alarm,) = program.json("treasury", "transfers", "--now", "2027-03-02T10:00", status=1)
    assert alarm["short_mills"] == alarm["payable_mills"] > 0
    shown = program.run("treasury", "transfers")
    assert "alarm" in shown.out
    assert "Warning" in shown.err
    program.json("bank", "hold-transfers", "--release")
    program.json("bank", "tend", "--now", NOON)
    assert program.json("treasury", "transfers") == []


@pytest.mark.duty("R95-501.28(c)-3")
def test_suspended_resetting_grants_nothing_and_says_why(program: Program) -> None:
    program.json("treasury", "assess", "--finding", "duplicate grants", "--propose-suspension")
    early = program.refused("treasury", "suspend", 1, "--deficiency", "funds are lost")
    assert early["code"] == "SUSPENSION_TOO_EARLY"
    shorter = ("--shorter", "amounts grow by the hour")
    program.json("treasury", "suspend", 1, "--deficiency", "funds are lost", *shorter)
    refused = program.refused("device", "reset", DEVICE, "--amount", "10.00")
    assert refused["code"] == "RESETTING_SUSPENDED"
    assert "501.28(c)" in refused["clause"]
    assert "funds are lost" in refused["detail"]
    serial = program.show()["device_id"]
    explained = program.run("explain", serial)
    assert "resetting noticed" in explained.out
    assert "resetting suspension noticed" in program.run("explain", f"treasury:{PROVIDER}").out
    program.json("treasury", "decide", 1, "--withdraw", "--because", "solved and tried")
    program.json("device", "reset", DEVICE, "--amount", "10.00")


@pytest.mark.duty("R95-501.28(h)")
def test_records_are_produced_for_an_inspection(program: Program, tmp_path: Path) -> None:
    visit = ("--at", "2027-03-02T10:00", "--representative", "I. Spector")
    days = ("--since", "2027-03-01", "--until", "2027-03-01")
    at_night = ("--at", "2027-03-02T22:00", "--representative", "I. Spector")
    refused = program.refused("treasury", "inspect", *at_night, *days)
    assert refused["code"] == "TIME_UNREASONABLE"
    program.json("treasury", "inspect", *visit, *days)
    file = tmp_path / "records.jsonl"
    program.json("treasury", "produce-records", 1, file)
    (one,) = program.json("treasury", "inspections")
    assert one["status"] == "records produced"
    assert one["entries"] == len(file.read_text().splitlines())
    done = program.json("treasury", "close-inspection", 1, "--finding", "in order")
    assert done["status"] == "done"


@pytest.mark.duty("R95-501.28(b)(5)-1")
def test_a_deposit_of_the_provider_is_stated_to_it(program: Program) -> None:
    done = program.json("treasury", "deposit", "500.00", "--because", "wire 17")
    assert (done["number"], done["balance_mills"]) == (1, 500_000)
    out = ("--out", "--because", "wire 18")
    refused = program.refused("treasury", "deposit", "500.01", *out)
    assert refused["code"] == "DEPOSIT_SHORT"


def test_files_that_are_none_are_set_aside_or_refused(program: Program, tmp_path: Path) -> None:
    missing = program.refused("treasury", "take-file", tmp_path / "none.bai")
    assert missing["code"] == "BANK_FILE_UNREADABLE"
    (tmp_path / "poem.bai").write_text("roses are red")
    told = program.json("treasury", "take-file", tmp_path / "poem.bai", status=1)
    assert told["status"] == "set aside"
    assert "line 1" in told["because"]
    (listed,) = program.json("treasury", "files")
    assert listed["name"] == "poem.bai"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("convert", "--step", "lockbox"), "TIMETABLE_UNREADABLE"),
        (("convert", "--step", "lockbox=soon"), "TIME_UNREADABLE"),
        (("settle", "9", "--because", "x"), "DIFFERENCE_UNKNOWN"),
        (("accept", "9", "--because", "x"), "ASSESSMENT_UNKNOWN"),
        (("disclose-costs", "9", "--resetting", "1", "--conversion", "1"), "LETTER_UNKNOWN"),
        (("review-costs", "9", "--review", "x"), "COSTS_UNKNOWN"),
        (("deposit", "0.00", "--because", "x"), "DEPOSIT_UNFIT"),
        (("deposit", "0.0001", "--because", "x"), "AMOUNT_UNREADABLE"),
        (("assess", "--rulebook", "meter-1066"), "RULEBOOK_WITHOUT_ASSESSMENT"),
        (("approve", "1", "2", "--because", "x"), "LOCKBOX_UNKNOWN"),
        (("want-report", "gossip", "--since", "2027-03-01"), "REPORT_NOT_ON_REQUEST"),
    ],
)
def test_what_is_not_there_or_unreadable_is_refused(
    program: Program, words: tuple[str, ...], code: str
) -> None:
    assert program.refused("treasury", *words)["code"] == code
