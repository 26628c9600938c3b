"""A print job from list to paper: what is charged, what is printed, what is named as bad."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from franking.errors import Refusal, Refused
from franking.host.address_data import install_address_data
from franking.host.csv_rows import read_rows
from franking.host.notices import acknowledge
from franking.host.printing import commands
from franking.host.printing.planning import plan_job
from franking.host.printing.records import JobReport, JobStatus, JobTemplate, Plan, ReprintReason
from franking.host.records import Address, Shape, Symbology, System
from franking.host.render import pdf, png
from franking.host.sheets import Offset
from franking.marks.geometry import Drawing
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.storage.books import Books
from tests import fixtures_psd
from tests.fixtures_host import (
    GOOD_ROW,
    HEADING,
    NOW,
    TOWN,
    FakeDevice,
    PowerCut,
    mailer_books,
    mailing,
    mailing_list,
)

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """The books of a mailer who has read the caution."""
    with mailer_books(tmp_path) as opened:
        yield opened


def planned(path: Path, template: JobTemplate | None = None, job_id: str = "june-bills") -> Plan:
    """The plan of a list."""
    template = template or JobTemplate()
    return plan_job(read_rows(path, template.columns), mailing(job_id, template))


def kept(
    books: Books, path: Path, template: JobTemplate | None = None, job_id: str = "june-bills"
) -> JobReport:
    """The job of a list, planned and kept."""
    template = template or JobTemplate()
    plan = planned(path, template, job_id)
    return commands.keep_plan(books, plan, template=template, town=TOWN, now=NOW)


def pdf_of(pages: Iterator[Drawing]) -> bytes:
    """The print as a PDF."""
    out = io.BytesIO()
    pdf(pages, out)
    return out.getvalue()


def symbol_of(page: Drawing, *, dpi: int) -> bytes:
    """The bytes of the one two-dimensional symbol on a page."""
    image = np.asarray(Image.open(io.BytesIO(png(page, dpi))).convert("L"))
    wanted = (zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.PDF417)
    found = [each.bytes for each in zxingcpp.read_barcodes(image, formats=wanted)]
    assert len(found) == 1
    return bytes(found[0])


def test_a_list_is_planned_evidenced_printed_and_confirmed(books: Books, tmp_path: Path) -> None:
    device = FakeDevice()
    planned_report = kept(books, mailing_list(tmp_path / "list.csv", rows=3))
    assert (planned_report.status, planned_report.outstanding) == (JobStatus.PLANNED, 3)
    report = commands.evidence_job(books, "june-bills", device, now=NOW)
    assert (report.status, report.evidenced, report.spent_mills) == (JobStatus.EVIDENCED, 3, 960)
    assert device.registers.ascending_mills == 960
    assert pdf_of(commands.draw_job(books, "june-bills", now=NOW)).startswith(b"%PDF")
    assert commands.confirm_print(books, "june-bills", now=LATER).status is JobStatus.CONFIRMED
    assert books.check_journal().faults == ()


@pytest.mark.law("PSD-4")
def test_a_resumed_job_pays_nothing_twice_and_redraws_the_same_bytes(
    books: Books, tmp_path: Path
) -> None:
    device = FakeDevice()
    kept(books, mailing_list(tmp_path / "list.csv", rows=6))
    device.crash_after = 4
    with pytest.raises(PowerCut):
        commands.evidence_job(books, "june-bills", device, now=NOW)
    assert device.registers.piece_count == 4
    device.crash_after = None
    report = commands.evidence_job(books, "june-bills", device, now=LATER)
    assert (report.evidenced, report.spent_mills) == (6, 6 * 320)
    assert device.registers.ascending_mills == 6 * 320
    first = pdf_of(commands.draw_job(books, "june-bills", now=LATER))
    again = pdf_of(commands.draw_job(books, "june-bills", now=LATER + timedelta(days=1)))
    assert first == again


def test_a_batch_in_doubt_needs_no_balance_that_it_has_spent_already(
    books: Books, tmp_path: Path
) -> None:
    device = FakeDevice(descending_mills=2 * 320)
    kept(books, mailing_list(tmp_path / "list.csv", rows=2))
    device.crash_after = 1
    with pytest.raises(PowerCut):
        commands.evidence_job(books, "june-bills", device, now=NOW)
    device.crash_after = None
    assert commands.evidence_job(books, "june-bills", device, now=LATER).evidenced == 2
    assert device.registers.descending_mills == 0


@pytest.mark.duty("R95-501.6(c)-3")
def test_a_total_above_the_balance_is_refused_before_the_first_debit(
    books: Books, tmp_path: Path
) -> None:
    device = FakeDevice(descending_mills=3 * 320 - 1)
    kept(books, mailing_list(tmp_path / "list.csv", rows=3))
    with pytest.raises(Refused, match="TOTAL_EXCEEDS_BALANCE") as refused:
        commands.evidence_job(books, "june-bills", device, now=NOW)
    assert "$0.96" in refused.value.detail
    assert device.registers.ascending_mills == 0
    assert device.asked == 0


def test_good_rows_are_printed_and_bad_rows_are_named_and_cost_nothing(
    books: Books, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    rows = [
        GOOD_ROW.format(line=2).encode(),
        b"Ann,,Chicago,IL,60601,\n",
        b"Jos\xe9,3 Main St,Chicago,IL,60601,\n",
        b"Bo,4 Main St,Chicago,CA,60601,\n",
        b"Cy,5 Main St,Chicago,IL,60601,x,y,z\n",
        b'"Di,6 Main St,Chicago,IL,60601,\n',
        b"Ed,7 Main St,Chicago,IL,606,\n",
        b"F\0,8 Main St,Chicago,IL,60601,\n",
        ("G" * 200 + ",9 Main St,Chicago,IL,60601,\n").encode(),
        GOOD_ROW.format(line=11).encode(),
    ]
    path.write_bytes(HEADING.encode() + b"".join(rows))
    device = FakeDevice()
    plan = kept(books, path)
    assert {bad.line: bad.code for bad in plan.bad_rows} == {
        3: "ADDRESS_STREET_MISSING",
        4: "CSV_ROW_UNREADABLE",
        5: "ZIP_CONTRADICTS_STATE",
        6: "CSV_ROW_UNREADABLE",
        7: "CSV_ROW_UNREADABLE",
        8: "ZIP_UNREADABLE",
        9: "CSV_ROW_UNREADABLE",
        10: "ADDRESS_TOO_WIDE",
    }
    assert all(bad.detail and bad.remedy for bad in plan.bad_rows)
    report = commands.evidence_job(books, "june-bills", device, now=NOW)
    assert sorted(device.given) == ["june-bills.11", "june-bills.2"]
    assert report.spent_mills == device.registers.ascending_mills == 2 * 320
    assert len(report.bad_rows) == 8


def test_a_list_without_a_good_row_is_no_job(books: Books, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(HEADING + "Ann,,Chicago,IL,60601,\n")
    with pytest.raises(Refused, match="JOB_EMPTY") as refused:
        kept(books, path)
    assert "line 2: no street" in refused.value.detail


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    plan = planned(mailing_list(tmp_path / "list.csv", rows=3))
    assert (len(plan.pieces), plan.total_mills) == (3, 960)
    assert plan.by_cost_centre == {"Sales": 960}
    assert not (tmp_path / "mailer.sqlite").exists()


def test_the_same_list_again_is_the_same_job_and_another_is_refused(
    books: Books, tmp_path: Path
) -> None:
    path = mailing_list(tmp_path / "list.csv", rows=2)
    assert kept(books, path) == kept(books, path)
    with pytest.raises(Refused, match="JOB_ID_TAKEN"):
        kept(books, mailing_list(tmp_path / "other.csv", rows=3))


def test_another_printer_or_offset_redraws_what_is_paid(books: Books, tmp_path: Path) -> None:
    path, device = mailing_list(tmp_path / "list.csv", rows=2), FakeDevice()
    kept(books, path)
    commands.evidence_job(books, "june-bills", device, now=NOW)
    spent = device.registers.ascending_mills
    moved = JobTemplate(dpi=300, symbology=Symbology.PDF417, offset=Offset(right_in=0.05))
    kept(books, path, moved)
    commands.evidence_job(books, "june-bills", device, now=NOW)
    pages = list(commands.draw_job(books, "june-bills", now=NOW))
    assert device.registers.ascending_mills == spent
    assert [symbol_of(page, dpi=300) for page in pages] == [
        evidence.indicium for _, evidence in device.given.values()
    ]


def test_a_confirmed_print_keeps_its_printer(books: Books, tmp_path: Path) -> None:
    path = mailing_list(tmp_path / "list.csv", rows=2)
    kept(books, path)
    commands.evidence_job(books, "june-bills", FakeDevice(), now=NOW)
    before = list(commands.draw_job(books, "june-bills", now=NOW))
    commands.confirm_print(books, "june-bills", now=NOW)
    kept(books, path, JobTemplate(dpi=300))
    again = commands.reprint(
        books, "june-bills", reason=ReprintReason.SPOILED, note="", lines=[], now=LATER
    )
    assert list(again) == before


def test_a_job_resumed_on_another_day_keeps_its_date_and_prices(
    books: Books, tmp_path: Path
) -> None:
    path = mailing_list(tmp_path / "list.csv", rows=2)
    device = FakeDevice()
    kept(books, path)
    device.crash_after = 1
    with pytest.raises(PowerCut):
        commands.evidence_job(books, "june-bills", device, now=NOW)
    device.crash_after = None
    tomorrow = NOW + timedelta(days=1)
    job = replace(mailing(), on=tomorrow.date())
    plan = plan_job(read_rows(path), job)
    commands.keep_plan(books, plan, template=job.template, town=TOWN, now=tomorrow)
    assert commands.evidence_job(books, "june-bills", device, now=tomorrow).evidenced == 2
    assert {request.date_of_mailing for request, _ in device.given.values()} == {NOW.date()}


@pytest.mark.parametrize(
    ("template", "code"),
    [
        (JobTemplate(stock="papyrus"), "STOCK_UNKNOWN"),
        (JobTemplate(stock="label-4x3", sheet="letter-99"), "SHEET_UNKNOWN"),
        (JobTemplate(stock="no10", sheet="letter-6"), "SHEET_OF_ANOTHER_STOCK"),
        (JobTemplate(stock="label-4x3", sheet="letter-6", skip_labels=6), "SHEET_SKIP_TOO_LARGE"),
        (JobTemplate(imb_prefix="123"), "IMB_PREFIX_UNREADABLE"),
        (JobTemplate(dpi=0), "PRINTER_UNFIT"),
        (JobTemplate(dpi=-300), "PRINTER_UNFIT"),
        (JobTemplate(offset=Offset(down_in=float("nan"))), "PRINTER_UNFIT"),
        (JobTemplate(return_address=Address(street="nowhere")), "ADDRESS_STREET_MISSING"),
    ],
)
def test_a_template_that_could_not_be_drawn_is_refused_before_anything_is_paid(
    tmp_path: Path, template: JobTemplate, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        planned(mailing_list(tmp_path / "list.csv", rows=1), template)
    assert refused.value.code == code


def test_the_return_address_of_a_template_is_put_in_standard_form(
    books: Books, tmp_path: Path
) -> None:
    sender = Address.of("1200 Elm Street", "Springfield", "Illinois", "62701", company="Acme, Inc.")
    plan = planned(mailing_list(tmp_path / "list.csv", rows=1), JobTemplate(return_address=sender))
    assert plan.pieces[0].piece.return_address is not None
    assert plan.pieces[0].piece.return_address.lines == (
        "ACME INC",
        "1200 ELM ST",
        "SPRINGFIELD IL 62701",
    )


def test_what_a_mailer_should_know_before_printing_is_said(books: Books) -> None:
    assert "no address data" in commands.readiness(books, JobTemplate(), NOW)[0]
    assert commands.readiness(books, JobTemplate(system=System.CLOSED), NOW) == ()


def test_a_confirmed_print_is_repeated_only_with_a_reason_on_record(
    books: Books, tmp_path: Path
) -> None:
    device = FakeDevice()
    kept(books, mailing_list(tmp_path / "list.csv", rows=3))
    with pytest.raises(Refused, match="PRINT_NOT_READY"):
        commands.draw_job(books, "june-bills", now=NOW)
    commands.evidence_job(books, "june-bills", device, now=NOW)
    with pytest.raises(Refused, match="PRINT_NOT_READY"):
        commands.confirm_print(books, "june-bills", now=NOW)
    whole = list(commands.draw_job(books, "june-bills", now=NOW))
    with pytest.raises(Refused, match="JOB_NOT_CONFIRMED"):
        reprint(books, [2])
    commands.confirm_print(books, "june-bills", now=NOW)
    with pytest.raises(Refused, match="JOB_CONFIRMED"):
        commands.draw_job(books, "june-bills", now=NOW)
    assert list(reprint(books, [3])) == [whole[1]]
    with pytest.raises(Refused, match="REPRINT_LINES_UNKNOWN"):
        reprint(books, [3, 99])
    report = commands.report(books, "june-bills")
    assert report.prints == 2
    acts = [(row.command, row.by) for row in books.journal_rows()]
    assert ("reprint", "mailer: mailer") in acts
    assert device.registers.ascending_mills == 960


def reprint(books: Books, lines: list[int]) -> Iterator[Drawing]:
    """A reprint of spoiled lines."""
    return commands.reprint(
        books,
        "june-bills",
        reason=ReprintReason.SPOILED,
        note="coffee",
        lines=lines,
        now=LATER,
    )


def test_pieces_that_the_device_refuses_are_named_and_asked_for_again(
    books: Books, tmp_path: Path
) -> None:
    device = FakeDevice()
    refusal = Refusal("TEST_DEVICE_SAYS_NO", clause="policy", remedy="Ask again a little later.")
    device.refuse["june-bills.3"] = refusal.because("not now")
    kept(books, mailing_list(tmp_path / "list.csv", rows=2))
    report = commands.evidence_job(books, "june-bills", device, now=NOW)
    assert (report.evidenced, [bad.line for bad in report.refused]) == (1, [3])
    assert len(list(commands.draw_job(books, "june-bills", now=NOW))) == 1
    device.refuse.clear()
    again = commands.evidence_job(books, "june-bills", device, now=LATER)
    assert (again.evidenced, again.refused) == (2, ())


def test_a_template_maps_columns_and_gives_what_rows_leave_out(
    books: Books, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "Kunde;Strasse;Ort;Staat;PLZ;Gewicht\n"
        "Ann;2 Main St;Chicago;IL;60601;2.5 oz\n"
        "Bo;3 Main St;Chicago;IL;60601;\n"
    )
    template = JobTemplate(
        columns={
            "name": "Kunde",
            "street": "strasse",
            "city": "Ort",
            "state": "Staat",
            "zip_code": "PLZ",
            "weight_oz": "Gewicht",
        },
        cost_centre="Europe",
    )
    device = FakeDevice()
    kept(books, path, template)
    report = commands.evidence_job(books, "june-bills", device, now=NOW)
    assert report.by_cost_centre == {"Europe": 780 + 320}


@pytest.mark.parametrize("symbology", Symbology)
def test_labels_of_a_sheet_fill_pages(books: Books, tmp_path: Path, symbology: Symbology) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "Name,Street,City,State,Zip,Weight,Shape\n"
        + "".join(f"A,{n} Main St,Chicago,IL,60601,2,flat\n" for n in range(1, 9))
    )
    template = JobTemplate(
        stock="label-4x3", sheet="letter-6", skip_labels=1, shape=Shape.FLAT, symbology=symbology
    )
    kept(books, path, template)
    commands.evidence_job(books, "june-bills", FakeDevice(), now=NOW)
    pages = list(commands.draw_job(books, "june-bills", now=NOW))
    assert [sum(p.name == "symbol" for p in page.parts) for page in pages] == [5, 3]


@pytest.mark.duty("R97-Pre-Caution")
def test_nothing_is_evidenced_before_somebody_has_read_the_caution(tmp_path: Path) -> None:
    device = FakeDevice()
    with mailer_books(tmp_path, ready=False) as books:
        kept(books, mailing_list(tmp_path / "list.csv", rows=1))
        with pytest.raises(Refused, match="NOTICE_NOT_ACKNOWLEDGED"):
            commands.evidence_job(books, "june-bills", device, now=NOW)
        assert device.registers.ascending_mills == 0
        acknowledge(books, person="Ann Lee", now=NOW)
        assert commands.evidence_job(books, "june-bills", device, now=NOW).evidenced == 1


@pytest.mark.duty("R97-P050.2.5h")
def test_outdated_address_data_stops_a_job_until_it_is_renewed(
    books: Books, tmp_path: Path
) -> None:
    device = FakeDevice()
    old = NOW.date() - timedelta(days=120)
    install_address_data(books, name="AMS", dated=old, now=NOW)
    kept(books, mailing_list(tmp_path / "list.csv", rows=1))
    with pytest.raises(Refused, match="ADDRESS_DATA_OUTDATED"):
        commands.evidence_job(books, "june-bills", device, now=NOW)
    install_address_data(books, name="AMS", dated=NOW.date(), now=NOW)
    assert commands.evidence_job(books, "june-bills", device, now=NOW).evidenced == 1


def test_an_unknown_job_is_refused(books: Books) -> None:
    with pytest.raises(Refused, match="JOB_UNKNOWN"):
        commands.report(books, "nothing")


@pytest.mark.parametrize("job_id", ["", "a b", "-x", "x" * 41, "x/../y"])
def test_a_name_that_cannot_be_a_request_id_is_refused(tmp_path: Path, job_id: str) -> None:
    with pytest.raises(Refused, match="JOB_ID_UNREADABLE"):
        planned(mailing_list(tmp_path / "list.csv", rows=1), job_id=job_id)


@pytest.mark.duty("R97-Pre-Host")
@pytest.mark.law("PSD-1", "PSD-4")
def test_host_and_device_together_are_authorized_reset_audited_and_print_a_job(
    books: Books, tmp_path: Path
) -> None:
    now = fixtures_psd.NOON
    bench = fixtures_psd.operational(SqliteDeviceStore.create(tmp_path / "device.sqlite"), now=now)
    bench.audit(now)
    path = mailing_list(tmp_path / "list.csv", rows=5)
    job = replace(mailing("november"), on=now.date(), device_id=bench.device.device_id)
    plan = plan_job(read_rows(path), job)
    commands.keep_plan(books, plan, template=job.template, town=TOWN, now=now)
    report = commands.evidence_job(books, "november", bench.device, now=now)
    assert report.spent_mills == bench.device.registers.ascending_mills == 5 * 740
    again = commands.evidence_job(books, "november", bench.device, now=now)
    assert again == report
    pages = pdf_of(commands.draw_job(books, "november", now=now))
    assert len(pypdfium2.PdfDocument(pages)) == 5
