"""A desk of a home's Postal Service that verifies single pieces on-line, and opens their cases."""

from __future__ import annotations

from dataclasses import dataclass

from franking.home.home import Home
from franking.home.irregularities import open_cases_of_night
from franking.postal.irregularities.opening import Opened
from franking.postal.pieces.online import OnlineScan, OnlineVerifier
from franking.verification.facts import NOTHING_KNOWN, Facts
from franking.verification.payload import Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class AtDesk:
    """What a desk is told of a piece."""

    verification: Verification
    opened: Opened | None
    """The cases that it made; ``None`` where nothing has to be looked into."""


def verify_at_desk(
    home: Home, payload: bytes, scan: OnlineScan, facts: Facts = NOTHING_KNOWN
) -> AtDesk:
    """Verify a piece with what every desk has seen; what that makes suspect opens its case.

    Raises:
        Refused: as ``OnlineVerifier.verify``, ``Home.trust_list`` and ``open_cases``.
    """
    verifier = OnlineVerifier(home.postal.books)
    looked = verifier.look(payload, home.trust_list(), home.now, scan, facts)
    found = looked.verification
    if not found.reasons:
        return AtDesk(verification=found, opened=None)
    # Read in only for a piece that something stands against.
    from franking.postal.pieces.online_evidence import evidence_of

    evidence = evidence_of(looked)
    opened = open_cases_of_night(home, evidence) if evidence.suspicions else None
    return AtDesk(verification=found, opened=opened)
