"""What desks saw on-line is known to the next night: a copy in its mail is found."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from franking.home.online_nights import learn_online
from franking.postal.pieces.mail_seen import LOOKED_AT
from franking.postal.pieces.online import OnlineScan, verify_online
from franking.postal.schema import SCHEMA
from franking.scans.context import Context
from franking.scans.duckdb_engine import DuckdbEngine
from franking.scans.history import History
from franking.scans.intake import take_in
from franking.scans.night import Job, verify_night
from franking.scans.records import SCAN
from franking.storage import Books
from tests.fixtures_databases import DATABASES, books_on
from tests.fixtures_verification import NOW, ROOT_KEY, content, entry, signed, trust
from tests.integration.test_pieces import CLERK

NEW_YORK = OnlineScan(scanner="counter 3", place="10001")
ASCENDING, POSTAGE = content().ascending_mills, content().postage_mills


@pytest.fixture(params=DATABASES)
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Books:
    return books_on(request.param, SCHEMA, tmp_path, by=CLERK)


def seen(books: Books, number: int = 0, scan: OnlineScan = NEW_YORK) -> None:
    payload = signed(ascending_mills=ASCENDING + number * POSTAGE)
    verify_online(books, payload, trust(), NOW, scan)


def test_each_sighting_is_learnt_once(books: Books, tmp_path: Path) -> None:
    history = tmp_path / "history"
    assert learn_online(books, history) == 0
    for number in range(3):
        seen(books, number)
    assert [learn_online(books, history) for _ in range(2)] == [3, 0]
    seen(books, 7)
    assert learn_online(books, history) == 1
    assert History.open(history).rows == 4
    assert [each.name for each in History.open(history).files] == [
        "on-line through 3",
        "on-line through 4",
    ]


def test_a_piece_that_a_desk_only_looked_at_is_not_in_the_mail(
    books: Books, tmp_path: Path
) -> None:
    seen(books, scan=OnlineScan(scanner="refund desk", operation=LOOKED_AT))
    assert learn_online(books, tmp_path / "history") == 0


def test_tonight_finds_the_copy_of_a_piece_that_a_counter_took_elsewhere(tmp_path: Path) -> None:
    books = books_on("sqlite", SCHEMA, tmp_path, by=CLERK)
    seen(books)
    seen(books, 1)
    history = tmp_path / "history"
    learn_online(books, history)
    assert _verdicts(tmp_path, history) == [
        ("undetermined", ["DUPLICATE"]),
        ("authentic", []),
    ]


def _verdicts(tmp_path: Path, history: Path) -> list[tuple[str, list[str]]]:
    """A night in Los Angeles an hour later: the first piece again, and one that is new."""
    listed, scans = tmp_path / "trust.list", tmp_path / "scans.parquet"
    listed.write_bytes(trust(entry()).whole)
    rows = [
        {
            "payload": signed(ascending_mills=ASCENDING + number * POSTAGE),
            "scanner": "sorter 1",
            "place": "90012",
            "scanned_at": NOW + timedelta(hours=1),
            "operation": "origin",
        }
        for number in (0, 9)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=SCAN), scans)
    (tmp_path / "intake").mkdir()
    (tmp_path / "scratch").mkdir()
    root = ROOT_KEY.private_key.public_key()
    job = Job(
        files=take_in([scans], scratch=tmp_path / "intake", now=NOW + timedelta(days=1)),
        context=Context(
            trust_list=listed,
            root_public_key=root.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
            now=NOW + timedelta(days=1),
        ),
        out=tmp_path / "verdicts.parquet",
        scratch=tmp_path / "scratch",
        history=history,
    )
    verify_night(job, DuckdbEngine(processes=1))
    found = pq.read_table(tmp_path / "verdicts.parquet").to_pylist()
    return [(each["verdict"], each["reasons"]) for each in found]
