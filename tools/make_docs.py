"""Regenerates the reference pages that are made from the code.

``python -m tools.make_docs`` writes ``docs/reference/refusals.md`` (every refusal that any room
declares) and ``docs/reference/rules.md`` (every parameter of every rulebook); ``--check`` writes
nothing and fails where a page is not current.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import franking
from franking.errors import EXIT_REFUSED, Refusal, declared_refusals
from franking.money import MILLS_PER_DOLLAR, format_dollars
from franking.rules.reading import parameters, subjects
from franking.rules.records import Parameter, Value
from franking.rules.rulebooks import Rulebook, rulebooks

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
_MADE = "<!-- Made from the code by `make docs`; change the code, not this page. -->\n"


def pages() -> Mapping[str, str]:
    """The pages by file name, as they ought to read."""
    return {"refusals.md": refusals_page(every_refusal()), "rules.md": rules_page()}


def every_refusal() -> tuple[Refusal, ...]:
    """The refusals of all rooms, which are declared when a room is imported."""
    for module in walk_packages(franking.__path__, "franking."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    return declared_refusals()


def refusals_page(refusals: Iterable[Refusal]) -> str:
    """Code, clause, remedy and HTTP status of every refusal, in order of code."""
    rows = [
        (f"`{entry.code}`", entry.clause, entry.remedy, str(entry.http_status))
        for entry in refusals
    ]
    return "\n".join(
        [
            _MADE,
            "# Refusals",
            "",
            "A refusal says that the rules say no and that nothing changed. A program sees code,",
            "clause, detail and remedy; the command line shows them and exits with status "
            f"{EXIT_REFUSED}.",
            "The clause `policy` marks a refusal that no document asks for.",
            "",
            _table(("code", "clause", "what you can do", "HTTP"), rows),
        ]
    )


def rules_page() -> str:
    """Every parameter of every rulebook, with value, unit, clause and window."""
    parts = [
        _MADE,
        "# Rules",
        "",
        "What the rulebooks say, as the program reads it. The clause `policy` marks a value that",
        "no document gives. `franking rules list` shows what is in force on a day, and",
        "`franking rules show NAME` the clauses behind a name.",
    ]
    for book in rulebooks().values():
        parts.extend(("", *_book(book)))
    return "\n".join(parts) + "\n"


def _book(book: Rulebook) -> Iterable[str]:
    yield f"## {book.name}"
    yield ""
    yield f"{book.title}. {book.source}."
    stands = ", ".join(f"{stand.status} from {stand.since}" for stand in book.stands)
    comments = f"; comments until {book.comments_until}" if book.comments_until else ""
    yield f"Standing: {stands}{comments}."
    words = ", ".join(f"{party}: {word}" for party, word in book.terms.items())
    yield f"Its words: {words}."
    for subject in subjects():
        entries = parameters(subject, book.name)
        if entries:
            yield ""
            yield f"### {subject}"
            yield ""
            yield _table(("name", "value", "clause", "from", "to", "meaning"), map(_row, entries))


def _row(entry: Parameter) -> tuple[str, ...]:
    value = _shown(entry.value, entry.unit)
    window = str(entry.effective_from), str(entry.effective_to or "")
    return f"`{entry.name}`", value, entry.clause, *window, entry.meaning


def _shown(value: Value, unit: str) -> str:
    match value:
        case tuple():
            return "; ".join(value)
        case int() if unit == "mills":
            return format_dollars(value)
        case int() if unit == "dollars":
            return format_dollars(value * MILLS_PER_DOLLAR)
        case int() if unit == "day of the month":
            return f"day {value}"
        case int() | Decimal():
            return f"{value} {unit}"
        case str() | date():
            return str(value)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def stale() -> list[str]:
    """The pages that do not read as they ought to."""
    return [
        name
        for name, text in pages().items()
        if not (path := REFERENCE / name).exists() or path.read_text("utf-8") != _ended(text)
    ]


def _ended(text: str) -> str:
    return text.rstrip("\n") + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or with ``--check`` say which are not current."""
    parser = argparse.ArgumentParser(prog="make_docs", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if not current")
    if parser.parse_args(arguments).check:
        for name in (found := stale()):
            print(f"docs/reference/{name} is not current: run `make docs`", file=sys.stderr)
        return 1 if found else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(_ended(text), encoding="utf-8")
        print(f"wrote docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
