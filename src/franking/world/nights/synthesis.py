"""Making nights of mail: shard by shard in processes, dealt together in bounded memory.

A shard is some of the devices. What it makes is told by the seed and its number alone, so that it
does not matter where it is made or how many there are at once; its scans go to a file of its own in
as many parts as the whole night will have, and one part of every shard at a time is shuffled into
the night. So a night that reads like a night, with all devices mixed, is never held as a whole.
"""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from franking.indicium.content import EXTENSION_BYTES_MAX
from franking.messages.signing import public_key_pem
from franking.scans.orphans import leave_no_orphan
from franking.scans.records import KNOWN_OFFICES, KNOWN_REFUNDS, KNOWN_TOTALS, SCAN
from franking.verification.trust_format import day_number
from franking.verification.trust_writing import write_table
from franking.world.nights import places
from franking.world.nights.deeds import (
    FRAUDS,
    Shard,
    commit_deeds,
    copies,
    deals,
    dealt,
    own_devices,
)
from franking.world.nights.fleet import (
    device_numbers,
    endings,
    fleet_of,
    root_key,
    trust_rows,
)
from franking.world.nights.journeys import DAY, Scans, journeys, read, trouble_bit
from franking.world.nights.mail import Pieces, known_totals, mailed, prices, registered
from franking.world.nights.plan import Plan, noon_of
from franking.world.nights.records import TRUTH, Fraud, Night, Trouble
from franking.world.nights.signing import signed
from franking.world.nights.tables import ROWS, Made, rows_of
from franking.world.nights.truth import Truth, truth_of

PART_ROWS: Final = 200_000
"""About so many scans are held while a night is dealt together."""
DAYS_UNDER_WAY: Final = 3
"""Mail of so many days before a night still comes in during it."""
_TRUST_DAYS = 7
_EXTENDED_SHARE = 0.05
_HALF_A_DAY = DAY // 2
Watch = Callable[[int, int], None]
"""Told how many shards are done, of how many."""


def synthesize(
    plan: Plan, folder: Path, *, processes: int = 1, watch: Watch = lambda done, whole: None
) -> Night:
    """Make the nights of ``plan`` in ``folder``, which is made; the last one is returned.

    The nights before it stand in ``earlier/DAY/``, scans and truth, in the same form.

    Raises:
        Refused: ``RATE_NOT_PUBLISHED`` where no price list covers one of the days.
    """
    for day in _mailing_days(plan).tolist():
        prices(day)
    folder.mkdir(parents=True, exist_ok=True)
    making = folder / "making"
    making.mkdir()
    shards = _shards(plan)
    known = list(_made(plan, shards, making, processes, watch))
    nights = [_deal_together(plan, making, folder, night) for night in range(len(plan.nights))]
    shutil.rmtree(making)
    _write_known(folder / "known", known)
    _write_trust(plan, folder)
    return Night(
        scans=nights[-1] / "scans.parquet",
        trust=folder / "trust.list",
        root=folder / "root.pem",
        known=folder / "known",
        truth=nights[-1] / "truth.parquet",
        earlier=tuple(night / "scans.parquet" for night in nights[:-1]),
    )


