"""What inspectors and parties ask about cases: list, look at, contest, close, take the records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from franking.docket import Opening
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.signing import unverified
from franking.postal.irregularities import rows
from franking.postal.irregularities.decisions import (
    closed,
    contested,
    require_grounds,
    require_in_time,
    require_party,
)
from franking.postal.irregularities.parties import parties_of
from franking.postal.irregularities.records import (
    ANSWER,
    LOOK_INTO,
    Contest,
    Evidence,
    Irregularity,
    Outcome,
    Party,
)
from franking.postal.irregularities.signed import IrregularityRecord
from franking.postal.pieces import commands as pieces
from franking.postal.pieces import rows as piece_rows
from franking.postal.pieces.marking import PIECE_LAW
from franking.postal.pieces.records import CaseStatus as PieceCaseStatus
from franking.postal.pieces.records import PieceCase
from franking.postal.schema import DOCKET
from franking.rules import at
from franking.rules.calendars import due
from franking.storage import Act, Books, Reading, Work

_CLAUSE = "DMM P050.5.4 (1997)"
_RULEBOOK = "ibip-1997"
_POSTAL_SERVICE = "Postal Service"
CASE_UNKNOWN = Refusal(
    "CASE_UNKNOWN",
    clause=_CLAUSE,
    remedy="List the cases: franking cases list --all.",
    http_status=404,
)
CASE_NOT_OF_A_REFUND = Refusal(
    "CASE_NOT_OF_A_REFUND",
    clause="policy",
    remedy="Close it as upheld or unfounded; that a scan was an error matters to refunds alone.",
)
CASE_WITHOUT_EVIDENCE = Refusal(
    "CASE_WITHOUT_EVIDENCE",
    clause=_CLAUSE,
    remedy="See what opened it: franking cases show NUMBER.",
    http_status=404,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case as the register lists it, whatever it is about."""

    number: int
    kind: str
    subject: str
    device: str
    opened_on: date
    status: str
    nights: int
    """Nights that bear it out; 0 where it did not come of scans."""
    scans: int
    facts: str
    outcome: str
    finding: str
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """All that the books hold of a case."""

    line: CaseLine
    clause: str
    parties: tuple[str, ...]
    contest_by: date
    evidence: tuple[Evidence, ...]
    contests: tuple[Contest, ...]


def list_cases(
    books: Books, *, open_only: bool = True, kind: str = "", device: str = ""
) -> list[CaseLine]:
    """The register of cases, oldest first: irregularities and pieces."""
    with books.reading() as reading:
        weights = rows.weights(reading)
        found = rows.cases(reading, open_only=open_only, kind=kind, device=device)
        about_pieces = piece_rows.cases(reading, open_only=open_only)
    wanted: list[Irregularity | PieceCase] = [*found]
    wanted += (
        each
        for each in about_pieces
        if kind in ("", each.kind.value) and device in ("", each.piece.device)
    )
    return [_line(each, weights) for each in sorted(wanted, key=lambda case: case.number)]


def case_file(books: Books, number: int) -> CaseFile:
    """A case with its evidence and what was said against it.

    Raises:
        Refused: ``CASE_UNKNOWN``.
    """
    with books.reading() as reading:
        case = _require(reading, number)
        return CaseFile(
            line=_line(case, rows.weights(reading)),
            clause=case.clause if isinstance(case, Irregularity) else PIECE_LAW,
            parties=_parties(reading, case),
            contest_by=_contest_by(case),
            evidence=tuple(rows.evidence_of(reading, number)),
            contests=tuple(rows.contests_of(reading, number)),
        )


def contest_case(books: Books, number: int, *, party: Party, grounds: str, now: datetime) -> int:
    """Say something against a case; the Postal Service owes an answer. Its number.

    Raises:
        Refused: ``CASE_UNKNOWN``, ``CASE_CLOSED``, ``PIECE_CASE_CLOSED``, ``CONTEST_NOT_YOURS``,
            ``CONTEST_LATE``, ``GROUNDS_MISSING``.
    """
    record, on = record_id("case", number), now.date()
    contest = Contest(case_number=number, party=party, grounds=grounds.strip(), contested_on=on)
    with books.work(now, "contest_case", on=(record,)) as work:
        case = _require(work, number)
        if isinstance(case, Irregularity):
            after = contested(case, contest)
            if after.status is not case.status:
                rows.change_case(work, case, after)
        else:
            _require_contestable(work, case, contest)
        rows.add_contest(work, contest)
        DOCKET.open_many(work, [_answer(contest)], now)
        inputs: dict[str, object] = {"party": party.value, "grounds": contest.grounds}
        work.record(Act(record=record, clauses=(_CLAUSE,), inputs=inputs))
    return number


