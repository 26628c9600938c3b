"""A piece, its fate, and the case that opens where two fates meet. Frozen; money in mills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

LOOK_INTO = "look into a piece"
"""The duty of the docket that a case about a piece opens."""


class Fate(StrEnum):
    """What became of a piece."""

    MAILED = "mailed"
    REFUNDED = "refunded"
    FREED = "freed"
    """Scanned though it was never mailed, as a case found: it may be refunded, or mailed."""


FATE_TRANSITIONS: Final[dict[Fate, frozenset[Fate]]] = {
    Fate.MAILED: frozenset({Fate.FREED}),
    Fate.FREED: frozenset({Fate.MAILED, Fate.REFUNDED}),
    Fate.REFUNDED: frozenset(),
}
"""What may follow what; the database guards it again. What is refunded stays refunded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece: it used up (ascending - postage, ascending] of its device, in mills."""

    device: str
    ascending_mills: int
    """The register after the piece, as its indicium shows it."""
    postage_mills: int

    @property
    def low_mills(self) -> int:
        """The register before the piece."""
        return self.ascending_mills - self.postage_mills

    @property
    def name(self) -> str:
        """How a person and the journal call it: ``FK1A0000000001/320``."""
        return f"{self.device}/{self.ascending_mills}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPiece:
    """A piece and what became of it."""

    piece: Piece
    fate: Fate
    on: date
    source: str
    """The record that says so: ``scan:01101``, ``refund:7``, ``claim:NAME/3``."""
    provider: str = ""
    """Who refunded it; empty for the Postal Service itself."""


class Doing(StrEnum):
    """What somebody was about to do with a piece."""

    SCAN = "scan"
    REFUND = "refund"


class CaseKind(StrEnum):
    """Why a person has to look at a piece."""

    MAILED_AFTER_REFUND = "mailed after refund"
    REFUND_AFTER_MAILING = "refund asked after mailing"
    REFUNDED_TWICE = "refund asked twice"
    SHARED_VALUE = "shares value with another piece"


class CaseStatus(StrEnum):
    """Where a case about a piece stands."""

    OPEN = "open"
    CLOSED = "closed"


CASE_TRANSITIONS: Final[dict[CaseStatus, frozenset[CaseStatus]]] = {
    CaseStatus.OPEN: frozenset({CaseStatus.CLOSED}),
    CaseStatus.CLOSED: frozenset(),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceCase:
    """Two fates met in one piece."""

    number: int
    kind: CaseKind
    piece: Piece
    source: str
    """What was refused or found: the scan, the refund, the claim."""
    detail: str
    opened_on: date
    status: CaseStatus = CaseStatus.OPEN
    finding: str = ""
    closed_by: str = ""
    closed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One time that somebody had to do with a piece: append-only."""

    piece: Piece
    doing: Doing
    at: str
    """The instant, as ``clock.instant_text`` writes it."""
    source: str
    outcome: str
    """The fate it was given, ``seen again``, or the kind of case that opened."""
