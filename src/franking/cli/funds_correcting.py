"""``franking funds``: what only two people do: counter-entries, and whose a payment is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.cli.licensing_options import Because, many
from franking.cli.pay import account_number
from franking.money import format_dollars, parse_dollars
from franking.provider.funds import corrections, views
from franking.provider.funds.records import Correction, CorrectionStatus

Number = Annotated[str, typer.Argument(metavar="CORRECTION")]
_COLUMNS = (
    "correction",
    "debit",
    "credit",
    "amount",
    "status",
    "proposed_by",
    "decided_by",
    "because",
)


def register(app: typer.Typer) -> None:
    """Add these commands to ``franking funds``."""
    group = typer.Typer(help="Counter-entries by two people.", no_args_is_help=True)
    for name, body in _COMMANDS.items():
        command(group, name)(body)
    app.add_typer(group, name="correct")
    command(app, "assign")(assign)


def propose(
    desk: Desk,
    debit: Annotated[str, typer.Argument(help="The account whose balance falls.")],
    credit: Annotated[str, typer.Argument(help="The account whose balance rises.")],
    amount: Annotated[str, typer.Argument(help="In dollars.")],
    because: Because,
    reference: Annotated[str, typer.Option(help="The posting or payment that is corrected.")],
) -> Answer:
    """Propose a counter-entry; another person decides."""
    proposed = corrections.propose_correction(
        desk.provider_books(),
        debit=debit,
        credit=credit,
        amount_mills=parse_dollars(amount),
        because=because,
        reference=reference,
        now=desk.home.now,
    )
    return _shown(proposed)


def approve(desk: Desk, number: Number) -> Answer:
    """Approve what another person proposed: it is posted."""
    return _decided(desk, number, approve=True)


def reject(desk: Desk, number: Number) -> Answer:
    """Reject what another person proposed."""
    return _decided(desk, number, approve=False)


def list_corrections(desk: Desk) -> Answer:
    """List the corrections: proposed, approved, rejected."""
    data = views.corrections_view(desk.provider_books())
    shown = [{**each, "amount": format_dollars(each["amount_mills"])} for each in data]
    return Answer(data, many("Corrections", shown, _COLUMNS).shown)


def assign(
    desk: Desk,
    payment: Annotated[str, typer.Argument(metavar="PAYMENT", help="One in suspense.")],
    account: Annotated[str, typer.Argument(metavar="ACCOUNT|DEVICE", help="Whose it is.")],
    because: Because,
) -> Answer:
    """Propose whose a payment in suspense is; another person approves it as a correction."""
    proposed = corrections.propose_assignment(
        desk.provider_books(),
        payment,
        account=account_number(desk.home, account),
        because=because,
        now=desk.home.now,
    )
    return _shown(proposed)


def _decided(desk: Desk, number: str, *, approve: bool) -> Answer:
    books = desk.provider_books()
    return _shown(corrections.decide_correction(books, number, approve=approve, now=desk.home.now))


def _shown(correction: Correction) -> Answer:
    amount = format_dollars(correction.amount_mills)
    told = f"{correction.number}: {amount} from {correction.debit} to {correction.credit}"
    next_step = (
        "\nNext, another person: franking funds correct approve"
        f" {correction.number} --as 'provider agent:NAME'"
    )
    is_open = correction.status is CorrectionStatus.PROPOSED
    said = f"{told}: {correction.status}.{next_step if is_open else ''}"
    return Answer(views.correction_json(correction), said)


_COMMANDS: dict[str, Callable[..., Answer]] = {
    "propose": propose,
    "approve": approve,
    "reject": reject,
    "list": list_corrections,
}
