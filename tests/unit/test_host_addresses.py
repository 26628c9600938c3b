"""Addresses in standard form, and the ones that are refused before postage is spent."""

from __future__ import annotations

import pytest

from franking.errors import Refused
from franking.host.addresses import clean
from franking.host.records import Address

A = Address.of


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (
            A(
                "475 L'Enfant Plaza SW, Room 1234",
                "Washington",
                "DC",
                "20260-6807",
                "Jane Q. Smith",
            ),
            ("JANE Q SMITH", "475 LENFANT PLZ SW RM 1234", "WASHINGTON DC 20260-6807"),
        ),
        (
            A("123 Main Street Apartment 4", "Chicago", "Illinois", "60601", company="Acme, Inc."),
            ("ACME INC", "123 MAIN ST APT 4", "CHICAGO IL 60601"),
        ),
        (
            A("P.O. Box 12", "Springfield", "Illinois", "62701"),
            ("PO BOX 12", "SPRINGFIELD IL 62701"),
        ),
        (A("PSC 3 Box 4120", "APO", "AE", "09021"), ("PSC 3 BOX 4120", "APO AE 09021")),
        (A("General Delivery", "Tampa", "FL", "33602"), ("GENERAL DELIVERY", "TAMPA FL 33602")),
        (
            A("Calle Amapola 123", "San Juan", "Puerto Rico", "00926", "José Núñez"),
            ("JOSE NUNEZ", "CALLE AMAPOLA 123", "SAN JUAN PR 00926"),
        ),
    ],
)
def test_an_address_takes_the_form_of_publication_28(
    address: Address, lines: tuple[str, ...]
) -> None:
    assert clean(address).lines == lines


@pytest.mark.parametrize(
    ("zip_code", "digits"),
    [("60601", "60601"), ("60601-1234", "606011234"), ("60601123456", "60601123456")],
)
def test_the_routing_digits_are_those_of_the_zip_code(zip_code: str, digits: str) -> None:
    assert clean(A("1 Main St", "Chicago", "IL", zip_code)).routing_digits == digits


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (A("", "Chicago", "IL", "60601"), "ADDRESS_STREET_MISSING"),
        (A("  ", "Chicago", "IL", "60601"), "ADDRESS_STREET_MISSING"),
        (A("Acme Building", "Chicago", "IL", "60601"), "ADDRESS_STREET_MISSING"),
        (A("...", "Chicago", "IL", "60601"), "ADDRESS_STREET_MISSING"),
        (A("1 Main St", "", "IL", "60601"), "ADDRESS_CITY_MISSING"),
        (A("1 Main St", "Chicago", "Cook", "60601"), "STATE_UNKNOWN"),
        (A("1 Main St", "Chicago", "", "60601"), "STATE_UNKNOWN"),
        (A("12 Main St", "Cambridge", "MA", "2138"), "ZIP_UNREADABLE"),
        (A("12 Main St", "Cambridge", "MA", "02138-43"), "ZIP_UNREADABLE"),
        (A("12 Main St", "Cambridge", "MA", "O2138"), "ZIP_UNREADABLE"),
        (A("12 Main St", "Cambridge", "MA", "00001"), "ZIP_PREFIX_UNKNOWN"),
        (A("12 Main St", "Cambridge", "MA", "90210"), "ZIP_CONTRADICTS_STATE"),
        (A("北京路 5", "Cambridge", "MA", "02138"), "ADDRESS_CHARACTERS"),
        (A("1 Main\x00 St", "Cambridge", "MA", "02138"), "ADDRESS_CHARACTERS"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused(address: Address, code: str) -> None:
    with pytest.raises(Refused) as refused:
        clean(address)
    assert refused.value.code == code
    assert refused.value.refusal.remedy


def test_a_contradiction_names_where_the_zip_code_is() -> None:
    with pytest.raises(Refused, match="90210 is in CA, not in MA"):
        clean(A("12 Main St", "Cambridge", "MA", "90210"))
