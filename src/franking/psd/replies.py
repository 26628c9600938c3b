"""What a device says, field by field: from the state after and the moment, a message.

Pure. The journal position in a message is the entry before the one that holds the message.
"""

from __future__ import annotations

from base64 import b64encode

from franking.messages import signing
from franking.messages.kinds import (
    AuditReport,
    ClearingOrder,
    ClearingStatement,
    JournalPosition,
    OrderReceipt,
    RegisterReading,
    ResetClosed,
    ResetGrant,
    ResetReceipt,
    ResetRequest,
    RolloverRequest,
    WithdrawalOrder,
    WithdrawalStatement,
)
from franking.psd.exchange import Reply
from franking.psd.orders import Order
from franking.psd.records import DeviceState, Fault, PendingReset


def order_receipt(order: Order, text: str) -> Reply:
    """An order was carried out; this is where the device stands."""
    return lambda state, time: OrderReceipt(
        device=state.standing.device_id,
        issued_at=time,
        order=order.order,
        order_digest=signing.digest(text),
        status=state.status,
        locks=list(state.standing.locks),
        registers=reading(state),
        journal=position(state),
    )


def withdrawal_statement(order: WithdrawalOrder, text: str) -> Reply:
    """Locked for good, with the registers as they stand (PSD-7)."""
    return lambda state, time: WithdrawalStatement(
        device=state.standing.device_id,
        issued_at=time,
        order=order.order,
        order_digest=signing.digest(text),
        registers=reading(state),
        journal=position(state),
    )


def clearing_statement(order: ClearingOrder, text: str, *, withdrawn_mills: int) -> Reply:
    """The value was given up (PSD-7); the last thing that the key signs."""
    return lambda state, time: ClearingStatement(
        device=state.standing.device_id,
        issued_at=time,
        order=order.order,
        order_digest=signing.digest(text),
        withdrawn_mills=withdrawn_mills,
        registers=reading(state),
        journal=position(state),
    )


def rollover_request(order: int, signing_request: bytes) -> Reply:
    """The next key, signed by the present one; ``order`` is what the answer has to bear."""
    return lambda state, time: RolloverRequest(
        device=state.standing.device_id,
        issued_at=time,
        order=order,
        signing_request=b64encode(signing_request).decode(),
        registers=reading(state),
    )


def reset_request(request_id: str, amount_mills: int) -> Reply:
    """Postage value wanted, with the audit data (39 CFR 502.26(a))."""
    return lambda state, time: ResetRequest(
        device=state.standing.device_id,
        issued_at=time,
        sequence=state.registers.reset_sequence + 1,
        request_id=request_id,
        amount_mills=amount_mills,
        registers=reading(state),
        journal=position(state),
        acknowledged=acknowledged(state),
    )


def reset_receipt(grant: ResetGrant, text: str) -> Reply:
    """Credited."""
    return lambda state, time: ResetReceipt(
        device=state.standing.device_id,
        issued_at=time,
        sequence=grant.sequence,
        amount_mills=grant.amount_mills,
        grant_digest=signing.digest(text),
        registers=reading(state),
        journal=position(state),
    )


def reset_closed(pending: PendingReset) -> Reply:
    """A reset ended unused; no grant for it will be taken."""
    return lambda state, time: ResetClosed(
        device=state.standing.device_id,
        issued_at=time,
        sequence=pending.sequence,
        request_digest=pending.request_digest,
        registers=reading(state),
        journal=position(state),
    )


def audit_report(faults: tuple[Fault, ...]) -> Reply:
    """The device audit message (39 CFR 502.24)."""
    return lambda state, time: AuditReport(
        device=state.standing.device_id,
        issued_at=time,
        audit_sequence=state.standing.audit_sequence,
        status=state.status,
        locks=list(state.standing.locks),
        faults=[fault.finding for fault in faults],
        certificate_serial=_certificate_serial(state),
        watchdog_date=f"{state.standing.watchdog_date or ''}",
        registers=reading(state),
        journal=position(state),
        acknowledged=acknowledged(state),
    )


def reading(state: DeviceState) -> RegisterReading:
    """The registers as messages carry them."""
    registers = state.registers
    return RegisterReading(
        ascending_mills=registers.ascending_mills,
        descending_mills=registers.descending_mills,
        control_total_mills=registers.control_total_mills,
        piece_count=registers.piece_count,
        reset_sequence=registers.reset_sequence,
    )


def position(state: DeviceState) -> JournalPosition:
    """The journal's last entry as messages carry it."""
    return JournalPosition(sequence=state.sequence, entry_hash=state.head.hex())


def acknowledged(state: DeviceState) -> JournalPosition:
    """The device's own entry that the provider acknowledged last; 0 and zeros at first."""
    standing = state.standing
    return JournalPosition(
        sequence=standing.acknowledged_sequence, entry_hash=standing.acknowledged_hash
    )


def _certificate_serial(state: DeviceState) -> int:
    certificate = state.standing.certificate
    return certificate.serial if certificate is not None else 0
