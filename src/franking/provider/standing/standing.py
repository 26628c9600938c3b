"""Whether the provider may reset at all, and what it agreed with the lockbox bank.

What other rooms ask before they grant a reset, print deposit instructions or make a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec

from franking.errors import Refusal
from franking.provider.standing import tables
from franking.provider.standing.records import LetterKind, LockboxTerms
from franking.storage import Reading

RESETTING_SUSPENDED = Refusal(
    "RESETTING_SUSPENDED",
    clause="39 CFR 501.28(c), 501.12 (1995)",
    remedy="Use the value that devices hold; the Provider says when resetting goes on.",
    http_status=403,
)
POSTAGE_REFUNDS: Final = "postage refunds"
FUNDS_ADVANCED: Final = "funds advanced"
"""The reports that are given on request only (39 CFR 501.28(g), 1995)."""


def require_resetting_open(reading: Reading, on: date) -> None:
    """Whether the Postal Service lets this provider grant resets on a day.

    Raises:
        Refused: ``RESETTING_SUSPENDED``.
    """
    for hold in tables.standing_holds(reading):
        if hold.is_in_force(on):
            raise RESETTING_SUSPENDED.because(
                f"resetting is {_how(hold.status)} since {hold.since}: {hold.deficiency}"
            )


def lockbox_agreed(reading: Reading) -> Sequence[LockboxTerms]:
    """The terms with each lockbox bank: times, post office box, telephone (501.28(e), 1995)."""
    return tables.terms_of(reading)


def reports_wanted(reading: Reading, day: date) -> frozenset[str]:
    """Which of the reports on request are wanted about a day: ``POSTAGE_REFUNDS``, …"""
    asked = (_asked(each.content) for each in tables.letters(reading, LetterKind.REPORT))
    return frozenset(report for report, since, until in asked if since <= day.isoformat() <= until)


def _asked(content: str) -> tuple[str, str, str]:
    given: dict[str, Any] = msgspec.json.decode(content)
    return given["report"], given["since"], given["until"] or date.max.isoformat()


def _how(status: str) -> str:
    return "suspended" if status == "noticed" else status
