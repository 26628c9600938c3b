"""``franking lease``: leases between the provider and licensees, and what leaves them."""

from __future__ import annotations

from typing import Annotated

import typer

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.cli.form import Drawn, with_paper
from franking.cli.licensing_options import Because, day, many, newest_book, one
from franking.home.authorizing import acknowledge
from franking.provider.devices.records import DeviceRecord
from franking.provider.funds.accounts import open_account
from franking.provider.licensing import leasing, relocating, removing, rows, views
from franking.provider.licensing.decisions import require_valid
from franking.provider.licensing.records import Component, RegisterLog, ReturnTo, Signatures
from franking.rules.permissions import Role
from franking.storage import Books

app = typer.Typer(help="Leases of meters and devices.", no_args_is_help=True)
LeaseId = Annotated[str, typer.Argument(metavar="LEASE", help="As `lease list` names it.")]
Serial = Annotated[str, typer.Argument(metavar="SERIAL")]
_COLUMNS = ("lease", "licence", "licensee", "status", "begun_on", "devices", "because")


@command(app, "sign")
def sign(
    desk: Desk,
    licence: Annotated[str, typer.Argument(metavar="LICENCE")],
    signed_by: Annotated[str, typer.Option(help="Who signed the lease.")],
    acknowledged_by: Annotated[
        str, typer.Option(help="Who signed the acknowledgment of the deposit requirement.")
    ],
    rulebook: Annotated[
        str, typer.Option(help="Of what is leased; else what the licence was applied for under.")
    ] = "",
    signed_on: Annotated[str, typer.Option(help="When; else today.")] = "",
    lockbox: Annotated[str, typer.Option(help="Where deposits are sent.")] = "",
) -> Answer:
    """Sign a lease with the holder of a valid licence (501.22(c), 502.21(c), P050.2.5j).

    The acknowledgment of deposit opens the licensee's account, and is sent on (501.28(b)(2)).
    """
    now = desk.home.now
    on = day(signed_on, now.date())
    signatures = Signatures(
        signed_by=signed_by,
        signed_on=on,
        acknowledged_by=acknowledged_by,
        acknowledged_on=on,
        lockbox=lockbox,
    )
    books = desk.provider_books(Role.PROVIDER_AGENT)
    book = rulebook or _book_of(books, licence) or newest_book(now.date())
    lease = leasing.sign_lease(books, licence, book, signatures, now)
    acknowledge(desk.home, books, open_account(books, licence, now=now))
    desk.carry()
    return _shown(desk, lease.id)


@command(app, "place")
def place(
    desk: Desk,
    lease: LeaseId,
    serial: Serial,
    log: Annotated[
        RegisterLog | None, typer.Option(help="How its daily registers are logged.")
    ] = None,
) -> Answer:
    """Place a device under a lease, with its register log."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    leasing.lease_device(books, lease, serial, desk.home.now, log=log)
    return _shown(desk, lease)


@command(app, "list")
def list_leases(desk: Desk) -> Answer:
    """List the leases and their devices."""
    return many("Leases", views.lease_list(desk.home.provider.books), _COLUMNS)


@command(app, "show")
def show(desk: Desk, lease: LeaseId, pdf: Drawn = None) -> Answer:
    """Show a lease with its history; draw it."""
    data = views.lease_shown(desk.home.provider.books, lease)
    return with_paper(one(f"Lease {lease}", data), desk, "lease", lease, pdf)


@command(app, "end")
def end(desk: Desk, lease: LeaseId, because: Because) -> Answer:
    """End a lease whose devices were all checked out of service."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    leasing.end_lease(books, lease, because, desk.home.now)
    return _shown(desk, lease)


@command(app, "relocate")
def relocate(
    desk: Desk,
    serial: Serial,
    lease: Annotated[str, typer.Option(help="The lease under the new post office's licence.")],
    replacement: Annotated[str, typer.Option(help="The device that is issued there (1997).")] = "",
) -> Answer:
    """Place a checked-out device, or its replacement, at the licensee's new post office."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    now = desk.home.now
    return _device(
        relocating.relocate(books, serial, lease_id=lease, replacement=replacement, now=now)
    )


@command(app, "release")
def release(
    desk: Desk,
    serial: Annotated[list[str] | None, typer.Argument(metavar="[SERIAL]...")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which.")] = False,
) -> Answer:
    """Take checked-out devices from their leases; the Postal Service is told of removals.

    With none named: every device ordered removed that is checked out.
    """
    books, signer = desk.provider_books(Role.PROVIDER_AGENT), desk.home.provider.signer
    serials = serial or removing.to_be_released(books)
    if not dry_run:
        for each in serials:
            removing.release_device(books, signer, each, desk.home.now)
        desk.carry()
    data = {"released": [] if dry_run else serials, "would_release": serials if dry_run else []}
    words = "Would be released" if dry_run else "Released"
    return Answer(data, f"{words}: {', '.join(serials) or 'none'}.")


@command(app, "hand-back")
def hand_back(
    desk: Desk,
    serial: Serial,
    by: Annotated[str, typer.Option(help="Who has the device and gives it back.")],
    to: Annotated[ReturnTo, typer.Option(help="To whom.")] = ReturnTo.PROVIDER,
) -> Answer:
    """Give a device back: the licensee, or whoever else holds it and must surrender it."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    return _device(removing.hand_back(books, serial, holder=by, to=to, now=desk.home.now))


@command(app, "sell")
def sell(
    desk: Desk,
    licence: Annotated[str, typer.Argument(metavar="LICENCE")],
    component: Annotated[Component, typer.Argument()],
    system: Annotated[str, typer.Option(help="open or closed.")],
    basis: Annotated[str, typer.Option(help="On what approval or test it rests.")],
    works_apart: Annotated[
        bool,
        typer.Option(
            "--works-apart/--dead-without-device",
            help="The device works independently of it, or it does nothing without the device.",
        ),
    ],
) -> Answer:
    """Sell software or a printing device beside a leased device (502.8, P050.1.2 of 1997)."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    sold = leasing.sell_component(
        books,
        licence,
        component,
        system=system,
        works_apart=works_apart,
        basis=basis,
        now=desk.home.now,
    )
    data = {"licence": licence, "component": str(sold.component), "clause": sold.clause}
    return one(f"Sold under licence {licence}", data)


@command(app, "require")
def require(desk: Desk, licence: Annotated[str, typer.Argument(metavar="LICENCE")]) -> Answer:
    """Ask whether a device may be leased under a licence now, as the Postal Service last told."""
    with desk.home.provider.books.reading() as reading:
        held = require_valid(rows.find_licence(reading, licence))
    data = {"licence": held.number, "licensee": held.licensee, "status": str(held.status)}
    return one(f"Licence {licence} is valid", data)


def _book_of(books: Books, licence: str) -> str:
    with books.reading() as reading:
        return rows.rulebook_of(reading, licence)


def _shown(desk: Desk, lease: str) -> Answer:
    return one(f"Lease {lease}", views.lease_shown(desk.home.provider.books, lease))


def _device(device: DeviceRecord) -> Answer:
    data = {
        "serial": device.serial,
        "state": str(device.state),
        "lease": device.lease,
        "licence": device.licence,
        "office": device.office,
    }
    return one(f"Device {device.serial}", data)
