"""What a provider's officer asks for on examinations: notices, second approaches, inspections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from franking import rules
from franking.clock import instant_text
from franking.docket import Obligation, ObligationStatus, views
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.examining import InspectionIrregular
from franking.messages.signing import Signer
from franking.provider.devices import notes, service_duties
from franking.provider.devices.records import (
    WITH_LICENSEE,
    DeviceRecord,
    DeviceState,
    Kind,
    Occasion,
    RegisterReading,
    Source,
)
from franking.provider.examinations import checklist, decisions, escalating, rows, standing
from franking.provider.examinations.checklist import Inspection, InspectionReport
from franking.provider.examinations.records import (
    DENIED_IRREGULAR,
    QUARTERLY,
    REPLACE_IRREGULAR,
    REPLACE_SEIZED,
    YEARLY,
    Approach,
    Case,
    CaseStatus,
    MailerProfile,
    Notice,
    NoticeKind,
    Receipt,
)
from franking.provider.identity import require_identity
from franking.provider.schema import DISPATCHES, DOCKET
from franking.storage import Act, Books, Reading, Work

METERS_ONLY = Refusal(
    "METERS_ONLY",
    clause="39 CFR 502.24 (1997)",
    remedy="A PSD is audited by its own signed message: franking device audit NAME.",
)
RECEIPT_UNKNOWN = Refusal(
    "RECEIPT_UNKNOWN",
    clause="DMM P030.2.7 (1995)",
    remedy="See the receipts of a device: franking examination show SERIAL.",
    http_status=404,
)
REPLACED_ALREADY = Refusal(
    "REPLACED_ALREADY",
    clause="DMM P030.2.7 (1995)",
    remedy="One device replaces a withdrawn one, and its postage moves once.",
)
NOT_THE_SAME_LICENSEE = Refusal(
    "NOT_THE_SAME_LICENSEE",
    clause="DMM P030.2.7 (1995)",
    remedy="Lease the replacement to the licensee of the withdrawn device first.",
)
_DUE = "39 CFR 501.22(f) (1995)"
_INSPECTED = "39 CFR 501.25(b) (1995)"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesGiven:
    """What a day's notices came to."""

    ahead: tuple[Notice, ...]
    """Licensees told the date on which their device falls due."""
    approached: tuple[Case, ...]
    """Licensees approached again, in writing."""
    removed: tuple[Case, ...]
    """Cases that ended because the device has left its licensee."""


def due_soon(books: Books, now: datetime) -> list[Obligation]:
    """Meters that have to be reset or examined within the notice period, by due date."""
    with books.reading() as reading:
        return _due_soon(reading, now.date())


def give_notices(books: Books, signer: Signer, now: datetime) -> NoticesGiven:
    """Tell every licensee whose examination falls due soon, once for each date (501.22(f)).

    Whose 15 days after the first notice end today is approached again in writing, unless somebody
    called on him before. Where the device was checked out since, the case ends, and the Postal
    Service is told.
    """
    with books.work(now, "give_examination_notices") as work:
        removed = tuple(_settle_removed(work, signer, now))
        ahead = tuple(_tell_ahead(work, _due_soon(work, now.date()), now.date()))
        approached = tuple(
            escalating.approach(
                work, notes.require(work, case.serial), case, Approach.IN_WRITING, now
            )
            for case in rows.cases_to_approach(work, now.date())
        )
    return NoticesGiven(ahead=ahead, approached=approached, removed=removed)


def approach_licensee(books: Books, *, serial: str, how: Approach, now: datetime) -> Case:
    """Note that the licensee was approached a second time, preferably in person (501.22(f)).

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``EXAMINATION_NOT_DUE``,
            ``EXAMINATION_STEP_UNSUITABLE``.
    """
    with books.work(now, "approach_licensee", on=(record_id("device", serial),)) as work:
        device = notes.require(work, serial)
        return escalating.approach(work, device, _require_case(work, serial), how, now)


