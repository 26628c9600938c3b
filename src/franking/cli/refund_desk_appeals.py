"""``franking refund-desk``, continued: appeals, and the designees of a district."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated

import typer
from rich.table import Table

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.money import format_dollars
from franking.postal.refunds import appealing, designating, views
from franking.postal.refunds.decisions import OFFICERS
from franking.postal.refunds.records import RefundAppeal
from franking.rules.permissions import Role

Number = Annotated[int, typer.Argument(metavar="CASE", help="The number of the case.")]


def appeal(
    desk: Desk,
    number: Number,
    letter: Annotated[str, typer.Option(help="What the authorized user writes.")],
    originals: Annotated[int, typer.Option(min=0, help="How many original indicia came.")],
    by: Annotated[str, typer.Option(help="Who appeals.")],
) -> Answer:
    """File an appeal within 30 days of receipt, with the original indicia (DMM 604.9.2.8)."""
    filed = appealing.file_refund_appeal(
        desk.postal_books(Role.POSTMASTER),
        number,
        letter=letter,
        originals=originals,
        filed_by=by,
        now=desk.home.now,
    )
    through = f"through the {filed.through} " if filed.through else ""
    return Answer(views.as_json(filed), f"It goes {through}to the {filed.to}, who decides finally.")


def forward(desk: Desk, number: Number) -> Answer:
    """Send an appeal on, as the officer through whom it goes."""
    role = _role_of(desk, number, lambda found: found.through, Role.POSTMASTER)
    done = appealing.forward_refund_appeal(desk.postal_books(role), number, now=desk.home.now)
    return Answer(views.as_json(done), f"It is with the {done.to}.")


def hear(
    desk: Desk,
    number: Number,
    because: Annotated[str, typer.Option(help="Why, in words.")],
    grant: Annotated[
        list[int] | None, typer.Option(metavar="LINE", help="Grant a line; repeatable.")
    ] = None,
) -> Answer:
    """Decide an appeal finally; without --grant it is denied."""
    role = _role_of(desk, number, lambda found: found.to, Role.POSTAGE_TECHNOLOGY_MANAGER)
    done = appealing.decide_refund_appeal(
        desk.postal_books(role),
        desk.home.postal.signer,
        number,
        grant=tuple(grant or ()),
        because=because,
        now=desk.home.now,
    )
    desk.carry()
    word = "sustained" if done.sustained else "denied"
    amount = format_dollars(done.granted_mills)
    return Answer(views.as_json(done), f"The appeal is {word}: {amount} more. This is final.")


def appeals(
    desk: Desk,
    everything: Annotated[bool, typer.Option("--all", help="Decided ones too.")] = False,
) -> Answer:
    """List the appeals that wait."""
    data = views.appeals_view(desk.postal_books(Role.POSTMASTER), everything=everything)
    table = Table("Case", "Filed", "By", "Through", "To", "Status", box=None)
    for each in data:
        shown = ("case", "filed_on", "filed_by", "through", "to", "status")
        table.add_row(*(str(each[name]) for name in shown))
    return Answer(data, table if data else "No appeal waits.")


def designate(
    desk: Desk,
    district: Annotated[str, typer.Argument(help="The district.")],
    designee: Annotated[str, typer.Argument(help="Who may rule for the manager.")],
    letter: Annotated[str, typer.Option(help="The writing: its date and reference.")],
) -> Answer:
    """Name somebody in writing to rule on undated metered postage (DMM 604.9.2.8c)."""
    books = desk.postal_books(Role.BUSINESS_MAIL_ENTRY_MANAGER)
    named = designating.designate(
        books, district=district, designee=designee, letter=letter, now=desk.home.now
    )
    return Answer(views.as_json(named), f"{designee} may rule for {district} from today.")


def end_designation(
    desk: Desk, number: Annotated[int, typer.Argument(help="Of the designation.")]
) -> Answer:
    """End a designation with this day."""
    books = desk.postal_books(Role.BUSINESS_MAIL_ENTRY_MANAGER)
    designating.end_designation(books, number, now=desk.home.now)
    return Answer({"number": number}, f"Designation {number} ends today.")


def designees(
    desk: Desk, district: Annotated[str, typer.Option(help="Only of this one.")] = ""
) -> Answer:
    """List who was named in writing."""
    data = views.designations_view(desk.postal_books(Role.POSTMASTER), district=district)
    table = Table("Number", "District", "Designee", "By", "Writing", "Since", "Until", box=None)
    for each in data:
        names = ("number", "district", "designee", "named_by", "letter", "since")
        table.add_row(*(str(each[name]) for name in names), each["until"] or "")
    return Answer(data, table if data else "Nobody was named.")


def _role_of(
    desk: Desk, number: int, officer: Callable[[RefundAppeal], str], otherwise: Role
) -> Role:
    """The role of an appeal's officer, for who does not say in which he acts."""
    with desk.postal_books().reading() as reading:
        found = appealing.find_appeal(reading, number)
    return OFFICERS.get(officer(found), otherwise) if found else otherwise


COMMANDS: Mapping[str, Callable[..., Answer]] = MappingProxyType(
    {
        "appeal": appeal,
        "forward": forward,
        "hear": hear,
        "appeals": appeals,
        "designate": designate,
        "end-designation": end_designation,
        "designees": designees,
    }
)
"""The commands of this module by name, in the order that ``--help`` shows."""


def register(app: typer.Typer) -> None:
    """Add the commands to ``franking refund-desk``."""
    for name, body in COMMANDS.items():
        command(app, name)(body)
