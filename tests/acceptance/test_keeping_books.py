"""A person looks after the books of a home: copies them, loses them, restores and reconciles."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import psycopg
import pytest

from franking.clock import instant_text
from franking.home.carrier import carry
from franking.home.home import open_home
from franking.home.provider_office import NAME
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.licensing import LicenceStanding
from franking.postal.schema import DISPATCHES
from franking.storage import Act
from tests.fixtures_cli import DEVICE, TODAY, Program
from tests.fixtures_databases import DATABASES, keep_books_on
from tests.fixtures_money import deposit_in_home

OTHER_DAY = "2027-03-02T10:00"


@pytest.fixture(params=DATABASES)
def office(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """A home with one funded device, its books on either database."""
    keep_books_on(request.param, monkeypatch)
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path / "home")
    program.json("home", "create", "--simulated-clock", program.home)
    program.json("device", "create", DEVICE, "--now", TODAY)
    program.json("device", "authorize", DEVICE, "--zip", "20260")
    deposit_in_home(program.home)
    program.json("device", "reset", DEVICE, "--amount", "50.00")
    return program


def lose(program: Program, domain: str) -> None:
    """The computer of a domain burns: its books and its vault are gone."""
    (program.home / domain / "vault.json").unlink()
    url = os.environ.get("FRANKING_DATABASE_URL")
    if url is None:
        for file in (program.home / domain).glob("books.sqlite3*"):
            file.unlink()
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {domain} CASCADE".encode())


def test_the_status_says_where_the_books_lie(office: Program) -> None:
    provider, postal, mailer, fleet, bank = office.json("books", "status")
    assert (provider["version"], postal["version"]) == (provider["program"], postal["program"])
    place = "provider" if "FRANKING_DATABASE_URL" in os.environ else "books.sqlite3"
    assert place in provider["where"]
    assert (mailer["version"], fleet["version"], bank["version"]) == (0, 0, 0)
    assert office.json("books", "migrate")[0]["before"] == provider["version"]


def test_provider_books_are_lost_restored_and_reconciled(office: Program, tmp_path: Path) -> None:
    copied = {told["domain"]: told for told in office.json("books", "backup", tmp_path / "copy")}
    for file in (tmp_path / "copy").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    office.json("device", "reset", DEVICE, "--amount", "20.00", "--now", OTHER_DAY)
    noted = office.json("journal", "checkpoint", "--domain", "provider")
    lose(office, "provider")

    (restored,) = office.json("books", "restore", tmp_path / "copy", "--domain", "provider")
    assert restored == copied["provider"]
    missed = office.json("books", "reconcile", "--domain", "provider")["missed"]
    found = {one["what"]: one["detail"] for one in missed}
    assert "the device took reset 2, the books know of 1" in found["reset"]
    assert f"checkpoint 1 has {noted['rows']}" in found["rows"]
    journal = office.json("journal", "show", "--domain", "provider")
    assert journal["faults"] == []
    assert office.json("books", "reconcile", "--domain", "postal")["missed"] == []


def test_the_authority_is_restored_with_its_keys(office: Program, tmp_path: Path) -> None:
    office.json("books", "backup", tmp_path / "copy")
    lose(office, "postal")
    office.json("books", "restore", tmp_path / "copy", "--domain", "postal")
    assert office.json("books", "reconcile", "--domain", "postal")["missed"] == []
    # It certifies again, under the root that every verifier has pinned.
    office.json("device", "create", "second")
    office.json("device", "authorize", "second", "--zip", "20260")
    assert office.show("second")["status"] == "authorized"


def test_certificates_that_the_lost_books_issued_are_told(office: Program, tmp_path: Path) -> None:
    office.json("books", "backup", tmp_path / "copy")
    office.json("device", "create", "second")
    office.json("device", "authorize", "second", "--zip", "20260")
    lose(office, "postal")
    office.json("books", "restore", tmp_path / "copy", "--domain", "postal")
    missed = office.json("books", "reconcile", "--domain", "postal")["missed"]
    (told,) = [one for one in missed if one["what"] == "certificate"]
    serial = office.show("second")["certificate_serial"]
    assert told["detail"] == f"certificate {serial}: its serial must not be given again"


def send_standing(program: Program, licence: str) -> None:
    """The Postal Service tells the home's provider of a licence."""
    home = open_home(program.home)
    record, now = record_id("licence", licence), home.now
    message = LicenceStanding(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        licence=licence,
        status="issued",
        clause="policy",
        reason="",
        effective_on="2027-03-01",
    )
    with home.postal.books.work(now, "carry_again", on=(record,)) as work:
        DISPATCHES.send(work, message, home.postal.signer, recipient=NAME, record=record, now=now)
        work.record(Act(record=record))
    carry(home)


