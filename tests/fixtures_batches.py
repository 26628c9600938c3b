"""Scans of every kind, made up at random, and what a careful clerk would say of each of them.

The clerk knows what the night knows, looks at one scan after the other with ``verify_payload``, and
compares it with every other scan one by one: slow, and written down nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st
from tools.make_vectors import ROOT_KEY, VectorKey

from franking.identifiers import DeviceId
from franking.indicium.signature import SIGNATURE_BYTES
from franking.scans.devices import device_number
from franking.scans.journeys import Pace, impossible
from franking.scans.operations import Operation
from franking.scans.records import (
    EXAMINED,
    KNOWN_DEVICES,
    KNOWN_OFFICES,
    KNOWN_REFUNDS,
    KNOWN_TOTALS,
    SCAN,
)
from franking.verification.facts import Facts, Sighting
from franking.verification.faults import Fault
from franking.verification.payload import Verification, verify_nothing, verify_payload
from franking.verification.reasons import Reason
from franking.verification.trust_format import day_number
from franking.verification.trust_list import EndReason, TrustList, build
from franking.verification.verdict import Outcome
from tests.fixtures_verification import (
    DEVICE_KEY,
    NOW,
    OTHER_KEY,
    TODAY,
    ended,
    entry,
    flipped,
    signed,
    signed_with_extension,
)

RULEBOOK: Final = "ibip-1997"
DEVICES: Final = tuple(DeviceId("FK", "1A", serial) for serial in (1, 2, 3))
KEYS: Final = {serial: VectorKey(f"franking batch {serial}") for serial in range(1, 9)}
_DAY = timedelta(days=1)
ENTRIES: Final = (
    entry(1, device_id=DEVICES[0], key=KEYS[1]),
    entry(2, device_id=DEVICES[0], key=KEYS[2], ending=ended(EndReason.ROLLOVER, final_mills=900)),
    entry(3, device_id=DEVICES[0], key=KEYS[3], valid_to=TODAY - 5 * _DAY),
    entry(4, device_id=DEVICES[1], key=KEYS[4], ending=ended(EndReason.LOST, final_mills=1200)),
    entry(5, device_id=DEVICES[1], key=KEYS[5], ending=ended(EndReason.STOLEN)),
    entry(6, device_id=DEVICES[2], key=KEYS[6], ending=ended(EndReason.COMPROMISE)),
    entry(7, device_id=DEVICES[2], key=KEYS[7], ending=ended(EndReason.WITHDRAWN)),
    entry(8, device_id=DEVICES[2], key=KEYS[8]),
    entry(9, device_id=DEVICES[0], key=DEVICE_KEY),
)
_EXTENDING = 9
_OWNERS = {each.certificate_serial: each.device_id for each in ENTRIES}
TOTALS: Final = {DEVICES[0]: (5_000, 6_000), DEVICES[2]: (5_000,)}
LIMITS: Final = {DEVICES[1]: 4_000}
RULEBOOKS: Final = {DEVICES[2]: "meter-1995"}
OFFICES: Final = {"02139": "02139", "02140": "02139", "02141": "02139"}
REFUNDS: Final = {(DEVICES[0], 600): TODAY - 3 * _DAY, (DEVICES[1], 700): TODAY}
_ASCENDING = st.sampled_from((*range(400, 1400, 100), 100))
_POSTAGE = st.sampled_from((*4 * (100,), 50, 250, 500, 0))
_DATES = st.sampled_from([TODAY + days * _DAY for days in (0, 0, -60, -31, -21, -2, -1, 1, 5, 31)])
_HISTORICAL = (bytes.fromhex("0501") + bytes(87), bytes.fromhex("ff471327") + bytes(16))
_INSTANTS = [NOW - timedelta(hours=hours) for hours in (0, 1, 9, 16, 30, 100, 800)]


@dataclass(frozen=True, slots=True)
class Scan:
    """One row of a night, as ``SCAN`` has it."""

    night: int
    row: int
    said: Mapping[str, Any]


@st.composite
def indicia(draw: st.DrawFn) -> bytes:
    """A good indicium of some device, or one with something the matter; most are good."""
    serial = draw(st.integers(1, 8))
    device = draw(st.sampled_from(DEVICES)) if draw(st.integers(0, 9)) == 0 else _OWNERS[serial]
    high = draw(_ASCENDING)
    fields: dict[str, Any] = {
        "certificate_serial": 99 if draw(st.integers(0, 19)) == 0 else serial,
        "device_id": device,
        "ascending_mills": high,
        "postage_mills": draw(_POSTAGE),
        "date_of_mailing": draw(_DATES),
        "descending_mills": draw(st.sampled_from((*5 * (5_000 - high,), 0, 3_950, 600_000))),
        "licensing_zip": draw(st.sampled_from(("02139", "02140", "10001"))),
        "destination": draw(st.sampled_from(("", "60601", "606011234", "60601123499"))),
    }
    good = signed(KEYS[serial], **fields)
    return draw(st.sampled_from(_MISHAPS))(good, draw, fields)


def _extended(good: bytes, draw: st.DrawFn, fields: dict[str, Any]) -> bytes:
    """The same with an extension, which is signed too."""
    own = {"certificate_serial": _EXTENDING, "device_id": _OWNERS[_EXTENDING]}
    return signed_with_extension(draw(st.binary(min_size=1, max_size=28)), **fields | own)


Mishap = Callable[[bytes, st.DrawFn, dict[str, Any]], bytes]
_MISHAPS: tuple[Mishap, ...] = (
    *(8 * (lambda good, draw, fields: good,)),
    lambda good, draw, fields: flipped(good, draw(st.integers(0, 8 * len(good) - 1))),
    lambda good, draw, fields: good[: draw(st.integers(0, len(good) - 1))],
    lambda good, draw, fields: good + b"!",
    lambda good, draw, fields: good[:1] + b"\x01" + good[2:],
    lambda good, draw, fields: signed(OTHER_KEY, **fields),
    lambda good, draw, fields: draw(st.sampled_from(_HISTORICAL)),
    lambda good, draw, fields: draw(st.binary(max_size=130)),
    _extended,
)


def _or_none(known: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | known


_CIRCUMSTANCES: Final = st.fixed_dictionaries(
    {
        "place": _or_none(st.sampled_from(("02109", "10001", "60601", "94105", "99998"))),
        "scanned_at": _or_none(st.sampled_from(_INSTANTS)),
        "operation": _or_none(st.sampled_from([each.name.lower() for each in Operation])),
        "looks": _or_none(st.integers(1, 3)),
        "mail_class": _or_none(st.sampled_from(("first-class", "standard"))),
        "amount_due_mills": _or_none(st.sampled_from((50, 100, 250))),
        "address": _or_none(st.sampled_from(("60601", "606011234", "606019999", "10001"))),
        "deposited_on": _or_none(st.sampled_from([TODAY - days * _DAY for days in (0, 1, 4, 19)])),
        "next_collection": _or_none(st.sampled_from((TODAY, TODAY + _DAY))),
        "deposit_zip": _or_none(st.sampled_from(("02139", "02141", "10001"))),
    }
)


@st.composite
def nights(draw: st.DrawFn, count: int = 1) -> list[list[Scan]]:
    """So many nights of scans of the same few devices; a payload is often seen again."""
    pool: list[bytes | None] = draw(st.lists(indicia(), min_size=12, max_size=20))
    scans = st.tuples(st.sampled_from([*pool, None]), _CIRCUMSTANCES)
    return [
        [
            Scan(night, row, {"payload": payload, **said})
            for row, (payload, said) in enumerate(draw(st.lists(scans, min_size=16, max_size=32)))
        ]
        for night in range(count)
    ]


def trust_list() -> bytes:
    """The list of the eight certificates, good for a week."""
    issued = NOW - _DAY
    return build(ENTRIES, ROOT_KEY, issued=issued, next_issue=issued + 7 * _DAY)


def write_known(folder: Path) -> Path:
    """What the books know, as the night reads it."""
    tables = {
        "totals": (KNOWN_TOTALS, [
            {"device": device_number(device), "control_total": total}
            for device, totals in TOTALS.items() for total in totals
        ]),
        "refunds": (KNOWN_REFUNDS, [
            {"device": device_number(device), "ascending": high, "refunded": day_number(day)}
            for (device, high), day in REFUNDS.items()
        ]),
        "devices": (KNOWN_DEVICES, [
            {"device": device_number(device), "limit": LIMITS.get(device),
             "rulebook": RULEBOOKS.get(device)}
            for device in DEVICES[1:]
        ]),
        "offices": (KNOWN_OFFICES, [
            {"zip": zip_code, "office": office} for zip_code, office in OFFICES.items()
        ]),
    }  # fmt: skip
    for name, (schema, rows) in tables.items():
        pq.write_table(pa.Table.from_pylist(rows, schema), folder / f"{name}.parquet")
    return folder


def write_scans(path: Path, scans: Sequence[Scan]) -> Path:
    """A night's file; no two nights are the same bytes."""
    rows = [dict.fromkeys(SCAN.names) | dict(scan.said) for scan in scans]
    schema = SCAN.with_metadata({"night": str(scans[0].night)})
    pq.write_table(pa.Table.from_pylist(rows, schema), path)
    return path


