"""Deciding on adjustments: the licensing post office or headquarters, and on appeal RSE's manager.

The appeal itself is one of ``franking.postal.licences.appealing``: sixty days from the provider's
recommendation, heard by somebody who did not decide it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime

import msgspec

from franking.clock import instant_text
from franking.docket import Obligation, Swept
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.adjusting import AdjustmentDecided
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.signing import Signer
from franking.money import format_dollars
from franking.postal.adjustments import tables
from franking.postal.adjustments.records import (
    APPEAL,
    DECIDE,
    Adjustment,
    AdjustmentStatus,
    Defect,
)
from franking.postal.licences import appealing
from franking.postal.licences import rows as appeal_rows
from franking.postal.licences.records import Appeal, AppealKind
from franking.postal.schema import DISPATCHES, DOCKET
from franking.rules.permissions import Role
from franking.storage import Act, Books, Reading, Work

ADJUSTMENT_UNKNOWN = Refusal(
    "ADJUSTMENT_UNKNOWN",
    clause="policy",
    remedy="List the adjustments: franking adjustment desk.",
    http_status=404,
)
ADJUSTMENT_DECIDED_BEFORE = Refusal(
    "ADJUSTMENT_DECIDED_BEFORE",
    clause="DMM P030.3.8 (1995)",
    remedy="Appeal it within 60 days of the recommendation: franking adjustment appeal NUMBER.",
)
ADJUSTMENT_NOT_YOURS = Refusal(
    "ADJUSTMENT_NOT_YOURS",
    clause="39 CFR 501.22(h) (1995), 502.21(f) (1997)",
    remedy="Have it decided by whom the report was addressed to.",
    http_status=403,
)
ADJUSTMENT_WITHOUT_REASON = Refusal(
    "ADJUSTMENT_WITHOUT_REASON",
    clause="policy",
    remedy="Say why, in words; what differs from the recommendation has to be explained.",
    http_status=422,
)
_METER = "meter-1995"
_CLAUSES = {_METER: "DMM P030.3.8 (1995)", "ibip-1997": "DMM P050.3.3 (1997)"}
_DECIDERS = {
    _METER: frozenset({Role.POSTMASTER, Role.LICENSING_OFFICER}),
    "ibip-1997": frozenset({Role.LICENSING_OFFICER, Role.RSE_MANAGER}),
}


def note_defect_at_office(
    books: Books,
    *,
    provider: str,
    serial: str,
    licence: str,
    office: str,
    defect: str,
    now: datetime,
) -> Defect:
    """Note what a licensee reports to the licensing postmaster: a defective meter (P030.2.8).

    Raises:
        Refused: ``ADJUSTMENT_WITHOUT_REASON``.
    """
    if not defect.strip():
        raise ADJUSTMENT_WITHOUT_REASON.because(f"nothing is said of {serial}")
    with books.work(now, "note_defect_at_office") as work:
        told = Defect(
            number=0,
            provider=provider,
            serial=serial,
            licence=licence,
            office=office,
            defect=defect,
            told_by=books.by.name,
            told_on=now.date(),
            retrieve_by="",
        )
        noted = tables.add_defect(work, told)
        inputs: dict[str, object] = {"defect": defect, "provider": provider}
        record = record_id("device", serial)
        work.record(Act(record=record, clauses=("DMM P030.2.8 (1995)",), inputs=inputs))
    return noted


def decide_adjustment(
    books: Books, signer: Signer, number: int, *, amount_mills: int, because: str, now: datetime
) -> Adjustment:
    """Decide what is adjusted, and tell the provider, which carries it out.

    Raises:
        Refused: ``ADJUSTMENT_UNKNOWN``, ``ADJUSTMENT_DECIDED_BEFORE``, ``ADJUSTMENT_NOT_YOURS``,
            ``ADJUSTMENT_WITHOUT_REASON``.
    """
    record = record_id("adjustment", number)
    with books.work(now, "decide_adjustment", on=(record,)) as work:
        before = require_adjustment(work, number)
        _require_mine(before, books.by.name, books.by.role)
        if before.status is not AdjustmentStatus.REPORTED:
            raise ADJUSTMENT_DECIDED_BEFORE.because(f"adjustment {number} is {before.status}")
        if not because.strip():
            raise ADJUSTMENT_WITHOUT_REASON.because(f"adjustment {number}")
        after = replace(
            before,
            status=AdjustmentStatus.DECIDED,
            decided_mills=amount_mills,
            because=because,
            decided_by=books.by.name,
            decided_on=now.date(),
        )
        tables.change(work, before, after)
        DOCKET.satisfy(work, DECIDE, record=record, now=now, because="decided")
        _let_appeal(work, after, now)
        _tell(work, signer, after, now, on_appeal=False)
        _note(work, after, because)
    return after


def appeal_adjustment(
    books: Books, number: int, *, letter: str, filed_by: str, now: datetime
) -> Appeal:
    """File a licensee's appeal within sixty days of the provider's recommendation.

    Raises:
        Refused: ``ADJUSTMENT_UNKNOWN``, ``NOTHING_TO_APPEAL``, ``APPEAL_TOO_LATE``,
            ``APPEAL_WITHOUT_REASON``.
    """
    with books.reading() as reading:
        adjustment = require_adjustment(reading, number)
    if adjustment.status not in (AdjustmentStatus.DECIDED, AdjustmentStatus.APPEALED):
        raise appealing.NOTHING_TO_APPEAL.because(f"adjustment {number} is {adjustment.status}")
    appeal = appealing.appeal_adjustment(
        books,
        device=adjustment.serial,
        rulebook=adjustment.rulebook,
        submitted_on=adjustment.submitted_on,
        decided_by=adjustment.decided_by,
        letter=letter,
        filed_by=filed_by,
        now=now,
    )
    # The appeal stands; where this is cut short before the next, asking again finds it and goes on.
    _appealed(books, number, now)
    return appeal


def decide_adjustment_appeal(
    books: Books,
    signer: Signer,
    number: int,
    *,
    amount_mills: int | None,
    reason: str,
    now: datetime,
) -> Adjustment:
    """Decide an appeal: another amount, or (``None``) the decision stands. This is final.

    Raises:
        Refused: ``ADJUSTMENT_UNKNOWN``, ``NOTHING_TO_APPEAL``, ``APPEAL_HEARD_BY_DECIDER``,
            ``APPEAL_DECIDED``, ``APPEAL_WITHOUT_REASON``.
    """
    with books.reading() as reading:
        before = require_adjustment(reading, number)
        if before.status is not AdjustmentStatus.APPEALED:
            raise appealing.NOTHING_TO_APPEAL.because(f"adjustment {number} is {before.status}")
        appeal_id = _appeal_id(reading, before)
    appealing.decide_appeal(
        books, signer, appeal_id, sustain=amount_mills is not None, reason=reason, now=now
    )
    record = record_id("adjustment", number)
    with books.work(now, "decide_adjustment_appeal", on=(record,)) as work:
        before = require_adjustment(work, number)
        decided = before.decided_mills if amount_mills is None else amount_mills
        after = replace(
            before,
            status=AdjustmentStatus.FINAL,
            decided_mills=decided,
            because=reason,
            decided_by=books.by.name,
            decided_on=now.date(),
        )
        tables.change(work, before, after)
        _tell(work, signer, after, now, on_appeal=True)
        _note(work, after, reason)
    return after


def adjustment_final(work: Work, missed: Sequence[Obligation], swept: Swept) -> None:
    """Nobody appealed in sixty days: the decisions are final."""
    for obligation in missed:
        before = tables.find(work, int(obligation.record.removeprefix("adjustment:")))
        if before is not None and before.status is AdjustmentStatus.DECIDED:
            after = replace(before, status=AdjustmentStatus.FINAL)
            tables.change(work, before, after)
            _note(work, after, f"not appealed by {swept.now.date()}", "adjustment_final")


def require_adjustment(books: Reading, number: int) -> Adjustment:
    """An adjustment.

    Raises:
        Refused: ``ADJUSTMENT_UNKNOWN``.
    """
    found = tables.find(books, number)
    if found is None:
        raise ADJUSTMENT_UNKNOWN.because(f"there is no adjustment {number}")
    return found


def adjustments_view(books: Books, *, office: str = "") -> dict[str, list[dict[str, object]]]:
    """What a desk has before it: devices reported defective, and adjustments."""
    with books.reading() as reading:
        return {
            "defects": [defect_json(each) for each in tables.defects(reading, office=office)],
            "adjustments": [adjustment_json(each) for each in tables.every(reading, office=office)],
        }


def adjustment_json(adjustment: Adjustment) -> dict[str, object]:
    """An adjustment as JSON values."""
    given = _plain(asdict(adjustment))
    return {**given, "facts": msgspec.json.decode(adjustment.facts)}


def defect_json(defect: Defect) -> dict[str, object]:
    """A report of a defect as JSON values."""
    return _plain(asdict(defect))


def _appeal_id(books: Reading, adjustment: Adjustment) -> str:
    """The latest appeal about the device's adjustment, decided or not: asked again, it goes on."""
    found = appeal_rows.appeals(books, record_id("device", adjustment.serial))
    return [each.id for each in found if each.kind is AppealKind.ADJUSTMENT][-1]


