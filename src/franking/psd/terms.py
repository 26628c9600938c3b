"""Whether a device may evidence at all at a moment, and within which dates and amounts.

Pure. Law kept here: PSD-6. Refusals come in this order: status, lock, clock, watchdog.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from franking import rules
from franking.clock import instant_text
from franking.errors import Refusal, Refused
from franking.indicium.content import date_number, date_of
from franking.psd.records import LOCK_MOVED, LOCK_WATCHDOG, DeviceState, Standing, Status

DEVICE_NOT_OPERATIONAL = Refusal(
    "DEVICE_NOT_OPERATIONAL",
    clause="DMM P050.3.1 (1997)",
    remedy="Have the device initialized, authorized and set with postage by the provider first.",
)
DEVICE_WITHDRAWN = Refusal(
    "DEVICE_WITHDRAWN",
    clause="39 CFR 502.21(e) (1997)",
    remedy="Use another device: this one was taken out of service. Past indicia can be read.",
)
DEVICE_MOVED = Refusal(
    "DEVICE_MOVED",
    clause="policy",
    remedy="Use the device where it was moved to; here its past can only be read.",
)
DEVICE_LOCKED = Refusal(
    "DEVICE_LOCKED",
    clause="39 CFR 501.6(i)(5) (1995)",
    remedy="Ask the provider what ends the lock; each lock is released by its own cause only.",
)
WATCHDOG_EXPIRED = Refusal(
    "WATCHDOG_EXPIRED",
    clause="DMM P050.3.4 (1997)",
    remedy="Connect to the provider for an audit or a reset, then ask again.",
)
CLOCK_BEHIND = Refusal(
    "CLOCK_BEHIND",
    clause="policy",
    remedy="Set the computer's clock right, or let the provider correct the device's by an audit.",
)
DATE_PAST = Refusal(
    "DATE_PAST",
    clause="DMM P050.4.7 (1997)",
    remedy="Use the date on which the piece is deposited, today or later.",
    http_status=422,
)
DATE_TOO_FAR_AHEAD = Refusal(
    "DATE_TOO_FAR_AHEAD",
    clause="policy",
    remedy="Use an earlier date of mailing.",
    http_status=422,
)
CERTIFICATE_ENDED = Refusal(
    "CERTIFICATE_ENDED",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Connect to the provider to roll the key over, then ask again.",
)
CERTIFICATE_NOT_BEGUN = Refusal(
    "CERTIFICATE_NOT_BEGUN",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Use a date of mailing from the first day of the certificate on, or wait for that day.",
)

_ENDED: Final = frozenset({Status.WITHDRAWN, Status.CLEARED, Status.SCRAPPED})
_NO_DAYS: Final = date.max, date.min


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for every new piece of one day; dates as numbers YYYYMMDD."""

    today: int
    first_day: int
    """Today, or the first day of the certificate where that was issued in a later time zone."""
    last_day: int
    certificate_end: int
    descending_min: int
    """Mills; below this a denominational meter is locked (39 CFR 501.6(c))."""

    def require_date(self, day: int) -> None:
        """Refuse a date of mailing that is past or too far ahead.

        Raises:
            Refused: ``DATE_PAST``, ``CERTIFICATE_NOT_BEGUN``, ``DATE_TOO_FAR_AHEAD`` or
                ``CERTIFICATE_ENDED``.
        """
        if day < self.today:
            raise DATE_PAST.because(f"{date_of(day)} is before today, {date_of(self.today)}")
        if day < self.first_day:
            raise CERTIFICATE_NOT_BEGUN.because(
                f"the certificate begins on {date_of(self.first_day)},"
                f" after the date of mailing, {date_of(day)}"
            )
        if day > self.last_day:
            raise DATE_TOO_FAR_AHEAD.because(f"{date_of(day)} is after {date_of(self.last_day)}")
        if day > self.certificate_end:
            raise CERTIFICATE_ENDED.because(
                f"the certificate ends on {date_of(self.certificate_end)},"
                f" before the date of mailing, {date_of(day)}"
            )


