"""How files of banks name accounts: the bank's routing number (American Bankers Association: nine
digits, the last of which checks), and the account's number there.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from franking.errors import Refusal

ROUTING_NUMBER_WRONG = Refusal(
    "ROUTING_NUMBER_WRONG",
    clause="policy",
    remedy="Read the nine digits at the left of the check's bottom line again.",
    http_status=422,
)
_NINE_DIGITS = re.compile(r"\d{9}", re.ASCII)
_ACCOUNT = re.compile(r"[!-~]([ -~]{0,15}[!-~])?", re.ASCII)
_BANKS_KEPT: Final = 20_000
"""More than there are routing numbers in use: a file names few of them, many times."""


@lru_cache(maxsize=_BANKS_KEPT)
def check_digit(first_eight: str) -> str:
    """The ninth digit to eight: with it, the sum weighted 3, 7, 1 is a multiple of ten."""
    a, b, c, d, e, f, g, h = map(int, first_eight)
    return str(-(3 * (a + d + g) + 7 * (b + e + h) + c + f) % 10)


@lru_cache(maxsize=_BANKS_KEPT)
def is_routing_number(text: str) -> bool:
    """Whether the text is nine digits whose last one fits the others; all zeros is none."""
    if _NINE_DIGITS.fullmatch(text) is None or text == "000000000":
        return False
    return check_digit(text[:8]) == text[8]


def is_bank_account(text: str) -> bool:
    """Whether a file can name an account so: up to 17 printable characters of ASCII."""
    return _ACCOUNT.fullmatch(text) is not None


def require_routing_number(text: str) -> str:
    """The routing number as it stands in files.

    Raises:
        Refused: ``ROUTING_NUMBER_WRONG``.
    """
    number = text.strip()
    if not is_routing_number(number):
        raise ROUTING_NUMBER_WRONG.because(f"{text!r} is not a routing number")
    return number
