"""Reading and writing the rows of the provider's licensing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Table, func, insert, select, update

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.applications import ApplicationData
from franking.provider.licensing.records import (
    LIVE,
    Application,
    ApplicationStatus,
    Component,
    HeardLicence,
    Lease,
    LeaseStatus,
    LicenceStatus,
    Purchase,
    RegisterLog,
    Removal,
    Signatures,
)
from franking.provider.licensing.tables import (
    APPLICATIONS,
    EVENTS,
    LEASES,
    LICENCES,
    PLACEMENTS,
    PURCHASES,
    REMOVALS,
)
from franking.storage import Act, Reading, Work

_NUMBERS_AT_ONCE = 500

# Applications ------------------------------------------------------------------------------


def find_application(books: Reading, number: str) -> Application | None:
    """An application by its number."""
    row = books.row(select(APPLICATIONS).where(APPLICATIONS.c.number == number))
    return None if row is None else _application(row)


def applications(books: Reading) -> list[Application]:
    """Every application, by number."""
    query = select(APPLICATIONS).order_by(APPLICATIONS.c.number)
    return [_application(row) for row in books.rows(query)]


def waiting(books: Reading, applicant: str, zip_code: str) -> Application | None:
    """The application of an applicant at a post office that is not decided yet."""
    table = APPLICATIONS.c
    undecided = table.status == ApplicationStatus.TRANSMITTED
    query = select(APPLICATIONS).where(undecided, table.applicant == applicant)
    found = [_application(row) for row in books.rows(query)]
    return next((each for each in found if each.data.zip_code == zip_code), None)


def rulebook_of(books: Reading, licence: str) -> str:
    """The rulebook of the newest application that a licence answered; empty where none did."""
    table = APPLICATIONS.c
    mine = select(table.rulebook).where(table.licence == licence).order_by(table.number.desc())
    row = books.row(mine.limit(1))
    return "" if row is None else str(row.rulebook)


def next_number(books: Reading) -> str:
    """The number of the next application."""
    return f"A-{_count(books, APPLICATIONS) + 1:06d}"


def add_application(work: Work, application: Application) -> None:
    """Store an application."""
    work.write(insert(APPLICATIONS).values(_columns(application)))


def change_application(work: Work, before: Application, after: Application) -> None:
    """Write what changed, if it is still as decided on."""
    mine = (APPLICATIONS.c.number == before.number) & (APPLICATIONS.c.status == before.status)
    names = ("status", "clause", "reason", "licence")
    values = {name: _column(getattr(after, name)) for name in names}
    work.write_one(update(APPLICATIONS).where(mine).values(values))


# Licences ----------------------------------------------------------------------------------


def find_licence(books: Reading, number: str) -> HeardLicence | None:
    """A licence by its number."""
    row = books.row(select(LICENCES).where(LICENCES.c.number == number))
    if row is None:
        return None
    return HeardLicence(**{**row._mapping, "status": LicenceStatus(row.status)})


def live_licences(books: Reading, numbers: Sequence[str]) -> set[str]:
    """Which of these licences are in force."""
    live: set[str] = set()
    for start in range(0, len(numbers), _NUMBERS_AT_ONCE):
        mine = LICENCES.c.number.in_(numbers[start : start + _NUMBERS_AT_ONCE])
        query = select(LICENCES.c.number).where(mine, LICENCES.c.status.in_(LIVE))
        live |= {str(row.number) for row in books.rows(query)}
    return live


def licences(books: Reading) -> list[HeardLicence]:
    """Every licence heard, by number."""
    query = select(LICENCES).order_by(LICENCES.c.number)
    return [
        HeardLicence(**{**row._mapping, "status": LicenceStatus(row.status)})
        for row in books.rows(query)
    ]


def keep_licence(work: Work, licence: HeardLicence) -> None:
    """Store a licence as it was told last."""
    if find_licence(work, licence.number) is None:
        work.write(insert(LICENCES).values(_columns(licence)))
        return
    mine = LICENCES.c.number == licence.number
    work.write_one(update(LICENCES).where(mine).values(_columns(licence)))


# Leases ------------------------------------------------------------------------------------


def find_lease(books: Reading, lease_id: str) -> Lease | None:
    """A lease by its id."""
    row = books.row(select(LEASES).where(LEASES.c.id == lease_id))
    return None if row is None else _lease(row)


def leases(books: Reading, licence: str | None = None) -> list[Lease]:
    """Every lease, or those under a licence, by id."""
    query = select(LEASES).order_by(LEASES.c.id)
    if licence is not None:
        query = query.where(LEASES.c.licence == licence)
    return [_lease(row) for row in books.rows(query)]


def add_lease(work: Work, lease: Lease) -> None:
    """Store a lease."""
    work.write(insert(LEASES).values(_lease_columns(lease)))


def change_lease(work: Work, before: Lease, after: Lease) -> None:
    """Write what changed, if it is still as decided on."""
    mine = (LEASES.c.id == before.id) & (LEASES.c.status == before.status)
    names = ("status", "ended_on", "clause", "because")
    values = {name: _column(getattr(after, name)) for name in names}
    work.write_one(update(LEASES).where(mine).values(values))


def add_placement(work: Work, lease: str, device: str, log: RegisterLog, on: date) -> None:
    """Note that a device was placed under a lease, with its register log."""
    row = {
        "lease": lease,
        "ordinal": _count(work, PLACEMENTS, PLACEMENTS.c.lease == lease) + 1,
        "device": device,
        "placed_on": on.isoformat(),
        "register_log": str(log),
    }
    work.write(insert(PLACEMENTS).values(row))


def placements(books: Reading, lease: str) -> list[dict[str, str]]:
    """Which devices were placed under a lease, when, and how their registers are logged."""
    table = PLACEMENTS.c
    query = select(table.device, table.placed_on, table.register_log).where(table.lease == lease)
    return [dict(row._mapping) for row in books.rows(query.order_by(table.ordinal))]


# Removals and purchases --------------------------------------------------------------------


def add_removal(
    work: Work, device: str, *, licence: str, clause: str, because: str, on: date
) -> None:
    """Note that a device has to be removed, unless that is outstanding already."""
    if outstanding_removal(work, device) is not None:
        return
    removal = Removal(
        device=device,
        ordinal=_count(work, REMOVALS, REMOVALS.c.device == device) + 1,
        licence=licence,
        clause=clause,
        because=because,
        ordered_on=on,
    )
    work.write(insert(REMOVALS).values(_columns(removal)))


def outstanding_removal(books: Reading, device: str) -> Removal | None:
    """The order to remove a device that the Postal Service was not told to be done."""
    mine = (REMOVALS.c.device == device) & REMOVALS.c.reported_on.is_(None)
    row = books.row(select(REMOVALS).where(mine))
    return None if row is None else _removal(row)


def outstanding_removals(books: Reading, licence: str | None = None) -> list[Removal]:
    """Every order that is outstanding, or those of a licence."""
    query = select(REMOVALS).where(REMOVALS.c.reported_on.is_(None)).order_by(REMOVALS.c.device)
    if licence is not None:
        query = query.where(REMOVALS.c.licence == licence)
    return [_removal(row) for row in books.rows(query)]


def settle_removal(work: Work, removal: Removal, on: date) -> None:
    """Note that the Postal Service was told of a removal, or that it was called off."""
    mine = (REMOVALS.c.device == removal.device) & (REMOVALS.c.ordinal == removal.ordinal)
    work.write_one(update(REMOVALS).where(mine).values(reported_on=on.isoformat()))


def purchases(books: Reading, licence: str) -> list[Purchase]:
    """What was sold to a licensee."""
    query = select(PURCHASES).where(PURCHASES.c.licence == licence).order_by(PURCHASES.c.ordinal)
    return [
        Purchase(
            **{
                **row._mapping,
                "component": Component(row.component),
                "sold_on": date.fromisoformat(row.sold_on),
            }
        )
        for row in books.rows(query)
    ]


def add_purchase(work: Work, purchase: Purchase) -> None:
    """Store a sale."""
    work.write(insert(PURCHASES).values(_columns(purchase)))


# Events ------------------------------------------------------------------------------------


def note(
    work: Work, record: str, event: str, *, clause: str, because: str, by: str, now: datetime
) -> None:
    """Write the event into the record's history and into the journal."""
    row = {
        "record": record,
        "ordinal": _count(work, EVENTS, EVENTS.c.record == record) + 1,
        "at": instant_text(now),
        "by": by,
        "event": event,
        "clause": clause,
        "because": because,
    }
    work.write(insert(EVENTS).values(row))
    inputs = {"event": event, "because": because}
    work.record(Act(record=record, clauses=(clause,), inputs=inputs))


