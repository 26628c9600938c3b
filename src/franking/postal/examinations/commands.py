"""What postal employees ask for: examine a device, act on a referral, join in an audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime

from franking.clock import instant_text
from franking.docket import Obligation, Swept
from franking.errors import Refusal, Refused
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.examining import (
    ExaminationRemoval,
    ExaminationReport,
    RemoteExaminationWanted,
)
from franking.messages.signing import Signer
from franking.money import format_dollars
from franking.postal.examinations import rows
from franking.postal.examinations.hearing import close_referral
from franking.postal.examinations.records import (
    ACT_ON_REFERRAL,
    PRESENT,
    PRESENT_NOTICED,
    PostalExamination,
    Presentation,
    PresentationStatus,
    Referral,
    ReferralGround,
    ReferralStatus,
)
from franking.postal.licences.grounds import LICENCE_NOT_LIVE
from franking.postal.licences.records import Facts, Ground
from franking.postal.licences.revoking import notice_revocation
from franking.postal.schema import DISPATCHES, DOCKET
from franking.storage import Act, Books, Work

REFERRAL_UNKNOWN = Refusal(
    "REFERRAL_UNKNOWN",
    clause="39 CFR 501.22(f) (1995)",
    remedy="See what providers reported: franking examination reports SERIAL.",
    http_status=404,
)
REFERRAL_CLOSED = Refusal(
    "REFERRAL_CLOSED",
    clause="39 CFR 501.22(f) (1995)",
    remedy="The device is in order again or gone; nothing is left to do.",
)
_EXAMINED = "DMM P030.2.6d, P030.3.11 (1995); P050.3.4 (1997)"
_REMOVED = "39 CFR 501.22(f) (1995)"
_METER = "meter-1995"
_GROUNDS = {
    ReferralGround.NOT_EXAMINED: Ground.NOT_EXAMINED,
    ReferralGround.NOT_AUDITED: Ground.INACTIVITY,
    ReferralGround.NO_QUALITY_PIECE: Ground.NO_QUALITY_PIECES,
}


def examine_at_office(
    books: Books, signer: Signer, examination: PostalExamination, now: datetime
) -> PostalExamination:
    """Take an examination by a postal employee, and tell the provider (P030.2.6d, P030.3.11).

    Whatever waited for it is done: the list of the office, a meter's presentation, a referral on
    which nobody has acted yet.
    """
    record = record_id("device", examination.serial)
    provider, serial = examination.provider, examination.serial
    with books.work(now, "examine_at_office", on=(record,)) as work:
        rows.add_examination(work, examination)
        rows.settle_due(work, provider=provider, serial=serial, how="examined", on=now.date())
        before = rows.find_presentation(work, provider=provider, serial=serial)
        if before is not None:
            _seen(work, before, now, "examined")
        for referral in rows.open_referrals(work, provider=provider, serial=serial):
            if referral.ground is ReferralGround.NOT_EXAMINED:
                close_referral(work, referral, "examined", now)
        report = ExaminationReport(
            device=serial,
            issued_at=instant_text(now),
            sender=POSTAL_SERVICE,
            examiner=examination.examiner,
            examined_on=examination.examined_on.isoformat(),
            ascending_mills=examination.ascending_mills,
            descending_mills=examination.descending_mills,
            log_brought=examination.log_brought,
            findings=list(examination.findings),
        )
        DISPATCHES.send(work, report, signer, recipient=provider, record=record, now=now)
        inputs: dict[str, object] = {"provider": provider, "examiner": examination.examiner}
        work.record(Act(record=record, clauses=(_EXAMINED,), inputs=inputs))
    return examination


def notify_removal(books: Books, signer: Signer, *, number: int, now: datetime) -> Referral:
    """Tell the licensee that the device is removed and the licence revoked, and have it removed.

    Revocation goes its regular way: it takes effect ten days later unless it is appealed
    (P030.2.4, P050.2.3); the provider removes within fifteen. Asked again, nothing changes.

    Raises:
        Refused: ``REFERRAL_UNKNOWN``, ``REFERRAL_CLOSED``, and what ``notice_revocation`` refuses.
    """
    before = find_referral(books, number)
    if before.status is ReferralStatus.NOTIFIED:
        return before
    _require_open(before)
    # First the notice: where this is cut short after it, asking again finds it standing.
    _notice_revocation(books, signer, before, now)
    record, device = record_id("referral", number), record_id("device", before.serial)
    with books.work(now, "notify_removal", on=(record, device)) as work:
        before = _require_referral(work, number)
        _require_open(before)
        after = replace(before, status=ReferralStatus.NOTIFIED, notified_on=now.date())
        rows.change_referral(work, before, after)
        DOCKET.satisfy(work, ACT_ON_REFERRAL, record=record, now=now, because="notified")
        order = ExaminationRemoval(
            device=before.serial,
            issued_at=instant_text(now),
            sender=POSTAL_SERVICE,
            licence=before.licence,
            ground=before.facts,
            notified_on=now.date().isoformat(),
        )
        DISPATCHES.send(work, order, signer, recipient=before.provider, record=device, now=now)
        work.record(Act(record=record, clauses=(_REMOVED,), inputs={"facts": before.facts}))
    return after


def want_remote_examination(
    books: Books, signer: Signer, *, provider: str, serial: str, reason: str, now: datetime
) -> None:
    """Join in the next audit of a device: the audit duty stays the provider's (P050.3.4, 1997)."""
    record = record_id("device", serial)
    with books.work(now, "want_remote_examination", on=(record,)) as work:
        wanted = RemoteExaminationWanted(
            device=serial, issued_at=instant_text(now), sender=POSTAL_SERVICE, reason=reason
        )
        DISPATCHES.send(work, wanted, signer, recipient=provider, record=record, now=now)
        inputs: dict[str, object] = {"provider": provider, "reason": reason}
        work.record(Act(record=record, clauses=("DMM P050.3.4 (1997)",), inputs=inputs))


