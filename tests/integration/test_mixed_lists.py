"""One list may hold letters, flats, a parcel's label and a courtesy reply, each on its stock."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from franking.errors import Refused
from franking.host.csv_rows import read_rows
from franking.host.printing import commands
from franking.host.printing.planning import plan_job
from franking.host.printing.records import JobTemplate, Plan, ReprintReason
from franking.host.records import Fim
from franking.host.render import pdf
from franking.marks.geometry import Drawing
from franking.marks.postal_barcodes import fim
from franking.storage.books import Books
from tests.fixtures_host import NOW, TOWN, FakeDevice, mailer_books, mailing

MIXED = """\
name,street,city,state,zip,shape,weight,stock,courtesy reply,return company,return street,\
return city,return state,return zip
Ann,2 Main St,Chicago,IL,60601,,,,,,,,,
Bo,3 Main St,Chicago,IL,60601,flat,2,9x12,no,Ours,9 Elm St,Springfield,IL,62701
Cy,4 Main St,Chicago,IL,60601,parcel,5,Label-4x6,,,,,,
,,,,,,,,yes,,,,,
Di,6 Main St,Chicago,IL,60601,,,6x9,Y,,,,,
"""
SIZES = [(9.5, 4.125), (12.0, 9.0), (4.0, 6.0), (9.5, 4.125), (9.0, 6.0)]


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """The books of a mailer who has read the caution."""
    with mailer_books(tmp_path) as opened:
        yield opened


def plan_of(folder: Path, text: str, template: JobTemplate | None = None) -> Plan:
    """The plan of a list with that content."""
    path = folder / "list.csv"
    path.write_text(text)
    return plan_job(read_rows(path), mailing(template=template or JobTemplate()))


def evidenced(books: Books, plan: Plan) -> FakeDevice:
    """The job of a plan, kept and evidenced."""
    device = FakeDevice()
    commands.keep_plan(books, plan, template=JobTemplate(), town=TOWN, now=NOW)
    commands.evidence_job(books, "june-bills", device, now=NOW)
    return device


def sizes_of(pages: Iterator[Drawing]) -> list[tuple[float, float]]:
    """The sizes of the pages of a print in inches, as a PDF reader sees them."""
    out = io.BytesIO()
    pdf(pages, out)
    document = pypdfium2.PdfDocument(out.getvalue())
    return [
        (round(width / 72, 3), round(height / 72, 3))
        for width, height in (page.get_size() for page in document)
    ]


def facing_mark_of(page: Drawing) -> str | None:
    """The letter of the facing mark on a page, told by its bars."""
    shapes = {fim(letter.value).parts[0].shapes: letter.value for letter in Fim}
    found = [shapes[part.shapes] for part in page.parts if part.shapes in shapes]
    return found[0] if found else None


def texts(page: Drawing, name: str) -> list[str]:
    """The lines of text of one part of a page."""
    shapes = [shape for part in page.parts if part.name == name for shape in part.shapes]
    return [shape.text for shape in shapes if hasattr(shape, "text")]


def test_every_piece_of_a_mixed_list_is_printed_on_its_own_stock(
    books: Books, tmp_path: Path
) -> None:
    plan = plan_of(tmp_path, MIXED)
    assert plan.bad_rows == ()
    assert [planned.stock for planned in plan.pieces] == [
        "no10", "9x12", "label-4x6", "no10", "6x9",
    ]  # fmt: skip
    evidenced(books, plan)
    assert sizes_of(commands.draw_job(books, "june-bills", now=NOW)) == SIZES


def test_a_reprint_keeps_each_stock_and_its_bytes(books: Books, tmp_path: Path) -> None:
    evidenced(books, plan_of(tmp_path, MIXED))
    first = list(commands.draw_job(books, "june-bills", now=NOW))
    commands.confirm_print(books, "june-bills", now=NOW)
    again = commands.reprint(
        books, "june-bills", reason=ReprintReason.JAMMED, note="", lines=[3, 4], now=NOW
    )
    assert list(again) == first[1:3]


@pytest.mark.duty("R97-P050.4.12")
def test_a_courtesy_reply_bears_fim_a_and_may_come_without_an_address(
    books: Books, tmp_path: Path
) -> None:
    device = evidenced(books, plan_of(tmp_path, MIXED))
    pages = list(commands.draw_job(books, "june-bills", now=NOW))
    assert [facing_mark_of(page) for page in pages] == ["D", "D", None, "A", "A"]
    destinations = [request.destination for request, _ in device.given.values()]
    assert destinations == ["60601", "60601", "60601", "", "60601"]
    assert texts(pages[3], "delivery-address") == []


def test_a_row_may_bear_its_own_return_address(books: Books, tmp_path: Path) -> None:
    evidenced(books, plan_of(tmp_path, MIXED))
    pages = list(commands.draw_job(books, "june-bills", now=NOW))
    assert texts(pages[0], "return-address") == []
    assert texts(pages[1], "return-address") == ["OURS", "9 ELM ST", "SPRINGFIELD IL 62701"]


def test_another_stock_or_courtesy_reply_makes_another_list(books: Books, tmp_path: Path) -> None:
    evidenced(books, plan_of(tmp_path, MIXED))
    for changed in (MIXED.replace("Y,", "no,"), MIXED.replace(",6x9,", ",no10,")):
        with pytest.raises(Refused, match="JOB_ID_TAKEN"):
            commands.keep_plan(
                books,
                plan_of(tmp_path, changed),
                template=JobTemplate(),
                town=TOWN,
                now=NOW,
            )


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("Bo,3 Main St,Chicago,IL,60601,flat,2,papyrus,,,,,,", "STOCK_UNKNOWN"),
        ("Bo,3 Main St,Chicago,IL,60601,letter,1,9x12,,,,,,", "SHAPE_NOT_OF_STOCK"),
        ("Bo,3 Main St,Chicago,IL,60601,,,,perhaps,,,,,", "ROW_VALUE_UNREADABLE"),
        (",,,,,,,,no,,,,,", "ADDRESS_STREET_MISSING"),
        ("Bo,,Chicago,IL,60601,,,,yes,,,,,", "ADDRESS_STREET_MISSING"),
        ("Bo,3 Main St,Chicago,IL,60601,,,,,Ours,,,,", "ADDRESS_STREET_MISSING"),
    ],
)
def test_a_row_that_can_not_be_printed_so_is_named_and_costs_nothing(
    tmp_path: Path, row: str, code: str
) -> None:
    plan = plan_of(tmp_path, f"{MIXED}{row}\n")
    assert [(bad.line, bad.code) for bad in plan.bad_rows] == [(7, code)]
    assert len(plan.pieces) == len(SIZES)


def test_a_row_of_another_stock_does_not_go_on_a_sheet_of_labels(tmp_path: Path) -> None:
    template = JobTemplate(stock="label-4x3", sheet="letter-6")
    rows = "Bo,3 Main St,Chicago,IL,60601,flat,2,{},,,,,,\n"
    plan = plan_of(
        tmp_path, MIXED.splitlines()[0] + "\n" + rows.format("no10") + rows.format(""), template
    )
    assert [bad.code for bad in plan.bad_rows] == ["SHEET_OF_ANOTHER_STOCK"]
    assert [planned.stock for planned in plan.pieces] == ["label-4x3"]
