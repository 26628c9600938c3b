"""Columns of a file made fit for the table of scans; what cannot be used becomes null.

Work is done on whole columns; only values that are odd are looked at one by one, each distinct one
once. What was odd is told by the difference in nulls, so that nothing is lost without being said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from string import hexdigits
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from franking.scans.operations import Operation
from franking.scans.records import SCAN

_ZIP = re.compile(r"(\d{5})(-?\d{4})?|\d{3,4}")
_POINT = re.compile(r"\d{5}(\d{4}(\d{2})?)?")
_OPERATIONS = pa.array([each.word for each in Operation])
_ZIP_DIGITS, _POINT_DIGITS = 5, (5, 9, 11)
_YEAR_ONE = pa.scalar(datetime(1, 1, 1, tzinfo=UTC), pa.timestamp("us", tz="UTC"))
_YEAR_END = pa.scalar(datetime(9999, 12, 31, tzinfo=UTC), pa.timestamp("us", tz="UTC"))
_DAY_ONE, _DAY_END = pa.scalar(date(1, 1, 1)), pa.scalar(date(9999, 12, 31))
_INT32_END, _INT64_END = 2**31 - 1, 2**63 - 1
_NIBBLES = np.array(
    [int(chr(each), 16) if chr(each) in hexdigits else 0 for each in range(256)]
).astype(np.uint8)
_UNFIT = (ValueError, TypeError, ArithmeticError, LookupError, pa.ArrowException)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A column as the table of scans has it."""

    values: pa.Array
    unusable: int
    """Values that were given and are null now."""


@dataclass(frozen=True, slots=True)
class _Measure:
    """What a column has to be: which values fit as they are, and how to mend another one."""

    fits: Callable[[pa.Array], pa.Array]
    mend: Callable[[Any], Any]
    """Raises one of ``_UNFIT`` for what cannot be mended."""


def fitted(name: str, given: pa.Array) -> Fitted:
    """The values of the column called ``name``, of whatever type, as ``SCAN`` has them.

    Raises:
        pa.ArrowException: the array contradicts itself, as one of a damaged file may.
    """
    plain = _sound(given.storage if isinstance(given, pa.ExtensionArray) else given)
    if pa.types.is_dictionary(plain.type):
        was_null = pc.is_null(plain.dictionary).take(plain.indices)
        values = _fit(name, plain.dictionary).take(plain.indices)
        nulls = len(plain) - (pc.sum(pc.invert(was_null)).as_py() or 0)
        return Fitted(values=values, unusable=values.null_count - nulls)
    values = _fit(name, plain)
    return Fitted(values=values, unusable=values.null_count - plain.null_count)


def _sound(given: pa.Array) -> pa.Array:
    """The same, its text as bytes where it is not all UTF-8: then each value is looked at."""
    if pa.types.is_dictionary(given.type):
        given.indices.validate(full=True)
        coded = _sound(given.dictionary)
        sound = pa.DictionaryArray.from_arrays(given.indices, coded)
        sound.validate(full=True)
        return sound
    if _is_text(given.type) and not _is_valid(given):
        given = given.cast(pa.large_string()).view(pa.large_binary())
    given.validate(full=True)
    return given


def _is_valid(given: pa.Array) -> bool:
    try:
        given.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def type_note(name: str, type_: pa.DataType) -> str:
    """What is to be said of a column of that type; nothing where it is as expected."""
    if pa.types.is_dictionary(type_):
        return type_note(name, type_.value_type)
    if isinstance(type_, pa.BaseExtensionType):
        return type_note(name, type_.storage_type)
    target = SCAN.field(name).type
    if pa.types.is_null(type_):
        return "holds nothing"
    if pa.types.is_timestamp(type_) and pa.types.is_timestamp(target):
        return "" if type_.tz else "its times name no zone and are taken for UTC"
    return "" if _is_of_a_kind(type_, target) else f"is {type_}, where {target} is expected"


