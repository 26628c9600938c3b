"""Reading and writing the rows of the licensing desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Table, func, insert, select, update

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.applications import ApplicationData, same_name
from franking.postal.licences.decisions import parties
from franking.postal.licences.records import (
    LIVE,
    AlternativeSetting,
    Appeal,
    AppealKind,
    AppealStatus,
    Application,
    ApplicationStatus,
    ExportPermission,
    Ground,
    Licence,
    LicenceStatus,
    RemovalOrder,
    Revocation,
    RevocationStatus,
)
from franking.postal.licences.tables import (
    ALTERNATIVE_SETTINGS,
    APPEALS,
    APPLICATIONS,
    BRANCHES,
    EVENTS,
    EXPORT_PERMISSIONS,
    LICENCES,
    PROVIDERS,
    REMOVAL_ORDERS,
    REVOCATIONS,
    VERSIONS,
)
from franking.storage import Reading, Work

# Applications ------------------------------------------------------------------------------


def find_application(books: Reading, application_id: str) -> Application | None:
    """An application by its id."""
    row = books.row(select(APPLICATIONS).where(APPLICATIONS.c.id == application_id))
    return None if row is None else _application(row)


def applications(books: Reading, status: ApplicationStatus | None = None) -> list[Application]:
    """Every application, or those of a status, oldest first."""
    query = select(APPLICATIONS).order_by(APPLICATIONS.c.filed_on, APPLICATIONS.c.id)
    if status is not None:
        query = query.where(APPLICATIONS.c.status == status)
    return [_application(row) for row in books.rows(query)]


def count_filed(books: Reading, prefix: str) -> int:
    """How many applications were filed at a post office itself."""
    return _count(books, APPLICATIONS, APPLICATIONS.c.id.startswith(f"{prefix}/"))


def add_application(work: Work, application: Application) -> None:
    """Store an application."""
    work.write(insert(APPLICATIONS).values(_columns(application)))


def change_application(work: Work, before: Application, after: Application) -> None:
    """Write what changed, if it is still as decided on."""
    mine = (APPLICATIONS.c.id == before.id) & (APPLICATIONS.c.status == before.status)
    work.write_one(update(APPLICATIONS).where(mine).values(_changed(before, after)))


# Licences ----------------------------------------------------------------------------------


def find_licence(books: Reading, *, applicant_key: str, office_zip: str) -> Licence | None:
    """The live licence of an applicant at a post office."""
    table = LICENCES.c
    query = select(LICENCES).where(
        table.applicant_key == applicant_key,
        table.office_zip == office_zip,
        table.status.in_(sorted(LIVE)),
    )
    row = books.row(query)
    return None if row is None else _licence(books, row)


def licence(books: Reading, number: str) -> Licence | None:
    """A licence by its number."""
    row = books.row(select(LICENCES).where(LICENCES.c.number == number))
    return None if row is None else _licence(books, row)


def key_of(books: Reading, number: str) -> str:
    """Which applicant a licence is of."""
    row = books.row(select(LICENCES.c.applicant_key).where(LICENCES.c.number == number))
    return "" if row is None else str(row.applicant_key)


def every_licence(books: Reading) -> list[Licence]:
    """Every licence, by number."""
    query = select(LICENCES).order_by(LICENCES.c.number)
    return [_licence(books, row) for row in books.rows(query)]


def count_at(books: Reading, office_zip: str) -> int:
    """How many licences a post office ever issued under its own ZIP Code's numbers."""
    return _count(books, LICENCES, LICENCES.c.number.startswith(f"{office_zip}-"))


def add_licence(work: Work, one: Licence, *, applicant_key: str, office_zip: str) -> None:
    """Store a licence and its first version."""
    row = {
        "number": one.number,
        "applicant_key": applicant_key,
        "office_zip": office_zip,
        "application": one.application,
        "rulebook": one.rulebook,
        "issued_on": one.issued_on.isoformat(),
        "message": one.message,
        "data": _json(one.data),
        "version": one.version,
        "status": str(one.status),
    }
    work.write(insert(LICENCES).values(row))
    add_version(work, one, one.issued_on, "issued")


def change_licence(work: Work, before: Licence, after: Licence, *, applicant_key: str = "") -> None:
    """Write what changed, if it is still as decided on."""
    mine = (LICENCES.c.number == before.number) & (LICENCES.c.status == before.status)
    values = {
        "status": str(after.status),
        "version": after.version,
        "data": _json(after.data),
        **({"applicant_key": applicant_key} if applicant_key else {}),
    }
    mine &= LICENCES.c.version == before.version
    work.write_one(update(LICENCES).where(mine).values(values))


def add_version(work: Work, one: Licence, on: date, because: str) -> None:
    """Keep a version of a licence for good."""
    row = {
        "licence": one.number,
        "version": one.version,
        "valid_from": on.isoformat(),
        "data": _json(one.data),
        "because": because,
    }
    work.write(insert(VERSIONS).values(row))


