"""What is done with a piece where it is scanned; by number in tables, by word in files of scans."""

from __future__ import annotations

from enum import IntEnum


class Operation(IntEnum):
    """What was done with a piece where it was scanned, in the order of a journey."""

    ACCEPTANCE = 1
    ORIGIN = 2
    TRANSIT = 3
    DESTINATION = 4
    DELIVERY = 5
    FORWARDED = 6
    """Sent on to a new address: the journey begins again."""
    RETURNED = 7
    """Sent back to the sender: the journey begins again."""

    @property
    def word(self) -> str:
        """How files of scans and verdicts call it."""
        return self.name.lower()


def word_of(number: int | None) -> str:
    """The word of an operation; empty where the number is that of none."""
    return Operation(number).word if number in set(Operation) else ""
