"""The journal's MAC is HMAC-SHA-256, cut to 16 bytes."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.psd.journal import MAC_BYTES, mac_of


@pytest.mark.law("PSD-5")
@given(key=st.binary(min_size=1, max_size=64), data=st.binary(max_size=300))
def test_the_mac_is_that_of_the_standard_library(key: bytes, data: bytes) -> None:
    assert mac_of(key, data) == hmac.digest(key, data, "sha256")[:MAC_BYTES]
