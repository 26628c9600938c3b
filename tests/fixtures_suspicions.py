"""Suspicions of made-up nights, for those who look into them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from franking.scans.suspicions import NightEvidence, NightFile, Seen, Suspicion, SuspicionKind
from franking.verification.reasons import Reason

MORNING = datetime(1997, 6, 3, 11, tzinfo=UTC)
"""The morning after: when the night is judged and its cases open."""
EVENING = datetime(1997, 6, 3, 1, tzinfo=UTC)
DAY = date(1997, 6, 2)
DEVICE = "FK1A0000000001"


def seen(ascending: int = 3200, *, hours: float = 0, place: str = "10001", row: int = 0) -> Seen:
    """A scan of the piece that ends at ``ascending``, ``hours`` into the night."""
    return Seen(
        ascending_mills=ascending,
        postage_mills=320,
        dated=DAY,
        scanned_at=EVENING + timedelta(hours=hours),
        place=place,
        operation="origin",
        scanner=f"DBCS-{place}",
        quality=62,
        looks=2,
        night="1997-06-02",
        row=row,
    )


def copied(*members: Seen, device: str = DEVICE) -> Suspicion:
    """One piece that was scanned in New York, and an hour later in Los Angeles."""
    found = members or (seen(), seen(hours=1, place="90001", row=7))
    return Suspicion(
        kind=SuspicionKind.COPIED,
        device=device,
        members=found,
        count=len(found),
        reasons=(Reason.DUPLICATE,),
        pieces=1,
    )


def suspicion(
    kind: SuspicionKind,
    reason: Reason,
    *members: Seen,
    device: str = DEVICE,
    count: int = 0,
    pieces: int = 0,
) -> Suspicion:
    """A suspicion of any kind."""
    return Suspicion(
        kind=kind,
        device=device,
        members=members or (seen(),),
        count=count or len(members) or 1,
        reasons=(reason,),
        pieces=pieces,
    )


def evidence(*suspicions: Suspicion, night: str = "1997-06-02") -> NightEvidence:
    """What a night of one file makes suspect."""
    return NightEvidence(
        night=night,
        judged_at=MORNING,
        trust_list=12,
        trust_issued=MORNING - timedelta(hours=30),
        files=(NightFile(number=0, name="night.parquet", sha256="ab" * 32),),
        suspicions=suspicions,
    )
