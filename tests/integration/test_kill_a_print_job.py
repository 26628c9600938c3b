"""A print job killed at every step of its device, then resumed: paid once, printed the same."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from franking.host.csv_rows import read_rows
from franking.host.printing import commands
from franking.host.printing.planning import plan_job
from franking.host.printing.records import JobReport, JobStatus
from franking.host.render import pdf
from franking.psd.device import PostalSecurityDevice
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.vault.software import SoftwareVault
from tests.fixtures_host import TOWN, mailer_books, mailing, mailing_list
from tests.fixtures_psd import NOON, operational
from tests.fixtures_torture import memory_folder
from tests.kill_shim import Acknowledge, every_ending
from tests.torture_profile import COMBINED_STEP

__all__ = ["memory_folder"]

ROWS, JOB = 10, "november"


@pytest.mark.law("PSD-3", "PSD-4")
def test_a_print_job_killed_anywhere_is_resumed_and_pays_once(
    memory_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "BATCH", 4)
    vault, template, folder = SoftwareVault.in_memory(), memory_folder / "t", memory_folder / "m"
    template.mkdir()
    plan_in(template, vault)

    def lay_out() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(template, folder)

    def work(vfs: str, _acknowledge: Acknowledge) -> None:
        evidence_in(folder, vault, vfs=vfs)

    prints = set()
    for _ in every_ending(work, lay_out=lay_out, step=COMBINED_STEP):
        report, paid = evidence_in(folder, vault)
        assert (report.status, report.evidenced) == (JobStatus.EVIDENCED, ROWS)
        assert report.spent_mills == paid
        prints.add(printed_in(folder))
    assert len(prints) == 1, "two resumed jobs print different bytes"


def plan_in(folder: Path, vault: SoftwareVault) -> None:
    """A job that is planned, and a device that can pay for it."""
    store = SqliteDeviceStore.create(folder / "device")
    with operational(store, vault=vault).device as device, mailer_books(folder) as books:
        rows = read_rows(mailing_list(folder / "list.csv", rows=ROWS))
        job = replace(mailing(JOB), on=NOON.date(), device_id=device.device_id)
        plan = plan_job(rows, job)
        commands.keep_plan(books, plan, template=job.template, town=TOWN, now=NOON)


def evidence_in(folder: Path, vault: SoftwareVault, *, vfs: str = "") -> tuple[JobReport, int]:
    """Start or resume the job; its report, and what the device has debited in all."""
    store = SqliteDeviceStore.open(folder / "device", vfs=vfs)
    with (
        PostalSecurityDevice.open(store, vault, NOON) as device,
        mailer_books(folder, ready=False) as books,
    ):
        report = commands.evidence_job(books, JOB, device, now=NOON)
        assert device.registers.piece_count == ROWS
        return report, device.registers.ascending_mills


def printed_in(folder: Path) -> bytes:
    """The print of the job as a PDF."""
    out = io.BytesIO()
    with mailer_books(folder, ready=False) as books:
        pdf(commands.draw_job(books, JOB, now=NOON), out)
    return out.getvalue()
