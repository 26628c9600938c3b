"""Papers of a provider: leases, installations, inspections, receipts, and notices to licensees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from franking.clock import parse_instant
from franking.forms.custody import Destroyed, DestructionCertificate, SeizureReceipt
from franking.forms.form import Party, PostOfficePlace, Signed, printed, rulebook_named
from franking.forms.inspection import Check, InspectionForm, checks_found
from franking.forms.installing import DeviceReading, InstallationForm
from franking.forms.leasing import LeaseForm
from franking.forms.notices import Notice, NoticeKind
from franking.home.papers.unknown import last, required
from franking.provider.devices import rows as devices
from franking.provider.devices import service_rows
from franking.provider.devices.notes import denials
from franking.provider.devices.records import DeviceRecord, DeviceState
from franking.provider.devices.service_records import FormAction, Installation
from franking.provider.examinations import rows as examinations
from franking.provider.examinations.checklist import ITEMS, Condition, InspectionReport
from franking.provider.examinations.records import NoticeKind as ExaminationKind
from franking.provider.licensing import rows as licensing
from franking.provider.licensing.leasing import devices_of
from franking.provider.quality import tables as quality
from franking.provider.quality.records import NoticeKind as QualityKind
from franking.provider.schema import RETENTION
from franking.retention import tables as retention
from franking.storage import Books

_CHECKED: Final = frozenset({DeviceState.CHECKED_IN, DeviceState.CHECKED_OUT})
"""Who brought a device into one of these signs its PS Form 3601-C."""
EXAMINATION_KINDS: Final[Mapping[ExaminationKind, NoticeKind]] = MappingProxyType(
    {
        ExaminationKind.EXAMINATION_AHEAD: NoticeKind.EXAMINATION_DUE,
        ExaminationKind.EXAMINATION_DUE: NoticeKind.EXAMINATION_DUE,
        ExaminationKind.AUDIT_OVERDUE: NoticeKind.EXAMINATION_DUE,
        ExaminationKind.SECOND_APPROACH: NoticeKind.SECOND_APPROACH,
        ExaminationKind.REMOVAL: NoticeKind.REMOVAL,
    }
)
QUALITY_KINDS: Final[Mapping[QualityKind, NoticeKind]] = MappingProxyType(
    {
        QualityKind.GUIDANCE: NoticeKind.QUALITY_GRADING,
        QualityKind.DENIAL: NoticeKind.RESET_DENIED,
        QualityKind.LIFTED: NoticeKind.RESET_ALLOWED,
    }
)


def lease_form(books: Books, provider: str, lease_id: str) -> LeaseForm:
    """A lease with its acknowledgment of deposit.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        lease = required(licensing.find_lease(reading, lease_id), f"lease {lease_id}")
        licence = required(
            licensing.find_licence(reading, lease.licence), f"licence {lease.licence}"
        )
        placed = [each.serial for each in devices_of(reading, lease)]
    signed = lease.signatures
    return LeaseForm(
        rulebook=rulebook_named(lease.rulebook),
        lease=lease.id,
        lessor=Party(name=provider),
        lessee=Party(name=lease.licensee),
        licence=lease.licence,
        post_office=PostOfficePlace(
            city=licence.city, state=licence.state, zip_code=licence.zip_code
        ),
        serial=", ".join(placed),
        begins_on=lease.begun_on,
        lockbox=signed.lockbox,
        lessee_signed=Signed(name=signed.signed_by, on=signed.signed_on),
        acknowledged=Signed(name=signed.acknowledged_by, on=signed.acknowledged_on),
    )


def installation_form(books: Books, provider: str, serial: str) -> InstallationForm:
    """The latest PS Form 3601-C of a device.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        device = required(devices.find(reading, serial), f"device {serial}")
        form = last(service_rows.forms_of(reading, serial), f"3601-C of {serial}")
        records = service_rows.register_records_of(reading, serial)
        replaced = devices.find(reading, form.replaces) if form.replaces else None
        checks = [one.by for one in devices.movements(reading, serial) if one.after in _CHECKED]
    drawn = _installation(form, device, provider, replaced=replaced, attached=bool(records))
    return replace(drawn, checked_by=Signed(name=checks[-1], on=form.on)) if checks else drawn


def _installation(
    form: Installation,
    device: DeviceRecord,
    provider: str,
    *,
    replaced: DeviceRecord | None,
    attached: bool,
) -> InstallationForm:
    shown = DeviceReading(
        serial=form.serial,
        model=form.model,
        ascending_mills=form.ascending_mills,
        descending_mills=form.descending_mills,
        source=device.reading_source.value,
    )
    leaving = form.action is FormAction.WITHDRAWAL
    return InstallationForm(
        rulebook=rulebook_named(device.rulebook),
        action=form.action.value,
        on=form.on,
        licence=form.licence,
        licensee=Party(name=form.licensee, address=form.place),
        post_office=PostOfficePlace(zip_code=form.office),
        provider=provider,
        installed=None if leaving else shown,
        withdrawn=shown if leaving else _as_last_read(replaced),
        register_record_attached=leaving and attached,
        presented_by=Signed(name=form.signed_by, on=form.on),
    )


def _as_last_read(device: DeviceRecord | None) -> DeviceReading | None:
    if device is None:
        return None
    return DeviceReading(
        serial=device.serial,
        model=device.model,
        ascending_mills=device.ascending_mills,
        descending_mills=device.descending_mills,
        source=device.reading_source.value,
    )


def inspection_form(books: Books, serial: str) -> InspectionForm:
    """The latest inspection of a meter, with its 17 checks.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        device = required(devices.find(reading, serial), f"device {serial}")
        report = last(examinations.inspections_of(reading, serial), f"inspection of {serial}")
    sheet = report.sheet
    return InspectionForm(
        rulebook=rulebook_named(device.rulebook),
        serial=sheet.serial,
        model=device.model,
        licence=device.licence,
        licensee=Party(name=device.licensee, address=device.place),
        post_office=PostOfficePlace(zip_code=device.office),
        on=report.inspected_on,
        inspector=sheet.inspector,
        ascending_mills=sheet.ascending_mills,
        descending_mills=sheet.descending_mills,
        set_total_mills=sheet.receipt_control_total_mills,
        seal=sheet.seal_number,
        checks=_checks(report),
        remarks=sheet.remarks,
        licensee_signed=Signed(name=sheet.licensee_signature, on=report.inspected_on),
    )


