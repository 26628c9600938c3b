"""``franking examination``: examinations and inspections, as the provider's officer runs them.

What postal employees and inspectors do stands in ``franking.cli.examination_postal``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli import examination_postal
from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.cli.form import Drawn, require_drawable, with_paper
from franking.cli.notice_papers import drawn_into, require_folder
from franking.errors import Refusal
from franking.money import format_dollars, parse_dollars
from franking.provider.examinations import checklist, commands
from franking.provider.examinations.records import Approach, Case, CaseStatus, MailerProfile
from franking.rules.permissions import Role

app = typer.Typer(
    help="Examinations, audits and inspections: who is due, and what follows.",
    no_args_is_help=True,
)
examination_postal.register(app)

Serial = Annotated[str, typer.Argument(metavar="SERIAL", help="The device's serial or ID.")]

SHEET_NOT_READ = Refusal(
    "SHEET_NOT_READ",
    clause="policy",
    remedy="Name the file that holds the filled-in sheet.",
    http_status=404,
)


@command(app, "due")
def due(desk: Desk) -> Answer:
    """List the meters that fall due for a reset or an examination soon."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    found = commands.due_soon(books, desk.home.now)
    data = [
        {
            "record": each.record,
            "duty": each.duty,
            "due": each.due.isoformat(),
            "owed_by": each.owed_by,
        }
        for each in found
    ]
    table = Table("Due", "Device", "What", "Owed by", box=None)
    for each in found:
        table.add_row(each.due.isoformat(), each.record, each.duty, each.owed_by)
    return Answer(data, table if data else "Nothing falls due soon.")


@command(app, "notices")
def notices(
    desk: Desk,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say who is due.")] = False,
    pdf: Annotated[
        Path | None,
        typer.Option("--pdf", metavar="FOLDER", help="Draw each notice into this folder."),
    ] = None,
) -> Answer:
    """Tell every licensee whose examination falls due, and approach again who is due for it.

    For once a day (39 CFR 501.22(f), 1995). Told once for each date.
    """
    if dry_run:
        return due(desk)
    require_folder(pdf)
    books = desk.provider_books(Role.PROVIDER_AGENT)
    given = commands.give_notices(books, desk.home.provider.signer, desk.home.now)
    desk.carry()
    data: dict[str, object] = {
        "ahead": [notice.as_json() for notice in given.ahead],
        "approached": [commands.case_json(case) for case in given.approached],
        "removed": [commands.case_json(case) for case in given.removed],
    }
    counts = {name: _counted(each) for name, each in data.items()}
    told = [*(each.serial for each in given.ahead), *(each.serial for each in given.approached)]
    files = drawn_into(desk, pdf, "examination", told)
    if files:
        counts["drawn"] = f"{len(files)} in {pdf}"
        data = {**data, "files": files}
    return Answer(data, facts("Notices given", counts))


@command(app, "cases")
def cases(
    desk: Desk,
    status: Annotated[CaseStatus | None, typer.Option(help="Only those at this step.")] = None,
    after: Annotated[str, typer.Option(help="Begin behind this serial.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many at most.")] = 100,
) -> Answer:
    """List the examinations that are overdue, each with its step."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    found = commands.open_cases(books, status, after=after, limit=limit)
    table = Table("Device", "Licence", "Why", "Step", "Answer by", box=None)
    for case in found:
        row = (case.serial, case.licence, case.ground.value, case.status.value)
        table.add_row(*row, case.due_on.isoformat())
    data = [commands.case_json(case) for case in found]
    return Answer(data, table if data else "No examination is overdue.")


@command(app, "show")
def show(desk: Desk, serial: Serial) -> Answer:
    """Show everything about a device's examinations: steps, notices, inspections, receipts."""
    data = commands.examination_view(desk.provider_books(Role.PROVIDER_AGENT), serial)
    rows = {name: _counted(value) for name, value in data.items()}
    parts = [facts(f"Examinations of {serial}", rows)]
    if isinstance(data["events"], list) and data["events"]:
        table = Table("Day", "Case", "Step", "Because", box=None)
        for event in data["events"]:
            table.add_row(event["on"], str(event["case"]), event["status"], event["because"])
        parts.append(table)
    return Answer(data, Group(*parts))


