"""The provider of a home: its books and its key, certified by the home's Postal Service."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from franking.home.postal_office import PostalOffice, vault_in
from franking.postal.certificates.commands import certify_provider
from franking.provider.books import open_books
from franking.provider.identity import (
    establish_provider,
    find_identity,
    identity,
    provider_signer,
    provider_signing_request,
    take_certificate,
)
from franking.psd.records import TrustAnchors
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import VaultSigner
from franking.psd.vault.software import SoftwareVault
from franking.rules.permissions import Role
from franking.storage import Actor, Books, place_of

NAME = "Provider of this home"


class ProviderOffice:
    """The provider's domain of a home, with its key opened."""

    def __init__(self, books: Books, vault: SoftwareVault) -> None:
        self.books = books
        self.vault = vault
        self.signer: VaultSigner = provider_signer(books, vault)

    @classmethod
    def open(cls, folder: Path, postal: PostalOffice, now: datetime) -> ProviderOffice:
        """The domain in ``folder``; established and certified on first use.

        Raises:
            Refused: what the books or the vault refuse.
        """
        books, vault = (
            open_books(
                place_of("provider", folder / "books.sqlite3"),
                by=Actor(NAME, Role.PROVIDER_SERVICE),
            ),
            vault_in(folder),
        )
        if find_identity(books) is None:
            key = postal.signer.public_key
            establish_provider(books, vault, name=NAME, postal_key=key, now=now)
        if not identity(books).certificate:
            request = provider_signing_request(books, vault)
            certified = certify_provider(
                postal.books, postal.signer, name=NAME, signing_request=request, now=now
            )
            take_certificate(books, certified.der, now)
        return cls(books, vault)

    @property
    def key(self) -> EllipticCurvePublicKey:
        """The key whose orders the devices believe."""
        return public_key_object(self.signer.public_key)

    def anchors(self, postal: PostalOffice) -> TrustAnchors:
        """The two keys that a new device of this home is given to believe."""
        return TrustAnchors(provider_key=self.key, postal_key=postal.root_key)
