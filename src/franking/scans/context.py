"""What every process that examines scans is told: small, frozen, and the same for all of them.

It goes to worker processes and to the workers of a cluster as it is; the files it names are opened
there, once for each process. On a cluster its paths are those that every worker sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

BUCKETS: Final = 64
"""Into so many parts devices are dealt, so that each part can be looked at by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a night is judged with, beside its scans."""

    trust_list: Path
    root_public_key: bytes
    """65 bytes: the uncompressed P-256 point that signed the root of the trust list."""
    now: datetime
    """The one instant that a night is judged at; the day of it is "today" of every step."""
    rulebook: str = "ibip-1997"
    """What a device stands under that ``devices.parquet`` does not name."""
    known: Path | None = None
    """The folder of what is known beside the scans (``records.KNOWN_…``), a file each."""
    wrong_clocks: frozenset[str] = frozenset()
    """The scanners whose times count as unknown, their clocks being plainly wrong."""
    believed: tuple[datetime, datetime] | None = None
    """From when until before when a scan may say it was made; other times count as unknown."""
    buckets: int = BUCKETS

    def known_file(self, name: str) -> tuple[Path, ...]:
        """The file of that name, ``refunds.parquet``, among what is known; none where it is not."""
        path = None if self.known is None else self.known / name
        return (path,) if path is not None and path.exists() else ()
