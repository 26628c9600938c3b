"""Reading and writing the meters set by telephone."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import insert, select, update

from franking.provider.telephone.records import Setting, SettingStatus, TelephoneMeter
from franking.provider.telephone.tables import METERS, SETTINGS
from franking.storage import Reading, Work

_COUNTED = ("settings", "total_mills", "misses", "readings")


def find_meter(books: Reading, serial: str) -> TelephoneMeter | None:
    """The meter of that serial, if it shares a secret with the provider."""
    row = books.row(select(METERS).where(METERS.c.serial == serial))
    return None if row is None else TelephoneMeter(**row._mapping)


def add_meter(work: Work, meter: TelephoneMeter) -> None:
    """Store a meter whose secret was just made."""
    work.write(insert(METERS).values(asdict(meter)))


def change_meter(work: Work, before: TelephoneMeter, after: TelephoneMeter) -> None:
    """Store what a meter counts, from the count that was decided upon."""
    mine = (METERS.c.serial == before.serial) & (METERS.c.settings == before.settings)
    changed = {name: getattr(after, name) for name in _COUNTED}
    work.write_one(update(METERS).where(mine).values(changed))


def outstanding(books: Reading, serial: str) -> Setting | None:
    """The setting of which nobody knows whether the meter took it; there is one at most."""
    told = (SETTINGS.c.serial == serial) & (SETTINGS.c.status == SettingStatus.TOLD)
    row = books.row(select(SETTINGS).where(told))
    return None if row is None else _setting(row._mapping)


def find_setting(books: Reading, serial: str, sequence: int) -> Setting | None:
    """One setting of a meter."""
    mine = (SETTINGS.c.serial == serial) & (SETTINGS.c.sequence == sequence)
    row = books.row(select(SETTINGS).where(mine))
    return None if row is None else _setting(row._mapping)


def settings_of(books: Reading, serial: str) -> list[Setting]:
    """Every setting of a meter, oldest first."""
    mine = select(SETTINGS).where(SETTINGS.c.serial == serial).order_by(SETTINGS.c.sequence)
    return [_setting(row._mapping) for row in books.rows(mine)]


def add_setting(work: Work, setting: Setting) -> None:
    """Store a setting as it was told."""
    work.write(insert(SETTINGS).values({**asdict(setting), "status": str(setting.status)}))


def settle_setting(work: Work, setting: Setting, status: SettingStatus) -> None:
    """Store what became of a setting."""
    mine = (SETTINGS.c.serial == setting.serial) & (SETTINGS.c.sequence == setting.sequence)
    told = SETTINGS.c.status == SettingStatus.TOLD
    work.write_one(update(SETTINGS).where(mine, told).values(status=str(status)))


def _setting(row: object) -> Setting:
    given = dict(row)  # type: ignore[call-overload]
    return Setting(**{**given, "status": SettingStatus(given["status"])})
