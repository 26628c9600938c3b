"""Commands on licences. Refusal, revocation and appeals of licences are not decided here yet."""

from __future__ import annotations

from datetime import datetime

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.kinds import LicenceIssued
from franking.messages.signing import Signer, sign
from franking.postal.licences import tables
from franking.postal.licences.decisions import applicant_key, licence_number, require_complete
from franking.postal.licences.records import Applicant, Licence, PostOffice
from franking.storage import Act, Books

_CLAUSE = "DMM P050.2.1 (1997)"


def issue_licence(
    books: Books, signer: Signer, applicant: Applicant, office: PostOffice, now: datetime
) -> Licence:
    """License an applicant at one post office; its ``message`` goes to the provider.

    One licence covers all devices of the applicant there: asking again gives the same licence.

    Raises:
        Refused: ``APPLICATION_INCOMPLETE``.
    """
    require_complete(applicant, office)
    key = applicant_key(applicant)
    with books.work(now, "issue_licence") as work:
        before = tables.find_licence(work, applicant_key=key, zip_code=office.zip_code)
        if before is not None:
            return before
        number = licence_number(office, tables.count_at(work, office.zip_code))
        licence = Licence(
            number=number,
            applicant=applicant,
            office=office,
            issued_on=now.date(),
            message=sign(_message(number, applicant, office, now), signer),
        )
        tables.add_licence(work, licence, applicant_key=key)
        work.record(
            Act(
                command="issue_licence",
                record=record_id("licence", number),
                clauses=(_CLAUSE,),
                inputs={"applicant": applicant.name, "zip_code": office.zip_code},
            )
        )
    return licence


def licences(books: Books) -> list[Licence]:
    """Every licence, by number."""
    with books.reading() as reading:
        return tables.every_licence(reading)


def _message(number: str, applicant: Applicant, office: PostOffice, now: datetime) -> LicenceIssued:
    return LicenceIssued(
        device="",
        issued_at=instant_text(now),
        licence=number,
        licensee=applicant.name,
        zip_code=office.zip_code,
        city=office.city,
        state=office.state,
    )
