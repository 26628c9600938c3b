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

from franking.errors import InvariantBroken, Refusal, Refused
from franking.messages.dispatch import DispatchTables
from franking.messages.signing import (
    MESSAGE_OF_ANOTHER_KIND,
    Message,
    Signer,
    claimed_kind,
    claimed_recipient,
    digest,
    unverified,
    verify,
)
from franking.storage import Act, Books, Reading, Work
from franking.storage.database import BOOKS_BUSY

SENDER_UNKNOWN = Refusal(
    "SENDER_UNKNOWN",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Have the sender certified by the Postal Service, or ask for the message again.",
    http_status=403,
)
MESSAGE_FOR_ANOTHER = Refusal(
    "MESSAGE_FOR_ANOTHER",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Carry it to whom it is for; nothing was taken from it here.",
    http_status=403,
)
MESSAGE_UNFIT = Refusal(
    "MESSAGE_UNFIT",
    clause="policy",
    remedy="Correct what it says, and send it as another message; nothing was taken from this one.",
    http_status=422,
)
_CONTRADICTIONS = (
    InvariantBroken,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""How a signed message fails whose content nothing here can follow: no day, no such item."""


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
    alone: bool = False
    """Whether it decides upon records that the message does not name: then nobody else does."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a domain hears, from whom, and where it notes it."""

    dispatches: DispatchTables
    hearers: Mapping[str, Hearer]
    key_of: Callable[[Reading, str], EllipticCurvePublicKey | None]
    """The key of a sender, where the domain knows the sender."""
    name_of: Callable[[Reading], str]
    """Who hears: the recipient that messages have to be for."""

    def receive(self, books: Books, signer: Signer, text: str, now: datetime) -> str:
        """Hear a message; the outcome: ``taken``, or ``CODE: why`` where it was refused.

        The same message again changes nothing and has the same outcome. One that the books
        contradict is heard once more with nobody else at work; if they still do, it is refused, so
        that what comes after it is heard.

        Raises:
            Refused: ``BOOKS_BUSY`` and its like, where nothing was noted and it must come again.
        """
        with books.reading() as reading:
            before = self.dispatches.outcome_of(reading, text)
        if before is not None:
            return before
        try:
            return self._take_or_retry(books, signer, text, now)
        except Refused as refused:
            if refused.is_passing:
                raise
            return self._note(books, text, now, f"{refused.code}: {refused.detail}")
        except _CONTRADICTIONS as found:
            return self._note(books, text, now, f"{MESSAGE_UNFIT.code}: {found}")

    def _take_or_retry(self, books: Books, signer: Signer, text: str, now: datetime) -> str:
        try:
            return self._take(books, signer, text, now)
        except Refused as refused:
            if refused.refusal is not BOOKS_BUSY:
                raise
        except InvariantBroken:
            pass  # Somebody else may have changed a record that the message does not name.
        return self._take(books, signer, text, now, alone=True)

    def _take(
        self, books: Books, signer: Signer, text: str, now: datetime, *, alone: bool = False
    ) -> str:
        hearer = self._hearer(text)
        claimed = unverified(text, hearer.kind)
        record = hearer.record(claimed)
        on = () if alone or hearer.alone else (record,)
        with books.work(now, f"hear_{hearer.kind.__name__}", on=on) as work:
            if (before := self.dispatches.outcome_of(work, text)) is not None:
                return before
            message = verify(text, hearer.kind, self._key(work, claimed.sender))
            self._require_recipient(work, text)
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

    def _require_recipient(self, books: Reading, text: str) -> None:
        meant, here = claimed_recipient(text), self.name_of(books)
        if meant != here:
            raise MESSAGE_FOR_ANOTHER.because(f"it is for {meant or 'nobody'!r}, not for {here!r}")

    def _key(self, books: Reading, sender: str) -> EllipticCurvePublicKey:
        key = self.key_of(books, sender)
        if key is None:
            raise SENDER_UNKNOWN.because(f"there is no key of {sender!r} here")
        return key


def by_kind(*hearers: Hearer) -> Mapping[str, Hearer]:
    """The table of a domain, by the name of the kind."""
    return {hearer.kind.__name__: hearer for hearer in hearers}
