"""What people see of a docket: the morning page, counts, the whole of it as a stream.

Pages are cut by key, so that the last page of a million is as quick as the first. Everything is in
order of due date. Refuses to know how it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all

from franking.docket import tables
from franking.docket.catalogue import clauses_with
from franking.docket.docket import Docket
from franking.docket.records import OUTSTANDING, Obligation, ObligationStatus
from franking.docket.tables import Position
from franking.errors import Refusal
from franking.rules.calendars import calendar_days
from franking.storage import Reading

PAGE = 50
_EXPORT_PAGE = 1000
_WEEK = 7

DOCKET_CLAUSE_UNKNOWN = Refusal(
    "DOCKET_CLAUSE_UNKNOWN",
    clause="policy",
    remedy="Give a clause, or a part of one, that a duty rests on: see docs/reference/duties.md.",
    http_status=404,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which obligations somebody wants to see; what is empty chooses everything."""

    owed_by: str = ""
    """Who owes it: ``licensee:62701-000001``; or any of a kind, where it ends so: ``licensee:``."""
    record: str = ""
    clause: str = ""
    """A clause or a part of one: ``501.22(f)``."""
    duty: str = ""
    statuses: tuple[ObligationStatus, ...] = OUTSTANDING
    due_from: date | None = None
    due_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some obligations, and where the next page begins (``None`` after the last)."""

    obligations: tuple[Obligation, ...]
    after: Position | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much is to be done; each number is at most ``most``, which then means that or more."""

    missed: int
    overdue: int
    """Open and past due: the next sweep will mark it missed."""
    due_today: int
    due_this_week: int
    """In the seven days after today."""
    most: int


def page(
    reading: Reading,
    docket: Docket,
    choice: Choice,
    *,
    after: Position | None = None,
    limit: int = PAGE,
) -> Page:
    """The next page of what was chosen, by due date.

    Raises:
        Refused: ``DOCKET_CLAUSE_UNKNOWN``.
    """
    rows = reading.rows(_paged(docket, choice, after=after, limit=limit + 1))
    found = tuple(tables.obligation(row) for row in rows[:limit])
    return Page(obligations=found, after=tables.position(found[-1]) if len(rows) > limit else None)


def every(reading: Reading, docket: Docket, choice: Choice) -> Iterator[Obligation]:
    """Everything that was chosen, by due date, a page in memory at a time.

    Raises:
        Refused: ``DOCKET_CLAUSE_UNKNOWN``.
    """
    after: Position | None = None
    while True:
        some = page(reading, docket, choice, after=after, limit=_EXPORT_PAGE)
        yield from some.obligations
        if some.after is None:
            return
        after = some.after


def counts(reading: Reading, docket: Docket, on: date, *, most: int = 1000) -> Counts:
    """How much is missed, overdue and soon due on a day; counts no further than ``most``."""
    day, tomorrow, week = (calendar_days(on, days).isoformat() for days in (0, 1, _WEEK + 1))
    missed, is_open = ObligationStatus.MISSED, ObligationStatus.OPEN

    def count(status: ObligationStatus, first: str, end: str) -> int:
        due, kept = docket.tables.obligations.c.due, docket.tables.obligations.c.status
        some = select(literal(1).label("one")).where(kept == status, due >= first, due < end)
        capped = some.limit(most).subquery()
        row = reading.row(select(func.count().label("found")).select_from(capped))
        return 0 if row is None else int(row.found)

    return Counts(
        missed=count(missed, "", date.max.isoformat()),
        overdue=count(is_open, "", day),
        due_today=count(is_open, day, tomorrow),
        due_this_week=count(is_open, tomorrow, week),
        most=most,
    )


def _paged(docket: Docket, choice: Choice, *, after: Position | None, limit: int) -> Select[Any]:
    """One index range for each status and clause, each cut to a page, put in order together."""
    ranges = [
        _range(docket, choice, status, clause, after=after, limit=limit)
        for status, clause in product(choice.statuses, _clauses(choice))
    ]
    if len(ranges) == 1:
        return ranges[0]
    joined = union_all(*(select(each.subquery()) for each in ranges)).subquery().c
    order = (joined.due, joined.record, joined.duty, joined.ordinal)
    return select(*joined).order_by(*order).limit(limit)


def _clauses(choice: Choice) -> tuple[str, ...]:
    if not choice.clause:
        return ("",)
    found = clauses_with(choice.clause)
    if not found:
        raise DOCKET_CLAUSE_UNKNOWN.because(f"no duty rests on {choice.clause!r}")
    return found


def _range(
    docket: Docket,
    choice: Choice,
    status: ObligationStatus,
    clause: str,
    *,
    after: Position | None,
    limit: int,
) -> Select[Any]:
    table = docket.tables.obligations.c
    exact = {"record": choice.record, "duty": choice.duty}
    query = select(docket.tables.obligations).where(table.status == status)
    if choice.owed_by:
        query = query.where(_owed_by(table.owed_by, choice.owed_by))
    for name, wanted in {**exact, "clause": clause}.items():
        if wanted:
            query = query.where(table[name] == wanted)
    if choice.due_from is not None:
        query = query.where(table.due >= choice.due_from.isoformat())
    if choice.due_to is not None:
        query = query.where(table.due <= choice.due_to.isoformat())
    return tables.paged(docket.tables, query, after=after, limit=limit)


def _owed_by(column: ColumnElement[str], actor: str) -> ColumnElement[bool]:
    """Owed by this one, or by any of its kind."""
    return column.startswith(actor) if actor.endswith(":") else column == actor
