"""A Postal Service and two providers with meters in service: for examinations and inspections."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path

from franking.docket import Obligation, SweepReport
from franking.identifiers import record_id
from franking.messages.applications import ApplicationData
from franking.messages.dispatch import POSTAL_SERVICE
from franking.postal import receiving as postal_side
from franking.postal import sweeping as postal_sweeping
from franking.postal.certificates.authority import authority_signer, found_authority
from franking.postal.certificates.commands import certify_provider
from franking.postal.licences.commands import file_application, issue_application
from franking.postal.licences.records import Applicant, Licence, PostOffice
from franking.postal.schema import DISPATCHES as POSTAL_DISPATCHES
from franking.postal.schema import DOCKET as POSTAL_DOCKET
from franking.postal.schema import SCHEMA as POSTAL_SCHEMA
from franking.provider import receiving as provider_side
from franking.provider import sweeping as provider_sweeping
from franking.provider.devices import notes, rows, service_duties
from franking.provider.devices.records import DeviceRecord, DeviceState, Kind
from franking.provider.examinations.checklist import ITEMS, Condition, Inspection
from franking.provider.identity import (
    establish_provider,
    provider_signer,
    provider_signing_request,
    take_certificate,
)
from franking.provider.schema import DISPATCHES as PROVIDER_DISPATCHES
from franking.provider.schema import DOCKET as PROVIDER_DOCKET
from franking.provider.schema import SCHEMA as PROVIDER_SCHEMA
from franking.psd.vault.port import VaultSigner
from franking.psd.vault.software import SoftwareVault
from franking.rules.permissions import Role
from franking.storage import Act, Actor, Books
from tests.fixtures_databases import books_on
from tests.fixtures_postal import AUTHORITY, EASTERN

MAKER, RIVAL = "Franking Provider", "Another Provider"
METER, OTHER_METER = "0112345678", "0212345678"
START = date(1996, 1, 8)
ACME = Applicant(name="Acme Bolts", address="12 Main St, Springfield MA 01101")
SPRINGFIELD = PostOffice(zip_code="01101", city="Springfield", state="MA")


def at(day: date | str, hour: int = 10) -> datetime:
    """An instant of a day, at the place of the post office."""
    on = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(on, time(hour), tzinfo=EASTERN)


@dataclass
class ProviderDesk:
    """One provider: its books, its key, its officer."""

    name: str
    service: Books
    signer: VaultSigner

    @property
    def books(self) -> Books:
        """The books, for the provider's agent."""
        return self.service.acting(Actor("Pat Agent", Role.PROVIDER_AGENT))

    def add_meter(
        self, serial: str, licence: Licence, on: date = START, *, remote: bool = True
    ) -> DeviceRecord:
        """A meter in service from a day on, with what is owed about it."""
        meter = _in_service(serial, Kind.METER, "meter-1995", licence.number, on)
        return self._add(replace(meter, remote=remote), on)

    def add_psd(self, serial: str, licence: Licence, on: date) -> DeviceRecord:
        """A PSD in service from a day on, with what is owed about it."""
        return self._add(_in_service(serial, Kind.PSD, "ibip-1997", licence.number, on), on)

    def _add(self, meter: DeviceRecord, on: date) -> DeviceRecord:
        now, record = at(on), record_id("device", meter.serial)
        with self.books.work(now, "import_fleet", on=(record,)) as work:
            rows.add(work, meter)
            PROVIDER_DOCKET.open_many(work, service_duties.service_duties(meter, on), now)
            work.record(Act(record=record, clauses=("policy",)))
        return meter

    def device(self, serial: str = METER) -> DeviceRecord:
        """How a device stands."""
        with self.service.reading() as reading:
            return notes.require(reading, serial)

    def denied_for(self, serial: str = METER) -> set[str]:
        """The causes for which it gets no reset."""
        with self.service.reading() as reading:
            return {denial.cause for denial in notes.denials(reading, serial)}

    def owed(self, duty: str, serial: str = METER) -> Obligation:
        """The newest obligation of a duty about a device."""
        with self.service.reading() as reading:
            known = PROVIDER_DOCKET.standing(reading, record=record_id("device", serial))
        return max((one for one in known if one.duty == duty), key=lambda one: one.ordinal)

    def sweep(self, day: date | str) -> SweepReport:
        """Sweep the provider's docket on a day."""
        return provider_sweeping.sweep_docket(
            self.service, self.signer, at(day), after_silence=True
        )


