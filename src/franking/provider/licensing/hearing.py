"""What the provider hears of licences, and what follows from it at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.licensing import (
    ApplicationRefused,
    LicenceGranted,
    LicenceStanding,
    RemovalOrdered,
)
from franking.messages.receiving import Hearer
from franking.messages.signing import Signer
from franking.provider.devices import notes
from franking.provider.licensing import rows
from franking.provider.licensing.decisions import closed, ended_clause, reinstated, require_valid
from franking.provider.licensing.records import (
    ENDED,
    ApplicationStatus,
    HeardLicence,
    LeaseStatus,
    LicenceStatus,
)
from franking.provider.licensing.removing import (
    call_off,
    order_one,
    order_removals,
    tell_nothing_left,
)
from franking.storage import Work

_GRANTED = "DMM P050.2.1 (1997)"


def _take_granted(work: Work, told: LicenceGranted, _: Signer, now: datetime) -> None:
    before = rows.find_licence(work, told.licence)
    if before is None or told.version >= before.version:
        rows.keep_licence(work, _licence(told, before))
    _settle_application(work, told, now)
    event = f"version {told.version} heard"
    _note(work, rows.licence_record(told.licence), event, _GRANTED, told.data.name, now)


def _licence(told: LicenceGranted, before: HeardLicence | None) -> HeardLicence:
    """What it is now; where it stands is said by the standing told last, which may be here first.

    A licence that stands under no word of its own stands as issued.
    """
    stands = before or HeardLicence(
        number=told.licence, licensee="", zip_code="", city="", state=""
    )
    data = told.data
    return replace(
        stands,
        licensee=data.name,
        zip_code=data.zip_code,
        city=data.city,
        state=data.state,
        version=told.version,
    )


def _settle_application(work: Work, told: LicenceGranted, now: datetime) -> None:
    before = rows.find_application(work, told.application)
    if before is None or before.status is ApplicationStatus.LICENSED:
        return
    after = replace(before, status=ApplicationStatus.LICENSED, licence=told.licence)
    rows.change_application(work, before, after)
    record = record_id("application", before.number)
    _note(work, record, "licensed", _GRANTED, f"licence {told.licence}", now)


def _take_refused(work: Work, told: ApplicationRefused, _: Signer, now: datetime) -> None:
    before = rows.find_application(work, told.application)
    record = record_id("application", told.application)
    if before is not None and before.status is not ApplicationStatus.LICENSED:
        reason = f"{told.ground}: {told.reason}"
        status = ApplicationStatus.REFUSED
        after = replace(before, status=status, clause=told.clause, reason=reason)
        rows.change_application(work, before, after)
    _note(work, record, f"refused: {told.ground}", told.clause, told.reason, now)


def _take_standing(work: Work, told: LicenceStanding, signer: Signer, now: datetime) -> None:
    before = rows.find_licence(work, told.licence)
    record = rows.licence_record(told.licence)
    if before is None:
        # It is told as a licence of ours and has not reached us: what it is may still come.
        before = HeardLicence(
            number=told.licence, licensee="", zip_code="", city="", state="", version=0
        )
    if told.step < before.step and told.issued_at < before.told_at:
        _note(work, record, f"overtaken: {told.status}", told.clause, told.reason, now)
        return
    after = replace(
        before, status=LicenceStatus(told.status), step=told.step, told_at=told.issued_at
    )
    rows.keep_licence(work, after)
    if after.status in ENDED and before.is_live:
        _end(work, told, signer, now)
    elif after.is_live and before.status in ENDED:
        _reinstate(work, told, now)
    _note(work, record, told.status, told.clause, told.reason, now)


def _end(work: Work, told: LicenceStanding, signer: Signer, now: datetime) -> None:
    revoked = told.status == LicenceStatus.REVOKED
    for lease in rows.leases(work, told.licence):
        if lease.status is not LeaseStatus.IN_FORCE:
            continue
        clause = ended_clause(lease.rulebook, revoked=revoked)
        because, on = f"its licence was {told.status}: {told.reason}", now.date()
        after = closed(lease, LeaseStatus.CANCELLED, clause=clause, because=because, on=on)
        rows.change_lease(work, lease, after)
        _note(work, record_id("lease", lease.id), "cancelled", clause, because, now)
    because = f"licence {told.licence} was {told.status}"
    found = order_removals(work, told.licence, revoked=revoked, because=because, now=now)
    if not found:
        tell_nothing_left(work, signer, told.licence, now)


def _reinstate(work: Work, told: LicenceStanding, now: datetime) -> None:
    because = f"licence {told.licence} stands again: {told.reason}"
    call_off(work, told.licence, because, now)
    for lease in rows.leases(work, told.licence):
        if lease.status is LeaseStatus.CANCELLED:
            rows.change_lease(work, lease, reinstated(lease))
            _note(work, record_id("lease", lease.id), "in force", told.clause, because, now)


def _take_removal(work: Work, told: RemovalOrdered, _: Signer, now: datetime) -> None:
    device = notes.require(work, told.device)
    licence = device.licence or require_valid(rows.find_licence(work, told.licence)).number
    because = told.reason
    order_one(work, device, licence=licence, clause=told.clause, because=because, now=now)
    _note(work, record_id("device", told.device), "removal ordered", told.clause, because, now)


def _note(work: Work, record: str, event: str, clause: str, because: str, now: datetime) -> None:
    rows.note(work, record, event, clause=clause, because=because, by=POSTAL_SERVICE, now=now)


HEARERS: Final = (
    Hearer(LicenceGranted, lambda told: rows.licence_record(told.licence), _take_granted),
    Hearer(
        LicenceStanding,
        lambda told: rows.licence_record(told.licence),
        _take_standing,
        alone=True,  # It decides upon every lease and device under the licence.
    ),
    Hearer(
        ApplicationRefused, lambda told: record_id("application", told.application), _take_refused
    ),
    Hearer(RemovalOrdered, lambda told: record_id("device", told.device), _take_removal),
)
