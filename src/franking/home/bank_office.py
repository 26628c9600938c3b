"""The lockbox bank of a home: its books, and the lockbox of the home's provider."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from franking.bank import receiving, rows
from franking.bank.books import open_books
from franking.bank.records import Lockbox
from franking.bank_files.parties import company_id
from franking.bank_files.routing import check_digit
from franking.provider.funds.paying import declare_plan
from franking.provider.funds.records import Method, PaymentPlan
from franking.provider.funds.rows import plan
from franking.rules import at, value
from franking.rules.rulebooks import rulebook
from franking.storage import Books, place_of

if TYPE_CHECKING:
    from franking.home.home import Home

BANK: Final = f"09990001{check_digit('09990001')}"
"""The routing number of the home's lockbox bank; no bank has it."""
LOCKBOX: Final = "0000001"
ACCOUNT: Final = "1130009500"
"""The Postal Service's account at the bank."""
_PLAN_RULES: Final = "ibip-1997"


class BankOffice:
    """The lockbox bank of a home."""

    def __init__(self, books: Books, lockbox: Lockbox) -> None:
        self.books = books
        self.lockbox = lockbox

    @classmethod
    def open(cls, folder: Path, provider: str, now: datetime) -> BankOffice:
        """The bank in ``folder``; the provider's lockbox is opened on first use (501.28(e)(1)).

        Raises:
            Refused: what the books refuse.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        books = open_books(place_of("bank", folder / "books.sqlite3"))
        with books.reading() as reading:
            found = [each for each in rows.lockboxes(reading) if each.provider == provider]
        if not found:
            found = [_lockbox(provider, now)]
            receiving.open_lockbox(books, found[0], now)
        return cls(books, found[0])


def open_bank(home: Home) -> BankOffice:
    """The bank of a home; its provider accepts every way of paying through it (P050.3.2, 1997).

    Raises:
        Refused: what the books refuse.
    """
    provider, now = home.provider, home.now
    office = BankOffice.open(home.folder / "bank", provider.signer.name, now)
    with provider.books.reading() as reading:
        declared = plan(reading)
    if declared is None:
        book = _PLAN_RULES if rulebook(_PLAN_RULES).opens <= now.date() else "meter-1995"
        declare_plan(provider.books, _plan(office, book, now), rulebook=book, now=now)
    return office


def _plan(office: BankOffice, book: str, now: datetime) -> PaymentPlan:
    """Every way of paying that the rulebook knows; cards came with that of 1997."""
    rules, cards = at("funds", book, now.date()), book == _PLAN_RULES
    methods = tuple(Method) if cards else rules.choices("payment_methods_mandatory")
    return PaymentPlan(
        methods=tuple(map(Method, methods)),
        lockbox=office.lockbox.post_office_box,
        bank="Lockbox bank of this home",
        routing=office.lockbox.bank,
        bank_account=office.lockbox.account,
        card_processor=rules.choices("card_processor")[0] if cards else "",
    )


def _lockbox(provider: str, now: datetime) -> Lockbox:
    def agreed(name: str) -> time:
        return time.fromisoformat(str(value("funds", "meter-1995", now.date(), name)))

    return Lockbox(
        number=LOCKBOX,
        provider=provider,
        provider_id=company_id(provider),
        bank=BANK,
        account=ACCOUNT,
        post_office_box="PO Box 95001, Washington DC 20066",
        cutoff=agreed("lockbox_cutoff_time"),
        transmitted=agreed("lockbox_transmission_time"),
        toll_free="1-800-555-0142",
        representative="Senior representative for postage accounts",
    )