class Clerk:
    """Judges one scan at a time, with every scan that was ever seen at hand."""

    def __init__(self, scans: Sequence[Scan], now: datetime = NOW) -> None:
        self._now = now
        self._trust = TrustList(trust_list(), ROOT_KEY.private_key.public_key())
        self._scans = list(scans)
        self._alone = [self._verified(scan, ()) for scan in scans]
        speaking = [place for place, one in enumerate(self._alone) if _speaks(one)]
        self._speaking = frozenset(speaking)
        self._copied = self._without_journey(speaking)

    def verify(self, scan: Scan) -> Verification:
        """The verdict of one scan beside all others."""
        place = self._scans.index(scan)
        if place not in self._speaking:
            return self._alone[place]
        return self._verified(scan, tuple(self._sightings(place)))

    def _sightings(self, place: int) -> list[Sighting]:
        mine, sightings = self._alone[place], []
        for other in sorted(self._speaking - {place}):
            theirs = self._alone[other]
            if _device(theirs) != _device(mine):
                continue
            same = _signed(mine) == _signed(theirs)
            if same and place not in self._copied:
                continue
            said = _content(theirs)
            sightings.append(
                Sighting(
                    ascending_mills=said.ascending_mills,
                    postage_mills=said.postage_mills,
                    where=f"scan {other}",
                    dated=said.date_of_mailing,
                    same_content=same,
                )
            )
        return sightings

    def _without_journey(self, speaking: Sequence[int]) -> frozenset[int]:
        """The scans that no journey of their piece explains, each piece looked at by itself."""
        pieces: dict[bytes, list[int]] = {}
        for place in speaking:
            pieces.setdefault(_signed(self._alone[place]), []).append(place)
        found: set[int] = set()
        for places in pieces.values():
            places.sort(key=self._in_time)
            flags = impossible(self._table(places), Pace.at(RULEBOOK, self._now.date()))
            found |= {place for place, flag in zip(places, flags, strict=True) if flag}
        return frozenset(found)

    def _in_time(self, place: int) -> tuple[bool, float, int, int]:
        scan = self._scans[place]
        at = scan.said["scanned_at"]
        return at is None, at.timestamp() if at else 0, -scan.night, scan.row

    def _table(self, places: Sequence[int]) -> pa.Table:
        rows = [self._scans[place].said for place in places]
        columns = {
            "device": [1] * len(rows),
            "ascending": [1] * len(rows),
            "content": [1] * len(rows),
            "scanned_at": [row["scanned_at"] for row in rows],
            "place": [None if row["place"] is None else int(row["place"]) for row in rows],
            "operation": [
                None if row["operation"] is None else Operation[row["operation"].upper()]
                for row in rows
            ],
        }
        schema = pa.schema([EXAMINED.field(name) for name in columns])
        return pa.table(columns, schema)

    def _verified(self, scan: Scan, others: tuple[Sighting, ...]) -> Verification:
        payload = scan.said["payload"]
        if payload is None:
            return verify_nothing(Fault(Reason.ILLEGIBLE, "null"), self._trust, self._now, "")
        plain = verify_payload(payload, self._trust, self._now)
        facts = _facts(scan.said, plain)
        return verify_payload(
            payload,
            self._trust,
            self._now,
            msgspec.structs.replace(facts, others=others),
            certain=(scan.said["looks"] or 0) > 1,
        )


