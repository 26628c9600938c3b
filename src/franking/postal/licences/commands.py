"""Commands on applications: filed, taken, granted, refused; and what the desk shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.applications import FORM, ApplicationData, require_filled_in
from franking.messages.licensing import ApplicationFiled
from franking.messages.signing import Signer
from franking.postal.licences import rows
from franking.postal.licences.decisions import (
    applicant_key,
    parties,
    received,
    refusal_clause,
    refused,
    require_complete,
    require_receipt,
)
from franking.postal.licences.issuing import (
    cover,
    covering_licence,
    earlier,
    grant,
    note,
    rules_of,
    tell_refused,
)
from franking.postal.licences.records import (
    METER,
    PSD,
    Applicant,
    Application,
    ApplicationStatus,
    Licence,
    PostOffice,
    RefusalGround,
)
from franking.postal.schema import DOCKET
from franking.rules.windows import require_form_edition
from franking.storage import Books, Reading, Work

APPEAL_REFUSAL = "appeal the refusal"

APPLICATION_UNKNOWN = Refusal(
    "APPLICATION_UNKNOWN",
    clause="policy",
    remedy="List the applications with `franking application list`.",
    http_status=404,
)
APPLICATION_THROUGH_PROVIDER = Refusal(
    "APPLICATION_THROUGH_PROVIDER",
    clause="DMM P050.2.1 (1997)",
    remedy="Give the application to a Provider, who transmits it to the Postal Service.",
)


def file_application(books: Books, data: ApplicationData, now: datetime) -> Application:
    """File an application at the post office of deposit itself, as meters allow (P030.2.1).

    While one of this applicant waits there, that one is given back.

    Raises:
        Refused: ``APPLICATION_INCOMPLETE``, ``APPLICATION_UNSIGNED``, ``POSTAGE_STEP_UNKNOWN``.
    """
    with books.work(now, "file_application", on=(_office(data),)) as work:
        key = applicant_key(parties(data)[0])
        waiting = _waiting(work, key, data.zip_code, provider="")
        if waiting is not None:
            return waiting
        number = f"A-{rows.count_filed(work, data.zip_code) + 1:06d}"
        return _filed(work, data, METER, provider="", number=number, by=books.by.name, now=now)


def take_application(work: Work, message: ApplicationFiled, signer: Signer, now: datetime) -> None:
    """Take what a provider transmitted. A live licence of the applicant there covers it already.

    Raises:
        Refused: ``FORM_EDITION_NOT_VALID`` before electronic filing began, and as
            ``file_application``.
    """
    if message.rulebook == METER:
        require_form_edition(FORM, now.date())
    application = _filed(
        work,
        message.application,
        message.rulebook,
        provider=message.sender,
        number=message.number,
        by=message.sender,
        now=now,
    )
    covering = covering_licence(work, application)
    if covering is not None:
        cover(work, signer, application, covering, now)


def issue_application(
    books: Books, signer: Signer, application_id: str, now: datetime, *, despite: str = ""
) -> Licence:
    """Grant an application: the licence, told to the provider that filed it.

    ``despite`` says why, where an earlier revocation stands against it. Granted already, it is
    the same licence.

    Raises:
        Refused: ``APPLICATION_UNKNOWN``, ``APPLICATION_DECIDED``, ``EARLIER_REVOCATION``.
    """
    with books.work(now, "issue_application", on=_deciding(books, application_id)) as work:
        application = require_application(work, application_id)
        if application.status is ApplicationStatus.ISSUED:
            return require_licence(work, application.licence)
        _require_not_appealed(application)
        by = books.by.name
        return grant(work, signer, application, despite=despite, by=by, now=now)


def refuse_application(
    books: Books,
    signer: Signer,
    application_id: str,
    ground: RefusalGround,
    reason: str,
    now: datetime,
) -> Application:
    """Refuse an application with the reason in writing; the provider that filed it is told.

    Raises:
        Refused: ``APPLICATION_UNKNOWN``, ``APPLICATION_DECIDED``, ``GROUND_NOT_MADE_OUT``.
    """
    with books.work(now, "refuse_application", on=_deciding(books, application_id)) as work:
        before = require_application(work, application_id)
        if (before.status, before.ground, before.reason) == (
            ApplicationStatus.REFUSED,
            ground,
            reason,
        ):
            return before
        _require_not_appealed(before)
        against = earlier(work, before, now)
        on = now.date()
        after = refused(before, ground, reason, earlier=against, by=books.by.name, on=on)
        rows.change_application(work, before, after)
        _open_appeal(work, after, now)
        tell_refused(work, signer, after, now)
        record, clause = record_id("application", after.id), refusal_clause(after)
        note(work, record, f"refused: {ground}", clause, reason, books.by.name, now)
    return after


def prove_refusal_received(
    books: Books, application_id: str, received_on: date, now: datetime
) -> Application:
    """Note when the applicant received the refusal: the days to appeal run from it.

    Raises:
        Refused: ``APPLICATION_UNKNOWN``, ``APPLICATION_DECIDED`` where it is not refused,
            ``RECEIPT_NOT_POSSIBLE``.
    """
    record = record_id("application", application_id)
    with books.work(now, "prove_refusal_received", on=(record,)) as work:
        before = require_application(work, application_id)
        require_receipt(received_on, sent_on=before.decided_on or now.date(), on=now.date())
        after = replace(before, received_on=received_on)
        if after == before:
            return before
        rows.change_application(work, before, after)
        DOCKET.cancel(work, APPEAL_REFUSAL, record=record, now=now, because="receipt was proven")
        _open_appeal(work, after, now)
        clause, told = refusal_clause(after), f"received on {received_on}"
        note(work, record, "refusal received", clause, told, books.by.name, now)
    return after


def issue_licence(
    books: Books,
    signer: Signer,
    applicant: Applicant,
    office: PostOffice,
    now: datetime,
    *,
    provider: str = "",
    rulebook: str = PSD,
) -> Licence:
    """File and grant an application in one step; its ``message`` goes to the provider.

    One licence covers all devices of the applicant there: asking again gives the same licence,
    under whichever ``rulebook`` it was applied for first.

    Raises:
        Refused: ``APPLICATION_INCOMPLETE``, ``EARLIER_REVOCATION``, ``RULEBOOK_NOT_OPEN``.
    """
    require_complete(applicant, office)
    data = _data(applicant, office, now)
    with books.work(now, "issue_licence", on=(_office(data),)) as work:
        key, root = applicant_key(applicant), rows.office_zip(work, office.zip_code)
        before = rows.find_licence(work, applicant_key=key, office_zip=root)
        if before is not None:
            return _known_to(work, before, provider, now)
        number = f"A-{rows.count_filed(work, office.zip_code) + 1:06d}"
        by = books.by.name
        application = _filed(work, data, rulebook, provider="", number=number, by=by, now=now)
        licence = grant(work, signer, application, despite="", by=by, now=now)
        return _known_to(work, licence, provider, now)


def licence_of(books: Books, applicant: Applicant, office: PostOffice) -> Licence | None:
    """The live licence of an applicant at a post office: one covers all devices there."""
    with books.reading() as reading:
        root = rows.office_zip(reading, office.zip_code)
        return rows.find_licence(reading, applicant_key=applicant_key(applicant), office_zip=root)


def licences(books: Books) -> list[Licence]:
    """Every licence, by number."""
    with books.reading() as reading:
        return rows.every_licence(reading)


def application_named(books: Books, name: str) -> str:
    """The whole name of an application; its filer's number will do where only one has it."""
    with books.reading() as reading:
        if rows.find_application(reading, name) is not None:
            return name
        found = [each.id for each in rows.applications(reading) if each.number == name]
    if len(found) > 1:
        raise APPLICATION_UNKNOWN.because(f"{name} may be {' or '.join(found)}: say which")
    return found[0] if found else name


