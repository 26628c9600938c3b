"""Assessments and audits of resetting systems, and what follows from them (501.28(c), 1995).

A serious operational deficiency that is likely to lose funds leads to a suspension of resetting,
by the process of 39 CFR 501.12: a notice of proposed suspension with a term to correct, a written
notice with its day, a defense, a decision; revocation where requirements are not met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from franking import rules
from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import (
    DeficiencyCorrected,
    ResettingResumed,
    ResettingRevoked,
    ResettingSuspended,
    SuspensionDefended,
    SystemAssessed,
)
from franking.messages.receiving import Dispatched
from franking.messages.signing import Signer
from franking.postal.schema import DISPATCHES, DOCKET
from franking.postal.treasury import oversight_tables as tables
from franking.postal.treasury.oversight_records import (
    ASSESS,
    ASSESSMENT_TRANSITIONS,
    CORRECT,
    DECIDE_SUSPENSION,
    Assessment,
    AssessmentStatus,
)
from franking.postal.treasury.records import treasury_record
from franking.rules.calendars import due
from franking.storage import Act, Books, Work

ASSESSMENT_UNKNOWN = Refusal(
    "ASSESSMENT_UNKNOWN",
    clause="39 CFR 501.28(c) (1995)",
    remedy="See the assessments: franking treasury assessments.",
    http_status=404,
)
ASSESSMENT_MAY_NOT_MOVE = Refusal(
    "ASSESSMENT_MAY_NOT_MOVE",
    clause="39 CFR 501.28(c), 501.12 (1995)",
    remedy="See where it stands: franking treasury assessments.",
)
SUSPENSION_TOO_EARLY = Refusal(
    "SUSPENSION_TOO_EARLY",
    clause="39 CFR 501.12(b)(1), (2) (1995)",
    remedy="Wait for the end of the term to correct, or say why the risk allows no term.",
)
DEFICIENCY_UNNAMED = Refusal(
    "DEFICIENCY_UNNAMED",
    clause="39 CFR 501.12(b)(1), (2) (1995)",
    remedy="Cite the deficiencies, with facts and reasons.",
    http_status=422,
)
WHAT = {"meter-1995": "assessment", "ibip-1997": "audit"}
"""What a look at a resetting system is called: 501.28(c) (1995), 62 FR 14833 (1997)."""
CLAUSES = {"assessment": "39 CFR 501.28(c) (1995)", "audit": "62 FR 14833 (1997), preamble"}
_SUSPENSION = "39 CFR 501.28(c), 501.12 (1995)"
_METER = "meter-1995"
_NUMBERS = "assessments:all"
"""The record whose lock gives assessments their numbers one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What an assessor found."""

    provider: str
    rulebook: str
    findings: tuple[str, ...]
    answer_by: date | None = None
    """A term that corresponds to the risk to revenue; else the ordinary one."""
    suspension_proposed: bool = False


def assess_system(books: Books, signer: Signer, found: Assessed, now: datetime) -> Assessment:
    """Assess the safeguards of a resetting system, or audit it; the next one goes on the docket.

    Findings go to the provider with a term to correct them; where a suspension is proposed, that
    is the notice of it (501.12(b)(1)).

    Raises:
        Refused: ``DEFICIENCY_UNNAMED`` where a suspension is proposed without a finding.
    """
    if found.suspension_proposed and not found.findings:
        raise DEFICIENCY_UNNAMED.because("a suspension is proposed, and no deficiency cited")
    record = treasury_record(found.provider)
    with books.work(now, "assess_system", on=(record, _NUMBERS)) as work:
        one = _assessment(work, found, books.by.name, now.date())
        tables.put_assessment(work, None, one)
        _next_on_docket(work, found, now)
        if one.answer_by is not None:
            _correction_on_docket(work, one, found.rulebook, now)
        told = SystemAssessed(
            **_from(now),
            assessment=one.number,
            what=one.what,
            assessed_on=one.assessed_on.isoformat(),
            findings=list(one.findings),
            answer_by=one.answer_by.isoformat() if one.answer_by else "",
            suspension_proposed=one.suspension_proposed,
        )
        _tell(work, signer, one, told, now)
        _record(work, one, CLAUSES[one.what], findings=list(one.findings))
    return one


def plan_assessment(books: Books, *, provider: str, rulebook: str, now: datetime) -> None:
    """Put the periodic assessment of a provider's system on the docket, from today on."""
    record = treasury_record(provider)
    with books.work(now, "plan_assessment", on=(record,)) as work:
        _plan(work, provider, rulebook, now)
        inputs: dict[str, object] = {"provider": provider, "rulebook": rulebook}
        work.record(Act(record=record, clauses=(CLAUSES[WHAT[rulebook]],), inputs=inputs))


