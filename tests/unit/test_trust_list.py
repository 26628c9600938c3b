"""The trust list: what it says, and that nothing unsigned in it is believed."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypedDict

import numpy as np
import pytest

from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.verification.trust_format import BLOCK_ROWS, ROW, Status, day_number
from franking.verification.trust_list import (
    Ending,
    EndReason,
    TrustEntry,
    TrustList,
    build,
    write,
    write_table,
)
from tests.fixtures_verification import (
    DEVICE_KEY,
    NOW,
    OTHER_KEY,
    ROOT_KEY,
    ended,
    entry,
    trust,
)

ROOT = ROOT_KEY.private_key.public_key()


class Times(TypedDict):
    issued: datetime
    next_issue: datetime


TIMES: Times = {"issued": NOW - timedelta(days=1), "next_issue": NOW + timedelta(days=6)}


def many(count: int) -> list[TrustEntry]:
    """Entries with gaps between their serials; every seventh ended, for each reason in turn."""
    reasons = list(EndReason)
    return [
        entry(
            number * 3 + 1,
            device_id=DeviceId("FK", "1A", number),
            ending=ended(
                reasons[number // 7 % len(reasons)],
                on=date(1997, 1, 1) + timedelta(days=number % 300),
                final_mills=None if number % 2 else number * 1000,
            )
            if number % 7 == 0
            else None,
        )
        for number in range(count)
    ]


def opened(data: bytes) -> TrustList:
    return TrustList(data, ROOT)


@pytest.mark.duty("R97-Pre-Key")
def test_every_certificate_is_found_as_it_was_listed() -> None:
    entries = many(2 * BLOCK_ROWS + 5)
    listed = opened(build(entries, ROOT_KEY, **TIMES))
    assert list(listed.entries()) == entries
    for wanted in (entries[0], entries[7], entries[BLOCK_ROWS], entries[-1]):
        found = listed.find(wanted.certificate_serial)
        assert found is not None
        assert found.entry == wanted
        assert found.status is wanted.status


@pytest.mark.parametrize("serial", [0, 2, 2400, 2402, 2**32 - 1])
def test_a_certificate_that_is_not_listed_is_not_found(serial: int) -> None:
    assert opened(build(many(BLOCK_ROWS + 1), ROOT_KEY, **TIMES)).find(serial) is None


def test_an_empty_list_is_a_list() -> None:
    listed = opened(build([], ROOT_KEY, **TIMES))
    assert (listed.count, listed.find(1), list(listed.entries())) == (0, None, [])


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (EndReason.ROLLOVER, Status.ENDED),
        (EndReason.WITHDRAWN, Status.ENDED),
        (EndReason.FAULTED, Status.ENDED),
        (EndReason.LOST, Status.REPORTED),
        (EndReason.STOLEN, Status.REPORTED),
        (EndReason.COMPROMISE, Status.COMPROMISED),
    ],
)
def test_the_reason_decides_the_status(reason: EndReason, status: Status) -> None:
    assert entry(ending=ended(reason)).status is status


def test_the_order_of_entries_does_not_matter_to_build_and_is_required_of_a_stream() -> None:
    entries = many(20)
    assert build(reversed(entries), ROOT_KEY, **TIMES) == build(entries, ROOT_KEY, **TIMES)
    with pytest.raises(Refused) as refused:
        write(io.BytesIO(), reversed(entries), ROOT_KEY, **TIMES)
    assert refused.value.code == "TRUST_ENTRY_UNFIT"


def test_a_serial_given_twice_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        build([entry(5), entry(5)], ROOT_KEY, **TIMES)
    assert refused.value.code == "TRUST_ENTRY_UNFIT"


@pytest.mark.parametrize("key", [b"", bytes(65), b"\x02" + bytes(32)])
def test_a_key_that_is_no_point_is_refused(key: bytes) -> None:
    unfit = TrustEntry(
        certificate_serial=1,
        device_id=DeviceId("FK", "1A", 1),
        public_key=key,
        valid_from=date(1997, 1, 1),
        valid_to=date(1997, 1, 2),
    )
    with pytest.raises(Refused) as refused:
        build([unfit], ROOT_KEY, **TIMES)
    assert refused.value.code == "TRUST_ENTRY_UNFIT"


def test_a_date_before_1970_does_not_fit_a_row() -> None:
    with pytest.raises(Refused) as refused:
        build([entry(valid_from=date(1969, 12, 31))], ROOT_KEY, **TIMES)
    assert refused.value.code == "TRUST_ENTRY_UNFIT"


def test_a_table_and_a_stream_make_the_same_file() -> None:
    entries = many(BLOCK_ROWS + 3)
    rows = np.zeros(len(entries), ROW)
    for place, one in enumerate(entries):
        device = one.device_id
        rows[place] = (
            one.certificate_serial,
            f"{device.manufacturer}{device.model}".encode() + device.serial.to_bytes(4, "little"),
            one.public_key[1:],
            day_number(one.valid_from),
            day_number(one.valid_to),
        )
    endings = {one.certificate_serial: one.ending for one in entries if one.ending}
    table = io.BytesIO()
    write_table(table, rows, endings, ROOT_KEY, **TIMES)
    assert table.getvalue() == build(entries, ROOT_KEY, **TIMES)


def test_a_row_has_80_bytes() -> None:
    sizes = [len(build(many(count), ROOT_KEY, **TIMES)) for count in (8001, 16_001)]
    a_device = (sizes[1] - sizes[0]) / 8000
    ended_share, block_share = 16 / 7, (32 + 4) / BLOCK_ROWS
    assert ROW.itemsize == 80
    assert a_device == pytest.approx(80 + 1 / 4 + ended_share + block_share, abs=0.01)


@pytest.mark.duty("R97-502.9(b)")
def test_a_list_of_another_root_is_not_believed() -> None:
    data = build(many(3), OTHER_KEY, **TIMES)
    with pytest.raises(Refused) as refused:
        opened(data)
    assert refused.value.code == "TRUST_LIST_SIGNATURE_FALSE"


def test_any_changed_byte_is_noticed_before_it_is_believed() -> None:
    data = build(many(900), ROOT_KEY, **TIMES)
    for place in range(8, len(data), 97):
        changed = data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]
        with pytest.raises(Refused) as refused:
            list(opened(changed).entries())
        assert refused.value.code in {"TRUST_LIST_DAMAGED", "TRUST_LIST_SIGNATURE_FALSE"}


@pytest.mark.parametrize("cut", [0, 1, 7, 100, 1000])
def test_a_list_cut_short_or_of_something_else_is_refused(cut: int) -> None:
    data = build(many(30), ROOT_KEY, **TIMES)
    for broken in (data[:cut], data[:-cut] if cut else b"", b"PK\x03\x04" + data[4:]):
        with pytest.raises(Refused):
            opened(broken)


def test_a_part_taken_out_of_the_middle_is_noticed() -> None:
    data = build(many(900), ROOT_KEY, **TIMES)
    with pytest.raises(Refused) as refused:
        opened(data[:80] + data[160:])
    assert refused.value.code == "TRUST_LIST_DAMAGED"


def test_a_file_that_is_missing_or_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for name in ("missing", "empty"):
        with pytest.raises(Refused) as refused:
            TrustList.open(tmp_path / name, ROOT)
        assert refused.value.code == "TRUST_LIST_UNREADABLE"


def test_a_file_is_mapped_and_found_in(tmp_path: Path) -> None:
    path = tmp_path / "trust.list"
    path.write_bytes(build(many(1700), ROOT_KEY, number=12, **TIMES))
    listed = TrustList.open(path, ROOT)
    assert (listed.issue.number, listed.count) == (12, 1700)
    assert listed.find(1699 * 3 + 1) is not None


def test_a_list_is_stale_after_its_next_issue_and_before_its_own() -> None:
    listed = trust(issued=NOW)
    assert not listed.is_stale(NOW)
    assert not listed.is_stale(NOW + timedelta(days=7))
    assert listed.is_stale(NOW + timedelta(days=7, seconds=1))
    assert listed.is_stale(NOW - timedelta(seconds=1))


def test_an_ending_keeps_an_unknown_final_value_apart_from_zero() -> None:
    listed = opened(
        build(
            [
                entry(1, ending=ended(EndReason.WITHDRAWN, final_mills=0)),
                entry(2, ending=ended(EndReason.WITHDRAWN, final_mills=None)),
            ],
            ROOT_KEY,
            **TIMES,
        )
    )
    finals = [one.ending.final_ascending_mills for one in listed.entries() if one.ending]
    assert finals == [0, None]
    assert DEVICE_KEY.public_key == next(listed.entries()).public_key
    assert isinstance(next(listed.entries()).ending, Ending)
