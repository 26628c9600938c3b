"""Scans of a night examined by column, on one core, beside bare P-256 checks of 49 bytes.

With class, weight, place and day of deposit to be looked at too. Once as in a night where every
device has many pieces, so that its key is at hand; once where nearly every piece is the first of
its device, and a key has to be loaded for it. Then what is not the signatures: one payload only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from itertools import cycle
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from numpy.typing import NDArray

from benchmarks.limits import ES256, bare_verifying
from benchmarks.measuring import Result, Target, Work, rates
from benchmarks.pieces import NOW, TODAY, Keys, content, new_keys
from benchmarks.setting import Setting
from franking.identifiers import DeviceId
from franking.indicium.content import pack
from franking.indicium.signature import raw_from_der
from franking.scans.context import Context
from franking.scans.devices import device_number
from franking.scans.examining import Bench, examine_on
from franking.scans.records import NUMBERED
from franking.scans.signatures import Proven
from franking.verification.trust_format import ROW, day_number
from franking.verification.trust_list import write_table

DEVICES, PIECES, BATCH = 20_000, 40_000, 8_000
DEVICES_QUICK, PIECES_QUICK, BATCH_QUICK = 2_000, 4_000, 2_000


def run(setting: Setting) -> Sequence[Result]:
    """Examine batches of a night, and a batch of one payload."""
    quick = setting.pace.quick
    devices = DEVICES_QUICK if quick else DEVICES
    pieces, batch = (PIECES_QUICK, BATCH_QUICK) if quick else (PIECES, BATCH)
    root, private = new_keys(), [ec.generate_private_key(ec.SECP256R1()) for _ in range(devices)]
    context = _context(setting.folder / "trust.list", root, private)
    night = _payloads(private, pieces)
    batches = [_batch(night[at : at + batch]) for at in range(0, pieces, batch)]
    found = rates(
        setting.pace,
        many=_examining(batches, context),
        first=_examining(batches, context, forgetful=True),
        same=_examining([_batch(night[:1] * batch)], context),
        bare=bare_verifying(),
    )
    beside = partial(Result, unit="scans/s", beside="bare P-256 check", beside_figure=found["bare"])
    return [
        beside(
            name=f"examine, {devices:,} devices with many pieces each",
            figure=found["many"],
            target=Target(kind="ratio at least", value=0.9),
        ),
        beside(name="examine, the first piece of nearly every device", figure=found["first"]),
        beside(name="examine, one payload only", figure=found["same"]),
    ]


def _examining(
    batches: Sequence[pa.RecordBatch], context: Context, *, forgetful: bool = False
) -> Work:
    stream, bench = cycle(batches), Bench(context)

    def work() -> int:
        batch, at = next(stream), Bench(context) if forgetful else bench
        at.proven = Proven()
        if examine_on(at, batch)["reasons"].to_numpy().any():
            raise AssertionError("a true indicium was found at fault")
        return int(batch.num_rows)

    return work


def _batch(payloads: list[bytes]) -> pa.RecordBatch:
    """Scans as a plant makes them, with all that it may know."""
    said = {
        "file": 0,
        "scanner": "60601-7",
        "place": "60601",
        "scanned_at": NOW,
        "operation": "origin",
        "looks": 1,
        "quality": 70,
        "mail_class": "first-class",
        "weight_ounces": 1.0,
        "address": "60601123499",
        "deposited_on": TODAY,
        "deposit_zip": "60601",
    }
    columns = {name: pa.repeat(pa.scalar(value, NUMBERED.field(name).type), len(payloads))
               for name, value in said.items()}  # fmt: skip
    columns["row"] = pa.array(np.arange(len(payloads)))
    columns["payload"] = pa.array(payloads, pa.binary())
    missing = {field.name: pa.nulls(len(payloads), field.type) for field in NUMBERED}
    return pa.RecordBatch.from_pydict(missing | columns, schema=NUMBERED)


def _payloads(private: Sequence[ec.EllipticCurvePrivateKey], count: int) -> list[bytes]:
    """Signed pieces, the devices in no order."""
    random = np.random.default_rng(1997)
    return [
        _signed(private[device], device, 1 + number // len(private))
        for number, device in enumerate(random.permutation(count) % len(private))
    ]


def _signed(key: ec.EllipticCurvePrivateKey, device: int, piece: int) -> bytes:
    plain = content(piece)
    data = pack(
        msgspec.structs.replace(plain, certificate_serial=device + 1, device_id=_device(device))
    )
    return data + raw_from_der(key.sign(data, ES256))


def _device(number: int) -> DeviceId:
    return DeviceId("FK", "1A", int(number) + 1)


def _context(path: Path, root: Keys, private: Sequence[ec.EllipticCurvePrivateKey]) -> Context:
    with path.open("wb") as out:
        issued, due = NOW.replace(day=20), NOW.replace(day=27)
        write_table(out, _rows(private), {}, root.root, issued=issued, next_issue=due)
    return Context(trust_list=path, root_public_key=_point(root.root_public_key), now=NOW)


def _rows(private: Sequence[ec.EllipticCurvePrivateKey]) -> NDArray[np.void]:
    rows = np.zeros(len(private), ROW)
    numbers = [device_number(_device(number)) for number in range(len(private))]
    rows["certificate_serial"] = np.arange(1, len(private) + 1)
    rows["device"] = np.array(numbers, ">i8").view("V8")
    points = b"".join(_point(key.public_key())[1:] for key in private)
    rows["public_key"] = np.frombuffer(points, "V64")
    rows["valid_from"] = day_number(date(1997, 1, 1))
    rows["valid_to"] = day_number(date(1999, 12, 31))
    return rows


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
