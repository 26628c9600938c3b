"""Bringing a verifier's trust list up to date: the smallest download that leads to the newest.

A verifier keeps the newest list that it has seen, the root key that it pinned, and the number of
that list, so that nobody can offer it an older one. Whatever is fetched is checked in full under
the pinned root before it takes the place of what is there; until then nothing changes.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from franking.errors import Refusal, Refused
from franking.verification.trust_delta import apply, read_delta
from franking.verification.trust_list import LIST, TrustList, status_beside
from franking.verification.trust_publication import Index, Offered, read_index
from franking.verification.trust_source import Source
from franking.verification.trust_status import read_status

_SEEN: Final = "newest.json"
_INCOMING: Final = "incoming"

TRUST_LIST_OLDER = Refusal(
    "TRUST_LIST_OLDER",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Ask who publishes it for the newest list; the one at hand stays.",
)
TRUST_LIST_OTHER = Refusal(
    "TRUST_LIST_OTHER",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Tell the Postal Service: two lists of one number mean that somebody misuses its key.",
)
TRUST_UPDATE_UNDER_WAY = Refusal(
    "TRUST_UPDATE_UNDER_WAY",
    clause="policy",
    remedy="Wait for the other update, then ask again.",
    http_status=503,
)
TRUST_LIST_NOT_KEPT = Refusal(
    "TRUST_LIST_NOT_KEPT",
    clause="policy",
    remedy="Make room, or the folder writable, and ask again; the list at hand stays.",
    http_status=507,
)


class Way(StrEnum):
    """How an update came."""

    NOTHING_NEW = "nothing new"
    DELTA = "delta"
    WHOLE = "whole list"
    STATUS = "status set"


class Updated(msgspec.Struct, frozen=True, kw_only=True):
    """What an update did."""

    way: Way
    before: int | None
    """The number of the list before it; ``None`` where there was none."""
    trust: TrustList
    fetched_bytes: int


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The newest issue that was ever taken here."""

    number: int
    root_digest: str
    """That of the list; empty where only its status set was taken."""


