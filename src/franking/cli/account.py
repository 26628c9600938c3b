"""``franking account``: a licensee's account on deposit: balance, ways of paying, choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer, facts, minute
from franking.cli.command import Desk, command
from franking.cli.form import Drawn, draw, drawn_words, with_paper
from franking.cli.licensing_options import Because, many
from franking.cli.pay import account_number
from franking.cli.payment_methods import method_named
from franking.forms.depositing import TicketCheck
from franking.home import authorizing
from franking.home.papers import funds as papers
from franking.money import format_dollars, parse_dollars
from franking.provider.funds import (
    accounts,
    paying,
    refunding,
    views,
)
from franking.provider.funds.records import BankDetails, FundsAccount, Method, Statements
from franking.rules.permissions import Role

app = typer.Typer(help="Licensees' accounts on deposit.", no_args_is_help=True)
Account = Annotated[
    str, typer.Argument(metavar="ACCOUNT|DEVICE", help="The account, or a device paid from it.")
]
_COLUMNS = ("account", "licence", "licensee", "status", "balance", "method", "statements")


@command(app, "list")
def list_accounts(desk: Desk) -> Answer:
    """List the accounts with their balances."""
    data = views.accounts_view(desk.provider_books())
    shown = [{**each, "balance": format_dollars(each["balance_mills"])} for each in data]
    return Answer(data, many("Accounts on deposit", shown, _COLUMNS).shown)


@command(app, "show")
def show(desk: Desk, account: Account) -> Answer:
    """Show an account: balance, what is owed, what is under way, and its history."""
    number = account_number(desk.home, account)
    data = views.account_view(desk.home.provider.books, number)
    return Answer(data, Group(facts(f"Account {number}", _facts(data)), _history(desk, data)))


@command(app, "options")
def options(desk: Desk, account: Account) -> Answer:
    """Show the ways of paying in the order of preference, with instructions (501.28(e)(5)-(7))."""
    number = account_number(desk.home, account)
    _ = desk.home.bank  # Opened with its first use: the ways that the provider accepts.
    found = paying.options(desk.provider_books(), number, on=desk.home.now.date())
    table = Table("", "Way", "Instructions", box=None, padding=(0, 2, 0, 0))
    for each in found:
        way = each.method.value if each.mandatory else f"{each.method.value} (optional)"
        table.add_row(str(each.rank), way, "\n".join(each.instructions))
    title = Text(f"Ways to pay into account {number} ({found[0].clause})", style="bold")
    return Answer([each.as_json() for each in found], Group(title, table))


@command(app, "open")
def open_(desk: Desk, licence: Annotated[str, typer.Argument(metavar="LICENCE")]) -> Answer:
    """Open the account of a licence whose lease is in force; the acknowledgment is sent on."""
    account = accounts.open_account(desk.provider_books(), licence, now=desk.home.now)
    return _acknowledged(desk, account)


@command(app, "acknowledge")
def acknowledge(desk: Desk, account: Account, pdf: Drawn = None) -> Answer:
    """Send the signed Acknowledgment of Deposit to its addressee; draw it."""
    number = account_number(desk.home, account)
    with desk.home.provider.books.reading() as reading:
        found = accounts.require_account(reading, number)
    return with_paper(_acknowledged(desk, found), desk, "acknowledgment", number, pdf)


@command(app, "ticket")
def ticket(
    desk: Desk,
    account: Account,
    check: Annotated[
        list[str] | None, typer.Option(help="NUMBER=AMOUNT of a check in it; repeatable.")
    ] = None,
    by_hand: Annotated[
        str, typer.Option(help="Who prepares it by hand, for a first payment (501.28(e)(6)).")
    ] = "",
    pdf: Drawn = None,
) -> Answer:
    """Make a pre-encoded deposit ticket for payments by check."""
    number = account_number(desk.home, account)
    _ = desk.home.bank  # Opened with its first use: its post office box stands on the ticket.
    form = papers.deposit_ticket(
        desk.provider_books(),
        number,
        checks=tuple(map(_check, check or ())),
        prepared_by=by_hand,
        now=desk.home.now,
    )
    files = draw(form, pdf)
    shown = {"account": number, "mail to": form.lockbox, "prepared by": form.prepared_by or "–"}
    told = facts("Deposit ticket", shown)
    return Answer({**form.as_json(), "files": files}, Group(told, drawn_words(files)))


@command(app, "statements")
def statements(
    desk: Desk,
    account: Account,
    choice: Annotated[Statements, typer.Argument(help="After each reset, or each month.")],
) -> Answer:
    """Choose a document after each reset, or a statement each month (501.28(e)(3))."""
    number = account_number(desk.home, account)
    accounts.choose_statements(desk.provider_books(Role.MAILER), number, choice, now=desk.home.now)
    return shown_account(desk, number)


@command(app, "prefer")
def prefer(
    desk: Desk, account: Account, method: Annotated[str, typer.Argument(metavar="METHOD")]
) -> Answer:
    """Choose how to pay."""
    number = account_number(desk.home, account)
    chosen = Method(method_named(method).value)
    paying.choose_method(desk.provider_books(Role.MAILER), number, chosen, now=desk.home.now)
    return shown_account(desk, number)


@command(app, "authorize-debits")
def authorize_debits(
    desk: Desk,
    account: Account,
    routing: Annotated[str, typer.Option(help="The bank's nine-digit routing number.")],
    bank_account: Annotated[str, typer.Option(help="The account there.")],
    signed_by: Annotated[str, typer.Option(help="Who authorizes debits and refunds there.")],
    savings: Annotated[bool, typer.Option("--savings", help="A savings account.")] = False,
) -> Answer:
    """Name the licensee's bank account: debits are drawn on it, balances paid back to it."""
    number, now = account_number(desk.home, account), desk.home.now
    details = BankDetails(
        account=number,
        routing=routing,
        bank_account=bank_account,
        kind="savings" if savings else "checking",
        authorized_by=signed_by,
        authorized_on=now.date(),
    )
    paying.authorize_debits(desk.provider_books(Role.MAILER), details, now=now)
    return shown_account(desk, number)


