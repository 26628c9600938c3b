"""Reading and writing the rows of examinations, notices and inspections."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select, tuple_, update

from franking.errors import InvariantBroken
from franking.messages.examining import DeviceSeized, ExaminationReport
from franking.provider.devices.records import DeviceState
from franking.provider.devices.tables import INVENTORY
from franking.provider.examinations.checklist import Inspection, InspectionReport
from franking.provider.examinations.records import (
    Case,
    CaseStatus,
    Ground,
    MailerProfile,
    Notice,
    NoticeKind,
    Receipt,
)
from franking.provider.examinations.tables import (
    AHEAD,
    CASE_EVENTS,
    CASES,
    INSPECTIONS,
    NOTICES,
    POSTAL_REPORTS,
    PROFILES,
    RECEIPTS,
    REMOTE,
)
from franking.storage import Reading, Work
from franking.storage.among import among

_MOVES = ("status", "due_on", "approached_on", "approached_how", "closed_on")
"""What changes of a case; the rest stays as it was opened."""


def open_case(books: Reading, serial: str) -> Case | None:
    """The case of a device that is open, if any; there is one at most."""
    table = CASES.c
    row = books.row(select(CASES).where(table.serial == serial, table.closed_on.is_(None)))
    return None if row is None else _case(row)


def with_open_case(books: Reading, serials: Sequence[str]) -> list[str]:
    """Which of these devices have an open case."""
    table = CASES.c
    query = select(table.serial).where(among(table.serial, serials), table.closed_on.is_(None))
    return [row.serial for row in books.rows(query.order_by(table.serial))]


def cases_of(books: Reading, serial: str) -> list[Case]:
    """Every case of a device, oldest first."""
    query = select(CASES).where(CASES.c.serial == serial).order_by(CASES.c.number)
    return [_case(row) for row in books.rows(query)]


def cases_in(
    books: Reading, status: CaseStatus | None, *, after: str = "", limit: int = 100
) -> list[Case]:
    """Open cases by serial, in one status or any: a page of them."""
    table = CASES.c
    query = select(CASES).where(table.closed_on.is_(None), table.serial > after)
    query = query.where(table.status == status.value) if status else query
    return [_case(row) for row in books.rows(query.order_by(table.serial).limit(limit))]


def cases_to_approach(books: Reading, today: date) -> list[Case]:
    """Cases whose first notice runs out by ``today`` and whose licensee was not approached yet."""
    table = CASES.c
    due = (table.status == CaseStatus.NOTICED.value) & (table.due_on <= today.isoformat())
    return [_case(row) for row in books.rows(select(CASES).where(due).order_by(table.serial))]


def cases_left(books: Reading, kept: Collection[DeviceState]) -> list[Case]:
    """Open cases of devices that are in none of these states of the inventory."""
    states = [state.value for state in kept]
    query = select(CASES).join(INVENTORY, INVENTORY.c.serial == CASES.c.serial)
    gone = CASES.c.closed_on.is_(None) & INVENTORY.c.state.not_in(states)
    return [_case(row) for row in books.rows(query.where(gone).order_by(CASES.c.serial))]


def last_cases(books: Reading, serials: Sequence[str]) -> dict[str, Case]:
    """The newest case of each of these devices that ever had one."""
    query = select(CASES).where(CASES.c.serial.in_(serials)).order_by(CASES.c.number)
    return {row.serial: _case(row) for row in books.rows(query)}


def add_cases(work: Work, cases: Sequence[Case], because: str) -> None:
    """Store new cases, each with its first event."""
    work.write_many(CASES, map(_case_row, cases))
    work.write_many(CASE_EVENTS, (_event_row(each, each.noticed_on, because) for each in cases))


def change_case(work: Work, before: Case, after: Case, *, on: date, because: str) -> None:
    """Store what became of a case, if it still is as decided on."""
    change_cases(work, [(before, after)], on=on, because=because)


def change_cases(
    work: Work, changes: Sequence[tuple[Case, Case]], *, on: date, because: str
) -> None:
    """Store what became of cases, if all of them still are as decided on.

    Raises:
        InvariantBroken: one of them is not.
    """
    alike: dict[tuple[str, tuple[object, ...]], list[tuple[str, int]]] = {}
    for before, after in changes:
        row = _case_row(after)
        moved = before.status.value, tuple(row[name] for name in _MOVES)
        alike.setdefault(moved, []).append((before.serial, before.number))
    for (status, values), keys in alike.items():
        mine = tuple_(CASES.c.serial, CASES.c.number).in_(keys) & (CASES.c.status == status)
        change = update(CASES).where(mine).values(dict(zip(_MOVES, values, strict=True)))
        if work.write(change) != len(keys):
            raise InvariantBroken(f"an examination that was {status} was changed meanwhile")
    work.write_many(CASE_EVENTS, (_event_row(after, on, because) for _, after in changes))


def case_events(books: Reading, serial: str) -> list[dict[str, object]]:
    """What happened to the cases of a device, oldest first."""
    query = select(CASE_EVENTS).where(CASE_EVENTS.c.serial == serial)
    return [
        {"case": row.number, "on": row.on_day, "status": row.status, "because": row.because}
        for row in books.rows(query.order_by(CASE_EVENTS.c.event))
    ]


def add_notice(work: Work, notice: Notice) -> None:
    """Keep what a licensee was told."""
    work.write(insert(NOTICES).values(notice.as_json()))


def add_notices(work: Work, notices: Iterable[Notice]) -> None:
    """Keep what many licensees were told."""
    work.write_many(NOTICES, (each.as_json() for each in notices))


def notices_of(books: Reading, serial: str) -> list[Notice]:
    """What was told about a device, oldest first."""
    query = select(NOTICES).where(NOTICES.c.serial == serial).order_by(NOTICES.c.number)
    return [_notice(row) for row in books.rows(query)]


def was_told(books: Reading, serial: str, kind: NoticeKind, due_on: date) -> bool:
    """Whether the licensee was told this about this date before."""
    table = NOTICES.c
    query = select(table.number).where(
        table.serial == serial, table.kind == kind.value, table.due_on == due_on.isoformat()
    )
    return bool(books.rows(query.limit(1)))


def add_postal_report(work: Work, report: ExaminationReport) -> None:
    """Keep a postal examination as it was reported."""
    row = {
        "serial": report.device,
        "examiner": report.examiner,
        "examined_on": report.examined_on,
        "ascending_mills": report.ascending_mills,
        "descending_mills": report.descending_mills,
        "log_brought": int(report.log_brought),
        "findings": msgspec.json.encode(report.findings).decode(),
    }
    work.write(insert(POSTAL_REPORTS).values(row))


def put_profile(work: Work, profile: MailerProfile) -> None:
    """Store what is known of a mailer, in place of what was known before."""
    row = {**asdict(profile), "high_risk": int(profile.high_risk)}
    mine = PROFILES.c.licence == profile.licence
    if not work.write(update(PROFILES).where(mine).values(row)):
        work.write(insert(PROFILES).values(row))


def profile_of(books: Reading, licence: str) -> MailerProfile | None:
    """What is known of a mailer."""
    row = books.row(select(PROFILES).where(PROFILES.c.licence == licence))
    return (
        None if row is None else MailerProfile(**{**row._mapping, "high_risk": row.high_risk > 0})
    )


def add_inspection(work: Work, report: InspectionReport) -> None:
    """Keep the sheet of an inspection as it was signed, and what was found."""
    row = {
        "serial": report.sheet.serial,
        "inspected_on": report.inspected_on.isoformat(),
        "inspector": report.sheet.inspector,
        "signed_by": report.sheet.licensee_signature,
        "sheet": msgspec.json.encode(report.sheet).decode(),
        "irregularities": msgspec.json.encode(report.irregularities).decode(),
    }
    work.write(insert(INSPECTIONS).values(row))


def inspections_of(books: Reading, serial: str) -> list[InspectionReport]:
    """The inspections of a meter, oldest first."""
    query = select(INSPECTIONS).where(INSPECTIONS.c.serial == serial)
    return [
        InspectionReport(
            sheet=msgspec.json.decode(row.sheet, type=Inspection),
            inspected_on=date.fromisoformat(row.inspected_on),
            irregularities=msgspec.json.decode(row.irregularities, type=tuple[str, ...]),
        )
        for row in books.rows(query.order_by(INSPECTIONS.c.number))
    ]


def add_receipt(work: Work, seized: DeviceSeized) -> None:
    """Keep the copy of an inspector's receipt."""
    row = {
        "receipt": seized.receipt,
        "serial": seized.device,
        "licence": seized.licence,
        "inspector": seized.inspector,
        "withdrawn_on": seized.withdrawn_on,
        "reason": seized.reason,
        "ascending_mills": seized.ascending_mills,
        "descending_mills": seized.descending_mills,
        "fraud_suspected": int(seized.fraud_suspected),
        "replacement_wanted": int(seized.replacement_wanted),
    }
    work.write(insert(RECEIPTS).values(**row, replacement="", moved_mills=0))


