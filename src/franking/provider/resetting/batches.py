"""Resets of many devices in one unit of work: what ``commands`` does one by one, together.

Each request is decided by the same rules; the books are read and written for all of them at once,
and charged together. What can not go together (two requests of one device, a late one, one that
the rules or the funds refuse) is answered by itself, so that nobody waits for another's trouble.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from franking.errors import Refused
from franking.identifiers import record_id
from franking.messages.kinds import ResetReceipt, ResetRequest
from franking.messages.signing import Kind, Signer, digest, sign, unverified, verify
from franking.money import format_dollars
from franking.provider.devices import rows as inventory
from franking.provider.devices import signed
from franking.provider.devices.decisions import require_resettable
from franking.provider.devices.records import Occasion
from franking.provider.examinations import standing as examinations
from franking.provider.funds.charging import WantedReset, charge_for_resets
from franking.provider.resetting import commands, decisions, money, rows_many, settlement
from franking.provider.resetting.decisions import GrantDecision, Known
from franking.provider.resetting.hearing import CLAUSES, rules_of
from franking.provider.resetting.records import Device, Reset
from franking.provider.resetting.rows_many import Remembered
from franking.provider.schema import LEDGER
from franking.psd.vault.ecdsa import public_key_object
from franking.storage import Act, Books, Reading, Work

BATCH_MAX = 80
"""Devices in one unit of work: with their accounts, as many records as it may name."""

Answer = TypeVar("Answer")
Answers = dict[str, str | Refused]


@dataclass(frozen=True, slots=True)
class _Granted:
    """A request that the rules grant, if it can be paid."""

    text: str
    message: ResetRequest
    before: Device
    decision: GrantDecision


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """A receipt that the rules believe."""

    text: str
    message: ResetReceipt
    before: Device
    after: Device
    reset: Reset


def grant_resets(
    books: Books, signer: Signer, requests: Sequence[str], now: datetime
) -> list[str | Refused]:
    """Answer many ``ResetRequest`` messages, each with its ``ResetGrant`` or its refusal."""

    def alone(request: str) -> str:
        return commands.grant_reset(books, signer, request, now)

    return _answered(requests, ResetRequest, lambda some: _granted(books, signer, some, now), alone)


def accept_receipts(books: Books, receipts: Sequence[str], now: datetime) -> list[str | Refused]:
    """Take many ``ResetReceipt`` messages; for each nothing (an empty text), or its refusal."""

    def alone(receipt: str) -> str:
        commands.accept_receipt(books, receipt, now)
        return ""

    return _answered(receipts, ResetReceipt, lambda some: _confirmed(books, some, now), alone)


def _answered(
    texts: Sequence[str],
    kind: type[ResetRequest] | type[ResetReceipt],
    together: Callable[[dict[str, str]], Answers],
    alone: Callable[[str], str],
) -> list[str | Refused]:
    answers: Answers = {}
    for some in _rounds(texts, kind):
        if len(some) > 1:
            answers |= _unless_refused(together, some)
        _answer_alone(some.values(), answers, alone)
    _answer_alone(texts, answers, alone)
    return [answers[text] for text in texts]


def _answer_alone(texts: Iterable[str], answers: Answers, alone: Callable[[str], str]) -> None:
    """Answer those that have no answer yet, one after the other."""
    for text in texts:
        if text not in answers:
            answers[text] = _unless_alone_refused(alone, text)


def _rounds(
    texts: Iterable[str], kind: type[ResetRequest] | type[ResetReceipt]
) -> Iterator[dict[str, str]]:
    """The readable messages by device, each device once, so many together as a round may have."""
    waiting = list(dict.fromkeys(texts))
    while waiting:
        some: dict[str, str] = {}
        later = []
        for text in waiting:
            device_id = _device_of(text, kind)
            if device_id is None:
                continue
            if device_id in some or len(some) == BATCH_MAX:
                later.append(text)
            else:
                some[device_id] = text
        if some:
            yield some
        waiting = later


def _device_of(text: str, kind: type[ResetRequest] | type[ResetReceipt]) -> str | None:
    try:
        return unverified(text, kind).device
    except Refused:
        return None


def _unless_refused(together: Callable[[dict[str, str]], Answers], some: dict[str, str]) -> Answers:
    """What all were answered together; nothing where one of them can not be paid or stored."""
    try:
        return together(some)
    except Refused:
        return {}


def _unless_alone_refused(alone: Callable[[str], str], text: str) -> str | Refused:
    try:
        return alone(text)
    except Refused as refused:
        return refused


# Grants ----------------------------------------------------------------------------------------


def _granted(books: Books, signer: Signer, some: dict[str, str], now: datetime) -> Answers:
    """The grants of those that can be granted together; the others have no answer yet."""
    with books.work(now, "grant_reset", on=_records(some)) as work:
        answers = _answered_before(work, some)
        fresh = {each: text for each, text in some.items() if text not in answers}
        granted = list(_grantable(work, fresh, now))
        if granted:
            answers |= _write_grants(work, signer, granted, now)
    return answers


def _grantable(work: Work, some: dict[str, str], now: datetime) -> Iterator[_Granted]:
    known = _known(work, some, ResetRequest)
    around = _known_around(work, known)
    denied = inventory.denials_of(work, list(known))
    for device_id, (device, message) in known.items():
        rules = rules_of(device, now)
        try:
            decision = decisions.grant(around[device_id], message, rules)
            require_resettable(device_id, denied.get(device_id, []))
            decisions.require_within_limit(decision, rules)
        except Refused:
            continue  # by itself it is refused in the right order, and what follows is done
        if decision.device.heard == message.journal:
            yield _Granted(some[device_id], message, device, decision)


def _write_grants(
    work: Work, signer: Signer, granted: Sequence[_Granted], now: datetime
) -> Answers:
    wanted = [
        WantedReset(
            serial=one.before.device_id,
            licence=one.before.licence,
            amount_mills=one.decision.amount_mills,
            sequence=one.decision.sequence,
        )
        for one in granted
    ]
    charges = charge_for_resets(work, wanted, now)
    used = [settlement.reported(one.decision.device, None) for one in granted]
    _post(work, used, now)
    texts = [
        sign(commands.grant_of(one.decision, digest(one.text), now), signer) for one in granted
    ]
    rows_many.change_devices(
        work, [(one.before, after.device) for one, after in zip(granted, used, strict=True)]
    )
    rows_many.add_resets(
        work,
        (
            commands.reset_of(one.decision, digest(one.text), text, charge.account.number)
            for one, text, charge in zip(granted, texts, charges, strict=True)
        ),
    )
    _note_acknowledged(work, granted)
    devices = [one.before.device_id for one in granted]
    signed.read_many(
        work,
        [(one.before.device_id, one.message.registers) for one in granted],
        Occasion.RESET,
        now,
    )
    examinations.heard_from_many(work, signer, devices, how="reset", now=now)
    rows_many.remember(
        work,
        (
            Remembered(device_id=each, kind=ResetRequest.__name__, text=one.text, reply=text)
            for each, one, text in zip(devices, granted, texts, strict=True)
        ),
    )
    for one, after in zip(granted, used, strict=True):
        work.record(_grant_act(one, after.device))
    return {one.text: text for one, text in zip(granted, texts, strict=True)}


def _note_acknowledged(work: Work, granted: Sequence[_Granted]) -> None:
    """The heads are new positions; those whose last acknowledgement was lost get that again."""
    for acknowledged in (True, False):
        heads = [
            (one.before.device_id, one.message.journal)
            for one in granted
            if (one.decision.acknowledged == one.message.journal) is acknowledged
        ]
        rows_many.note_positions(work, heads, acknowledged=acknowledged)


def _grant_act(one: _Granted, after: Device) -> Act:
    return Act(
        record=record_id("device", one.before.device_id),
        clauses=CLAUSES,
        inputs={
            "sequence": one.decision.sequence,
            "amount": format_dollars(one.decision.amount_mills),
            "request": digest(one.text),
            **money.shown(after),
        },
    )


# Receipts --------------------------------------------------------------------------------------


def _confirmed(books: Books, some: dict[str, str], now: datetime) -> Answers:
    with books.work(now, "accept_receipt", on=_records(some)) as work:
        answers = _answered_before(work, some)
        fresh = {each: text for each, text in some.items() if text not in answers}
        confirmed = list(_confirmable(work, fresh))
        if confirmed:
            _write_receipts(work, confirmed, now)
    return answers | {one.text: "" for one in confirmed}


def _confirmable(work: Work, some: dict[str, str]) -> Iterator[_Confirmed]:
    known = _known(work, some, ResetReceipt)
    resets = rows_many.resets_at(work, [(each, m.sequence) for each, (_, m) in known.items()])
    for device_id, (device, message) in known.items():
        reset = resets.get(device_id)
        try:
            acknowledged = commands.acknowledged_by(reset, message)
            before = _known_of(device, reset)
            after, confirmed = decisions.confirm(before, message, acknowledged)
        except Refused:
            continue
        if after.heard == message.journal != device.heard:
            yield _Confirmed(some[device_id], message, device, after, confirmed)


def _write_receipts(work: Work, confirmed: Sequence[_Confirmed], now: datetime) -> None:
    settled = [settlement.confirmed(one.after, one.reset) for one in confirmed]
    _post(work, settled, now)
    rows_many.change_devices(
        work, [(one.before, after.device) for one, after in zip(confirmed, settled, strict=True)]
    )
    heads = [(one.before.device_id, one.message.journal) for one in confirmed]
    rows_many.note_positions(work, heads, acknowledged=False)
    rows_many.settle_resets(work, [one.reset for one in confirmed])
    rows_many.remember(
        work,
        (
            Remembered(device_id=one.before.device_id, kind=ResetReceipt.__name__, text=one.text)
            for one in confirmed
        ),
    )
    for one, after in zip(confirmed, settled, strict=True):
        record = record_id("device", one.before.device_id)
        inputs = {"sequence": one.message.sequence, **money.shown(after.device)}
        work.record(Act(record=record, clauses=CLAUSES, inputs=inputs))


# What both need --------------------------------------------------------------------------------


def _records(some: Iterable[str]) -> list[str]:
    return [record for device_id in some for record in money.records_of(device_id)]


def _answered_before(books: Reading, some: dict[str, str]) -> Answers:
    by_digest = {digest(text): text for text in some.values()}
    found = rows_many.replies_to(books, by_digest)
    return {by_digest[mark]: reply for mark, reply in found.items()}


def _known(
    books: Reading, some: dict[str, str], kind: type[Kind]
) -> dict[str, tuple[Device, Kind]]:
    """Devices and their messages, where the device's key has signed them."""
    devices = rows_many.devices(books, some)
    keys = rows_many.present_keys(books, devices)
    known = {}
    for device_id, key in keys.items():
        try:
            message = verify(some[device_id], kind, public_key_object(key.public_key))
        except Refused:
            continue
        known[device_id] = devices[device_id], message
    return known


