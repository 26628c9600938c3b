"""Holding providers' lists against the Postal Service's own record of meters in service.

The first list of a provider opens the record. From then on a list changes nothing by itself: what
differs is sent back to the provider, and its disposition of each difference, or the licensing post
office's own note, changes the record (39 CFR 501.22(j), 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import parted
from franking.messages.listing import InServiceCompared, ListDifference
from franking.messages.signing import Signer
from franking.postal.reports import tables
from franking.postal.reports.decisions import compared
from franking.postal.reports.list_file import digest_of, meters_in
from franking.postal.reports.records import Disagreement, HeardList, Held, ListedMeter
from franking.postal.schema import DISPATCHES
from franking.storage import Act, Books, Work

CLAUSE = "39 CFR 501.22(j) (1995)"

LIST_NOT_ANNOUNCED = Refusal(
    "LIST_NOT_ANNOUNCED",
    clause=CLAUSE,
    remedy="Take the file that the provider's signed message names, unchanged.",
)
METER_UNFIT = Refusal(
    "METER_UNFIT",
    clause=CLAUSE,
    remedy="Give the provider and the serial number, as on the PS Form 3601-C of the office.",
    http_status=422,
)


def take_list(
    books: Books, signer: Signer, path: Path, now: datetime
) -> tuple[HeardList, list[Disagreement]]:
    """Take in a list that a provider announced, and answer it with what differs.

    Taken again, it changes nothing.

    Raises:
        Refused: ``LIST_UNREADABLE``, ``LIST_NOT_ANNOUNCED``.
    """
    digest = digest_of(path)
    with books.reading() as reading:
        heard = tables.list_of_digest(reading, digest)
    if heard is None:
        raise LIST_NOT_ANNOUNCED.because(f"no provider announced a list {digest[:16]}…")
    with books.work(now, "take_in_service_list", on=(list_record(heard.provider),)) as work:
        found = tables.find_list(work, heard.provider, heard.quarter) or heard
        if found.taken_on is not None:
            return found, []
        differing = _taken(work, found, path, now.date())
        tables.take_list(work, found, differences=len(differing), on=now.date())
        _answer(work, signer, found, differing, now)
        inputs = {"quarter": found.quarter, "digest": digest, "differences": len(differing)}
        work.record(Act(record=list_record(found.provider), clauses=(CLAUSE,), inputs=inputs))
    return found, differing


def note_at_office(
    books: Books, provider: str, meter: ListedMeter, *, held: Held, now: datetime
) -> None:
    """Note what the licensing post office's own papers say of a meter: placed, or gone.

    Raises:
        Refused: ``METER_UNFIT``.
    """
    if not meter.serial.strip() or not provider.strip():
        raise METER_UNFIT.because("it lacks the serial number or the provider")
    with books.work(now, "note_device_at_office", on=(list_record(provider),)) as work:
        tables.put_meter(work, provider, meter, held=held, on=now.date(), source=str(books.by))
        inputs = {"serial": meter.serial, "held": held.value}
        work.record(Act(record=list_record(provider), clauses=(CLAUSE,), inputs=inputs))


def list_record(provider: str) -> str:
    """The record of a provider's meters in service."""
    return record_id("in-service", provider)


def _taken(work: Work, heard: HeardList, path: Path, on: date) -> list[Disagreement]:
    if not tables.knows(work, heard.provider):
        source = f"list of {heard.quarter}"
        tables.add_meters(work, heard.provider, meters_in(path), on=on, source=source)
        return []
    differing = list(compared(meters_in(path), tables.held_by(work, heard.provider)))
    tables.add_differences(work, heard, enumerate(differing, start=1))
    return differing


def _answer(
    work: Work, signer: Signer, heard: HeardList, differing: Sequence[Disagreement], now: datetime
) -> None:
    lines = [
        ListDifference(
            number=number,
            device=each.serial,
            what=each.what.value,
            listed=each.words(each.listed),
            held=each.words(each.held),
        )
        for number, each in enumerate(differing, start=1)
    ]
    record = list_record(heard.provider)
    messages = (
        (
            record,
            InServiceCompared(
                device="",
                issued_at=instant_text(now),
                sender=POSTAL_SERVICE,
                quarter=heard.quarter,
                digest=heard.digest,
                lines=some,
                part=part,
                parts=parts,
                total=len(lines),
            ),
        )
        for part, parts, some in parted(lines)
    )
    DISPATCHES.send_many(work, messages, signer, recipient=heard.provider, now=now)
