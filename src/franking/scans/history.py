"""The pieces that were seen in earlier nights: Parquet by night and bucket, which only grows.

A folder ``history/`` holds ``night=2026-11-21/bucket=07/….parquet`` and ``history.json``, which
names every part that counts and every file that was taken in, with its digest. A part that it does
not name does not exist: parts are written first, then the description is replaced in one rename,
so that a crash between leaves the history as it was. Rows are ``EXAMINED``, sorted by device and
ascending value; their ``file`` is the number that the history gave the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from franking.scans.context import BUCKETS
from franking.scans.suspicions import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A file of scans that the history holds."""

    number: int
    name: str
    sha256: str
    night: date
    rows: int
    """Scans in the file, those that were not signed included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file of scans that is about to be taken into the history."""

    name: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A history as it stood when it was opened."""

    folder: Path
    buckets: int = BUCKETS
    files: tuple[Taken, ...] = ()

    @classmethod
    def open(cls, folder: Path) -> History:
        """The history in ``folder``; an empty one where there is none yet.

        Raises:
            Refused: ``HISTORY_UNREADABLE``.
        """
        raise NotImplementedError(folder)

    @property
    def nights(self) -> tuple[date, ...]:
        """The nights that it holds, in order."""
        raise NotImplementedError

    @property
    def number_next(self) -> int:
        """The number that the next file gets."""
        raise NotImplementedError

    def parts(self, buckets: Collection[int] | None = None) -> tuple[Path, ...]:
        """The Parquet parts of these buckets, of all where none are named."""
        raise NotImplementedError

    def taken(self, sha256: str) -> Taken | None:
        """The file with this digest, where it was taken in before."""
        raise NotImplementedError

    def night_of(self, number: int) -> date:
        """The night of the file with this number."""
        raise NotImplementedError

    def seen(self, pieces: Iterable[tuple[int, int]]) -> Mapping[tuple[int, int], tuple[Seen, ...]]:
        """The scans of these pieces (device number, ascending), those that were seen only."""
        raise NotImplementedError

    def new_part(self, night: date, bucket: int) -> Path:
        """Where a part may be written that ``add`` is then told of."""
        raise NotImplementedError

    def add(self, night: date, files: Sequence[NewFile], parts: Sequence[Path]) -> History:
        """Take in parts that were written at ``new_part``, at once or not at all.

        Their ``file`` counts from ``number_next``, in the order of ``files``.

        Raises:
            Refused: ``HISTORY_CHANGED`` where another night was taken in meanwhile.
        """
        raise NotImplementedError

    def compact(self, before: date) -> History:
        """Merge the parts of each calendar month that ended before that day."""
        raise NotImplementedError

    def forget(self, before: date) -> History:
        """Drop the nights before that day."""
        raise NotImplementedError
