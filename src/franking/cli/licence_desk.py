"""``franking licence``: how a licence ends, changes, or is put to the test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from franking.cli.answer import Answer
from franking.cli.command import USAGE, Desk, command
from franking.cli.form import Drawn, require_drawable, with_paper
from franking.cli.licensing_options import Because, FormFields, Rulebook, day, one
from franking.cli.options import gathered
from franking.clock import parse_date
from franking.errors import Refused
from franking.postal.licences import changing, revoking, views
from franking.postal.licences.commands import require_licence
from franking.postal.licences.grounds import ground_clause, immediate_clause, require_made_out
from franking.postal.licences.issuing import rules_of
from franking.postal.licences.records import Facts, Ground
from franking.postal.licences.rows import export_permissions, offices
from franking.provider.licensing import applying
from franking.rules.permissions import Role
from franking.storage import Books

Number = Annotated[str, typer.Argument(metavar="LICENCE")]


@dataclass(frozen=True, kw_only=True)
class Revoking:
    """Why and how a licence is to be revoked."""

    licence: Number
    ground: Annotated[Ground, typer.Option(help="The ground.")]
    facts: Annotated[str, typer.Option(help="What was found, in words; stands in the notice.")]
    device: Annotated[str, typer.Option(help="The device concerned.")] = ""
    last_active: Annotated[
        str, typer.Option(help="Inactivity: the day of the last use (1995) or audit (1997).")
    ] = ""
    deposited_at: Annotated[
        str, typer.Option(help="Wrong office: the ZIP Code where mail was deposited.")
    ] = ""
    rulebook: Rulebook = ""
    at_once: Annotated[
        bool, typer.Option("--at-once", help="By the agreement of 1995, without the ten days.")
    ] = False
    because: Annotated[str, typer.Option(help="At once: why it can not wait.")] = ""
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say whether the ground is made out.")
    ] = False
    pdf: Drawn = None

    def found(self) -> Facts:
        """The facts.

        Raises:
            Refused: ``TIME_UNREADABLE``.
        """
        last = parse_date(self.last_active) if self.last_active else None
        return Facts(
            told=self.facts,
            device=self.device,
            last_active_on=last,
            deposited_at=self.deposited_at,
        )


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``licence``."""
    command(app, "revoke")(gathered(Revoking)(revoke))
    command(app, "received")(received)
    command(app, "cancel")(cancel)
    command(app, "give-up")(give_up)
    command(app, "change")(gathered(Changing)(change))
    command(app, "verify-again")(verify_again)
    command(app, "order-removal")(order_removal)
    command(app, "permit-export")(permit_export)
    command(app, "permit-setting")(permit_setting)
    command(app, "branch")(branch)


def revoke(desk: Desk, asked: Revoking) -> Answer:
    """Revoke a licence: by notice and ten days, or at once by the agreement of 1995."""
    books, signer = desk.postal_books(Role.LICENSING_OFFICER), desk.home.postal.signer
    now, given = desk.home.now, asked.found()
    require_drawable(asked.pdf)
    if asked.dry_run:
        return _tried(books, desk, asked)
    common = (books, signer, asked.licence, asked.ground, given)
    if asked.at_once:
        revoking.revoke_at_once(*common, asked.because, now, rulebook=asked.rulebook)
    else:
        revoking.notice_revocation(*common, now, rulebook=asked.rulebook)
    desk.carry()
    about = f"revocation:{asked.licence}"
    return with_paper(_shown(desk, asked.licence), desk, "notice", about, asked.pdf)


def received(
    desk: Desk,
    licence: Number,
    on: Annotated[str, typer.Option(help="The day of receipt; else today.")] = "",
) -> Answer:
    """Note when the licensee received the notice: the ten days run from it."""
    books, now = desk.postal_books(Role.LICENSING_OFFICER), desk.home.now
    revoking.prove_notice_received(books, licence, day(on, now.date()), now)
    return _shown(desk, licence)


def cancel(desk: Desk, licence: Number, because: Because) -> Answer:
    """Cancel a licence: all its devices leave service (501.22(m), 502.21(i))."""
    books, signer = desk.postal_books(Role.LICENSING_OFFICER), desk.home.postal.signer
    revoking.cancel_licence(books, signer, licence, because, desk.home.now)
    desk.carry()
    return _shown(desk, licence)


def give_up(desk: Desk, licence: Number, because: Because) -> Answer:
    """Tell the Postal Service that a licensee needs a licence no longer."""
    books, signer = desk.provider_books(Role.PROVIDER_AGENT), desk.home.provider.signer
    applying.give_up_licence(books, signer, licence, because, desk.home.now)
    desk.carry()
    return _shown(desk, licence)


@dataclass(frozen=True, kw_only=True)
class Changing(FormFields):
    """The data of a licence as they are now."""

    licence: Annotated[str, typer.Option(help="The licence.")]
    at_office: Annotated[
        bool, typer.Option("--at-office", help="Told at the post office, not to the provider.")
    ] = False


