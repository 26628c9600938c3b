"""Reading and writing papers, charges, on-site places and repair shops."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from sqlalchemy import insert, select, update

from franking.provider.devices.service_records import (
    Charge,
    ChargeKind,
    Facility,
    Installation,
    OnSitePlace,
)
from franking.provider.devices.tables import CHARGES, FORMS, ON_SITE, ON_SITE_METERS, SHOPS
from franking.storage import Reading, Work


def add_form(work: Work, form: Installation, *, register_record: str = "") -> None:
    """Keep a PS Form 3601-C, with what came with it."""
    work.write(
        insert(FORMS).values(
            serial=form.serial,
            action=str(form.action),
            on_day=form.on.isoformat(),
            content=msgspec.json.encode(form).decode(),
            register_record=register_record,
        )
    )


def forms_of(books: Reading, serial: str) -> list[Installation]:
    """Every PS Form 3601-C of a device, oldest first."""
    mine = select(FORMS.c.content).where(FORMS.c.serial == serial).order_by(FORMS.c.number)
    return [msgspec.json.decode(row.content, type=Installation) for row in books.rows(mine)]


def form_numbers(books: Reading, serial: str) -> list[int]:
    """The numbers of a device's forms, oldest first."""
    mine = select(FORMS.c.number).where(FORMS.c.serial == serial).order_by(FORMS.c.number)
    return [int(row.number) for row in books.rows(mine)]


def register_records_of(books: Reading, serial: str) -> list[str]:
    """Which register records came with the device's withdrawals, oldest first."""
    mine = select(FORMS).where(FORMS.c.serial == serial, FORMS.c.register_record != "")
    return [str(row.register_record) for row in books.rows(mine.order_by(FORMS.c.number))]


def add_charge(
    work: Work, *, serial: str, kind: ChargeKind, amount_mills: int, clause: str, due_since: str
) -> None:
    """Write an amount due about a device."""
    row = {"serial": serial, "kind": str(kind), "amount_mills": amount_mills, "clause": clause}
    work.write(insert(CHARGES).values(**row, due_since=due_since, paid_at=None, payment=""))


def charges(books: Reading, serial: str, *, unpaid: bool = False) -> list[Charge]:
    """The charges of a device, oldest first; ``unpaid`` leaves out what was paid."""
    query = select(CHARGES).where(CHARGES.c.serial == serial).order_by(CHARGES.c.number)
    query = query.where(CHARGES.c.paid_at.is_(None)) if unpaid else query
    return [Charge(**{**row._mapping, "kind": ChargeKind(row.kind)}) for row in books.rows(query)]


def pay_charges(
    work: Work, serial: str, *, paid_at: str, payment: str, kinds: tuple[ChargeKind, ...]
) -> None:
    """What was due about a device for these kinds of charges is paid."""
    table = CHARGES.c
    mine = (table.serial == serial) & table.paid_at.is_(None) & table.kind.in_(map(str, kinds))
    work.write(update(CHARGES).where(mine).values(paid_at=paid_at, payment=payment))


def find_place(books: Reading, name: str) -> OnSitePlace | None:
    """A place on the on-site programme, with its meters."""
    row = books.row(select(ON_SITE).where(ON_SITE.c.name == name))
    if row is None:
        return None
    meters = books.rows(select(ON_SITE_METERS).where(ON_SITE_METERS.c.place == name))
    given: dict[str, Any] = {**row._mapping, "facility": Facility(row.facility)}
    given |= {"staffed": bool(row.staffed), "meters": frozenset(each.serial for each in meters)}
    return OnSitePlace(**given)


def add_place(work: Work, place: OnSitePlace) -> None:
    """Put a place on the on-site programme."""
    row = {"name": place.name, "facility": str(place.facility), "office": place.office}
    work.write(insert(ON_SITE).values(**row, licence=place.licence, staffed=int(place.staffed)))
    for serial in sorted(place.meters):
        work.write(insert(ON_SITE_METERS).values(place=place.name, serial=serial))


def shops(books: Reading) -> frozenset[str]:
    """The repair departments under the provider's direct control."""
    return frozenset(row.name for row in books.rows(select(SHOPS.c.name)))


def add_shop(work: Work, name: str, *, control: str, on: date) -> None:
    """Register a factory or repair department."""
    work.write(insert(SHOPS).values(name=name, control=control, registered_on=on.isoformat()))
