"""Random samples of a night: which scans, drawn so that anybody can draw them again, and what they
say of all of them, with an interval.

Every scan has a number that follows from the seed, its file and its row; those with the smallest
are the sample. So a larger sample holds a smaller one, whatever the order in which scans are read.
Strata (the scans of one device, ZIP Code or scanner) share the sample by their size, and each has
at least one. 60 FR 30714 (1995), preamble I.A, has metered indicia sampled at destination offices
and verified in the plant at acceptance; how, it does not say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from franking.errors import Refusal
from franking.scans.mixing import STEP, mixed
from franking.scans.operations import Operation
from franking.scans.records import VERDICT
from franking.scans.scan_files import BROKEN
from franking.scans.verdict_files import VERDICTS_UNREADABLE
from franking.verification.reasons import KINDS, Reason
from franking.verification.verdict import Verdict

SAMPLE_TOO_SMALL = Refusal(
    "SAMPLE_TOO_SMALL",
    clause="policy",
    remedy="Ask for a sample of at least that size, or stratify by something of fewer kinds.",
    http_status=422,
)
NOTHING_TO_SAMPLE = Refusal(
    "NOTHING_TO_SAMPLE",
    clause="policy",
    remedy="Sample a night that has such scans; franking scans show says what a night has.",
    http_status=404,
)
_UNKNOWN = "unknown"
_ROWS_AT_ONCE = 1 << 17


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What sample is to be drawn."""

    scans: int
    seed: int
    """0 or more; the same seed draws the same sample."""
    confidence_percent: int
    by: str = ""
    """``device``, ``place`` or ``scanner`` of ``VERDICT``; empty for a simple random sample."""
    among: Operation | None = None
    """Only scans of that operation: at destination offices, or at acceptance in the plant."""


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a sample says of a share: scans that are so, of all that it stands for."""

    name: str
    found: int
    share: float
    low: float
    high: float


class Stratum(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a stratified sample; of a simple one, all of it."""

    name: str
    population: int
    scans: int
    estimates: tuple[Estimate, ...]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A sample that was drawn, and what it says."""

    asked: Asked
    population: int
    scans: int
    estimates: tuple[Estimate, ...]
    """Of the whole population."""
    strata: tuple[Stratum, ...]

    def as_json(self) -> dict[str, Any]:
        """The record of the sample for programs."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        among = self.asked.among
        told["asked"]["among"] = None if among is None else among.word
        return told


def draw_sample(verdicts: Path, asked: Asked) -> tuple[Sample, pa.Table]:
    """Draw a sample from a file of ``VERDICT`` rows; its rows, by file and row.

    Reads the file twice, a part at a time.

    Raises:
        Refused: ``VERDICTS_UNREADABLE``, ``NOTHING_TO_SAMPLE``, ``SAMPLE_TOO_SMALL``.
    """
    try:
        sizes = _sizes(verdicts, asked)
        shares = shared_out(asked.scans, sizes)
        rows = _drawn(verdicts, asked, shares)
    except BROKEN as failure:
        told = str(failure).partition("\n")[0]
        raise VERDICTS_UNREADABLE.because(f"{verdicts}: {told}") from failure
    return _told(asked, sizes, rows), rows.drop_columns(["stratum", "key"])


