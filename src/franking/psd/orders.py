"""What the provider's orders do to a device: state and order in, next state out.

Pure. Orders are numbered and carried out once, one after the other; ``franking.psd.device``
answers an order it has carried out already from its journal, before anything here is asked. Laws
kept here: PSD-7. Refusals come in this order: moved, status, number, the order's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Any, Final, Protocol

from msgspec.structs import replace

from franking import rules
from franking.clock import parse_date
from franking.errors import InvariantBroken, Refusal
from franking.indicium.content import zip_number
from franking.messages.kinds import (
    Authorization,
    ClearingOrder,
    LockOrder,
    RolloverAuthorization,
    ScrappingOrder,
    UnlockOrder,
    WithdrawalOrder,
)
from franking.money import format_dollars
from franking.psd.records import (
    IN_SERVICE,
    LOCK_MOVED,
    LOCK_WATCHDOG,
    TRANSITIONS,
    DeviceCertificate,
    DeviceState,
    Licence,
    PendingRollover,
    Standing,
    Status,
)
from franking.psd.registers import give_up
from franking.psd.terms import require_here
from franking.rules import calendars

WRONG_STATUS = Refusal(
    "WRONG_STATUS",
    clause="DMM P050.3.1 (1997)",
    remedy="See the device's status: this is not possible in it.",
)
ORDER_OLD = Refusal(
    "ORDER_OLD",
    clause="policy",
    remedy="Give the device the provider's latest order; this one was overtaken.",
)
ORDER_ANOTHER = Refusal(
    "ORDER_ANOTHER",
    clause="policy",
    remedy="Ask the provider: it issued two orders of one number, and the other was carried out.",
)
ORDER_SKIPPED = Refusal(
    "ORDER_SKIPPED",
    clause="policy",
    remedy="Give the device the provider's earlier order first.",
)
LIMIT_NOT_ALLOWED = Refusal(
    "LIMIT_NOT_ALLOWED",
    clause="DMM P050.3.6 (1997)",
    remedy="Ask the provider for an authorization within the limit of the rulebook.",
)
LOCK_CAUSE_UNREADABLE = Refusal(
    "LOCK_CAUSE_UNREADABLE",
    clause="policy",
    remedy="Name a cause in up to 40 small letters; watchdog and moved are the device's own.",
    http_status=422,
)
CLEARING_OF_ANOTHER_STATEMENT = Refusal(
    "CLEARING_OF_ANOTHER_STATEMENT",
    clause="39 CFR 502.21(e) (1997)",
    remedy="Ask the provider to order the clearing of the statement that this device gave.",
)
RESET_PENDING = Refusal(
    "RESET_PENDING",
    clause="39 CFR 502.26(a) (1997)",
    remedy="Apply the grant for the pending reset, or close it unused, first.",
)
ROLLOVER_OF_ANOTHER_REQUEST = Refusal(
    "ROLLOVER_OF_ANOTHER_REQUEST",
    clause="39 CFR 502.9(e) (1997)",
    remedy="Request the rollover again, and give the device the answer to that request.",
)

_CAUSE: Final = re.compile(r"[a-z][a-z0-9 _-]{0,39}", re.ASCII)


class Order(Protocol):
    """What every order has."""

    @property
    def order(self) -> int:
        """Its number, from 1."""


def authorize(
    state: DeviceState, order: Authorization, *, certificate: DeviceCertificate, today: date
) -> DeviceState:
    """Licence, post office, limit, certificate: ready for its first setting (DMM P050.3.1).

    Raises:
        Refused: ``WRONG_STATUS``, ``LIMIT_NOT_ALLOWED``, or what the number says.
    """
    require_authorizable(state, order)
    zip_number(order.zip_code)
    most = rule_limit_mills(state.standing, today)
    if not 0 <= order.limit_mills <= most:
        raise LIMIT_NOT_ALLOWED.because(
            f"{format_dollars(order.limit_mills)} is not between nothing and {format_dollars(most)}"
        )
    licence = Licence(
        licence=order.licence,
        zip_code=order.zip_code,
        city=order.city,
        state=order.state,
        limit_mills=order.limit_mills,
    )
    return _next(
        state,
        order,
        status=Status.AUTHORIZED,
        licence=licence,
        certificate=certificate,
        watchdog_date=watchdog_date(state.standing, order.watchdog_date, today),
    )


def require_authorizable(state: DeviceState, order: Authorization) -> None:
    """Refuse an authorization out of its turn, before its certificate is looked at.

    Raises:
        Refused: ``WRONG_STATUS``, or what the number says.
    """
    require_order(state, order, {Status.INITIALIZED})


def lock(state: DeviceState, order: LockOrder) -> DeviceState:
    """Bar evidence for the cause named; the same cause twice is one lock.

    Raises:
        Refused: ``WRONG_STATUS``, ``LOCK_CAUSE_UNREADABLE``, or what the number says.
    """
    require_order(state, order, IN_SERVICE)
    require_cause(order.cause)
    locks = state.standing.locks
    return _next(state, order, locks=locks if order.cause in locks else (*locks, order.cause))


def unlock(state: DeviceState, order: UnlockOrder) -> DeviceState:
    """Release the lock of the cause named, and of no other.

    Raises:
        Refused: as ``lock``.
    """
    require_order(state, order, IN_SERVICE)
    require_cause(order.cause)
    locks = tuple(cause for cause in state.standing.locks if cause != order.cause)
    return _next(state, order, locks=locks)


def withdraw(state: DeviceState, order: WithdrawalOrder) -> DeviceState:
    """Lock for good (PSD-7). The statement's digest is added once it is signed.

    Raises:
        Refused: ``WRONG_STATUS``, or what the number says.
    """
    require_order(state, order, IN_SERVICE)
    return _next(state, order, status=Status.WITHDRAWN, rollover=None, audit_digest="")


def clear(state: DeviceState, order: ClearingOrder) -> DeviceState:
    """Give up the value and the key (PSD-7); what was ever evidenced stays on the register.

    Raises:
        Refused: ``WRONG_STATUS``, ``CLEARING_OF_ANOTHER_STATEMENT``, ``RESET_PENDING``, or what
            the number says.
    """
    require_order(state, order, {Status.WITHDRAWN})
    if order.statement_digest != state.standing.withdrawal_digest:
        raise CLEARING_OF_ANOTHER_STATEMENT.because(
            "the order does not name the withdrawal statement that this device gave"
        )
    if state.standing.reset is not None:
        raise RESET_PENDING.because(
            f"reset {state.standing.reset.sequence} has not come to an end:"
            " its grant would be value in transit for ever"
        )
    cleared = _next(
        state,
        order,
        status=Status.CLEARED,
        key="",
        public_key="",
        licence=None,
        certificate=None,
        watchdog_date=None,
        locks=(),
        audit_digest="",
        withdrawal_digest="",
    )
    return replace(cleared, registers=give_up(state.registers))


def scrap(state: DeviceState, order: ScrappingOrder) -> DeviceState:
    """The end.

    Raises:
        Refused: ``WRONG_STATUS``, or what the number says.
    """
    require_order(state, order, {Status.CLEARED})
    return _next(state, order, status=Status.SCRAPPED)


def roll_over(
    state: DeviceState, order: RolloverAuthorization, certificate: DeviceCertificate
) -> DeviceState:
    """Sign with the next key from now on; the key before it is destroyed.

    Raises:
        Refused: ``WRONG_STATUS``, ``ROLLOVER_OF_ANOTHER_REQUEST``, or what the number says.
    """
    pending = require_rollover(state, order)
    return _next(
        state,
        order,
        key=pending.key,
        public_key=pending.public_key,
        certificate=certificate,
        rollover=None,
    )


def require_rollover(state: DeviceState, order: RolloverAuthorization) -> PendingRollover:
    """The pending rollover that the order answers.

    Raises:
        Refused: as ``roll_over``.
    """
    require_order(state, order, IN_SERVICE)
    pending = state.standing.rollover
    if pending is None or pending.request_digest != order.request_digest:
        raise ROLLOVER_OF_ANOTHER_REQUEST.because(
            "the authorization does not name the rollover request that this device made last"
        )
    return pending


def require_order(state: DeviceState, order: Order, statuses: Collection[Status]) -> None:
    """Refuse an order in another status, or out of its turn.

    Raises:
        Refused: ``DEVICE_MOVED``, ``WRONG_STATUS``, ``ORDER_OLD``, ``ORDER_ANOTHER`` or
            ``ORDER_SKIPPED``.
    """
    require_here(state.standing)
    done, number = state.standing.orders, order.order
    if number < done:
        raise ORDER_OLD.because(f"it is order {number}, order {done} was carried out")
    if number == done:
        raise ORDER_ANOTHER.because(f"another order {number} was carried out")
    require_status(state, statuses)
    if number > done + 1:
        raise ORDER_SKIPPED.because(f"it is order {number}, order {done + 1} is next")


def require_status(state: DeviceState, statuses: Collection[Status]) -> None:
    """Refuse another status.

    Raises:
        Refused: ``WRONG_STATUS``.
    """
    if state.status not in statuses:
        wanted = " or ".join(sorted(statuses))
        raise WRONG_STATUS.because(f"the device is {state.status}, not {wanted}")


def rule_limit_mills(standing: Standing, today: date) -> int:
    """The most that the rulebook lets the descending register hold."""
    return rules.whole("device", standing.rulebook, today, "descending_limit")


def limit_mills(standing: Standing, today: date) -> int:
    """The limit in force: of the authorization, and never above that of the rulebook."""
    licence = standing.licence
    return min(licence.limit_mills, rule_limit_mills(standing, today)) if licence else 0


def watchdog_date(standing: Standing, given: str, today: date) -> date:
    """The provider's watchdog date, never later than the rulebook allows (DMM P050.3.4)."""
    count = rules.whole("device", standing.rulebook, today, "watchdog_months")
    return min(parse_date(given), calendars.months(today, count))


def require_cause(cause: str) -> None:
    """Refuse a cause that no order can name.

    Raises:
        Refused: ``LOCK_CAUSE_UNREADABLE``.
    """
    if _CAUSE.fullmatch(cause) is None or cause in (LOCK_WATCHDOG, LOCK_MOVED):
        raise LOCK_CAUSE_UNREADABLE.because(f"{cause!r} is no cause that an order can name")


def _next(
    state: DeviceState, order: Order, *, status: Status | None = None, **standing: Any
) -> DeviceState:
    after = state.status if status is None else status
    if after is not state.status and after not in TRANSITIONS[state.status]:
        raise InvariantBroken(f"no way leads from {state.status} to {after}")
    return replace(
        state, status=after, standing=replace(state.standing, orders=order.order, **standing)
    )