def require_application(books: Reading, application_id: str) -> Application:
    """An application.

    Raises:
        Refused: ``APPLICATION_UNKNOWN``.
    """
    found = rows.find_application(books, application_id)
    if found is None:
        raise APPLICATION_UNKNOWN.because(f"there is no application {application_id!r}")
    return found


LICENCE_NOT_FOUND = Refusal(
    "LICENCE_NOT_FOUND",
    clause="policy",
    remedy="List the licences with `franking licence list`.",
    http_status=404,
)


def require_licence(books: Reading, number: str) -> Licence:
    """A licence.

    Raises:
        Refused: ``LICENCE_NOT_FOUND``.
    """
    found = rows.licence(books, number)
    if found is None:
        raise LICENCE_NOT_FOUND.because(f"there is no licence {number!r}")
    return found


def _filed(
    work: Work,
    data: ApplicationData,
    rulebook: str,
    *,
    provider: str,
    number: str,
    by: str,
    now: datetime,
) -> Application:
    require_filled_in(data, rules_of(rulebook, now), now.date())
    application = Application(
        id=f"{provider or data.zip_code}/{number}",
        provider=provider,
        number=number,
        rulebook=rulebook,
        data=data,
        applicant_key=applicant_key(parties(data)[0]),
        filed_on=now.date(),
    )
    rows.add_application(work, application)
    note(work, record_id("application", application.id), "filed", rulebook, "", by, now)
    return application