def change(desk: Desk, asked: Changing) -> Answer:
    """Report or verify the data of a licence; a changed licence is issued."""
    now = desk.home.now
    data, book = asked.data(now.date()), asked.book(now.date())
    if asked.at_office:
        books, signer = desk.postal_books(Role.POSTMASTER), desk.home.postal.signer
        because = "told at the post office"
        changing.change_licence(books, signer, asked.licence, data, because, now)
    else:
        books, signer = desk.provider_books(Role.PROVIDER_AGENT), desk.home.provider.signer
        applying.report_change(books, signer, asked.licence, data, book, now)
    desk.carry()
    return _shown(desk, asked.licence)


def verify_again(desk: Desk, licence: Number, because: Because) -> Answer:
    """Have the licensee verify the data now: bills came back, a device was not found."""
    books = desk.postal_books(Role.LICENSING_OFFICER)
    changing.ask_verification(books, licence, because, desk.home.now)
    return _shown(desk, licence)


def order_removal(
    desk: Desk,
    device: Annotated[str, typer.Argument(metavar="SERIAL")],
    licence: Annotated[str, typer.Option(help="The licence it is used under.")],
    because: Because,
    provider: Annotated[str, typer.Option(help="Whose device; else this home's provider.")] = "",
    pdf: Drawn = None,
) -> Answer:
    """Order a provider to remove a device promptly (501.22(m), 502.21(i))."""
    require_drawable(pdf)
    books, signer = desk.postal_books(Role.LICENSING_OFFICER), desk.home.postal.signer
    with books.reading() as reading:
        rulebook = require_licence(reading, licence).rulebook
    order = revoking.order_removal(
        books,
        signer,
        device=device,
        licence=licence,
        provider=provider or desk.home.provider.signer.name,
        clause=revoking.removal_clause(rulebook),
        because=because,
        now=desk.home.now,
    )
    desk.carry()
    data = {"device": device, "ordered_on": order.ordered_on.isoformat(), "clause": order.clause}
    told = one(f"Removal of {device} ordered", data)
    return with_paper(told, desk, "notice", f"removal:{device}", pdf)


def permit_export(
    desk: Desk,
    licence: Number,
    device: Annotated[str, typer.Option(help="The device.")],
    place: Annotated[str, typer.Option(help="Where it may be.")],
    letter: Annotated[str, typer.Option(help="The permission as it is written.")],
    basis: Annotated[str, typer.Option(help="government, military or other.")] = "other",
    until: Annotated[str, typer.Option(help="The last day; else without end.")] = "",
) -> Answer:
    """Permit in writing that a device is taken abroad (P030.2.2, P050.2.3d)."""
    if basis not in ("government", "military", "other"):
        raise USAGE.because(f"{basis!r} is none of government, military, other")
    granted = changing.permit_export(
        desk.postal_books(Role.RSE_MANAGER),
        licence,
        device=device,
        basis=basis,
        place=place,
        letter=letter,
        until=parse_date(until) if until else None,
        now=desk.home.now,
    )
    data = {"device": device, "place": place, "basis": basis, "granted_by": granted.granted_by}
    return one(f"Permission under licence {licence}", data)


def permit_setting(
    desk: Desk,
    licence: Number,
    device: Annotated[str, typer.Option(help="The meter.")],
    at: Annotated[str, typer.Option(help="ZIP Code of the post office that sets it.")],
) -> Answer:
    """Set a meter locally for mail entered at the licence's post office (P030.3.4 of 1995)."""
    books, now = desk.postal_books(Role.POSTMASTER), desk.home.now
    setting = changing.permit_alternative_setting(
        books, licence, device=device, setting_zip=at, now=now
    )
    office = changing.postmark_office(books, device)
    data = {
        "device": device,
        "set_at": setting.zip_code,
        "postmark": f"{office.city} {office.state} {office.zip_code}".strip(),
    }
    return one(f"Meter {device}", data)


def branch(
    desk: Desk,
    zip_code: Annotated[str, typer.Argument(metavar="ZIP")],
    of: Annotated[str, typer.Option(help="ZIP Code of the post office that it is part of.")],
) -> Answer:
    """Note that a branch or station is part of a post office (P030.3.2)."""
    books = desk.postal_books(Role.LICENSING_OFFICER)
    changing.name_branch(books, zip_code=zip_code, office_zip=of, now=desk.home.now)
    return Answer({"branch": zip_code, "office": of}, f"{zip_code} is part of {of}.")


def _tried(books: Books, desk: Desk, asked: Revoking) -> Answer:
    with books.reading() as reading:
        licence = require_licence(reading, asked.licence)
        book = asked.rulebook or licence.rulebook
        clause = ground_clause(book, asked.ground)
        if asked.at_once:
            clause = immediate_clause(book, asked.ground, asked.because)
        try:
            require_made_out(
                licence,
                asked.ground,
                asked.found(),
                rules=rules_of(book, desk.home.now),
                permissions=export_permissions(reading, asked.licence),
                office_of=offices(reading),
            )
        except Refused as refused:
            data = {"licence": asked.licence, "made_out": False, "because": refused.detail}
            return one("Nothing was done", data)
    data = {"licence": asked.licence, "made_out": True, "clause": clause}
    return one("Nothing was done", data)


def _shown(desk: Desk, licence: str) -> Answer:
    view = views.licence_view(desk.home.postal.books, licence, desk.home.now)
    return one(f"Licence {licence}", view)
