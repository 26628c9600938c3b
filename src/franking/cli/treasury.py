"""``franking treasury``: the fund, the lockbox banks, and what providers report of the money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.bank.views import read_named
from franking.cli import treasury_letters, treasury_oversight
from franking.cli.answer import Answer, facts, minute
from franking.cli.command import Desk, command
from franking.errors import EXIT_BROKEN, EXIT_DONE
from franking.home.provider_office import NAME
from franking.money import format_dollars, parse_dollars
from franking.postal.treasury import (
    bank_reports,
    deposits,
    lockboxes,
    noting,
    rows,
    transfers,
    views,
)
from franking.postal.treasury.chart import DEBIT_SIDE
from franking.postal.treasury.records import Lockbox, ReportStatus, Terms, Watch
from franking.rules.permissions import Role
from franking.storage import Books

app = typer.Typer(help="The Postal Service's money, and who keeps it.", no_args_is_help=True)

Provider = Annotated[str, typer.Option(help="Which provider.")]
Routing = Annotated[str, typer.Argument(metavar="ROUTING", help="The bank's routing number.")]
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account at the bank.")]
Because = Annotated[str, typer.Option(help="Why.")]

_IN_TIME = "Every transfer came in time."
_NO_LOCKBOX = "No lockbox is known: nothing is watched. Next: franking treasury lockboxes"


@command(app, "overview")
def overview(desk: Desk) -> Answer:
    """Show where the money is: the fund, and what each provider's customers hold."""
    data = views.overview(_books(desk), desk.home.now.date())
    table = Table("Account", *data["providers"], box=None)
    kinds = sorted({kind for held in data["providers"].values() for kind in held})
    for kind in kinds:
        sign = -1 if kind in DEBIT_SIDE else 1
        held = (sign * each.get(kind, 0) for each in data["providers"].values())
        table.add_row(kind, *map(format_dollars, held))
    table.add_row("differences", *(str(each) for each in data["differences"].values()))
    fund = f"Postal Service Fund: {format_dollars(data['fund_mills'])}"
    shown = Group(Text(fund, style="bold"), table, Text(data["backing"], style="dim"))
    return Answer(data, shown)


@command(app, "lockboxes")
def list_lockboxes(desk: Desk) -> Answer:
    """List the lockbox accounts: approval, the bank's times, whom to ask (501.28(e))."""
    with _books(desk).reading() as reading:
        found = rows.lockboxes(reading)
    table = Table("Provider", "Account", "Standing", "Times", "Whom to ask", box=None)
    for each in found:
        times = f"cutoff {each.cutoff_time}, file {each.transmission_time} {each.timezone}"
        whom = f"{each.representative}, {each.toll_free}"
        agreed = (times, whom) if each.agreed_on else ("not agreed", "–")
        table.add_row(each.provider, each.name, f"{each.status.value} {each.approval}", *agreed)
    return Answer([views.as_json(each) for each in found], table if found else "None was offered.")


@command(app, "approve")
def approve(
    desk: Desk,
    routing: Routing,
    account: Account,
    because: Because,
    refuse: Annotated[bool, typer.Option("--refuse", help="Refuse it instead.")] = False,
) -> Answer:
    """Approve a lockbox account that a provider offered, or refuse it (501.28(e)(1))."""
    done = lockboxes.decide_lockbox(
        _books(desk),
        desk.home.postal.signer,
        routing=routing,
        account=account,
        approved=not refuse,
        because=because,
        now=desk.home.now,
    )
    desk.carry()
    return _lockbox_answer(done)


