"""Papers about accounts on deposit: the acknowledgment that was signed, and deposit tickets."""

from __future__ import annotations

from datetime import datetime

from franking.forms.depositing import (
    AcknowledgmentForm,
    DepositTicketForm,
    TicketCheck,
    terms_digest,
)
from franking.forms.form import Party, PostOfficePlace, Signed, rulebook_named
from franking.home.papers.unknown import required
from franking.provider.funds import acknowledging, rows
from franking.provider.funds.acknowledging import addressee_of
from franking.provider.funds.records import FundsAccount
from franking.provider.licensing import rows as licensed
from franking.provider.standing.standing import lockbox_agreed
from franking.storage import Books, Reading


def acknowledgment_form(
    books: Books, provider: str, number: str, *, now: datetime
) -> AcknowledgmentForm:
    """The Acknowledgment of Deposit of an account, as signed with the lease.

    Raises:
        Refused: ``PAPER_UNKNOWN``, ``ACKNOWLEDGMENT_UNSIGNED``.
    """
    with books.reading() as reading:
        account = _account(reading, number)
        lease = acknowledging.signed_lease(reading, account)
        lockbox = lease.signatures.lockbox or _lockbox(reading)
        office = _office(reading, account)
    return AcknowledgmentForm(
        rulebook=rulebook_named(account.rulebook),
        account=account.number,
        licensee=Party(name=account.licensee),
        licence=account.licence,
        provider=provider,
        post_office=office,
        addressee=addressee_of(account, now),
        lockbox=lockbox,
        signed=Signed(name=lease.signatures.acknowledged_by, on=lease.signatures.acknowledged_on),
    )


def wording_digest(account: FundsAccount, provider: str) -> str:
    """SHA-256 of what the licensee of an account acknowledged, in hex."""
    return terms_digest(rulebook_named(account.rulebook), provider)


def deposit_ticket(
    books: Books,
    number: str,
    *,
    checks: tuple[TicketCheck, ...] = (),
    prepared_by: str = "",
    now: datetime,
) -> DepositTicketForm:
    """A pre-encoded ticket of an account; prepared by hand where ``prepared_by`` says by whom.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        account, plan = _account(reading, number), rows.plan(reading)
        lockbox = _lockbox(reading)
    return DepositTicketForm(
        rulebook=rulebook_named(account.rulebook),
        account=account.number,
        licensee=Party(name=account.licensee),
        licence=account.licence,
        lockbox=lockbox or "the lockbox that the provider names",
        bank=plan.bank if plan else "",
        routing=plan.routing if plan else "",
        on=now.date() if checks else None,
        checks=checks,
        prepared_by=prepared_by,
    )


def _account(reading: Reading, number: str) -> FundsAccount:
    return required(rows.find_account(reading, number), f"account {number}")


def _lockbox(reading: Reading) -> str:
    agreed = next((each.post_office_box for each in lockbox_agreed(reading)), "")
    plan = rows.plan(reading)
    return agreed or (plan.lockbox if plan else "")


def _office(reading: Reading, account: FundsAccount) -> PostOfficePlace:
    held = licensed.find_licence(reading, account.licence)
    if held is None:
        return PostOfficePlace(zip_code=account.zip_code)
    return PostOfficePlace(city=held.city, state=held.state, zip_code=held.zip_code)
