"""How a licence comes to be within a unit of work: granted, extended to a provider, told.

The commands of the licensing desk, and a sustained appeal, come to the same here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.kinds import LicenceIssued
from franking.messages.licensing import ApplicationRefused, LicenceGranted, LicenceStanding
from franking.messages.signing import Signer, sign
from franking.postal.licences import rows
from franking.postal.licences.decisions import (
    earlier_violation,
    granted,
    licence_number,
    parties,
    refusal_clause,
    require_undecided,
)
from franking.postal.licences.records import (
    METER,
    Application,
    ApplicationStatus,
    Licence,
    Revocation,
)
from franking.postal.schema import DISPATCHES, DOCKET
from franking.rules import RuleSet, at
from franking.storage import Act, Reading, Work

LICENCE_CLAUSES = {METER: "DMM P030.2.1 (1995)"}
VERIFY = "verify the licence data"


def rules_of(rulebook: str, now: datetime) -> RuleSet:
    """What a rulebook says of providers and licences today."""
    return at("provider", rulebook, now.date())


def issuing_clause(rulebook: str) -> str:
    """The clause under which licences are issued."""
    return LICENCE_CLAUSES.get(rulebook, "DMM P050.2.1 (1997)")


def earlier(books: Reading, application: Application, now: datetime) -> Revocation | None:
    """What stands against an application inside the look-back."""
    before = rows.revocations_of_name(books, application.data.name)
    return earlier_violation(application, before, rules_of(application.rulebook, now))


def covering_licence(books: Reading, application: Application) -> Licence | None:
    """The live licence that the applicant has at that post office already."""
    root = rows.office_zip(books, application.data.zip_code)
    return rows.find_licence(books, applicant_key=application.applicant_key, office_zip=root)


def cover(
    work: Work, signer: Signer, application: Application, licence: Licence, now: datetime
) -> Licence:
    """No second licence: the file of the one there is updated (P030.2.1, P050.2.1)."""
    because = f"licence {licence.number} covers it already"
    after = replace(
        application,
        status=ApplicationStatus.ISSUED,
        licence=licence.number,
        reason=because,
        decided_on=now.date(),
    )
    rows.change_application(work, application, after)
    by, book = after.provider or after.data.signed_by, after.rulebook
    note(work, record_id("application", after.id), "covered", book, because, by, now)
    told = extend(work, signer, licence, after, now)
    record = record_id("licence", licence.number)
    note(work, record, "extended", book, f"to devices of application {after.id}", by, now)
    return told


def grant(
    work: Work, signer: Signer, application: Application, *, despite: str, by: str, now: datetime
) -> Licence:
    """Issue the licence that an application asks for, and tell whoever filed it.

    Raises:
        Refused: ``APPLICATION_DECIDED``, ``EARLIER_REVOCATION``.
    """
    require_undecided(application)
    covering = covering_licence(work, application)
    if covering is not None:
        return cover(work, signer, application, covering, now)
    office = parties(application.data)[1]
    number = licence_number(office, rows.count_at(work, office.zip_code))
    against = earlier(work, application, now)
    after = granted(application, number, earlier=against, despite=despite, by=by, on=now.date())
    licence = _drafted(application, number, signer, now)
    key, root = application.applicant_key, rows.office_zip(work, office.zip_code)
    rows.add_licence(work, licence, applicant_key=key, office_zip=root)
    rows.change_application(work, application, after)
    note(work, record_id("licence", number), "issued", application.rulebook, despite, by, now)
    note(work, record_id("application", after.id), "issued", after.rulebook, despite, by, now)
    _open_verification(work, licence, now)
    return extend(work, signer, licence, after, now)


def extend(
    work: Work, signer: Signer, licence: Licence, application: Application, now: datetime
) -> Licence:
    """Have a licence cover the devices of the provider that filed the application, and tell it."""
    if not application.provider:
        return licence
    rows.add_provider(work, licence.number, application.provider, application.rulebook, now.date())
    told = replace(licence, providers=tuple(sorted({*licence.providers, application.provider})))
    tell_granted(work, signer, told, application.provider, application.number, now)
    return told


def tell_granted(
    work: Work, signer: Signer, licence: Licence, provider: str, number: str, now: datetime
) -> None:
    """Send the licence as it stands to a provider; ``number`` is that of its application."""
    message = LicenceGranted(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        application=number,
        licence=licence.number,
        version=licence.version,
        rulebook=licence.rulebook,
        data=licence.data,
        step=rows.step_of(work, licence.number),
    )
    record = record_id("licence", licence.number)
    DISPATCHES.send(work, message, signer, recipient=provider, record=record, now=now)


def tell_standing(
    work: Work, signer: Signer, licence: Licence, *, clause: str, reason: str, now: datetime
) -> None:
    """Tell every provider of a licence where it stands."""
    message = LicenceStanding(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        licence=licence.number,
        status=str(licence.status),
        clause=clause,
        reason=reason,
        effective_on=now.date().isoformat(),
        step=rows.step_of(work, licence.number),
    )
    record = record_id("licence", licence.number)
    for provider in licence.providers:
        DISPATCHES.send(work, message, signer, recipient=provider, record=record, now=now)


def tell_refused(work: Work, signer: Signer, application: Application, now: datetime) -> None:
    """Tell the provider that filed an application that it was refused, and why."""
    if not application.provider:
        return
    message = ApplicationRefused(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        application=application.number,
        ground=application.ground,
        clause=refusal_clause(application),
        reason=application.reason,
    )
    record = record_id("application", application.id)
    recipient = application.provider
    DISPATCHES.send(work, message, signer, recipient=recipient, record=record, now=now)


def note(
    work: Work, record: str, event: str, clause: str, because: str, by: str, now: datetime
) -> None:
    """Write the event into the record's history and into the journal.

    ``clause`` is a citation, or a rulebook under whose licensing clause the event stands.
    """
    cited = issuing_clause(clause) if clause in ("meter-1995", "ibip-1997") else clause
    rows.add_event(work, record, event, clause=cited, because=because, by=by, now=now)
    inputs = {"event": event, "because": because}
    work.record(Act(record=record, clauses=(cited,), inputs=inputs))


def _open_verification(work: Work, licence: Licence, now: datetime) -> None:
    DOCKET.open(
        work,
        VERIFY,
        record=record_id("licence", licence.number),
        owed_by=f"licensee:{licence.number}",
        rulebook=licence.rulebook,
        start=now.date(),
        now=now,
        because="the licence was issued",
    )


def _drafted(application: Application, number: str, signer: Signer, now: datetime) -> Licence:
    applicant, office = parties(application.data)
    return Licence(
        number=number,
        applicant=applicant,
        office=office,
        issued_on=now.date(),
        message=sign(_issued(number, application, now), signer),
        data=application.data,
        application=application.id,
        rulebook=application.rulebook,
    )


def _issued(number: str, application: Application, now: datetime) -> LicenceIssued:
    data = application.data
    return LicenceIssued(
        device="",
        issued_at=instant_text(now),
        licence=number,
        licensee=data.name,
        zip_code=data.zip_code,
        city=data.city,
        state=data.state,
    )
