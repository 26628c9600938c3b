"""A device's life under its provider: enrolled, authorized, ordered, withdrawn, cleared. Pure.

Orders are numbered; one is outstanding at a time, and the device's signed answer settles it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from franking.errors import Refusal, Refused
from franking.messages.kinds import (
    ClearingStatement,
    Examination,
    OrderReceipt,
    RegisterReading,
    WithdrawalStatement,
)
from franking.money import format_dollars
from franking.provider.licensing.decisions import require_valid
from franking.provider.licensing.records import HeardLicence
from franking.provider.resetting.continuity import (
    REGISTERS_DISAGREE,
    heard,
    require_consistent,
    require_growth,
)
from franking.provider.resetting.decisions import watchdog_date
from franking.provider.resetting.records import (
    TRANSITIONS,
    Device,
    DeviceKey,
    DeviceStatus,
    KeyStatus,
    Order,
    Reset,
    ResetStatus,
)
from franking.psd.orders import require_cause
from franking.psd.vault.certification import CertificateFacts
from franking.rules import RuleSet

_CLAUSE = "DMM P050.3.1 (1997)"
_OUT_OF_SERVICE = "39 CFR 502.21(e) (1997)"

DEVICE_UNKNOWN = Refusal(
    "DEVICE_UNKNOWN",
    clause=_CLAUSE,
    remedy="Check the device ID, or enrol the device.",
    http_status=404,
)
DEVICE_ENROLLED = Refusal(
    "DEVICE_ENROLLED",
    clause=_CLAUSE,
    remedy="Use the device as it is; to enrol it again it must be cleared first.",
)
STATUS_UNSUITABLE = Refusal(
    "STATUS_UNSUITABLE",
    clause=_CLAUSE,
    remedy="See what can be done in its status: franking device provider-view DEVICE.",
)
LICENCE_UNKNOWN = Refusal(
    "LICENCE_UNKNOWN",
    clause="39 CFR 502.21(c) (1997)",
    remedy="Take the licence that the Postal Service issued first: devices go to licensees only.",
)
CERTIFICATE_OF_ANOTHER_KEY = Refusal(
    "CERTIFICATE_OF_ANOTHER_KEY",
    clause="39 CFR 502.9(e) (1997)",
    remedy="Give the certificate that answers this device's own request.",
)
CERTIFICATE_NOT_IN_DATE = Refusal(
    "CERTIFICATE_NOT_IN_DATE",
    clause="39 CFR 502.9(e) (1997)",
    remedy="Ask the Postal Service for a certificate that is valid today.",
)
LIMIT_ABOVE_RULE = Refusal(
    "LIMIT_ABOVE_RULE",
    clause="DMM P050.3.6 (1997)",
    remedy="Give a limit within that of the rulebook.",
    http_status=422,
)
ORDER_OUTSTANDING = Refusal(
    "ORDER_OUTSTANDING",
    clause="policy",
    remedy="Carry out the order that is outstanding at the device, and send its answer, first.",
)
ANSWER_TO_ANOTHER_ORDER = Refusal(
    "ANSWER_TO_ANOTHER_ORDER",
    clause="policy",
    remedy="Send the answer that the device gave to the order outstanding.",
)
VALUE_IN_TRANSIT = Refusal(
    "VALUE_IN_TRANSIT",
    clause=_OUT_OF_SERVICE,
    remedy="Send the device's receipt of the grant, or its statement that the reset closed unused.",
)
LOCK_NOT_ORDERED = Refusal(
    "LOCK_NOT_ORDERED",
    clause="policy",
    remedy="Lift a lock by the cause it was ordered for.",
)
EXAMINATION_INCOMPLETE = Refusal(
    "EXAMINATION_INCOMPLETE",
    clause="39 CFR 502.21(j) (1997)",
    remedy="Name the examiner and the finding, and give registers that add up.",
    http_status=422,
)
EXAMINATION_IMPLAUSIBLE = Refusal(
    "EXAMINATION_IMPLAUSIBLE",
    clause="39 CFR 502.21(j) (1997)",
    remedy="State no more value than the device was given, and no less used than it has reported.",
    http_status=422,
)

_ORDERABLE = {
    "Authorization": DeviceStatus.ENROLLED,
    "LockOrder": DeviceStatus.IN_SERVICE,
    "UnlockOrder": DeviceStatus.IN_SERVICE,
    "WithdrawalOrder": DeviceStatus.IN_SERVICE,
    "RolloverAuthorization": DeviceStatus.IN_SERVICE,
    "ClearingOrder": DeviceStatus.WITHDRAWN,
    "ScrappingOrder": DeviceStatus.CLEARED,
}
"""The status in which each kind of order may be issued."""


def enrolled(before: Device | None, *, device_id: str, rulebook: str, system: str) -> Device:
    """A new device, or a cleared one with a new key; its registers go on (R97: key loaded).

    Raises:
        Refused: ``DEVICE_ENROLLED``.
    """
    if before is None:
        return Device(
            device_id=device_id, rulebook=rulebook, system=system, status=DeviceStatus.ENROLLED
        )
    if before.status is not DeviceStatus.CLEARED:
        raise DEVICE_ENROLLED.because(f"it is {before.status}")
    return replace(before, status=DeviceStatus.ENROLLED)


def require_orderable(device: Device, kind: str, outstanding: Order | None) -> None:
    """Whether an order of ``kind`` may be issued now.

    Raises:
        Refused: ``STATUS_UNSUITABLE``, ``ORDER_OUTSTANDING``.
    """
    wanted = _ORDERABLE[kind]
    if device.status is not wanted:
        raise STATUS_UNSUITABLE.because(f"it is {device.status}, not {wanted}")
    if outstanding is not None:
        raise ORDER_OUTSTANDING.because(f"order {outstanding.number}, a {outstanding.kind}")


def authorized(
    device: Device,
    *,
    licence: HeardLicence | None,
    limit_mills: int | None,
    rules: RuleSet,
) -> tuple[Device, date]:
    """The device as authorized for a licensee, and its first watchdog date.

    Raises:
        Refused: ``LICENCE_UNKNOWN``, ``LICENCE_NOT_VALID``, ``LIMIT_ABOVE_RULE``.
    """
    number = require_valid(_require_licence(licence)).number
    most = rules.whole("descending_limit")
    limit = most if limit_mills is None else limit_mills
    if not 0 < limit <= most:
        raise LIMIT_ABOVE_RULE.because(
            f"{format_dollars(limit)} is not between nothing and {format_dollars(most)}"
        )
    until = watchdog_date(rules)
    after = replace(
        device,
        status=DeviceStatus.AUTHORIZED,
        licence=number,
        limit_mills=limit,
        watchdog_date=until,
        orders=device.orders + 1,
    )
    return after, until


def place_of(licence: HeardLicence | None) -> dict[str, str]:
    """The post office of a licence, as an authorization names it.

    Raises:
        Refused: ``LICENCE_UNKNOWN``.
    """
    held = _require_licence(licence)
    return {"zip_code": held.zip_code, "city": held.city, "state": held.state}


def require_certificate_of(key: DeviceKey, facts: CertificateFacts, rules: RuleSet) -> None:
    """Whether a certificate is for this device and key, and in date.

    Raises:
        Refused: ``CERTIFICATE_OF_ANOTHER_KEY``, ``CERTIFICATE_NOT_IN_DATE``.
    """
    if (facts.subject, facts.public_key) != (key.device_id, key.public_key):
        raise CERTIFICATE_OF_ANOTHER_KEY.because(
            f"certificate {facts.serial} of {facts.subject} does not have the key asked for"
        )
    if not facts.first_day <= rules.on <= facts.last_day:
        raise CERTIFICATE_NOT_IN_DATE.because(
            f"certificate {facts.serial} is valid from {facts.first_day} to {facts.last_day}"
        )


def locked(device: Device, cause: str) -> Device:
    """The device with a lock ordered; the same cause twice is one lock.

    What the device would refuse is not ordered: the order would stay outstanding for good.

    Raises:
        Refused: ``LOCK_CAUSE_UNREADABLE``.
    """
    require_cause(cause)
    locks = device.locks if cause in device.locks else (*device.locks, cause)
    return replace(device, locks=locks, orders=device.orders + 1)


def unlocked(device: Device, cause: str) -> Device:
    """The device with the lock of that cause, and no other, lifted.

    Raises:
        Refused: ``LOCK_NOT_ORDERED``.
    """
    if cause not in device.locks:
        raise LOCK_NOT_ORDERED.because(f"no lock was ordered for {cause!r}")
    locks = tuple(other for other in device.locks if other != cause)
    return replace(device, locks=locks, orders=device.orders + 1)


def require_settled(transit: Reset | None) -> None:
    """Whether no value is in transit to a device that is to be cleared.

    Raises:
        Refused: ``VALUE_IN_TRANSIT``.
    """
    if transit is not None:
        raise VALUE_IN_TRANSIT.because(
            f"{format_dollars(transit.amount_mills)} of reset {transit.sequence}"
        )


def require_answer(
    order: Order | None, *, number: int, order_digest: str, kinds: frozenset[str]
) -> Order:
    """The order that an answer is to.

    Raises:
        Refused: ``ANSWER_TO_ANOTHER_ORDER``.
    """
    if order is None or (number, order_digest) != (order.number, order.digest):
        raise ANSWER_TO_ANOTHER_ORDER.because(f"it answers order {number}")
    if order.kind not in kinds:
        raise ANSWER_TO_ANOTHER_ORDER.because(f"a {order.kind} is answered otherwise")
    return order


def receipted(device: Device, order: Order, receipt: OrderReceipt, transit: Reset | None) -> Device:
    """The device has carried out an order.

    Raises:
        Refused: ``REGISTERS_DISAGREE``.
    """
    if receipt.journal.sequence >= device.heard.sequence:
        _require_consistent(device, receipt.registers, transit)
    after = _heard(device, receipt)
    if order.kind == "Authorization":
        return replace(after, status=DeviceStatus.IN_SERVICE)
    return after


def withdrawn(device: Device, statement: WithdrawalStatement, transit: Reset | None) -> Device:
    """The device has stated its registers and is locked for good.

    Raises:
        Refused: ``REGISTERS_DISAGREE``.
    """
    _require_consistent(device, statement.registers, transit)
    return replace(_heard(device, statement), status=DeviceStatus.WITHDRAWN)


def cleared(device: Device, statement: ClearingStatement) -> Device:
    """The device gave up its value: what it was given is what it used.

    Raises:
        Refused: ``REGISTERS_DISAGREE``.
    """
    kept = device.control_total_mills - statement.withdrawn_mills
    after = replace(device, control_total_mills=kept)
    require_consistent(after, statement.registers, in_transit_mills=0, transit_sequence=0)
    require_growth(earlier=device.registers, later=statement.registers)
    if statement.registers.descending_mills or statement.withdrawn_mills < 0:
        raise REGISTERS_DISAGREE.because("a cleared device has nothing left to evidence")
    return replace(
        _heard(after, statement),
        status=DeviceStatus.CLEARED,
        licence="",
        limit_mills=0,
        watchdog_date=None,
        locks=(),
    )


def scrapped(device: Device) -> Device:
    """The end of a device; it has no key to answer with."""
    return replace(device, status=DeviceStatus.SCRAPPED, orders=device.orders + 1)


def examined(
    device: Device, examination: Examination, transit: Reset | None
) -> tuple[Device, Reset | None]:
    """A device that cannot speak for itself, as the examiner reads it; it ends its service.

    A grant in transit is settled: either the examined registers hold it, or it was never used.

    Raises:
        Refused: ``STATUS_UNSUITABLE``, ``EXAMINATION_INCOMPLETE``, ``EXAMINATION_IMPLAUSIBLE``.
    """
    if DeviceStatus.FAULTED not in TRANSITIONS[device.status]:
        raise STATUS_UNSUITABLE.because(f"it is {device.status}")
    registers = examination.registers
    if not examination.examiner.strip() or not examination.finding.strip():
        raise EXAMINATION_INCOMPLETE.because("it lacks the examiner or the finding")
    if registers.ascending_mills + registers.descending_mills != registers.control_total_mills:
        raise EXAMINATION_INCOMPLETE.because(
            "ascending and descending do not add to the control total"
        )
    _require_plausible(device, registers, transit)
    after = replace(
        device,
        status=DeviceStatus.FAULTED,
        registers=registers,
        control_total_mills=registers.control_total_mills,
        suspicion="",
    )
    settled = None if transit is None else replace(transit, status=ResetStatus.EXAMINED)
    return after, settled


def scrapped_unheard(device: Device) -> Device:
    """The end of an examined device: it takes no order, so that it is an act in the books only.

    Raises:
        Refused: ``STATUS_UNSUITABLE``.
    """
    if device.status is not DeviceStatus.FAULTED:
        raise STATUS_UNSUITABLE.because(f"it is {device.status}, not {DeviceStatus.FAULTED}")
    return replace(device, status=DeviceStatus.SCRAPPED)


def rolled_over(
    present: DeviceKey, following: DeviceKey, receipt: OrderReceipt
) -> tuple[DeviceKey, DeviceKey]:
    """The former key, with the ascending value it ended at, and the key from now on."""
    former = replace(
        present,
        status=KeyStatus.FORMER,
        final_ascending_mills=receipt.registers.ascending_mills,
    )
    return former, replace(following, status=KeyStatus.PRESENT)


def _require_licence(licence: HeardLicence | None) -> HeardLicence:
    if licence is None:
        raise LICENCE_UNKNOWN.because("the Postal Service has told of no such licence")
    return licence


def _require_plausible(device: Device, found: RegisterReading, transit: Reset | None) -> None:
    """A store that was tampered with, or restored, is worth no more than its device was given."""
    given = device.control_total_mills + (transit.amount_mills if transit else 0)
    if found.descending_mills < 0 or found.control_total_mills > given:
        raise EXAMINATION_IMPLAUSIBLE.because(
            f"found {format_dollars(found.control_total_mills)} in all,"
            f" the device was given {format_dollars(given)}"
        )
    try:
        require_growth(earlier=device.registers, later=found)
    except Refused as refused:
        raise EXAMINATION_IMPLAUSIBLE.because(refused.detail) from refused


def _require_consistent(device: Device, registers: RegisterReading, transit: Reset | None) -> None:
    require_consistent(
        device,
        registers,
        in_transit_mills=transit.amount_mills if transit else 0,
        transit_sequence=transit.sequence if transit else 0,
    )
    require_growth(earlier=device.registers, later=registers)


def _heard(
    device: Device, message: OrderReceipt | WithdrawalStatement | ClearingStatement
) -> Device:
    return heard(
        device, issued_at=message.issued_at, journal=message.journal, registers=message.registers
    )
