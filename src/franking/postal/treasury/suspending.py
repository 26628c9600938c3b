"""Suspension and revocation of the authority to reset (39 CFR 501.28(c), 501.12, 1995).

After a notice of proposed suspension and its term to correct: a written notice with its day, a
defense, a decision, at most so many days, an extension, a withdrawal or a revocation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from franking import rules
from franking.errors import Refusal
from franking.messages.funds import (
    ResettingResumed,
    ResettingRevoked,
    ResettingSuspended,
    SuspensionDefended,
)
from franking.messages.signing import Signer
from franking.postal.schema import DOCKET
from franking.postal.treasury import oversight_tables as tables
from franking.postal.treasury.assessing import (
    ASSESSMENT_MAY_NOT_MOVE,
    DEFICIENCY_UNNAMED,
    assessment_of,
    from_treasury,
    lock_of,
    moved,
    note,
    record_of_assessment,
    require_assessment,
    tell,
)
from franking.postal.treasury.oversight_records import (
    CORRECT,
    DECIDE_SUSPENSION,
    Assessment,
    AssessmentStatus,
)
from franking.rules.calendars import due
from franking.storage import Books, Work

SUSPENSION_TOO_EARLY = Refusal(
    "SUSPENSION_TOO_EARLY",
    clause="39 CFR 501.12(b)(1), (2) (1995)",
    remedy="Wait for the end of the term to correct, or say why the risk allows no term.",
)
_SUSPENSION = "39 CFR 501.28(c), 501.12 (1995)"
_METER = "meter-1995"


def notice_suspension(
    books: Books,
    signer: Signer,
    *,
    number: int,
    deficiency: str,
    effective_on: date | None,
    shorter_because: str,
    now: datetime,
) -> Assessment:
    """Give written notice that resetting is suspended from a day on (501.12(b)(2)).

    The provider has the days for a defense until then; fewer where ``shorter_because`` says why
    (501.12(c): "unless a shorter period is deemed necessary").

    Raises:
        Refused: ``ASSESSMENT_UNKNOWN``, ``ASSESSMENT_MAY_NOT_MOVE``, ``DEFICIENCY_UNNAMED``,
            ``SUSPENSION_TOO_EARLY``.
    """
    if not deficiency.strip():
        raise DEFICIENCY_UNNAMED.because("the notice cites no deficiency")
    with books.work(now, "notice_suspension", on=(lock_of(books, number),)) as work:
        before = require_assessment(work, number)
        after = replace(
            moved(before, AssessmentStatus.NOTICED),
            deficiency=deficiency,
            effective_on=_effective(before, effective_on, shorter_because, now.date()),
            because=shorter_because,
        )
        tables.put_assessment(work, before, after)
        tell(work, signer, after, _suspended(after, now), now)
        _decision_on_docket(work, after, now)
        note(work, after, _SUSPENSION, deficiency=deficiency, because=shorter_because)
    return after


def take_defense(work: Work, message: SuspensionDefended, _: Signer, now: datetime) -> None:
    """A written defense holds a noticed suspension up until it is decided (501.12(c)).

    Raises:
        Refused: ``ASSESSMENT_UNKNOWN``, ``ASSESSMENT_MAY_NOT_MOVE``.
    """
    before = assessment_of(work, message.sender, message.assessment)
    words = "; ".join((message.defense, *message.evidence))
    after = replace(moved(before, AssessmentStatus.DEFENDED), defense=words)
    tables.put_assessment(work, before, after)
    note(work, after, "39 CFR 501.12(c) (1995)", "take_defense", defense=words)


def decide_suspension(
    books: Books, signer: Signer, *, number: int, suspended: bool, because: str, now: datetime
) -> Assessment:
    """Decide after the defense: resetting is suspended from today, or the notice withdrawn.

    Also how a suspension that took effect without a defense is put down, and how one that stands
    is withdrawn when the solution is satisfactory (501.12(b)(4)(iii), (d)).

    Raises:
        Refused: ``ASSESSMENT_UNKNOWN``, ``ASSESSMENT_MAY_NOT_MOVE``.
    """
    to = AssessmentStatus.SUSPENDED if suspended else AssessmentStatus.CLOSED
    with books.work(now, "decide_suspension", on=(lock_of(books, number),)) as work:
        before = require_assessment(work, number)
        if before.effective_on is None:
            raise ASSESSMENT_MAY_NOT_MOVE.because(f"no suspension is noticed under {number}")
        after = replace(moved(before, to), because=because)
        if suspended:
            after = replace(after, effective_on=now.date())
        tables.put_assessment(work, before, after)
        told = _suspended(after, now, decided=True) if suspended else _resumed(after, now)
        tell(work, signer, after, told, now)
        _settle_docket(work, after, now, because, keep=suspended)
        note(work, after, _SUSPENSION, suspended=suspended, because=because)
    return after


def extend_suspension(books: Books, *, number: int, because: str, now: datetime) -> Assessment:
    """Let a suspension go on after its days, for investigation or correction (501.12(b)(4)(i)).

    Raises:
        Refused: ``ASSESSMENT_UNKNOWN``, ``ASSESSMENT_MAY_NOT_MOVE``, ``DEFICIENCY_UNNAMED``.
    """
    if not because.strip():
        raise DEFICIENCY_UNNAMED.because("no reason is given for more time")
    with books.work(now, "extend_suspension", on=(lock_of(books, number),)) as work:
        one = require_assessment(work, number)
        if one.status is not AssessmentStatus.SUSPENDED:
            raise ASSESSMENT_MAY_NOT_MOVE.because(f"assessment {number} is {one.status.value}")
        _settle_docket(work, one, now, because, keep=False)
        _decision_on_docket(work, replace(one, effective_on=now.date()), now)
        note(work, one, "39 CFR 501.12(b)(4)(i) (1995)", because=because)
    return one


def revoke_authority(
    books: Books, signer: Signer, *, number: int, requirements: Sequence[str], now: datetime
) -> Assessment:
    """Revoke an authorization to reset: the system does not meet all requirements (501.28(c)).

    Raises:
        Refused: ``ASSESSMENT_UNKNOWN``, ``ASSESSMENT_MAY_NOT_MOVE``, ``DEFICIENCY_UNNAMED``.
    """
    if not any(each.strip() for each in requirements):
        raise DEFICIENCY_UNNAMED.because("no requirement is named that is not met")
    with books.work(now, "revoke_authority", on=(lock_of(books, number),)) as work:
        before = require_assessment(work, number)
        after = replace(moved(before, AssessmentStatus.REVOKED), because="; ".join(requirements))
        tables.put_assessment(work, before, after)
        told = ResettingRevoked(
            **from_treasury(now),
            assessment=number,
            requirements=list(requirements),
            clause="39 CFR 501.28(c) (1995)",
            since=now.date().isoformat(),
        )
        tell(work, signer, after, told, now)
        _settle_docket(work, after, now, "revoked", keep=False)
        note(work, after, "39 CFR 501.28(c) (1995)", requirements=list(requirements))
    return after


def _effective(before: Assessment, wanted: date | None, shorter_because: str, today: date) -> date:
    """The day of a suspension: after the term to correct, and the days for a defense."""
    ordinary = due(today, rules.at("provider", _METER, today)["defense_days"])
    if shorter_because.strip():
        return max(today, wanted or today)
    is_early = before.answer_by is not None and today <= before.answer_by
    if is_early and before.status is not AssessmentStatus.CORRECTED:
        raise SUSPENSION_TOO_EARLY.because(
            f"the findings may be corrected until {before.answer_by}"
        )
    if not before.suspension_proposed:
        raise SUSPENSION_TOO_EARLY.because("no suspension was proposed with the findings")
    if wanted is not None and wanted < ordinary:
        raise SUSPENSION_TOO_EARLY.because(f"a defense may be presented until {ordinary}")
    return wanted or ordinary


def _decision_on_docket(work: Work, one: Assessment, now: datetime) -> None:
    """At the end of the days of a suspension the Postal Service decides again (501.12(b)(4))."""
    start = one.effective_on or now.date()
    term = rules.at("provider", _METER, now.date())["suspension_days_max"]
    DOCKET.open(
        work,
        DECIDE_SUSPENSION,
        record=record_of_assessment(one),
        owed_by="Postal Service",
        rulebook=_METER,
        start=start,
        due=due(start, term),
        now=now,
        because=one.deficiency,
    )


def _settle_docket(work: Work, one: Assessment, now: datetime, because: str, *, keep: bool) -> None:
    record = record_of_assessment(one)
    DOCKET.satisfy(work, DECIDE_SUSPENSION, record=record, now=now, because=because)
    DOCKET.cancel(work, CORRECT, record=record, now=now, because=because)
    if keep:
        _decision_on_docket(work, one, now)


def _suspended(one: Assessment, now: datetime, *, decided: bool = False) -> ResettingSuspended:
    since = one.effective_on or now.date()
    return ResettingSuspended(
        **from_treasury(now),
        assessment=one.number,
        deficiency=one.deficiency,
        clause=_SUSPENSION,
        since=since.isoformat(),
        decided=decided,
    )


def _resumed(one: Assessment, now: datetime) -> ResettingResumed:
    return ResettingResumed(**from_treasury(now), assessment=one.number, because=one.because)
