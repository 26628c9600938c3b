"""``franking bank``: the simulated lockbox bank, step by step: payments, returns, files, days."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from franking.bank import days, items, receiving, rows, views
from franking.bank.decisions import banking_day, cents_of
from franking.bank.receiving import Paying
from franking.bank.records import Payer
from franking.cli.answer import Answer, facts, minute
from franking.cli.command import Desk, command
from franking.cli.licensing_options import day, many
from franking.cli.options import gathered
from franking.cli.pay import PayerOptions
from franking.cli.payment_methods import method_named
from franking.errors import Refusal
from franking.home import bank
from franking.money import format_dollars, parse_dollars
from franking.rules.calendars import BANKING
from franking.rules.permissions import Role
from franking.storage import Books

app = typer.Typer(
    help="The lockbox bank of this home: what it receives, tells and moves.", no_args_is_help=True
)
Reference = Annotated[
    str, typer.Argument(metavar="REFERENCE", help="As the bank's files name the payment.")
]
Day = Annotated[str, typer.Argument(help="A banking day; else the last one that is over.")]
_PAYMENTS = ("reference", "day", "method", "account", "amount", "payer", "state", "reason")
_FILES = ("number", "name", "kind", "day", "to", "delivered")

BANK_FILE_NOT_WRITTEN = Refusal(
    "BANK_FILE_NOT_WRITTEN",
    clause="policy",
    remedy="Give the number of a file of the bank, and a place that can be written.",
    http_status=422,
)


@command(app, "show")
def show(desk: Desk) -> Answer:
    """Show the lockbox, what is in it, and what waits."""
    lockbox = desk.home.bank.lockbox
    data = views.lockbox_view(desk.home.bank.books, lockbox, desk.home.now)
    inner = ("balance_mills", "transfers")
    shown = {name.replace("_", " "): value for name, value in data.items() if name not in inner}
    return Answer(data, facts(f"Lockbox {lockbox.number} of {lockbox.provider}", shown))


@command(app, "payments")
def payments(
    desk: Desk, account: Annotated[str, typer.Option(help="For one account.")] = ""
) -> Answer:
    """List what the bank received, and what came back."""
    office = desk.home.bank
    data = views.payments_view(office.books, office.lockbox.number, account=account or None)
    return many("Payments at the bank", data, _PAYMENTS)


@command(app, "receive")
@gathered(PayerOptions)
def receive(desk: Desk, asked: PayerOptions) -> Answer:
    """Receive a payment, of an account that need not exist; nobody is told before ``transmit``."""
    office, home = desk.home.bank, desk.home
    paying = Paying(
        method=method_named(asked.method),
        account=asked.whose,
        amount_cents=cents_of(parse_dollars(asked.amount)),
        payer=bank.completed(asked.payer_of(Payer(name="")), asked.whose),
        order=asked.order,
    )
    (made,) = receiving.receive_payments(_books(desk), office.lockbox.number, [paying], home.now)
    data = views.payment_json(made)
    known = {name: data[name] for name in _PAYMENTS if data[name]}
    told = {**known, "next": "franking bank transmit, then franking bank deliver"}
    return Answer(data, facts(f"{data['amount']} received", told))


@command(app, "take-orders")
def take_orders(
    desk: Desk, file: Annotated[Path, typer.Argument(help="A NACHA file of the provider.")]
) -> Answer:
    """Take a provider's file of debits and refunds, whole or not at all."""
    office = desk.home.bank
    data = read_file(file)
    taken = receiving.take_origination(_books(desk), office.lockbox.number, data, desk.home.now)
    told = {
        "debits": taken.debits,
        "debited": format_dollars(taken.debit_cents * 10),
        "refunds": taken.refunds,
        "refunded": format_dollars(taken.refund_cents * 10),
        "prenotes": taken.prenotes,
    }
    return Answer(told, facts(f"{file} taken", told))


@command(app, "return")
def return_item(
    desk: Desk,
    reference: Reference,
    reason: Annotated[str, typer.Option(help="Why: R01 insufficient funds, R02 closed, …")] = "R01",
    unpaid: Annotated[
        bool, typer.Option("--unpaid", help="The second presentment fails, too.")
    ] = False,
) -> Answer:
    """An item comes back; the first time it is presented again (39 CFR 501.28(e)(8), 1995)."""
    state = items.return_item(_books(desk), reference, reason=reason, now=desk.home.now)
    if unpaid and state is views.PRESENTED_AGAIN:
        state = items.return_item(_books(desk), reference, reason=reason, now=desk.home.now)
    return _state(reference, state.value)


@command(app, "settle")
def settle(desk: Desk, reference: Reference) -> Answer:
    """An unpaid item is collected in full; the provider is told and unlocks the account."""
    items.settle_item(_books(desk), reference, now=desk.home.now)
    return _state(reference, "paid")