def test_messages_that_were_delivered_before_the_loss_are_carried_again(
    office: Program, tmp_path: Path
) -> None:
    send_standing(office, "20260-000001")
    office.json("books", "backup", tmp_path / "copy")
    send_standing(office, "20260-000002")
    lose(office, "provider")
    office.json("books", "restore", tmp_path / "copy", "--domain", "provider")
    missed = office.json("books", "reconcile", "--domain", "provider")["missed"]
    told = [(one["what"], one["record"]) for one in missed]
    assert told == [("delivered", "licence:20260-000002")]
    again = office.json("books", "reconcile", "--domain", "provider", "--carry-again")
    assert (again["carried_again"], again["missed"]) == (1, [])


def test_books_that_are_there_are_never_written_over(office: Program, tmp_path: Path) -> None:
    office.json("books", "backup", tmp_path / "copy")
    told = office.refused("books", "restore", tmp_path / "copy", "--domain", "provider")
    assert told["code"] == "BOOKS_NOT_EMPTY"
    (office.home / "provider" / "vault.json").write_text("{}")
    told = office.refused("books", "restore", tmp_path / "copy", "--domain", "provider")
    assert told["code"] == "KEYS_THERE"


def test_what_is_no_copy_is_refused(office: Program, tmp_path: Path) -> None:
    told = office.refused("books", "restore", tmp_path, "--domain", "mailer")
    assert told["code"] == "COPY_MISSING"
    (tmp_path / "letter").write_text("Dear Postmaster")
    told = office.refused("books", "backup", tmp_path / "letter")
    assert told["code"] == "COPY_UNWRITABLE"


def test_somebody_without_the_role_may_not(office: Program, tmp_path: Path) -> None:
    office.json("books", "backup", tmp_path / "copy")
    lose(office, "provider")
    mal = ("--as", "postmaster:Mal")
    arguments = ("books", "restore", tmp_path / "copy", "--domain", "provider", *mal)
    assert office.refused(*arguments)["code"] == "NOT_PERMITTED"
    assert office.refused("journal", "checkpoint", *mal)["code"] == "NOT_PERMITTED"


def test_a_journal_is_exported_and_checked_elsewhere(office: Program, tmp_path: Path) -> None:
    first = office.json("journal", "checkpoint")
    office.json("device", "reset", DEVICE, "--amount", "20.00", "--now", OTHER_DAY)
    last = office.json("journal", "checkpoint")
    office.json("journal", "export", tmp_path / "export")
    found = office.json("journal", "verify", tmp_path / "export", "--key", last["key"])
    assert (found["checkpoints"], found["signatures"], found["faults"]) == (2, 2, [])
    proven = office.json("journal", "prove", "--from", 1, "--to", 2)
    assert (proven["from"]["rows"], proven["to"]["rows"]) == (first["rows"], last["rows"])
    assert proven["proof"]


def test_an_altered_export_is_told_and_fails(office: Program, tmp_path: Path) -> None:
    office.json("journal", "export", tmp_path / "export")
    text = (tmp_path / "export").read_text(encoding="utf-8")
    (tmp_path / "export").write_text(text.replace('"by":"', '"by":"Mal, ', 1), encoding="utf-8")
    (fault,) = office.json("journal", "verify", tmp_path / "export", status=1)["faults"]
    assert "row 1 is not what was written" in fault
    for wrong in (tmp_path / "nowhere", tmp_path):
        told = office.refused("journal", "verify", wrong)
        assert told["code"] == "EXPORT_UNREADABLE"
    (tmp_path / "key").write_text("no key")
    told = office.refused("journal", "verify", tmp_path / "export", "--key", tmp_path / "key")
    assert told["code"] == "EXPORT_UNREADABLE"
    assert office.refused("journal", "prove", "--from", 1, "--to", 2)["code"] == (
        "CHECKPOINT_UNKNOWN"
    )


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("sqlite:///books", "DATABASE_URL_UNREADABLE"),
        ("no address", "DATABASE_URL_UNREADABLE"),
        ("postgresql://nobody:secret@/none?host=/nowhere", "BOOKS_UNREACHABLE"),
    ],
)
def test_a_database_that_is_not_there_is_refused_and_its_password_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, code: str
) -> None:
    monkeypatch.setenv("FRANKING_DATABASE_URL", url)
    program = Program(tmp_path / "home")
    program.json("home", "create", "--simulated-clock", program.home)
    told = program.refused("journal", "show")
    assert told["code"] == code
    assert "secret" not in json.dumps(told)


def test_what_the_bank_sent_after_the_copy_is_taken_in_again(
    office: Program, tmp_path: Path
) -> None:
    first = office.json("pay", DEVICE, "10.00", "--method", "wire")["balance_mills"]
    office.json("books", "backup", tmp_path / "copy")
    after = office.json("pay", DEVICE, "20.00", "--method", "check")["balance_mills"]
    lose(office, "provider")
    office.json("books", "restore", tmp_path / "copy", "--domain", "provider")
    number = office.json("account", "list")[0]["account"]
    assert office.json("account", "show", number)["balance_mills"] == first
    (taken,) = office.json("bank", "deliver", "--again")
    assert taken["deposits_mills"] == 20_000
    assert office.json("account", "show", number)["balance_mills"] == after
    assert office.json("bank", "deliver", "--again") == []