def _require_mine(adjustment: Adjustment, name: str, role: str) -> None:
    if role not in _DECIDERS[adjustment.rulebook]:
        raise ADJUSTMENT_NOT_YOURS.because(
            f"{adjustment.report} went to the {adjustment.addressee}; {name} acts as {role}"
        )


def _appealed(books: Books, number: int, now: datetime) -> None:
    record = record_id("adjustment", number)
    with books.work(now, "appeal_adjustment", on=(record,)) as work:
        before = require_adjustment(work, number)
        if before.status is AdjustmentStatus.DECIDED:
            tables.change(work, before, replace(before, status=AdjustmentStatus.APPEALED))
            DOCKET.satisfy(work, APPEAL, record=record, now=now, because="appealed")
            _note(work, before, "appealed")


def _let_appeal(work: Work, adjustment: Adjustment, now: datetime) -> None:
    DOCKET.open(
        work,
        APPEAL,
        record=record_id("adjustment", adjustment.number),
        owed_by=f"licensee:{adjustment.licence}",
        rulebook=adjustment.rulebook,
        start=adjustment.submitted_on,
        now=now,
        because=f"{format_dollars(adjustment.decided_mills)}: {adjustment.because}",
    )


def _tell(
    work: Work, signer: Signer, adjustment: Adjustment, now: datetime, *, on_appeal: bool
) -> None:
    message = AdjustmentDecided(
        device=adjustment.serial,
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        report=adjustment.report,
        amount_mills=adjustment.decided_mills,
        because=adjustment.because,
        clause=_CLAUSES[adjustment.rulebook],
        decided_by=adjustment.decided_by,
        decided_on=now.date().isoformat(),
        on_appeal=on_appeal,
    )
    record = record_id("adjustment", adjustment.number)
    DISPATCHES.send(work, message, signer, recipient=adjustment.provider, record=record, now=now)


def _note(work: Work, adjustment: Adjustment, because: str, command: str = "") -> None:
    inputs: dict[str, object] = {"decided_mills": adjustment.decided_mills, "because": because}
    record = record_id("adjustment", adjustment.number)
    clauses = (_CLAUSES[adjustment.rulebook],)
    work.record(Act(command=command, record=record, clauses=clauses, inputs=inputs))


def _plain(given: dict[str, object]) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in given.items()
    }
