"""Which suspicions open a case, who may contest it, and what may still be done about it. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from franking.errors import Refusal
from franking.postal.irregularities.records import (
    CaseStatus,
    Contest,
    Irregularity,
    Outcome,
    Party,
)
from franking.postal.irregularities.signed import pieces_of
from franking.rules import RuleSet
from franking.scans.suspicions import Suspicion, SuspicionKind

_CLAUSE = "DMM P050.5.4 (1997)"
CASE_CLOSED = Refusal(
    "CASE_CLOSED",
    clause=_CLAUSE,
    remedy="See what was found: franking cases show NUMBER.",
)
CONTEST_LATE = Refusal(
    "CONTEST_LATE",
    clause="policy",
    remedy="Appeal what followed from the case instead; what is said late can be sent as a letter.",
)
CONTEST_NOT_YOURS = Refusal(
    "CONTEST_NOT_YOURS",
    clause=_CLAUSE,
    remedy="Have it contested by one of those that the case names.",
    http_status=403,
)
GROUNDS_MISSING = Refusal(
    "GROUNDS_MISSING",
    clause="policy",
    remedy="Say in words why the case is wrong; it stays with the case.",
    http_status=422,
)
CASE_FINDING_MISSING = Refusal(
    "CASE_FINDING_MISSING",
    clause="policy",
    remedy="Say in words what was found; it stays with the case.",
    http_status=422,
)


def opens_case(suspicion: Suspicion, irregularities: RuleSet, host: RuleSet) -> bool:
    """Whether a suspicion is looked into, or stands as findings beside the verdicts only.

    Mail deposited elsewhere is allowed in limited quantities (P050.5.3b); a few short-paid pieces
    or wrong dates are corrected at the counter (P050.4.8, 4.9).
    """
    match suspicion.kind:
        case SuspicionKind.WRONG_OFFICE:
            return pieces_of(suspicion) > host.whole("handful_pieces")
        case SuspicionKind.SHORT_PAID:
            return pieces_of(suspicion) >= irregularities.whole("short_paid_pieces_min")
        case SuspicionKind.OUTSIDE_DATE:
            return pieces_of(suspicion) >= irregularities.whole("outside_date_pieces_min")
        case _:
            return True


def contested(case: Irregularity, contest: Contest) -> Irregularity:
    """A case that a party contests.

    Raises:
        Refused: ``CASE_CLOSED``, ``CONTEST_NOT_YOURS``, ``CONTEST_LATE``, ``GROUNDS_MISSING``.
    """
    _require_standing(case)
    require_party(case.parties, contest.party)
    require_grounds(contest.grounds)
    require_in_time(case.contest_by, contest.contested_on, case.number)
    return replace(case, status=CaseStatus.CONTESTED)


def closed(
    case: Irregularity, *, outcome: Outcome, finding: str, by: str, on: date
) -> Irregularity:
    """A case that was looked into.

    Raises:
        Refused: ``CASE_CLOSED``, ``CASE_FINDING_MISSING``.
    """
    _require_standing(case)
    if not finding.strip():
        raise CASE_FINDING_MISSING.because(f"nothing is said of case {case.number}")
    return replace(
        case,
        status=CaseStatus.CLOSED,
        outcome=outcome,
        finding=finding.strip(),
        closed_by=by,
        closed_on=on,
    )


def require_party(parties: tuple[str, ...], party: Party) -> None:
    """Refuse somebody whom the case does not name.

    Raises:
        Refused: ``CONTEST_NOT_YOURS``.
    """
    if not any(each.startswith(f"{party.value}:") for each in parties):
        named = "; ".join(parties) or "nobody"
        raise CONTEST_NOT_YOURS.because(f"it may be contested by {named}")


def require_grounds(grounds: str) -> None:
    """Refuse a contest that says nothing.

    Raises:
        Refused: ``GROUNDS_MISSING``.
    """
    if not grounds.strip():
        raise GROUNDS_MISSING.because("no grounds are given")


def require_in_time(contest_by: date, on: date, number: int) -> None:
    """Refuse what comes after the last day.

    Raises:
        Refused: ``CONTEST_LATE``.
    """
    if on > contest_by:
        raise CONTEST_LATE.because(f"case {number} could be contested until {contest_by}")


def _require_standing(case: Irregularity) -> None:
    if case.status is CaseStatus.CLOSED:
        raise CASE_CLOSED.because(f"case {case.number} was closed on {case.closed_on}")
