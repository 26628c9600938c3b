"""Laws of the trust list: it says what was listed, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.verification.trust_list import Ending, EndReason, TrustEntry, TrustList, build
from tests.fixtures_verification import DEVICE_KEY, NOW, ROOT_KEY, flipped

ROOT = ROOT_KEY.private_key.public_key()
days = st.dates(date(1970, 1, 1), date(2149, 6, 6))
endings = st.builds(
    Ending,
    reason=st.sampled_from(EndReason),
    on=days,
    final_ascending_mills=st.none() | st.integers(0, 2**40 - 1),
)
entries = st.builds(
    TrustEntry,
    certificate_serial=st.integers(0, 2**32 - 1),
    device_id=st.builds(
        DeviceId, st.just("FK"), st.sampled_from(["1A", "2B"]), st.integers(0, 2**32 - 1)
    ),
    public_key=st.just(DEVICE_KEY.public_key),
    valid_from=days,
    valid_to=days,
    ending=st.none() | endings,
)
lists = st.lists(entries, max_size=40, unique_by=lambda entry: entry.certificate_serial)


def built(listed: list[TrustEntry]) -> bytes:
    return build(listed, ROOT_KEY, issued=NOW, next_issue=NOW + timedelta(days=7))


@given(lists, st.integers(0, 2**32 - 1))
def test_a_list_is_the_dictionary_it_was_made_of(listed: list[TrustEntry], other: int) -> None:
    opened = TrustList(built(listed), ROOT)
    wanted = {entry.certificate_serial: entry for entry in listed}
    for serial in [*wanted, other]:
        found = opened.find(serial)
        assert (found and found.entry) == wanted.get(serial)
    assert list(opened.entries()) == [wanted[serial] for serial in sorted(wanted)]


@given(
    st.lists(entries, min_size=1, max_size=5, unique_by=lambda e: e.certificate_serial), st.data()
)
def test_no_bit_of_a_list_can_be_changed(listed: list[TrustEntry], data: st.DataObject) -> None:
    whole = built(listed)
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    with pytest.raises(Refused, match="TRUST_LIST_"):
        list(TrustList(flipped(whole, bit), ROOT).entries())


@given(st.binary(max_size=400))
def test_rubbish_is_no_list(data: bytes) -> None:
    for file in (data, b"FRKTRST1" + data):
        with pytest.raises(Refused, match="TRUST_LIST_"):
            TrustList(file, ROOT)
