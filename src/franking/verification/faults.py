"""What one step of verification saw, put into the words and the weight of its outcome.

1 read, 2 parse, 3 profile, 4 certificate, 5 signature, 6 device, 7 date, 8 registers,
9 duplicate, 10 place, 11 amount. Refuses to know how anything is seen (``steps``) and what follows
from all the steps together (``verdict``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from franking.verification.reasons import KINDS, Bearing, Reason
from franking.verification.verdict import Finding, Outcome, Step

NAMES: Final = (
    "read",
    "parse",
    "profile",
    "certificate",
    "signature",
    "device",
    "date",
    "registers",
    "duplicate",
    "place",
    "amount",
)
"""The steps in order; the first has number 1."""

_NUMBERS = {name: number for number, name in enumerate(NAMES, start=1)}
_HEAVIEST_FIRST = (Bearing.PROOF, Bearing.DOUBT, Bearing.NONE)


class Fault(msgspec.Struct, frozen=True):
    """One thing that a step saw: its reason, the facts in words, and what it means here."""

    reason: Reason
    detail: str
    proven: bool = True
    """Whether the content can be believed; proof that rests on what nobody signed is none."""

    @property
    def bearing(self) -> Bearing:
        """The bearing of its reason, where proven."""
        bearing = KINDS[self.reason].bearing
        return Bearing.NONE if bearing is Bearing.PROOF and not self.proven else bearing

    @property
    def finding(self) -> Finding | None:
        """What a person has to look at, if anything."""
        kind = KINDS[self.reason]
        return Finding(self.reason.value, self.detail, kind.clause) if kind.is_finding else None


def passed(name: str, reason: str) -> Step:
    """The step ``name`` found nothing wrong."""
    return Step(_NUMBERS[name], name, Outcome.PASSED, reason)


def not_taken(name: str, reason: str) -> Step:
    """The step ``name`` could not be taken, and nobody is to blame."""
    return Step(_NUMBERS[name], name, Outcome.UNKNOWN, reason)


def failed(name: str, faults: Sequence[Fault]) -> Step:
    """The step ``name`` saw these faults, at least one."""
    return _judged(name, Outcome.FAILED, faults)


def undecided(name: str, faults: Sequence[Fault]) -> Step:
    """The step ``name`` could not be taken, for these faults, at least one."""
    return _judged(name, Outcome.UNKNOWN, faults)


def with_fault(step: Step, fault: Fault) -> Step:
    """The same step with one more fault; one without bearing leaves its outcome as it is."""
    extra = failed(step.name, [fault])
    light = fault.bearing is Bearing.NONE
    return Step(
        step.step,
        step.name,
        step.outcome if light else Outcome.FAILED,
        f"{step.reason}; {fault.detail}" if step.outcome is not Outcome.UNKNOWN else fault.detail,
        _heaviest({step.bearing, fault.bearing}),
        step.findings + extra.findings,
        step.reasons + extra.reasons,
    )


def weakened(step: Step) -> Step:
    """The same step where the bytes may be misread: its proof is doubt."""
    if step.bearing is not Bearing.PROOF:
        return step
    return msgspec.structs.replace(step, bearing=Bearing.DOUBT)


def _judged(name: str, outcome: Outcome, faults: Sequence[Fault]) -> Step:
    return Step(
        _NUMBERS[name],
        name,
        outcome,
        "; ".join(fault.detail for fault in faults),
        _heaviest({fault.bearing for fault in faults}),
        tuple(finding for fault in faults if (finding := fault.finding) is not None),
        tuple(fault.reason for fault in faults),
    )


def _heaviest(bearings: set[Bearing]) -> Bearing:
    return next(bearing for bearing in _HEAVIEST_FIRST if bearing in bearings)
