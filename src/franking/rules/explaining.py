"""The rules as plain data for people: lists of parameters, and the story of one of them.

Everything returned is made of ``dict``, ``list``, ``str`` and ``int``, ready for JSON. Refuses to
know how it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from franking.errors import Refusal, declared_refusals
from franking.rules.adoption import Register
from franking.rules.clauses import Clause, clauses
from franking.rules.reading import parameters, subjects
from franking.rules.records import (
    LASTING,
    PARAMETER_UNKNOWN,
    POLICY,
    Parameter,
    Standing,
    Subject,
    Value,
)
from franking.rules.rulebooks import Rulebook, rulebooks

Plain = dict[str, object]


def listing(
    on: date,
    *,
    subject: Subject | None = None,
    rulebook: str | None = None,
    register: Register | None = None,
) -> list[Plain]:
    """Every parameter in force on a day, by rulebook and subject, with clause and standing.

    Raises:
        Refused: ``RULEBOOK_UNKNOWN``, ``RULEBOOK_NOT_OPEN`` for the rulebook asked about.
    """
    kept = register or Register()
    if rulebook is not None:
        kept.standing(rulebook, on)
    return [
        _row(entry, book.name, each, status=_status(entry, book, on, kept))
        for book in rulebooks().values()
        if rulebook in (None, book.name) and book.opens <= on
        for each in subjects()
        if subject in (None, each)
        for entry in parameters(each, book.name)
        if entry.in_force(on)
    ]


def books(on: date, *, register: Register | None = None) -> list[Plain]:
    """Every rulebook: title, source, standing on a day, and the words it uses."""
    kept = register or Register()
    return [
        {
            "rulebook": book.name,
            "title": book.title,
            "source": book.source,
            "status": str(kept.standing(book.name, on).status) if book.opens <= on else "not open",
            "opens": str(book.opens),
            "comments_until": str(book.comments_until or ""),
            "supersedes": book.supersedes,
            "leads_to": book.leads_to,
            "subjects": list(book.subjects),
            "terms": dict(book.terms),
        }
        for book in rulebooks().values()
    ]


def explain(name: str) -> Plain:
    """What stands behind a name: a duty id, a refusal code, or a parameter.

    A parameter is named ``device.descending_limit`` or ``descending_limit``; every value that it
    has in any rulebook is given, past and future ones included.

    Raises:
        Refused: ``PARAMETER_UNKNOWN`` where the name is none of these.
    """
    duty = clauses().get(name)
    if duty is not None:
        return _explained_duty(duty)
    code = next((entry for entry in declared_refusals() if entry.code == name), None)
    if code is not None:
        return _explained_refusal(code)
    values = [
        row for row in _all_values() if name in (row["name"], f"{row['subject']}.{row['name']}")
    ]
    if not values:
        raise PARAMETER_UNKNOWN.because(f"{name!r} is no duty, refusal or parameter")
    cited = [clauses()[str(row["duty"])] for row in values if row["duty"]]
    return {
        "kind": "parameter",
        "name": name,
        "meaning": values[0]["meaning"],
        "values": values,
        "duties": [_plain_duty(clause) for clause in dict.fromkeys(cited)],
    }


def _explained_duty(duty: Clause) -> Plain:
    return {
        "kind": "duty",
        **_plain_duty(duty),
        "values": [row for row in _all_values() if row["duty"] == duty.id],
        "refusals": [
            entry.code for entry in declared_refusals() if _same_clause(entry.clause, duty.citation)
        ],
    }


def _explained_refusal(entry: Refusal) -> Plain:
    return {
        "kind": "refusal",
        "code": entry.code,
        "clause": entry.clause,
        "remedy": entry.remedy,
        "duties": [
            _plain_duty(duty)
            for duty in clauses().values()
            if _same_clause(entry.clause, duty.citation)
        ],
    }


def _same_clause(cited: str, citation: str) -> bool:
    """Whether a refusal cites this clause; ``policy`` cites none."""
    return cited != POLICY and citation in cited.split("; ")


def _all_values() -> Iterable[Plain]:
    for book in rulebooks().values():
        for subject in subjects():
            for entry in parameters(subject, book.name):
                yield _row(entry, book.name, subject, status=entry.status)


def _status(entry: Parameter, book: Rulebook, on: date, register: Register) -> Standing:
    if entry.status in LASTING:
        return entry.status
    return register.standing(book.name, on).status


def _row(entry: Parameter, rulebook: str, subject: Subject, *, status: Standing) -> Plain:
    return {
        "rulebook": rulebook,
        "subject": subject,
        "name": entry.name,
        "value": _plain(entry.value),
        "unit": entry.unit,
        "clause": entry.clause,
        "duty": entry.duty,
        "effective_from": str(entry.effective_from),
        "effective_to": str(entry.effective_to or ""),
        "status": str(status),
        "meaning": entry.meaning,
    }


def _plain(value: Value) -> object:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Decimal | date) else value


def _plain_duty(duty: Clause) -> Plain:
    return {
        "id": duty.id,
        "citation": duty.citation,
        "requirement": duty.requirement,
        "group": f"{duty.group}. {duty.group_title}",
        "kind_of_duty": duty.kind,
        "change": duty.change,
    }
