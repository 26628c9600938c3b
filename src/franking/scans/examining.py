"""Every step of verification that needs no other scan, on a batch of scans by column.

A piece is judged here as ``verify_payload`` judges it: the same predicates, asked of columns. What
is no indicium of ours is given to ``verify_payload`` itself, each different payload once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from franking.errors import Refusal
from franking.scans.circumstances import (
    Circumstances,
    circumstances_of,
    operations_in,
    places_in,
    times_in,
)
from franking.scans.column_steps import (
    Seen,
    amount_seen,
    bits_seen,
    certificate_seen,
    date_seen,
    place_seen,
    registers_seen,
)
from franking.scans.context import Context
from franking.scans.decoding import Contents, Payloads, Truth, Whole, contents_of
from franking.scans.devices import buckets_of
from franking.scans.due import amounts_due
from franking.scans.keys import Keys
from franking.scans.records import EXAMINED
from franking.scans.signatures import Proven, Signatures, signatures_of
from franking.scans.standing import Standing, read_standing
from franking.verification.payload import verify_payload
from franking.verification.predicates import trust_list_stale
from franking.verification.reasons import Reason, bearing_of, bit_of, bits_of
from franking.verification.trust_format import microseconds_of
from franking.verification.trust_list import TrustList

_PAYLOADS_KEPT = 4096
_CONTENT_FIELDS = ("device", "ascending", "postage", "descending", "certificate")

ROOT_KEY_UNFIT = Refusal(
    "ROOT_KEY_UNFIT",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Give the root key of the Postal Service: an uncompressed P-256 point of 65 bytes.",
    http_status=422,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """The rows of a batch that have content, and what the steps saw in them."""

    contents: Contents
    signatures: Signatures
    bits: Whole


class Bench:
    """What a process examines with: the files that a context names, opened once."""

    def __init__(self, context: Context) -> None:
        """Open them.

        Raises:
            Refused: as ``examine``.
        """
        self.context = context
        self.today = context.now.date()
        self.trust = TrustList.open(context.trust_list, _root_key(context.root_public_key))
        self.keys = Keys(self.trust)
        self.proven = Proven()
        self.standing: Standing = read_standing(context.known, context.rulebook, self.today)
        self.bits_of_stranger = lru_cache(maxsize=_PAYLOADS_KEPT)(self._bits_of_stranger)
        """The reasons of a payload without content of ours, as ``verify_payload`` says them."""

    def _bits_of_stranger(self, payload: bytes) -> int:
        return bits_of(verify_payload(payload, self.trust, self.context.now).reasons)

    @property
    def stale_bit(self) -> int:
        """TRUST_LIST_STALE, where the list is."""
        issue = self.trust.issue
        instants = (self.context.now, issue.issued, issue.next_issue)
        stale = trust_list_stale(*map(microseconds_of, instants))
        return bit_of(Reason.TRUST_LIST_STALE) if stale else 0


@lru_cache(maxsize=2)
def bench_of(context: Context) -> Bench:
    """The bench of a context, set up once in each process.

    Raises:
        Refused: as ``examine``.
    """
    return Bench(context)


def examine(batch: pa.RecordBatch, context: Context) -> pa.RecordBatch:
    """The scans of a ``NUMBERED`` batch as ``EXAMINED``, row for row in the same order.

    A scan whose payload is null is ``ILLEGIBLE``. What is not known of a scan (its device, its
    place, its time) is null.

    Raises:
        Refused: as ``TrustList.open``, ``ROOT_KEY_UNFIT``, ``TRUST_LIST_DAMAGED``,
            ``RULEBOOK_UNKNOWN``, ``RULEBOOK_NOT_OPEN``, ``KNOWN_FILE_UNREADABLE``; never for what
            the scans hold.
    """
    return examine_on(bench_of(context), batch)


def examine_on(bench: Bench, batch: pa.RecordBatch) -> pa.RecordBatch:
    """As ``examine``, on a bench that is set up.

    Raises:
        Refused: ``TRUST_LIST_DAMAGED``.
    """
    context, said = bench.context, circumstances_of(batch)
    payloads = Payloads.of(batch["payload"])
    judged = _judged(payloads, said, bench)
    rows = judged.contents.rows
    bits = _bits_of_strangers(payloads, rows, bench)
    bits[rows] = judged.bits
    signed = np.zeros(len(bits), np.bool_)
    signed[rows] = judged.signatures.true
    bearing = bearing_of(bits, signed, said.sure)
    columns = {
        **_content_columns(judged, batch, context),
        **_passed_on(batch, context),
        "signed": pa.array(signed),
        "bearing": pa.array(bearing, pa.int8()),
        "reasons": pa.array(bits),
    }
    return pa.RecordBatch.from_arrays([columns[name] for name in EXAMINED.names], schema=EXAMINED)


def _judged(payloads: Payloads, said: Circumstances, bench: Bench) -> _Judged:
    """Take every step on the rows that have content."""
    contents = contents_of(payloads)
    places = bench.keys.places_of(contents.certificate)
    signatures = _signatures(payloads, contents, places, bench)
    bits = _bits_of_key(contents, places, signatures.true, bench) | bench.stale_bit
    bits |= _bits_of_content(contents, said.of(contents.rows), bench)
    return _Judged(contents=contents, signatures=signatures, bits=bits)


def _signatures(payloads: Payloads, contents: Contents, places: Whole, bench: Bench) -> Signatures:
    """Step 5, where there are a key and a signature."""
    asked = np.flatnonzero((places >= 0) & contents.as_laid_out)
    rows, keys = contents.rows[asked], bench.keys
    found = signatures_of(payloads, rows, places[asked], keys, bench.proven)
    true, digest = np.zeros(len(places), np.bool_), np.zeros(len(places), np.int64)
    true[asked], digest[asked] = found.true, found.digest
    return Signatures(true=true, digest=digest)


def _bits_of_key(contents: Contents, places: Whole, true: Truth, bench: Bench) -> Whole:
    """Steps 2 to 6: layout, certificate, signature, device."""
    listed, laid_out = places >= 0, contents.as_laid_out
    bits = bits_seen(
        len(places),
        {
            Reason.MALFORMED: ~laid_out,
            Reason.CERTIFICATE_UNKNOWN: ~listed,
            Reason.SIGNATURE_FALSE: listed & laid_out & ~true,
        },
    )
    if listed.any():
        certificates = bench.keys.certificates_at(np.maximum(places, 0))
        ahead = bench.standing.ahead_days_of(contents.device)
        of_key = bits_seen(len(places), certificate_seen(contents, certificates, ahead))
        bits |= np.where(listed, of_key, 0)
    return bits


def _bits_of_content(contents: Contents, said: Circumstances, bench: Bench) -> Whole:
    """Steps 7, 8, 10 and 11: date, registers, place, amount."""
    standing, today = bench.standing, bench.today
    due = amounts_due(contents, said, rulebook=bench.context.rulebook, on=today)
    seen: Seen = {
        **date_seen(contents, said, standing, today),
        **registers_seen(contents, standing),
        **place_seen(contents, said, standing),
        **amount_seen(contents, due),
    }
    return bits_seen(len(due), seen)


def _bits_of_strangers(payloads: Payloads, ours: Whole, bench: Bench) -> Whole:
    """The reasons of rows without content of ours; ``ours`` are left for who judges them."""
    bits = np.zeros(len(payloads.starts), np.int64)
    strange = np.ones(len(bits), np.bool_)
    strange[ours] = False
    missing = payloads.lengths < 0
    bits[missing] = bit_of(Reason.ILLEGIBLE)
    for row in np.flatnonzero(strange & ~missing).tolist():
        bits[row] = bench.bits_of_stranger(payloads.bytes_of(row))
    return bits


def _content_columns(
    judged: _Judged, batch: pa.RecordBatch, context: Context
) -> dict[str, pa.Array]:
    """What the content says, null where there is none, and the bucket of the device."""
    contents, rows = judged.contents, judged.contents.rows
    numbers = batch["row"].to_numpy(zero_copy_only=False).copy()
    numbers[rows] = contents.device
    signed = rows[judged.signatures.true]
    digests = judged.signatures.digest[judged.signatures.true]
    fields = {name: getattr(contents, name) for name in _CONTENT_FIELDS}
    return {
        "bucket": pa.array(buckets_of(numbers, context.buckets)),
        "content": _at(signed, digests, batch.num_rows),
        **{name: _at(rows, values, batch.num_rows) for name, values in fields.items()},
        "dated": _at(rows, contents.dated, batch.num_rows).cast(pa.int32()),
    }


def _passed_on(batch: pa.RecordBatch, context: Context) -> dict[str, pa.Array]:
    """What is said of the scan itself, as it came or as numbers."""
    return {
        **{name: batch[name] for name in ("file", "row", "scanner", "looks", "quality")},
        "scanned_at": times_in(batch, context),
        "place": places_in(batch["place"]),
        "operation": operations_in(batch),
    }


def _at(rows: Whole, values: Whole, count: int) -> pa.Array:
    """A column with these values in these rows, and null in the others."""
    column, empty = np.zeros(count, np.int64), np.ones(count, np.bool_)
    column[rows], empty[rows] = values, False
    return pa.array(column, mask=empty)


def _root_key(point: bytes) -> EllipticCurvePublicKey:
    try:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError as error:
        raise ROOT_KEY_UNFIT.because(f"{len(point)} bytes are no point of the curve") from error
