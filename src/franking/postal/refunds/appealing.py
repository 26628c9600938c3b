"""Appeals of refund rulings: in thirty days of receipt, with the originals, to the right officer.

b: the postmaster's ruling on dated metered postage; c: business mail entry's on undated; d: a
provider's on PC Postage. The decision is the final agency decision, made by another person.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from franking.identifiers import record_id
from franking.messages.signing import Signer
from franking.postal.refunds import rows
from franking.postal.refunds.decisions import (
    REFUND_APPEAL_UNKNOWN,
    appealed,
    forwarded,
    heard,
    require_reason,
    route_of,
)
from franking.postal.refunds.filing import note
from franking.postal.refunds.records import (
    APPEAL,
    HEAR,
    CaseItem,
    CaseStatus,
    Origin,
    RefundAppeal,
    RefundCase,
)
from franking.postal.refunds.ruling import (
    LINE_UNKNOWN,
    owe_destruction,
    refund_pieces,
    require_case,
    tell_pieces,
    tell_ruling,
)
from franking.postal.schema import DOCKET
from franking.refunds import payout
from franking.refunds.records import Payout
from franking.storage import Books, Reading


def file_refund_appeal(
    books: Books, number: int, *, letter: str, originals: int, filed_by: str, now: datetime
) -> RefundAppeal:
    """File an authorized user's appeal; filed already, it is the same appeal.

    ``originals`` is how many original indicia came with it: those of every item denied.

    Raises:
        Refused: ``REFUND_CASE_UNKNOWN``, ``REFUND_NOT_APPEALABLE``, ``REFUND_APPEAL_TOO_LATE``,
            ``ORIGINALS_MISSING``, ``RULING_WITHOUT_REASON``.
    """
    record = record_id("refund", number)
    with books.work(now, "file_refund_appeal", on=(record,)) as work:
        before = require_case(work, number)
        if before.status is CaseStatus.APPEALED:
            return _require_appeal(work, number)
        items = rows.items_of(work, number)
        appeal = appealed(
            before, items, letter=letter, originals=originals, by=filed_by, on=now.date()
        )
        after = replace(before, status=CaseStatus.APPEALED)
        rows.change_case(work, before, after)
        rows.add_appeal(work, appeal)
        DOCKET.satisfy(work, APPEAL, record=record, now=now, because="appealed")
        DOCKET.open(
            work,
            HEAR,
            record=record,
            owed_by=appeal.to,
            rulebook=before.rulebook,
            start=now.date(),
            now=now,
        )
        note(work, after, "appealed", by=filed_by, because=letter, now=now, clause=appeal.clause)
    return appeal


def forward_refund_appeal(books: Books, number: int, *, now: datetime) -> RefundAppeal:
    """Send an appeal on, as the officer through whom it goes.

    Raises:
        Refused: ``REFUND_APPEAL_UNKNOWN``, ``REFUND_APPEAL_DECIDED``, ``NOT_THE_DECIDER``.
    """
    with books.work(now, "forward_refund_appeal", on=(record_id("refund", number),)) as work:
        case, before = require_case(work, number), _require_appeal(work, number)
        by = books.by
        after = forwarded(before, by=by.name, role=by.role, on=now.date())
        rows.change_appeal(work, before, after)
        because = f"to the {after.to}"
        note(work, case, "forwarded", by=by.name, because=because, now=now, clause=after.clause)
    return after


def decide_refund_appeal(
    books: Books,
    signer: Signer,
    number: int,
    *,
    grant: Collection[int],
    because: str,
    now: datetime,
) -> RefundAppeal:
    """Decide an appeal finally: ``grant`` are the lines, denied before, that are granted now.

    A piece that was mailed meanwhile, or refunded elsewhere, cannot be granted: its case opens.

    Raises:
        Refused: ``REFUND_APPEAL_UNKNOWN``, ``REFUND_APPEAL_DECIDED``, ``NOT_THE_DECIDER``,
            ``APPEAL_NOT_FORWARDED``, ``HEARD_BY_ITS_RULER``, ``LINE_UNKNOWN``,
            ``RULING_WITHOUT_REASON``.
    """
    record = record_id("refund", number)
    with books.work(now, "decide_refund_appeal", on=(record,)) as work:
        case, before = require_case(work, number), _require_appeal(work, number)
        require_reason(because)
        wanted = _wanted(rows.items_of(work, number), grant)
        items = refund_pieces(work, case, wanted, now)
        more = sum(each.item.postage_mills for each in items if each.granted)
        by = books.by
        decided = heard(
            case,
            before,
            granted_mills=more,
            because=because,
            by=by.name,
            role=by.role,
            on=now.date(),
        )
        final = _final(case, decided, now)
        rows.judge_items(work, items)
        rows.change_appeal(work, before, decided)
        rows.change_case(work, case, final)
        DOCKET.satisfy(work, HEAR, record=record, now=now, because=because)
        owe_destruction(work, final, now)
        if final.origin is Origin.PROVIDER:
            told = replace(final, ruled_by=by.name, because=because, clause=decided.clause)
            tell_ruling(work, signer, told, now, on_appeal=True, items=items)
        else:
            tell_pieces(work, signer, final, items, now)
        event = "appeal sustained" if decided.sustained else "appeal denied"
        note(work, final, event, by=by.name, because=because, now=now, clause=decided.clause)
    return decided


def find_appeal(books: Reading, number: int) -> RefundAppeal | None:
    """The appeal about a case."""
    return rows.appeal_of(books, number)


def _final(case: RefundCase, appeal: RefundAppeal, now: datetime) -> RefundCase:
    granted = case.granted_mills + appeal.granted_mills
    kept = payout.charge(route_of(case), granted, case.rulebook, now.date()) if granted else 0
    wanted = Payout.PROVIDER if case.origin is Origin.PROVIDER else case.wanted
    return replace(
        case,
        status=CaseStatus.FINAL,
        granted_mills=granted,
        charge_mills=max(case.charge_mills, kept) if granted else 0,
        payout=wanted.value if granted else "",
        final_on=now.date(),
    )


def _wanted(items: list[CaseItem], grant: Collection[int]) -> list[CaseItem]:
    """The items that were denied, and are to be granted now."""
    denied = {each.line: each for each in items if not each.granted}
    if unknown := sorted(set(grant) - set(denied)):
        raise LINE_UNKNOWN.because(f"lines {', '.join(map(str, unknown))} were not denied")
    return [replace(denied[line], granted=True, reasons=()) for line in sorted(grant)]


def _require_appeal(books: Reading, number: int) -> RefundAppeal:
    found = rows.appeal_of(books, number)
    if found is None:
        raise REFUND_APPEAL_UNKNOWN.because(f"refund case {number} was not appealed")
    return found
