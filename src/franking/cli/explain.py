"""``franking explain``: which clause made a lock, a refusal or a due date, and from which facts."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from franking.cli import rules
from franking.cli.answer import Answer, Shown, minute
from franking.cli.command import Desk
from franking.cli.domains import DocketPlace, Side, side
from franking.docket.explaining import RECORD_UNKNOWN, explain
from franking.errors import Refused
from franking.identifiers import DeviceId, record_id
from franking.provider.devices import rows
from franking.rules import explaining

_LICENCE_OR_LEASE = re.compile(r"\d{5}-\d{6}(?P<lease>/L\d+)?", re.ASCII)
_FACT_WIDTH = 60
"""A key or a digest is cut for people; programs get all of it."""


def explain_record(
    desk: Desk,
    record: Annotated[
        str,
        typer.Argument(
            help="A device's serial, a record (licence:00501-000001), a refusal or a duty."
        ),
    ],
) -> Answer:
    """Say what stands against and about a record, by which clause, and from which facts."""
    if ":" not in record and _is_rule(record):
        return rules.show(desk, record)
    name = _record(desk, record)
    told = [(domain, _told(desk, side(desk, domain), name)) for domain in Side]
    data = {str(domain): found for domain, found in told if found is not None}
    if not data:
        raise RECORD_UNKNOWN.because(f"no books here know of {name!r}")
    return Answer(
        {"record": name, **data}, Group(*(_picture(*each, desk.home.now) for each in data.items()))
    )


def _record(desk: Desk, named: str) -> str:
    """A number alone is a licence's, a lease's or a device's, by what it looks like."""
    if ":" in named:
        return named
    if shape := _LICENCE_OR_LEASE.fullmatch(named):
        return record_id("lease" if shape["lease"] else "licence", named)
    with desk.provider_books().reading() as reading:
        known = rows.find(reading, named) is not None
    return record_id("device", named if known else DeviceId.parse(named))


def _is_rule(name: str) -> bool:
    try:
        explaining.explain(name)
    except Refused:
        return False
    return True


def _told(desk: Desk, place: DocketPlace, record: str) -> dict[str, Any] | None:
    with place.books.reading() as reading:
        try:
            return explain(
                reading,
                place.books.schema,
                place.docket,
                record,
                on=desk.home.now.date(),
                explainers=place.explainers,
            )
        except Refused as refused:
            if refused.refusal is not RECORD_UNKNOWN:
                raise
            return None


def _picture(domain: str, found: dict[str, Any], now: datetime) -> Shown:
    lines = [Text(f"{found['record']} in the {domain} books", style="bold")]
    for hold in found["holds"]:
        ended = f", lifted {_when(hold['until'], now)}" if hold["until"] else ""
        since = _when(hold["since"], now)
        lines.append(Text(f"  {hold['what']} since {since}{ended}", style="red"))
        lines.append(Text(f"    {hold['clause']}: {hold['because']}"))
    for each in found["obligations"]:
        lines.append(Text(f"  {each['title']}: {each['status']}; owed by {each['owed_by']}"))
        lines.append(Text(f"    {each['why_due']}. {each['because']}"))
        lines += [
            Text(f"    {event['at'][:10]} {event['event']}: {event['because']}", style="dim")
            for event in each["events"]
        ]
    lines += [_journal_line(each, now) for each in found["journal"]]
    return Group(*lines)


def _journal_line(row: dict[str, Any], now: datetime) -> Text:
    clauses = "; ".join(row["clauses"])
    inputs = row["inputs"]
    facts = "destroyed by rule" if inputs is None else _facts(inputs)
    return Text(f"  {minute(row['at'], now)} {row['command']} by {row['by']} ({clauses}) {facts}")


def _when(stored: str, now: datetime) -> str:
    """A stored day as it is, a stored instant to the minute."""
    return minute(stored, now) if "T" in stored else stored


def _facts(inputs: dict[str, Any]) -> str:
    told = ((name, str(value)) for name, value in inputs.items())
    return ", ".join(
        f"{name}: {value if len(value) <= _FACT_WIDTH else value[:_FACT_WIDTH] + '…'}"
        for name, value in told
        if value
    )
