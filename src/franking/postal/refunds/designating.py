"""Naming designees in writing, who rule on undated metered postage for a district (9.2.8c)."""

from __future__ import annotations

from datetime import datetime

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.postal.refunds import rows
from franking.postal.refunds.records import Designation
from franking.postal.refunds.tables import DESIGNATIONS
from franking.storage import Act, Books

DESIGNATION_UNWRITTEN = Refusal(
    "DESIGNATION_UNWRITTEN",
    clause="DMM 604.9.2.8c (2008)",
    remedy="Name the writing that authorizes the designee: its date and reference.",
    http_status=422,
)
DESIGNATION_UNKNOWN = Refusal(
    "DESIGNATION_UNKNOWN",
    clause="DMM 604.9.2.8c (2008)",
    remedy="List the designations: franking refund-desk designees.",
    http_status=404,
)
_CLAUSE = "DMM 604.9.2.8c (2008)"


def designate(
    books: Books, *, district: str, designee: str, letter: str, now: datetime
) -> Designation:
    """Name somebody in writing to rule for a district's manager of business mail entry.

    Raises:
        Refused: ``DESIGNATION_UNWRITTEN``.
    """
    if not (letter.strip() and designee.strip() and district.strip()):
        raise DESIGNATION_UNWRITTEN.because(f"{designee!r} for {district!r}, in {letter!r}")
    with books.work(now, "designate_refund_decider") as work:
        named = Designation(
            number=rows.next_number(work, DESIGNATIONS),
            district=district,
            designee=designee,
            named_by=books.by.name,
            letter=letter,
            since=now.date(),
        )
        rows.add_designation(work, named)
        inputs: dict[str, object] = {"designee": designee, "letter": letter}
        work.record(Act(record=record_id("district", district), clauses=(_CLAUSE,), inputs=inputs))
    return named


def end_designation(books: Books, number: int, *, now: datetime) -> None:
    """End a designation with this day.

    Raises:
        Refused: ``DESIGNATION_UNKNOWN``.
    """
    with books.work(now, "end_designation") as work:
        found = [each for each in rows.designations(work) if each.number == number]
        if not found or found[0].until is not None:
            raise DESIGNATION_UNKNOWN.because(f"there is no designation {number} in force")
        rows.end_designation(work, number, now.date())
        record = record_id("district", found[0].district)
        work.record(Act(record=record, clauses=(_CLAUSE,), inputs={"ended": number}))