class TrustStore:
    """A verifier's folder, with the root key that it pinned."""

    def __init__(self, folder: Path, root_public_key: EllipticCurvePublicKey) -> None:
        self.folder = folder
        self._root = root_public_key

    @property
    def path(self) -> Path:
        """Where the list lies; its newer status set, if any, beside it."""
        return self.folder / LIST

    def update(self, source: Source, *, status_only: bool = False) -> Updated:
        """Take the newest that ``source`` offers: a delta where there is one, else the whole list.

        ``status_only``: the status set alone, over the keys at hand.

        Raises:
            Refused: ``TRUST_LIST_OLDER``, ``TRUST_LIST_OTHER``, ``TRUST_UPDATE_UNDER_WAY``,
                ``TRUST_LIST_NOT_KEPT``, what the source refuses, what the list or the status set
                refuses. What was there stays.
        """
        with _kept(self.folder), self._alone():
            before, index = self._at_hand(), read_index(source.index())
            self._require_newest(index.number, index.root_digest)
            if before is not None and self._is_up_to_date(before, index, status_only):
                return self._updated(Way.NOTHING_NEW, before, 0)
            if status_only:
                return self._updated(Way.STATUS, before, self._take_status(source, index))
            return self._take_keys(source, index, before)

    def _take_keys(self, source: Source, index: Index, before: TrustList | None) -> Updated:
        fetched = self._take_delta(source, index)
        if fetched is not None:
            return self._updated(Way.DELTA, before, fetched)
        return self._updated(Way.WHOLE, before, self._take_whole(source, index))

    def _take_delta(self, source: Source, index: Index) -> int | None:
        """Lay the delta on, where there is a list and a delta that leads on from it."""
        base = self._keys_at_hand()
        offered = None if base is None else index.delta_from(base.issue.number)
        if base is None or offered is None:
            return None
        file, fetched = self._fetched(source, offered)
        fresh = self._incoming(f"{LIST}.made")
        try:
            with fresh.open("wb") as out:
                apply(read_delta(file.read_bytes()), base, out, self._root)
            self._install(fresh, index)
        except Refused:  # it does not lead there; the whole list does
            fresh.unlink(missing_ok=True)
            return None
        finally:
            file.unlink(missing_ok=True)
        return fetched

    def _keys_at_hand(self) -> TrustList | None:
        with suppress(Refused):
            return TrustList.open_alone(self.path, self._root)
        return None

    def _take_whole(self, source: Source, index: Index) -> int:
        file, fetched = self._fetched(source, index.whole)
        try:
            self._install(file, index)
        except Refused:
            file.unlink(missing_ok=True)
            raise
        return fetched

    def _install(self, file: Path, index: Index) -> None:
        """Put a list in place of the one at hand, once every block of it was checked."""
        fresh = TrustList.open_alone(file, self._root)
        fresh.columns()
        digest = fresh.root_digest.hex()
        self._require_newest(fresh.issue.number, digest)
        if (fresh.issue.number, digest) != (index.number, index.root_digest):
            raise TRUST_LIST_OTHER.because(f"list {index.number} is not the one that was announced")
        _put(file, self.path)
        self._note(Seen(number=index.number, root_digest=digest))
        status_beside(self.path).unlink(missing_ok=True)

    def _take_status(self, source: Source, index: Index) -> int:
        base = TrustList.open_alone(self.path, self._root)
        parts = [self._fetched(source, each) for each in (index.status, index.endings)]
        data = b"".join(file.read_bytes() for file, _ in parts)
        for file, _ in parts:
            file.unlink()
        status = read_status(data, self._root)
        self._require_newest(status.number, "")
        base.with_status(status)
        fresh = self._incoming("status.made")
        fresh.write_bytes(data)
        _put(fresh, status_beside(self.path))
        if status.number > self._seen.number:
            self._note(Seen(number=status.number, root_digest=""))
        return sum(fetched for _, fetched in parts)

    def _updated(self, way: Way, before: TrustList | None, fetched: int) -> Updated:
        number = None if before is None else before.issue.number
        trust = TrustList.open(self.path, self._root)
        return Updated(way=way, before=number, trust=trust, fetched_bytes=fetched)

    def _at_hand(self) -> TrustList | None:
        """The list at hand; none where it cannot be believed, so that it is fetched anew."""
        try:
            at_hand = TrustList.open(self.path, self._root)
        except Refused:
            return None
        if at_hand.issue.number > self._seen.number:  # it was carried here by hand
            self._note(Seen(number=at_hand.issue.number, root_digest=""))
        return at_hand

    def _is_up_to_date(self, before: TrustList, index: Index, status_only: bool) -> bool:
        if before.issue.number != index.number:
            return False
        return status_only or before.issue.keys_number is None

    def _require_newest(self, number: int, root_digest: str) -> None:
        seen = self._seen
        if number < seen.number:
            raise TRUST_LIST_OLDER.because(
                f"list {number} is offered, and {seen.number} was here already"
            )
        known = number == seen.number and seen.root_digest and root_digest
        if known and root_digest != seen.root_digest:
            raise TRUST_LIST_OTHER.because(f"list {number} was here already, and said otherwise")

    @property
    def _seen(self) -> Seen:
        """The newest issue that was here, also where its file is gone."""
        try:
            return msgspec.json.decode((self.folder / _SEEN).read_bytes(), type=Seen)
        except (FileNotFoundError, msgspec.DecodeError):
            return Seen(number=0, root_digest="")

    def _note(self, seen: Seen) -> None:
        fresh = self._incoming(_SEEN)
        fresh.write_bytes(msgspec.json.encode(seen))
        _put(fresh, self.folder / _SEEN)

    def _fetched(self, source: Source, offered: Offered) -> tuple[Path, int]:
        """A file brought here, and how much of it came just now."""
        to = self._incoming(offered.name)
        for other in to.parent.iterdir():
            if other.name.split("-")[0] == offered.name.split("-")[0] and other != to:
                other.unlink()  # of an update that broke off, and is not wanted any more
        return to, source.fetch(offered, to)

    def _incoming(self, name: str) -> Path:
        folder = self.folder / _INCOMING
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._incoming(".lock")).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise TRUST_UPDATE_UNDER_WAY.because(f"{self.folder} is being updated") from error
            yield


def _put(file: Path, place: Path) -> None:
    """Move a file into place so that it is there after a crash, too."""
    with file.open("rb") as written:
        os.fsync(written.fileno())
    file.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _kept(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TRUST_LIST_NOT_KEPT.because(f"{folder}: {error.strerror or error}") from error
