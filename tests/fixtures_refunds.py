"""A provider with a licensee, its systems and money in the ledger; requests for refunds in 2009."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.ledger import Posting
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.receiving import Dispatched
from franking.messages.signing import sign, unverified
from franking.provider.devices import rows as device_rows
from franking.provider.devices.records import (
    DeviceState,
    Kind,
    Occasion,
    RegisterReading,
    Source,
)
from franking.provider.funds import chart, postings
from franking.provider.receiving import HEARING
from franking.provider.refunds import filing, rows
from franking.provider.refunds.filing import require_case
from franking.provider.refunds.records import Case, FiledItem, Filing
from franking.provider.resetting import rows as resetting_rows
from franking.provider.resetting.records import NOTHING_READ, Device, DeviceStatus
from franking.provider.schema import DISPATCHES, LEDGER
from franking.refunds.records import (
    Item,
    ItemForm,
    Payout,
    Question,
    System,
    Thing,
    Withdrawal,
)
from franking.rules.permissions import Role
from franking.storage import Act, Actor, Books
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import (
    FIRST,
    METER,
    PSD,
    LicensingWorld,
    ProviderDesk,
    licensing_world,
    stock,
)
from tests.fixtures_money import deposit
from tests.fixtures_postal import EASTERN

NOW = datetime(2009, 2, 2, 9, 30, tzinfo=EASTERN)
"""After the rule of 2008."""
OFFICER = Actor("Sue Ames", Role.PROVIDER_SECURITY_OFFICER)
MAILER = Actor("Joe Acme", Role.MAILER)
PC, WITHDRAWN, OTHER = "FK1A0000000001", "FK1M0000000007", "FK1M0000000008"
"""A PC Postage device, a meter that was withdrawn, and another meter of the same licensee."""
ON_DEPOSIT = 100_000
POSTAGE = 420
Kindred = TypeVar("Kindred", bound=Dispatched)


@dataclass
class RefundsWorld:
    """One provider's refunds, on one clock."""

    world: LicensingWorld
    licence: str
    account: str

    @property
    def now(self) -> datetime:
        """The instant of the clock."""
        return self.world.now

    @property
    def provider(self) -> ProviderDesk:
        """The provider."""
        return self.world.first

    @property
    def books(self) -> Books:
        """The provider's books, for its agent."""
        return self.provider.books

    def later(self, **passed: int) -> datetime:
        """Time goes on."""
        return self.world.later(**passed)

    def balance(self, account: str) -> int:
        """What an account of the ledger holds."""
        with self.books.reading() as reading:
            return LEDGER.balance(reading, account).balance_mills

    @property
    def deposit(self) -> int:
        """What the licensee has on deposit."""
        return self.balance(chart.deposits(self.account))

    def post(self, *some: Posting) -> None:
        """Post what happened elsewhere."""
        record = record_id("account", "elsewhere")
        with self.provider.service.work(self.now, "take_in") as work:
            LEDGER.post_many(work, some, self.now)
            work.record(Act(record=record))

    def meter(
        self,
        serial: str,
        *,
        set_mills: int,
        used_mills: int,
        licence: str = "",
        told_mills: int | None = None,
    ) -> None:
        """A meter that was set once, used, and examined out of service.

        ``told_mills`` of what it used was reported before; else all of it.
        """
        self.device(serial, Kind.METER, METER, licence=licence)
        self.read(serial, 0, set_mills, Occasion.SETTING)
        self.read(serial, used_mills, max(0, set_mills - used_mills), Occasion.EXAMINATION)
        used = min(set_mills, used_mills if told_mills is None else told_mills)
        self.post(postings.counter_setting(serial=serial, setting="1", amount_mills=set_mills))
        if used:
            self.post(postings.use(serial=serial, report="1", amount_mills=used))

    def device(
        self, serial: str, kind: Kind, rulebook: str, *, licence: str = "", out: bool = True
    ) -> None:
        """A device of the inventory, under the licence, out of service unless said otherwise."""
        before = replace(stock(self.provider, serial, rulebook, self.now), kind=kind)
        states = [DeviceState.EXAMINED] if out else [DeviceState.CHECKED_IN, DeviceState.IN_SERVICE]
        with self.provider.service.work(self.now, "take_in") as work:
            for state in states:
                after = replace(before, state=state, licence=licence or self.licence)
                device_rows.change(work, before, after)
                before = after
            work.record(Act(record=record_id("device", serial)))

    def read(self, serial: str, ascending: int, descending: int, occasion: Occasion) -> None:
        """Somebody read its registers."""
        reading = RegisterReading(
            serial=serial,
            at=instant_text(self.now),
            ascending_mills=ascending,
            descending_mills=descending,
            source=Source.REPORTED,
            occasion=occasion,
            by="R. Moss",
        )
        with self.provider.service.work(self.now, "take_in") as work:
            device_rows.add_reading(work, reading)
            work.record(Act(record=record_id("device", serial)))

    def pc_system(self, serial: str = PC) -> None:
        """A PC Postage device in service, which has used postage."""
        self.device(serial, Kind.PSD, PSD, out=False)
        enrolled = Device(
            device_id=serial,
            rulebook=PSD,
            system="open",
            status=DeviceStatus.IN_SERVICE,
            licence=self.licence,
            registers=msgspec.structs.replace(
                NOTHING_READ, ascending_mills=40_000, control_total_mills=40_000
            ),
        )
        with self.provider.service.work(self.now, "take_in") as work:
            resetting_rows.add_device(work, enrolled)
            work.record(Act(record=record_id("device", serial)))
        self.post(
            postings.opening(serial=serial, amount_mills=50_000),
            postings.use(serial=serial, report="1", amount_mills=40_000),
        )

    def value_filing(self, serial: str = WITHDRAWN, **changed: Any) -> Filing:
        """The value of a withdrawn meter is asked for."""
        question = Question(thing=Thing.VALUE, rulebook=METER)
        given: dict[str, Any] = {"payout": Payout.CREDIT} | changed
        asked = replace(question, **given.pop("question", {}))
        return Filing(question=asked, licence=self.licence, device=serial, **given)

    def pieces_filing(self, items: Sequence[Item], **changed: Any) -> Filing:
        """PC Postage indicia are asked back for."""
        dated, tracked = all(each.dated for each in items), bool(items[0].pic)
        question = Question(
            thing=Thing.INDICIA,
            system=System.PC_POSTAGE,
            rulebook=PSD,
            dated=dated,
            pic=items[0].pic_service if tracked else "",
        )
        given: dict[str, Any] = {"payout": Payout.PROVIDER} | changed
        asked = replace(question, **given.pop("question", {}))
        return Filing(question=asked, licence=self.licence, items=tuple(items), **given)

    def file(self, asked: Filing, by: Actor = MAILER) -> Case:
        """Somebody files a request."""
        return filing.file_refund(self.provider.service.acting(by), asked, self.now)

    def case(self, case: str) -> Case:
        """A request as it stands."""
        with self.books.reading() as reading:
            return require_case(reading, case)

    def items(self, case: Case) -> list[FiledItem]:
        """The items of a request."""
        with self.books.reading() as reading:
            return rows.items_of(reading, case.number)

    def sent(self, kind: type[Kindred]) -> list[Kindred]:
        """What the provider sent of a kind, and nobody carried yet."""
        with self.books.reading() as reading:
            waiting = DISPATCHES.undelivered(reading)
        return [unverified(each.text, kind) for each in waiting if each.kind == kind.__name__]

    def hear(self, message: Dispatched) -> str:
        """The Postal Service says something; the outcome."""
        text = sign(message, self.world.signer, recipient=FIRST)
        return HEARING.receive(self.provider.service, self.provider.signer, text, self.now)

    def said(self, **more: Any) -> dict[str, Any]:
        """What every message of the Postal Service begins with."""
        return {
            "device": "",
            "issued_at": instant_text(self.now),
            "sender": POSTAL_SERVICE,
            **more,
        }

    def zero(self) -> int:
        """Σ of all accounts."""
        kinds = {line.kind for line in chart.CHART.lines}
        with self.books.reading() as reading:
            return sum(LEDGER.total(reading, kind) for kind in sorted(kinds))


