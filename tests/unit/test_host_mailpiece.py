"""Classes that an indicium pays, facing marks, markings, and how much of the date is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from franking.errors import Refused
from franking.host.mailpiece import (
    Practice,
    compose,
    destination_digits,
    facing_mark,
    markings,
    needs_full_date,
    require_class,
    require_exact_postage,
)
from franking.host.records import Fim, MailClass, Shape, SpecialService, System
from tests.fixtures_host import ON, a_piece, delivery_address

OPEN, CLOSED = Practice(system=System.OPEN), Practice(system=System.CLOSED)


@pytest.mark.duty("R97-P050.1.4-1", "R97-P050.1.4-3")
@pytest.mark.parametrize("practice", [OPEN, CLOSED])
@pytest.mark.parametrize(
    "mail_class",
    [MailClass.FIRST_CLASS, MailClass.PRIORITY, MailClass.EXPRESS, MailClass.STANDARD],
)
def test_both_kinds_of_system_pay_domestic_mail(practice: Practice, mail_class: MailClass) -> None:
    require_class(practice, mail_class, ON)


@pytest.mark.duty("R97-P050.1.4-2")
def test_only_a_closed_system_pays_international_mail() -> None:
    require_class(CLOSED, MailClass.INTERNATIONAL, ON)
    with pytest.raises(Refused, match="CLASS_NOT_ALLOWED"):
        require_class(OPEN, MailClass.INTERNATIONAL, ON)


def test_an_open_system_needs_the_delivery_address() -> None:
    with pytest.raises(Refused, match="DESTINATION_REQUIRED"):
        compose(
            practice=OPEN,
            on=ON,
            mail_class=MailClass.FIRST_CLASS,
            shape=Shape.LETTER,
            weight_oz=Decimal(1),
            destination=None,
        )


def test_the_indicium_of_an_open_system_carries_the_destination_and_a_closed_one_does_not() -> None:
    assert destination_digits(a_piece(), System.OPEN) == delivery_address().routing_digits
    assert destination_digits(a_piece(), System.CLOSED) == ""


@pytest.mark.duty("R97-P050.1.5")
def test_evidence_of_another_amount_than_the_piece_owes_is_refused() -> None:
    require_exact_postage(a_piece(), 320)
    for mills in (319, 321, 0):
        with pytest.raises(Refused, match="POSTAGE_NOT_EXACT"):
            require_exact_postage(a_piece(), mills)


@pytest.mark.duty("R97-P050.4.12", "R97-P050.4.13-1", "R97-P050.4.13-2")
@pytest.mark.parametrize(
    ("system", "shape", "courtesy_reply", "barcoded", "mark"),
    [
        (System.OPEN, Shape.LETTER, False, True, Fim.D),
        (System.OPEN, Shape.LETTER, False, False, Fim.D),
        (System.OPEN, Shape.FLAT, False, True, Fim.D),
        (System.OPEN, Shape.LETTER, True, True, Fim.A),
        (System.OPEN, Shape.PARCEL, False, True, None),
        (System.CLOSED, Shape.LETTER, False, False, Fim.E),
        (System.CLOSED, Shape.FLAT, False, False, Fim.E),
        (System.CLOSED, Shape.LETTER, False, True, Fim.D),
        (System.CLOSED, Shape.LETTER, True, True, Fim.A),
        (System.CLOSED, Shape.PARCEL, False, True, None),
    ],
)
def test_the_facing_mark_follows_system_shape_and_barcode(
    system: System, shape: Shape, courtesy_reply: bool, barcoded: bool, mark: Fim | None
) -> None:
    piece = replace(a_piece(shape), courtesy_reply=courtesy_reply, barcoded=barcoded)
    assert facing_mark(piece, system) is mark


@pytest.mark.duty("R95-P030.1.8-2")
def test_a_piece_shows_the_markings_of_its_class_and_services() -> None:
    services = frozenset({SpecialService.CERTIFIED, SpecialService.SPECIAL_HANDLING})
    assert markings(a_piece(Shape.LETTER)) == ()
    assert markings(a_piece(Shape.FLAT)) == ("FIRST-CLASS MAIL",)
    priority = replace(a_piece(Shape.FLAT), mail_class=MailClass.PRIORITY, services=services)
    assert markings(priority) == ("PRIORITY MAIL", "CERTIFIED", "SPECIAL HANDLING")


@pytest.mark.duty("R97-P050.4.6-1", "R97-P050.4.6-2")
@pytest.mark.parametrize(
    ("mail_class", "services", "full"),
    [
        (MailClass.FIRST_CLASS, frozenset(), True),
        (MailClass.PRIORITY, frozenset(), True),
        (MailClass.STANDARD, frozenset(), False),
        *((MailClass.STANDARD, frozenset({service}), True) for service in SpecialService),
    ],
)
def test_the_whole_date_is_shown_but_on_standard_mail_without_services(
    mail_class: MailClass, services: frozenset[SpecialService], full: bool
) -> None:
    piece = replace(a_piece(), mail_class=mail_class, services=services)
    assert needs_full_date(piece, "ibip-1997") is full


def test_a_piece_dated_before_the_rulebook_is_refused() -> None:
    with pytest.raises(Refused):
        require_class(OPEN, MailClass.FIRST_CLASS, date(1990, 1, 1))
