"""A home folder: where it is, what it was made as, and what time it is there.

One folder holds the three trust domains side by side: ``postal/``, ``provider/``, ``mailer/`` and
``devices/``. The machine's clock is read here, once a command, and nowhere below.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from franking.clock import TIME_UNREADABLE, instant_text, parse_date, parse_instant
from franking.errors import Refusal

FOLDERS = ("postal", "provider", "mailer", "devices")
DEFAULT_ZONE = "America/New_York"
_OPENING_HOUR = time(9, 0)
_YEARS = range(1900, 9000)

CLOCK_NOT_SIMULATED = Refusal(
    "CLOCK_NOT_SIMULATED",
    clause="policy",
    remedy="Make a home whose clock moves: franking home create --simulated-clock.",
)
HOME_UNREADABLE = Refusal(
    "HOME_UNREADABLE",
    clause="policy",
    remedy="Point --home or FRANKING_HOME at a folder that franking made, or at a new one.",
)
HOME_EXISTS = Refusal(
    "HOME_EXISTS",
    clause="policy",
    remedy="Choose another folder, or use this home as it is.",
)
ZONE_UNKNOWN = Refusal(
    "ZONE_UNKNOWN",
    clause="policy",
    remedy="Give a time zone by its name in the tz database, such as America/Chicago.",
    http_status=422,
)


@dataclass(frozen=True, slots=True)
class HomeSettings:
    """What a home was made as.

    ``zone`` is the time zone of the licensing post office: it decides which postal date it is.
    ``simulated_instant`` is where a simulated clock stands (UTC), ``None`` for a real clock.
    """

    zone: str = DEFAULT_ZONE
    simulated_instant: str | None = None

    @property
    def simulated_clock(self) -> bool:
        """Whether ``--now`` may move the clock."""
        return self.simulated_instant is not None


def default_home_folder() -> Path:
    """``FRANKING_HOME``, or ``~/.franking``."""
    return Path(os.environ.get("FRANKING_HOME") or Path.home() / ".franking")


def create_home(folder: Path, *, zone: str = DEFAULT_ZONE, simulated_clock: bool) -> HomeSettings:
    """Make a home in an empty or absent folder.

    Raises:
        Refused: ``HOME_EXISTS``, ``HOME_UNREADABLE`` or ``ZONE_UNKNOWN``.
    """
    if is_home(folder):
        raise HOME_EXISTS.because(f"{folder} is a home already")
    now = datetime.now(_zone(zone))
    instant = instant_text(now) if simulated_clock else None
    settings = HomeSettings(zone=zone, simulated_instant=instant)
    try:
        for name in FOLDERS:
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(folder, settings)
    except OSError as error:
        raise HOME_UNREADABLE.because(f"{folder} can not be made: {error.strerror}") from error
    return settings


def read_home(folder: Path) -> HomeSettings:
    """What the home in ``folder`` was made as.

    Raises:
        Refused: ``HOME_UNREADABLE``.
    """
    try:
        return msgspec.json.decode(_settings_file(folder).read_bytes(), type=HomeSettings)
    except OSError as error:
        raise HOME_UNREADABLE.because(f"{folder} is no home: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise HOME_UNREADABLE.because(f"the settings of {folder} are damaged: {error}") from error


def is_home(folder: Path) -> bool:
    """Whether ``folder`` was made by ``create_home``."""
    return os.path.exists(_settings_file(folder))  # False, too, where nobody may look


def now_in(folder: Path, settings: HomeSettings, moved_to: str | None) -> datetime:
    """The instant of one command, with the home's offset; moves a simulated clock for good.

    ``moved_to`` is an instant, a local instant without offset, or a date (9 a.m. there).

    Raises:
        Refused: ``CLOCK_NOT_SIMULATED`` or ``TIME_UNREADABLE``.
    """
    zone = _zone(settings.zone)
    if moved_to is not None and not settings.simulated_clock:
        raise CLOCK_NOT_SIMULATED.because("the clock of this home is the real one")
    if moved_to is not None:
        return _move(folder, settings, _read_moved(moved_to, zone))
    if settings.simulated_instant is not None:
        return parse_instant(settings.simulated_instant).astimezone(zone)
    return datetime.now(zone)


def _move(folder: Path, settings: HomeSettings, now: datetime) -> datetime:
    try:
        _write(folder, replace(settings, simulated_instant=instant_text(now)))
    except OSError as error:
        raise HOME_UNREADABLE.because(f"{folder} can not be written: {error.strerror}") from error
    return now


def _read_moved(text: str, zone: ZoneInfo) -> datetime:
    if len(text) == len("2026-11-21"):
        return _of_this_age(datetime.combine(parse_date(text), _OPENING_HOUR, zone))
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise TIME_UNREADABLE.because(f"{text!r} is not an instant") from None
    _of_this_age(local)
    return local.replace(tzinfo=zone) if local.tzinfo is None else local.astimezone(zone)


def _of_this_age(instant: datetime) -> datetime:
    """Near the ends of the calendar no period can be counted."""
    if instant.year not in _YEARS:
        raise TIME_UNREADABLE.because(f"no clock shows the year {instant.year}")
    return instant


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ZONE_UNKNOWN.because(f"{name!r} is not a time zone") from None


def _settings_file(folder: Path) -> Path:
    return folder / "home.json"


def _write(folder: Path, settings: HomeSettings) -> None:
    draft = folder / "home.json.new"
    draft.write_text(json.dumps(msgspec.to_builtins(settings), indent=2) + "\n")
    draft.replace(_settings_file(folder))
