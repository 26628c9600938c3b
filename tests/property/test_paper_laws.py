"""Laws of the page: nothing is lost, nothing leaves the paper, heads stay with what they head."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from franking.forms.paper import (
    BOTTOM_MARGIN,
    PAGE_HEIGHT,
    WIDTH,
    Block,
    Column,
    Field,
    Fields,
    Gap,
    Heading,
    Listing,
    Masthead,
    Paragraph,
    set_pages,
    wrapped,
)
from franking.marks.geometry import Drawing, Text, text_width
from franking.marks.lettering import Face

MASTHEAD = Masthead(number="Form", title="A Form", authority="policy", about="somebody")
LETTERS = st.characters(min_codepoint=33, max_codepoint=126)
WORDS = st.text(st.one_of(LETTERS, st.just(" "), st.just("\n")), max_size=300)
CELLS = st.text(st.one_of(LETTERS, st.just(" ")), max_size=60)


def blocks() -> st.SearchStrategy[Block]:
    return st.one_of(
        st.builds(Paragraph, WORDS),
        st.builds(Heading, st.text(LETTERS, min_size=1, max_size=20)),
        st.builds(Gap, st.floats(0.01, 0.5)),
        st.builds(
            lambda cells: Fields(tuple(Field("label", cell) for cell in cells)),
            st.lists(CELLS, min_size=1, max_size=4),
        ),
        st.builds(
            lambda rows: Listing((Column("one"), Column("two", 2.0)), tuple(rows)),
            st.lists(st.tuples(CELLS, CELLS), max_size=30),
        ),
    )


def told(page: Drawing) -> list[str]:
    return [
        shape.text
        for part in page.parts
        if part.name not in ("head of the form", "foot")
        for shape in part.shapes
        if isinstance(shape, Text)
    ]


@given(WORDS, st.sampled_from(Face), st.floats(5, 14), st.floats(0.3, 7.0))
def test_wrapping_loses_no_letter_and_keeps_to_the_width(
    text: str, face: Face, size: float, width: float
) -> None:
    lines = wrapped(text, face=face, size_pt=size, width=width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert text_width(line, face, size) <= width or len(line) == 1


@given(st.lists(blocks(), max_size=12))
def test_nothing_leaves_the_paper_or_runs_into_the_foot(given_blocks: list[Block]) -> None:
    pages = set_pages(MASTHEAD, given_blocks)
    for page in pages:
        assert page.outside() == ()
        body = [part for part in page.parts if part.name != "foot"]
        assert all(part.bounds.bottom < PAGE_HEIGHT - BOTTOM_MARGIN - 0.15 for part in body)
        assert all(part.bounds.right - part.bounds.left < WIDTH + 0.02 for part in page.parts)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=200))
def test_a_table_keeps_its_rows_in_order_and_its_head_on_every_page(
    rows: list[tuple[str, str]],
) -> None:
    numbered = tuple((f"#{at}", other.replace("#", "")) for at, (_, other) in enumerate(rows))
    pages = set_pages(MASTHEAD, [Listing((Column("number"), Column("words")), numbered)])
    found = [line for page in pages for line in told(page)]
    places = [found.index(f"#{at}") for at in range(len(rows))]
    assert places == sorted(places)
    assert all("number" in told(page) for page in pages)


@given(st.integers(0, 60))
def test_a_heading_never_stands_alone_at_the_foot(lines_before: int) -> None:
    text = "\n".join("x" for _ in range(lines_before))
    pages = set_pages(MASTHEAD, [Paragraph(text), Heading("Held"), Paragraph("by this")])
    (page,) = [page for page in pages if "Held" in told(page)]
    assert "by this" in told(page)
