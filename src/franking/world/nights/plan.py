"""What a made-up night is asked to be: how much mail, of how many devices, and which deeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml

from franking.errors import Refusal
from franking.world.nights.records import Fraud, Trouble

NIGHT_SPEC_UNREADABLE = Refusal(
    "NIGHT_SPEC_UNREADABLE",
    clause="policy",
    remedy="Give YAML with frauds and troubles by name, each a share below 1 or a whole number.",
    http_status=422,
)

DEVICE_FRAUDS: Final = frozenset(
    {
        Fraud.CLONE,
        Fraud.ROLLED_BACK,
        Fraud.VALUE_NOT_COVERED,
        Fraud.WITHDRAWN,
        Fraud.REVOKED,
        Fraud.LOST,
        Fraud.STOLEN,
        Fraud.COMPROMISED_KEY,
    }
)
"""What befalls a device; each deed has a device of its own."""
PIECES_OF_A_DEED: Final = 4
"""So many pieces such a device makes in a night."""

EVERY_FRAUD: Final[Mapping[Fraud, float]] = dict.fromkeys(Fraud, 0.0005)
USUAL_TROUBLES: Final[Mapping[Trouble, float]] = {
    Trouble.RESCANNED: 0.03,
    Trouble.FORWARDED: 0.01,
    Trouble.RETURNED: 0.01,
    Trouble.MISSENT: 0.005,
    Trouble.DEPOSITED_LATE: 0.02,
    Trouble.WRONG_CLOCK: 0.01,
    Trouble.MISREAD: 0.002,
    Trouble.SMUDGED: 0.005,
}
"""Shares of the pieces; those of clocks are shares of the scanners. A clock that is adrift is left
out: a small night does not show that it is the clock."""

_NOON = time(12, tzinfo=UTC)
Name = TypeVar("Name", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One night, and the nights before it."""

    pieces: int
    """So many honest pieces are mailed each day."""
    devices: int
    on: date
    """The day whose night is the last one: from its noon to the next."""
    nights: tuple[int, ...] = (0,)
    """Days from ``on`` back to each night, the earliest first: ``(35, 1, 0)``."""
    frauds: Mapping[Fraud, float] = field(default_factory=lambda: EVERY_FRAUD)
    troubles: Mapping[Trouble, float] = field(default_factory=lambda: USUAL_TROUBLES)
    seed: int = 1
    shard_pieces: int = 20_000
    """About so many of a day's pieces are made at once, by one process."""

    @property
    def days(self) -> tuple[date, ...]:
        """The day of each night, the earliest first."""
        return tuple(self.on - timedelta(days=back) for back in self.nights)

    def deeds(self, fraud: Fraud) -> int:
        """How often ``fraud`` is done: below 1 it is a share of the pieces, else a number."""
        asked = self.frauds.get(fraud, 0)
        if fraud is Fraud.ANOTHER_CERTIFICATE and self.devices == 1:
            return 0
        if asked >= 1 or asked <= 0:
            return int(max(asked, 0))
        each = PIECES_OF_A_DEED if fraud in DEVICE_FRAUDS else 1
        return max(1, round(asked * self.pieces / each))

    def share(self, trouble: Trouble) -> float:
        """How likely ``trouble`` is; a whole number is a number of pieces."""
        asked = self.troubles.get(trouble, 0)
        return asked if asked < 1 else min(asked / max(self.pieces, 1), 1)


def judged_at(day: date) -> datetime:
    """When the night of ``day`` is over and judged: the noon after."""
    return noon_of(day + timedelta(days=1))


def noon_of(day: date) -> datetime:
    """When the night of ``day`` begins."""
    return datetime.combine(day, _NOON)


def latest_night(now: datetime) -> date:
    """The day of the last night that is over."""
    today = now.date()
    ended = today if now >= noon_of(today) else today - timedelta(days=1)
    return ended - timedelta(days=1)


def read_spec(path: Path) -> dict[str, Any]:
    """The parts of a ``Plan`` that a YAML file gives: frauds, troubles and nights.

    Raises:
        Refused: ``NIGHT_SPEC_UNREADABLE``.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise NIGHT_SPEC_UNREADABLE.because(f"{path}: {error}") from error
    if not isinstance(given, dict) or not given.keys() <= {"frauds", "troubles", "nights"}:
        raise NIGHT_SPEC_UNREADABLE.because(f"{path} has to hold frauds, troubles or nights")
    spec: dict[str, Any] = {}
    if "frauds" in given:
        spec["frauds"] = _shares(given["frauds"], Fraud)
    if "troubles" in given:
        spec["troubles"] = _shares(given["troubles"], Trouble)
    return spec | ({"nights": _nights(given["nights"])} if "nights" in given else {})


def _shares(given: object, names: type[Name]) -> dict[Name, float]:
    """Every share by its name, in which dashes and underscores stand for spaces."""
    if not isinstance(given, dict):
        raise NIGHT_SPEC_UNREADABLE.because(f"{given!r} is no list of names and shares")
    known = {_plain(name): name for name in names}
    unknown = sorted({str(key) for key in given if _plain(key) not in known})
    if unknown:
        raise NIGHT_SPEC_UNREADABLE.because(
            f"nobody knows {', '.join(unknown)}; known are {', '.join(names)}"
        )
    return {known[_plain(key)]: _share(key, share) for key, share in given.items()}


def _plain(name: object) -> str:
    return str(name).replace("_", " ").replace("-", " ").replace("'", "").lower()


def _share(name: object, share: object) -> float:
    whole = isinstance(share, float) and share >= 1 and share != int(share)
    if isinstance(share, bool) or not isinstance(share, int | float) or share < 0 or whole:
        raise NIGHT_SPEC_UNREADABLE.because(f"{name}: {share!r} is neither a share nor a number")
    return share


def _nights(given: object) -> tuple[int, ...]:
    fits = isinstance(given, list) and all(type(back) is int and back >= 0 for back in given)
    if not fits or not given:
        raise NIGHT_SPEC_UNREADABLE.because(f"nights: {given!r} are no days before the last night")
    return tuple(sorted({*given, 0}, reverse=True))  # type: ignore[misc]
