"""What the rooms of the provider's books hold against a record: one table, for ``explain``.

Each room adds its own line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from franking.docket.explaining import Explainer, Hold
from franking.provider.devices import rows
from franking.storage import Reading


def _denials_of_resets(reading: Reading, record: str) -> Iterator[Hold]:
    kind, _, serial = record.partition(":")
    if kind != "device":
        return
    for denial in rows.denials(reading, serial, standing=False):
        yield Hold(
            what=f"resets denied until lifted ({denial.cause})",
            clause=denial.clause,
            since=denial.since,
            because=denial.because,
            until=denial.lifted_at or "",
        )


EXPLAINERS: Final[list[Explainer]] = [_denials_of_resets]
