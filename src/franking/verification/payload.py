"""Verification of the bytes of an indicium, off-line.

Nothing is asked of anybody but the trust list and what the caller knows of the piece. A
verification says what it could not know and how old its list was. Refuses to know images.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from franking.clock import instant_text
from franking.indicium.profiles import Decoded, decode
from franking.verification import steps
from franking.verification.facts import NOTHING_KNOWN, Facts
from franking.verification.faults import (
    NAMES,
    Fault,
    failed,
    not_taken,
    undecided,
    weakened,
)
from franking.verification.faults import with_fault as step_with_fault
from franking.verification.other_pieces import duplicate_step
from franking.verification.reasons import KINDS, Reason
from franking.verification.trust_list import Issue, TrustedKey, TrustList
from franking.verification.verdict import Finding, Outcome, Step, Verdict, verdict_of

_NOT_READ = "nothing was read to look at"
_NO_CONTENT = "there is no complete content of this version to look at"
_NO_KEY = "there is no listed key to check it with"
_HOUR = timedelta(hours=1)


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one indicium, and what that rests on."""

    file: str
    """The file it was read from; empty for bytes."""
    page: int = 1
    """The page of the file, the first being 1."""
    verdict: Verdict
    steps: tuple[Step, ...]
    indicium: Decoded | None
    """What the bytes say, believed or not; ``None`` where nothing was read."""
    trust_list: Issue
    verified_at: datetime

    @property
    def where(self) -> str:
        """The file, with the page after the first one."""
        return self.file if self.page == 1 else f"{self.file}, page {self.page}"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a person has to look at, in the order of the steps."""
        return tuple(finding for step in self.steps for finding in step.findings)

    @property
    def reasons(self) -> frozenset[Reason]:
        """What the steps saw, by name."""
        return frozenset(reason for step in self.steps for reason in step.reasons)

    @property
    def not_known(self) -> tuple[str, ...]:
        """The steps that could not be taken with what was at hand."""
        return tuple(step.name for step in self.steps if step.outcome is Outcome.UNKNOWN)

    @property
    def trust_list_age_hours(self) -> int:
        """How old the trust list was, in whole hours."""
        return (self.verified_at - self.trust_list.issued) // _HOUR

    def as_json(self) -> dict[str, Any]:
        """For programs: file, page, verdict, steps, findings, indicium, and what it rests on."""
        return {
            "file": self.file,
            "page": self.page,
            "verdict": self.verdict.value,
            "steps": [_step_json(step) for step in self.steps],
            "findings": [msgspec.to_builtins(finding) for finding in self.findings],
            "reasons": [reason.value for reason in Reason if reason in self.reasons],
            "indicium": None if self.indicium is None else _indicium_json(self.indicium),
            "trust_list": {
                "number": self.trust_list.number,
                "issued": instant_text(self.trust_list.issued),
                "next_issue": instant_text(self.trust_list.next_issue),
                "age_hours": self.trust_list_age_hours,
                "stale": Reason.TRUST_LIST_STALE in self.reasons,
            },
            "not_known": list(self.not_known),
        }


def _indicium_json(indicium: Decoded) -> dict[str, Any]:
    return {**indicium.as_json(), "payload": indicium.payload.hex()}


def verify_payload(
    payload: bytes,
    trust: TrustList,
    now: datetime,
    facts: Facts = NOTHING_KNOWN,
    *,
    file: str = "",
    read: Step = steps.GIVEN,
    certain: bool = True,
) -> Verification:
    """Verify the bytes of an indicium.

    ``certain`` is whether the bytes are surely those of the piece; where they may be misread, a
    false signature is doubt and no proof. A true one leaves no doubt of the bytes.

    Raises:
        Refused: ``TRUST_LIST_DAMAGED``, ``RULEBOOK_UNKNOWN``; never for what the bytes are.
    """
    decoded = decode(payload)
    taken: tuple[Step, ...] = (read, steps.parse_step(decoded), steps.profile_step(decoded))
    if decoded.content is None:
        taken += tuple(not_taken(name, _NO_CONTENT) for name in NAMES[3:])
    else:
        taken += _content_steps(decoded, trust, now, facts)
    if not certain:
        taken = _with_signature_weakened(taken)
    return _verification(taken, decoded, trust, now, file)


def _with_signature_weakened(taken: tuple[Step, ...]) -> tuple[Step, ...]:
    """Nothing else can be proof unless the signature is true, and then the bytes are right."""
    return tuple(weakened(step) if step.name == "signature" else step for step in taken)


def _content_steps(
    decoded: Decoded, trust: TrustList, now: datetime, facts: Facts
) -> tuple[Step, ...]:
    content = decoded.content
    if content is None:
        return ()
    today = now.date()
    return (
        *_key_steps(decoded, trust, trust.find(content.certificate_serial), now, facts),
        steps.date_step(content, facts, today),
        steps.registers_step(content, facts, today),
        duplicate_step(content, facts, today),
        steps.place_step(content, facts),
        steps.amount_step(content, facts),
    )


def _key_steps(
    decoded: Decoded, trust: TrustList, key: TrustedKey | None, now: datetime, facts: Facts
) -> tuple[Step, Step, Step]:
    """Steps 4 to 6: certificate, signature, device."""
    content = decoded.content
    stale = _staleness(trust, now) if trust.is_stale(now) else ""
    if content is None or key is None:
        serial = 0 if content is None else content.certificate_serial
        keys_of = trust.issue.keys_number or trust.issue.number
        return (
            steps.certificate_unknown_step(serial, keys_of, stale=stale),
            not_taken("signature", _NO_KEY),
            not_taken("device", _NO_KEY),
        )
    if decoded.problems:
        odd = [Fault(Reason.MALFORMED, problem) for problem in decoded.problems]
        signature = undecided("signature", odd)
    else:
        signature = steps.signature_step(decoded.payload, key.public_key)
    signed = signature.outcome is Outcome.PASSED
    return (
        steps.certificate_step(decoded, content, key, signed=signed, stale=stale),
        signature,
        steps.device_step(content, key, facts, now.date(), signed=signed),
    )


def _staleness(trust: TrustList, now: datetime) -> str:
    """Why a list is out of date, and what can then not be claimed."""
    issue = trust.issue
    if now < issue.issued:
        return f"the trust list was issued on {instant_text(issue.issued)}, after this clock"
    return (
        f"the trust list is stale: its next issue was due {instant_text(issue.next_issue)};"
        " whose key ended since then is not known"
    )


def _verification(
    taken: tuple[Step, ...], decoded: Decoded | None, trust: TrustList, now: datetime, file: str
) -> Verification:
    return Verification(
        file=file,
        verdict=verdict_of(taken),
        steps=taken,
        indicium=decoded,
        trust_list=trust.issue,
        verified_at=now,
    )


def verify_nothing(fault: Fault, trust: TrustList, now: datetime, file: str) -> Verification:
    """What is said where nothing could be read; ``fault`` says why."""
    missing = tuple(not_taken(name, _NOT_READ) for name in NAMES[1:])
    return _verification((failed("read", [fault]), *missing), None, trust, now, file)


def with_fault(verification: Verification, fault: Fault) -> Verification:
    """The same with one more fault in the step that sees such, and the verdict that follows."""
    name = KINDS[fault.reason].step
    taken = tuple(
        step_with_fault(step, fault) if step.name == name else step for step in verification.steps
    )
    return msgspec.structs.replace(verification, verdict=verdict_of(taken), steps=taken)


def _step_json(step: Step) -> dict[str, Any]:
    return {
        "step": step.step,
        "name": step.name,
        "outcome": step.outcome.value,
        "reason": step.reason,
    }
