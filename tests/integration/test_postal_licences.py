"""Licences: one for an applicant at a post office, told to the provider under signature."""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.errors import Refused
from franking.messages.kinds import LicenceIssued
from franking.messages.signing import verify
from franking.postal.licences.commands import issue_licence, licences
from franking.postal.licences.records import Applicant, PostOffice
from franking.psd.vault.ecdsa import public_key_object
from tests.fixtures_postal import NOW, PostalWorld, postal_world

ACME = Applicant(name="Acme Bolts", address="12 Main St, Springfield MA 01101")
SPRINGFIELD = PostOffice(zip_code="01101", city="Springfield", state="MA")
HOLYOKE = PostOffice(zip_code="01040", city="Holyoke", state="MA")


@pytest.fixture
def world(tmp_path: Path) -> PostalWorld:
    return postal_world(tmp_path)


@pytest.mark.duty("R97-P050.2.1-7")
def test_the_provider_is_told_of_a_licence_in_a_signed_message(world: PostalWorld) -> None:
    licence = issue_licence(world.books, world.signer, ACME, SPRINGFIELD, NOW)
    told = verify(licence.message, LicenceIssued, public_key_object(world.signer.public_key))
    assert (told.licence, told.licensee) == ("01101-000001", "Acme Bolts")
    assert (told.zip_code, told.city, told.state) == ("01101", "Springfield", "MA")


@pytest.mark.duty("R97-P050.2.1-6")
def test_one_licence_covers_all_devices_of_an_applicant_at_one_post_office(
    world: PostalWorld,
) -> None:
    first = issue_licence(world.books, world.signer, ACME, SPRINGFIELD, NOW)
    spelt = Applicant(name="ACME  bolts ", address="12 main st,  springfield MA 01101")
    assert issue_licence(world.books, world.signer, spelt, SPRINGFIELD, NOW) == first
    elsewhere = issue_licence(world.books, world.signer, ACME, HOLYOKE, NOW)
    other = Applicant(name="Other", address="1 Elm St")
    another = issue_licence(world.books, world.signer, other, SPRINGFIELD, NOW)
    assert [one.number for one in licences(world.books)] == [
        elsewhere.number,
        first.number,
        another.number,
    ]
    assert another.number == "01101-000002"


@pytest.mark.parametrize(
    ("applicant", "office", "lacks"),
    [
        (Applicant(name=" ", address="x"), SPRINGFIELD, "name"),
        (Applicant(name="x", address=""), SPRINGFIELD, "address"),
        (ACME, PostOffice(zip_code="1101", city="x", state="MA"), "ZIP Code"),
        (ACME, PostOffice(zip_code="01101", city="", state="MA"), "city"),
        (ACME, PostOffice(zip_code="01101", city="x", state="Mass."), "state"),
    ],
)
def test_an_incomplete_application_is_refused_and_says_what_it_lacks(
    world: PostalWorld, applicant: Applicant, office: PostOffice, lacks: str
) -> None:
    with pytest.raises(Refused, match=f"APPLICATION_INCOMPLETE: it lacks .*{lacks}"):
        issue_licence(world.books, world.signer, applicant, office, NOW)
    assert licences(world.books) == []
