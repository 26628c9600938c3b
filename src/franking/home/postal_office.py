"""The Postal Service of a home: its books, its root key, and what it publishes.

``postal/books.sqlite3`` are the books, ``postal/vault.json`` holds the root key,
``postal/trust.list`` is the latest trust list and ``postal/root.pem`` the key that a verifier
pins.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from franking.errors import Refused
from franking.home.mail_seen import SCAN_HISTORY, mail_seen_in
from franking.messages.signing import public_key_pem
from franking.postal.books import open_books
from franking.postal.certificates import authority, commands
from franking.postal.certificates.records import TrustListIssue
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import VaultSigner
from franking.psd.vault.software import SoftwareVault
from franking.rules.permissions import Role
from franking.storage import Actor, Books, place_of

if TYPE_CHECKING:
    from franking.verification.trust_publication import Index

NAME = "Postal Service of this home"
TRUST_LIST = "trust.list"
ROOT_KEY = "root.pem"


class PostalOffice:
    """The postal domain of a home, with its root key opened."""

    def __init__(self, folder: Path, books: Books, vault: SoftwareVault) -> None:
        self.folder = folder
        self.books = books
        self.vault = vault
        self.signer: VaultSigner = authority.authority_signer(books, vault)

    @classmethod
    def open(cls, folder: Path, now: datetime) -> PostalOffice:
        """The domain in ``folder``; its root is made, and the root key published, on first use.

        Raises:
            Refused: what the books or the vault refuse.
        """
        where = place_of("postal", folder / "books.sqlite3")
        books = open_books(where, by=Actor(NAME, Role.POSTAL_SERVICE))
        books = books.with_beside(mail_seen_in(folder / SCAN_HISTORY))
        vault = vault_in(folder)
        if not (folder / ROOT_KEY).exists():
            _found(books, vault, folder, now)
        return cls(folder, books, vault)

    @property
    def root_key(self) -> EllipticCurvePublicKey:
        """The key that verifiers pin."""
        return public_key_object(self.signer.public_key)

    def publish(self, now: datetime) -> TrustListIssue:
        """Publish the trust list as the books stand.

        Raises:
            Refused: ``TRUST_LIST_NOT_WRITTEN``.
        """
        return commands.publish_trust_list(self.books, self.signer, self.folder / TRUST_LIST, now)

    def publish_to(self, folder: Path, now: datetime) -> Index:
        """Put the trust list as it stands into ``folder`` too, for verifiers to update from.

        Raises:
            Refused: ``TRUST_PUBLICATION_NEWER``, ``TRUST_LIST_NOT_WRITTEN``.
        """
        # Read in only here: what it takes would slow the start of every other command.
        from franking.verification.trust_publication import publish_to

        recent = authority.key_rules(now).whole("recent_trust_lists")
        listed = self.folder / TRUST_LIST
        try:
            return publish_to(folder, listed, self.signer, self.root_key, recent=recent)
        except OSError as error:
            raise commands.TRUST_LIST_NOT_WRITTEN.because(f"{folder}: {error.strerror}") from error


def vault_in(folder: Path) -> SoftwareVault:
    """The software vault of a domain, made on first use."""
    file = folder / "vault.json"
    if not file.exists():
        with suppress(Refused):  # another process may be first; what is wrong else, load tells
            return SoftwareVault.create(file)
    return SoftwareVault.load(file)


def _found(books: Books, vault: SoftwareVault, folder: Path, now: datetime) -> None:
    """Found the authority, unless a cut-short first use did; then publish its key."""
    if not authority.is_founded(books):
        authority.found_authority(books, vault, name=NAME, now=now)
    root = public_key_object(authority.authority(books).public_key)
    # Put in place whole: half of it would stay for good.
    fresh = folder / f"{ROOT_KEY}.new"
    fresh.write_bytes(public_key_pem(root))
    fresh.replace(folder / ROOT_KEY)
