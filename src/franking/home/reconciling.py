"""What restored books have missed, as everything that was not restored remembers it.

A copy knows nothing of what came after it. The other domain does: it has heard messages that the
restored one no longer knows it sent, and it has delivered messages that the restored one no longer
knows. Devices know which resets they took, and the notes of checkpoints, kept elsewhere, how many
rows the journal had. Every difference is told, not the first; what was delivered can be carried
again, and what was sent is there word for word in the inbox of whoever heard it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select, update

from franking.home.devices import device_names
from franking.home.home import Home
from franking.home.provider_office import NAME as PROVIDER_NAME
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE, DispatchTables
from franking.messages.signing import digest
from franking.postal.certificates.tables import CERTIFICATES
from franking.postal.schema import DISPATCHES as POSTAL_DISPATCHES
from franking.provider.resetting.tables import KEYS
from franking.provider.resetting.view import device_views
from franking.provider.schema import DISPATCHES as PROVIDER_DISPATCHES
from franking.storage import Act, Books, Reading
from franking.storage.checkpoints import read_note

NOTES = "checkpoints"
"""The folder of a home that keeps the notes of checkpoints, away from the books."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """One thing that the books do not know, though somebody else does."""

    what: str
    """``sent``, ``delivered``, ``reset``, ``device``, ``certificate`` or ``rows``."""
    record: str
    detail: str
    at: str = ""
    number: int = 0
    """Of a delivered message: its number in the other domain's outbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    mine: Books
    my_dispatches: DispatchTables
    theirs: Books
    their_dispatches: DispatchTables
    names: frozenset[str]
    """Under which the restored domain sends and is sent to: the others of its kind are not ours."""


def missed_by(home: Home, domain: str) -> list[Missed]:
    """Everything that the books of ``domain`` (provider or postal) have missed.

    Raises:
        Refused: what the books or the devices refuse.
    """
    sides = _sides(home, domain)
    with sides.mine.reading() as mine, sides.theirs.reading() as theirs:
        found = [
            *_sent(sides, mine, theirs),
            *_delivered(sides, mine, theirs),
            *_rows(home.folder / NOTES, domain, sides.mine, mine),
        ]
        if domain == "postal":
            found += _certificates(mine, theirs)
    return [*found, *_resets(home)] if domain == "provider" else found


def carry_again(home: Home, domain: str, missed: list[Missed], now: datetime) -> int:
    """Put the messages that were delivered before back on their way; how many they were.

    Raises:
        Refused: ``NOT_PERMITTED``, or what the books refuse.
    """
    sides = _sides(home, domain)
    box = sides.their_dispatches.outbox
    again = [one for one in missed if one.what == "delivered"]
    for one in again:
        with sides.theirs.work(now, "carry_again", on=(one.record,)) as work:
            work.write_one(update(box).where(box.c.number == one.number).values(delivered_at=None))
            work.record(Act(record=one.record, clauses=("policy",), inputs={"number": one.number}))
    return len(again)


def _sides(home: Home, domain: str) -> _Sides:
    provider, postal = home.provider.books, home.postal.books
    names = {"provider": PROVIDER_NAME, "postal": POSTAL_SERVICE}
    signers = {"provider": home.provider.signer, "postal": home.postal.signer}
    mine = frozenset({names[domain], signers[domain].name})
    if domain == "provider":
        return _Sides(
            mine=provider,
            my_dispatches=PROVIDER_DISPATCHES,
            theirs=postal,
            their_dispatches=POSTAL_DISPATCHES,
            names=mine,
        )
    return _Sides(
        mine=postal,
        my_dispatches=POSTAL_DISPATCHES,
        theirs=provider,
        their_dispatches=PROVIDER_DISPATCHES,
        names=mine,
    )


def _sent(sides: _Sides, mine: Reading, theirs: Reading) -> Iterator[Missed]:
    """What they heard from us, and we do not know that we sent."""
    known = {digest(row.text) for row in mine.stream(select(sides.my_dispatches.outbox.c.text))}
    inbox = sides.their_dispatches.inbox
    query = select(inbox).where(inbox.c.sender.in_(sides.names)).order_by(inbox.c.heard_at)
    for row in theirs.stream(query):
        if row.digest not in known:
            yield Missed(
                what="sent",
                record=row.record,
                detail=f"{row.kind}, {row.outcome}",
                at=row.heard_at,
            )


def _delivered(sides: _Sides, mine: Reading, theirs: Reading) -> Iterator[Missed]:
    """What they delivered to us, and we do not know that we heard."""
    known = {row.digest for row in mine.stream(select(sides.my_dispatches.inbox.c.digest))}
    outbox = sides.their_dispatches.outbox
    to_us = outbox.c.recipient.in_(sides.names) & outbox.c.delivered_at.is_not(None)
    for row in theirs.stream(select(outbox).where(to_us).order_by(outbox.c.number)):
        if digest(row.text) not in known:
            yield Missed(
                what="delivered",
                record=row.record,
                detail=row.kind,
                at=row.delivered_at,
                number=row.number,
            )


def _rows(notes: Path, domain: str, books: Books, mine: Reading) -> Iterator[Missed]:
    """How many rows the journal lacks that a checkpoint kept elsewhere has counted."""
    told = [read_note(file.read_text(encoding="utf-8")) for file in notes.glob(f"{domain}-*.txt")]
    last = max(told, key=lambda note: note.size, default=None)
    journal = books.schema.journal.journal
    row = mine.row(select(func.count().label("rows")).select_from(journal))
    rows = 0 if row is None else int(row.rows)
    if last is not None and last.size > rows:
        yield Missed(
            what="rows",
            record=record_id("journal", domain),
            detail=f"at least {last.size - rows} rows: checkpoint {last.number} has {last.size},"
            f" the books have {rows}",
            at=last.at,
        )


def _certificates(mine: Reading, theirs: Reading) -> Iterator[Missed]:
    """Certificates that devices bear, and the authority does not know that it issued.

    Their serials must not be given again: nothing is to be certified before they are known.
    """
    known = {row.serial for row in mine.stream(select(CERTIFICATES.c.serial))}
    columns = (KEYS.c.certificate_serial, KEYS.c.device_id)
    borne = select(*columns).where(KEYS.c.certificate_serial.is_not(None))
    for row in theirs.stream(borne.order_by(KEYS.c.certificate_serial)):
        if row.certificate_serial not in known:
            yield Missed(
                what="certificate",
                record=record_id("device", row.device_id),
                detail=f"certificate {row.certificate_serial}: its serial must not be given again",
            )


def _resets(home: Home) -> Iterator[Missed]:
    """What devices at hand took, and the provider does not know that it gave."""
    views = {str(view["device_id"]): view for view in device_views(home.provider.books)}
    for name in device_names(home.folder):
        shown = home.existing(name).shown(home.now)
        device = str(shown["device_id"])
        record = record_id("device", device)
        if device not in views:
            if int(shown["reset_sequence"]):
                yield Missed(what="device", record=record, detail="the books do not know it")
            continue
        known = int(str(views[device]["reset_sequence"]))
        if int(shown["reset_sequence"]) > known:
            yield Missed(
                what="reset",
                record=record,
                detail=f"the device took reset {shown['reset_sequence']},"
                f" the books know of {known}; its registers hold"
                f" {shown['control_total_mills']} mills in all",
            )
