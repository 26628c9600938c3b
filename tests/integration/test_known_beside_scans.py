"""What the books of a home know for a night: written for verifiers, as far as it was reported."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from franking.errors import Refused
from franking.home.home import open_home
from franking.home.irregularities import write_known
from franking.identifiers import DeviceId
from franking.postal.licences.rows import add_branch
from franking.postal.pieces.marking import mark_mailed, mark_refunded
from franking.postal.pieces.records import Piece
from franking.scans.devices import device_number
from franking.scans.records import KNOWN_OFFICES, KNOWN_REFUNDS, KNOWN_TOTALS
from franking.storage import Act
from tests.fixtures_cli import Program
from tests.fixtures_databases import DATABASES
from tests.fixtures_stories import on, prepared, with_a_device

RESET_ON, NEXT = date(1997, 6, 2), date(1997, 6, 3)


@pytest.fixture(params=DATABASES)
def home(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """A device that was credited fifty dollars on 2 June 1997; that day is closed on the next."""
    program = prepared(with_a_device, request.param).copied(tmp_path, monkeypatch)
    on(program, NEXT.isoformat())
    program.run("close")
    return program


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(folder / f"{name}.parquet").to_pylist()
    return found


def number_of(program: Program) -> int:
    return device_number(DeviceId.parse(program.show("office")["device_id"]))


def test_totals_are_those_that_the_provider_reported(home: Program, tmp_path: Path) -> None:
    known = tmp_path / "known"
    write_known(open_home(home.home), known, through=RESET_ON)
    device = number_of(home)
    assert rows(known, "totals") == [
        {"device": device, "control_total": 0},
        {"device": device, "control_total": 50_000},
    ]


def test_nothing_is_told_of_a_day_that_is_not_reported_yet(home: Program, tmp_path: Path) -> None:
    written = write_known(open_home(home.home), tmp_path / "known", through=NEXT)
    assert written.totals == 0, "a reset of that day would look like value that nothing covers"


def test_refunded_pieces_and_branches_are_told(home: Program, tmp_path: Path) -> None:
    opened, device = open_home(home.home), home.show("office")["device_id"]
    refunded = Piece(device=device, ascending_mills=640, postage_mills=320)
    mailed = Piece(device=device, ascending_mills=320, postage_mills=320)
    with opened.postal.books.work(opened.now, "scan_mail", on=("refund:1",)) as work:
        mark_refunded(work, [refunded], source="refund:1", provider="", now=opened.now)
        mark_mailed(work, [mailed], source="scan:01101", now=opened.now)
        add_branch(work, "01109", "01101")
        work.record(Act(record="refund:1"))
    known = tmp_path / "known"
    write_known(opened, known, through=RESET_ON)
    day = (NEXT - date(1970, 1, 1)).days
    assert rows(known, "refunds") == [
        {"device": number_of(home), "ascending": 640, "refunded": day}
    ]
    assert rows(known, "offices") == [{"zip": "01109", "office": "01101"}]


def test_the_files_are_those_that_a_verifier_reads(home: Program, tmp_path: Path) -> None:
    known = tmp_path / "known"
    write_known(open_home(home.home), known, through=NEXT)
    write_known(open_home(home.home), known, through=NEXT)
    for name, schema in (
        ("totals", KNOWN_TOTALS),
        ("refunds", KNOWN_REFUNDS),
        ("offices", KNOWN_OFFICES),
    ):
        assert pq.read_schema(known / f"{name}.parquet").equals(schema)
    assert len(list(known.iterdir())) == 3, "nothing half-written stays"


def test_a_place_that_can_not_be_written_is_refused(home: Program, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused) as refused:
        write_known(open_home(home.home), tmp_path / "file" / "known", through=NEXT)
    assert refused.value.refusal.code == "KNOWN_NOT_WRITTEN"
