"""A night of scans, verified for a home: with its trust list, its history, and its books after.

Under the trust list of the home itself the night is compared with the home's history and makes
cases in its Postal Service's books. Under a list that was named it is looked at on its own, unless
a history or cases are asked for: other people's mail does not belong in these books.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace as with_changes

from franking.errors import Refusal
from franking.home.home import Home
from franking.home.interim import OUTPUT_NOT_WRITABLE, interim
from franking.home.irregularities import open_cases_of_night, write_known
from franking.home.mail_seen import SCAN_HISTORY
from franking.home.online_nights import learn_online
from franking.home.root_reading import read_root_key
from franking.postal.irregularities.opening import Opened
from franking.scans.context import Context
from franking.scans.intake import NightFiles, Progress, files_in, take_in, unwatched
from franking.scans.night import Engine, Job, NightReport, verify_night
from franking.scans.suspicions import written
from franking.storage import Actor

OUTPUT_IS_INPUT = Refusal(
    "OUTPUT_IS_INPUT",
    clause="policy",
    remedy="Give it a name of its own: scans and verdicts are evidence, and are not written over.",
    http_status=422,
)
KNOWN_NOT_THERE = Refusal(
    "KNOWN_NOT_THERE",
    clause="policy",
    remedy="Name the folder of devices.parquet, totals.parquet, refunds.parquet, offices.parquet.",
    http_status=404,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NightAsked:
    """What is to be verified, by what, and where the result goes."""

    files: tuple[Path, ...]
    out: Path
    picture: Path | None = None
    """A picture that the caller draws when the night is over; seen to here, before it begins."""
    trust: Path | None = None
    root: Path | None = None
    known: Path | None = None
    """The folder of what is known beside the scans; without, the home's own books are asked."""
    history: Path | None = None
    keep: bool = True
    """Whether the history takes the night in."""
    cases: bool | None = None
    """Whether cases are opened; ``None`` leaves it to whose trust list it is."""
    night: date | None = None
    """The day of the night, where its scans do not say it."""
    rulebook: str = "ibip-1997"
    scratch: Path | None = None
    """Where interim files go, as large as the scans; else beside the verdicts. On a cluster every
    worker has to see it under this path."""

    @property
    def is_own(self) -> bool:
        """Whether the home's own trust list is used."""
        return self.trust is None


@dataclass(frozen=True, slots=True, kw_only=True)
class NightDone:
    """What came of it."""

    files: NightFiles
    report: NightReport
    suspicions: Path
    """The evidence, for ``franking cases take`` elsewhere."""
    opened: Opened | None
    """The cases; ``None`` where none were to be opened."""
    history: Path | None


def history_of(home: Home) -> Path:
    """Where a home keeps the pieces that its nights have seen."""
    return home.folder / "postal" / SCAN_HISTORY


def look_through(home: Home, asked: NightAsked, progress: Progress = unwatched) -> NightFiles:
    """Take the files in and judge nothing: what they are like, and how many rows they have.

    Raises:
        Refused: ``SCANS_NOT_THERE``, ``OUTPUT_NOT_WRITABLE``, ``OUTPUT_IS_INPUT``,
            ``OUTPUT_BUSY``, and what the trust list refuses.
    """
    context_of(home, asked)
    with _scratch(asked) as scratch:
        return _taken_in(home, asked, scratch, progress)


def verify_files(
    home: Home,
    asked: NightAsked,
    engine: Engine,
    *,
    by: Actor | None = None,
    progress: Progress = unwatched,
) -> NightDone:
    """Verify a night: verdicts and evidence beside each other, the history grown, cases opened.

    Raises:
        Refused: as ``look_through`` and ``verify_night``.
    """
    context = context_of(home, asked)
    history = asked.history or (history_of(home) if asked.is_own else None)
    with _scratch(asked) as scratch:
        files = _taken_in(home, asked, scratch, progress)
        known = _known(home, asked, files, scratch)
        _learn_online(home, asked)
        job = Job(
            files=files,
            context=replace(context, wrong_clocks=files.wrong_clocks, known=known),
            out=asked.out,
            scratch=scratch,
            history=None if history is None else history.resolve(),
            keep=asked.keep,
        )
        report = verify_night(job, engine, progress)
        suspicions = _put_beside(asked.out, written(report.evidence))
    return NightDone(
        files=files,
        report=report,
        suspicions=suspicions,
        opened=_cases(home, asked, report, by, progress),
        history=history,
    )


