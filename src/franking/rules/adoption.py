"""A deployment's register of rulebooks: which texts it adopted and which it follows, and why.

A proposal binds nobody until it is adopted by an explicit act, and every act is kept
(39 CFR 502.31 (1997)). The register is a file of JSON lines, only appended to; each line carries
the hash of the line before, so that only the last line could be changed unseen.
Refuses to know what a text says.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from franking.clock import instant_text
from franking.errors import InvariantBroken, Refusal
from franking.rules.records import POLICY, Standing, Subject
from franking.rules.rulebooks import Stand, rulebook, rulebooks

FILE_NAME = "rulebooks.jsonl"
_BEFORE_THE_FIRST = "0" * 64

ALREADY_ADOPTED = Refusal(
    "ALREADY_ADOPTED",
    clause="39 CFR 502.31 (1997)",
    remedy="Nothing is left to do: `franking rules list` shows since when the text binds.",
)
NOT_A_PROPOSAL = Refusal(
    "NOT_A_PROPOSAL",
    clause="39 CFR 502.31 (1997)",
    remedy="Only a text whose standing is proposed can be adopted; choose its successor.",
)
ADOPTION_BEFORE_PUBLICATION = Refusal(
    "ADOPTION_BEFORE_PUBLICATION",
    clause="39 CFR 502.31 (1997)",
    remedy="Give a day on or after the publication of the text.",
)
ADOPTION_NEEDS_REASON = Refusal(
    "ADOPTION_NEEDS_REASON",
    clause="39 CFR 502.31 (1997)",
    remedy="Say who decides, on what authority (a citation), and why.",
    http_status=422,
)
SUBJECT_NOT_TREATED = Refusal(
    "SUBJECT_NOT_TREATED",
    clause=POLICY,
    remedy="Choose a rulebook that treats the subject; `franking rules list` shows which do.",
)
REGISTER_UNAVAILABLE = Refusal(
    "REGISTER_UNAVAILABLE",
    clause=POLICY,
    remedy="Let this program read and write the register in the home folder, then try again.",
    http_status=503,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One line of the register: a rulebook was adopted, or chosen to govern a subject."""

    sequence: int
    kind: Literal["adopted", "chosen"]
    rulebook: str
    subject: str
    effective_from: date
    decided_by: str
    authority: str
    reason: str
    recorded_at: str
    previous_hash: str


@dataclass(frozen=True, slots=True)
class Register:
    """The acts of a deployment so far, in order."""

    acts: tuple[Act, ...] = ()

    def standing(self, name: str, on: date) -> Stand:
        """How far a text binds this deployment on a day: as published, or as adopted here."""
        published = rulebook(name).standing(on)
        for act in reversed(self.acts):
            if act.kind == "adopted" and act.rulebook == name and act.effective_from <= on:
                return Stand(
                    status=Standing.ADOPTED, since=act.effective_from, clause=act.authority
                )
        return published

    def governing(self, subject: Subject, on: date) -> str:
        """The rulebook that this deployment follows on a subject: the last one chosen for it.

        Without a choice, the latest adopted text that treats the subject, else the latest
        proposal.
        """
        for act in reversed(self.acts):
            if act.kind == "chosen" and act.subject == subject and act.effective_from <= on:
                return act.rulebook
        return max(_open_on(subject, on), key=lambda name: self._rank(name, on))

    def _rank(self, name: str, on: date) -> tuple[bool, date]:
        stand = self.standing(name, on)
        return stand.status is Standing.ADOPTED, stand.since


def read_register(home: Path) -> Register:
    """The register kept in a deployment's home; empty where there is none.

    Raises:
        Refused: ``REGISTER_UNAVAILABLE``.
        InvariantBroken: a line was changed, removed or cut short.
    """
    acts: list[Act] = []
    previous = _BEFORE_THE_FIRST
    for line in _lines(home / FILE_NAME):
        acts.append(_act(line, sequence=len(acts) + 1, previous=previous))
        previous = hashlib.sha256(line).hexdigest()
    return Register(tuple(acts))


