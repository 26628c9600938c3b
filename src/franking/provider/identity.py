"""Who the provider is: its name, its key, its certificate, and the one key that it believes.

The provider pins the Postal Service's root when it is established, and believes licences and
certificates under that root only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from sqlalchemy import CheckConstraint, Column, Table, insert, select, update

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.provider.schema import METADATA
from franking.psd.vault.certification import (
    CERTIFICATE_FALSE,
    signing_request,
    verified_certificate,
)
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import KeyVault, VaultSigner
from franking.storage import Act, Books, Reading
from franking.storage.columns import WHOLE, data, text

_CLAUSE = "39 CFR 502.1 (1997)"

PROVIDER_ESTABLISHED = Refusal(
    "PROVIDER_ESTABLISHED",
    clause=_CLAUSE,
    remedy="Use the provider that these books hold.",
)
PROVIDER_MISSING = Refusal(
    "PROVIDER_MISSING",
    clause=_CLAUSE,
    remedy="Establish the provider first.",
)

IDENTITY = Table(
    "identity",
    METADATA,
    Column("number", WHOLE, CheckConstraint("number = 1"), primary_key=True),
    text("name"),
    data("public_key"),
    data("wrapped"),
    data("postal_key"),
    data("certificate"),
    CheckConstraint("length(public_key) = 65 AND length(postal_key) = 65"),
    sqlite_strict=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The provider, as its books hold it."""

    name: str
    public_key: bytes
    wrapped: bytes
    postal_key: bytes
    """The pinned root, 65 bytes."""
    certificate: bytes
    """DER; empty until the Postal Service has issued it."""

    @property
    def postal(self) -> EllipticCurvePublicKey:
        """The pinned root, as a key."""
        return public_key_object(self.postal_key)


def establish_provider(
    books: Books, vault: KeyVault, *, name: str, postal_key: bytes, now: datetime
) -> Identity:
    """Make the provider's key, and pin the Postal Service's root.

    Raises:
        Refused: ``PROVIDER_ESTABLISHED``, ``TOKEN_GONE``.
    """
    with books.work(now, "establish_provider") as work:
        if work.row(select(IDENTITY)) is not None:
            raise PROVIDER_ESTABLISHED.because("these books have a provider already")
        key = vault.generate(name)
        row = {"name": name, "public_key": key.public_key, "wrapped": key.wrapped}
        work.write(insert(IDENTITY).values(number=1, **row, postal_key=postal_key, certificate=b""))
        work.record(_act("establish_provider", name, postal_key=postal_key.hex()))
    return identity(books)


def take_certificate(books: Books, certificate: bytes, now: datetime) -> None:
    """Keep the provider's own certificate; the same again changes nothing.

    Raises:
        Refused: ``CERTIFICATE_FALSE`` where it is not for this provider and its key.
    """
    with books.work(now, "take_certificate") as work:
        own = require_identity(work)
        facts = verified_certificate(certificate, own.postal)
        if (facts.subject, facts.public_key) != (own.name, own.public_key):
            raise CERTIFICATE_FALSE.because(f"it is of {facts.subject!r}, or of another key")
        if certificate == own.certificate:
            return
        work.write_one(update(IDENTITY).values(certificate=certificate))
        work.record(_act("take_certificate", own.name, serial=facts.serial))


def identity(books: Books) -> Identity:
    """The provider of these books.

    Raises:
        Refused: ``PROVIDER_MISSING``.
    """
    with books.reading() as reading:
        return require_identity(reading)


def find_identity(books: Books) -> Identity | None:
    """The provider of these books, or ``None`` where none was established yet."""
    with books.reading() as reading:
        return _found(reading)


def provider_signer(books: Books, vault: KeyVault) -> VaultSigner:
    """The provider's key, opened.

    Raises:
        Refused: ``PROVIDER_MISSING``, ``VAULT_CANNOT_OPEN``, ``TOKEN_GONE``.
    """
    own = identity(books)
    return vault.open(own.wrapped, own.name)


def provider_signing_request(books: Books, vault: KeyVault) -> bytes:
    """The request (PKCS#10, DER) with which the Postal Service certifies the provider.

    Raises:
        Refused: as ``provider_signer``.
    """
    return signing_request(provider_signer(books, vault))


def require_identity(books: Reading) -> Identity:
    """The provider of these books, within a unit of work.

    Raises:
        Refused: ``PROVIDER_MISSING``.
    """
    found = _found(books)
    if found is None:
        raise PROVIDER_MISSING.because("these books have no provider")
    return found


def _found(books: Reading) -> Identity | None:
    row = books.row(select(IDENTITY))
    if row is None:
        return None
    return Identity(**{name: value for name, value in row._mapping.items() if name != "number"})


def _act(command: str, record: str, **inputs: object) -> Act:
    return Act(
        command=command, record=record_id("provider", record), clauses=(_CLAUSE,), inputs=inputs
    )
