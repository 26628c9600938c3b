"""Whatever the bytes, what is printed is what is read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from franking.marks.postal_barcodes import intelligent_mail_bars, postnet_bars
from franking.marks.symbols import Symbology, symbol_of
from tests.fixtures_marks import on_paper, png_dots, symbols_on

PAYLOADS = st.binary(min_size=1, max_size=150)
ROUTINGS = st.sampled_from([0, 5, 9, 11]).flatmap(
    lambda length: st.text("0123456789", min_size=length, max_size=length)
)


@given(payload=PAYLOADS, symbology=st.sampled_from(Symbology))
def test_a_symbol_gives_back_its_bytes(payload: bytes, symbology: Symbology) -> None:
    assert symbols_on(png_dots(on_paper(symbol_of(payload, symbology), margin=0.2), 300)) == [
        payload
    ]


@given(first=PAYLOADS, second=PAYLOADS, symbology=st.sampled_from(Symbology))
def test_payloads_of_one_length_make_symbols_of_one_size(
    first: bytes, second: bytes, symbology: Symbology
) -> None:
    length = min(len(first), len(second))
    one, other = symbol_of(first[:length], symbology), symbol_of(second[:length], symbology)
    assert (one.width_in, one.height_in) == (other.width_in, other.height_in)


@given(
    digits=st.sampled_from([5, 9, 11]).flatmap(
        lambda length: st.text("0123456789", min_size=length, max_size=length)
    )
)
def test_every_five_postnet_bars_have_two_tall_ones(digits: str) -> None:
    inner = postnet_bars(digits)[1:-1]
    fives = [inner[at : at + 5] for at in range(0, len(inner), 5)]
    assert len(fives) == len(digits) + 1
    assert {five.count("1") for five in fives} == {2}


@given(
    barcode_id=st.from_regex(r"[0-9][0-4]", fullmatch=True),
    rest=st.text("0123456789", min_size=18, max_size=18),
    routing=ROUTINGS,
)
def test_different_mail_has_different_bars(barcode_id: str, rest: str, routing: str) -> None:
    bars = intelligent_mail_bars(barcode_id + rest, routing)
    other = intelligent_mail_bars(barcode_id + rest[:-1] + str((int(rest[-1]) + 1) % 10), routing)
    assert len(bars) == len(other) == 65
    assert bars != other
