"""Giving pieces their fate, within the unit of work of whoever scans or refunds them.

What stands against a piece opens a case on the docket instead; the piece keeps its first fate. The
unit of work names its own record; the devices of the pieces are waited for here, so that two desks
never decide upon one piece at once, and the first key of the table holds if they did.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.postal.case_numbers import next_case
from franking.postal.pieces import rows
from franking.postal.pieces.decisions import Met, is_known, met, require_fit
from franking.postal.pieces.mail_seen import SeenPiece, seen_in_mail
from franking.postal.pieces.records import (
    LOOK_INTO,
    Doing,
    Fate,
    KnownPiece,
    Piece,
    PieceCase,
    Sighting,
)
from franking.postal.schema import DOCKET
from franking.storage import Act, Reading, Work

PIECE_LAW = "DMM 604.9.3 (2008)"
"""Refunds are for postage that was not used: a piece is mailed or refunded, once."""
_PSD = "ibip-1997"
SEEN_AGAIN = "seen again"


@dataclass(slots=True)
class Marked:
    """What came of giving many pieces one fate."""

    given: list[KnownPiece] = field(default_factory=list)
    again: list[KnownPiece] = field(default_factory=list)
    """Scanned before, and mailed still."""
    opened: list[PieceCase] = field(default_factory=list)
    """Of the pieces that something stands against."""
    standing: list[PieceCase] = field(default_factory=list)
    """Cases that were open already: the same piece, for the same reason, came again."""

    @property
    def refused(self) -> dict[Piece, PieceCase]:
        """The pieces that did not get the fate, each with its case."""
        return {case.piece: case for case in (*self.standing, *self.opened)}


def mark_refunded(
    work: Work, pieces: Sequence[Piece], *, source: str, provider: str, now: datetime
) -> Marked:
    """Note that pieces are refunded, by ``provider`` (the Postal Service where empty), once.

    ``source`` is the record that refunds them. A piece that was mailed, was refunded before (by
    anybody), or shares value with such a piece, is not marked: a case opens about it.

    Raises:
        Refused: ``PIECE_UNFIT``.
    """
    return _mark(work, pieces, Doing.REFUND, source=source, provider=provider, now=now)


def mark_mailed(work: Work, pieces: Sequence[Piece], *, source: str, now: datetime) -> Marked:
    """Note that pieces were scanned in the mail; one that was refunded opens a case.

    Raises:
        Refused: ``PIECE_UNFIT``.
    """
    return _mark(work, pieces, Doing.SCAN, source=source, provider="", now=now)


def refusable(books: Reading, pieces: Sequence[Piece]) -> dict[Piece, Met]:
    """What stands against refunding each of these pieces now; those that nothing does are out."""
    found: dict[Piece, Met] = {}
    for device, some in _by_device(pieces).items():
        known = rows.near(books, device, some)
        _add_seen(known, books, device, some)
        against = {piece: met(known, piece, Doing.REFUND) for piece in some}
        found |= {piece: each for piece, each in against.items() if each is not None}
    return found


def _mark(
    work: Work,
    pieces: Sequence[Piece],
    doing: Doing,
    *,
    source: str,
    provider: str,
    now: datetime,
) -> Marked:
    marked = Marked()
    for device, some in sorted(_by_device(pieces).items()):
        _mark_of_device(
            work, device, some, doing, marked, source=source, provider=provider, now=now
        )
    rows.add_cases(work, marked.opened)
    rows.add_sightings(work, _sightings(marked, doing, source, now))
    for case in marked.opened:
        _look_into(work, case, now)
    return marked


def _mark_of_device(
    work: Work,
    device: str,
    pieces: Sequence[Piece],
    doing: Doing,
    marked: Marked,
    *,
    source: str,
    provider: str,
    now: datetime,
) -> None:
    record = record_id("device", device)
    work.wait_for(record)
    known = rows.near(work, device, pieces)
    if doing is Doing.REFUND:
        _note_seen(work, known, device, pieces, now)
    fate = Fate.MAILED if doing is Doing.SCAN else Fate.REFUNDED
    fresh: list[KnownPiece] = []
    for piece in pieces:
        if (against := met(known, piece, doing)) is not None:
            _open_case(work, marked, piece, against, source, now)
            continue
        after = KnownPiece(piece=piece, fate=fate, on=now.date(), source=source, provider=provider)
        before = is_known(known, piece)
        if before is None:
            fresh.append(after)
            insort(known, after, key=lambda each: each.piece.ascending_mills)
            marked.given.append(after)
        elif before.fate is fate:
            marked.again.append(before)
        else:
            rows.change(work, before, after)
            known[known.index(before)] = after
            marked.given.append(after)
    rows.add(work, fresh)
    inputs: dict[str, object] = {"source": source, "pieces": len(pieces), "fresh": len(fresh)}
    work.record(
        Act(command=f"piece_{doing.value}", record=record, clauses=(PIECE_LAW,), inputs=inputs)
    )


def _note_seen(
    work: Work, known: list[KnownPiece], device: str, pieces: Sequence[Piece], now: datetime
) -> None:
    """Give the pieces that nights or other desks have seen in the mail their first fate."""
    seen = _add_seen(known, work, device, pieces)
    rows.add(work, [each for each, _ in seen])
    rows.add_sightings(
        work,
        [
            Sighting(
                piece=each.piece,
                doing=Doing.SCAN,
                at=instant_text(scan.at or now),
                source=scan.source,
                outcome=each.fate.value,
            )
            for each, scan in seen
        ],
    )


def _add_seen(
    known: list[KnownPiece], books: Reading, device: str, pieces: Sequence[Piece]
) -> list[tuple[KnownPiece, SeenPiece]]:
    """Have ``known`` hold, too, what of ``pieces`` was seen in the mail and is not known yet.

    What shares value with a known piece stays out: that one stands against a refund already.
    """
    fresh = []
    noted = {each.piece.ascending_mills for each in known}
    unknown = [piece for piece in pieces if piece.ascending_mills not in noted]
    for piece, scan in seen_in_mail(books, device, unknown):
        if met(known, piece, Doing.SCAN) is None:
            mailed = KnownPiece(piece=piece, fate=Fate.MAILED, on=scan.on, source=scan.source)
            insort(known, mailed, key=lambda each: each.piece.ascending_mills)
            fresh.append((mailed, scan))
    return fresh


def _open_case(
    work: Work, marked: Marked, piece: Piece, against: Met, source: str, now: datetime
) -> None:
    standing = rows.open_case_of(work, piece, against.kind)
    if standing is not None:
        marked.standing.append(standing)
        return
    first = marked.opened[0].number if marked.opened else next_case(work)
    marked.opened.append(
        PieceCase(
            number=first + len(marked.opened),
            kind=against.kind,
            piece=piece,
            source=source,
            detail=against.detail,
            opened_on=now.date(),
        )
    )


def _look_into(work: Work, case: PieceCase, now: datetime) -> None:
    record = record_id("piece-case", case.number)
    DOCKET.open(
        work,
        LOOK_INTO,
        record=record,
        owed_by="Postal Service",
        rulebook=_PSD,
        start=now.date(),
        now=now,
        because=f"{case.kind}: {case.detail}",
    )
    inputs: dict[str, object] = {"kind": case.kind.value, "piece": case.piece.name}
    work.record(Act(command="open_piece_case", record=record, clauses=(PIECE_LAW,), inputs=inputs))


def free(work: Work, known: KnownPiece, *, source: str, now: datetime) -> KnownPiece:
    """A case found that a scanned piece was never mailed: it may be refunded, or mailed."""
    after = replace(known, fate=Fate.FREED, on=now.date(), source=source)
    rows.change(work, known, after)
    return after


def _sightings(marked: Marked, doing: Doing, source: str, now: datetime) -> list[Sighting]:
    at = instant_text(now)
    said = [
        *((each.piece, each.fate.value) for each in marked.given),
        *((each.piece, SEEN_AGAIN) for each in marked.again),
        *((each.piece, each.kind.value) for each in (*marked.standing, *marked.opened)),
    ]
    return [
        Sighting(piece=piece, doing=doing, at=at, source=source, outcome=outcome)
        for piece, outcome in said
    ]


def _by_device(pieces: Iterable[Piece]) -> dict[str, list[Piece]]:
    devices: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        require_fit(piece)
        devices[piece.device].append(piece)
    return devices
