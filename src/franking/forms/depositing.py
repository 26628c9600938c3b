"""The Acknowledgment of Deposit Requirement, and the ticket that goes with a check.

39 CFR 501.28(b)(2), (e)(6) of 1995; 39 CFR 502.26(b) of 1997. No document prints the terms of the
acknowledgment: they are put together here from what the clauses say, and the digest of the words
that a licensee signed goes with the message that says so.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import ClassVar

from msgspec import Struct

from franking.forms.form import (
    Form,
    Mills,
    Party,
    PostOfficePlace,
    Rulebook,
    Signed,
    Words,
    day_text,
    dollars_text,
    nouns,
    party_rows,
)
from franking.forms.paper import (
    Block,
    Field,
    Fields,
    Gap,
    Heading,
    Masthead,
    Paragraph,
    Signature,
    Signatures,
)

_CLAUSES = {
    "meter-1995": "39 CFR 501.28(b)(2) (1995)",
    "ibip-1997": "39 CFR 502.26(b)(1) (1997)",
}


def deposit_terms(rulebook: Rulebook, provider: str) -> tuple[str, ...]:
    """What a licensee acknowledges, clause by clause."""
    device = nouns(rulebook)["device"]
    return (
        f"Funds are on deposit with the Postal Service before a {device} is reset, or {provider} "
        "agrees to advance them.",
        f"I transfer funds to the Postal Service through the lockbox bank that {provider} names, "
        "as prepayment of postage.",
        "Deposits are in the Postal Service Fund at the Treasury of the United States, and are "
        "backed by its full faith and credit.",
        f"Each reset is charged to my account at once. {provider} gives me a document with the "
        "balance after each reset, or a statement each month with the balance after each.",
        "If an item that I paid with comes back unpaid after a second presentment, my account is "
        "locked until it is paid in full.",
        f"What {provider} advances to me I owe to {provider}; the Postal Service is not liable "
        "for it.",
        "On my request the lockbox bank pays my balance back to me.",
    )


def terms_digest(rulebook: Rulebook, provider: str) -> str:
    """SHA-256 of the words, in hex: what was signed can be shown later."""
    return hashlib.sha256("\n".join(deposit_terms(rulebook, provider)).encode()).hexdigest()


class AcknowledgmentForm(Form, frozen=True, kw_only=True):
    """The Acknowledgment of Deposit Requirement that a licensee signs."""

    name: ClassVar[str] = "acknowledgment"

    account: Words
    licensee: Party
    licence: Words
    provider: Words
    post_office: PostOfficePlace
    addressee: Words
    """To whom the provider sends it."""
    lockbox: str = ""
    signed: Signed | None = None

    @property
    def masthead(self) -> Masthead:
        """The documents name the paper and prescribe no form."""
        return Masthead(
            about=self.account,
            number="Acknowledgment",
            title="Acknowledgment of Deposit Requirement",
            authority=_CLAUSES[self.rulebook],
        )

    def blocks(self) -> tuple[Block, ...]:
        """Who, the terms, the signature, and where it goes."""
        terms = deposit_terms(self.rulebook, self.provider)
        return (
            Fields(
                (
                    Field("Account number", self.account),
                    Field("License number", self.licence),
                    Field("Licensing post office", self.post_office.line, 1.4),
                )
            ),
            *party_rows("Licensee", self.licensee),
            Fields((Field("Provider", self.provider), Field("Lockbox", self.lockbox))),
            Heading("Terms"),
            Gap(0.06),
            *(Paragraph(f"{at}. {text}", size_pt=9.0) for at, text in enumerate(terms, 1)),
            Signatures(
                (
                    Signature(
                        "Licensee",
                        self.signed.name if self.signed else "",
                        day_text(self.signed.on) if self.signed else "",
                    ),
                )
            ),
            Fields((Field("Sent by the provider to", self.addressee),)),
        )


class TicketCheck(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One check that goes with a deposit ticket."""

    number: str = ""
    amount_mills: Mills


class DepositTicketForm(Form, frozen=True, kw_only=True):
    """The deposit ticket that goes to the lockbox with a check."""

    name: ClassVar[str] = "deposit-ticket"

    account: Words
    """Pre-encoded: its last digit checks the others."""
    licensee: Party
    licence: Words
    lockbox: Words
    """The post office box to which check and ticket are mailed."""
    bank: str = ""
    routing: str = ""
    on: date | None = None
    checks: tuple[TicketCheck, ...] = ()
    prepared_by: str = ""
    """The provider's representative, where the ticket was prepared by hand for a first payment."""

    @property
    def masthead(self) -> Masthead:
        """The Postal Service supplies tickets; the documents give them no number."""
        return Masthead(
            about=self.account,
            number="Deposit ticket",
            title="Deposit for Prepayment of Postage",
            authority="39 CFR 501.28(e)(6) (1995)",
        )

    def blocks(self) -> tuple[Block, ...]:
        """Where it goes, for which account, and what is paid in."""
        return (
            Fields((Field("Mail with the check to", self.lockbox),)),
            Fields(
                (
                    Field("Account number (pre-encoded)", self.account, 1.4),
                    Field("License number", self.licence),
                    Field("Date", day_text(self.on)),
                )
            ),
            *party_rows("Licensee", self.licensee),
            Heading("Checks"),
            Gap(0.06),
            *_lines(self.checks),
            Fields((Field("Total", _total(self.checks)),)),
            Fields((Field("Lockbox bank", self.bank, 1.4), Field("Routing", self.routing))),
            Fields((Field("Prepared by hand by", self.prepared_by),)),
        )


def _lines(checks: tuple[TicketCheck, ...]) -> tuple[Fields, ...]:
    """A line for each check; an empty one, to be filled in by hand, where none is named."""
    if not checks:
        return (Fields((Field("Check number", ""), Field("Amount", ""))),)
    return tuple(
        Fields(
            (Field("Check number", each.number), Field("Amount", dollars_text(each.amount_mills)))
        )
        for each in checks
    )


def _total(checks: tuple[TicketCheck, ...]) -> str:
    """What all checks come to; nothing where none is named."""
    return dollars_text(sum(each.amount_mills for each in checks) if checks else None)
