"""One small made-up night, with the truth beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tools.make_vectors import ROOT_KEY, VectorKey

from franking.identifiers import DeviceId
from franking.indicium.content import pack
from franking.messages.signing import public_key_pem
from franking.scans.records import KNOWN_OFFICES, KNOWN_REFUNDS, KNOWN_TOTALS, SCAN
from franking.verification.trust_list import Ending, EndReason, TrustEntry, build
from franking.world.nights.plan import Plan
from franking.world.nights.records import TRUTH, Fraud, Night
from franking.world.nights.synthesis import synthesize
from tests.fixtures_verification import content

NIGHT_NOW = datetime(1997, 11, 22, 11, tzinfo=UTC)
"""The morning after: when the night is judged."""
MAILED = date(1997, 11, 21)
EVENING = datetime(1997, 11, 21, 23, tzinfo=UTC)
_TOTAL = 500_000
_EVERY_DEVICE = 24
"""Those from 10 make nothing in the small night."""


@dataclass
class _Row:
    payload: bytes | None
    more: dict[str, Any] = field(default_factory=dict)
    fraud: Fraud | None = None
    reasons: tuple[str, ...] = ()
    verdict: str = "authentic"
    original: bool = False


def small_night(folder: Path) -> Night:
    """A night of some 50 scans in ``folder``: honest pieces, and one of each plain fraud."""
    folder.mkdir(parents=True, exist_ok=True)
    known = folder / "known"
    known.mkdir()
    rows = [*_honest(), *_frauds()]
    _write_scans(folder / "scans.parquet", rows)
    _write_truth(folder / "truth.parquet", rows)
    _write_known(known)
    (folder / "trust.list").write_bytes(_trust())
    (folder / "root.pem").write_bytes(public_key_pem(ROOT_KEY.private_key.public_key()))
    return Night(
        scans=folder / "scans.parquet",
        trust=folder / "trust.list",
        root=folder / "root.pem",
        known=known,
        truth=folder / "truth.parquet",
    )


def made_night(folder: Path, *, processes: int = 1, **changes: Any) -> Night:
    """A night, or several, from the generator: 200 pieces of 6 devices, each fraud done twice."""
    asked: dict[str, Any] = {
        "pieces": 200,
        "devices": 6,
        "on": NIGHT_NOW.date() - timedelta(days=1),
        "frauds": dict.fromkeys(Fraud, 2),
    }
    return synthesize(Plan(**asked | changes), folder, processes=processes)


def _device(number: int) -> DeviceId:
    return DeviceId("FK", "1A", number)


def _key(number: int) -> VectorKey:
    return VectorKey(f"franking night device {number}")


def piece_of_night(number: int, *, key: VectorKey | None = None, **changes: Any) -> bytes:
    """The 113 bytes of a piece of device ``number``; the piece before it ended at 100,000."""
    fields: dict[str, Any] = {
        "device_id": _device(number),
        "certificate_serial": 1000 + number,
        "ascending_mills": 100_320,
        "postage_mills": 320,
        "date_of_mailing": MAILED,
    }
    fields |= changes
    fields.setdefault("descending_mills", max(_TOTAL - fields["ascending_mills"], 0))
    data = pack(content(**fields))
    return data + (key or _key(number)).sign(data)


def _honest() -> list[_Row]:
    return [
        _Row(
            piece_of_night(device, ascending_mills=100_000 + 320 * piece),
            {"scanned_at": EVENING + timedelta(minutes=piece)},
        )
        for device in (1, 2, 3)
        for piece in range(1, 11)
    ]


def _frauds() -> list[_Row]:
    forger = VectorKey("franking night forger")
    fresh: dict[str, Any] = {"ascending_mills": 300_000}
    not_authentic, undetermined = "not authentic", "undetermined"
    altered = bytearray(piece_of_night(1, ascending_mills=301_000))
    altered[20] ^= 1
    copied = piece_of_night(2, **fresh)
    far = {"place": "94105", "scanned_at": EVENING + timedelta(minutes=20)}
    return [
        _Row(piece_of_night(1, key=forger, **fresh), {}, Fraud.FORGED_SIGNATURE,
             ("SIGNATURE_FALSE",), not_authentic),
        _Row(piece_of_night(1, certificate_serial=77, **fresh), {}, Fraud.INVENTED_CERTIFICATE,
             ("CERTIFICATE_UNKNOWN",), undetermined),
        _Row(bytes(altered), {}, Fraud.ALTERED_VALUE, ("SIGNATURE_FALSE",), not_authentic),
        _Row(copied, {}, Fraud.COPY_SAME_NIGHT, ("DUPLICATE",), undetermined, True),
        _Row(copied, far, Fraud.COPY_SAME_NIGHT, ("DUPLICATE",), undetermined),
        _Row(piece_of_night(3, ascending_mills=400_320), {}, Fraud.CLONE,
             ("OVERLAP",), undetermined, True),
        _Row(piece_of_night(3, ascending_mills=400_500, postage_mills=500), {}, Fraud.CLONE,
             ("OVERLAP",), undetermined),
        _Row(piece_of_night(4, ascending_mills=200_000, date_of_mailing=date(1997, 10, 1)), {},
             Fraud.ROLLED_BACK, original=True),
        _Row(piece_of_night(4, ascending_mills=150_000), {}, Fraud.ROLLED_BACK,
             ("ROLLED_BACK",), undetermined),
        _Row(piece_of_night(1, ascending_mills=110_000, descending_mills=400_000), {},
             Fraud.VALUE_NOT_COVERED, ("CONTROL_TOTAL_DIFFERS",)),
        _Row(piece_of_night(1, ascending_mills=120_000), {"amount_due_mills": 550},
             Fraud.SHORT_PAID, ("SHORT_PAID",)),
        _Row(piece_of_night(1, ascending_mills=121_000), {"deposit_zip": "94105"},
             Fraud.WRONG_OFFICE, ("WRONG_OFFICE",)),
        _Row(piece_of_night(2, ascending_mills=350_000, date_of_mailing=date(1998, 3, 1)), {},
             Fraud.DATED_AHEAD, ("DATE_TOO_FAR_AHEAD",)),
        _Row(piece_of_night(1, ascending_mills=123_000, date_of_mailing=date(1997, 11, 10)),
             {"deposited_on": MAILED}, Fraud.DATED_PAST, ("DATE_IS_PAST",)),
        _Row(piece_of_night(1, ascending_mills=124_000), {}, Fraud.REFUNDED, ("REFUNDED",)),
        _Row(piece_of_night(5, ascending_mills=60_000), {}, Fraud.WITHDRAWN,
             ("ABOVE_FINAL_ASCENDING",), not_authentic),
        _Row(piece_of_night(9), {}, Fraud.REVOKED, ("SERVICE_ENDED",), undetermined),
        _Row(piece_of_night(6), {}, Fraud.LOST, ("DEVICE_LOST",)),
        _Row(piece_of_night(7), {}, Fraud.STOLEN, ("DEVICE_STOLEN",)),
        _Row(piece_of_night(8), {}, Fraud.COMPROMISED_KEY, ("KEY_COMPROMISED",), not_authentic),
        _Row(piece_of_night(2, key=_key(1), certificate_serial=1001, ascending_mills=130_000), {},
             Fraud.ANOTHER_CERTIFICATE, ("CERTIFICATE_OF_ANOTHER",), not_authentic),
        _Row(bytes(range(100, 213)), {}, Fraud.RANDOM_BYTES,
             ("MALFORMED", "PROFILE_NOT_VERIFIABLE"), undetermined),
        _Row(None, {}, Fraud.ILLEGIBLE, ("ILLEGIBLE",), undetermined),
    ]  # fmt: skip


def _scan(row: _Row) -> dict[str, Any]:
    usual = {
        "payload": row.payload,
        "scanner": "10001-1",
        "place": "10001",
        "scanned_at": EVENING,
        "operation": "origin",
        "looks": 2,
        "quality": 80,
    }
    return dict.fromkeys(SCAN.names) | usual | row.more


def _truth(number: int, row: _Row) -> dict[str, Any]:
    return {
        "file": 0,
        "row": number,
        "fraud": row.fraud,
        "incident": None if row.fraud is None else list(Fraud).index(row.fraud),
        "original": row.original,
        "trouble": None,
        "detectable": bool(row.reasons),
        "reasons": list(row.reasons),
        "may": [],
        "verdict": row.verdict,
    }


def _write_scans(path: Path, rows: Sequence[_Row]) -> None:
    pq.write_table(pa.Table.from_pylist([_scan(row) for row in rows], SCAN), path)


def _write_truth(path: Path, rows: Sequence[_Row]) -> None:
    truths = [_truth(number, row) for number, row in enumerate(rows)]
    pq.write_table(pa.Table.from_pylist(truths, TRUTH), path)


def _write_known(folder: Path) -> None:
    """Every device was reset once, to the same total; one piece was refunded."""
    numbers = [_number(device) for device in range(1, _EVERY_DEVICE + 1)]
    totals = [{"device": number, "control_total": _TOTAL} for number in numbers]
    refunds = [{"device": numbers[0], "ascending": 124_000, "refunded": (MAILED - _EPOCH).days}]
    offices = [{"zip": "10001", "office": "New York"}, {"zip": "94105", "office": "San Francisco"}]
    pq.write_table(pa.Table.from_pylist(totals, KNOWN_TOTALS), folder / "totals.parquet")
    pq.write_table(pa.Table.from_pylist(refunds, KNOWN_REFUNDS), folder / "refunds.parquet")
    pq.write_table(pa.Table.from_pylist(offices, KNOWN_OFFICES), folder / "offices.parquet")


_EPOCH = date(1970, 1, 1)


def _number(device: int) -> int:
    return int.from_bytes(b"FK1A" + device.to_bytes(4, "little"))


def _trust() -> bytes:
    endings = {
        5: Ending(reason=EndReason.WITHDRAWN, on=date(1997, 11, 1), final_ascending_mills=50_000),
        6: Ending(reason=EndReason.LOST, on=date(1997, 11, 1), final_ascending_mills=None),
        7: Ending(reason=EndReason.STOLEN, on=date(1997, 11, 1), final_ascending_mills=None),
        8: Ending(reason=EndReason.COMPROMISE, on=date(1997, 11, 1), final_ascending_mills=None),
        9: Ending(reason=EndReason.FAULTED, on=date(1997, 11, 1), final_ascending_mills=None),
    }
    entries = [
        TrustEntry(
            certificate_serial=1000 + device,
            device_id=_device(device),
            public_key=_key(device).public_key,
            valid_from=date(1997, 6, 1),
            valid_to=date(2000, 5, 31),
            ending=endings.get(device),
        )
        for device in range(1, _EVERY_DEVICE + 1)
    ]
    issued = NIGHT_NOW - timedelta(days=1)
    return build(entries, ROOT_KEY, issued=issued, next_issue=issued + timedelta(days=7))