@command(app, "terms")
def terms(
    desk: Desk,
    routing: Routing,
    account: Account,
    timezone: Annotated[str, typer.Option(help="Of the bank, as America/Chicago.")],
    cutoff: Annotated[str, typer.Option(help="When the day's processing ends, HH:MM.")],
    transmission: Annotated[str, typer.Option(help="When the file is sent, HH:MM.")],
    box: Annotated[str, typer.Option(help="Where checks are mailed to.")],
    toll_free: Annotated[str, typer.Option(help="The bank's toll-free number.")],
    representative: Annotated[str, typer.Option(help="Its senior representative.")],
) -> Answer:
    """Set down the bank's times with a provider, and its contacts (501.28(e)(2), (4), (6))."""
    agreed = Terms(
        timezone=timezone,
        cutoff_time=cutoff,
        transmission_time=transmission,
        post_office_box=box,
        toll_free=toll_free,
        representative=representative,
    )
    done = lockboxes.agree_terms(
        _books(desk),
        desk.home.postal.signer,
        routing=routing,
        account=account,
        terms=agreed,
        now=desk.home.now,
    )
    desk.carry()
    return _lockbox_answer(done)


@command(app, "take-file")
def take_file(
    desk: Desk, file: Annotated[Path, typer.Argument(help="A BAI2 report of a lockbox bank.")]
) -> Answer:
    """Take a bank's report in: whole, or set aside with everything that is wrong with it."""
    data, signer = read_named(file), desk.home.postal.signer
    taken = bank_reports.take_bank_report(
        _books(desk), signer, data, name=file.name, now=desk.home.now
    )
    desk.carry()
    aside = taken.status is ReportStatus.SET_ASIDE
    words = f"Set aside: {taken.because}" if aside else f"Taken: {taken.lines} movements."
    return Answer(views.as_json(taken), words, EXIT_BROKEN if aside else EXIT_DONE)


@command(app, "files")
def files(desk: Desk) -> Answer:
    """List the banks' reports: taken, or set aside and why."""
    with _books(desk).reading() as reading:
        found = rows.bank_reports(reading)
    table = Table("Taken", "File", "Standing", "Movements", "Why", box=None)
    for each in found:
        at = minute(each.taken_at.isoformat(), desk.home.now)
        table.add_row(at, each.name, each.status.value, str(each.lines), each.because)
    return Answer([views.as_json(each) for each in found], table if found else "None came.")


@command(app, "transfers")
def show_transfers(
    desk: Desk,
    every: Annotated[bool, typer.Option("--all", help="Also those in time and late.")] = False,
) -> Answer:
    """See whether banks moved the previous day's amounts by 10 a.m.; an alarm exits with 1."""
    books = _books(desk)
    alarms = transfers.watch_transfers(books, desk.home.now)
    with books.reading() as reading:
        shown = rows.watches(reading) if every else alarms
        nothing = _IN_TIME if rows.lockboxes(reading) else _NO_LOCKBOX
    warnings = tuple(_alarm(each) for each in alarms)
    picture = _watch_picture(shown, desk.home.now) if shown else nothing
    status = EXIT_BROKEN if alarms else EXIT_DONE
    return Answer([_watch_json(each) for each in shown], picture, status, warnings)


@command(app, "differences")
def differences(
    desk: Desk,
    provider: Provider = "",
    every: Annotated[bool, typer.Option("--all", help="Also those that are settled.")] = False,
) -> Answer:
    """List where provider, bank and treasury disagree: every difference, until it is settled."""
    with _books(desk).reading() as reading:
        found = rows.differences(reading, provider=provider, settled=every)
    table = Table("No.", "Provider", "Day", "What", "Standing", "Facts", box=None)
    for each in found:
        about = (each.provider, each.day.isoformat(), each.what, each.status.value)
        table.add_row(str(each.number), *about, "; ".join(filter(None, (each.words, each.answer))))
    return Answer([views.as_json(each) for each in found], table if found else "All agree.")


@command(app, "settle")
def settle(
    desk: Desk,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Of the difference.")],
    because: Because,
) -> Answer:
    """Settle a difference that was explained or put right."""
    done = noting.settle_difference(_books(desk), number=number, because=because, now=desk.home.now)
    return Answer(views.as_json(done), f"Difference {number} is settled.")


