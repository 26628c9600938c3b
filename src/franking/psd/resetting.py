"""Resets and audits: asking for postage, taking it once, and being looked after.

The messages of a connection with the provider (39 CFR 502.24, 502.26). Laws kept here: PSD-2,
PSD-3, PSD-6.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from msgspec.structs import replace

from franking.messages.kinds import AuditReceipt, ResetGrant
from franking.psd import replies, resets
from franking.psd.exchange import hash_at, record, reply_of, stored_message
from franking.psd.mechanism import Mechanism
from franking.psd.ordering import once
from franking.psd.orders import require_status
from franking.psd.records import DeviceState, EntryKind
from franking.psd.requests import REQUEST_ID_USED, REQUEST_UNREADABLE, require_request_id
from franking.psd.store import Entry
from franking.psd.terms import require_here


def request_reset(
    mechanism: Mechanism, request_id: str, now: datetime, *, amount_mills: int
) -> str:
    """Ask for postage; again under the same id, the same request (JWS ``ResetRequest``).

    Raises:
        Refused: ``REQUEST_UNREADABLE``, ``REQUEST_ID_USED``, ``DEVICE_FAULTED``, or what
            ``resets.require_resettable`` refuses.
    """
    require_request_id(request_id)
    if type(amount_mills) is not int:
        raise REQUEST_UNREADABLE.because(f"{amount_mills!r} is not a whole number of mills")
    mechanism.require_certain()
    digest = hashlib.sha256(f"reset {amount_mills}".encode()).digest()
    earlier = mechanism.store.requests([request_id]).get(request_id)
    if earlier is not None:
        return _reset_again(mechanism.authentic(earlier), digest)
    mechanism.require_sound()
    resets.require_resettable(mechanism.state, amount_mills=amount_mills, now=now)
    return record(
        mechanism,
        EntryKind.RESET_REQUESTED,
        mechanism.state,
        now,
        reply=replies.reset_request(request_id, amount_mills),
        settle=lambda state, reply: resets.requested(
            state, amount_mills=amount_mills, request_digest=reply
        ),
        request_id=request_id,
        request_digest=digest,
    )


def apply_grant(mechanism: Mechanism, text: str, now: datetime) -> str:
    """Credit a grant, once; the receipt (JWS ``ResetReceipt``), also for the same grant again.

    Raises:
        Refused: ``DEVICE_FAULTED``, what ``believe`` and ``resets.granted`` refuse.
    """

    def carry_out(grant: ResetGrant) -> str:
        ours = hash_at(mechanism, grant.acknowledged.sequence)
        after = resets.granted(mechanism.state, grant, now, ours)
        reply = replies.reset_receipt(grant, text)
        return record(mechanism, EntryKind.CREDITED, after, now, received=text, reply=reply)

    return once(mechanism, text, ResetGrant, carry_out)


def close_reset(mechanism: Mechanism, now: datetime) -> str:
    """End the pending reset unused (JWS ``ResetClosed``); again, the same statement.

    Raises:
        Refused: ``NO_RESET_PENDING``, ``WRONG_STATUS``, ``DEVICE_FAULTED``, ``DEVICE_MOVED``.
    """
    mechanism.require_certain()
    standing = mechanism.state.standing
    if standing.reset is None and standing.reset_closed_digest:
        return stored_message(mechanism, standing.reset_closed_digest)
    mechanism.require_sound()
    after, pending = resets.closed(mechanism.state)
    return record(
        mechanism,
        EntryKind.RESET_CLOSED,
        after,
        now,
        reply=replies.reset_closed(pending),
        settle=_with_closed_digest,
    )


def audit(mechanism: Mechanism, now: datetime) -> str:
    """The device audit message (JWS ``AuditReport``); each call makes a new one.

    A clock behind the device's does not stop it: an audit is how that is put right.

    Raises:
        Refused: ``WRONG_STATUS``, ``DEVICE_FAULTED``, ``DEVICE_MOVED``.
    """
    mechanism.require_certain()
    mechanism.require_sound()
    state = mechanism.state
    require_here(state.standing)
    require_status(state, resets.CLOSABLE)
    standing = replace(state.standing, audit_sequence=state.standing.audit_sequence + 1)
    return record(
        mechanism,
        EntryKind.AUDITED,
        replace(state, standing=standing),
        now,
        reply=replies.audit_report(mechanism.faults),
        settle=_with_audit_digest,
    )


def apply_audit_receipt(mechanism: Mechanism, text: str, now: datetime) -> None:
    """The audit passed: watchdog renewed, clock corrected; the same again changes nothing.

    Raises:
        Refused: ``DEVICE_FAULTED``, what ``believe`` and ``resets.receipted`` refuse.
    """

    def carry_out(receipt: AuditReceipt) -> str:
        ours = hash_at(mechanism, receipt.acknowledged.sequence)
        after = resets.receipted(mechanism.state, receipt, now, ours)
        return record(mechanism, EntryKind.AUDIT_RECEIVED, after, now, received=text)

    once(mechanism, text, AuditReceipt, carry_out)


def _reset_again(entry: Entry, digest: bytes) -> str:
    if entry.kind is not EntryKind.RESET_REQUESTED or entry.request_digest != digest:
        raise REQUEST_ID_USED.because(
            f"request id {entry.request_id} was used with other fields, or for another end"
        )
    return reply_of(entry)


def _with_closed_digest(state: DeviceState, digest: str) -> DeviceState:
    return replace(state, standing=replace(state.standing, reset_closed_digest=digest))


def _with_audit_digest(state: DeviceState, digest: str) -> DeviceState:
    return replace(state, standing=replace(state.standing, audit_digest=digest))
