"""How resets and audits move a device: state and message in, next state out.

Pure. Laws kept here: PSD-2 (a credit once per reset sequence), PSD-6 (watchdog and clock). Same
messages again are answered from the journal before anything here is asked.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from msgspec.structs import replace

from franking import rules
from franking.clock import instant_text, parse_instant
from franking.errors import Refusal
from franking.messages.kinds import AuditReceipt, JournalPosition, ResetGrant
from franking.money import format_dollars
from franking.psd.orders import RESET_PENDING, limit_mills, require_status, watchdog_date
from franking.psd.records import IN_SERVICE, LOCK_MOVED, DeviceState, PendingReset, Standing, Status
from franking.psd.registers import close_unused, credit, require_credit
from franking.psd.terms import accepted_time, require_clock, require_here

GRANT_USED = Refusal(
    "GRANT_USED",
    clause="39 CFR 502.26(a) (1997)",
    remedy="Request a new reset: the reset this grant was for has come to an end.",
)
GRANT_SKIPPED = Refusal(
    "GRANT_SKIPPED",
    clause="39 CFR 502.26(a) (1997)",
    remedy="Ask the provider which reset comes next, and audit the device.",
)
GRANT_UNREQUESTED = Refusal(
    "GRANT_UNREQUESTED",
    clause="39 CFR 502.26(a) (1997)",
    remedy="Request a reset first, and apply the grant that answers it.",
)
GRANT_OF_ANOTHER_REQUEST = Refusal(
    "GRANT_OF_ANOTHER_REQUEST",
    clause="39 CFR 502.26(a) (1997)",
    remedy="Ask the provider for the grant of the request that this device made.",
)
NO_RESET_PENDING = Refusal(
    "NO_RESET_PENDING",
    clause="39 CFR 502.26(a) (1997)",
    remedy="There is nothing to close; request a reset when postage is wanted.",
)
AUDIT_RECEIPT_OLD = Refusal(
    "AUDIT_RECEIPT_OLD",
    clause="39 CFR 502.24 (1997)",
    remedy="Give the device the receipt of its latest audit report, or audit it again.",
)
AUDIT_RECEIPT_SKIPPED = Refusal(
    "AUDIT_RECEIPT_SKIPPED",
    clause="39 CFR 502.24 (1997)",
    remedy="Audit the device again: the receipt is for a report that it has not made.",
)
AUDIT_RECEIPT_OF_ANOTHER_REPORT = Refusal(
    "AUDIT_RECEIPT_OF_ANOTHER_REPORT",
    clause="39 CFR 502.24 (1997)",
    remedy="Audit the device again, and give it the receipt of that report.",
)
JOURNAL_NOT_ACKNOWLEDGED = Refusal(
    "JOURNAL_NOT_ACKNOWLEDGED",
    clause="39 CFR 502.24 (1997)",
    remedy="Stop using the device and tell the provider: one of the two journals was replaced.",
)
CLOCK_BEYOND_TOLERANCE = Refusal(
    "CLOCK_BEYOND_TOLERANCE",
    clause="policy",
    remedy="Set the computer's clock right; if it is right, have the device examined.",
)

CLOSABLE = IN_SERVICE | {Status.WITHDRAWN}


def require_resettable(state: DeviceState, *, amount_mills: int, now: datetime) -> None:
    """Whether a reset of this amount may be requested now (DMM P050.3.5).

    Raises:
        Refused: ``DEVICE_MOVED``, ``WRONG_STATUS``, ``CLOCK_BEHIND``, ``RESET_PENDING``,
            ``AMOUNT_MUST_BE_POSITIVE`` or ``CREDIT_ABOVE_LIMIT``.
    """
    require_here(state.standing)
    require_status(state, IN_SERVICE)
    require_clock(instant_text(now), latest=state.latest_time)
    if state.standing.reset is not None:
        pending = state.standing.reset
        raise RESET_PENDING.because(
            f"reset {pending.sequence} of {format_dollars(pending.amount_mills)} is pending"
        )
    limit = limit_mills(state.standing, now.date())
    require_credit(state.registers, amount_mills=amount_mills, limit_mills=limit)


def requested(state: DeviceState, *, amount_mills: int, request_digest: str) -> DeviceState:
    """A reset is pending."""
    reset = PendingReset(
        sequence=state.registers.reset_sequence + 1,
        amount_mills=amount_mills,
        request_digest=request_digest,
    )
    return replace(state, standing=replace(state.standing, reset=reset, reset_closed_digest=""))


def granted(
    state: DeviceState, grant: ResetGrant, now: datetime, acknowledged: bytes | None
) -> DeviceState:
    """Credit what was requested (PSD-2); ``acknowledged`` is our hash at the grant's position.

    Raises:
        Refused: ``DEVICE_MOVED``, ``WRONG_STATUS``, ``CLOCK_BEHIND``, ``GRANT_USED``,
            ``GRANT_SKIPPED``, ``GRANT_UNREQUESTED``, ``GRANT_OF_ANOTHER_REQUEST``,
            ``JOURNAL_NOT_ACKNOWLEDGED`` or ``CREDIT_ABOVE_LIMIT``.
    """
    require_here(state.standing)
    require_status(state, IN_SERVICE)
    require_clock(instant_text(now), latest=state.latest_time)
    _require_requested(state, grant)
    today = now.date()
    limit = limit_mills(state.standing, today)
    registers = credit(state.registers, amount_mills=grant.amount_mills, limit_mills=limit)
    standing = replace(
        state.standing,
        reset=None,
        watchdog_date=watchdog_date(state.standing, grant.watchdog_date, today),
    )
    credited = replace(state, status=Status.OPERATIONAL, registers=registers, standing=standing)
    return _acknowledge(credited, grant.acknowledged, acknowledged)


def closed(state: DeviceState) -> tuple[DeviceState, PendingReset]:
    """End the pending reset without a credit, and which it was.

    Raises:
        Refused: ``DEVICE_MOVED``, ``WRONG_STATUS`` or ``NO_RESET_PENDING``.
    """
    require_here(state.standing)
    require_status(state, CLOSABLE)
    pending = state.standing.reset
    if pending is None:
        raise NO_RESET_PENDING.because("no reset is pending")
    standing = replace(state.standing, reset=None)
    return replace(state, registers=close_unused(state.registers), standing=standing), pending


def receipted(
    state: DeviceState, receipt: AuditReceipt, now: datetime, acknowledged: bytes | None
) -> DeviceState:
    """The audit passed: renew the watchdog, correct the clock, release a moved device.

    Raises:
        Refused: ``DEVICE_MOVED``, ``WRONG_STATUS``, ``AUDIT_RECEIPT_OLD``,
            ``AUDIT_RECEIPT_SKIPPED``, ``AUDIT_RECEIPT_OF_ANOTHER_REPORT``,
            ``JOURNAL_NOT_ACKNOWLEDGED`` or ``CLOCK_BEYOND_TOLERANCE``.
    """
    require_here(state.standing)
    require_status(state, CLOSABLE)
    _require_reported(state, receipt)
    standing = replace(
        state.standing,
        audit_digest="",
        locks=tuple(cause for cause in state.standing.locks if cause != LOCK_MOVED),
        watchdog_date=watchdog_date(state.standing, receipt.watchdog_date, now.date()),
    )
    latest = corrected_time(state, standing, receipt, now)
    passed = replace(state, standing=standing, latest_time=latest)
    return _acknowledge(passed, receipt.acknowledged, acknowledged)


def corrected_time(
    state: DeviceState, after: Standing, receipt: AuditReceipt, now: datetime
) -> str:
    """The latest accepted time after a receipt (PSD-6).

    Only where the computer's clock is behind the device's, or past the watchdog date that the
    receipt gives, does the provider's time count; back only as far as the policy's tolerance goes.

    Raises:
        Refused: ``CLOCK_BEYOND_TOLERANCE``.
    """
    latest, time = state.latest_time, instant_text(now)
    provider = instant_text(parse_instant(receipt.corrected_time))
    if time >= latest or provider >= latest:
        return accepted_time(after, now, latest=max(latest, min(time, provider)))
    seconds = _tolerance_seconds(state, now.date())
    if parse_instant(latest) - parse_instant(provider) > timedelta(seconds=seconds):
        raise CLOCK_BEYOND_TOLERANCE.because(
            f"the device has seen {latest}, the provider says {provider}:"
            f" more than {seconds} seconds apart"
        )
    return provider


def _tolerance_seconds(state: DeviceState, today: date) -> int:
    return rules.whole("device", state.standing.rulebook, today, "clock_tolerance_seconds")


def _require_requested(state: DeviceState, grant: ResetGrant) -> None:
    ended, pending = state.registers.reset_sequence, state.standing.reset
    if grant.sequence <= ended:
        raise GRANT_USED.because(f"it is for reset {grant.sequence}, reset {ended} has ended")
    if grant.sequence > ended + 1:
        raise GRANT_SKIPPED.because(f"it is for reset {grant.sequence}, reset {ended + 1} is next")
    if pending is None:
        raise GRANT_UNREQUESTED.because(f"reset {grant.sequence} was not requested")
    if (pending.request_digest, pending.amount_mills) != (grant.request_digest, grant.amount_mills):
        raise GRANT_OF_ANOTHER_REQUEST.because(
            f"it grants {format_dollars(grant.amount_mills)} for another request than the pending"
            f" one of {format_dollars(pending.amount_mills)}"
        )


def _require_reported(state: DeviceState, receipt: AuditReceipt) -> None:
    made, wanted = state.standing.audit_sequence, state.standing.audit_digest
    if receipt.audit_sequence > made:
        raise AUDIT_RECEIPT_SKIPPED.because(
            f"it is for audit {receipt.audit_sequence}, audit {made} was the last"
        )
    if receipt.audit_sequence < made or not wanted:
        raise AUDIT_RECEIPT_OLD.because(f"it is for audit {receipt.audit_sequence}")
    if receipt.report_digest != wanted:
        raise AUDIT_RECEIPT_OF_ANOTHER_REPORT.because(
            f"it names another report than that of audit {made}"
        )


def _acknowledge(state: DeviceState, position: JournalPosition, ours: bytes | None) -> DeviceState:
    """Note what the provider has acknowledged, if it is in this journal.

    A message that was overtaken by another names an older entry; that takes nothing back.
    """
    sequence = position.sequence
    if ours is None or position.entry_hash != ours.hex():
        raise JOURNAL_NOT_ACKNOWLEDGED.because(
            f"the provider acknowledges an entry {sequence} that this journal does not hold"
        )
    if sequence <= state.standing.acknowledged_sequence:
        return state
    standing = replace(
        state.standing, acknowledged_sequence=sequence, acknowledged_hash=position.entry_hash
    )
    return replace(state, standing=standing)
