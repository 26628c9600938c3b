"""What treasury officers look at: where the money is, who is short, what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import select

from franking import rules
from franking.postal.schema import LEDGER
from franking.postal.treasury import chart, rows
from franking.postal.treasury.tables import LOCKBOXES, REPORTS, STATEMENTS
from franking.storage import Books, Reading

_METER = "meter-1995"


def as_json(record: Any) -> dict[str, Any]:
    """A record of this room as JSON values."""
    told: dict[str, Any] = msgspec.to_builtins(asdict(record))
    return told


def providers_known(reading: Reading) -> list[str]:
    """Every provider that the treasury keeps money of, by name."""
    found: set[str] = set()
    for table in (LOCKBOXES, REPORTS, STATEMENTS):
        found |= {row.provider for row in reading.rows(select(table.c.provider).distinct())}
    return sorted(found)


def overview(books: Books, on: date) -> dict[str, Any]:
    """Where the money is: the fund, and for each provider what its customers hold, in mills.

    ``sum_mills`` is zero: the books balance (LEDGER-1).
    """
    with books.reading() as reading:
        providers = providers_known(reading)
        shared = {line.kind: _total(reading, line.kind) for line in chart.CHART if not line.of}
        held = {each: _held(reading, each) for each in providers}
        waiting = rows.differences(reading, settled=False)
        everything = sum(_total(reading, line.kind) for line in chart.CHART)
    return {
        "fund_mills": -shared[chart.FUND],
        "backing": rules.at("funds", _METER, on).choices("deposit_backing")[0],
        "accounts": shared,
        "providers": held,
        "differences": {each: sum(one.provider == each for one in waiting) for each in providers},
        "sum_mills": everything,
    }


def reports_view(books: Books, *, provider: str, kind: str, day: str = "") -> list[dict[str, Any]]:
    """The reports of a provider as they were heard, oldest first."""
    with books.reading() as reading:
        found = rows.reports_of(reading, provider=provider, kind=kind, day=day)
    return [
        {
            "day": row.day,
            "part": row.part,
            "parts": row.parts,
            "heard_at": row.heard_at,
            "content": msgspec.json.decode(row.content),
        }
        for row in found
    ]


def missing_parts(reports: Sequence[dict[str, Any]]) -> list[str]:
    """Which parts of which days never came."""
    here = {(each["day"], each["part"]) for each in reports}
    return sorted(
        {
            f"{each['day']}, part {part} of {each['parts']}"
            for each in reports
            for part in range(1, each["parts"] + 1)
            if (each["day"], part) not in here
        }
    )


def _held(reading: Reading, provider: str) -> dict[str, int]:
    """What stands in each account of a provider, where anything does."""
    accounts = {line.kind: chart.account(line.kind, provider) for line in chart.CHART if line.of}
    found = {
        kind: LEDGER.balance(reading, account).balance_mills for kind, account in accounts.items()
    }
    return {kind: mills for kind, mills in found.items() if mills}


def _total(reading: Reading, kind: str) -> int:
    return LEDGER.total(reading, kind)
