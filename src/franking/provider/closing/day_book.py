"""What the ledger moved on one day, read from its postings once, in order.

Memory grows with the kinds of movements and with the accounts moved *after* the day, not with its
postings. Refuses to know what the other records say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, and_, func, select

from franking.provider.closing.records import (
    Difference,
    DifferenceKind,
    KindTotal,
    MovementTotal,
    Resets,
    Span,
)
from franking.provider.schema import LEDGER
from franking.storage import Reading

GRANT: Final = "grant"
_COLUMNS: Final = 6
"""So many columns of a posting are read; what is read beside it comes after them."""
_MOVED = msgspec.json.Decoder(list[tuple[str, str, int, int | None, int | None]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One charge for a reset."""

    serial: str
    sequence: int
    account: str
    amount_mills: int
    at: str
    beside: tuple[int | None, ...] = ()


@dataclass(slots=True)
class DayBook:
    """Sums of a day's postings."""

    postings: int = 0
    movements: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Amounts by kind of posting, debited and credited kind of account."""
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    late: list[Difference] = field(default_factory=list)

    def totals(self, opening: Mapping[str, int]) -> tuple[KindTotal, ...]:
        """Every kind of account, from what it stood at before."""
        debits: Counter[str] = Counter()
        credits: Counter[str] = Counter()
        for (_, debit, credit), amount in self.movements.items():
            debits[debit] += amount
            credits[credit] += amount
        return tuple(
            KindTotal(
                kind=kind,
                opening_mills=opening.get(kind, 0),
                debits_mills=debits[kind],
                credits_mills=credits[kind],
            )
            for kind in sorted({*opening, *debits, *credits})
        )

    def lines(self) -> tuple[MovementTotal, ...]:
        """Every movement between two kinds of accounts."""
        return tuple(
            MovementTotal(
                kind=kind,
                debit=debit,
                credit=credit,
                count=self.counts[kind, debit, credit],
                amount_mills=amount,
            )
            for (kind, debit, credit), amount in sorted(self.movements.items())
        )

    def take(self, row: Row[Any], span: Span) -> None:
        """Add one posting."""
        self.postings += 1
        if span.was_closed(row.day):
            self.late.append(_late(row))
        for debit, credit, amount, *_ in _MOVED.decode(row.transfers):
            line = row.kind, kind_of(debit), kind_of(credit)
            self.movements[line] += amount
            self.counts[line] += 1


def read_day(reading: Reading, span: Span) -> DayBook:
    """The day book of a close."""
    book = DayBook()
    for chosen in _covered(span):
        for row in _postings(reading, chosen):
            book.take(row, span)
    return book


def grants(reading: Reading, span: Span, *beside: ColumnElement[int]) -> Iterator[Grant]:
    """Every charge for a reset that a close covers, in order.

    ``beside`` are whole numbers to be read with each: of what they are the sum, who asks knows.
    """
    for chosen in _covered(span):
        for row in _postings(reading, and_(chosen, _POSTINGS.kind == GRANT), *beside):
            _, serial, sequence = row.key.split(":")
            (debit, _, amount, *_), *_ = _MOVED.decode(row.transfers)
            yield Grant(
                serial=serial,
                sequence=int(sequence),
                account=debit.partition(":")[2],
                amount_mills=amount,
                at=row.at,
                beside=tuple(row[_COLUMNS:]),
            )


def moved_after(reading: Reading, span: Span) -> Mapping[str, int]:
    """What was added to each account by postings that the span does not cover yet."""
    moved: dict[str, int] = defaultdict(int)
    for chosen in _later(span):
        for row in _postings(reading, chosen):
            for debit, credit, amount, *_ in _MOVED.decode(row.transfers):
                moved[debit] -= amount
                moved[credit] += amount
    return moved


def last_number(reading: Reading) -> int:
    """The number of the last posting; 0 before the first."""
    row = reading.row(select(func.max(_POSTINGS.number).label("last")))
    return 0 if row is None or row.last is None else int(row.last)


def first_day(reading: Reading) -> str:
    """The day of the first posting; empty where there is none."""
    row = reading.row(select(func.min(_POSTINGS.day).label("first")))
    return "" if row is None or row.first is None else str(row.first)


def charged(reading: Reading, *, after: int) -> Resets:
    """The resets charged by postings numbered above ``after``."""
    count = amount = 0
    mine = and_(_POSTINGS.number > after, _POSTINGS.kind == GRANT)
    for row in _postings(reading, mine):
        count += 1
        amount += sum(moved[2] for moved in _MOVED.decode(row.transfers))
    return Resets(count=count, amount_mills=amount)


def kind_of(account: str) -> str:
    """The kind of an account, by its name."""
    return account.partition(":")[0]


def _postings(
    reading: Reading, chosen: ColumnElement[bool], *beside: ColumnElement[int]
) -> Iterator[Row[Any]]:
    """Postings that moved something, in the order of their days; what is only reserved did not."""
    query = select(
        _POSTINGS.number,
        _POSTINGS.key,
        _POSTINGS.kind,
        _POSTINGS.at,
        _POSTINGS.day,
        _POSTINGS.transfers,
        *beside,
    ).where(chosen, _POSTINGS.until.is_(None))
    yield from reading.stream(query.order_by(_POSTINGS.day, _POSTINGS.number))


def _covered(span: Span) -> list[ColumnElement[bool]]:
    """Two questions, each with an index of its own: fresh days, and what came late for others."""
    day, number = _POSTINGS.day, _POSTINGS.number
    upto = and_(number <= span.through, day <= span.day.isoformat())
    if span.before is None:
        return [upto]
    before = span.before.isoformat()
    return [and_(upto, day > before), and_(upto, day <= before, number > span.through_before)]


def _later(span: Span) -> list[ColumnElement[bool]]:
    day, number = _POSTINGS.day, _POSTINGS.number
    end = span.day.isoformat()
    return [day > end, and_(day <= end, number > span.through)]


def _late(row: Row[Any]) -> Difference:
    return Difference(
        kind=DifferenceKind.LATE_POSTING,
        about=f"posting:{row.key}",
        detail=f"it bears {row.day}; this close covers it",
    )


_POSTINGS = LEDGER.tables.postings.c
