"""From application to removal, as a mailer, a provider's agent and the licensing desk type it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures_cli import Program
from tests.fixtures_killing import die_at

STRIDE = 29
"""The command takes some hundred statements of both books; some of the kills are enough."""
LICENCE, LEASE = "01101-000001", "01101-000001/L1"
METER, OTHER = "0100000001", "0100000002"
PROVIDER = "provider:Provider of this home"
OLD = ("--acknowledged-by=J", "--rulebook=meter-1995")
DESK, MANAGER = "licensing officer:Ann Lee", "manager, retail systems and equipment:Ruth Moss"
FORM = (
    "--name=Acme Bolts",
    "--address=12 Main St, Springfield MA 01101",
    "--zip=01101",
    "--city=Springfield",
    "--state=MA",
    "--signed-by=Joe Acme",
    "--postage-above=12000",
)


def home_with_a_meter(folder: Path) -> None:
    """Make a home with a licensed mailer who leases a meter in service."""
    program = Program(folder)
    program.json("home", "create", "--simulated-clock", program.home)
    on(program, "1996-03-04")
    program.json("model", "demonstrate", "M1", "1.0", "--rulebook=meter-1995")
    leased(program, licensed(program), METER)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of ``home_with_a_meter``; to be copied."""
    folder = tmp_path_factory.mktemp("licensing") / "home"
    home_with_a_meter(folder)
    return folder


