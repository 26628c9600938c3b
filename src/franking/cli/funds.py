"""``franking funds``: payments, advances, refunds of balances, corrections by two people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from franking.cli import bank_files, funds_correcting
from franking.cli.account import shown_account
from franking.cli.answer import Answer, facts, minute
from franking.cli.command import Desk, command
from franking.cli.licensing_options import Because, day, many
from franking.cli.pay import account_number
from franking.cli.payment_methods import method_named
from franking.errors import Refusal, Refused
from franking.home import bank
from franking.money import format_dollars, parse_dollars
from franking.provider.funds import (
    advances,
    announcing,
    paying,
    refunding,
    sending,
    views,
)
from franking.provider.funds.originating import Origination
from franking.provider.funds.records import Method, PaymentPlan, PaymentStatus
from franking.rules.permissions import Role

app = typer.Typer(
    help="The provider's funds desk: payments, advances, refunds, corrections.",
    no_args_is_help=True,
)
funds_correcting.register(app)
bank_files.register(app)
Account = Annotated[str, typer.Argument(metavar="ACCOUNT|DEVICE")]
Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="In dollars.")]
_PAYMENTS = ("payment", "account", "amount", "method", "status", "received_on", "reference")
_REFUNDS = ("case", "account", "amount", "status", "due", "paid_on", "reference")

ORDERS_NOT_WRITTEN = Refusal(
    "ORDERS_NOT_WRITTEN",
    clause="39 CFR 501.28(b)(4) (1995)",
    remedy="Give a file in a folder that can be written; the orders wait.",
)


@command(app, "payments")
def payments(
    desk: Desk,
    account: Annotated[str, typer.Option(help="Of one account.")] = "",
    status: Annotated[PaymentStatus | None, typer.Option(help="That stand so.")] = None,
) -> Answer:
    """List payments: announced, on deposit, in suspense, returned, made good."""
    number = account_number(desk.home, account) if account else None
    data = views.payments_view(desk.provider_books(), account=number, status=status)
    return _listed("Payments", data, _PAYMENTS)


@command(app, "payment")
def payment(desk: Desk, number: Annotated[str, typer.Argument(metavar="PAYMENT")]) -> Answer:
    """Answer where a payment is (501.28(e)(4))."""
    data = views.payment_view(desk.provider_books(), number)
    rows = {name: data[name] for name in ("account", "method", "reference", "status", "answer")}
    return Answer(data, facts(f"Payment {number}", {**_amount(data), **rows}))


@command(app, "expect")
def expect(
    desk: Desk,
    account: Account,
    amount: Amount,
    method: Annotated[str, typer.Option(help="How it is paid.")] = Method.ACH_DEBIT.value,
    reference: Annotated[str, typer.Option(help="Number of the check or wire.")] = "",
    sent_on: Annotated[str, typer.Option(help="When it was sent; else today.")] = "",
) -> Answer:
    """Announce a payment that was sent, or ask for a debit; the bank's file makes it real."""
    now = desk.home.now
    announced = announcing.expect_payment(
        desk.provider_books(Role.MAILER),
        account_number(desk.home, account),
        parse_dollars(amount),
        Method(method_named(method).value),
        reference=reference,
        sent_on=day(sent_on, now.date()),
        now=now,
    )
    data = {**views.payment_json(announced), "answer": views.answer(announced)}
    return Answer(
        data, facts(f"Payment {announced.number}", {**_amount(data), "is": data["answer"]})
    )


@command(app, "never-received")
def never_received(
    desk: Desk, number: Annotated[str, typer.Argument(metavar="PAYMENT")], because: Because
) -> Answer:
    """Note that an announced payment never came."""
    after = announcing.note_never_received(
        desk.provider_books(), number, because=because, now=desk.home.now
    )
    return Answer(views.payment_json(after), f"{number}: {after.status}.")


@command(app, "send-orders")
def send_orders(
    desk: Desk,
    file: Annotated[Path, typer.Argument(help="The NACHA file to write; it must not exist.")],
    routing: Annotated[str, typer.Option(help="The lockbox bank's; else the home's.")] = bank.BANK,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what waits.")] = False,
) -> Answer:
    """Write the debits asked for and the balances to pay back into one file for the bank."""
    books = desk.provider_books()
    with books.reading() as reading:
        debits, refunds = sending.waiting(reading)
    data: dict[str, Any] = {
        "debits": [each.number for each in debits],
        "refunds": [each.case for each in refunds],
    }
    if not dry_run:
        data["digest"] = _written(desk, file, routing)
        data["file"] = str(file)
    shown = {
        name: ", ".join(each) if isinstance(each, list) else each for name, each in data.items()
    }
    return Answer(data, facts("Orders for the bank", shown))


@command(app, "agree-advances")
def agree_advances(
    desk: Desk,
    account: Account,
    limit: Annotated[str, typer.Argument(help="All that may be owed at once; 0 ends it.")],
) -> Answer:
    """Agree to advance funds to a licensee up to a limit (501.28(b)(5))."""
    number = account_number(desk.home, account)
    advances.agree_advances(
        desk.provider_books(), number, limit_mills=parse_dollars(limit), now=desk.home.now
    )
    return shown_account(desk, number)