def _shards(plan: Plan) -> int:
    return max(1, min(-(-plan.pieces // plan.shard_pieces), plan.devices))


def _parts(plan: Plan) -> int:
    return max(1, round(2 * plan.pieces / PART_ROWS))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known beside the scans of a shard."""

    devices: NDArray[np.int64]
    totals: NDArray[np.int64]
    refunded_devices: NDArray[np.int64]
    refunded: NDArray[np.int64]
    day: int


def _made(plan: Plan, shards: int, making: Path, processes: int, watch: Watch) -> Iterator[_Known]:
    make = partial(_make_shard, plan, shards, making)
    with ExitStack() as stack:
        results: Iterable[_Known] = map(make, range(shards))
        if processes > 1 and shards > 1:
            spawn = multiprocessing.get_context("spawn")
            pool = stack.enter_context(ProcessPoolExecutor(processes, spawn, leave_no_orphan))
            results = pool.map(make, range(shards))
        for done, known in enumerate(results, start=1):
            watch(done, shards)
            yield known


def _make_shard(plan: Plan, shards: int, making: Path, number: int) -> _Known:
    """Make one shard: its pieces, their scans, its part of every night, and what is known of it."""
    random = np.random.default_rng([plan.seed, number])
    shard = _new_shard(plan, shards, number, random)
    pieces = commit_deeds(shard)
    scans = journeys(pieces, plan, random)
    scans = np.concatenate([scans, copies(shard, pieces, scans)])
    read(scans, plan, random)
    nights, scans = _of_nights(plan, scans)
    pieces, scans = _scanned(pieces, scans)
    payloads = signed(pieces, plan.seed, random)
    truth = truth_of(pieces, scans, nights, last=len(plan.nights) - 1)
    for night in range(len(plan.nights)):
        which = nights == night
        made = Made(
            plan=plan,
            pieces=pieces,
            payloads=payloads,
            scans=scans[which],
            truth=Truth(truth.reasons[which], truth.may[which], truth.verdict[which]),
        )
        _write_parts(made, making / f"{night}-{number}.arrow", _parts(plan), random)
    return _known(shard, pieces)


def _new_shard(plan: Plan, shards: int, number: int, random: np.random.Generator) -> Shard:
    fleet = fleet_of(plan)
    honest = dealt(fleet.honest, shards, number)
    return Shard(
        plan=plan,
        number=number,
        random=random,
        honest=honest,
        deeds=deals(plan, shards, number),
        devices=own_devices(fleet.of_fraud, shards, number),
        pieces=_honest_pieces(plan, honest, len(dealt(range(plan.pieces), shards, number)), random),
    )


def _honest_pieces(plan: Plan, honest: range, each_day: int, random: np.random.Generator) -> Pieces:
    """What the devices mail on every day that matters: some mail much, most mail little."""
    days = _mailing_days(plan)
    busy = random.lognormal(0, 1, len(honest))
    devices = random.choice(np.array(honest), each_day * len(days), p=busy / busy.sum())
    pieces = mailed(devices, np.repeat(days, each_day), random)
    registered(pieces)
    _deposit_late(pieces, plan, random)
    _extend(pieces, random)
    return pieces


def _mailing_days(plan: Plan) -> NDArray[np.int64]:
    nights = {day_number(day) for day in plan.days}
    return np.array(
        sorted({night - back for night in nights for back in range(DAYS_UNDER_WAY + 1)})
    )


def _deposit_late(pieces: Pieces, plan: Plan, random: np.random.Generator) -> None:
    """After the last collection, dated the next day; or the day before, the box not emptied."""
    late = random.random(len(pieces)) < plan.share(Trouble.DEPOSITED_LATE)
    pieces["dated"][late] += random.choice((-1, 1), int(late.sum()))
    pieces["troubles"][late] |= trouble_bit(Trouble.DEPOSITED_LATE)


def _extend(pieces: Pieces, random: np.random.Generator) -> None:
    """Some mailers have bytes of their own signed with the postage."""
    those = np.flatnonzero(random.random(len(pieces)) < _EXTENDED_SHARE)
    pieces["extension"][those] = random.integers(1, EXTENSION_BYTES_MAX + 1, len(those))


def _of_nights(plan: Plan, scans: Scans) -> tuple[NDArray[np.int64], Scans]:
    """The scans of the nights that are asked for, and which night each is of."""
    days = np.array([day_number(day) for day in plan.days])
    on = (scans["at"] - _HALF_A_DAY) // DAY
    night = np.searchsorted(days, on)
    fits = (night < len(days)) & (days[np.minimum(night, len(days) - 1)] == on)
    return night[fits], scans[fits]


def _scanned(pieces: Pieces, scans: Scans) -> tuple[Pieces, Scans]:
    """Only the pieces that any scan is of: the others need no signature."""
    seen, inverse = np.unique(scans["piece"], return_inverse=True)
    scans["piece"] = inverse
    return pieces[seen], scans


def _known(shard: Shard, pieces: Pieces) -> _Known:
    """From all honest devices' own pieces, and from those that were paid back."""
    own = np.concatenate([shard.pieces, *(add for add in shard.added if _of_its_device(add))])
    devices, totals = known_totals(own)
    refunded = pieces[pieces["fraud"] == FRAUDS.index(Fraud.REFUNDED)]
    return _Known(devices, totals, refunded["device"], refunded["ascending"], shard.tonight)


def _of_its_device(pieces: Pieces) -> bool:
    """Whether these pieces were made by the devices that they name."""
    own = pieces["key"] == pieces["device"]
    return bool(own.all() and not (pieces["nonsense"] | pieces["illegible"]).any())


def _write_parts(made: Made, path: Path, parts: int, random: np.random.Generator) -> None:
    """The scans of a night in random order, in so many batches of a file of its own."""
    rows = rows_of(made, random).take(random.permutation(len(made.scans))).combine_chunks()
    with pa.ipc.new_file(path, ROWS) as out:
        for part in range(parts):
            mine = dealt(range(len(rows)), parts, part)
            out.write_batch(_one_batch(rows.slice(mine.start, len(mine))))


def _one_batch(rows: pa.Table) -> pa.RecordBatch:
    """Also where there are no rows."""
    return pa.RecordBatch.from_arrays(
        [column.combine_chunks() for column in rows.columns], schema=rows.schema
    )


def _deal_together(plan: Plan, making: Path, folder: Path, night: int) -> Path:
    """Shuffle the parts of all shards into the files of one night, part by part."""
    last = night == len(plan.nights) - 1
    place = folder if last else folder / "earlier" / plan.days[night].isoformat()
    place.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng([plan.seed, night, 0xDEA1])
    with ExitStack() as stack:
        scans = stack.enter_context(pq.ParquetWriter(place / "scans.parquet", SCAN))
        truth = stack.enter_context(pq.ParquetWriter(place / "truth.parquet", TRUTH))
        readers = _readers(stack, making, night, _shards(plan))
        row = 0
        for part in range(_parts(plan)):
            rows = pa.Table.from_batches([reader.get_batch(part) for reader in readers], ROWS)
            rows = rows.take(random.permutation(len(rows)))
            scans.write_table(rows.select(SCAN.names))
            truth.write_table(_numbered(rows, row))
            row += len(rows)
    return place


def _readers(
    stack: ExitStack, making: Path, night: int, shards: int
) -> Sequence[pa.ipc.RecordBatchFileReader]:
    """The shards' files, mapped: only the part that is read comes into memory."""
    maps = [pa.memory_map(str(making / f"{night}-{number}.arrow")) for number in range(shards)]
    return [pa.ipc.open_file(stack.enter_context(each)) for each in maps]


def _numbered(rows: pa.Table, first: int) -> pa.Table:
    numbers = {
        "file": pa.array(np.zeros(len(rows), np.int32)),
        "row": pa.array(np.arange(first, first + len(rows))),
    }
    truth = {name: rows[name] for name in TRUTH.names[2:]}
    return pa.table(numbers | truth, TRUTH)


def _write_known(folder: Path, known: Sequence[_Known]) -> None:
    folder.mkdir()
    devices = device_numbers(np.concatenate([each.devices for each in known]))
    totals = np.concatenate([each.totals for each in known])
    refunded = device_numbers(np.concatenate([each.refunded_devices for each in known]))
    ascending = np.concatenate([each.refunded for each in known])
    days = np.full(len(refunded), known[0].day, np.int32)
    zips = places.zip_texts()
    offices = np.repeat(zips[:, 0], zips.shape[1])
    for name, table in {
        "totals": pa.table([devices, totals], KNOWN_TOTALS),
        "refunds": pa.table([refunded, ascending, days], KNOWN_REFUNDS),
        "offices": pa.table([zips.ravel().tolist(), offices.tolist()], KNOWN_OFFICES),
    }.items():
        pq.write_table(table, folder / f"{name}.parquet")


def _write_trust(plan: Plan, folder: Path) -> None:
    """The list of the noon at which the first night begins, good for a week after the last."""
    root = root_key(plan.seed)
    issued = noon_of(plan.days[0])
    with (folder / "trust.list").open("wb") as out:
        write_table(
            out,
            trust_rows(plan, range(fleet_of(plan).count)),
            endings(plan),
            root,
            issued=issued,
            next_issue=noon_of(plan.on + timedelta(days=_TRUST_DAYS)),
        )
    (folder / "root.pem").write_bytes(public_key_pem(root.private.public_key()))
