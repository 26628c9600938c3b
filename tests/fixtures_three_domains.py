"""Postal Service, provider and a real device: three domains that exchange signed messages only."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from franking.identifiers import DeviceId
from franking.postal.books import open_books as open_postal_books
from franking.postal.certificates.authority import authority_signer, found_authority
from franking.postal.certificates.commands import certify_device, certify_provider
from franking.postal.licences.commands import issue_licence
from franking.postal.licences.records import Applicant, PostOffice
from franking.postal.schema import SCHEMA as POSTAL_SCHEMA
from franking.provider.books import open_books as open_provider_books
from franking.provider.devices.intake import NewInspection, inspect
from franking.provider.identity import (
    establish_provider,
    provider_signer,
    provider_signing_request,
    take_certificate,
)
from franking.provider.resetting.answering import accept_order_receipt
from franking.provider.resetting.commands import accept_receipt, grant_reset
from franking.provider.resetting.enrolment import enrol_device, take_licence
from franking.provider.resetting.ordering import authorize
from franking.provider.schema import SCHEMA as PROVIDER_SCHEMA
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import DeviceProfile, EvidenceRequest, TrustAnchors
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.store import DeviceStore
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import VaultSigner
from franking.psd.vault.software import SoftwareVault
from franking.storage import Books, Where
from tests.fixtures_databases import laid_out, place_on
from tests.fixtures_money import deposit
from tests.fixtures_postal import AUTHORITY, EASTERN, PROVIDER

START = datetime(1997, 6, 2, 9, 30, tzinfo=EASTERN)
DEVICE = "FK1A0000000001"
ACME = Applicant(name="Acme Bolts", address="12 Main St, Springfield MA 01101")
SPRINGFIELD = PostOffice(zip_code="01101", city="Springfield", state="MA")


@dataclass
class ThreeDomains:
    """Everything of the three, and one clock."""

    folder: Path
    postal: Books
    postal_signer: VaultSigner
    provider: Books
    provider_signer: VaultSigner
    vault: SoftwareVault
    licence: str
    device: PostalSecurityDevice
    now: datetime = START
    pieces: int = 0
    copies: int = field(default=0)

    def later(self, **passed: int) -> datetime:
        """Time goes on: a minute, or what is given."""
        self.now += timedelta(**(passed or {"minutes": 1}))
        return self.now

    def certificate(self, request: str) -> bytes:
        """The Postal Service's answer to the provider's request."""
        return certify_device(self.postal, self.postal_signer, request, self.now).der

    def enrol(self, **limit: int) -> None:
        """From a manufactured device to one in service."""
        signing_request = self.device.certificate_signing_request(self.later())
        request = enrol_device(
            self.provider,
            self.provider_signer,
            signing_request=signing_request,
            rulebook="ibip-1997",
            system="open",
            now=self.now,
        )
        self.inspect()
        order = authorize(
            self.provider,
            self.provider_signer,
            device_id=str(self.device.device_id),
            certificate=self.certificate(request),
            licence=self.licence,
            now=self.now,
            **limit,
        )
        accept_order_receipt(self.provider, self.device.authorize(order, self.later()), self.now)

    def inspect(self) -> None:
        """The inspection that a device with a new key needs before it leaves."""
        found = NewInspection(
            serial=str(self.device.device_id),
            inspector="R. Moss",
            finding="self-test passed",
            passed=True,
        )
        inspect(self.provider, found, now=self.now)

    def reset(self, amount_mills: int, request_id: str) -> None:
        """A whole reset."""
        grant = self.grant(amount_mills, request_id)
        accept_receipt(self.provider, self.device.apply_grant(grant, self.later()), self.now)

    def grant(self, amount_mills: int, request_id: str) -> str:
        """A request of the device, and the provider's grant."""
        request = self.device.request_reset(amount_mills, request_id, self.later())
        return grant_reset(self.provider, self.provider_signer, request, self.later())

    def evidence(self, postage_mills: int = 320) -> None:
        """One more piece."""
        self.pieces += 1
        piece = EvidenceRequest(f"piece-{self.pieces}", postage_mills)
        self.device.evidence(piece, self.later())

    def copy_device(self) -> Path:
        """Somebody copies the device's folder, switched off."""
        self.device.close()
        self.copies += 1
        copy = self.folder / f"copy-{self.copies}"
        shutil.copytree(self.folder / "device", copy)
        self.device = self.opened("device")
        return copy

    def opened(self, name: str) -> PostalSecurityDevice:
        """The device in a folder, switched on."""
        store = SqliteDeviceStore.open(self.folder / name / "device.sqlite")
        return PostalSecurityDevice.open(store, self.vault, self.now)


def three_domains(
    folder: Path, store: DeviceStore | None = None, *, database: str = "sqlite"
) -> ThreeDomains:
    """All three, up to a licence with money on deposit; the device is manufactured.

    It lies in a file where no store is given; the provider's books lie on ``database``.
    """
    postal, provider = (
        open_postal_books(laid_out(folder / "postal.sqlite", POSTAL_SCHEMA)),
        open_provider_books(_provider_place(folder, database)),
    )
    vaults = [SoftwareVault.in_memory(random.Random(n).randbytes) for n in (1, 2, 3)]
    root = found_authority(postal, vaults[0], name=AUTHORITY, now=START)
    postal_signer = authority_signer(postal, vaults[0])
    establish_provider(provider, vaults[1], name=PROVIDER, postal_key=root.public_key, now=START)
    request = provider_signing_request(provider, vaults[1])
    issued = certify_provider(
        postal, postal_signer, name=PROVIDER, signing_request=request, now=START
    )
    take_certificate(provider, issued.der, START)
    licence = issue_licence(postal, postal_signer, ACME, SPRINGFIELD, START)
    take_licence(provider, licence.message, START)
    deposit(provider, licence.number, START)
    signer = provider_signer(provider, vaults[1])
    device = PostalSecurityDevice.create(
        store or _store_in(folder / "device"),
        vaults[2],
        DeviceId.parse(DEVICE),
        DeviceProfile(),
        TrustAnchors(
            provider_key=public_key_object(signer.public_key),
            postal_key=public_key_object(postal_signer.public_key),
        ),
        START,
    )
    return ThreeDomains(
        folder=folder,
        postal=postal,
        postal_signer=postal_signer,
        provider=provider,
        provider_signer=signer,
        vault=vaults[2],
        licence=licence.number,
        device=device,
    )


def another_device(world: ThreeDomains, serial: int) -> ThreeDomains:
    """The same domains around one more device, in service under the same licence."""
    device_id = replace(DeviceId.parse(DEVICE), serial=serial)
    device = PostalSecurityDevice.create(
        _store_in(world.folder / f"device-{serial}"),
        world.vault,
        device_id,
        DeviceProfile(),
        TrustAnchors(
            provider_key=public_key_object(world.provider_signer.public_key),
            postal_key=public_key_object(world.postal_signer.public_key),
        ),
        world.later(),
    )
    other = replace(world, device=device)
    other.enrol()
    world.now = other.now
    return other


def _provider_place(folder: Path, database: str) -> Where:
    if database == "sqlite":
        return laid_out(folder / "provider.sqlite", PROVIDER_SCHEMA)
    return place_on(database, PROVIDER_SCHEMA, folder)


def _store_in(folder: Path) -> SqliteDeviceStore:
    folder.mkdir()
    return SqliteDeviceStore.create(folder / "device.sqlite")
