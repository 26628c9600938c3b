"""What is said of scans by column, before they are compared with each other."""

from __future__ import annotations

import math
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.scans.context import BUCKETS
from franking.scans.decoding import Payloads
from franking.scans.devices import buckets_of, device_number
from franking.scans.examining import ROOT_KEY_UNFIT, examine
from franking.scans.keys import Keys
from franking.scans.records import EXAMINED, NUMBERED
from franking.scans.signatures import Proven, signatures_of
from franking.scans.standing import KNOWN_FILE_UNREADABLE
from franking.verification.reasons import Reason
from franking.verification.trust_list import TRUST_LIST_DAMAGED, Ending, EndReason
from tests.fixtures_examining import batch_of, context_in, examined, known_folder, reasons
from tests.fixtures_verification import (
    DEVICE,
    NOW,
    OTHER_KEY,
    TODAY,
    content,
    ended,
    entry,
    flipped,
    signed,
    signed_with_extension,
    trust,
)

ORDINARY = signed()
FORGED = signed(OTHER_KEY)


def test_a_good_piece_is_read_into_its_columns(tmp_path: Path) -> None:
    (row,) = examined(context_in(tmp_path), {"payload": ORDINARY, "place": "60601-1234"})
    said = content()
    assert row["reasons"] == set()
    assert (row["signed"], row["bearing"]) == (True, "none")
    assert row["device"] == device_number(DEVICE)
    assert (row["ascending"], row["postage"]) == (said.ascending_mills, said.postage_mills)
    assert row["dated"] == (said.date_of_mailing - date(1970, 1, 1)).days
    assert row["place"] == 60601


def test_what_is_no_indicium_of_ours_is_said_and_has_no_content(tmp_path: Path) -> None:
    rows = examined(
        context_in(tmp_path),
        {"payload": None},
        {"payload": b""},
        {"payload": bytes(range(113))},
        {"payload": bytes(20)},
        {"payload": ORDINARY[:80]},
    )
    assert [row["bearing"] for row in rows] == ["doubt"] * 5
    assert rows[0]["reasons"] == {Reason.ILLEGIBLE}
    assert all(Reason.MALFORMED in row["reasons"] for row in (rows[1], rows[2], rows[4]))
    assert Reason.PROFILE_NOT_VERIFIABLE in rows[3]["reasons"]
    assert [row["device"] for row in rows[:4]] == [None] * 4


@pytest.mark.parametrize(
    ("looks", "bearing"), [(None, "doubt"), (0, "doubt"), (1, "doubt"), (2, "proof"), (9, "proof")]
)
def test_a_false_signature_proves_something_only_after_two_looks(
    looks: int | None, bearing: str, tmp_path: Path
) -> None:
    (row,) = examined(context_in(tmp_path), {"payload": FORGED, "looks": looks})
    assert (row["reasons"], row["bearing"]) == ({Reason.SIGNATURE_FALSE}, bearing)


def test_a_true_signature_leaves_no_doubt_of_the_bytes(tmp_path: Path) -> None:
    late = entry(valid_to=date(1997, 7, 1))
    (row,) = examined(context_in(tmp_path, late), {"payload": ORDINARY, "looks": 1})
    assert (row["reasons"], row["bearing"]) == ({Reason.CERTIFICATE_OUT_OF_DATE}, "proof")


def withdrawn(*, days_before: int) -> Ending:
    """Withdrawn above the ordinary piece, so many days before its date."""
    on = content().date_of_mailing - timedelta(days=days_before)
    return ended(EndReason.WITHDRAWN, on=on, final_mills=2**40)