@pytest.fixture
def office(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program on a copy of the prepared home."""
    monkeypatch.delenv("FRANKING_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(prepared, tmp_path / "home")
    return Program(tmp_path / "home")


def on(program: Program, day: str) -> None:
    """Move the clock."""
    program.json("licence", "list", "--now", f"{day}T10:00")


def swept(program: Program) -> None:
    """Sweep the postal docket; what it decides is carried."""
    program.json("docket", "sweep", "--domain", "postal", "--after-silence")


def licensed(program: Program, rulebook: str = "meter-1995", *form: str) -> str:
    """A licence, applied for and granted."""
    filed = program.json("application", "transmit", *FORM, *form, "--rulebook", rulebook)
    issued = program.json("application", "issue", filed["id"], "--as", DESK)
    return str(issued["licence"])


def leased(program: Program, licence: str, serial: str) -> str:
    """A lease of a meter, in service."""
    approved = ("--model", "M1", "--model-version", "1.0")
    program.json("inventory", "intake", serial, *approved)
    program.json("inventory", "inspect", serial, "--inspector=Ira", "--finding=sound")
    signed = ("--signed-by=Joe Acme", "--acknowledged-by=Joe Acme", "--rulebook=meter-1995")
    lease = program.json("lease", "sign", licence, *signed)["lease"]
    placed = program.json("lease", "place", lease, serial)
    assert serial in placed["devices"]
    checked = ("--checked-by=Pat", "--signed-by=Guy", "--place=12 Main St")
    at = ("--office", licence[:5])
    registers = ("--ascending=0", "--descending=100.00", "--payment=check", "--paid=100.00")
    program.json("inventory", "check-in", serial, *checked, *at, *registers)
    program.json("inventory", "install", serial, "--place=12 Main St")
    return str(lease)


def checked_out(program: Program, serial: str, office: str = "01101") -> None:
    """The meter back at the post office."""
    given = ("--checked-by=Pat", "--signed-by=Guy", "--office", office, "--register-record=copy")
    registers = ("--ascending=60.00", "--descending=40.00")
    program.json("inventory", "check-out", serial, *given, *registers)


def status(program: Program, licence: str) -> Any:
    """Where a licence stands, at the desk and at the provider."""
    heard = program.json("licence", "list", "--domain", "provider")
    (told,) = [each["status"] for each in heard if each["licence"] == licence]
    shown = program.json("licence", "show", licence)["status"]
    assert shown == told
    return shown


def test_refused_appealed_licensed_leased_revoked_and_removed(office: Program) -> None:
    there = ("--zip=01040", "--city=Holyoke", "--rulebook=meter-1995")
    filed = office.json("application", "transmit", *FORM, *there)["id"]
    misuse = ("--ground=expected misuse", "--because=a rumour")
    refused = office.json("application", "refuse", filed, *misuse, "--as", DESK)
    assert (refused["status"], refused["appeal_by"]) == ("refused", "1996-03-17")
    on(office, "1996-03-12")
    appeal = office.json("appeal", "refusal", filed, "--letter=We only mail bolts.")
    own = f"{MANAGER.partition(':')[0]}:Ann Lee"
    decided = ("appeal", "decide", appeal["appeal"], "--because=no facts", "--sustain", "--as")
    assert office.refused(*decided, own)["code"] == "APPEAL_HEARD_BY_DECIDER"
    assert office.json(*decided, MANAGER)["status"] == "sustained"
    licence = office.json("application", "show", filed)["licence"]
    assert status(office, licence) == "issued"
    lease = leased(office, licence, OTHER)
    _revoked_by_notice(office, licence)
    assert office.json("lease", "show", lease)["status"] == "cancelled"
    late = office.refused("lease", "sign", licence, "--signed-by=J", *OLD)
    assert late["code"] == "LICENCE_NOT_VALID"
    assert office.refused("lease", "release", OTHER)["code"] == "NOT_CHECKED_OUT"
    checked_out(office, OTHER, "01040")
    assert office.json("lease", "release", "--dry-run")["would_release"] == []
    owed = office.json("docket", "--domain", "postal", "--status", "all", "--actor", PROVIDER)
    assert [each["status"] for each in owed["obligations"]] == ["satisfied"]


def _revoked_by_notice(office: Program, licence: str) -> None:
    on(office, "1996-04-01")
    careless = ("--ground=poor control", "--facts=it stood in the yard", "--as", DESK)
    tried = office.json("licence", "revoke", licence, *careless, "--dry-run")
    assert (tried["made_out"], tried["clause"]) == (True, "DMM P030.2.4c (1995)")
    office.json("licence", "revoke", licence, *careless)
    assert status(office, licence) == "revocation noticed"
    office.json("licence", "received", licence, "--on=1996-04-02")
    on(office, "1996-04-12")
    swept(office)
    assert status(office, licence) == "revocation noticed"
    on(office, "1996-04-13")
    swept(office)
    assert status(office, licence) == "revoked"


@pytest.mark.parametrize("sustain", [True, False])
def test_an_appeal_stays_a_revocation(office: Program, sustain: bool) -> None:
    licence, lease = LICENCE, LEASE
    careless = ("--ground=poor control", "--facts=it stood in the yard")
    office.json("licence", "revoke", licence, *careless, "--as", DESK)
    filed = office.json("appeal", "revocation", licence, "--letter=It has a lock now.")
    assert status(office, licence) == "stayed"
    on(office, "1996-09-01")
    swept(office)
    assert status(office, licence) == "stayed"
    (waiting,) = office.json("appeal", "list")
    assert waiting["days_open"] > 150
    word = "--sustain" if sustain else "--deny"
    decided = ("appeal", "decide", filed["appeal"], word, "--because=heard", "--as", MANAGER)
    office.json(*decided)
    assert status(office, licence) == ("issued" if sustain else "revoked")
    expected = "in force" if sustain else "cancelled"
    assert office.json("lease", "show", lease)["status"] == expected


def test_a_meter_licence_is_revoked_at_once_and_a_device_of_1997_never(office: Program) -> None:
    licence = LICENCE
    unlawful = ("--ground=unlawful use", "--facts=sold indicia", "--as", DESK)
    refused = office.refused("licence", "revoke", licence, *unlawful, "--at-once")
    assert refused["code"] == "NO_IMMEDIATE_REVOCATION"
    at_once = ("--at-once", "--because=the scheme goes on")
    psd = office.refused("licence", "revoke", licence, *unlawful, *at_once, "--rulebook=ibip-1997")
    assert psd["code"] == "RULEBOOK_NOT_OPEN" or psd["code"] == "NO_IMMEDIATE_REVOCATION"
    shown = office.json("licence", "revoke", licence, *unlawful, *at_once)
    assert (shown["status"], shown["revocations"][0]["immediate"]) == ("revoked", True)
    assert status(office, licence) == "revoked"
    told = office.run("licence", "show", licence)
    assert "the scheme goes on" in told.out
    assert "DMM P030.2.2" in told.out


def test_an_applicant_revoked_four_years_ago_is_refused_a_licence(office: Program) -> None:
    licence = LICENCE
    careless = ("--ground=poor control", "--facts=it stood in the yard", "--as", DESK)
    office.json("licence", "revoke", licence, *careless)
    on(office, "1996-03-18")
    swept(office)
    on(office, "2000-03-10")
    filed = office.json("application", "transmit", *FORM, "--rulebook=meter-1995")["id"]
    told = office.refused("application", "issue", filed, "--as", DESK)
    assert told["code"] == "EARLIER_REVOCATION"
    assert licence in told["detail"]
    by_ground = ("--ground=earlier revocation", "--because=revoked in 1996")
    shown = office.json("application", "refuse", filed, *by_ground, "--as", DESK)
    assert shown["ground"] == "earlier revocation"


def test_moving_a_meter_to_another_post_office(office: Program) -> None:
    old = LICENCE
    new = licensed(office, "meter-1995", "--zip=01040", "--city=Holyoke")
    signed = ("--signed-by=Joe Acme", "--acknowledged-by=Joe Acme", "--rulebook=meter-1995")
    there = office.json("lease", "sign", new, *signed)["lease"]
    relocate = ("lease", "relocate", METER, "--lease", there)
    assert office.refused(*relocate)["code"] == "NOT_CHECKED_OUT"
    checked_out(office, METER)
    office.json("lease", "release", METER)
    office.json("inventory", "stock", METER)
    moved = office.json(*relocate)
    assert (moved["licence"], moved["office"]) == (new, "01040")
    office.json("licence", "give-up", old, "--because=moved to Holyoke")
    assert status(office, old) == "cancelled"


def test_a_change_of_address_comes_back_as_a_changed_licence(office: Program) -> None:
    licence = LICENCE
    moved = ("--address=9 Elm St, Springfield MA 01101", "--licence", licence)
    office.json("licence", "change", *FORM, *moved, "--rulebook=meter-1995")
    shown = office.json("licence", "show", licence)
    assert [each["version"] for each in shown["versions"]] == [1, 2]
    assert shown["fields"]["address"].startswith("9 Elm St")
    elsewhere = office.refused(
        "licence", "change", *FORM, "--zip=01040", "--licence", licence, "--at-office"
    )
    assert elsewhere["code"] == "OFFICE_CHANGE_IS_RELICENSING"


def test_permissions_and_removal_orders(office: Program) -> None:
    licence = LICENCE
    abroad = ("--device", METER, "--place=Ramstein", "--letter=may be taken", "--basis=military")
    granted = office.json("licence", "permit-export", licence, *abroad)
    assert granted["basis"] == "military"
    odd = office.refused("licence", "permit-export", licence, *abroad[:-1], "--basis=holiday")
    assert odd["code"] == "USAGE"
    setting = office.json("licence", "permit-setting", licence, "--device", OTHER, "--at=01040")
    assert setting["postmark"] == "Springfield MA 01101"
    because = ("--licence", licence, "--because=its seal is broken")
    assert office.json("licence", "order-removal", METER, *because)["device"] == METER
    owed = office.json("docket", "--record", f"device:{METER}", "--domain", "postal")
    assert owed["obligations"][0]["owed_by"] == PROVIDER


def test_forms_are_drawn_and_lists_hide_personal_fields(office: Program, tmp_path: Path) -> None:
    licence, lease = LICENCE, LEASE
    application = "Provider of this home/A-000001"
    office.json("application", "show", application, "--pdf", tmp_path / "a.pdf")
    office.json("licence", "show", licence, "--pdf", tmp_path / "b.pdf")
    office.json("lease", "show", lease, "--pdf", tmp_path / "lease.pdf")
    for name in ("a", "b", "lease"):
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    listed = office.run("application", "list")
    assert "Main St" not in listed.out
    assert "Main St" in office.run("application", "show", application).out
    told = office.json("application", "list", "--domain", "provider")
    assert told[0]["status"] == "licensed"
    assert office.json("application", "format")["version"] == 1


def test_what_is_not_there_is_refused_with_what_to_do(office: Program) -> None:
    assert office.refused("application", "show", "x")["code"] == "APPLICATION_UNKNOWN"
    assert office.refused("licence", "show", "x")["code"] == "LICENCE_NOT_FOUND"
    assert office.refused("lease", "show", "x")["code"] == "LEASE_UNKNOWN"
    assert office.refused("lease", "require", "x")["code"] == "LICENCE_NOT_VALID"
    odd = office.refused("application", "file", *FORM, "--rulebook=ibip-1997")
    assert odd["code"] == "APPLICATION_THROUGH_PROVIDER"
    step = office.refused(
        "application", "file", *FORM, "--postage-above=7", "--rulebook=meter-1995"
    )
    assert step["code"] == "POSTAGE_STEP_UNKNOWN"


def test_a_revocation_killed_anywhere_is_done_once_by_asking_again(office: Program) -> None:
    unlawful = ("--ground=unlawful use", "--facts=sold indicia", "--as", DESK)
    asked = ("licence", "revoke", LICENCE, *unlawful, "--at-once", "--because=it goes on")
    step = 1
    while _killed(office, step, *asked):
        for domain in ("postal", "provider"):
            assert office.json("journal", "show", "--domain", domain)["faults"] == []
        step += STRIDE
    assert step > 2 * STRIDE
    assert status(office, LICENCE) == "revoked"
    history = office.json("licence", "show", LICENCE)["history"]
    assert [each["event"] for each in history].count("revoked") == 1
    lease = office.json("lease", "show", LEASE)
    assert [each["event"] for each in lease["history"]].count("cancelled") == 1


def _killed(program: Program, step: int, *arguments: object) -> bool:
    child = program.start(*arguments, before=die_at(step))
    _, ended = os.waitpid(child, 0)
    assert os.WIFSIGNALED(ended) or os.WEXITSTATUS(ended) == 0
    return os.WIFSIGNALED(ended)
