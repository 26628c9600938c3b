"""A treasury with two providers, each with an approved lockbox, and a bank that speaks in BAI2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from franking.bank_files.bai2 import (
    Account,
    Bai2File,
    Group,
    GroupStatus,
    Summary,
    Transaction,
    write_bai2,
)
from franking.bank_files.bai2_records import (
    CLOSING_LEDGER,
    INCOMING_WIRE,
    ITEM_RETURNED,
    LOCKBOX_DEPOSIT,
    OPENING_LEDGER,
    OUTGOING_WIRE,
    RETURN_ITEM_PAID,
)
from franking.clock import instant_text
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import BankDeposits, DailyActivity, Movement
from franking.messages.receiving import Dispatched
from franking.postal.schema import LEDGER
from franking.postal.treasury import bank_reports, chart, lockboxes, rows
from franking.postal.treasury.records import (
    BankReport,
    Difference,
    Terms,
    treasury_record,
)
from franking.provider.schema import DISPATCHES as PROVIDER_DISPATCHES
from franking.provider.standing import commands as standing
from franking.provider.standing.hearing import RECORD
from franking.rules.permissions import Role
from franking.storage import Act, Books
from tests.fixtures_examinations import MAKER, RIVAL, Offices, ProviderDesk, at, offices_on

ROUTING = {MAKER: "021000021", RIVAL: "011000015"}
ACCOUNT = {MAKER: "700100200", RIVAL: "700100300"}
BANK = "First Lockbox Bank"
DOLLAR = 1000
TERMS = Terms(
    timezone="America/Chicago",
    cutoff_time="14:00",
    transmission_time="18:00",
    post_office_box="PO Box 1100, Chicago IL 60690",
    toll_free="1-800-555-0100",
    representative="Grace Senior",
)
DEPOSIT, WIRE, TRANSFER = LOCKBOX_DEPOSIT, INCOMING_WIRE, OUTGOING_WIRE
RETURNED, PAID = ITEM_RETURNED, RETURN_ITEM_PAID


@dataclass
class Treasury:
    """The treasury's desk; ``opening`` is what each lockbox account closed with, in cents."""

    offices: Offices
    opening: dict[str, int] = field(default_factory=dict)
    balances: dict[str, dict[str, int]] = field(default_factory=dict)
    """What each provider reported last, by kind of account."""

    @property
    def books(self) -> Books:
        """The postal books, for a treasury officer."""
        return self.offices.acting(Role.TREASURY_OFFICER, "Tess Treasurer")

    def provider(self, name: str = MAKER) -> ProviderDesk:
        """A provider's desk."""
        return self.offices.providers[name]

    def approve(self, name: str, day: date | str) -> None:
        """The provider offers its lockbox; the treasury approves it, and agrees the terms."""
        desk, now = self.provider(name), at(day)
        standing.offer_lockbox(
            desk.books,
            desk.signer,
            bank=BANK,
            routing=ROUTING[name],
            account=ACCOUNT[name],
            title="United States Postal Service",
            now=now,
        )
        self.offices.carry(day)
        signer, mine = self.offices.signer, {"routing": ROUTING[name], "account": ACCOUNT[name]}
        lockboxes.decide_lockbox(
            self.books, signer, **mine, approved=True, because="sound bank", now=now
        )
        lockboxes.agree_terms(self.books, signer, **mine, terms=TERMS, now=now)
        self.offices.carry(day)

    def statement(
        self,
        day: str,
        movements: Sequence[tuple[str, int, str]],
        *,
        name: str = MAKER,
        closed: bool = True,
        clock: time = time(18, 0),
        opening: int | None = None,
    ) -> bytes:
        """The bank's file of a day: type code, cents and reference of each movement."""
        transactions = tuple(
            Transaction(code=code, amount_cents=cents, bank_reference=reference)
            for code, cents, reference in movements
        )
        before = self.opening.get(name, 0) if opening is None else opening
        after = before + sum(each.signed_cents for each in transactions)
        summaries = (
            Summary(code=OPENING_LEDGER, amount_cents=before),
            Summary(code=CLOSING_LEDGER, amount_cents=after),
        )
        if closed:
            self.opening[name] = after
        account = Account(
            number=ACCOUNT[name],
            summaries=summaries if closed else (),
            transactions=transactions,
        )
        group = Group(
            receiver="USPS",
            originator=ROUTING[name],
            status=GroupStatus.UPDATE,
            as_of=date.fromisoformat(day),
            as_of_time=None,
            accounts=(account,),
            as_of_modifier="4" if closed else "3",
        )
        return write_bai2(
            Bai2File(
                sender=ROUTING[name],
                receiver="USPS",
                created_on=date.fromisoformat(day),
                created_at=clock,
                file_id=day[-2:] + ("9" if closed else "1"),
                groups=(group,),
            )
        )

    def take(self, data: bytes, now: datetime) -> BankReport:
        """Take a bank's file in."""
        return bank_reports.take_bank_report(
            self.books, self.offices.signer, data, name="bank.bai", now=now
        )

    def report(
        self,
        day: str,
        movements: Sequence[tuple[str, str, str, int]],
        *,
        name: str = MAKER,
        deposits: Sequence[tuple[str, int]] = (),
        differences: tuple[str, ...] = (),
        carried: bool = True,
        **balances: int,
    ) -> list[str]:
        """The provider reports a day: kind, debit, credit and mills of each movement."""
        known = self.balances.setdefault(name, {})
        for _, debit, credit, mills in movements:
            known[debit] = known.get(debit, 0) - mills
            known[credit] = known.get(credit, 0) + mills
        known.update({kind.replace("_", "-"): mills for kind, mills in balances.items()})
        told = DailyActivity(
            device="",
            issued_at=instant_text(at(day, 23)),
            sender=name,
            day=day,
            movements=[
                Movement(kind=kind, debit=debit, credit=credit, count=1, amount_mills=mills)
                for kind, debit, credit, mills in movements
            ],
            balances=dict(known),
            deposits=[
                BankDeposits(bank_day=bank_day, file="f" * 64, count=1, amount_mills=mills)
                for bank_day, mills in deposits
            ],
            differences=differences,
        )
        return self.send(told, day, name=name, carried=carried)

    def send(
        self, message: Dispatched, day: str, *, name: str = MAKER, carried: bool = True
    ) -> list[str]:
        """A message of a provider to the treasury; what was not simply taken."""
        desk, now = self.provider(name), at(day, 23)
        with desk.service.work(now, "deliver_dispatch") as work:
            PROVIDER_DISPATCHES.send(
                work, message, desk.signer, recipient=POSTAL_SERVICE, record=RECORD, now=now
            )
            work.record(Act(record=RECORD, clauses=("policy",)))
        return self.offices.carry(day) if carried else []

    def balance(self, kind: str, name: str = MAKER) -> int:
        """What the treasury's own books hold, in mills."""
        account = kind if kind == chart.FUND else chart.account(kind, name)
        with self.books.reading() as reading:
            return LEDGER.balance(reading, account).balance_mills

    def differences(self, name: str = "") -> list[Difference]:
        """Every difference that stands."""
        with self.books.reading() as reading:
            return rows.differences(reading, provider=name, settled=False)

    def owed(self, name: str = MAKER) -> list[str]:
        """What is outstanding about a provider's money."""
        return [
            each.duty for each in self.offices.owed(treasury_record(name)) if each.is_outstanding
        ]


def treasury_on(database: str, tmp_path: Path, *, approved: str = "1996-01-12") -> Treasury:
    """Two providers whose lockboxes were approved on a day."""
    treasury = Treasury(offices_on(database, tmp_path))
    for name in (MAKER, RIVAL):
        treasury.approve(name, approved)
    return treasury