def piece(number: int = 1, **changed: Any) -> Item:
    """A PC Postage label without PIC, printed and dated today."""
    item = Item(
        device=PC,
        postage_mills=POSTAGE,
        ascending_mills=10_000 + number * POSTAGE,
        date_shown=NOW.date(),
        printed_on=NOW.date(),
    )
    return replace(item, **changed)


def tracked(number: int = 1, *, age_days: int = 0, **changed: Any) -> Item:
    """A PC Postage label with a PIC, printed so many days ago."""
    printed = NOW.date() - timedelta(days=age_days)
    code = f"4200110191{number:012d}"
    base = piece(number, pic=code, pic_service="Confirm", form=ItemForm.DATA)
    return replace(base, printed_on=printed, date_shown=printed, **changed)


def shown(day: date) -> str:
    """A day as messages write it."""
    return day.isoformat()


def refunds_world(database: str, folder: Path) -> RefundsWorld:
    """A licensed mailer with money on deposit, in 2009."""
    world = licensing_world(database, folder, PSD)
    licence = world.licensed()
    world.now = NOW
    account = deposit(world.first.service, licence.number, NOW, amount_mills=ON_DEPOSIT)
    return RefundsWorld(world, licence.number, account.number)


def rebuilt(message: Kindred, **changed: Any) -> Kindred:
    """A message that says something else."""
    return msgspec.structs.replace(message, **changed)


__all__ = [
    "DATABASES",
    "FIRST",
    "NOW",
    "OFFICER",
    "ON_DEPOSIT",
    "OTHER",
    "PC",
    "POSTAGE",
    "WITHDRAWN",
    "RefundsWorld",
    "Withdrawal",
    "piece",
    "rebuilt",
    "refunds_world",
    "shown",
    "tracked",
]