@command(app, "deposit")
def deposit(
    desk: Desk,
    amount: Annotated[str, typer.Argument(help="Dollars that came in, or go out.")],
    because: Annotated[str, typer.Option(help="The bank's reference.")],
    out: Annotated[bool, typer.Option("--out", help="Paid back to the provider.")] = False,
    provider: Provider = NAME,
) -> Answer:
    """Book a provider's own deposit, out of which it advances; it gets a statement (b)(5)."""
    mills = parse_dollars(amount)
    done = deposits.change_provider_deposit(
        _books(desk),
        desk.home.postal.signer,
        provider=provider,
        change_mills=-mills if out else mills,
        because=because,
        now=desk.home.now,
    )
    desk.carry()
    words = f"{provider} has {format_dollars(done.balance_mills)} on deposit."
    return Answer(views.as_json(done), words)


@command(app, "refunds")
def refunds(desk: Desk) -> Answer:
    """List balances asked back: when they are due from the bank, and whether it was late."""
    with _books(desk).reading() as reading:
        found = rows.refunds(reading)
    now = desk.home.now
    table = Table("Account", "Licensee", "Amount", "Due", "Paid", box=None)
    for each in found:
        paid = minute(each.paid_at.isoformat(), now) if each.paid_at else "–"
        late = each.late or (each.paid_at is None and each.due_at < now)
        due = minute(each.due_at.isoformat(), now)
        amount = format_dollars(each.amount_mills)
        table.add_row(each.account, each.licensee, amount, due, f"{paid} late" if late else paid)
    return Answer([views.as_json(each) for each in found], table if found else "None.")


@command(app, "reports")
def reports(
    desk: Desk,
    kind: Annotated[str, typer.Argument(help="DailyActivity, RevenueAllocation, …")],
    provider: Provider = NAME,
    day: Annotated[str, typer.Option(help="Only this day.")] = "",
) -> Answer:
    """Show a provider's reports as they were heard, and which parts never came."""
    found = views.reports_view(_books(desk), provider=provider, kind=kind, day=day)
    missing = tuple(f"{each} never came" for each in views.missing_parts(found))
    table = Table("Day", "Part", "Heard", box=None)
    for each in found:
        part = f"{each['part']} of {each['parts']}"
        table.add_row(each["day"], part, minute(each["heard_at"], desk.home.now))
    return Answer(found, table if found else "None came.", warnings=missing)


@command(app, "acknowledgments")
def acknowledgments(
    desk: Desk,
    addressee: Annotated[str, typer.Option(help="Only those sent to this addressee.")] = "",
) -> Answer:
    """List the signed Acknowledgments of Deposit as they reached their addressees."""
    with _books(desk).reading() as reading:
        found = rows.acknowledgments(reading, addressee=addressee)
    listed = {f"{each.account} {each.licensee}": f"to {each.addressee}" for each in found}
    shown = facts("Acknowledgments of Deposit", listed) if found else "None came."
    return Answer([views.as_json(each) for each in found], shown)


def _books(desk: Desk) -> Books:
    return desk.postal_books(Role.TREASURY_OFFICER)


def _lockbox_answer(lockbox: Lockbox) -> Answer:
    words = f"{lockbox.name} is {lockbox.status.value}; {lockbox.provider} is told."
    return Answer(views.as_json(lockbox), words)


def _alarm(watch: Watch) -> str:
    return f"{watch.lockbox} of {watch.provider}, {watch.banking_day}: {watch.because}"


def _watch_json(watch: Watch) -> dict[str, Any]:
    return {**views.as_json(watch), "short_mills": watch.short_mills}


def _watch_picture(watches: Sequence[Watch], now: datetime) -> Table:
    table = Table("Banking day", "Provider", "By", "Standing", "Facts", box=None)
    for each in watches:
        by = minute(each.deadline.isoformat(), now)
        style = "bold red" if each.status == "alarm" else ""
        standing = Text(each.status.value, style=style)
        table.add_row(each.banking_day.isoformat(), each.provider, by, standing, each.because)
    return table


treasury_oversight.register(app)
treasury_letters.register(app)
