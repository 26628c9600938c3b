"""The refund desks of the Postal Service, with two providers that send signed messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from franking.clock import instant_text
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.receiving import Dispatched
from franking.messages.refunding import (
    ClaimEntry,
    RefundDecided,
    RefundedPiece,
    RefundForwarded,
    ReimbursementClaimed,
)
from franking.messages.signing import sign, unverified
from franking.postal.receiving import HEARING
from franking.postal.refunds import filing, rows
from franking.postal.refunds.filing import CounterRequest
from franking.postal.refunds.records import CaseItem, RefundCase
from franking.postal.refunds.ruling import require_case
from franking.postal.schema import DISPATCHES, DOCKET
from franking.postal.sweeping import sweep_docket
from franking.refunds.records import Item, RouteKind
from franking.rules.permissions import Role
from franking.storage import Actor, Books
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import FIRST, PSD, LicensingWorld, licensing_world
from tests.fixtures_postal import EASTERN

NOW = datetime(2009, 5, 4, 9, 30, tzinfo=EASTERN)
"""After the rule of 2008, before the appeals of dated metered postage moved (1 June 2009)."""
POSTMASTER = Actor("Pat Moore", Role.POSTMASTER)
MANAGER = Actor("Mia Best", Role.BUSINESS_MAIL_ENTRY_MANAGER)
HEADQUARTERS = Actor("Dan Lord", Role.POSTAGE_TECHNOLOGY_MANAGER)
CENTER = Actor("Cleo Pratt", Role.PRICING_AND_CLASSIFICATION_MANAGER)
TREASURER = Actor("Tia Moss", Role.TREASURY_OFFICER)
CLERK = Actor("Lee Wynn", Role.LICENSING_OFFICER)
DEVICE = "FK1A0000000001"
POSTAGE = 420
Kind = TypeVar("Kind", bound=Dispatched)


@dataclass
class RefundDesk:
    """The postal books and two providers, on one clock."""

    world: LicensingWorld

    @property
    def now(self) -> datetime:
        """The instant of the clock."""
        return self.world.now

    def later(self, **passed: int) -> datetime:
        """Time goes on."""
        return self.world.later(**passed)

    def books(self, by: Actor) -> Books:
        """The postal books, for a person."""
        return self.world.service.acting(by)

    def case(self, number: int) -> RefundCase:
        """A request as it stands."""
        with self.world.service.reading() as reading:
            return require_case(reading, number)

    def items(self, number: int) -> list[CaseItem]:
        """The items of a request."""
        with self.world.service.reading() as reading:
            return rows.items_of(reading, number)

    def file(self, *items: Item, by: Actor = POSTMASTER, **changed: Any) -> RefundCase:
        """Acme Bolts hands in items at the counter in Springfield."""
        given: dict[str, Any] = {"proof": "lease"} | changed
        request = CounterRequest(
            requester="Acme Bolts", office="01101", items=items, district="Springfield", **given
        )
        return filing.file_at_counter(self.books(by), request, self.now)

    def undated(self, *items: Item, **changed: Any) -> RefundCase:
        """Acme Bolts sends undated items to the district."""
        letter = "The offer was withdrawn before the mailing. Joe Acme"
        given: dict[str, Any] = {"letter": letter} | changed
        return self.file(*items, by=MANAGER, **given)

    def hear(self, message: Dispatched, provider: str = FIRST) -> str:
        """A provider's message arrives; the outcome."""
        signer = self.world.providers[provider].signer
        text = sign(message, signer, recipient=POSTAL_SERVICE)
        return HEARING.receive(self.world.service, self.world.signer, text, self.now)

    def told(self, kind: type[Kind], provider: str = FIRST) -> list[Kind]:
        """What the Postal Service sent a provider of a kind, oldest first."""
        with self.world.service.reading() as reading:
            sent = DISPATCHES.undelivered(reading)
        return [
            unverified(each.text, kind)
            for each in sent
            if (each.kind, each.recipient) == (kind.__name__, provider)
        ]

    def duties(self, record: str) -> dict[str, tuple[str, date]]:
        """What is on the docket about a record: by duty, its status and due date."""
        with self.world.service.reading() as reading:
            found = DOCKET.standing(reading, record=record)
        return {each.duty: (str(each.status), each.due) for each in found}

    def sweep(self) -> None:
        """Sweep the docket."""
        sweep_docket(self.world.service, self.world.signer, self.now, after_silence=True)

    def said(self, provider: str = FIRST) -> dict[str, Any]:
        """What every message of a provider begins with."""
        return {"device": "", "issued_at": instant_text(self.now), "sender": provider}

    def forwarded(self, case: str = "R-000001", provider: str = FIRST, **changed: Any) -> str:
        """A provider forwards the value of a withdrawn system."""
        message = RefundForwarded(
            **{**self.said(provider), "device": DEVICE},
            case=case,
            licence="01101-000001",
            licensee="Acme Bolts",
            zip_code="01101",
            rulebook="ibip-1997",
            withdrawn_because="ordinary",
            amount_mills=80_000,
            basis="exact",
            payout="check",
            examined_on=self.now.date().isoformat(),
            examiner="R. Moss",
            finding="sound",
            cause="",
            caused_by_user=False,
            documents=["examination"],
        )
        return self.hear(msgspec.structs.replace(message, **changed), provider)

    def decided(
        self, *pieces: RefundedPiece, case: str = "R-000001", provider: str = FIRST, **changed: Any
    ) -> str:
        """A provider rules on PC Postage pieces."""
        message = RefundDecided(
            **self.said(provider),
            case=case,
            licence="01101-000001",
            licensee="Acme Bolts",
            zip_code="01101",
            route=RouteKind.PC_PHYSICAL.value,
            granted=True,
            amount_mills=sum(piece.postage_mills for piece in pieces),
            because="unused",
            clause="DMM 604.9.3.3c (2008)",
            criteria="2009-01",
            decided_by="Guy Dent",
            decided_on=self.now.date().isoformat(),
            pieces=list(pieces),
        )
        return self.hear(msgspec.structs.replace(message, **changed), provider)

    def claimed(
        self, *entries: ClaimEntry, claim: str = "C-1", provider: str = FIRST, **changed: Any
    ) -> str:
        """A provider claims to be reimbursed."""
        message = ReimbursementClaimed(
            **self.said(provider),
            claim=claim,
            entries=list(entries),
            total_mills=sum(entry.amount_mills for entry in entries),
        )
        return self.hear(msgspec.structs.replace(message, **changed), provider)


