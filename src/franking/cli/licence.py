"""``franking licence``: the licences that this home's Postal Service issued."""

from __future__ import annotations

from typing import Annotated

import typer

from franking.cli import licence_desk
from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.cli.domains import DomainOption, Side
from franking.cli.form import Drawn, require_drawable, with_paper
from franking.cli.licensing_options import Rulebook, many, one
from franking.home import exchange
from franking.postal.licences import views
from franking.postal.licences.commands import licences
from franking.provider.licensing.views import heard_licences

app = typer.Typer(help="Licences to use meters and devices.", no_args_is_help=True)
licence_desk.register(app)
_COLUMNS = ("licence", "licensee", "zip", "status", "version")


@command(app, "issue")
def issue(
    desk: Desk,
    name: Annotated[str, typer.Option(help="The applicant.")],
    address: Annotated[str, typer.Option(help="The applicant's address.")],
    zip_code: Annotated[str, typer.Option("--zip", help="ZIP Code of the post office.")],
    city: Annotated[str, typer.Option(help="City of the post office.")] = "",
    state: Annotated[str, typer.Option(help="State of the post office, two letters.")] = "",
    rulebook: Rulebook = "ibip-1997",
    pdf: Drawn = None,
) -> Answer:
    """License a mailer at the post office where the mail will be deposited (DMM P050.2.1)."""
    require_drawable(pdf)
    applicant = exchange.Applicant(name=name, address=address)
    office = exchange.PostOffice(zip_code=zip_code, city=city, state=state)
    licence = exchange.license_mailer(desk.home, applicant, office, rulebook=rulebook)
    data = {"licence": licence.number, "licensee": name, "zip": zip_code}
    answer = Answer(data, f"Licence {licence.number} for {name} at {zip_code}.")
    return with_paper(answer, desk, "3601-b", licence.number, pdf)


@command(app, "list")
def list_licences(desk: Desk, domain: DomainOption = Side.POSTAL) -> Answer:
    """List the licences: as issued, or as the provider was told of them."""
    if domain is Side.PROVIDER:
        return many("Licences heard", heard_licences(desk.home.provider.books), _COLUMNS)
    found = [views.licence_brief(each) for each in licences(desk.home.postal.books)]
    return many("Licences", found, _COLUMNS) if found else Answer([], "There is no licence yet.")


@command(app, "show")
def show(
    desk: Desk,
    licence: Annotated[str, typer.Argument(metavar="LICENCE")],
    pdf: Drawn = None,
) -> Answer:
    """Show a licence (PS Form 3601-B) with its versions, revocations, appeals and history."""
    view = views.audit_bundle(desk.home.postal.books, licence, desk.home.now)
    return with_paper(one(f"Licence {licence}", view), desk, "3601-b", licence, pdf)
