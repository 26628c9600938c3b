"""Commands that change a licence, or permit something under it: data, places abroad, settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import msgspec

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.applications import ApplicationData, require_filled_in
from franking.messages.signing import Signer
from franking.postal.licences import rows
from franking.postal.licences.commands import require_licence
from franking.postal.licences.decisions import applicant_key, parties
from franking.postal.licences.grounds import require_live
from franking.postal.licences.issuing import VERIFY, note, rules_of, tell_granted
from franking.postal.licences.records import (
    METER,
    AlternativeSetting,
    ExportPermission,
    Licence,
    PostOffice,
)
from franking.postal.schema import DOCKET
from franking.storage import Books, Reading, Work

VERIFY_AGAIN = "verify the licence data again"

LICENSED_THERE_ALREADY = Refusal(
    "LICENSED_THERE_ALREADY",
    clause="DMM P030.2.1 (1995), P050.2.1 (1997)",
    remedy="Cancel one of the two licences: one covers all devices of an applicant there.",
)
OFFICE_CHANGE_IS_RELICENSING = Refusal(
    "OFFICE_CHANGE_IS_RELICENSING",
    clause="DMM P030.3.2 (1995), P050.2.5f (1997)",
    remedy="Apply for a licence at the new post office, and have the device checked out first.",
)
NOT_LICENSED_AT_ENTRY_OFFICE = Refusal(
    "NOT_LICENSED_AT_ENTRY_OFFICE",
    clause="DMM P030.3.4a (1995)",
    remedy="Show a licence of the post office where the mail will be deposited, with the meter.",
)
METER_OF_ANOTHER_OFFICE = Refusal(
    "METER_OF_ANOTHER_OFFICE",
    clause="DMM P030.3.4c (1995)",
    remedy="Use a separate meter for the mail of each post office.",
)
PERMISSION_NOT_WRITTEN = Refusal(
    "PERMISSION_NOT_WRITTEN",
    clause="DMM P030.2.2 (1995), P050.2.3d (1997)",
    remedy="Give the place, and the permission as it was written.",
    http_status=422,
)
BRANCH_OF_ANOTHER_OFFICE = Refusal(
    "BRANCH_OF_ANOTHER_OFFICE",
    clause="DMM P030.3.2 (1995)",
    remedy="A branch or station belongs to one post office, which is no branch itself.",
)


def change_licence(
    books: Books, signer: Signer, number: str, data: ApplicationData, because: str, now: datetime
) -> Licence:
    """Issue a changed licence with the data as it is now (P030.2.6e, P050.2.5f).

    The versions before are kept; every provider is told. Unchanged data is verified data.

    Raises:
        Refused: ``LICENCE_NOT_FOUND``, ``LICENCE_NOT_LIVE``, ``OFFICE_CHANGE_IS_RELICENSING``,
            ``LICENSED_THERE_ALREADY``,
            and what an incomplete form is refused for.
    """
    with books.work(now, "change_licence", on=(record_id("licence", number),)) as work:
        return changed(work, signer, number, data, because, books.by.name, now)


def changed(
    work: Work,
    signer: Signer,
    number: str,
    data: ApplicationData,
    because: str,
    by: str,
    now: datetime,
) -> Licence:
    """Change a licence within a unit of work."""
    before = require_licence(work, number)
    require_live(before)
    _require_same_office(work, before, data)
    require_filled_in(data, rules_of(before.rulebook, now), now.date())
    _verified(work, before, now, because)
    clause = verification_clause(before.rulebook)
    record = record_id("licence", number)
    if _unsigned(data) == _unsigned(before.data):
        note(work, record, "verified", clause, because, by, now)
        return before
    applicant, office = parties(data)
    after = replace(
        before, data=data, applicant=applicant, office=office, version=before.version + 1
    )
    key = applicant_key(applicant)
    _require_only_one(work, after, key)
    rows.change_licence(work, before, after, applicant_key=key)
    rows.add_version(work, after, now.date(), because)
    for provider in after.providers:
        tell_granted(work, signer, after, provider, "", now)
    note(work, record, f"changed to version {after.version}", clause, because, by, now)
    return after


def ask_verification(books: Books, number: str, because: str, now: datetime) -> None:
    """Have the licensee verify the data now: bills came back, or a device was not found.

    Raises:
        Refused: ``LICENCE_NOT_FOUND``, ``LICENCE_NOT_LIVE``.
    """
    record = record_id("licence", number)
    with books.work(now, "ask_verification", on=(record,)) as work:
        licence = require_licence(work, number)
        require_live(licence)
        DOCKET.open(
            work,
            VERIFY_AGAIN,
            record=record,
            owed_by=f"licensee:{number}",
            rulebook=licence.rulebook,
            start=now.date(),
            now=now,
            because=because,
        )
        clause = verification_clause(licence.rulebook)
        note(work, record, "verification asked", clause, because, books.by.name, now)


def permit_export(
    books: Books,
    number: str,
    *,
    device: str,
    basis: str,
    place: str,
    letter: str,
    now: datetime,
    until: date | None = None,
) -> ExportPermission:
    """Permit in writing that a device is taken abroad: government, military or other.

    Raises:
        Refused: ``LICENCE_NOT_FOUND``, ``PERMISSION_NOT_WRITTEN``.
    """
    record = record_id("licence", number)
    with books.work(now, "permit_export", on=(record,)) as work:
        licence = require_licence(work, number)
        if not place.strip() or not letter.strip() or not device.strip():
            raise PERMISSION_NOT_WRITTEN.because("it lacks the device, the place or its wording")
        permission = ExportPermission(
            licence=number,
            ordinal=len(rows.export_permissions(work, number)) + 1,
            device=device,
            basis=basis,
            place=place,
            letter=letter,
            granted_by=books.by.name,
            granted_on=now.date(),
            until=until,
        )
        rows.add_export_permission(work, permission)
        clause = "DMM P030.2.2 (1995)" if licence.rulebook == METER else "DMM P050.2.3d (1997)"
        told = f"{device} in {place} ({basis})"
        note(work, record, "export permitted", clause, told, books.by.name, now)
    return permission


def permit_alternative_setting(
    books: Books, number: str, *, device: str, setting_zip: str, now: datetime
) -> AlternativeSetting:
    """Set a meter at the licensee's local post office for mail entered at another (P030.3.4).

    The licence shown is that of the office of mailing, whose name the postmark die shows; a meter
    serves one office of mailing.

    Raises:
        Refused: ``NOT_LICENSED_AT_ENTRY_OFFICE``, ``METER_OF_ANOTHER_OFFICE``.
    """
    with books.work(now, "permit_alternative_setting", on=(record_id("device", device),)) as work:
        licence = rows.licence(work, number)
        if licence is None or licence.rulebook != METER:
            raise NOT_LICENSED_AT_ENTRY_OFFICE.because(f"{number!r} is no meter licence")
        require_live(licence)
        before = rows.find_alternative_setting(work, device)
        if before is not None and before.licence != number:
            raise METER_OF_ANOTHER_OFFICE.because(f"{device} is set under {before.licence}")
        if before is not None:
            return before
        setting = AlternativeSetting(
            device=device,
            licence=number,
            zip_code=setting_zip,
            postmaster=books.by.name,
            permitted_on=now.date(),
        )
        rows.add_alternative_setting(work, setting)
        record, told = record_id("device", device), f"at {setting_zip} under licence {number}"
        clause = "DMM P030.3.4 (1995)"
        note(work, record, "alternative setting permitted", clause, told, books.by.name, now)
    return setting


def postmark_office(books: Books, device: str) -> PostOffice:
    """The post office that the die of an alternatively set meter names: that of mailing.

    Raises:
        Refused: ``NOT_LICENSED_AT_ENTRY_OFFICE`` where the meter is not set elsewhere.
    """
    with books.reading() as reading:
        setting = rows.find_alternative_setting(reading, device)
        if setting is None:
            raise NOT_LICENSED_AT_ENTRY_OFFICE.because(f"{device} is set at its licensing office")
        return require_licence(reading, setting.licence).office


def name_branch(books: Books, *, zip_code: str, office_zip: str, now: datetime) -> None:
    """Note that a branch or station is part of a post office: for a licence both are one.

    Raises:
        Refused: ``BRANCH_OF_ANOTHER_OFFICE``.
    """
    with books.work(now, "name_branch", on=(record_id("post office", zip_code),)) as work:
        known = rows.offices(work)
        if known.get(zip_code) == office_zip:
            return
        if zip_code in known or office_zip in known or zip_code in (office_zip, *known.values()):
            raise BRANCH_OF_ANOTHER_OFFICE.because(f"{zip_code} can not be part of {office_zip}")
        rows.add_branch(work, zip_code, office_zip)
        record, clause = record_id("post office", zip_code), "DMM P030.3.2 (1995)"
        note(work, record, "branch named", clause, f"of {office_zip}", books.by.name, now)


def verification_clause(rulebook: str) -> str:
    """The clause under which licence data is kept up to date."""
    return "DMM P030.2.6e (1995)" if rulebook == METER else "DMM P050.2.5f (1997)"


def _require_same_office(books: Reading, before: Licence, data: ApplicationData) -> None:
    offices = rows.offices(books)
    old, new = before.office.zip_code, data.zip_code
    if offices.get(old, old) != offices.get(new, new):
        raise OFFICE_CHANGE_IS_RELICENSING.because(
            f"licence {before.number} is of {old}; {new} is another post office"
        )


def _verified(work: Work, licence: Licence, now: datetime, because: str) -> None:
    record = record_id("licence", licence.number)
    for duty in (VERIFY, VERIFY_AGAIN):
        DOCKET.satisfy(work, duty, record=record, now=now, because=because)
    DOCKET.open(
        work,
        VERIFY,
        record=record,
        owed_by=f"licensee:{licence.number}",
        rulebook=licence.rulebook,
        start=now.date(),
        now=now,
        because="the data was verified",
    )


def _unsigned(data: ApplicationData) -> ApplicationData:
    """The data without its signature, which is new each time."""
    return msgspec.structs.replace(data, signed_by="", signed_on="")


def _require_only_one(books: Reading, licence: Licence, key: str) -> None:
    """One licence covers all devices of one applicant at a post office (P030.2.1, P050.2.1)."""
    root = rows.office_zip(books, licence.office.zip_code)
    other = rows.find_licence(books, applicant_key=key, office_zip=root)
    if other is not None and other.number != licence.number:
        raise LICENSED_THERE_ALREADY.because(
            f"licence {other.number} is of that name and address at {root}"
        )
