"""Verification of indicia in files: scans, photographs, PDF, or bare bytes.

From an image, a false signature counts as proof only when two different looks gave the same bytes;
a single look may be wrong. Every symbol on a page is verified, and several on one piece, or one
indicium on several, are reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import msgspec

from franking import rules
from franking.errors import Refused
from franking.indicium.profiles import Profile, decode
from franking.verification import pages
from franking.verification.copies import copies_noted
from franking.verification.facts import NOTHING_KNOWN, Facts
from franking.verification.faults import Fault, passed
from franking.verification.payload import (
    Verification,
    verify_nothing,
    verify_payload,
    with_fault,
)
from franking.verification.read import Place, Read, read_symbols
from franking.verification.reasons import LOOKS_SURE, Reason
from franking.verification.steps import signature_step
from franking.verification.trust_list import TrustList
from franking.verification.verdict import Outcome, Step

__all__ = [
    "Verification",
    "copies_noted",
    "payloads_in",
    "verify_each",
    "verify_file",
    "verify_page",
    "verify_payload",
]

_PAYLOAD_FILE_BYTES_MAX = 4096


def verify_file(
    path: Path, trust: TrustList, now: datetime, facts: Facts = NOTHING_KNOWN
) -> tuple[Verification, ...]:
    """Verify every indicium in a PNG, JPEG, TIFF or PDF, or the bytes in a file, raw or in hex.

    One verification for each symbol, at least one for a file: nothing read is undetermined. Two
    true indicia in the file that share value leave both undetermined.

    Raises:
        Refused: ``FILE_UNREADABLE`` where there is no such file, ``TRUST_LIST_DAMAGED``,
            ``RULEBOOK_UNKNOWN``; never for what the file holds.
    """
    return copies_noted(tuple(verify_each(path, trust, now, facts)))


def verify_each(
    path: Path, trust: TrustList, now: datetime, facts: Facts = NOTHING_KNOWN
) -> Iterator[Verification]:
    """As ``verify_file``, one after another, for files of many pages; copies are not compared."""
    data = pages.file_bytes(path)
    payload = _payload_in(data)
    if payload is not None:
        yield verify_payload(payload, trust, now, facts, file=str(path))
        return
    try:
        yield from _verify_pages(data, path, trust, now, facts)
    except Refused as refused:
        if refused.refusal not in (pages.FILE_UNREADABLE, pages.IMAGE_TOO_LARGE):
            raise
        yield verify_nothing(Fault(Reason(refused.code), refused.detail), trust, now, str(path))


def payloads_in(path: Path) -> tuple[bytes, ...]:
    """The bytes of every symbol in a file, page by page, or those that the file holds; unjudged.

    Raises:
        Refused: ``FILE_UNREADABLE``, ``IMAGE_TOO_LARGE``.
    """
    data = pages.file_bytes(path)
    payload = _payload_in(data)
    if payload is not None:
        return (payload,)
    return tuple(
        _most_read(place.reads).payload
        for page in pages.pages(data)
        for place in read_symbols(page.pixels, bool)
        if place.reads
    )


def _payload_in(data: bytes) -> bytes | None:
    """The bytes of an indicium, where the file holds them and no picture, raw or in hexadecimal."""
    if pages.is_pdf(data) or pages.is_image(data) or len(data) > _PAYLOAD_FILE_BYTES_MAX:
        return None
    try:
        return _hexadecimal(data.decode("ascii")) or None
    except ValueError:
        return data if decode(data).profile is not Profile.UNKNOWN else None


def _hexadecimal(text: str) -> bytes:
    """The bytes; ``#`` begins a comment line, and notes may follow after an empty line."""
    lines = "\n".join(line.strip() for line in text.splitlines() if not line.startswith("#"))
    try:
        return bytes.fromhex(lines)
    except ValueError:
        return bytes.fromhex(lines.strip().partition("\n\n")[0])


