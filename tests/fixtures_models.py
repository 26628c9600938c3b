"""An approval desk, two providers, and everything that a good submission holds."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from franking.messages.approving import ModelDescription, traits_of
from franking.messages.dispatch import DispatchTables
from franking.postal.books import open_books as open_postal_books
from franking.postal.certificates.authority import authority_signer, found_authority
from franking.postal.certificates.commands import certify_provider
from franking.postal.models import commands as desk
from franking.postal.models.records import ModelKey, ModelVersion, Occasion
from franking.postal.receiving import HEARING as POSTAL_HEARING
from franking.postal.schema import DISPATCHES as POSTAL_DISPATCHES
from franking.postal.schema import SCHEMA as POSTAL_SCHEMA
from franking.provider.books import open_books as open_provider_books
from franking.provider.identity import (
    establish_provider,
    provider_signer,
    provider_signing_request,
    take_certificate,
)
from franking.provider.models import commands as maker
from franking.provider.receiving import HEARING as PROVIDER_HEARING
from franking.provider.schema import DISPATCHES as PROVIDER_DISPATCHES
from franking.provider.schema import SCHEMA as PROVIDER_SCHEMA
from franking.psd.vault.port import VaultSigner
from franking.psd.vault.software import SoftwareVault
from franking.rules.approval import items, requirements
from franking.rules.permissions import Role
from franking.storage import Actor, Books
from tests.fixtures_databases import place_on
from tests.fixtures_postal import AUTHORITY, EASTERN

FIRST, SECOND = "First Provider", "Second Provider"
START = datetime(1997, 6, 2, 9, 30, tzinfo=EASTERN)
MANAGER = Actor("Pat Desk", Role.RSE_MANAGER)
DESIGN, NEXT_DESIGN = sha256(b"drawings 1").hexdigest(), sha256(b"drawings 2").hexdigest()
DOCUMENT = sha256(b"a document").hexdigest()
PSD = ModelDescription(
    title="Postal security device for computers",
    electronic=True,
    remote=True,
    denominations="omni",
    cycles_per_minute=60,
    has_psd=True,
    has_host=True,
    prints_symbol=True,
    dedicated=False,
)
METER = ModelDescription(
    title="Desk meter",
    electronic=True,
    remote=False,
    denominations="omni",
    cycles_per_minute=120,
    auxiliary=("scale",),
)


@dataclass
class Maker:
    """A provider: its books and its key."""

    name: str
    books: Books
    signer: VaultSigner


@dataclass
class ApprovalWorld:
    """The Postal Service, two providers, and the wire between them."""

    postal: Books
    postal_signer: VaultSigner
    makers: dict[str, Maker]
    now: datetime = START

    @property
    def desk(self) -> Books:
        """The postal books, for the manager of the approval desk."""
        return self.postal.acting(MANAGER)

    def later(self, **passed: int) -> datetime:
        """Time goes on: a minute, or what is given."""
        self.now += timedelta(**(passed or {"minutes": 1}))
        return self.now

    def carry(self) -> list[str]:
        """Carry every message; what was refused."""
        outcomes = []
        for maker_ in self.makers.values():
            for text in _taken(maker_.books, PROVIDER_DISPATCHES, maker_.name, self.now):
                outcomes.append(
                    POSTAL_HEARING.receive(self.postal, self.postal_signer, text[1], self.now)
                )
        for name, text_ in _taken(self.postal, POSTAL_DISPATCHES, "", self.now):
            to = self.makers[name]
            outcomes.append(PROVIDER_HEARING.receive(to.books, to.signer, text_, self.now))
        return [outcome for outcome in outcomes if outcome != "taken"]

    def submit(
        self,
        description: ModelDescription = PSD,
        *,
        by: str = FIRST,
        model: str = "FK1A",
        version: str = "1.0",
        rulebook: str = "ibip-1997",
        design: str = DESIGN,
        changes: str = "",
    ) -> ModelKey:
        """Submit a version; its name at the desk."""
        own = self.makers[by]
        maker.submit_model(
            own.books,
            own.signer,
            model=model,
            version=version,
            rulebook=rulebook,
            design=design,
            description=description,
            now=self.later(),
            changes=changes,
        )
        return ModelKey(by, model, version)

    def file(self, key: ModelKey, item: str, **content: Any) -> None:
        """File an item: a document where no content is given."""
        own = self.makers[key.provider]
        maker.file_item(
            own.books,
            own.signer,
            model=key.model,
            version=key.version,
            item=item,
            title=f"the {item}",
            digest=DOCUMENT,
            content=content,
            now=self.later(),
        )

    def accepted(self, key: ModelKey, item: str, **content: Any) -> None:
        """File an item, and have it accepted."""
        self.file(key, item, **content)
        assert self.carry() == []
        desk.judge_item(self.desk, self.postal_signer, key, item, self.later())

    def approved_psd(self, *, by: str = FIRST, version: str = "1.0") -> ModelVersion:
        """A PSD taken all the way to approval."""
        key = self.submit(by=by, version=version)
        for item in items("ibip-1997", traits_of(PSD) | {"open"}):
            self.accepted(key, item.name, **content_of(item.name, self.now))
        desk.record_inspection(
            self.desk, key, Occasion.SUBMISSION, good=True, found="as drawn", now=self.later()
        )
        desk.confirm_tested(self.desk, key, self.later())
        version_ = desk.approve_model(self.desk, self.postal_signer, key, self.later())
        assert self.carry() == []
        return version_

    def approved_meter(self, *, by: str = FIRST, model: str = "6500") -> ModelVersion:
        """A meter of 1995 taken all the way to approval: 60 days pass before its tests."""
        key = self.submit(METER, by=by, model=model, rulebook="meter-1995")
        for item in items("meter-1995", traits_of(METER) | {"closed"}):
            if item.name == "test report":
                self.later(days=61)
            self.accepted(key, item.name, **content_of(item.name, self.now, model=model))
        desk.confirm_tested(self.desk, key, self.later())
        version_ = desk.approve_model(self.desk, self.postal_signer, key, self.later())
        assert self.carry() == []
        return version_


def approval_world(folder: Path, database: str = "sqlite") -> ApprovalWorld:
    """The Postal Service and two providers that it certified."""
    postal = open_postal_books(place_on(database, POSTAL_SCHEMA, folder))
    vault = SoftwareVault.in_memory(random.Random(1).randbytes)
    root = found_authority(postal, vault, name=AUTHORITY, now=START)
    signer = authority_signer(postal, vault)
    makers = {}
    for seed, name in enumerate((FIRST, SECOND), 2):
        books = open_provider_books(place_on(database, PROVIDER_SCHEMA, folder))
        keys = SoftwareVault.in_memory(random.Random(seed).randbytes)
        establish_provider(books, keys, name=name, postal_key=root.public_key, now=START)
        request = provider_signing_request(books, keys)
        issued = certify_provider(postal, signer, name=name, signing_request=request, now=START)
        take_certificate(books, issued.der, START)
        makers[name] = Maker(name, books, provider_signer(books, keys))
    return ApprovalWorld(postal, signer, makers)


def content_of(item: str, now: datetime, *, model: str = "FK1A") -> dict[str, Any]:
    """What a good filing of an item holds; nothing for plain documents."""
    today = now.date().isoformat()
    contents: dict[str, dict[str, Any]] = {
        "specifications": {
            "versions": {
                "indicium": "1996-06-13",
                "PSD": "1996-06-13",
                "host": "1996-10-09",
                "key management": "1997-03-01",
                "provider infrastructure": "1997-03-01",
            }
        },
        "laboratory submission": {
            "laboratory": "Example Laboratory",
            "accreditation": "NVLAP 100414-0",
            "standard": "FIPS 140-1",
            "design": DESIGN,
            "sent_on": today,
        },
        "laboratory certificate": {
            "laboratory": "Example Laboratory",
            "standard": "FIPS 140-1",
            "number": "12",
            "level": 3,
            "design": DESIGN,
            "issued_on": today,
        },
        "construction": {
            "by": "Lee Maker",
            "statements": {
                each.id: "holds" for each in requirements("meter-1995", ()) if each.attested
            },
        },
        "test plan": good_plan(),
        "test report": {"started_on": today, "ended_on": today, "passed": ("all of it",)},
        "endurance record": good_endurance(),
        "training media": {
            "families": (model,),
            "explains": ("resetting", "special features"),
        },
    }
    return contents.get(item, {})


def good_plan() -> dict[str, Any]:
    """A test plan that proves everything that tests can prove of the desk meter."""
    wanted = requirements("meter-1995", traits_of(METER))
    return {
        "tests": [
            {
                "name": "all of it",
                "proves": [each.id for each in wanted if not each.attested],
                "parameters": ["registers", "imprint"],
                "equipment": ["power base"],
                "procedure": "print, read, compare",
                "sample_size": 3,
                "data_format": "one line a cycle",
            }
        ],
        "instruments": [],
    }


def good_endurance() -> dict[str, Any]:
    """Four million cycles of 32 cents, without error."""
    cycles, cents = 4_000_000, 320
    return {
        "cycles": cycles,
        "selections": 500_000,
        "printed_mills": cycles * cents,
        "ascending_before_mills": 0,
        "ascending_after_mills": cycles * cents,
        "credited_mills": cycles * cents,
        "descending_before_mills": 0,
        "descending_after_mills": 0,
        "lockouts_at": [0, 2_000_000, cycles],
    }


def described(base: ModelDescription, **changed: Any) -> ModelDescription:
    """A description that differs in a few fields."""
    return msgspec.structs.replace(base, **changed)


def _taken(
    books: Books, dispatches: DispatchTables, _: str, now: datetime
) -> list[tuple[str, str]]:
    with books.reading() as reading:
        waiting = dispatches.undelivered(reading)
    for each in waiting:
        with books.work(now, "deliver_dispatch", on=(each.record,)) as work:
            dispatches.deliver(work, each.number, now)
    return [(each.recipient, each.text) for each in waiting]