def refund_desk(database: str, folder: Path) -> RefundDesk:
    """Two certified providers and a Postal Service, in May 2009."""
    world = licensing_world(database, folder, PSD)
    world.now = NOW
    return RefundDesk(world)


def item(number: int = 1, *, days_old: int = 5, **changed: Any) -> Item:
    """One unused indicium of a meter, of a letter's postage, dated some days ago."""
    given: dict[str, Any] = {
        "device": DEVICE,
        "postage_mills": POSTAGE,
        "ascending_mills": number * POSTAGE,
        "date_shown": (NOW - timedelta(days=days_old)).date(),
    }
    return Item(**(given | changed))


def piece(number: int = 1, **changed: Any) -> RefundedPiece:
    """One unused piece of PC Postage."""
    given: dict[str, Any] = {
        "device": DEVICE,
        "ascending_mills": number * POSTAGE,
        "postage_mills": POSTAGE,
        "date_shown": (NOW - timedelta(days=5)).date().isoformat(),
    }
    return RefundedPiece(**(given | changed))


def entry(number: int = 1, *, case: str = "R-000001", **changed: Any) -> ClaimEntry:
    """A piece that a provider refunded, in a claim."""
    given: dict[str, Any] = {
        "key": f"piece:{DEVICE}:{number * POSTAGE}",
        "case": case,
        "amount_mills": POSTAGE,
        "paid_on": NOW.date().isoformat(),
        "documents": ["ruling"],
    }
    return ClaimEntry(**(given | changed))


__all__ = ["DATABASES", "FIRST"]
