"""Cautions that the software shows in place of a label, and who has acknowledged them.

A postal security device bears no caution label; Providers tell their customers through the
software instead (62 FR 14833, preamble). A notice whose words change must be acknowledged anew.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from franking.clock import instant_text
from franking.errors import Refusal
from franking.host.books import ACKNOWLEDGEMENTS
from franking.identifiers import record_id
from franking.storage.books import Books
from franking.storage.journal import Act

CLAUSE = "62 FR 14833, preamble (1997)"

NOTICE_NOT_ACKNOWLEDGED = Refusal(
    "NOTICE_NOT_ACKNOWLEDGED",
    clause=CLAUSE,
    remedy="Read the caution, acknowledge it with your name, and go on.",
)
NOTICE_NEEDS_A_PERSON = Refusal(
    "NOTICE_NEEDS_A_PERSON",
    clause=CLAUSE,
    remedy="Give the name of the person who read the caution.",
    http_status=422,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeText:
    """A caution: its name, heading and words."""

    name: str
    heading: str
    words: str

    @property
    def digest(self) -> str:
        """SHA-256 in hex of the words, so that changed words count as another notice."""
        return hashlib.sha256(f"{self.heading}\n{self.words}".encode()).hexdigest()


CAUTION = NoticeText(
    name="caution",
    heading="CAUTION: THIS DEVICE PRINTS POSTAGE",
    words=(
        "The postal security device is leased, not sold, and is used only under a U.S. Postal "
        "Service licence. Tampering with the device or its indicia, using it to avoid paying "
        "postage, and printing indicia that were not paid for are federal offences. Keep the "
        "device in your custody; report its loss, theft or any fault to your provider at once. "
        "Call your provider before you move or return it, and the postal inspectors if you suspect "
        "tampering."
    ),
)
"""Misuse to avoid postage is punishable (DMM P030.1.1 of 1995); custody is P050.2.5."""

NOTICES = (CAUTION,)
"""All that a person is told before the software prints postage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Who acknowledged a notice, and when (UTC)."""

    notice: str
    person: str
    at: str


def acknowledge(
    books: Books, *, person: str, now: datetime, notice: NoticeText = CAUTION
) -> Acknowledgement:
    """Record that a person read the notice. Twice changes nothing.

    Raises:
        Refused: ``NOTICE_NEEDS_A_PERSON``.
    """
    if not person.strip():
        raise NOTICE_NEEDS_A_PERSON.because("nobody is named")
    for done in acknowledgements(books, notice):
        if done.person == person:
            return done
    row = {"notice": notice.name, "digest": notice.digest, "person": person}
    with books.work(now, "acknowledge") as work:
        work.write(insert(ACKNOWLEDGEMENTS).values({**row, "at": instant_text(now)}))
        work.record(
            Act(
                command="acknowledge",
                record=record_id("notice", notice.name),
                clauses=(CLAUSE,),
                inputs=row,
            )
        )
    return Acknowledgement(notice=notice.name, person=person, at=instant_text(now))


def acknowledgements(books: Books, notice: NoticeText = CAUTION) -> tuple[Acknowledgement, ...]:
    """Who has acknowledged the notice in its present words, oldest first."""
    log = ACKNOWLEDGEMENTS.c
    query = select(ACKNOWLEDGEMENTS).where(log.notice == notice.name, log.digest == notice.digest)
    with books.reading() as reading:
        rows = reading.rows(query.order_by(log.at))
    return tuple(Acknowledgement(notice=r.notice, person=r.person, at=r.at) for r in rows)


def require_acknowledged(books: Books, notice: NoticeText = CAUTION) -> None:
    """Refuse to go on until somebody has read the notice in its present words.

    Raises:
        Refused: ``NOTICE_NOT_ACKNOWLEDGED``.
    """
    if not acknowledgements(books, notice):
        raise NOTICE_NOT_ACKNOWLEDGED.because(notice.heading)