def versions(books: Reading, number: str) -> list[dict[str, Any]]:
    """Every version of a licence, oldest first: its number, first day, data and reason."""
    query = select(VERSIONS).where(VERSIONS.c.licence == number).order_by(VERSIONS.c.version)
    return [
        {
            "version": row.version,
            "valid_from": row.valid_from,
            "because": row.because,
            "data": msgspec.json.decode(row.data),
        }
        for row in books.rows(query)
    ]


def add_provider(work: Work, number: str, provider: str, rulebook: str, on: date) -> bool:
    """Note that a provider is told of a licence, for devices of a rulebook; whether it is new."""
    if (provider, rulebook) in providers(work, number):
        return False
    row = {"licence": number, "provider": provider, "rulebook": rulebook, "since": on.isoformat()}
    work.write(insert(PROVIDERS).values(row))
    return True


def providers(books: Reading, number: str) -> list[tuple[str, str]]:
    """Who is told of a licence, and for devices of which rulebook."""
    table = PROVIDERS.c
    query = select(table.provider, table.rulebook).where(table.licence == number)
    found = books.rows(query.order_by(table.provider, table.rulebook))
    return [(row.provider, row.rulebook) for row in found]


# Revocations -------------------------------------------------------------------------------


def revocations_of(books: Reading, number: str) -> list[Revocation]:
    """Every revocation of a licence, oldest first."""
    mine = REVOCATIONS.c.licence == number
    query = select(REVOCATIONS).where(mine).order_by(REVOCATIONS.c.ordinal)
    return [_revocation(row) for row in books.rows(query)]


def revocations_of_name(books: Reading, name: str) -> list[Revocation]:
    """Every revocation in effect of a licence that was ever held under a name, as ``same_name``."""
    wanted, effective = same_name(name), REVOCATIONS.c.status == RevocationStatus.EFFECTIVE
    joined = select(REVOCATIONS.c.licence, VERSIONS.c.data).join(
        VERSIONS, VERSIONS.c.licence == REVOCATIONS.c.licence
    )
    held = {
        row.licence
        for row in books.stream(joined.where(effective))
        if same_name(msgspec.json.decode(row.data, type=ApplicationData).name) == wanted
    }
    return [
        each
        for number in sorted(held)
        for each in revocations_of(books, number)
        if each.status is RevocationStatus.EFFECTIVE
    ]


def add_revocation(work: Work, revocation: Revocation) -> None:
    """Store a revocation."""
    work.write(insert(REVOCATIONS).values(_columns(revocation)))


def change_revocation(work: Work, before: Revocation, after: Revocation) -> None:
    """Write what changed, if it is still as decided on."""
    table = REVOCATIONS.c
    mine = (table.licence == before.licence) & (table.ordinal == before.ordinal)
    mine &= table.status == before.status
    work.write_one(update(REVOCATIONS).where(mine).values(_changed(before, after)))


# Appeals -----------------------------------------------------------------------------------


def find_appeal(books: Reading, appeal_id: str) -> Appeal | None:
    """An appeal by its id."""
    row = books.row(select(APPEALS).where(APPEALS.c.id == appeal_id))
    return None if row is None else _appeal(row)


def appeals(books: Reading, record: str | None = None) -> list[Appeal]:
    """Every appeal, or those about a record, oldest first."""
    query = select(APPEALS).order_by(APPEALS.c.filed_on, APPEALS.c.id)
    if record is not None:
        query = query.where(APPEALS.c.record == record)
    return [_appeal(row) for row in books.rows(query)]


def add_appeal(work: Work, appeal: Appeal) -> None:
    """Store an appeal."""
    work.write(insert(APPEALS).values(_columns(appeal)))


def change_appeal(work: Work, before: Appeal, after: Appeal) -> None:
    """Write what changed, if it is still as decided on."""
    mine = (APPEALS.c.id == before.id) & (APPEALS.c.status == before.status)
    work.write_one(update(APPEALS).where(mine).values(_changed(before, after)))


# Removal orders, permissions, branches -----------------------------------------------------


def removal_orders(books: Reading, device: str) -> list[RemovalOrder]:
    """Every order to remove a device, oldest first."""
    mine = REMOVAL_ORDERS.c.device == device
    query = select(REMOVAL_ORDERS).where(mine).order_by(REMOVAL_ORDERS.c.ordinal)
    return [_removal_order(row) for row in books.rows(query)]


def add_removal_order(work: Work, order: RemovalOrder) -> None:
    """Store an order."""
    work.write(insert(REMOVAL_ORDERS).values(_columns(order)))


def settle_removal_order(work: Work, order: RemovalOrder, on: date) -> None:
    """Note that the device was removed."""
    table = REMOVAL_ORDERS.c
    mine = (table.device == order.device) & (table.ordinal == order.ordinal)
    work.write_one(update(REMOVAL_ORDERS).where(mine).values(removed_on=on.isoformat()))


def export_permissions(books: Reading, number: str) -> list[ExportPermission]:
    """Every permission to take a device of a licence abroad."""
    query = select(EXPORT_PERMISSIONS).where(EXPORT_PERMISSIONS.c.licence == number)
    return [
        ExportPermission(**_with_dates(row, "granted_on", "until")) for row in books.rows(query)
    ]


