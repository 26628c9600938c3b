"""What the Postal Service says of examinations, and what the provider does about it."""

from __future__ import annotations

from datetime import datetime

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.examining import (
    DeviceSeized,
    ExaminationRemoval,
    ExaminationReport,
    InspectionAhead,
    RemoteExaminationWanted,
)
from franking.messages.receiving import Dispatched, Hearer
from franking.messages.signing import Signer
from franking.provider.devices import notes
from franking.provider.devices.records import (
    TRANSITIONS,
    DeviceRecord,
    DeviceState,
    Kind,
    Occasion,
    RegisterReading,
    Source,
)
from franking.provider.examinations import decisions, rows, standing
from franking.provider.examinations.records import (
    REPLACE_SEIZED,
    NoticeKind,
)
from franking.provider.schema import DOCKET
from franking.rules import at
from franking.rules.calendars import due
from franking.storage import Act, Work

FAILED = "examination found it defective"
"""The cause under which a device that failed a postal examination is not reset."""
_EXAMINED = "DMM P030.3.11 (1995)"
_ORDERED = "39 CFR 501.22(f) (1995)"
_SUSPECT = {"meter-1995": "DMM P030.2.7 (1995)", "ibip-1997": "DMM P050.2.6 (1997)"}


def take_report(work: Work, report: ExaminationReport, signer: Signer, now: datetime) -> None:
    """A postal employee examined the device: its examination duties are done and begin anew.

    What was found wrong keeps its resets denied, whatever else is in order.
    """
    device = notes.require(work, report.device)
    rows.add_postal_report(work, report)
    if device.kind is not Kind.PSD:
        device = notes.record_reading(work, _examined_reading(report, now))
    if report.findings:
        because = "; ".join(report.findings)
        notes.deny_resets(
            work, device.serial, cause=FAILED, clause=_EXAMINED, because=because, now=now
        )
    standing.settle_examined(work, signer, device, how="examined", now=now)
    inputs: dict[str, object] = {"examiner": report.examiner, "findings": report.findings}
    _note(work, "take_examination_report", device, _EXAMINED, inputs)


def take_removal(work: Work, order: ExaminationRemoval, _: Signer, now: datetime) -> None:
    """The Postal Service told the licensee: the provider has 15 days to remove the device."""
    device = notes.require(work, order.device)
    clause = _ORDERED
    notes.order_removal(work, device.serial, now=now, because=order.ground, clause=clause)
    case = rows.open_case(work, device.serial)
    if case is not None:
        limit = due(now.date(), at("provider", device.rulebook, now.date())["revoked_removal_days"])
        after = decisions.ordered(case, limit)
        rows.change_case(work, case, after, on=now.date(), because=order.ground)
        told = decisions.notice(NoticeKind.REMOVAL, device, today=now.date(), due_on=limit)
        rows.add_notice(work, told)
    _note(work, "take_examination_removal", device, clause, {"ground": order.ground})


def take_ahead(work: Work, message: InspectionAhead, _: Signer, now: datetime) -> None:
    """The Inspection Service says that it will examine a device (DMM P030.2.7, 1995)."""
    device = notes.require(work, message.device)
    rows.add_ahead(work, serial=device.serial, licence=message.licence, on=message.on)
    _note(work, "take_inspection_notice", device, _SUSPECT[device.rulebook], {"on": message.on})


def take_seizure(work: Work, seized: DeviceSeized, _: Signer, now: datetime) -> None:
    """An inspector withdrew the device, and sent a copy of the receipt (DMM P030.2.7, P050.2.6)."""
    device = notes.require(work, seized.device)
    clause = _SUSPECT[device.rulebook]
    rows.add_receipt(work, seized)
    reading = None if device.kind is Kind.PSD else _seized_reading(seized, now)
    if DeviceState.SEIZED in TRANSITIONS[device.state]:
        notes.move(
            work,
            device,
            to=DeviceState.SEIZED,
            now=now,
            because=seized.reason,
            by=seized.inspector,
            clause=clause,
            reading=reading,
        )
    if seized.replacement_wanted:
        DOCKET.open(
            work,
            REPLACE_SEIZED,
            record=record_id("device", device.serial),
            owed_by="provider",
            rulebook=device.rulebook,
            start=now.date(),
            now=now,
            because=f"receipt {seized.receipt}",
        )
    inputs: dict[str, object] = {"receipt": seized.receipt, "inspector": seized.inspector}
    _note(work, "take_inspector_receipt", device, clause, inputs)


def take_remote(work: Work, wanted: RemoteExaminationWanted, _: Signer, now: datetime) -> None:
    """The Postal Service joins in the device's next audit (DMM P050.3.4, 1997)."""
    device = notes.require(work, wanted.device)
    asked_on = now.date().isoformat()
    rows.want_remote(work, serial=device.serial, reason=wanted.reason, asked_on=asked_on)
    inputs: dict[str, object] = {"reason": wanted.reason}
    _note(work, "take_remote_examination", device, "DMM P050.3.4 (1997)", inputs)


def _examined_reading(report: ExaminationReport, now: datetime) -> RegisterReading:
    return RegisterReading(
        serial=report.device,
        at=instant_text(now),
        ascending_mills=report.ascending_mills,
        descending_mills=report.descending_mills,
        source=Source.REPORTED,
        occasion=Occasion.EXAMINATION,
        by=report.examiner,
    )


def _seized_reading(seized: DeviceSeized, now: datetime) -> RegisterReading:
    return RegisterReading(
        serial=seized.device,
        at=instant_text(now),
        ascending_mills=seized.ascending_mills,
        descending_mills=seized.descending_mills,
        source=Source.REPORTED,
        occasion=Occasion.SEIZURE,
        by=seized.inspector,
    )


def _about(message: Dispatched) -> str:
    return record_id("device", message.device)


def _note(
    work: Work, command: str, device: DeviceRecord, clause: str, inputs: dict[str, object]
) -> None:
    record = record_id("device", device.serial)
    work.record(Act(command=command, record=record, clauses=(clause,), inputs=inputs))


HEARERS = (
    Hearer(ExaminationReport, _about, take_report),
    Hearer(ExaminationRemoval, _about, take_removal),
    Hearer(InspectionAhead, _about, take_ahead),
    Hearer(DeviceSeized, _about, take_seizure),
    Hearer(RemoteExaminationWanted, _about, take_remote),
)