def _known_around(
    books: Reading, known: dict[str, tuple[Device, ResetRequest]]
) -> dict[str, Known]:
    """What ``hearing.known_around`` finds, for many requests at once."""
    ids = list(known)
    transit = rows_many.resets_in_transit(books, ids)
    same = rows_many.resets_at(books, [(each, m.sequence) for each, (_, m) in known.items()])
    orders = rows_many.orders_outstanding(books, ids)
    asked = [
        (each, position.sequence)
        for each, (_, message) in known.items()
        for position in (message.acknowledged, message.journal)
    ]
    positions = rows_many.positions_at(books, asked)
    last = rows_many.last_acknowledged(books, ids)
    around = {}
    for each, (device, message) in known.items():
        told = positions.get((each, message.acknowledged.sequence))
        heard = positions.get((each, message.journal.sequence))
        around[each] = Known(
            device=device,
            transit=transit.get(each),
            same_sequence=same.get(each),
            order=orders.get(each),
            hash_acknowledged=told[0] if told and told[1] else None,
            hash_heard=heard[0] if heard else None,
            last_acknowledged=last[each],
        )
    return around


def _known_of(device: Device, reset: Reset | None) -> Known:
    """What a receipt is decided on; the rest is not asked for."""
    return Known(
        device=device,
        transit=None,
        same_sequence=reset,
        order=None,
        hash_acknowledged=None,
        hash_heard=None,
        last_acknowledged=device.confirmed,
    )


def _post(work: Work, settled: Sequence[settlement.Settled], now: datetime) -> None:
    postings = [posting for one in settled for posting in one.postings]
    if postings:
        LEDGER.post_many(work, postings, now)
