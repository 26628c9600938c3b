"""The house style, where a program can check it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from statistics import median

import franking
from franking.errors import Refusal, declared_refusals
from franking.rules.clauses import clauses
from franking.rules.reading import parameters, subjects
from franking.rules.rulebooks import rulebooks

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "franking").rglob("*.py"))
FUNCTION_LINES_MAX, MODULE_LINES_MAX, MEDIAN_FUNCTION_LINES_MAX = 70, 800, 12
VAGUE = re.compile(r"(^|_)(utils?|helpers?|misc|common|managers?|handlers?|processors?)(_|$)")
LOOSE_END = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def every_tree() -> Iterator[tuple[str, ast.Module]]:
    for path in SOURCES:
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


@cache
def every_refusal() -> tuple[Refusal, ...]:
    """The refusals of all rooms, which are declared when a room is imported."""
    for module in walk_packages(franking.__path__, "franking."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    return declared_refusals()


def test_no_function_is_longer_than_a_page() -> None:
    long = [
        f"{where}:{node.lineno} {node.name} ({length(node)})"
        for where, tree in every_tree()
        for node in functions(tree)
        if length(node) > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_no_module_is_longer_than_can_be_read_at_a_sitting() -> None:
    lines = {str(path): path.read_text(encoding="utf-8").count("\n") for path in SOURCES}
    assert {path: count for path, count in lines.items() if count > MODULE_LINES_MAX} == {}


def test_the_usual_function_is_short() -> None:
    lengths = [length(node) for _, tree in every_tree() for node in functions(tree)]
    assert median(lengths) < MEDIAN_FUNCTION_LINES_MAX


def test_every_module_says_what_it_is_for() -> None:
    silent = [where for where, tree in every_tree() if tree.body and not ast.get_docstring(tree)]
    assert silent == []


def test_every_public_function_and_class_says_what_it_does() -> None:
    silent = [
        f"{where}:{node.lineno} {node.name}"
        for where, tree in every_tree()
        for node in public_definitions(tree)
        if not ast.get_docstring(node)
    ]
    assert silent == []


def public_definitions(
    tree: ast.Module,
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Module-level functions and classes without a leading underscore."""
    for node in tree.body:
        if isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ) and not node.name.startswith("_"):
            yield node


def test_no_exception_is_swallowed_whole() -> None:
    bare = [
        f"{where}:{node.lineno}"
        for where, tree in every_tree()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert bare == []


def test_inputs_are_not_checked_by_assert() -> None:
    asserted = [
        f"{where}:{node.lineno}"
        for where, tree in every_tree()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert)
    ]
    assert asserted == []


def test_names_of_modules_say_something() -> None:
    assert [str(path) for path in SOURCES if VAGUE.search(path.stem)] == []


def test_no_loose_ends() -> None:
    loose = [str(path) for path in SOURCES if LOOSE_END.search(path.read_text(encoding="utf-8"))]
    assert loose == []


def test_every_refusal_names_its_clause_and_what_to_do() -> None:
    for refusal in every_refusal():
        assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", refusal.code), refusal
        assert refusal.clause == "policy" or re.search(r"\d", refusal.clause), refusal
        assert refusal.remedy.endswith("."), refusal
        assert len(refusal.remedy.split()) > 3, refusal


CITATION = re.compile(
    r"(?:39 CFR|DMM) (?P<section>(?:50[12]\.|P0[35]0\.|604\.9)\S*?)(?: \((?P<year>\d{4})\))?"
)


def test_every_clause_of_the_four_documents_that_a_refusal_cites_exists() -> None:
    """Each part of a citation begins a clause of the catalogue, in the year that it names."""
    citations = [duty.citation for duty in clauses().values()]
    parts = {part for refusal in every_refusal() for part in refusal.clause.split("; ")}
    cited = [match for part in sorted(parts) if (match := CITATION.fullmatch(part))]
    unknown = [
        match[0]
        for match in cited
        if not any(
            f" {match['section']}" in citation and (match["year"] or "") in citation
            for citation in citations
        )
    ]
    assert len(cited) > 10
    assert unknown == []


# Numbers of the regulations belong into the parameters. Small ones (3 months, 10 days) also mean
# other things in code, so the check looks for those that mean nothing else, and for durations.

TELLING_FROM = 1000
"""From here on a number of the parameters is unlikely to stand in code by chance."""

ROUND_NUMBERS_OF_COMPUTING = frozenset({1000, 10_000, 100_000, 1_000_000})


COINCIDENCES = {("src/franking/verification/read.py", 12_000_000)}
"""Numbers that a parameter has too, but mean something else here: pixels of an image."""


def telling_numbers() -> frozenset[int]:
    found = {
        entry.value
        for book in rulebooks()
        for subject in subjects()
        for entry in parameters(subject, book)
        if isinstance(entry.value, int) and entry.value >= TELLING_FROM
    }
    return frozenset(found) - ROUND_NUMBERS_OF_COMPUTING


def test_no_amount_of_the_regulations_stands_in_code() -> None:
    numbers = telling_numbers()
    assert 500 * 1000 in numbers
    assert 50 * 1000 in numbers
    literal = [
        f"{where}:{node.lineno} {node.value}"
        for where, tree in every_tree()
        if "/world/" not in where  # its people choose amounts of their own
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in numbers
        if (where, node.value) not in COINCIDENCES
    ]
    assert literal == []


def test_no_deadline_of_the_regulations_stands_in_code() -> None:
    """``timedelta(days=30)`` and the like: a day or a week is arithmetic, more is a rule."""
    literal = [
        f"{where}:{node.lineno} {ast.unparse(node)}"
        for where, tree in every_tree()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("timedelta")
        for keyword in node.keywords
        if keyword.arg in {"days", "weeks", "hours"}
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value not in {0, 1, 7}
    ]
    assert literal == []


def has_float(node: ast.AST) -> bool:
    return any(
        (isinstance(part, ast.Constant) and isinstance(part.value, float))
        or (isinstance(part, ast.Call) and ast.unparse(part.func) == "float")
        for part in ast.walk(node)
    )


def test_no_float_comes_near_money() -> None:
    """Paper is measured in floats; a function that speaks of mills has none."""
    floats = [
        f"{where}:{node.lineno} {node.name}"
        for where, tree in every_tree()
        for node in functions(tree)
        if "mills" in ast.unparse(node) and has_float(node)
    ]
    assert floats == []


def test_the_core_never_reads_the_machine_s_clock() -> None:
    """Time is a parameter; only the edges of the program ask for it."""
    edges = ("/cli/", "/world/", "/home/", "/home.py")
    reads = [
        f"{where}:{node.lineno} {ast.unparse(node.func)}"
        for where, tree in every_tree()
        if not any(edge in where for edge in edges)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func)
        in {"datetime.now", "datetime.utcnow", "date.today", "time.time", "datetime.today"}
    ]
    assert reads == []
