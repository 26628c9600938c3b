"""What the resetting company knows of a meter that is set by telephone. Frozen; money in mills."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class SettingStatus(StrEnum):
    """What became of a code that was told."""

    TOLD = "told"
    """Paid for; nobody knows whether it was keyed in."""
    TAKEN = "taken"
    """Later readings of the meter show the amount."""
    NOT_TAKEN = "not taken"
    """The meter was read by the provider, and did not hold it."""


SETTING_TRANSITIONS: Final[dict[SettingStatus, frozenset[SettingStatus]]] = {
    SettingStatus.TOLD: frozenset({SettingStatus.TAKEN, SettingStatus.NOT_TAKEN}),
    SettingStatus.TAKEN: frozenset(),
    SettingStatus.NOT_TAKEN: frozenset(),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephoneMeter:
    """A meter that shares a secret with the provider."""

    serial: str
    sealed: bytes
    """The secret, sealed by the provider's vault under the serial."""
    settings: int = 0
    """How many codes it was told."""
    total_mills: int = 0
    """Its control total once every code known to be taken was keyed in."""
    misses: int = 0
    """Calls in a row whose readings did not agree with our own record."""
    readings: int = 0
    """How often it was read and believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a licensee types in: the four items of the rule, and the postage wanted."""

    serial: str
    account: str
    ascending_mills: int
    descending_mills: int
    amount_mills: int
    caller: str = "licensee"

    @property
    def total_mills(self) -> int:
        """The control total that the meter shows."""
        return self.ascending_mills + self.descending_mills


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a meter, as it was paid for and told."""

    serial: str
    sequence: int
    amount_mills: int
    total_mills: int
    """The control total before it."""
    ascending_mills: int
    """As typed in when it was asked for."""
    descending_mills: int
    account: str
    caller: str
    told_at: str
    """The instant, as ``clock.instant_text`` writes it."""
    status: SettingStatus = SettingStatus.TOLD
