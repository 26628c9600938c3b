"""What is wrong with a bank's file: every fault with its line, gathered before anything is refused.

A file with a fault is worth nothing as a whole (39 CFR 501.28(e)(2), 1995: the bank consolidates
the data and sends one file): who takes it in sets it aside with this list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from franking.errors import Refusal, Refused

BANK_FILE_FAULTY = Refusal(
    "BANK_FILE_FAULTY",
    clause="39 CFR 501.28(e)(2) (1995)",
    remedy="Set the file aside and ask the bank for a new one; nothing of it was taken.",
    http_status=422,
)
BANK_FILE_UNWRITABLE = Refusal(
    "BANK_FILE_UNWRITABLE",
    clause="policy",
    remedy="Make the value fit its field, or split the file: the format has no more room.",
    http_status=422,
)
_TOLD = 3
_LISTED_MAX = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: the line (from 1; 0 is the file as a whole), a code, the facts."""

    line: int
    code: str
    detail: str

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line else "the file"
        return f"{where}: {self.detail}"

    def as_json(self) -> dict[str, str | int]:
        """The fault for programs."""
        return {"line": self.line, "code": self.code, "detail": self.detail}


class BankFileFaulty(Refused):
    """The refusal of a file, with every fault of it in the order of its lines."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        told = "; ".join(str(each) for each in self.faults[:_TOLD])
        more = len(self.faults) - _TOLD
        detail = f"{told}; and {more} more" if more > 0 else told
        super().__init__(BANK_FILE_FAULTY, detail, BANK_FILE_FAULTY.remedy)

    def __reduce__(self) -> tuple[type[BankFileFaulty], tuple[tuple[Fault, ...]]]:  # type: ignore[override]
        return BankFileFaulty, (self.faults,)


@dataclass(slots=True)
class Faults:
    """The faults found so far while a file is read."""

    found: list[Fault] = field(default_factory=list)

    def add(self, line: int, code: str, detail: str) -> None:
        """One more; a file that is no bank's file at all would have as many as lines."""
        if len(self.found) < _LISTED_MAX:
            self.found.append(Fault(line, code, detail))

    def expect(self, line: int, code: str, what: str, *, said: object, found: object) -> None:
        """A fault where a file says one thing of itself, and holds another."""
        if said != found:
            self.add(line, code, f"{what} is said to be {said}, and is {found}")

    def raise_any(self) -> None:
        """Refuse the file where there is any.

        Raises:
            BankFileFaulty: with all of them, in the order of their lines.
        """
        if self.found:
            refuse_file(self.found)


def refuse_file(faults: Iterable[Fault]) -> NoReturn:
    """Refuse a file for these faults.

    Raises:
        BankFileFaulty: always.
    """
    raise BankFileFaulty(sorted(faults, key=lambda each: each.line))
