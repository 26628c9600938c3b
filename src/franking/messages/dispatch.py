"""Messages on their way between two domains: an outbox and an inbox in each domain's books.

A command writes what it sends into the outbox in its own unit of work; a carrier takes it to the
other domain, where it is heard in a unit of work that notes its digest in the inbox. So a message
is sent if and only if its command was committed, and is heard once however often it arrives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, MetaData, Table, insert, select, update

from franking.clock import instant_text
from franking.errors import Refused
from franking.identifiers import record_id
from franking.messages.signing import Message, Signer, claimed_kind, digest, sign
from franking.storage import Act, Reading, Work
from franking.storage.columns import WHOLE, guard_append_only, optional_text, text

POSTAL_SERVICE = "Postal Service"
"""The recipient's name for the Postal Service; a provider's is its own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A message in an outbox."""

    number: int
    recipient: str
    kind: str
    record: str
    text: str
    """The signed message."""


@dataclass(frozen=True, slots=True)
class DispatchTables:
    """The outbox and inbox of one domain."""

    outbox: Table
    inbox: Table

    @classmethod
    def within(cls, metadata: MetaData) -> DispatchTables:
        """Define the tables."""
        outbox = Table(
            "outbox",
            metadata,
            Column("number", WHOLE, primary_key=True, autoincrement=True),
            text("recipient"),
            text("kind"),
            text("record", index=True),
            text("text"),
            text("sent_at"),
            optional_text("delivered_at", index=True),
            sqlite_strict=True,
        )
        guard_append_only(outbox, columns=("recipient", "kind", "record", "text", "sent_at"))
        inbox = Table(
            "inbox",
            metadata,
            text("digest", primary_key=True),
            text("sender"),
            text("kind"),
            text("record", index=True),
            text("text"),
            text("heard_at"),
            text("outcome"),
            sqlite_strict=True,
        )
        guard_append_only(inbox)
        return cls(outbox, inbox)

    def send(
        self,
        work: Work,
        message: Message,
        signer: Signer,
        *,
        recipient: str,
        record: str,
        now: datetime,
    ) -> str:
        """Sign a message and put it into the outbox, in the command's own unit of work."""
        (row,) = self._rows([(record, message)], signer, recipient, now)
        work.write(insert(self.outbox).values(row))
        return row["text"]

    def send_many(
        self,
        work: Work,
        messages: Iterable[tuple[str, Message]],
        signer: Signer,
        *,
        recipient: str,
        now: datetime,
    ) -> int:
        """Sign many messages, each about its record, and put them into the outbox at once."""
        return work.write_many(self.outbox, self._rows(messages, signer, recipient, now))

    def _rows(
        self,
        messages: Iterable[tuple[str, Message]],
        signer: Signer,
        recipient: str,
        now: datetime,
    ) -> Iterator[dict[str, str]]:
        for record, message in messages:
            yield {
                "recipient": recipient,
                "kind": type(message).__name__,
                "record": record,
                "text": sign(message, signer, recipient=recipient),
                "sent_at": instant_text(now),
            }

    def undelivered(self, books: Reading, *, limit: int = 1000) -> Sequence[Dispatch]:
        """What is still to be carried, oldest first."""
        box = self.outbox.c
        query = select(box.number, box.recipient, box.kind, box.record, box.text)
        rows = books.rows(query.where(box.delivered_at.is_(None)).order_by(box.number).limit(limit))
        return [Dispatch(**row._mapping) for row in rows]

    def deliver(self, work: Work, number: int, now: datetime) -> None:
        """Note that a message was taken by its recipient (who may have refused its content)."""
        box = self.outbox
        mine = (box.c.number == number) & box.c.delivered_at.is_(None)
        if work.write(update(box).where(mine).values(delivered_at=instant_text(now))):
            work.record(Act(record=record_id("dispatch", number), clauses=("policy",)))

    def outcome_of(self, books: Reading, message: str) -> str | None:
        """What hearing this message came to before: ``taken``, or the refusal; else ``None``."""
        row = books.row(select(self.inbox.c.outcome).where(self.inbox.c.digest == digest(message)))
        return None if row is None else str(row.outcome)

    def hear(
        self,
        work: Work,
        message: str,
        *,
        sender: str,
        record: str,
        now: datetime,
        outcome: str = "taken",
    ) -> None:
        """Note that a message was heard, in the unit of work that carried out what it says."""
        row = {
            "digest": digest(message),
            "sender": sender,
            "kind": _kind_of(message),
            "record": record,
            "text": _storable(message),
            "heard_at": instant_text(now),
            "outcome": outcome,
        }
        work.write(insert(self.inbox).values(row))


def _kind_of(message: str) -> str:
    """What a message claims to be; of one that nobody can read, nothing."""
    try:
        return claimed_kind(message).removeprefix("franking/")
    except Refused:
        return ""


def _storable(message: str) -> str:
    """A message as every database can keep it; what can be read is kept as it is."""
    return message.encode(errors="backslashreplace").decode().replace("\0", "\\x00")
