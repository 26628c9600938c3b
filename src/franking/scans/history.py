"""The pieces that were seen in earlier nights: Parquet by night and buckets, which only grows.

A folder ``history/`` holds ``night=2026-11-21/buckets-00-15-….parquet`` and ``history.json``, which
names every part that counts and every file that was taken in, with its digest. A part that it does
not name does not exist: parts are written first, then the description is replaced in one rename,
so that a crash between leaves the history as it was. Rows are ``EXAMINED``, in ``ORDER``; their
``file`` is the number that the history gave the file.

One program at a time grows a history (``hold``); reading needs no leave.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from typing import Annotated, Final, TextIO

import msgspec

from franking.errors import Refusal
from franking.scans.context import BUCKETS

HISTORY_UNREADABLE = Refusal(
    "HISTORY_UNREADABLE",
    clause="policy",
    remedy="Name the folder of a history, or bring the damaged one back from its copy.",
    http_status=500,
)
HISTORY_NOT_WRITABLE = Refusal(
    "HISTORY_NOT_WRITABLE",
    clause="policy",
    remedy="Name a folder that is new, or that of a history, where files can be written.",
    http_status=422,
)
HISTORY_BUSY = Refusal(
    "HISTORY_BUSY",
    clause="policy",
    remedy="Wait until the other night is done: two nights at once would not see each other.",
    http_status=409,
)

ORDER: Final = ("bucket", "device", "ascending")
"""The columns that the rows of each part are sorted by."""
_DESCRIPTION: Final = "history.json"
_LOCK: Final = "history.lock"
_VERSION: Final = 1
_NIGHT: Final = "night="
_BUCKETS_MAX: Final = 1 << 16
WORK: Final = ".work-"
"""How the folders begin in which a history is put in order."""


class NewFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of scans that is about to be taken into the history."""

    name: str
    sha256: str
    rows: int
    """Scans in the file, those that were not signed included."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A file of scans that the history holds."""

    number: int
    night: date
    name: str
    sha256: str
    rows: int


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A Parquet file of the history: some buckets of some files."""

    path: Annotated[str, msgspec.Meta(pattern=rf"\A{_NIGHT}[0-9-]+/[0-9A-Za-z-]+\.parquet\Z")]
    """Below the folder of the history."""
    first_bucket: int
    last_bucket: int
    files: tuple[int, ...]
    """The numbers of the files whose scans it may hold."""
    rows: int


class _Description(msgspec.Struct, frozen=True, kw_only=True):
    version: int = _VERSION
    buckets: Annotated[int, msgspec.Meta(ge=1, le=_BUCKETS_MAX)] = BUCKETS
    number_next: int = 0
    files: tuple[Taken, ...] = ()
    parts: tuple[Part, ...] = ()


class History(msgspec.Struct, frozen=True, kw_only=True):
    """A history as it stood when it was opened."""

    folder: Path
    about: _Description = _Description()

    @classmethod
    def open(cls, folder: Path) -> History:
        """The history in ``folder``; an empty one where there is none yet.

        Raises:
            Refused: ``HISTORY_UNREADABLE``.
        """
        path = folder / _DESCRIPTION
        if not path.exists():
            return _new_in(folder)
        try:
            about = msgspec.json.decode(path.read_bytes(), type=_Description)
        except (OSError, msgspec.MsgspecError) as error:
            raise HISTORY_UNREADABLE.because(f"{path}: {error}") from error
        if about.version != _VERSION:
            raise HISTORY_UNREADABLE.because(f"{path} is of version {about.version}")
        if any(part.last_bucket >= about.buckets for part in about.parts):
            raise HISTORY_UNREADABLE.because(f"{path} names more than its {about.buckets} buckets")
        lost = [part.path for part in about.parts if not (folder / part.path).exists()]
        if lost:
            raise HISTORY_UNREADABLE.because(f"{folder / lost[0]} is not there ({len(lost)} parts)")
        return cls(folder=folder, about=about)

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether there is a history in ``folder``."""
        return (folder / _DESCRIPTION).exists()

    @property
    def buckets(self) -> int:
        """How many buckets its devices are dealt into; written once, when it begins."""
        return self.about.buckets

    @property
    def files(self) -> tuple[Taken, ...]:
        """Every file of scans that it holds, in the order in which they came."""
        return self.about.files

    @property
    def nights(self) -> tuple[date, ...]:
        """The nights that it holds, in order."""
        return tuple(sorted({each.night for each in self.files}))

    @property
    def rows(self) -> int:
        """How many signed scans it holds."""
        return sum(each.rows for each in self.about.parts)

    @property
    def number_next(self) -> int:
        """The number that the next file gets; no number is given twice."""
        return self.about.number_next

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every part that counts."""
        return self.about.parts

    def paths(self, buckets: Collection[int] | None = None) -> tuple[Path, ...]:
        """The Parquet files that may hold scans of these buckets; all, where none are named."""
        return tuple(self.folder / part.path for part in self.parts if _holds(part, buckets))

    def taken(self, sha256: str) -> Taken | None:
        """The file with this digest, where it was taken in before."""
        return next((each for each in self.files if each.sha256 == sha256), None)

    def night_of(self, number: int) -> date:
        """The night of the file with this number.

        Raises:
            Refused: ``HISTORY_UNREADABLE`` where it never held such a file.
        """
        for each in self.files:
            if each.number == number:
                return each.night
        raise HISTORY_UNREADABLE.because(f"{self.folder} knows no file {number}")

    def new_part(self, night: str, *, first_bucket: int, last_bucket: int) -> Path:
        """Where a part may be written, which counts only when ``add`` is told of it."""
        stem = f"buckets-{first_bucket:02d}-{last_bucket:02d}"
        folder = self.folder / f"{_NIGHT}{night}"
        folder.mkdir(parents=True, exist_ok=True)
        names = (folder / f"{stem}-{number:06d}.parquet" for number in count(self.number_next))
        return next(name for name in names if not name.exists())

    def add(self, night: date, files: Sequence[NewFile], parts: Sequence[Part]) -> History:
        """Take in parts that were written at ``new_part``: all at once or not at all.

        Their ``file`` counts from ``number_next``, in the order of ``files``. Done under ``hold``.
        """
        taken = tuple(
            Taken(number=number, night=night, name=each.name, sha256=each.sha256, rows=each.rows)
            for number, each in enumerate(files, start=self.number_next)
        )
        return self.described(
            msgspec.structs.replace(
                self.about,
                number_next=self.number_next + len(taken),
                files=self.files + taken,
                parts=self.parts + tuple(parts),
            )
        )

    def described(self, about: _Description) -> History:
        """Make ``about`` what the folder holds, in one step that a crash cannot halve."""
        known = {part.path for part in self.parts}
        new = [self.folder / part.path for part in about.parts if part.path not in known]
        for path in (*new, *{path.parent for path in new}):
            _to_disk(path)
        beside = self.folder / f"{_DESCRIPTION}.new"
        beside.write_bytes(msgspec.json.encode(about))
        _to_disk(beside)
        beside.replace(self.folder / _DESCRIPTION)
        _to_disk(self.folder)
        return msgspec.structs.replace(self, about=about)

    def swept(self) -> History:
        """The same, when parts that do not count were removed. Done under ``hold``."""
        counting = {self.folder / part.path for part in self.parts}
        for folder in self.folder.glob(f"{_NIGHT}*"):
            for path in set(folder.glob("*.parquet")) - counting:
                path.unlink()
            if not any(folder.iterdir()):
                folder.rmdir()
        for folder in self.folder.glob(f"{WORK}*"):
            shutil.rmtree(folder, ignore_errors=True)
        return self


@contextmanager
def hold(folder: Path) -> Iterator[History]:
    """The history, for the one program that grows it; what a crash left behind is removed.

    Raises:
        Refused: ``HISTORY_BUSY`` where another holds it, ``HISTORY_UNREADABLE``,
            ``HISTORY_NOT_WRITABLE``.
    """
    with _lock_in(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HISTORY_BUSY.because(f"{folder} is being grown by another program") from error
        history = History.open(folder).swept()
        yield history if (folder / _DESCRIPTION).exists() else history.described(history.about)


def _new_in(folder: Path) -> History:
    """A history that begins; it is described before its first part is written.

    Raises:
        Refused: ``HISTORY_UNREADABLE`` where there are parts whose description is lost.
    """
    part = next(folder.glob(f"{_NIGHT}*/*.parquet"), None)
    if part is not None:
        raise HISTORY_UNREADABLE.because(f"{part} is there, and {folder / _DESCRIPTION} is not")
    return History(folder=folder)


def _lock_in(folder: Path) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / _LOCK).open("a")
    except OSError as failure:
        raise HISTORY_NOT_WRITABLE.because(f"{folder}: {failure.strerror}") from failure


def _holds(part: Part, buckets: Collection[int] | None) -> bool:
    if buckets is None:
        return True
    return any(part.first_bucket <= bucket <= part.last_bucket for bucket in buckets)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