def adopt(
    home: Path,
    name: str,
    *,
    effective_from: date,
    decided_by: str,
    authority: str,
    reason: str,
    now: datetime,
) -> Register:
    """Promote a proposed text to adopted, for this deployment, from a day on (502.31).

    Raises:
        Refused: ``ADOPTION_NEEDS_REASON``, ``RULEBOOK_UNKNOWN``,
            ``ADOPTION_BEFORE_PUBLICATION``, ``ALREADY_ADOPTED``, ``NOT_A_PROPOSAL``.
    """
    _require_reason(decided_by, authority, reason)
    if effective_from < rulebook(name).opens:
        raise ADOPTION_BEFORE_PUBLICATION.because(f"{name} was published {rulebook(name).opens}")
    before = read_register(home)
    stand = before.standing(name, effective_from)
    if stand.status is Standing.ADOPTED:
        raise ALREADY_ADOPTED.because(f"{name} is adopted since {stand.since}")
    if stand.status is not Standing.PROPOSED:
        raise NOT_A_PROPOSAL.because(f"{name} is {stand.status} since {stand.since}")
    return _append(
        home,
        before,
        kind="adopted",
        rulebook=name,
        subject="",
        effective_from=effective_from,
        decided_by=decided_by,
        authority=authority,
        reason=reason,
        recorded_at=instant_text(now),
    )


def choose(
    home: Path,
    name: str,
    *,
    subject: Subject,
    effective_from: date,
    decided_by: str,
    reason: str,
    now: datetime,
) -> Register:
    """Let a rulebook govern a subject in this deployment; a proposal may be followed too.

    Raises:
        Refused: ``ADOPTION_NEEDS_REASON``, ``RULEBOOK_UNKNOWN``, ``RULEBOOK_NOT_OPEN``,
            ``SUBJECT_NOT_TREATED``.
    """
    stand = rulebook(name).standing(effective_from)
    _require_reason(decided_by, stand.clause, reason)
    if subject not in rulebook(name).subjects:
        raise SUBJECT_NOT_TREATED.because(f"{name} says nothing on {subject}")
    return _append(
        home,
        read_register(home),
        kind="chosen",
        rulebook=name,
        subject=subject,
        effective_from=effective_from,
        decided_by=decided_by,
        authority=stand.clause,
        reason=reason,
        recorded_at=instant_text(now),
    )


def _require_reason(decided_by: str, authority: str, reason: str) -> None:
    if not (decided_by.strip() and authority.strip() and reason.strip()):
        raise ADOPTION_NEEDS_REASON.because("an act needs a person, an authority and a reason")


def _open_on(subject: Subject, on: date) -> Sequence[str]:
    return [
        name
        for name, book in rulebooks().items()
        if subject in book.subjects and book.opens <= on and not _superseded(name, on)
    ]


def _superseded(name: str, on: date) -> bool:
    return rulebook(name).standing(on).status is Standing.SUPERSEDED


def _append(home: Path, before: Register, **fields: Any) -> Register:
    """Write one line and make it durable; the line before is named by its hash."""
    path = home / FILE_NAME
    lines = _lines(path)
    previous = hashlib.sha256(lines[-1]).hexdigest() if lines else _BEFORE_THE_FIRST
    act = Act(sequence=len(lines) + 1, previous_hash=previous, **fields)
    try:
        with path.open("ab") as file:
            file.write(msgspec.json.encode(act) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise REGISTER_UNAVAILABLE.because(f"{path}: {error.strerror}") from None
    return Register((*before.acts, act))


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise REGISTER_UNAVAILABLE.because(f"{path}: {error.strerror}") from None


def _act(line: bytes, *, sequence: int, previous: str) -> Act:
    try:
        act = msgspec.json.decode(line, type=Act)
    except msgspec.DecodeError as error:
        raise InvariantBroken(f"line {sequence} of {FILE_NAME} does not read: {error}") from None
    if act.sequence != sequence or act.previous_hash != previous:
        raise InvariantBroken(f"line {sequence} of {FILE_NAME} does not follow the line before it")
    return act
