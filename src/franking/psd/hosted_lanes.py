"""Opening a lane of the kind that the fleet's database wants."""

from __future__ import annotations

from franking.psd.hosted_lane import Lane
from franking.psd.hosted_sqlite import SqliteLane
from franking.storage import Books


def open_lane(books: Books) -> Lane:
    """A lane into the database of these books; it connects when it is first used."""
    engine, name = books.engine, books.schema.domain
    if engine.dialect.name != "postgresql":
        return SqliteLane(engine, name)
    # Its driver is loaded only where books are kept there.
    from franking.psd.hosted_postgresql import PostgresqlLane

    return PostgresqlLane(engine, name)


def lanes_wanted(books: Books) -> int:
    """How many batches go side by side.

    SQLite has one writer. On PostgreSQL one batch is decided while the other is stored: two lanes
    keep both processors of a small machine busy, and more would only make the batches smaller.
    """
    return 2 if books.engine.dialect.name == "postgresql" else 1
