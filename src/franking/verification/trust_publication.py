"""A folder of the newest trust list as it is published: whole, as a status set, and as deltas.

Static files that any web server can hand out; none is believed for where it comes from::

    index.json              what is here; put in place last
    trust-12.list           the list, with every key
    status-12, endings-12   how every certificate stands, and how those ended (``trust_status``)
    delta-9-12              from list 9 to this one (``trust_delta``), for each recent list

What the publication before this one named stays until the next, for who is still fetching it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from franking.clock import instant_text
from franking.errors import Refusal, Refused
from franking.messages.signing import Signer
from franking.verification.trust_delta import Delta, combine, difference, read_delta
from franking.verification.trust_list import TrustList
from franking.verification.trust_status import Fit, build_status, read_status

INDEX: Final = "index.json"
INDEX_BYTES_MAX: Final = 1 << 20
_FORMAT: Final = "franking-trust-1"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")

TRUST_INDEX_UNREADABLE = Refusal(
    "TRUST_INDEX_UNREADABLE",
    clause="policy",
    remedy="Point to where franking trust publish --to wrote, or what a web server gives of it.",
    http_status=422,
)
TRUST_PUBLICATION_NEWER = Refusal(
    "TRUST_PUBLICATION_NEWER",
    clause="policy",
    remedy="Publish into another folder: no list is ever followed by an older one.",
)


class Offered(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of a publication; its size and digest are to notice a broken download by."""

    name: str
    bytes: int
    sha256: str


class OfferedDelta(Offered, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A delta from the list numbered ``base`` to the newest."""

    base: int


class Index(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a publication offers. Unsigned: it only says what to fetch."""

    format: str
    number: int
    certificates: int
    issued: str
    next_issue: str
    root_digest: str
    """``TrustList.root_digest`` in hexadecimal."""
    whole: Offered
    status: Offered
    endings: Offered
    deltas: tuple[OfferedDelta, ...]

    @property
    def offered(self) -> tuple[Offered, ...]:
        """Every file named here."""
        return (self.whole, self.status, self.endings, *self.deltas)

    def delta_from(self, number: int) -> OfferedDelta | None:
        """The delta from the list of that number."""
        return next((each for each in self.deltas if each.base == number), None)


def read_index(data: bytes) -> Index:
    """The index of a publication.

    Raises:
        Refused: ``TRUST_INDEX_UNREADABLE``.
    """
    try:
        index = msgspec.json.decode(data, type=Index)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TRUST_INDEX_UNREADABLE.because(
            f"this is no index of a trust list: {error}"
        ) from error
    odd = [each.name for each in index.offered if not _NAME.fullmatch(each.name) or each.bytes < 0]
    if index.format != _FORMAT or odd:
        raise TRUST_INDEX_UNREADABLE.because(f"it names {odd[0]!r}" if odd else "of another format")
    return index


def publish_to(
    folder: Path,
    listed: Path,
    signer: Signer,
    root_public_key: EllipticCurvePublicKey,
    *,
    recent: int,
) -> Index:
    """Put the list in the file ``listed`` into ``folder``, with deltas from ``recent`` others.

    ``signer`` holds the root key: it signs the status set.

    Raises:
        Refused: ``TRUST_PUBLICATION_NEWER``, or what the list refuses.
        OSError: ``folder`` cannot be written; what was published before stands.
    """
    folder.mkdir(parents=True, exist_ok=True)
    newest, former = TrustList.open_alone(listed, root_public_key), _former(folder)
    if former is not None and former.number >= newest.issue.number:
        raise TRUST_PUBLICATION_NEWER.because(f"{folder} holds list {former.number} already")
    deltas = list(_deltas(folder, former, newest, root_public_key))[-recent:]
    fits = _fits(folder, former, newest, root_public_key)[-recent:]
    index = _written(folder, newest, deltas, fits, signer)
    _put(folder, INDEX, msgspec.json.format(msgspec.json.encode(index)))
    _drop_old(folder, index, former)
    return index


def _written(
    folder: Path, newest: TrustList, deltas: Sequence[Delta], fits: Sequence[Fit], signer: Signer
) -> Index:
    issue = newest.issue
    status, endings = build_status(
        newest.standing,
        fits,
        signer,
        number=issue.number,
        issued=issue.issued,
        next_issue=issue.next_issue,
    )
    return Index(
        format=_FORMAT,
        number=issue.number,
        certificates=newest.count,
        issued=instant_text(issue.issued),
        next_issue=instant_text(issue.next_issue),
        root_digest=newest.root_digest.hex(),
        whole=_put(folder, f"trust-{issue.number}.list", newest.whole),
        status=_put(folder, f"status-{issue.number}", status),
        endings=_put(folder, f"endings-{issue.number}", endings),
        deltas=tuple(_put_delta(folder, delta) for delta in deltas),
    )


def _deltas(
    folder: Path, former: Index | None, newest: TrustList, root: EllipticCurvePublicKey
) -> Iterator[Delta]:
    """From each list that the former publication led on from, and from its own; oldest first.

    One that has grown longer than the list itself is of no use, nor is what cannot be read.
    """
    if former is None:
        return
    try:
        step = difference(TrustList.open_alone(folder / former.whole.name, root), newest)
    except Refused:
        return
    for offered in former.deltas:
        before = _readable(folder / offered.name)
        if before is not None and len(before.rows) < newest.count:
            yield combine(before, step)
    if len(step.rows) < newest.count:
        yield step


def _readable(path: Path) -> Delta | None:
    try:
        return read_delta(path.read_bytes())
    except (OSError, Refused):
        return None


def _fits(
    folder: Path, former: Index | None, newest: TrustList, root: EllipticCurvePublicKey
) -> list[Fit]:
    """The lists whose certificates the newest begins with, itself last."""
    own = Fit(number=newest.issue.number, certificates=newest.count, rows_digest=newest.rows_digest)
    if former is None:
        return [own]
    try:
        before = read_status((folder / former.status.name).read_bytes(), root).fits
    except (OSError, Refused):
        return [own]
    return [*(fit for fit in before if _begins_with(newest, fit)), own]


def _begins_with(newest: TrustList, fit: Fit) -> bool:
    short_enough = fit.certificates <= newest.count
    return short_enough and newest.rows_digest_of_first(fit.certificates) == fit.rows_digest


def _former(folder: Path) -> Index | None:
    try:
        return read_index((folder / INDEX).read_bytes())
    except FileNotFoundError:
        return None


def _put_delta(folder: Path, delta: Delta) -> OfferedDelta:
    put = _put(folder, f"delta-{delta.base_number}-{delta.number}", delta.to_bytes())
    return OfferedDelta(base=delta.base_number, **msgspec.structs.asdict(put))


def _put(folder: Path, name: str, data: bytes | memoryview) -> Offered:
    """Write a file that is there whole, or not at all."""
    fresh = folder / f"{name}.new"
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / name)
    return Offered(name=name, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def _drop_old(folder: Path, index: Index, former: Index | None) -> None:
    """Take away what neither this publication nor the one before it names."""
    named = {each.name for one in (index, former) if one is not None for each in one.offered}
    ours = re.compile(r"(trust-\d+\.list|(status|endings)-\d+|delta-\d+-\d+)(\.new)?")
    for path in folder.iterdir():
        if ours.fullmatch(path.name) and path.name not in named:
            path.unlink()