def _known_to(work: Work, licence: Licence, provider: str, now: datetime) -> Licence:
    if not provider or provider in licence.providers:
        return licence
    rows.add_provider(work, licence.number, provider, licence.rulebook, now.date())
    told = f"{provider} carries it to its devices"
    record = record_id("licence", licence.number)
    note(work, record, "extended", licence.rulebook, told, provider, now)
    return replace(licence, providers=tuple(sorted({*licence.providers, provider})))


def _open_appeal(work: Work, application: Application, now: datetime) -> None:
    rules = rules_of(application.rulebook, now)
    decided = application.decided_on or now.date()
    DOCKET.open(
        work,
        APPEAL_REFUSAL,
        record=record_id("application", application.id),
        owed_by=f"licensee:{application.id}",
        rulebook=application.rulebook,
        start=received(decided, application.received_on, rules),
        now=now,
        because=f"the application was refused on {decided}: {application.ground}",
    )


def _require_not_appealed(application: Application) -> None:
    if application.status is ApplicationStatus.APPEALED:
        raise APPLICATION_APPEALED.because(f"an appeal about {application.id} is being heard")


APPLICATION_APPEALED = Refusal(
    "APPLICATION_APPEALED",
    clause="DMM P030.2.5 (1995), P050.2.4 (1997)",
    remedy="Have the manager of Retail Systems and Equipment decide the appeal.",
)


def _waiting(books: Reading, key: str, zip_code: str, *, provider: str) -> Application | None:
    found = rows.applications(books, ApplicationStatus.APPLIED)
    same = (each for each in found if each.applicant_key == key and each.provider == provider)
    return next((each for each in same if each.data.zip_code == zip_code), None)


def _deciding(books: Books, application_id: str) -> tuple[str, str]:
    """The two records that a decision is about: the application, and its post office."""
    with books.reading() as reading:
        application = require_application(reading, application_id)
    return record_id("application", application_id), _office(application.data)


def _office(data: ApplicationData) -> str:
    return record_id("post office", data.zip_code)


def _data(applicant: Applicant, office: PostOffice, now: datetime) -> ApplicationData:
    return ApplicationData(
        name=applicant.name,
        address=applicant.address,
        zip_code=office.zip_code,
        city=office.city,
        state=office.state,
        signed_by=applicant.name,
        signed_on=now.date().isoformat(),
    )
