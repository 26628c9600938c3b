"""What service at a counter moves: postage set into a meter, residues, on-site fees.

Within the unit of work of the service. A meter without messages is known by readings: what its
descending register fell since the last one was used (LEDGER-5). A device that signs its reports
posts its own use (``provider.resetting``), and is left alone here.
"""

from __future__ import annotations

from datetime import datetime

from franking.clock import instant_text
from franking.ledger import Posting
from franking.provider.devices import service_rows
from franking.provider.devices.records import DeviceRecord, Kind
from franking.provider.devices.service_records import Charge, ChargeKind
from franking.provider.funds import chart, postings
from franking.provider.schema import LEDGER
from franking.storage import Work


def charge(
    work: Work, serial: str, kind: ChargeKind, amount_mills: int, *, clause: str, now: datetime
) -> None:
    """Write an amount due about a device, and post it."""
    service_rows.add_charge(
        work,
        serial=serial,
        kind=kind,
        amount_mills=amount_mills,
        clause=clause,
        due_since=instant_text(now),
    )
    number = str(service_rows.charges(work, serial)[-1].number)
    post = postings.residue if kind is ChargeKind.RESIDUE else postings.on_site_fee
    LEDGER.post(work, post(serial=serial, charge=number, amount_mills=amount_mills), now)


def pay(
    work: Work, serial: str, kinds: tuple[ChargeKind, ...], *, payment: str, now: datetime
) -> None:
    """What was due about a device for these kinds of charges is paid at the counter."""
    due = [each for each in service_rows.charges(work, serial, unpaid=True) if each.kind in kinds]
    if due:
        LEDGER.post_many(work, [_paid(each) for each in due], now)
    service_rows.pay_charges(work, serial, paid_at=instant_text(now), payment=payment, kinds=kinds)


def read(work: Work, record: DeviceRecord, descending_mills: int, now: datetime) -> None:
    """Post what a meter used since it was read last; at first, what was in it before."""
    if record.kind is not Kind.METER:
        return
    serial = record.serial
    used = LEDGER.balance(work, chart.device(serial)).balance_mills - descending_mills
    if used > 0:
        report = f"read {instant_text(now)}"
        LEDGER.post(work, postings.use(serial=serial, report=report, amount_mills=used), now)
    elif used < 0:
        _open(work, serial, -used, now)


def set_in(work: Work, serial: str, amount_mills: int, now: datetime) -> None:
    """Postage was paid at the counter and set into a meter."""
    if amount_mills:
        posting = postings.counter_setting(
            serial=serial, setting=instant_text(now), amount_mills=amount_mills
        )
        LEDGER.post(work, posting, now)


def _open(work: Work, serial: str, amount_mills: int, now: datetime) -> None:
    """What the ledger never saw, once; a meter that gains value later is for the close to list."""
    posting = postings.opening(serial=serial, amount_mills=amount_mills)
    if LEDGER.find(work, posting.key) is None:
        LEDGER.post(work, posting, now)


def _paid(due: Charge) -> Posting:
    return postings.charge_paid(
        serial=due.serial, charge=str(due.number), amount_mills=due.amount_mills
    )
