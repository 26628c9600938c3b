"""``franking inventory check-in`` and what follows in a device's service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated

import typer

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.cli.form import Drawn, require_drawable, with_paper
from franking.cli.inventory_options import By, Serial, shown
from franking.money import parse_dollars
from franking.provider.devices import notes, service
from franking.provider.devices.service_records import (
    Check,
    Facility,
    FormAction,
    Installation,
    OnSitePlace,
    Party,
    Setting,
)
from franking.provider.examinations import departing

Clerk = Annotated[str, typer.Option("--checked-by", help="Who checks it, by name.")]
Office = Annotated[str, typer.Option(help="ZIP Code of that person's post office.")]
PartyOption = Annotated[
    Party, typer.Option("--party", help="Who that is: the rulebook names the right one.")
]
Ascending = Annotated[str, typer.Option(help="The ascending register, in dollars.")]
Descending = Annotated[str, typer.Option(help="The descending register, in dollars.")]
SignedBy = Annotated[str, typer.Option(help="The provider's representative on PS Form 3601-C.")]
Place = Annotated[str, typer.Option(help="Where the device is, or was, in use.")]
FacilityOption = Annotated[Facility, typer.Option(help="What kind of place it is presented at.")]
Site = Annotated[str, typer.Option(help="The place on the on-site programme.")]
Payment = Annotated[str, typer.Option(help="How it was paid.")]
Paid = Annotated[str, typer.Option(help="How much was paid, in dollars.")]
Replaces = Annotated[str, typer.Option(help="The serial of the device that it replaces.")]


def check_in(
    desk: Desk,
    serial: Serial,
    checked_by: Clerk,
    place: Place,
    signed_by: SignedBy,
    office: Office = "",
    party: PartyOption = Party.POST_OFFICE,
    ascending: Ascending = "",
    descending: Descending = "",
    facility: FacilityOption = Facility.POST_OFFICE,
    site: Site = "",
    payment: Payment = "",
    paid: Paid = "0",
    seal: Annotated[str, typer.Option(help="The number of the security seal put on.")] = "",
    replaces: Replaces = "",
    pdf: Drawn = None,
) -> Answer:
    """Check a device into service, with its PS Form 3601-C (501.22(e); P050.3.1)."""
    require_drawable(pdf)
    action = FormAction.REPLACEMENT if replaces else FormAction.INSTALLATION
    form = _form(desk, serial, action, place, signed_by, ascending, descending, replaces)
    check = Check(
        form=form,
        party=party,
        by=checked_by,
        office=office or form.office,
        facility=facility,
        site=site,
        payment=payment,
        paid_mills=parse_dollars(paid),
        seal=seal,
    )
    done = shown(service.check_in(desk.provider_books(), check, now=desk.home.now))
    return with_paper(done, desk, "3601-c", serial, pdf)


def check_out(
    desk: Desk,
    serial: Serial,
    checked_by: Clerk,
    signed_by: SignedBy,
    ascending: Ascending,
    descending: Descending,
    register_record: Annotated[
        str, typer.Option(help="Which copy of the register record (PS Form 3602-A) came with it.")
    ],
    office: Office = "",
    party: PartyOption = Party.POST_OFFICE,
    place: Place = "",
    facility: FacilityOption = Facility.POST_OFFICE,
    site: Site = "",
    payment: Payment = "",
    paid: Paid = "0",
    pdf: Drawn = None,
) -> Answer:
    """Check a device out of service, with its papers (501.22(g); 502.21(e)).

    Its lease lets go of it; the Postal Service is told where its removal was ordered.
    """
    require_drawable(pdf)
    form = _form(desk, serial, FormAction.WITHDRAWAL, place, signed_by, ascending, descending)
    check = Check(
        form=form,
        party=party,
        by=checked_by,
        office=office or form.office,
        facility=facility,
        site=site,
        payment=payment,
        paid_mills=parse_dollars(paid),
        register_record=register_record,
    )
    books, signer = desk.provider_books(), desk.home.provider.signer
    done = shown(departing.check_out(books, signer, check, now=desk.home.now))
    desk.carry()
    return with_paper(done, desk, "3601-c", serial, pdf)


def set_postage(
    desk: Desk,
    serial: Serial,
    postage: Annotated[str, typer.Option(help="The postage set, in dollars.")],
    set_by: Annotated[str, typer.Option(help="The postal employee who set it.")],
    ascending: Ascending,
    descending: Descending,
    paid: Paid,
    payment: Payment,
    office: Office = "",
    facility: FacilityOption = Facility.POST_OFFICE,
    site: Site = "",
) -> Answer:
    """Note that postal staff set an ordinary meter, and what was paid (P030.3.3)."""
    books = desk.provider_books()
    with books.reading() as reading:
        licensed_at = notes.require(reading, serial).office
    setting = Setting(
        serial=serial,
        postage_mills=parse_dollars(postage),
        ascending_mills=parse_dollars(ascending),
        descending_mills=parse_dollars(descending),
        by=set_by,
        office=office or licensed_at,
        payment=payment,
        paid_mills=parse_dollars(paid),
        facility=facility,
        site=site,
    )
    return shown(service.set_postage(books, setting, now=desk.home.now))


def issue(desk: Desk, serial: Serial, by: By = "") -> Answer:
    """Hand a checked-in device over for its licensee."""
    books = desk.provider_books()
    return shown(service.issue(books, serial, by=by or books.by.name, now=desk.home.now))


def install(desk: Desk, serial: Serial, place: Place, by: By = "") -> Answer:
    """Install a device at its licensee's: it is in service, and owes what that owes."""
    books = desk.provider_books()
    by = by or books.by.name
    return shown(service.install(books, serial, place=place, by=by, now=desk.home.now))


