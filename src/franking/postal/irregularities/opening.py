"""Taking in what a night makes suspect: cases open, standing ones gain evidence, nothing twice.

A night taken in again says what is kept already and changes nothing. Suspicions go into the books a
few hundred at a time, each in a unit of work with its signed record and its duty, so that a night
that was cut short is taken in again and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice

import msgspec

from franking.clock import instant_text
from franking.docket import Opening
from franking.identifiers import record_id
from franking.indicium.content import POSTAGE_MILLS_MAX
from franking.messages.signing import Signer, sign
from franking.postal.case_numbers import next_case
from franking.postal.irregularities import rows
from franking.postal.irregularities.decisions import opens_case
from franking.postal.irregularities.parties import parties_of
from franking.postal.irregularities.records import (
    LOOK_INTO,
    Evidence,
    Irregularity,
    IrregularityKind,
)
from franking.postal.irregularities.signed import clauses_of, content_of, record_of
from franking.postal.pieces.marking import mark_mailed
from franking.postal.pieces.records import Piece
from franking.postal.schema import DOCKET
from franking.rules import RuleSet, at
from franking.rules.calendars import due
from franking.scans.suspicions import NightEvidence, Suspicion, SuspicionKind
from franking.storage import Act, Books, Work

_AT_ONCE = 250
_POSTAL_SERVICE = "Postal Service"


@dataclass(slots=True)
class Opened:
    """What came of taking in a night's evidence; each suspicion counts once."""

    cases: list[Irregularity] = field(default_factory=list)
    piece_cases: list[int] = field(default_factory=list)
    """Numbers of cases of postal/pieces: refunded, and mailed after all."""
    borne_out: list[int] = field(default_factory=list)
    """Numbers of standing cases that gained evidence."""
    known: int = 0
    """Suspicions of which all is kept already."""
    findings_only: int = 0
    """Suspicions too small for a case; they stand as findings beside the verdicts."""

    @property
    def suspicions(self) -> int:
        """How many were taken in."""
        found = len(self.cases) + len(self.piece_cases) + len(self.borne_out)
        return found + self.known + self.findings_only


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taking:
    """What is the same for a whole night."""

    evidence: NightEvidence
    signer: Signer
    now: datetime
    irregularities: RuleSet
    host: RuleSet

    @property
    def contest_by(self) -> date:
        return due(self.now.date(), self.irregularities["contest_days"])


@dataclass(slots=True)
class _Batch:
    """What a unit of work writes, and whom it knows."""

    parties: dict[str, tuple[str, ...]]
    standing: dict[rows.Key, Irregularity]
    next_number: int
    cases: list[Irregularity] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)


