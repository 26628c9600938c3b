"""Money on deposit for tests that are about something else: an account, and a deposit in it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from franking.home.home import open_home
from franking.ledger import account_record
from franking.provider.books import SERVICE
from franking.provider.funds import chart, postings, rows
from franking.provider.funds.decisions import account_number
from franking.provider.funds.records import FundsAccount
from franking.provider.licensing.tables import LICENCES
from franking.provider.schema import LEDGER
from franking.storage import Act, Books, Reading, Work

PLENTY = 100_000_000
"""Mills: more than any test spends."""


def deposit(
    books: Books, licence: str, now: datetime, *, amount_mills: int = PLENTY, payment: str = "test"
) -> FundsAccount:
    """Put money on deposit for a licensee, whose account is opened where there is none."""
    with books.acting(SERVICE).work(now, "accept_closed") as work:
        account = rows.account_of(work, licence) or _opened(work, licence, now)
        paid = postings.deposit(
            payment=f"{payment}-{account.number}", account=account.number, amount_mills=amount_mills
        )
        LEDGER.post(work, paid, now)
        work.record(Act(record=account_record(account.name)))
    return account


def deposit_in_home(folder: Path, *, amount_mills: int = PLENTY, payment: str = "test") -> None:
    """Put money on deposit for every licensee of a home."""
    home = open_home(folder)
    books = home.provider.books
    with books.reading() as reading:
        licences = [row.number for row in reading.rows(select(LICENCES.c.number))]
    for licence in licences:
        deposit(books, licence, home.now, amount_mills=amount_mills, payment=payment)
    books.close()


def account_in_home(folder: Path) -> str:
    """The number of the one account of a home's provider, with plenty on deposit."""
    deposit_in_home(folder)
    books = open_home(folder).provider.books
    with books.reading() as reading:
        (account,) = rows.accounts(reading)
    books.close()
    return account.number


def totals_in_home(folder: Path) -> dict[str, int]:
    """What all accounts of each kind hold together in a home's provider books; nothing left out."""
    books = open_home(folder).provider.books
    with books.reading() as reading:
        totals = {line.kind: LEDGER.total(reading, line.kind) for line in LEDGER.chart}
    books.close()
    return {kind: mills for kind, mills in totals.items() if mills}


def balance(books: Reading, account: str) -> int:
    """What an account of the ledger holds."""
    return LEDGER.balance(books, account).balance_mills


def value_of(books: Books, serial: str) -> tuple[int, int]:
    """What is in transit to a device, and what is in it."""
    with books.reading() as reading:
        return balance(reading, chart.transit(serial)), balance(reading, chart.device(serial))


def _opened(work: Work, licence: str, now: datetime) -> FundsAccount:
    account = FundsAccount(
        number=account_number(rows.account_count(work) + 1),
        licence=licence,
        licensee="Acme Bolts",
        zip_code="01101",
        rulebook="ibip-1997",
        opened_on=now.date(),
    )
    rows.add_account(work, account)
    return account