@pytest.mark.parametrize(
    ("end", "found"),
    [
        (ended(EndReason.COMPROMISE), {Reason.KEY_COMPROMISED}),
        (ended(EndReason.COMPROMISE, on=date(1997, 12, 1)), {Reason.KEY_COMPROMISED_LATER}),
        (ended(EndReason.WITHDRAWN, final_mills=1), {Reason.ABOVE_FINAL_ASCENDING}),
        (ended(EndReason.WITHDRAWN, final_mills=2**63), set()),
        (withdrawn(days_before=30), set()),
        (withdrawn(days_before=31), {Reason.SERVICE_ENDED}),
        (ended(EndReason.FAULTED), {Reason.SERVICE_ENDED}),
        (ended(EndReason.LOST), {Reason.DEVICE_LOST}),
        (ended(EndReason.STOLEN), {Reason.DEVICE_STOLEN}),
    ],
)
def test_how_a_device_ended_is_seen(end: Any, found: set[Reason], tmp_path: Path) -> None:
    listed = (entry(1), entry(ending=end), entry(2**32 - 1))
    assert reasons(context_in(tmp_path, *listed), payload=ORDINARY) == found


class CountingKeys(Keys):
    """Keys that count how often one of them is asked for."""

    asked = 0

    def key_at(self, place: int) -> EllipticCurvePublicKey:
        self.asked += 1
        return super().key_at(place)


def test_one_payload_many_times_is_checked_once_and_said_of_every_scan() -> None:
    extended = [signed_with_extension(b"a"), signed_with_extension(b"b" * 28)]
    different = [ORDINARY, FORGED, flipped(ORDINARY, 8 * 112), flipped(ORDINARY, 0), *extended]
    payloads = Payloads.of(pa.array(different * 2_000, pa.binary()))
    keys, rows = CountingKeys(trust()), np.arange(12_000)
    found = signatures_of(payloads, rows, np.zeros(12_000, np.int64), keys, Proven())
    assert keys.asked == len(different)
    assert found.true.tolist() == [True, False, False, False, True, True] * 2_000
    assert len(set(found.digest[::6].tolist())) == 1


@pytest.mark.duty("R97-P050.1.5")
@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"amount_due_mills": 320}, set()),
        ({"amount_due_mills": 550}, {Reason.SHORT_PAID}),
        ({"amount_due_mills": 200}, {Reason.OVERPAID}),
        ({"mail_class": "first-class", "weight_ounces": 1.0}, set()),
        ({"mail_class": "First-Class", "weight_ounces": 1.04}, set()),
        ({"mail_class": "first-class", "weight_ounces": 1.5}, {Reason.SHORT_PAID}),
        ({"mail_class": "first-class", "weight_ounces": 1.5, "amount_due_mills": 320}, set()),
        ({"mail_class": "first-class"}, set()),
        ({"weight_ounces": 3.0}, set()),
        ({"mail_class": "priority", "weight_ounces": 3.0}, set()),
        ({"mail_class": "by pigeon", "weight_ounces": 3.0}, set()),
        ({"mail_class": "first-class", "weight_ounces": math.nan}, set()),
        ({"mail_class": "first-class", "weight_ounces": math.inf}, set()),
        ({"mail_class": "first-class", "weight_ounces": -1.0}, set()),
        ({"mail_class": "first-class", "weight_ounces": 12.0}, set()),
    ],
)
def test_the_amount_due_is_told_or_worked_out(
    told: dict[str, Any], found: set[Reason], tmp_path: Path
) -> None:
    assert reasons(context_in(tmp_path), payload=ORDINARY, **told) == found


def test_more_than_the_list_price_may_pay_for_what_no_scanner_sees(tmp_path: Path) -> None:
    told = {"mail_class": "first-class", "weight_ounces": 1.0}
    assert reasons(context_in(tmp_path), payload=signed(postage_mills=1_670), **told) == set()


@pytest.mark.duty("R97-P050.5.3a")
@pytest.mark.parametrize(
    ("deposit_zip", "found"),
    [
        (None, set()),
        (content().licensing_zip, set()),
        ("60699", set()),
        ("94105", {Reason.WRONG_OFFICE}),
        ("10001", {Reason.WRONG_OFFICE}),
        ("nowhere", set()),
    ],
)
def test_a_piece_is_deposited_where_its_office_serves(
    deposit_zip: str | None, found: set[Reason], tmp_path: Path
) -> None:
    offices = {content().licensing_zip: "Chicago", "60699": "Chicago", "94105": "San Francisco"}
    context = context_in(tmp_path, known=known_folder(tmp_path, offices=offices))
    assert reasons(context, payload=ORDINARY, deposit_zip=deposit_zip) == found


