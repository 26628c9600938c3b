"""A reset of a remotely set meter, as its licensee reports it by telephone (DMM P030.3.9, 1995).

The meter signs nothing: what it shows is reported. What the postage is paid with is another room's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.signing import Signer
from franking.provider.devices import notes
from franking.provider.devices.records import (
    DeviceRecord,
    Kind,
    Occasion,
    RegisterReading,
    Source,
)
from franking.provider.devices.signed import require_grantable
from franking.provider.examinations import standing
from franking.storage import Act, Books

NOT_RESET_REMOTELY = Refusal(
    "NOT_RESET_REMOTELY",
    clause="DMM P030.3.9 (1995)",
    remedy="A PSD asks for its reset itself; another meter is set at its post office.",
)
_CLAUSES = ("DMM P030.3.9 (1995)", "DMM P030.3.11 (1995)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteReset:
    """What a licensee reports, and the postage wanted; mills."""

    serial: str
    ascending_mills: int
    descending_mills: int
    postage_mills: int
    reported_by: str


def reset_remote_meter(
    books: Books, signer: Signer, reset: RemoteReset, now: datetime
) -> DeviceRecord:
    """Reset a remote meter: its quarter begins anew; who missed an examination gets none.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``NOT_RESET_REMOTELY``, ``RESET_DENIED``,
            ``DEVICE_MOVE_UNSUITABLE``, ``READING_FALLS``.
    """
    record = record_id("device", reset.serial)
    with books.work(now, "reset_remote_meter", on=(record,)) as work:
        device = notes.require(work, reset.serial)
        if device.kind is not Kind.METER or not device.remote:
            told = "is reset by itself" if device.kind is Kind.PSD else "is set at its post office"
            raise NOT_RESET_REMOTELY.because(f"{reset.serial} {told}")
        # What denies it says more than its state, which may follow from that.
        require_grantable(work, reset.serial)
        notes.require_settable(work, device)
        after = notes.record_reading(work, _reading(reset, now))
        standing.heard_from(work, signer, reset.serial, how="reset", now=now)
        inputs: dict[str, object] = {"postage_mills": reset.postage_mills}
        work.record(Act(record=record, clauses=_CLAUSES, inputs=inputs))
    return after


def _reading(reset: RemoteReset, now: datetime) -> RegisterReading:
    return RegisterReading(
        serial=reset.serial,
        at=instant_text(now),
        ascending_mills=reset.ascending_mills,
        descending_mills=reset.descending_mills + reset.postage_mills,
        source=Source.REPORTED,
        occasion=Occasion.RESET,
        by=reset.reported_by,
    )
