"""What satisfies the examination duties of a device, in the unit of work of whoever satisfies them.

Called by the resetting system when it grants a reset or takes an audit, and by this room when a
device was examined or removed. The caller records the act.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from franking.clock import instant_text
from franking.docket import Opening
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.examining import AuditCopy, ExaminationSettled
from franking.messages.signing import Signer
from franking.provider.devices import notes, service_duties
from franking.provider.devices.records import WITH_LICENSEE, DeviceRecord, Kind
from franking.provider.devices.rows import find, of_serials
from franking.provider.examinations import decisions, rows
from franking.provider.examinations.records import (
    ANSWER,
    APPROACH,
    AUDIT,
    BRING_IN,
    DENIED,
    QUARTERLY,
    YEARLY,
    Case,
    CaseStatus,
    Ground,
)
from franking.provider.identity import require_identity
from franking.provider.schema import DISPATCHES, DOCKET
from franking.storage import Act, Work

_STEPS = (BRING_IN, APPROACH, ANSWER)
_CLAUSE = "39 CFR 501.22(f) (1995)"


def heard_from(work: Work, signer: Signer, serial: str, *, how: str, now: datetime) -> None:
    """A device was reset or audited: its quarter begins anew.

    A PSD's audit also ends its case and the denial of its resets (DMM P050.3.4, 1997). A meter
    that missed its quarter stays to be examined (DMM P030.2.6d, 1995). A device that the
    inventory does not have owes nothing here.
    """
    device = find(work, serial)
    if device is None:
        return
    case = rows.open_case(work, serial)
    if device.kind is Kind.PSD and case is not None:
        _close(work, signer, device, case, CaseStatus.EXAMINED, how=how, now=now)
    if device.kind is not Kind.PSD and case is not None and case.ground is Ground.NOT_RESET:
        return
    renew_quarter(work, device, how=how, now=now)


def heard_from_many(
    work: Work, signer: Signer, serials: Sequence[str], *, how: str, now: datetime
) -> None:
    """Many devices were reset or audited, as ``heard_from`` takes one after the other."""
    devices = of_serials(work, serials)
    cases = rows.with_open_case(work, serials)
    for serial in cases:
        heard_from(work, signer, serial, how=how, now=now)
    free = [device for serial, device in devices.items() if serial not in cases]
    for duty in (AUDIT, QUARTERLY):
        some = [each for each in free if (each.kind is Kind.PSD) is (duty == AUDIT)]
        names = [record_id("device", each.serial) for each in some]
        if names:
            DOCKET.satisfy_many(work, duty, records=names, now=now, because=how)
    owing = [_quarter(each, now) for each in free if each.state in WITH_LICENSEE]
    DOCKET.open_many(work, owing, now)


def forward_audit(work: Work, signer: Signer, serial: str, report: str, now: datetime) -> None:
    """Send the Postal Service a copy of an audit, where it wanted to join in (DMM P050.3.4)."""
    if find(work, serial) is None or not rows.answer_remote(work, serial, now.date()):
        return
    copy = AuditCopy(device=serial, issued_at=instant_text(now), sender=_us(work), report=report)
    record = record_id("device", serial)
    DISPATCHES.send(work, copy, signer, recipient=POSTAL_SERVICE, record=record, now=now)


def renew_quarter(work: Work, device: DeviceRecord, *, how: str, now: datetime) -> None:
    """The quarter's duty is done; the next quarter's begins today, while a licensee has it."""
    duty = AUDIT if device.kind is Kind.PSD else QUARTERLY
    _satisfy(work, duty, device, now, how)
    if device.state not in WITH_LICENSEE:
        return
    DOCKET.open_many(work, [_quarter(device, now)], now)


def _quarter(device: DeviceRecord, now: datetime) -> Opening:
    opening = (
        service_duties.psd_audit if device.kind is Kind.PSD else service_duties.quarterly_reset
    )
    return opening(device, now.date())


def settle_examined(
    work: Work, signer: Signer, device: DeviceRecord, *, how: str, now: datetime
) -> None:
    """A device was examined by postal staff: every examination duty is done and begins anew."""
    case = rows.open_case(work, device.serial)
    if case is not None:
        _close(work, signer, device, case, CaseStatus.EXAMINED, how=how, now=now)
    renew_quarter(work, device, how=how, now=now)
    if device.kind is not Kind.PSD and device.remote and device.state in WITH_LICENSEE:
        _satisfy(work, YEARLY, device, now, how)
        yearly = service_duties.yearly_examination(device, now.date())
        DOCKET.open_many(work, [yearly], now)


def settle_removed(work: Work, signer: Signer, device: DeviceRecord, now: datetime) -> Case | None:
    """A device left its licensee: nobody owes an examination of it any more."""
    record, because = record_id("device", device.serial), "it has left its licensee"
    for duty in service_duties.EVERY:
        DOCKET.cancel(work, duty, record=record, now=now, because=because)
    return close_removed(work, signer, device, now)


def close_removed(work: Work, signer: Signer, device: DeviceRecord, now: datetime) -> Case | None:
    """The open case of a device that left its licensee ends, and the Postal Service is told."""
    case = rows.open_case(work, device.serial)
    if case is None:
        return None
    return _close(work, signer, device, case, CaseStatus.REMOVED, how="removed", now=now)


def _close(
    work: Work,
    signer: Signer,
    device: DeviceRecord,
    case: Case,
    to: CaseStatus,
    *,
    how: str,
    now: datetime,
) -> Case:
    after = decisions.moved(case, to, now.date())
    rows.change_case(work, case, after, on=now.date(), because=how)
    for step in _STEPS:
        _satisfy(work, step, device, now, how)
    notes.lift_denial(work, device.serial, cause=DENIED, now=now, because=how)
    record = record_id("device", device.serial)
    settled = ExaminationSettled(
        device=device.serial,
        issued_at=instant_text(now),
        sender=_us(work),
        how=how,
        on=now.date().isoformat(),
    )
    DISPATCHES.send(work, settled, signer, recipient=POSTAL_SERVICE, record=record, now=now)
    inputs: dict[str, object] = {"case": case.number, "how": how}
    work.record(Act(command="settle_examination", record=record, clauses=(_CLAUSE,), inputs=inputs))
    return after


def _satisfy(work: Work, duty: str, device: DeviceRecord, now: datetime, because: str) -> None:
    DOCKET.satisfy(work, duty, record=record_id("device", device.serial), now=now, because=because)


def _us(work: Work) -> str:
    return require_identity(work).name
