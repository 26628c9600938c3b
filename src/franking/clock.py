"""Instants and postal dates. Nothing here reads the machine's clock: time is passed in.

``now`` is an aware ``datetime`` whose offset is that of the place it is asked at, so that
``now.date()`` is the postal date there; instants are stored in UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from franking.errors import InvariantBroken, Refusal

TIME_UNREADABLE = Refusal(
    "TIME_UNREADABLE",
    clause="policy",
    remedy="Write a date as 2026-11-21, or an instant as 2026-11-21T09:30:00-05:00.",
    http_status=422,
)


def instant_text(instant: datetime) -> str:
    """The instant in UTC as ISO 8601 with microseconds and ``Z``; sorts as time does.

    Raises:
        Refused: ``TIME_UNREADABLE`` at the ends of the calendar, where UTC is in no year.
    """
    if instant.tzinfo is None:
        raise InvariantBroken("an instant without an offset")
    try:
        utc = instant.astimezone(UTC)
    except OverflowError:
        raise TIME_UNREADABLE.because(f"{instant} is outside the calendar in UTC") from None
    # Several times as quick as strftime, and a device asks for every piece.
    return utc.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant with an offset.

    Raises:
        Refused: ``TIME_UNREADABLE``.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise TIME_UNREADABLE.because(f"{text!r} is not an instant") from None
    if instant.tzinfo is None:
        raise TIME_UNREADABLE.because(f"{text!r} has no offset from UTC")
    return instant


def parse_date(text: str) -> date:
    """Read an ISO 8601 date.

    Raises:
        Refused: ``TIME_UNREADABLE``.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise TIME_UNREADABLE.because(f"{text!r} is not a date") from None
