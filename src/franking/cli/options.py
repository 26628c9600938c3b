"""Options of a command as one value: a frozen dataclass whose fields are ``Annotated`` for Typer.

A command with many options takes ``(desk, asked)``; each field of the dataclass is an option of
its own on the command line, with the field's default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from inspect import Parameter, Signature
from typing import Any, TypeVar, get_type_hints

from franking.cli.answer import Answer
from franking.cli.command import Desk

Asked = TypeVar("Asked")


def gathered(
    kind: type[Asked],
) -> Callable[[Callable[[Desk, Asked], Answer]], Callable[..., Answer]]:
    """Make a function of a desk and a ``kind`` a command whose options are the fields of it."""

    def spread(body: Callable[[Desk, Asked], Answer]) -> Callable[..., Answer]:
        def run(desk: Desk, **options: Any) -> Answer:
            return body(desk, kind(**options))

        run.__doc__ = body.__doc__
        desk = Parameter("desk", Parameter.POSITIONAL_OR_KEYWORD, annotation=Desk)
        run.__signature__ = Signature([desk, *_parameters(kind)])  # type: ignore[attr-defined]
        return run

    return spread


def _parameters(kind: type[Any]) -> list[Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        Parameter(
            field.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(kind)
    ]