def close_removed(books: Books, signer: Signer, *, serial: str, now: datetime) -> Case:
    """Note that a device ordered removed has left its licensee, and tell the Postal Service.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``EXAMINATION_NOT_DUE``,
            ``EXAMINATION_STEP_UNSUITABLE`` while it is still with the licensee.
    """
    with books.work(now, "close_removed", on=(record_id("device", serial),)) as work:
        device = notes.require(work, serial)
        case = _require_case(work, serial)
        if not _has_left(device):
            raise decisions.EXAMINATION_STEP_UNSUITABLE.because(
                f"{serial} is {device.state.value}: it was not checked out"
            )
        return standing.settle_removed(work, signer, device, now) or case


def describe_mailer(books: Books, profile: MailerProfile, now: datetime) -> MailerProfile:
    """Note a mailer's volume and risk; meters inspected more often fall due sooner.

    Makers may use industry codes and their own records for it (60 FR 30714, I.B).
    """
    with books.work(now, "describe_mailer", on=(record_id("licence", profile.licence),)) as work:
        rows.put_profile(work, profile)
        for device in notes.devices_of(work, licence=profile.licence):
            if device.kind is Kind.METER and device.installed_on is not None:
                _restart_inspection(work, device, _last_inspected(work, device), now)
        inputs: dict[str, object] = {
            "yearly_postage_mills": profile.yearly_postage_mills,
            "industry_code": profile.industry_code,
            "high_risk": profile.high_risk,
            "source": profile.source,
        }
        record = record_id("licence", profile.licence)
        work.record(Act(record=record, clauses=("39 CFR 501.25(a) (1995)",), inputs=inputs))
    return profile


def inspect_meter(
    books: Books, signer: Signer, *, serial: str, sheet: Inspection, now: datetime
) -> InspectionReport:
    """Take an inspection of a meter in use, with its signature (39 CFR 501.25(b), 1995).

    Anything irregular is reported to the licensing postmaster at once, the meter may no longer be
    used, and it has to be replaced or removed.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``METERS_ONLY``, ``INSPECTION_INCOMPLETE``,
            ``INSPECTION_UNSIGNED``, ``READING_FALLS``.
    """
    with books.work(now, "inspect_meter", on=(record_id("device", serial),)) as work:
        device = notes.require(work, serial)
        if device.kind is not Kind.METER:
            raise METERS_ONLY.because(f"{serial} is a {device.kind.value}")
        report = checklist.judge(sheet, serial_on_record=device.serial, today=now.date())
        rows.add_inspection(work, report)
        device = notes.record_reading(work, _reading(device, sheet, now))
        _satisfy(work, service_duties.INSPECTION, device, now, "inspected")
        _restart_inspection(work, device, now.date(), now)
        if report.irregularities:
            _stop_irregular(work, signer, device, report, now)
        inputs: dict[str, object] = {
            "inspector": sheet.inspector,
            "signed_by": sheet.licensee_signature,
            "irregularities": list(report.irregularities),
        }
        work.record(_act("inspect_meter", serial, _INSPECTED, inputs))
    return report


def replace_withdrawn(books: Books, *, receipt: str, replacement: str, now: datetime) -> Receipt:
    """Give the licensee another device for one that an inspector withdrew (DMM P030.2.7, P050.2.6).

    The postage in the withdrawn device goes over to it, unless it may have been set by fraud.

    Raises:
        Refused: ``RECEIPT_UNKNOWN``, ``REPLACED_ALREADY``, ``NOT_THE_SAME_LICENSEE``,
            ``DEVICE_NOT_IN_INVENTORY``.
    """
    with books.reading() as reading:
        serial = _require_receipt(reading, receipt).serial
    on = (record_id("device", serial), record_id("device", replacement))
    with books.work(now, "replace_withdrawn", on=on) as work:
        found = _require_receipt(work, receipt)
        if found.replacement:
            raise REPLACED_ALREADY.because(f"{found.replacement} replaces {serial}")
        instead = notes.require(work, replacement)
        if instead.licence != found.licence or instead.serial == serial:
            raise NOT_THE_SAME_LICENSEE.because(
                f"{replacement} is under licence {instead.licence or 'none'}, not {found.licence}"
            )
        moved = 0 if found.fraud_suspected else found.descending_mills
        rows.replace_on_receipt(work, receipt, replacement=replacement, moved_mills=moved)
        _satisfy(work, REPLACE_SEIZED, notes.require(work, serial), now, f"by {replacement}")
        inputs: dict[str, object] = {"receipt": receipt, "by": replacement, "moved_mills": moved}
        work.record(_act("replace_withdrawn", serial, "DMM P030.2.7 (1995)", inputs))
        return _require_receipt(work, receipt)


