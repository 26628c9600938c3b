"""The matrix clause → code → test, and its gaps.

``python -m tools.trace`` prints, for every duty in scope, where the code cites it and which tests
are marked with it; ``--quiet`` prints problems only. It fails on a mark without a duty, and on a
duty in scope that no test is marked with, ``docs/checklist.md`` does not list as a person's to
attest, and ``docs/divergences.md`` does not give a reason for.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from franking.rules.clauses import Clause, clauses

ROOT = Path(__file__).resolve().parent.parent
GROUPS_IN_SCOPE = frozenset({*range(11), 12, 16, 17, 18})
LAWS = (
    *(f"PSD-{number}" for number in range(1, 8)),
    *(f"LEDGER-{number}" for number in range(1, 7)),
    "PIECE-1",
)
CHECKLIST = "docs/checklist.md"
DIVERGENCES = "docs/divergences.md"

_ID_IN_ROW = re.compile(r"`(R\d{0,2}-[^`]+)`")
_ID_ANYWHERE = re.compile(r"R(?:95|97|08)?-(?:Pre|all|P0[35]0|50[12]|9)[A-Za-z0-9.()-]*")
_CITED_WHERE = re.compile(r"^(?:39 CFR|DMM) (?P<section>\S+)")


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark in a test file: its name (``duty``, ``law``), the id, and the test that bears it."""

    name: str
    id: str
    test: str


@dataclass(slots=True)
class Trace:
    """Everything found: marks by id, code places by duty, listed duties, problems."""

    tests: Mapping[str, list[str]]
    laws: Mapping[str, list[str]]
    code: Mapping[str, list[str]]
    listed: Mapping[str, str]
    problems: list[str] = field(default_factory=list)


def trace(root: Path = ROOT) -> Trace:
    """Read tests, code and documents under ``root`` and find every gap."""
    marks = [
        mark for path in sorted((root / "tests").rglob("*.py")) for mark in marks_in(path, root)
    ]
    found = Trace(
        tests=_by_id(marks, "duty"),
        laws=_by_id(marks, "law"),
        code=code_places(root),
        listed={**listed_in(root / CHECKLIST), **listed_in(root / DIVERGENCES)},
    )
    found.problems.extend(_problems(found))
    return found


def marks_in(path: Path, root: Path) -> Iterator[Mark]:
    """Every ``pytest.mark.duty(...)`` and ``pytest.mark.law(...)`` of one test file."""
    where = str(path.relative_to(root))
    yield from _marks_below(ast.parse(path.read_text(encoding="utf-8")), where)


def _marks_below(node: ast.AST, owner: str) -> Iterator[Mark]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        owner = f"{owner}::{node.name}"
    if isinstance(node, ast.Call) and (name := _mark_name(node)) is not None:
        for argument in node.args:
            literal = (
                argument.value if isinstance(argument, ast.Constant) else ast.unparse(argument)
            )
            yield Mark(name, str(literal), owner)
    for child in ast.iter_child_nodes(node):
        yield from _marks_below(child, owner)


def _mark_name(call: ast.Call) -> str | None:
    match call.func:
        case ast.Attribute(value=ast.Attribute(attr="mark"), attr="duty" | "law" as name):
            return name
    return None


def code_places(root: Path) -> Mapping[str, list[str]]:
    """For every duty the modules and rule files that name its id or cite its clause."""
    places: dict[str, list[str]] = defaultdict(list)
    sections = _sections()
    for path in sorted((root / "src").rglob("*")):
        if path.suffix not in {".py", ".yaml"}:
            continue
        text = path.read_text(encoding="utf-8")
        ids = set(_ID_ANYWHERE.findall(text))
        for section, duties in sections.items():
            if re.search(rf"(?<![\w.]){re.escape(section)}(?![\w(]|\.\d)", text):
                ids.update(duties)
        for duty in ids & clauses().keys():
            places[duty].append(str(path.relative_to(root / "src" / "franking")))
    return places


def _sections() -> Mapping[str, list[str]]:
    """Duties by the section that their citation names, as code writes it (``P050.3.6``)."""
    sections: dict[str, list[str]] = defaultdict(list)
    for duty in clauses().values():
        if match := _CITED_WHERE.match(duty.citation):
            sections[match["section"]].append(duty.id)
    return sections


def listed_in(path: Path) -> Mapping[str, str]:
    """Duties in the first cell of a table's rows, with the text of the other cells."""
    if not path.exists():
        return {}
    found: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("|"):
            first, _, rest = line.strip("|").partition("|")
            found.update(dict.fromkeys(_ID_IN_ROW.findall(first), rest.strip(" |")))
    return found


def in_scope(groups: Collection[int] = GROUPS_IN_SCOPE) -> list[Clause]:
    """The duties that this release answers for, or those of other groups."""
    return [duty for duty in clauses().values() if duty.group in groups]


def unaccounted(found: Trace, groups: Collection[int] = GROUPS_IN_SCOPE) -> list[Clause]:
    """Duties in scope that have no test and are not listed with a reason."""
    return [
        duty
        for duty in in_scope(groups)
        if duty.id not in found.tests and not found.listed.get(duty.id)
    ]


def _problems(found: Trace) -> Iterator[str]:
    for clause_id, tests in found.tests.items():
        if clause_id not in clauses():
            yield f"mark without a duty: {clause_id} on {', '.join(tests)}"
    for law, tests in found.laws.items():
        if law not in LAWS:
            yield f"mark without a law: {law} on {', '.join(tests)}"
    for law in LAWS:
        if law not in found.laws:
            yield f"law without a test: {law}"
    for clause_id, reason in found.listed.items():
        if clause_id not in clauses():
            yield f"listed without a duty: {clause_id}"
        if not reason:
            yield f"listed without a reason: {clause_id}"
    for duty in unaccounted(found):
        yield f"unaccounted duty: {duty.id} ({duty.citation}): {duty.requirement}"


def _by_id(marks: list[Mark], name: str) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for mark in marks:
        if mark.name == name and mark.test not in found[mark.id]:
            found[mark.id].append(mark.test)
    return dict(found)


def _print_matrix(found: Trace) -> None:
    for duty in in_scope():
        print(f"{duty.id}  {duty.requirement}")
        print(f"    code  {', '.join(found.code.get(duty.id, ['-']))}")
        for test in found.tests.get(duty.id, ()):
            print(f"    test  {test}")
        if duty.id in found.listed:
            print(f"    said  {found.listed[duty.id]}")
    proven = sum(duty.id in found.tests for duty in in_scope())
    print(f"{proven} of {len(in_scope())} duties in scope have a marked test", end="; ")
    print(f"{len(unaccounted(found))} are unaccounted for")


def main(arguments: list[str] | None = None) -> int:
    """Print the matrix or only its problems; 1 where there are any."""
    parser = argparse.ArgumentParser(prog="trace", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quiet", action="store_true", help="print problems only")
    parser.add_argument("--group", type=int, help="list what this group of duties still lacks")
    given = parser.parse_args(arguments)
    found = trace()
    if given.group is not None:
        for duty in unaccounted(found, {given.group}):
            print(f"{duty.id}: {duty.requirement}")
    elif not given.quiet:
        _print_matrix(found)
    for problem in found.problems:
        print(problem, file=sys.stderr)
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
