"""Carrying messages between a device and its provider, and settling what was cut short.

Either side answers the same message with the same answer, so that carrying it again after a lost
answer or a killed process changes nothing that was done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from franking.home.provider_office import ProviderOffice
from franking.messages import kinds
from franking.messages.signing import claimed_kind, kind_of, unverified
from franking.provider.resetting import answering, commands, ordering
from franking.provider.resetting.view import is_known
from franking.psd.device import PostalSecurityDevice

Carry = Callable[[PostalSecurityDevice, str, datetime], str]
Take = Callable[[ProviderOffice, str, datetime], object]


def _take_receipt(provider: ProviderOffice, answer: str, now: datetime) -> None:
    answering.accept_order_receipt(provider.books, answer, now)


def _take_withdrawal(provider: ProviderOffice, answer: str, now: datetime) -> None:
    answering.accept_withdrawal(provider.books, provider.signer, answer, now)


def _take_clearing(provider: ProviderOffice, answer: str, now: datetime) -> None:
    answering.accept_clearing(provider.books, answer, now)


_CARRIED: Mapping[str, tuple[Carry, Take]] = MappingProxyType(
    {
        kind_of(kind): (carry, take)
        for kind, carry, take in (
            (kinds.Authorization, PostalSecurityDevice.authorize, _take_receipt),
            (kinds.LockOrder, PostalSecurityDevice.lock, _take_receipt),
            (kinds.UnlockOrder, PostalSecurityDevice.unlock, _take_receipt),
            (kinds.RolloverAuthorization, PostalSecurityDevice.apply_rollover, _take_receipt),
            (kinds.WithdrawalOrder, PostalSecurityDevice.withdraw, _take_withdrawal),
            (kinds.ClearingOrder, PostalSecurityDevice.clear, _take_clearing),
        )
    }
)
"""How each kind of order is carried out, and how its answer is taken."""


def deliver(
    provider: ProviderOffice, device: PostalSecurityDevice, order: str, now: datetime
) -> None:
    """Carry an order to the device and its answer to the provider.

    Raises:
        Refused: what either refuses.
    """
    carry, take = _CARRIED[claimed_kind(order)]
    take(provider, carry(device, order, now), now)


def credit(
    provider: ProviderOffice, device: PostalSecurityDevice, grant: str, now: datetime
) -> kinds.ResetReceipt:
    """Carry a grant to the device and its receipt to the provider.

    Raises:
        Refused: what either refuses.
    """
    receipt = device.apply_grant(grant, now)
    commands.accept_receipt(provider.books, receipt, now)
    return unverified(receipt, kinds.ResetReceipt)


def settle(
    provider: ProviderOffice, device: PostalSecurityDevice, now: datetime
) -> kinds.ResetReceipt | None:
    """Carry what an earlier exchange left on its way; the receipt of a reset that it completed.

    Raises:
        Refused: what either side refuses.
    """
    if not is_enrolled(provider, device):
        return None
    device_id = str(device.device_id)
    order = ordering.outstanding_order(provider.books, device_id)
    if order is not None:
        deliver(provider, device, order, now)
    grant = ordering.grant_in_transit(provider.books, device_id)
    return None if grant is None else credit(provider, device, grant, now)


def close_pending(provider: ProviderOffice, device: PostalSecurityDevice, now: datetime) -> None:
    """End a reset that was requested and never granted; ``settle`` has carried any grant.

    Raises:
        Refused: what either side refuses.
    """
    if device.state.standing.reset is not None:
        commands.accept_closed(provider.books, device.close_reset(now), now)


def is_enrolled(provider: ProviderOffice, device: PostalSecurityDevice) -> bool:
    """Whether the provider knows the device."""
    return is_known(provider.books, str(device.device_id))
