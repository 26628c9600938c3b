"""What an auditor recomputed from a journal, beside what the books say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from franking.ledger.audit import Audit, Held
from franking.ledger.ledger import Ledger
from franking.ledger.records import NOTHING, Balance
from franking.storage import Reading, Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An account of which the journal and the books tell different things."""

    account: str
    journal: Balance
    books: Balance


def differences(found: Audit, books: Reading, ledger: Ledger) -> Iterator[Difference]:
    """Every account that the books hold otherwise than the journal says, by name.

    Both must be of the same moment: the books have the rows that the audit read, and no more.
    """
    for line in ledger.chart:
        kept = ledger.balances(books, kind=line.kind)
        told = {
            account: _balance(held)
            for account, held in found.accounts.items()
            if account.partition(":")[0] == line.kind
        }
        yield from _apart(told, kept)


def rows_since(books: Reading, schema: Schema, last_row: int) -> int:
    """How many rows the journal of the books has after the last one that an audit read."""
    sequence = schema.journal.journal.c.sequence
    row = books.row(select(func.count().label("rows")).where(sequence > last_row))
    return 0 if row is None else int(row.rows)


def _apart(told: Mapping[str, Balance], kept: Mapping[str, Balance]) -> Iterator[Difference]:
    for account in sorted(told.keys() | kept.keys()):
        journal, books = told.get(account, NOTHING), kept.get(account, NOTHING)
        if journal != books:
            yield Difference(account=account, journal=journal, books=books)


def _balance(held: Held) -> Balance:
    return Balance(held.balance, held.pending)
