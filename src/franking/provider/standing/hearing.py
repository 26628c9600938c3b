"""What the treasury says to the provider, and what the provider keeps of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import msgspec

from franking import rules
from franking.docket import Opening
from franking.identifiers import record_id
from franking.messages.funds import (
    ConversionScheduled,
    CostsWanted,
    DifferencesFound,
    InspectionOfRecords,
    LockboxAgreed,
    LockboxDecided,
    ReportWanted,
    ResettingResumed,
    ResettingRevoked,
    ResettingSuspended,
    SuppliesSent,
    SystemAssessed,
)
from franking.messages.receiving import Dispatched, Hearer
from franking.messages.signing import Signer
from franking.provider.schema import DOCKET
from franking.provider.standing import tables
from franking.provider.standing.records import (
    ANSWER,
    HoldStatus,
    Letter,
    LetterKind,
    LetterStatus,
    LockboxTerms,
    ResettingHold,
)
from franking.rules.calendars import due
from franking.storage import Act, Work

RECORD = record_id("standing", "treasury")
"""The record that every message of the treasury is about."""
_SUSPENSION = "39 CFR 501.28(c), 501.12 (1995)"
_PREAMBLE = "60 FR 30714 (1995), preamble IV"
_METER = "meter-1995"


def take_suspended(work: Work, message: ResettingSuspended, _: Signer, now: datetime) -> None:
    """Resets are denied from the day named; until then a defense holds it up (501.12(c))."""
    status = HoldStatus.SUSPENDED if message.decided else HoldStatus.NOTICED
    since, before = date.fromisoformat(message.since), tables.find_hold(work, message.assessment)
    told = ResettingHold(
        assessment=message.assessment,
        status=status,
        deficiency=message.deficiency,
        clause=message.clause,
        since=since,
        told_on=now.date(),
    )
    tables.put_hold(work, before, told)
    _note(work, "note_resetting_suspended", _SUSPENSION, deficiency=message.deficiency)


def take_revoked(work: Work, message: ResettingRevoked, _: Signer, now: datetime) -> None:
    """The authorization is gone: nothing is reset any more (39 CFR 501.28(c), 1995)."""
    told = ResettingHold(
        assessment=message.assessment,
        status=HoldStatus.REVOKED,
        deficiency="; ".join(message.requirements),
        clause=message.clause,
        since=date.fromisoformat(message.since),
        told_on=now.date(),
    )
    tables.put_hold(work, tables.find_hold(work, message.assessment), told)
    _note(work, "note_resetting_revoked", _SUSPENSION, requirements=message.requirements)


def take_resumed(work: Work, message: ResettingResumed, _: Signer, now: datetime) -> None:
    """A suspension is lifted; of one that was never told, nothing changes."""
    before = tables.find_hold(work, message.assessment)
    if before is not None and before.status is not HoldStatus.LIFTED:
        after = replace(before, status=HoldStatus.LIFTED, ended_on=now.date())
        tables.put_hold(work, before, after)
    _note(work, "note_resetting_resumed", _SUSPENSION, because=message.because)


def take_assessed(work: Work, message: SystemAssessed, _: Signer, now: datetime) -> None:
    """The system was assessed or audited; findings are to be corrected by their day."""
    until = _day(message.answer_by)
    _keep(work, LetterKind.ASSESSMENT, str(message.assessment), message, until, now)


def take_decided(work: Work, message: LockboxDecided, _: Signer, now: datetime) -> None:
    """The lockbox account that was offered is approved, or not (39 CFR 501.28(e)(1), 1995)."""
    before = tables.find_letter(work, LetterKind.LOCKBOX, _account_of(message))
    if before is not None and before.status is LetterStatus.OPEN:
        answer = f"approved as {message.approval}" if message.approval else message.because
        after = replace(before, status=LetterStatus.ANSWERED, answered_on=now.date(), answer=answer)
        tables.answer_letter(work, before, after)
    _note(work, "note_lockbox_decided", "39 CFR 501.28(e)(1) (1995)", approval=message.approval)


def take_agreed(work: Work, message: LockboxAgreed, _: Signer, __: datetime) -> None:
    """The bank's times and contacts (39 CFR 501.28(e)(2), (4), (6), 1995)."""
    terms = LockboxTerms(
        bank=message.bank,
        routing=message.routing,
        timezone=message.timezone,
        cutoff_time=message.cutoff_time,
        transmission_time=message.transmission_time,
        post_office_box=message.post_office_box,
        toll_free=message.toll_free,
        representative=message.representative,
        since=date.fromisoformat(message.since),
    )
    tables.add_terms(work, terms)
    _note(work, "note_lockbox_agreed", "39 CFR 501.28(e)(2) (1995)", bank=message.bank)


def take_report_wanted(work: Work, message: ReportWanted, _: Signer, now: datetime) -> None:
    """A report on request is given from now on, or for these days (39 CFR 501.28(g), 1995)."""
    reference = f"{message.report} {message.since} {message.until or 'on'}"
    if tables.find_letter(work, LetterKind.REPORT, reference) is None:
        _keep(work, LetterKind.REPORT, reference, message, None, now)
    else:
        _note(work, "keep_letter", "39 CFR 501.28(g) (1995)", letter=reference)