def context_of(home: Home, asked: NightAsked) -> Context:
    """What the night is judged with.

    Raises:
        Refused: ``NO_TRUST_LIST``, ``ROOT_KEY_UNREADABLE``, or what the list refuses.
    """
    home.trust_list(asked.trust, asked.root)
    listed, pinned = home.believed(asked.trust, asked.root)
    root = read_root_key(pinned)
    if asked.known is not None and not asked.known.is_dir():
        raise KNOWN_NOT_THERE.because(f"there is no folder {asked.known}")
    return Context(
        trust_list=listed.resolve(),
        root_public_key=root.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        now=home.now,
        rulebook=asked.rulebook,
    )


def _known(home: Home, asked: NightAsked, files: NightFiles, scratch: Path) -> Path | None:
    """What is known beside the scans: as named, else what the home's own books know."""
    if asked.known is not None:
        return asked.known.resolve()
    if not _has_books(home, asked):
        return None
    folder = scratch / "known"
    write_known(home, folder, through=files.night)
    return folder


def _learn_online(home: Home, asked: NightAsked) -> None:
    """Have the home's history know what its desks saw on-line, before tonight is compared."""
    if asked.keep and asked.history is None and _has_books(home, asked):
        learn_online(home.postal.books, history_of(home))


def _has_books(home: Home, asked: NightAsked) -> bool:
    return asked.is_own and home.own_trust_list.exists()


def _taken_in(home: Home, asked: NightAsked, scratch: Path, progress: Progress) -> NightFiles:
    files = take_in(asked.files, scratch=scratch, now=home.now, progress=progress)
    return files if asked.night is None else replace(files, night=asked.night)


@contextmanager
def _scratch(asked: NightAsked) -> Iterator[Path]:
    """A folder of its own, beside the verdicts where none is named; gone afterwards."""
    _see_to_outputs(asked)
    where = asked.out.resolve().parent if asked.scratch is None else asked.scratch.resolve()
    with interim(where, asked.out) as scratch:
        yield scratch


def _see_to_outputs(asked: NightAsked) -> None:
    """Refuse before the work what could not be written after it, or would write over evidence."""
    taken = {path.resolve(): "among the files of scans" for path in files_in(asked.files)}
    for path in filter(None, (asked.out, asked.picture)):
        whole = path.resolve()
        if whole in taken:
            raise OUTPUT_IS_INPUT.because(f"{path} is {taken[whole]}")
        if whole.is_dir() or not os.access(whole.parent, os.W_OK):
            raise OUTPUT_NOT_WRITABLE.because(f"{path} cannot be written")
        taken[whole] = "the file of verdicts"


def _put_beside(out: Path, data: bytes) -> Path:
    beside = out.with_suffix(".suspicions.json")
    new = beside.with_name(f"{beside.name}.new")
    new.write_bytes(data)
    return new.replace(beside)


def _cases(
    home: Home, asked: NightAsked, report: NightReport, by: Actor | None, progress: Progress
) -> Opened | None:
    if not (_has_books(home, asked) if asked.cases is None else asked.cases):
        return None
    total, done = len(report.evidence.suspicions), 0

    def step(count: int) -> None:
        nonlocal done
        done += count
        progress("opening cases", done, total)

    evidence = with_changes(report.evidence, told_by=_told_by(home, asked))
    return open_cases_of_night(home, evidence, by=by, progress=step)


def _told_by(home: Home, asked: NightAsked) -> str:
    """Whose word the night rests on, where it was judged under a root that is not the home's."""
    own, (_, pinned) = home.own_root_key, home.believed(asked.trust, asked.root)
    if own.exists() and read_root_key(own) == read_root_key(pinned):
        return ""
    return f"a trust list under a root key of somebody else, {pinned.name}"
