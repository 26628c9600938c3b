"""Reading and writing the rows of the Postal Service's examinations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Row, Table, func, insert, select, update

from franking.postal.examinations.records import (
    PostalExamination,
    Presentation,
    PresentationStatus,
    Referral,
    ReferralGround,
    ReferralStatus,
    Suspect,
    SuspectStatus,
)
from franking.postal.examinations.tables import (
    DUE,
    EXAMINATIONS,
    PRESENTATIONS,
    REFERRALS,
    REPORTS,
    SUSPECTS,
)
from franking.storage import Reading, Work

_REFERRAL_MOVES = ("status", "notified_on", "closed_on", "closed_how")
_SUSPECT_MOVES = (
    "status",
    "announced_on",
    "unannounced_because",
    "closed_on",
    "finding",
    "receipt",
)
"""What changes of a record; the rest stays as it was opened."""


def next_number(books: Reading, table: Table) -> int:
    """The next number of a table's records."""
    row = books.row(select(func.max(table.c.number).label("last")))
    return 1 if row is None or row.last is None else int(row.last) + 1


def add_referral(work: Work, referral: Referral) -> Referral:
    """Store a provider's report of a device; it gets its number."""
    row = _columns(referral)
    del row["number"]
    work.write(insert(REFERRALS).values(row))
    mine = open_referrals(work, provider=referral.provider, serial=referral.serial)
    return mine[-1]


def change_referral(work: Work, before: Referral, after: Referral) -> None:
    """Store what became of a referral, if it still is as decided on."""
    table = REFERRALS.c
    mine = (table.number == before.number) & (table.status == before.status.value)
    work.write_one(update(REFERRALS).where(mine).values(_standing(after, _REFERRAL_MOVES)))


def find_referral(books: Reading, number: int) -> Referral | None:
    """The referral of that number."""
    row = books.row(select(REFERRALS).where(REFERRALS.c.number == number))
    return None if row is None else _referral(row)


def open_referrals(books: Reading, *, provider: str, serial: str) -> list[Referral]:
    """The referrals of a provider's device that are not closed."""
    table = REFERRALS.c
    query = select(REFERRALS).where(
        table.provider == provider, table.serial == serial, table.closed_on.is_(None)
    )
    return [_referral(row) for row in books.rows(query.order_by(table.number))]


def referrals(
    books: Reading, *, status: ReferralStatus | None = None, zip_code: str = ""
) -> list[Referral]:
    """Referrals by number; of one status or office where these are given."""
    query = select(REFERRALS).order_by(REFERRALS.c.number)
    query = query.where(REFERRALS.c.status == status.value) if status else query
    query = query.where(REFERRALS.c.zip_code == zip_code) if zip_code else query
    return [_referral(row) for row in books.rows(query)]


def referrals_about(books: Reading, record: str) -> list[Referral]:
    """Referrals of a device of any provider (``device:…``), or one by number (``referral:…``)."""
    kind, _, name = record.partition(":")
    query = select(REFERRALS).order_by(REFERRALS.c.number)
    if kind == "device":
        return [_referral(row) for row in books.rows(query.where(REFERRALS.c.serial == name))]
    found = find_referral(books, int(name)) if kind == "referral" and name.isdecimal() else None
    return [] if found is None else [found]


def add_due(work: Work, **row: str) -> None:
    """Note for a licensing office that a device has to be examined."""
    work.write(insert(DUE).values(**row, settled_on=None, settled_how=""))


def settle_due(work: Work, *, provider: str, serial: str, how: str, on: date) -> None:
    """A device is no longer on the list of its licensing office."""
    table = DUE.c
    mine = (table.provider == provider) & (table.serial == serial) & table.settled_on.is_(None)
    work.write(update(DUE).where(mine).values(settled_on=on.isoformat(), settled_how=how))


def due_at(books: Reading, zip_code: str = "") -> list[dict[str, object]]:
    """What a licensing office expects, or every office, by due date."""
    query = select(DUE).where(DUE.c.settled_on.is_(None))
    query = query.where(DUE.c.zip_code == zip_code) if zip_code else query
    return [dict(row._mapping) for row in books.rows(query.order_by(DUE.c.due_on, DUE.c.number))]


