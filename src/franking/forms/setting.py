"""PS Form 3603: the receipt for postage set into a meter, or credited to a device.

DMM P030.3.12c of 1995 and P050.3.5c of 1997: after each reset the licensee has the transaction
and the balance that remains, unless a monthly statement shows both.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from franking.forms.form import (
    Form,
    Mills,
    Party,
    PostOfficePlace,
    Words,
    day_text,
    dollars_text,
    nouns,
    party_rows,
)
from franking.forms.paper import Block, Choices, Field, Fields, Gap, Heading, Masthead, Paragraph

Way = Literal["by telephone", "over the network", "at the post office"]
_WAYS: tuple[Way, ...] = ("by telephone", "over the network", "at the post office")
_APART = Gap(0.1)
_CLAUSES = {"meter-1995": "DMM P030.3.12c (1995)", "ibip-1997": "DMM P050.3.5c (1997)"}
_TITLES = {
    "meter-1995": "Receipt for Postage Meter Setting",
    "ibip-1997": "Receipt for Postage Download",
}


class Registers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Registers in mills."""

    ascending_mills: Mills
    descending_mills: Mills

    @property
    def total_mills(self) -> int:
        """The control total."""
        return self.ascending_mills + self.descending_mills


class SettingReceipt(Form, frozen=True, kw_only=True):
    """PS Form 3603."""

    name: ClassVar[str] = "3603"

    serial: Words
    sequence: Annotated[int, Meta(ge=1)]
    """The number of the setting, counted by device and provider alike."""
    on: date
    at: str = ""
    """The time of day, as the post office reckons it."""
    way: Way
    licence: Words
    account: str = ""
    licensee: Party
    post_office: PostOfficePlace
    provider: Words
    amount_mills: Mills
    before: Registers | None = None
    """As given when the setting was asked for."""
    balance_mills: int | None = None
    """What remained in the account; less than nothing while an advance is owed."""
    advanced_mills: Mills = 0
    """How much of it the provider advanced, and collects from the licensee."""

    @property
    def masthead(self) -> Masthead:
        """The form has another title in each document."""
        return Masthead(
            about=f"{self.serial}, setting {self.sequence}",
            number="PS Form 3603",
            title=_TITLES[self.rulebook],
            authority=_CLAUSES[self.rulebook],
        )

    def blocks(self) -> tuple[Block, ...]:
        """What was set into which device for whom, the registers, and what remains."""
        return (
            *self._occasion(),
            *self._registers(),
            *self._money(),
        )

    def _occasion(self) -> tuple[Block, ...]:
        when = " at ".join(filter(None, (day_text(self.on), self.at)))
        return (
            Fields(
                (
                    Field("Serial number", self.serial, 1.4),
                    Field("Setting number", str(self.sequence), 0.8),
                    Field("Date", when, 1.4),
                )
            ),
            Choices("Set", _WAYS, self.way),
            *party_rows("Licensee", self.licensee),
            Fields(
                (
                    Field("License number", self.licence),
                    Field("Account number", self.account),
                    Field("Licensing post office", self.post_office.line, 1.4),
                )
            ),
            Fields((Field(nouns(self.rulebook)["provider"].capitalize(), self.provider),)),
        )

    def _registers(self) -> tuple[Block, ...]:
        if self.before is None:
            return ()
        before, amount = self.before, self.amount_mills
        after = Registers(
            ascending_mills=before.ascending_mills,
            descending_mills=before.descending_mills + amount,
        )
        return (
            *_reading("Registers before", before),
            *_reading("Registers once it is set, if nothing is printed meanwhile", after),
        )

    def _money(self) -> tuple[Block, ...]:
        cells = [Field("Postage set", dollars_text(self.amount_mills))]
        if self.balance_mills is not None:
            cells.append(Field("Balance of the account", dollars_text(self.balance_mills)))
        told: tuple[Block, ...] = (Heading("Payment"), Fields(tuple(cells), strong=True))
        if not self.advanced_mills:
            return told
        advance = Paragraph(
            f"{dollars_text(self.advanced_mills)} of it were advanced by the "
            f"{nouns(self.rulebook)['provider']}, and are owed to it.",
            after=0,
        )
        return (*told, _APART, advance)


def _reading(title: str, registers: Registers) -> tuple[Block, ...]:
    return (
        Heading(title),
        Fields(
            (
                Field("Ascending register", dollars_text(registers.ascending_mills)),
                Field("Descending register", dollars_text(registers.descending_mills)),
                Field("Total", dollars_text(registers.total_mills)),
            )
        ),
    )
