"""What people and other rooms read from the ledger: balances, totals, movements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from franking.clock import parse_instant
from franking.ledger import rolling_up
from franking.ledger.chart import AccountKind, Chart
from franking.ledger.records import NOTHING, Balance, Line
from franking.ledger.tables import LedgerTables, balances_of
from franking.storage import Reading


def balance(books: Reading, tables: LedgerTables, chart: Chart, account: str) -> Balance:
    """What an account holds; the sum of its entries since the last roll-up, if uncounted."""
    if chart.kind_of(account).counted:
        return balances_of(books, tables, [account]).get(account, NOTHING)
    return _summed(books, tables, lambda column: column == account).get(account, NOTHING)


def balances(
    books: Reading, tables: LedgerTables, kind: AccountKind, *, on: date | None
) -> dict[str, Balance]:
    """What each account of a kind holds, or held at the end of a day."""
    if on is not None:
        return _of_day(books, tables, kind, on)
    if not kind.counted:
        return _summed(books, tables, lambda column: _is_of(column, kind))
    table = tables.balances
    query = select(table).where(_is_of(table.c.account, kind)).order_by(table.c.account)
    return {
        row.account: Balance(row.balance_mills, row.pending_mills) for row in books.stream(query)
    }


def total(books: Reading, tables: LedgerTables, kind: AccountKind, *, on: date | None) -> int:
    """All accounts of a kind together."""
    if on is not None or not kind.counted:
        return sum(each.balance_mills for each in balances(books, tables, kind, on=on).values())
    table = tables.balances.c
    return _sum(books, select(func.sum(table.balance_mills)).where(_is_of(table.account, kind)))


def lines(
    books: Reading,
    tables: LedgerTables,
    account: str,
    *,
    since: date | None,
    until: date | None,
) -> Iterator[Line]:
    """The movements of an account, with the balance after each, a few in memory at a time."""
    entries, postings = tables.entries.c, tables.postings.c
    mine = entries.account == account
    after = 0
    if since is not None:
        before = mine & (entries.day < since.isoformat())
        after = _sum(books, select(func.sum(entries.amount_mills)).where(before))
        mine &= entries.day >= since.isoformat()
    if until is not None:
        mine &= entries.day <= until.isoformat()
    query = _with_postings(tables).where(mine).order_by(entries.number, entries.place)
    for row in books.stream(query.add_columns(postings.at)):
        after += row.amount_mills
        yield Line(
            number=row.number,
            key=row.key,
            at=parse_instant(row.at),
            day=date.fromisoformat(row.day),
            kind=row.kind,
            because=row.because,
            reference=row.reference,
            amount_mills=row.amount_mills,
            balance_after_mills=after,
        )


def _with_postings(tables: LedgerTables) -> Select[Any]:
    entries, postings = tables.entries.c, tables.postings.c
    return select(
        entries.number,
        entries.day,
        entries.amount_mills,
        postings.key,
        postings.kind,
        postings.because,
        postings.reference,
    ).join_from(tables.entries, tables.postings, entries.number == postings.number)


def _summed(books: Reading, tables: LedgerTables, chosen: rolling_up.Chosen) -> dict[str, Balance]:
    """Uncounted accounts: their last roll-up and what was entered after it."""
    found = rolling_up.rolled(books, tables, chosen)
    for account, moved in rolling_up.moved_since(books, tables, chosen).items():
        found[account] = found.get(account, 0) + moved
    return {account: Balance(found[account]) for account in sorted(found)}


def _of_day(
    books: Reading, tables: LedgerTables, kind: AccountKind, on: date
) -> dict[str, Balance]:
    entries = tables.entries.c
    query = (
        select(entries.account, func.sum(entries.amount_mills).label("balance"))
        .where(_is_of(entries.account, kind), entries.day <= on.isoformat())
        .group_by(entries.account)
        .order_by(entries.account)
    )
    return {row.account: Balance(int(row.balance)) for row in books.stream(query)}


def _is_of(account: ColumnElement[str], kind: AccountKind) -> ColumnElement[bool]:
    """Whether an account is of a kind: a range of names, which an index serves."""
    if not kind.of:
        return account == kind.kind
    return (account > f"{kind.kind}:") & (account < f"{kind.kind};")


def _sum(books: Reading, query: Select[Any]) -> int:
    (row,) = books.rows(query)
    return int(row[0] or 0)