def take_costs_wanted(work: Work, message: CostsWanted, _: Signer, now: datetime) -> None:
    """The Postal Service asks what resetting and conversion cost (60 FR 30714)."""
    _keep(work, LetterKind.COSTS, str(message.request), message, _day(message.due_on), now)


def take_timetable(work: Work, message: ConversionScheduled, _: Signer, now: datetime) -> None:
    """An edition of the timetable: each step is owed by its day; an earlier edition is void."""
    for step, day in message.steps.items():
        reference = f"{message.edition}: {step}"
        _keep(work, LetterKind.TIMETABLE, reference, message, date.fromisoformat(day), now)
    for old in tables.letters(work, LetterKind.TIMETABLE):
        if old.status is LetterStatus.OPEN and edition_of(old) < message.edition:
            _void(work, old, f"edition {message.edition} replaced it", now)


def take_inspection(work: Work, message: InspectionOfRecords, _: Signer, now: datetime) -> None:
    """Representatives come: facilities and records are laid open (39 CFR 501.28(h), 1995)."""
    until = date.fromisoformat(message.at[:10])
    _keep(work, LetterKind.INSPECTION, str(message.inspection), message, until, now)


def take_differences(work: Work, message: DifferencesFound, _: Signer, now: datetime) -> None:
    """Where the report of a day, the bank's and the treasury's books differ."""
    term = rules.at("provider", _METER, now.date())["difference_answer_days"]
    for number in message.lines:
        _keep(work, LetterKind.DIFFERENCE, number, message, due(now.date(), term), now)


def take_supplies(work: Work, message: SuppliesSent, _: Signer, now: datetime) -> None:
    """Deposit tickets and envelopes went to a licensee; the provider pays nothing for them."""
    for each in tables.letters(work, LetterKind.SUPPLIES):
        if each.status is LetterStatus.OPEN and account_of_supplies(each) == message.account:
            answer = f"sent on {message.sent_on}, for {message.post_office_box}"
            after = replace(
                each, status=LetterStatus.ANSWERED, answered_on=now.date(), answer=answer
            )
            tables.answer_letter(work, each, after)
    _note(work, "note_supplies_sent", _PREAMBLE, account=message.account)


def account_of_supplies(letter: Letter) -> str:
    """For whose account tickets and envelopes were asked."""
    return letter.reference.partition("/")[0]


def edition_of(letter: Letter) -> int:
    """The edition of the timetable that a letter is of."""
    return int(letter.reference.partition(":")[0])


def letter_record(letter: Letter) -> str:
    """What the docket calls a letter."""
    return record_id("letter", letter.name)


def _keep(
    work: Work,
    kind: LetterKind,
    reference: str,
    message: Dispatched,
    until: date | None,
    now: datetime,
) -> None:
    letter = Letter(
        kind=kind,
        reference=reference,
        content=msgspec.json.encode(message).decode(),
        told_on=now.date(),
        status=LetterStatus.NOTED if until is None else LetterStatus.OPEN,
        due_on=until,
    )
    tables.add_letter(work, letter)
    if until is not None:
        DOCKET.open_many(work, [_opening(letter, until, now)], now)
    _note(work, "keep_letter", _PREAMBLE, letter=letter.name)


def _opening(letter: Letter, until: date, now: datetime) -> Opening:
    return Opening(
        duty=ANSWER,
        record=letter_record(letter),
        owed_by="provider",
        rulebook=_METER,
        start=now.date(),
        due=until,
        because=letter.name,
    )


def _void(work: Work, before: Letter, because: str, now: datetime) -> None:
    after = replace(before, status=LetterStatus.ANSWERED, answered_on=now.date(), answer=because)
    tables.answer_letter(work, before, after)
    DOCKET.cancel(work, ANSWER, record=letter_record(before), now=now, because=because)


def _account_of(message: LockboxDecided) -> str:
    return f"{message.routing}/{message.account}"


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _about(_: Dispatched) -> str:
    return RECORD


def _note(work: Work, command: str, clause: str, **inputs: object) -> None:
    work.record(Act(command=command, record=RECORD, clauses=(clause,), inputs=inputs))


HEARERS = (
    Hearer(ResettingSuspended, _about, take_suspended),
    Hearer(ResettingRevoked, _about, take_revoked),
    Hearer(ResettingResumed, _about, take_resumed),
    Hearer(SystemAssessed, _about, take_assessed),
    Hearer(LockboxDecided, _about, take_decided),
    Hearer(LockboxAgreed, _about, take_agreed),
    Hearer(ReportWanted, _about, take_report_wanted),
    Hearer(CostsWanted, _about, take_costs_wanted),
    Hearer(ConversionScheduled, _about, take_timetable),
    Hearer(InspectionOfRecords, _about, take_inspection),
    Hearer(DifferencesFound, _about, take_differences),
    Hearer(SuppliesSent, _about, take_supplies),
)
