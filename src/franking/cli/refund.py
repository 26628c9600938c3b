"""``franking refund``: what can be asked back, by which route, and refunds through the provider."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from franking.cli import refund_deciding
from franking.cli.answer import Answer, facts
from franking.cli.command import USAGE, Desk, command
from franking.cli.form import Drawn, with_paper
from franking.cli.licensing_options import many
from franking.cli.options import gathered
from franking.cli.refund_showing import LISTED, shown_case
from franking.cli.unused_items import listed_items, printed_items
from franking.clock import parse_date
from franking.money import format_dollars, parse_dollars
from franking.provider.refunds import filing, views
from franking.provider.refunds.records import CaseStatus, Filing
from franking.refunds.navigator import advise as advised
from franking.refunds.records import (
    EvidenceKind,
    Item,
    Manner,
    Payout,
    Question,
    Requester,
    System,
    Thing,
    Withdrawal,
)
from franking.refunds.showing import advice_facts, advice_json
from franking.rules.permissions import Role

app = typer.Typer(help="Refunds: what can be asked back, and how.", no_args_is_help=True)

Case = Annotated[str, typer.Argument(metavar="CASE", help="As `refund list` names it.")]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody wants back."""

    what: Annotated[Thing, typer.Option(help="What is asked back.")] = Thing.INDICIA
    system: Annotated[
        System | None, typer.Option(help="What held or printed it; else what the device is.")
    ] = None
    device: Annotated[str, typer.Option(metavar="SERIAL", help="The system, if it is known.")] = ""
    undated: Annotated[bool, typer.Option("--undated", help="No date is shown.")] = False
    pic: Annotated[
        str, typer.Option(metavar="SERVICE", help="The service of the PIC: Express Mail, Confirm …")
    ] = ""
    withdrawn: Annotated[Withdrawal, typer.Option(help="Why the system was withdrawn.")] = (
        Withdrawal.ORDINARY
    )
    not_returned: Annotated[
        bool, typer.Option("--not-returned", help="The damaged system is not there any more.")
    ] = False
    unreadable: Annotated[
        bool, typer.Option("--unreadable", help="Its registers cannot be read.")
    ] = False
    by: Annotated[Requester, typer.Option("--by", help="Who asks.")] = Requester.AUTHORIZED_USER
    amount: Annotated[str, typer.Option(help="In dollars, as far as it is known.")] = "0"


@dataclass(frozen=True, kw_only=True)
class Advised(Asked):
    """What the navigator is asked."""

    shown_on: Annotated[str, typer.Option(help="The date shown in the indicium.")] = ""
    printed_on: Annotated[str, typer.Option(help="The day of printing.")] = ""
    rules: Annotated[str, typer.Option(help="Ask under this rulebook; else that of the day.")] = ""


@dataclass(frozen=True, kw_only=True)
class Filed(Asked):
    """What a request says."""

    licence: Annotated[str, typer.Option(help="Under which the system is or was.")]
    items: Annotated[
        Path | None, typer.Option("--items", metavar="CSV", help="The list of the items.")
    ] = None
    prints: Annotated[
        list[Path] | None, typer.Option("--print", help="A scan of items; repeatable.")
    ] = None
    payout: Annotated[Payout | None, typer.Option(help="How it is to be paid.")] = None
    target: Annotated[
        str, typer.Option(metavar="SERIAL", help="The system to transfer value to.")
    ] = ""
    manner: Annotated[
        Manner | None, typer.Option(help="How it was submitted, if not as it has to be.")
    ] = None


@command(app, "advise")
@gathered(Advised)
def advise(desk: Desk, asked: Advised) -> Answer:
    """Tell, before anything is filed: the clock, the decider, the evidence, the last day, the pay.

    Nothing is written. The same rules decide afterwards.
    """
    question = replace(
        _question(desk, asked),
        date_shown=parse_date(asked.shown_on) if asked.shown_on else None,
        printed_on=parse_date(asked.printed_on) if asked.printed_on else None,
    )
    found = advised(question, desk.home.now.date(), rulebook=asked.rules)
    title = "This is how it goes" if found.is_open else "As it stands, something is in the way"
    return Answer(advice_json(found), facts(title, advice_facts(found)))


@command(app, "file")
@gathered(Filed)
def file(desk: Desk, asked: Filed) -> Answer:
    """File a request that goes through the provider: value in a system, or PC Postage.

    Metered indicia go to the post office (`franking refund-desk file`), a balance comes back with
    `franking funds refund-balance`.
    """
    books = desk.provider_books(Role.MAILER)
    case = filing.file_refund(books, _filing(desk, asked), desk.home.now)
    return shown_case(desk, case.id)


