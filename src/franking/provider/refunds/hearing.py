"""What the Postal Service answers on refunds: rulings, checks, reimbursements, pieces refunded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.receiving import Hearer
from franking.messages.refunding import (
    PiecesRefunded,
    RefundCheckIssued,
    RefundRuled,
    ReimbursementAnswered,
)
from franking.messages.signing import Signer
from franking.money import format_dollars
from franking.provider.refunds import decisions, money, rows
from franking.provider.refunds.deciding import refund_items
from franking.provider.refunds.filing import require_case
from franking.provider.refunds.records import (
    APPEAL,
    Case,
    CaseStatus,
    EntryOutcome,
    FiledItem,
    Ruling,
    case_number,
)
from franking.provider.refunds.sitting import Sitting
from franking.provider.schema import DOCKET
from franking.refunds.records import Decider, Payout
from franking.storage import Act, Work

USER_CAUSED = Refusal(
    "REFUND_USER_CAUSED",
    clause="DMM 604.9.3.1 (2008)",
    remedy="Correct the report of the cause, or deny the refund: a fault of the user is his own.",
)
AMOUNT_CONTRADICTS = Refusal(
    "REFUND_AMOUNT_CONTRADICTS",
    clause="DMM 604.9.2.8 (2008)",
    remedy="Compare both books: the amount is not that of the request; nothing was posted.",
)
_CLAIM = "DMM 604.9.3.1b (2008); 73 FR 26353"
_PIECES = "DMM 604.9.3 (2008)"


def take_ruling(work: Work, message: RefundRuled, signer: Signer, now: datetime) -> None:
    """Carry out what the Postal Service ruled of a case that was forwarded, or appealed.

    Raises:
        Refused: ``REFUND_REQUEST_UNKNOWN``, ``REFUND_STEP_UNSUITABLE``, ``REFUND_USER_CAUSED``,
            ``REFUND_AMOUNT_CONTRADICTS``, ``REFUND_VALUE_NOT_IN_BOOKS``.
    """
    case = require_case(work, message.case)
    sitting = Sitting(work, signer, message.decided_by, now, Decider.HEADQUARTERS)
    _require_step(case, message)
    if message.on_appeal:
        because = f"decided by {message.decided_by}"
        DOCKET.satisfy(work, APPEAL, record=case.record, now=now, because=because)
    if not message.granted:
        _deny(sitting, case, message)
    elif case.is_of_value:
        _grant_value(sitting, case, message)
    else:
        _grant_items(sitting, case, message)


def take_check(work: Work, message: RefundCheckIssued, signer: Signer, now: datetime) -> None:
    """The Postal Service issued its check: the case is paid.

    Raises:
        Refused: ``REFUND_REQUEST_UNKNOWN``, ``REFUND_STEP_UNSUITABLE``,
            ``REFUND_AMOUNT_CONTRADICTS``.
    """
    case = require_case(work, message.case)
    issued_on = date.fromisoformat(message.issued_on)
    after = decisions.settled(case, issued_on, reference=message.check)
    _require_amount(case, message.amount_mills)
    money.pay(work, after, Payout.CHECK, now)
    sitting = Sitting(work, signer, message.sender, now, Decider.HEADQUARTERS)
    sitting.keep(case, after, f"check {message.check} issued")


def take_answer(work: Work, message: ReimbursementAnswered, _: Signer, now: datetime) -> None:
    """Note which entries of a claim are reimbursed; what is, is posted.

    Raises:
        Refused: ``REFUND_REQUEST_UNKNOWN``, ``REFUND_AMOUNT_CONTRADICTS``.
    """
    known = {each.key: each for each in rows.entries_of(work, message.claim)}
    answered = {each.key: each for each in message.entries}
    if not known or set(known) != set(answered):
        raise decisions.REFUND_REQUEST_UNKNOWN.because(
            f"{message.claim} has other entries than answered"
        )
    total = sum(known[key].amount_mills for key, each in answered.items() if each.reimbursed)
    if total != message.reimbursed_mills:
        raise AMOUNT_CONTRADICTS.because(
            f"{format_dollars(message.reimbursed_mills)} for entries of {format_dollars(total)}"
        )
    for key, each in answered.items():
        outcome = EntryOutcome.REIMBURSED if each.reimbursed else EntryOutcome.REFUSED
        rows.answer_entry(work, key, outcome, each.because)
    number = int(message.claim.removeprefix("C-"))
    rows.close_claim(work, number, reimbursed_mills=total, on=now.date())
    if total > 0:
        money.reimbursed(work, message.claim, total, _CLAIM, now)
    inputs: dict[str, object] = {"reimbursed_mills": total, "entries": len(answered)}
    record = record_id("claim", message.claim)
    work.record(Act(record=record, clauses=(_CLAIM,), inputs=inputs))


def take_pieces(work: Work, message: PiecesRefunded, _: Signer, now: datetime) -> None:
    """Note the pieces that the Postal Service refunded: they are not refunded here again."""
    named = [(each.device, each.ascending_mills) for each in message.pieces]
    known = rows.refunded(work, named)
    fresh = {
        name: each for name, each in zip(named, message.pieces, strict=True) if name not in known
    }
    on = date.fromisoformat(message.refunded_on)
    rows.note_refunded(work, fresh.values(), case=message.case, by=message.sender, on=on)
    inputs: dict[str, object] = {"pieces": len(fresh), "known": len(known)}
    record = record_id("postal refund", message.case)
    work.record(Act(record=record, clauses=(_PIECES,), inputs=inputs))


def _require_step(case: Case, message: RefundRuled) -> None:
    wanted = CaseStatus.DENIED if message.on_appeal else CaseStatus.FORWARDED
    if case.status is not wanted:
        raise decisions.REFUND_STEP_UNSUITABLE.because(
            f"{case.id} is {case.status.value}, not {wanted.value}"
        )


def _deny(sitting: Sitting, case: Case, message: RefundRuled) -> None:
    """Denied, or, on appeal, denied for good: then only the history grows."""
    if message.on_appeal:
        rows.note(
            sitting.work,
            case,
            "appeal denied",
            clause=message.clause,
            because=message.because,
            by=message.decided_by,
            now=sitting.now,
        )
        return
    denied = decisions.ruled(case, _ruling(message, 0), CaseStatus.DENIED)
    sitting.keep(case, denied, "denied by the Postal Service")


def _grant_value(sitting: Sitting, case: Case, message: RefundRuled) -> None:
    """The amount moves into the case; below the floor of checks it is credited at once."""
    if case.caused_by_user:
        raise USER_CAUSED.because(f"{case.id}: {case.cause}")
    payout = Payout(message.payout)
    granted = replace(
        decisions.ruled(case, _ruling(message, message.amount_mills), CaseStatus.GRANTED),
        payout=payout,
    )
    money.take_value(sitting.work, granted, sitting.now)
    kept = sitting.keep(case, granted, "granted by the Postal Service")
    if payout is not Payout.CHECK:
        money.pay(sitting.work, kept, payout, sitting.now)
        sitting.keep(kept, decisions.settled(kept, sitting.now.date()), f"paid: {payout.value}")


def _grant_items(sitting: Sitting, case: Case, message: RefundRuled) -> None:
    """An appeal was sustained: of the pieces granted, every one that was not refunded since."""
    items = rows.items_of(sitting.work, case.number)
    sitting.wait_for_devices({each.item.device for each in items})
    known = rows.refunded(sitting.work, [_name(each) for each in items])
    granted = {(each.device, each.ascending_mills) for each in message.pieces}
    wanted = [each for each in items if not granted or _name(each) in granted]
    left = [each for each in wanted if _name(each) not in known]
    total = sum(each.item.postage_mills for each in left)
    if total != message.amount_mills or not left:
        raise AMOUNT_CONTRADICTS.because(
            f"{format_dollars(message.amount_mills)} for pieces of {format_dollars(total)}"
        )
    refund_items(sitting, case, left, f"on appeal: {message.because}")


def _name(filed: FiledItem) -> tuple[str, int]:
    return filed.item.device, filed.item.ascending_mills or 0


def _require_amount(case: Case, amount_mills: int) -> None:
    if amount_mills != case.amount_mills:
        raise AMOUNT_CONTRADICTS.because(
            f"a check of {format_dollars(amount_mills)} for {format_dollars(case.amount_mills)}"
        )


def _ruling(message: RefundRuled, amount_mills: int) -> Ruling:
    return Ruling(
        granted=message.granted,
        amount_mills=amount_mills,
        because=message.because,
        clause=message.clause,
        decider=Decider.HEADQUARTERS,
        decided_by=message.decided_by,
        decided_on=date.fromisoformat(message.decided_on),
    )


def _refund(message: RefundRuled | RefundCheckIssued) -> str:
    number = case_number(message.case)
    return record_id("refund", message.case if number is None else f"R-{number:06d}")


HEARERS: Final = (
    Hearer(RefundRuled, _refund, take_ruling),
    Hearer(RefundCheckIssued, _refund, take_check),
    Hearer(ReimbursementAnswered, lambda message: record_id("claim", message.claim), take_answer),
    Hearer(
        PiecesRefunded,
        lambda message: record_id("postal refund", message.case),
        take_pieces,
        alone=True,
    ),
)
