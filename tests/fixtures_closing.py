"""A provider whose days are closed: bank files, resets, meters that are read, and one clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import msgspec
from sqlalchemy import select

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.ledger.records import Posting
from franking.messages.receiving import Dispatched
from franking.messages.signing import unverified
from franking.provider.closing.commands import close_days
from franking.provider.closing.records import DayClose
from franking.provider.devices import notes
from franking.provider.devices.records import Occasion, RegisterReading, Source
from franking.provider.funds import bank_tables, banking, charging, postings
from franking.provider.funds.bank_records import BankDeposit, BankFile, FileKind, FileStatus
from franking.provider.funds.records import FundsAccount, Method
from franking.provider.funds.rows import account_of
from franking.provider.resetting import rows as resets
from franking.provider.resetting.records import Reset, ResetStatus
from franking.provider.schema import DISPATCHES, LEDGER
from franking.rules.permissions import Role
from franking.storage import Act, Actor, Books
from tests.fixtures_funds import Funds, funds_of
from tests.fixtures_licensing import LicensingWorld

DOLLARS = 1000
OTHER = Actor("Somebody", Role.PROVIDER_AGENT)


@dataclass
class Closing:
    """One provider's business, day by day."""

    funds: Funds
    numbers: count[int] = field(default_factory=lambda: count(1))
    registers: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def world(self) -> LicensingWorld:
        """Both domains."""
        return self.funds.world

    @property
    def books(self) -> Books:
        """The provider's books, for an agent."""
        return self.funds.books

    @property
    def now(self) -> datetime:
        """The one clock."""
        return self.world.now

    @property
    def account(self) -> FundsAccount:
        """The account of Acme Bolts."""
        return self.funds.account

    def opened(self, zip_code: str, name: str) -> FundsAccount:
        """Another licensee's account at a post office."""
        licence = self.world.licensed(name=name, zip_code=zip_code)
        self.world.leased(licence)
        with self.books.reading() as reading:
            found = account_of(reading, licence.number)
        assert found is not None
        return found

    def device(self, serial: str, account: FundsAccount | None = None) -> str:
        """A meter in service at the licensee's."""
        lease = self.world.leased(self.world.licence((account or self.account).licence))
        self.world.installed(lease, serial)
        self.registers[serial] = (0, 0)
        return serial

    def bank_file(
        self, *amounts: int, account: FundsAccount | None = None, told_mills: int | None = None
    ) -> str:
        """A file of the bank is taken in; ``told_mills`` is what it says where that is false."""
        number = next(self.numbers)
        digest = f"{number:064x}"
        deposits = [
            BankDeposit(
                method=Method.CHECK,
                account=(account or self.account).number,
                amount_mills=amount,
                reference=f"{number:05d}{place:05d}",
                received_on=self.now.date(),
            )
            for place, amount in enumerate(amounts)
        ]
        file = BankFile(
            digest=digest,
            name=f"lockbox {number}",
            kind=FileKind.LOCKBOX,
            day=self.now.date(),
            status=FileStatus.TAKEN,
            taken_at=instant_text(self.now),
            items=len(deposits),
            deposits_mills=sum(amounts) if told_mills is None else told_mills,
        )
        with self.funds.service.work(self.now, "take_bank_file") as work:
            banking.received(work, deposits, file=digest, by="Bank", now=self.now)
            bank_tables.add_file(work, file, b"", deposits)
            work.record(Act(record=record_id("file", digest)))
        return digest

    def granted(
        self, serial: str, amount_mills: int, sequence: int, account: FundsAccount | None = None
    ) -> Reset:
        """A reset is charged and granted: value in transit."""
        licence = (account or self.account).licence
        reset = Reset(
            device_id=serial,
            sequence=sequence,
            amount_mills=amount_mills,
            request_digest=f"{serial} {sequence}",
            grant="grant",
            grant_digest="",
            status=ResetStatus.GRANTED,
            account=(account or self.account).number,
        )
        with self.funds.service.work(self.now, "grant_reset") as work:
            charging.charge_for_reset(work, serial, licence, amount_mills, sequence, self.now)
            resets.add_reset(work, reset)
        return reset

    def confirmed(self, reset: Reset) -> None:
        """The device took it: the value is in it."""
        with self.funds.service.work(self.now, "accept_receipt") as work:
            paid = postings.receipt(
                serial=reset.device_id, sequence=reset.sequence, amount_mills=reset.amount_mills
            )
            LEDGER.post(work, paid, self.now)
            resets.settle_reset(work, replace(reset, status=ResetStatus.CONFIRMED))
        ascending, descending = self.registers[reset.device_id]
        self.registers[reset.device_id] = (ascending, descending + reset.amount_mills)
        self.read(reset.device_id)

    def reset(
        self, serial: str, amount_mills: int, sequence: int, account: FundsAccount | None = None
    ) -> None:
        """A whole reset."""
        self.confirmed(self.granted(serial, amount_mills, sequence, account))

    def use(self, serial: str, mills: int) -> None:
        """Postage is used, and the registers are read: use is posted."""
        ascending, descending = self.registers[serial]
        self.registers[serial] = (ascending + mills, descending - mills)
        with self.funds.service.work(self.now, "accept_receipt") as work:
            used = postings.use(serial=serial, report=str(ascending + mills), amount_mills=mills)
            LEDGER.post(work, used, self.now)
        self.read(serial)

    def read(self, serial: str, *, off_by: int = 0) -> None:
        """The registers are read, rightly or not."""
        ascending, descending = self.registers[serial]
        reading = RegisterReading(
            serial=serial,
            at=instant_text(self.now),
            ascending_mills=ascending,
            descending_mills=descending + off_by,
            source=Source.REPORTED,
            occasion=Occasion.INSPECTION,
            by="Guy Dent",
        )
        on = (record_id("device", serial),)
        with self.books.work(self.now, "inspect_meter", on=on) as work:
            notes.record_reading(work, reading)
            work.record(Act(record=on[0]))

    def post(self, posting: Posting) -> None:
        """Something is posted that no other record knows of."""
        with self.funds.service.work(self.now, "grant_reset") as work:
            LEDGER.post(work, posting, self.now)

    def next_day(self) -> date:
        """The next morning at six."""
        self.world.now = (self.now + timedelta(days=1)).replace(hour=6, minute=0)
        return self.now.date()

    def close(self, through: date | None = None) -> list[DayClose]:
        """Close the days that have ended, and carry what goes out with that."""
        signer = self.world.first.signer
        closed = close_days(self.books, signer, self.now, through=through)
        refused = self.world.carry()
        assert refused == [], refused
        return closed

    def told(self, kind: type[Dispatched]) -> list[Dispatched]:
        """What was sent of a kind, oldest first, as the recipient reads it."""
        box = DISPATCHES.outbox.c
        with self.books.reading() as reading:
            query = select(box.text).where(box.kind == kind.__name__).order_by(box.number)
            return [unverified(row.text, kind) for row in reading.rows(query)]


def closing_on(database: str, folder: Path, rulebook: str) -> Closing:
    """A provider with one licensee's account and no business yet."""
    return Closing(funds_of(database, folder, rulebook))


def posted_late(closing: Closing, day: date, amount_mills: int) -> str:
    """A posting that bears an earlier day, as from a clock that was set back."""
    then = closing.now
    closing.world.now = datetime.combine(day, then.timetz())
    try:
        digest = closing.bank_file(amount_mills)
    finally:
        closing.world.now = then
    return digest


def plain(value: object) -> object:
    """A message or record as JSON would carry it."""
    return msgspec.to_builtins(value)
