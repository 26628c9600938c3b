"""``franking application``: apply for a licence, and decide applications."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.cli.domains import DomainOption, Side
from franking.cli.form import Drawn, require_drawable, with_paper
from franking.cli.licensing_options import Because, FormFields, day, many, one
from franking.cli.options import gathered
from franking.postal.licences import commands, views
from franking.postal.licences.records import ApplicationStatus, RefusalGround
from franking.provider.licensing import applying
from franking.provider.licensing import views as provider_views
from franking.rules.permissions import Role

app = typer.Typer(help="Applications for licences (PS Form 3601-A).", no_args_is_help=True)
Id = Annotated[
    str,
    typer.Argument(
        metavar="APPLICATION", help="As `application list` names it, or its number if only one has."
    ),
]
_COLUMNS = ("application", "filed_on", "filed_by", "status", "licence", "reason")


@command(app, "transmit")
@gathered(FormFields)
def transmit(desk: Desk, form: FormFields) -> Answer:
    """Transmit an application to the Postal Service for an applicant (501.22(b), 502.21(b))."""
    books, now = desk.provider_books(Role.PROVIDER_AGENT), desk.home.now
    signer = desk.home.provider.signer
    data, book = form.data(now.date()), form.book(now.date())
    filed = applying.transmit_application(books, signer, data, book, now)
    desk.carry()
    told = {**provider_views.application_brief(filed), "id": f"{signer.name}/{filed.number}"}
    return one(f"Application {filed.number}", told)


@command(app, "file")
@gathered(FormFields)
def file(desk: Desk, form: FormFields) -> Answer:
    """File an application for a meter at the post office itself (DMM P030.2.1 of 1995)."""
    books, now = desk.postal_books(Role.MAILER), desk.home.now
    if (book := form.book(now.date())) != "meter-1995":
        raise commands.APPLICATION_THROUGH_PROVIDER.because(f"{book} knows no other way")
    filed = commands.file_application(books, form.data(now.date()), now)
    return _shown(desk, filed.id)


@command(app, "list")
def list_applications(
    desk: Desk,
    status: Annotated[ApplicationStatus | None, typer.Option(help="Only these.")] = None,
    domain: DomainOption = Side.POSTAL,
) -> Answer:
    """List the applications, without personal fields."""
    if domain is Side.PROVIDER:
        told = provider_views.application_list(desk.home.provider.books)
        columns = ("application", "transmitted_on", "status", "licence", "reason")
        return many("Applications transmitted", told, columns)
    found = views.application_list(desk.home.postal.books, status)
    return many("Applications", found, _COLUMNS)


@command(app, "show")
def show(desk: Desk, application: Id, pdf: Drawn = None) -> Answer:
    """Show one application with everything on it; draw its form."""
    return _shown(desk, application, pdf)


@command(app, "issue")
def issue(
    desk: Desk,
    application: Id,
    despite: Annotated[
        str, typer.Option(help="Why, where an earlier revocation stands against it.")
    ] = "",
) -> Answer:
    """Grant an application: a licence (PS Form 3601-B) is issued and told to who filed it."""
    books, postal = desk.postal_books(Role.LICENSING_OFFICER), desk.home.postal
    application, now = commands.application_named(books, application), desk.home.now
    licence = commands.issue_application(books, postal.signer, application, now, despite=despite)
    desk.carry()
    return one(f"Licence {licence.number}", views.licence_view(books, licence.number, now))


@command(app, "refuse")
def refuse(
    desk: Desk,
    application: Id,
    ground: Annotated[RefusalGround, typer.Option(help="One of the three grounds.")],
    because: Because,
    pdf: Drawn = None,
) -> Answer:
    """Refuse an application with its reason in writing (DMM P030.2.3, P050.2.2)."""
    require_drawable(pdf)
    books, postal = desk.postal_books(Role.LICENSING_OFFICER), desk.home.postal
    application = commands.application_named(books, application)
    commands.refuse_application(books, postal.signer, application, ground, because, desk.home.now)
    desk.carry()
    return with_paper(_shown(desk, application), desk, "notice", f"refusal:{application}", pdf)


@command(app, "received")
def received(
    desk: Desk,
    application: Id,
    on: Annotated[str, typer.Option(help="The day of receipt; else today.")] = "",
) -> Answer:
    """Note when the applicant received a refusal: the days to appeal run from it."""
    books, now = desk.postal_books(Role.LICENSING_OFFICER), desk.home.now
    application = commands.application_named(books, application)
    commands.prove_refusal_received(books, application, day(on, now.date()), now)
    return _shown(desk, application)


@command(app, "format")
def filing_format(_: Desk) -> Answer:
    """Show the format in which applications are transmitted, as a JSON schema."""
    told = views.filing_format()
    return Answer(told, f"Version {told['version']}, from {told['valid_from']}: see --json.")


def _shown(desk: Desk, application: str, pdf: Path | None = None) -> Answer:
    books = desk.home.postal.books
    application = commands.application_named(books, application)
    data = views.application_view(books, application, desk.home.now)
    return with_paper(one(f"Application {application}", data), desk, "3601-a", application, pdf)
