"""Pages that say what the code or another file says are current."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tools import make_docs

from franking.rules.adoption import ALREADY_ADOPTED

ROOT = Path(__file__).parents[2]


def first_cells(page: Path) -> set[str]:
    """The first cell of every row of the tables of a page."""
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    cells = {row.split("|")[1].strip(" `*") for row in rows}
    return {cell for cell in cells if cell and not cell.startswith("-")}


def required() -> set[str]:
    """The names of everything that pyproject.toml and requirements/dev.in ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tools = (ROOT / "requirements" / "dev.in").read_text(encoding="utf-8").splitlines()
    asked = [*project["dependencies"], *(line for line in tools if line and line[0] != "#")]
    return {re.split(r"[<>=\[ ]", name)[0] for name in asked}


def test_every_dependency_has_its_reason_and_licence() -> None:
    assert first_cells(ROOT / "docs" / "dependencies.md") - {"dependency"} == required()


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    records = sorted(path.name for path in folder.glob("0*.md"))
    assert [name for name in records if f"({name})" not in index] == []
    numbers = [int(name.split("-")[0]) for name in records]
    assert numbers == list(range(1, len(records) + 1))


def test_every_decision_says_what_is_bad_about_it_and_what_would_reverse_it() -> None:
    for path in sorted((ROOT / "docs" / "decisions").glob("0*.md")):
        text = path.read_text(encoding="utf-8")
        heads = ("Question", "Options", "Choice", "Bad sides", "What would reverse it")
        assert all(f"**{head}.**" in text for head in heads), path.name


def test_the_reference_pages_are_what_the_code_says() -> None:
    """In a process of its own: tests declare refusals too."""
    command = [sys.executable, "-m", "tools.make_docs", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_page_that_is_not_current_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make_docs, "REFERENCE", tmp_path)
    assert make_docs.main([]) == 0
    assert make_docs.main(["--check"]) == 0
    (tmp_path / "rules.md").write_text("the rules of yesterday\n", encoding="utf-8")
    assert make_docs.main(["--check"]) == 1
    assert "rules.md is not current" in capsys.readouterr().err


def test_the_page_of_refusals_shows_clause_and_remedy() -> None:
    row = make_docs.refusals_page([ALREADY_ADOPTED]).splitlines()[-1]
    assert row.startswith("| `ALREADY_ADOPTED` | 39 CFR 502.31 (1997) | Nothing is left to do: ")
    assert row.endswith(" | 409 |")


def test_the_page_of_rules_shows_dollars_as_people_write_them() -> None:
    row = next(
        line for line in make_docs.rules_page().splitlines() if "DMM P050.3.6 (1997)" in line
    )
    assert row.startswith("| `descending_limit` | $500.00 | DMM P050.3.6 (1997) | 1997-03-28 |")
