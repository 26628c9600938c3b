"""The trace finds every gap between clauses, code and tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.trace import LAWS, Trace, in_scope, trace

KNOWN = "R97-P050.3.6-1"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose tests prove every law and every duty in scope but one."""
    (tmp_path / "src" / "franking").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    (tmp_path / "tests").mkdir()
    others = [duty.id for duty in in_scope() if duty.id != KNOWN]
    (tmp_path / "tests" / "test_rest.py").write_text(
        "import pytest\n\n"
        f"@pytest.mark.duty({', '.join(map(repr, others))})\n"
        f"@pytest.mark.law({', '.join(map(repr, LAWS))})\n"
        "def test_rest(): ...\n"
    )
    (tmp_path / "src" / "franking" / "limits.py").write_text('"""The limit (DMM P050.3.6)."""\n')
    return tmp_path


def problems(project: Path) -> list[str]:
    return trace(project).problems


def write_test(project: Path, text: str) -> None:
    (project / "tests" / "test_more.py").write_text(f"import pytest\n\n{text}\n")


def test_a_duty_without_test_or_reason_is_a_problem(project: Path) -> None:
    assert len(problems(project)) == 1
    assert problems(project)[0].startswith(f"unaccounted duty: {KNOWN} (DMM P050.3.6 (1997))")


@pytest.mark.parametrize(
    "marked",
    [
        f'@pytest.mark.duty("{KNOWN}")\ndef test_it(): ...',
        f'@pytest.mark.duty("{KNOWN}")\nclass TestIt:\n    def test_it(self): ...',
        f'pytestmark = [pytest.mark.duty("{KNOWN}")]',
        f'CASES = [pytest.param(1, marks=pytest.mark.duty("{KNOWN}"))]',
    ],
    ids=["function", "class", "module", "parameter"],
)
def test_a_mark_anywhere_in_a_test_file_accounts_for_a_duty(project: Path, marked: str) -> None:
    write_test(project, marked)
    assert problems(project) == []


@pytest.mark.parametrize("page", ["checklist.md", "divergences.md"])
def test_a_line_with_a_reason_accounts_for_a_duty(project: Path, page: str) -> None:
    (project / "docs" / page).write_text(f"| duty | reason |\n|---|---|\n| `{KNOWN}` | because |\n")
    assert problems(project) == []


def test_a_line_without_a_reason_does_not(project: Path) -> None:
    (project / "docs" / "divergences.md").write_text(f"| `{KNOWN}` | |\n")
    assert [text.split(":")[0] for text in problems(project)] == [
        "listed without a reason",
        "unaccounted duty",
    ]


def test_a_mark_without_a_duty_is_a_problem(project: Path) -> None:
    write_test(project, f'@pytest.mark.duty("{KNOWN}", "R97-P050.99")\ndef test_it(): ...')
    assert problems(project) == [
        "mark without a duty: R97-P050.99 on tests/test_more.py::test_it",
    ]


def test_a_line_without_a_duty_is_a_problem(project: Path) -> None:
    write_test(project, f'@pytest.mark.duty("{KNOWN}")\ndef test_it(): ...')
    (project / "docs" / "checklist.md").write_text("| `R97-P050.99` | because |\n")
    assert problems(project) == ["listed without a duty: R97-P050.99"]


def test_a_law_without_a_test_is_a_problem(project: Path) -> None:
    rest = project / "tests" / "test_rest.py"
    rest.write_text(rest.read_text().replace("'PSD-3', ", "").replace("'PSD-4'", "'PSD-9'"))
    assert "law without a test: PSD-3" in problems(project)
    assert "law without a test: PSD-4" in problems(project)
    assert "mark without a law: PSD-9 on tests/test_rest.py::test_rest" in problems(project)


def test_code_is_found_by_the_clause_that_it_cites(project: Path) -> None:
    found: Trace = trace(project)
    assert found.code[KNOWN] == ["limits.py"]
    assert "R97-P050.3.4-1" not in found.code
