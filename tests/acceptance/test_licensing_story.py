"""From application to removal, as a mailer, a provider's agent and the licensing desk type it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fixtures_cli import Program
from tests.fixtures_databases import DATABASES
from tests.fixtures_killing import die_at
from tests.fixtures_stories import (
    DESK,
    FORM,
    LEASE,
    LICENCE,
    MANAGER,
    METER,
    OTHER,
    checked_in,
    checked_out,
    into_service,
    leased,
    licensed,
    movements,
    on,
    owed,
    prepared,
    status,
    swept,
    with_a_device,
    with_a_meter,
)

STRIDE = 29
"""The command takes some hundred statements of both books; some of the kills are enough."""
PROVIDER = "provider:Provider of this home"
CARELESS = ("--ground=poor control", "--facts=it stood in the yard", "--as", DESK)
UNLAWFUL = ("--ground=unlawful use", "--facts=sold indicia", "--as", DESK)
AT_ONCE = ("--at-once", "--because=the scheme goes on")


@pytest.fixture(params=DATABASES)
def story(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """A home with a meter in service since 4 March 1996, on either database."""
    return prepared(with_a_meter, request.param).copied(tmp_path, monkeypatch)


@pytest.fixture(params=DATABASES)
def device_story(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """A home with a PSD in service since 2 June 1997, on either database."""
    return prepared(with_a_device, request.param).copied(tmp_path, monkeypatch)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A home with a meter in service, for what is no story."""
    return prepared(with_a_meter, "sqlite").copied(tmp_path, monkeypatch)


def test_refused_appealed_licensed_leased_revoked_and_removed(story: Program) -> None:
    there = ("--zip=01040", "--city=Holyoke")
    filed = story.json("application", "transmit", *FORM, *there)["id"]
    misuse = ("--ground=expected misuse", "--because=a rumour")
    refused = story.json("application", "refuse", filed, *misuse, "--as", DESK)
    assert (refused["status"], refused["appeal_by"]) == ("refused", "1996-03-17")
    on(story, "1996-03-12")
    appeal = story.json("appeal", "refusal", filed, "--letter=We only mail bolts.")
    own = f"{MANAGER.partition(':')[0]}:Ann Lee"
    decided = ("appeal", "decide", appeal["appeal"], "--because=no facts", "--sustain", "--as")
    assert story.refused(*decided, own)["code"] == "APPEAL_HEARD_BY_DECIDER"
    assert story.json(*decided, MANAGER)["status"] == "sustained"
    licence = story.json("application", "show", filed)["licence"]
    assert status(story, licence) == "issued"
    lease = leased(story, licence)
    into_service(story, lease, OTHER)
    _revoked_by_notice(story, licence)
    assert story.json("lease", "show", lease)["status"] == "cancelled"
    late = story.refused("lease", "sign", licence, "--signed-by=J", "--acknowledged-by=J")
    assert late["code"] == "LICENCE_NOT_VALID"
    assert story.refused("lease", "release", OTHER)["code"] == "NOT_CHECKED_OUT"
    _removed_in_time(story, licence, OTHER)


def _revoked_by_notice(story: Program, licence: str) -> None:
    on(story, "1996-04-01")
    tried = story.json("licence", "revoke", licence, *CARELESS, "--dry-run")
    assert (tried["made_out"], tried["clause"]) == (True, "DMM P030.2.4c (1995)")
    story.json("licence", "revoke", licence, *CARELESS)
    assert status(story, licence) == "revocation noticed"
    on(story, "1996-04-02")
    story.json("licence", "received", licence, "--on=1996-04-02")
    on(story, "1996-04-12")
    swept(story)
    assert status(story, licence) == "revocation noticed"
    on(story, "1996-04-13")
    swept(story)
    assert status(story, licence) == "revoked"


def _removed_in_time(story: Program, licence: str, serial: str) -> None:
    """Checked out, which is all that the provider has to do: the Postal Service knows."""
    assert owed(story, f"device:{serial}")["remove device"][0] == "open"
    checked_out(story, serial)
    assert owed(story, f"device:{serial}") == {}
    everything = ("--domain=postal", "--status=all", "--actor", PROVIDER)
    found = owed(story, f"licence:{licence}/{PROVIDER.partition(':')[2]}", *everything)
    assert [standing for standing, _ in found.values()] == ["satisfied"]
    assert owed(story, f"licence:{licence}", "--domain=postal") == {}


@pytest.mark.parametrize("sustain", [True, False], ids=["upheld", "denied"])
def test_an_appeal_stays_a_revocation(story: Program, sustain: bool) -> None:
    story.json("licence", "revoke", LICENCE, *CARELESS)
    filed = story.json("appeal", "revocation", LICENCE, "--letter=It has a lock now.")
    assert status(story, LICENCE) == "stayed"
    on(story, "1996-09-01")
    swept(story)
    assert status(story, LICENCE) == "stayed"
    (waiting,) = story.json("appeal", "list")
    assert waiting["days_open"] > 150
    word = "--sustain" if sustain else "--deny"
    story.json("appeal", "decide", filed["appeal"], word, "--because=heard", "--as", MANAGER)
    assert status(story, LICENCE) == ("issued" if sustain else "revoked")
    expected = "in force" if sustain else "cancelled"
    assert story.json("lease", "show", LEASE)["status"] == expected
    if not sustain:
        _removed_in_time(story, LICENCE, METER)


