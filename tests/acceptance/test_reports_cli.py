"""The lists and reports that a provider files, as people run them, on both databases."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures_cli import Program
from tests.fixtures_databases import DATABASES
from tests.fixtures_stories import LICENCE, METER, on, owed, prepared, with_a_device, with_a_meter

GHOST = "0100000777"
POSTMASTER = ("--as", "postmaster:Pat Moore")
TREASURER = ("--as", "treasury officer:Ted Coe")


@pytest.fixture(params=DATABASES)
def meters(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """A meter in service since 4 March 1996; the quarter ends on 24 May."""
    program = prepared(with_a_meter, request.param).copied(tmp_path, monkeypatch)
    on(program, "1996-05-25")
    return program


@pytest.fixture(params=DATABASES)
def devices(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """A PSD in service since 2 June 1997, with fifty dollars in it."""
    return prepared(with_a_device, request.param).copied(tmp_path, monkeypatch)


def lines_of(path: Path) -> list[dict[str, str]]:
    """A list as whoever receives it reads it."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.duty("R95-501.22(j)-1", "R95-501.22(j)-2")
def test_all_meters_in_service_are_listed_at_the_close_of_the_quarter(
    meters: Program, tmp_path: Path
) -> None:
    first, again = tmp_path / "first.csv", tmp_path / "again.csv"
    filed = meters.json("report", "in-service", first)
    assert (filed["quarter"], filed["closed_on"], filed["devices"]) == ("1996-Q3", "1996-05-24", 1)
    assert lines_of(first) == [
        {
            "serial": METER,
            "model": "6500",
            "user": "Acme Bolts",
            "address": "12 Main St",
            "in_service_on": "1996-03-04",
            "office_zip": "01101",
        }
    ]
    assert meters.json("report", "in-service", again)["digest"] == filed["digest"]
    assert again.read_bytes() == first.read_bytes(), "the list of a quarter is one file for ever"
    early = meters.refused("report", "in-service", again, "--on=1996-06-01")
    assert (early["code"], early["clause"]) == ("QUARTER_NOT_CLOSED", "39 CFR 501.22(j) (1995)")


@pytest.mark.duty("R95-501.22(j)-3")
def test_what_is_in_one_record_only_is_reconciled_through_a_branch(
    meters: Program, tmp_path: Path
) -> None:
    told = tmp_path / "told.csv"
    placed = ("--model=6500", "--user=Elm Press", "--placed-on=1996-04-01", "--office=01101")
    meters.json("report", "office-note", "--serial", GHOST, *placed, *POSTMASTER)
    meters.json("report", "office-note", "--serial", METER, "--left", *POSTMASTER)
    meters.json("report", "in-service", told)
    assert meters.json("report", "take-list", told)["new_differences"] == 2
    assert meters.json("report", "take-list", told)["new_differences"] == 0
    found = meters.json("report", "differences")
    assert sorted(each["device"] for each in found) == [METER, GHOST]
    duties = owed(meters, "list:1996-Q3")
    assert [status for status, _ in duties.values()] == ["open"]
    how = ("--disposition=postal record to be corrected", "--through=Springfield branch")
    numbers = [each["number"] for each in found]
    why = "--because=the office's papers were of another maker"
    settled = meters.json("report", "dispose", "1996-Q3", *numbers, *how, why)
    assert {each["status"] for each in settled} == {"disposed"}
    assert {each["through"] for each in settled} == {"Springfield branch"}
    assert owed(meters, "list:1996-Q3") == {}


@pytest.mark.duty("R97-502.21(k)")
def test_lost_and_stolen_devices_are_filed_for_the_month_with_the_money_in_them(
    devices: Program,
) -> None:
    devices.json("device", "report", "office", "--reason=stolen")
    on(devices, "1997-07-01")
    listed = devices.json("report", "missing")
    assert listed["month"] == "1997-06"
    (line,) = listed["devices"]
    assert (line["state"], line["addressee"]) == ("stolen", "Retail Systems and Equipment")
    assert (line["in_device_mills"], line["in_transit_mills"]) == (50_000, 0)
    assert devices.json("report", "missing") == listed
    assert "missing devices" in {each["kind"] for each in devices.json("report", "list")}
    assert devices.refused("report", "missing", "--month=1997-07")["code"] == "MONTH_NOT_ENDED"


@pytest.mark.duty("R95-501.28(g)-2")
def test_revenue_is_allocated_to_the_office_for_each_accounting_period(devices: Program) -> None:
    early = devices.refused("report", "revenue", "--on=1997-06-02")
    assert early["code"] == "PERIOD_NOT_CLOSED"
    on(devices, "1997-06-21")
    devices.run("close")  # The money of this story did not come through the bank: that is found.
    shown = devices.json("report", "revenue", "--dry-run")
    assert (shown["period"], shown["filed"]) == ("1997-AP10", None)
    filed = devices.json("report", "revenue")
    assert filed["lines"] == [{"zip_code": "01101", "count": 1, "amount_mills": 50_000}]
    assert filed["filed"]["total_mills"] == 50_000
    assert devices.json("report", "revenue") == filed


@pytest.mark.duty("R95-501.28(g)-3", "R95-501.28(g)-4")
def test_refunds_and_advances_are_reported_where_they_are_asked_for(devices: Program) -> None:
    devices.json("treasury", "deposit", "500.00", "--because=wire")
    devices.json("treasury", "want-report", "funds advanced", "--since=1997-06-02", *TREASURER)
    devices.json("treasury", "want-report", "postage refunds", "--since=1997-06-02", *TREASURER)
    devices.json("device", "create", "second")
    devices.json("device", "authorize", "second", "--zip=01102", "--licensee=Elm Press")
    number = devices.json("pay", "second", "10.00", "--method=wire transfer")["account"]
    devices.json("funds", "agree-advances", "second", "60.00")
    devices.json("device", "reset", "second", "--amount=50.00")
    assert kinds(devices) == set()
    on(devices, "1997-06-03")
    devices.run("close")
    assert {"funds advanced", "postage refunds"} <= kinds(devices)
    told = devices.json("report", "customers", "funds advanced", "1997-06-02")
    assert told["filed"]["total_mills"] == 40_000
    assert told["tables"][0]["rows"] == [[number, "01102", "$40.00"]]
    back = devices.json("report", "customers", "postage refunds", "1997-06-02")
    assert (back["filed"]["lines"], back["filed"]["total_mills"]) == (0, 0)


def kinds(program: Program) -> set[Any]:
    """The kinds of reports that were filed."""
    return {each["kind"] for each in program.json("report", "list")}


def test_a_report_that_nobody_knows_is_refused(devices: Program) -> None:
    assert devices.refused("report", "customers", "gossip", "1997-06-02")["code"] == (
        "REPORT_KIND_UNKNOWN"
    )
    assert LICENCE in devices.run("licence", "list").out
