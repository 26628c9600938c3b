"""Resets and audits: who is granted value, and what becomes of a grant. Pure.

Money is not charged here: whoever charges does it in the same unit of work as the grant, once a
sequence. Refusals come in the order of the functions' documentation: identity, registers against
our own record, the audit, locks; whoever charges then asks for funds, and at last for the limit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from franking.errors import Refusal
from franking.messages.kinds import (
    AuditReport,
    JournalPosition,
    RegisterReading,
    ResetClosed,
    ResetReceipt,
    ResetRequest,
)
from franking.money import format_dollars
from franking.provider.resetting.continuity import (
    DEVICE_FORKED,
    DEVICE_REPORTS_FAULTS,
    REGISTERS_DISAGREE,
    REPORT_OVERTAKEN,
    confirmed,
    heard,
    is_overtaken,
    is_shown,
    is_undatable,
    require_consistent,
    require_growth,
    require_not_rewound,
    require_one_journal,
)
from franking.provider.resetting.records import Device, DeviceStatus, Order, Reset, ResetStatus
from franking.rules import RuleSet
from franking.rules.calendars import months

_CLAUSE = "39 CFR 502.26(a) (1997)"
_AUDITABLE = frozenset({DeviceStatus.AUTHORIZED, DeviceStatus.IN_SERVICE, DeviceStatus.WITHDRAWN})
_BARRING_ORDERS = frozenset({"WithdrawalOrder", "RolloverAuthorization"})
"""No value is sent to a device that is leaving, or between two keys."""

DEVICE_SUSPECT = Refusal(
    "DEVICE_SUSPECT",
    clause=_CLAUSE,
    remedy="Have the device examined; until then it gets no value and no receipts.",
    http_status=403,
)
DEVICE_NOT_IN_SERVICE = Refusal(
    "DEVICE_NOT_IN_SERVICE",
    clause="DMM P050.3.1 (1997)",
    remedy="Authorize the device and take its receipt first.",
)
RESET_BARRED = Refusal(
    "RESET_BARRED",
    clause=_CLAUSE,
    remedy="End the cause named first, then ask again with the same request.",
)
RESET_UNSETTLED = Refusal(
    "RESET_UNSETTLED",
    clause=_CLAUSE,
    remedy="Send the device's receipt of the last grant (applying the grant again gives it), or "
    "its statement that the reset closed unused.",
)
RESET_ENDED = Refusal(
    "RESET_ENDED",
    clause=_CLAUSE,
    remedy="Have the device make a new request; this reset has come to an end.",
)
RESET_AMOUNT_WRONG = Refusal(
    "RESET_AMOUNT_WRONG",
    clause=_CLAUSE,
    remedy="Ask for an amount above zero.",
    http_status=422,
)
RESET_EXCEEDS_LIMIT = Refusal(
    "RESET_EXCEEDS_LIMIT",
    clause="DMM P050.3.6 (1997)",
    remedy="Ask for less, or again when postage was used.",
)
RECEIPT_OF_ANOTHER_GRANT = Refusal(
    "RECEIPT_OF_ANOTHER_GRANT",
    clause=_CLAUSE,
    remedy="Send the receipt that the device gave for the grant in transit.",
)
RESET_UNKNOWN = Refusal(
    "RESET_UNKNOWN",
    clause=_CLAUSE,
    remedy="Check the device and the sequence; nothing was granted for it.",
    http_status=404,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the books hold around one report of a device."""

    device: Device
    transit: Reset | None
    """The grant that is not settled."""
    same_sequence: Reset | None
    """What the books hold for the sequence that the report names."""
    order: Order | None
    """The order that is not answered."""
    hash_acknowledged: str | None
    hash_heard: str | None
    last_acknowledged: JournalPosition
    """The furthest position that was acknowledged to the device, whether it knows that or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantDecision:
    """Grant it: the device as it stands then, and what to sign."""

    device: Device
    sequence: int
    amount_mills: int
    acknowledged: JournalPosition
    watchdog_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDecision:
    """The audit passed: the device as it stands then, and what to sign."""

    device: Device
    acknowledged: JournalPosition
    watchdog_date: date


def watchdog_date(rules: RuleSet) -> date:
    """The new watchdog date of a device audited or reset on the rules' day (DMM P050.3.4)."""
    return months(rules.on, rules.whole("watchdog_months"))


