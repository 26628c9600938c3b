"""What postal employees ask about pieces: scan mail, look at a piece, settle a case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.indicium.content import IndiciumContent
from franking.postal.pieces import rows
from franking.postal.pieces.marking import PIECE_LAW, Marked, free, mark_mailed
from franking.postal.pieces.records import (
    LOOK_INTO,
    CaseKind,
    CaseStatus,
    Fate,
    KnownPiece,
    Piece,
    PieceCase,
)
from franking.postal.schema import DOCKET
from franking.storage import Act, Books, Reading, Work
from franking.verification.payload import Verification
from franking.verification.trust_list import TrustList
from franking.verification.verdict import Outcome, Verdict
from franking.verification.verify import verify_file

PIECE_UNKNOWN = Refusal(
    "PIECE_UNKNOWN",
    clause="policy",
    remedy="Give the device and the ascending register that the indicium shows.",
    http_status=404,
)
PIECE_CASE_UNKNOWN = Refusal(
    "PIECE_CASE_UNKNOWN",
    clause="policy",
    remedy="List the cases: franking piece cases.",
    http_status=404,
)
PIECE_CASE_CLOSED = Refusal(
    "PIECE_CASE_CLOSED",
    clause="policy",
    remedy="See what was found: franking piece show DEVICE ASCENDING.",
)
FINDING_MISSING = Refusal(
    "FINDING_MISSING",
    clause="policy",
    remedy="Say in words what was found; it stays with the case.",
    http_status=422,
)
PIECE_NOT_FREED = Refusal(
    "PIECE_NOT_FREED",
    clause="DMM 604.9.3 (2008)",
    remedy="Close the case with its finding; the piece keeps its fate.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What one symbol of a scan came to."""

    where: str
    verdict: str
    piece: Piece | None
    """``None`` where no true signature was read: then nothing is noted."""
    outcome: str
    """``mailed``, ``seen again``, ``case N: why``, or ``not noted``."""


def scan_mail(
    books: Books, files: Sequence[Path], trust: TrustList, *, place: str, now: datetime
) -> list[Scanned]:
    """Read prints of mail at a post office, and note each piece whose signature is true as mailed.

    A piece that was refunded opens a case. What is not proven to be of its device is not noted:
    else anybody could spoil another's refund with a made-up symbol.

    Raises:
        Refused: ``FILE_UNREADABLE``, ``TRUST_LIST_DAMAGED``.
    """
    found = [each for path in files for each in verify_file(path, trust, now)]
    pieces = [piece for each in found if (piece := signed_piece(each)) is not None]
    source = record_id("scan", place)
    with books.work(now, "scan_mail", on=(source,)) as work:
        marked = mark_mailed(work, list(dict.fromkeys(pieces)), source=source, now=now)
        inputs: dict[str, object] = {"symbols": len(found), "pieces": len(pieces)}
        work.record(Act(record=source, clauses=(PIECE_LAW,), inputs=inputs))
    return [_scanned(each, marked) for each in found]


def signed_piece(verification: Verification) -> Piece | None:
    """The piece that a verification read, where its device proves to have signed it.

    What no sound device can have made is no piece; it must not keep the others from being noted.
    """
    content = _signed_content(verification)
    if content is None or not 0 < content.postage_mills <= content.ascending_mills:
        return None
    return Piece(
        device=str(content.device_id),
        ascending_mills=content.ascending_mills,
        postage_mills=content.postage_mills,
    )


def close_piece_case(
    books: Books, number: int, *, finding: str, never_mailed: bool = False, now: datetime
) -> PieceCase:
    """Settle a case with its finding.

    ``never_mailed``: a refund was asked for a piece that was scanned, and the scan is found to be
    an error (of a piece handed in, say): the piece may be refunded after all.

    Raises:
        Refused: ``PIECE_CASE_UNKNOWN``, ``PIECE_CASE_CLOSED``, ``FINDING_MISSING``,
            ``PIECE_NOT_FREED``.
    """
    record = record_id("piece-case", number)
    with books.work(now, "close_piece_case", on=(record,)) as work:
        before = _require_open(work, number)
        if not finding.strip():
            raise FINDING_MISSING.because(f"nothing is said of case {number}")
        if never_mailed:
            _free(work, before, now)
        closed = CaseStatus.CLOSED
        by, on = books.by.name, now.date()
        after = replace(before, status=closed, finding=finding, closed_by=by, closed_on=on)
        rows.change_case(work, before, after)
        DOCKET.satisfy(work, LOOK_INTO, record=record, now=now, because=finding)
        inputs: dict[str, object] = {"finding": finding, "never_mailed": never_mailed}
        work.record(Act(record=record, clauses=(PIECE_LAW,), inputs=inputs))
    return after


