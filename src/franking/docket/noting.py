"""Notes of an officer on an obligation: why it was missed, and what that cost."""

from __future__ import annotations

from datetime import datetime

from franking.docket import tables
from franking.docket.docket import Docket
from franking.docket.records import DocketEvent, Obligation
from franking.errors import Refusal
from franking.storage import Act, Books

OBLIGATION_UNKNOWN = Refusal(
    "OBLIGATION_UNKNOWN",
    clause="policy",
    remedy="See what stands on the docket with `franking docket --record RECORD --status all`.",
    http_status=404,
)
NOTE_EMPTY = Refusal(
    "NOTE_EMPTY",
    clause="policy",
    remedy="Say in words why the duty was missed, or what was done about it.",
    http_status=422,
)
COST_NEGATIVE = Refusal(
    "COST_NEGATIVE",
    clause="policy",
    remedy="Give what missing the duty cost as an amount, or leave it out.",
    http_status=422,
)


def note_duty(
    books: Books,
    docket: Docket,
    *,
    record: str,
    duty: str,
    words: str,
    now: datetime,
    cost_mills: int | None = None,
) -> Obligation:
    """Note something on the newest obligation of a duty about a record; it stays as it is.

    Raises:
        Refused: ``NOTE_EMPTY``, ``COST_NEGATIVE``, ``OBLIGATION_UNKNOWN``.
    """
    if not words.strip():
        raise NOTE_EMPTY.because("the note has no words")
    if cost_mills is not None and cost_mills < 0:
        raise COST_NEGATIVE.because(f"{cost_mills} mills is less than nothing")
    with books.work(now, "note_duty", on=(record,)) as work:
        found = tables.latest(work, docket.tables, [(record, duty)]).get((record, duty))
        if found is None:
            raise OBLIGATION_UNKNOWN.because(f"nothing is known of {duty!r} about {record}")
        note = DocketEvent(
            record=record,
            duty=duty,
            ordinal=found.ordinal,
            at=now,
            event="noted",
            because=words.strip(),
            by=str(books.by),
            cost_mills=cost_mills,
        )
        tables.add_events(work, docket.tables, [note])
        inputs = {"duty": duty, "ordinal": found.ordinal, "cost_mills": cost_mills}
        work.record(Act(record=record, clauses=(found.clause,), inputs=inputs))
    return found