def find_receipt(books: Reading, receipt: str) -> Receipt | None:
    """The receipt of that number."""
    row = books.row(select(RECEIPTS).where(RECEIPTS.c.receipt == receipt))
    return None if row is None else _receipt(row)


def receipts_of(books: Reading, serial: str) -> list[Receipt]:
    """Every receipt for a device."""
    query = select(RECEIPTS).where(RECEIPTS.c.serial == serial).order_by(RECEIPTS.c.receipt)
    return [_receipt(row) for row in books.rows(query)]


def replace_on_receipt(work: Work, receipt: str, *, replacement: str, moved_mills: int) -> None:
    """Note which device the licensee got instead, and how much postage goes over to it."""
    mine = (RECEIPTS.c.receipt == receipt) & (RECEIPTS.c.replacement == "")
    values = {"replacement": replacement, "moved_mills": moved_mills}
    work.write_one(update(RECEIPTS).where(mine).values(values))


def add_ahead(work: Work, *, serial: str, licence: str, on: str) -> None:
    """Keep an advance notice of the Inspection Service."""
    work.write(insert(AHEAD).values(serial=serial, licence=licence, on_day=on))


def ahead_of(books: Reading, serial: str) -> list[str]:
    """The days for which the Inspection Service announced itself."""
    query = select(AHEAD.c.on_day).where(AHEAD.c.serial == serial).order_by(AHEAD.c.number)
    return [row.on_day for row in books.rows(query)]


