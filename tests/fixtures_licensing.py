"""The Postal Service and two providers, each with its own books; messages are carried by hand."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec

from franking.docket import Obligation
from franking.identifiers import record_id
from franking.messages.applications import ApplicationData
from franking.messages.dispatch import DispatchTables
from franking.messages.receiving import Hearing
from franking.postal.books import SERVICE as POSTAL_ACTOR
from franking.postal.certificates.authority import authority_signer, found_authority
from franking.postal.certificates.commands import certify_provider
from franking.postal.licences import commands as desk
from franking.postal.licences import rows as postal_rows
from franking.postal.licences.records import Licence
from franking.postal.receiving import HEARING as POSTAL_HEARING
from franking.postal.schema import DISPATCHES as POSTAL_DISPATCHES
from franking.postal.schema import DOCKET as POSTAL_DOCKET
from franking.postal.schema import SCHEMA as POSTAL_SCHEMA
from franking.postal.sweeping import sweep_docket
from franking.provider.books import SERVICE as PROVIDER_ACTOR
from franking.provider.devices import notes
from franking.provider.devices import rows as device_rows
from franking.provider.devices.intake import NewDevice, entered
from franking.provider.devices.records import DeviceRecord, DeviceState, Kind
from franking.provider.identity import (
    establish_provider,
    provider_signer,
    provider_signing_request,
    take_certificate,
)
from franking.provider.licensing import applying, leasing, rows
from franking.provider.licensing.records import Lease, Signatures
from franking.provider.receiving import HEARING as PROVIDER_HEARING
from franking.provider.schema import DISPATCHES as PROVIDER_DISPATCHES
from franking.provider.schema import DOCKET as PROVIDER_DOCKET
from franking.provider.schema import SCHEMA as PROVIDER_SCHEMA
from franking.psd.vault.port import VaultSigner
from franking.psd.vault.software import SoftwareVault
from franking.rules.permissions import Role
from franking.storage import Act, Actor, Books
from tests.fixtures_databases import books_on
from tests.fixtures_postal import AUTHORITY, EASTERN

METER, PSD = "meter-1995", "ibip-1997"
START_OF = {
    METER: datetime(1996, 3, 4, 9, 30, tzinfo=EASTERN),
    PSD: datetime(1997, 6, 2, 9, 30, tzinfo=EASTERN),
}
ANN = Actor("Ann Lee", Role.LICENSING_OFFICER)
RUTH = Actor("Ruth Moss", Role.RSE_MANAGER)
POSTMASTER = Actor("Pat Moore", Role.POSTMASTER)
AGENT = Actor("Guy Dent", Role.PROVIDER_AGENT)
MAILER = Actor("Acme Bolts", Role.MAILER)
FIRST, SECOND = "Alpha Meters", "Beta Devices"


@dataclass
class ProviderDesk:
    """One provider: its books for its agent and for its service, and its key."""

    service: Books
    signer: VaultSigner

    @property
    def name(self) -> str:
        """The provider's name."""
        return self.signer.name

    @property
    def books(self) -> Books:
        """The books, for an agent."""
        return self.service.acting(AGENT)

    def device(self, serial: str) -> DeviceRecord:
        """A device of the inventory."""
        with self.service.reading() as reading:
            return notes.require(reading, serial)

    def standing(self, record: str) -> list[Obligation]:
        """The provider's obligations about a record."""
        with self.service.reading() as reading:
            return PROVIDER_DOCKET.standing(reading, record=record)


