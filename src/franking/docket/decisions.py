"""What becomes of an obligation. Pure: records and rules in, records out."""

from __future__ import annotations

from datetime import date, datetime

from franking.docket.catalogue import clause_and_due
from franking.docket.records import Obligation, ObligationStatus, Opening
from franking.errors import InvariantBroken


def opened(wanted: Opening, before: Obligation | None, now: datetime) -> Obligation:
    """The obligation that ``wanted`` comes to: the one that stands, or a new one.

    One that is open stands, whenever it started. A missed one stands for the same start only.

    Raises:
        Refused: ``RULEBOOK_NOT_OPEN``, ``PARAMETER_UNKNOWN``.
    """
    if before is not None and _stands(before, wanted.start):
        return before
    clause, due = clause_and_due(wanted.duty, wanted.rulebook, wanted.start)
    due = wanted.due or due
    if due is None:
        raise InvariantBroken(f"{wanted.duty} about {wanted.record} was opened without a due date")
    return Obligation(
        record=wanted.record,
        duty=wanted.duty,
        ordinal=1 if before is None else before.ordinal + 1,
        owed_by=wanted.owed_by,
        rulebook=wanted.rulebook,
        clause=clause,
        start=wanted.start,
        due=due,
        opened_at=now,
        because=wanted.because,
    )


def status_when_done(before: Obligation, on: date) -> ObligationStatus:
    """On time until the end of the due date; a missed one can only be late."""
    in_time = before.status is ObligationStatus.OPEN and on <= before.due
    return ObligationStatus.SATISFIED if in_time else ObligationStatus.SATISFIED_LATE


def _stands(before: Obligation, start: date) -> bool:
    is_open = before.status is ObligationStatus.OPEN
    return is_open or (before.status is ObligationStatus.MISSED and before.start == start)
