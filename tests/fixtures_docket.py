"""A docket of its own for tests: books with nothing else in them, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from sqlalchemy import MetaData

from franking.docket import Docket, Obligation, Opening, SweepReport, Swept, sweep
from franking.docket.sweeping import Consequence
from franking.storage import Act, Books, Schema, Work
from tests.fixtures_databases import books_on

METADATA = MetaData()
DOCKET = Docket.within(METADATA)
SCHEMA = Schema("docket", 1, METADATA)
DRILL = "root key drill"
EXAMINATION = "quarterly reset or examination"
"""Of a meter; its consequence is ``notice examination``."""
RETRIEVAL = "retrieve defective device"


class NoSigner:
    """Signs nothing: the consequences of these tests send no messages."""

    name = "nobody"

    def sign(self, data: bytes) -> bytes:
        """Refuse."""
        raise ValueError(f"{len(data)} bytes to sign")


def books(database: str, tmp_path: Path) -> Books:
    """Fresh books with a docket in them."""
    return books_on(database, SCHEMA, tmp_path)


def at(day: date | str, hour: int = 9) -> datetime:
    """An instant of a day."""
    on = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(on, time(hour), tzinfo=UTC)


def opening(
    record: str,
    start: date | str,
    *,
    duty: str = EXAMINATION,
    owed_by: str = "provider",
    rulebook: str = "meter-1995",
    because: str = "leased",
) -> Opening:
    """An opening of a duty."""
    on = date.fromisoformat(start) if isinstance(start, str) else start
    return Opening(
        duty=duty, record=record, owed_by=owed_by, rulebook=rulebook, start=on, because=because
    )


def put(books: Books, *openings: Opening) -> list[Obligation]:
    """Open obligations, each from the morning of its start."""
    now = at(max(each.start for each in openings))
    with books.work(now, "lease") as work:
        found = DOCKET.open_many(work, openings, now)
        for record in dict.fromkeys(each.record for each in openings):
            work.record(Act(record=record))
    return found


def satisfy(books: Books, record: str, day: str, *, duty: str = EXAMINATION) -> Obligation | None:
    """Note that a duty was done on a day."""
    with books.work(at(day), "examine", on=(record,)) as work:
        done = DOCKET.satisfy(work, duty, record=record, now=at(day), because="seen at the counter")
        work.record(Act(record=record))
    return done


def standing(books: Books, record: str) -> list[Obligation]:
    """Every obligation about a record."""
    with books.reading() as reading:
        return DOCKET.standing(reading, record=record)


def swept(
    books: Books, day: str | date, *, then: Consequence | None = None, after_silence: bool = True
) -> SweepReport:
    """Sweep on a day; ``then`` is what happens to meters that were not examined."""
    consequences = {"notice examination": then or nothing}
    return sweep(books, DOCKET, consequences, NoSigner(), at(day), after_silence=after_silence)


def nothing(work: Work, obligations: Sequence[Obligation], swept: Swept) -> None:
    """A consequence that changes nothing."""
