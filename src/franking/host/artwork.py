"""The artwork register: what may be printed beside an indicium, and who allowed it.

Content comes from the Provider, names the mailer or says that it is the mailer's message, and is
approved before it is printed (DMM P050.4.10; 39 CFR 502.21(d) of 1997). Whether art is obscene,
defamatory, deceptive or advocates unlawful acts is judged by the approving office, not here.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select, update

from franking import rules
from franking.clock import instant_text
from franking.errors import Refusal
from franking.host.artwork_records import ARTWORK_TRANSITIONS, ArtworkStatus, RegisteredArtwork
from franking.host.books import ARTWORK
from franking.identifiers import record_id
from franking.marks.advertising import ARTWORK_NOT_APPROVED, Artwork, advertisement
from franking.marks.geometry import Drawing
from franking.storage.books import Books, Reading, Work
from franking.storage.journal import Act

ARTWORK_UNKNOWN = Refusal(
    "ARTWORK_UNKNOWN",
    clause="DMM P050.4.10 (1997)",
    remedy="Get the artwork from the provider and register it first.",
    http_status=404,
)
ARTWORK_MOVE_NOT_ALLOWED = Refusal(
    "ARTWORK_MOVE_NOT_ALLOWED",
    clause="39 CFR 502.21(d) (1997)",
    remedy="Submit the artwork, then record the decision on it; refused art needs new art.",
)
ARTWORK_SOURCE_MISSING = Refusal(
    "ARTWORK_SOURCE_MISSING",
    clause="DMM P050.4.10 (1997)",
    remedy="Name the authorized provider that supplied the content.",
    http_status=422,
)

_CLAUSES = ("DMM P050.4.10 (1997)", "39 CFR 502.21(d) (1997)")


def register_artwork(
    books: Books,
    *,
    artwork_id: str,
    title: str,
    mailer_name: str,
    lines: tuple[str, ...],
    supplied_by: str,
    now: datetime,
) -> RegisteredArtwork:
    """Put a draft in the register. The same art under the same id again changes nothing.

    Raises:
        Refused: ``ARTWORK_SOURCE_MISSING``, or ``ARTWORK_MOVE_NOT_ALLOWED`` for other art.
    """
    if not supplied_by.strip():
        raise ARTWORK_SOURCE_MISSING.because(f"nobody supplied {artwork_id!r}")
    art = RegisteredArtwork(
        artwork_id=artwork_id,
        title=title,
        mailer_name=mailer_name,
        lines=lines,
        digest=_digest(mailer_name, lines),
        supplied_by=supplied_by,
    )
    with books.work(now, "register_artwork") as work:
        found = _find(work, artwork_id)
        if found is None:
            work.write(insert(ARTWORK).values(_row(art)))
            work.record(_act("register_artwork", artwork_id, digest=art.digest))
        elif found.digest != art.digest:
            raise ARTWORK_MOVE_NOT_ALLOWED.because(f"{artwork_id!r} is the id of other artwork")
    return artwork(books, artwork_id)


def submit_artwork(books: Books, artwork_id: str, *, now: datetime) -> RegisteredArtwork:
    """Ask for approval.

    Raises:
        Refused: ``ARTWORK_UNKNOWN``, ``ARTWORK_MOVE_NOT_ALLOWED``.
    """
    return _move(books, artwork_id, ArtworkStatus.SUBMITTED, now=now)


def approve_artwork(
    books: Books, artwork_id: str, *, approval_id: str, now: datetime
) -> RegisteredArtwork:
    """Record the prior approval that the Provider obtained.

    Raises:
        Refused: ``ARTWORK_UNKNOWN``, ``ARTWORK_NOT_APPROVED`` without an approval id, or
            ``ARTWORK_MOVE_NOT_ALLOWED``.
    """
    if not approval_id.strip():
        raise ARTWORK_NOT_APPROVED.because(f"no approval id for {artwork_id!r}")
    return _move(books, artwork_id, ArtworkStatus.APPROVED, now=now, approval_id=approval_id)


def refuse_artwork(
    books: Books, artwork_id: str, *, reason: str, now: datetime
) -> RegisteredArtwork:
    """Record that approval was refused, or taken back.

    Raises:
        Refused: ``ARTWORK_UNKNOWN``, ``ARTWORK_MOVE_NOT_ALLOWED``.
    """
    return _move(books, artwork_id, ArtworkStatus.REFUSED, now=now, reason=reason)


def artwork(books: Books, artwork_id: str) -> RegisteredArtwork:
    """The artwork of that id, whatever its status.

    Raises:
        Refused: ``ARTWORK_UNKNOWN``.
    """
    with books.reading() as reading:
        return _required(reading, artwork_id)


def printable_artwork(
    books: Books,
    artwork_id: str,
    *,
    width_in: float,
    height_in: float,
    rulebook: str,
    now: datetime,
) -> Drawing:
    """Approved artwork as it is printed, with the mailer's name or the words that replace it.

    Raises:
        Refused: ``ARTWORK_UNKNOWN``, ``ARTWORK_NOT_APPROVED``, ``ARTWORK_DOES_NOT_FIT``.
    """
    art = artwork(books, artwork_id)
    if art.status is not ArtworkStatus.APPROVED:
        raise ARTWORK_NOT_APPROVED.because(f"artwork {artwork_id!r} is {art.status}")
    words = rules.at("indicium", rulebook, now.date()).text("mailers_message_words")
    marked = Artwork(approval_id=art.approval_id, mailer_name=art.mailer_name, lines=art.lines)
    return advertisement(marked, width_in=width_in, height_in=height_in, mailers_message=words)


def _move(
    books: Books,
    artwork_id: str,
    status: ArtworkStatus,
    *,
    now: datetime,
    approval_id: str = "",
    reason: str = "",
) -> RegisteredArtwork:
    with books.work(now, f"artwork_{status}") as work:
        before = _required(work, artwork_id)
        if status not in ARTWORK_TRANSITIONS[before.status]:
            raise ARTWORK_MOVE_NOT_ALLOWED.because(
                f"artwork {artwork_id!r} is {before.status} and cannot become {status}"
            )
        values = {
            "status": status,
            "approval_id": approval_id,
            "reason": reason,
            "decided_at": instant_text(now),
        }
        work.write_one(update(ARTWORK).where(ARTWORK.c.artwork_id == artwork_id).values(values))
        work.record(_act(f"artwork_{status}", artwork_id, approval=approval_id, reason=reason))
    return artwork(books, artwork_id)


def _find(reading: Reading | Work, artwork_id: str) -> Row[Any] | None:
    return reading.row(select(ARTWORK).where(ARTWORK.c.artwork_id == artwork_id))


def _required(reading: Reading, artwork_id: str) -> RegisteredArtwork:
    found = _find(reading, artwork_id)
    if found is None:
        raise ARTWORK_UNKNOWN.because(f"no artwork {artwork_id!r} in the register")
    columns = dict(found._mapping)
    columns["lines"] = msgspec.json.decode(columns["lines"], type=tuple[str, ...])
    return RegisteredArtwork(**{**columns, "status": ArtworkStatus(columns["status"])})


def _row(art: RegisteredArtwork) -> dict[str, str]:
    columns: dict[str, Any] = {name: getattr(art, name) for name in art.__dataclass_fields__}
    return {**columns, "lines": msgspec.json.encode(art.lines).decode()}


def _digest(mailer_name: str, lines: tuple[str, ...]) -> str:
    return hashlib.sha256(msgspec.json.encode([mailer_name, lines])).hexdigest()


def _act(command: str, artwork_id: str, **inputs: object) -> Act:
    return Act(
        command=command, record=record_id("artwork", artwork_id), clauses=_CLAUSES, inputs=inputs
    )
