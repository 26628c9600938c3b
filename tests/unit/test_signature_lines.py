"""Names and dates on the lines that people sign on."""

from __future__ import annotations

import pytest

from franking.forms.paper import Signature, Signatures
from franking.marks.geometry import Text

DATED = "March 1, 2027"


@pytest.mark.parametrize(
    "name",
    [
        "Ruth Hollis",
        "Larkspur Press & Sons, Fine Letterpress Printing and Bookbinding of Asheville",
    ],
)
def test_a_long_name_leaves_the_date_beside_it_free(name: str) -> None:
    (strip,) = Signatures((Signature("Licensee", name, DATED),)).strips()
    texts = [each for each in strip.shapes if isinstance(each, Text)]
    (date,) = [each for each in texts if each.text == DATED]
    names = [each for each in texts if each.text in name]
    assert " ".join(each.text for each in sorted(names, key=lambda each: each.y)) == name
    assert all(each.x + each.width < date.x for each in names)
