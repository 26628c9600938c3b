"""Who may do what: every command of the program against every role of the table.

Commands are found in the source, so that a new one can not be forgotten here. Real command
functions are called in a role that may not give them; the values they are handed are made from
their annotations, since who may not ask is refused before anything asked for is looked at.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from franking.errors import Refused
from franking.host.books import SCHEMA as MAILER
from franking.postal import receiving as postal_receiving
from franking.postal.schema import SCHEMA as POSTAL
from franking.provider import receiving as provider_receiving
from franking.provider.schema import SCHEMA as PROVIDER
from franking.rules.permissions import Role, permissions, require_permitted
from franking.storage import Actor, Books, Schema

SOURCE = Path(__file__).parents[2] / "src"
NOW = datetime(1997, 6, 9, 12, tzinfo=UTC)
SCHEMAS: Mapping[str, Schema] = {"host": MAILER, "postal": POSTAL, "provider": PROVIDER}


@dataclass(frozen=True)
class Found:
    """A function that opens a unit of work under a name that is written there."""

    module: str
    function: str
    command: str

    @property
    def room(self) -> str:
        return self.module.split(".")[1]

    def body(self) -> Callable[..., Any]:
        body: Callable[..., Any] = getattr(importlib.import_module(self.module), self.function)
        return body


@cache
def trees() -> tuple[tuple[str, ast.Module], ...]:
    return tuple(
        (".".join(path.relative_to(SOURCE).with_suffix("").parts), ast.parse(path.read_text()))
        for path in sorted((SOURCE / "franking").rglob("*.py"))
    )


def units_of_work(tree: ast.AST) -> Iterator[ast.expr]:
    """What every ``….work(now, COMMAND, …)`` has for its command."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            named = [each.value for each in node.keywords if each.arg == "command"]
            if node.func.attr == "work" and (len(node.args) > 1 or named):
                yield node.args[1] if len(node.args) > 1 else named[0]


def written_names() -> set[str]:
    """Commands that stand in the source as they are."""
    return {
        name.value
        for _, tree in trees()
        for name in units_of_work(tree)
        if isinstance(name, ast.Constant) and isinstance(name.value, str)
    }


def heard_names() -> set[str]:
    """Commands that a message from the other domain makes run."""
    tables = (provider_receiving.HEARING, postal_receiving.HEARING)
    return {f"hear_{each.kind.__name__}" for table in tables for each in table.hearers.values()}


def said_words() -> set[str]:
    """Every word that stands in the source, from which a command may be chosen."""
    return {
        node.value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def beginnings() -> tuple[str, ...]:
    """How names begin that are put together, such as ``issue_`` and the kind of an order."""
    return tuple(
        first.value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) and len(node.values) > 1
        if isinstance(first := node.values[0], ast.Constant) and isinstance(first.value, str)
        if first.value.endswith("_") and first.value.islower()
    )


def commands_in_functions() -> tuple[Found, ...]:
    return tuple(
        Found(module, node.name, name.value)
        for module, tree in trees()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for name in units_of_work(node)
        if isinstance(name, ast.Constant) and isinstance(name.value, str)
        if module.split(".")[1] in SCHEMAS
    )


@pytest.fixture(scope="module")
def all_books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Books]:
    folder = tmp_path_factory.mktemp("books")
    somebody = Actor("nobody yet", Role.MAILER)
    return {
        room: Books.open(folder / f"{room}.sqlite", schema, by=somebody)
        for room, schema in SCHEMAS.items()
    }


def test_every_command_of_the_source_stands_in_the_table() -> None:
    assert sorted((written_names() | heard_names()) - set(permissions())) == []


def test_every_line_of_the_table_is_a_command_of_the_source() -> None:
    known = said_words() | heard_names()
    begun = tuple(each for each in beginnings() if each != "hear_")
    idle = [name for name in permissions() if name not in known and not name.startswith(begun)]
    assert idle == []


def test_every_line_names_somebody_and_a_clause() -> None:
    empty = [line.command for line in permissions().values() if not (line.roles and line.clause)]
    assert empty == []