@command(app, "approach")
def approach(
    desk: Desk,
    serial: Serial,
    how: Annotated[Approach, typer.Option(help="How the licensee was reached.")] = (
        Approach.IN_PERSON
    ),
    pdf: Drawn = None,
) -> Answer:
    """Note the second approach to a licensee; another 15 days run from today (501.22(f))."""
    require_drawable(pdf)
    books = desk.provider_books(Role.PROVIDER_AGENT)
    case = commands.approach_licensee(books, serial=serial, how=how, now=desk.home.now)
    told = _case(case, f"The licensee has until {case.due_on} to answer.")
    return with_paper(told, desk, "notice", f"examination:{serial}", pdf)


@command(app, "close")
def close(desk: Desk, serial: Serial) -> Answer:
    """Note that a device ordered removed was checked out, and tell the Postal Service."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    signer = desk.home.provider.signer
    case = commands.close_removed(books, signer, serial=serial, now=desk.home.now)
    desk.carry()
    return _case(case, f"The examination of {serial} has ended: it was removed.")


@command(app, "sheet")
def sheet(
    desk: Desk,
    serial: Serial,
    inspector: Annotated[str, typer.Option(help="Who inspects.")] = "",
) -> Answer:
    """Print an empty inspection sheet with every item of 39 CFR 501.25(b), to be filled in."""
    by = inspector or desk.actor(Role.PROVIDER_AGENT).name
    data = checklist.empty_sheet(serial, by)
    return Answer(data, Text(json.dumps(data, indent=2)))


@command(app, "inspect")
def inspect(
    desk: Desk,
    serial: Serial,
    filled_in: Annotated[Path, typer.Option("--sheet", help="The filled-in, signed sheet (JSON).")],
    pdf: Drawn = None,
) -> Answer:
    """Take an inspection of a meter in use; what is irregular goes to the postmaster at once."""
    require_drawable(pdf)
    try:
        given = checklist.read_sheet(filled_in.read_bytes())
    except OSError as error:
        raise SHEET_NOT_READ.because(f"{filled_in}: {error.strerror}") from error
    books, signer = desk.provider_books(Role.PROVIDER_AGENT), desk.home.provider.signer
    report = commands.inspect_meter(books, signer, serial=serial, sheet=given, now=desk.home.now)
    desk.carry()
    found = "\n".join(report.irregularities)
    words = f"{serial} may not be used; the postmaster is told:\n{found}"
    told = Answer(report.as_json(), words if found else f"{serial} is in order.")
    return with_paper(told, desk, "inspection", serial, pdf)


@command(app, "mailer")
def mailer(
    desk: Desk,
    licence: Annotated[str, typer.Argument(metavar="LICENCE", help="The licence number.")],
    yearly: Annotated[str, typer.Option(help="Metered postage of a year, in dollars.")],
    industry: Annotated[str, typer.Option(help="An industry code (SIC or another).")] = "",
    high_risk: Annotated[bool, typer.Option("--high-risk", help="By your own records.")] = False,
    source: Annotated[str, typer.Option(help="Where you have it from.")] = "",
) -> Answer:
    """Note a mailer's volume and risk; the meters of some are inspected more often (501.25(a))."""
    profile = MailerProfile(
        licence=licence,
        yearly_postage_mills=parse_dollars(yearly),
        industry_code=industry,
        high_risk=high_risk,
        source=source,
    )
    books = desk.provider_books(Role.PROVIDER_AGENT)
    commands.describe_mailer(books, profile, desk.home.now)
    data = {"licence": licence, "yearly_postage_mills": profile.yearly_postage_mills}
    return Answer(data, f"Noted for licence {licence}.")


@command(app, "replace")
def replace(
    desk: Desk,
    receipt: Annotated[str, typer.Argument(metavar="RECEIPT", help="The inspector's receipt.")],
    by: Annotated[str, typer.Option(help="The serial of the device given instead.")],
) -> Answer:
    """Replace a device that an inspector withdrew; its postage moves unless fraud is suspected."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    done = commands.replace_withdrawn(books, receipt=receipt, replacement=by, now=desk.home.now)
    words = f"{by} replaces {done.serial}; {format_dollars(done.moved_mills)} go over to it."
    return Answer(commands.receipt_json(done), words)


def _case(case: Case, words: str) -> Answer:
    return Answer(commands.case_json(case), words)


def _counted(value: object) -> object:
    return len(value) if isinstance(value, list) else value