def examination_view(books: Books, serial: str) -> dict[str, object]:
    """Everything of this room about a device, as JSON values.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``.
    """
    with books.reading() as reading:
        device = notes.require(reading, serial)
        return {
            "serial": serial,
            "kind": device.kind.value,
            "state": device.state.value,
            "licence": device.licence,
            "denials": [
                {"cause": each.cause, "clause": each.clause, "because": each.because}
                for each in notes.denials(reading, serial)
            ],
            "cases": [case_json(case) for case in rows.cases_of(reading, serial)],
            "events": rows.case_events(reading, serial),
            "notices": [notice.as_json() for notice in rows.notices_of(reading, serial)],
            "inspections": [each.as_json() for each in rows.inspections_of(reading, serial)],
            "receipts": [receipt_json(each) for each in rows.receipts_of(reading, serial)],
            "inspectors_announced": rows.ahead_of(reading, serial),
        }


def open_cases(
    books: Books, status: CaseStatus | None = None, *, after: str = "", limit: int = 100
) -> list[Case]:
    """Open cases by serial: a page of them."""
    with books.reading() as reading:
        return rows.cases_in(reading, status, after=after, limit=limit)


def case_json(case: Case) -> dict[str, object]:
    """A case as JSON values."""
    return {
        "serial": case.serial,
        "case": case.number,
        "licence": case.licence,
        "office": case.zip_code,
        "ground": case.ground.value,
        "status": case.status.value,
        "noticed_on": case.noticed_on.isoformat(),
        "due_on": case.due_on.isoformat(),
        "approached_on": case.approached_on.isoformat() if case.approached_on else None,
        "approached_how": case.approached_how,
        "closed_on": case.closed_on.isoformat() if case.closed_on else None,
    }


def receipt_json(receipt: Receipt) -> dict[str, object]:
    """An inspector's receipt as JSON values."""
    return {
        "receipt": receipt.receipt,
        "serial": receipt.serial,
        "licence": receipt.licence,
        "inspector": receipt.inspector,
        "withdrawn_on": receipt.withdrawn_on.isoformat(),
        "reason": receipt.reason,
        "ascending_mills": receipt.ascending_mills,
        "descending_mills": receipt.descending_mills,
        "fraud_suspected": receipt.fraud_suspected,
        "replacement_wanted": receipt.replacement_wanted,
        "replacement": receipt.replacement,
        "moved_mills": receipt.moved_mills,
    }


def _due_soon(books: Reading, today: date) -> list[Obligation]:
    """Open examination duties of meters that fall due within the notice period, today or later."""
    rulebook = "meter-1995"
    ahead = rules.at("provider", rulebook, today).whole("examination_ahead_days")
    choice = views.Choice(
        statuses=(ObligationStatus.OPEN,), due_from=today, due_to=today + timedelta(days=ahead)
    )
    found = (
        each
        for duty in (QUARTERLY, YEARLY)
        for each in views.every(books, DOCKET, replace(choice, duty=duty))
    )
    return sorted(found, key=lambda each: (each.due, each.record))


def _tell_ahead(work: Work, due: Sequence[Obligation], today: date) -> Iterator[Notice]:
    for obligation in due:
        device = notes.require(work, obligation.record.removeprefix("device:"))
        kind = NoticeKind.EXAMINATION_AHEAD
        if rows.was_told(work, device.serial, kind, obligation.due) or _has_left(device):
            continue
        told = decisions.notice(kind, device, today=today, due_on=obligation.due)
        rows.add_notice(work, told)
        inputs: dict[str, object] = {"due_on": obligation.due.isoformat()}
        work.record(_act("notify_examination_ahead", device.serial, _DUE, inputs))
        yield told