def record_setting(
    books: Books, *, provider: str, serial: str, licence: str, zip_code: str, now: datetime
) -> Presentation:
    """Note that postal staff set a meter: its three months begin anew (DMM P030.2.6d, 1995)."""
    with books.work(now, "record_setting", on=(record_id("device", serial),)) as work:
        before = rows.find_presentation(work, provider=provider, serial=serial)
        if before is not None:
            return _seen(work, before, now, "set")
        first = Presentation(
            provider=provider,
            serial=serial,
            licence=licence,
            zip_code=zip_code,
            last_seen_on=now.date(),
        )
        rows.put_presentation(work, None, first)
        _open(work, first, PRESENT, now)
        _note(work, first, "watch_meter", "")
    return first


def notify_presentation(work: Work, missed: Sequence[Obligation], swept: Swept) -> None:
    """Three months without a setting: the licensee is notified to present the meter."""
    for obligation in missed:
        before = _presentation_of(work, obligation)
        if before is not None and before.status is PresentationStatus.CURRENT:
            today = swept.now.date()
            after = replace(before, status=PresentationStatus.NOTIFIED, notified_on=today)
            rows.put_presentation(work, before, after)
            _open(work, after, PRESENT_NOTICED, swept.now)
            _note(work, after, "notify_presentation", f"not set since {before.last_seen_on}")


def presentation_ignored(work: Work, missed: Sequence[Obligation], _: Swept) -> None:
    """The notice was not answered: that can cost the authorization (DMM P030.2.6d, 1995)."""
    for obligation in missed:
        before = _presentation_of(work, obligation)
        if before is not None and before.status is PresentationStatus.NOTIFIED:
            after = replace(before, status=PresentationStatus.IGNORED)
            rows.put_presentation(work, before, after)
            _note(work, after, "presentation_ignored", f"notified on {before.notified_on}")


def find_referral(books: Books, number: int) -> Referral:
    """A referral.

    Raises:
        Refused: ``REFERRAL_UNKNOWN``.
    """
    with books.reading() as reading:
        found = rows.find_referral(reading, number)
    if found is None:
        raise REFERRAL_UNKNOWN.because(f"there is no referral {number}")
    return found