def close_case(
    books: Books,
    number: int,
    *,
    outcome: Outcome,
    finding: str,
    never_mailed: bool = False,
    now: datetime,
) -> CaseLine:
    """Settle a case with its finding; what was said against it is answered by that.

    ``never_mailed`` is for a case about a piece alone: see ``close_piece_case``.

    Raises:
        Refused: ``CASE_UNKNOWN``, ``CASE_CLOSED``, ``CASE_FINDING_MISSING``,
            ``CASE_NOT_OF_A_REFUND``, and about a piece what ``close_piece_case`` refuses.
    """
    with books.reading() as reading:
        is_about_piece = isinstance(_require(reading, number), PieceCase)
    if never_mailed and not is_about_piece:
        raise CASE_NOT_OF_A_REFUND.because(f"case {number} is about no refund")
    if is_about_piece:
        said = f"{outcome.value}: {finding.strip()}" if finding.strip() else ""
        pieces.close_piece_case(books, number, finding=said, never_mailed=never_mailed, now=now)
    record = record_id("case", number)
    with books.work(now, "close_case", on=(record,)) as work:
        case = _require(work, number)
        if isinstance(case, Irregularity):
            by, on = books.by.name, now.date()
            after = closed(case, outcome=outcome, finding=finding, by=by, on=on)
            rows.change_case(work, case, after)
            DOCKET.satisfy(work, LOOK_INTO, record=record, now=now, because=finding)
        DOCKET.satisfy(work, ANSWER, record=record, now=now, because=finding)
        inputs: dict[str, object] = {"outcome": outcome.value, "finding": finding}
        work.record(Act(record=record, clauses=(_CLAUSE,), inputs=inputs))
    return case_file(books, number).line


def signed_records(books: Books, number: int) -> list[Evidence]:
    """The signed records of a case, one for each night that bears it out.

    Raises:
        Refused: ``CASE_UNKNOWN``, ``CASE_WITHOUT_EVIDENCE``.
    """
    found = case_file(books, number).evidence
    if not found:
        raise CASE_WITHOUT_EVIDENCE.because(f"no night of scans bears case {number} out")
    return list(found)


def record_in(evidence: Evidence) -> IrregularityRecord:
    """What a record of these books says; its signature is for others to check."""
    return unverified(evidence.record, IrregularityRecord)


def _require(reading: Reading, number: int) -> Irregularity | PieceCase:
    found = rows.find_case(reading, number) or piece_rows.find_case(reading, number)
    if found is None:
        raise CASE_UNKNOWN.because(f"there is no case {number}")
    return found


def _require_contestable(work: Work, case: PieceCase, contest: Contest) -> None:
    if case.status is PieceCaseStatus.CLOSED:
        raise pieces.PIECE_CASE_CLOSED.because(f"case {case.number} was closed on {case.closed_on}")
    require_party(_parties(work, case), contest.party)
    require_grounds(contest.grounds)
    require_in_time(_contest_by(case), contest.contested_on, case.number)


def _answer(contest: Contest) -> Opening:
    return Opening(
        duty=ANSWER,
        record=record_id("case", contest.case_number),
        owed_by=_POSTAL_SERVICE,
        rulebook=_RULEBOOK,
        start=contest.contested_on,
        because=f"{contest.party.value}: {contest.grounds}",
    )


def _parties(reading: Reading, case: Irregularity | PieceCase) -> tuple[str, ...]:
    if isinstance(case, Irregularity):
        return case.parties
    device = case.piece.device
    return parties_of(reading, [device]).get(device, ())


def _contest_by(case: Irregularity | PieceCase) -> date:
    if isinstance(case, Irregularity):
        return case.contest_by
    return due(case.opened_on, at("irregularities", _RULEBOOK, case.opened_on)["contest_days"])


def _line(case: Irregularity | PieceCase, weights: dict[int, tuple[int, int]]) -> CaseLine:
    nights, scans = weights.get(case.number, (0, 0))
    return CaseLine(
        number=case.number,
        kind=case.kind.value,
        opened_on=case.opened_on,
        status=case.status.value,
        nights=nights,
        scans=scans,
        finding=case.finding,
        closed_on=case.closed_on,
        **_about(case),
    )


def _about(case: Irregularity | PieceCase) -> dict[str, str]:
    """What the two kinds of cases say each in its own way."""
    if isinstance(case, PieceCase):
        named = {"subject": case.piece.name, "device": case.piece.device}
        return {**named, "facts": case.detail, "outcome": ""}
    outcome = case.outcome.value if case.outcome else ""
    named = {"subject": case.subject, "device": case.device}
    return {**named, "facts": case.facts, "outcome": outcome}