def grant(known: Known, request: ResetRequest, rules: RuleSet) -> GrantDecision:
    """Whether a device may have the value it asks for (39 CFR 502.26(a)), but for funds and limit.

    Raises:
        Refused: ``DEVICE_SUSPECT``, ``DEVICE_NOT_IN_SERVICE``, ``RESET_ENDED``,
            ``DEVICE_FORKED`` (also for two requests of one sequence), the others of
            ``continuity``, ``REPORT_OVERTAKEN`` where its time does not tell a late request from
            one of a rewound device, ``RESET_UNSETTLED``, ``RESET_BARRED``,
            ``RESET_AMOUNT_WRONG``.
    """
    device = known.device
    _require_in_service(device)
    _require_fresh_sequence(known.same_sequence, request)
    _require_one_journal(known, request)
    _require_pending(device, request)
    _require_datable(device, request)
    _require_not_rewound(device, request)
    audited = _audited(known, request)
    if request.sequence != request.registers.reset_sequence + 1:
        raise REGISTERS_DISAGREE.because(
            f"it asks for reset {request.sequence} after {request.registers.reset_sequence}"
        )
    if known.transit is not None:
        raise RESET_UNSETTLED.because(
            f"{format_dollars(known.transit.amount_mills)} of reset {known.transit.sequence}"
            " are in transit"
        )
    _require_unbarred(known)
    if request.amount_mills <= 0:
        raise RESET_AMOUNT_WRONG.because(f"{format_dollars(request.amount_mills)} was asked for")
    until = watchdog_date(rules)
    return GrantDecision(
        device=replace(audited, reset_sequence=request.sequence - 1, watchdog_date=until),
        sequence=request.sequence,
        amount_mills=request.amount_mills,
        acknowledged=_acknowledgement(known, request, audited.heard),
        watchdog_date=until,
    )


def confirm(
    known: Known, receipt: ResetReceipt, acknowledged: JournalPosition
) -> tuple[Device, Reset]:
    """The device has credited its grant; ``acknowledged`` is what the grant acknowledged.

    Raises:
        Refused: ``RESET_UNKNOWN``, ``RECEIPT_OF_ANOTHER_GRANT``, ``DEVICE_FORKED`` where the
            device stated the opposite before, ``REGISTERS_DISAGREE``.
    """
    reset = known.same_sequence
    if reset is None or not reset.grant:
        raise RESET_UNKNOWN.because(f"reset {receipt.sequence} was not granted")
    if (receipt.grant_digest, receipt.amount_mills) != (reset.grant_digest, reset.amount_mills):
        raise RECEIPT_OF_ANOTHER_GRANT.because(f"it is not for the grant of {reset.sequence}")
    if reset.status is not ResetStatus.GRANTED:
        raise DEVICE_FORKED.because(f"reset {reset.sequence} is {reset.status} already")
    credited = replace(
        known.device,
        control_total_mills=known.device.control_total_mills + reset.amount_mills,
        reset_sequence=max(known.device.reset_sequence, reset.sequence),
    )
    if receipt.journal.sequence >= credited.heard.sequence:
        _require_consistent(credited, receipt.registers, None)
        require_growth(earlier=credited.registers, later=receipt.registers)
    credited = heard(
        credited,
        issued_at=receipt.issued_at,
        journal=receipt.journal,
        registers=receipt.registers,
    )
    return confirmed(credited, acknowledged), replace(reset, status=ResetStatus.CONFIRMED)


def close(known: Known, closed: ResetClosed) -> tuple[Device, Reset]:
    """The device has signed that a reset ended unused.

    Raises:
        Refused: ``RECEIPT_OF_ANOTHER_GRANT``, ``DEVICE_FORKED`` where the device stated the
            opposite before, ``REGISTERS_DISAGREE``.
    """
    device, reset = known.device, known.same_sequence
    if reset is None:
        reset = Reset(
            device_id=device.device_id,
            sequence=closed.sequence,
            amount_mills=0,
            request_digest=closed.request_digest,
            grant="",
            grant_digest="",
            status=ResetStatus.GRANTED,
        )
    if reset.request_digest != closed.request_digest:
        raise RECEIPT_OF_ANOTHER_GRANT.because(f"reset {reset.sequence} was of another request")
    if reset.status is not ResetStatus.GRANTED:
        raise DEVICE_FORKED.because(f"reset {reset.sequence} is {reset.status} already")
    if reset.grant and is_shown(device, reset):
        raise DEVICE_FORKED.because(f"its registers have shown the credit of {reset.sequence}")
    if closed.journal.sequence >= device.heard.sequence:
        other = known.transit if known.transit != reset else None
        _require_consistent(device, closed.registers, other)
        require_growth(earlier=device.registers, later=closed.registers)
    after = replace(device, reset_sequence=max(device.reset_sequence, closed.sequence))
    after = heard(
        after, issued_at=closed.issued_at, journal=closed.journal, registers=closed.registers
    )
    return after, replace(reset, status=ResetStatus.CLOSED)


def audit(known: Known, report: AuditReport, rules: RuleSet) -> AuditDecision:
    """Whether an audit passes and renews the watchdog (39 CFR 502.24, DMM P050.3.4).

    Raises:
        Refused: ``DEVICE_SUSPECT``, ``DEVICE_NOT_IN_SERVICE``, ``REPORT_OVERTAKEN``,
            ``DEVICE_REPORTS_FAULTS``, and those of ``continuity``.
    """
    device = known.device
    _require_unsuspected(device)
    if device.status not in _AUDITABLE:
        raise DEVICE_NOT_IN_SERVICE.because(f"it is {device.status}")
    _require_one_journal(known, report)
    _require_not_rewound(device, report)
    if report.audit_sequence <= device.audit_sequence or _is_overtaken(device, report):
        raise REPORT_OVERTAKEN.because(f"a report of {device.heard_at} was taken before")
    audited = _audited(known, report)
    if report.faults:
        raise DEVICE_REPORTS_FAULTS.because("; ".join(report.faults))
    until = watchdog_date(rules)
    return AuditDecision(
        device=replace(audited, audit_sequence=report.audit_sequence, watchdog_date=until),
        acknowledged=_acknowledgement(known, report, report.journal),
        watchdog_date=until,
    )


