"""The display of a device: in use, switched off, read-only, faulted; and its notices."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from franking.psd.records import DeviceProfile, Status
from franking.psd.showing import show_readonly
from tests.fixtures_psd import NOON, authorized, manufactured, operational, refuses
from tests.fixtures_stores import ROW, SqlitePlace


@pytest.mark.duty("R95-501.6(i)(2)", "R95-P030.1.1-1", "R95-501.6(c)-1")
def test_the_display_shows_both_registers_side_by_side(tmp_path: Path) -> None:
    bench = operational(SqlitePlace(tmp_path).create(), amount_mills=50_000)
    bench.piece("p", NOON, 320)
    shown = bench.device.show(NOON)
    assert json.loads(json.dumps(shown)) == shown
    assert {name: shown[name] for name in ("ascending_mills", "descending_mills")} == {
        "ascending_mills": 320,
        "descending_mills": 49_680,
    }
    assert (shown["control_total_mills"], shown["piece_count"]) == (50_000, 1)
    assert (shown["status"], shown["locks"], shown["profile"]) == ("operational", [], "ibip-1997")
    assert (shown["device_id"], shown["licence_zip"]) == ("FK1A0000000001", "20260")
    assert (shown["sequence"], shown["limit_mills"]) == (6, 500_000)
    assert shown["journal_head"] == bench.device.state.head.hex()


def test_a_device_in_use_by_another_process_can_be_shown(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    bench = operational(place.create(), amount_mills=50_000)
    bench.piece("p", NOON, 320)
    script = (
        "import json, sys; from pathlib import Path;"
        "from franking.psd.showing import show_readonly;"
        "print(json.dumps(show_readonly(Path(sys.argv[1]))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(place.path)], capture_output=True, check=True, text=True
    )
    shown = json.loads(done.stdout)
    assert (shown["descending_mills"], shown["copies_agree"]) == (49_680, True)
    bench.piece("q", NOON, 320)
    bench.device.close()
    assert show_readonly(place.path)["ascending_mills"] == 640


def test_a_second_process_does_not_open_a_device_in_use(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    bench = operational(place.create())
    script = (
        "import sys; from pathlib import Path; from franking.errors import Refused\n"
        "from franking.psd.sqlite_store import SqliteDeviceStore\n"
        "try:\n    SqliteDeviceStore.open(Path(sys.argv[1]))\n"
        "except Refused as refused:\n    print(refused.code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(place.path)], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "DEVICE_IN_USE"
    bench.piece("p", NOON)


def test_showing_changes_no_byte(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    operational(place.create()).device.close()
    before = {path.name: path.read_bytes() for path in place.path.parent.iterdir()}
    show_readonly(place.path)
    assert {path.name: path.read_bytes() for path in place.path.parent.iterdir()} == before


def test_a_copy_of_a_device_in_use_can_be_shown_but_not_trusted(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    bench = operational(place.create(), amount_mills=7_000)
    copied = tmp_path / "copied"
    shutil.copytree(place.path.parent, copied)
    bench.piece("p", NOON)
    assert show_readonly(copied / place.path.name)["descending_mills"] == 7_000


@pytest.mark.law("PSD-5")
def test_a_faulted_device_shows_its_registers_and_what_is_wrong(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    operational(place.create(), amount_mills=7_000).device.close()
    place.alter_row(ROW, piece_count=4)
    shown = show_readonly(place.path)
    assert (shown["status"], shown["copies_agree"]) == ("operational", False)
    bench = operational(SqlitePlace(tmp_path / "other").create(), amount_mills=7_000)
    bench.device._mechanism.fault(["a finding"], "2026-11-23T12:00:00.000000Z")
    assert bench.device.show(NOON)["faults"] == ["a finding"]
    assert bench.device.show(NOON)["descending_mills"] == 7_000
    bench.device.close()
    shown = show_readonly(SqlitePlace(tmp_path / "other").path)
    assert (shown["status"], shown["faults"]) == ("faulted", ["a finding"])


def test_what_is_no_device_is_said_to_be_none(tmp_path: Path) -> None:
    with refuses("DEVICE_NOT_THERE"):
        show_readonly(tmp_path / "nothing")
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"not a database " * 300)
    with refuses("STORE_DAMAGED"):
        show_readonly(garbage)
    empty = tmp_path / "empty"
    empty.touch()
    with refuses("DEVICE_NOT_THERE"):
        show_readonly(empty)


def test_a_manufactured_device_shows_nothing_it_has_not(tmp_path: Path) -> None:
    bench = manufactured(SqlitePlace(tmp_path).create())
    shown = bench.device.show()
    assert (shown["status"], shown["licence"], shown["limit_mills"]) == ("manufactured", None, 0)
    assert shown["warnings"] == []


def test_notices_come_before_the_locks_do(tmp_path: Path) -> None:
    bench = operational(SqlitePlace(tmp_path).create(), amount_mills=9_000)
    near = NOON + timedelta(days=80)
    assert [notice.code for notice in bench.device.warnings(NOON)] == ["BALANCE_LOW"]
    assert [notice.code for notice in bench.device.warnings(near)] == [
        "WATCHDOG_NEAR",
        "BALANCE_LOW",
    ]
    late = NOON + timedelta(days=1_080)
    assert [notice.code for notice in bench.device.warnings(late)] == [
        "WATCHDOG_EXPIRED",
        "BALANCE_LOW",
        "CERTIFICATE_NEAR_END",
    ]
    bench.device.lock(bench.outside.lock(NOON), NOON)
    assert bench.device.warnings(NOON)[0].code == "LOCKED"


@pytest.mark.duty("R95-501.6(i)(1)-2")
def test_a_battery_that_holds_the_registers_is_warned_of_before_five_years(tmp_path: Path) -> None:
    profile = DeviceProfile(
        rulebook="meter-1995", system="closed", battery_renewed=date(2022, 1, 10)
    )
    bench = authorized(SqlitePlace(tmp_path).create(), profile=profile)
    [notice] = [one for one in bench.device.warnings(NOON) if one.code == "BATTERY_NEAR_END"]
    assert "2027-01-10" in notice.detail
    assert bench.device.status is Status.AUTHORIZED


@pytest.mark.duty("R95-501.6(c)-2")
def test_a_denominational_meter_locks_below_its_largest_denomination(tmp_path: Path) -> None:
    profile = DeviceProfile(rulebook="meter-1995", system="closed", denominational=True)
    bench = operational(SqlitePlace(tmp_path).create(), amount_mills=1_309, profile=profile)
    bench.piece("p", NOON, 320)
    with refuses("BELOW_LARGEST_DENOMINATION", r"\$0\.99"):
        bench.piece("q", NOON, 320)
    bench.reset(1, NOON)
    bench.piece("q", NOON, 320)


@pytest.mark.duty("R95-501.6(c)-4")
def test_a_meter_takes_any_amount_up_to_the_capacity_of_its_model(tmp_path: Path) -> None:
    profile = DeviceProfile(rulebook="meter-1995", system="closed")
    capacity = 99_999_990
    bench = operational(
        SqlitePlace(tmp_path).create(), amount_mills=7, profile=profile, limit_mills=capacity
    )
    with refuses("CREDIT_ABOVE_LIMIT"):
        bench.device.request_reset(capacity - 6, "r2", NOON)
    bench.reset(capacity - 7, NOON)
    assert bench.device.registers.descending_mills == capacity