def device_reports(books: Books, *, provider: str, serial: str) -> list[dict[str, object]]:
    """What a provider reported of one of its devices, and what post offices found at it."""
    with books.reading() as reading:
        told = rows.reports_of(reading, provider=provider, serial=serial)
        found = rows.examinations_of(reading, provider=provider, serial=serial)
    return sorted([*told, *map(_at_office, found)], key=lambda each: str(each["told_on"]))


def _at_office(examination: PostalExamination) -> dict[str, object]:
    registers = (
        f"ascending {format_dollars(examination.ascending_mills)}, "
        f"descending {format_dollars(examination.descending_mills)}"
    )
    return {
        "provider": examination.provider,
        "serial": examination.serial,
        "kind": "examination at the office",
        "told_on": examination.examined_on.isoformat(),
        "facts": "; ".join((registers, f"by {examination.examiner}", *examination.findings)),
    }


def open_matters(books: Books, *, zip_code: str = "") -> dict[str, list[dict[str, object]]]:
    """What a licensing office has before it: devices expected for examination, and referrals."""
    with books.reading() as reading:
        found = rows.referrals(reading, zip_code=zip_code)
        waiting = [each for each in found if each.status is not ReferralStatus.CLOSED]
        return {
            "expected": rows.due_at(reading, zip_code),
            "referrals": [referral_json(each) for each in waiting],
        }


def referral_json(referral: Referral) -> dict[str, object]:
    """A referral as JSON values."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(referral).items()
    }


def _notice_revocation(books: Books, signer: Signer, referral: Referral, now: datetime) -> None:
    """Start the revocation; a licence that is ending already needs no second notice."""
    facts = Facts(
        told=referral.facts, device=referral.serial, last_active_on=referral.last_active_on
    )
    ground = _GROUNDS[referral.ground]
    try:
        notice_revocation(
            books, signer, referral.licence, ground, facts, now, rulebook=referral.rulebook
        )
    except Refused as refused:
        if refused.refusal is not LICENCE_NOT_LIVE:
            raise


def _require_referral(work: Work, number: int) -> Referral:
    found = rows.find_referral(work, number)
    if found is None:
        raise REFERRAL_UNKNOWN.because(f"there is no referral {number}")
    return found


def _require_open(referral: Referral) -> None:
    if referral.status is ReferralStatus.CLOSED:
        raise REFERRAL_CLOSED.because(f"referral {referral.number} ended: {referral.closed_how}")


def _seen(work: Work, before: Presentation, now: datetime, how: str) -> Presentation:
    record = _record(before)
    for duty in (PRESENT, PRESENT_NOTICED):
        DOCKET.satisfy(work, duty, record=record, now=now, because=how)
    current = PresentationStatus.CURRENT
    after = replace(before, status=current, last_seen_on=now.date(), notified_on=None)
    rows.put_presentation(work, before, after)
    _open(work, after, PRESENT, now)
    _note(work, after, "see_meter", how)
    return after


def _presentation_of(work: Work, obligation: Obligation) -> Presentation | None:
    provider, _, serial = obligation.record.removeprefix("presentation:").rpartition("/")
    return rows.find_presentation(work, provider=provider, serial=serial)


def _record(presentation: Presentation) -> str:
    return record_id("presentation", f"{presentation.provider}/{presentation.serial}")


def _open(work: Work, presentation: Presentation, duty: str, now: datetime) -> None:
    DOCKET.open(
        work,
        duty,
        record=_record(presentation),
        owed_by=f"licensee:{presentation.licence}",
        rulebook=_METER,
        start=now.date(),
        now=now,
    )


def _note(work: Work, presentation: Presentation, command: str, because: str) -> None:
    clauses, inputs = ("DMM P030.2.6d (1995)",), {"because": because}
    record = _record(presentation)
    work.record(Act(command=command, record=record, clauses=clauses, inputs=inputs))