def _acknowledgement(
    known: Known, report: ResetRequest | AuditReport, head: JournalPosition
) -> JournalPosition:
    """What the answer acknowledges: the head, once the device knows the acknowledgement before.

    Where that was lost on its way, it is given again. A clone that went another way from there
    does not hold that entry, and cannot take the answer that it asked for.
    """
    last = known.last_acknowledged
    return last if report.acknowledged.sequence < last.sequence else head


def _require_one_journal(known: Known, report: ResetRequest | AuditReport) -> None:
    require_one_journal(
        journal=report.journal,
        acknowledged=report.acknowledged,
        hash_acknowledged=known.hash_acknowledged,
        hash_heard=known.hash_heard,
    )


def _require_not_rewound(device: Device, report: ResetRequest | AuditReport) -> None:
    require_not_rewound(
        device,
        issued_at=report.issued_at,
        journal=report.journal,
        acknowledged=report.acknowledged,
    )


def _audited(known: Known, report: ResetRequest | AuditReport) -> Device:
    """The product audit that every reset and audit includes: the device as it has shown itself."""
    device = known.device
    _require_consistent(device, report.registers, known.transit)
    if _is_overtaken(device, report):
        require_growth(earlier=report.registers, later=device.registers)
        return device
    require_growth(earlier=device.registers, later=report.registers)
    after = heard(
        device, issued_at=report.issued_at, journal=report.journal, registers=report.registers
    )
    return confirmed(after, report.acknowledged)


def _require_consistent(device: Device, registers: RegisterReading, transit: Reset | None) -> None:
    require_consistent(
        device,
        registers,
        in_transit_mills=transit.amount_mills if transit else 0,
        transit_sequence=transit.sequence if transit else 0,
    )


def _is_overtaken(device: Device, report: ResetRequest | AuditReport) -> bool:
    return is_overtaken(device, issued_at=report.issued_at, journal=report.journal)


def _is_undatable(device: Device, request: ResetRequest) -> bool:
    return is_undatable(device, issued_at=request.issued_at, journal=request.journal)


def _require_pending(device: Device, request: ResetRequest) -> None:
    """A request may be late, as long as later reports do not show that its reset has ended."""
    ended = device.registers.reset_sequence >= request.sequence
    if ended and (_is_overtaken(device, request) or _is_undatable(device, request)):
        raise RESET_ENDED.because(f"the device has reported the end of reset {request.sequence}")


def _require_datable(device: Device, request: ResetRequest) -> None:
    """A request is kept and sent again, unlike a report: it may be late within one instant."""
    if _is_undatable(device, request):
        raise REPORT_OVERTAKEN.because(
            f"the device stood at entry {device.heard.sequence} in the instant of this request",
            remedy="Audit the device, close the reset unused, and have it make a new request.",
        )


def _require_unsuspected(device: Device) -> None:
    if device.suspicion:
        raise DEVICE_SUSPECT.because(device.suspicion)


def _require_in_service(device: Device) -> None:
    _require_unsuspected(device)
    if device.status is not DeviceStatus.IN_SERVICE:
        raise DEVICE_NOT_IN_SERVICE.because(f"it is {device.status}")


def _require_unbarred(known: Known) -> None:
    if known.device.locks:
        raise RESET_BARRED.because(f"it is locked for: {', '.join(known.device.locks)}")
    if known.order is not None and known.order.kind in _BARRING_ORDERS:
        raise RESET_BARRED.because(
            f"order {known.order.number}, a {known.order.kind}, is under way"
        )


def _require_fresh_sequence(before: Reset | None, request: ResetRequest) -> None:
    """A sound device never makes two requests for one sequence."""
    if before is None:
        return
    if before.status is ResetStatus.CLOSED:
        raise RESET_ENDED.because(f"reset {before.sequence} closed unused")
    raise DEVICE_FORKED.because(f"reset {request.sequence} was granted for another request")


def require_within_limit(decision: GrantDecision, rules: RuleSet) -> None:
    """Whether the device may hold what it would then have: the last that a reset is refused for.

    Raises:
        Refused: ``RESET_EXCEEDS_LIMIT``.
    """
    device, amount_mills = decision.device, decision.amount_mills
    limit = min(device.limit_mills, rules.whole("descending_limit"))
    balance = device.registers.descending_mills + amount_mills
    if balance > limit:
        raise RESET_EXCEEDS_LIMIT.because(
            f"the descending register would hold {format_dollars(balance)},"
            f" the limit is {format_dollars(limit)}"
        )
