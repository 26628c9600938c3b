"""How well a verifier did on a made-up night: its verdicts and suspicions beside the truth.

Found means that a scan has every reason that it has to have, and the verdict. Beside it stands what
nobody may do: call a genuine piece not authentic, give an honest scan a reason that it ought not to
have, or suspect where all scans are honest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from franking.scans.suspicions import KIND_OF, Suspicion, SuspicionKind
from franking.verification.reasons import Reason, bit_of, reasons_in
from franking.verification.verdict import Verdict
from franking.world.nights.records import Fraud

_BATCH_ROWS: Final = 100_000
_REASONS: Final = tuple(Reason)
_BITS: Final = np.array([bit_of(reason) for reason in _REASONS], np.int64)
_SHOWN: Final = 20
_ROW_BITS: Final = 40
Bits = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Tally:
    """What came of one fraud, in scans."""

    scans: int = 0
    detectable: int = 0
    found: int = 0
    suspected: int = 0
    """Found ones whose device or piece a suspicion of the right kind names."""
    suspicious: int = 0
    """Detectable ones of which there has to be such a suspicion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strange:
    """A scan of which something was said that is not true, or not said that is."""

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
    genuine: int = 0
    """Scans of genuine pieces: of honest ones, and of those that a fraud was made from."""
    falsely_accused: int = 0
    """Scans of genuine pieces called not authentic, misread ones among them."""
    stray: int = 0
    """Scans of genuine pieces with a reason that they ought not to have."""
    wrong_verdicts: int = 0
    """Scans whose verdict had to be another one, frauds among them."""
    undetermined: int = 0
    """Scans of genuine pieces of which nothing could be said."""
    false_suspicions: int = 0
    """Suspicions all of whose scans are honest."""
    strange: list[Strange] = field(default_factory=list)
    """The first of all that are wrong."""

    @property
    def is_perfect(self) -> bool:
        """Whether everything detectable was found, and nobody was wronged."""
        wrongs = self.falsely_accused + self.stray + self.wrong_verdicts + self.false_suspicions
        return not wrongs and all(
            tally.found == tally.detectable and tally.suspected == tally.suspicious
            for tally in self.frauds.values()
        )


def score(truth: Path, verdicts: Path, suspicions: Collection[Suspicion] | None = None) -> Score:
    """Compare a file of ``TRUTH`` with one of ``VERDICT`` of the same rows, in the same order.

    Suspicions are those of the same night; they are not looked at where there are none to give.

    Raises:
        ValueError: the files are not of the same rows.
    """
    whole = Score()
    named = _Named.of(suspicions) if suspicions is not None else None
    for true, said in zip(_batches(truth), _batches(verdicts), strict=True):
        if not (_keys(true) == _keys(said)).all():
            raise ValueError(f"{verdicts} is not of the rows of {truth}, near row {whole.rows}")
        compared = _Compared.of(true, said)
        _count(whole, compared)
        if named is not None:
            _count_suspected(whole, compared, named)
    whole.false_suspicions = 0 if named is None else int((~named.just).sum())
    return whole