def _verify_pages(
    data: bytes, path: Path, trust: TrustList, now: datetime, facts: Facts
) -> Iterator[Verification]:
    found = False
    for page in pages.pages(data):
        for verification in verify_page(page, trust, now, facts, file=str(path)):
            found = True
            yield msgspec.structs.replace(verification, page=page.number)
    if not found:
        fault = Fault(Reason.ILLEGIBLE, "no symbol could be read")
        yield verify_nothing(fault, trust, now, str(path))


def verify_page(
    page: pages.Page,
    trust: TrustList,
    now: datetime,
    facts: Facts = NOTHING_KNOWN,
    *,
    file: str = "",
) -> list[Verification]:
    """Verify every indicium on one page, from the top down; none, where no symbol is seen.

    Symbols that are no indicium of any kind are left out where there is an indicium.
    """

    def settled(reads: Sequence[Read]) -> bool:
        return bool(reads) and (_checks_out(reads[-1], trust) or _confirmed(reads))

    places = read_symbols(page.pixels, settled)
    judged = [_verify_place(place, trust, now, facts, file) for place in places]
    indicia = [one for one in judged if not _is_foreign(one)] or judged
    several = sum(one.indicium is not None for one in indicia)
    if several > 1 and not _is_sheet(page, facts.rulebook, now.date()):
        fault = Fault(Reason.MORE_THAN_ONE_INDICIUM, f"{several} indicia on one piece")
        return [with_fault(one, fault) for one in indicia]
    return indicia


def _verify_place(
    place: Place, trust: TrustList, now: datetime, facts: Facts, file: str
) -> Verification:
    if not place.reads:
        where = f"{place.box.left:.0f}, {place.box.top:.0f}"
        reason = f"the {place.symbology} symbol at {where} could not be read"
        return verify_nothing(Fault(Reason.ILLEGIBLE, reason), trust, now, file)
    true = [read for read in place.reads if _checks_out(read, trust)]
    best = true[0] if true else _most_read(place.reads)
    looks = sorted({read.look for read in place.reads if read.payload == best.payload})
    return verify_payload(
        best.payload,
        trust,
        now,
        facts,
        file=file,
        read=_read_step(best, looks),
        certain=bool(true) or len(looks) >= LOOKS_SURE,
    )


def _read_step(read: Read, looks: Sequence[str]) -> Step:
    grade = f", unused error correction {read.error_correction_left}"
    seen = f"{read.symbology} read {' and '.join(looks)}"
    return passed("read", seen + grade if read.error_correction_left else seen)


def _most_read(reads: Sequence[Read]) -> Read:
    """The reading that most looks agree on, the earliest of those."""
    counts = Counter(read.payload for read in reads)
    return max(reads, key=lambda read: counts[read.payload])


def _checks_out(read: Read, trust: TrustList) -> bool:
    """Whether a reading is beyond doubt, its signature being true."""
    decoded = decode(read.payload)
    if decoded.content is None or decoded.problems:
        return False
    key = trust.find(decoded.content.certificate_serial)
    if key is None:
        return False
    return signature_step(read.payload, key.public_key).outcome is Outcome.PASSED


def _confirmed(reads: Sequence[Read]) -> bool:
    """Whether two different looks gave the bytes of the latest reading."""
    latest = reads[-1]
    return any(
        other.payload == latest.payload and other.look != latest.look for other in reads[:-1]
    )


def _is_foreign(verification: Verification) -> bool:
    """Whether it is a symbol of something else than postage."""
    indicium = verification.indicium
    return indicium is not None and indicium.profile is Profile.UNKNOWN


def _is_sheet(page: pages.Page, rulebook: str, on: date) -> bool:
    """Whether the page is larger than a letter both ways, so that it may hold several pieces."""
    highest = rules.length("indicium", rulebook, on, "letter_height_max_inches")
    return page.inches is not None and min(page.inches) > highest
