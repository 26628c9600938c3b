"""What is posted, what became of it, and what an account shows. Amounts are whole mills."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

AMOUNT_MILLS_MAX: Final = 10**12
"""A billion dollars: nobody moves so much in one transfer, and no sum of them overflows."""
KEY: Final = re.compile(r"[!-~][ -~]{0,199}", re.ASCII)
"""What a key looks like: up to 200 printable characters."""


class PostingState(StrEnum):
    """What became of a posting."""

    PENDING = "pending"
    """Reserved: what is available has fallen, the balance has not."""
    POSTED = "posted"
    VOIDED = "voided"
    EXPIRED = "expired"


TRANSITIONS: Final[dict[PostingState, frozenset[PostingState]]] = {
    PostingState.PENDING: frozenset(PostingState) - {PostingState.PENDING},
    PostingState.POSTED: frozenset(),
    PostingState.VOIDED: frozenset(),
    PostingState.EXPIRED: frozenset(),
}
"""What may follow what, as the database guards it too. A counter-entry undoes what is posted."""


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """An amount from one account to another."""

    debit: str
    """The account whose balance falls."""
    credit: str
    """The account whose balance rises."""
    amount_mills: int


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """Transfers that are made together, or not at all."""

    key: str
    """One key, one posting: who asks again with the same key is told what was posted."""
    kind: str
    """What it is to a person: deposit, grant, receipt, use, refund."""
    transfers: tuple[Transfer, ...]
    clause: str
    because: str = ""
    reference: str = ""
    """What it is about, as a record's name: ``device:FK1A0000000001``, ``file:…``."""


class PostedTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer as it was made, with what it left; ``None`` for uncounted accounts."""

    debit: str
    credit: str
    amount_mills: int
    debit_after_mills: int | None = None
    credit_after_mills: int | None = None


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """A posting as the books hold it."""

    number: int
    """Its place in the order of postings, with gaps."""
    key: str
    kind: str
    at: datetime
    """In UTC."""
    day: date
    """The postal date at which it was posted, or reserved."""
    state: PostingState
    transfers: tuple[PostedTransfer, ...]
    clause: str
    because: str = ""
    reference: str = ""
    until: datetime | None = None
    """When a reservation ends by itself, in UTC."""


class Balance(msgspec.Struct, frozen=True):
    """What an account holds: credits less debits."""

    balance_mills: int
    pending_mills: int = 0
    """What is reserved of it."""

    @property
    def available_mills(self) -> int:
        """What may still be taken."""
        return self.balance_mills - self.pending_mills


NOTHING: Final = Balance(0)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One movement of one account, as a statement shows it."""

    number: int
    key: str
    at: datetime
    """In UTC."""
    day: date
    kind: str
    because: str
    reference: str
    amount_mills: int
    """What it added; below zero what it took."""
    balance_after_mills: int
