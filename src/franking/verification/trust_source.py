"""Where a publication of the trust list is fetched from: a folder, or a web server.

What is fetched is checked by who asked for it; here only that it is as long as it was said to be.
A download that breaks off goes on where it stopped when it is asked for again.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request, build_opener

from franking.errors import Refusal
from franking.verification.trust_publication import INDEX, INDEX_BYTES_MAX, Offered

_FILE_BYTES_MAX: Final = 4 << 30
"""Fifty million devices: whoever says more wants to fill a disk."""
_CHUNK: Final = 1 << 20
_SECONDS: Final = 30
"""How long a server may be silent."""
_PARTIAL: Final = 206

TRUST_SOURCE_UNREACHABLE = Refusal(
    "TRUST_SOURCE_UNREACHABLE",
    clause="policy",
    remedy="Ask again later: the list at hand stays, and what was fetched is not fetched again.",
    http_status=503,
)
TRUST_SOURCE_UNFIT = Refusal(
    "TRUST_SOURCE_UNFIT",
    clause="policy",
    remedy="Give a folder, or an address that begins with https:// (or http://).",
    http_status=422,
)
TRUST_DOWNLOAD_DAMAGED = Refusal(
    "TRUST_DOWNLOAD_DAMAGED",
    clause="policy",
    remedy="Ask again: the list at hand stays; if it stays so, tell who publishes it.",
    http_status=502,
)


class Source(Protocol):
    """Where files of a publication come from."""

    def index(self) -> bytes:
        """The index of the publication.

        Raises:
            Refused: ``TRUST_SOURCE_UNREACHABLE``.
        """

    def fetch(self, offered: Offered, to: Path) -> int:
        """Bring a file to ``to``, going on with what is there; the bytes that were fetched for it.

        Raises:
            Refused: ``TRUST_SOURCE_UNREACHABLE``, ``TRUST_DOWNLOAD_DAMAGED``.
        """


def source_at(place: str) -> Source:
    """The source at a folder, or at a web address.

    Raises:
        Refused: ``TRUST_SOURCE_UNFIT``.
    """
    if "://" not in place:
        return FolderSource(Path(place))
    if not _is_of_the_web(place):
        raise TRUST_SOURCE_UNFIT.because(f"{place!r} is neither a folder nor a web address")
    return WebSource(place)


def _is_of_the_web(place: str) -> bool:
    try:
        parts = urlsplit(place)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


class FolderSource:
    """A publication in a folder: on a disk that was carried here, or a mounted one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def index(self) -> bytes:
        """The index; see ``Source``."""
        with _reached(self._folder), (self._folder / INDEX).open("rb") as file:
            return file.read(INDEX_BYTES_MAX)

    def fetch(self, offered: Offered, to: Path) -> int:
        """Copy a file; see ``Source``."""
        with _reached(self._folder):
            shutil.copyfile(self._folder / offered.name, to)
        _require_as_offered(offered, to)
        return offered.bytes


class WebSource:
    """A publication on a web server."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/") + "/"
        self._opener = build_opener()

    def index(self) -> bytes:
        """The index; see ``Source``."""
        with _reached(self._address), self._open(INDEX) as response:
            return response.read(INDEX_BYTES_MAX)

    def fetch(self, offered: Offered, to: Path) -> int:
        """Download a file from where it broke off; see ``Source``."""
        there = _length(to)
        fetched = self._append(offered, to)
        if not _is_as_offered(offered, to) and there:
            to.unlink()  # what was there was of something else
            fetched += self._append(offered, to)
        _require_as_offered(offered, to)
        return fetched

    def _append(self, offered: Offered, to: Path) -> int:
        there = _length(to)
        if there >= offered.bytes:
            to.touch()
            return 0
        with _reached(self._address), self._open(offered.name, there) as response:
            goes_on = response.status == _PARTIAL
            with to.open("ab" if goes_on else "wb") as out:
                return _copy(response, out, offered.bytes - (there if goes_on else 0))

    def _open(self, name: str, after: int = 0) -> HTTPResponse:
        headers = {"Range": f"bytes={after}-"} if after else {}
        request = Request(self._address + quote(name), headers=headers)
        return cast(HTTPResponse, self._opener.open(request, timeout=_SECONDS))


def _copy(response: HTTPResponse, out: BinaryIO, most: int) -> int:
    """Copy at most so many bytes, and no more of what a server goes on to say."""
    copied = 0
    while copied < most and (chunk := response.read(min(_CHUNK, most - copied))):
        copied += out.write(chunk)
    return copied


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _require_as_offered(offered: Offered, path: Path) -> None:
    if _is_as_offered(offered, path):
        return
    there = _length(path)
    if there < offered.bytes:
        raise TRUST_SOURCE_UNREACHABLE.because(
            f"{offered.name} broke off after {there} of {offered.bytes} bytes"
        )
    path.unlink()
    raise TRUST_DOWNLOAD_DAMAGED.because(f"{offered.name} is not what the index says")


def _is_as_offered(offered: Offered, path: Path) -> bool:
    if offered.bytes > _FILE_BYTES_MAX or _length(path) != offered.bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == offered.sha256


@contextmanager
def _reached(place: object) -> Iterator[None]:
    try:
        yield
    except HTTPError as error:
        error.close()
        raise TRUST_SOURCE_UNREACHABLE.because(
            f"{error.url}: {error.code} {error.reason}"
        ) from error
    except (OSError, HTTPException, ValueError) as error:  # ValueError: an address that is none
        raise TRUST_SOURCE_UNREACHABLE.because(f"{place}: {error}") from error
