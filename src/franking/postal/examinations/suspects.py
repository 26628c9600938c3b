"""What postal inspectors do about a suspect device (DMM P030.2.7, 1995; P050.2.6, 1997).

They examine it on site without telling the licensee; the provider is told ahead where possible.
They may withdraw it at once for tests: the licensee gets a receipt, the provider a copy of it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.examining import DeviceSeized, InspectionAhead
from franking.messages.signing import Signer
from franking.postal.examinations import rows
from franking.postal.examinations.records import SUSPECT_TRANSITIONS, Suspect, SuspectStatus
from franking.postal.examinations.tables import SUSPECTS
from franking.postal.schema import DISPATCHES
from franking.storage import Act, Books, Reading, Work

SUSPICION_MISSING = Refusal(
    "SUSPICION_MISSING",
    clause="DMM P030.2.7 (1995); P050.2.6 (1997)",
    remedy="Write down why the device is reasonably suspected of manipulation or a defect.",
    http_status=422,
)
SUSPECT_UNKNOWN = Refusal(
    "SUSPECT_UNKNOWN",
    clause="DMM P030.2.7 (1995)",
    remedy="Open the matter first: franking examination suspect SERIAL.",
    http_status=404,
)
SUSPECT_SETTLED = Refusal(
    "SUSPECT_SETTLED",
    clause="DMM P030.2.7 (1995)",
    remedy="Open another matter if there is a new suspicion.",
)
_CLAUSES = ("DMM P030.2.7 (1995)", "DMM P050.2.6 (1997)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What the inspector writes on the receipt."""

    ascending_mills: int
    descending_mills: int
    fraud_suspected: bool
    """Whether there is reason to believe that it was fraudulently set with postage."""
    replacement_wanted: bool


def suspect_device(
    books: Books, *, provider: str, serial: str, licence: str, suspicion: str, now: datetime
) -> Suspect:
    """Open a matter about a device; the licensee is not told.

    Raises:
        Refused: ``SUSPICION_MISSING``.
    """
    if not suspicion.strip():
        raise SUSPICION_MISSING.because(f"nothing is said against {serial}")
    with books.work(now, "suspect_a_device") as work:
        suspect = Suspect(
            number=rows.next_number(work, SUSPECTS),
            provider=provider,
            serial=serial,
            licence=licence,
            suspicion=suspicion,
            opened_by=books.by.name,
            opened_on=now.date(),
        )
        rows.add_suspect(work, suspect)
        _note(work, suspect, provider=provider, suspicion=suspicion)
    return suspect


def announce_inspection(
    books: Books, signer: Signer, *, number: int, on: date, now: datetime
) -> Suspect:
    """Tell the provider ahead that a device will be inspected on a day.

    Raises:
        Refused: ``SUSPECT_UNKNOWN``, ``SUSPECT_SETTLED``.
    """
    with books.work(now, "announce_inspection", on=(record_id("suspect", number),)) as work:
        before = _require_open(work, number)
        after = replace(before, announced_on=now.date())
        rows.change_suspect(work, before, after)
        ahead = InspectionAhead(
            device=before.serial,
            issued_at=instant_text(now),
            sender=POSTAL_SERVICE,
            licence=before.licence,
            on=on.isoformat(),
        )
        record = record_id("device", before.serial)
        DISPATCHES.send(work, ahead, signer, recipient=before.provider, record=record, now=now)
        _note(work, after, on=on.isoformat())
    return after


def clear_suspect(
    books: Books, *, number: int, finding: str, now: datetime, unannounced_because: str = ""
) -> Suspect:
    """Note an examination on site after which the device stays where it is.

    Raises:
        Refused: ``SUSPECT_UNKNOWN``, ``SUSPECT_SETTLED``, ``SUSPICION_MISSING`` where neither the
            provider was told ahead, nor is it said why not.
    """
    with books.work(now, "clear_suspect", on=(record_id("suspect", number),)) as work:
        before = _require_ready(work, number, unannounced_because)
        after = replace(
            before,
            status=SuspectStatus.EXAMINED,
            closed_on=now.date(),
            finding=finding,
            unannounced_because=unannounced_because,
        )
        rows.change_suspect(work, before, after)
        _note(work, after, finding=finding)
    return after


def withdraw_suspect(
    books: Books,
    signer: Signer,
    *,
    number: int,
    withdrawal: Withdrawal,
    now: datetime,
    unannounced_because: str = "",
) -> DeviceSeized:
    """Withdraw a device for tests: the receipt for the licensee, of which the provider has a copy.

    Raises:
        Refused: as ``clear_suspect``.
    """
    record = record_id("suspect", number)
    with books.work(now, "withdraw_suspect", on=(record,)) as work:
        before = _require_ready(work, number, unannounced_because)
        after = replace(
            before,
            status=SuspectStatus.WITHDRAWN,
            closed_on=now.date(),
            finding=before.suspicion,
            receipt=f"S-{number:06d}",
            unannounced_because=unannounced_because,
        )
        rows.change_suspect(work, before, after)
        seized = _receipt(after, withdrawal, books.by.name, now)
        device = record_id("device", before.serial)
        DISPATCHES.send(work, seized, signer, recipient=before.provider, record=device, now=now)
        _note(work, after, receipt=after.receipt, fraud=withdrawal.fraud_suspected)
    return seized


def suspect_json(suspect: Suspect) -> dict[str, object]:
    """A matter as JSON values."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(suspect).items()
    }


def _receipt(suspect: Suspect, withdrawal: Withdrawal, by: str, now: datetime) -> DeviceSeized:
    return DeviceSeized(
        device=suspect.serial,
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        licence=suspect.licence,
        receipt=suspect.receipt,
        inspector=by,
        withdrawn_on=now.date().isoformat(),
        reason=suspect.suspicion,
        ascending_mills=withdrawal.ascending_mills,
        descending_mills=withdrawal.descending_mills,
        fraud_suspected=withdrawal.fraud_suspected,
        replacement_wanted=withdrawal.replacement_wanted,
    )


def _require_open(books: Reading, number: int) -> Suspect:
    found = rows.find_suspect(books, number)
    if found is None:
        raise SUSPECT_UNKNOWN.because(f"there is no matter {number}")
    if not SUSPECT_TRANSITIONS[found.status]:
        raise SUSPECT_SETTLED.because(f"{found.serial} was {found.status.value}")
    return found


def _require_ready(books: Reading, number: int, unannounced_because: str) -> Suspect:
    """The provider gets advance notice where possible: else it is written down why not."""
    found = _require_open(books, number)
    if found.announced_on is None and not unannounced_because.strip():
        raise SUSPICION_MISSING.because(
            f"{found.provider} was not told ahead, and it is not said why that was not possible",
            remedy="Announce the inspection to the provider, or say why not: --unannounced WHY.",
        )
    return found


def _note(work: Work, suspect: Suspect, **inputs: object) -> None:
    record = record_id("suspect", suspect.number)
    work.record(Act(record=record, clauses=_CLAUSES, inputs=inputs))
