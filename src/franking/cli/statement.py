"""``franking statement``: statements of account, with the balance after each transaction."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.cli.form import Drawn, draw, require_drawable
from franking.cli.pay import account_number
from franking.errors import Refusal
from franking.forms.statement import StatementForm
from franking.money import format_dollars
from franking.provider.closing import statements
from franking.provider.funds.accounts import account_of
from franking.rules.calendars import months
from franking.rules.permissions import Role

app = typer.Typer(help="Statements of account.", no_args_is_help=True)

Month = Annotated[str, typer.Option(metavar="MONTH", help="Such as 1997-06; else this month.")]
STATEMENT_NOT_WRITTEN = Refusal(
    "STATEMENT_NOT_WRITTEN",
    clause="policy",
    remedy="Give a place that can be written, and ask again; nothing was noted as sent.",
)


@command(app, "show")
def show(
    desk: Desk,
    account: Annotated[
        str,
        typer.Argument(metavar="ACCOUNT|DEVICE|LICENCE", help="Whose: any of the three tells it."),
    ],
    month: Month = "",
    pdf: Drawn = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write it as lines of CSV.")
    ] = None,
) -> Answer:
    """Show the transactions of a month, each with the balance after it."""
    require_drawable(pdf)
    with desk.home.provider.books.reading() as reading:
        held = account_of(reading, account)
    number = held.number if held else account_number(desk.home, account)
    with desk.home.provider.books.reading() as reading:
        form = statements.statement_of(reading, number, _month(desk, month))
    files = draw(form, pdf)
    if csv is not None:
        files.append(_write(csv, statements.as_csv(form)))
    return Answer({**form.as_json(), "files": files}, _picture(form))


@command(app, "send")
def send(
    desk: Desk,
    month: Annotated[
        str, typer.Option(metavar="MONTH", help="Such as 1997-06; else the month before this one.")
    ] = "",
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write each as PDF and CSV into it.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say whose they are.")] = False,
) -> Answer:
    """Send the statements of a month to every licensee who chose them."""
    first = statements.parse_month(month) if month else months(_month(desk, ""), -1)
    with desk.home.provider.books.reading() as reading:
        due = list(statements.statements_due(reading, first))
    files = [] if dry_run or folder is None else [one for each in due for one in _in(folder, each)]
    if not dry_run:
        books = desk.provider_books(Role.PROVIDER_AGENT)
        statements.send_statements(books, first, desk.home.now)
    data = {
        "month": f"{first:%Y-%m}",
        "sent": not dry_run,
        "accounts": [each.account for each in due],
        "files": files,
    }
    words = "would be sent" if dry_run else "sent"
    return Answer(data, f"{len(due)} statements of {first:%B %Y} {words}.")


def _month(desk: Desk, text: str) -> date:
    return statements.parse_month(text) if text else desk.home.now.date().replace(day=1)


def _in(folder: Path, form: StatementForm) -> list[str]:
    """Both files of a statement, in a folder that is made where there is none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise STATEMENT_NOT_WRITTEN.because(f"{folder}: {error.strerror}") from error
    name = folder / f"{form.account}-{form.since:%Y-%m}"
    written = _write(name.with_suffix(".csv"), statements.as_csv(form))
    return [*draw(form, name.with_suffix(".pdf")), written]


def _write(path: Path, text: str) -> str:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise STATEMENT_NOT_WRITTEN.because(f"{path}: {error.strerror}") from error
    return str(path)


def _picture(form: StatementForm) -> Table:
    title = f"Account {form.account}, {form.since} to {form.until}"
    table = Table("date", "transaction", "amount", "balance", title=title)
    table.add_row(
        form.since.isoformat(), "balance at the beginning", "", format_dollars(form.opening_mills)
    )
    for each in form.lines:
        amount, balance = format_dollars(each.amount_mills), format_dollars(each.balance_mills)
        table.add_row(each.on.isoformat(), each.what, amount, balance)
    return table
