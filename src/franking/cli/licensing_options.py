"""Options and pictures that the commands of licensing share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer, facts
from franking.clock import parse_date
from franking.messages.applications import ApplicationData
from franking.money import parse_dollars
from franking.rules.rulebooks import rulebook

Because = Annotated[str, typer.Option(help="Why, in words.")]
Rulebook = Annotated[
    str,
    typer.Option(
        help="meter-1995 for meters, ibip-1997 for devices; else of devices, once that is open."
    ),
]
_METERS, _DEVICES = "meter-1995", "ibip-1997"
_NESTED = ("fields", "told", "versions", "revocations", "appeals", "history", "placements")


@dataclass(frozen=True, kw_only=True)
class FormFields:
    """What PS Form 3601-A asks for."""

    name: Annotated[str, typer.Option(help="The applicant.")]
    address: Annotated[str, typer.Option(help="The applicant's address.")]
    zip_code: Annotated[str, typer.Option("--zip", help="ZIP Code of the post office of deposit.")]
    signed_by: Annotated[str, typer.Option(help="Who signed the form.")]
    city: Annotated[str, typer.Option(help="City of that post office.")] = ""
    state: Annotated[str, typer.Option(help="State of it, two letters.")] = ""
    telephone: Annotated[str, typer.Option(help="The applicant's telephone number.")] = ""
    location: Annotated[str, typer.Option(help="Where the device will stand.")] = ""
    postage_above: Annotated[
        str, typer.Option(help="Part B: the lower end of the step of yearly postage, in dollars.")
    ] = "0"
    signed_on: Annotated[str, typer.Option(help="When it was signed; else today.")] = ""
    rulebook: Rulebook = ""

    def book(self, today: date) -> str:
        """The rulebook named, else the newest that is open today."""
        return self.rulebook or newest_book(today)

    def data(self, today: date) -> ApplicationData:
        """The form as it is transmitted.

        Raises:
            Refused: ``AMOUNT_UNREADABLE``.
        """
        return ApplicationData(
            name=self.name,
            address=self.address,
            telephone=self.telephone,
            device_location=self.location,
            zip_code=self.zip_code,
            city=self.city,
            state=self.state,
            yearly_postage_above_mills=parse_dollars(self.postage_above),
            signed_by=self.signed_by,
            signed_on=self.signed_on or today.isoformat(),
        )


def newest_book(today: date) -> str:
    """The rulebook of devices once its text is out; until then there are meters only."""
    return _DEVICES if today >= rulebook(_DEVICES).opens else _METERS


def day(text: str, today: date) -> date:
    """The day named, else today.

    Raises:
        Refused: ``TIME_UNREADABLE``.
    """
    return parse_date(text) if text else today


def one(title: str, data: Mapping[str, Any], warnings: tuple[str, ...] = ()) -> Answer:
    """An answer about one record: its facts, then its history as a table."""
    flat = {name: _plain(value) for name, value in data.items() if name not in _NESTED and value}
    flat |= {
        f"on the form: {name}": value for name, value in data.get("fields", {}).items() if value
    }
    history = data.get("history", [])
    shown = Group(facts(title, flat), _history(history)) if history else facts(title, flat)
    return Answer(data, shown, warnings=warnings)


def many(title: str, data: Sequence[Mapping[str, Any]], columns: tuple[str, ...]) -> Answer:
    """An answer that lists records, one a line."""
    if not data:
        return Answer(data, f"{title}: none.")
    filled = [name for name in columns if any(_plain(each.get(name)) for each in data)]
    table = Table(*filled, title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for each in data:
        table.add_row(*(Text(_plain(each.get(name))) for name in filled))
    return Answer(data, table)


def _history(events: Sequence[Mapping[str, str]]) -> Table:
    table = Table(title="History", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in ("when", "by", "what", "clause", "because"):
        table.add_column(name)
    for each in events:
        told = (f"{each['at'][:16]}Z", each["by"], each["event"], each["clause"], each["because"])
        table.add_row(*(Text(part) for part in told))
    return table


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {each}" for name, each in value.items() if each)
    return "" if value is None else str(value)
