"""Files of a fleet that are broken on purpose: every such row is told, and none is misread."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest

from franking.cli.inventory_registers import _write_report
from franking.errors import Refused
from franking.provider.devices.fleet_file import BadDevice, read_fleet
from franking.provider.devices.importing import FleetReport
from franking.provider.devices.intake import NewDevice, entered
from franking.provider.devices.records import Kind
from tests.fixtures_postal import EASTERN

NOW = datetime(1996, 6, 3, 10, 0, tzinfo=EASTERN)
HEAD = "serial,kind,rulebook,model,place,ascending\n"
BAD = {
    "an address whose comma nobody quoted": "M1,meter,meter-1995,X1,Main St 12,1.00,Springfield",
    "a line that Unicode ends": "M1,meter,meter-1995,X1,a\u2028b,1.00",
    "a form feed": "M1,meter,meter-1995,X1,a\x0cb,1.00",
    "a colour of the terminal": "M1\x1b[31m,meter,meter-1995,X1,a,1.00",
    "a NUL": "M1\x00,meter,meter-1995,X1,a,1.00",
    "a sign that turns the line": "M\u202e1,meter,meter-1995,X1,a,1.00",
    "a formula": "=cmd|' /C calc'!A0,meter,meter-1995,X1,a,1.00",
    "a pattern": "%,meter,meter-1995,X1,a,1.00",
    "a serial of a page": "M" * 1000 + ",meter,meter-1995,X1,a,1.00",
    "a place of a page": "M1,meter,meter-1995,X1," + "a" * 1000 + ",1.00",
    "two lines in a cell": 'M1,meter,meter-1995,X1,"a\nb",1.00',
}


def fleet_file(folder: Path, *rows: str) -> Path:
    path = folder / "fleet.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("case", BAD)
def test_a_broken_row_is_told_and_the_next_one_is_read(tmp_path: Path, case: str) -> None:
    path = fleet_file(tmp_path, BAD[case], "M2,meter,meter-1995,X1,cellar,2.00")
    found = read_fleet(path, NOW)
    assert len(found.bad) == 1
    assert [row.record.serial for row in found.rows] == ["M2"]


def test_a_quote_that_never_ends_swallows_no_device(tmp_path: Path) -> None:
    rows = 'M1,meter,meter-1995,X1,"a,1.00', "M2,meter,meter-1995,X1,b,1.00"
    with pytest.raises(Refused) as met:
        read_fleet(fleet_file(tmp_path, *rows), NOW)
    assert met.value.code == "FLEET_UNREADABLE"


def test_one_serial_in_two_cases_is_one_serial(tmp_path: Path) -> None:
    rows = "m1,meter,meter-1995,X1,a,1.00", "M1,meter,meter-1995,X1,b,1.00"
    (bad,) = read_fleet(fleet_file(tmp_path, *rows), NOW).bad
    assert (bad.line, bad.reason) == (3, "the serial stands in line 2 already")


@pytest.mark.parametrize("serial", ["=1+1", "M 1", "../M1", "M\u202e1", "M1\x00", "Ｍ１", "M" * 41])
def test_a_device_is_taken_in_under_no_such_serial_either(serial: str) -> None:
    device = NewDevice(serial=serial, kind=Kind.METER, rulebook="meter-1995", model="X1")
    with pytest.raises(Refused) as met:
        entered(device, NOW)
    assert met.value.code == "SERIAL_UNREADABLE"


def test_the_report_of_bad_rows_calculates_nothing(tmp_path: Path) -> None:
    bad = (BadDevice(2, "=HYPERLINK(A1)", "@SUM(1)"),)
    report = FleetReport(digest="", found=1, imported=0, bad=bad)
    _write_report(tmp_path / "report.csv", report)
    _, row = csv.reader((tmp_path / "report.csv").read_text().splitlines())
    assert row == ["2", "'=HYPERLINK(A1)", "'@SUM(1)"]
