"""``franking adjustment``, continued: what the Postal Service decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any

import typer
from rich.table import Table

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.home.provider_office import NAME
from franking.money import format_dollars, parse_dollars
from franking.postal.adjustments import commands
from franking.postal.adjustments.records import Adjustment
from franking.rules.permissions import Role

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The number at the desk.")]
Because = Annotated[str, typer.Option(help="Why, in words.")]
Amount = Annotated[
    str, typer.Option(help="In dollars: credited to the licensee; below zero collected.")
]


def desk(
    desk: Desk, office: Annotated[str, typer.Option("--zip", help="Only of this office.")] = ""
) -> Answer:
    """List what a desk has before it: defective devices, and adjustments to decide."""
    data = commands.adjustments_view(desk.postal_books(Role.LICENSING_OFFICER), office=office)
    table = Table("What", "Provider", "Device", "Facts", "Status", box=None)
    for each in data["defects"]:
        table.add_row("defect", *_words(each, "provider", "serial", "defect"), "")
    for each in data["adjustments"]:
        amount: Any = each["recommended_mills"]
        facts = f"{format_dollars(amount)} recommended: {each['basis']}"
        what = f"adjustment {each['number']}"
        table.add_row(what, *_words(each, "provider", "serial"), facts, str(each["status"]))
    return Answer(data, table if any(data.values()) else "Nothing waits.")


def defect_at_office(
    desk: Desk,
    serial: Annotated[str, typer.Argument(metavar="SERIAL", help="The device's serial or ID.")],
    defect: Annotated[str, typer.Option(help="What the licensee says is wrong.")],
    licence: Annotated[str, typer.Option(help="The licence it is leased under.")],
    office: Annotated[str, typer.Option("--zip", help="The licensing post office.")],
    provider: Annotated[str, typer.Option(help="Whose device it is.")] = NAME,
) -> Answer:
    """Note what a licensee reports to the licensing postmaster (DMM P030.2.8, 1995)."""
    noted = commands.note_defect_at_office(
        desk.postal_books(Role.POSTMASTER),
        provider=provider,
        serial=serial,
        licence=licence,
        office=office,
        defect=defect,
        now=desk.home.now,
    )
    return Answer(commands.defect_json(noted), f"Noted: {serial} is defective.")


def decide(desk: Desk, number: Number, amount: Amount, because: Because) -> Answer:
    """Decide on an adjustment; the provider carries it out."""
    decided = commands.decide_adjustment(
        desk.postal_books(Role.LICENSING_OFFICER),
        desk.home.postal.signer,
        number,
        amount_mills=parse_dollars(amount),
        because=because,
        now=desk.home.now,
    )
    desk.carry()
    return _answer(decided)


def appeal(
    desk: Desk,
    number: Number,
    letter: Annotated[str, typer.Option(help="What the licensee writes.")],
    by: Annotated[str, typer.Option(help="Who appeals.")],
) -> Answer:
    """Appeal an adjustment within sixty days of the provider's recommendation."""
    books = desk.postal_books(Role.LICENSING_OFFICER)
    filed = commands.appeal_adjustment(books, number, letter=letter, filed_by=by, now=desk.home.now)
    return Answer({"appeal": filed.id, "adjustment": number}, f"Appeal {filed.id} is filed.")


def hear(
    desk: Desk,
    number: Number,
    because: Because,
    amount: Annotated[
        str, typer.Option(help="The amount instead; left out, the decision stands.")
    ] = "",
) -> Answer:
    """Decide an appeal finally, as the manager of Retail Systems and Equipment."""
    decided = commands.decide_adjustment_appeal(
        desk.postal_books(Role.RSE_MANAGER),
        desk.home.postal.signer,
        number,
        amount_mills=parse_dollars(amount) if amount else None,
        reason=because,
        now=desk.home.now,
    )
    desk.carry()
    return _answer(decided)


def _answer(decided: Adjustment) -> Answer:
    amount = format_dollars(decided.decided_mills)
    words = f"{amount} for {decided.serial} is {decided.status.value}; {decided.provider} is told."
    return Answer(commands.adjustment_json(decided), words)


def _words(each: Mapping[str, object], *names: str) -> list[str]:
    return [str(each[name]) for name in names]


COMMANDS: Mapping[str, Callable[..., Answer]] = MappingProxyType(
    {
        "desk": desk,
        "defect-at-office": defect_at_office,
        "decide": decide,
        "appeal": appeal,
        "hear": hear,
    }
)
"""The commands of this module by name, in the order that ``--help`` shows."""


def register(app: typer.Typer) -> None:
    """Add the commands to ``franking adjustment``."""
    for name, body in COMMANDS.items():
        command(app, name)(body)
