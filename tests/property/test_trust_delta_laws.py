"""Laws of deltas and status sets: they say what the whole list says, and nothing else."""

from __future__ import annotations

import io
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.verification.trust_delta import Delta, apply, combine, difference, read_delta
from franking.verification.trust_format import BLOCK_ROWS
from franking.verification.trust_list import Ending, EndReason, TrustEntry, TrustList, build
from franking.verification.trust_status import Fit, build_status, read_status
from tests.fixtures_verification import DEVICE_KEY, NOW, OTHER_KEY, ROOT_KEY, flipped

ROOT = ROOT_KEY.private_key.public_key()
KEYS = (DEVICE_KEY.public_key, OTHER_KEY.public_key)
endings = st.builds(
    Ending,
    reason=st.sampled_from(EndReason),
    on=st.dates(date(1990, 1, 1), date(2020, 1, 1)),
    final_ascending_mills=st.none() | st.integers(0, 2**40 - 1),
)
entries = st.builds(
    TrustEntry,
    certificate_serial=st.integers(0, 30) | st.integers(0, 2**32 - 1),
    device_id=st.builds(DeviceId, st.just("FK"), st.just("1A"), st.integers(0, 9)),
    public_key=st.sampled_from(KEYS),
    valid_from=st.just(date(1997, 1, 1)),
    valid_to=st.just(date(1999, 12, 31)),
    ending=st.none() | endings,
)
lists = st.lists(entries, max_size=25, unique_by=lambda entry: entry.certificate_serial)


def listed(some: list[TrustEntry], number: int) -> TrustList:
    times = {"issued": NOW, "next_issue": NOW + timedelta(days=7)}
    return TrustList(build(some, ROOT_KEY, number=number, **times), ROOT)


def applied(delta: Delta, base: TrustList) -> bytes:
    out = io.BytesIO()
    apply(delta, base, out, ROOT)
    return out.getvalue()


def whole(trust: TrustList) -> bytes:
    return bytes(trust._data)


@given(lists, lists)
def test_a_delta_makes_the_later_list_of_the_earlier_to_the_byte(
    before: list[TrustEntry], after: list[TrustEntry]
) -> None:
    earlier, later = listed(before, 1), listed(after, 2)
    delta = read_delta(difference(earlier, later).to_bytes())
    assert applied(delta, earlier) == whole(later)


@given(lists, lists, lists)
def test_two_deltas_combine_into_the_step_over_both(
    first: list[TrustEntry], second: list[TrustEntry], third: list[TrustEntry]
) -> None:
    one, two, three = listed(first, 1), listed(second, 2), listed(third, 3)
    both = combine(difference(one, two), difference(two, three))
    assert applied(read_delta(both.to_bytes()), one) == whole(three)


@given(lists, lists, st.data())
def test_no_bit_of_a_delta_can_be_changed(
    before: list[TrustEntry], after: list[TrustEntry], data: st.DataObject
) -> None:
    earlier, later = listed(before, 1), listed(after, 2)
    good = difference(earlier, later).to_bytes()
    bad = flipped(good, data.draw(st.integers(0, len(good) * 8 - 1)))
    # A bit that says nothing (an unused byte of a date, say) leaves the later list as it was.
    assert _made_of(bad, earlier) in {None, whole(later)}


def _made_of(delta: bytes, base: TrustList) -> bytes | None:
    try:
        return applied(read_delta(delta), base)
    except Refused:
        return None


@given(lists, st.lists(st.none() | endings, min_size=25, max_size=25), lists)
def test_a_status_set_over_older_keys_says_what_the_newer_list_says(
    before: list[TrustEntry], changed: list[Ending | None], more: list[TrustEntry]
) -> None:
    old = sorted(before, key=lambda entry: entry.certificate_serial)
    now = [
        TrustEntry(
            **{name: getattr(entry, name) for name in entry.__struct_fields__[:-1]}, ending=end
        )
        for entry, end in zip(old, changed, strict=False)
    ]
    last = old[-1].certificate_serial if old else -1
    now += [entry for entry in more if entry.certificate_serial > last]
    earlier, later = listed(old, 1), listed(now, 2)
    digest = later.rows_digest_of_first(earlier.count)
    assert digest == earlier.rows_digest
    fits = [Fit(number=1, certificates=earlier.count, rows_digest=digest)]
    times = {"issued": NOW, "next_issue": NOW + timedelta(days=7)}
    parts = build_status(later.standing, fits, ROOT_KEY, number=2, **times)
    laid = earlier.with_status(read_status(b"".join(parts), ROOT))
    assert list(laid.entries()) == list(later.entries())[: earlier.count]
    assert (laid.issue.number, laid.issue.keys_number) == (2, 1)


@given(st.integers(0, 3 * BLOCK_ROWS), st.integers(0, 2**32 - 1))
def test_statuses_of_any_number_and_kind_come_back_as_they_were(count: int, seed: int) -> None:
    statuses = np.random.default_rng(seed).integers(0, 4, count, dtype=np.uint8)
    standing = listed([], 1).standing
    some = type(standing)(
        statuses=statuses,
        places=np.flatnonzero(statuses),
        reasons=np.array([0, 4, 1, 6], np.uint8)[statuses[statuses > 0]],
        days=np.arange(np.count_nonzero(statuses), dtype=np.uint16),
        finals=np.arange(np.count_nonzero(statuses), dtype=np.uint64),
    )
    times = {"issued": NOW, "next_issue": NOW + timedelta(days=7)}
    status, apart = build_status(some, [], ROOT_KEY, number=1, **times)
    alone, together = read_status(status, ROOT), read_status(status + apart, ROOT)
    assert np.array_equal(alone.statuses, statuses)
    assert together.standing is not None
    assert np.array_equal(together.standing.finals, some.finals)
    assert np.array_equal(together.standing.days, some.days)
    assert (alone.standing is None) == bool(statuses.any())


@given(lists, st.data())
def test_no_bit_of_a_status_set_can_be_changed(some: list[TrustEntry], data: st.DataObject) -> None:
    trust = listed(some, 1)
    fits = [Fit(number=1, certificates=trust.count, rows_digest=trust.rows_digest)]
    times = {"issued": NOW, "next_issue": NOW + timedelta(days=7)}
    good = b"".join(build_status(trust.standing, fits, ROOT_KEY, number=1, **times))
    bit = data.draw(st.integers(0, len(good) * 8 - 1))
    with pytest.raises(Refused, match="TRUST_STATUS_"):
        read_status(flipped(good, bit), ROOT)


@given(st.binary(max_size=600))
def test_rubbish_is_neither_a_delta_nor_a_status_set(data: bytes) -> None:
    for file in (data, b"FRKDELT1" + data):
        with pytest.raises(Refused, match="TRUST_DELTA_UNREADABLE"):
            read_delta(file)
    for file in (data, b"FRKSTAT1" + data):
        with pytest.raises(Refused, match="TRUST_STATUS_"):
            read_status(file, ROOT)
