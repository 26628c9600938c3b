"""A founded Postal Service with one certified provider, for tests of both domains."""

from __future__ import annotations

import random
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from franking.clock import instant_text
from franking.messages.kinds import CertificateRequest, RevocationRequest
from franking.messages.signing import sign
from franking.postal.books import open_books
from franking.postal.certificates.authority import authority_signer, found_authority
from franking.postal.certificates.commands import certify_device, certify_provider, take_revocation
from franking.postal.certificates.records import Certificate
from franking.postal.schema import SCHEMA
from franking.psd.vault.certification import signing_request
from franking.psd.vault.port import VaultSigner
from franking.psd.vault.software import SoftwareVault
from franking.storage import Books
from tests.fixtures_databases import laid_out

EASTERN = ZoneInfo("America/New_York")
NOW = datetime(1997, 6, 2, 9, 30, tzinfo=EASTERN)
AUTHORITY = "USPS IBIP Root"
PROVIDER = "Franking Provider"


@dataclass
class PostalWorld:
    """The Postal Service's books and keys, and the key of a provider it certified."""

    books: Books
    vault: SoftwareVault
    signer: VaultSigner
    provider_vault: SoftwareVault
    provider: VaultSigner
    provider_certificate: Certificate

    def device_key(self, device: str) -> VaultSigner:
        """A new key of a device."""
        return self.provider_vault.open(self.provider_vault.generate(device).wrapped, device)

    def request(self, key: VaultSigner, *, provider: VaultSigner | None = None) -> str:
        """The provider's request to certify a device's key."""
        by = provider or self.provider
        message = CertificateRequest(
            device=key.name,
            issued_at=instant_text(NOW),
            provider=by.name,
            signing_request=b64encode(signing_request(key)).decode(),
        )
        return sign(message, by)

    def certify(self, device: str, now: datetime = NOW) -> Certificate:
        """A certificate for a new key of a device."""
        return certify_device(self.books, self.signer, self.request(self.device_key(device)), now)

    def revocation(self, one: Certificate, reason: str, final_mills: int | None = None) -> str:
        """The provider's report on a certificate."""
        message = RevocationRequest(
            device=one.subject,
            issued_at=instant_text(NOW),
            provider=self.provider.name,
            certificate_serial=one.serial,
            reason=reason,
            final_ascending_mills=final_mills,
        )
        return sign(message, self.provider)

    def revoke(
        self, one: Certificate, reason: str, final_mills: int | None = None, now: datetime = NOW
    ) -> Certificate:
        """Report on a certificate."""
        return take_revocation(self.books, self.revocation(one, reason, final_mills), now)


def postal_world(folder: Path) -> PostalWorld:
    """A fresh world; its keys come from a seed."""
    books = open_books(laid_out(folder / "postal.sqlite", SCHEMA))
    vault = SoftwareVault.in_memory(random.Random(1).randbytes)
    provider_vault = SoftwareVault.in_memory(random.Random(2).randbytes)
    found_authority(books, vault, name=AUTHORITY, now=NOW)
    signer = authority_signer(books, vault)
    provider = provider_vault.open(provider_vault.generate(PROVIDER).wrapped, PROVIDER)
    certificate = certify_provider(
        books, signer, name=PROVIDER, signing_request=signing_request(provider), now=NOW
    )
    return PostalWorld(books, vault, signer, provider_vault, provider, certificate)
