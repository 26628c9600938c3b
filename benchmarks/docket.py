"""The docket of the whole fleet: one day swept, and what an officer looks at, as the fleet grows.

1,500,000 devices in PostgreSQL, started by this run with durable commits: the postage meters of
the United States as of January 1997 (62 FR 1001). Each has its movements, readings, obligations
and journal. 20,000 of them miss their quarter on the day that is swept; each is noticed, put on
the docket again, and reported to the Postal Service in a signed message. Then the days on which
20,000 miss what comes after.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from random import Random

from tools.postgresql_server import PostgresqlServer

from benchmarks.fleet import DAY, PSDS, Fleet, fill, start
from benchmarks.measuring import Result, Target, durations, seconds
from benchmarks.setting import Setting
from franking.docket.calendar_feed import feed
from franking.docket.views import Choice, counts, every, page
from franking.provider.books import open_books
from franking.provider.devices import rows as device_rows
from franking.provider.devices.history import history
from franking.provider.devices.notes import devices_of
from franking.provider.schema import DOCKET, SCHEMA
from franking.provider.sweeping import sweep_docket
from franking.storage import Database, Reading
from franking.storage.export import export_journal

_SHARE_OF_A_DAY = 75
"""A quarter has about so many working days, over which the fleet's duties are spread."""
_LOOKS = 40
_STEP = timedelta(days=16)
"""Each step of an escalation has 15 days."""
_GROWTH = Target(kind="ratio at most", value=2)


def run(setting: Setting) -> Sequence[Result]:
    """The sweep of one day, and three looks at a fleet a hundred times as large."""
    large = setting.size(full=1_500_000, quick=15_000)
    server = start(setting.folder / "pg")
    try:
        small_fleet = _fleet(server, 15_000 if large > 15_000 else 1_500)
        results = _results(setting, small_fleet, _fleet(server, large))
        return [*results, *_escalations(server, setting.size(full=20_000, quick=500))]
    finally:
        server.stop()


def _fleet(server: PostgresqlServer, devices: int) -> Fleet:
    return fill(server, devices=devices, a_day=devices // _SHARE_OF_A_DAY)


def _results(setting: Setting, small: Fleet, large: Fleet) -> list[Result]:
    looks = [
        _growth(setting, name, look, small, large)
        for name, look in {
            "one device's history": _history,
            "one licensee's devices": _licensee,
            "the morning page, with its counts": _morning,
        }.items()
    ]
    return [_sweep(large), *looks, *_exports(large)]


def _sweep(fleet: Fleet) -> Result:
    name = f"sweep of a day that touches {fleet.a_day:,} of {fleet.devices:,} devices"
    return _swept(fleet, fleet.first_due + DAY, name, 1, "notice, next duties, message")


def _escalations(server: PostgresqlServer, devices: int) -> Iterator[Result]:
    """The days on which as many devices miss what comes after, each with its consequences."""
    meters = fill(server, devices=devices, a_day=devices)
    day = meters.first_due + DAY
    yield _swept(meters, day, f"{devices:,} meters not reset in their quarter", 1, "as above")
    for name, duties, what in (
        ("meters not brought in", 2, "denial, second approach in writing, next duty"),
        ("second approaches not answered", 1, "referred to the Postal Service by message"),
    ):
        day += _STEP
        yield _swept(meters, day, f"{devices:,} {name}", duties, what)
    psds = fill(server, devices=devices, a_day=devices, make=PSDS)
    name = f"{devices:,} PSDs neither audited nor with a mailpiece"
    what = "two denials, case, two notices, two messages"
    yield _swept(psds, psds.first_due + DAY, name, 2, what)


def _swept(fleet: Fleet, day: date, name: str, duties: int, what: str) -> Result:
    """One sweep, which every device of the day has so many missed obligations in."""
    now = datetime.combine(day, time(6), tzinfo=UTC)
    reports: list[int] = []
    took = seconds(
        lambda: reports.append(
            sweep_docket(fleet.books, fleet.signer, now, after_silence=True).total
        )
    )
    if reports != [fleet.a_day * duties]:
        raise AssertionError(f"{name}: {reports} were swept, not {duties} of {fleet.a_day} each")
    return Result(
        name=name,
        figure=took,
        unit="s",
        target=Target(kind="at most", value=60, unit="s"),
        note=f"{took / fleet.a_day * 1000:.2f} ms a device: {what}.",
    )


def _exports(fleet: Fleet) -> Iterator[Result]:
    """Peak memory of a process that exports, by how much it exports."""
    many = min(fleet.devices, 100_000)
    for name in EXPORTS:
        yield Result(
            name=f"peak memory of an export: {many:,} {name}",
            figure=_peak_megabytes(fleet, name, many),
            unit="MB",
            beside=f"{many // 10:,}",
            beside_figure=_peak_megabytes(fleet, name, many // 10),
            target=Target(kind="ratio at most", value=1.2),
        )


def _calendar(reading: Reading) -> Iterable[object]:
    chosen = every(reading, DOCKET, Choice())
    return feed(chosen, name="Docket", now=datetime(1997, 1, 2, tzinfo=UTC))


EXPORTS: dict[str, Callable[[Reading], Iterable[object]]] = {
    "lines of the docket's calendar": _calendar,
    "rows of the journal": lambda reading: export_journal(reading, SCHEMA),
    "devices of the inventory": device_rows.every,
}


def _peak_megabytes(fleet: Fleet, name: str, count: int) -> float:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        return apart.submit(_export, fleet.where, name, count).result()


def _export(where: Database, name: str, count: int) -> float:
    """In a process of its own: the most memory that it ever had."""
    books = open_books(where)
    with books.reading() as reading:
        for _ in islice(EXPORTS[name](reading), count):
            pass
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


Look = Callable[[Fleet, int], object]


def _growth(setting: Setting, name: str, look: Look, small: Fleet, large: Fleet) -> Result:
    """The median time of a look at the large fleet, beside that at the small one."""
    random = Random(62_1001)

    def at(fleet: Fleet) -> Callable[[], object]:
        return lambda: [look(fleet, random.randrange(fleet.devices)) for _ in range(_LOOKS)]

    took = durations(setting.pace.rounds, small=at(small), large=at(large))
    return Result(
        name=f"{name}, of {large.devices:,} devices",
        figure=took["large"] / _LOOKS * 1000,
        unit="ms",
        beside=f"of {small.devices:,} devices",
        beside_figure=took["small"] / _LOOKS * 1000,
        target=_GROWTH,
    )


def _history(fleet: Fleet, number: int) -> object:
    return history(fleet.books, fleet.serial(number))


def _licensee(fleet: Fleet, number: int) -> object:
    with fleet.books.reading() as reading:
        return devices_of(reading, licence=fleet.licence(number))


def _morning(fleet: Fleet, _: int) -> object:
    with fleet.books.reading() as reading:
        first = page(reading, DOCKET, Choice())
        return page(reading, DOCKET, Choice(), after=first.after), counts(
            reading, DOCKET, fleet.first_due
        )
