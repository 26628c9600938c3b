"""What providers say of defective devices and malfunctions."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.adjusting import DefectNoticed, MalfunctionReported
from franking.messages.receiving import Dispatched, Hearer
from franking.messages.signing import Signer
from franking.postal.adjustments import tables
from franking.postal.adjustments.records import DECIDE, Adjustment, AdjustmentStatus, Defect
from franking.postal.schema import DOCKET
from franking.storage import Act, Work

ADJUSTMENT_TOLD_BEFORE = Refusal(
    "ADJUSTMENT_TOLD_BEFORE",
    clause="39 CFR 501.22(h) (1995)",
    remedy="Give what is new another report number.",
)
_CLAUSES = {
    "meter-1995": "39 CFR 501.22(h) (1995)",
    "ibip-1997": "39 CFR 502.21(f) (1997)",
}


def take_defect(work: Work, message: DefectNoticed, _: Signer, now: datetime) -> None:
    """A device was reported defective, and its provider retrieves it (P050.2.7)."""
    defect = Defect(
        number=0,
        provider=message.sender,
        serial=message.device,
        licence=message.licence,
        office=message.zip_code,
        defect=message.defect,
        told_by=message.sender,
        told_on=now.date(),
        retrieve_by=message.retrieve_by,
    )
    tables.add_defect(work, defect)
    clause = "DMM P030.2.8 (1995)" if message.rulebook == "meter-1995" else "DMM P050.2.7 (1997)"
    inputs: dict[str, object] = {"provider": message.sender, "defect": message.defect}
    record = record_id("device", message.device)
    work.record(Act(command="note_defect", record=record, clauses=(clause,), inputs=inputs))


def take_report(work: Work, message: MalfunctionReported, _: Signer, now: datetime) -> None:
    """A malfunction is explained; where an adjustment is recommended, it waits for a decision.

    Raises:
        Refused: ``ADJUSTMENT_TOLD_BEFORE``.
    """
    if tables.of_report(work, message.sender, message.report) is not None:
        raise ADJUSTMENT_TOLD_BEFORE.because(f"{message.report} of {message.sender} is here")
    adjustment = _adjustment(work, message)
    tables.add(work, adjustment)
    record = record_id("adjustment", adjustment.number)
    if adjustment.status is AdjustmentStatus.REPORTED:
        DOCKET.open(
            work,
            DECIDE,
            record=record,
            owed_by=adjustment.addressee,
            rulebook=adjustment.rulebook,
            start=now.date(),
            now=now,
            because=adjustment.basis,
        )
    inputs: dict[str, object] = {
        "provider": message.sender,
        "report": message.report,
        "recommended_mills": message.recommended_mills,
    }
    clause = _CLAUSES[message.rulebook]
    work.record(Act(command="take_report", record=record, clauses=(clause,), inputs=inputs))


def _adjustment(work: Work, message: MalfunctionReported) -> Adjustment:
    is_fault_alone = message.recommended_mills == 0 and message.estimate is None
    facts = {
        "mechanism": message.mechanism,
        "examined": f"on {message.examined_on} by {message.examiner}",
        "readouts": msgspec.to_builtins(message.readouts),
        "conclusive": message.conclusive,
        "documents": message.documents,
        "registered_mills": message.registered_mills,
        "estimate": msgspec.to_builtins(message.estimate),
    }
    return Adjustment(
        number=tables.next_number(work, tables.ADJUSTMENTS),
        provider=message.sender,
        report=message.report,
        serial=message.device,
        licence=message.licence,
        licensee=message.licensee,
        office=message.zip_code,
        rulebook=message.rulebook,
        addressee=message.addressee,
        fault=message.fault,
        facts=msgspec.json.encode(facts).decode(),
        recommended_mills=message.recommended_mills,
        basis=message.basis,
        submitted_on=date.fromisoformat(message.submitted_on),
        status=AdjustmentStatus.NOTED
        if is_fault_alone and not message.conclusive
        else AdjustmentStatus.REPORTED,
    )


def _about(message: Dispatched) -> str:
    return record_id("device", message.device)


# Reports are numbered one after the other: nobody else meanwhile.
HEARERS = (
    Hearer(DefectNoticed, _about, take_defect, alone=True),
    Hearer(MalfunctionReported, _about, take_report, alone=True),
)
