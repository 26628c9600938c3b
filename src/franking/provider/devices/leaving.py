"""What ends when a device leaves service, however it does: duties, denials."""

from __future__ import annotations

from datetime import datetime

from franking.identifiers import record_id
from franking.provider.devices import notes, rows, service_duties
from franking.provider.devices.notes import REMOVE
from franking.provider.schema import DOCKET
from franking.storage import Work

RETRIEVE = "retrieve defective device"
TAKE_IN = "take in unwanted device"
DEFECT = "defect"
"""The cause under which a device reported faulty gets no reset, until it is found sound."""
_SATISFIED = (REMOVE, RETRIEVE, TAKE_IN)


def left_service(work: Work, serial: str, now: datetime, *, because: str) -> None:
    """The device was checked out: what had it retrieved is done, what its service owed is void."""
    record = record_id("device", serial)
    for duty in _SATISFIED:
        DOCKET.satisfy(work, duty, record=record, now=now, because=because)
    for duty in service_duties.EVERY:
        DOCKET.cancel(work, duty, record=record, now=now, because=because)
    for denial in rows.denials(work, serial):
        if denial.cause != DEFECT:
            notes.lift_denial(work, serial, cause=denial.cause, now=now, because=because)
