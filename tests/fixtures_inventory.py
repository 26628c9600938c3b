"""A provider's inventory: an approved model, meters in each state of their lives, on one clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from franking.docket import Obligation
from franking.identifiers import record_id
from franking.messages.approving import EVERY_OFFICE
from franking.provider.devices import intake, notes, removal, rows, service
from franking.provider.devices.records import DeviceRecord, DeviceState, Kind, Movement
from franking.provider.devices.service_records import (
    Check,
    Facility,
    FormAction,
    Installation,
    Party,
)
from franking.provider.models import tables as models
from franking.provider.models.records import Leave, OwnModel
from franking.provider.schema import DOCKET, SCHEMA
from franking.rules.permissions import Role
from franking.storage import Act, Actor, Books
from tests.fixtures_databases import books_on
from tests.fixtures_postal import EASTERN

START = datetime(1997, 6, 2, 9, 30, tzinfo=EASTERN)
AGENT = Actor("Lee Park", Role.PROVIDER_AGENT)
OFFICER = Actor("Ida Vance", Role.PROVIDER_SECURITY_OFFICER)
INSPECTOR = Actor("Gil Ames", Role.POSTAL_INSPECTOR)
MAILER = Actor("Acme Bolts", Role.MAILER)
METER, SPARE = "0100000001", "0100000002"
LICENCE, OFFICE = "01101-000001", "01101"
MODEL, PSD_MODEL = "M1", "P1"


@dataclass
class Fleet:
    """The provider's books as its agent has them, and one clock."""

    books: Books
    now: datetime = START

    def acting(self, by: Actor) -> Books:
        """The books as somebody else has them."""
        return self.books.acting(by)

    def later(self, **passed: int) -> datetime:
        """Time goes on."""
        self.now += timedelta(**(passed or {"minutes": 1}))
        return self.now

    def record(self, serial: str = METER) -> DeviceRecord:
        """The device as the inventory has it."""
        with self.books.reading() as reading:
            return notes.require(reading, serial)

    def movements(self, serial: str = METER) -> list[Movement]:
        """Its movements."""
        with self.books.reading() as reading:
            return rows.movements(reading, serial)

    def duty(self, name: str, record: str = record_id("device", METER)) -> Obligation:
        """The newest obligation of that duty about a record."""
        with self.books.reading() as reading:
            found = [one for one in DOCKET.standing(reading, record=record) if one.duty == name]
        return found[-1]

    def take_in(self, serial: str = METER, **given: object) -> DeviceRecord:
        """A meter of 1995, set at the post office, as it comes from manufacture."""
        known: dict[str, object] = {
            "serial": serial,
            "kind": Kind.METER,
            "rulebook": "meter-1995",
            "model": MODEL,
            "remote": False,
        }
        device = intake.NewDevice(**{**known, **given})  # type: ignore[arg-type]
        return intake.take_in(self.books, device, by="Works", now=self.later())

    def inspect(self, serial: str = METER, *, passed: bool = True) -> DeviceRecord:
        """Its inspection as a new or rebuilt device."""
        found = intake.NewInspection(
            serial=serial, inspector="R. Moss", finding="runs true", passed=passed
        )
        return intake.inspect(self.books, found, now=self.later())

    def lease(self, serial: str = METER, lease: str = "L1") -> DeviceRecord:
        """Promised to the licensee."""
        on = (record_id("device", serial),)
        with self.acting(AGENT).work(self.later(), "retrieve_device", on=on) as work:
            return notes.place_with_lease(
                work,
                serial,
                lease=lease,
                licence=LICENCE,
                licensee="Acme Bolts",
                office=OFFICE,
                now=self.now,
            )

    def check(self, serial: str = METER, /, **given: object) -> Check:
        """A device presented, as is right: form, representative, office."""
        record = self.record(serial)
        action = given.pop("action", FormAction.INSTALLATION)
        form = Installation(
            action=FormAction(str(action)),
            serial=serial,
            model=record.model,
            licensee=record.licensee,
            licence=record.licence,
            office=record.office,
            place="12 Main St",
            ascending_mills=int(str(given.pop("ascending_mills", record.ascending_mills))),
            descending_mills=int(str(given.pop("descending_mills", record.descending_mills))),
            signed_by="Lee Park",
            on=self.now.date(),
        )
        known: dict[str, object] = {
            "form": form,
            "party": Party.POST_OFFICE if record.rulebook == "meter-1995" else Party.PROVIDER,
            "by": "P. Clerk",
            "office": OFFICE,
            "facility": Facility.POST_OFFICE,
        }
        return Check(**{**known, **given})  # type: ignore[arg-type]

    def check_in(self, serial: str = METER, /, **given: object) -> DeviceRecord:
        """Into service, at its post office."""
        return service.check_in(self.books, self.check(serial, **given), now=self.later())

    def check_out(self, serial: str = METER, /, **given: object) -> DeviceRecord:
        """Out of service, with its papers."""
        papers = {"action": FormAction.WITHDRAWAL, "register_record": "PS Form 3602-A, copy"}
        check = self.check(serial, **{**papers, **given})
        now, about = self.later(), record_id("device", serial)
        with self.books.work(now, "check_out", on=(about,)) as work:
            service.checked_out(work, check, now=now)
            return notes.end_lease(work, serial, now=now, because="checked out of service")

    def in_service(self, serial: str = METER) -> DeviceRecord:
        """A meter from production to its licensee's desk."""
        self.take_in(serial)
        self.inspect(serial)
        self.lease(serial)
        self.check_in(serial)
        service.issue(self.books, serial, by="Lee Park", now=self.later())
        return service.install(
            self.books, serial, place="12 Main St", by="Lee Park", now=self.later()
        )

    def checked_out(self, serial: str = METER) -> DeviceRecord:
        """A meter that was in service, and came back."""
        self.in_service(serial)
        removal.request_return(
            self.books, serial, by="Acme Bolts", because="no longer wanted", now=self.later()
        )
        return self.check_out(serial)


def fleet_on(database: str, tmp_path: Path) -> Fleet:
    """Empty inventory of a provider whose models ``M1`` and ``P1`` are approved."""
    books = books_on(database, SCHEMA, tmp_path, by=AGENT)
    approve(books, MODEL, "meter-1995")
    approve(books, PSD_MODEL, "ibip-1997")
    return Fleet(books)


def approve(
    books: Books, model: str, rulebook: str, *, media_at: Sequence[str] = (EVERY_OFFICE,)
) -> None:
    """Have a model approved, as the Postal Service's message would."""
    own = OwnModel(
        model=model,
        version="",
        rulebook=rulebook,
        leave=Leave.APPROVED,
        design="0" * 64,
        system="closed",
        submitted_on=date(1995, 6, 12),
    )
    service = books.acting(Actor("Provider", Role.PROVIDER_SERVICE))
    with service.work(START, "hear_ModelApproved") as work:
        models.add_model(work, own)
        models.add_media_offices(work, model, own.version, media_at, own.submitted_on)
        work.record(Act(record=record_id("model", own.name)))


def moved_to(fleet: Fleet, serial: str, state: DeviceState) -> DeviceRecord:
    """A device brought into a state, whatever came before."""
    record = replace(fleet.record(serial))
    with fleet.books.work(fleet.later(), "retrieve_device") as work:
        return notes.move(work, record, to=state, now=fleet.now, because="for the test")
