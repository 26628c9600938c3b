"""How the ledger is stored: postings, entries, the balances of counted accounts, roll-ups.

Postings and entries are append-only; of a posting only its state moves. A counted account has a
balance row whose limit the database checks again (LEDGER-2); an uncounted one has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Row,
    Table,
    func,
    insert,
    literal_column,
    select,
    update,
)

from franking.clock import instant_text, parse_instant
from franking.ledger.chart import Chart
from franking.ledger.decisions import SETTLED
from franking.ledger.records import (
    TRANSITIONS,
    Balance,
    Posted,
    PostedTransfer,
    PostingState,
)
from franking.storage import Reading, Work
from franking.storage.among import among
from franking.storage.changing import change_many
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    never_negative,
    one_of,
    optional_text,
    optional_whole,
    text,
    whole,
)

_AS_POSTED: Final = (
    *("number", "key", "kind", "at", "day", "until", "settles"),
    *("clause", "because", "reference", "transfers"),
)


@dataclass(frozen=True, slots=True)
class LedgerTables:
    """The tables of one domain's ledger."""

    name: str
    postings: Table
    entries: Table
    balances: Table
    rollups: Table

    @classmethod
    def within(cls, metadata: MetaData, prefix: str) -> LedgerTables:
        """Define the tables, named with ``prefix``."""
        return cls(
            prefix,
            _postings(metadata, f"{prefix}_postings"),
            _entries(metadata, f"{prefix}_entries"),
            _balances(metadata, f"{prefix}_balances"),
            _rollups(metadata, f"{prefix}_rollups"),
        )


def _postings(metadata: MetaData, name: str) -> Table:
    table = Table(
        name,
        metadata,
        Column("number", WHOLE, primary_key=True, autoincrement=True),
        text("key", unique=True),
        text("kind"),
        text("state"),
        text("at"),
        text("day"),
        optional_text("until"),
        optional_whole("settles"),
        text("clause"),
        text("because"),
        text("reference"),
        text("transfers"),
        optional_text("closed_at"),
        text("closed_because"),
        one_of("state", PostingState),
        CheckConstraint("number > 0 AND (until IS NOT NULL OR state = 'posted')"),
        CheckConstraint("(closed_at IS NULL) = (until IS NULL OR state = 'pending')"),
        sqlite_strict=True,
    )
    pending = literal_column("state") == literal_column("'pending'")
    Index(f"{name}_pending", table.c.until, sqlite_where=pending, postgresql_where=pending)
    Index(f"{name}_of_day", table.c.day, table.c.number)
    guard_transitions(table, TRANSITIONS, column="state")
    guard_append_only(table, columns=_AS_POSTED, permanent=True)
    return table