def test_an_office_may_be_named_by_its_zip_code(tmp_path: Path) -> None:
    offices = {"60699": content().licensing_zip}
    context = context_in(tmp_path, known=known_folder(tmp_path, offices=offices))
    assert reasons(context, payload=ORDINARY, deposit_zip="60699") == set()


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ({"limit": 1_000}, {Reason.DESCENDING_OVER_LIMIT}),
        ({"limit": None}, set()),
        ({"rulebook": "meter-1995"}, set()),
    ],
)
def test_a_device_may_have_a_limit_or_a_rulebook_of_its_own(
    own: dict[str, Any], found: set[Reason], tmp_path: Path
) -> None:
    device = {"device": device_number(DEVICE), "limit": None, "rulebook": None} | own
    context = context_in(tmp_path, known=known_folder(tmp_path, devices=[device]))
    assert reasons(context, payload=ORDINARY) == found


def test_another_rulebook_has_another_limit(tmp_path: Path) -> None:
    full = signed(descending_mills=600_000)
    device = {"device": device_number(DEVICE), "limit": None, "rulebook": "meter-1995"}
    known = known_folder(tmp_path, devices=[device])
    assert reasons(context_in(tmp_path), payload=full) == {Reason.DESCENDING_OVER_LIMIT}
    assert reasons(context_in(tmp_path, known=known), payload=full) == set()


@pytest.mark.duty("R97-P050.4.6-3", "R97-P050.4.7-1", "R97-P050.4.7-2", "R97-P050.5.4")
@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"deposited_on": TODAY}, set()),
        ({"deposited_on": TODAY + timedelta(days=1)}, set()),
        ({"deposited_on": TODAY + timedelta(days=20)}, {Reason.DATE_IS_PAST}),
        ({"deposited_on": TODAY - timedelta(days=5)}, {Reason.DATE_AHEAD_OF_DEPOSIT}),
        ({"deposited_on": TODAY - timedelta(days=90)}, {Reason.DATE_TOO_FAR_AHEAD}),
        ({"deposited_on": TODAY - timedelta(days=5), "next_collection": TODAY}, set()),
        ({"deposited_on": date(1997, 11, 28), "mail_class": "standard"}, set()),
        ({"deposited_on": date(1997, 12, 3), "mail_class": "standard"}, set()),
        ({"deposited_on": date(1997, 12, 4), "mail_class": "standard"}, {Reason.DATE_IS_PAST}),
        ({"deposited_on": date.min}, {Reason.DATE_TOO_FAR_AHEAD}),
        ({"deposited_on": date.max}, {Reason.DATE_IS_PAST}),
    ],
)
def test_the_date_is_that_of_the_deposit(
    said: dict[str, Any], found: set[Reason], tmp_path: Path
) -> None:
    payload = signed(date_of_mailing=TODAY)
    assert reasons(context_in(tmp_path), payload=payload, **said) == found


def test_an_address_is_compared_as_far_as_it_is_known(tmp_path: Path) -> None:
    context, payload = context_in(tmp_path), signed(destination="60601123499")
    assert reasons(context, payload=payload, address="60601-1234") == set()
    assert reasons(context, payload=payload, address="60601") == set()
    assert reasons(context, payload=payload, address="Main St") == set()
    assert reasons(context, payload=payload, address="60602") == {Reason.DESTINATION_DIFFERS}
    assert reasons(context, payload=signed(destination=""), address="60602") == set()


def test_the_times_of_a_wrong_clock_are_unknown(tmp_path: Path) -> None:
    context = context_in(tmp_path, wrong_clocks=frozenset({"dock 2"}))
    rows = examined(
        context,
        *(
            {"payload": ORDINARY, "scanner": scanner, "scanned_at": NOW}
            for scanner in ("dock 1", "dock 2", None)
        ),
    )
    assert [row["scanned_at"] for row in rows] == [NOW, None, NOW]


def test_a_stale_list_is_said_of_every_piece_with_content(tmp_path: Path) -> None:
    context = context_in(tmp_path, now=NOW + timedelta(days=30))
    rows = examined(context, {"payload": ORDINARY}, {"payload": None})
    assert [Reason.TRUST_LIST_STALE in row["reasons"] for row in rows] == [True, False]