def _fit(name: str, given: pa.Array) -> pa.Array:
    target, measure = SCAN.field(name).type, _MEASURES[name]
    if pa.types.is_nested(given.type) or pa.types.is_null(given.type):
        return pa.nulls(len(given), target)
    cast = _cast(given, target)
    if cast is None:
        return _mended(given, target, measure)
    fits = pc.fill_null(measure.fits(cast), True)
    if pc.all(fits, min_count=0).as_py():
        return cast
    mended = _mended(pc.if_else(fits, pa.scalar(None, cast.type), cast), target, measure)
    return pc.if_else(fits, cast, mended)


def _cast(given: pa.Array, target: pa.DataType) -> pa.Array | None:
    """The same values in the type wanted; ``None`` where they have to be looked at singly."""
    try:
        if _is_text(given.type) and _is_bytes(target):
            return _from_hexadecimal(given.cast(pa.string()))
        if pa.types.is_timestamp(given.type) and pa.types.is_timestamp(target):
            return _in_utc(given)
        if _is_bytes(given.type) and not _is_bytes(target):
            return given.cast(pa.string()).cast(target)
        if _is_text(given.type) or _is_of_a_kind(given.type, target):
            return given.cast(target)
    except pa.ArrowException:
        return None
    return None


def _is_of_a_kind(given: pa.DataType, target: pa.DataType) -> bool:
    """Numbers are not words, and a time is not a date: those are mended one by one."""
    kinds = (_is_bytes, _is_text, _is_number, pa.types.is_timestamp, pa.types.is_date)
    return any(kind(given) and kind(target) for kind in kinds)


