"""``franking refund-desk``: refunds as the Postal Service rules on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table

from franking.cli import refund_desk_appeals, refund_desk_money
from franking.cli.answer import Answer, facts, minute
from franking.cli.command import Desk, command
from franking.cli.options import gathered
from franking.cli.unused_items import denied_lines, listed_items, printed_items
from franking.clock import parse_date
from franking.money import format_dollars, parse_dollars
from franking.postal.refunds import filing, ruling, views
from franking.postal.refunds.decisions import route_of
from franking.postal.refunds.filing import CounterRequest
from franking.postal.refunds.records import CaseStatus
from franking.refunds.records import Decider, Payout, Requester, System
from franking.rules.permissions import Role
from franking.storage import Books

app = typer.Typer(
    help="Refunds at the post office: requests, rulings, appeals, checks.", no_args_is_help=True
)
refund_desk_appeals.register(app)
refund_desk_money.register(app)

Number = Annotated[int, typer.Argument(metavar="CASE", help="The number of the case.")]
Because = Annotated[str, typer.Option(help="Why, in words.")]


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """What somebody hands in."""

    requester: Annotated[str, typer.Option(help="Who asks.")]
    office: Annotated[str, typer.Option("--zip", help="The local post office.")]
    items: Annotated[
        Path | None, typer.Option("--items", metavar="CSV", help="The list of the items.")
    ] = None
    prints: Annotated[
        list[Path] | None, typer.Option("--print", help="A scan of items; repeatable.")
    ] = None
    undated: Annotated[
        bool, typer.Option("--undated", help="The prints show no date to the eye.")
    ] = False
    district: Annotated[str, typer.Option(help="The district of the office.")] = ""
    licence: Annotated[str, typer.Option(help="The licence number.")] = ""
    proof: Annotated[str, typer.Option(help="lease, rental agreement or contract.")] = ""
    letter: Annotated[str, typer.Option(help="The signed letter: why they were not mailed.")] = ""
    preparer: Annotated[
        bool, typer.Option("--preparer", help="Asked by who prepared the mailing.")
    ] = False
    pc_postage: Annotated[bool, typer.Option("--pc-postage", help="They are PC Postage.")] = False


@command(app, "file")
@gathered(HandedIn)
def file(desk: Desk, handed: HandedIn) -> Answer:
    """Take a request for unused metered postage with its items (DMM 604.9.3.2, 9.3.4)."""
    prints = handed.prints or []
    items = (
        *listed_items(handed.items),
        *printed_items(desk.home, prints, dated=not handed.undated),
    )
    request = CounterRequest(
        requester=handed.requester,
        capacity=Requester.COMMERCIAL_PREPARER if handed.preparer else Requester.AUTHORIZED_USER,
        office=handed.office,
        district=handed.district,
        licence=handed.licence,
        system=System.PC_POSTAGE if handed.pc_postage else System.METER,
        proof=handed.proof,
        letter=handed.letter,
        items=items,
    )
    case = filing.file_at_counter(desk.postal_books(Role.POSTMASTER), request, desk.home.now)
    return shown_case(desk, desk.postal_books(Role.POSTMASTER), case.number)


@command(app, "list")
def list_cases(
    desk: Desk,
    office: Annotated[str, typer.Option("--zip", help="Only of this post office.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Final ones too.")] = False,
) -> Answer:
    """List the requests that wait, of every route."""
    books = desk.postal_books(Role.POSTMASTER)
    data = views.cases_view(books, office=office, everything=everything)
    table = Table("Case", "Filed", "Of", "What", "Asked", "Granted", "Status", box=None)
    for each in data:
        asked, granted = each["asked_mills"], each["granted_mills"]
        table.add_row(
            str(each["number"]),
            each["filed_on"],
            each["requester"],
            each["route"],
            format_dollars(asked),
            format_dollars(granted),
            each["status"],
        )
    return Answer(data, table if data else "No request waits.")


@command(app, "show")
def show(desk: Desk, number: Number) -> Answer:
    """Show a request with every item, every reason, its appeal and its history."""
    return shown_case(desk, desk.postal_books(Role.POSTMASTER), number)


@command(app, "decide")
def decide(
    desk: Desk,
    number: Number,
    because: Because,
    deny: Annotated[
        list[str] | None, typer.Option(metavar="LINE=WHY", help="Deny a line; repeatable.")
    ] = None,
    hours: Annotated[int, typer.Option(min=1, help="What processing took.")] = 1,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be granted; decide nothing.")
    ] = False,
) -> Answer:
    """Rule on a request for indicia: everything that nothing is against is granted.

    Dated metered postage is the postmaster's; undated the business mail entry manager's, or a
    designee's who acts under his own role.
    """
    books = desk.postal_books(_decider(desk, number))
    if dry_run:
        denied = denied_lines(deny or [])
        found = ruling.preview_items(books, number, deny=denied)
        data = {"number": number, "items": [views.item_json(each) for each in found]}
        return Answer(data, _items(data))
    ruling.rule_on_items(
        books,
        desk.home.postal.signer,
        number,
        because=because,
        deny=denied_lines(deny or []),
        hours=hours,
        now=desk.home.now,
    )
    desk.carry()
    return shown_case(desk, books, number)


@command(app, "decide-value")
def decide_value(
    desk: Desk,
    number: Number,
    grant: Annotated[str, typer.Option(help="The amount granted, in dollars; 0 denies.")],
    because: Because,
) -> Answer:
    """Decide on the value of a withdrawn system (DMM 604.9.3.1); its provider is told."""
    books = desk.postal_books(Role.POSTAGE_TECHNOLOGY_MANAGER)
    ruling.rule_on_value(
        books,
        desk.home.postal.signer,
        number,
        granted_mills=parse_dollars(grant),
        because=because,
        now=desk.home.now,
    )
    desk.carry()
    return shown_case(desk, books, number)


@command(app, "received")
def received(
    desk: Desk,
    number: Number,
    on: Annotated[str, typer.Option(help="The day on which the ruling was received.")],
) -> Answer:
    """Note when a ruling was received: the days to appeal run from then."""
    books, day = desk.postal_books(Role.POSTMASTER), parse_date(on)
    ruling.note_receipt(books, number, received_on=day, now=desk.home.now)
    return shown_case(desk, books, number)


def shown_case(desk: Desk, books: Books, number: int) -> Answer:
    """A case as JSON and as people see it."""
    data = views.case_view(books, number)
    rows = {
        "what": f"{data['route']} ({data['origin']})",
        "asked by": f"{data['requester']}, {data['capacity']}",
        "status": data["status"],
        "asked": format_dollars(data["asked_mills"]),
        "granted": format_dollars(data["granted_mills"]),
        "kept for processing": format_dollars(data["charge_mills"]),
        "paid how": data["payout"] or "–",
        "ruled by": data["ruled_by"] or "nobody yet",
        "why": data["because"] or data["cause"] or "–",
        "appeal by": data["appeal_by"] or "–",
    }
    step = _next_step(data, number)
    rows |= {"next": step} if step else {}
    return Answer(
        data, Group(facts(f"Refund case {number}", rows), _items(data), _history(desk, data))
    )


def _next_step(data: Mapping[str, Any], number: int) -> str:
    """What the desk does next about a request; nothing where it is done or waits for others."""
    pays_here = data["payout"] in (Payout.CHECK, Payout.POST_OFFICE) and not data["checks"]
    match data["status"]:
        case CaseStatus.FILED if data["items"]:
            return f"franking refund-desk decide {number} --because …"
        case CaseStatus.FILED:
            return f"franking refund-desk decide-value {number} --grant … --because …"
        case CaseStatus.GRANTED | CaseStatus.FINAL if data["due_mills"] and pays_here:
            return f"somebody else: franking refund-desk pay {number} --as 'treasury officer:NAME'"
        case CaseStatus.APPEALED:
            return "franking refund-desk appeals"
    return ""


def _decider(desk: Desk, number: int) -> Role:
    """In which role somebody rules, where he does not say."""
    with desk.postal_books().reading() as reading:
        case = ruling.require_case(reading, number)
    is_undated = route_of(case).decider is Decider.BUSINESS_MAIL_ENTRY
    return Role.BUSINESS_MAIL_ENTRY_MANAGER if is_undated else Role.POSTMASTER


def _items(data: dict[str, Any]) -> Table:
    table = Table("Line", "Device", "Postage", "Date shown", "Granted", "Against it", box=None)
    for each in data["items"]:
        against = "; ".join(f"{why['detail']} ({why['clause']})" for why in each["reasons"])
        granted = {None: "–", True: "yes", False: "no"}[each["granted"]]
        postage = format_dollars(each["postage_mills"])
        shown = each["date_shown"] or "none"
        table.add_row(str(each["line"]), each["device"], postage, shown, granted, against)
    return table


def _history(desk: Desk, data: dict[str, Any]) -> Table:
    table = Table("At", "What", "By", "Why", box=None)
    for each in data["history"]:
        table.add_row(minute(each["at"], desk.home.now), each["event"], each["by"], each["because"])
    return table
