"""A remotely set meter of 1995, simulated: registers, a keypad, and no voice of its own.

It takes a setting code under the secret that it shares with the resetting company, once, and prints
what its descending register holds. It signs nothing; what it shows, a person reads off.
"""

from __future__ import annotations

import hmac
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec

from franking.errors import Refusal
from franking.money import format_dollars
from franking.provider.telephone.codes import is_well_typed, plain, setting_code

ATTEMPTS_MAX = 5
"""Wrong codes in a row before the keypad locks; whoever services the meter opens it again."""
_FOLDER = "meters"

METER_NOT_HERE = Refusal(
    "METER_NOT_HERE",
    clause="policy",
    remedy="Enrol it for telephone setting: franking telephone-reset enrol SERIAL.",
    http_status=404,
)
CODE_MISTYPED = Refusal(
    "CODE_MISTYPED",
    clause="policy",
    remedy="Key in the code again as it was told; this did not count as an attempt.",
    http_status=422,
)
CODE_WRONG = Refusal(
    "CODE_WRONG",
    clause="39 CFR 501.6 (1995)",
    remedy="Key in the very amount and code that were told for this meter.",
    http_status=403,
)
KEYPAD_LOCKED = Refusal(
    "KEYPAD_LOCKED",
    clause="39 CFR 501.6 (1995)",
    remedy="Have the provider's representative service the meter.",
    http_status=403,
)
DESCENDING_TOO_LOW = Refusal(
    "DESCENDING_TOO_LOW",
    clause="39 CFR 501.6(c) (1995)",
    remedy="Have the meter reset by telephone.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One meter: its registers in mills, and what it counts."""

    serial: str
    secret: bytes
    ascending_mills: int = 0
    descending_mills: int = 0
    pieces: int = 0
    settings: int = 0
    """How many settings it took, or was told to pass over."""
    wrong_codes: int = 0
    """In a row."""

    @property
    def total_mills(self) -> int:
        """The control total: everything that was ever set into it."""
        return self.ascending_mills + self.descending_mills


def key_in(meter: Meter, *, amount_mills: int, code: str) -> Meter:
    """The meter after an amount and a code were keyed in and taken.

    Raises:
        Refused: ``KEYPAD_LOCKED``, ``CODE_MISTYPED``, ``CODE_WRONG`` (see ``tried``).
    """
    if meter.wrong_codes >= ATTEMPTS_MAX:
        raise KEYPAD_LOCKED.because(f"{meter.wrong_codes} wrong codes were keyed in")
    if not is_well_typed(code):
        raise CODE_MISTYPED.because("its check digit does not fit")
    wanted = setting_code(
        meter.secret,
        serial=meter.serial,
        sequence=meter.settings + 1,
        amount_mills=amount_mills,
        total_mills=meter.total_mills,
    )
    if not hmac.compare_digest(wanted, plain(code)):
        raise CODE_WRONG.because(f"it is no code for {format_dollars(amount_mills)} here and now")
    return replace(
        meter,
        descending_mills=meter.descending_mills + amount_mills,
        settings=meter.settings + 1,
        wrong_codes=0,
    )


def tried(meter: Meter) -> Meter:
    """The meter after a wrong code."""
    return replace(meter, wrong_codes=meter.wrong_codes + 1)


def printed(meter: Meter, *, postage_mills: int) -> Meter:
    """The meter after one impression.

    Raises:
        Refused: ``DESCENDING_TOO_LOW``.
    """
    if not 0 < postage_mills <= meter.descending_mills:
        raise DESCENDING_TOO_LOW.because(
            f"{format_dollars(postage_mills)} of {format_dollars(meter.descending_mills)}"
        )
    return replace(
        meter,
        ascending_mills=meter.ascending_mills + postage_mills,
        descending_mills=meter.descending_mills - postage_mills,
        pieces=meter.pieces + 1,
    )


def serviced(meter: Meter, *, settings: int) -> Meter:
    """The meter once a representative has passed a code over that was never keyed in."""
    return replace(meter, settings=max(meter.settings, settings), wrong_codes=0)


def keep(home: Path, meter: Meter) -> None:
    """Put the meter where it stands: a file of its own, replaced whole."""
    path = _path(home, meter.serial)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(asdict(meter)))
    fresh.replace(path)


def fetch(home: Path, serial: str) -> Meter:
    """The meter of that serial.

    Raises:
        Refused: ``METER_NOT_HERE``.
    """
    try:
        return msgspec.json.decode(_path(home, serial).read_bytes(), type=Meter)
    except (OSError, ValueError) as error:
        raise METER_NOT_HERE.because(f"no meter {serial!r} stands here") from error


def stands(home: Path, serial: str) -> bool:
    """Whether a simulated meter of that serial stands here."""
    return _path(home, serial).exists()


def _path(home: Path, serial: str) -> Path:
    """A serial may hold a slash; as a file's name it has none."""
    return home / _FOLDER / f"{serial.replace('/', '%')}.json"
