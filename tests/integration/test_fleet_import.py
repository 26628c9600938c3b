"""The import of a fleet from a file: every bad row told, all of it written or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.errors import Refused
from franking.identifiers import record_id
from franking.provider.devices import rows
from franking.provider.devices.importing import check_fleet, import_fleet
from franking.provider.devices.records import DeviceState
from franking.provider.schema import DOCKET
from tests.fixtures_databases import DATABASES
from tests.fixtures_inventory import METER, Fleet, fleet_on

HEAD = "serial,kind,rulebook,model,state,licence,lease,office,installed_on,ascending,descending\n"
GOOD = (
    "0100000011,meter,meter-1995,M1,in service,01101-000001,L11,01101,1996-03-01,12.345,40\n"
    "0100000012,meter,meter-1995,M1,unleased,,,,,0,0\n"
    "FK1A0000000009,PSD,ibip-1997,P1,in service,01101-000001,L12,01101,1997-05-30,0.32,10\n"
)


@pytest.fixture(params=DATABASES)
def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Fleet:
    return fleet_on(request.param, tmp_path)


def file_of(tmp_path: Path, text: str, head: str = HEAD) -> Path:
    path = tmp_path / "fleet.csv"
    path.write_text(head + text, encoding="utf-8")
    return path


def count(fleet: Fleet) -> int:
    with fleet.books.reading() as reading:
        return sum(1 for _ in rows.every(reading))


def test_a_fleet_is_imported_with_movements_readings_journal_and_duties(
    fleet: Fleet, tmp_path: Path
) -> None:
    told: list[tuple[str, int, int | None]] = []
    report = import_fleet(
        fleet.books,
        file_of(tmp_path, GOOD),
        by="Lee Park",
        now=fleet.later(),
        progress=lambda *given: told.append(given),
    )
    assert (report.found, report.imported, report.bad) == (3, 3, ())
    assert told[-1] == ("writing", 3, 3)
    meter = fleet.record("0100000011")
    assert (meter.state, meter.ascending_mills) == (DeviceState.IN_SERVICE, 12_345)
    assert [move.because for move in fleet.movements("0100000011")] == ["imported"]
    with fleet.books.reading() as reading:
        duties = DOCKET.standing(reading, record=record_id("device", "0100000011"))
        assert {one.duty for one in duties} >= {"quarterly reset or examination"}
        assert DOCKET.standing(reading, record=record_id("device", "0100000012")) == []
        assert len(rows.readings(reading, "FK1A0000000009")) == 1
    assert fleet.books.check_journal().faults == ()
    about = [row.record for row in fleet.books.journal_rows() if row.command == "import_fleet"]
    assert len(about) == 4


def test_the_same_file_again_changes_nothing(fleet: Fleet, tmp_path: Path) -> None:
    path = file_of(tmp_path, GOOD)
    import_fleet(fleet.books, path, by="Lee Park", now=fleet.later())
    before = len(fleet.books.journal_rows())
    again = import_fleet(fleet.books, path, by="Lee Park", now=fleet.later())
    assert (again.imported, again.again) == (0, True)
    assert len(fleet.books.journal_rows()) == before


BAD = (
    ("0100000011,meter,meter-1995,M1,unleased,,,,,0,0", "the serial stands in line 2 already"),
    (
        "0100000011,meter,meter-1995,M1,in service,01101-1,L99,01101,1996-03-01,0,0",
        "leased twice: under L11 and L99 (line 2)",
    ),
    (",meter,meter-1995,M1,unleased,,,,,0,0", "no serial"),
    ("0100000013,toaster,meter-1995,M1,unleased,,,,,0,0", "kind 'toaster'"),
    ("0100000013,meter,meter-1890,M1,unleased,,,,,0,0", "meter-1890"),
    ("0100000013,meter,meter-1995,M9,unleased,,,,,0,0", "MODEL_NOT_APPROVED"),
    ("0100000013,meter,meter-1995,M1,scrapped,,,,,0,0", "scrapped is not imported"),
    ("0100000013,meter,meter-1995,M1,in service,,,,,0,0", "without its licence"),
    ("0100000013,meter,meter-1995,M1,in service,1-1,L1,01101,,0,0", "the day it was installed"),
    ("0100000013,meter,meter-1995,M1,unleased,,L3,,,0,0", "leased without a licence"),
    ("0100000013,meter,meter-1995,M1,unleased,,,,,-1,0", "below nothing"),
    ("0100000013,meter,meter-1995,M1,unleased,,,,,0,1.2345", "not an amount"),
    ("0100000013,meter,meter-1995,M1,unleased,,,,1997-02-30,0,0", "not a date"),
    ("0100000013,meter,meter-1995,M1,unleased,,,,2097-02-01,0,0", "still to come"),
    (f"{METER},meter,meter-1995,M1,unleased,,,,,0,0", "in the inventory already"),
)


def test_every_bad_row_is_told_and_nothing_is_half_imported(fleet: Fleet, tmp_path: Path) -> None:
    fleet.take_in()
    path = file_of(tmp_path, GOOD + "\n".join(row for row, _ in BAD[:2]) + "\n")
    for row, _ in BAD[2:]:
        name = row.replace("0100000013", f"02{len(path.read_text()):08d}")
        path.write_text(path.read_text() + name + "\n", encoding="utf-8")
    before = len(fleet.books.journal_rows())
    report = check_fleet(fleet.books, path, now=fleet.later())
    assert [bad.line for bad in report.bad] == list(range(5, 5 + len(BAD)))
    for bad, (_, reason) in zip(report.bad, BAD, strict=True):
        assert reason in bad.reason, bad
    with pytest.raises(Refused, match=r"FLEET_HAS_BAD_ROWS.*15 of 18 rows.*and 10 more"):
        import_fleet(fleet.books, path, by="Lee Park", now=fleet.later())
    assert count(fleet) == 1
    assert len(fleet.books.journal_rows()) == before


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("serial,kind\n", "1,meter\n"),
        (HEAD.replace("lease,", "leese,"), GOOD),
        ("", ""),
        ("serial,serial,kind,rulebook,model\n", "1,1,meter,meter-1995,M1\n"),
    ],
)
def test_a_file_that_is_no_fleet_is_refused(tmp_path: Path, head: str, text: str) -> None:
    fleet = fleet_on("sqlite", tmp_path)
    with pytest.raises(Refused, match="FLEET_UNREADABLE"):
        check_fleet(fleet.books, file_of(tmp_path, text, head), now=fleet.later())
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    for name in ("binary.csv", "missing.csv"):
        with pytest.raises(Refused, match="FLEET_UNREADABLE"):
            check_fleet(fleet.books, tmp_path / name, now=fleet.later())


def test_a_failure_while_writing_leaves_nothing(fleet: Fleet, tmp_path: Path) -> None:
    def fail(what: str, done: int, of: int | None) -> None:
        if what == "writing" and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_fleet(
            fleet.books,
            file_of(tmp_path, GOOD),
            by="Lee Park",
            now=fleet.later(),
            progress=fail,
        )
    assert count(fleet) == 0
    report = import_fleet(fleet.books, file_of(tmp_path, GOOD), by="Lee Park", now=fleet.later())
    assert report.imported == 3
