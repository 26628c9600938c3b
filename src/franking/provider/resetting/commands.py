"""Commands on resets and audits: a device's message in, our signed answer out.

The same message always gets the same answer, byte for byte, whatever has happened since.
"""

from __future__ import annotations

from datetime import datetime

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.kinds import (
    AuditReceipt,
    AuditReport,
    JournalPosition,
    ResetClosed,
    ResetGrant,
    ResetReceipt,
    ResetRequest,
)
from franking.messages.signing import Signer, digest, sign, unverified
from franking.money import format_dollars
from franking.provider.devices import signed
from franking.provider.devices.records import Occasion
from franking.provider.examinations import standing as examinations
from franking.provider.funds.charging import charge_for_reset, require_resettable
from franking.provider.resetting import decisions, money, rows, settlement
from franking.provider.resetting.hearing import (
    CLAUSES,
    believed,
    hearing,
    known_around,
    known_of_sequence,
    remember,
    require_device,
    rules_of,
)
from franking.provider.resetting.records import Device, Reset, ResetStatus
from franking.storage import Act, Books, Work

_AUDIT_CLAUSES = ("39 CFR 502.24 (1997)", "DMM P050.3.4 (1997)")


def grant_reset(books: Books, signer: Signer, request: str, now: datetime) -> str:
    """Answer a ``ResetRequest`` with a ``ResetGrant``: one for a sequence, for good.

    Raises:
        Refused: what ``hearing.believed`` and ``decisions.grant`` refuse; ``RESET_DENIED``, and
            what ``charging`` refuses of the account and its funds; ``RESET_EXCEEDS_LIMIT``.
    """
    with hearing(books, request, ResetRequest, now, "grant_reset") as work:
        if (before := rows.reply_to(work, digest(request))) is not None:
            return before
        device, message = believed(work, request, ResetRequest)
        rules = rules_of(device, now)
        decision = decisions.grant(known_around(work, device, message), message, rules)
        account = _charged(work, decision, now)
        decisions.require_within_limit(decision, rules)
        text = sign(grant_of(decision, digest(request), now), signer)
        after = money.reported(work, decision.device, None, now)
        rows.change_device(work, device, after)
        rows.add_reset(work, reset_of(decision, digest(request), text, account))
        rows.acknowledge(work, device.device_id, decision.acknowledged)
        signed.read(work, device.device_id, message.registers, Occasion.RESET, now)
        examinations.heard_from(work, signer, device.device_id, how="reset", now=now)
        remember(work, request, ResetRequest, device, text)
        work.record(
            Act(
                command="grant_reset",
                record=record_id("device", device.device_id),
                clauses=CLAUSES,
                inputs={
                    "sequence": decision.sequence,
                    "amount": format_dollars(decision.amount_mills),
                    "request": digest(request),
                    **money.shown(after),
                },
            )
        )
    return text


def accept_receipt(books: Books, receipt: str, now: datetime) -> Device:
    """Take a ``ResetReceipt``: the device has credited its grant.

    Raises:
        Refused: what ``hearing.believed`` and ``decisions.confirm`` refuse.
    """
    with hearing(books, receipt, ResetReceipt, now, "accept_receipt") as work:
        if rows.reply_to(work, digest(receipt)) is not None:
            return require_device(work, unverified(receipt, ResetReceipt).device)
        device, message = believed(work, receipt, ResetReceipt)
        known = known_of_sequence(work, device, message.sequence)
        acknowledged = acknowledged_by(known.same_sequence, message)
        after, reset = decisions.confirm(known, message, acknowledged)
        after = money.settle(work, settlement.confirmed(after, reset), now)
        rows.change_device(work, device, after)
        rows.settle_reset(work, reset)
        remember(work, receipt, ResetReceipt, device)
        work.record(_act("accept_receipt", after, sequence=message.sequence))
    return after


def accept_closed(books: Books, closed: str, now: datetime) -> Device:
    """Take a ``ResetClosed``: the reset ended unused, and no grant for it will be taken.

    Raises:
        Refused: what ``hearing.believed`` and ``decisions.close`` refuse.
    """
    with hearing(books, closed, ResetClosed, now, "accept_closed") as work:
        if rows.reply_to(work, digest(closed)) is not None:
            return require_device(work, unverified(closed, ResetClosed).device)
        device, message = believed(work, closed, ResetClosed)
        known = known_of_sequence(work, device, message.sequence)
        after, reset = decisions.close(known, message)
        after = money.reported(work, after, _other(known.transit, reset), now)
        rows.change_device(work, device, after)
        if known.same_sequence is None:
            rows.add_reset(work, reset)
        else:
            rows.settle_reset(work, reset)
        remember(work, closed, ResetClosed, device)
        work.record(_act("accept_closed", after, sequence=message.sequence))
    return after