def pay(desk: Desk, serial: Serial, paid: Paid, payment: Payment) -> Answer:
    """Take the payment of what is due about a device, where no setting does."""
    books = desk.provider_books()
    service.pay_charges(
        books, serial, paid_mills=parse_dollars(paid), payment=payment, now=desk.home.now
    )
    with books.reading() as reading:
        return Answer(service.charges_of(reading, serial), f"Nothing is due about {serial}.")


def on_site(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="The name of the place.")],
    office: Annotated[str, typer.Option(help="The post office within whose area it lies (ZIP).")],
    licence: Annotated[str, typer.Option(help="The licensee's licence; none for a branch.")] = "",
    meter: Annotated[list[str] | None, typer.Option(help="A participating meter.")] = None,
    staffed: Annotated[
        bool, typer.Option(help="A qualified postal employee is regularly posted there.")
    ] = False,
) -> Answer:
    """Enrol a licensee's place, or a branch of yours, on the on-site programme (P030.3.5)."""
    place = OnSitePlace(
        name=name,
        facility=Facility.LICENSEE if licence else Facility.BRANCH,
        office=office,
        licence=licence,
        staffed=staffed,
        meters=frozenset(meter or ()),
    )
    service.register_on_site_place(desk.provider_books(), place, now=desk.home.now)
    data = {"place": name, "office": office, "meters": sorted(place.meters)}
    return Answer(data, f"{name} is on the on-site programme.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for name, body in _COMMANDS.items():
        command(app, name)(body)


_COMMANDS: Mapping[str, Callable[..., Answer]] = MappingProxyType(
    {
        "check-in": check_in,
        "set": set_postage,
        "issue": issue,
        "install": install,
        "check-out": check_out,
        "pay": pay,
        "on-site": on_site,
    }
)


def _form(
    desk: Desk,
    serial: str,
    action: FormAction,
    place: str,
    signed_by: str,
    ascending: str,
    descending: str,
    replaces: str = "",
) -> Installation:
    """PS Form 3601-C for a device of the inventory; registers not given are as last read."""
    with desk.provider_books().reading() as reading:
        record = notes.require(reading, serial)
    return Installation(
        action=action,
        serial=serial,
        model=record.model,
        licensee=record.licensee,
        licence=record.licence,
        office=record.office,
        place=place or record.place,
        ascending_mills=parse_dollars(ascending) if ascending else record.ascending_mills,
        descending_mills=parse_dollars(descending) if descending else record.descending_mills,
        signed_by=signed_by,
        on=desk.home.now.date(),
        replaces=replaces,
    )
