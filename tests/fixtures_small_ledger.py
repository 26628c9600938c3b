"""A small ledger of its own, on either database: accounts that count and such that do not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from sqlalchemy import MetaData

from franking.identifiers import record_id
from franking.ledger import AccountKind, Chart, Ledger, Posting, Transfer
from franking.storage import Actor, Books, Schema
from tests.fixtures_databases import books_on

NOW = datetime(1997, 6, 2, 9, 30, tzinfo=timezone(timedelta(hours=-4)))
CLERK = Actor("a clerk", "clerk")
CHART = Chart.of(
    AccountKind(kind="lockbox", title="Lockbox", meaning="What the bank received."),
    AccountKind(kind="used", title="Used", meaning="Postage used."),
    AccountKind(kind="owed", title="Owed", meaning="Owed by a licensee.", of="licensee's account"),
    *(
        AccountKind(kind=kind, title=kind, meaning=kind, of="thing", counted=True, floor_mills=0)
        for kind in ("deposits", "transit", "device")
    ),
)
SCHEMA = Schema("provider", 1, MetaData())
LEDGER = Ledger.within(SCHEMA.metadata, CHART)


def ledger_books(database: str, tmp_path: Path) -> Books:
    """Fresh books with nothing but the ledger in them."""
    return books_on(database, SCHEMA, tmp_path, by=CLERK)


def posting(key: str, debit: str, credit: str, amount_mills: int, **more: str) -> Posting:
    """A posting of one transfer."""
    transfer = Transfer(debit=debit, credit=credit, amount_mills=amount_mills)
    named = {"kind": "moved", "clause": "policy"} | more
    return Posting(key=key, transfers=(transfer,), **named)


def post(books: Books, *postings: Posting) -> None:
    """Post in a unit of work of its own."""
    with books.work(NOW, "post", on=(record_id("posting", postings[0].key),)) as work:
        LEDGER.post_many(work, postings, NOW)