def test_text_that_is_no_text_and_days_of_no_calendar_say_nothing(tmp_path: Path) -> None:
    batch = batch_of({"payload": ORDINARY})
    rubbish = pa.array([b"\xff\xfe\x00"], pa.binary())
    text = pa.StringArray.from_buffers(1, rubbish.buffers()[1], rubbish.buffers()[2])
    for name in ("place", "operation", "mail_class", "address", "deposit_zip", "scanner"):
        batch = batch.set_column(NUMBERED.get_field_index(name), NUMBERED.field(name), text)
    for day in (2**31 - 1, -(2**31)):
        days = pa.array([day], pa.int32()).cast(pa.date32())
        place = NUMBERED.get_field_index("deposited_on")
        batch = batch.set_column(place, NUMBERED.field("deposited_on"), days)
        found = examine(batch, context_in(tmp_path))
        assert found["reasons"].to_pylist() == [0]
        assert found["place"].to_pylist() == found["operation"].to_pylist() == [None]


def test_part_of_a_batch_is_examined_as_the_whole_is(tmp_path: Path) -> None:
    payloads = [ORDINARY, None, FORGED, b"rubbish", signed_with_extension(b"x"), ORDINARY]
    rows = [
        {"payload": payload, "place": f"{60601 + place}", "scanner": f"dock {place}"}
        for place, payload in enumerate(payloads)
    ]
    batch, context = batch_of(*rows), context_in(tmp_path)
    whole = examine(batch, context)
    assert examine(batch.slice(2, 3), context) == whole.slice(2, 3)


@pytest.mark.parametrize("entries", [(entry(),), (entry(7),)])
def test_no_scans_and_no_listed_key_are_borne(entries: Any, tmp_path: Path) -> None:
    context = context_in(tmp_path, *entries)
    batch = pa.RecordBatch.from_pylist([], schema=NUMBERED)
    assert examine(batch, context).schema == EXAMINED
    assert examine(batch, context).num_rows == 0


def test_a_certificate_that_no_list_has_leaves_a_piece_undetermined(tmp_path: Path) -> None:
    (row,) = examined(context_in(tmp_path, entry(7)), {"payload": ORDINARY, "looks": 2})
    assert (row["reasons"], row["bearing"]) == ({Reason.CERTIFICATE_UNKNOWN}, "doubt")
    assert row["content"] is None


def test_known_facts_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    folder = known_folder(tmp_path)
    context = context_in(tmp_path, known=folder)
    (folder / "offices.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(Refused) as refused:
        reasons(context, payload=ORDINARY)
    assert refused.value.refusal is KNOWN_FILE_UNREADABLE
    assert "offices.parquet" in refused.value.detail


def test_a_root_key_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        reasons(context_in(tmp_path, root_public_key=bytes(65)), payload=ORDINARY)
    assert refused.value.refusal is ROOT_KEY_UNFIT


def test_a_listed_key_off_the_curve_is_refused(tmp_path: Path) -> None:
    class Bent:
        public_key = b"\x04" + bytes(64)

    bent: Any = Bent()
    with pytest.raises(Refused) as refused:
        reasons(context_in(tmp_path, entry(key=bent)), payload=ORDINARY)
    assert refused.value.refusal is TRUST_LIST_DAMAGED


def test_devices_keep_their_bucket_for_ever() -> None:
    numbers = np.array([device_number(DeviceId("FK", "1A", serial)) for serial in range(6)])
    assert buckets_of(numbers, BUCKETS).tolist() == [54, 63, 50, 43, 33, 38]


def test_what_was_proven_once_is_not_checked_again_and_another_signature_is() -> None:
    payloads = [Payloads.of(pa.array([each], pa.binary())) for each in (ORDINARY, ORDINARY, FORGED)]
    keys, proven, here = CountingKeys(trust()), Proven(), np.zeros(1, np.int64)
    found = [signatures_of(each, here, here, keys, proven).true.tolist() for each in payloads]
    assert found == [[True], [True], [False]]
    assert keys.asked == 2
