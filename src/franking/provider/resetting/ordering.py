"""Commands on orders: authorize, lock, unlock, withdraw, clear, scrap, roll over.

An order is stored as it was signed; asking for the same order while it is outstanding gives
the same bytes again. ``answering`` takes what devices answer.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.kinds import (
    Authorization,
    ClearingOrder,
    LockOrder,
    RolloverAuthorization,
    ScrappingOrder,
    UnlockOrder,
    WithdrawalOrder,
)
from franking.messages.signing import Message, Signer, digest, sign, unverified
from franking.provider.devices import signed
from franking.provider.identity import require_identity
from franking.provider.licensing import rows as licensed
from franking.provider.resetting import lifecycle, rows
from franking.provider.resetting.hearing import require_device, require_key, rules_of
from franking.provider.resetting.records import Device, KeyStatus, Order
from franking.psd.vault.certification import verified_certificate
from franking.storage import Act, Books, Work

_SERVICE = "DMM P050.3.1 (1997)"
_OUT_OF_SERVICE = "39 CFR 502.21(e) (1997)"
_KEYS = "39 CFR 502.9(e) (1997)"

ROLLOVER_OVERTAKEN = Refusal(
    "ROLLOVER_OVERTAKEN",
    clause=_KEYS,
    remedy="Have the device request its rollover again, and pass that request on.",
)


@dataclass(frozen=True, slots=True)
class _Decided:
    """The device after an order is issued, and what else the order says."""

    device: Device
    fields: dict[str, object] = field(default_factory=dict)


def authorize(
    books: Books,
    signer: Signer,
    *,
    device_id: str,
    certificate: bytes,
    licence: str,
    now: datetime,
    limit_mills: int | None = None,
) -> str:
    """The ``Authorization`` of a device for a licensee (DMM P050.3.1).

    ``limit_mills`` may be below the rulebook's; without it, it is the rulebook's.

    Raises:
        Refused: ``DEVICE_UNKNOWN``, ``STATUS_UNSUITABLE``, ``ORDER_OUTSTANDING``,
            ``LICENCE_UNKNOWN``, ``LIMIT_ABOVE_RULE``, ``DEVICE_NOT_INSPECTED``,
            ``CERTIFICATE_FALSE``, ``CERTIFICATE_OF_ANOTHER_KEY``, ``CERTIFICATE_NOT_IN_DATE``.
    """

    def decide(work: Work, device: Device) -> _Decided:
        held = licensed.find_licence(work, licence)
        after, until = lifecycle.authorized(
            device, licence=held, limit_mills=limit_mills, rules=rules_of(device, now)
        )
        _take_certificate(work, device, certificate, KeyStatus.PRESENT, now)
        place = lifecycle.place_of(held)
        licensee = held.licensee if held else ""
        signed.authorized(work, device_id, licence=licence, licensee=licensee, now=now)
        return _Decided(
            after, {**place, "limit_mills": after.limit_mills, "watchdog_date": until.isoformat()}
        )

    given: dict[str, object] = {
        "licence": licence,
        "certificate": b64encode(certificate).decode(),
    }
    return _ordered(books, signer, device_id, Authorization, given, decide, now, clause=_SERVICE)


def order_lock(
    books: Books, signer: Signer, *, device_id: str, cause: str, clause: str, now: datetime
) -> str:
    """The ``LockOrder``: evidence nothing, for this cause and under this clause.

    Raises:
        Refused: ``DEVICE_UNKNOWN``, ``STATUS_UNSUITABLE``, ``ORDER_OUTSTANDING``.
    """

    def decide(_: Work, device: Device) -> _Decided:
        return _Decided(lifecycle.locked(device, cause))

    given: dict[str, object] = {"cause": cause, "clause": clause}
    return _ordered(books, signer, device_id, LockOrder, given, decide, now, clause=clause)


def order_unlock(books: Books, signer: Signer, *, device_id: str, cause: str, now: datetime) -> str:
    """The ``UnlockOrder``: that cause is gone.

    Raises:
        Refused: ``LOCK_NOT_ORDERED``, and as ``order_lock``.
    """

    def decide(_: Work, device: Device) -> _Decided:
        return _Decided(lifecycle.unlocked(device, cause))

    return _ordered(
        books, signer, device_id, UnlockOrder, {"cause": cause}, decide, now, clause="policy"
    )


def order_withdrawal(
    books: Books, signer: Signer, *, device_id: str, reason: str, now: datetime
) -> str:
    """The ``WithdrawalOrder``: end service and state the registers.

    Raises:
        Refused: as ``order_lock``.
    """
    return _ordered(
        books,
        signer,
        device_id,
        WithdrawalOrder,
        {"reason": reason},
        _next_order,
        now,
        clause=_OUT_OF_SERVICE,
    )


def order_clearing(
    books: Books, signer: Signer, *, device_id: str, examiner: str, now: datetime
) -> str:
    """The ``ClearingOrder`` of a withdrawn device that ``examiner`` found in order.

    Raises:
        Refused: ``VALUE_IN_TRANSIT``, and as ``order_lock``.
    """

    def decide(work: Work, device: Device) -> _Decided:
        lifecycle.require_settled(rows.reset_in_transit(work, device_id))
        statement = rows.latest_message(work, device_id, "WithdrawalStatement")
        return _Decided(
            replace(device, orders=device.orders + 1), {"statement_digest": digest(statement)}
        )

    return _ordered(
        books,
        signer,
        device_id,
        ClearingOrder,
        {"examiner": examiner},
        decide,
        now,
        clause=_OUT_OF_SERVICE,
    )


def order_scrapping(
    books: Books, signer: Signer, *, device_id: str, reason: str, now: datetime
) -> str:
    """The ``ScrappingOrder`` of a cleared device. It has no key to answer with.

    One that was examined takes no order: see ``answering.scrap_examined``.

    Raises:
        Refused: as ``order_lock``.
    """

    def decide(work: Work, device: Device) -> _Decided:
        signed.scrapped(work, device_id, reason=reason, now=now)
        return _Decided(lifecycle.scrapped(device))

    return _ordered(
        books,
        signer,
        device_id,
        ScrappingOrder,
        {"reason": reason},
        decide,
        now,
        clause=_OUT_OF_SERVICE,
    )


def authorize_rollover(
    books: Books, signer: Signer, *, device_id: str, certificate: bytes, now: datetime
) -> str:
    """The ``RolloverAuthorization`` with the certificate of the device's next key.

    Raises:
        Refused: ``VALUE_IN_TRANSIT``, ``ROLLOVER_OVERTAKEN``, ``CERTIFICATE_FALSE``,
            ``CERTIFICATE_OF_ANOTHER_KEY``, ``CERTIFICATE_NOT_IN_DATE``, and as ``order_lock``.
    """

    def decide(work: Work, device: Device) -> _Decided:
        lifecycle.require_settled(rows.reset_in_transit(work, device_id))
        key = require_key(work, device_id, KeyStatus.REQUESTED)
        if key.rollover_order != device.orders + 1:
            raise ROLLOVER_OVERTAKEN.because(
                f"the device wants order {key.rollover_order}, {device.orders + 1} is next"
            )
        _take_certificate(work, device, certificate, KeyStatus.REQUESTED, now)
        return _Decided(
            replace(device, orders=device.orders + 1), {"request_digest": key.request_source}
        )

    given: dict[str, object] = {"certificate": b64encode(certificate).decode()}
    return _ordered(
        books, signer, device_id, RolloverAuthorization, given, decide, now, clause=_KEYS
    )


def outstanding_order(books: Books, device_id: str) -> str | None:
    """The order that the device has not answered, to send it again.

    Raises:
        Refused: ``DEVICE_UNKNOWN``.
    """
    with books.reading() as reading:
        require_device(reading, device_id)
        order = rows.outstanding_order(reading, device_id)
        return None if order is None else order.text


def grant_in_transit(books: Books, device_id: str) -> str | None:
    """The grant that the device has not settled, to send it again.

    Raises:
        Refused: ``DEVICE_UNKNOWN``.
    """
    with books.reading() as reading:
        require_device(reading, device_id)
        reset = rows.reset_in_transit(reading, device_id)
        return None if reset is None else reset.grant


def _ordered(
    books: Books,
    signer: Signer,
    device_id: str,
    kind: type[Message],
    given: dict[str, object],
    decide: Callable[[Work, Device], _Decided],
    now: datetime,
    *,
    clause: str,
) -> str:
    command = f"issue_{kind.__name__}"
    with books.work(now, command, on=(record_id("device", device_id),)) as work:
        device = require_device(work, device_id)
        latest = rows.latest_order(work, device_id)
        if latest is not None and _is_same(latest, kind, given):
            return latest.text
        outstanding = rows.outstanding_order(work, device_id)
        lifecycle.require_orderable(device, kind.__name__, outstanding)
        decided = decide(work, device)
        order = _signed(kind, decided, given, signer, now)
        rows.change_device(work, device, decided.device)
        rows.add_order(work, order)
        work.record(
            Act(
                command=command,
                record=record_id("device", device_id),
                clauses=(clause,),
                inputs={"order": order.number, "digest": order.digest},
            )
        )
    return order.text


def _signed(
    kind: type[Message],
    decided: _Decided,
    given: dict[str, object],
    signer: Signer,
    now: datetime,
) -> Order:
    device = decided.device
    fields = {**given, **decided.fields, "order": device.orders}
    text = sign(
        kind(device=device.device_id, issued_at=instant_text(now), **fields),
        signer,
    )
    return Order(
        device_id=device.device_id,
        number=device.orders,
        kind=kind.__name__,
        text=text,
        digest=digest(text),
        # A scrapped device has no key to answer with.
        answer="none" if kind is ScrappingOrder else "",
    )


def _is_same(order: Order, kind: type[Message], given: dict[str, object]) -> bool:
    """Whether the latest order is the one asked for, and may be handed out again."""
    if order.kind != kind.__name__ or (order.answer and kind is not ScrappingOrder):
        return False
    message = unverified(order.text, kind)
    return all(getattr(message, name) == value for name, value in given.items())


def _next_order(_: Work, device: Device) -> _Decided:
    return _Decided(replace(device, orders=device.orders + 1))


def _take_certificate(
    work: Work, device: Device, certificate: bytes, status: KeyStatus, now: datetime
) -> None:
    """Keep the serial of the certificate for the key that the device waits for."""
    facts = verified_certificate(certificate, require_identity(work).postal)
    key = require_key(work, device.device_id, KeyStatus.REQUESTED)
    lifecycle.require_certificate_of(key, facts, rules_of(device, now))
    rows.change_key(work, replace(key, status=status, certificate_serial=facts.serial))
