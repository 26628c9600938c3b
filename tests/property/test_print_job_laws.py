"""Whatever happens between list and paper, nothing is charged twice and nothing is lost."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.errors import Refused
from franking.host.csv_rows import BadRow, Row, read_rows
from franking.host.face import Face
from franking.host.layouts import face_of
from franking.host.placement import violations, zones
from franking.host.printing import commands
from franking.host.printing.planning import plan_job
from franking.host.printing.records import JobStatus
from franking.host.records import Shape, Symbology
from tests.fixtures_host import (
    ADDRESSED,
    NOW,
    ON,
    TOWN,
    FakeDevice,
    PowerCut,
    a_piece,
    indicium_for,
    mailer_books,
    mailing,
    mailing_list,
    settings,
)


@pytest.mark.law("PSD-1", "PSD-4")
@given(rows=st.integers(1, 6), crashes=st.lists(st.integers(0, 6), max_size=4))
def test_however_often_a_job_is_cut_short_each_row_is_paid_once(
    rows: int, crashes: list[int]
) -> None:
    device = FakeDevice(descending_mills=rows * 320)
    with tempfile.TemporaryDirectory() as folder, mailer_books(Path(folder)) as books:
        job = mailing()
        plan = plan_job(read_rows(mailing_list(Path(folder) / "list.csv", rows=rows)), job)
        commands.keep_plan(books, plan, template=job.template, town=TOWN, now=NOW)
        for hour, after in enumerate(crashes):
            device.crash_after = after
            with contextlib.suppress(PowerCut):
                commands.evidence_job(books, job.job_id, device, now=NOW + timedelta(hours=hour))
        device.crash_after = None
        report = commands.evidence_job(books, job.job_id, device, now=NOW + timedelta(days=1))
        assert report.status is JobStatus.EVIDENCED
        assert report.spent_mills == device.registers.ascending_mills == rows * 320
        assert device.registers.piece_count == report.evidenced == rows
        assert commands.report(books, job.job_id).bad_rows == ()
        assert books.check_journal().faults == ()


@given(content=st.binary(max_size=400))
def test_any_bytes_after_a_heading_give_rows_or_bad_rows_and_no_traceback(content: bytes) -> None:
    heading = b"Name,Street,City,State,Zip\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(heading + content + b"\nAnn,1 Main St,Chicago,IL,60601\n")
        try:
            rows = list(read_rows(path))
        except Refused:
            return
    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))
    assert all(isinstance(row, Row | BadRow) for row in rows)
    plan = plan_job(iter(rows), mailing())
    assert len(plan.pieces) + len(plan.bad_rows) == len(rows)


@given(content=st.binary(max_size=400))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(content)
        code = _refusal(lambda: list(read_rows(path)))
    assert code == "" or code.startswith("CSV_")


@pytest.mark.duty("R97-P050.4.2-1", "R97-P050.4.4-1", "R97-P050.4.4-2")
@given(
    stock_and_shape=st.sampled_from(ADDRESSED),
    symbology=st.sampled_from(Symbology),
    recipients=st.lists(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ ", max_size=60), max_size=3),
)
def test_a_face_is_lawful_or_refused_never_wrong(
    stock_and_shape: tuple[str, Shape], symbology: Symbology, recipients: list[str]
) -> None:
    name, shape = stock_and_shape
    piece = a_piece(shape)
    assert piece.destination is not None
    lines = tuple(line.strip() for line in recipients if line.strip())
    piece = replace(piece, destination=replace(piece.destination, recipients=lines))
    faces: list[Face] = []
    code = _refusal(
        lambda: faces.append(face_of(piece, indicium_for(piece), settings(name, symbology)))
    )
    assert code in {"", "ADDRESS_TOO_WIDE", "PLACEMENT_WRONG"}
    assert [violations(face, zones("ibip-1997", ON)) for face in faces] == [()] * (not code)


def _refusal(action: Callable[[], object]) -> str:
    """The code of a refusal, or nothing where the action went through."""
    try:
        action()
    except Refused as refused:
        return refused.code
    return ""
