"""What the rooms of the Postal Service's books hold against a record: one table, for ``explain``.

Each room adds its own line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from franking.docket.explaining import Explainer, Hold
from franking.postal.examinations.rows import referrals_about
from franking.postal.irregularities.rows import find_case as find_irregularity
from franking.postal.pieces.rows import find_case as find_piece_case
from franking.postal.refunds.decisions import appeal_by
from franking.postal.refunds.records import RULED
from franking.postal.refunds.rows import find_case
from franking.postal.treasury.oversight_records import AssessmentStatus
from franking.postal.treasury.oversight_tables import assessments
from franking.storage import Reading


def _referrals(reading: Reading, record: str) -> Iterator[Hold]:
    """What providers reported of a device, or one such report by its number."""
    for referral in referrals_about(reading, record):
        yield Hold(
            what=f"referred by {referral.provider}: {referral.status.value}",
            clause="39 CFR 501.22(f) (1995); 502.27 (1997)",
            since=referral.received_on.isoformat(),
            because=referral.facts,
            until=referral.closed_on.isoformat() if referral.closed_on else "",
        )


def _resetting(reading: Reading, record: str) -> Iterator[Hold]:
    """Suspensions and revocations of a provider's resetting that stand."""
    kind, _, name = record.partition(":")
    for one in assessments(reading, provider=name) if kind in ("treasury", "provider") else ():
        ended = one.status is AssessmentStatus.CLOSED
        if not ended and (one.effective_on or one.status is AssessmentStatus.REVOKED):
            yield Hold(
                what=f"resetting {one.status.value} (assessment {one.number})",
                clause="39 CFR 501.28(c), 501.12 (1995)",
                since=(one.effective_on or one.assessed_on).isoformat(),
                because="; ".join(filter(None, (one.deficiency, one.because))),
            )


def _refund(reading: Reading, record: str) -> Iterator[Hold]:
    """Why a refund is withheld, or what was ruled on it and until when that can be appealed."""
    kind, _, number = record.partition(":")
    case = find_case(reading, int(number)) if kind == "refund" and number.isdecimal() else None
    if case is None:
        return
    ruled = case.ruled_on or case.filed_on
    yield Hold(
        what=f"{case.route.value}: {case.status.value}",
        clause=case.clause or "DMM 604.9.3.1 (2008)",
        since=ruled.isoformat(),
        because=case.because or case.cause or "not ruled on yet",
        until=appeal_by(case).isoformat() if case.status in RULED else "",
    )


def _piece(reading: Reading, record: str) -> Iterator[Hold]:
    """What two fates met in a piece that somebody has to look into."""
    kind, _, number = record.partition(":")
    known = kind == "piece-case" and number.isdecimal()
    case = find_piece_case(reading, int(number)) if known else None
    if case is not None:
        yield Hold(
            what=f"{case.piece.name}: {case.kind.value}",
            clause="DMM 604.9.3 (2008)",
            since=case.opened_on.isoformat(),
            because=case.finding or case.detail,
            until=case.closed_on.isoformat() if case.closed_on else "",
        )


def _irregularity(reading: Reading, record: str) -> Iterator[Hold]:
    """What verifying mail made suspect, until it was looked into."""
    kind, _, number = record.partition(":")
    known = kind == "case" and number.isdecimal()
    case = find_irregularity(reading, int(number)) if known else None
    if case is not None:
        yield Hold(
            what=f"{case.subject}: {case.kind.value}",
            clause=case.clause,
            since=case.opened_on.isoformat(),
            because=case.finding or case.facts,
            until=case.closed_on.isoformat() if case.closed_on else "",
        )


EXPLAINERS: Final[list[Explainer]] = [
    _referrals,
    _refund,
    _piece,
    _irregularity,
    _resetting,
]
