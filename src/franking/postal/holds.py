"""What the rooms of the Postal Service's books hold against a record: one table, for ``explain``.

Each room adds its own line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from franking.docket.explaining import Explainer, Hold
from franking.postal.examinations.rows import referrals_about
from franking.storage import Reading


def _referrals(reading: Reading, record: str) -> Iterator[Hold]:
    """What providers reported of a device, or one such report by its number."""
    for referral in referrals_about(reading, record):
        yield Hold(
            what=f"referred by {referral.provider}: {referral.status.value}",
            clause="39 CFR 501.22(f) (1995); 502.27 (1997)",
            since=referral.received_on.isoformat(),
            because=referral.facts,
            until=referral.closed_on.isoformat() if referral.closed_on else "",
        )


EXPLAINERS: Final[list[Explainer]] = [
    _referrals,
]
