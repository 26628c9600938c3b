"""Beginning the ledger for devices that were there before it: what they hold, once for each.

Books of before the ledger know what each device showed and which grants were on their way, and not
who had paid. That value comes from ``opening``, and goes back there where a device did not take it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from franking.identifiers import record_id
from franking.ledger.records import Posting
from franking.provider.funds import chart, postings
from franking.provider.resetting import rows
from franking.provider.resetting.records import Device, Reset
from franking.provider.schema import LEDGER
from franking.storage import Act, Books

_CLAUSE = "39 CFR 501.28(e)(2) (1995)"


def begin_ledger(books: Books, now: datetime) -> int:
    """Post what devices held before the ledger was kept; how many postings there were.

    Asked again, it finds nothing to do: a device that shows value has it in the ledger from then.
    """
    with books.work(now, "begin_ledger") as work:
        held = LEDGER.balances(work, kind="device")
        sent = LEDGER.balances(work, kind="transit")
        devices = [each for each in rows.every_device(work) if _is_new(each, held)]
        transits = [
            each
            for each in rows.resets_in_transit(work)
            if chart.transit(each.device_id) not in sent
        ]
        found = [*_in_devices(devices), *_in_transit(transits)]
        if found:
            LEDGER.post_many(work, found, now)
            inputs = {"devices": len(devices), "in_transit": len(transits)}
            work.record(Act(record=record_id("books", "ledger"), clauses=(_CLAUSE,), inputs=inputs))
    return len(found)


def _is_new(device: Device, held: Iterable[str]) -> bool:
    return device.registers.descending_mills > 0 and chart.device(device.device_id) not in held


def _in_devices(devices: Iterable[Device]) -> Iterator[Posting]:
    for each in devices:
        amount = each.registers.descending_mills
        yield postings.opening(serial=each.device_id, amount_mills=amount)


def _in_transit(resets: Iterable[Reset]) -> Iterator[Posting]:
    for each in resets:
        yield postings.opening_in_transit(
            serial=each.device_id, sequence=each.sequence, amount_mills=each.amount_mills
        )
