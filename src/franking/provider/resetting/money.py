"""Posting what a device signed, within the unit of work that believed it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from franking.identifiers import record_id
from franking.ledger import account_record
from franking.provider.funds import chart
from franking.provider.resetting import rows, settlement
from franking.provider.resetting.records import Device, Reset
from franking.provider.resetting.settlement import Settled
from franking.provider.schema import LEDGER
from franking.storage import Work


def records_of(device_id: str) -> tuple[str, ...]:
    """The records that a device's message is decided upon: the device, and its value."""
    accounts = (chart.transit(device_id), chart.device(device_id))
    return (record_id("device", device_id), *map(account_record, accounts))


def settle(work: Work, settled: Settled, now: datetime) -> Device:
    """Post what a report settled; the device with what is posted noted."""
    if settled.postings:
        LEDGER.post_many(work, settled.postings, now)
    return settled.device


def reported(work: Work, device: Device, transit: Reset | None, now: datetime) -> Device:
    """Post what a device just signed of its registers: use, and a credit that it shows."""
    return settle(work, settlement.reported(device, transit), now)


def shown(device: Device) -> dict[str, object]:
    """What a device showed, for the journal: an auditor holds it against the account (LEDGER-5)."""
    registers = device.registers
    return {
        "ascending_mills": registers.ascending_mills,
        "descending_mills": registers.descending_mills,
    }


def give_back(work: Work, resets: Iterable[Reset], now: datetime) -> None:
    """Return to their accounts what sequences that closed unused were charged."""
    after, postings = settlement.unused(resets)
    if postings:
        LEDGER.post_many(work, postings, now)
    for reset in after:
        rows.return_reset(work, reset)


def give_up(work: Work, device_id: str, order: int, now: datetime) -> None:
    """Move what a cleared device still held to where it waits for its refund."""
    held = LEDGER.balance(work, chart.device(device_id)).balance_mills
    if postings := settlement.given_up(device_id, order, held):
        LEDGER.post_many(work, postings, now)


def post_use(work: Work, device_id: str, ascending_mills: int, now: datetime) -> int:
    """Post use up to an ascending value read without a message, such as a hosted device's.

    Returns the mills posted: 0 where a report was there first, or the device is not of these books.
    The unit of work names ``records_of(device_id)``, and records its own act.
    """
    device = rows.find_device(work, device_id)
    if device is None or ascending_mills <= device.posted_mills:
        return 0
    after = settle(work, settlement.used_up_to(device, ascending_mills), now)
    rows.change_device(work, device, after)
    return ascending_mills - device.posted_mills