def events_of(books: Reading, record: str) -> list[dict[str, str]]:
    """The history of a record, oldest first."""
    columns = [EVENTS.c[name] for name in ("at", "by", "event", "clause", "because")]
    query = select(*columns).where(EVENTS.c.record == record).order_by(EVENTS.c.ordinal)
    return [dict(row._mapping) for row in books.rows(query)]


def licence_record(number: str) -> str:
    """The name of a licence's record."""
    return record_id("licence", number)


def _count(books: Reading, table: Table, which: ColumnElement[bool] | None = None) -> int:
    query = select(func.count().label("n")).select_from(table)
    row = books.row(query if which is None else query.where(which))
    return 0 if row is None else int(row.n)


def _columns(record: Any) -> dict[str, Any]:
    return {name: _column(getattr(record, name)) for name in type(record).__dataclass_fields__}


def _column(value: Any) -> Any:
    match value:
        case ApplicationData():
            return msgspec.json.encode(value, order="sorted").decode()
        case date():
            return value.isoformat()
        case StrEnum():
            return str(value)
    return value


def _lease_columns(lease: Lease) -> dict[str, Any]:
    own = _columns(lease)
    del own["signatures"]
    return {**own, **_columns(lease.signatures)}


def _application(row: Row[Any]) -> Application:
    typed = {
        "data": msgspec.json.decode(row.data, type=ApplicationData),
        "transmitted_on": date.fromisoformat(row.transmitted_on),
        "status": ApplicationStatus(row.status),
    }
    return Application(**{**row._mapping, **typed})


def _lease(row: Row[Any]) -> Lease:
    return Lease(
        id=row.id,
        licence=row.licence,
        licensee=row.licensee,
        rulebook=row.rulebook,
        signatures=Signatures(
            signed_by=row.signed_by,
            signed_on=date.fromisoformat(row.signed_on),
            acknowledged_by=row.acknowledged_by,
            acknowledged_on=date.fromisoformat(row.acknowledged_on),
            lockbox=row.lockbox,
        ),
        begun_on=date.fromisoformat(row.begun_on),
        status=LeaseStatus(row.status),
        ended_on=None if row.ended_on is None else date.fromisoformat(row.ended_on),
        clause=row.clause,
        because=row.because,
    )


def _removal(row: Row[Any]) -> Removal:
    ordered = {"ordered_on": date.fromisoformat(row.ordered_on), "reported_on": None}
    return Removal(**{**row._mapping, **ordered})