def _entries(metadata: MetaData, name: str) -> Table:
    table = Table(
        name,
        metadata,
        text("account"),
        whole("number"),
        whole("place"),
        text("day"),
        whole("amount_mills"),
        optional_whole("balance_after_mills"),
        PrimaryKeyConstraint("account", "number", "place"),
        CheckConstraint("amount_mills <> 0"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    guard_append_only(table, permanent=True)
    return table


def _balances(metadata: MetaData, name: str) -> Table:
    return Table(
        name,
        metadata,
        text("account", primary_key=True),
        whole("balance_mills"),
        whole("pending_mills"),
        optional_whole("floor_mills"),
        never_negative("pending_mills"),
        CheckConstraint("floor_mills IS NULL OR balance_mills - pending_mills >= floor_mills"),
        sqlite_strict=True,
    )


def _rollups(metadata: MetaData, name: str) -> Table:
    table = Table(
        name,
        metadata,
        text("account"),
        whole("upto"),
        whole("balance_mills"),
        PrimaryKeyConstraint("account", "upto"),
        sqlite_strict=True,
    )
    guard_append_only(table, permanent=True)
    return table


# Reading -------------------------------------------------------------------------------------


def balances_of(
    books: Reading, tables: LedgerTables, accounts: Iterable[str]
) -> dict[str, Balance]:
    """The counted accounts among these that have a balance row."""
    table, found = tables.balances, {}
    for row in books.rows(select(table).where(among(table.c.account, accounts))):
        found[row.account] = Balance(row.balance_mills, row.pending_mills)
    return found


def postings_of(books: Reading, tables: LedgerTables, keys: Iterable[str]) -> dict[str, Posted]:
    """What was posted or reserved under these keys, by key, as it stands."""
    asked = list(dict.fromkeys(keys))
    rows = _rows_of(books, tables, asked)
    reserved = [row.key for row in rows.values() if row.until is not None]
    settled = _rows_of(books, tables, [key + SETTLED for key in reserved])
    return {key: posted(row, settled.get(key + SETTLED)) for key, row in rows.items()}


def _rows_of(books: Reading, tables: LedgerTables, keys: Sequence[str]) -> dict[str, Row[Any]]:
    table = tables.postings
    if not keys:
        return {}
    return {row.key: row for row in books.rows(select(table).where(among(table.c.key, keys)))}


def expired_keys(books: Reading, tables: LedgerTables, now: datetime) -> list[str]:
    """The keys of reservations whose term has passed, oldest first."""
    table = tables.postings.c
    query = select(table.key).where(
        table.state == PostingState.PENDING, table.until <= instant_text(now)
    )
    return [row.key for row in books.rows(query.order_by(table.number))]


def posted(row: Row[Any], settled: Row[Any] | None = None) -> Posted:
    """The posting of a row; of a settled reservation with what its settlement left."""
    moved = msgspec.json.decode((settled or row).transfers, type=list[_Moved])
    return Posted(
        number=row.number,
        key=row.key,
        kind=row.kind,
        at=parse_instant(row.at),
        day=date.fromisoformat(row.day),
        state=PostingState(row.state),
        transfers=tuple(_transfer(each) for each in moved),
        clause=row.clause,
        because=row.because,
        reference=row.reference,
        until=None if row.until is None else parse_instant(row.until),
    )


# Writing -------------------------------------------------------------------------------------


def next_numbers(work: Work, tables: LedgerTables, count: int) -> Sequence[int]:
    """Numbers for new postings, each above all that are there."""
    table = tables.postings
    if work.is_postgresql:
        sequence = func.pg_get_serial_sequence(table.name, "number")
        number = func.nextval(sequence).label("number")
        query = select(number).select_from(func.generate_series(1, count))
        return [row.number for row in work.rows(query)]
    row = work.row(select(func.max(table.c.number).label("last")))
    last = 0 if row is None or row.last is None else int(row.last)
    return range(last + 1, last + 1 + count)


def add_postings(work: Work, tables: LedgerTables, postings: Iterable[Posted], at: str) -> None:
    """Store new postings, all made at one instant."""
    work.write_many(tables.postings, (_row(each, at) for each in postings))


def add_settlement(work: Work, tables: LedgerTables, of: Posted, made: Posted, at: str) -> None:
    """Store the posting that settles a reservation."""
    row = _row(made, at) | {"settles": of.number, "key": of.key + SETTLED}
    work.write(insert(tables.postings).values(**row))


def close(work: Work, tables: LedgerTables, one: Posted, to: PostingState, **how: str) -> None:
    """Move a reservation out of ``pending``; ``how`` gives ``closed_at`` and ``closed_because``."""
    table = tables.postings
    mine = (table.c.number == one.number, table.c.state == PostingState.PENDING)
    work.write_one(update(table).where(*mine).values(state=to, **how))


def add_entries(work: Work, tables: LedgerTables, postings: Iterable[Posted]) -> None:
    """Store what postings moved, an entry for each side of each transfer."""
    work.write_many(tables.entries, (row for each in postings for row in _entry_rows(each)))


def keep_balances(
    work: Work,
    tables: LedgerTables,
    chart: Chart,
    *,
    found: Mapping[str, Balance],
    changed: Mapping[str, Balance],
) -> None:
    """Write the balances of counted accounts, each as it was decided upon what was found.

    Raises:
        Refused: ``BOOKS_BUSY`` where somebody else has moved one meanwhile.
    """
    table = tables.balances
    work.write_many(
        table,
        (
            {
                "account": account,
                **_amounts(after),
                "floor_mills": chart.kind_of(account).floor_mills,
            }
            for account, after in changed.items()
            if account not in found
        ),
    )
    change_many(
        work,
        table,
        [
            ({"account": each, **_amounts(found[each])}, _amounts(changed[each]))
            for each in changed
            if each in found
        ],
    )


def _amounts(balance: Balance) -> dict[str, int]:
    return {"balance_mills": balance.balance_mills, "pending_mills": balance.pending_mills}


# Rows ----------------------------------------------------------------------------------------

_Moved = tuple[str, str, int, int | None, int | None]


def _transfer(moved: _Moved) -> PostedTransfer:
    debit, credit, amount, debit_after, credit_after = moved
    return PostedTransfer(
        debit=debit,
        credit=credit,
        amount_mills=amount,
        debit_after_mills=debit_after,
        credit_after_mills=credit_after,
    )


def _row(each: Posted, at: str) -> dict[str, object]:
    moved = [msgspec.structs.astuple(one) for one in each.transfers]
    return {
        "number": each.number,
        "key": each.key,
        "kind": each.kind,
        "state": each.state.value,
        "at": at,
        "day": each.day.isoformat(),
        "until": None if each.until is None else instant_text(each.until),
        "settles": None,
        "clause": each.clause,
        "because": each.because,
        "reference": each.reference,
        "transfers": msgspec.json.encode(moved).decode(),
        "closed_at": None,
        "closed_because": "",
    }


def _entry_rows(each: Posted) -> Iterator[dict[str, object]]:
    day = each.day.isoformat()
    for place, one in enumerate(each.transfers):
        yield _entry(
            one.debit, each.number, 2 * place, day, -one.amount_mills, one.debit_after_mills
        )
        yield _entry(
            one.credit, each.number, 2 * place + 1, day, one.amount_mills, one.credit_after_mills
        )


def _entry(
    account: str, number: int, place: int, day: str, amount_mills: int, after: int | None
) -> dict[str, object]:
    return {
        "account": account,
        "number": number,
        "place": place,
        "day": day,
        "amount_mills": amount_mills,
        "balance_after_mills": after,
    }