def take_correction(work: Work, message: DeficiencyCorrected, _: Signer, now: datetime) -> None:
    """The provider says that findings are corrected; whether they are, the treasury decides.

    Raises:
        Refused: ``ASSESSMENT_UNKNOWN``, ``ASSESSMENT_MAY_NOT_MOVE``.
    """
    before = _of(work, message.sender, message.assessment)
    after = _moved(before, AssessmentStatus.CORRECTED)
    _put(work, before, replace(after, correction=message.correction))
    record = _record_of(before)
    DOCKET.satisfy(work, CORRECT, record=record, now=now, because=message.correction)
    _record(work, after, CLAUSES[before.what], "correct_findings", correction=message.correction)


def accept_correction(books: Books, *, number: int, because: str, now: datetime) -> Assessment:
    """Find the correction good: the assessment is closed.

    Raises:
        Refused: ``ASSESSMENT_UNKNOWN``, ``ASSESSMENT_MAY_NOT_MOVE``.
    """
    with books.work(now, "accept_correction", on=(_lock(books, number), _NUMBERS)) as work:
        before = _require(work, number)
        if before.status is not AssessmentStatus.CORRECTED:
            raise ASSESSMENT_MAY_NOT_MOVE.because(f"assessment {number} is {before.status.value}")
        after = replace(_moved(before, AssessmentStatus.CLOSED), because=because)
        _put(work, before, after)
        _record(work, after, CLAUSES[before.what], because=because)
    return after


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
    with books.work(now, "notice_suspension", on=(_lock(books, number),)) as work:
        before = _require(work, number)
        after = replace(
            _moved(before, AssessmentStatus.NOTICED),
            deficiency=deficiency,
            effective_on=_effective(before, effective_on, shorter_because, now.date()),
            because=shorter_because,
        )
        _put(work, before, after)
        _tell(work, signer, after, _suspended(after, now), now)
        _decision_on_docket(work, after, now)
        _record(work, after, _SUSPENSION, deficiency=deficiency, because=shorter_because)
    return after


def take_defense(work: Work, message: SuspensionDefended, _: Signer, now: datetime) -> None:
    """A written defense holds a noticed suspension up until it is decided (501.12(c)).

    Raises:
        Refused: ``ASSESSMENT_UNKNOWN``, ``ASSESSMENT_MAY_NOT_MOVE``.
    """
    before = _of(work, message.sender, message.assessment)
    words = "; ".join((message.defense, *message.evidence))
    after = replace(_moved(before, AssessmentStatus.DEFENDED), defense=words)
    _put(work, before, after)
    _record(work, after, "39 CFR 501.12(c) (1995)", "take_defense", defense=words)


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
    with books.work(now, "decide_suspension", on=(_lock(books, number),)) as work:
        before = _require(work, number)
        if before.effective_on is None:
            raise ASSESSMENT_MAY_NOT_MOVE.because(f"no suspension is noticed under {number}")
        after = replace(_moved(before, to), because=because)
        if suspended:
            after = replace(after, effective_on=now.date())
        _put(work, before, after)
        told = _suspended(after, now, decided=True) if suspended else _resumed(after, now)
        _tell(work, signer, after, told, now)
        _settle_docket(work, after, now, because, keep=suspended)
        _record(work, after, _SUSPENSION, suspended=suspended, because=because)
    return after


def extend_suspension(books: Books, *, number: int, because: str, now: datetime) -> Assessment:
    """Let a suspension go on after its days, for investigation or correction (501.12(b)(4)(i)).

    Raises:
        Refused: ``ASSESSMENT_UNKNOWN``, ``ASSESSMENT_MAY_NOT_MOVE``, ``DEFICIENCY_UNNAMED``.
    """
    if not because.strip():
        raise DEFICIENCY_UNNAMED.because("no reason is given for more time")
    with books.work(now, "extend_suspension", on=(_lock(books, number),)) as work:
        one = _require(work, number)
        if one.status is not AssessmentStatus.SUSPENDED:
            raise ASSESSMENT_MAY_NOT_MOVE.because(f"assessment {number} is {one.status.value}")
        _settle_docket(work, one, now, because, keep=False)
        _decision_on_docket(work, replace(one, effective_on=now.date()), now)
        _record(work, one, "39 CFR 501.12(b)(4)(i) (1995)", because=because)
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
    with books.work(now, "revoke_authority", on=(_lock(books, number),)) as work:
        before = _require(work, number)
        after = replace(_moved(before, AssessmentStatus.REVOKED), because="; ".join(requirements))
        _put(work, before, after)
        told = ResettingRevoked(
            **_from(now),
            assessment=number,
            requirements=list(requirements),
            clause="39 CFR 501.28(c) (1995)",
            since=now.date().isoformat(),
        )
        _tell(work, signer, after, told, now)
        _settle_docket(work, after, now, "revoked", keep=False)
        _record(work, after, "39 CFR 501.28(c) (1995)", requirements=list(requirements))
    return after


# Within --------------------------------------------------------------------------------------


