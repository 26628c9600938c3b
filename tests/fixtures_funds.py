"""A licensee with an account on deposit, at a provider with a bank that is only told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from pathlib import Path

from franking.docket import Obligation
from franking.ledger import account_record
from franking.provider.funds import accounts, advances, banking, charging, chart, rows
from franking.provider.funds.bank_records import (
    BankDeposit,
    BankMadeGood,
    BankRefund,
    BankReturn,
    BankTransfer,
)
from franking.provider.funds.charging import ResetCharge
from franking.provider.funds.records import BankDetails, FundsAccount, Method, Payment, PaymentPlan
from franking.provider.schema import DOCKET, LEDGER
from franking.rules.permissions import Role
from franking.storage import Actor, Books
from tests.fixtures_licensing import LicensingWorld, licensing_world

SERIAL = "FK1A0000000001"
ROUTING = "021000021"
ANNA, BERT = Actor("Anna Ivey", Role.PROVIDER_AGENT), Actor("Bert Ott", Role.PROVIDER_AGENT)
ALL_WAYS = (
    Method.ACH_DEBIT,
    Method.ACH_CREDIT,
    Method.WIRE,
    Method.CASH,
    Method.DEBIT_CARD,
    Method.CHECK,
)
PLAN = PaymentPlan(
    methods=ALL_WAYS,
    lockbox="P.O. Box 894757, Los Angeles, CA 90189",
    bank="First Lockbox Bank",
    routing=ROUTING,
    bank_account="12345678",
    card_processor="National Processing Company",
    card_fee_basis_points=250,
)


@dataclass
class Funds:
    """One provider's money, with one licensee's account."""

    world: LicensingWorld
    account: FundsAccount
    references: count[int] = field(default_factory=lambda: count(1))

    @property
    def now(self) -> datetime:
        """The one clock."""
        return self.world.now

    @property
    def service(self) -> Books:
        """The provider's books, for its service."""
        return self.world.first.service

    @property
    def books(self) -> Books:
        """The provider's books, for an agent."""
        return self.service.acting(ANNA)

    def standing(self) -> FundsAccount:
        """The account as it stands."""
        with self.service.reading() as reading:
            return accounts.require_account(reading, self.account.number)

    def holds(self, name: str) -> int:
        """What an account of the ledger holds, in mills."""
        with self.service.reading() as reading:
            return LEDGER.balance(reading, name).balance_mills

    @property
    def balance(self) -> int:
        """What is on deposit."""
        return self.holds(chart.deposits(self.account.number))

    def paid(
        self, amount_mills: int, method: Method = Method.CHECK, *, account: str = ""
    ) -> Payment:
        """The bank's file brings a payment."""
        told = BankDeposit(
            method=method,
            account=account or self.account.number,
            amount_mills=amount_mills,
            reference=f"{next(self.references):010d}",
            received_on=self.now.date(),
        )
        with self.service.work(self.now, "take_bank_file") as work:
            (payment,) = banking.received(work, [told], file="digest", by="Bank", now=self.now)
        return payment

    def came_back(self, payment: Payment, *, amount_mills: int | None = None) -> Payment:
        """The bank reports an item unpaid after its second presentment."""
        told = BankReturn(
            reference=payment.reference,
            account=payment.account,
            amount_mills=payment.amount_mills if amount_mills is None else amount_mills,
            reason="insufficient funds",
            on=self.now.date(),
        )
        with self.service.work(self.now, "take_bank_file") as work:
            (after,) = banking.returned(work, [told], by="Bank", now=self.now)
        return after

    def collected(self, payment: Payment) -> Payment:
        """The bank reports a returned item paid in full."""
        told = BankMadeGood(
            reference=payment.reference,
            account=payment.account,
            amount_mills=payment.amount_mills,
            on=self.now.date(),
        )
        with self.service.work(self.now, "take_bank_file") as work:
            (after,) = banking.made_good(work, [told], by="Bank", now=self.now)
        return after

    def moved(self, amount_mills: int, reference: str = "T1") -> None:
        """The bank moves money to the Postal Service Fund."""
        told = BankTransfer(reference=reference, amount_mills=amount_mills, on=self.now.date())
        with self.service.work(self.now, "take_bank_file") as work:
            banking.transferred(work, [told], now=self.now)

    def paid_back(self, case: str, amount_mills: int) -> None:
        """The bank reports a balance paid back."""
        told = BankRefund(
            case=case,
            account=self.account.number,
            amount_mills=amount_mills,
            reference="R0001",
            on=self.now.date(),
        )
        with self.service.work(self.now, "take_bank_file") as work:
            banking.refunded(work, [told], by="Bank", now=self.now)

    def reset(self, amount_mills: int, sequence: int = 1, *, serial: str = SERIAL) -> ResetCharge:
        """Charge a reset, as the room that grants it does."""
        on = (account_record(chart.transit(serial)),)
        with self.service.work(self.now, "grant_reset", on=on) as work:
            return charging.charge_for_reset(
                work, serial, self.account.licence, amount_mills, sequence, self.now
            )

    def deposit_of_provider(self, change_mills: int, number: int) -> None:
        """The Postal Service states the provider's own deposit."""
        with self.service.work(self.now, "hear_ProviderDeposit") as work:
            advances.change_deposit(
                work,
                statement=str(number),
                change_mills=change_mills,
                because="wire",
                now=self.now,
            )

    def advances_up_to(self, limit_mills: int) -> None:
        """The provider agrees to advance."""
        advances.agree_advances(
            self.books, self.account.number, limit_mills=limit_mills, now=self.now
        )

    def details(self) -> BankDetails:
        """From where the licensee's debits are drawn."""
        return BankDetails(
            account=self.account.number,
            routing=ROUTING,
            bank_account="778899",
            kind="checking",
            authorized_by="Joe Acme",
            authorized_on=self.now.date(),
        )

    def duties(self, record: str) -> list[Obligation]:
        """What is outstanding about a record."""
        with self.service.reading() as reading:
            return [one for one in DOCKET.standing(reading, record=record) if one.is_outstanding]

    def events(self) -> list[str]:
        """The history of the account."""
        with self.service.reading() as reading:
            return [each["event"] for each in rows.events_of(reading, self.account.record)]

    def totals(self) -> Mapping[str, int]:
        """What each kind of account holds in all."""
        with self.service.reading() as reading:
            return {each.kind: LEDGER.total(reading, each.kind) for each in chart.CHART}


def funds_of(database: str, folder: Path, rulebook: str) -> Funds:
    """A provider, and Acme Bolts with a lease, its acknowledgment, and so an account."""
    world = licensing_world(database, folder, rulebook)
    licence = world.licensed()
    world.leased(licence)
    with world.first.service.reading() as reading:
        account = accounts.require_account_of(reading, licence.number)
    return Funds(world, account)


def today(funds: Funds) -> date:
    """The postal date."""
    return funds.now.date()
