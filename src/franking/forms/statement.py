"""A monthly statement of account: each transaction, and the balance after it.

DMM P030.3.12c and 39 CFR 501.28(e)(3) of 1995, DMM P050.3.5c of 1997: it may stand for a document
after each reset. Amounts are mills; what was taken is below zero.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from franking.forms.form import (
    Form,
    Party,
    Words,
    day_text,
    dollars_text,
    legible,
    party_rows,
)
from franking.forms.paper import (
    Block,
    Column,
    Field,
    Fields,
    Gap,
    Heading,
    Listing,
    Masthead,
    Paragraph,
)
from franking.marks.geometry import Anchor

_CLAUSES = {
    "meter-1995": "39 CFR 501.28(e)(3); DMM P030.3.12c (1995)",
    "ibip-1997": "DMM P050.3.5c (1997)",
}
_COLUMNS = (
    Column("Date", 0.9),
    Column("Transaction", 3.0),
    Column("Amount", 1.0, Anchor.END),
    Column("Balance", 1.1, Anchor.END),
)


class StatementLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One transaction, and the balance after it."""

    on: date
    what: Words
    amount_mills: int
    balance_mills: int


class StatementForm(Form, frozen=True, kw_only=True):
    """A statement of one account for one month."""

    name: ClassVar[str] = "statement"

    account: Words
    licence: Words
    licensee: Party
    office_zip: str = ""
    provider: Words
    since: date
    until: date
    backing: str = ""
    """What stands behind money on deposit (39 CFR 501.28(b)(1), 1995)."""
    opening_mills: int
    lines: tuple[StatementLine, ...] = ()

    @property
    def closing_mills(self) -> int:
        """The balance at the end of the month."""
        return self.lines[-1].balance_mills if self.lines else self.opening_mills

    @property
    def masthead(self) -> Masthead:
        """The documents prescribe no form."""
        return Masthead(
            about=f"account {self.account}, {self.since:%B %Y}",
            number="Statement",
            title="Statement of Account",
            authority=_CLAUSES[self.rulebook],
        )

    def blocks(self) -> tuple[Block, ...]:
        """Whose account, what it held, every transaction, what it holds."""
        return (*self._head(), Heading("Transactions"), self._listing(), *self._foot())

    def _head(self) -> tuple[Block, ...]:
        return (
            Fields(
                (
                    Field("Account", self.account),
                    Field("License number", self.licence),
                    Field("Licensing post office", self.office_zip),
                )
            ),
            *party_rows("Licensee", replace(self.licensee, name=legible(self.licensee.name))),
            Fields(
                (
                    Field("From", day_text(self.since)),
                    Field("To", day_text(self.until)),
                    Field("Resetting company", self.provider, 1.6),
                )
            ),
        )

    def _listing(self) -> Block:
        rows = tuple(
            (
                each.on.isoformat(),
                legible(each.what),
                dollars_text(each.amount_mills),
                dollars_text(each.balance_mills),
            )
            for each in self.lines
        )
        return Listing(_COLUMNS, rows, least_rows=1)

    def _foot(self) -> tuple[Block, ...]:
        balances = (
            Field("Balance at the beginning", dollars_text(self.opening_mills)),
            Field("Balance at the end", dollars_text(self.closing_mills)),
        )
        words = (
            "The balance is on deposit with the Postal Service. It can be used to reset your "
            f"postage meters and devices, or be refunded upon request. {self.backing}"
        )
        return Gap(), Fields(balances, strong=True), Paragraph(words.strip())