@dataclass
class LicensingWorld:
    """The licensing desk, two providers and one clock."""

    rulebook: str
    now: datetime
    service: Books
    signer: VaultSigner
    providers: dict[str, ProviderDesk] = field(default_factory=dict)

    @property
    def desk(self) -> Books:
        """The postal books, for the licensing officer."""
        return self.service.acting(ANN)

    @property
    def manager(self) -> Books:
        """The postal books, for the manager of Retail Systems and Equipment."""
        return self.service.acting(RUTH)

    @property
    def first(self) -> ProviderDesk:
        """The first provider."""
        return self.providers[FIRST]

    @property
    def second(self) -> ProviderDesk:
        """The second provider."""
        return self.providers[SECOND]

    def later(self, **passed: int) -> datetime:
        """Time goes on."""
        self.now += timedelta(**passed)
        return self.now

    def carry(self) -> list[str]:
        """Carry every message that waits; the refusals met on the way."""
        met: list[str] = []
        while True:
            moved = 0
            for each in self.providers.values():
                moved += self._carried(
                    each.service, PROVIDER_DISPATCHES, POSTAL_HEARING, self.service, met
                )
            moved += self._from_postal(met)
            if not moved:
                return met

    def sweep(self) -> None:
        """Sweep the Postal Service's docket, and carry what follows."""
        sweep_docket(self.service, self.signer, self.now, after_silence=True)
        self.carry()

    def application(self, **changed: object) -> ApplicationData:
        """What Acme Bolts of Springfield fills in."""
        data = ApplicationData(
            name="Acme Bolts",
            address="12 Main St, Springfield MA 01101",
            telephone="413 555 0100",
            zip_code="01101",
            city="Springfield",
            state="MA",
            yearly_postage_above_mills=1_000_000,
            signed_by="Joe Acme",
            signed_on=self.now.date().isoformat(),
        )
        return msgspec.structs.replace(data, **changed)

    def transmit(self, provider: str = FIRST, **changed: object) -> str:
        """An application transmitted by a provider and carried; its id at the licensing desk."""
        self.carry()
        by = self.providers[provider]
        data = self.application(**changed)
        number = applying.transmit_application(
            by.books, by.signer, data, self.rulebook, self.now
        ).number
        self.carry()
        return f"{by.name}/{number}"

    def licensed(self, provider: str = FIRST, **changed: object) -> Licence:
        """A licence, applied for through a provider and issued."""
        application = self.transmit(provider, **changed)
        licence = desk.issue_application(self.desk, self.signer, application, self.now)
        self.carry()
        return licence

    def licence(self, number: str) -> Licence:
        """A licence as it stands."""
        with self.service.reading() as reading:
            return desk.require_licence(reading, number)

    def leased(self, licence: Licence, provider: str = FIRST) -> Lease:
        """A lease signed under a licence."""
        by, today = self.providers[provider], self.now.date()
        return leasing.sign_lease(
            by.books, licence.number, self.rulebook, signatures(today), self.now
        )

    def installed(self, lease: Lease, serial: str, provider: str = FIRST) -> DeviceRecord:
        """A device taken in, leased and in service."""
        by = self.providers[provider]
        stock(by, serial, self.rulebook, self.now)
        leasing.lease_device(by.books, lease.id, serial, self.now)
        moved(by, serial, DeviceState.CHECKED_IN, self.now)
        return moved(by, serial, DeviceState.IN_SERVICE, self.now)

    def standing(self, record: str) -> list[Obligation]:
        """The Postal Service's obligations about a record."""
        with self.service.reading() as reading:
            return POSTAL_DOCKET.standing(reading, record=record)

    def history(self, record: str) -> list[str]:
        """The events of a record at the licensing desk."""
        with self.service.reading() as reading:
            return [each["event"] for each in postal_rows.events_of(reading, record)]

    def _from_postal(self, met: list[str]) -> int:
        with self.service.reading() as reading:
            waiting = POSTAL_DISPATCHES.undelivered(reading)
        for dispatch in waiting:
            to = self.providers[dispatch.recipient]
            outcome = PROVIDER_HEARING.receive(to.service, to.signer, dispatch.text, self.now)
            met.extend([outcome] if outcome != "taken" else [])
            with self.service.work(self.now, "deliver_dispatch") as work:
                POSTAL_DISPATCHES.deliver(work, dispatch.number, self.now)
        return len(waiting)

    def _carried(
        self,
        source: Books,
        dispatches: DispatchTables,
        hearing: Hearing,
        target: Books,
        met: list[str],
    ) -> int:
        with source.reading() as reading:
            waiting = dispatches.undelivered(reading)
        for dispatch in waiting:
            outcome = hearing.receive(target, self.signer, dispatch.text, self.now)
            met.extend([outcome] if outcome != "taken" else [])
            with source.work(self.now, "deliver_dispatch") as work:
                dispatches.deliver(work, dispatch.number, self.now)
        return len(waiting)


def licensing_world(database: str, folder: Path, rulebook: str) -> LicensingWorld:
    """The Postal Service with two certified providers, on one of the databases."""
    now = START_OF[rulebook]
    postal = books_on(database, POSTAL_SCHEMA, folder, by=POSTAL_ACTOR)
    vault = SoftwareVault.in_memory(random.Random(1).randbytes)
    root = found_authority(postal, vault, name=AUTHORITY, now=now)
    world = LicensingWorld(rulebook, now, postal, authority_signer(postal, vault))
    for number, name in enumerate((FIRST, SECOND), 2):
        books = books_on(database, PROVIDER_SCHEMA, folder, by=PROVIDER_ACTOR)
        own = SoftwareVault.in_memory(random.Random(number).randbytes)
        establish_provider(books, own, name=name, postal_key=root.public_key, now=now)
        request = provider_signing_request(books, own)
        issued = certify_provider(postal, world.signer, name=name, signing_request=request, now=now)
        take_certificate(books, issued.der, now)
        world.providers[name] = ProviderDesk(books, provider_signer(books, own))
    return world


def signatures(on: date) -> Signatures:
    """The lease and its acknowledgment of deposit, signed by the licensee."""
    return Signatures(
        signed_by="Joe Acme", signed_on=on, acknowledged_by="Joe Acme", acknowledged_on=on
    )


def stock(by: ProviderDesk, serial: str, rulebook: str, now: datetime) -> DeviceRecord:
    """A device in stock, inspected and ready to be leased."""
    kind = Kind.METER if rulebook == METER else Kind.PSD
    record = entered(NewDevice(serial=serial, kind=kind, rulebook=rulebook, model="M1"), now)
    ready = replace(record, state=DeviceState.INSPECTED)
    with by.service.work(now, "take_in") as work:
        device_rows.add(work, ready)
        work.record(Act(record=record_id("device", serial)))
    return ready


def moved(by: ProviderDesk, serial: str, to: DeviceState, now: datetime) -> DeviceRecord:
    """The device brought into a state, whatever room does that otherwise."""
    with by.service.work(now, "take_in") as work:
        before = notes.require(work, serial)
        after = replace(before, state=to)
        device_rows.change(work, before, after)
        work.record(Act(record=record_id("device", serial)))
    return after


def heard(by: ProviderDesk, number: str) -> str:
    """Where a licence stands for a provider."""
    with by.service.reading() as reading:
        found = rows.find_licence(reading, number)
    return "unheard" if found is None else str(found.status)