def add_export_permission(work: Work, permission: ExportPermission) -> None:
    """Store a permission."""
    work.write(insert(EXPORT_PERMISSIONS).values(_columns(permission)))


def find_alternative_setting(books: Reading, device: str) -> AlternativeSetting | None:
    """Where else than at its licensing post office a meter is set."""
    query = select(ALTERNATIVE_SETTINGS).where(ALTERNATIVE_SETTINGS.c.device == device)
    row = books.row(query)
    return None if row is None else AlternativeSetting(**_with_dates(row, "permitted_on"))


def add_alternative_setting(work: Work, setting: AlternativeSetting) -> None:
    """Store a permission to set a meter elsewhere."""
    work.write(insert(ALTERNATIVE_SETTINGS).values(_columns(setting)))


def offices(books: Reading) -> Mapping[str, str]:
    """The post office of every branch and station, by ZIP Code."""
    return {row.zip_code: row.office_zip for row in books.rows(select(BRANCHES))}


def office_zip(books: Reading, zip_code: str) -> str:
    """The ZIP Code of the post office that a ZIP Code belongs to: itself, unless it is a branch."""
    row = books.row(select(BRANCHES.c.office_zip).where(BRANCHES.c.zip_code == zip_code))
    return zip_code if row is None else str(row.office_zip)


def add_branch(work: Work, zip_code: str, office: str) -> None:
    """Store that a ZIP Code is a branch or station of a post office."""
    work.write(insert(BRANCHES).values(zip_code=zip_code, office_zip=office))


# Events ------------------------------------------------------------------------------------


def add_event(
    work: Work, record: str, event: str, *, clause: str, because: str, by: str, now: datetime
) -> None:
    """Write a line of the history of a record that is shown to people."""
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


def step_of(books: Reading, number: str) -> int:
    """How far the history of a licence has come: it only grows."""
    return _count(books, EVENTS, EVENTS.c.record == record_id("licence", number))


def events_of(books: Reading, record: str) -> list[dict[str, str]]:
    """The history of a record, oldest first."""
    columns = [EVENTS.c[name] for name in ("at", "by", "event", "clause", "because")]
    query = select(*columns).where(EVENTS.c.record == record).order_by(EVENTS.c.ordinal)
    return [dict(row._mapping) for row in books.rows(query)]


def _count(books: Reading, table: Table, which: ColumnElement[bool]) -> int:
    row = books.row(select(func.count().label("n")).select_from(table).where(which))
    return 0 if row is None else int(row.n)


def _json(data: ApplicationData) -> str:
    return msgspec.json.encode(data, order="sorted").decode()


def _columns(record: Any) -> dict[str, Any]:
    return {name: _column(getattr(record, name)) for name in type(record).__dataclass_fields__}


def _column(value: Any) -> Any:
    match value:
        case ApplicationData():
            return _json(value)
        case bool():
            return int(value)
        case date():
            return value.isoformat()
        case StrEnum():
            return str(value)
    return value


def _changed(before: Any, after: Any) -> dict[str, Any]:
    old = _columns(before)
    return {name: value for name, value in _columns(after).items() if value != old[name]}


def _with_dates(row: Row[Any], *names: str) -> dict[str, Any]:
    given = dict(row._mapping)
    dates = {name: date.fromisoformat(given[name]) for name in names if given[name] is not None}
    return {**given, **dates}


def _application(row: Row[Any]) -> Application:
    given = _with_dates(row, "filed_on", "decided_on", "received_on")
    data = msgspec.json.decode(row.data, type=ApplicationData)
    return Application(**{**given, "data": data, "status": ApplicationStatus(row.status)})


def _licence(books: Reading, row: Row[Any]) -> Licence:
    data = msgspec.json.decode(row.data, type=ApplicationData)
    applicant, office = parties(data)
    told: Sequence[tuple[str, str]] = providers(books, row.number)
    return Licence(
        number=row.number,
        applicant=applicant,
        office=office,
        issued_on=date.fromisoformat(row.issued_on),
        message=row.message,
        data=data,
        application=row.application,
        rulebook=row.rulebook,
        status=LicenceStatus(row.status),
        version=row.version,
        providers=tuple(sorted({provider for provider, _ in told})),
    )


def _revocation(row: Row[Any]) -> Revocation:
    given = _with_dates(row, "noticed_on", "received_on", "effective_on")
    typed = {
        "ground": Ground(row.ground),
        "immediate": bool(row.immediate),
        "status": RevocationStatus(row.status),
    }
    return Revocation(**{**given, **typed})


def _appeal(row: Row[Any]) -> Appeal:
    given = _with_dates(row, "filed_on", "decided_on")
    typed = {"kind": AppealKind(row.kind), "status": AppealStatus(row.status)}
    return Appeal(**{**given, **typed})


def _removal_order(row: Row[Any]) -> RemovalOrder:
    return RemovalOrder(**_with_dates(row, "ordered_on", "removed_on"))
