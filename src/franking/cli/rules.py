"""``franking rules``: what the regulations say, with the clause that says it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, cast, get_args

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.clock import parse_date
from franking.errors import Refusal
from franking.rules import Subject, explaining
from franking.rules.adoption import adopt, read_register

app = typer.Typer(help="What the regulations say, with their clauses.", no_args_is_help=True)

SUBJECT_UNKNOWN = Refusal(
    "SUBJECT_UNKNOWN",
    clause="policy",
    remedy=f"Choose one of: {', '.join(get_args(Subject))}.",
    http_status=422,
)

OnOption = Annotated[str | None, typer.Option("--on", help="The day asked about; else today.")]


@command(app, "list")
def list_rules(
    desk: Desk,
    rulebook: Annotated[str | None, typer.Option(help="Only this rulebook.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only this subject.")] = None,
    on: OnOption = None,
) -> Answer:
    """List the rulebooks and every number in force on a day.

    A proposal says so: it binds only where `franking rules adopt` made it bind.
    """
    place = desk.home
    day = parse_date(on) if on else place.now.date()
    register = read_register(place.folder)
    books = explaining.books(day, register=register)
    rows = explaining.listing(day, subject=_subject(subject), rulebook=rulebook, register=register)
    shown = Group(_books_table(books), Text(), _rules_table(rows, day))
    return Answer({"on": str(day), "rulebooks": books, "parameters": rows}, shown)


@command(app, "show")
def show(
    _: Desk,
    name: Annotated[str, typer.Argument(help="A duty id, a refusal code or a parameter.")],
) -> Answer:
    """Explain a duty (R97-P050.3.6-1), a refusal (EXCEEDS_DESCENDING) or a parameter."""
    found = explaining.explain(name)
    values = cast("list[dict[str, Any]]", found.get("values") or [])
    rest = {key: _plain(value) for key, value in found.items() if key != "values" and value}
    shown = Group(facts(name, rest), *([_values_table(values)] if values else []))
    return Answer(found, shown)


@command(app, "adopt")
def adopt_rulebook(
    desk: Desk,
    rulebook: Annotated[str, typer.Argument(help="A proposed rulebook.")],
    by: Annotated[str, typer.Option(help="Who decides.")],
    authority: Annotated[str, typer.Option(help="The document that adopts it.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    from_day: Annotated[str | None, typer.Option("--from", help="First day; else today.")] = None,
) -> Answer:
    """Adopt a proposed rulebook for this home, from a day on; the act is kept."""
    place = desk.home
    day = parse_date(from_day) if from_day else place.now.date()
    adopt(
        place.folder,
        rulebook,
        effective_from=day,
        decided_by=by,
        authority=authority,
        reason=reason,
        now=place.now,
    )
    data = {"adopted": rulebook, "from": str(day), "by": by, "authority": authority}
    return Answer(data, f"{rulebook} binds this home from {day}.")


def _subject(name: str | None) -> Subject | None:
    if name is not None and name not in get_args(Subject):
        raise SUBJECT_UNKNOWN.because(f"there is no subject {name!r}")
    return cast("Subject | None", name)


def _books_table(books: list[dict[str, Any]] | list[explaining.Plain]) -> Table:
    table = Table("Rulebook", "Status", "Open from", "Title", title="Rulebooks", box=None)
    for book in books:
        table.add_row(*(str(book[key]) for key in ("rulebook", "status", "opens", "title")))
    return table


def _rules_table(rows: list[explaining.Plain], day: date) -> Table:
    table = Table(
        "Rulebook", "Parameter", "Value", "Clause", "Status", title=f"In force on {day}", box=None
    )
    for row in rows:
        table.add_row(
            str(row["rulebook"]),
            f"{row['subject']}.{row['name']}",
            f"{_plain(row['value'])} {row['unit']}",
            str(row["clause"]),
            str(row["status"]),
        )
    return table


def _values_table(values: list[dict[str, Any]]) -> Table:
    table = Table("Rulebook", "Value", "Clause", "From", "To", "Status", box=None)
    for row in values:
        value = f"{_plain(row['value'])} {row['unit']}"
        dates = (str(row["effective_from"]), str(row["effective_to"]))
        table.add_row(row["rulebook"], value, row["clause"], *dates, row["status"])
    return table


def _plain(value: object) -> str:
    if not isinstance(value, list):
        return str(value)
    return "; ".join(
        f"{each['id']}: {each['requirement']}" if isinstance(each, dict) else str(each)
        for each in value
    )
