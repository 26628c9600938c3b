"""``franking appeal``: appeals to the manager of Retail Systems and Equipment."""

from __future__ import annotations

from typing import Annotated

import typer

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.cli.licensing_options import Because, Rulebook, day, many, one
from franking.postal.licences import appealing, views
from franking.postal.licences.records import Appeal
from franking.rules.permissions import Role

app = typer.Typer(help="Appeals of refusals, revocations, adjustments.", no_args_is_help=True)
Letter = Annotated[str, typer.Option(help="What the appellant writes.")]
By = Annotated[str, typer.Option(help="Who appeals; else who acts.")]
_COLUMNS = ("appeal", "kind", "status", "filed_on", "days_open", "against", "heard_by", "reason")


@command(app, "refusal")
def refusal(
    desk: Desk,
    application: Annotated[str, typer.Argument(metavar="APPLICATION")],
    letter: Letter,
    by: By = "",
) -> Answer:
    """Appeal the refusal of an application within ten days of its receipt."""
    books = desk.postal_books(Role.MAILER)
    filed = appealing.appeal_refusal(
        books, application, letter=letter, filed_by=by or books.by.name, now=desk.home.now
    )
    return _shown(desk, filed)


@command(app, "revocation")
def revocation(
    desk: Desk,
    licence: Annotated[str, typer.Argument(metavar="LICENCE")],
    letter: Letter,
    by: By = "",
) -> Answer:
    """Appeal a revocation; before it takes effect, that is stayed."""
    books, signer = desk.postal_books(Role.MAILER), desk.home.postal.signer
    filed_by, now = by or books.by.name, desk.home.now
    filed = appealing.appeal_revocation(
        books, signer, licence, letter=letter, filed_by=filed_by, now=now
    )
    desk.carry()
    return _shown(desk, filed)


@command(app, "adjustment")
def adjustment(
    desk: Desk,
    device: Annotated[str, typer.Argument(metavar="SERIAL")],
    letter: Letter,
    submitted: Annotated[str, typer.Option(help="When the provider sent its recommendation.")],
    against: Annotated[str, typer.Option(help="Who decided on the adjustment.")],
    rulebook: Rulebook = "meter-1995",
    by: By = "",
) -> Answer:
    """Appeal a postage adjustment within sixty days of the provider's recommendation."""
    books, now = desk.postal_books(Role.MAILER), desk.home.now
    filed = appealing.appeal_adjustment(
        books,
        device=device,
        rulebook=rulebook,
        submitted_on=day(submitted, now.date()),
        decided_by=against,
        letter=letter,
        filed_by=by or books.by.name,
        now=now,
    )
    return _shown(desk, filed)


@command(app, "decide")
def decide(
    desk: Desk,
    appeal: Annotated[
        str, typer.Argument(metavar="APPEAL", help="As `appeal list` names it; or the licence.")
    ],
    because: Because,
    sustain: Annotated[bool, typer.Option("--sustain/--deny", help="For the appellant, or not.")],
) -> Answer:
    """Decide an appeal; by somebody who did not decide what is appealed."""
    books, signer = desk.postal_books(Role.RSE_MANAGER), desk.home.postal.signer
    now = desk.home.now
    decided = appealing.decide_appeal(
        books,
        signer,
        appealing.appeal_named(books, appeal),
        sustain=sustain,
        reason=because,
        now=now,
    )
    desk.carry()
    return _shown(desk, decided)


@command(app, "list")
def list_appeals(desk: Desk) -> Answer:
    """List the appeals with their age."""
    found = views.appeal_list(desk.home.postal.books, desk.home.now)
    return many("Appeals", found, _COLUMNS)


def _shown(desk: Desk, appeal: Appeal) -> Answer:
    return one(f"Appeal {appeal.id}", views.appeal_view(appeal, desk.home.now.date()))
