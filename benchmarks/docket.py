"""The docket of the whole fleet: one day swept, and what an officer looks at, as the fleet grows.

1,500,000 devices in PostgreSQL, started by this run with durable commits: the postage meters of
the United States as of January 1997 (62 FR 1001). Each has its movements, readings, obligations
and journal. 20,000 of them miss their quarter on the day that is swept; each is noticed, put on
the docket again, and reported to the Postal Service in a signed message.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from itertools import islice
from random import Random

from tools.postgresql_server import PostgresqlServer

from benchmarks.fleet import DAY, Fleet, fill, start
from benchmarks.measuring import Result, Target, durations, seconds
from benchmarks.setting import Setting
from franking.docket.calendar_feed import feed
from franking.docket.views import Choice, counts, every, page
from franking.provider.devices.history import history
from franking.provider.devices.notes import devices_of
from franking.provider.schema import DOCKET
from franking.provider.sweeping import sweep_docket

_SHARE_OF_A_DAY = 75
"""A quarter has about so many working days, over which the fleet's duties are spread."""
_LOOKS = 40
_GROWTH = Target(kind="ratio at most", value=2)


def run(setting: Setting) -> Sequence[Result]:
    """The sweep of one day, and three looks at a fleet a hundred times as large."""
    large = setting.size(full=1_500_000, quick=15_000)
    server = start(setting.folder / "pg")
    try:
        small_fleet = _fleet(server, 15_000 if large > 15_000 else 1_500)
        return _results(setting, small_fleet, _fleet(server, large))
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
    return [_sweep(large), *looks, _export(large)]


def _sweep(fleet: Fleet) -> Result:
    now = datetime.combine(fleet.first_due + DAY, time(6), tzinfo=UTC)
    reports: list[int] = []
    took = seconds(lambda: reports.append(sweep_docket(fleet.books, fleet.signer, now).total))
    if reports != [fleet.a_day]:
        raise AssertionError(f"{reports} obligations were swept, not {fleet.a_day}")
    return Result(
        name=f"sweep of a day that touches {fleet.a_day:,} of {fleet.devices:,} devices",
        figure=took,
        unit="s",
        target=Target(kind="at most", value=60, unit="s"),
        note=f"{took / fleet.a_day * 1000:.2f} ms an obligation: notice, next duties, message.",
    )


def _export(fleet: Fleet) -> Result:
    """Peak memory of an export, by how much is exported."""
    many = min(fleet.devices, 20_000)
    few = many // 10
    _peak_megabytes(fleet, few)  # what is made once is made now
    return Result(
        name=f"peak memory of an export of {many:,} obligations",
        figure=_peak_megabytes(fleet, many),
        unit="MB",
        beside=f"of {few:,}",
        beside_figure=_peak_megabytes(fleet, few),
        target=Target(kind="ratio at most", value=1.5),
        note="Ten times as many; what grows a little is garbage that was not collected yet.",
    )


def _peak_megabytes(fleet: Fleet, count: int) -> float:
    tracemalloc.start()
    with fleet.books.reading() as reading:
        chosen = islice(every(reading, DOCKET, Choice()), count)
        for _ in feed(chosen, name="Docket", now=datetime(1997, 1, 2, tzinfo=UTC)):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1_000_000


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
