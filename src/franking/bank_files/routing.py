"""Routing numbers of the American Bankers Association: nine digits, the last of which checks."""

from __future__ import annotations

import re
from typing import Final

from franking.errors import Refusal

ROUTING_NUMBER_WRONG = Refusal(
    "ROUTING_NUMBER_WRONG",
    clause="policy",
    remedy="Read the nine digits at the left of the check's bottom line again.",
    http_status=422,
)
_NINE_DIGITS = re.compile(r"\d{9}", re.ASCII)
_WEIGHTS: Final = (3, 7, 1, 3, 7, 1, 3, 7)


def check_digit(first_eight: str) -> str:
    """The ninth digit to eight: with it, the sum weighted 3, 7, 1 is a multiple of ten."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_eight, strict=True))
    return str(-total % 10)


def is_routing_number(text: str) -> bool:
    """Whether the text is nine digits whose last one fits the others; all zeros is none."""
    if _NINE_DIGITS.fullmatch(text) is None or text == "000000000":
        return False
    return check_digit(text[:8]) == text[8]


def require_routing_number(text: str) -> str:
    """The routing number as it stands in files.

    Raises:
        Refused: ``ROUTING_NUMBER_WRONG``.
    """
    number = text.strip()
    if not is_routing_number(number):
        raise ROUTING_NUMBER_WRONG.because(f"{text!r} is not a routing number")
    return number