def _assessment(work: Work, found: Assessed, assessor: str, today: date) -> Assessment:
    term = rules.at("provider", found.rulebook, today)["assessment_answer_days"]
    answer_by = found.answer_by or due(today, term)
    clean = not found.findings
    return Assessment(
        number=tables.next_number(work, tables.ASSESSMENTS),
        provider=found.provider,
        what=WHAT[found.rulebook],
        assessed_on=today,
        assessor=assessor,
        findings=found.findings,
        status=AssessmentStatus.CLEAN if clean else AssessmentStatus.FINDINGS,
        answer_by=None if clean else answer_by,
        suspension_proposed=found.suspension_proposed,
    )


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


def _next_on_docket(work: Work, found: Assessed, now: datetime) -> None:
    record = treasury_record(found.provider)
    DOCKET.satisfy(work, ASSESS, record=record, now=now, because=WHAT[found.rulebook])
    _plan(work, found.provider, found.rulebook, now)


def _plan(work: Work, provider: str, rulebook: str, now: datetime) -> None:
    DOCKET.open(
        work,
        ASSESS,
        record=treasury_record(provider),
        owed_by="Postal Service",
        rulebook=rulebook,
        start=now.date(),
        now=now,
        because=f"periodic {WHAT[rulebook]}",
    )


def _correction_on_docket(work: Work, one: Assessment, rulebook: str, now: datetime) -> None:
    DOCKET.open(
        work,
        CORRECT,
        record=_record_of(one),
        owed_by=f"provider:{one.provider}",
        rulebook=rulebook,
        start=now.date(),
        due=one.answer_by,
        now=now,
        because="; ".join(one.findings),
    )


def _decision_on_docket(work: Work, one: Assessment, now: datetime) -> None:
    """At the end of the days of a suspension the Postal Service decides again (501.12(b)(4))."""
    start = one.effective_on or now.date()
    term = rules.at("provider", _METER, now.date())["suspension_days_max"]
    DOCKET.open(
        work,
        DECIDE_SUSPENSION,
        record=_record_of(one),
        owed_by="Postal Service",
        rulebook=_METER,
        start=start,
        due=due(start, term),
        now=now,
        because=one.deficiency,
    )


def _settle_docket(work: Work, one: Assessment, now: datetime, because: str, *, keep: bool) -> None:
    record = _record_of(one)
    DOCKET.satisfy(work, DECIDE_SUSPENSION, record=record, now=now, because=because)
    DOCKET.cancel(work, CORRECT, record=record, now=now, because=because)
    if keep:
        _decision_on_docket(work, one, now)


def _suspended(one: Assessment, now: datetime, *, decided: bool = False) -> ResettingSuspended:
    since = one.effective_on or now.date()
    return ResettingSuspended(
        **_from(now),
        assessment=one.number,
        deficiency=one.deficiency,
        clause=_SUSPENSION,
        since=since.isoformat(),
        decided=decided,
    )


def _resumed(one: Assessment, now: datetime) -> ResettingResumed:
    return ResettingResumed(**_from(now), assessment=one.number, because=one.because)


def _moved(before: Assessment, to: AssessmentStatus) -> Assessment:
    if to not in ASSESSMENT_TRANSITIONS[before.status]:
        raise ASSESSMENT_MAY_NOT_MOVE.because(
            f"assessment {before.number} is {before.status.value}, and can not be {to.value}"
        )
    return replace(before, status=to)


def _put(work: Work, before: Assessment, after: Assessment) -> None:
    tables.put_assessment(work, before, after)


def _require(work: Work, number: int) -> Assessment:
    found = tables.find_assessment(work, number)
    if found is None:
        raise ASSESSMENT_UNKNOWN.because(f"there is no assessment {number}")
    return found


def _of(work: Work, provider: str, number: int) -> Assessment:
    found = _require(work, number)
    if found.provider != provider:
        raise ASSESSMENT_UNKNOWN.because(f"{provider} has no assessment {number}")
    return found


def _lock(books: Books, number: int) -> str:
    """The lock under which everything about a provider's assessment is decided."""
    with books.reading() as reading:
        found = tables.find_assessment(reading, number)
    if found is None:
        raise ASSESSMENT_UNKNOWN.because(f"there is no assessment {number}")
    return treasury_record(found.provider)


def _record_of(one: Assessment) -> str:
    return record_id("assessment", one.number)


def _from(now: datetime) -> dict[str, Any]:
    return {"device": "", "issued_at": instant_text(now), "sender": POSTAL_SERVICE}


def _tell(work: Work, signer: Signer, one: Assessment, told: Dispatched, now: datetime) -> None:
    record = treasury_record(one.provider)
    DISPATCHES.send(work, told, signer, recipient=one.provider, record=record, now=now)


def _record(work: Work, one: Assessment, clause: str, command: str = "", **inputs: object) -> None:
    given: dict[str, object] = {"provider": one.provider, "status": one.status.value, **inputs}
    work.record(Act(command=command, record=_record_of(one), clauses=(clause,), inputs=given))
