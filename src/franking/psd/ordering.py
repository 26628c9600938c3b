"""Carrying out the provider's orders: believe, decide, sign the receipt, make durable, release."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from franking.messages.kinds import (
    Authorization,
    ClearingOrder,
    LockOrder,
    RolloverAuthorization,
    ScrappingOrder,
    UnlockOrder,
    WithdrawalOrder,
)
from franking.messages.signing import Message
from franking.psd import orders, replies
from franking.psd.believing import believe, certified
from franking.psd.exchange import record, stored_reply
from franking.psd.mechanism import Mechanism
from franking.psd.records import DeviceState, EntryKind

Kind = TypeVar("Kind", bound=Message)


def authorize(mechanism: Mechanism, text: str, now: datetime) -> str:
    """Licence, post office, limit and certificate."""

    def carry_out(order: Authorization) -> str:
        state = mechanism.state
        orders.require_authorizable(state, order)
        certificate = certified(
            order.certificate, state.standing, public_key=state.standing.public_key, now=now
        )
        after = orders.authorize(state, order, certificate=certificate, today=now.date())
        return _receipted(mechanism, EntryKind.AUTHORIZED, after, order, text, now)

    return once(mechanism, text, Authorization, carry_out)


def lock(mechanism: Mechanism, text: str, now: datetime) -> str:
    """Bar evidence for a cause."""

    def carry_out(order: LockOrder) -> str:
        after = orders.lock(mechanism.state, order)
        return _receipted(mechanism, EntryKind.LOCKED, after, order, text, now)

    return once(mechanism, text, LockOrder, carry_out)


def unlock(mechanism: Mechanism, text: str, now: datetime) -> str:
    """A cause is gone."""

    def carry_out(order: UnlockOrder) -> str:
        after = orders.unlock(mechanism.state, order)
        return _receipted(mechanism, EntryKind.UNLOCKED, after, order, text, now)

    return once(mechanism, text, UnlockOrder, carry_out)


def withdraw(mechanism: Mechanism, text: str, now: datetime) -> str:
    """Lock for good; the statement (PSD-7). A next key that waits is destroyed."""

    def carry_out(order: WithdrawalOrder) -> str:
        statement = record(
            mechanism,
            EntryKind.WITHDRAWN,
            orders.withdraw(mechanism.state, order),
            now,
            received=text,
            reply=replies.withdrawal_statement(order, text),
            settle=_with_withdrawal_digest,
        )
        mechanism.destroy_unnamed_keys()
        return statement

    return once(mechanism, text, WithdrawalOrder, carry_out)


def clear(mechanism: Mechanism, text: str, now: datetime) -> str:
    """Give up the value: the statement is durable before the key is destroyed (PSD-7)."""

    def carry_out(order: ClearingOrder) -> str:
        before = mechanism.state
        statement = record(
            mechanism,
            EntryKind.CLEARED,
            orders.clear(before, order),
            now,
            received=text,
            reply=replies.clearing_statement(
                order, text, withdrawn_mills=before.registers.descending_mills
            ),
        )
        mechanism.destroy_unnamed_keys()
        return statement

    return once(mechanism, text, ClearingOrder, carry_out)


def scrap(mechanism: Mechanism, text: str, now: datetime) -> None:
    """The end; a device without a key signs no receipt."""

    def carry_out(order: ScrappingOrder) -> str:
        after = orders.scrap(mechanism.state, order)
        return record(mechanism, EntryKind.SCRAPPED, after, now, received=text)

    once(mechanism, text, ScrappingOrder, carry_out)


def roll_over(mechanism: Mechanism, text: str, now: datetime) -> str:
    """Change to the next key: it signs the receipt, and the key before it is destroyed."""

    def carry_out(order: RolloverAuthorization) -> str:
        state = mechanism.state
        pending = orders.require_rollover(state, order)
        certificate = certified(
            order.certificate, state.standing, public_key=pending.public_key, now=now
        )
        receipt = record(
            mechanism,
            EntryKind.ROLLED_OVER,
            orders.roll_over(state, order, certificate),
            now,
            received=text,
            reply=replies.order_receipt(order, text),
            signer=mechanism.opened(pending.key),
        )
        mechanism.destroy_unnamed_keys()
        return receipt

    return once(mechanism, text, RolloverAuthorization, carry_out)


def once(
    mechanism: Mechanism, text: str, kind: type[Kind], carry_out: Callable[[Kind], str]
) -> str:
    """Carry a message out, or give the stored answer if that was done before.

    Raises:
        Refused: ``DEVICE_FAULTED``, what ``believe`` refuses, what the decision refuses.
    """
    mechanism.require_certain()
    answered = stored_reply(mechanism, text)
    if answered is not None:
        mechanism.finish_destruction()
        return answered
    mechanism.require_sound()
    return carry_out(believe(text, kind, mechanism.state.standing))


def _receipted(
    mechanism: Mechanism,
    kind: EntryKind,
    after: DeviceState,
    order: orders.Order,
    text: str,
    now: datetime,
) -> str:
    reply = replies.order_receipt(order, text)
    return record(mechanism, kind, after, now, received=text, reply=reply)


def _with_withdrawal_digest(state: DeviceState, digest: str) -> DeviceState:
    return replace(state, standing=replace(state.standing, withdrawal_digest=digest))
