"""Exchanges of a home cut between any two commits, in the books of two domains or the device.

Another command follows instead of the one that was cut: what it prints is verified at once, and
what was cut can be done afterwards.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw
import pytest

from franking.errors import Refused
from franking.home import exchange
from franking.home.exchange import Applicant, PostOffice
from franking.home.home import Home, open_home
from franking.home.settings import create_home
from franking.psd.records import EvidenceRequest
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.storage import Books
from franking.verification.payload import verify_payload
from franking.verification.verdict import Verdict
from tests.fixtures_money import deposit_in_home

MAILER = Applicant(name="Acme Bolts", address="12 Main St, Springfield IL 62701")
OFFICE = PostOffice(zip_code="62701", city="Springfield", state="IL")
DAY = "2025-09-02"
COMMITS_MAX = 40


class Cut(BaseException):
    """The process ends here."""


class Knife:
    """Counts the commits of the books and of the device, and cuts after one of them."""

    def __init__(self, after: int) -> None:
        self.left = after

    def commit(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Cut


def cut_after(patch: pytest.MonkeyPatch, commits: int) -> Knife:
    knife, work, append = Knife(commits), Books.work, SqliteDeviceStore.append

    @contextmanager
    def worked(books: Books, now: datetime, command: str, **on: Any) -> Iterator[Any]:
        with work(books, now, command, **on) as unit:
            yield unit
        knife.commit()

    def appended(store: SqliteDeviceStore, commit: Any) -> None:
        append(store, commit)
        knife.commit()

    patch.setattr(Books, "work", worked)
    patch.setattr(SqliteDeviceStore, "append", appended)
    return knife


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a device that is not authorized yet."""
    folder = tmp_path_factory.mktemp("between") / "home"
    create_home(folder, simulated_clock=True)
    exchange.create_device(open_home(folder, now_text=DAY), "office")
    return folder


@pytest.fixture(scope="module")
def funded(made: Path) -> Path:
    """The same with a device in service that holds $50.00."""
    folder = made.with_name("funded")
    shutil.copytree(made, folder)
    authorized(opened(folder))
    deposit_in_home(folder)
    exchange.reset(opened(folder), "office", amount_mills=50_000)
    return folder


def opened(folder: Path) -> Home:
    """A home as the next command of another process opens it."""
    return open_home(folder)


def authorized(home: Home) -> None:
    exchange.authorize(home, "office", MAILER, OFFICE)


def rolled_over(home: Home) -> None:
    exchange.roll_over(home, "office")


def printed(home: Home, name: str) -> bytes:
    return exchange.evidence(home, "office", EvidenceRequest(name, 500)).indicium


def is_cut(home: Home, command: Any, commits: int) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        cut_after(patch, commits)
        try:
            command(home)
        except Cut:
            return True
    return False


def test_a_device_cut_in_its_authorization_prints_what_is_verified_at_once(
    made: Path, tmp_path: Path
) -> None:
    for commits in range(1, COMMITS_MAX):
        home = tmp_path / f"home-{commits}"
        shutil.copytree(made, home)
        if not is_cut(opened(home), authorized, commits):
            break
        try:
            deposit_in_home(home)
            exchange.reset(opened(home), "office", amount_mills=50_000)
        except Refused:
            authorized(opened(home))
            deposit_in_home(home, payment="again")
            exchange.reset(opened(home), "office", amount_mills=50_000)
        piece = printed(opened(home), "first")
        trust = opened(home).trust_list()
        assert verify_payload(piece, trust, opened(home).now).verdict is Verdict.AUTHENTIC, commits
        shutil.rmtree(home)
    assert 5 < commits < COMMITS_MAX - 1


def test_a_device_cut_in_its_rollover_prints_what_is_verified_at_once(
    funded: Path, tmp_path: Path
) -> None:
    for commits in range(1, COMMITS_MAX):
        home = tmp_path / f"home-{commits}"
        shutil.copytree(funded, home)
        pieces = [printed(opened(home), "before")]
        if not is_cut(opened(home), rolled_over, commits):
            break
        pieces.append(printed(opened(home), "at-once"))
        exchange.reset(opened(home), "office", amount_mills=10_000)
        pieces.append(printed(opened(home), "after-a-reset"))
        verify_all(home, pieces, commits)
        rolled_over(opened(home))
        pieces.append(printed(opened(home), "after-another-rollover"))
        verify_all(home, pieces, commits)
        assert exchange.audit(opened(home), "office")["control_total_mills"] == 60_000
        shutil.rmtree(home)
    assert 5 < commits < COMMITS_MAX - 1


def test_a_sound_device_is_not_examined_while_it_goes_on(funded: Path, tmp_path: Path) -> None:
    """Its key would be ended in every trust list, and it would go on to debit for nothing."""
    home = tmp_path / "home"
    shutil.copytree(funded, home)
    with pytest.raises(Refused, match="DEVICE_SOUND"):
        exchange.examine(opened(home), "office", examiner="A. Clerk", finding="none")
    verify_all(home, [printed(opened(home), "after")], 0)


def test_a_tampered_store_is_examined_for_nothing(funded: Path, tmp_path: Path) -> None:
    """What a licensee writes into his device is not paid out, and his mail stays authentic."""
    home = tmp_path / "home"
    shutil.copytree(funded, home)
    piece = printed(opened(home), "before")
    connection = apsw.Connection(str(home / "devices" / "office" / "device.sqlite3"))
    for table in ("register", "register_copy"):
        connection.execute(
            f"UPDATE {table} SET descending_mills = 500000, control_total_mills = 500500,"
            " sequence = sequence + 1"
        )
    connection.close()
    with pytest.raises(Refused, match="DEVICE_FAULTED"):
        printed(opened(home), "more")
    told = exchange.examine(opened(home), "office", examiner="A. Clerk", finding="tampered")
    assert (told["descending_mills"], told["control_total_mills"]) == (0, 50_000)
    verify_all(home, [piece], 0)


def test_the_highest_serial_does_not_end_the_making_of_devices(tmp_path: Path) -> None:
    create_home(tmp_path / "home", simulated_clock=True)
    exchange.create_device(open_home(tmp_path / "home", now_text=DAY), "FK1A4294967295")
    told = exchange.create_device(opened(tmp_path / "home"), "next")
    assert told["device_id"] == "FK1A0000000001"


def verify_all(home: Path, pieces: list[bytes], commits: int) -> None:
    trust = opened(home).trust_list()
    verdicts = [verify_payload(one, trust, opened(home).now).verdict for one in pieces]
    assert verdicts == [Verdict.AUTHENTIC] * len(pieces), commits
