"""A provider's resetting system with devices in service and money on deposit, for measuring it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from franking.identifiers import DeviceId
from franking.ledger import account_record
from franking.postal.books import open_books as open_postal_books
from franking.postal.certificates.authority import authority_signer, found_authority
from franking.postal.certificates.commands import certify_device, certify_provider
from franking.postal.licences.commands import issue_licence
from franking.postal.licences.records import Applicant, PostOffice
from franking.provider.books import open_books
from franking.provider.devices.intake import NewInspection, inspect
from franking.provider.funds import postings, rows
from franking.provider.funds.decisions import account_number
from franking.provider.funds.records import FundsAccount
from franking.provider.identity import (
    establish_provider,
    provider_signer,
    provider_signing_request,
    take_certificate,
)
from franking.provider.resetting.answering import accept_order_receipt
from franking.provider.resetting.enrolment import enrol_device, take_licence
from franking.provider.resetting.ordering import authorize
from franking.provider.schema import LEDGER
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import DeviceProfile, TrustAnchors
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import VaultSigner
from franking.psd.vault.software import SoftwareVault
from franking.storage import Act, Books, Where

START = datetime(2015, 6, 15, 9, 0, tzinfo=timezone(timedelta(hours=-4)))
_DEPOSIT_MILLS = 10**11
_LICENSEES = 16


@dataclass
class ProviderDesk:
    """The provider's books and key, and the devices of its licensees."""

    books: Books
    signer: VaultSigner
    postal: Books
    devices: list[PostalSecurityDevice] = field(default_factory=list)
    now: datetime = START
    rounds: int = 0

    def requests(self, amount_mills: int) -> list[str]:
        """A request of every device."""
        self.rounds += 1
        self.now += timedelta(minutes=1)
        name = f"reset-{self.rounds}"
        return [each.request_reset(amount_mills, name, self.now) for each in self.devices]

    def receipts(self, grants: list[str]) -> list[str]:
        """What every device answers to its grant."""
        pairs = zip(self.devices, grants, strict=True)
        return [each.apply_grant(grant, self.now) for each, grant in pairs]

    def close(self) -> None:
        """Switch everything off."""
        for each in self.devices:
            each.close()
        self.books.close()
        self.postal.close()


def provider_desk(folder: Path, where: Where, *, devices: int) -> ProviderDesk:
    """A desk whose devices are all in service, under a few licences with money on deposit."""
    postal, books = open_postal_books(folder / "postal.sqlite"), open_books(where)
    vault = SoftwareVault.in_memory()
    root = found_authority(postal, vault, name="Postal Service", now=START)
    authority = authority_signer(postal, vault)
    establish_provider(books, vault, name="Provider", postal_key=root.public_key, now=START)
    asked = provider_signing_request(books, vault)
    issued = certify_provider(postal, authority, name="Provider", signing_request=asked, now=START)
    take_certificate(books, issued.der, START)
    desk = ProviderDesk(books, provider_signer(books, vault), postal)
    licences = [_licensed(desk, authority, number) for number in range(_LICENSEES)]
    for number in range(devices):
        licence = licences[number % _LICENSEES]
        desk.devices.append(_in_service(desk, authority, vault, folder, number + 1, licence))
    return desk


def _licensed(desk: ProviderDesk, authority: VaultSigner, number: int) -> str:
    applicant = Applicant(name=f"Mailer {number}", address=f"{number} Main St")
    office = PostOffice(zip_code="28801", city="Asheville", state="NC")
    licence = issue_licence(desk.postal, authority, applicant, office, START)
    take_licence(desk.books, licence.message, START)
    account = FundsAccount(
        number=account_number(number + 1),
        licence=licence.number,
        licensee=applicant.name,
        zip_code=office.zip_code,
        rulebook="ibip-1997",
        opened_on=START.date(),
    )
    record = account_record(account.name)
    with desk.books.work(START, "accept_closed", on=(record,)) as work:
        rows.add_account(work, account)
        paid = postings.deposit(
            payment=str(number), account=account.number, amount_mills=_DEPOSIT_MILLS
        )
        LEDGER.post(work, paid, START)
        work.record(Act(record=record))
    return licence.number


def _in_service(
    desk: ProviderDesk,
    authority: VaultSigner,
    vault: SoftwareVault,
    folder: Path,
    number: int,
    licence: str,
) -> PostalSecurityDevice:
    device_id = DeviceId("FK", "1A", number)
    place = folder / f"device-{number}"
    place.mkdir()
    device = PostalSecurityDevice.create(
        SqliteDeviceStore.create(place / "device.sqlite"),
        vault,
        device_id,
        DeviceProfile(),
        TrustAnchors(
            provider_key=public_key_object(desk.signer.public_key),
            postal_key=public_key_object(authority.public_key),
        ),
        START,
    )
    request = enrol_device(
        desk.books,
        desk.signer,
        signing_request=device.certificate_signing_request(START),
        rulebook="ibip-1997",
        system="open",
        now=START,
    )
    found = NewInspection(serial=str(device_id), inspector="R. Moss", finding="sound", passed=True)
    inspect(desk.books, found, now=START)
    order = authorize(
        desk.books,
        desk.signer,
        device_id=str(device_id),
        certificate=certify_device(desk.postal, authority, request, START).der,
        licence=licence,
        now=START,
    )
    accept_order_receipt(desk.books, device.authorize(order, START), START)
    return device