def want_remote(work: Work, *, serial: str, reason: str, asked_on: str) -> None:
    """Note that the Postal Service joins in the next audit of a device."""
    row = {"serial": serial, "reason": reason, "asked_on": asked_on, "answered_on": None}
    work.write(insert(REMOTE).values(row))


def answer_remote(work: Work, serial: str, on: date) -> bool:
    """Note that an audit goes to the Postal Service; whether it wanted one."""
    mine = (REMOTE.c.serial == serial) & REMOTE.c.answered_on.is_(None)
    return work.write(update(REMOTE).where(mine).values(answered_on=on.isoformat())) > 0


def _event_row(case: Case, on: date, because: str) -> dict[str, object]:
    return {
        "serial": case.serial,
        "number": case.number,
        "on_day": on.isoformat(),
        "status": case.status.value,
        "because": because,
    }


def _case_row(case: Case) -> dict[str, object]:
    dates = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(case).items()
    }
    return {**dates, "ground": case.ground.value, "status": case.status.value}


def _case(row: Row[Any]) -> Case:
    given = dict(row._mapping)
    for name in ("noticed_on", "due_on", "approached_on", "closed_on"):
        given[name] = date.fromisoformat(given[name]) if given[name] else None
    return Case(**{**given, "ground": Ground(row.ground), "status": CaseStatus(row.status)})


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        serial=row.serial,
        licence=row.licence,
        kind=NoticeKind(row.kind),
        given_on=date.fromisoformat(row.given_on),
        due_on=date.fromisoformat(row.due_on),
        clause=row.clause,
        text=row.text,
    )


def _receipt(row: Row[Any]) -> Receipt:
    given = {
        **row._mapping,
        "withdrawn_on": date.fromisoformat(row.withdrawn_on),
        "fraud_suspected": bool(row.fraud_suspected),
        "replacement_wanted": bool(row.replacement_wanted),
    }
    return Receipt(**given)
