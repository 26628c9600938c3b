"""How devices and post offices stand, as far as it is known beside the scans.

From the folder of known facts: ``devices.parquet``, devices with a limit or a rulebook of their
own; ``offices.parquet``, the licensing post office that serves each ZIP Code. A file that is not
there says nothing; a ZIP Code that no file names is an office of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from franking import rules
from franking.errors import Refusal
from franking.indicium.content import ZIP_END
from franking.scans.circumstances import UNKNOWN, coded, zip_in
from franking.scans.records import KNOWN_DEVICES, KNOWN_OFFICES

Whole = NDArray[np.int64]

DEVICES: Final = "devices.parquet"
OFFICES: Final = "offices.parquet"

KNOWN_FILE_UNREADABLE = Refusal(
    "KNOWN_FILE_UNREADABLE",
    clause="policy",
    remedy="Write the known facts again from the books, or give another folder of them.",
    http_status=422,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of devices and offices; whatever is not named stands as the context says."""

    rulebooks: tuple[str, ...]
    """The first is that of every device without one of its own."""
    limits: Whole
    """The descending limit of each rulebook, in mills."""
    ahead_days: Whole
    """How many days ahead each rulebook lets a piece be dated."""
    devices: Whole
    """Those that are named, in ascending order."""
    own_rulebook: Whole
    own_limit: Whole
    """``UNKNOWN`` where a device has none of its own."""
    office_of: Whole
    """The office that serves each of the 100,000 ZIP Codes, as a number."""

    def rulebook_of(self, devices: Whole) -> Whole:
        """The place in ``rulebooks`` of the one that each device stands under."""
        places, named = self._places(devices)
        found = np.zeros(len(devices), np.int64)
        found[named] = self.own_rulebook[places[named]]
        return found

    def ahead_days_of(self, devices: Whole) -> Whole:
        """How many days ahead each device may date a piece."""
        found: Whole = self.ahead_days[self.rulebook_of(devices)]
        return found

    def limit_of(self, devices: Whole) -> Whole:
        """The descending limit of each device: of its rulebook, or its own where that is lower."""
        places, named = self._places(devices)
        found = self.limits[self.rulebook_of(devices)]
        own = self.own_limit[places[named]]
        found[named] = np.where(own == UNKNOWN, found[named], np.minimum(own, found[named]))
        return found

    def _places(self, devices: Whole) -> tuple[Whole, NDArray[np.bool_]]:
        places = np.searchsorted(self.devices, devices)
        named = places < len(self.devices)
        named[named] = self.devices[places[named]] == devices[named]
        return places, named


def read_standing(known: Path | None, rulebook: str, on: date) -> Standing:
    """What the folder says, with the limits of the day.

    Raises:
        Refused: ``KNOWN_FILE_UNREADABLE``, ``RULEBOOK_UNKNOWN``, ``RULEBOOK_NOT_OPEN``.
    """
    named = _read(known, DEVICES, KNOWN_DEVICES)
    order = np.argsort(_whole(named["device"]), kind="stable")
    own = named["rulebook"].combine_chunks()
    rulebooks = (rulebook, *sorted(set(own.drop_null().to_pylist()) - {rulebook}))
    codes = coded(own.fill_null(rulebook), rulebooks.index)
    return Standing(
        rulebooks=rulebooks,
        limits=np.array(
            [rules.whole("device", each, on, "descending_limit") for each in rulebooks]
        ),
        ahead_days=np.array(
            [rules.whole("device", each, on, "date_ahead_days_max") for each in rulebooks]
        ),
        devices=_whole(named["device"])[order],
        own_rulebook=codes[order],
        own_limit=_whole(named["limit"])[order],
        office_of=_offices(_read(known, OFFICES, KNOWN_OFFICES)),
    )


def _offices(listed: pa.Table) -> Whole:
    """An office written as a ZIP Code is that number; one with a name, a number beyond them."""
    offices = np.arange(ZIP_END, dtype=np.int64)
    names: dict[str, int] = {}
    for zip_code, office in zip(
        listed["zip"].to_pylist(), listed["office"].to_pylist(), strict=True
    ):
        place = UNKNOWN if zip_code is None else zip_in(zip_code)
        if place != UNKNOWN and office is not None:
            number = zip_in(office)
            named = names.setdefault(office, ZIP_END + len(names))
            offices[place] = named if number == UNKNOWN else number
    return offices


def _read(known: Path | None, name: str, schema: pa.Schema) -> pa.Table:
    if known is None or not (known / name).exists():
        return schema.empty_table()
    try:
        return pq.read_table(known / name, columns=schema.names).select(schema.names).cast(schema)
    except (pa.ArrowException, OSError, KeyError) as error:
        raise KNOWN_FILE_UNREADABLE.because(f"{known / name}: {error}") from error


def _whole(column: pa.ChunkedArray) -> Whole:
    numbers: Whole = column.fill_null(UNKNOWN).to_numpy()
    return numbers
