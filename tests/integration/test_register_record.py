"""The daily record of registers in the mailer's books, and what a journal tells of each day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.errors import Refused
from franking.host.books import open_mailer_books
from franking.host.register_record.commands import keep_reading, kept_readings
from franking.host.register_record.decisions import days_told, report_span
from franking.host.register_record.records import DayReading
from franking.psd.journal import GENESIS, seal_entry
from franking.psd.records import EntryKind, Registers
from franking.psd.store import Entry
from franking.storage import Books

NOW = datetime(1997, 6, 9, 17, tzinfo=ZoneInfo("America/Chicago"))
TODAY = NOW.date()


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return open_mailer_books(tmp_path)


def reading(
    ascending: int, descending: int = 0, *, on: date = TODAY, correction: str = ""
) -> DayReading:
    return DayReading(
        device="0200001234",
        on=on,
        ascending_mills=ascending,
        descending_mills=descending,
        correction=correction,
    )


def kept(books: Books) -> list[tuple[int, int]]:
    found = kept_readings(books, "0200001234", first_day=date.min, last_day=date.max)
    return [(each.ascending_mills, each.descending_mills) for each in found]


def refused(books: Books, one: DayReading) -> str:
    before = kept(books)
    with pytest.raises(Refused) as told:
        keep_reading(books, one, now=NOW)
    assert kept(books) == before
    return told.value.code


@pytest.mark.duty("R95-P030.2.6b-1")
@pytest.mark.duty("R97-P050.2.5b")
def test_both_registers_are_kept_for_each_day_of_operation(books: Books) -> None:
    keep_reading(books, reading(100, 900, on=TODAY - timedelta(days=3)), now=NOW)
    keep_reading(books, reading(250, 750), now=NOW)
    assert kept(books) == [(100, 900), (250, 750)]


def test_the_same_reading_again_changes_nothing(books: Books) -> None:
    for _ in range(3):
        keep_reading(books, reading(100, 900), now=NOW)
    assert kept(books) == [(100, 900)]
    assert len(books.journal_rows()) == 1


def test_another_reading_of_the_day_is_a_correction_with_its_reason(books: Books) -> None:
    keep_reading(books, reading(100, 900), now=NOW)
    assert refused(books, reading(110, 890)) == "RECORD_ALREADY_KEPT"
    keep_reading(books, reading(110, 890, correction="read the wrong window"), now=NOW)
    assert kept(books) == [(110, 890)]
    assert len(books.journal_rows()) == 2


def test_an_ascending_register_that_falls_is_refused_on_both_sides_of_a_day(books: Books) -> None:
    keep_reading(books, reading(100, on=TODAY - timedelta(days=4)), now=NOW)
    keep_reading(books, reading(300, on=TODAY - timedelta(days=2)), now=NOW)
    assert refused(books, reading(299)) == "RECORD_FALLS"
    assert refused(books, reading(301, on=TODAY - timedelta(days=3))) == "RECORD_FALLS"
    keep_reading(books, reading(200, on=TODAY - timedelta(days=3)), now=NOW)
    assert kept(books) == [(100, 0), (200, 0), (300, 0)]


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (reading(-1), "RECORD_IMPOSSIBLE"),
        (reading(1, -1), "RECORD_IMPOSSIBLE"),
        (reading(1, on=TODAY + timedelta(days=1)), "RECORD_TOO_EARLY"),
    ],
)
def test_a_reading_that_can_not_be_is_refused(books: Books, one: DayReading, code: str) -> None:
    assert refused(books, one) == code


def test_readings_of_two_devices_are_apart(books: Books) -> None:
    keep_reading(books, reading(500), now=NOW)
    other = DayReading(device="0200009999", on=TODAY, ascending_mills=1, descending_mills=2)
    keep_reading(books, other, now=NOW)
    assert kept(books) == [(500, 0)]


@pytest.mark.duty("R95-P030.2.6b-2")
@pytest.mark.parametrize(
    ("last", "first"),
    [
        (date(1997, 6, 9), date(1996, 6, 10)),
        (date(1996, 2, 29), date(1995, 3, 1)),
        (date(1997, 2, 28), date(1996, 2, 29)),
    ],
)
def test_a_system_report_covers_the_preceding_twelve_months(last: date, first: date) -> None:
    assert report_span(last) == (first, last)


def test_a_day_ends_at_midnight_of_the_place_not_of_greenwich() -> None:
    evening = datetime(1997, 6, 10, 3, 59, tzinfo=UTC)
    journal = entries([(evening, 1_000), (evening + timedelta(hours=2), 500)])
    told = days_told(
        journal, ZoneInfo("America/Chicago"), first_day=date(1997, 6, 1), last_day=date.max
    )
    assert [(each.on.day, each.ascending_mills, each.pieces) for each in told] == [
        (9, 1_000, 1),
        (10, 1_500, 1),
    ]


pieces = st.tuples(st.integers(0, 900), st.integers(1, 400))


@given(st.lists(pieces, max_size=40))
def test_the_days_of_a_report_add_up_to_the_registers(moves: list[tuple[int, int]]) -> None:
    at, moments = datetime(1997, 1, 1, tzinfo=UTC), []
    for minutes, postage in moves:
        at += timedelta(minutes=minutes)
        moments.append((at, postage))
    journal = entries(moments)
    told = list(days_told(journal, UTC, first_day=date.min, last_day=date.max))
    assert sum(each.pieces for each in told) == len(moves)
    assert sum(each.set_mills for each in told) == CREDIT
    assert told[-1].ascending_mills == sum(postage for _, postage in moves)
    assert len({each.on for each in told}) == len(told)


CREDIT = 400_000


def entries(moments: list[tuple[datetime, int]]) -> list[Entry]:
    """A journal of one credit on 1 January, and pieces at the moments given."""
    begun = datetime(1997, 1, 1, tzinfo=UTC)
    registers = Registers(descending_mills=CREDIT, control_total_mills=CREDIT, reset_sequence=1)
    written = [sealed(1, begun, EntryKind.CREDITED, registers)]
    for sequence, (at, postage) in enumerate(moments, start=2):
        registers = Registers(
            ascending_mills=registers.ascending_mills + postage,
            descending_mills=registers.descending_mills - postage,
            control_total_mills=CREDIT,
            piece_count=registers.piece_count + 1,
            reset_sequence=1,
        )
        written.append(sealed(sequence, at, EntryKind.EVIDENCE, registers))
    return written


def sealed(sequence: int, at: datetime, kind: EntryKind, registers: Registers) -> Entry:
    return seal_entry(
        GENESIS, bytes(32), sequence=sequence, time=at.isoformat(), kind=kind, registers=registers
    )
