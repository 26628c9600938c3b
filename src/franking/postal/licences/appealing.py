"""Appeals in writing to the manager of Retail Systems and Equipment, filed and decided.

Heard by somebody who did not decide what is appealed. No rule limits how long the hearing may take
(60 FR 30714, preamble II.C): an appeal only grows older.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.applications import one_spelling
from franking.messages.signing import Signer
from franking.postal.licences import rows
from franking.postal.licences.commands import (
    APPEAL_REFUSAL,
    require_application,
    require_licence,
)
from franking.postal.licences.decisions import appeal_by, received
from franking.postal.licences.grounds import set_aside, stayed
from franking.postal.licences.issuing import grant, note, rules_of, tell_refused, tell_standing
from franking.postal.licences.records import (
    METER,
    Appeal,
    AppealKind,
    AppealStatus,
    Application,
    ApplicationStatus,
    Licence,
    LicenceStatus,
    Revocation,
    RevocationStatus,
)
from franking.postal.licences.revoking import APPEAL_REVOCATION, close_terms, put_in_effect
from franking.postal.schema import DOCKET
from franking.rules import at
from franking.rules.calendars import due
from franking.storage import Books, Reading, Work

NOTHING_TO_APPEAL = Refusal(
    "NOTHING_TO_APPEAL",
    clause="DMM P030.2.5 (1995), P050.2.4 (1997)",
    remedy="Appeal a refusal, a revocation or a postage adjustment that stands.",
)
APPEAL_TOO_LATE = Refusal(
    "APPEAL_TOO_LATE",
    clause="DMM P030.2.5 (1995), P050.2.4 (1997)",
    remedy="The right has lapsed; a new application may be filed.",
)
APPEAL_UNKNOWN = Refusal(
    "APPEAL_UNKNOWN",
    clause="policy",
    remedy="List the appeals with `franking appeal list`.",
    http_status=404,
)
APPEAL_DECIDED = Refusal(
    "APPEAL_DECIDED",
    clause="DMM P030.2.5 (1995), P050.2.4 (1997)",
    remedy="See the decision with `franking appeal list`.",
)
APPEAL_HEARD_BY_DECIDER = Refusal(
    "APPEAL_HEARD_BY_DECIDER",
    clause="policy",
    remedy="Have somebody decide the appeal who did not decide what is appealed.",
    http_status=403,
)
APPEAL_WITHOUT_REASON = Refusal(
    "APPEAL_WITHOUT_REASON",
    clause="policy",
    remedy="Give the appellant's letter, or the reason of the decision, in words.",
    http_status=422,
)
LICENCE_REPLACED = Refusal(
    "LICENCE_REPLACED",
    clause="DMM P030.2.1 (1995), P050.2.1 (1997)",
    remedy="Deny the appeal, or cancel the licence that was issued since: one covers all devices.",
)


def appeal_refusal(
    books: Books, application_id: str, *, letter: str, filed_by: str, now: datetime
) -> Appeal:
    """File an applicant's appeal against a refusal, in time (P030.2.5, P050.2.4).

    Filed already, it is the same appeal.

    Raises:
        Refused: ``APPLICATION_UNKNOWN``, ``NOTHING_TO_APPEAL``, ``APPEAL_TOO_LATE``,
            ``APPEAL_WITHOUT_REASON``.
    """
    record = record_id("application", application_id)
    with books.work(now, "appeal_refusal", on=(record,)) as work:
        application = require_application(work, application_id)
        if (before := _waiting(work, record, AppealKind.REFUSAL)) is not None:
            return before
        if application.status is not ApplicationStatus.REFUSED or application.decided_on is None:
            raise NOTHING_TO_APPEAL.because(f"{application_id} is {application.status}")
        if _denied(work, record):
            raise NOTHING_TO_APPEAL.because(f"an appeal about {application_id} was denied")
        _require_in_time(application.decided_on, application.received_on, application.rulebook, now)
        after = replace(application, status=ApplicationStatus.APPEALED)
        rows.change_application(work, application, after)
        DOCKET.satisfy(work, APPEAL_REFUSAL, record=record, now=now, because="appealed")
        return _filed(
            work,
            AppealKind.REFUSAL,
            record,
            rulebook=application.rulebook,
            against=application.decided_by,
            letter=letter,
            filed_by=filed_by,
            now=now,
        )


def appeal_revocation(
    books: Books, signer: Signer, number: str, *, letter: str, filed_by: str, now: datetime
) -> Appeal:
    """File a licensee's appeal against a revocation; before it takes effect, that is stayed.

    Raises:
        Refused: ``LICENCE_NOT_FOUND``, ``NOTHING_TO_APPEAL``, ``APPEAL_TOO_LATE``,
            ``APPEAL_WITHOUT_REASON``.
    """
    record = record_id("licence", number)
    with books.work(now, "appeal_revocation", on=(record,)) as work:
        licence = require_licence(work, number)
        if (waiting := _waiting(work, record, AppealKind.REVOCATION)) is not None:
            return waiting
        revocation = _appealable(work, licence)
        _require_in_time(revocation.noticed_on, revocation.received_on, revocation.rulebook, now)
        appeal = _filed(
            work,
            AppealKind.REVOCATION,
            record,
            rulebook=revocation.rulebook,
            against=revocation.noticed_by,
            letter=letter,
            filed_by=filed_by,
            now=now,
        )
        _stay(work, signer, licence, revocation, now)
    return appeal


def appeal_adjustment(
    books: Books,
    *,
    device: str,
    rulebook: str,
    submitted_on: date,
    decided_by: str,
    letter: str,
    filed_by: str,
    now: datetime,
) -> Appeal:
    """File an appeal about a postage adjustment, to the same official.

    ``submitted_on`` is when the provider submitted its recommendation: the days run from it.

    Raises:
        Refused: ``APPEAL_TOO_LATE``, ``APPEAL_WITHOUT_REASON``.
    """
    record = record_id("device", device)
    with books.work(now, "appeal_adjustment", on=(record,)) as work:
        if (before := _waiting(work, record, AppealKind.ADJUSTMENT)) is not None:
            return before
        rules = at("refunds", rulebook, now.date())
        last = due(submitted_on, rules["adjustment_appeal_days"])
        if now.date() > last:
            raise APPEAL_TOO_LATE.because(
                f"the recommendation was submitted on {submitted_on}: the last day was {last}"
            )
        return _filed(
            work,
            AppealKind.ADJUSTMENT,
            record,
            rulebook=rulebook,
            against=decided_by,
            letter=letter,
            filed_by=filed_by,
            now=now,
        )


def decide_appeal(
    books: Books, signer: Signer, appeal_id: str, *, sustain: bool, reason: str, now: datetime
) -> Appeal:
    """Decide an appeal: sustained, the licence is issued or kept; denied, the decision stands.

    The same decision again changes nothing.

    Raises:
        Refused: ``APPEAL_UNKNOWN``, ``APPEAL_DECIDED``, ``APPEAL_HEARD_BY_DECIDER``,
            ``APPEAL_WITHOUT_REASON``, ``LICENCE_REPLACED``.
    """
    with books.reading() as reading:
        subject = _require(reading, appeal_id).record
    status = AppealStatus.SUSTAINED if sustain else AppealStatus.DENIED
    with books.work(now, "decide_appeal", on=(subject, *_office_of(books, subject))) as work:
        before = _require(work, appeal_id)
        if (before.status, before.reason) == (status, reason):
            return before
        after = _decided(before, status, reason, by=books.by.name, on=now.date())
        rows.change_appeal(work, before, after)
        clause = appeal_clause(after.rulebook)
        note(work, subject, f"appeal {status}", clause, reason, books.by.name, now)
        match before.kind:
            case AppealKind.REFUSAL:
                _carry_out_refusal(work, signer, after, now)
            case AppealKind.REVOCATION:
                _carry_out_revocation(work, signer, after, now)
            case AppealKind.ADJUSTMENT:
                return after  # The adjustment itself is made by whoever asked for the decision.
    return after


def appeal_named(books: Books, name: str) -> str:
    """The whole name of an appeal; what it is about will do while one such waits only."""
    with books.reading() as reading:
        waiting = [each for each in rows.appeals(reading) if each.status is AppealStatus.FILED]
    found = [each.id for each in waiting if name in (each.record, each.record.partition(":")[2])]
    return found[0] if len(found) == 1 else name


def appeal_clause(rulebook: str) -> str:
    """The clause under which appeals are heard."""
    return "DMM P030.2.5 (1995)" if rulebook == METER else "DMM P050.2.4 (1997)"


def days_open(appeal: Appeal, on: date) -> int:
    """How many days an appeal was, or is, being heard."""
    return ((appeal.decided_on or on) - appeal.filed_on).days


def _decided(before: Appeal, status: AppealStatus, reason: str, *, by: str, on: date) -> Appeal:
    if before.status is not AppealStatus.FILED:
        raise APPEAL_DECIDED.because(f"{before.id} was {before.status} on {before.decided_on}")
    if one_spelling(by) == one_spelling(before.against):
        raise APPEAL_HEARD_BY_DECIDER.because(f"{by} decided what {before.id} is against")
    if not reason.strip():
        raise APPEAL_WITHOUT_REASON.because("the decision of an appeal gives its reason")
    return replace(before, status=status, heard_by=by, decided_on=on, reason=reason)


def _carry_out_refusal(work: Work, signer: Signer, appeal: Appeal, now: datetime) -> None:
    application = require_application(work, appeal.record.removeprefix("application:"))
    if appeal.status is AppealStatus.SUSTAINED:
        despite = f"appeal {appeal.id} was sustained: {appeal.reason}"
        grant(work, signer, application, despite=despite, by=appeal.heard_by, now=now)
        return
    after: Application = replace(application, status=ApplicationStatus.REFUSED)
    rows.change_application(work, application, after)
    tell_refused(work, signer, after, now)


def _carry_out_revocation(work: Work, signer: Signer, appeal: Appeal, now: datetime) -> None:
    licence = require_licence(work, appeal.record.removeprefix("licence:"))
    revocation = rows.revocations_of(work, licence.number)[-1]
    if appeal.status is AppealStatus.SUSTAINED:
        _keep(work, signer, licence, revocation, appeal, now)
    elif revocation.status is RevocationStatus.STAYED:
        because = f"{revocation.facts}; appeal denied: {appeal.reason}"
        put_in_effect(work, signer, licence, revocation, because, appeal.heard_by, now)


def _keep(
    work: Work,
    signer: Signer,
    licence: Licence,
    revocation: Revocation,
    appeal: Appeal,
    now: datetime,
) -> None:
    if licence.status is LicenceStatus.CANCELLED:
        return
    if licence.status is LicenceStatus.REVOKED:
        _require_unreplaced(work, licence)
    kept, undone = set_aside(licence, revocation)
    rows.change_licence(work, licence, kept)
    rows.change_revocation(work, revocation, undone)
    clause = appeal_clause(appeal.rulebook)
    tell_standing(work, signer, kept, clause=clause, reason=appeal.reason, now=now)


def _require_unreplaced(books: Reading, licence: Licence) -> None:
    root = rows.office_zip(books, licence.office.zip_code)
    key = rows.key_of(books, licence.number)
    other = rows.find_licence(books, applicant_key=key, office_zip=root)
    if other is not None:
        raise LICENCE_REPLACED.because(f"licence {other.number} was issued since")


def _stay(
    work: Work, signer: Signer, licence: Licence, revocation: Revocation, now: datetime
) -> None:
    record = record_id("licence", licence.number)
    DOCKET.satisfy(work, APPEAL_REVOCATION, record=record, now=now, because="appealed")
    after, held = stayed(licence, revocation)
    if after == licence:
        return
    rows.change_licence(work, licence, after)
    rows.change_revocation(work, revocation, held)
    close_terms(work, licence.number, now, "an appeal stays it")
    clause = appeal_clause(revocation.rulebook)
    tell_standing(work, signer, after, clause=clause, reason="an appeal was filed", now=now)


def _appealable(books: Reading, licence: Licence) -> Revocation:
    record = record_id("licence", licence.number)
    found = rows.revocations_of(books, licence.number)
    last = found[-1] if found else None
    appealed = rows.appeals(books, record)
    if last is None or licence.status not in (LicenceStatus.NOTICED, LicenceStatus.REVOKED):
        raise NOTHING_TO_APPEAL.because(f"licence {licence.number} is {licence.status}")
    if last.status is RevocationStatus.EFFECTIVE and any(
        each.filed_on >= last.noticed_on for each in appealed
    ):
        raise NOTHING_TO_APPEAL.because(f"the revocation of {licence.number} was appealed before")
    return last


def _require_in_time(
    decided_on: date, received_on: date | None, rulebook: str, now: datetime
) -> None:
    rules = rules_of(rulebook, now)
    receipt = received(decided_on, received_on, rules)
    last = appeal_by(receipt, rules)
    if now.date() > last:
        raise APPEAL_TOO_LATE.because(f"received on {receipt}: the last day was {last}")


def _filed(
    work: Work,
    kind: AppealKind,
    record: str,
    *,
    rulebook: str,
    against: str,
    letter: str,
    filed_by: str,
    now: datetime,
) -> Appeal:
    if not letter.strip():
        raise APPEAL_WITHOUT_REASON.because("an appeal is made in writing")
    appeal = Appeal(
        id=f"{record}/{len(rows.appeals(work, record)) + 1}",
        kind=kind,
        record=record,
        rulebook=rulebook,
        filed_on=now.date(),
        filed_by=filed_by,
        letter=letter,
        against=against,
    )
    rows.add_appeal(work, appeal)
    note(work, record, f"{kind} appealed", appeal_clause(rulebook), letter, filed_by, now)
    return appeal


def _waiting(books: Reading, record: str, kind: AppealKind) -> Appeal | None:
    found = [each for each in rows.appeals(books, record) if each.status is AppealStatus.FILED]
    return next((each for each in found if each.kind is kind), None)


def _denied(books: Reading, record: str) -> bool:
    return any(each.status is AppealStatus.DENIED for each in rows.appeals(books, record))


def _require(books: Reading, appeal_id: str) -> Appeal:
    found = rows.find_appeal(books, appeal_id)
    if found is None:
        raise APPEAL_UNKNOWN.because(f"there is no appeal {appeal_id!r}")
    return found


def _office_of(books: Books, subject: str) -> tuple[str, ...]:
    """The post office whose next licence number a sustained appeal may take."""
    kind, _, identity = subject.partition(":")
    if kind != "application":
        return ()
    with books.reading() as reading:
        data = require_application(reading, identity).data
    return (record_id("post office", data.zip_code),)
