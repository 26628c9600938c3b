"""What is said where the books hold nothing to fill a form in from."""

from __future__ import annotations

from typing import TypeVar

from franking.errors import Refusal

PAPER_UNKNOWN = Refusal(
    "PAPER_UNKNOWN",
    clause="policy",
    remedy="Give the number as the books have it; `franking explain RECORD` shows a record.",
    http_status=404,
)
Record = TypeVar("Record")


def required(found: Record | None, what: str) -> Record:
    """What was found.

    Raises:
        Refused: ``PAPER_UNKNOWN`` where it was not.
    """
    if found is None:
        raise PAPER_UNKNOWN.because(f"the books hold no {what}")
    return found


def last(found: list[Record], what: str) -> Record:
    """The last of what was found.

    Raises:
        Refused: ``PAPER_UNKNOWN`` where nothing was.
    """
    return required(found[-1] if found else None, what)
