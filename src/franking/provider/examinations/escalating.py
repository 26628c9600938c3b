"""What follows when an examination duty is missed: the consequences that a sweep applies.

Each is told the obligations of its kind that are past due, within the unit of work that marks them
missed. A device that is no longer with a licensee owes no examination: nothing follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from franking.clock import instant_text
from franking.docket import Obligation, Opening, Swept
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.examining import ExaminationDue, ExaminationIgnored
from franking.messages.receiving import Dispatched
from franking.messages.signing import Signer
from franking.provider.devices import notes
from franking.provider.devices import rows as device_rows
from franking.provider.devices.records import WITH_LICENSEE, DeviceRecord
from franking.provider.examinations import decisions, rows
from franking.provider.examinations.records import (
    ANSWER,
    APPROACH,
    BRING_IN,
    DENIED,
    QUARTERLY,
    YEARLY,
    Approach,
    Case,
    CaseStatus,
    Ground,
    NoticeKind,
)
from franking.provider.identity import require_identity
from franking.provider.schema import DISPATCHES, DOCKET
from franking.storage import Act, Work

_CLAUSE = "39 CFR 501.22(f) (1995)"
_AUDIT_CLAUSE = "39 CFR 502.24 (1997); DMM P050.3.4 (1997)"


def notice_examination(work: Work, missed: Sequence[Obligation], swept: Swept) -> None:
    """A meter was not reset in its quarter, or its year is over: notice it (501.22(f), 1995).

    The licensee is told by when to bring it in, the licensing office that it is due.
    """
    due: dict[str, tuple[DeviceRecord, Ground]] = {}
    for obligation, device in _with_licensees(work, missed):
        ground = Ground.YEARLY if obligation.duty == YEARLY else Ground.NOT_RESET
        due.setdefault(device.serial, (device, ground))
    before = rows.last_cases(work, list(due))
    open_already = {serial for serial, case in before.items() if case.closed_on is None}
    for ground in Ground:
        devices = [
            device
            for serial, (device, its) in due.items()
            if its is ground and serial not in open_already
        ]
        if devices:
            numbers = [
                before[each.serial].number + 1 if each.serial in before else 1 for each in devices
            ]
            _notice(work, devices, numbers, ground, swept)


def deny_unexamined(work: Work, missed: Sequence[Obligation], swept: Swept) -> None:
    """The meter was not brought in by the due date: no reset from now on (501.22(f), 1995).

    Who was not approached again by now is approached in writing.
    """
    for obligation, device in _with_licensees(work, missed):
        because = f"it was not brought in for examination by {obligation.due}"
        _deny(work, device, clause=_CLAUSE, because=because, now=swept.now)
        case = rows.open_case(work, device.serial)
        if case is not None and case.status is CaseStatus.NOTICED:
            approach(work, device, case, Approach.IN_WRITING, swept.now)


def refer_unexamined(work: Work, missed: Sequence[Obligation], swept: Swept) -> None:
    """Nobody answered the second approach: the Postal Service takes over (501.22(f), 1995)."""
    for _, device in _with_licensees(work, missed):
        case = rows.open_case(work, device.serial)
        if case is None or case.status is not CaseStatus.APPROACHED:
            continue
        after = decisions.moved(case, CaseStatus.REFERRED, swept.now.date())
        rows.change_case(
            work, case, after, on=swept.now.date(), because="no answer to the second approach"
        )
        _refer(work, device, after, swept, last_active_on=_last_active(work, after))


def deny_unaudited(work: Work, missed: Sequence[Obligation], swept: Swept) -> None:
    """A PSD was not audited in its quarter: no reset until it is (502.24, P050.3.4, 1997).

    The licensee is told, and the Postal Service, since it is a ground to revoke (P050.2.3b).
    """
    today = swept.now.date()
    for obligation, device in _with_licensees(work, missed):
        because = f"it was neither reset nor audited by {obligation.due}"
        _deny(work, device, clause=_AUDIT_CLAUSE, because=because, now=swept.now)
        if rows.open_case(work, device.serial) is not None:
            continue
        case = _open_case(work, device, Ground.NOT_RESET, today, because)
        told = decisions.notice(
            NoticeKind.AUDIT_OVERDUE, device, today=today, due_on=obligation.due
        )
        rows.add_notice(work, told)
        _refer(work, device, case, swept, last_active_on=obligation.start)


def approach(work: Work, device: DeviceRecord, case: Case, how: Approach, now: datetime) -> Case:
    """Approach a licensee the second time; another 15 days run (501.22(f), 1995)."""
    today = now.date()
    after = decisions.approached(case, how, today)
    rows.change_case(work, case, after, on=today, because=f"approached again {how.value}")
    told = decisions.notice(NoticeKind.SECOND_APPROACH, device, today=today, due_on=after.due_on)
    rows.add_notice(work, told)
    record = record_id("device", device.serial)
    DOCKET.satisfy(work, APPROACH, record=record, now=now, because=how.value)
    _open(work, ANSWER, device, owed_by=f"licensee:{device.licence}", now=now)
    _act(work, device, "approach_licensee", case=after.number, how=how.value)
    return after


def _notice(
    work: Work,
    devices: Sequence[DeviceRecord],
    numbers: Sequence[int],
    ground: Ground,
    swept: Swept,
) -> None:
    """Notice many devices on one ground at once: cases, notices, next duties, messages."""
    today = swept.now.date()
    cases = [
        decisions.opened(device, ground, number=number, today=today)
        for device, number in zip(devices, numbers, strict=True)
    ]
    rows.add_cases(work, cases, ground.value)
    told = [
        decisions.notice(
            NoticeKind.EXAMINATION_DUE,
            device,
            today=today,
            due_on=case.due_on,
            ground=ground.value,
        )
        for device, case in zip(devices, cases, strict=True)
    ]
    rows.add_notices(work, told)
    DOCKET.open_many(work, _after_notice(devices, today), swept.now)
    _tell_offices(work, devices, cases, ground, swept)
    for device, case in zip(devices, cases, strict=True):
        _act(work, device, "notice_examination", case=case.number, ground=ground.value)


def _after_notice(devices: Sequence[DeviceRecord], today: date) -> Iterator[Opening]:
    """The licensee has to bring it in, the provider to approach the licensee again."""
    for device in devices:
        for duty, owed_by in ((BRING_IN, f"licensee:{device.licence}"), (APPROACH, "provider")):
            yield Opening(
                duty=duty,
                record=record_id("device", device.serial),
                owed_by=owed_by,
                rulebook=device.rulebook,
                start=today,
            )


def _tell_offices(
    work: Work,
    devices: Sequence[DeviceRecord],
    cases: Sequence[Case],
    ground: Ground,
    swept: Swept,
) -> None:
    name = require_identity(work).name
    messages = (
        (
            record_id("device", device.serial),
            ExaminationDue(
                device=device.serial,
                issued_at=instant_text(swept.now),
                sender=name,
                licence=device.licence,
                zip_code=device.office,
                rulebook=device.rulebook,
                ground=ground.value,
                due_on=case.due_on.isoformat(),
            ),
        )
        for device, case in zip(devices, cases, strict=True)
    )
    DISPATCHES.send_many(work, messages, swept.signer, recipient=POSTAL_SERVICE, now=swept.now)


def _refer(
    work: Work, device: DeviceRecord, case: Case, swept: Swept, *, last_active_on: date
) -> None:
    ignored = ExaminationIgnored(
        device=device.serial,
        issued_at=instant_text(swept.now),
        sender=require_identity(work).name,
        licence=device.licence,
        zip_code=device.office,
        rulebook=device.rulebook,
        ground=case.ground.value,
        noticed_on=case.noticed_on.isoformat(),
        approached_on=case.approached_on.isoformat() if case.approached_on else "",
        approached_how=case.approached_how,
        last_active_on=last_active_on.isoformat(),
    )
    _send(work, ignored, swept.signer, swept.now)
    _act(work, device, "refer_examination", case=case.number)


def _last_active(work: Work, case: Case) -> date:
    """The start of the duty that was missed: the last reset or examination."""
    duty = YEARLY if case.ground is Ground.YEARLY else QUARTERLY
    known = DOCKET.standing(work, record=record_id("device", case.serial))
    return max((each.start for each in known if each.duty == duty), default=case.noticed_on)


def _open_case(work: Work, device: DeviceRecord, ground: Ground, today: date, because: str) -> Case:
    number = rows.next_case_number(work, device.serial)
    case = decisions.opened(device, ground, number=number, today=today)
    rows.add_case(work, case, because)
    _act(work, device, "notice_examination", case=number, ground=ground.value)
    return case


def _with_licensees(
    work: Work, missed: Sequence[Obligation]
) -> Iterator[tuple[Obligation, DeviceRecord]]:
    serials = [each.record.removeprefix("device:") for each in missed]
    known = device_rows.of_serials(work, serials)
    for obligation, serial in zip(missed, serials, strict=True):
        device = known.get(serial) or notes.require(work, serial)
        if device.state in WITH_LICENSEE:
            yield obligation, device


def _deny(work: Work, device: DeviceRecord, *, clause: str, because: str, now: datetime) -> None:
    notes.deny_resets(work, device.serial, cause=DENIED, clause=clause, because=because, now=now)


def _open(work: Work, duty: str, device: DeviceRecord, *, owed_by: str, now: datetime) -> None:
    DOCKET.open(
        work,
        duty,
        record=record_id("device", device.serial),
        owed_by=owed_by,
        rulebook=device.rulebook,
        start=now.date(),
        now=now,
    )


def _send(work: Work, message: Dispatched, signer: Signer, now: datetime) -> None:
    record = record_id("device", message.device)
    DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=record, now=now)


def _act(work: Work, device: DeviceRecord, command: str, **inputs: object) -> None:
    record = record_id("device", device.serial)
    work.record(Act(command=command, record=record, clauses=(_CLAUSE,), inputs=inputs))
