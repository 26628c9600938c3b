"""Carrying dispatches between the domains of a home, as a network would.

What was cut short is carried again: the recipient hears each message once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from franking.home.home import Home
from franking.messages.dispatch import DispatchTables
from franking.postal import receiving as postal_side
from franking.postal.schema import DISPATCHES as POSTAL_DISPATCHES
from franking.provider import receiving as provider_side
from franking.provider.schema import DISPATCHES as PROVIDER_DISPATCHES
from franking.storage import Books

Receive = Callable[[str], str]


def carry(home: Home) -> list[str]:
    """Carry every message that waits, and every answer to it; the refusals met on the way.

    Raises:
        Refused: ``BOOKS_BUSY`` and its like: what was not carried waits.
    """
    postal, provider, now = home.postal, home.provider, home.now

    def to_postal(text: str) -> str:
        return postal_side.HEARING.receive(postal.books, postal.signer, text, now)

    def to_provider(text: str) -> str:
        return provider_side.HEARING.receive(provider.books, provider.signer, text, now)

    refusals: list[str] = []
    while True:
        there = _carry_from(provider.books, PROVIDER_DISPATCHES, to_postal, now)
        back = _carry_from(postal.books, POSTAL_DISPATCHES, to_provider, now)
        refusals += [outcome for outcome in (*there, *back) if outcome != "taken"]
        if not there and not back:
            return refusals


def _carry_from(
    books: Books, dispatches: DispatchTables, receive: Receive, now: datetime
) -> list[str]:
    with books.reading() as reading:
        waiting = dispatches.undelivered(reading)
    outcomes = []
    for dispatch in waiting:
        outcomes.append(receive(dispatch.text))
        with books.work(now, "deliver_dispatch", on=(dispatch.record,)) as work:
            dispatches.deliver(work, dispatch.number, now)
    return outcomes
