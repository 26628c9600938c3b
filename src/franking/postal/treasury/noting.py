"""What does not agree is kept, told to the provider, and stays until somebody settles it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from franking import rules
from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import DifferencesAnswered, DifferencesFound
from franking.messages.signing import Signer
from franking.postal.schema import DISPATCHES, DOCKET
from franking.postal.treasury import rows
from franking.postal.treasury.records import (
    ANSWER_DIFFERENCE,
    Difference,
    DifferenceStatus,
    treasury_record,
)
from franking.rules.calendars import due
from franking.storage import Act, Books, Work

DIFFERENCE_UNKNOWN = Refusal(
    "DIFFERENCE_UNKNOWN",
    clause="39 CFR 501.28(g) (1995)",
    remedy="See the differences: franking treasury differences.",
    http_status=404,
)
DIFFERENCE_SETTLED = Refusal(
    "DIFFERENCE_SETTLED",
    clause="39 CFR 501.28(g) (1995)",
    remedy="Nothing is left to do: see franking treasury differences --all.",
)
DIFFERENCE_UNEXPLAINED = Refusal(
    "DIFFERENCE_UNEXPLAINED",
    clause="39 CFR 501.28(g) (1995)",
    remedy="Say in words how it came about and what settles it.",
    http_status=422,
)
_CLAUSE = "39 CFR 501.28(g) (1995); 62 FR 14833 (1997)"
_METER = "meter-1995"


def note_differences(
    work: Work, signer: Signer, found: Sequence[Difference], now: datetime
) -> list[Difference]:
    """Keep what was not known yet, put its answer on the docket, and tell the provider."""
    fresh = rows.add_differences(work, found)
    by_report: dict[tuple[str, date], list[Difference]] = defaultdict(list)
    for each in fresh:
        by_report[each.provider, each.day].append(each)
        _on_docket(work, each, now)
        inputs: dict[str, object] = {"provider": each.provider, "words": each.words}
        record = record_id("difference", each.number)
        work.record(
            Act(command="find_difference", record=record, clauses=(_CLAUSE,), inputs=inputs)
        )
    for (provider, day), some in by_report.items():
        told = DifferencesFound(
            device="",
            issued_at=instant_text(now),
            sender=POSTAL_SERVICE,
            day=day.isoformat(),
            lines={str(each.number): f"{each.what}: {each.words}" for each in some},
        )
        record = treasury_record(provider)
        DISPATCHES.send(work, told, signer, recipient=provider, record=record, now=now)
    return fresh


def take_answer(work: Work, message: DifferencesAnswered, _: Signer, now: datetime) -> None:
    """A provider explains a difference; settling it stays the treasury's.

    Raises:
        Refused: ``DIFFERENCE_UNKNOWN``, ``DIFFERENCE_SETTLED``.
    """
    before = rows.find_difference(work, message.number)
    if before is None or before.provider != message.sender:
        raise DIFFERENCE_UNKNOWN.because(f"{message.sender} has no difference {message.number}")
    if before.status is not DifferenceStatus.OPEN:
        raise DIFFERENCE_SETTLED.because(f"difference {before.number} is {before.status.value}")
    answered = DifferenceStatus.ANSWERED
    rows.change_difference(work, before, replace(before, status=answered, answer=message.answer))
    record = record_id("difference", before.number)
    DOCKET.satisfy(work, ANSWER_DIFFERENCE, record=record, now=now, because=message.answer)
    inputs: dict[str, object] = {"answer": message.answer}
    work.record(Act(command="answer_difference", record=record, clauses=(_CLAUSE,), inputs=inputs))


def settle_difference(books: Books, *, number: int, because: str, now: datetime) -> Difference:
    """Settle a difference that was explained or put right; it stays in the list.

    Raises:
        Refused: ``DIFFERENCE_UNKNOWN``, ``DIFFERENCE_SETTLED``, ``DIFFERENCE_UNEXPLAINED``.
    """
    if not because.strip():
        raise DIFFERENCE_UNEXPLAINED.because(f"nothing is said of difference {number}")
    record = record_id("difference", number)
    with books.work(now, "settle_difference", on=(record,)) as work:
        before = rows.find_difference(work, number)
        if before is None:
            raise DIFFERENCE_UNKNOWN.because(f"there is no difference {number}")
        if before.status is DifferenceStatus.SETTLED:
            raise DIFFERENCE_SETTLED.because(f"{before.settled_by} did on {before.settled_on}")
        after = replace(
            before,
            status=DifferenceStatus.SETTLED,
            answer="; ".join(filter(None, (before.answer, because))),
            settled_by=books.by.name,
            settled_on=now.date(),
        )
        rows.change_difference(work, before, after)
        DOCKET.satisfy(work, ANSWER_DIFFERENCE, record=record, now=now, because=because)
        work.record(Act(record=record, clauses=(_CLAUSE,), inputs={"because": because}))
    return after


def _on_docket(work: Work, one: Difference, now: datetime) -> None:
    term = rules.at("provider", _METER, now.date())["difference_answer_days"]
    DOCKET.open(
        work,
        ANSWER_DIFFERENCE,
        record=record_id("difference", one.number),
        owed_by=f"provider:{one.provider}",
        rulebook=_METER,
        start=now.date(),
        due=due(now.date(), term),
        now=now,
        because=f"{one.what}: {one.words}",
    )
