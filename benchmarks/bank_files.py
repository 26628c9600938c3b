"""Reading files of banks whole, checks and all, beside ``csv`` on as many payments.

Ours gives typed entries and compares every count, hash and total; ``csv.DictReader`` with ``int``
of the amounts gives dictionaries and checks nothing; the other readers are those of the tests.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date, datetime, time

import achkit
from bai2 import bai2 as other_bai2

from benchmarks.measuring import Result, Target, Work, rates
from benchmarks.setting import Setting
from franking.bank_files.bai2 import (
    Account,
    Bai2File,
    Group,
    GroupStatus,
    Summary,
    Transaction,
    read_bai2,
    write_bai2,
)
from franking.bank_files.lockbox import (
    Lockbox,
    LockboxFile,
    LockboxItem,
    batched,
    read_lockbox,
    write_lockbox,
)
from franking.bank_files.nacha import (
    Batch,
    Entry,
    EntryClass,
    NachaFile,
    ServiceClass,
    TransactionCode,
    read_nacha,
    write_nacha,
)

PAYMENTS = 5_000
_BANK, _DAY = "12345678", date(2027, 3, 1)
_MOMENT = datetime(2027, 3, 1, 10, 5)  # noqa: DTZ001 — files of banks tell no offset
_MEGABYTE = 1_000_000


def run(setting: Setting) -> Sequence[Result]:
    """Payments a second and megabytes a second, for each format."""
    files = {"NACHA": _nacha(), "lockbox": _lockbox(), "BAI2": _bai2()}
    table = _csv()
    found = rates(
        setting.pace,
        csv=_work(lambda: [int(row["amount_cents"]) for row in csv.DictReader(io.StringIO(table))]),
        achkit=_work(lambda: achkit.validate(files["NACHA"].decode())),
        bai2=_work(lambda: other_bai2.parse_from_string(files["BAI2"].decode())),
        NACHA=_work(lambda: read_nacha(files["NACHA"])),
        lockbox=_work(lambda: read_lockbox(files["lockbox"])),
        BAI2=_work(lambda: read_bai2(files["BAI2"])),
    )
    beside = {"NACHA": "achkit", "BAI2": "bai2", "lockbox": "csv"}
    results = []
    for name, data in files.items():
        each = found[name] * len(data) / PAYMENTS / _MEGABYTE
        results += [
            Result(
                name=f"{name}, {PAYMENTS} payments",
                figure=found[name],
                unit="payments/s",
                beside="csv.DictReader, with int",
                beside_figure=found["csv"],
            ),
            Result(name=f"{name}, bytes", figure=each, unit="MB/s"),
        ]
        if beside[name] != "csv":
            results.append(
                Result(
                    name=f"{name}, beside another reader",
                    figure=found[name],
                    unit="payments/s",
                    beside=beside[name],
                    beside_figure=found[beside[name]],
                    target=Target(kind="ratio at least", value=1),
                )
            )
    return results


def _work(read: Callable[[], object]) -> Work:
    def work() -> int:
        read()
        return PAYMENTS

    return work


def _nacha() -> bytes:
    entries = tuple(
        Entry(
            code=TransactionCode.CHECKING_DEBIT,
            bank=f"{11_100_000 + number % 500}",
            account="1234567",
            amount_cents=10_000 + number,
            individual_id="10000016",
            name="ACME BOLTS",
            trace=f"{_BANK}{number:07d}",
        )
        for number in range(1, PAYMENTS + 1)
    )
    batch = Batch(
        service=ServiceClass.DEBITS,
        entry_class=EntryClass.CCD,
        company="PROVIDER",
        company_id="9123456789",
        description="POSTAGE",
        effective_on=_DAY,
        bank=_BANK,
        number=1,
        entries=entries,
    )
    return write_nacha(
        NachaFile(
            destination=" 123456780",
            origin="9123456789",
            created_at=_MOMENT,
            modifier="A",
            destination_name="BANK",
            origin_name="PROVIDER",
            batches=(batch,),
        )
    )


def _lockbox() -> bytes:
    items = [
        LockboxItem(
            amount_cents=10_000 + number,
            account="10000016",
            routing_number="123456780",
            check_account="1234567",
            check_number=str(number),
            received_on=_DAY,
            reference=f"{number:010d}",
        )
        for number in range(1, PAYMENTS + 1)
    ]
    box = Lockbox(number="0000001", deposited_on=_DAY, batches=batched(items))
    return write_lockbox(
        LockboxFile(
            destination="9123456789",
            origin="123456780",
            created_at=_MOMENT,
            reference="0000000001",
            lockboxes=(box,),
        )
    )


def _bai2() -> bytes:
    moved = tuple(
        Transaction(
            code="195",
            amount_cents=10_000 + number,
            bank_reference=f"{number:010d}",
            customer_reference="10000016",
            text="WIRE TRANSFER",
        )
        for number in range(1, PAYMENTS + 1)
    )
    account = Account(
        number="1130009500",
        summaries=(Summary(code="010", amount_cents=0),),
        transactions=moved,
    )
    group = Group(
        receiver="US",
        originator="BANK",
        status=GroupStatus.UPDATE,
        as_of=_DAY,
        as_of_time=None,
        accounts=(account,),
    )
    return write_bai2(
        Bai2File(
            sender="BANK",
            receiver="US",
            created_on=_DAY,
            created_at=time(10, 5),
            file_id="1",
            groups=(group,),
        )
    )


def _csv() -> str:
    lines = (
        f"10000016,{10_000 + number},123456780,1234567,{number},2027-03-01,{number:010d}"
        for number in range(1, PAYMENTS + 1)
    )
    columns = "account,amount_cents,routing,check_account,check,received_on,reference"
    return "\n".join([columns, *lines, ""])