def terms_of(state: DeviceState, today: date, *, time: str, latest: str) -> Terms | Refused:
    """What holds at ``time`` on the postal date ``today``, or why nothing new may be evidenced.

    ``latest`` is the latest accepted time that ``time`` must not precede; both UTC ISO 8601.
    """
    standing = state.standing
    try:
        require_evidencing(state, today, time=time, latest=latest)
        certificate = standing.certificate
        days = (certificate.first_day, certificate.last_day) if certificate else _NO_DAYS
        return _terms(standing.rulebook, standing.denominational, days, today)
    except Refused as refused:
        return refused


def require_evidencing(state: DeviceState, today: date, *, time: str, latest: str) -> None:
    """Refuse a device that may evidence nothing now.

    Raises:
        Refused: ``DEVICE_MOVED``, ``DEVICE_WITHDRAWN``, ``DEVICE_NOT_OPERATIONAL``,
            ``DEVICE_LOCKED``, ``CLOCK_BEHIND`` or ``WATCHDOG_EXPIRED``.
    """
    standing = state.standing
    require_here(standing)
    if state.status in _ENDED:
        raise DEVICE_WITHDRAWN.because(f"the device is {state.status}")
    if state.status is not Status.OPERATIONAL:
        raise DEVICE_NOT_OPERATIONAL.because(f"the device is {state.status}")
    if standing.locks:
        only_moved = standing.locks == (LOCK_MOVED,)
        raise DEVICE_LOCKED.because(
            f"locked for: {', '.join(standing.locks)}",
            remedy=WATCHDOG_EXPIRED.remedy if only_moved else None,
        )
    require_clock(time, latest=latest)
    if is_watchdog_expired(standing, today):
        raise WATCHDOG_EXPIRED.because(
            f"the last audit or reset was good until {standing.watchdog_date}"
        )


def require_here(standing: Standing) -> None:
    """Refuse a device that left for another computer.

    Raises:
        Refused: ``DEVICE_MOVED``.
    """
    if standing.moved_to:
        raise DEVICE_MOVED.because(f"it left in parcel {standing.moved_to}")


def require_clock(time: str, *, latest: str) -> None:
    """Refuse a moment before the latest accepted one (PSD-6); both UTC ISO 8601.

    Raises:
        Refused: ``CLOCK_BEHIND``.
    """
    if time < latest:
        raise CLOCK_BEHIND.because(f"it is {time}, the device has already seen {latest}")


def is_watchdog_expired(standing: Standing, today: date) -> bool:
    """Whether the watchdog date has passed; the date itself is still good."""
    return standing.watchdog_date is not None and today > standing.watchdog_date


def accepted_time(standing: Standing, now: datetime, *, latest: str) -> str:
    """The latest accepted time after something happened at ``now`` (PSD-6).

    Past the watchdog date the computer's clock is not believed before the provider has spoken: a
    clock that is years ahead would lock the device for so long.
    """
    return latest if is_watchdog_expired(standing, now.date()) else max(instant_text(now), latest)


def locks_in_force(standing: Standing, today: date) -> tuple[str, ...]:
    """The ordered locks, and the watchdog's where its date has passed."""
    if is_watchdog_expired(standing, today):
        return (*standing.locks, LOCK_WATCHDOG)
    return standing.locks


@lru_cache(maxsize=256)
def _terms(rulebook: str, denominational: bool, certified: tuple[date, date], today: date) -> Terms:
    device = rules.at("device", rulebook, today)
    ahead = timedelta(days=device.whole("date_ahead_days_max"))
    return Terms(
        today=date_number(today),
        first_day=date_number(max(today, certified[0])),
        last_day=date_number(min(today, date.max - ahead) + ahead),
        certificate_end=date_number(certified[1]),
        descending_min=device.whole("largest_denomination") if denominational else 0,
    )