@command(app, "advance")
def advance(desk: Desk, account: Account, amount: Amount) -> Answer:
    """Advance funds to a licensee out of the provider's own deposit."""
    number = account_number(desk.home, account)
    advances.advance_funds(desk.provider_books(), number, parse_dollars(amount), now=desk.home.now)
    return shown_account(desk, number)


@command(app, "advances")
def list_advances(
    desk: Desk, on: Annotated[str, typer.Option(help="The day; else today.")] = ""
) -> Answer:
    """Show a day's advances, and what of the provider's deposit covers more."""
    data = views.advances_view(desk.provider_books(), day=day(on, desk.home.now.date()))
    rows = {
        "provider's deposit": format_dollars(data["provider_deposit_mills"]),
        "covers on this day": format_dollars(data["cover_mills"]),
        "advanced": format_dollars(data["advanced_mills"]),
        "left": format_dollars(data["left_mills"]),
    }
    return Answer(data, facts(f"Advances of {data['day']}", rows))


@command(app, "refunds")
def refunds(desk: Desk) -> Answer:
    """List the refunds of balances with their hours."""
    data = views.refunds_view(desk.provider_books())
    shown = [
        {**each, **_amount(each), "due": minute(each["due_at"], desk.home.now)} for each in data
    ]
    return Answer(data, many("Refunds of balances", shown, _REFUNDS).shown)


@command(app, "call-off")
def call_off(
    desk: Desk, case: Annotated[str, typer.Argument(metavar="CASE")], because: Because
) -> Answer:
    """Put a balance on deposit again before the bank has the order."""
    after = refunding.call_off_refund(
        desk.provider_books(), case, because=because, now=desk.home.now
    )
    return Answer(views.refund_json(after), f"{case}: {after.status}.")


@command(app, "idle")
def idle(
    desk: Desk,
    days: Annotated[int | None, typer.Option(min=0, help="Idle for longer; else policy.")] = None,
) -> Answer:
    """List balances that lie idle, with the way of paying that would make them unnecessary."""
    data = views.idle_view(desk.provider_books(), on=desk.home.now.date(), after_days=days)
    columns = ("account", "licensee", "balance", "idle_days", "method", "recommended")
    shown = [{**each, "balance": format_dollars(each["balance_mills"])} for each in data]
    return Answer(data, many("Idle balances", shown, columns).shown)


@command(app, "float")
def float_(desk: Desk) -> Answer:
    """Show how long money was on its way, by way of paying: from sent to usable."""
    data = views.float_view(desk.provider_books())
    columns = ("method", "payments", "amount", "days_median", "days_most")
    return _listed("From sent to usable", data, columns)


@command(app, "plan")
def plan(
    desk: Desk,
    methods: Annotated[list[str], typer.Argument(help="Every way of paying accepted.")],
    lockbox: Annotated[str, typer.Option(help="Post office box for checks.")],
    bank_name: Annotated[str, typer.Option("--bank", help="The lockbox bank.")],
    routing: Annotated[str, typer.Option(help="Its routing number.")],
    bank_account: Annotated[str, typer.Option(help="The lockbox account there.")],
    card_processor: Annotated[str, typer.Option(help="If cards are accepted.")] = "",
    card_fee: Annotated[int, typer.Option(help="Its fee in basis points; the provider's.")] = 0,
    rulebook: Annotated[str, typer.Option(help="Whose mandatory ways apply.")] = "ibip-1997",
) -> Answer:
    """Declare which ways of paying the provider accepts; mandatory ones must be among them."""
    declared = PaymentPlan(
        methods=tuple(Method(method_named(each).value) for each in methods),
        lockbox=lockbox,
        bank=bank_name,
        routing=routing,
        bank_account=bank_account,
        card_processor=card_processor,
        card_fee_basis_points=card_fee,
    )
    paying.declare_plan(desk.provider_books(), declared, rulebook=rulebook, now=desk.home.now)
    accepted = [each.value for each in declared.methods]
    return Answer({"methods": accepted}, f"Accepted: {', '.join(accepted)}.")


def _written(desk: Desk, file: Path, routing: str) -> str:
    """Write the orders; the file is opened first, so that no order is noted that no file holds."""
    try:
        with file.open("xb") as out:
            sent = _ordered(desk, file, routing)
            out.write(sent.content)
    except OSError as error:
        raise ORDERS_NOT_WRITTEN.because(f"{file}: {error.strerror}") from error
    return sent.digest


def _ordered(desk: Desk, file: Path, routing: str) -> Origination:
    try:
        return sending.send_orders(desk.provider_books(), bank=routing, now=desk.home.now)
    except Refused:
        file.unlink()
        raise


def _listed(title: str, data: list[dict[str, Any]], columns: tuple[str, ...]) -> Answer:
    shown = [{**each, **_amount(each)} for each in data]
    return Answer(data, many(title, shown, columns).shown)


def _amount(data: dict[str, Any]) -> dict[str, str]:
    return {"amount": format_dollars(data["amount_mills"])}
