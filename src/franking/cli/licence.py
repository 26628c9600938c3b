"""``franking licence``: the licences that this home's Postal Service issued."""

from __future__ import annotations

from typing import Annotated

import typer

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.home import exchange
from franking.postal.licences.commands import licences

app = typer.Typer(help="Licences to use postal security devices.", no_args_is_help=True)


@command(app, "issue")
def issue(
    desk: Desk,
    name: Annotated[str, typer.Option(help="The applicant.")],
    address: Annotated[str, typer.Option(help="The applicant's address.")],
    zip_code: Annotated[str, typer.Option("--zip", help="ZIP Code of the post office.")],
    city: Annotated[str, typer.Option(help="City of the post office.")] = "",
    state: Annotated[str, typer.Option(help="State of the post office, two letters.")] = "",
) -> Answer:
    """License a mailer at the post office where the mail will be deposited (DMM P050.2.1)."""
    applicant = exchange.Applicant(name=name, address=address)
    office = exchange.PostOffice(zip_code=zip_code, city=city, state=state)
    licence = exchange.license_mailer(desk.home, applicant, office)
    data = {"licence": licence.number, "licensee": name, "zip": zip_code}
    return Answer(data, f"Licence {licence.number} for {name} at {zip_code}.")


@command(app, "list")
def list_licences(desk: Desk) -> Answer:
    """List the licences."""
    found = licences(desk.home.postal.books)
    data = [
        {"licence": each.number, "licensee": each.applicant.name, "zip": each.office.zip_code}
        for each in found
    ]
    rows = {each["licence"]: f"{each['licensee']}, {each['zip']}" for each in data}
    return Answer(data, facts("Licences", rows) if rows else "There is no licence yet.")