@dataclass(slots=True)
class _Named:
    """What suspicions name: devices by kind, and of each the scans of the night by their keys."""

    subjects: frozenset[tuple[SuspicionKind, str]]
    scans: list[Bits]
    just: Flags
    """Of which suspicions some scan was of a fraud, so far."""

    @classmethod
    def of(cls, suspicions: Collection[Suspicion]) -> _Named:
        tonight = max((each.night for one in suspicions for each in one.members), default="")
        scans = [
            np.array([_key(each.file, each.row) for each in one.members if each.night == tonight])
            for one in suspicions
        ]
        subjects = frozenset((each.kind, each.device) for each in suspicions)
        return cls(subjects, scans, np.zeros(len(scans), bool))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """A batch of the truth beside what was said, by column."""

    keys: Bits
    needed: Bits
    missing: Bits
    stray: Bits
    verdicts: NDArray[Any]
    expected: NDArray[Any]
    wrong: Flags
    frauds: NDArray[Any]
    original: Flags
    devices: NDArray[Any]

    @classmethod
    def of(cls, true: pa.RecordBatch, said: pa.RecordBatch) -> _Compared:
        needed, may = bits_in(true.column("reasons")), bits_in(true.column("may"))
        reasons = bits_in(said.column("reasons"))
        verdicts, expected = _texts(said, "verdict"), _texts(true, "verdict")
        return cls(
            keys=_keys(said),
            needed=needed,
            missing=needed & ~reasons,
            stray=reasons & ~needed & ~may,
            verdicts=verdicts,
            expected=expected,
            wrong=(expected != verdicts) & (expected != ""),
            frauds=_texts(true, "fraud"),
            original=true.column("original").to_numpy(zero_copy_only=False),
            devices=_texts(said, "device"),
        )


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Batches of the same size, whatever the row groups are."""
    yield from pq.read_table(path).combine_chunks().to_batches(_BATCH_ROWS)


def _keys(batch: pa.RecordBatch) -> Bits:
    files, rows = (batch.column(name).to_numpy() for name in ("file", "row"))
    keys: Bits = (files.astype(np.int64) << _ROW_BITS) + rows
    return keys


def _key(file: int, row: int) -> int:
    return (file << _ROW_BITS) + row


def _texts(batch: pa.RecordBatch, name: str) -> NDArray[Any]:
    return np.array(pc.fill_null(batch.column(name), "").to_pylist(), object)


def bits_in(lists: pa.ListArray) -> Bits:
    """Each list of names of reasons as the bits of ``verification.reasons``."""
    bits = np.zeros(len(lists), np.int64)
    names = pa.array([str(reason) for reason in _REASONS])
    places = pc.index_in(lists.flatten(), names).to_numpy(zero_copy_only=False)
    np.bitwise_or.at(bits, pc.list_parent_indices(lists).to_numpy(), _BITS[places])
    return bits


def _count(whole: Score, those: _Compared) -> None:
    genuine = (those.frauds == "") | those.original
    for fraud in Fraud:
        detectable = (those.frauds == fraud.value) & (those.needed != 0)
        tally = whole.frauds[fraud]
        tally.scans += int((those.frauds == fraud.value).sum())
        tally.detectable += int(detectable.sum())
        tally.found += int((detectable & (those.missing == 0) & ~those.wrong).sum())
    whole.rows += len(those.keys)
    whole.genuine += int(genuine.sum())
    whole.falsely_accused += _how_many(those, Verdict.NOT_AUTHENTIC, genuine)
    whole.undetermined += _how_many(those, Verdict.UNDETERMINED, genuine)
    whole.stray += int((genuine & (those.stray != 0)).sum())
    whole.wrong_verdicts += int(those.wrong.sum())
    _note_strange(whole, those)


def _how_many(those: _Compared, verdict: Verdict, which: Flags) -> int:
    return int((which & (those.verdicts == verdict.value)).sum())


def _note_strange(whole: Score, those: _Compared) -> None:
    odd = np.flatnonzero((those.missing != 0) | (those.stray != 0) | those.wrong)
    for place in odd[: _SHOWN - len(whole.strange)].tolist():
        whole.strange.append(
            Strange(
                row=int(those.keys[place]) % (1 << _ROW_BITS),
                fraud=those.frauds[place] or None,
                verdict=those.verdicts[place],
                expected=those.expected[place] or None,
                missing=reasons_in(int(those.missing[place])),
                stray=reasons_in(int(those.stray[place])),
            )
        )


def _count_suspected(whole: Score, those: _Compared, named: _Named) -> None:
    """A scan that was found is suspected where a suspicion of the kind has its device."""
    deeds = those.keys[those.frauds != ""]
    named.just |= np.array([bool(np.isin(scans, deeds).any()) for scans in named.scans], bool)
    proven = (those.needed != 0) & (those.frauds != "")
    for place in np.flatnonzero(proven).tolist():
        kinds = {KIND_OF.get(reason) for reason in reasons_in(int(those.needed[place]))} - {None}
        if not kinds or not _has_to_be_suspected(those, place):
            continue
        tally = whole.frauds[Fraud(those.frauds[place])]
        tally.suspicious += 1
        device = those.devices[place]
        tally.suspected += any((kind, device) in named.subjects for kind in kinds if kind)


def _has_to_be_suspected(those: _Compared, place: int) -> bool:
    """A false signature is a forgery only where it was read for sure."""
    doubtful = those.expected[place] != Verdict.NOT_AUTHENTIC.value
    unsigned = int(those.needed[place]) & bit_of(Reason.SIGNATURE_FALSE)
    return not (doubtful and unsigned)