def receive_audit(books: Books, signer: Signer, report: str, now: datetime) -> str:
    """Answer an ``AuditReport`` with an ``AuditReceipt``, which renews the watchdog.

    Raises:
        Refused: what ``hearing.believed`` and ``decisions.audit`` refuse.
    """
    with hearing(books, report, AuditReport, now, "receive_audit") as work:
        if (before := rows.reply_to(work, digest(report))) is not None:
            return before
        device, message = believed(work, report, AuditReport)
        known = known_around(work, device, message)
        decision = decisions.audit(known, message, rules_of(device, now))
        text = sign(
            AuditReceipt(
                device=device.device_id,
                issued_at=instant_text(now),
                audit_sequence=message.audit_sequence,
                report_digest=digest(report),
                acknowledged=decision.acknowledged,
                watchdog_date=decision.watchdog_date.isoformat(),
                corrected_time=instant_text(now),
            ),
            signer,
        )
        after = money.reported(work, decision.device, known.transit, now)
        rows.change_device(work, device, after)
        money.give_back(work, rows.closed_resets(work, device.device_id), now)
        rows.acknowledge(work, device.device_id, decision.acknowledged)
        signed.read(work, device.device_id, message.registers, Occasion.AUDIT, now)
        examinations.heard_from(work, signer, device.device_id, how="audited", now=now)
        examinations.forward_audit(work, signer, device.device_id, report, now)
        remember(work, report, AuditReport, device, text)
        work.record(
            Act(
                command="receive_audit",
                record=record_id("device", device.device_id),
                clauses=_AUDIT_CLAUSES,
                inputs={
                    "audit": message.audit_sequence,
                    "report": digest(report),
                    **money.shown(after),
                },
            )
        )
    return text


def grant_of(decision: decisions.GrantDecision, request_digest: str, now: datetime) -> ResetGrant:
    """What is signed of a decision to grant."""
    return ResetGrant(
        device=decision.device.device_id,
        issued_at=instant_text(now),
        sequence=decision.sequence,
        amount_mills=decision.amount_mills,
        request_digest=request_digest,
        acknowledged=decision.acknowledged,
        watchdog_date=decision.watchdog_date.isoformat(),
    )


def _charged(work: Work, decision: decisions.GrantDecision, now: datetime) -> str:
    """Charge a grant once nothing locks the device or its account; the account's number."""
    device = decision.device
    signed.require_grantable(work, device.device_id)
    require_resettable(work, device.licence, now.date())
    charge = charge_for_reset(
        work, device.device_id, device.licence, decision.amount_mills, decision.sequence, now
    )
    return charge.account.number


def _other(transit: Reset | None, reset: Reset) -> Reset | None:
    """The grant in transit, where it is of another sequence than the one that closed."""
    return transit if transit is not None and transit.sequence != reset.sequence else None


def reset_of(
    decision: decisions.GrantDecision, request_digest: str, text: str, account: str
) -> Reset:
    """What is stored of a grant that was signed and charged."""
    return Reset(
        device_id=decision.device.device_id,
        sequence=decision.sequence,
        amount_mills=decision.amount_mills,
        request_digest=request_digest,
        grant=text,
        grant_digest=digest(text),
        status=ResetStatus.GRANTED,
        account=account,
    )


def acknowledged_by(reset: Reset | None, receipt: ResetReceipt) -> JournalPosition:
    """The position that the grant acknowledged; the device knows it once it has the grant."""
    if reset is None or not reset.grant:
        raise decisions.RESET_UNKNOWN.because(f"reset {receipt.sequence} was not granted")
    return unverified(reset.grant, ResetGrant).acknowledged


def _act(command: str, after: Device, **inputs: object) -> Act:
    return Act(
        command=command,
        record=record_id("device", after.device_id),
        clauses=CLAUSES,
        inputs={**inputs, **money.shown(after)},
    )
