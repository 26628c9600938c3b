"""What an on-line verification makes suspect, in the form in which a night of scans says it.

So that the same cases open of both: a copy that two counters saw needs no night to be looked into.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from franking.postal.pieces.online import Looked
from franking.postal.pieces.online_rows import NearSighting, OnlineSighting
from franking.scans.operations import word_of
from franking.scans.suspicions import KIND_OF, NightEvidence, Seen, Suspicion
from franking.verification.reasons import Reason
from franking.verification.trust_format import day_of, instant_of

_OF_OTHERS = (Reason.DUPLICATE, Reason.OVERLAP, Reason.ROLLED_BACK, Reason.REFUNDED)
"""What only a desk on-line can see; the rest, every verifier can, and a night says it."""


def evidence_of(looked: Looked) -> NightEvidence:
    """The evidence for ``open_cases``; without suspicions where there is nothing to look into."""
    found = looked.verification
    return NightEvidence(
        night=f"on-line {found.verified_at.date().isoformat()}",
        judged_at=found.verified_at,
        trust_list=found.trust_list.number,
        trust_issued=found.trust_list.issued,
        suspicions=tuple(_suspicions(looked)),
    )


def _suspicions(looked: Looked) -> Iterator[Suspicion]:
    new = looked.new
    if new is None:
        return
    for reason in _OF_OTHERS:
        if reason in looked.verification.reasons:
            before = [_seen(each, each.number) for each in _with(new, looked.clashing, reason)]
            members = [*before, _seen_now(new, looked.number)]
            yield Suspicion(
                kind=KIND_OF[reason],
                device=new.device,
                members=tuple(members),
                count=len(members),
                reasons=(reason,),
                pieces=len({(each.ascending_mills, each.content) for each in members}),
            )


def _with(
    new: OnlineSighting, clashing: Iterable[NearSighting], reason: Reason
) -> Iterator[NearSighting]:
    """The sightings that, with the new one, are what the reason says."""
    for each in clashing:
        same = (each.ascending_mills, each.content) == (new.ascending_mills, new.content)
        shares = each.low_mills < new.ascending_mills and new.low_mills < each.ascending_mills
        is_meant = {
            Reason.DUPLICATE: same,
            Reason.OVERLAP: shares and not same,
            Reason.ROLLED_BACK: each.ascending_mills > new.ascending_mills,
        }
        if is_meant.get(reason, False):
            yield each


def _seen(each: NearSighting | OnlineSighting, number: int) -> Seen:
    return Seen(
        ascending_mills=each.ascending_mills,
        postage_mills=each.ascending_mills - each.low_mills,
        dated=day_of(each.dated),
        content=each.content,
        scanned_at=instant_of(each.scanned_at),
        place=each.place,
        operation=word_of(each.operation),
        scanner=each.scanner,
        night=f"on-line {instant_of(each.scanned_at).date().isoformat()}",
        row=number,
    )


def _seen_now(new: OnlineSighting, number: int) -> Seen:
    return msgspec.structs.replace(
        _seen(new, number),
        descending_mills=new.descending_mills,
        certificate=new.certificate,
        quality=new.quality,
        looks=new.looks,
    )
