"""``franking adjustment``: defective devices, malfunction reports, postage adjustments."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table

from franking.cli import adjustment_desk
from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.cli.options import gathered
from franking.clock import parse_date
from franking.errors import Refusal, Refused
from franking.money import format_dollars, parse_dollars
from franking.provider.adjustments import examining, reporting, rows, settling
from franking.provider.adjustments.records import (
    DayReading,
    DocumentKind,
    Malfunction,
    MalfunctionReport,
    Readout,
)
from franking.rules.permissions import Role

app = typer.Typer(help="Defective devices, and what their malfunction costs.", no_args_is_help=True)
adjustment_desk.register(app)
MALFUNCTION_UNREADABLE = Refusal(
    "MALFUNCTION_UNREADABLE",
    clause="policy",
    remedy="Write --memory 'NAME=ASCENDING/DESCENDING', --document 'KIND=WHICH', and a log as"
    " lines of day,ascending.",
    http_status=422,
)
Serial = Annotated[str, typer.Argument(metavar="SERIAL", help="The device's serial or ID.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The number of the report.")]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an examination found."""

    serial: Serial
    began: Annotated[str, typer.Option(help="From which day the registers are doubted.")]
    ended: Annotated[str, typer.Option(help="The last such day.")]
    registered: Annotated[str, typer.Option(help="Registered as used in these days, in dollars.")]
    fault: Annotated[str, typer.Option(help="What caused it, if that is known.")] = ""
    memory: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=ASC/DESC", help="A redundant memory's readout; repeatable."),
    ] = None
    document: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND=WHICH", help="A paper that accompanies it; repeatable."),
    ] = None
    fault_only: Annotated[bool, typer.Option("--fault-only", help="Nothing is to be adjusted.")] = (
        False
    )
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be recommended; send nothing.")
    ] = False


@command(app, "defect")
def defect(
    desk: Desk,
    serial: Serial,
    what: Annotated[str, typer.Option("--defect", help="What is wrong.")],
    by: Annotated[str, typer.Option(help="Who reported it.")] = "the licensee",
) -> Answer:
    """Take a licensee's report of a defective device; the Postal Service is told at once.

    It may not be used, gets no reset, and is to be retrieved within three business days.
    """
    device = reporting.report_defect(
        desk.provider_books(Role.PROVIDER_AGENT),
        desk.home.provider.signer,
        serial,
        by=by,
        defect=what,
        now=desk.home.now,
    )
    desk.carry()
    data = {"serial": serial, "state": device.state.value, "defect": what}
    return Answer(data, f"{serial} may not be used; retrieve it. The Postal Service is told.")


@command(app, "history")
def history(
    desk: Desk,
    serial: Serial,
    log: Annotated[Path, typer.Argument(help="The log: a CSV file of day,ascending.")],
) -> Answer:
    """Take in a licensee's register log: the recent mailing history of a device."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    kept = examining.keep_history(books, serial, read_log(log), desk.home.now)
    return Answer({"serial": serial, "new_days": kept}, f"{kept} days are new.")


@command(app, "report")
@gathered(Found)
def report(desk: Desk, found: Found) -> Answer:
    """Report a malfunction with its papers and a recommendation (501.22(h); 502.21(f)).

    It goes to the licensing post office for a meter, to Retail Systems and Equipment for a PSD.
    """
    books = desk.provider_books(Role.PROVIDER_AGENT)
    malfunction = _malfunction(desk, found, books.by.name)
    if found.dry_run:
        return _recommended(examining.recommend(books, malfunction, desk.home.now))
    sent = examining.report_malfunction(
        books,
        desk.home.provider.signer,
        malfunction,
        adjust=not found.fault_only,
        now=desk.home.now,
    )
    desk.carry()
    return _shown(sent)


@command(app, "papers")
@gathered(Found)
def papers(desk: Desk, found: Found) -> Answer:
    """List which papers a recommendation needs, and which of them are missing."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    needed, missing = examining.papers_needed(books, _malfunction(desk, found, books.by.name))
    table = Table("Paper", "There", box=None)
    for each in needed:
        table.add_row(each.words, "no" if each in missing else "yes")
    data = [{"paper": each.words, "missing": each in missing} for each in needed]
    return Answer(data, table)


