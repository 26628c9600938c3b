"""Homes in which a story begins, kept on either database, and what is done again and again in one.

A home is prepared once for each database, and copied for each story: its folder, and on PostgreSQL
its database.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures_cli import Program
from tests.fixtures_databases import administer, new_database, server
from tests.fixtures_money import deposit_in_home

URL = "FRANKING_DATABASE_URL"
LICENCE, LEASE = "01101-000001", "01101-000001/L1"
METER, OTHER = "0100000001", "0100000002"
DESK = "licensing officer:Ann Lee"
MANAGER = "manager, retail systems and equipment:Ruth Moss"
FORM = (
    "--name=Acme Bolts",
    "--address=12 Main St, Springfield MA 01101",
    "--zip=01101",
    "--city=Springfield",
    "--state=MA",
    "--signed-by=Joe Acme",
    "--postage-above=12000",
)
_numbers = count(1)


@dataclass(frozen=True)
class Prepared:
    """A home to be copied; ``database`` is the name of its database, empty on SQLite."""

    home: Path
    database: str

    def copied(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
        """The program on a copy of this home, with ``folder`` to work in."""
        monkeypatch.delenv("FRANKING_HOME", raising=False)
        monkeypatch.delenv(URL, raising=False)
        monkeypatch.chdir(folder)
        shutil.copytree(self.home, folder / "home")
        if self.database:
            _let_go(self.database)
            monkeypatch.setenv(URL, new_database(self.database))
        return Program(folder / "home")


@cache
def prepared(make: Callable[[Program], None], database: str) -> Prepared:
    """The home that ``make`` makes, its books on ``database``."""
    folder = Path(tempfile.mkdtemp(prefix="franking-story-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    name = ""
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("FRANKING_HOME", raising=False)
        patched.delenv(URL, raising=False)
        if database == "postgresql":
            name = f"story{os.getpid()}_{next(_numbers)}"
            administer(f"CREATE DATABASE {name} TEMPLATE template0")
            patched.setenv(URL, server().database_url(name))
        program = Program(folder / "home")
        program.json("home", "create", "--simulated-clock", program.home)
        make(program)
    return Prepared(program.home, name)


def _let_go(database: str) -> None:
    """A database is copied only while nobody is connected to it."""
    administer(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
    )


def with_a_model(program: Program) -> None:
    """On 1 February 1996 the provider has an approved model of meters."""
    on(program, "1996-02-01")
    program.json("model", "demonstrate", "6500", "1.0", "--rulebook=meter-1995")


def with_a_meter(program: Program) -> None:
    """On 4 March 1996 a licensed mailer has a leased meter in service."""
    on(program, "1996-03-04")
    program.json("model", "demonstrate", "6500", "1.0", "--rulebook=meter-1995")
    into_service(program, leased(program, licensed(program)), METER)


def with_a_device(program: Program) -> None:
    """On 2 June 1997 a licensed mailer has a leased PSD in service, with fifty dollars in it."""
    on(program, "1997-06-02")
    program.json("device", "create", "office")
    there = ("--zip=01101", "--city=Springfield", "--state=MA")
    who = ("--licensee=Acme Bolts", "--address=12 Main St, Springfield MA 01101")
    program.json("device", "authorize", "office", *there, *who)
    deposit_in_home(program.home)
    program.json("device", "reset", "office", "--amount", "50.00")


def on(program: Program, day: str) -> None:
    """Move the clock."""
    program.json("licence", "list", "--now", f"{day}T10:00")


def swept(program: Program, domain: str = "postal") -> dict[str, int]:
    """Sweep a docket; what was missed, by duty. What it decides is carried."""
    told = program.json("docket", "sweep", "--domain", domain, "--after-silence")
    assert told["stuck"] == []
    missed: dict[str, int] = told["missed"]
    return missed


def licensed(program: Program, *form: str) -> str:
    """A licence, applied for and granted."""
    filed = program.json("application", "transmit", *FORM, *form)
    issued = program.json("application", "issue", filed["application"], "--as", DESK)
    return str(issued["licence"])


def leased(program: Program, licence: str) -> str:
    """A lease under a licence."""
    signed = ("--signed-by=Joe Acme", "--acknowledged-by=Joe Acme")
    return str(program.json("lease", "sign", licence, *signed)["lease"])


def in_stock(program: Program, serial: str) -> None:
    """A new meter, inspected."""
    program.json("inventory", "intake", serial, "--model", "6500")
    program.json("inventory", "inspect", serial, "--inspector=Ira", "--finding=sound")


def into_service(program: Program, lease: str, serial: str) -> None:
    """A new meter under a lease, checked in, issued, installed."""
    in_stock(program, serial)
    assert serial in program.json("lease", "place", lease, serial)["devices"]
    checked_in(program, serial)


def checked_in(program: Program, serial: str, *more: str) -> None:
    """A leased meter from its post office to its licensee's desk."""
    papers = ("--checked-by=Pat", "--signed-by=Guy", "--place=12 Main St")
    program.json("inventory", "check-in", serial, *papers, *more)
    program.json("inventory", "issue", serial)
    program.json("inventory", "install", serial, "--place=12 Main St")


def checked_out(
    program: Program, serial: str, ascending: str = "60.00", descending: str = "40.00"
) -> None:
    """The meter back at its post office, with its papers."""
    papers = ("--checked-by=Pat", "--signed-by=Guy", "--register-record=copy 1")
    registers = ("--ascending", ascending, "--descending", descending)
    program.json("inventory", "check-out", serial, *papers, *registers)


def status(program: Program, licence: str = LICENCE) -> Any:
    """Where a licence stands, at the desk and at the provider alike."""
    heard = program.json("licence", "list", "--domain", "provider")
    (told,) = [each["status"] for each in heard if each["licence"] == licence]
    shown = program.json("licence", "show", licence)["status"]
    assert shown == told
    return shown


def owed(program: Program, record: str, *more: str) -> dict[str, tuple[str, str]]:
    """What the docket shows of a record: by duty its standing and the day it is due."""
    found = program.json("docket", "--record", record, *more)["obligations"]
    return {each["duty"]: (each["status"], each["due"]) for each in found}


def state(program: Program, serial: str) -> Any:
    """Where a device stands in its life."""
    return program.json("device", "history", serial)["state"]


def movements(program: Program, serial: str) -> list[str]:
    """The states that a device came through, in order."""
    lines = program.json("device", "history", serial)["history"]
    moved = [each["text"] for each in lines if each["what"] == "movement"]
    return [text.partition(":")[0].rpartition("→ ")[2] for text in moved]
