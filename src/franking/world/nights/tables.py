"""Made-up scans as the tables in which nights come in, each with what is true of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from franking.indicium.content import CONTENT_BYTES
from franking.scans.operations import Operation
from franking.scans.records import SCAN
from franking.verification.reasons import reasons_in
from franking.world.nights import places
from franking.world.nights.journeys import DAY, Scans, lanes_of
from franking.world.nights.mail import Pieces, Random
from franking.world.nights.plan import Plan
from franking.world.nights.records import TRUTH, Fraud, Trouble
from franking.world.nights.signing import WIDTH, Payloads, lengths_of
from franking.world.nights.truth import VERDICTS, Truth, is_known

ROWS: Final = pa.schema([*SCAN, *(TRUTH.field(name) for name in TRUTH.names[2:])])
"""A scan and its truth; which file and row it comes to is not known yet."""
_ADDRESS_SHARE = 0.2
_OUNCE = 1.0
_CLASS = "first-class"
_ZIP_DIGITS = 5
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a shard made: the scans of one night, and the pieces and prints that they are of."""

    plan: Plan
    pieces: Pieces
    payloads: Payloads
    scans: Scans
    truth: Truth


def rows_of(made: Made, random: Random) -> pa.Table:
    """The scans as ``ROWS``, in the order that they are in."""
    return pa.table(_scan_columns(made, random) | _truth_columns(made), ROWS)


def _scan_columns(made: Made, random: Random) -> dict[str, pa.Array]:
    scans = made.scans
    clocked = (scans["at"] + scans["clock"]).astype("datetime64[us]")
    looks = scans["looks"]
    return {
        "payload": _payloads(made, random),
        "scanner": _scanners(made),
        "place": _picked(places.zip_texts()[:, 0], scans["place"]),
        "scanned_at": pa.array(clocked).cast(SCAN.field("scanned_at").type),
        "operation": _picked(_operation_names(), scans["operation"]),
        "looks": pa.array(looks, pa.int32(), mask=looks == 0),
        "quality": pa.array(scans["quality"], pa.int32()),
    } | _facts(made, random)


