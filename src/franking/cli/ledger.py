"""``franking ledger``: what every account holds, its movements, and the independent audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer, facts, minute
from franking.cli.books import Sender
from franking.cli.command import Desk, command
from franking.cli.journal import EXPORT_UNREADABLE
from franking.clock import instant_text, parse_date
from franking.errors import EXIT_DONE, EXIT_REFUSED
from franking.ledger import AccountKind, Ledger, audit, comparing
from franking.ledger.records import Balance, Line
from franking.money import format_dollars
from franking.postal.schema import LEDGER as POSTAL_LEDGER
from franking.provider.schema import LEDGER as PROVIDER_LEDGER
from franking.rules.permissions import Role
from franking.storage import Books
from franking.storage.export import export_journal
from franking.storage.export_check import check_export

app = typer.Typer(help="Where the money is, to the mill.", no_args_is_help=True)

OfDomain = Annotated[Sender, typer.Option("--domain", help="Whose ledger.")]
AccountName = Annotated[
    str, typer.Argument(metavar="ACCOUNT", help="Such as deposits:50112233, or lockbox.")
]
On = Annotated[str, typer.Option(metavar="DAY", help="At the end of this day; else now.")]


@dataclass(frozen=True, slots=True)
class _Place:
    """The ledger of one domain, and the books that it is in."""

    books: Books
    ledger: Ledger


@command(app, "show")
def show(
    desk: Desk,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Only accounts of it.")] = "",
    on: On = "",
    domain: OfDomain = Sender.PROVIDER,
) -> Answer:
    """Show the chart of accounts, or every account of a kind with what it holds."""
    place = _place(desk, domain)
    if not kind:
        return Answer([asdict(line) for line in place.ledger.chart], _chart(place.ledger))
    with place.books.reading() as reading:
        found = place.ledger.balances(reading, kind=kind, on=_day(on))
    table = Table("account", "balance", "reserved", "available", title=_title(kind, on))
    for name, held in found.items():
        table.add_row(name, *map(format_dollars, _amounts(held)))
    return Answer({name: _as_json(held) for name, held in found.items()}, table)


@command(app, "account")
def account(desk: Desk, account: AccountName, domain: OfDomain = Sender.PROVIDER) -> Answer:
    """Show what an account holds, what of it is reserved, and what may be taken."""
    place = _place(desk, domain)
    with place.books.reading() as reading:
        held = place.ledger.balance(reading, account)
    line = place.ledger.chart.kind_of(account)
    shown = {
        "what it is": line.title,
        "balance": format_dollars(held.balance_mills),
        "reserved": format_dollars(held.pending_mills),
        "available": format_dollars(held.available_mills),
        "never below": _limit(line),
        "meaning": line.meaning,
        "clause": line.clause,
    }
    data = {"account": account, **_as_json(held), "kind": asdict(line)}
    return Answer(data, facts(account, shown))


@command(app, "lines")
def lines(
    desk: Desk,
    account: AccountName,
    since: Annotated[str, typer.Option(metavar="DAY", help="From this day.")] = "",
    until: Annotated[str, typer.Option(metavar="DAY", help="To this day, included.")] = "",
    domain: OfDomain = Sender.PROVIDER,
) -> Answer:
    """List the movements of an account, with the balance after each."""
    place = _place(desk, domain)
    with place.books.reading() as reading:
        span = {"since": _day(since), "until": _day(until)}
        found = list(place.ledger.lines(reading, account, **span))
    table = Table("at", "what", "why", "about", "amount", "balance", title=account)
    for each in found:
        amounts = (each.amount_mills, each.balance_after_mills)
        at = minute(instant_text(each.at), desk.home.now)
        about = (each.because or "–", each.reference or "–")
        table.add_row(at, each.kind, *about, *map(format_dollars, amounts))
    return Answer([_line(each) for each in found], table if found else "Nothing has moved.")


@command(app, "totals")
def totals(desk: Desk, on: On = "", domain: OfDomain = Sender.PROVIDER) -> Answer:
    """Add up the accounts of each kind; all together they are zero (LEDGER-1)."""
    place = _place(desk, domain)
    chart = place.ledger.chart
    with place.books.reading() as reading:
        found = {line.kind: place.ledger.total(reading, line.kind, on=_day(on)) for line in chart}
    table = Table("accounts", "title", "balance", title=_title("Totals", on), show_footer=True)
    for kind, mills in found.items():
        table.add_row(kind, chart.kind(kind).title, format_dollars(mills))
    total = sum(found.values())
    table.columns[0].footer, table.columns[2].footer = "all together", format_dollars(total)
    data = {"totals": found, "sum_mills": total}
    return Answer(data, table, EXIT_REFUSED if total else EXIT_DONE)


# The audit -----------------------------------------------------------------------------------


@command(app, "audit")
def audit_export(
    desk: Desk,
    export: Annotated[
        Path | None,
        typer.Argument(metavar="EXPORT", help="What franking journal export wrote; else as now."),
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Do not compare with the books of this home.")
    ] = False,
    domain: Annotated[
        Sender | None, typer.Option("--domain", help="Whose journal, where no file is given.")
    ] = None,
) -> Answer:
    """Recompute every account from the journal alone, and compare it with the books."""
    found = _audit_file(export) if export else _audit_now(desk, domain or Sender.PROVIDER)
    known = found.domain in set(Sender)
    compared = _compared(desk, found) if known and not alone else {}
    return _audited(found, compared)


def _audit_file(export: Path) -> audit.Audit:
    """The export audited, and its chains checked: what was altered since is a fault too."""
    try:
        with export.open(encoding="utf-8", errors="replace") as lines:
            found = audit.audit(lines)
        with export.open(encoding="utf-8", errors="replace") as lines:
            chains = check_export(lines).faults
    except OSError as error:
        raise EXPORT_UNREADABLE.because(f"{export}: {error.strerror}") from error
    _add_chains(found, chains)
    return found


def _audit_now(desk: Desk, domain: Sender) -> audit.Audit:
    books = _place(desk, domain).books
    with books.reading() as reading:
        found = audit.audit(export_journal(reading, books.schema))
        chains = check_export(export_journal(reading, books.schema)).faults
    _add_chains(found, chains)
    return found


def _add_chains(found: audit.Audit, chains: list[str]) -> None:
    found.faults += [audit.Fault(0, "", "the journal", fault) for fault in chains]


def _compared(desk: Desk, found: audit.Audit) -> dict[str, Any]:
    """What the books say otherwise; nothing of it where they have gone on since the export."""
    place = _place(desk, Sender(found.domain))
    with place.books.reading() as reading:
        since = comparing.rows_since(reading, place.books.schema, found.last_row)
        apart = [] if since else list(comparing.differences(found, reading, place.ledger))
    return {"rows_since": since, "differences": [_difference(each) for each in apart]}


def _audited(found: audit.Audit, compared: dict[str, Any]) -> Answer:
    data = {**found.as_json(), "compared": bool(compared) and not compared["rows_since"]}
    data |= compared
    wrong = found.faults or any(compared.values())
    hints: tuple[str, ...] = ()
    if compared.get("rows_since"):
        words = f"the books have gone on by {compared['rows_since']} rows since this export"
        hints = (f"Not compared: {words}. Export the journal again, or say --alone.",)
    return Answer(data, _findings(found, data), EXIT_REFUSED if wrong else EXIT_DONE, hints)


def _findings(found: audit.Audit, data: dict[str, Any]) -> Group:
    counted = {
        "domain": found.domain,
        "rows": f"{found.rows:,}",
        "postings": f"{found.postings:,} on {len(found.accounts):,} accounts",
        "resets": f"{found.resets:,}",
        "reserved": f"{found.reservations:,}",
        **{place: format_dollars(mills) for place, mills in found.places().items()},
        "all together": format_dollars(data["sum_mills"]),
        "compared with the books": "yes" if data["compared"] else "no",
        "faults": f"{len(found.faults):,}",
        "differences": f"{len(data.get('differences', [])):,}",
    }
    return Group(facts("Audit of the ledger", counted), *_wrong(found, data))


def _wrong(found: audit.Audit, data: dict[str, Any]) -> Iterator[Table]:
    if found.faults:
        table = Table("row", "law", "about", "fault", title="Against the laws")
        for each in found.faults:
            table.add_row(str(each.row), each.law or "–", Text(each.about), Text(each.fault))
        yield table
    if data.get("differences"):
        table = Table("account", "by the journal", "by the books", title="Differences")
        for one in data["differences"]:
            amounts = (one["journal"]["balance_mills"], one["books"]["balance_mills"])
            table.add_row(one["account"], *map(format_dollars, amounts))
        yield table


# What all need -------------------------------------------------------------------------------


def _place(desk: Desk, domain: Sender) -> _Place:
    if domain is Sender.PROVIDER:
        return _Place(desk.provider_books(Role.PROVIDER_AGENT), PROVIDER_LEDGER)
    return _Place(desk.postal_books(Role.TREASURY_OFFICER), POSTAL_LEDGER)


def _day(text: str) -> date | None:
    return parse_date(text) if text else None


def _title(what: str, on: str) -> str:
    return f"{what} at the end of {on}" if on else what


def _chart(ledger: Ledger) -> Table:
    table = Table("kind", "one for each", "never below", "meaning", "clause", title="Accounts")
    for line in ledger.chart:
        table.add_row(line.kind, line.of or "–", _limit(line), line.meaning, line.clause)
    return table


def _limit(line: AccountKind) -> str:
    return "no limit" if line.floor_mills is None else format_dollars(line.floor_mills)


def _amounts(held: Balance) -> tuple[int, int, int]:
    return held.balance_mills, held.pending_mills, held.available_mills


def _as_json(held: Balance) -> dict[str, int]:
    names = ("balance_mills", "pending_mills", "available_mills")
    return dict(zip(names, _amounts(held), strict=True))


def _difference(each: comparing.Difference) -> dict[str, Any]:
    journal, books = _as_json(each.journal), _as_json(each.books)
    return {"account": each.account, "journal": journal, "books": books}


def _line(each: Line) -> dict[str, Any]:
    return {
        "number": each.number,
        "key": each.key,
        "at": instant_text(each.at),
        "day": each.day.isoformat(),
        "kind": each.kind,
        "because": each.because,
        "reference": each.reference,
        "amount_mills": each.amount_mills,
        "balance_after_mills": each.balance_after_mills,
    }