def add_examination(work: Work, examination: PostalExamination) -> None:
    """Keep an examination by a postal employee."""
    row = {**_columns(examination), "log_brought": int(examination.log_brought)}
    row["findings"] = msgspec.json.encode(examination.findings).decode()
    work.write(insert(EXAMINATIONS).values(row))


def examinations_of(books: Reading, *, provider: str, serial: str) -> list[PostalExamination]:
    """The postal examinations of a device, oldest first."""
    table = EXAMINATIONS.c
    query = select(EXAMINATIONS).where(table.provider == provider, table.serial == serial)
    return [_examination(row) for row in books.rows(query.order_by(table.number))]


def add_report(work: Work, **row: str) -> None:
    """Keep what a provider reported of a device: an irregularity, a deficient print, an audit."""
    work.write(insert(REPORTS).values(row))


def reports_of(books: Reading, *, provider: str, serial: str) -> list[dict[str, object]]:
    """What a provider reported of a device, oldest first."""
    table = REPORTS.c
    query = select(REPORTS).where(table.provider == provider, table.serial == serial)
    return [
        {**row._mapping, "facts": msgspec.json.decode(row.facts)}
        for row in books.rows(query.order_by(table.number))
    ]


def add_suspect(work: Work, suspect: Suspect) -> None:
    """Store a suspicion."""
    work.write(insert(SUSPECTS).values(_columns(suspect)))


def change_suspect(work: Work, before: Suspect, after: Suspect) -> None:
    """Store what inspectors did, if the matter still is as decided on."""
    mine = (SUSPECTS.c.number == before.number) & (SUSPECTS.c.status == before.status.value)
    work.write_one(update(SUSPECTS).where(mine).values(_standing(after, _SUSPECT_MOVES)))


def find_suspect(books: Reading, number: int) -> Suspect | None:
    """The suspicion of that number."""
    row = books.row(select(SUSPECTS).where(SUSPECTS.c.number == number))
    return None if row is None else _suspect(row)


def put_presentation(work: Work, before: Presentation | None, after: Presentation) -> None:
    """Store how a meter stands with its office, if it still is as decided on."""
    if before is None:
        work.write(insert(PRESENTATIONS).values(_columns(after)))
        return
    table = PRESENTATIONS.c
    mine = (table.provider == before.provider) & (table.serial == before.serial)
    still = mine & (table.status == before.status.value)
    work.write_one(update(PRESENTATIONS).where(still).values(_columns(after)))


def find_presentation(books: Reading, *, provider: str, serial: str) -> Presentation | None:
    """How a meter stands with its office."""
    table = PRESENTATIONS.c
    query = select(PRESENTATIONS).where(table.provider == provider, table.serial == serial)
    row = books.row(query)
    return None if row is None else _presentation(row)


def _columns(record: Referral | Suspect | Presentation | PostalExamination) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(record).items()
    }


def _standing(record: Referral | Suspect, names: Sequence[str]) -> dict[str, object]:
    return {name: value for name, value in _columns(record).items() if name in names}


def _dates(row: Row[Any], *names: str) -> dict[str, Any]:
    given = dict(row._mapping)
    return given | {
        name: date.fromisoformat(given[name]) if given[name] else None for name in names
    }


def _referral(row: Row[Any]) -> Referral:
    given = _dates(row, "last_active_on", "received_on", "notified_on", "closed_on")
    given |= {"ground": ReferralGround(row.ground), "status": ReferralStatus(row.status)}
    return Referral(**given)


def _suspect(row: Row[Any]) -> Suspect:
    given = _dates(row, "opened_on", "announced_on", "closed_on")
    return Suspect(**{**given, "status": SuspectStatus(row.status)})


def _presentation(row: Row[Any]) -> Presentation:
    given = _dates(row, "last_seen_on", "notified_on")
    return Presentation(**{**given, "status": PresentationStatus(row.status)})


def _examination(row: Row[Any]) -> PostalExamination:
    given = _dates(row, "examined_on")
    del given["number"]
    given["findings"] = msgspec.json.decode(row.findings, type=tuple[str, ...])
    return PostalExamination(**{**given, "log_brought": bool(row.log_brought)})