def open_cases(
    books: Books,
    evidence: NightEvidence,
    signer: Signer,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> Opened:
    """Open a case of each suspicion that is none yet, and keep its signed record.

    ``progress`` is told how many suspicions each step took in.

    Raises:
        Refused: ``NOT_PERMITTED``, ``RULEBOOK_UNKNOWN``, ``RULEBOOK_NOT_OPEN``, ``BOOKS_BUSY``.
    """
    on = now.date()
    taking = _Taking(
        evidence=evidence,
        signer=signer,
        now=now,
        irregularities=at("irregularities", evidence.rulebook, on),
        host=at("host", evidence.rulebook, on),
    )
    opened = Opened()
    for some in _in_batches(evidence.suspicions):
        _take(books, taking, some, opened)
        if progress is not None:
            progress(len(some))
    return opened


def _take(books: Books, taking: _Taking, some: Sequence[Suspicion], opened: Opened) -> None:
    fit = [each for each in some if opens_case(each, taking.irregularities, taking.host)]
    opened.findings_only += len(some) - len(fit)
    if not fit:
        return
    subjects = {each.subject for each in fit}
    with books.work(taking.now, "open_cases") as work:
        known = rows.contents_known(work, subjects)
        batch = _Batch(
            parties=parties_of(work, {each.device for each in fit}),
            standing=rows.standing_cases(work, subjects),
            next_number=next_case(work),
        )
        for suspicion in fit:
            if not known.isdisjoint(_said_before(suspicion, taking.evidence)):
                opened.known += 1
            elif suspicion.kind is SuspicionKind.REFUNDED:
                _take_refunded(work, taking, batch, suspicion, opened)
            else:
                _take_one(taking, batch, suspicion, opened)
        _write(work, taking, batch)


def _take_one(taking: _Taking, batch: _Batch, suspicion: Suspicion, opened: Opened) -> None:
    """Add to the standing case about the same, or open one."""
    case = batch.standing.get(_key(suspicion))
    if case is not None:
        opened.borne_out.append(case.number)
        batch.evidence.append(_evidence(taking, suspicion, case))
        return
    case = _case(taking, batch, suspicion)
    said = _evidence(taking, suspicion, case)
    case = replace(case, facts=said.facts)
    batch.next_number += 1
    batch.standing[_key(suspicion)] = case
    batch.cases.append(case)
    batch.evidence.append(said)
    opened.cases.append(case)


def _take_refunded(
    work: Work, taking: _Taking, batch: _Batch, suspicion: Suspicion, opened: Opened
) -> None:
    """A piece that was refunded is settled by the room of pieces, where the books know of it."""
    piece = _piece(suspicion)
    source = record_id("night", taking.evidence.night)
    # The room of pieces numbers its case itself: what this batch has numbered is written first.
    _write(work, taking, batch)
    marked = mark_mailed(work, [piece], source=source, now=taking.now) if piece else None
    batch.next_number = next_case(work)
    against = marked.refused.get(piece) if marked and piece else None
    if against is None:
        _take_one(taking, batch, suspicion, opened)
        return
    case = replace(_case(taking, batch, suspicion), number=against.number)
    batch.evidence.append(_evidence(taking, suspicion, case))
    opened.piece_cases.append(against.number)


def _write(work: Work, taking: _Taking, batch: _Batch) -> None:
    """Store what a batch has gathered so far, with the duty to look into each new case."""
    rows.add_cases(work, batch.cases)
    rows.add_evidence(work, batch.evidence)
    DOCKET.open_many(work, [_opening(taking, case) for case in batch.cases], taking.now)
    numbers = {case.number for case in batch.cases}
    for case in batch.cases:
        _tell(work, case.number, "open_case", {"kind": case.kind.value, "subject": case.subject})
    for said in batch.evidence:
        if said.case_number not in numbers:
            _tell(work, said.case_number, "bear_out_case", {"night": said.night})
    batch.cases, batch.evidence = [], []


def _case(taking: _Taking, batch: _Batch, suspicion: Suspicion) -> Irregularity:
    return Irregularity(
        number=batch.next_number,
        kind=IrregularityKind(suspicion.kind.value),
        device=suspicion.device,
        subject=suspicion.subject,
        clause="; ".join(clauses_of(suspicion.reasons)),
        facts="",
        opened_on=taking.now.date(),
        contest_by=taking.contest_by,
        parties=batch.parties.get(suspicion.device, ()),
    )


def _evidence(taking: _Taking, suspicion: Suspicion, case: Irregularity) -> Evidence:
    record = record_of(
        suspicion,
        taking.evidence,
        case=case.number,
        parties=case.parties,
        contest_by=case.contest_by,
        listed_max=taking.irregularities.whole("scans_listed_max"),
        now=taking.now,
    )
    return Evidence(
        case_number=case.number,
        kind=IrregularityKind(suspicion.kind.value),
        subject=suspicion.subject,
        night=taking.evidence.night,
        content=content_of(suspicion, taking.evidence),
        scans=suspicion.count,
        facts=record.facts,
        record=sign(record, taking.signer),
        signed_at=instant_text(taking.now),
    )


def _opening(taking: _Taking, case: Irregularity) -> Opening:
    return Opening(
        duty=LOOK_INTO,
        record=record_id("case", case.number),
        owed_by=_POSTAL_SERVICE,
        rulebook=taking.evidence.rulebook,
        start=taking.now.date(),
        because=f"{case.subject}: {case.kind.value}",
    )


def _tell(work: Work, number: int, command: str, inputs: dict[str, object]) -> None:
    clauses = ("DMM P050.5.4 (1997)",)
    work.record(
        Act(record=record_id("case", number), command=command, clauses=clauses, inputs=inputs)
    )


def _piece(suspicion: Suspicion) -> Piece | None:
    """The piece of a suspicion about one; ``None`` for what no device can have made."""
    seen = suspicion.members[0] if suspicion.members else None
    if seen is None or not 0 < seen.postage_mills <= min(seen.ascending_mills, POSTAGE_MILLS_MAX):
        return None
    return Piece(
        device=suspicion.device,
        ascending_mills=seen.ascending_mills,
        postage_mills=seen.postage_mills,
    )


def _key(suspicion: Suspicion) -> rows.Key:
    return IrregularityKind(suspicion.kind.value), suspicion.subject


def _said_before(suspicion: Suspicion, evidence: NightEvidence) -> set[tuple[rows.Key, str]]:
    """What makes a suspicion nothing new: the same, said so; or seen by the Postal Service."""
    seen = msgspec.structs.replace(evidence, told_by="")
    return {(_key(suspicion), content_of(suspicion, each)) for each in (evidence, seen)}


def _in_batches(suspicions: Sequence[Suspicion]) -> Iterator[list[Suspicion]]:
    left = iter(suspicions)
    while some := list(islice(left, _AT_ONCE)):
        yield some
