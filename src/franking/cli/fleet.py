"""``franking fleet``: hosted devices, their evidence in shared commits, and their anchors.

A hosted device is named by its device ID; every ``franking device`` command works on it too.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.errors import EXIT_REFUSED, Refused
from franking.home import exchange, fleet
from franking.money import format_dollars, parse_dollars
from franking.provider.hosting.records import Difference
from franking.psd.records import Evidence, EvidenceRequest
from franking.rules.permissions import Role

app = typer.Typer(no_args_is_help=True, help="Hosted devices: many in one database.")

_PIECES_MAX = 1_000_000


@command(app, "create")
def create(
    desk: Desk,
    zip_code: Annotated[str, typer.Option("--zip", help="ZIP Code of the licensing post office.")],
    count: Annotated[int, typer.Option(help="How many devices.", min=1, max=1000)] = 1,
    city: Annotated[str, typer.Option(help="Its city.")] = "",
    state: Annotated[str, typer.Option(help="Its state, two letters.")] = "",
    licensee: Annotated[str, typer.Option(help="Who uses the devices.")] = "Mailer of this home",
    address: Annotated[str, typer.Option(help="The licensee's address.")] = "at this post office",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be made.")] = False,
) -> Answer:
    """Make hosted devices and authorize them for a licensee at a post office."""
    if dry_run:
        return Answer({"count": count, "made": []}, f"{count} hosted devices would be made.")
    applicant = exchange.Applicant(name=licensee, address=address)
    office = exchange.PostOffice(zip_code=zip_code, city=city, state=state)
    made = [fleet.host_device(desk.home, applicant, office) for _ in range(count)]
    names = [each["device"] for each in made]
    return Answer(
        {"count": count, "made": made},
        f"Made: {', '.join(names)}.\n"
        f"Next: franking device reset {names[0]} --amount 50.00 --pay wire",
    )


@command(app, "list")
def list_hosted(desk: Desk) -> Answer:
    """Show every hosted device: where its journal stands, and what it evidenced."""
    found = fleet.list_hosted(desk.home)
    table = Table("device", "entry", "ascending", title="Hosted devices")
    for each in found:
        spent = format_dollars(each["ascending_mills"])
        table.add_row(each["device"], str(each["sequence"]), spent)
    return Answer(found, table)


@command(app, "evidence")
def evidence(
    desk: Desk,
    name: Annotated[str, typer.Argument(metavar="DEVICE", help="Its device ID.")],
    postage: Annotated[str, typer.Option(help="Dollars a piece, such as 0.78.")],
    request_id: Annotated[str, typer.Option(help="Your name for the piece, or their prefix.")],
    pieces: Annotated[int, typer.Option(help="How many.", min=1, max=_PIECES_MAX)] = 1,
) -> Answer:
    """Debit a hosted device for one piece or many; each is released when it is durable.

    Many are named REQUEST_ID-1, REQUEST_ID-2 and so on: the same names give the same bytes.
    """
    home = desk.home
    fleet.require_hosted(home, name)
    names = [request_id] if pieces == 1 else [f"{request_id}-{n + 1}" for n in range(pieces)]
    requests = [EvidenceRequest(each, parse_dollars(postage)) for each in names]
    outcomes = home.fleet.evidence_many(name, requests, home.now)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    if refused and len(refused) == len(outcomes):
        raise refused[0]
    done = [outcome for outcome in outcomes if isinstance(outcome, Evidence)]
    left = format_dollars(done[-1].registers.descending_mills)
    return Answer(
        {
            "device": name,
            "pieces": [_piece(each) for each in done],
            "refused": [each.as_json() for each in refused],
        },
        f"{len(done)} of {len(outcomes)} pieces evidenced; {left} left in {name}.",
        exit_status=EXIT_REFUSED if refused else 0,
        warnings=tuple({each.detail: None for each in refused}),
    )


@command(app, "anchor")
def anchor(desk: Desk) -> Answer:
    """Report the journals that moved to the Postal Service, so that no restore goes unseen."""
    told = fleet.anchor(desk.home, desk.provider_books(Role.PROVIDER_AGENT))
    return Answer({"anchored": told}, f"{told} hosted journals were reported.")


@command(app, "reconcile")
def reconcile(
    desk: Desk,
    fault: Annotated[
        bool,
        typer.Option("--fault", help="Fault the devices that differ: their keys are destroyed."),
    ] = False,
) -> Answer:
    """Hold the fleet, as after a restore, against what the Postal Service holds of it."""
    books = desk.provider_books(Role.PROVIDER_SECURITY_OFFICER)
    found = fleet.reconcile(desk.home, books, fault=fault)
    data = {"differences": [_difference(each) for each in found], "faulted": fault}
    if not found:
        return Answer(data, "Every hosted journal reaches its anchor.")
    table = Table("device", "what", "why", title="Not what was anchored")
    for each in found:
        table.add_row(each.anchor.device, each.kind, each.detail)
    return Answer(data, table, exit_status=EXIT_REFUSED)


def _piece(evidence: Evidence) -> dict[str, object]:
    return {
        "request_id": evidence.request_id,
        "sequence": evidence.sequence,
        "ascending_mills": evidence.registers.ascending_mills,
        "indicium_hex": evidence.indicium.hex(),
    }


def _difference(found: Difference) -> dict[str, object]:
    return {
        "device": found.anchor.device,
        "kind": found.kind.value,
        "anchored_sequence": found.anchor.sequence,
        "detail": found.detail,
    }
