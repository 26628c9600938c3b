"""Resets as the provider's record of grants has them, beside the ledger's charges (LEDGER-4).

Counts and sums are compared each night; only where they differ is every reset looked up. What is
in transit is compared device by device.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    String,
    Subquery,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.sql.expression import ColumnElement

from franking.provider.closing.day_book import GRANT, charged, last_number
from franking.provider.closing.decisions import are_alike
from franking.provider.closing.records import (
    DayClose,
    Difference,
    DifferenceKind,
    Resets,
)
from franking.provider.resetting.records import ResetStatus
from franking.provider.resetting.tables import RESETS
from franking.provider.schema import LEDGER
from franking.provider.telephone.records import SettingStatus
from franking.provider.telephone.tables import SETTINGS
from franking.storage import Reading

_NONE = Resets(count=0, amount_mills=0)


def granted_ever(reading: Reading) -> Resets:
    """Every reset granted so far, by device messages and by telephone."""
    grants = _grants().subquery()
    count, mills = func.count(grants.c.serial), func.sum(grants.c.amount_mills)
    both: Any = select(count, mills)
    found: Any = reading.rows(both)[0]
    return Resets(count=found[0], amount_mills=int(found[1] or 0), upto=last_number(reading))


def grant_differences(
    reading: Reading, before: DayClose | None, granted: Resets
) -> Iterator[Difference]:
    """Grants without their charge, and charges without their grant."""
    known = _NONE if before is None else before.granted
    if not are_alike(known, granted, charged(reading, after=known.upto)):
        yield from _unpaid(reading)
        yield from _ungranted(reading)


def expected_in_transit(reading: Reading) -> dict[str, int]:
    """By device: what is granted and neither confirmed, returned nor settled otherwise."""
    grants = _grants().subquery()
    query = (
        select(grants.c.serial, func.sum(grants.c.amount_mills).label("mills"))
        .where(grants.c.waits == 1)
        .group_by(grants.c.serial)
    )
    return {row.serial: int(row.mills) for row in reading.stream(query)}


def _grants() -> CompoundSelect[tuple[str, int, int, int]]:
    """Every grant: serial, sequence, amount, and whether its value is still on the way."""
    reset, told = RESETS.c, SETTINGS.c
    waiting = (ResetStatus.GRANTED.value, ResetStatus.CLOSED.value)
    return union_all(
        select(
            reset.device_id.label("serial"),
            reset.sequence.label("sequence"),
            reset.amount_mills.label("amount_mills"),
            _flag(reset.status.in_(waiting)).label("waits"),
        ).where(reset.grant_text != ""),
        select(
            told.serial,
            told.sequence,
            told.amount_mills,
            _flag(told.status == SettingStatus.TOLD.value),
        ),
    )


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _unpaid(reading: Reading) -> Iterator[Difference]:
    grants, charge = _grants().subquery(), _charges()
    query = (
        select(grants.c.serial, grants.c.sequence, grants.c.amount_mills, charge.c.mills)
        .join(charge, charge.c.key == _key(grants.c.serial, grants.c.sequence), isouter=True)
        .where(func.coalesce(charge.c.mills, 0) != grants.c.amount_mills)
        .order_by(grants.c.serial, grants.c.sequence)
    )
    for row in reading.stream(query):
        yield Difference(
            kind=DifferenceKind.GRANT_UNPAID,
            about=f"device:{row.serial}",
            expected_mills=row.amount_mills,
            found_mills=int(row.mills or 0),
            detail=f"reset {row.sequence}",
        )


def _ungranted(reading: Reading) -> Iterator[Difference]:
    grants, charge = _grants().subquery(), _charges()
    query = (
        select(charge.c.key, charge.c.mills)
        .join(grants, charge.c.key == _key(grants.c.serial, grants.c.sequence), isouter=True)
        .where(grants.c.serial.is_(None))
        .order_by(charge.c.key)
    )
    for row in reading.stream(query):
        yield Difference(
            kind=DifferenceKind.CHARGE_WITHOUT_GRANT,
            about=f"posting:{row.key}",
            expected_mills=0,
            found_mills=int(row.mills),
        )


def _charges() -> Subquery:
    """Each charge for a reset, by its key."""
    postings, entries = LEDGER.tables.postings.c, LEDGER.tables.entries.c
    into = (entries.account > "transit:") & (entries.account < "transit;")
    return (
        select(postings.key.label("key"), func.sum(entries.amount_mills).label("mills"))
        .join_from(LEDGER.tables.postings, LEDGER.tables.entries, entries.number == postings.number)
        .where(postings.kind == GRANT, into)
        .group_by(postings.key)
        .subquery()
    )


def _key(serial: ColumnElement[str], sequence: ColumnElement[int]) -> ColumnElement[str]:
    return literal(f"{GRANT}:") + serial + ":" + cast(sequence, String)
