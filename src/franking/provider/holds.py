"""What the rooms of the provider's books hold against a record: one table, for ``explain``.

Each room adds its own line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select

from franking.docket.explaining import Explainer, Hold
from franking.messages.kinds import LockOrder, UnlockOrder
from franking.messages.signing import unverified
from franking.provider.devices import rows
from franking.provider.resetting.tables import ORDERS
from franking.storage import Reading


def _denials_of_resets(reading: Reading, record: str) -> Iterator[Hold]:
    kind, _, serial = record.partition(":")
    if kind != "device":
        return
    for denial in rows.denials(reading, serial, standing=False):
        yield Hold(
            what=f"resets denied until lifted ({denial.cause})",
            clause=denial.clause,
            since=denial.since,
            because=denial.because,
            until=denial.lifted_at or "",
        )


def _locks(reading: Reading, record: str) -> Iterator[Hold]:
    """Locks that the provider ordered a PSD to keep, each until it ordered that cause gone."""
    _, _, serial = record.partition(":")
    table = ORDERS.c
    ours = (table.device_id == serial) & table.kind.in_(("LockOrder", "UnlockOrder"))
    ordered = reading.rows(select(ORDERS).where(ours).order_by(table.number))
    ends = [unverified(row.text, UnlockOrder) for row in ordered if row.kind == "UnlockOrder"]
    for row in ordered:
        if row.kind == "LockOrder":
            lock = unverified(row.text, LockOrder)
            later = (
                end.issued_at for end in ends if end.cause == lock.cause and end.order > lock.order
            )
            yield Hold(
                what=f"ordered to evidence nothing ({lock.cause})",
                clause=lock.clause,
                since=lock.issued_at,
                because=f"order {lock.order}" + ("" if row.answer else ", not carried out yet"),
                until=min(later, default=""),
            )


EXPLAINERS: Final[list[Explainer]] = [_denials_of_resets, _locks]
