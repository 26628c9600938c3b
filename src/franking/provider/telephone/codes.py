"""The setting code: digits that a person can be told, and that one meter takes once.

HMAC-SHA256 under the meter's own secret over its serial, the number of the setting, the amount and
the control total before it, cut to decimal digits, and one check digit (Luhn, ISO/IEC 7812-1 annex
B) by which a slip of the finger is told from a guess. What the meter printed since the call moves
its registers, not their sum, so that the code stays good.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

SECRET_BYTES: Final = 32
DIGITS: Final = 10
"""Of the code, without its check digit: a guess is right once in ten thousand million."""
_GROUP: Final = 4
_LABEL: Final = b"franking telephone setting 1"


def setting_code(
    secret: bytes, *, serial: str, sequence: int, amount_mills: int, total_mills: int
) -> str:
    """The digits that let one meter take one amount, with their check digit."""
    bound = f"{serial}\n{sequence}\n{amount_mills}\n{total_mills}".encode()
    mark = hmac.new(secret, _LABEL + b"\n" + bound, hashlib.sha256).digest()
    digits = f"{int.from_bytes(mark) % 10**DIGITS:0{DIGITS}d}"
    return digits + check_digit(digits)


def is_well_typed(code: str) -> bool:
    """Whether a code is of the right length, and its check digit right."""
    digits = plain(code)
    fits = len(digits) == DIGITS + 1 and digits.isascii() and digits.isdigit()
    return fits and check_digit(digits[:-1]) == digits[-1]


def plain(code: str) -> str:
    """A code as people type it, without its spaces and dashes."""
    return "".join(code.replace("-", " ").split())


def grouped(code: str) -> str:
    """A code as it is read out: ``4821 0937 552``."""
    return " ".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def check_digit(digits: str) -> str:
    """The Luhn digit: it finds every single wrong digit, and almost every two that changed places.

    (It misses 09 for 90.)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)
