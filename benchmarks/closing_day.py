"""Books of a provider with a day of business in them, or with a fleet of meters: written at once.

Rows are made as the rooms make them, and agree with each other: the day closes to the mill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from sqlalchemy import Table, text

from franking.provider.devices import rows as device_rows
from franking.provider.devices.records import DeviceRecord, DeviceState, Kind
from franking.provider.devices.tables import INVENTORY
from franking.provider.funds.bank_tables import FILES, ITEMS
from franking.provider.funds.decisions import account_number
from franking.provider.funds.tables import ACCOUNTS, PAYMENTS
from franking.provider.resetting.tables import RESETS
from franking.provider.schema import LEDGER
from franking.storage import Act, Books

DAY = date(1997, 6, 2)
PER_DEVICE = 4
_AT = "1997-06-02T15:00:00.000000Z"
_NOON = datetime(1997, 6, 2, 15, tzinfo=UTC)
_PAID, _GRANTED, _USED = 200_000, 100_000, 32_000
_DIGEST = "d" * 64
Rows = Iterator[dict[str, Any]]


def fill_day(books: Books, transactions: int) -> None:
    """A day of so many postings: a deposit, a grant, a receipt and use of each device."""
    devices = transactions // PER_DEVICE
    tables = LEDGER.tables
    made: tuple[tuple[Table, Callable[[int], Rows]], ...] = (
        (INVENTORY, _devices),
        (ACCOUNTS, _accounts),
        (PAYMENTS, _payments),
        (ITEMS, _items),
        (RESETS, _resets),
        (tables.postings, _postings),
        (tables.entries, _entries),
        (tables.balances, _balances),
    )
    with books.work(_NOON, "take_bank_file") as work:
        for table, rows in made:
            work.write_many(table, rows(devices))
        work.write_many(FILES, iter([_file(devices)]))
        work.record(Act(record="file:benchmark"))
    _analyze(books)


def fill_meters(books: Books, meters: int) -> None:
    """A fleet of meters in service, and nothing else."""
    with books.work(_NOON, "take_in") as work:
        work.write_many(INVENTORY, (_meter(number) for number in range(meters)))
        work.record(Act(record="inventory:benchmark"))
    _analyze(books)


def _analyze(books: Books) -> None:
    with books.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _serial(number: int) -> str:
    return f"FK1A{number:010d}"


_DEVICE = DeviceRecord(
    serial="",
    kind=Kind.PSD,
    rulebook="ibip-1997",
    model="M1",
    state=DeviceState.IN_SERVICE,
    since=date(1997, 5, 2),
    licence="28801-000001",
    lease="1",
    licensee="Hollis & Daughters Printing",
    office="28801",
    place="1200 Capitol Street, Asheville, NC 28801",
    installed_on=date(1997, 5, 2),
    ascending_mills=_USED,
    descending_mills=_GRANTED - _USED,
    read_on=DAY,
)


def _devices(count: int) -> Rows:
    for number in range(count):
        yield device_rows.columns(replace(_DEVICE, serial=_serial(number)))


def _meter(number: int) -> dict[str, Any]:
    meter = replace(_DEVICE, serial=f"01{number:08d}", kind=Kind.METER, rulebook="meter-1995")
    return device_rows.columns(meter)


def _accounts(count: int) -> Rows:
    for number in range(count):
        yield {
            "number": account_number(number + 1),
            "licence": f"28801-{number:06d}",
            "licensee": f"Mailer {number}",
            "zip_code": f"{28000 + number % 900:05d}",
            "rulebook": "ibip-1997",
            "opened_on": DAY.isoformat(),
            "status": "open",
            "statements": "monthly",
            "method": "ACH debit",
            "closed_on": None,
        }


def _payments(count: int) -> Rows:
    for number in range(count):
        yield {
            "ordinal": number + 1,
            "account": account_number(number + 1),
            "amount_mills": _PAID,
            "method": "check",
            "status": "on deposit",
            "reference": f"{number:010d}",
            "sent_on": None,
            "received_on": DAY.isoformat(),
            "posted_at": _AT,
            "file": _DIGEST,
            "returned_on": None,
            "reason": "",
            "settled_on": None,
        }


def _items(count: int) -> Rows:
    for number in range(count):
        yield {
            "digest": _DIGEST,
            "ordinal": number,
            "what": "BankDeposit",
            "reference": f"{number:010d}",
            "account": account_number(number + 1),
            "amount_mills": _PAID,
        }


def _file(count: int) -> dict[str, Any]:
    return {
        "digest": _DIGEST,
        "name": "benchmark",
        "kind": "lockbox",
        "day": DAY.isoformat(),
        "status": "taken in",
        "taken_at": _AT,
        "items": count,
        "deposits_mills": count * _PAID,
        "faults": "[]",
        "statement": None,
        "content": b"",
    }


def _resets(count: int) -> Rows:
    for number in range(count):
        yield {
            "device_id": _serial(number),
            "sequence": 1,
            "amount_mills": _GRANTED,
            "request_digest": f"{number:064x}",
            "grant_text": "grant",
            "grant_digest": "",
            "status": "confirmed",
            "account": account_number(number + 1),
        }


def _moves(number: int) -> tuple[tuple[str, str, str, str, int], ...]:
    """Key, kind, debited and credited account, and amount of a device's postings."""
    serial, account = _serial(number), account_number(number + 1)
    deposits, transit, inside = f"deposits:{account}", f"transit:{serial}", f"device:{serial}"
    return (
        (f"deposit:P-{number + 1:08d}", "deposit", "lockbox", deposits, _PAID),
        (f"grant:{serial}:1", "grant", deposits, transit, _GRANTED),
        (f"receipt:{serial}:1", "receipt", transit, inside, _GRANTED),
        (f"use:{serial}:{_USED}", "use", inside, "used", _USED),
    )


def _postings(count: int) -> Rows:
    for number in range(count):
        for place, (key, kind, debit, credit, amount) in enumerate(_moves(number), start=1):
            moved = [[debit, credit, amount, None, None]]
            yield {
                "number": number * PER_DEVICE + place,
                "key": key,
                "kind": kind,
                "state": "posted",
                "at": _AT,
                "day": DAY.isoformat(),
                "until": None,
                "settles": None,
                "clause": "39 CFR 501.28(e)(3) (1995); 502.26(a) (1997)",
                "because": "",
                "reference": f"device:{_serial(number)}",
                "transfers": msgspec.json.encode(moved).decode(),
                "closed_at": None,
                "closed_because": "",
            }


def _entries(count: int) -> Rows:
    for number in range(count):
        for place, (_, _, debit, credit, amount) in enumerate(_moves(number), start=1):
            of = {"number": number * PER_DEVICE + place, "day": DAY.isoformat()}
            yield {"account": debit, "place": 0, "amount_mills": -amount, **of} | _UNCOUNTED
            yield {"account": credit, "place": 1, "amount_mills": amount, **of} | _UNCOUNTED


_UNCOUNTED: dict[str, Any] = {"balance_after_mills": None}


def _balances(count: int) -> Rows:
    for number in range(count):
        serial, account = _serial(number), account_number(number + 1)
        held = {
            f"deposits:{account}": _PAID - _GRANTED,
            f"transit:{serial}": 0,
            f"device:{serial}": _GRANTED - _USED,
        }
        for name, mills in held.items():
            yield {
                "account": name,
                "balance_mills": mills,
                "pending_mills": 0,
                "floor_mills": 0,
            }
