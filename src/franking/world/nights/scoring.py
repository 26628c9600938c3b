"""How well a verifier did on a made-up night: its verdicts beside the truth, row for row.

Found means that a scan has every reason that it has to have, and the verdict. Beside it stands what
nobody may do: call a genuine piece not authentic, or give an honest scan a reason that it ought not
to have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from franking.verification.reasons import Reason, bit_of, bits_of, reasons_in
from franking.verification.verdict import Verdict
from franking.world.nights.records import Fraud

_BATCH_ROWS: Final = 100_000
_REASONS: Final = tuple(Reason)
_BITS: Final = np.array([bit_of(reason) for reason in _REASONS], np.int64)
_SHOWN: Final = 20
Bits = NDArray[np.int64]


@dataclass(slots=True)
class Tally:
    """What came of one fraud, in scans."""

    scans: int = 0
    detectable: int = 0
    found: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strange:
    """A scan of which something was said that is not true."""

    row: int
    fraud: str | None
    verdict: str
    expected: str | None
    missing: tuple[Reason, ...]
    stray: tuple[Reason, ...]


@dataclass(slots=True)
class Score:
    """Everything that can be counted of a night."""

    rows: int = 0
    frauds: dict[Fraud, Tally] = field(default_factory=lambda: {each: Tally() for each in Fraud})
    honest: int = 0
    falsely_accused: int = 0
    """Genuine pieces called not authentic, misread ones among them."""
    stray: int = 0
    """Honest scans with a reason that they ought not to have."""
    wrong_verdicts: int = 0
    """Scans whose verdict had to be another one, frauds among them."""
    undetermined_honest: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    strange: list[Strange] = field(default_factory=list)
    """The first of all that are wrong."""

    @property
    def missed(self) -> dict[Fraud, int]:
        """Detectable scans that were not found, where there are any."""
        return {
            fraud: tally.detectable - tally.found
            for fraud, tally in self.frauds.items()
            if tally.found < tally.detectable
        }


def score(truth: Path, verdicts: Path) -> Score:
    """Compare a file of ``TRUTH`` with a file of ``VERDICT`` of the same rows, in the same order.

    Raises:
        ValueError: they are not of the same rows.
    """
    whole = Score()
    for true, said in zip(_batches(truth), _batches(verdicts), strict=True):
        if not (_keys(true) == _keys(said)).all():
            raise ValueError(f"{verdicts} is not of the rows of {truth}, near row {whole.rows}")
        _count(whole, true, said)
    return whole


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Batches of the same size, whatever the row groups are."""
    rows = pa.Table.from_batches(pq.ParquetFile(path).iter_batches(_BATCH_ROWS))
    yield from rows.combine_chunks().to_batches(_BATCH_ROWS)


def _keys(batch: pa.RecordBatch) -> Bits:
    files, rows = (batch.column(name).to_numpy() for name in ("file", "row"))
    keys: Bits = (files.astype(np.int64) << 40) + rows
    return keys


def bits_in(lists: pa.ListArray) -> Bits:
    """Each list of names of reasons as the bits of ``verification.reasons``."""
    bits = np.zeros(len(lists), np.int64)
    flat = pc.index_in(lists.flatten(), pa.array([str(reason) for reason in _REASONS]))
    parents = pc.list_parent_indices(lists).to_numpy()
    np.bitwise_or.at(bits, parents, _BITS[flat.to_numpy(zero_copy_only=False)])
    return bits


def _count(whole: Score, true: pa.RecordBatch, said: pa.RecordBatch) -> None:
    needed, may = bits_in(true.column("reasons")), bits_in(true.column("may"))
    reasons = bits_in(said.column("reasons"))
    verdicts = np.array(said.column("verdict").to_pylist(), object)
    expected = np.array(true.column("verdict").to_pylist(), object)
    missing, stray = needed & ~reasons, reasons & ~needed & ~may
    wrong = (expected != verdicts) & (expected != None)  # noqa: E711 - elementwise
    frauds = np.array(true.column("fraud").to_pylist(), object)
    genuine = (frauds == None) | true.column("original").to_numpy(zero_copy_only=False)  # noqa: E711
    for fraud in Fraud:
        of_it = frauds == fraud.value
        tally = whole.frauds[fraud]
        tally.scans += int(of_it.sum())
        tally.detectable += int((of_it & (needed != 0)).sum())
        tally.found += int((of_it & (needed != 0) & (missing == 0) & ~wrong).sum())
    whole.rows += len(reasons)
    whole.honest += int(genuine.sum())
    whole.falsely_accused += int((genuine & (verdicts == Verdict.NOT_AUTHENTIC.value)).sum())
    whole.stray += int((genuine & (stray != 0)).sum())
    whole.wrong_verdicts += int(wrong.sum())
    whole.undetermined_honest += int((genuine & (verdicts == Verdict.UNDETERMINED.value)).sum())
    whole.verdicts.update(verdicts.tolist())
    for place in np.flatnonzero((missing != 0) | (stray != 0) | wrong).tolist():
        if len(whole.strange) < _SHOWN:
            whole.strange.append(
                Strange(
                    row=int(said.column("row")[place].as_py()),
                    fraud=frauds[place],
                    verdict=verdicts[place],
                    expected=expected[place],
                    missing=reasons_in(int(missing[place])),
                    stray=reasons_in(int(stray[place])),
                )
            )


__all__ = ["Score", "Strange", "Tally", "bits_in", "bits_of", "score"]