def _checks(report: InspectionReport) -> tuple[Check, ...]:
    told = (each.removeprefix("39 CFR ").partition(": ") for each in report.irregularities)
    absent = {
        f"501.25(b){ITEMS[name].clause}"
        for name, condition in report.sheet.items.items()
        if condition is Condition.NOT_APPLICABLE
    }
    return checks_found(irregular={clause: what for clause, _, what in told}, not_applicable=absent)


def examination_notice(books: Books, provider: str, serial: str) -> Notice:
    """What the licensee was told last about the examination of a device.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        device = required(devices.find(reading, serial), f"device {serial}")
        told = last(examinations.notices_of(reading, serial), f"examination notice of {serial}")
    return _notice(
        EXAMINATION_KINDS[told.kind],
        device,
        provider,
        sent_on=told.given_on,
        reason=told.text,
        clause=told.clause,
        act_by=told.due_on,
    )


def quality_notice(books: Books, provider: str, serial: str) -> Notice:
    """What the licensee was told last about the quality of a device's prints.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        device = required(devices.find(reading, serial), f"device {serial}")
        told = last(quality.notices_of(reading, serial), f"quality notice of {serial}")
    kind, day = QUALITY_KINDS[told.kind], told.given_on
    return _notice(kind, device, provider, sent_on=day, reason=told.text, clause=told.clause)


def denial_notice(books: Books, provider: str, serial: str) -> Notice:
    """Every cause for which the resets of a device are denied now.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        device = required(devices.find(reading, serial), f"device {serial}")
        standing = denials(reading, serial)
    newest = last(standing, f"denial of resets of {serial}")
    return _notice(
        NoticeKind.RESET_DENIED,
        device,
        provider,
        sent_on=parse_instant(newest.since).date(),
        reason="\n".join(printed(f"{each.cause}: {each.because}.") for each in standing),
        clause="; ".join(dict.fromkeys(each.clause for each in standing)),
    )


def seizure_receipt(books: Books, provider: str, receipt_id: str) -> SeizureReceipt:
    """The provider's copy of an inspector's receipt.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        receipt = required(examinations.find_receipt(reading, receipt_id), f"receipt {receipt_id}")
        device = required(devices.find(reading, receipt.serial), f"device {receipt.serial}")
    return SeizureReceipt(
        rulebook=rulebook_named(device.rulebook),
        number=receipt.receipt,
        taken_on=receipt.withdrawn_on,
        licensee=Party(name=device.licensee or "unknown"),
        licence=receipt.licence,
        place=device.place,
        serial=receipt.serial,
        model=device.model,
        ascending_mills=receipt.ascending_mills,
        descending_mills=receipt.descending_mills,
        fraud_suspected=receipt.fraud_suspected,
        reason=receipt.reason,
        provider=provider,
        inspector=Signed(name=receipt.inspector, on=receipt.withdrawn_on),
    )


def destruction_certificate(books: Books, owner: str, record: str) -> DestructionCertificate:
    """The latest certificate of the destruction of a record.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        found = retention.certificates(reading, RETENTION.tables, record=record)
    done = last(found, f"certificate of the destruction of {record}")
    day = parse_instant(done.destroyed_at).date()
    return DestructionCertificate(
        number=f"D-{done.number:06d}",
        owner=Party(name=owner),
        on=day,
        method=done.method,
        items=(Destroyed(what=done.kind, identity=done.record, clause=done.clause),),
        first=Signed(name=done.first, on=day),
        second=Signed(name=done.second, on=day),
    )


def _notice(
    kind: NoticeKind,
    device: DeviceRecord,
    provider: str,
    *,
    sent_on: date,
    reason: str,
    clause: str,
    act_by: date | None = None,
) -> Notice:
    return Notice(
        kind=kind,
        rulebook=rulebook_named(device.rulebook),
        sent_on=sent_on,
        sender=Party(name=provider),
        addressee=Party(name=device.licensee or "the licensee", address=device.place),
        licence=device.licence,
        device=device.serial,
        reason=reason,
        clauses=tuple(clause.split("; ")),
        act_by=act_by,
    )
