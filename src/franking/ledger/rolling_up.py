"""Roll-ups: what uncounted accounts held at a number, so that few entries are summed after it.

An uncounted account has no balance row: whoever posts to it waits for nobody, and whoever reads it
adds up its entries. A roll-up writes the sum down. It takes the books for itself, since numbers are
given before they are committed: beside others it could miss an entry with a lower number.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, and_, func, or_, select

from franking.errors import InvariantBroken
from franking.ledger.chart import Chart
from franking.ledger.tables import LedgerTables
from franking.storage import Reading, Work

Chosen = Callable[[ColumnElement[str]], ColumnElement[bool]]
"""Which accounts are meant, as a condition on a column of their names."""


def rolled(books: Reading, tables: LedgerTables, chosen: Chosen) -> dict[str, int]:
    """What each account held at its last roll-up, in mills."""
    table = tables.rollups.c
    last = (
        select(table.account, func.max(table.upto).label("upto"))
        .where(chosen(table.account))
        .group_by(table.account)
        .subquery()
    )
    same = (table.account == last.c.account) & (table.upto == last.c.upto)
    query = select(table.account, table.balance_mills).join_from(last, tables.rollups, same)
    return {row.account: row.balance_mills for row in books.rows(query)}


def moved_since(books: Reading, tables: LedgerTables, chosen: Chosen) -> dict[str, int]:
    """What was entered on each account after the last roll-up of any, in mills.

    An account that has no row of the last roll-up had not moved since its own.
    """
    table = tables.entries.c
    query = (
        select(table.account, func.sum(table.amount_mills).label("moved"))
        .where(chosen(table.account), table.number > last_number(books, tables))
        .group_by(table.account)
    )
    return {row.account: int(row.moved) for row in books.rows(query)}


def last_number(books: Reading, tables: LedgerTables) -> int:
    """Up to which posting accounts are rolled up; 0 before the first roll-up."""
    return _highest(books, tables.rollups.c.upto)


def roll_up(work: Work, tables: LedgerTables, chart: Chart) -> int:
    """Write down what each uncounted account holds that has moved; how many they were.

    Raises:
        InvariantBroken: the unit of work names records, so that others may post meanwhile.
    """
    if not work.is_alone:
        raise InvariantBroken("a roll-up beside others could miss what they post")
    uncounted = [line.kind for line in chart if not line.counted]

    def chosen(account: ColumnElement[str]) -> ColumnElement[bool]:
        """Ranges of names, which an index serves: counted accounts have far more entries."""
        return or_(*(_is_of(account, kind) for kind in uncounted))

    mine = moved_since(work, tables, chosen)
    before, upto = rolled(work, tables, chosen), _highest(work, tables.postings.c.number)
    return work.write_many(
        tables.rollups,
        (
            {"account": each, "upto": upto, "balance_mills": before.get(each, 0) + mine[each]}
            for each in sorted(mine)
        ),
    )


def _is_of(account: ColumnElement[str], kind: str) -> ColumnElement[bool]:
    return or_(account == kind, and_(account > f"{kind}:", account < f"{kind};"))


def _highest(books: Reading, column: ColumnElement[int]) -> int:
    row = books.row(select(func.max(column).label("highest")))
    return 0 if row is None or row.highest is None else int(row.highest)