def piece_view(books: Books, device: str, ascending_mills: int) -> dict[str, object]:
    """What became of a piece, everybody who had to do with it, and the cases about it.

    Raises:
        Refused: ``PIECE_UNKNOWN``.
    """
    with books.reading() as reading:
        known = rows.find(reading, device, ascending_mills)
        seen = rows.sightings_of(reading, device, ascending_mills)
        cases = rows.cases_of(reading, device, ascending_mills)
    if known is None and not seen:
        raise PIECE_UNKNOWN.because(f"no piece of {device} at {ascending_mills} mills is known")
    return {
        "device": device,
        "ascending_mills": ascending_mills,
        "fate": known.fate.value if known else "",
        "on": known.on.isoformat() if known else "",
        "source": known.source if known else "",
        "seen": [_without_piece(asdict(each)) for each in seen],
        "cases": [case_json(each) for each in cases],
    }


def fate_of(reading: Reading, piece: Piece) -> KnownPiece | None:
    """What became of a piece; ``None`` where it is not known yet."""
    return rows.find(reading, piece.device, piece.ascending_mills)


def piece_cases(books: Books, *, open_only: bool = True) -> list[PieceCase]:
    """The cases about pieces, oldest first."""
    with books.reading() as reading:
        return rows.cases(reading, open_only=open_only)


def case_json(case: PieceCase) -> dict[str, object]:
    """A case as JSON values."""
    given = {**asdict(case.piece), **_without_piece(asdict(case))}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in given.items()
    }


def _free(work: Work, case: PieceCase, now: datetime) -> None:
    """Only a scan can be in error: what was paid once is never paid again."""
    known = fate_of(work, case.piece)
    wanted = case.kind is CaseKind.REFUND_AFTER_MAILING
    if not wanted or known is None or known.fate is not Fate.MAILED:
        standing = known.fate.value if known else "not known"
        raise PIECE_NOT_FREED.because(f"{case.piece.name} is {standing}; the case is {case.kind}")
    free(work, known, source=record_id("piece-case", case.number), now=now)


def _require_open(work: Work, number: int) -> PieceCase:
    found = rows.find_case(work, number)
    if found is None:
        raise PIECE_CASE_UNKNOWN.because(f"there is no case {number}")
    work.wait_for(record_id("device", found.piece.device))
    if found.status is CaseStatus.CLOSED:
        raise PIECE_CASE_CLOSED.because(f"case {number} was closed on {found.closed_on}")
    return found


def _signed_content(verification: Verification) -> IndiciumContent | None:
    if verification.verdict is Verdict.NOT_AUTHENTIC:
        return None
    signed = any(
        step.name == "signature" and step.outcome is Outcome.PASSED for step in verification.steps
    )
    return verification.indicium.content if signed and verification.indicium else None


def _scanned(verification: Verification, marked: Marked) -> Scanned:
    piece = signed_piece(verification)
    verdict = verification.verdict.value
    outcome = "not noted" if piece is None else _outcome(piece, marked)
    return Scanned(where=verification.where, verdict=verdict, piece=piece, outcome=outcome)


def _outcome(piece: Piece, marked: Marked) -> str:
    if (case := marked.refused.get(piece)) is not None:
        return f"case {case.number}: {case.detail}"
    return "seen again" if _is_among(piece, marked.again) else Fate.MAILED.value


def _is_among(piece: Piece, known: Iterable[KnownPiece]) -> bool:
    return any(each.piece == piece for each in known)


def _without_piece(given: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in given.items() if name != "piece"}
