"""Scanners whose clocks are off by hours or days are told, and make no honest piece a copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from franking.scans.history import History
from franking.scans.records import SCAN
from franking.world.nights.records import Night
from tests.fixtures_cli import Program, Told
from tests.fixtures_nights import EVENING, NIGHT_NOW, piece_of_night, small_night

Row = dict[str, Any]
MAILERS = range(10, 25)
OFF = {"philadelphia": timedelta(hours=-3), "san francisco": timedelta(days=-2)}
PLACES = {
    "new york": "10001",
    "boston": "02108",
    "philadelphia": "19101",
    "chicago": "60601",
    "san francisco": "94105",
    "miami": "33101",
}
WAYS = [
    (start, through, end)
    for start in ("new york", "boston")
    for through, end in (
        ("philadelphia", "san francisco"),
        ("philadelphia", "chicago"),
        ("", "chicago"),
    )
]
"""How the six pieces of each mailer go."""


def scan(payload: bytes, scanner: str, hours: float, operation: str) -> Row:
    """A scan so long after the evening, as the scanner tells it."""
    at = EVENING + timedelta(hours=hours) + OFF.get(scanner, timedelta())
    told = {"payload": payload, "scanner": scanner, "scanned_at": at, "operation": operation}
    return dict.fromkeys(SCAN.names) | told | {"place": PLACES[scanner], "looks": 2}


def piece(mailer: int, number: int) -> bytes:
    """One of the pieces of a mailer, in the order in which they were made."""
    return piece_of_night(mailer, ascending_mills=100_320 + 320 * number)


def honest(mailers: Sequence[int] = MAILERS) -> Iterator[Row]:
    """Every mailer's pieces on their ways."""
    for mailer in mailers:
        for number, (start, through, end) in enumerate(WAYS):
            payload = piece(mailer, number)
            yield scan(payload, start, 0, "origin")
            if through:
                yield scan(payload, through, 2, "transit")
            yield scan(payload, end, 11, "destination")


def ring(scanner: str, operation: str, mailers: Sequence[int]) -> Iterator[Row]:
    """Copies of twenty pieces of each, seen far away within minutes of their first scan."""
    for mailer in mailers:
        for number in range(20):
            payload = piece(mailer, len(WAYS) + number)
            yield scan(payload, "new york", 0, "origin")
            yield scan(payload, scanner, 0.2, operation)


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A home that only verifies, in a fresh working folder."""
    monkeypatch.delenv("FRANKING_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path / "home")
    program.json("home", "create", "--simulated-clock", program.home)
    return program


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """Whose trust list names the mailers."""
    return small_night(tmp_path / "night")


def verifying(plant: Program, night: Night, rows: Sequence[Row], *more: object) -> Told:
    """Have these scans verified; the verdicts lie in the working folder."""
    pq.write_table(pa.Table.from_pylist(list(rows), SCAN), "scans.parquet")
    under = ("--trust", night.trust, "--root", night.root, "--now", NIGHT_NOW.isoformat())
    return plant.run("scans", "verify", "scans.parquet", *under, "--history", "history", *more)


def verified(plant: Program, night: Night, rows: Sequence[Row]) -> Any:
    """What is told of these scans to programs."""
    told = verifying(plant, night, rows, "--json")
    assert told.status == 0, told.err
    return told.data


def times_kept(scanner: str) -> set[datetime | None]:
    """What the history says of when a scanner saw what it saw."""
    paths = [*History.open(Path("history")).paths()]
    kept = pq.read_table(paths, partitioning=None).to_pylist()
    return {row["scanned_at"] for row in kept if row["scanner"] == scanner}


def test_clocks_off_by_hours_and_days_are_told_and_accuse_nobody(
    plant: Program, night: Night
) -> None:
    told = verified(plant, night, [*honest()])
    assert [each["scanner"] for each in told["disputed_scanners"]] == [*OFF]
    assert told["outcomes"]["authentic"] == told["rows"]
    assert told["suspicions"] == 0
    for scanner in OFF:
        assert times_kept(scanner) == {None}
    assert times_kept("chicago") == {EVENING + timedelta(hours=11)}


def test_what_is_told_of_such_a_scanner_says_what_was_not_judged(
    plant: Program, night: Night
) -> None:
    said = " ".join(verifying(plant, night, [*honest()]).err.split())
    assert "scanner philadelphia: its times contradict those of others" in said
    assert "for mail of 15 devices" in said
    assert "what only they would show as copied is not judged" in said


def test_copies_elsewhere_and_copies_that_no_time_explains_are_found(
    plant: Program, night: Night
) -> None:
    rings = [*ring("miami", "transit", [10, 11]), *ring("philadelphia", "origin", [12])]
    told = verified(plant, night, [*honest(), *rings])
    assert [each["scanner"] for each in told["disputed_scanners"]] == [*OFF]
    accused = [row for row in pq.read_table("verdicts.parquet").to_pylist() if row["reasons"]]
    assert len(accused) == len(rings)
    assert {tuple(row["reasons"]) for row in accused} == {("DUPLICATE",)}
    assert told["suspicions"] == len(rings) / 2


def test_who_copies_the_mail_of_a_few_makes_no_clock_wrong(plant: Program, night: Night) -> None:
    """Though this scanner saw nothing but copies."""
    rings = [*ring("miami", "destination", MAILERS[:9])]
    told = verified(plant, night, rings)
    assert told["disputed_scanners"] == []
    assert told["outcomes"]["undetermined"] == len(rings)
