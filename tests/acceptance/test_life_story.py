"""One meter's whole life, from the application for its licence to the end of its record.

Told at the command line, on both databases, under a clock that ``--now`` moves.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures_cli import Program
from tests.fixtures_databases import DATABASES
from tests.fixtures_money import account_in_home
from tests.fixtures_stories import (
    DESK,
    LEASE,
    LICENCE,
    METER,
    checked_in,
    checked_out,
    in_stock,
    leased,
    licensed,
    movements,
    on,
    owed,
    prepared,
    state,
    status,
    swept,
    with_a_model,
)

DEVICE = f"device:{METER}"
QUARTER, YEAR, VISIT = (
    "quarterly reset or examination",
    "yearly postal examination",
    "inspection of a meter",
)
BRING_IN, APPROACH, ANSWER, REMOVE = (
    "bring the meter in for examination",
    "second approach",
    "answer to the second approach",
    "remove device",
)
EVER, POSTAL = ("--status", "all"), ("--domain", "postal")
QUARTERS = (
    ("1996-02-02", "0", "0"),
    ("1996-04-20", "80.00", "20.00"),
    ("1996-07-10", "160.00", "40.00"),
    ("1996-10-09", "240.00", "60.00"),
    ("1997-01-08", "320.00", "80.00"),
)
"""Days on which the licensee resets by telephone, and what the meter shows before it."""
ANN, BEA = ("--as", "provider agent:Ann"), ("--as", "provider agent:Bea")


@pytest.fixture(params=DATABASES)
def office(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """A provider with an approved model, on 1 February 1996."""
    return prepared(with_a_model, request.param).copied(tmp_path, monkeypatch)


@pytest.mark.duty(
    "R95-501.22(f)-3", "R95-501.22(f)-5", "R95-501.22(f)-6", "R95-501.22(k)-1", "R95-501.22(k)-4"
)
def test_a_meter_from_its_licence_to_the_destruction_of_its_record(office: Program) -> None:
    _licensed_leased_and_installed(office)
    _used_for_a_year(office)
    _an_examination_is_missed(office)
    _approached_again_and_denied(office)
    _referred_and_revoked(office)
    _removed(office)
    _scrapped_and_kept(office)
    _destroyed_by_two_people(office)


def _licensed_leased_and_installed(office: Program) -> None:
    assert licensed(office) == LICENCE
    assert leased(office, LICENCE) == LEASE
    in_stock(office, METER)
    office.json("telephone-reset", "enrol", METER)
    assert office.refused("inventory", "issue", METER)["code"] == "DEVICE_MOVE_UNSUITABLE"
    office.json("lease", "place", LEASE, METER)
    checked_in(office, METER)
    assert state(office, METER) == "in service"
    assert movements(office, METER) == [
        *("produced", "inspected", "checked in", "issued", "in service"),
    ]
    assert owed(office, DEVICE) == {
        QUARTER: ("open", "1996-05-01"),
        YEAR: ("open", "1997-02-01"),
        VISIT: ("open", "1998-02-01"),
    }
    told = office.run("explain", METER).out
    assert "due 1996-05-01 under DMM P030.3.11 (1995): 3 months" in told


def _used_for_a_year(office: Program) -> None:
    account = account_in_home(office.home)
    for day, ascending, descending in QUARTERS:
        on(office, day)
        assert QUARTER not in swept(office, "provider")
        told = office.json(*_reset(ascending, descending, account))
        office.json("telephone-reset", "key-in", METER, "--amount=100.00", "--code", told["code"])
    assert owed(office, DEVICE)[QUARTER] == ("open", "1997-04-08")
    on(office, "1997-01-20")
    (ahead,) = office.json("examination", "notices")["ahead"]
    assert (ahead["serial"], ahead["due_on"]) == (METER, "1997-02-01")
    examined = ("examination", "at-office", METER, "--licence", LICENCE)
    office.json(*examined, "--ascending=330.00", "--descending=170.00")
    standing = owed(office, DEVICE)
    assert (standing[YEAR], standing[QUARTER]) == (("open", "1998-01-20"), ("open", "1997-04-20"))
    read = [
        line["text"]
        for line in office.json("device", "history", METER)["history"]
        if line["what"] == "reading"
    ]
    assert read[-1] == "examination: ascending $330.00, descending $170.00"


def _reset(ascending: str, descending: str, account: str) -> tuple[str, ...]:
    registers = ("--ascending", ascending, "--descending", descending)
    asked = ("--account", account, "--amount=100.00", *registers)
    return ("telephone-reset", "call", METER, *asked)


def _an_examination_is_missed(office: Program) -> None:
    on(office, "1997-04-21")
    assert swept(office, "provider")[QUARTER] == 1
    standing = owed(office, DEVICE)
    assert standing[QUARTER] == ("missed", "1997-04-20")
    assert (standing[BRING_IN], standing[APPROACH]) == (
        ("open", "1997-05-06"),
        ("open", "1997-05-06"),
    )
    (case,) = office.json("examination", "cases")
    assert (case["serial"], case["status"], case["due_on"]) == (METER, "noticed", "1997-05-06")
    (expected,) = office.json("examination", "office", "--zip=01101")["expected"]
    assert expected["serial"] == METER
    told = office.run("docket", "--record", DEVICE).out
    assert "missed" in told
    assert "Bring the meter and its log to the licensing post office" in told


def _approached_again_and_denied(office: Program) -> None:
    on(office, "1997-05-05")
    called = office.json("examination", "approach", METER)
    assert (called["approached_how"], called["due_on"]) == ("in person", "1997-05-20")
    on(office, "1997-05-07")
    assert swept(office, "provider") == {BRING_IN: 1}
    account = account_in_home(office.home)
    refused = office.refused(*_reset("400.00", "100.00", account))
    assert refused["code"] == "RESET_DENIED"
    assert "not brought in for examination by 1997-05-06" in refused["detail"]
    assert "39 CFR 501.22(f) (1995)" in refused["detail"]
    told = office.run("explain", METER).out
    assert "resets denied until lifted (examination overdue) since 1997-05-07" in told
    assert state(office, METER) == "in service"


def _referred_and_revoked(office: Program) -> None:
    on(office, "1997-05-21")
    assert swept(office, "provider") == {ANSWER: 1}
    (referral,) = office.json("examination", "office")["referrals"]
    assert "approached again in person on 1997-05-05" in referral["facts"]
    on(office, "1997-05-22")
    office.json("examination", "remove", referral["number"], "--as", DESK)
    assert status(office) == "revocation noticed"
    assert owed(office, DEVICE)[REMOVE] == ("open", "1997-06-06")
    assert state(office, METER) == "retrieving"
    office.json("licence", "received", LICENCE, "--on=1997-05-22")
    on(office, "1997-06-02")
    assert swept(office)["revocation takes effect"] == 1
    assert status(office) == "revoked"
    lease = office.json("lease", "show", LEASE)
    assert (lease["status"], lease["clause"]) == ("cancelled", "39 CFR 501.22(l) (1995)")
    told = office.run("explain", f"licence:{LICENCE}").out
    assert "10 days (revocation_days, DMM P030.2.4 (1995)), counted from 1997-05-22" in told


def _removed(office: Program) -> None:
    on(office, "1997-06-05")
    checked_out(office, METER, "410.00", "90.00")
    assert owed(office, DEVICE) == {}
    assert owed(office, DEVICE, "--status=all")[REMOVE] == ("satisfied", "1997-06-06")
    removal = owed(office, f"licence:{LICENCE}/Provider of this home", *EVER, *POSTAL)
    assert list(removal.values()) == [("satisfied", "1997-06-17")]
    assert office.json("examination", "office") == {"expected": [], "referrals": []}
    (case,) = office.json("examination", "show", METER)["cases"]
    assert case["status"] == "removed"
    assert office.json("lease", "show", LEASE)["devices"] == []
    assert "device removed" in office.run("licence", "show", LICENCE).out


def _scrapped_and_kept(office: Program) -> None:
    on(office, "1997-06-10")
    office.json("inventory", "scrap", METER, "--because=worn out")
    assert movements(office, METER)[-3:] == ["retrieving", "checked out", "scrapped"]
    assert owed(office, DEVICE) == {"destroy life record": ("open", "2000-06-10")}
    (kept,) = [each for each in office.json("retention", "list") if each["record"] == DEVICE]
    assert (kept["keep_until"], kept["destroy_by"]) == ("2000-06-10", "2000-06-10")
    on(office, "2000-06-09")
    early = office.refused("retention", "propose", DEVICE, *ANN)
    assert early["code"] == "RECORD_KEPT_STILL"


def _destroyed_by_two_people(office: Program) -> None:
    on(office, "2000-06-10")
    office.json("retention", "propose", DEVICE, *ANN)
    alone = office.refused("retention", "destroy", DEVICE, *ANN)
    assert alone["code"] == "SECOND_PERSON_WANTED"
    office.json("journal", "checkpoint", "--domain=provider")
    assert "320000" in _journal(office)
    office.json("retention", "destroy", DEVICE, *BEA)
    after = office.json("journal", "checkpoint", "--domain=provider")
    told = office.run("device", "history", METER).out
    assert told.startswith(f"Certificate 1: device life record of {DEVICE}")
    assert told.rstrip().endswith("deleted from the books on 2000-06-10 by Ann and Bea.")
    assert "reading" not in told
    assert office.json("inventory", "find") == []
    assert owed(office, DEVICE) == {}
    assert "320000" not in _journal(office)
    found = office.json("journal", "verify", "life.jsonl", "--key", after["key"])
    assert (found["faults"], found["checkpoints"]) == ([], 2)
    assert found["destroyed"] > 30


def _journal(office: Program) -> str:
    """The provider's journal as exported; readings stand in it until they are destroyed."""
    office.json("journal", "export", "life.jsonl", "--domain=provider")
    return Path("life.jsonl").read_text()
