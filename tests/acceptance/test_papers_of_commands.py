"""Commands that tell somebody something draw its paper too, where a file is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures_cli import Program, program

__all__ = ["program"]

METER = "0200001234"
LICENCE = "62701-000001"
OTHER = "20260-000001"
RULEBOOK = "--rulebook=meter-1995"
FORM = ("--name=Hollis & Daughters", "--address=1200 Capitol Street", "--zip=62701", RULEBOOK)


def apply(program: Program) -> str:
    told = program.json("application", "transmit", *FORM, "--signed-by=Ruth Hollis")
    return str(told["id"])


def drawn(told: dict[str, list[str]]) -> bytes:
    (file,) = told["files"]
    return Path(file).read_bytes()


@pytest.fixture
def leased(program: Program) -> Program:
    """A meter in service at its licensee's."""
    program.json("model", "demonstrate", "M1", "1.0", RULEBOOK)
    program.json("application", "issue", apply(program))
    signed = ("--signed-by=Ruth Hollis", "--acknowledged-by=Ruth Hollis")
    program.json("lease", "sign", LICENCE, *signed, RULEBOOK)
    program.json("inventory", "intake", METER, "--model=M1", "--model-version=1.0")
    program.json("inventory", "inspect", METER, "--inspector=Dana Cole", "--finding=clean")
    program.json("lease", "place", f"{LICENCE}/L1", METER)
    checked = ("--checked-by=Pat Doe", "--place=12 Main St", "--signed-by=Dana Cole")
    program.json("inventory", "check-in", METER, *checked, "--ascending=0", "--descending=0")
    program.json("inventory", "issue", METER)
    program.json("inventory", "install", METER, "--place=12 Main St")
    return program


def test_a_refusal_is_drawn_as_it_is_given(program: Program, tmp_path: Path) -> None:
    told = program.json(
        *("application", "refuse", apply(program), "--ground=expected misuse"),
        *("--because=false imprints in 2025", "--pdf", tmp_path / "refusal.pdf"),
    )
    assert told["status"] == "refused"
    assert drawn(told).startswith(b"%PDF")


def test_a_revocation_and_an_order_to_remove_are_drawn(leased: Program, tmp_path: Path) -> None:
    why = ("--ground=poor control", "--facts=the meter stood in an open hall", RULEBOOK)
    told = leased.json("licence", "revoke", LICENCE, *why, "--pdf", tmp_path / "revocation.pdf")
    assert drawn(told).startswith(b"%PDF")
    order = ("--licence", LICENCE, "--because=misused", "--pdf", tmp_path / "removal.png")
    assert drawn(leased.json("licence", "order-removal", METER, *order)).startswith(b"\x89PNG")


def test_the_notices_of_a_day_are_drawn_into_a_folder(leased: Program, tmp_path: Path) -> None:
    folder = tmp_path / "notices"
    day = ("--now", "2027-05-25T09:00")
    told = leased.json("examination", "notices", "--pdf", folder, *day)
    assert told["files"] == [str(folder / f"{METER}.pdf")]
    assert drawn(told).startswith(b"%PDF")


def test_where_nothing_can_be_drawn_nothing_is_decided(program: Program) -> None:
    application = apply(program)
    why = ("--ground=expected misuse", "--because=false imprints")
    asked = ("application", "refuse", application, *why, "--pdf", "letter.docx")
    assert program.refused(*asked)["code"] == "OUTPUT_FORMAT_UNKNOWN"
    assert program.json("application", "show", application)["status"] == "applied"


def test_the_docket_of_every_licensee_and_of_one(leased: Program) -> None:
    def owed_by(actor: str) -> set[str]:
        told = leased.json("docket", "--actor", actor)
        return {each["owed_by"] for each in told["obligations"]}

    mine = f"licensee:{LICENCE}"
    assert owed_by(mine) == {mine}
    assert owed_by("licensee") == {mine, f"licensee:{OTHER}"}
    assert owed_by("provider") == {"provider"}
    assert owed_by("licensee:62701-00000") == set()


def test_a_device_s_life_can_be_read_on_a_terminal_of_80_columns(
    leased: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("franking.cli.answer._WIDTH_IN_A_PIPE", 80)
    for asked in (("device", "history", METER), ("docket",), ("inventory", "find")):
        shown = leased.run(*asked).out
        assert "…" not in shown
        assert max(len(line) for line in shown.splitlines()) <= 80
        assert METER in shown
