"""What a mailpiece is, before it is evidenced: its class, its price, its facing mark.

Pure. Says which classes an indicium may pay, which facing identification mark the face bears,
which words it must show, and how much of the date the indicium gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from franking import rules
from franking.errors import Refusal
from franking.host.rates import RateBook, published
from franking.host.records import (
    CleanAddress,
    Fim,
    MailClass,
    Mailpiece,
    Shape,
    SpecialService,
    System,
)
from franking.money import format_dollars

CLASS_NOT_ALLOWED = Refusal(
    "CLASS_NOT_ALLOWED",
    clause="DMM P050.1.4 (1997)",
    remedy="Pay International mail with a closed system, or choose a class this system may pay.",
)
DESTINATION_REQUIRED = Refusal(
    "DESTINATION_REQUIRED",
    clause="39 CFR 502.7(b) (1997)",
    remedy="Give the delivery address: an open system composes the whole face.",
)
POSTAGE_NOT_EXACT = Refusal(
    "POSTAGE_NOT_EXACT",
    clause="DMM P050.1.5 (1997)",
    remedy="Evidence exactly the amount due, or correct a short-paid piece under P050.4.9.",
)

_CLASS_WORDS = {
    MailClass.FIRST_CLASS: "First-Class",
    MailClass.PRIORITY: "First-Class",
    MailClass.EXPRESS: "Express",
    MailClass.STANDARD: "Standard",
    MailClass.INTERNATIONAL: "International",
}
_CLASS_MARKINGS = {
    MailClass.FIRST_CLASS: "FIRST-CLASS MAIL",
    MailClass.PRIORITY: "PRIORITY MAIL",
    MailClass.EXPRESS: "EXPRESS MAIL",
    MailClass.STANDARD: "STANDARD MAIL",
    MailClass.INTERNATIONAL: "AIRMAIL",
}
_LETTERS_AND_FLATS = frozenset({Shape.CARD, Shape.LETTER, Shape.FLAT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """Whose rules a host follows: its rulebook and whether the system is open or closed."""

    rulebook: str = "ibip-1997"
    system: System = System.OPEN


def compose(
    *,
    practice: Practice,
    on: date,
    mail_class: MailClass,
    shape: Shape,
    weight_oz: Decimal,
    destination: CleanAddress | None,
    return_address: CleanAddress | None = None,
    services: frozenset[SpecialService] = frozenset(),
    courtesy_reply: bool = False,
    nonmachinable: bool = False,
    barcoded: bool = True,
    rates: RateBook | None = None,
) -> Mailpiece:
    """A mailpiece with the price it owes on the date of mailing.

    Raises:
        Refused: ``CLASS_NOT_ALLOWED``, ``DESTINATION_REQUIRED``, or what the rate book refuses.
    """
    require_class(practice, mail_class, on)
    if destination is None and practice.system is System.OPEN and not courtesy_reply:
        raise DESTINATION_REQUIRED.because("a piece of an open system without an address")
    price = (rates or published()).price(
        on=on,
        mail_class=mail_class,
        shape=shape,
        weight_oz=weight_oz,
        nonmachinable=nonmachinable,
    )
    return Mailpiece(
        mail_class=mail_class,
        shape=shape,
        weight_oz=weight_oz,
        date_of_mailing=on,
        price=price,
        destination=destination,
        return_address=return_address,
        services=services,
        courtesy_reply=courtesy_reply,
        barcoded=barcoded and destination is not None,
    )


def require_class(practice: Practice, mail_class: MailClass, on: date) -> None:
    """Refuse a class that an indicium of this system may not pay (DMM P050.1.4).

    Raises:
        Refused: ``CLASS_NOT_ALLOWED``.
    """
    allowed = _classes(practice.rulebook, practice.system, on)
    if _CLASS_WORDS[mail_class] not in allowed:
        raise CLASS_NOT_ALLOWED.because(
            f"an indicium of an {practice.system} system pays {', '.join(allowed)}; "
            f"this piece is {mail_class}"
        )


def require_exact_postage(piece: Mailpiece, postage_mills: int) -> None:
    """Refuse evidence of another amount than the piece owes (DMM P050.1.5).

    Raises:
        Refused: ``POSTAGE_NOT_EXACT``.
    """
    if postage_mills != piece.price.mills:
        raise POSTAGE_NOT_EXACT.because(
            f"the piece owes {format_dollars(piece.price.mills)} by the list of "
            f"{piece.price.edition}, not {format_dollars(postage_mills)}"
        )


def facing_mark(piece: Mailpiece, system: System) -> Fim | None:
    """The FIM that the face must bear, if any (DMM P050.4.12 and 4.13).

    Open: D, but A on courtesy reply. Closed: E on a piece that bears no barcode before deposit,
    D on one that bears or will bear a delivery-point barcode, A on courtesy reply. None on what
    is neither a letter nor a flat.
    """
    if piece.shape not in _LETTERS_AND_FLATS:
        return None
    if piece.courtesy_reply:
        return Fim.A
    if system is System.CLOSED and not piece.barcoded:
        return Fim.E
    return Fim.D


def markings(piece: Mailpiece) -> tuple[str, ...]:
    """The words that the face must show for its class and services (DMM P030.1.8, 1995).

    A First-Class letter or card of single-piece price needs none.
    """
    plain = piece.mail_class is MailClass.FIRST_CLASS and piece.shape in {Shape.LETTER, Shape.CARD}
    of_class = () if plain else (_CLASS_MARKINGS[piece.mail_class],)
    return of_class + tuple(sorted(service.replace("-", " ").upper() for service in piece.services))


def needs_full_date(piece: Mailpiece, rulebook: str) -> bool:
    """Whether the indicium must show month, day and year (DMM P050.4.6)."""
    said = rules.at("indicium", rulebook, piece.date_of_mailing)
    if _CLASS_WORDS[piece.mail_class] not in said.choices("day_optional_classes"):
        return True
    dated = {name.lower().replace(" ", "-") for name in said.choices("full_date_services")}
    return any(service in dated for service in piece.services)


def destination_digits(piece: Mailpiece, system: System) -> str:
    """What the indicium carries of the destination: 5, 9 or 11 digits; none if closed."""
    if system is System.CLOSED or piece.destination is None:
        return ""
    return piece.destination.routing_digits


@lru_cache(maxsize=512)
def _classes(rulebook: str, system: System, on: date) -> tuple[str, ...]:
    return rules.at("indicium", rulebook, on).choices(f"classes_{system}")
