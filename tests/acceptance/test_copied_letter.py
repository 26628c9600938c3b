"""A letter of a home's own device, copied: from the print to the contested case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from franking.scans.records import SCAN
from tests.fixtures_cli import Program
from tests.fixtures_stories import on, prepared, with_a_device

EVENING = datetime(1997, 6, 2, 22, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A licensed device with fifty dollars in it, on the day it came into service."""
    return prepared(with_a_device, "sqlite").copied(tmp_path, monkeypatch)


def scans(folder: Path, *seen: tuple[bytes, str, int]) -> Path:
    """A file of scans: payload, place, minutes into the evening."""
    rows = [
        {
            "payload": payload,
            "place": place,
            "scanned_at": EVENING + timedelta(minutes=minutes),
            "operation": "origin",
            "scanner": f"DBCS-{place}",
            "looks": 2,
            "quality": 70,
        }
        for payload, place, minutes in seen
    ]
    file = folder / "night.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=SCAN), file)
    return file


def test_a_copied_letter_is_a_case_that_its_licensee_contests(
    home: Program, tmp_path: Path
) -> None:
    honest, letter = (
        bytes.fromhex(home.evidence(name, postage="0.32")["indicium_hex"])
        for name in ("one", "two")
    )
    night = scans(
        tmp_path,
        (honest, "01101", 0),
        (honest, "01101", 40),
        (letter, "01101", 5),
        (letter, "90001", 20),
    )
    on(home, "1997-06-03")
    out = tmp_path / "verdicts.parquet"
    told = home.json("scans", "verify", night, "--out", out)
    assert told["cases"]["opened"] == [1]

    (case,) = home.json("cases")
    device = home.show("office")["device_id"]
    assert (case["kind"], case["subject"]) == ("copied", f"{device}/640")
    verdicts = [row["verdict"] for row in pq.read_table(out).to_pylist()]
    assert verdicts == ["authentic", "authentic", "undetermined", "undetermined"]

    shown = home.json("cases", "show", 1)
    assert shown["parties"] == [f"licensee: holder of {device}", "provider: Provider of this home"]
    said = ("--party", "licensee", "--grounds", "The machine at the depot prints twice.")
    home.json("cases", "contest", 1, *said, "--as", "mailer:Ann Bolt")

    home.json("scans", "verify", night, "--out", out)
    assert [each["status"] for each in home.json("cases")] == ["contested"], "and no second one"
