"""Regenerates the reference pages that are made from the code.

``python -m tools.make_docs`` writes ``docs/reference/refusals.md`` (every refusal that any room
declares), ``rules.md`` (every parameter of every rulebook), ``duties.md`` (every duty of the
docket), ``roles.md`` (who may do what) and
``forms.md`` (every form with its answers); ``--check`` writes nothing and fails where a page is
not current.
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

import msgspec

import franking
from franking.docket.catalogue import EVERY, duties
from franking.docket.records import Duty, Term
from franking.errors import EXIT_REFUSED, Refusal, declared_refusals
from franking.forms.specimens import SPECIMENS
from franking.money import MILLS_PER_DOLLAR, format_dollars
from franking.rules.permissions import Role, permissions
from franking.rules.reading import parameters, subjects
from franking.rules.records import Parameter, Value
from franking.rules.rulebooks import Rulebook, rulebooks

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
_MADE = "<!-- Made from the code by `make docs`; change the code, not this page. -->\n"


def pages() -> Mapping[str, str]:
    """The pages by file name, as they ought to read."""
    return {
        "refusals.md": refusals_page(every_refusal()),
        "rules.md": rules_page(),
        "duties.md": duties_page(),
        "roles.md": roles_page(),
        "forms.md": forms_page(),
    }


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


def roles_page() -> str:
    """The table of roles: every command of every room, with who may give it."""
    parts = [
        _MADE,
        "# People and roles",
        "",
        "Who may give which command, by room. A command that stands here in no line may be given",
        "by nobody. Say who you are with `--as 'ROLE:NAME'` or in `FRANKING_AS`; without it you",
        "act in the role that the command is made for. `franking people show` shows the same",
        "table. Commands that begin with `hear_` are given by a message of the other domain.",
        "",
        "Roles: " + "; ".join(role.value for role in Role) + ".",
    ]
    rooms: dict[str, list[tuple[str, ...]]] = {}
    for line in permissions().values():
        who = "; ".join(sorted(line.roles))
        rooms.setdefault(line.room, []).append((f"`{line.command}`", who, line.clause))
    for room, rows in sorted(rooms.items()):
        parts.extend(("", f"## {room}", "", _table(("command", "who", "clause"), rows)))
    return "\n".join(parts)


def forms_page() -> str:
    """Every form: its number, title and clause, and what it asks."""
    parts = [
        _MADE,
        "# Forms",
        "",
        "`franking form NAME ANSWERS.json --pdf FILE` draws a form from its answers, `--of RECORD`",
        "from what the books hold, and `--example` prints an example to begin from. Amounts are",
        "mills, dates ISO 8601. The documents name the forms and print none of them, nor do they",
        "give an edition: what a page asks is what the clauses ask for.",
    ]
    for name, form in SPECIMENS.items():
        head = form.masthead
        answers = ((f"`{each.name}`", _asked(each)) for each in msgspec.structs.fields(form))
        parts.extend(("", f"## {name}", "", f"{head.number}: {head.title}. {head.authority}."))
        parts.extend(("", _table(("answer", ""), answers)))
    return "\n".join(parts)


def _asked(answer: msgspec.structs.FieldInfo) -> str:
    return "asked" if answer.required else "may be left out"


def duties_page() -> str:
    """Every duty of the docket: who owes it, its term in each rulebook, what follows if missed."""
    rows = [
        (each.name, each.title, each.owed_by, _terms(each), each.consequence or "only marked")
        for each in duties().values()
    ]
    return "\n".join(
        [
            _MADE,
            "# Duties",
            "",
            "What stands on a docket: `franking docket` shows it by due date, and `franking docket",
            "sweep` marks what was missed, once, with its consequence.",
            "",
            _table(("duty", "what is to be done", "owed by", "within", "when missed"), rows),
        ]
    )


def _terms(of: Duty) -> str:
    return "; ".join(text for book, term in of.terms.items() for text in _term(book, term))


def _term(book: str, term: Term) -> Iterable[str]:
    """The newest value of a term in a rulebook, with its clause."""
    if not term.parameter:
        yield f"{book}: as stated, {term.clause}"
        return
    named = list(rulebooks()) if book == EVERY else [book]
    found = [one for name in named for one in parameters(term.subject, name)]
    latest = [one for one in found if one.name == term.parameter][-1:]
    for one in latest:
        yield f"{book}: {one.value} {one.unit}, {term.clause or one.clause}"


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