@command(app, "refund")
def refund(
    desk: Desk,
    account: Account,
    amount: Annotated[str, typer.Option(help="In dollars; else the whole balance.")] = "",
) -> Answer:
    """Ask for the balance back: the lockbox bank pays it within 48 hours (501.28(f))."""
    number = account_number(desk.home, account)
    asked = refunding.request_refund(
        desk.provider_books(Role.MAILER),
        desk.home.provider.signer,
        number,
        amount_mills=parse_dollars(amount) if amount else None,
        now=desk.home.now,
    )
    desk.carry()
    shown = {
        "case": asked.case,
        "amount": format_dollars(asked.amount_mills),
        "due": minute(asked.due_at, desk.home.now),
        "next": "franking funds send-orders, or the next payment's file, gives it to the bank",
    }
    return Answer(views.refund_json(asked), facts(f"Balance of {number} asked back", shown))


@command(app, "close")
def close(desk: Desk, account: Account, because: Because) -> Answer:
    """Close an account on which nothing is left and nothing is owed."""
    number = account_number(desk.home, account)
    accounts.close_account(desk.provider_books(), number, because=because, now=desk.home.now)
    return shown_account(desk, number)


def shown_account(desk: Desk, number: str) -> Answer:
    """An account as it stands, for people and programs."""
    data = views.account_view(desk.home.provider.books, number)
    return Answer(data, facts(f"Account {number}", _facts(data)))


def _facts(data: Mapping[str, Any]) -> dict[str, object]:
    owed = {
        "reserved": data["balance_mills"] - data["available_mills"],
        "owed to the provider": data["owed_mills"],
        "returned unpaid": data["returned_mills"],
        "advances agreed up to": data["advance_limit_mills"],
    }
    return {
        "licensee": f"{data['licensee']}, licence {data['licence']}",
        "status": data["status"],
        "balance": format_dollars(data["balance_mills"]),
        **{name: format_dollars(mills) for name, mills in owed.items() if mills},
        "pays by": data["method"],
        "statements": data["statements"],
        "payments announced": len(data["payments_under_way"]),
    }


def _history(desk: Desk, data: Mapping[str, Any]) -> Table:
    """Each event; by whom and under which clause stands below it."""
    table = Table(title="History", title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("when", no_wrap=True)
    table.add_column("what")
    for each in data["events"]:
        what = Text(f"{each['event']}: {each['because']}" if each["because"] else each["event"])
        what.append(f"\n{each['clause']}, by {each['by']}", style="dim")
        table.add_row(minute(each["at"], desk.home.now), what)
    return table


def _acknowledged(desk: Desk, account: FundsAccount) -> Answer:
    addressee = authorizing.acknowledge(desk.home, desk.provider_books(), account)
    desk.carry()
    data = {**views.account_json(account), "acknowledgment_sent_to": addressee}
    return Answer(data, facts(f"Account {account.number}", {"acknowledgment sent to": addressee}))


def _check(text: str) -> TicketCheck:
    number, _, amount = text.rpartition("=")
    return TicketCheck(number=number, amount_mills=parse_dollars(amount))