def shared_out(scans: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """How many scans each stratum gives: by size, at least one, never more than it has.

    Raises:
        Refused: ``NOTHING_TO_SAMPLE``, ``SAMPLE_TOO_SMALL``.
    """
    population = sum(sizes.values())
    if not population:
        raise NOTHING_TO_SAMPLE.because("no scan of the file is of that kind")
    if scans < len(sizes):
        raise SAMPLE_TOO_SMALL.because(
            f"{scans:,} scans cannot have one of each of {len(sizes):,} strata"
        )
    first, rest = len(sizes), min(scans, population) - len(sizes)
    left = max(population - first, 1)
    shares = {name: 1 + rest * (size - 1) // left for name, size in sizes.items()}
    by_rest = sorted(sizes, key=lambda name: (-(rest * (sizes[name] - 1) % left), name))
    for name in by_rest[: first + rest - sum(shares.values())]:
        shares[name] += 1
    return shares


def interval(share: float, scans: float, confidence_percent: int) -> tuple[float, float]:
    """The interval of Wilson (1927) for a share seen in so many scans; of infinitely many, none."""
    if scans == float("inf"):
        return share, share
    z = NormalDist().inv_cdf(0.5 + confidence_percent / 200)
    spread = z * z / scans
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * (share * (1 - share) / scans + spread / (4 * scans)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def keys_of(seed: int, batch: pa.RecordBatch) -> NDArray[np.uint64]:
    """The number that decides whether a scan is in a sample, for each row of a batch."""
    files = batch.column("file").to_numpy().astype(np.uint64)
    rows = batch.column("row").to_numpy().astype(np.uint64)
    start = np.full(len(rows), seed % 2**64, np.uint64)
    return mixed(mixed(mixed(start + STEP) + files + STEP) + rows + STEP)


def _batches(verdicts: Path, asked: Asked) -> Iterator[pa.RecordBatch]:
    """The rows that the sample is drawn from, each with its stratum."""
    with pq.ParquetFile(verdicts) as file:
        for batch in file.iter_batches(_ROWS_AT_ONCE, columns=VERDICT.names):
            if asked.among is not None:
                is_of = pc.equal(batch.column("operation"), asked.among.word)
                batch = batch.filter(pc.fill_null(is_of, False))
            yield batch.append_column("stratum", _strata(batch, asked.by))


def _strata(batch: pa.RecordBatch, by: str) -> pa.Array:
    if not by:
        return pa.repeat(pa.scalar("all"), batch.num_rows)
    return pc.fill_null(batch.column(by), _UNKNOWN)


def _sizes(verdicts: Path, asked: Asked) -> dict[str, int]:
    sizes: Counter[str] = Counter()
    for batch in _batches(verdicts, asked):
        for each in pc.value_counts(batch.column("stratum")).to_pylist():
            sizes[each["values"]] += each["counts"]
    return dict(sorted(sizes.items()))


def _drawn(verdicts: Path, asked: Asked, shares: Mapping[str, int]) -> pa.Table:
    """The scans with the smallest keys of each stratum; what is too many is dropped on the way."""
    drawn: list[pa.Table] = []
    most = 2 * asked.scans + _ROWS_AT_ONCE
    for batch in _batches(verdicts, asked):
        keyed = batch.append_column("key", pa.array(keys_of(asked.seed, batch)))
        drawn.append(pa.Table.from_batches([keyed]))
        if sum(part.num_rows for part in drawn) > most:
            drawn = [_smallest(pa.concat_tables(drawn), shares)]
    return _smallest(pa.concat_tables(drawn), shares).sort_by(
        [("file", "ascending"), ("row", "ascending")]
    )


def _smallest(rows: pa.Table, shares: Mapping[str, int]) -> pa.Table:
    by_key = rows.sort_by([("stratum", "ascending"), ("key", "ascending")])
    names = by_key.column("stratum").combine_chunks().dictionary_encode()
    codes = names.indices.to_numpy()
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    turn = np.arange(len(codes)) - np.repeat(starts, np.diff([*starts, len(codes)]))
    wanted = np.array([shares[name] for name in names.dictionary.to_pylist()], np.int64)
    return by_key.filter(pa.array(turn < wanted[codes]))


def _told(asked: Asked, sizes: Mapping[str, int], rows: pa.Table) -> Sample:
    sampled = dict(sorted(Counter(rows.column("stratum").to_pylist()).items()))
    found = _found(rows)
    strata = tuple(
        Stratum(
            name=name,
            population=sizes[name],
            scans=scans,
            estimates=_estimates(asked, {name: sizes[name]}, {name: scans}, found),
        )
        for name, scans in sampled.items()
    )
    return Sample(
        asked=asked,
        population=sum(sizes.values()),
        scans=rows.num_rows,
        estimates=_estimates(asked, sizes, sampled, found),
        strata=strata,
    )


def _found(rows: pa.Table) -> dict[str, Counter[str]]:
    """How many scans of each stratum are so, by what is estimated."""
    found: dict[str, Counter[str]] = {name: Counter() for name in _ESTIMATED}
    columns = (rows.column(name).to_pylist() for name in ("stratum", "verdict", "reasons"))
    for stratum, verdict, reasons in zip(*columns, strict=True):
        for name, is_so in _ESTIMATED.items():
            found[name][stratum] += is_so(verdict, reasons)
    return found


def _estimates(
    asked: Asked,
    sizes: Mapping[str, int],
    sampled: Mapping[str, int],
    found: Mapping[str, Mapping[str, int]],
) -> tuple[Estimate, ...]:
    scans = _worth(sizes, sampled)
    population = sum(sizes.values())
    told = []
    for name, counts in found.items():
        share = sum(
            sizes[stratum] / population * counts.get(stratum, 0) / number
            for stratum, number in sampled.items()
        )
        low, high = interval(share, scans, asked.confidence_percent)
        number = sum(counts.get(stratum, 0) for stratum in sampled)
        told.append(Estimate(name=name, found=number, share=share, low=low, high=high))
    return tuple(told)


def _worth(sizes: Mapping[str, int], sampled: Mapping[str, int]) -> float:
    """How many scans of a simple sample from an endless population tell as much (Kish 1965).

    Strata that gave more than their share tell less than their number; what is sampled to the
    last scan leaves no doubt.
    """
    population = sum(sizes.values())
    doubt = sum(
        (sizes[name] / population) ** 2 / number * (sizes[name] - number) / max(sizes[name] - 1, 1)
        for name, number in sampled.items()
    )
    return 1 / doubt if doubt else float("inf")


def _has(reason: Reason) -> Any:
    return lambda verdict, reasons: reason.value in reasons


def _is(verdict: Verdict) -> Any:
    return lambda said, reasons: said == verdict.value


def _has_finding(verdict: str, reasons: Sequence[str]) -> bool:
    return any(KINDS[Reason(name)].is_finding for name in reasons)


_ESTIMATED: Final[Mapping[str, Any]] = {
    "not authentic": _is(Verdict.NOT_AUTHENTIC),
    "undetermined": _is(Verdict.UNDETERMINED),
    "with a finding": _has_finding,
    "duplicate": _has(Reason.DUPLICATE),
    "short paid": _has(Reason.SHORT_PAID),
}
"""What a sample estimates the share of."""
