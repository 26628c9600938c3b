"""What the provider shows of applications, licences and leases, as JSON values."""

from __future__ import annotations

from datetime import date
from typing import Any

from franking.identifiers import record_id
from franking.messages.applications import publicly
from franking.provider.licensing import rows
from franking.provider.licensing.leasing import devices_of, require_lease
from franking.provider.licensing.records import Application, HeardLicence, Lease
from franking.storage import Books, Reading


def application_list(books: Books) -> list[dict[str, Any]]:
    """Every application that was transmitted, without personal fields."""
    with books.reading() as reading:
        return [application_brief(each) for each in rows.applications(reading)]


def application_brief(application: Application) -> dict[str, Any]:
    """An application in a line."""
    return {
        "application": application.number,
        "rulebook": application.rulebook,
        "transmitted_on": application.transmitted_on.isoformat(),
        "status": str(application.status),
        "clause": application.clause,
        "reason": application.reason,
        "licence": application.licence,
        "told": publicly(application.data),
    }


def heard_licences(books: Books) -> list[dict[str, Any]]:
    """Every licence as the Postal Service last told it."""
    with books.reading() as reading:
        return [_licence(each) for each in rows.licences(reading)]


def lease_list(books: Books) -> list[dict[str, Any]]:
    """Every lease with its devices."""
    with books.reading() as reading:
        return [lease_view(reading, each) for each in rows.leases(reading)]


def lease_shown(books: Books, lease_id: str) -> dict[str, Any]:
    """One lease with its devices, placements and history.

    Raises:
        Refused: ``LEASE_UNKNOWN``.
    """
    with books.reading() as reading:
        lease = require_lease(reading, lease_id)
        return {
            **lease_view(reading, lease),
            "placements": rows.placements(reading, lease_id),
            "history": rows.events_of(reading, record_id("lease", lease_id)),
        }


def lease_view(books: Reading, lease: Lease) -> dict[str, Any]:
    """A lease and the devices under it now."""
    signed = lease.signatures
    return {
        "lease": lease.id,
        "licence": lease.licence,
        "licensee": lease.licensee,
        "rulebook": lease.rulebook,
        "status": str(lease.status),
        "begun_on": lease.begun_on.isoformat(),
        "ended_on": _day(lease.ended_on),
        "clause": lease.clause,
        "because": lease.because,
        "signed_by": signed.signed_by,
        "deposit_acknowledged_by": signed.acknowledged_by,
        "devices": [one.serial for one in devices_of(books, lease)],
    }


def _licence(licence: HeardLicence) -> dict[str, Any]:
    return {
        "licence": licence.number,
        "licensee": licence.licensee,
        "zip": licence.zip_code,
        "status": str(licence.status),
        "version": licence.version,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
