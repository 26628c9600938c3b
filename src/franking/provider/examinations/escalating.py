"""What follows when an examination duty is missed: the consequences that a sweep applies.

Each is told the obligations of its kind that are past due, within the unit of work that marks them
missed. A device that is no longer with a licensee owes no examination: nothing follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from franking.clock import instant_text
from franking.docket import Obligation, Opening, Swept
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.examining import ExaminationDue, ExaminationIgnored
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
    Notice,
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
    concerned = list(_with_licensees(work, missed))
    for due, devices in _by_due(concerned):
        because = f"it was not brought in for examination by {due}"
        _deny(work, devices, clause=_CLAUSE, because=because, now=swept.now)
    devices = list({device.serial: device for _, device in concerned}.values())
    cases = rows.last_cases(work, [device.serial for device in devices])
    silent = [
        (device, case)
        for device in devices
        if (case := cases.get(device.serial)) is not None and case.status is CaseStatus.NOTICED
    ]
    approach_many(work, silent, Approach.IN_WRITING, swept.now)


def refer_unexamined(work: Work, missed: Sequence[Obligation], swept: Swept) -> None:
    """Nobody answered the second approach: the Postal Service takes over (501.22(f), 1995)."""
    devices = {device.serial: device for _, device in _with_licensees(work, missed)}
    today = swept.now.date()
    changes = [
        (case, decisions.moved(case, CaseStatus.REFERRED, today))
        for case in rows.last_cases(work, list(devices)).values()
        if case.status is CaseStatus.APPROACHED
    ]
    because = "no answer to the second approach"
    rows.change_cases(work, changes, on=today, because=because)
    cases = [case for _, case in changes]
    active = _last_active(work, cases)
    _refer(work, [(devices[case.serial], case) for case in cases], active, swept)


def deny_unaudited(work: Work, missed: Sequence[Obligation], swept: Swept) -> None:
    """A PSD was not audited in its quarter: no reset until it is (502.24, P050.3.4, 1997).

    The licensee is told, and the Postal Service, since it is a ground to revoke (P050.2.3b).
    """
    concerned = list(_with_licensees(work, missed))
    active = {device.serial: obligation.start for obligation, device in concerned}
    for due, devices in _by_due(concerned):
        because = f"it was neither reset nor audited by {due}"
        _deny(work, devices, clause=_AUDIT_CLAUSE, because=because, now=swept.now)
        opened = _open_cases(work, devices, Ground.NOT_RESET, swept.now.date(), because)
        rows.add_notices(work, [_audit_overdue(device, due, swept) for device, _ in opened])
        _refer(work, opened, active, swept)


def approach(work: Work, device: DeviceRecord, case: Case, how: Approach, now: datetime) -> Case:
    """Approach a licensee the second time; another 15 days run (501.22(f), 1995)."""
    return approach_many(work, [(device, case)], how, now)[0]


def approach_many(
    work: Work, cases: Sequence[tuple[DeviceRecord, Case]], how: Approach, now: datetime
) -> list[Case]:
    """Approach many licensees the second time, in the same way.

    Raises:
        Refused: ``EXAMINATION_STEP_UNSUITABLE``.
    """
    today = now.date()
    devices = [device for device, _ in cases]
    changes = [(case, decisions.approached(case, how, today)) for _, case in cases]
    after = [case for _, case in changes]
    rows.change_cases(work, changes, on=today, because=f"approached again {how.value}")
    second = NoticeKind.SECOND_APPROACH
    rows.add_notices(
        work,
        [
            decisions.notice(second, device, today=today, due_on=case.due_on)
            for device, case in zip(devices, after, strict=True)
        ],
    )
    records = [record_id("device", device.serial) for device in devices]
    DOCKET.satisfy_many(work, APPROACH, records=records, now=now, because=how.value)
    DOCKET.open_many(work, [_owed(device, ANSWER, today) for device in devices], now)
    for device, case in zip(devices, after, strict=True):
        _act(work, device, "approach_licensee", case=case.number, how=how.value)
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
        yield _owed(device, BRING_IN, today)
        yield replace(_owed(device, APPROACH, today), owed_by="provider")


def _owed(device: DeviceRecord, duty: str, today: date) -> Opening:
    """What a licensee owes from today on about a device."""
    return Opening(
        duty=duty,
        record=record_id("device", device.serial),
        owed_by=f"licensee:{device.licence}",
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
    work: Work,
    cases: Sequence[tuple[DeviceRecord, Case]],
    last_active_on: Mapping[str, date],
    swept: Swept,
) -> None:
    """Tell the Postal Service of licensees who did not answer."""
    if not cases:
        return
    name = require_identity(work).name
    messages = (
        (
            record_id("device", device.serial),
            ExaminationIgnored(
                device=device.serial,
                issued_at=instant_text(swept.now),
                sender=name,
                licence=device.licence,
                zip_code=device.office,
                rulebook=device.rulebook,
                ground=case.ground.value,
                noticed_on=case.noticed_on.isoformat(),
                approached_on=case.approached_on.isoformat() if case.approached_on else "",
                approached_how=case.approached_how,
                last_active_on=last_active_on[device.serial].isoformat(),
            ),
        )
        for device, case in cases
    )
    DISPATCHES.send_many(work, messages, swept.signer, recipient=POSTAL_SERVICE, now=swept.now)
    for device, case in cases:
        _act(work, device, "refer_examination", case=case.number)


def _last_active(work: Work, cases: Sequence[Case]) -> dict[str, date]:
    """The start of the duty that was missed, by device: the last reset or examination."""
    records = [record_id("device", case.serial) for case in cases]
    known = DOCKET.standing_of(work, records=records)
    found: dict[str, date] = {}
    for case, record in zip(cases, records, strict=True):
        duty = YEARLY if case.ground is Ground.YEARLY else QUARTERLY
        starts = (each.start for each in known[record] if each.duty == duty)
        found[case.serial] = max(starts, default=case.noticed_on)
    return found


def _open_cases(
    work: Work, devices: Sequence[DeviceRecord], ground: Ground, today: date, because: str
) -> list[tuple[DeviceRecord, Case]]:
    """A case of each device that has none open."""
    before = rows.last_cases(work, [device.serial for device in devices])
    opened = [
        (
            device,
            decisions.opened(device, ground, number=last.number + 1 if last else 1, today=today),
        )
        for device in devices
        if (last := before.get(device.serial)) is None or last.closed_on is not None
    ]
    rows.add_cases(work, [case for _, case in opened], because)
    for device, case in opened:
        _act(work, device, "notice_examination", case=case.number, ground=ground.value)
    return opened


def _audit_overdue(device: DeviceRecord, due: date, swept: Swept) -> Notice:
    kind = NoticeKind.AUDIT_OVERDUE
    return decisions.notice(kind, device, today=swept.now.date(), due_on=due)


def _by_due(
    concerned: Sequence[tuple[Obligation, DeviceRecord]],
) -> Iterator[tuple[date, list[DeviceRecord]]]:
    """The devices by the day that was missed, each with the first such day of it."""
    first: dict[str, tuple[date, DeviceRecord]] = {}
    for obligation, device in concerned:
        first.setdefault(device.serial, (obligation.due, device))
    for due in sorted({due for due, _ in first.values()}):
        yield due, [device for its, device in first.values() if its == due]


def _with_licensees(
    work: Work, missed: Sequence[Obligation]
) -> Iterator[tuple[Obligation, DeviceRecord]]:
    serials = [each.record.removeprefix("device:") for each in missed]
    known = device_rows.of_serials(work, serials)
    for obligation, serial in zip(missed, serials, strict=True):
        device = known.get(serial) or notes.require(work, serial)
        if device.state in WITH_LICENSEE:
            yield obligation, device


def _deny(
    work: Work, devices: Sequence[DeviceRecord], *, clause: str, because: str, now: datetime
) -> None:
    serials = [device.serial for device in devices]
    notes.deny_many(work, serials, cause=DENIED, clause=clause, because=because, now=now)


def _act(work: Work, device: DeviceRecord, command: str, **inputs: object) -> None:
    record = record_id("device", device.serial)
    work.record(Act(command=command, record=record, clauses=(_CLAUSE,), inputs=inputs))
