"""Money as integer mills (1/1000 dollar), read and written without floats.

Amounts are plain ``int`` with the unit in the name (``postage_mills``).
"""

from __future__ import annotations

import re

from franking.errors import Refusal

MILLS_PER_CENT = 10
MILLS_PER_DOLLAR = 1000

_DOLLARS = re.compile(r"\$?(\d{1,12})(?:\.(\d{1,3}))?|\$?\.(\d{1,3})", re.ASCII)
_GROUPED = re.compile(r"\$?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", re.ASCII)

AMOUNT_UNREADABLE = Refusal(
    "AMOUNT_UNREADABLE",
    clause="policy",
    remedy="Write the amount in dollars with at most three decimals, such as 0.32 or 50.00.",
    http_status=422,
)


def parse_dollars(text: str) -> int:
    """Mills from dollars as people write them: ``"0.32"``, ``"$1,250.00"``, ``".239"``, ``"-1"``.

    Commas part thousands only: ``"0,485"``, a decimal comma, is refused and not read as $485.

    Raises:
        Refused: ``AMOUNT_UNREADABLE`` for anything else, a fourth decimal included.
    """
    plain = text.strip()
    sign = -1 if plain.startswith("-") else 1
    match = _DOLLARS.fullmatch(_without_commas(plain.removeprefix("-")))
    if match is None:
        raise AMOUNT_UNREADABLE.because(f"{text!r} is not an amount in dollars")
    whole, decimals, bare = match.groups()
    fraction = (decimals or bare or "").ljust(3, "0")
    return sign * (int(whole or 0) * MILLS_PER_DOLLAR + int(fraction))


def format_dollars(mills: int) -> str:
    """Dollars with two decimals, or three where a tenth of a cent is there: ``$1,109.49``."""
    dollars, rest = divmod(abs(mills), MILLS_PER_DOLLAR)
    decimals = f"{rest:03d}" if rest % MILLS_PER_CENT else f"{rest // MILLS_PER_CENT:02d}"
    return f"{'-' if mills < 0 else ''}${dollars:,}.{decimals}"


def _without_commas(text: str) -> str:
    return text.replace(",", "") if "," in text and _GROUPED.fullmatch(text) else text