def _facts(said: Mapping[str, Any], plain: Verification) -> Facts:
    """What the night knows of a scan."""
    facts = Facts(
        offices=OFFICES,
        **{
            name: said[name]
            for name in (
                "mail_class", "amount_due_mills", "address", "deposited_on", "next_collection",
                "deposit_zip",
            )
        },
    )  # fmt: skip
    if plain.indicium is None or plain.indicium.content is None:
        return facts
    inside = plain.indicium.content
    device = inside.device_id
    return msgspec.structs.replace(
        facts,
        rulebook=RULEBOOKS.get(device, RULEBOOK),
        limit_mills=LIMITS.get(device),
        control_totals_mills=TOTALS.get(device),
        refunded_on=REFUNDS.get((device, inside.ascending_mills)),
    )


def _speaks(one: Verification) -> bool:
    """Whether the scan says something of its device: surely signed by it, and worth something."""
    strangers = {Reason.CERTIFICATE_OF_ANOTHER, Reason.KEY_COMPROMISED}
    true = any(s.name == "signature" and s.outcome is Outcome.PASSED for s in one.steps)
    return true and not strangers & one.reasons and _content(one).postage_mills > 0


def _content(one: Verification) -> Any:
    return one.indicium.content if one.indicium else None


def _device(one: Verification) -> DeviceId:
    device: DeviceId = _content(one).device_id
    return device


def _signed(one: Verification) -> bytes:
    return one.indicium.payload[:-SIGNATURE_BYTES] if one.indicium else b""
