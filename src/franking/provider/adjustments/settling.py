"""Carrying out what was decided on an adjustment: credited to the licensee's account, or collected.

Under 1995 postage that was registered and not used comes back from what was booked as used; under
1997 losses by a malfunction are the provider's, out of its own deposit (P050.3.3, 502.28). Each
decision moves only what the ones before it have not moved.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from franking.errors import Refusal, Refused
from franking.identifiers import record_id
from franking.ledger import LIMIT_PASSED, Posting, Transfer
from franking.messages.adjusting import AdjustmentDecided
from franking.messages.receiving import Hearer
from franking.messages.signing import Signer
from franking.money import format_dollars
from franking.provider.adjustments import rows
from franking.provider.adjustments.examining import REPORT_UNKNOWN, require_report
from franking.provider.adjustments.records import SETTLE, MalfunctionReport, ReportStatus
from franking.provider.funds.accounts import account_of
from franking.provider.funds.chart import CAPITAL, EXPENSE, PROVIDER_DEPOSIT, USED
from franking.provider.schema import DOCKET, LEDGER
from franking.storage import Act, Books, Work

ADJUSTMENT_NOT_DECIDED = Refusal(
    "ADJUSTMENT_NOT_DECIDED",
    clause="DMM P030.3.8 (1995)",
    remedy="Wait for the decision of the Postal Service: franking adjustment show NUMBER.",
)
ADJUSTMENT_UNFUNDED = Refusal(
    "ADJUSTMENT_UNFUNDED",
    clause="DMM P050.3.3 (1997)",
    remedy="Put the money on deposit first (the provider's own where it bears the loss, the"
    " licensee's where postage is collected), or open his account; then settle it.",
)
_Leg = tuple[str, str, int]
"""From which account to which, and how much."""
_PSD: Final = "ibip-1997"
_CLAUSES: Final = {"meter-1995": "DMM P030.3.8 (1995)", _PSD: "DMM P050.3.3 (1997)"}


def take_decision(work: Work, message: AdjustmentDecided, _: Signer, now: datetime) -> None:
    """What the Postal Service decided: carried out at once where the money is there.

    Raises:
        Refused: ``MALFUNCTION_REPORT_UNKNOWN``.
    """
    before = _require_mine(work, message)
    decided = replace(
        before,
        status=ReportStatus.DECIDED,
        decided_mills=message.amount_mills,
        decisions=before.decisions + 1,
        because=message.because,
        clause=message.clause,
    )
    rows.change(work, before, decided)
    _note(work, decided, "adjustment_decided", message.because)
    DOCKET.open(
        work,
        SETTLE,
        record=record_id("malfunction", decided.name),
        owed_by="provider",
        rulebook=decided.rulebook,
        start=now.date(),
        now=now,
        because=f"{format_dollars(decided.decided_mills)} for {decided.serial}",
    )
    if _can_settle(work, decided):
        _settle(work, decided, now)


def settle_adjustment(books: Books, number: int, *, now: datetime) -> MalfunctionReport:
    """Carry out a decision for which the money was not there; settled already, nothing changes.

    Raises:
        Refused: ``MALFUNCTION_REPORT_UNKNOWN``, ``ADJUSTMENT_NOT_DECIDED``,
            ``ADJUSTMENT_UNFUNDED``.
    """
    with books.work(now, "settle_adjustment") as work:
        report = require_report(work, number)
        if report.status is ReportStatus.SETTLED:
            return report
        if report.status is not ReportStatus.DECIDED:
            raise ADJUSTMENT_NOT_DECIDED.because(f"{report.name} is {report.status}")
        if not _can_settle(work, report):
            raise ADJUSTMENT_UNFUNDED.because(
                f"{format_dollars(report.decided_mills - report.settled_mills)} for {report.serial}"
            )
        try:
            return _settle(work, report, now)
        except Refused as refused:
            if refused.refusal is LIMIT_PASSED:
                raise ADJUSTMENT_UNFUNDED.because(refused.detail) from refused
            raise


def posting(report: MalfunctionReport, account: str) -> Posting | None:
    """What is still to be moved for a decision; ``None`` where that is nothing. Pure.

    ``account`` is the licensee's, by its number.
    """
    wanted, done = report.decided_mills, report.settled_mills
    legs = _borne_by_provider if report.rulebook == _PSD else _borne_by_postal_service
    transfers = tuple(
        Transfer(debit=debit, credit=credit, amount_mills=abs(amount_mills))
        for debit, credit, amount_mills in map(_forward, legs(f"deposits:{account}", wanted, done))
        if amount_mills
    )
    if not transfers:
        return None
    return Posting(
        key=f"adjustment:{report.name}:{report.decisions}",
        kind="adjustment",
        transfers=transfers,
        clause=_CLAUSES[report.rulebook],
        because=report.because,
        reference=record_id("device", report.serial),
    )


def _borne_by_postal_service(deposits: str, wanted: int, done: int) -> tuple[_Leg, ...]:
    """1995: postage that was booked as used comes back, or what was used more is collected."""
    return ((USED, deposits, wanted - done),)


def _borne_by_provider(deposits: str, wanted: int, done: int) -> tuple[_Leg, ...]:
    """1997: the provider makes the licensee whole, and the Postal Service, at its own cost."""
    return (
        (PROVIDER_DEPOSIT, deposits, max(0, wanted) - max(0, done)),
        (PROVIDER_DEPOSIT, USED, max(0, -wanted) - max(0, -done)),
        (EXPENSE, CAPITAL, abs(wanted) - abs(done)),
    )


def _forward(leg: _Leg) -> _Leg:
    """A leg of less than nothing goes the other way."""
    debit, credit, amount_mills = leg
    return leg if amount_mills >= 0 else (credit, debit, -amount_mills)


def _can_settle(work: Work, report: MalfunctionReport) -> bool:
    account = account_of(work, report.licence)
    if report.decided_mills == report.settled_mills:
        return True
    if account is None:
        return False
    made = posting(report, account.number)
    counted = ("deposits", PROVIDER_DEPOSIT)
    return made is not None and all(
        LEDGER.balance(work, each.debit).available_mills >= each.amount_mills
        for each in made.transfers
        if each.debit.startswith(counted)
    )


def _settle(work: Work, report: MalfunctionReport, now: datetime) -> MalfunctionReport:
    account = account_of(work, report.licence)
    made = posting(report, account.number) if account else None
    if made is not None:
        LEDGER.post(work, made, now)
    settled = ReportStatus.SETTLED
    after = replace(report, status=settled, settled_mills=report.decided_mills)
    rows.change(work, report, after)
    record = record_id("malfunction", report.name)
    DOCKET.satisfy(work, SETTLE, record=record, now=now, because="settled")
    _note(work, after, "settle_adjustment", report.because)
    return after


def _require_mine(work: Work, message: AdjustmentDecided) -> MalfunctionReport:
    digits = message.report.removeprefix("M-")
    found = rows.find(work, int(digits)) if digits.isascii() and digits.isdigit() else None
    if found is None or found.serial != message.device:
        raise REPORT_UNKNOWN.because(f"there is no report {message.report} on {message.device}")
    return found


def _note(work: Work, report: MalfunctionReport, command: str, because: str) -> None:
    inputs: dict[str, object] = {
        "decided_mills": report.decided_mills,
        "settled_mills": report.settled_mills,
        "because": because,
    }
    work.record(
        Act(
            command=command,
            record=record_id("malfunction", report.name),
            clauses=(_CLAUSES[report.rulebook],),
            inputs=inputs,
        )
    )


def _about(message: AdjustmentDecided) -> str:
    return record_id("malfunction", message.report)


# The ledger's accounts are found only when the message is read.
HEARERS = (Hearer(AdjustmentDecided, _about, take_decision, alone=True),)
