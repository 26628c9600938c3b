"""Commands by which a provider speaks for licensees: applications, changes, licences given up."""

from __future__ import annotations

from datetime import datetime

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.applications import (
    FORM,
    ApplicationData,
    one_applicant,
    require_filled_in,
)
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.licensing import ApplicationFiled, LicenceDataChanged, LicenceGivenUp
from franking.messages.receiving import Dispatched
from franking.messages.signing import Signer
from franking.provider.devices import notes
from franking.provider.devices.records import WITH_LICENSEE
from franking.provider.licensing import rows
from franking.provider.licensing.decisions import require_valid
from franking.provider.licensing.records import METER, Application, HeardLicence
from franking.provider.schema import DISPATCHES
from franking.rules import at
from franking.rules.windows import require_form_edition
from franking.storage import Books, Work

NUMBERS = record_id("application", "numbers")
"""The record that commands share which number an application."""

DEVICES_STILL_OUT = Refusal(
    "DEVICES_STILL_OUT",
    clause="39 CFR 501.22(m) (1995), 502.21(i) (1997)",
    remedy="Check every device of the licence out of service first.",
)


def transmit_application(
    books: Books, signer: Signer, data: ApplicationData, rulebook: str, now: datetime
) -> Application:
    """Take an applicant's PS Form 3601-A and transmit it to the Postal Service.

    Another post office needs another application (P030.2.1, P050.2.1). While one of the applicant
    for that post office is not decided, it is that one. There is no fee.

    Raises:
        Refused: ``APPLICATION_INCOMPLETE``, ``APPLICATION_UNSIGNED``, ``POSTAGE_STEP_UNKNOWN``,
            ``FORM_EDITION_NOT_VALID`` before electronic filing began (1995).
    """
    rules = at("provider", rulebook, now.date())
    if rulebook == METER:
        require_form_edition(FORM, now.date())
    require_filled_in(data, rules, now.date())
    applicant = one_applicant(data.name, data.address)
    with books.work(now, "transmit_application", on=(NUMBERS,)) as work:
        if (before := rows.waiting(work, applicant, data.zip_code)) is not None:
            return before
        application = Application(
            number=rows.next_number(work),
            rulebook=rulebook,
            data=data,
            applicant=applicant,
            transmitted_on=now.date(),
        )
        rows.add_application(work, application)
        message = ApplicationFiled(
            **_from(signer, now), number=application.number, rulebook=rulebook, application=data
        )
        record = record_id("application", application.number)
        _send(work, signer, message, record, now)
        clause = "39 CFR 501.22(b) (1995)" if rulebook == METER else "39 CFR 502.21(b) (1997)"
        told = f"{data.name} at {data.zip_code}; fee {rules.whole('licence_fee_mills')} mills"
        rows.note(
            work, record, "transmitted", clause=clause, because=told, by=books.by.name, now=now
        )
    return application


def report_change(
    books: Books, signer: Signer, number: str, data: ApplicationData, rulebook: str, now: datetime
) -> HeardLicence:
    """Transmit what a licensee told of a change, or verified; a changed licence comes back.

    Raises:
        Refused: ``LICENCE_NOT_VALID``, and what an incomplete form is refused for.
    """
    require_filled_in(data, at("provider", rulebook, now.date()), now.date())
    record = rows.licence_record(number)
    with books.work(now, "report_licence_change", on=(record,)) as work:
        licence = require_valid(rows.find_licence(work, number))
        message = LicenceDataChanged(**_from(signer, now), licence=number, application=data)
        _send(work, signer, message, record, now)
        clause = "DMM P030.2.6e (1995)" if rulebook == METER else "DMM P050.2.5e (1997)"
        told = f"by {data.signed_by}"
        rows.note(
            work, record, "change reported", clause=clause, because=told, by=books.by.name, now=now
        )
    return licence


def give_up_licence(
    books: Books, signer: Signer, number: str, because: str, now: datetime
) -> HeardLicence:
    """Tell the Postal Service that a licensee needs a licence no longer.

    Raises:
        Refused: ``LICENCE_NOT_VALID``, ``DEVICES_STILL_OUT``.
    """
    record = rows.licence_record(number)
    with books.work(now, "give_up_licence", on=(record,)) as work:
        licence = require_valid(rows.find_licence(work, number))
        held = [one for one in notes.devices_of(work, licence=number) if one.state in WITH_LICENSEE]
        if held:
            raise DEVICES_STILL_OUT.because(", ".join(one.serial for one in held))
        message = LicenceGivenUp(**_from(signer, now), licence=number, because=because)
        _send(work, signer, message, record, now)
        clause = "39 CFR 501.22(m) (1995)"
        rows.note(
            work, record, "given up", clause=clause, because=because, by=books.by.name, now=now
        )
    return licence


def _from(signer: Signer, now: datetime) -> dict[str, str]:
    return {"device": "", "issued_at": instant_text(now), "sender": signer.name}


def _send(work: Work, signer: Signer, message: Dispatched, record: str, now: datetime) -> None:
    DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=record, now=now)