@command(app, "list")
def list_cases(
    desk: Desk,
    status: Annotated[CaseStatus | None, typer.Option(help="Only those that are so.")] = None,
    licence: Annotated[str, typer.Option(help="Only those of a licence.")] = "",
) -> Answer:
    """List the requests that go through the provider."""
    found = views.refunds(desk.provider_books(), status=status, licence=licence)
    return many("Refunds", [views.case_json(each) for each in found], LISTED)


@command(app, "show")
def show(desk: Desk, case: Case, pdf: Drawn = None) -> Answer:
    """Show a request: its items, what came, what is missing, its history; draw it."""
    return with_paper(shown_case(desk, case), desk, "refund-request", case, pdf)


@command(app, "evidence")
def evidence(
    desk: Desk,
    case: Case,
    kind: Annotated[EvidenceKind, typer.Argument(help="What came.")],
    document: Annotated[str, typer.Argument(help="What it is, or what it says.")],
    attached: Annotated[
        Path | None, typer.Option("--file", help="The document; its digest is kept.")
    ] = None,
) -> Answer:
    """Add something that came for a request: a statement, an attestation, a record."""
    books = desk.provider_books(Role.MAILER)
    filing.add_evidence(
        books, case, kind, document=document, digest=_digest(attached), now=desk.home.now
    )
    return shown_case(desk, case)


@command(app, "manifest")
def manifest(desk: Desk, case: Case, pdf: Drawn = None) -> Answer:
    """List the items of a request as they have to lie: by system, by value, in bundles."""
    listed = views.manifest_of(desk.provider_books(), case)
    data: dict[str, Any] = {
        "case": case,
        "pieces": listed.pieces,
        "total_mills": listed.total_mills,
        "bundles": [
            {
                "number": each.number,
                "device": each.device,
                "postage_mills": each.postage_mills,
                "pieces": each.pieces,
                "bundled": each.is_full,
            }
            for each in listed.bundles
        ],
    }
    columns = ("number", "device", "postage", "pieces", "lie")
    lines = [
        {
            **each,
            "postage": format_dollars(each["postage_mills"]),
            "lie": f"bundle of {each['pieces']}" if each["bundled"] else "loose",
        }
        for each in data["bundles"]
    ]
    shown = many(f"Manifest of {case}", lines, columns).shown
    return with_paper(Answer(data, shown), desk, "refund-manifest", case, pdf)


refund_deciding.register(app)


def _question(desk: Desk, asked: Asked) -> Question:
    """What is asked, with what the books know of the device."""
    known = Question(thing=asked.what)
    if asked.device:
        with desk.home.provider.books.reading() as reading:
            known = filing.question_of_device(reading, asked.device)
    return replace(
        known,
        thing=asked.what,
        system=asked.system or known.system,
        dated=not asked.undated,
        pic=asked.pic,
        withdrawal=asked.withdrawn,
        returned=not asked.not_returned,
        legible=not asked.unreadable,
        requester=asked.by,
        amount_mills=parse_dollars(asked.amount),
    )


def _filing(desk: Desk, asked: Filed) -> Filing:
    dated = not asked.undated
    items = (
        *listed_items(asked.items),
        *printed_items(desk.home, asked.prints or [], dated=dated),
    )
    if items and asked.what is not Thing.INDICIA:
        raise USAGE.because("items are asked for with --what 'unused indicia'")
    question = _question(desk, asked)
    if items:
        question = replace(question, **_of_items(desk, items, asked))
    is_of_value = asked.what is Thing.VALUE
    return Filing(
        question=question,
        licence=asked.licence,
        payout=asked.payout or (Payout.CREDIT if is_of_value else Payout.PROVIDER),
        device=asked.device if is_of_value else "",
        target=asked.target,
        items=items,
        manner=asked.manner,
    )


def _of_items(desk: Desk, items: tuple[Item, ...], asked: Filed) -> dict[str, Any]:
    """What the items themselves say: printed by what, dated, tracked."""
    with desk.home.provider.books.reading() as reading:
        printed_by = filing.question_of_device(reading, items[0].device)
    services = {each.pic_service for each in items}
    if len(services) > 1:
        raise USAGE.because("items with and without a PIC are asked for in two requests")
    dated = {each.dated for each in items}
    if len(dated) > 1:
        raise USAGE.because("dated and undated items are asked for in two requests")
    return {
        "system": asked.system or printed_by.system,
        "rulebook": printed_by.rulebook,
        "dated": dated.pop(),
        "pic": asked.pic or services.pop(),
    }


def _digest(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise USAGE.because(f"{path}: {error.strerror}") from error