def test_a_meter_licence_is_revoked_at_once_and_its_meter_removed(story: Program) -> None:
    unreasoned = story.refused("licence", "revoke", LICENCE, *UNLAWFUL, "--at-once")
    assert unreasoned["code"] == "NO_IMMEDIATE_REVOCATION"
    shown = story.json("licence", "revoke", LICENCE, *UNLAWFUL, *AT_ONCE)
    assert (shown["status"], shown["revocations"][0]["immediate"]) == ("revoked", True)
    assert status(story, LICENCE) == "revoked"
    told = story.run("licence", "show", LICENCE).out
    assert "the scheme goes on" in told
    assert "DMM P030.2.2" in told
    _removed_in_time_after_the_days_to_appeal(story)


def _removed_in_time_after_the_days_to_appeal(story: Program) -> None:
    on(story, "1996-03-18")
    assert swept(story)["appeal the revocation"] == 1
    late = story.refused("appeal", "revocation", LICENCE, "--letter=It was my son.")
    assert late["code"] == "APPEAL_TOO_LATE"
    _removed_in_time(story, LICENCE, METER)


@pytest.mark.parametrize("sustain", [True, False], ids=["upheld", "denied"])
def test_a_revocation_at_once_holds_until_an_appeal_sets_it_aside(
    story: Program, sustain: bool
) -> None:
    story.json("licence", "revoke", LICENCE, *UNLAWFUL, *AT_ONCE)
    on(story, "1996-03-06")
    filed = story.json("appeal", "revocation", LICENCE, "--letter=It was my son.")
    # Nothing stays it: the meter is to be removed while the appeal is heard.
    assert status(story, LICENCE) == "revoked"
    assert owed(story, f"device:{METER}")["remove device"] == ("open", "1996-03-19")
    word = "--sustain" if sustain else "--deny"
    assert filed["record"] == f"licence:{LICENCE}"
    story.json("appeal", "decide", LICENCE, word, "--because=heard", "--as", MANAGER)
    if not sustain:
        assert status(story, LICENCE) == "revoked"
        _removed_in_time(story, LICENCE, METER)
        return
    assert status(story, LICENCE) == "issued"
    assert story.json("lease", "show", LEASE)["status"] == "in force"
    assert "remove device" not in owed(story, f"device:{METER}")
    assert movements(story, METER)[-2:] == ["retrieving", "in service"]


def test_a_licence_of_1997_is_revoked_by_the_ten_days_only_and_its_psd_withdrawn(
    device_story: Program,
) -> None:
    never = device_story.refused("licence", "revoke", LICENCE, *UNLAWFUL, *AT_ONCE)
    assert never["code"] == "NO_IMMEDIATE_REVOCATION"
    device_story.json("licence", "revoke", LICENCE, *UNLAWFUL)
    on(device_story, "1997-06-17")
    swept(device_story)
    assert status(device_story, LICENCE) == "revoked"
    refused = device_story.refused("device", "reset", "office", "--amount=5.00")
    assert refused["code"] == "RESET_DENIED"
    device_story.json("device", "withdraw", "office", "--reason=licence revoked")
    serial = device_story.show("office")["device_id"]
    assert owed(device_story, f"device:{serial}") == {}
    removed = owed(device_story, f"licence:{LICENCE}", "--domain=postal")
    assert removed == {}
    assert device_story.json("lease", "show", LEASE)["devices"] == []


def test_a_meter_moves_to_another_post_office(story: Program) -> None:
    there = _lease_in_holyoke(story)
    relocate = ("lease", "relocate", METER, "--lease", there)
    assert story.refused(*relocate)["code"] == "NOT_CHECKED_OUT"
    checked_out(story, METER)
    story.json("inventory", "stock", METER)
    moved = story.json(*relocate)
    assert (moved["licence"], moved["office"]) == ("01040-000001", "01040")
    checked_in(story, METER, "--payment=check", "--paid=0")
    assert movements(story, METER)[-5:] == [
        *("checked out", "unleased", "checked in", "issued", "in service"),
    ]
    story.json("licence", "give-up", LICENCE, "--because=moved to Holyoke")
    assert status(story, LICENCE) == "cancelled"
    assert status(story, "01040-000001") == "issued"


def test_a_psd_stays_behind_and_another_is_issued_at_the_new_post_office(
    device_story: Program,
) -> None:
    story, there = device_story, _lease_in_holyoke(device_story)
    serial = story.show("office")["device_id"]
    story.json("device", "withdraw", "office", "--reason=moving to Holyoke")
    refused = story.refused("lease", "relocate", serial, "--lease", there)
    assert refused["code"] == "REPLACEMENT_NEEDED"
    new = story.json("device", "create", "holyoke")["device_id"]
    moved = story.json("lease", "relocate", serial, "--lease", there, "--replacement", new)
    assert (moved["serial"], moved["licence"]) == (new, "01040-000001")
    who = ("--licensee=Acme Bolts", "--address=12 Main St, Springfield MA 01101")
    office = ("--zip=01040", "--city=Holyoke", "--state=MA")
    assert story.json("device", "authorize", "holyoke", *office, *who)["licence"] == "01040-000001"
    assert story.json("lease", "show", there)["devices"] == [new]
    assert movements(story, new)[-3:] == ["checked in", "issued", "in service"]


def _lease_in_holyoke(story: Program) -> str:
    new = licensed(story, "--zip=01040", "--city=Holyoke")
    assert new == "01040-000001"
    return leased(story, new)


def test_an_applicant_revoked_four_years_ago_is_refused_a_licence(office: Program) -> None:
    licence = LICENCE
    office.json("licence", "revoke", licence, *CARELESS)
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
