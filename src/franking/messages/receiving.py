"""Hearing a message of another domain: believed under its sender's key, once, with its outcome.

Each domain has one table of the kinds that it hears. What the message says is carried out in the
same unit of work that notes it; a message that is refused is noted too, with the refusal, so that
it holds up nobody behind it and an officer can see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from franking.errors import Refusal, Refused
from franking.messages.dispatch import DispatchTables
from franking.messages.signing import (
    MESSAGE_OF_ANOTHER_KIND,
    Message,
    Signer,
    claimed_kind,
    digest,
    unverified,
    verify,
)
from franking.storage import Act, Books, Reading, Work

SENDER_UNKNOWN = Refusal(
    "SENDER_UNKNOWN",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Have the sender certified by the Postal Service, or ask for the message again.",
    http_status=403,
)


class Dispatched(Message, frozen=True, kw_only=True):
    """A message between the Postal Service and a provider; it says who sends it."""

    sender: str
    """``Postal Service``, or the provider's name."""


@dataclass(frozen=True, slots=True)
class Hearer:
    """How one kind of message is heard."""

    kind: type[Dispatched]
    record: Callable[[Any], str]
    """Which record the message is about, as ``record_id`` names it."""
    take: Callable[[Work, Any, Signer, datetime], None]
    """Carries out what it says; records the acts."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a domain hears, from whom, and where it notes it."""

    dispatches: DispatchTables
    hearers: Mapping[str, Hearer]
    key_of: Callable[[Reading, str], EllipticCurvePublicKey | None]
    """The key of a sender, where the domain knows the sender."""

    def receive(self, books: Books, signer: Signer, text: str, now: datetime) -> str:
        """Hear a message; the outcome: ``taken``, or ``CODE: why`` where it was refused.

        The same message again changes nothing and has the same outcome.

        Raises:
            Refused: ``BOOKS_BUSY`` and its like, where nothing was noted and it must come again.
        """
        with books.reading() as reading:
            before = self.dispatches.outcome_of(reading, text)
        if before is not None:
            return before
        try:
            return self._take(books, signer, text, now)
        except Refused as refused:
            if refused.refusal.http_status >= 500:
                raise
            return self._note(books, text, now, f"{refused.code}: {refused.detail}")

    def _take(self, books: Books, signer: Signer, text: str, now: datetime) -> str:
        hearer = self._hearer(text)
        claimed = unverified(text, hearer.kind)
        record = hearer.record(claimed)
        with books.work(now, f"hear_{hearer.kind.__name__}", on=(record,)) as work:
            if (before := self.dispatches.outcome_of(work, text)) is not None:
                return before
            message = verify(text, hearer.kind, self._key(work, claimed.sender))
            hearer.take(work, message, signer, now)
            self.dispatches.hear(work, text, sender=message.sender, record=record, now=now)
        return "taken"

    def _note(self, books: Books, text: str, now: datetime, outcome: str) -> str:
        with books.work(now, "hear_refused") as work:
            if (before := self.dispatches.outcome_of(work, text)) is not None:
                return before
            record = f"message:{digest(text)}"
            self.dispatches.hear(work, text, sender="", record=record, now=now, outcome=outcome)
            work.record(Act(record=record, clauses=("policy",), inputs={"outcome": outcome}))
        return outcome

    def _hearer(self, text: str) -> Hearer:
        kind = claimed_kind(text).removeprefix("franking/")
        if kind not in self.hearers:
            raise MESSAGE_OF_ANOTHER_KIND.because(f"nobody here hears a {kind!r}")
        return self.hearers[kind]

    def _key(self, books: Reading, sender: str) -> EllipticCurvePublicKey:
        key = self.key_of(books, sender)
        if key is None:
            raise SENDER_UNKNOWN.because(f"there is no key of {sender!r} here")
        return key


def by_kind(*hearers: Hearer) -> Mapping[str, Hearer]:
    """The table of a domain, by the name of the kind."""
    return {hearer.kind.__name__: hearer for hearer in hearers}
