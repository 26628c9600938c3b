"""What is said of each scan beside its payload, as columns of whole numbers.

Text that cannot be what its column means (a ZIP Code of letters, a class that no mail has) says
nothing: such a value counts as unknown. ``UNKNOWN`` stands in the columns that have a place for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from franking.host.records import MailClass
from franking.scans.context import Context
from franking.scans.operations import Operation
from franking.verification.reasons import LOOKS_SURE
from franking.verification.trust_format import day_number

Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]

UNKNOWN: Final = -(2**62)
"""Below every day, amount and number that a scan can have."""
CLASSES: Final = tuple(MailClass)

_ZIP = re.compile(r"(\d{5})(-?\d{4})?(\d{2})?", re.ASCII)
_ADDRESS = r"^\d{0,11}$"
_FIRST_DAY, _LAST_DAY = day_number(date.min), day_number(date.max)
_CLASS_CODES = {name.value: code for code, name in enumerate(CLASSES)}
_OPERATIONS = {operation.word: operation.value for operation in Operation}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the scanner and the clerk said; ``UNKNOWN`` where they said nothing."""

    sure: Truth
    """``LOOKS_SURE`` looks or more gave the bytes."""
    deposited_on: Whole
    next_collection: Whole
    deposit_zip: Whole
    address: Whole
    """Its digits as a number; ``address_digits`` is 0 where it is not known."""
    address_digits: Whole
    mail_class: Whole
    """A place in ``CLASSES``."""
    weight_ounces: NDArray[np.float64]
    """Not a number where it is not known."""
    amount_due: Whole

    def of(self, rows: Whole) -> Circumstances:
        """Those of some rows of the batch."""
        return Circumstances(**{name: getattr(self, name)[rows] for name in self.__slots__})


def circumstances_of(batch: pa.RecordBatch) -> Circumstances:
    """The circumstances of every row of a ``NUMBERED`` batch."""
    address, address_digits = _addresses(batch["address"])
    return Circumstances(
        sure=_whole(batch["looks"]) >= LOOKS_SURE,
        deposited_on=_days(batch["deposited_on"]),
        next_collection=_days(batch["next_collection"]),
        deposit_zip=coded(batch["deposit_zip"], zip_in),
        address=address,
        address_digits=address_digits,
        mail_class=coded(batch["mail_class"], _class_in),
        weight_ounces=batch["weight_ounces"].fill_null(np.nan).to_numpy(zero_copy_only=False),
        amount_due=_whole(batch["amount_due_mills"]),
    )


def places_in(texts: pa.Array) -> pa.Array:
    """ZIP Codes as whole numbers, as ``EXAMINED`` has them."""
    return _or_null(coded(texts, zip_in), pa.int32())


def operations_in(batch: pa.RecordBatch) -> pa.Array:
    """What was done with the pieces, as numbers of ``Operation``."""
    return _or_null(coded(batch["operation"], _operation_in), pa.int8())


def times_in(batch: pa.RecordBatch, context: Context) -> pa.Array:
    """When the pieces were scanned; unknown where the scanner's clock is wrong."""
    times = batch["scanned_at"]
    unknown = pa.scalar(None, times.type)
    if context.believed is not None:
        first, end = (pa.scalar(each, times.type) for each in context.believed)
        at_night = pc.and_(pc.greater_equal(times, first), pc.less(times, end))
        times = pc.if_else(at_night, times, unknown)
    if not context.wrong_clocks:
        return times
    wrong = pc.is_in(batch["scanner"], pa.array(sorted(context.wrong_clocks), pa.string()))
    return pc.if_else(wrong, unknown, times)


def coded(column: pa.Array, code: Callable[[str], int]) -> Whole:
    """The text of a column as numbers; ``code`` is asked once for each different text."""
    texts = column.cast(pa.binary()).dictionary_encode()
    found = [
        UNKNOWN if text is None else code(_text(text)) for text in texts.dictionary.to_pylist()
    ]
    places = texts.indices.fill_null(len(found)).to_numpy(zero_copy_only=False)
    codes: Whole = np.array([*found, UNKNOWN], np.int64)[places]
    return codes


def _text(octets: bytes) -> str:
    """Nothing has checked before that the bytes of a file are text."""
    return octets.decode(errors="replace")


def zip_in(text: str) -> int:
    """The five-digit ZIP Code that a longer one begins with; ``UNKNOWN`` where it is none."""
    match = _ZIP.fullmatch(text.strip())
    return UNKNOWN if match is None else int(match[1])


def _class_in(text: str) -> int:
    return _CLASS_CODES.get(text.strip().lower(), UNKNOWN)


def _operation_in(text: str) -> int:
    return _OPERATIONS.get(text.strip().lower(), UNKNOWN)


def _whole(column: pa.Array) -> Whole:
    numbers: Whole = column.cast(pa.int64()).fill_null(UNKNOWN).to_numpy(zero_copy_only=False)
    return numbers


def _days(column: pa.Array) -> Whole:
    """Days that the calendar of the rules knows."""
    days = _whole(column.cast(pa.int32()))
    return np.where((days >= _FIRST_DAY) & (days <= _LAST_DAY), days, UNKNOWN)


def _addresses(column: pa.Array) -> tuple[Whole, Whole]:
    """Delivery points as numbers, and how many digits each has; 0 where it is none."""
    octets = pc.replace_substring(column.cast(pa.binary()).fill_null(b""), "-", "")
    fitting = pc.match_substring_regex(octets, _ADDRESS)
    digits = pc.if_else(fitting, octets, b"").cast(pa.string())
    lengths = pc.binary_length(digits).cast(pa.int64()).to_numpy(zero_copy_only=False)
    numbers = pc.if_else(pc.equal(digits, ""), "0", digits).cast(pa.int64())
    return numbers.to_numpy(zero_copy_only=False), lengths


def _or_null(numbers: NDArray[Any], kind: pa.DataType) -> pa.Array:
    unknown = numbers == UNKNOWN
    return pa.array(np.where(unknown, 0, numbers), pa.int64(), mask=unknown).cast(kind)
