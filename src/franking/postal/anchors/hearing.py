"""What providers report of the journals that they host, and what is anchored of it."""

from __future__ import annotations

from datetime import datetime

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.hosting import AnchorsHeld, AnchorsWanted, HostedHeads, JournalHead
from franking.messages.receiving import Dispatched, Hearer
from franking.messages.signing import Signer
from franking.postal.anchors import tables
from franking.postal.anchors.decisions import contradiction, is_news
from franking.postal.anchors.records import Anchor, Finding, FindingKind
from franking.postal.certificates.authority import key_rules
from franking.postal.certificates.commands import CONTRADICTED
from franking.postal.irregularities.journals import open_journal_case
from franking.postal.schema import DISPATCHES, DOCKET
from franking.storage import Act, Work

_CLAUSE = "39 CFR 502.26(a) (1997)"
_HEADS_MAX = 500
"""Heads in one message; 600 would be longer than a message may be."""


def take_heads(work: Work, message: HostedHeads, signer: Signer, now: datetime) -> None:
    """Anchor the heads that continue what is anchored; each that does not opens a case."""
    said = [_anchor(message, head) for head in message.heads]
    known = tables.latest_anchors(work, {anchor.device for anchor in said})
    news: dict[str, Anchor] = {}
    for anchor in said:
        before = news.get(anchor.device) or _own(known, anchor)
        elsewhere = next((a.provider for a in known if _is_elsewhere(a, anchor)), None)
        found = contradiction(before, anchor, elsewhere=elsewhere)
        if found is not None:
            _keep_finding(work, anchor, *found, now=now)
            open_journal_case(work, anchor.device, ": ".join(found), signer, now)
        elif is_news(before, anchor):
            news[anchor.device] = anchor
    tables.add_anchors(work, list(news.values()))
    work.record(
        Act(
            record=_provider(message),
            clauses=(_CLAUSE,),
            inputs={"heads": len(said), "anchored": len(news)},
        )
    )


def tell_anchors(work: Work, message: AnchorsWanted, signer: Signer, now: datetime) -> None:
    """Tell a provider what is anchored of its devices."""
    after, told = "", 0
    while True:
        page = tables.latest_of_provider(work, message.sender, after=after, limit=_HEADS_MAX)
        if page or not told:
            DISPATCHES.send(
                work,
                AnchorsHeld(
                    device="",
                    issued_at=instant_text(now),
                    sender=POSTAL_SERVICE,
                    heads=list(map(_head, page)),
                ),
                signer,
                recipient=message.sender,
                record=_provider(message),
                now=now,
            )
        told += len(page)
        if len(page) < _HEADS_MAX:
            break
        after = page[-1].device
    work.record(Act(record=_provider(message), clauses=(_CLAUSE,), inputs={"told": told}))


def _keep_finding(
    work: Work, anchor: Anchor, kind: FindingKind, detail: str, *, now: datetime
) -> None:
    finding = Finding(
        kind=kind,
        provider=anchor.provider,
        device=anchor.device,
        detail=detail,
        found_at=instant_text(now),
    )
    tables.add_finding(work, finding)
    DOCKET.open(
        work,
        CONTRADICTED,
        record=record_id("device", anchor.device),
        owed_by=record_id("provider", anchor.provider),
        rulebook=key_rules(now).rulebook,
        start=now.date(),
        now=now,
        because=f"{kind}: {detail}",
    )
    work.record(
        Act(
            command="find_contradiction",
            record=record_id("device", anchor.device),
            clauses=(_CLAUSE,),
            inputs={"kind": kind, "detail": detail, "provider": anchor.provider},
        )
    )


def _own(known: list[Anchor], said: Anchor) -> Anchor | None:
    mine = (a for a in known if (a.device, a.provider) == (said.device, said.provider))
    return next(mine, None)


def _is_elsewhere(known: Anchor, said: Anchor) -> bool:
    return known.device == said.device and known.provider != said.provider


def _anchor(message: HostedHeads, head: JournalHead) -> Anchor:
    return Anchor(
        provider=message.sender,
        device=head.device,
        sequence=head.sequence,
        ascending_mills=head.ascending_mills,
        entry_hash=head.entry_hash,
        said_at=message.issued_at,
    )


def _head(anchor: Anchor) -> JournalHead:
    return JournalHead(
        device=anchor.device,
        sequence=anchor.sequence,
        ascending_mills=anchor.ascending_mills,
        entry_hash=anchor.entry_hash,
    )


def _provider(message: Dispatched) -> str:
    return record_id("provider", message.sender)


HEARERS = (
    Hearer(HostedHeads, _provider, take_heads),
    Hearer(AnchorsWanted, _provider, tell_anchors),
)
