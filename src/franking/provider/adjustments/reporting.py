"""A licensee's word that a device is defective: it may not be used, and the Postal Service knows.

The device room keeps the rest (no resets, retrieval within three business days, replacement):
``franking.provider.devices.removal``.
"""

from __future__ import annotations

from datetime import datetime

from franking.clock import instant_text
from franking.docket import Obligation
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.adjusting import DefectNoticed
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.signing import Signer
from franking.provider.adjustments import rows
from franking.provider.adjustments.records import REPORT, Holder
from franking.provider.devices import notes, removal
from franking.provider.devices.leaving import RETRIEVE
from franking.provider.devices.records import DeviceRecord
from franking.provider.identity import require_identity
from franking.provider.schema import DISPATCHES, DOCKET
from franking.storage import Act, Books, Work

DEFECT_UNSAID = Refusal(
    "DEFECT_UNSAID",
    clause="DMM P030.2.8 (1995), P050.2.7 (1997)",
    remedy="Say what is wrong with the device: --defect.",
    http_status=422,
)
_CLAUSES = {"meter-1995": "DMM P030.2.8 (1995)", "ibip-1997": "DMM P050.2.7 (1997)"}


def report_defect(
    books: Books, signer: Signer, serial: str, *, by: str, defect: str, now: datetime
) -> DeviceRecord:
    """Take a licensee's report of a defective device, and tell the Postal Service of it at once.

    Told again, nothing changes: cut short between the two, asking again tells what was left.

    Raises:
        Refused: ``DEFECT_UNSAID``, ``DEVICE_NOT_IN_INVENTORY``, ``NOT_WITH_LICENSEE``.
    """
    if not defect.strip():
        raise DEFECT_UNSAID.because(f"nothing is said of {serial}")
    record = removal.report_defect(books, serial, by=by, defect=defect, now=now)
    with books.work(now, "tell_defect", on=(record_id("device", serial),)) as work:
        device = notes.require(work, serial)
        if _is_told(work, serial):
            return record
        rows.add_defect(work, serial, _holder(device), defect=defect, by=by, on=now.date())
        _tell(work, signer, device, defect, now)
        DOCKET.open(
            work,
            REPORT,
            record=record_id("device", serial),
            owed_by="provider",
            rulebook=device.rulebook,
            start=now.date(),
            now=now,
            because=defect,
        )
        clause = _CLAUSES[device.rulebook]
        inputs: dict[str, object] = {"defect": defect}
        work.record(Act(record=record_id("device", serial), clauses=(clause,), inputs=inputs))
    return record


def outstanding_report(work: Work, serial: str) -> Obligation | None:
    """The duty to report a device's malfunction, while it is owed."""
    standing = DOCKET.standing(work, record=record_id("device", serial))
    found = [each for each in standing if each.duty == REPORT and each.is_outstanding]
    return found[-1] if found else None


def _holder(device: DeviceRecord) -> Holder:
    return Holder(licence=device.licence, licensee=device.licensee, office=device.office)


def _is_told(work: Work, serial: str) -> bool:
    return outstanding_report(work, serial) is not None


def _tell(work: Work, signer: Signer, device: DeviceRecord, defect: str, now: datetime) -> None:
    record = record_id("device", device.serial)
    owed = [each for each in DOCKET.standing(work, record=record) if each.duty == RETRIEVE]
    message = DefectNoticed(
        device=device.serial,
        issued_at=instant_text(now),
        sender=require_identity(work).name,
        licence=device.licence,
        zip_code=device.office,
        rulebook=device.rulebook,
        defect=defect,
        reported_on=now.date().isoformat(),
        retrieve_by=owed[-1].due.isoformat() if owed else "",
    )
    DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=record, now=now)