def _settle_removed(work: Work, signer: Signer, now: datetime) -> Iterator[Case]:
    for case in rows.cases_left(work, WITH_LICENSEE):
        device = notes.require(work, case.serial)
        settled = standing.settle_removed(work, signer, device, now)
        if settled is not None:
            yield settled


def _require_case(books: Reading, serial: str) -> Case:
    case = rows.open_case(books, serial)
    if case is None:
        raise decisions.EXAMINATION_NOT_DUE.because(f"no examination of {serial} is outstanding")
    return case


def _require_receipt(books: Reading, receipt: str) -> Receipt:
    found = rows.find_receipt(books, receipt)
    if found is None:
        raise RECEIPT_UNKNOWN.because(f"there is no receipt {receipt!r}")
    return found


def _has_left(device: DeviceRecord) -> bool:
    return device.state not in WITH_LICENSEE


def _last_inspected(books: Reading, device: DeviceRecord) -> date:
    reports = rows.inspections_of(books, device.serial)
    return reports[-1].inspected_on if reports else device.installed_on or device.since


def _restart_inspection(work: Work, device: DeviceRecord, start: date, now: datetime) -> None:
    """The next inspection falls due by what is known of the mailer now."""
    record = record_id("device", device.serial)
    profile = rows.profile_of(work, device.licence)
    often = decisions.is_inspected_often(profile, now.date(), device.rulebook)
    duty = service_duties.INSPECTION
    because = "the schedule of 501.25(a) was looked up again"
    DOCKET.cancel(work, duty, record=record, now=now, because=because)
    opening = service_duties.inspection(device, start, often=often)
    DOCKET.open_many(work, [opening], now)


def _stop_irregular(
    work: Work, signer: Signer, device: DeviceRecord, report: InspectionReport, now: datetime
) -> None:
    """An irregular meter: the postmaster is told, no reset, no use, a replacement is owed."""
    because = "; ".join(report.irregularities)
    clause = "39 CFR 501.25(b)(8) (1995)"
    notes.deny_resets(
        work, device.serial, cause=DENIED_IRREGULAR, clause=clause, because=because, now=now
    )
    if device.state is DeviceState.IN_SERVICE:
        by = report.sheet.inspector
        to = DeviceState.DO_NOT_USE
        notes.move(work, device, to=to, now=now, because=because, by=by, clause=clause)
    record = record_id("device", device.serial)
    DOCKET.open(
        work,
        REPLACE_IRREGULAR,
        record=record,
        owed_by="provider",
        rulebook=device.rulebook,
        start=now.date(),
        now=now,
        because=because,
    )
    told = InspectionIrregular(
        device=device.serial,
        issued_at=instant_text(now),
        sender=require_identity(work).name,
        licence=device.licence,
        zip_code=device.office,
        inspector=report.sheet.inspector,
        inspected_on=report.inspected_on.isoformat(),
        irregularities=list(report.irregularities),
    )
    DISPATCHES.send(work, told, signer, recipient=POSTAL_SERVICE, record=record, now=now)


def _reading(device: DeviceRecord, sheet: Inspection, now: datetime) -> RegisterReading:
    return RegisterReading(
        serial=device.serial,
        at=instant_text(now),
        ascending_mills=sheet.ascending_mills,
        descending_mills=sheet.descending_mills,
        source=Source.REPORTED,
        occasion=Occasion.INSPECTION,
        by=sheet.inspector,
    )


def _satisfy(work: Work, duty: str, device: DeviceRecord, now: datetime, because: str) -> None:
    DOCKET.satisfy(work, duty, record=record_id("device", device.serial), now=now, because=because)


def _act(command: str, serial: str, clause: str, inputs: dict[str, object]) -> Act:
    record = record_id("device", serial)
    return Act(command=command, record=record, clauses=(clause,), inputs=inputs)