@command(app, "show")
def show(desk: Desk, number: Number) -> Answer:
    """Show a malfunction report and what became of it."""
    with desk.provider_books().reading() as reading:
        return _shown(examining.require_report(reading, number))


@command(app, "list")
def list_reports(desk: Desk) -> Answer:
    """List the malfunction reports."""
    with desk.provider_books().reading() as reading:
        found = rows.every(reading)
    table = Table("Report", "Device", "Sent", "Recommended", "Decided", "Status", box=None)
    for each in found:
        table.add_row(
            each.name,
            each.serial,
            each.submitted_on.isoformat(),
            format_dollars(each.recommended_mills),
            format_dollars(each.decided_mills),
            each.status,
        )
    data = [examining.report_json(each) for each in found]
    return Answer(data, table if found else "No malfunction was reported.")


@command(app, "settle")
def settle(desk: Desk, number: Number) -> Answer:
    """Carry out a decision for which the money was not there before."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    return _shown(settling.settle_adjustment(books, number, now=desk.home.now))


def read_log(path: Path) -> list[DayReading]:
    """The readings in a licensee's log.

    Raises:
        Refused: ``MALFUNCTION_UNREADABLE``, naming every line that is wrong.
    """
    try:
        lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MALFUNCTION_UNREADABLE.because(f"{path}: {error}") from error
    body = lines[1:] if lines and lines[0][:1] == ["day"] else lines
    readings, wrong = [], []
    for number, line in enumerate(body, start=len(lines) - len(body) + 1):
        try:
            day, ascending = line
            readings.append(
                DayReading(day=parse_date(day), ascending_mills=parse_dollars(ascending))
            )
        except (Refused, ValueError) as error:
            wrong.append(f"line {number}: {error}")
    if wrong:
        raise MALFUNCTION_UNREADABLE.because("; ".join(wrong[:10]))
    return readings


def _malfunction(desk: Desk, found: Found, examiner: str) -> Malfunction:
    return Malfunction(
        serial=found.serial,
        examiner=examiner,
        examined_on=desk.home.now.date(),
        fault=found.fault,
        began_on=parse_date(found.began),
        ended_on=parse_date(found.ended),
        registered_mills=parse_dollars(found.registered),
        readouts=tuple(map(_readout, found.memory or ())),
        documents=_documents(found.document or ()),
    )


def _readout(text: str) -> Readout:
    name, _, values = text.partition("=")
    ascending, slash, descending = values.partition("/")
    if not name or not slash:
        raise MALFUNCTION_UNREADABLE.because(f"{text!r} is no readout")
    return Readout(
        memory=name,
        ascending_mills=parse_dollars(ascending),
        descending_mills=parse_dollars(descending),
    )


def _documents(given: Iterable[str]) -> dict[DocumentKind, str]:
    found = {}
    for each in given:
        kind, _, which = each.partition("=")
        if kind not in set(DocumentKind) or not which.strip():
            known = ", ".join(kind.value for kind in DocumentKind)
            raise MALFUNCTION_UNREADABLE.because(f"{each!r} is none of {known}, with which it is")
        found[DocumentKind(kind)] = which
    return found


def _recommended(found: examining.Recommendation) -> Answer:
    data = {
        "amount_mills": found.amount_mills,
        "basis": found.basis,
        "conclusive": found.conclusive,
    }
    return Answer(data, f"{format_dollars(found.amount_mills)}: {found.basis}.")


def _shown(sent: MalfunctionReport) -> Answer:
    data: dict[str, Any] = examining.report_json(sent)
    rows = {
        "device": sent.serial,
        "to": sent.addressee,
        "fault": sent.fault or "could not be determined",
        "recommended": format_dollars(sent.recommended_mills),
        "because": sent.basis,
        "status": sent.status.value,
        "decided": format_dollars(sent.decided_mills),
        "settled": format_dollars(sent.settled_mills),
    }
    papers = Table("Paper", "Which", box=None)
    for kind, which in sorted(sent.documents.items()):
        papers.add_row(kind.value, which)
    return Answer(data, Group(facts(f"Malfunction report {sent.name}", rows), papers))
