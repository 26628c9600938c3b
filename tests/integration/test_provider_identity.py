"""The provider's own key and certificate, and the one root that it believes."""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.errors import Refused
from franking.postal.certificates.commands import certify_provider
from franking.provider.books import open_books
from franking.provider.identity import (
    establish_provider,
    identity,
    provider_signer,
    provider_signing_request,
    take_certificate,
)
from franking.psd.vault.software import SoftwareVault
from franking.storage import Books
from tests.fixtures_postal import NOW, PROVIDER, PostalWorld, postal_world


@pytest.fixture
def world(tmp_path: Path) -> PostalWorld:
    return postal_world(tmp_path)


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return open_books(tmp_path / "provider.sqlite")


def establish(books: Books, world: PostalWorld) -> SoftwareVault:
    vault = SoftwareVault.in_memory()
    root = world.signer.public_key
    establish_provider(books, vault, name=PROVIDER, postal_key=root, now=NOW)
    return vault


@pytest.mark.duty("R97-502.9(e)")
def test_a_provider_is_established_once_and_takes_its_own_certificate(
    books: Books, world: PostalWorld
) -> None:
    with pytest.raises(Refused, match="PROVIDER_MISSING"):
        identity(books)
    vault = establish(books, world)
    with pytest.raises(Refused, match="PROVIDER_ESTABLISHED"):
        establish(books, world)
    request = provider_signing_request(books, vault)
    issued = certify_provider(
        world.books, world.signer, name=PROVIDER, signing_request=request, now=NOW
    )
    take_certificate(books, issued.der, NOW)
    take_certificate(books, issued.der, NOW)
    assert identity(books).certificate == issued.der
    assert provider_signer(books, vault).public_key == issued.public_key
    assert [row.command for row in books.journal_rows()] == [
        "establish_provider",
        "take_certificate",
    ]


def test_a_certificate_of_another_key_or_another_root_is_not_taken(
    books: Books, world: PostalWorld, tmp_path: Path
) -> None:
    establish(books, world)
    with pytest.raises(Refused, match="CERTIFICATE_FALSE"):
        take_certificate(books, world.provider_certificate.der, NOW)
    with pytest.raises(Refused, match="CERTIFICATE_FALSE"):
        take_certificate(books, b"nothing of the kind", NOW)
    assert identity(books).certificate == b""


def test_another_vault_does_not_open_the_providers_key(books: Books, world: PostalWorld) -> None:
    establish(books, world)
    with pytest.raises(Refused, match="VAULT_CANNOT_OPEN"):
        provider_signer(books, SoftwareVault.in_memory())


def test_the_postal_services_books_are_not_the_providers(
    world: PostalWorld, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="BOOKS_OF_ANOTHER_DOMAIN"):
        open_books(tmp_path / "postal.sqlite")