def _from_hexadecimal(given: pa.Array) -> pa.Array:
    """Bytes written as pairs of hexadecimal digits; null where it is anything else."""
    fits = pc.match_substring_regex(given, r"^([0-9A-Fa-f]{2})*$")
    text = pc.fill_null(pc.if_else(fits, given, None), "")
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset :][: len(text) + 1]
    data = text.buffers()[2] or pa.py_buffer(b"")
    digits = _NIBBLES[np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]]
    octets = digits[::2] << 4 | digits[1::2]
    halved = ((offsets - offsets[0]) // 2).astype(np.int32)
    buffers = [None, pa.py_buffer(halved), pa.py_buffer(octets)]
    found = pa.Array.from_buffers(pa.binary(), len(text), buffers)
    return pc.if_else(fits, found, None)


def _is_bytes(type_: pa.DataType) -> bool:
    is_of = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    return any(each(type_) for each in is_of) or bool(type_ == pa.binary_view())


def _is_text(type_: pa.DataType) -> bool:
    is_of = (pa.types.is_string, pa.types.is_large_string)
    return any(each(type_) for each in is_of) or bool(type_ == pa.string_view())


def _is_number(type_: pa.DataType) -> bool:
    is_of = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return any(each(type_) for each in is_of)


def _in_utc(given: pa.Array) -> pa.Array:
    """Instants in microseconds; those that name no zone are taken for UTC."""
    micro = pa.timestamp("us", tz=given.type.tz)
    fine = given.cast(options=pc.CastOptions(micro, allow_time_truncate=True))
    return pc.assume_timezone(fine, "UTC") if given.type.tz is None else fine.cast(_INSTANT)


def _mended(given: pa.Array, target: pa.DataType, measure: _Measure) -> pa.Array:
    """Every distinct value mended by itself; of a type that nobody can look at, none."""
    try:
        coded = given.dictionary_encode()
    except pa.ArrowException:
        return pa.nulls(len(given), target)
    mended = [_mend(value, measure.mend) for value in coded.dictionary]
    return pa.array(mended, target).take(coded.indices)


def _mend(value: pa.Scalar, mend: Callable[[Any], Any]) -> Any:
    try:
        plain = value.as_py()
        return mend(plain.decode() if isinstance(plain, bytes) else plain)
    except _UNFIT:
        return None


def _anything(values: pa.Array) -> pa.Array:
    return pc.is_valid(values)


def _named(values: pa.Array) -> pa.Array:
    return pc.greater(pc.binary_length(values), 0)


def _zip_fits(values: pa.Array) -> pa.Array:
    return pc.match_substring_regex(values, r"^[0-9]{5}$")


def _point_fits(values: pa.Array) -> pa.Array:
    return pc.match_substring_regex(values, r"^[0-9]{5}([0-9]{4}([0-9]{2})?)?$")


def _operation_fits(values: pa.Array) -> pa.Array:
    return pc.is_in(values, _OPERATIONS)


def _from_to(least: Any, most: Any) -> Callable[[pa.Array], pa.Array]:
    def fits(values: pa.Array) -> pa.Array:
        return pc.and_(pc.greater_equal(values, least), pc.less_equal(values, most))

    return fits


def _weight_fits(values: pa.Array) -> pa.Array:
    return pc.and_(pc.is_finite(values), pc.greater(values, 0.0))


def _nothing(given: Any) -> bytes:
    """What is neither bytes nor their hexadecimal digits is no payload."""
    raise ValueError(given)


def _text(given: Any) -> str:
    if not isinstance(given, str | int) or isinstance(given, bool):
        raise ValueError(given)
    return str(given).strip()


def _name(given: Any) -> str:
    text = _text(given)
    if not text:
        raise ValueError(given)
    return text


def _zip(given: Any) -> str:
    """The first five digits; a short one has lost the zeros in front, as numbers do."""
    text = _text(given)
    found = _ZIP.fullmatch(text)
    if found is None or not text.isascii():
        raise ValueError(given)
    return found[1] or text.zfill(_ZIP_DIGITS)


def _point(given: Any) -> str:
    text = _text(given).replace("-", "").replace(" ", "")
    if isinstance(given, int):
        text = text.zfill(min(length for length in _POINT_DIGITS if length >= len(text)))
    if _POINT.fullmatch(text) is None or not text.isascii():
        raise ValueError(given)
    return text


def _operation(given: Any) -> str:
    return Operation[_text(given).upper()].word


def _whole(most: int, least: int = 0) -> Callable[[Any], int]:
    def mend(given: Any) -> int:
        number = int(given)
        if isinstance(given, bool) or number != float(given) or not least <= number <= most:
            raise ValueError(given)
        return number

    return mend


def _weight(given: Any) -> float:
    number = float(given)
    if isinstance(given, bool) or not 0 < number < float("inf"):
        raise ValueError(given)
    return number


def _instant(given: Any) -> datetime:
    at = datetime.fromisoformat(given.strip()) if isinstance(given, str) else given
    if not isinstance(at, datetime):
        raise ValueError(given)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _day(given: Any) -> date:
    if isinstance(given, datetime):
        return given.date()
    found = date.fromisoformat(given.strip()) if isinstance(given, str) else given
    if not isinstance(found, date):
        raise ValueError(given)
    return found


_INSTANT = SCAN.field("scanned_at").type
_DAYS = _Measure(_from_to(_DAY_ONE, _DAY_END), _day)
_ZIPS = _Measure(_zip_fits, _zip)
_NAMES = _Measure(_named, _name)
_MEASURES: Final[Mapping[str, _Measure]] = {
    "payload": _Measure(_anything, _nothing),
    "scanner": _NAMES,
    "place": _ZIPS,
    "scanned_at": _Measure(_from_to(_YEAR_ONE, _YEAR_END), _instant),
    "operation": _Measure(_operation_fits, _operation),
    "looks": _Measure(_from_to(1, _INT32_END), _whole(_INT32_END, 1)),
    "quality": _Measure(_from_to(0, 100), _whole(100)),
    "mail_class": _NAMES,
    "weight_ounces": _Measure(_weight_fits, _weight),
    "amount_due_mills": _Measure(_from_to(0, _INT64_END), _whole(_INT64_END)),
    "address": _Measure(_point_fits, _point),
    "deposited_on": _DAYS,
    "next_collection": _DAYS,
    "deposit_zip": _ZIPS,
}
