"""Taking a message of a device: believed under its key, once, and remembered with its answer.

Where a message that the device itself signed contradicts what it signed before, the refusal
changes nothing, and then the device is put under suspicion: it gets nothing more until it is
examined.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from franking.errors import InvariantBroken, Refused
from franking.identifiers import record_id
from franking.messages.kinds import AuditReport, ResetRequest
from franking.messages.signing import Kind, Message, digest, unverified, verify
from franking.provider.resetting import rows
from franking.provider.resetting.continuity import GROUNDS_FOR_SUSPICION
from franking.provider.resetting.decisions import Known
from franking.provider.resetting.lifecycle import DEVICE_UNKNOWN
from franking.provider.resetting.money import records_of
from franking.provider.resetting.records import Device, DeviceKey, KeyStatus
from franking.psd.vault.ecdsa import public_key_object
from franking.rules import RuleSet, at
from franking.storage import Act, Books, Reading, Work

CLAUSES = ("39 CFR 502.26(a) (1997)",)


@contextmanager
def hearing(
    books: Books, text: str, kind: type[Message], now: datetime, command: str = ""
) -> Iterator[Work]:
    """A unit of work for a device's message; a ground for suspicion is noted once it is undone.

    Raises:
        Refused: whatever the unit of work refuses.
    """
    try:
        about = records_of(unverified(text, kind).device)
        with books.work(now, command or f"accept_{kind.__name__}", on=about) as work:
            yield work
    except Refused as refused:
        if refused.refusal in GROUNDS_FOR_SUSPICION:
            _suspect(books, unverified(text, kind).device, refused, text, now)
        raise


def believed(
    books: Reading, text: str, kind: type[Kind], *, key: KeyStatus = KeyStatus.PRESENT
) -> tuple[Device, Kind]:
    """The device and its message, signed by that key of it.

    Raises:
        Refused: ``MESSAGE_UNREADABLE``, ``MESSAGE_OF_ANOTHER_KIND``, ``DEVICE_UNKNOWN``,
            ``MESSAGE_SIGNATURE_FALSE``.
    """
    device = require_device(books, unverified(text, kind).device)
    point = require_key(books, device.device_id, key).public_key
    return device, verify(text, kind, public_key_object(point))


def known_around(books: Reading, device: Device, report: ResetRequest | AuditReport) -> Known:
    """What the books hold around a report."""
    sequence = report.sequence if isinstance(report, ResetRequest) else 0
    acknowledged, head = report.acknowledged.sequence, report.journal.sequence
    return Known(
        device=device,
        transit=rows.reset_in_transit(books, device.device_id),
        same_sequence=rows.find_reset(books, device.device_id, sequence),
        order=rows.outstanding_order(books, device.device_id),
        hash_acknowledged=rows.hash_acknowledged(books, device.device_id, acknowledged),
        hash_heard=rows.hash_heard(books, device.device_id, head),
        last_acknowledged=rows.last_acknowledged(books, device.device_id),
    )


def known_of_sequence(books: Reading, device: Device, sequence: int) -> Known:
    """What the books hold around one reset sequence."""
    return Known(
        device=device,
        transit=rows.reset_in_transit(books, device.device_id),
        same_sequence=rows.find_reset(books, device.device_id, sequence),
        order=rows.outstanding_order(books, device.device_id),
        hash_acknowledged=None,
        hash_heard=None,
        last_acknowledged=rows.last_acknowledged(books, device.device_id),
    )


def remember(work: Work, text: str, kind: type[Message], device: Device, reply: str = "") -> None:
    """Keep the message and our answer: the same message gets the same answer."""
    rows.add_message(
        work,
        digest=digest(text),
        device_id=device.device_id,
        kind=kind.__name__,
        message=text,
        reply=reply,
    )


def require_device(books: Reading, device_id: str) -> Device:
    """A device of these books.

    Raises:
        Refused: ``DEVICE_UNKNOWN``.
    """
    device = rows.find_device(books, device_id)
    if device is None:
        raise DEVICE_UNKNOWN.because(f"{device_id!r} is not enrolled")
    return device


def require_key(books: Reading, device_id: str, status: KeyStatus) -> DeviceKey:
    """The device's key of that status.

    Raises:
        Refused: ``DEVICE_UNKNOWN``.
    """
    key = rows.find_key(books, device_id, status)
    if key is None:
        raise DEVICE_UNKNOWN.because(f"{device_id} has no {status} key")
    return key


def rules_of(device: Device, now: datetime) -> RuleSet:
    """The rules for this device today."""
    return at("device", device.rulebook, now.date())


def _suspect(books: Books, device_id: str, refused: Refused, text: str, now: datetime) -> None:
    with books.work(now, "suspect_device", on=(record_id("device", device_id),)) as work:
        device = rows.find_device(work, device_id)
        if device is None:
            raise InvariantBroken(f"{device_id} was believed and is not enrolled")
        if device.suspicion:
            return
        suspected = replace(device, suspicion=f"{refused.code}: {refused.detail}")
        rows.change_device(work, device, suspected)
        work.record(
            Act(
                command="suspect_device",
                record=record_id("device", device_id),
                clauses=(refused.clause,),
                inputs={"ground": refused.code, "detail": refused.detail, "message": text},
            )
        )
