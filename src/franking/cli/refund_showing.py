"""Pictures of requests for refunds that the commands share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer, facts, minute
from franking.cli.command import Desk
from franking.money import format_dollars
from franking.provider.refunds import views

LISTED = ("case", "filed_on", "licensee", "route", "status", "payout", "device", "decided_on")
"""What a list of requests shows of each."""
_FACTS = {
    "route": "What",
    "status": "Status",
    "licensee": "Authorized user",
    "licence": "Licence",
    "device": "System",
    "filed_on": "Filed on",
    "payout": "Paid by",
    "because": "Because",
    "clause": "Under",
    "decided_by": "Decided by",
    "decided_on": "Decided on",
    "reference": "Check",
}


def shown_case(desk: Desk, case: str) -> Answer:
    """A request with everything about it."""
    data = views.refund_view(desk.home.provider.books, case)
    return Answer(data, picture(data, desk.home.now))


def picture(data: Mapping[str, Any], now: datetime) -> Group:
    """A request as people look at it, at the place where ``now`` is told."""
    told = {title: data[name] for name, title in _FACTS.items() if data[name]}
    told["Asked for"] = format_dollars(data["asked_mills"])
    if data["decided_on"] or data["amount_mills"]:
        told["Amount"] = format_dollars(data["amount_mills"])
    if data["unsupported"]:
        without = data["unsupported"]
        told["Unsupported"] = f"{without['detail']} ({without['clause']})"
    parts: list[Any] = [facts(f"Refund {data['case']}", told)]
    for title, rows, columns in (
        ("Missing", data["missing"], ("kind", "clause")),
        ("Came", data["evidence"], ("on", "kind", "document")),
        (
            "Items",
            [_item(each) for each in data["items"]],
            ("item", "device", "postage", "against"),
        ),
        ("Due", data["due"], ("due_on", "duty", "status")),
        (
            "History",
            [_step(each, now) for each in data["events"]],
            ("at", "by", "event", "clause", "because"),
        ),
    ):
        if rows:
            parts.append(_table(title, rows, columns))
    return Group(*parts)


def _step(event: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {**event, "at": minute(event["at"], now)}


def _item(item: Mapping[str, Any]) -> dict[str, str]:
    against = "; ".join(f"{each['detail']} ({each['clause']})" for each in item["reasons"])
    return {
        "item": str(item["item"]),
        "device": f"{item['device']} at {format_dollars(item['ascending_mills'] or 0)}",
        "postage": format_dollars(item["postage_mills"]),
        "against": against or "nothing",
    }


def _table(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Table:
    table = Table(*columns, title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for each in rows:
        table.add_row(*(Text(str(each[name])) for name in columns))
    return table
