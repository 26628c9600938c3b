"""A device replaced, reported defective, or owing a mailpiece: told at the command line.

On both databases, under a clock that ``--now`` moves.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures_cli import Program
from tests.fixtures_databases import DATABASES
from tests.fixtures_money import account_in_home
from tests.fixtures_stories import (
    LEASE,
    METER,
    OTHER,
    checked_in,
    checked_out,
    in_stock,
    movements,
    on,
    owed,
    prepared,
    state,
    swept,
    with_a_device,
    with_a_meter,
)

DEVICE = f"device:{METER}"
RETRIEVE, TAKE_IN, PIECE = (
    "retrieve defective device",
    "take in unwanted device",
    "quality mailpiece",
)
EVER = ("--status", "all")


@pytest.fixture(params=DATABASES)
def meters(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """A home with a meter in service since 4 March 1996."""
    return prepared(with_a_meter, request.param).copied(tmp_path, monkeypatch)


@pytest.fixture(params=DATABASES)
def devices(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """A home with a PSD in service since 2 June 1997."""
    return prepared(with_a_device, request.param).copied(tmp_path, monkeypatch)


@pytest.mark.duty("R95-501.24")
def test_a_meter_is_replaced_before_it_breaks_down(meters: Program) -> None:
    in_stock(meters, OTHER)
    meters.json("inventory", "replace", METER, "--with", OTHER)
    assert state(meters, METER) == "retrieving"
    assert owed(meters, DEVICE)[TAKE_IN][0] == "open"
    again = meters.refused("inventory", "replace", METER, "--with", OTHER)
    assert again["code"] == "REPLACEMENT_UNFIT"
    checked_in(meters, OTHER, "--replaces", METER)
    checked_out(meters, METER)
    lease = meters.json("lease", "show", LEASE)
    assert lease["devices"] == [OTHER]
    assert lease["history"][-1]["because"].startswith(OTHER)
    assert owed(meters, DEVICE) == {}
    assert owed(meters, f"device:{OTHER}")["quarterly reset or examination"][0] == "open"
    told = meters.run("device", "history", METER).out
    assert f"replaced by {OTHER}" in told


def test_a_psd_is_replaced_by_another_under_the_same_lease(devices: Program) -> None:
    former = devices.show("office")["device_id"]
    new = devices.json("device", "create", "new")["device_id"]
    devices.json("inventory", "replace", former, "--with", new)
    there = ("--zip=01101", "--city=Springfield", "--state=MA")
    who = ("--licensee=Acme Bolts", "--address=12 Main St, Springfield MA 01101")
    devices.json("device", "authorize", "new", *there, *who)
    devices.json("device", "withdraw", "office", "--reason=replaced")
    assert devices.json("lease", "show", LEASE)["devices"] == [new]
    assert movements(devices, former)[-2:] == ["retrieving", "checked out"]
    assert movements(devices, new)[-3:] == ["checked in", "issued", "in service"]
    assert owed(devices, f"device:{former}") == {}


@pytest.mark.duty("R95-501.22(h)-1")
def test_a_defective_meter_is_retrieved_within_three_business_days(meters: Program) -> None:
    _reported_before_memorial_day(meters)
    on(meters, "1996-05-30")
    swept(meters, "provider")
    assert owed(meters, DEVICE)[RETRIEVE] == ("open", "1996-05-30")
    meters.json("inventory", "retrieve", METER)
    checked_out(meters, METER)
    assert owed(meters, DEVICE, *EVER)[RETRIEVE] == ("satisfied", "1996-05-30")
    assert movements(meters, METER)[-3:] == ["do not use", "retrieving", "checked out"]


@pytest.mark.duty("R95-501.22(h)-1")
def test_a_defective_meter_retrieved_too_late_is_noted_with_its_cost(meters: Program) -> None:
    _reported_before_memorial_day(meters)
    on(meters, "1996-05-31")
    assert swept(meters, "provider")[RETRIEVE] == 1
    noted = ("docket", "note", DEVICE, RETRIEVE, "the van broke down", "--cost=85.00")
    meters.json(*noted)
    on(meters, "1996-06-03")
    checked_out(meters, METER)
    assert owed(meters, DEVICE, *EVER)[RETRIEVE] == ("satisfied late", "1996-05-30")
    told = meters.run("explain", METER).out
    assert "the van broke down" in told
    assert "3 business days (defect_retrieval_business_days" in told


def _reported_before_memorial_day(meters: Program) -> None:
    """Friday before a holiday: its three business days are Tuesday to Thursday."""
    on(meters, "1996-05-24")
    meters.json("telephone-reset", "enrol", METER)
    meters.json("inventory", "defective", METER, "--defect=prints a blank", "--as=mailer:Joe Acme")
    assert state(meters, METER) == "do not use"
    assert owed(meters, DEVICE)[RETRIEVE] == ("open", "1996-05-30")
    registers = ("--ascending=0", "--descending=0")
    asked = ("--amount=50.00", "--account", account_in_home(meters.home), *registers)
    refused = meters.refused("telephone-reset", "call", METER, *asked)
    assert refused["code"] == "RESET_DENIED"
    assert "defect: prints a blank (39 CFR 501.22(h) (1995))" in refused["detail"]


@pytest.mark.duty("R97-502.27-2", "R97-502.27-3")
def test_an_overdue_mailpiece_denies_resets_until_a_good_one_comes(devices: Program) -> None:
    serial, piece = devices.show("office")["device_id"], Path("piece.png").resolve()
    assert owed(devices, f"device:{serial}")[PIECE] == ("open", "1997-09-02")
    on(devices, "1997-08-29")
    devices.json("device", "audit", "office")
    devices.evidence("for-quality", "--out", piece)
    on(devices, "1997-09-03")
    assert swept(devices, "provider")[PIECE] == 1
    refused = devices.refused("device", "reset", "office", "--amount=5.00")
    assert refused["code"] == "RESET_DENIED"
    assert "502.27" in refused["detail"]
    told = devices.json("quality", "show", serial)
    assert told["notices"][0]["kind"] == "resets denied"
    referrals = devices.json("examination", "office")["referrals"]
    assert [each["ground"] for each in referrals] == ["no quality mailpiece"]
    old = devices.refused("quality", "receive", serial, piece)
    assert old["code"] == "TRUST_LIST_TOO_OLD"
    devices.json("trust", "publish")
    assert devices.json("quality", "receive", serial, piece)["grade"] == "good"
    assert "not denied" in devices.run("quality", "show", serial).out
    devices.json("device", "reset", "office", "--amount=5.00")
    standing = owed(devices, f"device:{serial}", *EVER)
    assert standing[PIECE] == ("open", "1997-12-03")


def test_a_lost_psd_that_comes_back_is_recovered_and_withdrawn(devices: Program) -> None:
    serial = devices.show("office")["device_id"]
    devices.json("device", "report", "office", "--reason=lost")
    assert state(devices, serial) == "lost"
    devices.json("device", "withdraw", "office", "--reason=found in a taxi")
    assert movements(devices, serial)[-3:] == ["lost", "recovered", "checked out"]
    assert devices.json("lease", "show", LEASE)["devices"] == []