@dataclass
class Offices:
    """The Postal Service and its providers; ``carry`` brings their messages to each other."""

    service: Books
    signer: VaultSigner
    providers: dict[str, ProviderDesk] = field(default_factory=dict)

    @property
    def maker(self) -> ProviderDesk:
        """The first provider."""
        return self.providers[MAKER]

    @property
    def rival(self) -> ProviderDesk:
        """The second provider."""
        return self.providers[RIVAL]

    def acting(self, role: Role, name: str = "Ann Lee") -> Books:
        """The postal books, for a person in a role."""
        return self.service.acting(Actor(name, role))

    def sweep(self, day: date | str) -> SweepReport:
        """Sweep the postal docket on a day."""
        return postal_sweeping.sweep_docket(self.service, self.signer, at(day), after_silence=True)

    def owed(self, record: str) -> list[Obligation]:
        """Everything owed about a record, by due date."""
        with self.service.reading() as reading:
            return POSTAL_DOCKET.standing(reading, record=record)

    def carry(self, day: date | str) -> list[str]:
        """Carry every message that waits; what was not simply taken."""
        outcomes: list[str] = []
        while some := [*self._to_postal(at(day)), *self._to_providers(at(day))]:
            outcomes += some
        return [outcome for outcome in outcomes if outcome != "taken"]

    def _to_postal(self, now: datetime) -> Iterator[str]:
        for provider in self.providers.values():
            with provider.service.reading() as reading:
                waiting = PROVIDER_DISPATCHES.undelivered(reading)
            for dispatch in waiting:
                assert dispatch.recipient == POSTAL_SERVICE
                yield postal_side.HEARING.receive(self.service, self.signer, dispatch.text, now)
                with provider.service.work(now, "deliver_dispatch", on=(dispatch.record,)) as work:
                    PROVIDER_DISPATCHES.deliver(work, dispatch.number, now)

    def _to_providers(self, now: datetime) -> Iterator[str]:
        with self.service.reading() as reading:
            waiting = POSTAL_DISPATCHES.undelivered(reading)
        for dispatch in waiting:
            to = self.providers[dispatch.recipient]
            yield provider_side.HEARING.receive(to.service, to.signer, dispatch.text, now)
            with self.service.work(now, "deliver_dispatch", on=(dispatch.record,)) as work:
                POSTAL_DISPATCHES.deliver(work, dispatch.number, now)


def _in_service(serial: str, kind: Kind, rulebook: str, licence: str, on: date) -> DeviceRecord:
    return DeviceRecord(
        serial=serial,
        kind=kind,
        rulebook=rulebook,
        model="M1",
        state=DeviceState.IN_SERVICE,
        since=on,
        licence=licence,
        lease="L1",
        licensee=ACME.name,
        office=SPRINGFIELD.zip_code,
        installed_on=on,
    )


def offices_on(database: str, tmp_path: Path) -> Offices:
    """A founded Postal Service with two certified providers, in 1996."""
    now = at(START)
    postal = books_on(
        database, POSTAL_SCHEMA, tmp_path, by=Actor("Postal Service", Role.POSTAL_SERVICE)
    )
    vault = SoftwareVault.in_memory(random.Random(1).randbytes)
    root = found_authority(postal, vault, name=AUTHORITY, now=now)
    offices = Offices(postal, authority_signer(postal, vault))
    for number, name in enumerate((MAKER, RIVAL), start=2):
        service = Actor(name, Role.PROVIDER_SERVICE)
        books = books_on(database, PROVIDER_SCHEMA, tmp_path, by=service)
        keys = SoftwareVault.in_memory(random.Random(number).randbytes)
        establish_provider(books, keys, name=name, postal_key=root.public_key, now=now)
        request = provider_signing_request(books, keys)
        issued = certify_provider(
            postal, offices.signer, name=name, signing_request=request, now=now
        )
        take_certificate(books, issued.der, now)
        offices.providers[name] = ProviderDesk(name, books, provider_signer(books, keys))
    return offices


def licensed(offices: Offices, day: date = START) -> Licence:
    """Acme's licence at Springfield, filed at that post office."""
    officer, data = (
        offices.acting(Role.LICENSING_OFFICER),
        ApplicationData(
            name=ACME.name,
            address=ACME.address,
            zip_code=SPRINGFIELD.zip_code,
            city=SPRINGFIELD.city,
            state=SPRINGFIELD.state,
            signed_by="A. Bolt",
            signed_on=day.isoformat(),
        ),
    )
    application = file_application(officer, data, at(day))
    return issue_application(officer, offices.signer, application.id, at(day))


def sound_sheet(serial: str = METER, **changed: object) -> Inspection:
    """A signed sheet on which nothing is irregular, but what is ``changed``."""
    given: dict[str, object] = {
        "serial": serial,
        "inspector": "Ines Pector",
        "ascending_mills": 700_000,
        "descending_mills": 300_000,
        "seal_number": "S-17",
        "log_seen": True,
        "receipt_control_total_mills": 1_000_000,
        "receipt_seal_number": "S-17",
        "ascending_after_zero_stamp_mills": 700_000,
        "descending_after_zero_stamp_mills": 300_000,
        "items": dict.fromkeys(ITEMS, Condition.SOUND),
        "licensee_signature": "A. Bolt",
    }
    return Inspection(**{**given, **changed})  # type: ignore[arg-type]
