"""The nouns of the host: mail classes, shapes, addresses, prices and the mailpiece itself.

Frozen values only; no file, no clock, no device. Lengths are inches and weights are ounces, both
``Decimal``; money is integer mills.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from franking.marks.symbols import Symbology

__all__ = [
    "Address",
    "CleanAddress",
    "Fim",
    "MailClass",
    "Mailpiece",
    "Price",
    "Shape",
    "SpecialService",
    "Symbology",
    "System",
]


class MailClass(StrEnum):
    """The classes of mail that an indicium may pay (DMM P050.1.4, 1997), and one more.

    ``PRIORITY`` is the First-Class subclass for heavier pieces; it has prices of its own.
    """

    FIRST_CLASS = "first-class"
    PRIORITY = "priority"
    EXPRESS = "express"
    STANDARD = "standard"
    INTERNATIONAL = "international"


class Shape(StrEnum):
    """What the piece is, as the price tables and the FIM rules see it."""

    CARD = "card"
    LETTER = "letter"
    FLAT = "flat"
    PARCEL = "parcel"


class System(StrEnum):
    """Open (a computer composes the whole face) or closed (a dedicated device): 39 CFR 502.7."""

    OPEN = "open"
    CLOSED = "closed"


class SpecialService(StrEnum):
    """Services that demand a complete date in the indicium (DMM P050.4.6, 1997)."""

    REGISTERED = "registered"
    CERTIFIED = "certified"
    INSURED = "insured"
    COD = "cod"
    SPECIAL_DELIVERY = "special-delivery"
    SPECIAL_HANDLING = "special-handling"


class Fim(StrEnum):
    """Facing identification marks, by letter."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address as somebody wrote it. Only ``street`` and the last line matter to delivery."""

    name: str = ""
    company: str = ""
    street: str = ""
    unit: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""

    @classmethod
    def of(
        cls, street: str, city: str, state: str, zip_code: str, name: str = "", company: str = ""
    ) -> Address:
        """The usual five parts, in the order they are written on an envelope."""
        return cls(
            name=name, company=company, street=street, city=city, state=state, zip_code=zip_code
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanAddress:
    """An address in the form of Publication 28: upper case, standard abbreviations, no commas.

    ``delivery_line`` is the street, box or route with its unit; ``recipients`` are the lines above
    it. Standard form is not proof that mail can be delivered there: nothing here knows that.
    """

    recipients: tuple[str, ...]
    delivery_line: str
    city: str
    state: str
    zip5: str
    plus4: str = ""
    delivery_point: str = ""

    @property
    def last_line(self) -> str:
        """City, state and ZIP Code as the last line of the address block."""
        zip_code = f"{self.zip5}-{self.plus4}" if self.plus4 else self.zip5
        return f"{self.city} {self.state} {zip_code}"

    @property
    def lines(self) -> tuple[str, ...]:
        """The block from top to bottom."""
        return (*self.recipients, self.delivery_line, self.last_line)

    @property
    def routing_digits(self) -> str:
        """5, 9 or 11 digits: what POSTNET, the IMb and the indicium's destination carry."""
        return f"{self.zip5}{self.plus4}{self.delivery_point if self.plus4 else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a piece owes, and by which published table."""

    mills: int
    rate_category: str
    """At most four characters, as the indicium carries it."""
    edition: str
    """The price list: ``2025-07-13``."""
    source: str
    """The public document that gives the cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailpiece:
    """One piece before it is evidenced: what it is, where it goes, what it owes."""

    mail_class: MailClass
    shape: Shape
    weight_oz: Decimal
    date_of_mailing: date
    price: Price
    destination: CleanAddress | None = None
    return_address: CleanAddress | None = None
    services: frozenset[SpecialService] = field(default_factory=frozenset)
    courtesy_reply: bool = False
    barcoded: bool = True
    """The piece bears, or will bear, a delivery-point barcode (POSTNET or IMb)."""
