"""What stands in a daily record of registers. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReading:
    """Both registers of a meter or device at the end of a day, in mills, as a person read them."""

    device: str
    on: date
    ascending_mills: int
    descending_mills: int
    note: str = ""
    correction: str = ""
    """Why it takes the place of an earlier reading of the day; empty for the first."""

    @property
    def total_mills(self) -> int:
        """The control total."""
        return self.ascending_mills + self.descending_mills

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "device": self.device,
            "on": self.on.isoformat(),
            "ascending_mills": self.ascending_mills,
            "descending_mills": self.descending_mills,
            "total_mills": self.total_mills,
            "note": self.note,
            "correction": self.correction,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTold:
    """One day of operation, as a device's sealed journal tells it; registers at its end."""

    on: date
    ascending_mills: int
    descending_mills: int
    pieces: int
    """Evidenced in the day."""
    set_mills: int
    """Credited in the day."""

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "on": self.on.isoformat(),
            "ascending_mills": self.ascending_mills,
            "descending_mills": self.descending_mills,
            "total_mills": self.ascending_mills + self.descending_mills,
            "pieces": self.pieces,
            "set_mills": self.set_mills,
        }
