"""Advertising art and postal markings in its place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from franking.errors import Refused
from franking.marks.advertising import Artwork, advertisement, postal_marking
from franking.marks.evidence import indicium
from franking.marks.geometry import Box, Drawing, Picture, Text, collisions
from franking.marks.lettering import Face, cap_height_in
from franking.rules import at
from tests.fixtures_marks import NUL_PAYLOAD, png_dots, readable

PUBLISHED = date(1997, 3, 28)
MAILERS_MESSAGE = "Mailer's Message"
ART = Artwork(approval_id="A-1", mailer_name="Acme Nursery", lines=("WE PLANT", "a tree a parcel"))


def texts(drawing: Drawing) -> list[Text]:
    return [shape for part in drawing.parts for shape in part.shapes if isinstance(shape, Text)]


def lines(drawing: Drawing) -> list[str]:
    return [text.text for text in texts(drawing)]


def draw(artwork: Artwork, *, width: float = 1.6, height: float = 0.9) -> Drawing:
    return advertisement(artwork, width_in=width, height_in=height, mailers_message=MAILERS_MESSAGE)


@pytest.mark.duty("R97-P050.4.10-2")
class TestWhoSpeaks:
    def test_art_names_the_mailer(self) -> None:
        assert lines(draw(ART)) == ["WE PLANT", "a tree a parcel", "Acme Nursery"]

    def test_art_that_names_the_mailer_itself_is_left_as_it_is(self) -> None:
        art = Artwork(approval_id="A-1", mailer_name="acme", lines=("Visit ACME",))
        assert lines(draw(art)) == ["Visit ACME"]

    def test_art_of_no_name_says_that_it_is_the_mailers_message(self) -> None:
        assert lines(draw(Artwork(approval_id="A-1", lines=("SALE",)))) == ["SALE", MAILERS_MESSAGE]


@pytest.mark.duty("R97-P050.4.10-3", "R97-502.21(d)", "R95-501.22(d)")
def test_art_without_an_approval_is_not_drawn() -> None:
    with pytest.raises(Refused, match="ARTWORK_NOT_APPROVED"):
        draw(Artwork(approval_id="", lines=("SALE",)))


@pytest.mark.duty("R97-P050.4.10-1", "R95-501.6(g)-1")
def test_art_to_the_left_of_an_indicium_covers_nothing_of_it() -> None:
    mark = indicium(readable(), NUL_PAYLOAD)
    art = draw(ART)
    page = Drawing(width_in=9.5, height_in=4.125)
    page = page.with_parts(mark.placed(7.7, 0.25)).with_parts(art.placed(4.8, 0.25))
    assert list(collisions(page.parts)) == []
    assert art.part("advertising").bounds.holds(ink_of(art))


def ink_of(drawing: Drawing) -> Box:
    boxes = [box for text in texts(drawing) for box in text.boxes()]
    return Box(
        left=min(box.left for box in boxes),
        top=0.0,
        right=max(box.right for box in boxes),
        bottom=max(box.bottom for box in boxes),
    )


def test_art_that_does_not_fit_is_refused() -> None:
    with pytest.raises(Refused, match="ARTWORK_DOES_NOT_FIT"):
        draw(Artwork(approval_id="A-1", lines=("A very long line of slogan " * 4,)))
    with pytest.raises(Refused, match="ARTWORK_DOES_NOT_FIT"):
        draw(Artwork(approval_id="A-1"))


def test_a_picture_keeps_its_proportions() -> None:
    dots = bytes(x % 2 for x in range(40 * 20))
    drawing = draw(Artwork(approval_id="A-1", mailer_name="Acme", dots=dots, columns=40))
    picture = next(s for s in drawing.parts[0].shapes if isinstance(s, Picture))
    assert picture.width / picture.height == pytest.approx(2.0)
    assert (png_dots(drawing, 300) < 128).mean() > 0.2


@pytest.mark.parametrize(("dots", "columns"), [(b"\x01" * 7, 2), (b"\x02\x01", 2), (b"\x01", 0)])
def test_a_picture_of_broken_rows_is_refused(dots: bytes, columns: int) -> None:
    with pytest.raises(Refused, match="ARTWORK_DOES_NOT_FIT"):
        draw(Artwork(approval_id="A-1", dots=dots, columns=columns))


@pytest.mark.duty("R97-P050.4.11")
class TestPostalMarkings:
    least = Decimal("0.25")

    def mark(self, text: str, *, width: float, height: float) -> Drawing:
        return postal_marking(
            text, width_in=width, height_in=height, letter_height_min_in=float(self.least)
        )

    def test_the_marking_stands_alone_in_bold_capitals(self) -> None:
        drawing = self.mark("First-Class", width=3.0, height=0.6)
        assert drawing.names() == ("postal-marking",)
        assert lines(drawing) == ["FIRST-CLASS"]
        assert {text.face for text in texts(drawing)} == {Face.BOLD}

    @pytest.mark.parametrize(
        ("text", "width", "height", "broken"),
        [
            ("Presorted Standard", 2.4, 1.0, ["PRESORTED", "STANDARD"]),
            ("First-Class", 2.2, 0.8, ["FIRST-", "CLASS"]),
            ("Return Service Requested", 3.0, 1.4, ["RETURN", "SERVICE", "REQUESTED"]),
        ],
    )
    def test_it_fills_the_area_as_far_as_it_can(
        self, text: str, width: float, height: float, broken: list[str]
    ) -> None:
        drawing = self.mark(text, width=width, height=height)
        assert lines(drawing) == broken
        widest = max(line.width for line in texts(drawing))
        tops = min(line.y - cap_height_in(line.face, line.size_pt) for line in texts(drawing))
        bottoms = max(line.y for line in texts(drawing))
        assert widest == pytest.approx(width) or bottoms - tops == pytest.approx(height)
        assert widest <= width + 1e-9
        assert bottoms - tops <= height + 1e-9

    def test_capitals_are_at_least_a_quarter_inch_high_on_paper(self) -> None:
        said = at("indicium", "ibip-1997", PUBLISHED)
        least = float(said.length("marking_height_inches"))
        drawing = postal_marking("Express", width_in=2.0, height_in=0.5, letter_height_min_in=least)
        rows = np.flatnonzero((png_dots(drawing, 600) < 128).any(axis=1))
        assert (rows[-1] - rows[0] + 1) / 600 >= least - 1 / 600
        assert texts(drawing)[0].size_pt >= said.whole("marking_points")

    def test_a_small_area_gets_no_exception(self) -> None:
        with pytest.raises(Refused, match="MARKING_TOO_SMALL") as refused:
            self.mark("Presorted Standard", width=1.5, height=1.0)
        assert refused.value.clause == "DMM P050.4.11 (1997)"

    def test_no_words_are_no_marking(self) -> None:
        with pytest.raises(Refused, match="MARKING_TOO_SMALL"):
            self.mark(" ", width=3.0, height=1.0)