@command(app, "change")
def change(
    desk: Desk,
    reference: Reference,
    corrected: Annotated[str, typer.Argument(help="What is right, as the code wants it.")],
    reason: Annotated[str, typer.Option(help="C01 account, C02 routing number, …")] = "C01",
) -> Answer:
    """The payer's bank notifies of a change to the debits of a payer."""
    now = desk.home.now
    items.tell_change(_books(desk), reference, reason=reason, corrected=corrected, now=now)
    return _state(reference, f"to be drawn otherwise: {corrected}")


@command(app, "transmit")
def transmit(desk: Desk) -> Answer:
    """Write the files of what was not told yet; ``deliver`` carries them, ``save`` writes one."""
    made = days.transmit(_books(desk), desk.home.bank.lockbox.number, desk.home.now)
    return many("Files made", [views.file_json(each) for each in made], _FILES)


@command(app, "close-day")
def close_day(desk: Desk, on: Day = "") -> Answer:
    """Close a banking day: its files, and its statement to provider and Postal Service."""
    home = desk.home
    made = days.close_day(_books(desk), home.bank.lockbox.number, _over(desk, on), home.now)
    return many("Files made", [views.file_json(each) for each in made], _FILES)


@command(app, "transfer")
def transfer(desk: Desk, on: Day = "") -> Answer:
    """Move the amounts of a closed day to the Federal Reserve Bank (501.28(e)(4), 1995)."""
    home = desk.home
    made = days.transfer(_books(desk), home.bank.lockbox.number, _over(desk, on), home.now)
    data = {"day": made.day.isoformat(), "amount_mills": made.amount_cents * 10}
    moved = format_dollars(made.amount_cents * 10)
    return Answer({**data, "made_at": made.made_at}, f"{moved} of {made.day} transferred.")


@command(app, "hold-transfers")
def hold_transfers(
    desk: Desk,
    release: Annotated[bool, typer.Option("--release", help="Let them go again.")] = False,
) -> Answer:
    """Have the bank fail to transfer, for whoever wants to see the alarm."""
    home = desk.home
    days.hold_transfers(_books(desk), home.bank.lockbox.number, hold=not release, now=home.now)
    return Answer({"held": not release}, f"Transfers are {'made' if release else 'held up'}.")


@command(app, "deliver")
def deliver(
    desk: Desk,
    again: Annotated[
        bool, typer.Option("--again", help="All of them, for books that were restored.")
    ] = False,
) -> Answer:
    """Carry the files that wait to those they are for, and the provider's to the bank."""
    bank.hand_over(desk.home)
    taken = bank.deliver_files(desk.home, again=again)
    desk.carry()
    return many("Taken in", [each.as_json() for each in taken], ("name", "kind", "day", "status"))


@command(app, "tend")
def tend(desk: Desk) -> Answer:
    """Let the bank do what time has brought: close days, transfer, send; then deliver."""
    taken = bank.tend(desk.home)
    desk.carry()
    return many("Taken in", [each.as_json() for each in taken], ("name", "kind", "day", "status"))


@command(app, "files")
def files(
    desk: Desk, waiting: Annotated[bool, typer.Option("--waiting", help="Not delivered.")] = False
) -> Answer:
    """List the files that the bank made."""
    with desk.home.bank.books.reading() as reading:
        data = [views.file_json(each) for each in rows.files(reading, waiting=waiting)]
    shown = [{**each, "delivered": _minute(desk, each["delivered"])} for each in data]
    return Answer(data, many("Files of the bank", shown, _FILES).shown)


@command(app, "save")
def save(
    desk: Desk,
    number: Annotated[int, typer.Argument(help="The file's number.")],
    to: Annotated[Path, typer.Argument(help="Where to write it; it must not exist.")],
) -> Answer:
    """Write a file of the bank, byte for byte as it was transmitted."""
    with desk.home.bank.books.reading() as reading:
        found = rows.find_file(reading, number)
    if found is None:
        raise BANK_FILE_NOT_WRITTEN.because(f"there is no file {number}")
    try:
        with to.open("xb") as file:
            file.write(found.content)
    except OSError as error:
        raise BANK_FILE_NOT_WRITTEN.because(f"{to}: {error.strerror}") from error
    return Answer({**views.file_json(found), "file": str(to)}, f"{found.name} written to {to}.")


def read_file(path: Path) -> bytes:
    """The bytes of a file that a person names.

    Raises:
        Refused: ``BANK_FILE_UNREADABLE``.
    """
    return views.read_named(path)


def _books(desk: Desk) -> Books:
    return desk.home.bank.books.acting(desk.actor(Role.LOCKBOX_BANK))


def _over(desk: Desk, on: str) -> date:
    """The day named, else the last banking day before the one under way."""
    lockbox, now = desk.home.bank.lockbox, desk.home.now
    return day(on, BANKING.before(banking_day(lockbox, now)))


def _minute(desk: Desk, instant: str | None) -> str:
    return minute(instant, desk.home.now) if instant else ""


def _state(reference: str, state: str) -> Answer:
    data: dict[str, Any] = {"reference": reference, "state": state}
    return Answer(data, f"{reference} is {state}.")
