"""Nights that are ended from outside: no process stays, and what they leave is cleared away."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from franking.cli import main
from franking.cli.command import EXIT_STOPPED
from franking.errors import Refused
from franking.home.interim import interim
from franking.scans.history import WORK, hold
from franking.scans.scan_files import layout_of, regrouped

_PATIENCE_SECONDS = 20
_STARTS_A_WORKER = """
import os, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from franking.scans.orphans import leave_no_orphan

if __name__ == "__main__":
    workers = ProcessPoolExecutor(1, get_context("spawn"), leave_no_orphan)
    print(workers.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    program = tmp_path / "starts_a_worker.py"
    program.write_text(_STARTS_A_WORKER)
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert _is_there(worker)
        parent.send_signal(signal.SIGKILL)
    _await_end(worker)


def test_workers_end_at_a_ctrl_c_without_a_word(tmp_path: Path) -> None:
    program = tmp_path / "starts_a_worker.py"
    program.write_text(_STARTS_A_WORKER)
    said = (tmp_path / "said.txt").open("w+")
    with (
        said,
        subprocess.Popen(
            [sys.executable, program], stdout=subprocess.PIPE, stderr=said, text=True
        ) as parent,
    ):
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        os.kill(worker, signal.SIGINT)
        _await_end(worker)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        said.seek(0)
        assert "KeyboardInterrupt" not in said.read()


def test_a_ctrl_c_while_the_program_starts_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("franking.cli.app.run_franking", stopped)
    with pytest.raises(SystemExit) as leaving:
        main()
    assert leaving.value.code == EXIT_STOPPED
    assert capsys.readouterr().err == "Stopped before anything was done.\n"


def _await_end(process: int) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while _is_there(process):
        assert time.monotonic() < until, "the worker does not end"
        time.sleep(0.05)


def test_what_a_night_left_is_cleared_by_the_next_one(tmp_path: Path) -> None:
    out = tmp_path / "verdicts.parquet"
    with interim(tmp_path, out) as work:
        (work / "examined").mkdir()
        left = work.parent
        left.rename(tmp_path / "kept")
    (tmp_path / "kept").rename(left)  # as it is where the program was killed
    with interim(tmp_path, out) as work:
        assert list(work.iterdir()) == []
        assert [each.name for each in tmp_path.iterdir()] == [left.name]
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "verdicts.parquet"
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(Refused) as refused, interim(tmp_path, out):
        raise full
    assert refused.value.code == "NIGHT_NOT_WRITTEN"
    assert "No space left" in refused.value.detail
    assert list(tmp_path.iterdir()) == []


def test_two_nights_do_not_write_one_file_of_verdicts(tmp_path: Path) -> None:
    out = tmp_path / "verdicts.parquet"
    with interim(tmp_path, out) as work:
        with pytest.raises(Refused) as refused, interim(tmp_path, out):
            pass
        assert refused.value.code == "OUTPUT_BUSY"
        assert work.parent.stat().st_mode & 0o077 == 0, "scans name delivery points"
        assert work.exists()
        with interim(tmp_path, tmp_path / "other.parquet") as other:
            assert other != work


def test_a_compaction_that_was_broken_off_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / f"{WORK}abc").mkdir()
    (tmp_path / f"{WORK}abc" / "spilled").write_bytes(b"x")
    with hold(tmp_path):
        assert not list(tmp_path.glob(f"{WORK}*"))


def test_long_payloads_are_shared_out_in_groups_that_fit_in_memory(tmp_path: Path) -> None:
    payloads = pa.array([bytes(4 << 20)] * 24, pa.binary())
    came, to = tmp_path / "came.parquet", tmp_path / "shared.parquet"
    table = pa.table({"payload": payloads})
    pq.write_table(table, came, compression="zstd", use_dictionary=False)
    assert regrouped(came, layout_of(came), to)
    assert max(layout_of(to).groups) <= 16
