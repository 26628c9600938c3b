"""The signed record of what a night bears out of a case: for courts, providers and licensees.

A JWS by the Postal Service's key that stands by itself: the scans with their places, times and
reading quality, what they say against each other, the rules they offend, the trust list they were
judged by and how old it was, and who may contest the case until when.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from franking.clock import instant_text
from franking.messages.signing import Message
from franking.money import format_dollars
from franking.postal.irregularities.comparing import Contradiction, contradictions, in_order
from franking.scans.suspicions import NightEvidence, NightFile, Seen, Suspicion, SuspicionKind
from franking.verification.reasons import KINDS, Reason

IRREGULARITIES_CLAUSE = "DMM P050.5.4 (1997)"
_POLICY = "policy"
_TOLD = "; on the word of somebody else"


class ReasonSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A reason with the step of verification that saw it and the rule that it rests on."""

    reason: Reason
    step: str
    clause: str


class ListUsed(msgspec.Struct, frozen=True, kw_only=True):
    """The trust list that the scans were judged by."""

    number: int
    issued_at: str
    age_hours: float
    """From its issue to the judgement."""


class IrregularityRecord(Message, frozen=True, kw_only=True):
    """What one night bears out of a case; ``device`` is the one that the indicia name."""

    case: int
    kind: str
    subject: str
    night: str
    judged_at: str
    facts: str
    rulebook: str
    clauses: list[str]
    reasons: list[ReasonSaid]
    count: int
    """Every scan that it rests on; ``scans`` lists at most as many as the policy says."""
    pieces: int
    scans: list[Seen]
    contradictions: list[Contradiction]
    files: list[NightFile]
    told_by: str = ""
    """Whose unsigned word the scans are; empty where the Postal Service judged them itself."""
    trust_list: ListUsed | None
    may_contest: list[str]
    contest_by: str


def clauses_of(reasons: Sequence[Reason]) -> list[str]:
    """The rules that a case of these reasons rests on; that mail is examined at all comes first."""
    named = (KINDS[reason].clause for reason in reasons)
    return list(
        dict.fromkeys([IRREGULARITIES_CLAUSE, *(each for each in named if each != _POLICY)])
    )


def content_of(suspicion: Suspicion, evidence: NightEvidence) -> str:
    """SHA-256 of what a night says, however often it is judged: scans and reasons, nothing else.

    A scan is named by the bytes of its file, so that the same file is the same evidence under the
    name of any night. What somebody told is not what the Postal Service saw itself.
    """
    files = {each.number: each.sha256 for each in evidence.files if each.sha256}
    said = (suspicion.kind, suspicion.subject, suspicion.count, sorted(suspicion.reasons))
    scans = sorted(_name_of(each, files) for each in suspicion.members)
    told = ("told",) if evidence.told_by else ()
    return hashlib.sha256(msgspec.json.encode((*said, scans, *told))).hexdigest()


def record_of(
    suspicion: Suspicion,
    evidence: NightEvidence,
    *,
    case: int,
    parties: Sequence[str],
    contest_by: date,
    listed_max: int,
    now: datetime,
) -> IrregularityRecord:
    """The record of what ``evidence`` bears out of a case, to be signed."""
    scans = in_order(suspicion.kind, suspicion.members[:listed_max])
    against = contradictions(suspicion.kind, scans)
    return IrregularityRecord(
        device=suspicion.device,
        issued_at=instant_text(now),
        case=case,
        kind=suspicion.kind.value,
        subject=suspicion.subject,
        night=evidence.night,
        judged_at=instant_text(evidence.judged_at),
        facts=facts_of(suspicion, against) + (_TOLD if evidence.told_by else ""),
        rulebook=evidence.rulebook,
        clauses=clauses_of(suspicion.reasons),
        reasons=[
            ReasonSaid(reason=each, step=KINDS[each].step, clause=KINDS[each].clause)
            for each in suspicion.reasons
        ],
        count=suspicion.count,
        pieces=pieces_of(suspicion),
        scans=scans,
        contradictions=against,
        files=list(evidence.files),
        told_by=evidence.told_by,
        trust_list=_list_used(evidence),
        may_contest=list(parties),
        contest_by=contest_by.isoformat(),
    )


def pieces_of(suspicion: Suspicion) -> int:
    """How many different pieces: as counted, or at least those among the members."""
    known = {(each.ascending_mills, each.content) for each in suspicion.members}
    return max(suspicion.pieces, len(known))


def facts_of(suspicion: Suspicion, against: Sequence[Contradiction]) -> str:
    """What was found, in one sentence for a list of cases."""
    scans, pieces = suspicion.count, pieces_of(suspicion)
    counted = f"{_of(scans, 'scan')} of {_of(pieces, 'piece')}"
    worst = max(against, key=_weight, default=None)
    if worst is not None and worst.words:
        return f"{counted}; {worst.words}"
    return f"{counted}; {_value(suspicion)}" if suspicion.members else counted


def _name_of(seen: Seen, files: Mapping[int, str]) -> tuple[str, int]:
    return files.get(seen.file, f"{seen.night}/{seen.file}"), seen.row


def _weight(said: Contradiction) -> tuple[int, int, float]:
    return said.shared_mills, said.days_back, said.miles or 0


def _value(suspicion: Suspicion) -> str:
    first, last = suspicion.members[0], suspicion.members[-1]
    if suspicion.kind is SuspicionKind.VALUE_NOT_COVERED and first.descending_mills is not None:
        total = first.ascending_mills + first.descending_mills
        return (
            f"its registers make {format_dollars(total)} at {format_dollars(first.ascending_mills)}"
        )
    postage = format_dollars(first.postage_mills)
    if first == last:
        return f"{postage}, dated {first.dated}"
    return f"the first {postage}, dated {first.dated}"


def _of(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _list_used(evidence: NightEvidence) -> ListUsed | None:
    if not evidence.trust_list:
        return None
    age = evidence.judged_at - evidence.trust_issued
    return ListUsed(
        number=evidence.trust_list,
        issued_at=instant_text(evidence.trust_issued),
        age_hours=round(age.total_seconds() / 3600, 1),
    )
