"""One piece, verified on-line: with what every other desk has seen of it, in one round trip.

The steps are those of an off-line verification; the one about other pieces is taken again with
what the database answered. A scan is noted where its signature is true: else anybody could cast
doubt on another's mail with a made-up symbol. Two desks with one piece at the same moment wait for
each other, so that the second sees the first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import msgspec

from franking.identifiers import record_id
from franking.indicium.content import IndiciumContent
from franking.indicium.signature import SIGNATURE_BYTES, digest_number
from franking.postal.pieces.commands import signed_piece
from franking.postal.pieces.online_rows import (
    NearSighting,
    Noted,
    OnlineSighting,
    noted_in,
    noting,
    values_of,
)
from franking.scans.operations import Operation
from franking.storage import Books
from franking.storage.observing import Observing
from franking.verification.facts import NOTHING_KNOWN, Facts, Sighting
from franking.verification.other_pieces import duplicate_step
from franking.verification.payload import Verification, verify_payload
from franking.verification.reasons import LOOKS_SURE
from franking.verification.trust_format import day_number, day_of, instant_of, microseconds_of
from franking.verification.trust_list import TrustList
from franking.verification.verdict import verdict_of

COMMAND: Final = "verify_online"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineScan:
    """Where and how a piece was scanned."""

    scanner: str
    place: str = ""
    """The ZIP Code; empty where it is not known."""
    operation: int = Operation.ACCEPTANCE.value
    looks: int | None = None
    """How many different looks gave these bytes; ``None``: they were not read from an image."""
    quality: int | None = None
    """Unused error correction, per cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A verification, and the sightings that it rests on."""

    verification: Verification
    number: int = 0
    """Of the new sighting, as it was noted; 0 where it was not."""
    new: OnlineSighting | None = None
    """``None`` where nothing was noted."""
    clashing: tuple[NearSighting, ...] = ()
    """Near it, without what one journey explains."""


class OnlineVerifier:
    """Verifies pieces against the books of one Postal Service; threads may share it."""

    def __init__(self, books: Books) -> None:
        self._noting = Observing(books, noting(books.engine.dialect.name))

    def verify(
        self,
        payload: bytes,
        trust: TrustList,
        now: datetime,
        scan: OnlineScan,
        facts: Facts = NOTHING_KNOWN,
    ) -> Verification:
        """Verify the bytes of an indicium that was scanned at ``now``.

        ``facts`` is what the desk knows; other pieces and refunds come from the books.

        Raises:
            Refused: as ``verify_payload`` and ``Observing.note``; never for what the bytes are.
        """
        return self.look(payload, trust, now, scan, facts).verification

    def look(
        self,
        payload: bytes,
        trust: TrustList,
        now: datetime,
        scan: OnlineScan,
        facts: Facts = NOTHING_KNOWN,
    ) -> Looked:
        """As ``verify``, with the sightings that it rests on.

        Raises:
            Refused: as ``verify``.
        """
        certain = scan.looks is None or scan.looks >= LOOKS_SURE
        alone = verify_payload(payload, trust, now, facts, certain=certain)
        if signed_piece(alone) is None or alone.indicium is None or alone.indicium.content is None:
            return Looked(verification=alone)
        new = _sighting(alone.indicium.content, payload, now, scan)
        answer = self._noting.note(
            values_of(new), command=COMMAND, record=record_id("device", new.device)
        )
        return _taken_again(alone, alone.indicium.content, facts, new, noted_in(answer))


def verify_online(
    books: Books,
    payload: bytes,
    trust: TrustList,
    now: datetime,
    scan: OnlineScan,
    facts: Facts = NOTHING_KNOWN,
) -> Verification:
    """Verify one piece on-line; who verifies many keeps an ``OnlineVerifier``.

    Raises:
        Refused: as ``OnlineVerifier.verify``.
    """
    return OnlineVerifier(books).verify(payload, trust, now, scan, facts)


def _sighting(
    content: IndiciumContent, payload: bytes, now: datetime, scan: OnlineScan
) -> OnlineSighting:
    digest = hashlib.sha256(payload[:-SIGNATURE_BYTES]).digest()
    return OnlineSighting(
        device=str(content.device_id),
        ascending_mills=content.ascending_mills,
        low_mills=content.ascending_mills - content.postage_mills,
        descending_mills=content.descending_mills,
        dated=day_number(content.date_of_mailing),
        certificate=content.certificate_serial,
        content=digest_number(digest),
        scanned_at=microseconds_of(now),
        place=scan.place,
        operation=scan.operation,
        scanner=scan.scanner,
        looks=scan.looks or 1,
        quality=scan.quality,
    )


def _taken_again(
    alone: Verification,
    content: IndiciumContent,
    facts: Facts,
    new: OnlineSighting,
    noted: Noted,
) -> Looked:
    """The same verification, with the step about other pieces as the books know them."""
    today = alone.verified_at.date()
    clashing = _clashing(new, noted.near, facts, today)
    seen = (_told(each, _is_same(each, new)) for each in clashing)
    others = (*(facts.others or ()), *seen)
    refunded = noted.refunded_on or facts.refunded_on
    known = msgspec.structs.replace(facts, others=others, refunded_on=refunded)
    step = duplicate_step(content, known, today)
    steps = tuple(step if each.name == step.name else each for each in alone.steps)
    verification = msgspec.structs.replace(alone, steps=steps, verdict=verdict_of(steps))
    return Looked(verification=verification, number=noted.number, new=new, clashing=tuple(clashing))


def _clashing(
    new: OnlineSighting, near: Sequence[NearSighting], facts: Facts, today: date
) -> list[NearSighting]:
    """What was seen near, without the scans of this very piece that one journey explains."""
    same = [each for each in near if _is_same(each, new)]
    others = [each for each in near if not _is_same(each, new)]
    return others + (_elsewhere(new, same, facts.rulebook, today) if same else [])


def _is_same(each: NearSighting, new: OnlineSighting) -> bool:
    return (each.ascending_mills, each.content) == (new.ascending_mills, new.content)


def _elsewhere(
    new: OnlineSighting, same: Sequence[NearSighting], rulebook: str, today: date
) -> list[NearSighting]:
    """The scans of a piece that cannot belong to one journey with the new one."""
    # Read in only for a piece that was seen before: most are not, and it takes a second.
    from franking.postal.pieces.online_journeys import contradicting

    return contradicting(new, same, rulebook=rulebook, today=today)


def _told(near: NearSighting, same: bool) -> Sighting:
    by = f"{near.scanner} at {near.place}" if near.place else near.scanner
    return Sighting(
        ascending_mills=near.ascending_mills,
        postage_mills=near.ascending_mills - near.low_mills,
        where=f"the piece scanned by {by} on {instant_of(near.scanned_at):%Y-%m-%d %H:%M:%S} UTC",
        dated=day_of(near.dated),
        same_content=same,
    )
