"""The folder of interim files of a night: one for each file of verdicts, however its work ends.

It has the name that its verdicts give it, and is held while they are made. What a night leaves
that was ended from outside is found by the next one, which begins by clearing it away; and two
nights at once cannot write one file of verdicts.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from franking.errors import Refusal

OUTPUT_NOT_WRITABLE = Refusal(
    "OUTPUT_NOT_WRITABLE",
    clause="policy",
    remedy="Name a file with --out in a folder that is there and can be written.",
    http_status=422,
)
OUTPUT_BUSY = Refusal(
    "OUTPUT_BUSY",
    clause="policy",
    remedy="Wait until the other night is done, or give this one another --out.",
    http_status=409,
)
NIGHT_NOT_WRITTEN = Refusal(
    "NIGHT_NOT_WRITTEN",
    clause="policy",
    remedy="Make room where the verdicts, their interim files and the history go, then verify the"
    " night again.",
    http_status=507,
)
_LOCK: Final = "lock"
_NAME_SIGNS: Final = 12
_OWN: Final = 0o700


@contextmanager
def interim(where: Path, out: Path) -> Iterator[Path]:
    """An empty folder in ``where``, for whoever makes ``out``; gone afterwards.

    Raises:
        Refused: ``OUTPUT_BUSY`` where another is making it, ``OUTPUT_NOT_WRITABLE``, and
            ``NIGHT_NOT_WRITTEN`` where a disk is full, or fails, while it is made.
    """
    folder = where / f".night-{_name_of(out)}"
    with _opened(folder) as lock:
        _hold(lock, folder, out)
        try:
            yield _empty(folder / "work")
        except OSError as failure:
            raise NIGHT_NOT_WRITTEN.because(failure.strerror or str(failure)) from failure
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _name_of(out: Path) -> str:
    return hashlib.sha256(os.fsencode(out.resolve())).hexdigest()[:_NAME_SIGNS]


def _opened(folder: Path) -> IO[str]:
    try:
        folder.mkdir(mode=_OWN, exist_ok=True)  # copies of scans name delivery points
        return (folder / _LOCK).open("a")
    except OSError as failure:
        raise OUTPUT_NOT_WRITABLE.because(f"{folder}: {failure.strerror}") from failure


def _hold(lock: IO[str], folder: Path, out: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_there = os.path.samestat(os.fstat(lock.fileno()), (folder / _LOCK).stat())
    except (BlockingIOError, FileNotFoundError):
        is_there = False
    if not is_there:  # whoever held it is at work, or just cleared it away
        raise OUTPUT_BUSY.because(f"another program is making {out}")


def _empty(folder: Path) -> Path:
    """The folder with nothing in it, whatever was left there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
