"""How the docket is stored: the obligations, what happened to them, and the sweeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    MetaData,
    Row,
    Select,
    Table,
    func,
    insert,
    literal_column,
    select,
    tuple_,
)

from franking.clock import instant_text, parse_instant
from franking.docket.records import (
    TRANSITIONS,
    DocketEvent,
    Obligation,
    ObligationStatus,
)
from franking.storage import Reading, Work
from franking.storage.among import among, newest_among
from franking.storage.changing import change_many
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    one_of,
    optional_text,
    optional_whole,
    text,
    whole,
)

ROWS_AT_ONCE = 500
"""So many obligations are swept at a time."""

_AS_OPENED = (
    *("record", "duty", "ordinal", "owed_by", "rulebook", "clause"),
    *("start", "due", "opened_at", "because"),
)
Key = tuple[str, str, int]
"""Record, duty, ordinal."""


@dataclass(frozen=True, slots=True)
class DocketTables:
    """The tables of one domain's docket."""

    obligations: Table
    events: Table
    sweeps: Table

    @classmethod
    def within(cls, metadata: MetaData) -> DocketTables:
        """Define the tables."""
        return cls(_obligations(metadata), _events(metadata), _sweeps(metadata))


def _obligations(metadata: MetaData) -> Table:
    table = Table(
        "obligations",
        metadata,
        text("record", primary_key=True),
        text("duty", primary_key=True),
        whole("ordinal", primary_key=True, autoincrement=False),
        text("owed_by"),
        text("rulebook"),
        text("clause"),
        text("start"),
        text("due"),
        text("opened_at"),
        text("because"),
        text("status"),
        optional_text("missed_on"),
        optional_text("closed_on"),
        one_of("status", ObligationStatus),
        CheckConstraint("ordinal > 0"),
        CheckConstraint("status <> 'missed' OR missed_on IS NOT NULL"),
        CheckConstraint("(closed_on IS NULL) = (status IN ('open', 'missed'))"),
        sqlite_strict=True,
    )
    columns = table.c
    is_open = literal_column("status") == literal_column("'open'")
    Index(
        "obligations_open_once",
        columns.record,
        columns.duty,
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    for name, lead in (("day", ()), ("debtor", ("owed_by",)), ("clause", ("clause",))):
        by = (*lead, "status", "due", "record", "duty", "ordinal")
        Index(f"obligations_by_{name}", *(columns[each] for each in by))
    guard_transitions(table, TRANSITIONS)
    guard_append_only(table, columns=_AS_OPENED)
    return table


def _events(metadata: MetaData) -> Table:
    table = Table(
        "docket_events",
        metadata,
        Column("number", WHOLE, primary_key=True, autoincrement=True),
        text("record"),
        text("duty"),
        whole("ordinal"),
        text("at"),
        text("event"),
        text("because"),
        text("by"),
        optional_whole("cost_mills"),
        one_of("event", ("noted", *ObligationStatus)),
        CheckConstraint("cost_mills IS NULL OR cost_mills >= 0"),
        sqlite_strict=True,
    )
    Index("docket_events_of", table.c.record, table.c.duty, table.c.ordinal)
    guard_append_only(table)
    return table


def _sweeps(metadata: MetaData) -> Table:
    table = Table(
        "docket_sweeps",
        metadata,
        Column("number", WHOLE, primary_key=True, autoincrement=True),
        text("at"),
        whole("missed"),
        sqlite_strict=True,
    )
    guard_append_only(table)
    return table


# Obligations ---------------------------------------------------------------------------------


def add_all(work: Work, tables: DocketTables, obligations: Sequence[Obligation]) -> None:
    """Store new obligations."""
    if obligations:
        work.write_many(tables.obligations, _rows(obligations))


def latest(
    books: Reading, tables: DocketTables, subjects: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Obligation]:
    """The newest obligation of each (record, duty), where there is one."""
    newest = newest_among(tables.obligations, ["record", "duty"], "ordinal", subjects)
    return {(row.record, row.duty): obligation(row) for row in books.rows(newest)}


def outstanding(
    books: Reading, tables: DocketTables, *, records: Sequence[str], duty: str
) -> list[Obligation]:
    """What is still to be done of one duty about these records, the oldest of each first."""
    table = tables.obligations.c
    query = select(tables.obligations).where(
        table.duty == duty, table.closed_on.is_(None), among(table.record, records)
    )
    return [obligation(row) for row in books.rows(query.order_by(table.ordinal))]


def of_records(books: Reading, tables: DocketTables, records: Sequence[str]) -> list[Obligation]:
    """Every obligation about these records, closed ones included, by due date."""
    table = tables.obligations.c
    query = select(tables.obligations).order_by(table.due, table.duty, table.ordinal)
    return [obligation(row) for row in books.rows(query.where(among(table.record, records)))]


def find(books: Reading, tables: DocketTables, key: Key) -> Obligation | None:
    """One obligation."""
    table, (record, duty, ordinal) = tables.obligations.c, key
    mine = (table.record == record, table.duty == duty, table.ordinal == ordinal)
    row = books.row(select(tables.obligations).where(*mine))
    return None if row is None else obligation(row)


def open_before(
    books: Reading, tables: DocketTables, day: date, *, after: Position | None, limit: int
) -> list[Obligation]:
    """Open obligations that were due before ``day``, by due date, behind a place in that order."""
    table = tables.obligations.c
    query = select(tables.obligations).where(
        table.status == ObligationStatus.OPEN, table.due < day.isoformat()
    )
    return [obligation(row) for row in books.rows(paged(tables, query, after=after, limit=limit))]


Position = tuple[str, str, str, int]
"""A place in the order of pages: due, record, duty, ordinal."""


def position(of: Obligation) -> Position:
    """Where an obligation stands in the order of pages."""
    return of.due.isoformat(), of.record, of.duty, of.ordinal


def paged(
    tables: DocketTables, query: Select[Any], *, after: Position | None, limit: int
) -> Select[Any]:
    """The next page of a query on obligations, in order of due date."""
    table = tables.obligations.c
    order = (table.due, table.record, table.duty, table.ordinal)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    return query.order_by(*order).limit(limit)


def move_all(
    work: Work,
    tables: DocketTables,
    obligations: Sequence[Obligation],
    to: ObligationStatus,
    **values: str | None,
) -> None:
    """Move obligations to another status, all of them or none.

    Raises:
        Refused: ``BOOKS_BUSY`` where one of them no longer has the status that was decided upon.
    """
    after = {"status": to.value, **values}
    change_many(work, tables.obligations, [(_decided_on(each), after) for each in obligations])


# Events and sweeps ---------------------------------------------------------------------------


def add_events(work: Work, tables: DocketTables, events: Sequence[DocketEvent]) -> None:
    """Store what happened to obligations."""
    if events:
        work.write_many(tables.events, map(_event_row, events))


def events_of(books: Reading, tables: DocketTables, record: str) -> list[DocketEvent]:
    """What happened to the obligations about a record, oldest first."""
    table = tables.events
    rows = books.rows(select(table).where(table.c.record == record).order_by(table.c.number))
    return [_event(row) for row in rows]


def last_sweep(books: Reading, tables: DocketTables) -> datetime | None:
    """The latest instant at which the docket was swept."""
    row = books.row(select(func.max(tables.sweeps.c.at).label("at")))
    return None if row is None or row.at is None else parse_instant(row.at)


def add_sweep(work: Work, tables: DocketTables, *, at: datetime, missed: int) -> None:
    """Note a sweep."""
    work.write(insert(tables.sweeps).values(at=instant_text(at), missed=missed))


# Rows ----------------------------------------------------------------------------------------


def obligation(row: Row[Any]) -> Obligation:
    """The obligation of a row."""
    return Obligation(
        record=row.record,
        duty=row.duty,
        ordinal=row.ordinal,
        owed_by=row.owed_by,
        rulebook=row.rulebook,
        clause=row.clause,
        start=date.fromisoformat(row.start),
        due=date.fromisoformat(row.due),
        opened_at=parse_instant(row.opened_at),
        because=row.because,
        status=ObligationStatus(row.status),
        missed_on=_day(row.missed_on),
        closed_on=_day(row.closed_on),
    )


def _rows(obligations: Iterable[Obligation]) -> Iterator[dict[str, object]]:
    """Rows; those that are opened together say the same instant, which is written out once."""
    at, said = None, ""
    for each in obligations:
        if each.opened_at is not at:
            at, said = each.opened_at, instant_text(each.opened_at)
        yield row_of(each, said)


def row_of(each: Obligation, opened_at: str = "") -> dict[str, object]:
    """The row of an obligation as it is opened."""
    return {
        "record": each.record,
        "duty": each.duty,
        "ordinal": each.ordinal,
        "owed_by": each.owed_by,
        "rulebook": each.rulebook,
        "clause": each.clause,
        "start": each.start.isoformat(),
        "due": each.due.isoformat(),
        "opened_at": opened_at or instant_text(each.opened_at),
        "because": each.because,
        "status": each.status.value,
        "missed_on": None,
        "closed_on": None,
    }


def _event_row(each: DocketEvent) -> dict[str, object]:
    return {
        "record": each.record,
        "duty": each.duty,
        "ordinal": each.ordinal,
        "at": instant_text(each.at),
        "event": each.event,
        "because": each.because,
        "by": each.by,
        "cost_mills": each.cost_mills,
    }


def _event(row: Row[Any]) -> DocketEvent:
    return DocketEvent(
        record=row.record,
        duty=row.duty,
        ordinal=row.ordinal,
        at=parse_instant(row.at),
        event=row.event,
        because=row.because,
        by=row.by,
        cost_mills=row.cost_mills,
    )


def _decided_on(each: Obligation) -> dict[str, object]:
    return {
        "record": each.record,
        "duty": each.duty,
        "ordinal": each.ordinal,
        "status": each.status.value,
    }


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