def test_nobody_may_do_what_stands_in_no_table() -> None:
    for role in Role:
        with pytest.raises(Refused, match="stands in no table"):
            require_permitted("print_money", role)


@pytest.mark.parametrize("command", sorted(permissions()))
def test_a_command_opens_for_its_roles_and_for_no_other(
    command: str, all_books: dict[str, Books]
) -> None:
    books = all_books["host"]
    opened = set()
    for role in Role:
        with suppress(Refused), books.acting(Actor("Ann Lee", role)).work(NOW, command):
            opened.add(role)
    assert opened == permissions()[command].roles
    assert books.journal_rows() == []


@pytest.mark.parametrize(
    "found", commands_in_functions(), ids=lambda each: f"{each.module}.{each.function}"
)
def test_who_may_not_ask_is_refused_and_leaves_no_trace(
    found: Found, all_books: dict[str, Books]
) -> None:
    allowed = permissions()[found.command].roles
    stranger, insider = min(set(Role) - allowed), min(allowed)
    books = all_books[found.room]
    code = refusal(found.body(), books.acting(Actor("A Stranger", stranger)))
    if code != "NOT_PERMITTED":
        # What was asked can not be, whoever asks: it was read before the books were opened.
        assert code == refusal(found.body(), books.acting(Actor("Ann Lee", insider)))
    assert books.journal_rows() == []


def refusal(body: Callable[..., Any], books: Books) -> str:
    """By which refusal a command ends; it has to."""
    with pytest.raises(Refused) as refused:
        ask(body, books)
    return refused.value.code


def ask(body: Callable[..., Any], books: Books) -> object:
    """Call a command with values of the kinds it asks for."""
    hints = get_type_hints(body)
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(body).parameters.items():
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        if hints[name] is Books:
            given[name] = books
        elif parameter.default is parameter.empty:
            given[name] = some(hints[name])
    positional = [
        given.pop(name)
        for name, parameter in inspect.signature(body).parameters.items()
        if parameter.kind is parameter.POSITIONAL_ONLY
    ]
    answer = body(*positional, **given)
    # A command that is a context or a stream runs when it is entered or read.
    return list(answer) if inspect.isgenerator(answer) else answer


PLAIN: Mapping[Any, Any] = {
    Any: "1",
    str: "1234567890",
    int: 1,
    float: 1.0,
    Decimal: Decimal(1),
    bool: True,
    bytes: b"1",
    date: NOW.date(),
    datetime: NOW,
    Path: Path("none"),
    type(None): None,
}


def some(kind: Any) -> Any:
    """A value of a kind."""
    if kind in PLAIN:
        return PLAIN[kind]
    origin = get_origin(kind)
    if origin is typing.Annotated or isinstance(kind, typing.NewType):
        return some(get_args(kind)[0] if origin else kind.__supertype__)
    if origin is Literal:
        return get_args(kind)[0]
    if origin in (Union, types.UnionType):
        return some(get_args(kind)[0])
    if origin is not None:
        return some_collection(kind)
    return some_instance(kind)


def some_collection(kind: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is not None and issubclass(origin, Mapping):
        return {}
    if origin is not None and hasattr(origin, "__iter__"):
        return (some(inner[0]),) if inner else ()
    return lambda *_, **__: None


def some_instance(kind: Any) -> Any:
    if inspect.isclass(kind) and issubclass(kind, Enum):
        return next(iter(kind))
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        needed = [
            each.name
            for each in fields(kind)
            if each.init and each.default is MISSING and each.default_factory is MISSING
        ]
        return kind(**{name: some(hints[name]) for name in needed})  # type: ignore[operator]
    if inspect.isclass(kind) and issubclass(kind, msgspec.Struct):
        asked = [each for each in msgspec.structs.fields(kind) if each.required]
        return kind(**{each.name: some(each.type) for each in asked})
    return Anything()


class Anything:
    """Stands where a key or a port is wanted that must never be reached; it has a name."""

    name = "A Provider"

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{name} was reached before the person was asked for")
