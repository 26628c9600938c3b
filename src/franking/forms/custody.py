"""Papers of custody: the destruction certificate of two people, and an inspector's receipt.

Destruction: 39 CFR 501.17, 501.22(k) of 1995; two people sign, so that nobody destroys alone. The
receipt: DMM P030.2.7 of 1995 and P050.2.6 of 1997; a copy goes to the manufacturer.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from franking.errors import Refusal
from franking.forms.form import (
    Form,
    Mills,
    Party,
    Signed,
    Words,
    day_text,
    dollars_text,
    nouns,
    party_rows,
)
from franking.forms.paper import (
    Block,
    Choices,
    Column,
    Field,
    Fields,
    Gap,
    Heading,
    Listing,
    Masthead,
    Paragraph,
    Signature,
    Signatures,
)

WITNESSES_NOT_TWO = Refusal(
    "WITNESSES_NOT_TWO",
    clause="policy",
    remedy="Have a second person see the destruction and sign for it.",
)
_SEIZURE_CLAUSES = {"meter-1995": "DMM P030.2.7 (1995)", "ibip-1997": "DMM P050.2.6 (1997)"}


class Destroyed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing, or all records of one kind, that was destroyed."""

    what: Words
    identity: str = ""
    """Its serial number, or the name of the record."""
    quantity: Annotated[int, Meta(ge=1)] = 1
    clause: str = ""
    """Under which it was destroyed."""


class DestructionCertificate(Form, frozen=True, kw_only=True):
    """What was destroyed, when, how, and which two people saw it."""

    name: ClassVar[str] = "destruction"

    number: str = ""
    owner: Party
    on: date
    method: Words
    items: Annotated[tuple[Destroyed, ...], Meta(min_length=1)]
    first: Signed
    second: Signed

    def __post_init__(self) -> None:
        """Refuse two signatures of one person.

        Raises:
            Refused: ``WITNESSES_NOT_TWO``.
        """
        if _same(self.first.name, self.second.name):
            raise WITNESSES_NOT_TWO.because(f"{self.first.name} signed twice")

    @property
    def masthead(self) -> Masthead:
        """The documents prescribe no form."""
        return Masthead(
            about=self.number,
            number="Certificate",
            title="Certificate of Destruction",
            authority="39 CFR 501.17, 501.22(k) (1995)",
        )

    def blocks(self) -> tuple[Block, ...]:
        """Whose, when and how; what; and the two signatures."""
        rows = tuple(
            (each.what, each.identity, f"{each.quantity:,}", each.clause) for each in self.items
        )
        return (
            Fields(
                (
                    Field("Certificate", self.number),
                    Field("Destroyed on", day_text(self.on)),
                    Field("Pieces", f"{sum(each.quantity for each in self.items):,}"),
                )
            ),
            *party_rows("Owner", self.owner),
            Fields((Field("How it was destroyed", self.method),)),
            Heading("Destroyed"),
            Listing(_DESTROYED, rows),
            Gap(0.12),
            Paragraph(
                "We saw the things and records listed here destroyed, so that they can neither be "
                "used nor read again."
            ),
            Signatures(
                (
                    Signature("First witness", self.first.name, day_text(self.first.on)),
                    Signature("Second witness", self.second.name, day_text(self.second.on)),
                )
            ),
        )


class SeizureReceipt(Form, frozen=True, kw_only=True):
    """An inspector's receipt for a suspect device that was taken from service."""

    name: ClassVar[str] = "seizure-receipt"

    number: str = ""
    taken_on: date
    licensee: Party
    licence: str = ""
    place: str = ""
    serial: Words
    model: str = ""
    ascending_mills: Mills | None = None
    descending_mills: Mills | None = None
    fraud_suspected: bool
    """Existing postage moves to a replacement unless it was set by fraud."""
    reason: Words
    provider: Words
    inspector: Signed

    @property
    def masthead(self) -> Masthead:
        """A receipt without a form number."""
        return Masthead(
            about=self.serial,
            number="Receipt",
            title=f"Receipt for a Suspect {nouns(self.rulebook)['device'].capitalize()}",
            authority=_SEIZURE_CLAUSES[self.rulebook],
        )

    def blocks(self) -> tuple[Block, ...]:
        """From whom it was taken, with which registers, why, and what becomes of the postage."""
        return (*self._taken(), *self._why(), *self._signed())

    def _taken(self) -> tuple[Block, ...]:
        return (
            Fields(
                (
                    Field("Receipt", self.number),
                    Field("Taken on", day_text(self.taken_on)),
                    Field("License number", self.licence),
                )
            ),
            *party_rows("Licensee", self.licensee),
            Fields((Field("Taken at", self.place),)),
            Fields(
                (
                    Field("Serial number", self.serial, _SERIAL_SHARE),
                    Field("Model", self.model),
                    Field("Ascending register", dollars_text(self.ascending_mills)),
                    Field("Descending register", dollars_text(self.descending_mills)),
                )
            ),
        )

    def _why(self) -> tuple[Block, ...]:
        told = _POSTAGE_HELD if self.fraud_suspected else _POSTAGE_MOVES
        chosen = "yes" if self.fraud_suspected else "no"
        return (
            Fields((Field("Reason", self.reason),)),
            Choices("Postage believed to have been set by fraud", ("no", "yes"), chosen),
            Gap(),
            Paragraph(told),
        )

    def _signed(self) -> tuple[Block, ...]:
        return (
            Signatures(
                (
                    Signature("Postal inspector", self.inspector.name, day_text(self.inspector.on)),
                    Signature("Received by the licensee"),
                )
            ),
            Paragraph(f"Copy to: {self.provider}", size_pt=8.0),
        )


_POSTAGE_MOVES = "The postage in it is transferred to the replacement."
_POSTAGE_HELD = "The postage in it is held until the examination has ended."

_SERIAL_SHARE = 1.2
"""A serial number is wider than what stands beside it."""

_DESTROYED = (
    Column("What", 2.4),
    Column("Identity", 2.0),
    Column("Quantity", 0.7),
    Column("Under", 1.9),
)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
