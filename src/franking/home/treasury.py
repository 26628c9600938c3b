"""The treasury of a home: its lockbox is offered and approved, the bank's files are taken in."""

from __future__ import annotations

from typing import Final

from franking.bank.records import Lockbox as BankLockbox
from franking.errors import Refused
from franking.home.carrier import carry
from franking.home.home import Home
from franking.postal.treasury import bank_reports, lockboxes, rows
from franking.postal.treasury.records import BankReport, LockboxStatus, Terms
from franking.provider.standing import commands as standing
from franking.rules.permissions import Role
from franking.storage import Actor, Books

OFFICER: Final = Actor("Treasury of this home", Role.TREASURY_OFFICER)
TITLE: Final = "United States Postal Service"
BANK: Final = "Lockbox bank of this home"


def treasury_books(home: Home) -> Books:
    """The postal books, for the home's treasury officer.

    Raises:
        Refused: what opening refuses.
    """
    return home.postal.books.acting(OFFICER)


def approve_home_lockbox(home: Home, lockbox: BankLockbox) -> None:
    """Have the provider offer the home's lockbox, and the treasury approve it, with its terms.

    Once it is approved, nothing changes.

    Raises:
        Refused: ``BOOKS_BUSY`` and its like.
    """
    named = {"routing": lockbox.bank, "account": lockbox.account}
    with home.postal.books.reading() as reading:
        found = rows.find_lockbox(reading, **named)
    if found is None:
        _offer(home, lockbox)
    books, signer, now = treasury_books(home), home.postal.signer, home.now
    found = lockboxes.find_lockbox(books, **named)
    if found.status is LockboxStatus.OFFERED:
        because = "the simulated bank of this home"
        found = lockboxes.decide_lockbox(
            books, signer, **named, approved=True, because=because, now=now
        )
    if found.status is LockboxStatus.APPROVED and found.agreed_on is None:
        lockboxes.agree_terms(books, signer, **named, terms=_terms(home, lockbox), now=now)
        carry(home)


def take_bank_file(
    home: Home, lockbox: BankLockbox, content: bytes, name: str
) -> BankReport | None:
    """Take a bank's report in for the treasury; ``None`` where it was taken before.

    Raises:
        Refused: ``BOOKS_BUSY`` and its like.
    """
    approve_home_lockbox(home, lockbox)
    books, signer = home.postal.books, home.postal.signer
    try:
        return bank_reports.take_bank_report(books, signer, content, name=name, now=home.now)
    except Refused as refused:
        if refused.refusal is not bank_reports.BANK_REPORT_KNOWN:
            raise
        return None


def _offer(home: Home, lockbox: BankLockbox) -> None:
    provider, now = home.provider, home.now
    standing.offer_lockbox(
        provider.books,
        provider.signer,
        bank=BANK,
        routing=lockbox.bank,
        account=lockbox.account,
        title=TITLE,
        now=now,
    )
    carry(home)


def _terms(home: Home, lockbox: BankLockbox) -> Terms:
    return Terms(
        timezone=home.settings.zone,
        cutoff_time=f"{lockbox.cutoff:%H:%M}",
        transmission_time=f"{lockbox.transmitted:%H:%M}",
        post_office_box=lockbox.post_office_box,
        toll_free=lockbox.toll_free,
        representative=lockbox.representative,
    )
