"""The verdict: one of three, never a boolean, and the values that lead to it.

Not authentic only on proof; undetermined where there is doubt; else authentic. What is wrong with
an authentic piece (short paid, wrong office, lost device) is a finding beside the verdict.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from franking.verification.reasons import Bearing, Reason

__all__ = ["Bearing", "Finding", "Outcome", "Step", "Verdict", "verdict_of"]


class Verdict(StrEnum):
    """What verification says of an indicium."""

    AUTHENTIC = "authentic"
    NOT_AUTHENTIC = "not authentic"
    UNDETERMINED = "undetermined"


class Outcome(StrEnum):
    """What one step came to."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Finding(msgspec.Struct, frozen=True):
    """Something a person has to look at: a stable code, the facts, the clause it rests on."""

    code: str
    detail: str
    clause: str


class Step(msgspec.Struct, frozen=True):
    """One numbered step of verification, with its reason."""

    step: int
    name: str
    outcome: Outcome
    reason: str
    bearing: Bearing = Bearing.NONE
    findings: tuple[Finding, ...] = ()
    reasons: tuple[Reason, ...] = ()
    """What it saw, by the names that verifiers of many pieces use too."""


# Looked up for every step of every piece: as globals they cost a tenth of what they do by class.
_NONE, _PROOF = Bearing.NONE, Bearing.PROOF
_AUTHENTIC, _UNDETERMINED = Verdict.AUTHENTIC, Verdict.UNDETERMINED


def verdict_of(steps: Iterable[Step]) -> Verdict:
    """The verdict that follows from all the steps."""
    verdict = _AUTHENTIC
    for step in steps:
        if step.bearing is _NONE:
            continue
        if step.bearing is _PROOF:
            return Verdict.NOT_AUTHENTIC
        verdict = _UNDETERMINED
    return verdict
