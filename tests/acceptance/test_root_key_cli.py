"""The root key is backed up, tried and restored from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures_cli import Program, program

__all__ = ["program"]

POSTAL = ("--domain", "postal")
DRILL = "root key drill"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """The passphrase of the backup, in a file."""
    file = tmp_path / "passphrase"
    file.write_text("four words on paper\n")
    return file


@pytest.fixture
def parcel(program: Program, secret: Path, tmp_path: Path) -> Path:
    """A backup of the root key."""
    told = program.json("trust", "back-up", tmp_path / "root.parcel", "--passphrase-file", secret)
    return Path(told["parcel"])


def drills(program: Program, status: str) -> list[str]:
    told = program.json("docket", *POSTAL, "--status", status, "--actor", "Postal Service")
    return [each["due"] for each in told["obligations"] if each["duty"] == DRILL]


def test_a_drill_satisfies_its_duty_and_opens_the_next(
    program: Program, parcel: Path, secret: Path
) -> None:
    assert parcel.stat().st_mode & 0o077 == 0
    before = drills(program, "open")
    day = ("--now", "2027-06-01T09:00")
    told = program.json("trust", "drill", parcel, "--passphrase-file", secret, *day)
    assert told["next_by"] == "2028-06-01"
    assert drills(program, "satisfied") == before
    assert drills(program, "open") == ["2028-06-01"]


def test_a_lost_vault_is_made_again_from_the_backup(
    program: Program, parcel: Path, secret: Path
) -> None:
    root = (program.home / "postal" / "root.pem").read_bytes()
    (program.home / "postal" / "vault.json").unlink()
    assert program.refused("trust", "publish")["code"].startswith("VAULT_")
    program.json("trust", "restore", parcel, "--passphrase-file", secret)
    program.json("trust", "publish")
    assert program.json("trust", "show")["certificates"] >= 1
    assert (program.home / "postal" / "root.pem").read_bytes() == root


def test_what_is_no_backup_of_this_root_is_refused(
    program: Program, parcel: Path, secret: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("another passphrase\n")
    drill = ("trust", "drill")
    with_secret = ("--passphrase-file", secret)
    assert program.refused(*drill, parcel, "--passphrase-file", wrong)["code"].startswith("VAULT_")
    assert (
        program.refused(*drill, tmp_path / "no", *with_secret)["code"] == "ROOT_PARCEL_UNREADABLE"
    )
    again = program.refused("trust", "back-up", parcel, *with_secret)
    assert again["code"] == "ROOT_PARCEL_THERE"
    nowhere = program.refused("trust", "back-up", tmp_path / "no" / "parcel", *with_secret)
    assert nowhere["code"] == "ROOT_PARCEL_UNWRITABLE"
    assert len(drills(program, "open")) == 1


def test_only_the_authority_officer_may(program: Program, secret: Path, tmp_path: Path) -> None:
    parcel = tmp_path / "root.parcel"
    asked = ("trust", "back-up", parcel, "--passphrase-file", secret)
    refused = program.refused(*asked, "--as", "licensing officer:Ann Lee")
    assert refused["code"] == "NOT_PERMITTED"
    assert not parcel.exists()
