"""What the licensing desk shows, as JSON values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.applications import FORM, is_high_volume, publicly, step_floors
from franking.messages.licensing import ApplicationFiled
from franking.postal.licences import rows
from franking.postal.licences.appealing import days_open
from franking.postal.licences.commands import require_application, require_licence
from franking.postal.licences.decisions import appeal_by, received, refusal_clause
from franking.postal.licences.grounds import last_day
from franking.postal.licences.issuing import issuing_clause, rules_of
from franking.postal.licences.records import (
    METER,
    Appeal,
    Application,
    ApplicationStatus,
    Licence,
    Revocation,
    RevocationStatus,
)
from franking.rules.windows import window
from franking.storage import Books

FORMAT_VERSION = 1
"""Of the electronic filing of applications."""


def filing_format() -> dict[str, Any]:
    """How applications are filed electronically: the JSON schema, its version, from when."""
    (_,), parts = msgspec.json.schema_components([ApplicationFiled])
    return {
        "version": FORMAT_VERSION,
        "valid_from": window("R95-501.22(b)").opens.isoformat(),
        "schema": {"$ref": "#/$defs/ApplicationFiled", "$defs": parts},
    }


def steps(rulebook: str, now: datetime) -> list[int]:
    """The lower ends, in mills, of the steps of yearly postage in Part B."""
    return step_floors(rules_of(rulebook, now))


def application_view(books: Books, application_id: str, now: datetime) -> dict[str, Any]:
    """One application with everything on it, for who asked for this one.

    Raises:
        Refused: ``APPLICATION_UNKNOWN``.
    """
    with books.reading() as reading:
        found = require_application(reading, application_id)
        rules = rules_of(found.rulebook, now)
        line = rules.whole("high_volume_yearly_mills") if _has_line(found) else None
        return {
            **_brief(found),
            "form": FORM,
            "fields": msgspec.to_builtins(found.data),
            "fee_mills": rules.whole("licence_fee_mills"),
            "high_volume": None if line is None else is_high_volume(found.data, line),
            "clause": _clause(found),
            "appeal_by": _appeal_by(found, now),
            "history": rows.events_of(reading, record_id("application", found.id)),
        }


def application_list(books: Books, status: ApplicationStatus | None = None) -> list[dict[str, Any]]:
    """Every application, or those of a status, without personal fields."""
    with books.reading() as reading:
        return [_brief(each) for each in rows.applications(reading, status)]


def licence_view(books: Books, number: str, now: datetime) -> dict[str, Any]:
    """A licence (PS Form 3601-B): as it stands, its versions, revocations, appeals and history.

    Raises:
        Refused: ``LICENCE_NOT_FOUND``.
    """
    with books.reading() as reading:
        found, record = require_licence(reading, number), record_id("licence", number)
        return {
            **licence_brief(found),
            "form": "PS Form 3601-B",
            "register_log": register_log(found.rulebook),
            "fields": msgspec.to_builtins(found.data),
            "clause": issuing_clause(found.rulebook),
            "versions": rows.versions(reading, number),
            "revocations": [
                _revocation(each, now) for each in rows.revocations_of(reading, number)
            ],
            "appeals": [appeal_view(each, now.date()) for each in rows.appeals(reading, record)],
            "history": rows.events_of(reading, record),
        }


def licence_brief(licence: Licence) -> dict[str, Any]:
    """A licence in a line."""
    return {
        "licence": licence.number,
        "licensee": licence.applicant.name,
        "zip": licence.office.zip_code,
        "status": str(licence.status),
        "version": licence.version,
        "rulebook": licence.rulebook,
        "issued_on": licence.issued_on.isoformat(),
        "providers": list(licence.providers),
    }


def register_log(rulebook: str) -> dict[str, Any]:
    """What log of daily register readings comes with each device, and whether it must be kept."""
    if rulebook == METER:
        clause, kept = "DMM P030.2.1 (1995)", "voluntary; supports refunds after a malfunction"
    else:
        clause, kept = "DMM P050.2.1 (1997)", "each day of operation, or by a system report"
    return {"form": "PS Form 3602-A", "one_for": "each device", "kept": kept, "clause": clause}


def appeal_list(books: Books, now: datetime) -> list[dict[str, Any]]:
    """Every appeal with its age: no rule says by when it is decided."""
    with books.reading() as reading:
        return [appeal_view(each, now.date()) for each in rows.appeals(reading)]


def appeal_view(appeal: Appeal, on: date) -> dict[str, Any]:
    """An appeal."""
    return {
        "appeal": appeal.id,
        "kind": str(appeal.kind),
        "record": appeal.record,
        "status": str(appeal.status),
        "filed_on": appeal.filed_on.isoformat(),
        "filed_by": appeal.filed_by,
        "letter": appeal.letter,
        "against": appeal.against,
        "heard_by": appeal.heard_by,
        "decided_on": appeal.decided_on.isoformat() if appeal.decided_on else None,
        "reason": appeal.reason,
        "days_open": days_open(appeal, on),
    }


def audit_bundle(books: Books, number: str, now: datetime) -> dict[str, Any]:
    """Everything the desk has on a licence and its devices' removals, for review at once.

    Raises:
        Refused: ``LICENCE_NOT_FOUND``.
    """
    view = licence_view(books, number, now)
    with books.reading() as reading:
        permissions = rows.export_permissions(reading, number)
    exported = [
        {"device": each.device, "place": each.place, "basis": each.basis} for each in permissions
    ]
    return {**view, "made_at": instant_text(now), "export_permissions": exported}


def _brief(application: Application) -> dict[str, Any]:
    decided = application.decided_on
    return {
        "application": application.id,
        "rulebook": application.rulebook,
        "filed_on": application.filed_on.isoformat(),
        "filed_by": application.provider or f"post office {application.data.zip_code}",
        "status": str(application.status),
        "decided_on": decided.isoformat() if decided else None,
        "decided_by": application.decided_by,
        "ground": application.ground,
        "reason": application.reason,
        "licence": application.licence,
        "told": publicly(application.data),
    }


def _clause(application: Application) -> str:
    refused = application.status is ApplicationStatus.REFUSED
    return refusal_clause(application) if refused else issuing_clause(application.rulebook)


def _appeal_by(application: Application, now: datetime) -> str | None:
    if application.status is not ApplicationStatus.REFUSED or application.decided_on is None:
        return None
    rules = rules_of(application.rulebook, now)
    receipt = received(application.decided_on, application.received_on, rules)
    return appeal_by(receipt, rules).isoformat()


def _has_line(application: Application) -> bool:
    """The high-volume line is of 1995; the proposal of 1997 asks for no inspections by it."""
    return application.rulebook == METER


def _revocation(revocation: Revocation, now: datetime) -> dict[str, Any]:
    rules = rules_of(revocation.rulebook, now)
    pending = revocation.status is RevocationStatus.PENDING
    return {
        "ground": str(revocation.ground),
        "clause": revocation.clause,
        "facts": revocation.facts,
        "immediate": revocation.immediate,
        "noticed_on": revocation.noticed_on.isoformat(),
        "noticed_by": revocation.noticed_by,
        "received_on": revocation.received_on.isoformat() if revocation.received_on else None,
        "status": str(revocation.status),
        "last_day_to_appeal": last_day(revocation, rules).isoformat() if pending else None,
        "effective_on": revocation.effective_on.isoformat() if revocation.effective_on else None,
    }
