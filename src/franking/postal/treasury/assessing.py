"""Assessments and audits of resetting systems, and what follows from them (501.28(c), 1995).

A serious operational deficiency that is likely to lose funds leads to a suspension of resetting,
by the process of 39 CFR 501.12: a notice of proposed suspension with a term to correct, a written
notice with its day, a defense, a decision; revocation where requirements are not met.
"""

from __future__ import annotations

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
DEFICIENCY_UNNAMED = Refusal(
    "DEFICIENCY_UNNAMED",
    clause="39 CFR 501.12(b)(1), (2) (1995)",
    remedy="Cite the deficiencies, with facts and reasons.",
    http_status=422,
)
RULEBOOK_WITHOUT_ASSESSMENT = Refusal(
    "RULEBOOK_WITHOUT_ASSESSMENT",
    clause="39 CFR 501.28(c) (1995); 62 FR 14833 (1997), preamble",
    remedy="Name meter-1995 for an assessment, ibip-1997 for an audit.",
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
        Refused: ``RULEBOOK_WITHOUT_ASSESSMENT``; ``DEFICIENCY_UNNAMED`` where a suspension is
            proposed without a finding.
    """
    _require_known(found.rulebook)
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
            **from_treasury(now),
            assessment=one.number,
            what=one.what,
            assessed_on=one.assessed_on.isoformat(),
            findings=list(one.findings),
            answer_by=one.answer_by.isoformat() if one.answer_by else "",
            suspension_proposed=one.suspension_proposed,
        )
        tell(work, signer, one, told, now)
        note(work, one, CLAUSES[one.what], findings=list(one.findings))
    return one


def plan_assessment(books: Books, *, provider: str, rulebook: str, now: datetime) -> None:
    """Put the periodic assessment of a provider's system on the docket, from today on.

    Raises:
        Refused: ``RULEBOOK_WITHOUT_ASSESSMENT``.
    """
    _require_known(rulebook)
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
    before = assessment_of(work, message.sender, message.assessment)
    after = moved(before, AssessmentStatus.CORRECTED)
    tables.put_assessment(work, before, replace(after, correction=message.correction))
    record = record_of_assessment(before)
    DOCKET.satisfy(work, CORRECT, record=record, now=now, because=message.correction)
    note(work, after, CLAUSES[before.what], "correct_findings", correction=message.correction)


def accept_correction(books: Books, *, number: int, because: str, now: datetime) -> Assessment:
    """Find the correction good: the assessment is closed.

    Raises:
        Refused: ``ASSESSMENT_UNKNOWN``, ``ASSESSMENT_MAY_NOT_MOVE``.
    """
    with books.work(now, "accept_correction", on=(lock_of(books, number), _NUMBERS)) as work:
        before = require_assessment(work, number)
        if before.status is not AssessmentStatus.CORRECTED:
            raise ASSESSMENT_MAY_NOT_MOVE.because(f"assessment {number} is {before.status.value}")
        after = replace(moved(before, AssessmentStatus.CLOSED), because=because)
        tables.put_assessment(work, before, after)
        note(work, after, CLAUSES[before.what], because=because)
    return after


# For what follows from an assessment ---------------------------------------------------------


def moved(before: Assessment, to: AssessmentStatus) -> Assessment:
    """An assessment in another state.

    Raises:
        Refused: ``ASSESSMENT_MAY_NOT_MOVE``.
    """
    if to not in ASSESSMENT_TRANSITIONS[before.status]:
        raise ASSESSMENT_MAY_NOT_MOVE.because(
            f"assessment {before.number} is {before.status.value}, and can not be {to.value}"
        )
    return replace(before, status=to)


def require_assessment(work: Work, number: int) -> Assessment:
    """An assessment by its number.

    Raises:
        Refused: ``ASSESSMENT_UNKNOWN``.
    """
    found = tables.find_assessment(work, number)
    if found is None:
        raise ASSESSMENT_UNKNOWN.because(f"there is no assessment {number}")
    return found


def assessment_of(work: Work, provider: str, number: int) -> Assessment:
    """An assessment of that provider.

    Raises:
        Refused: ``ASSESSMENT_UNKNOWN``.
    """
    found = require_assessment(work, number)
    if found.provider != provider:
        raise ASSESSMENT_UNKNOWN.because(f"{provider} has no assessment {number}")
    return found


def lock_of(books: Books, number: int) -> str:
    """The lock under which everything about a provider's assessment is decided."""
    with books.reading() as reading:
        found = tables.find_assessment(reading, number)
    if found is None:
        raise ASSESSMENT_UNKNOWN.because(f"there is no assessment {number}")
    return treasury_record(found.provider)


def record_of_assessment(one: Assessment) -> str:
    """The name of its record, in journal and docket."""
    return record_id("assessment", one.number)


def from_treasury(now: datetime) -> dict[str, Any]:
    """What every message of the treasury says of itself."""
    return {"device": "", "issued_at": instant_text(now), "sender": POSTAL_SERVICE}


def tell(work: Work, signer: Signer, one: Assessment, told: Dispatched, now: datetime) -> None:
    """Send the provider of an assessment a message."""
    record = treasury_record(one.provider)
    DISPATCHES.send(work, told, signer, recipient=one.provider, record=record, now=now)


def note(work: Work, one: Assessment, clause: str, command: str = "", **inputs: object) -> None:
    """Tell the journal what was done about an assessment."""
    given: dict[str, object] = {"provider": one.provider, "status": one.status.value, **inputs}
    work.record(
        Act(command=command, record=record_of_assessment(one), clauses=(clause,), inputs=given)
    )


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


def _require_known(rulebook: str) -> None:
    if rulebook not in WHAT:
        raise RULEBOOK_WITHOUT_ASSESSMENT.because(f"{rulebook!r} says nothing of assessments")


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
        record=record_of_assessment(one),
        owed_by=f"provider:{one.provider}",
        rulebook=rulebook,
        start=now.date(),
        due=one.answer_by,
        now=now,
        because="; ".join(one.findings),
    )
