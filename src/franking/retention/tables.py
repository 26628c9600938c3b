"""How retained records, legal holds and certificates are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    MetaData,
    PrimaryKeyConstraint,
    Row,
    Table,
    and_,
    func,
    insert,
    select,
    update,
)

from franking.retention.records import TRANSITIONS, Certificate, Hold, Retained, RetainedStatus
from franking.storage import Reading, Work
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    never_negative,
    one_of,
    optional_text,
    text,
    whole,
)


@dataclass(frozen=True, slots=True)
class RetentionTables:
    """The tables of one domain's retention. None of their rows is ever destroyed."""

    retained: Table
    holds: Table
    certificates: Table

    @classmethod
    def within(cls, metadata: MetaData) -> RetentionTables:
        """Define the tables."""
        return cls(_retained(metadata), _holds(metadata), _certificates(metadata))

    @property
    def all(self) -> tuple[Table, ...]:
        """Every table of the room."""
        return self.retained, self.holds, self.certificates


def _retained(metadata: MetaData) -> Table:
    table = Table(
        "retained_records",
        metadata,
        text("record"),
        text("kind"),
        text("rulebook"),
        text("clause"),
        text("ended_on"),
        optional_text("keep_until"),
        optional_text("destroy_by", index=True),
        text("status"),
        text("proposed_by"),
        PrimaryKeyConstraint("record", "kind"),
        one_of("status", RetainedStatus),
        sqlite_strict=True,
    )
    guard_transitions(table, TRANSITIONS)
    kept = ("record", "kind", "rulebook", "clause", "ended_on", "keep_until", "destroy_by")
    guard_append_only(table, columns=kept, permanent=True)
    return table


def _holds(metadata: MetaData) -> Table:
    table = Table(
        "legal_holds",
        metadata,
        Column("number", WHOLE, primary_key=True, autoincrement=False),
        text("record", index=True),
        text("because"),
        text("clause"),
        text("placed_by"),
        text("placed_at"),
        optional_text("lifted_at"),
        sqlite_strict=True,
    )
    placed = ("record", "because", "clause", "placed_by", "placed_at")
    guard_append_only(table, columns=placed, permanent=True)
    return table


def _certificates(metadata: MetaData) -> Table:
    table = Table(
        "destruction_certificates",
        metadata,
        Column("number", WHOLE, primary_key=True, autoincrement=False),
        text("record", index=True),
        text("kind"),
        text("clause"),
        text("destroyed_at"),
        text("first"),
        text("second"),
        text("method"),
        whole("rows"),
        never_negative("rows"),
        sqlite_strict=True,
    )
    guard_append_only(table, permanent=True)
    return table


def find(books: Reading, tables: RetentionTables, record: str, kind: str) -> Retained | None:
    """A retained record."""
    table = tables.retained.c
    mine = and_(table.record == record, table.kind == kind)
    row = books.row(select(tables.retained).where(mine))
    return None if row is None else _retained_of(row)


def of_record(books: Reading, tables: RetentionTables, record: str) -> list[Retained]:
    """Everything retained about a record."""
    query = select(tables.retained).where(tables.retained.c.record == record)
    return [_retained_of(row) for row in books.rows(query.order_by(tables.retained.c.kind))]


def listed(books: Reading, tables: RetentionTables, *, until: date | None) -> list[Retained]:
    """What is retained still, by ceiling and floor; with ``until``, what may go on that day."""
    table = tables.retained.c
    query = select(tables.retained).where(table.status != RetainedStatus.DESTROYED)
    if until is not None:
        query = query.where(table.keep_until <= until.isoformat())
    # Those without a ceiling come last on both databases.
    order = (table.destroy_by.is_(None), table.destroy_by, table.keep_until, table.record)
    return [_retained_of(row) for row in books.rows(query.order_by(*order))]


def add(work: Work, tables: RetentionTables, kept: Retained) -> None:
    """Store what is retained from now on."""
    work.write(
        insert(tables.retained).values(
            record=kept.record,
            kind=kept.kind,
            rulebook=kept.rulebook,
            clause=kept.clause,
            ended_on=kept.ended_on.isoformat(),
            keep_until=_text(kept.keep_until),
            destroy_by=_text(kept.destroy_by),
            status=kept.status,
            proposed_by=kept.proposed_by,
        )
    )


def move(work: Work, tables: RetentionTables, before: Retained, after: Retained) -> None:
    """Move a retained record to its next status."""
    table = tables.retained.c
    mine = and_(
        table.record == before.record, table.kind == before.kind, table.status == before.status
    )
    values = {"status": after.status, "proposed_by": after.proposed_by}
    work.write_one(update(tables.retained).where(mine).values(**values))


def standing_holds(books: Reading, tables: RetentionTables, record: str) -> list[Hold]:
    """The legal holds on a record that nobody has lifted."""
    table = tables.holds.c
    query = select(tables.holds).where(table.record == record, table.lifted_at.is_(None))
    return [_hold_of(row) for row in books.rows(query.order_by(table.number))]


def add_hold(work: Work, tables: RetentionTables, hold: Hold) -> None:
    """Store a legal hold."""
    work.write(
        insert(tables.holds).values(
            number=hold.number,
            record=hold.record,
            because=hold.because,
            clause=hold.clause,
            placed_by=hold.placed_by,
            placed_at=hold.placed_at,
        )
    )


def lift(work: Work, tables: RetentionTables, hold: Hold, at: str) -> None:
    """Note that a hold was lifted."""
    mine = and_(tables.holds.c.number == hold.number, tables.holds.c.lifted_at.is_(None))
    work.write_one(update(tables.holds).where(mine).values(lifted_at=at))


def add_certificate(work: Work, tables: RetentionTables, certificate: Certificate) -> None:
    """Store a certificate of destruction."""
    row = {name: getattr(certificate, name) for name in Certificate.__dataclass_fields__}
    work.write(insert(tables.certificates).values(**row))


def certificates(books: Reading, tables: RetentionTables, *, record: str = "") -> list[Certificate]:
    """Every certificate of destruction, or those of a record."""
    table = tables.certificates
    query = select(table).order_by(table.c.number)
    if record:
        query = query.where(table.c.record == record)
    return [Certificate(**row._mapping) for row in books.rows(query)]


def next_number(books: Reading, table: Table) -> int:
    """The next number of a hold or a certificate."""
    row = books.row(select(func.max(table.c.number).label("last")))
    return 1 if row is None or row.last is None else int(row.last) + 1


def _retained_of(row: Row[Any]) -> Retained:
    return Retained(
        record=row.record,
        kind=row.kind,
        rulebook=row.rulebook,
        clause=row.clause,
        ended_on=date.fromisoformat(row.ended_on),
        keep_until=None if row.keep_until is None else date.fromisoformat(row.keep_until),
        destroy_by=None if row.destroy_by is None else date.fromisoformat(row.destroy_by),
        status=RetainedStatus(row.status),
        proposed_by=row.proposed_by,
    )


def _hold_of(row: Row[Any]) -> Hold:
    told = {name: value for name, value in row._mapping.items() if name != "lifted_at"}
    return Hold(**told, lifted_at=row.lifted_at or "")


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