def _facts(made: Made, random: Random) -> dict[str, pa.Array]:
    """What is known of a piece where it was taken in; the amount due for half of them."""
    scans, pieces = made.scans, made.pieces[made.scans["piece"]]
    unknown = ~is_known(made.pieces, scans)
    deposited = np.where(scans["copy"], scans["at"] // DAY, pieces["mailed"])
    served = random.integers(0, places.ZIPS.shape[1], len(scans))
    zips = scans["place"] * places.ZIPS.shape[1] + served
    undue = unknown | _half(scans, random)
    return {
        "mail_class": _picked(np.array([_CLASS]), np.zeros(len(scans), np.int64), unknown),
        "weight_ounces": pa.array(pieces["ounces"] * _OUNCE, pa.float64(), mask=unknown),
        "amount_due_mills": pa.array(pieces["due"], pa.int64(), mask=undue),
        "address": _addresses(made, random),
        "deposited_on": _days(deposited, unknown),
        "next_collection": _days(deposited + 1, unknown),
        "deposit_zip": _picked(places.zip_texts().ravel(), zips, unknown),
    }


def _half(scans: Scans, random: Random) -> Flags:
    half: Flags = random.random(len(scans)) < 0.5
    return half


def _days(days: NDArray[np.int64], unknown: Flags) -> pa.Array:
    return pa.array(days.astype(np.int32), pa.int32(), mask=unknown).cast(pa.date32())


def _addresses(made: Made, random: Random) -> pa.Array:
    """The delivery point, where some plant looked it up at the destination on the print."""
    scans, pieces = made.scans, made.pieces[made.scans["piece"]]
    there = (scans["operation"] == Operation.DESTINATION) & (scans["place"] == pieces["to"])
    shown = there & (random.random(len(scans)) < _ADDRESS_SHARE)
    texts = np.char.zfill(pieces["destination"].astype(str), 11)
    return pa.array(texts.astype(object), pa.string(), mask=~shown)


def _payloads(made: Made, random: Random) -> pa.Array:
    """The bytes of the symbols: as printed, as misread, or none."""
    scans = made.scans
    data = made.payloads[scans["piece"]]
    _misread(data, np.flatnonzero(scans["misread"]), random)
    absent = scans["smudged"] | made.pieces["illegible"][scans["piece"]]
    lengths = lengths_of(made.pieces)[scans["piece"]]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    printed = data[np.arange(WIDTH) < lengths[:, None]]
    whole = pa.Array.from_buffers(
        pa.binary(), len(scans), [None, pa.py_buffer(offsets), pa.py_buffer(printed)]
    )
    return pc.if_else(pa.array(absent), pa.scalar(None, pa.binary()), whole)


def _misread(data: Payloads, those: NDArray[np.intp], random: Random) -> None:
    """Change one to three bytes of each: somewhere in the content, so that it reads as another."""
    for _ in range(3):
        spots = random.integers(2, CONTENT_BYTES, len(those))
        data[those, spots] ^= random.integers(0, 256, len(those)).astype(np.uint8)
    data[those, CONTENT_BYTES] ^= np.uint8(1)


def _scanners(made: Made) -> pa.Array:
    lanes = lanes_of(made.plan)
    names = [f"{zip_code}-{lane}" for zip_code in places.zip_texts()[:, 0] for lane in range(lanes)]
    return _picked(np.array(names), made.scans["place"] * lanes + made.scans["lane"])


def _operation_names() -> NDArray[np.str_]:
    return np.array(["", *(operation.word for operation in Operation)])


def _picked(names: NDArray[Any], places_of: NDArray[Any], unknown: Flags | None = None) -> pa.Array:
    """The name at each place; null where it is unknown."""
    indices = pa.array(places_of, pa.int32(), mask=unknown)
    return pa.array(names.tolist(), pa.string()).take(indices)


def _truth_columns(made: Made) -> dict[str, pa.Array]:
    scans, truth, pieces = made.scans, made.truth, made.pieces[made.scans["piece"]]
    honest = pieces["fraud"] < 0
    copied = scans["copy"] | (pieces["fraud"] == tuple(Fraud).index(Fraud.CLONE))
    is_copy = np.isin(pieces["fraud"], [tuple(Fraud).index(fraud) for fraud in _COPIED])
    original = pieces["original"] | (is_copy & ~copied)
    return {
        "fraud": _picked(np.array([str(fraud) for fraud in Fraud]), pieces["fraud"], honest),
        "incident": pa.array(pieces["incident"], pa.int64(), mask=honest),
        "original": pa.array(original),
        "trouble": _troubles(scans["troubles"] | pieces["troubles"]),
        "detectable": pa.array(truth.reasons != 0),
        "reasons": _reason_lists(truth.reasons),
        "may": _reason_lists(truth.may),
        "verdict": pa.array([None if each is None else str(each) for each in VERDICTS]).take(
            pa.array(truth.verdict, pa.int32())
        ),
    }


_COPIED = frozenset({Fraud.COPY_SAME_NIGHT, Fraud.COPY_EARLIER})


def _troubles(bits: NDArray[np.int32]) -> pa.Array:
    """The last trouble in the list that befell it: what matters most to a scan."""
    numbers = np.frompyfunc(int.bit_length, 1, 1)(bits.astype(object)).astype(np.int64)
    return _picked(np.array(["", *Trouble]), numbers, numbers == 0)


def _reason_lists(bits: NDArray[np.int64]) -> pa.Array:
    distinct, inverse = np.unique(bits, return_inverse=True)
    lists = [[str(reason) for reason in reasons_in(each)] for each in distinct.tolist()]
    return pa.array(lists, pa.list_(pa.string())).take(pa.array(inverse))
