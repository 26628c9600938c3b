"""A proposal binds nobody until a deployment adopts it, and every act is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from franking import rules
from franking.errors import InvariantBroken, Refused
from franking.rules.adoption import FILE_NAME

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TODAY = NOW.date()


def adopt(home: Path, name: str = "ibip-1997", *, on: date = TODAY) -> rules.Register:
    return rules.adopt(
        home,
        name,
        effective_from=on,
        decided_by="Manager, Retail Systems and Equipment",
        authority="39 CFR 502.31",
        reason="pilot in one district",
        now=NOW,
    )


@pytest.mark.duty("R97-502.31", "R97-Pre-Status")
def test_a_proposal_becomes_adopted_by_a_recorded_act_and_from_its_day_on(tmp_path: Path) -> None:
    adopt(tmp_path)
    register = rules.read_register(tmp_path)
    today = rules.at("device", "ibip-1997", TODAY, register)["descending_limit"]
    before = rules.at("device", "ibip-1997", date(2026, 11, 20), register)["descending_limit"]
    assert (today.status, before.status) == ("adopted", "proposed")
    assert register.acts[0].decided_by == "Manager, Retail Systems and Equipment"
    assert register.acts[0].recorded_at == "2026-11-21T09:30:00.000000Z"


def test_what_is_policy_stays_policy_after_adoption(tmp_path: Path) -> None:
    adopted = rules.at("device", "ibip-1997", TODAY, adopt(tmp_path))
    assert adopted["warn_watchdog_days"].status == "policy"


def test_another_deployment_is_not_touched(tmp_path: Path) -> None:
    adopt(tmp_path)
    assert rules.at("device", "ibip-1997", TODAY)["descending_limit"].status == "proposed"


def test_adopting_twice_is_refused(tmp_path: Path) -> None:
    adopt(tmp_path)
    with pytest.raises(Refused, match="ALREADY_ADOPTED"):
        adopt(tmp_path)


def test_an_adopted_text_cannot_be_adopted_again(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="ALREADY_ADOPTED"):
        adopt(tmp_path, "meter-1995")


@pytest.mark.duty("R08-Pre-Status")
def test_a_superseded_proposal_cannot_be_adopted(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="NOT_A_PROPOSAL"):
        adopt(tmp_path, "refunds-2007")


def test_a_text_cannot_bind_before_it_was_published(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="ADOPTION_BEFORE_PUBLICATION"):
        adopt(tmp_path, on=date(1997, 1, 1))


def test_an_act_needs_a_reason_and_nothing_is_written_without(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="ADOPTION_NEEDS_REASON"):
        rules.adopt(
            tmp_path,
            "ibip-1997",
            effective_from=TODAY,
            decided_by="someone",
            authority="39 CFR 502.31",
            reason=" ",
            now=NOW,
        )
    assert not (tmp_path / FILE_NAME).exists()


@pytest.mark.duty("R97-Pre-Status")
def test_a_deployment_chooses_which_rulebook_governs_even_a_proposal(tmp_path: Path) -> None:
    assert rules.read_register(tmp_path).governing("device", TODAY) == "meter-1995"
    rules.choose(
        tmp_path,
        "ibip-1997",
        subject="device",
        effective_from=TODAY,
        decided_by="owner",
        reason="trial of the proposal",
        now=NOW,
    )
    register = rules.read_register(tmp_path)
    assert register.governing("device", TODAY) == "ibip-1997"
    assert register.governing("funds", TODAY) == "meter-1995"
    assert register.governing("device", date(2026, 11, 20)) == "meter-1995"


def test_without_a_choice_the_latest_adopted_text_governs(tmp_path: Path) -> None:
    assert adopt(tmp_path).governing("device", TODAY) == "ibip-1997"


def test_a_superseded_text_never_governs_by_default(tmp_path: Path) -> None:
    assert rules.read_register(tmp_path).governing("refunds", date(2008, 6, 1)) == "meter-1995"


def test_a_rulebook_cannot_govern_a_subject_that_it_does_not_treat(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="SUBJECT_NOT_TREATED"):
        rules.choose(
            tmp_path,
            "refunds-2008",
            subject="device",
            effective_from=TODAY,
            decided_by="owner",
            reason="by mistake",
            now=NOW,
        )


@pytest.mark.parametrize("tamper", ["remove", "change", "cut"])
def test_a_register_that_was_tampered_with_stops_everything(tmp_path: Path, tamper: str) -> None:
    adopt(tmp_path)
    adopt(tmp_path, "refunds-2008")
    path = tmp_path / FILE_NAME
    lines = path.read_bytes().splitlines(keepends=True)
    match tamper:
        case "remove":
            path.write_bytes(lines[1])
        case "change":
            path.write_bytes(lines[0].replace(b"pilot", b"pirat") + lines[1])
        case _:
            path.write_bytes(lines[0] + lines[1][:-20])
    with pytest.raises(InvariantBroken):
        rules.read_register(tmp_path)


def test_a_home_that_is_not_there_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="REGISTER_UNAVAILABLE") as refused:
        adopt(tmp_path / "nowhere")
    assert "nowhere" in refused.value.detail


def test_a_register_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(Refused, match="REGISTER_UNAVAILABLE"):
        rules.read_register(tmp_path)


def test_the_listing_shows_what_was_adopted_here(tmp_path: Path) -> None:
    rows = rules.listing(TODAY, rulebook="ibip-1997", register=adopt(tmp_path))
    assert {row["status"] for row in rows} == {"adopted", "reference", "policy"}
    books = {
        row["rulebook"]: row for row in rules.books(TODAY, register=rules.read_register(tmp_path))
    }
    assert books["ibip-1997"]["status"] == "adopted"
