"""What the licensing desk may decide, on which grounds, and by when. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from franking.errors import Refusal
from franking.messages.applications import (
    ApplicationData,
    one_applicant,
    require_parties,
)
from franking.postal.licences.records import (
    METER,
    REFUSAL_CLAUSES,
    Applicant,
    Application,
    ApplicationStatus,
    Ground,
    PostOffice,
    RefusalGround,
    Revocation,
    RevocationStatus,
)
from franking.rules import RuleSet
from franking.rules.calendars import due, years

_NUMBER_DIGITS = 6

APPLICATION_DECIDED = Refusal(
    "APPLICATION_DECIDED",
    clause="DMM P030.2.3 (1995), P050.2.2 (1997)",
    remedy="See the decision with `franking application show`; the applicant may appeal a refusal.",
)
GROUND_NOT_MADE_OUT = Refusal(
    "GROUND_NOT_MADE_OUT",
    clause="DMM P030.2.3, P030.2.4 (1995), P050.2.2, P050.2.3 (1997)",
    remedy="Decide on a ground that the facts make out, or give the facts that are missing.",
)
RECEIPT_NOT_POSSIBLE = Refusal(
    "RECEIPT_NOT_POSSIBLE",
    clause="DMM P030.2.5 (1995), P050.2.4 (1997)",
    remedy="Give the day on the proof of delivery.",
    http_status=422,
)
EARLIER_REVOCATION = Refusal(
    "EARLIER_REVOCATION",
    clause="DMM P030.2.3 (1995), P050.2.2 (1997)",
    remedy="Refuse the application on this ground, or issue the licence and say why all the same.",
)


def require_complete(applicant: Applicant, office: PostOffice) -> None:
    """Whether an application says who and where (DMM P050.2.1).

    Raises:
        Refused: ``APPLICATION_INCOMPLETE``.
    """
    require_parties(
        name=applicant.name,
        address=applicant.address,
        zip_code=office.zip_code,
        city=office.city,
        state=office.state,
    )


def parties(data: ApplicationData) -> tuple[Applicant, PostOffice]:
    """Who applies, and at which post office."""
    office = PostOffice(zip_code=data.zip_code, city=data.city, state=data.state)
    return Applicant(name=data.name, address=data.address), office


def applicant_key(applicant: Applicant) -> str:
    """One applicant, however the name and address are spaced, capitalised and punctuated."""
    return one_applicant(applicant.name, applicant.address)


def licence_number(office: PostOffice, count_before: int) -> str:
    """The next licence number of a post office: its ZIP Code and a running number."""
    return f"{office.zip_code}-{count_before + 1:0{_NUMBER_DIGITS}d}"


def earlier_violation(
    application: Application, revocations: Sequence[Revocation], rules: RuleSet
) -> Revocation | None:
    """A violation inside the look-back that led to a revocation of this applicant's licence.

    1995 looks back at meters, 1997 at meters and devices. A licence lost because it was not used
    for twelve months broke no standard of care or use.
    """
    first = years(application.filed_on, -rules.whole("refusal_look_back_years"))
    found = [
        each
        for each in revocations
        if each.status is RevocationStatus.EFFECTIVE
        and each.effective_on is not None
        and first <= each.effective_on <= application.filed_on
        and (application.rulebook != METER or each.rulebook == METER)
        and not (each.rulebook == METER and each.ground is Ground.INACTIVITY)
    ]
    return max(found, key=lambda each: each.effective_on or first, default=None)


def refused(
    application: Application,
    ground: RefusalGround,
    reason: str,
    *,
    earlier: Revocation | None,
    by: str,
    on: date,
) -> Application:
    """The application refused, within the three grounds and with the reason in words.

    Raises:
        Refused: ``APPLICATION_DECIDED``, ``GROUND_NOT_MADE_OUT``.
    """
    require_undecided(application)
    if ground is RefusalGround.EARLIER_REVOCATION and earlier is None:
        raise GROUND_NOT_MADE_OUT.because(
            "no licence of this applicant was revoked for a violation inside the look-back"
        )
    if not reason.strip():
        raise GROUND_NOT_MADE_OUT.because(f"{ground} needs a reason in words")
    return replace(
        application,
        status=ApplicationStatus.REFUSED,
        ground=str(ground),
        reason=reason,
        decided_by=by,
        decided_on=on,
    )


def granted(
    application: Application,
    licence: str,
    *,
    earlier: Revocation | None,
    despite: str,
    by: str,
    on: date,
) -> Application:
    """The application granted; over an earlier revocation only with a reason.

    Raises:
        Refused: ``APPLICATION_DECIDED``, ``EARLIER_REVOCATION``.
    """
    require_undecided(application)
    if earlier is not None and not despite.strip():
        raise EARLIER_REVOCATION.because(
            f"licence {earlier.licence} of this applicant was revoked on {earlier.effective_on}"
            f" ({earlier.clause}: {earlier.facts})"
        )
    return replace(
        application,
        status=ApplicationStatus.ISSUED,
        reason=despite,
        licence=licence,
        decided_by=by,
        decided_on=on,
    )


def received(decided_on: date, proven: date | None, rules: RuleSet) -> date:
    """When a decision counts as received: when proven, else so many mail days after its date."""
    return proven or decided_on + timedelta(days=rules.whole("notice_mail_days"))


def require_receipt(received_on: date, *, sent_on: date, on: date) -> None:
    """Whether a letter can have been received on a day: after it was sent, and not yet to come.

    Raises:
        Refused: ``RECEIPT_NOT_POSSIBLE``.
    """
    if not sent_on <= received_on <= on:
        raise RECEIPT_NOT_POSSIBLE.because(
            f"sent on {sent_on}, it was not received on {received_on}; today is {on}"
        )


def appeal_by(receipt: date, rules: RuleSet) -> date:
    """The last day for an appeal against a refusal or revocation (DMM P030.2.5, P050.2.4)."""
    return due(receipt, rules["licence_appeal_days"])


def refusal_clause(application: Application) -> str:
    """The clause under which an application is refused."""
    return REFUSAL_CLAUSES[application.rulebook]


def require_undecided(application: Application) -> None:
    """Whether an application still waits for its decision, first or on appeal.

    Raises:
        Refused: ``APPLICATION_DECIDED``.
    """
    if application.status not in (ApplicationStatus.APPLIED, ApplicationStatus.APPEALED):
        raise APPLICATION_DECIDED.because(
            f"{application.id} was decided on {application.decided_on}: {application.status}"
        )
