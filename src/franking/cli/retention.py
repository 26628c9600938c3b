"""``franking retention``: what is kept until when; holds, and destruction by two people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
import typer

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.cli.domains import DomainOption, Side
from franking.cli.form import Drawn, draw, drawn_words, require_drawable
from franking.cli.options import gathered
from franking.clock import parse_date, parse_instant
from franking.forms.custody import Destroyed, DestructionCertificate
from franking.forms.form import Party, Signed
from franking.postal import schema as postal_schema
from franking.provider import schema as provider_schema
from franking.provider.identity import identity
from franking.provider.retention.contents import CONTENTS
from franking.retention import Certificate, Retained, Retention
from franking.retention.decisions import RECORD_NOT_RETAINED
from franking.retention.retention import LIFE, Contents
from franking.rules.permissions import Role
from franking.storage import Books

app = typer.Typer(
    help="Records: how long they are kept, and their destruction.", no_args_is_help=True
)

Record = Annotated[str, typer.Argument(metavar="RECORD", help="Such as device:0100000001.")]
KindOption = Annotated[str, typer.Option("--kind", help="Which kind of record.")]


@dataclass(frozen=True, kw_only=True)
class Destroying:
    """What the second of two people destroys."""

    record: Record
    kind: KindOption = LIFE
    method: Annotated[str, typer.Option(help="How, for the certificate.")] = (
        "deleted from the books"
    )
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say whether it may go.")] = False
    pdf: Drawn = None


@command(app, "list")
def list_retained(
    desk: Desk,
    until: Annotated[str, typer.Option(help="Only what may be destroyed by this day.")] = "",
    domain: DomainOption = Side.PROVIDER,
) -> Answer:
    """List what is retained, by the day on which it must be destroyed."""
    retention, books = _place(desk, domain)
    by = parse_date(until) if until else None
    found = retention.listed(books, until=by)
    data = [msgspec.to_builtins(each) for each in found]
    rows = {each.record: _term(each) for each in found}
    return Answer(data, facts("Retained", rows) if rows else "Nothing is retained.")


@command(app, "show")
def show(desk: Desk, record: Record, domain: DomainOption = Side.PROVIDER) -> Answer:
    """Show what is retained about a record, what holds it, and who destroyed it."""
    retention, books = _place(desk, domain)
    with books.reading() as reading:
        kept, holds, certificates = retention.standing(reading, record)
    if not (kept or holds):
        raise RECORD_NOT_RETAINED.because(f"nothing is retained about {record}")
    data: dict[str, Any] = {
        "retained": msgspec.to_builtins(kept),
        "holds": msgspec.to_builtins(holds),
        "certificates": msgspec.to_builtins(certificates),
    }
    rows = {each.kind: _term(each) for each in kept}
    rows |= {f"hold {each.number}": f"{each.because} ({each.placed_by})" for each in holds}
    rows |= {f"certificate {each.number}": certified(each) for each in certificates}
    return Answer(data, facts(record, rows))


@command(app, "hold")
def hold(
    desk: Desk,
    record: Record,
    because: Annotated[str, typer.Option(help="The proceeding that needs the record.")],
    clause: Annotated[str, typer.Option(help="The clause or order behind the hold.")] = "policy",
    domain: DomainOption = Side.PROVIDER,
) -> Answer:
    """Hold a record: nobody destroys it, whatever its day, until the hold is lifted."""
    retention, books = _place(desk, domain, Role.PROVIDER_SECURITY_OFFICER, Role.RSE_MANAGER)
    placed = retention.place_hold(books, record, because=because, clause=clause, now=desk.home.now)
    return Answer(msgspec.to_builtins(placed), f"Hold {placed.number} stands on {record}.")


@command(app, "lift")
def lift(
    desk: Desk,
    record: Record,
    number: Annotated[int, typer.Argument(help="The number of the hold.")],
    domain: DomainOption = Side.PROVIDER,
) -> Answer:
    """Lift a hold; a ceiling that passed meanwhile counts again."""
    retention, books = _place(desk, domain, Role.PROVIDER_SECURITY_OFFICER, Role.RSE_MANAGER)
    lifted = retention.lift_hold(books, record, number, desk.home.now)
    return Answer(msgspec.to_builtins(lifted), f"Hold {number} on {record} is lifted.")


@command(app, "propose")
def propose(desk: Desk, record: Record, kind: KindOption = LIFE) -> Answer:
    """Propose to destroy a record: the first of two people."""
    books, now = desk.provider_books(Role.PROVIDER_AGENT), desk.home.now
    kept = provider_schema.RETENTION.propose_destruction(books, record, kind, now)
    said = f"{kept.proposed_by} proposes to destroy the {kind} of {record}; another one does it."
    return Answer(msgspec.to_builtins(kept), said)


@command(app, "destroy")
@gathered(Destroying)
def destroy(desk: Desk, asked: Destroying) -> Answer:
    """Destroy a record for good: the second of two people. Its name and a certificate stay."""
    books, now = desk.provider_books(Role.PROVIDER_AGENT), desk.home.now
    retention = provider_schema.RETENTION
    require_drawable(asked.pdf)
    if asked.dry_run:
        kept = retention.may_destroy(books, asked.record, asked.kind, _contents(asked.kind), now)
        return Answer(
            msgspec.to_builtins(kept), f"{asked.record} would be destroyed: {_term(kept)}"
        )
    certificate = retention.destroy(
        books, asked.record, asked.kind, _contents(asked.kind), method=asked.method, now=now
    )
    files = draw(_paper(desk, certificate, now), asked.pdf)
    data: dict[str, Any] = {**msgspec.to_builtins(certificate), "files": files}
    said = f"Certificate {certificate.number}: {certified(certificate)} {drawn_words(files)}"
    return Answer(data, said)


def _contents(kind: str) -> Contents:
    """What deletes a kind of record from the provider's books.

    Raises:
        Refused: ``RECORD_NOT_RETAINED`` where such records are kept outside them.
    """
    if kind not in CONTENTS:
        raise RECORD_NOT_RETAINED.because(f"these books hold no {kind}")
    return CONTENTS[kind]


def _place(
    desk: Desk,
    domain: Side,
    provider: Role = Role.PROVIDER_AGENT,
    postal: Role = Role.LICENSING_OFFICER,
) -> tuple[Retention, Books]:
    if domain is Side.PROVIDER:
        return provider_schema.RETENTION, desk.provider_books(provider)
    return postal_schema.RETENTION, desk.postal_books(postal)


def _paper(desk: Desk, certificate: Certificate, now: datetime) -> DestructionCertificate:
    on = now.date()
    what = f"{certificate.kind}, {certificate.rows} rows"
    record = Destroyed(what=what, identity=certificate.record, clause=certificate.clause)
    return DestructionCertificate(
        number=str(certificate.number),
        owner=Party(name=identity(desk.home.provider.books).name),
        on=on,
        method=certificate.method,
        items=(record,),
        first=Signed(name=certificate.first, on=on),
        second=Signed(name=certificate.second, on=on),
    )


def _term(kept: Retained) -> str:
    floor = "for good" if kept.keep_until is None else f"until {kept.keep_until}"
    ceiling = "" if kept.destroy_by is None else f", destroyed by {kept.destroy_by}"
    return f"{kept.kind}, kept {floor}{ceiling} ({kept.clause}); {kept.status}"


def certified(certificate: Certificate) -> str:
    """What a certificate of destruction says, in words."""
    day: date = parse_instant(certificate.destroyed_at).date()
    return (
        f"{certificate.kind} of {certificate.record}, {certificate.rows} rows, "
        f"{certificate.method} on {day} by {certificate.first} and {certificate.second}."
    )
