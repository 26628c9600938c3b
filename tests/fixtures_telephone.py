"""A licensee with a meter of 1995 on a desk, a telephone, and the resetting company at the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from franking.provider.devices.records import DeviceRecord
from franking.provider.funds import chart
from franking.provider.telephone import commands, rows
from franking.provider.telephone.commands import Told
from franking.provider.telephone.records import Call, Setting
from franking.psd.vault.software import SoftwareVault
from franking.world import meter as meters
from franking.world.meter import Meter
from tests.fixtures_inventory import LICENCE, METER, Fleet, fleet_on
from tests.fixtures_money import balance, deposit, value_of
from tests.fixtures_psd import TestSigner, new_signer

SECRET = bytes(range(32))
DEPOSITED = 1_000_000


@dataclass
class TelephoneDesk:
    """The company's books, and the meter as it stands."""

    fleet: Fleet
    vault: SoftwareVault
    signer: TestSigner
    meter: Meter
    account: str

    def call(self, amount_mills: int, **changed: object) -> Call:
        """What the licensee types in: the truth, unless something is changed."""
        asked = Call(
            serial=self.meter.serial,
            account=self.account,
            ascending_mills=self.meter.ascending_mills,
            descending_mills=self.meter.descending_mills,
            amount_mills=amount_mills,
        )
        return replace(asked, **changed)  # type: ignore[arg-type]

    def tell(self, amount_mills: int, **changed: object) -> Told:
        """A call, answered."""
        return self.answer(self.call(amount_mills, **changed), self.fleet.later())

    def answer(self, call: Call, now: datetime) -> Told:
        """A call, answered at a time."""
        return commands.tell_setting(self.fleet.books, self.vault, self.signer, call, now)

    def key_in(self, told: Told) -> None:
        """The code goes into the meter."""
        mills = told.setting.amount_mills
        self.meter = meters.key_in(self.meter, amount_mills=mills, code=told.code)

    def set(self, amount_mills: int) -> Told:
        """A whole setting: call and keys."""
        told = self.tell(amount_mills)
        self.key_in(told)
        return told

    def print(self, postage_mills: int) -> None:
        """Mail goes through the meter."""
        self.meter = meters.printed(self.meter, postage_mills=postage_mills)

    def read(self, by: str = "Lee Park") -> DeviceRecord:
        """The representative reads the meter, and has it pass over a code that it never took."""
        after = commands.read_at_meter(
            self.fleet.books,
            self.meter.serial,
            ascending_mills=self.meter.ascending_mills,
            descending_mills=self.meter.descending_mills,
            by=by,
            now=self.fleet.later(),
        )
        with self.fleet.books.reading() as reading:
            known = rows.find_meter(reading, self.meter.serial)
        self.meter = meters.serviced(self.meter, settings=known.settings if known else 0)
        return after

    def money(self) -> tuple[int, int, int, int]:
        """On deposit, in transit, in the meter, used: mills."""
        with self.fleet.books.reading() as reading:
            on_deposit = balance(reading, chart.deposits(self.account))
            used = balance(reading, chart.USED)
        return on_deposit, *value_of(self.fleet.books, self.meter.serial), used

    def settings(self) -> list[Setting]:
        """Every setting that was told."""
        with self.fleet.books.reading() as reading:
            return rows.settings_of(reading, self.meter.serial)


def telephone_desk(database: str, tmp_path: Path, *, descending_mills: int = 0) -> TelephoneDesk:
    """A remote meter in service, enrolled, its licensee with $1,000.00 on deposit."""
    fleet, vault = fleet_on(database, tmp_path), SoftwareVault.in_memory()
    fleet.take_in(remote=True, descending_mills=descending_mills)
    commands.enrol_meter(fleet.books, vault, METER, secret=SECRET, now=fleet.later())
    fleet.inspect()
    fleet.lease()
    fleet.check_in()
    from franking.provider.devices import service

    service.issue(fleet.books, METER, by="Lee Park", now=fleet.later())
    service.install(fleet.books, METER, place="12 Main St", by="Lee Park", now=fleet.later())
    account = deposit(fleet.books, LICENCE, fleet.later(), amount_mills=DEPOSITED)
    return TelephoneDesk(
        fleet=fleet,
        vault=vault,
        signer=new_signer("provider"),
        meter=Meter(serial=METER, secret=SECRET, descending_mills=descending_mills),
        account=account.number,
    )
