"""The bars that mail machines read: FIM, POSTNET and the Intelligent Mail barcode.

Dimensions are the nominal ones of DMM C100.5 and 708.9 (FIM), C840 (POSTNET) and USPS-B-3200 Rev H
(Intelligent Mail), in inches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import numpy as np
import zint

from franking.errors import Refusal
from franking.marks.geometry import Bars, Drawing, Margins, Part, Rectangle, fitted

FIM_UNKNOWN = Refusal(
    "FIM_UNKNOWN",
    clause="DMM P050.4.12 (1997)",
    remedy="Ask for facing identification mark A, B, C, D or E.",
    http_status=422,
)
POSTNET_UNREADABLE = Refusal(
    "POSTNET_UNREADABLE",
    clause="DMM C840 (1997)",
    remedy="Give 5, 9 or 11 digits: ZIP Code, ZIP+4, or ZIP+4 and delivery point.",
    http_status=422,
)
INTELLIGENT_MAIL_UNREADABLE = Refusal(
    "INTELLIGENT_MAIL_UNREADABLE",
    clause="USPS-B-3200 Rev H",
    remedy="Give 20 tracking digits, the second from 0 to 4, and 0, 5, 9 or 11 routing digits.",
    http_status=422,
)

FIM_PATTERNS: Final = {
    "A": "110010011",
    "B": "101101101",
    "C": "110101011",
    "D": "111010111",
    "E": "101000101",
}
"""The nine positions of each facing identification mark, 1 for a bar (DMM 708.9)."""

_FIM_BAR, _FIM_HEIGHT, _FIM_PITCH = 1 / 32, 5 / 8, 1 / 16

_POSTNET_BAR, _POSTNET_TALL, _POSTNET_SHORT, _POSTNET_PITCH = 0.020, 0.125, 0.050, 1 / 22
_POSTNET_QUIET = Margins(left=0.125, right=0.125, top=0.040, bottom=0.040)
_POSTNET_LENGTHS = (5, 9, 11)
_POSTNET_DIGITS = (
    "11000", "00011", "00101", "00110", "01001", "01010", "01100", "10001", "10010", "10100",
)  # fmt: skip

_IMB_BAR, _IMB_PITCH = 0.020, 1 / 22
_IMB_FULL, _IMB_HALF, _IMB_TRACKER = 0.145, 0.0965, 0.048
_IMB_QUIET = Margins(left=0.125, right=0.125, top=0.028, bottom=0.028)
_IMB_TRACKING = re.compile(r"[0-9][0-4][0-9]{18}", re.ASCII)
_IMB_ROUTING = re.compile(r"|[0-9]{5}|[0-9]{9}|[0-9]{11}", re.ASCII)
_IMB_SPANS: Final = {
    "F": (0.0, _IMB_FULL),
    "A": (0.0, _IMB_HALF),
    "D": (_IMB_FULL - _IMB_HALF, _IMB_HALF),
    "T": (_IMB_FULL - _IMB_HALF, _IMB_TRACKER),
}
"""Where each kind of bar starts below the top of the barcode, and how high it is."""


@lru_cache(maxsize=8)
def fim(letter: str) -> Drawing:
    """The facing identification mark ``A`` to ``E``: 1/32 inch bars on a 1/16 inch pitch.

    Raises:
        Refused: ``FIM_UNKNOWN``.
    """
    pattern = FIM_PATTERNS.get(letter)
    if pattern is None:
        raise FIM_UNKNOWN.because(f"there is no facing identification mark {letter!r}")
    bars = (
        (position * _FIM_PITCH, 0.0, _FIM_BAR, _FIM_HEIGHT)
        for position, printed in enumerate(pattern)
        if printed == "1"
    )
    return _barcode("fim", bars)


def postnet(digits: str) -> Drawing:
    """The POSTNET barcode of a ZIP Code, ZIP+4, or delivery point code, hyphens allowed.

    Raises:
        Refused: ``POSTNET_UNREADABLE``.
    """
    bars = (
        (position * _POSTNET_PITCH, _POSTNET_TALL - height, _POSTNET_BAR, height)
        for position, tall in enumerate(postnet_bars(digits))
        for height in (_POSTNET_TALL if tall == "1" else _POSTNET_SHORT,)
    )
    return _barcode("postnet", bars, quiet=_POSTNET_QUIET)


def postnet_bars(digits: str) -> str:
    """Tall (1) and short (0) bars: frame, digits, correction digit, frame (DMM C840).

    Raises:
        Refused: ``POSTNET_UNREADABLE``.
    """
    plain = digits.replace("-", "")
    if not (plain.isascii() and plain.isdigit() and len(plain) in _POSTNET_LENGTHS):
        raise POSTNET_UNREADABLE.because(f"{digits!r} is not a ZIP Code that POSTNET can hold")
    correction = -sum(map(int, plain)) % 10
    return (
        f"1{''.join(_POSTNET_DIGITS[int(digit)] for digit in plain)}{_POSTNET_DIGITS[correction]}1"
    )


def intelligent_mail(tracking: str, routing: str = "") -> Drawing:
    """The Intelligent Mail barcode of 20 tracking digits and 0, 5, 9 or 11 routing digits.

    Raises:
        Refused: ``INTELLIGENT_MAIL_UNREADABLE``.
    """
    bars = (
        (position * _IMB_PITCH, top, _IMB_BAR, height)
        for position, kind in enumerate(intelligent_mail_bars(tracking, routing))
        for top, height in (_IMB_SPANS[kind],)
    )
    return _barcode("intelligent-mail", bars, quiet=_IMB_QUIET)


def intelligent_mail_bars(tracking: str, routing: str = "") -> str:
    """The 65 bars: full ``F``, ascender ``A``, descender ``D`` and tracker ``T``.

    Raises:
        Refused: ``INTELLIGENT_MAIL_UNREADABLE``.
    """
    if _IMB_TRACKING.fullmatch(tracking) is None or _IMB_ROUTING.fullmatch(routing) is None:
        raise INTELLIGENT_MAIL_UNREADABLE.because(
            f"tracking {tracking!r} with routing {routing!r} is no Intelligent Mail barcode"
        )
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.USPS_IMAIL
    symbol.warn_level = zint.WarningLevel.FAIL_ALL
    symbol.encode(f"{tracking}-{routing}" if routing else tracking)
    packed = np.asarray(symbol.encoded_data)[[0, 2]]
    up, down = np.unpackbits(packed, axis=1, bitorder="little")[:, : symbol.width : 2]
    return "".join(
        "TADF"[ascends + 2 * descends] for ascends, descends in zip(up, down, strict=True)
    )


def _barcode(name: str, bars: Iterable[Rectangle], *, quiet: Margins | None = None) -> Drawing:
    return fitted(Part.of(name, Bars(bars=tuple(bars)), quiet=quiet or Margins()))
