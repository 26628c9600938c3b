"""Why ACH entries come back, and what changes of them are told: the codes and what they mean.

The reader takes every code of the right form, for operators add new ones; only the meaning of an
unknown one is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

RETURN_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "R01": "insufficient funds",
        "R02": "account closed",
        "R03": "no account, or account not found",
        "R04": "account number of a form that does not exist",
        "R05": "debit to a person's account under a corporate class",
        "R06": "returned because the originator's bank asked",
        "R07": "authorization revoked",
        "R08": "payment stopped",
        "R09": "funds not collected yet",
        "R10": "not authorized, says the customer",
        "R11": "not as authorized, says the customer",
        "R12": "account sold to another bank",
        "R13": "bank not reachable under its routing number",
        "R14": "payee or account holder's representative died",
        "R15": "account holder died",
        "R16": "account frozen",
        "R17": "entry could not be processed as written",
        "R18": "effective date wrong",
        "R19": "amount wrong",
        "R20": "account not for such entries",
        "R21": "company identification wrong",
        "R22": "individual identification wrong",
        "R23": "credit refused by its receiver",
        "R24": "duplicate",
        "R25": "addenda wrong",
        "R26": "mandatory field wrong",
        "R27": "trace number wrong",
        "R28": "check digit of the routing number wrong",
        "R29": "not authorized, says the firm",
        "R31": "returned late with the originator's leave",
        "R33": "destroyed check entry returned",
        "R34": "bank takes part in a limited way only",
        "R35": "debit where none is allowed",
        "R36": "credit where none is allowed",
        "R37": "source document presented too",
        "R38": "payment stopped on the source document",
        "R39": "source document not eligible",
    }
)
CHANGE_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "C01": "account number",
        "C02": "routing number",
        "C03": "routing number and account number",
        "C04": "name",
        "C05": "transaction code",
        "C06": "account number and transaction code",
        "C07": "routing number, account number and transaction code",
        "C09": "individual identification number",
    }
)
_RETURN = re.compile(r"R\d\d", re.ASCII)
_CHANGE = re.compile(r"C\d\d", re.ASCII)


def is_return_reason(code: str) -> bool:
    """Whether the code has the form of a return reason."""
    return _RETURN.fullmatch(code) is not None


def is_change_reason(code: str) -> bool:
    """Whether the code has the form of a change reason."""
    return _CHANGE.fullmatch(code) is not None


def meaning(code: str) -> str:
    """What a code says, in words; the code itself where nobody here knows it."""
    return RETURN_REASONS.get(code) or CHANGE_REASONS.get(code) or f"reason {code}"
