"""Anchoring hosted journals with the Postal Service, and holding a restored fleet against them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.hosting import AnchorsHeld, AnchorsWanted, HostedHeads, JournalHead
from franking.messages.receiving import Dispatched, Hearer
from franking.messages.signing import Signer
from franking.provider.hosting import tables
from franking.provider.hosting.decisions import differences, moved
from franking.provider.hosting.records import Difference, EntryHash
from franking.provider.schema import DISPATCHES, DOCKET
from franking.rules.rulebooks import rulebook as known_rulebook
from franking.storage import Act, Books, Work

_CLAUSE = "39 CFR 502.26(a) (1997)"
_RULEBOOK, _RULEBOOK_BEFORE = "ibip-1997", "meter-1995"
ANCHOR_DUTY = "anchor hosted journals"
_HEADS_MAX = 500
"""Heads in one message and one unit of work; 600 would be longer than a message may be."""


def anchor_heads(books: Books, signer: Signer, heads: Iterable[JournalHead], now: datetime) -> int:
    """Report every journal that moved since it was last reported; how many did.

    Cut short, it goes on where it was when it is asked again.
    """
    told, hosted, following = 0, 0, iter(heads)
    while page := list(islice(following, _HEADS_MAX)):
        told += _report(books, signer, page, now)
        hosted += len(page)
    if hosted:
        _renew(books, signer, now, because=f"{told} of {hosted} journals had moved")
    return told


def expect_anchors(books: Books, signer: Signer, now: datetime) -> None:
    """From the first hosted device on, its journal is to be reported from time to time."""
    record = record_id("provider", signer.name)
    with books.work(now, "anchor_heads", on=(record,)) as work:
        _expect(work, record, now, because="a device is hosted")


def ask_for_anchors(books: Books, signer: Signer, now: datetime, *, token: str) -> None:
    """Ask the Postal Service what it holds of our devices, as after a restore.

    ``token`` is new for every question.
    """
    wanted = AnchorsWanted(device="", issued_at=instant_text(now), sender=signer.name, token=token)
    record = record_id("provider", signer.name)
    with books.work(now, "ask_for_anchors", on=(record,)) as work:
        DISPATCHES.send(work, wanted, signer, recipient=POSTAL_SERVICE, record=record, now=now)
        work.record(Act(record=record, clauses=(_CLAUSE,)))


def reconcile(books: Books, entry_hash: EntryHash) -> list[Difference]:
    """Every journal of the fleet that is not what the Postal Service was told of it."""
    with books.reading() as reading:
        return list(differences(tables.anchored(reading), entry_hash))


def take_anchors(work: Work, message: AnchorsHeld, _: Signer, now: datetime) -> None:
    """Keep what the Postal Service holds."""
    tables.put_heads(work, tables.ANCHORED, message.heads)
    record = record_id("provider", message.sender)
    work.record(Act(record=record, clauses=(_CLAUSE,), inputs={"heads": len(message.heads)}))


def _report(books: Books, signer: Signer, page: list[JournalHead], now: datetime) -> int:
    record = record_id("provider", signer.name)
    with books.work(now, "anchor_heads", on=(record,)) as work:
        news = moved(page, tables.reported(work, [head.device for head in page]))
        if news:
            message = HostedHeads(
                device="", issued_at=instant_text(now), sender=signer.name, heads=news
            )
            DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=record, now=now)
            tables.put_heads(work, tables.REPORTED, news)
            work.record(Act(record=record, clauses=(_CLAUSE,), inputs={"heads": len(news)}))
    return len(news)


def _renew(books: Books, signer: Signer, now: datetime, *, because: str) -> None:
    """Everything is reported: the next report is due a term from now."""
    record = record_id("provider", signer.name)
    with books.work(now, "anchor_heads", on=(record,)) as work:
        DOCKET.satisfy(work, ANCHOR_DUTY, record=record, now=now, because=because)
        _expect(work, record, now, because=because)


def _expect(work: Work, record: str, now: datetime, *, because: str) -> None:
    rulebook = _RULEBOOK if known_rulebook(_RULEBOOK).opens <= now.date() else _RULEBOOK_BEFORE
    DOCKET.open(
        work,
        ANCHOR_DUTY,
        record=record,
        owed_by="provider",
        rulebook=rulebook,
        start=now.date(),
        now=now,
        because=because,
    )
    work.record(Act(record=record, clauses=(_CLAUSE,), inputs={"because": because}))


def _sender(message: Dispatched) -> str:
    return record_id("provider", message.sender)


HEARERS = (Hearer(AnchorsHeld, _sender, take_anchors),)
