"""Under whose licence a system is, was, and gave its value up: nobody is paid what is another's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from franking.messages.kinds import Authorization, ClearingOrder, ClearingStatement
from franking.messages.signing import unverified
from franking.provider.devices import rows as device_rows
from franking.provider.funds import chart
from franking.provider.licensing.tables import LEASES, PLACEMENTS
from franking.provider.resetting.settlement import clearing_case
from franking.provider.resetting.tables import ORDERS
from franking.provider.schema import LEDGER
from franking.storage import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """A clearing that ended a licensee's time with a device."""

    account: str
    """Of the ledger: where what the device gave up waits."""
    order: ClearingOrder
    statement: ClearingStatement


def leased_under(books: Reading, licence: str) -> set[str]:
    """The devices that were ever placed under a lease of the licence."""
    placed = PLACEMENTS.join(LEASES, PLACEMENTS.c.lease == LEASES.c.id)
    query = select(PLACEMENTS.c.device).select_from(placed).where(LEASES.c.licence == licence)
    return {str(row.device) for row in books.rows(query)}


def authorized_for(books: Reading, serial: str) -> list[str]:
    """The licences under which a postal security device was authorized, oldest first."""
    orders = _orders(books, serial, "Authorization")
    return [unverified(row.text, Authorization).licence for row in orders]


def holder_of(books: Reading, serial: str) -> str:
    """The licence under which a system is, or was last; empty where it never was under one."""
    record = device_rows.find(books, serial)
    if record is not None and record.licence:
        return record.licence
    if authorized := authorized_for(books, serial):
        return authorized[-1]
    placed = PLACEMENTS.join(LEASES, PLACEMENTS.c.lease == LEASES.c.id)
    query = select(LEASES.c.licence).select_from(placed).where(PLACEMENTS.c.device == serial)
    rows = books.rows(query.order_by(PLACEMENTS.c.placed_on, PLACEMENTS.c.lease))
    return str(rows[-1].licence) if rows else ""


def clearing_of(books: Reading, serial: str, licence: str) -> Clearing | None:
    """The clearing at which a device gave up what was the licensee's.

    The first of which something is left to refund; else the last. ``None`` before any.
    """
    found: list[Clearing] = []
    is_mine = False
    for row in _orders(books, serial, "Authorization", "ClearingOrder"):
        if row.kind == "Authorization":
            is_mine = unverified(row.text, Authorization).licence == licence
        elif is_mine and row.answer:
            found.append(_clearing(serial, row))
    left = [each for each in found if LEDGER.balance(books, each.account).balance_mills > 0]
    return next(iter(left or found[-1:]), None)


def _clearing(serial: str, row: Row[Any]) -> Clearing:
    return Clearing(
        account=chart.refunds(clearing_case(serial, row.number)),
        order=unverified(row.text, ClearingOrder),
        statement=unverified(row.answer, ClearingStatement),
    )


def _orders(books: Reading, serial: str, *kinds: str) -> Sequence[Row[Any]]:
    table = ORDERS.c
    mine = (table.device_id == serial) & table.kind.in_(kinds)
    return books.rows(select(ORDERS).where(mine).order_by(table.number))
