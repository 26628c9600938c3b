"""How every command runs: the options they share, the home they work in, what may go wrong.

A command is a function of a ``Desk`` and its own options that gives an ``Answer``. Nothing that
goes wrong below reaches a person as a traceback: a refusal exits with 2, a broken invariant or a
fault of the program with 1.
"""

from __future__ import annotations

import getpass
import inspect
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from franking.cli.answer import Answer, console, give, refuse
from franking.errors import EXIT_BROKEN, EXIT_REFUSED, InvariantBroken, Refusal, Refused
from franking.home.carrier import carry
from franking.home.home import Home, open_or_create
from franking.home.settings import default_home_folder
from franking.rules.permissions import Role
from franking.storage import Actor, Books

EXIT_STOPPED = 130
USAGE = Refusal(
    "USAGE",
    clause="policy",
    remedy="See what the command takes with --help, and ask again.",
    http_status=400,
)
ROLE_UNKNOWN = Refusal(
    "ROLE_UNKNOWN",
    clause="policy",
    remedy="Say --as 'ROLE:NAME' with a role of the table: franking people roles.",
    http_status=422,
)
Body = TypeVar("Body", bound=Callable[..., Answer])

_KEYWORD = inspect.Parameter.KEYWORD_ONLY
_PANEL = "Everywhere"
_SHARED = {
    "home_folder": Annotated[
        Path | None,
        typer.Option(
            "--home",
            metavar="DIR",
            help="The folder of all books and devices; else FRANKING_HOME, else ~/.franking.",
            rich_help_panel=_PANEL,
        ),
    ],
    "now": Annotated[
        str | None,
        typer.Option(
            "--now",
            metavar="TIME",
            help="Move the clock to this date or instant (homes with a simulated clock only).",
            rich_help_panel=_PANEL,
        ),
    ],
    "simulated_clock": Annotated[
        bool,
        typer.Option(
            "--simulated-clock",
            help="Where this command makes the home: give it a clock that --now moves.",
            rich_help_panel=_PANEL,
        ),
    ],
    "acting_as": Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="ROLE:NAME",
            help="Who acts: 'licensing officer:Ann Lee'; else FRANKING_AS, else you, in the role "
            "that the command is made for.",
            rich_help_panel=_PANEL,
        ),
    ],
    "as_json": Annotated[
        bool, typer.Option("--json", help="Answer in JSON, for programs.", rich_help_panel=_PANEL)
    ],
}
_DEFAULTS = {
    "home_folder": None,
    "now": None,
    "simulated_clock": False,
    "acting_as": None,
    "as_json": False,
}


@dataclass(frozen=True)
class Desk:
    """Where a command works: the options that every command has, and the home they name."""

    home_folder: Path | None
    now: str | None
    simulated_clock: bool
    acting_as: str | None
    as_json: bool

    def actor(self, role: Role) -> Actor:
        """Who acts: as ``--as`` or ``FRANKING_AS`` says, else this computer's user in ``role``.

        Raises:
            Refused: ``ROLE_UNKNOWN``.
        """
        named = self.acting_as or os.environ.get("FRANKING_AS")
        return read_actor(named) if named else Actor(getpass.getuser(), role)

    def provider_books(self, role: Role = Role.PROVIDER_AGENT) -> Books:
        """The provider's books, for the person who acts.

        Raises:
            Refused: ``ROLE_UNKNOWN``, or what opening refuses.
        """
        return self.home.provider.books.acting(self.actor(role))

    def postal_books(self, role: Role = Role.LICENSING_OFFICER) -> Books:
        """The Postal Service's books, for the person who acts.

        Raises:
            Refused: ``ROLE_UNKNOWN``, or what opening refuses.
        """
        return self.home.postal.books.acting(self.actor(role))

    def carry(self) -> None:
        """Carry what waits between the domains, as a running service would.

        Raises:
            Refused: ``BOOKS_BUSY`` and its like: what was not carried waits for the next command.
        """
        carry(self.home)

    @property
    def folder(self) -> Path:
        """The folder that ``--home`` or ``FRANKING_HOME`` names."""
        return self.home_folder or default_home_folder()

    @cached_property
    def home(self) -> Home:
        """The home of this command, made on first use.

        Raises:
            Refused: what opening or making the home refuses.
        """
        return open_or_create(self.folder, simulated_clock=self.simulated_clock, now_text=self.now)


def read_actor(text: str) -> Actor:
    """Read ``ROLE:NAME``.

    Raises:
        Refused: ``ROLE_UNKNOWN``.
    """
    role, _, name = (" ".join(part.split()) for part in text.partition(":"))
    if role not in set(Role) or not name or not name.isprintable():
        raise ROLE_UNKNOWN.because(f"{text!r} is not a role and a name")
    return Actor(name, role)


def command(app: typer.Typer, name: str) -> Callable[[Body], Body]:
    """Register a function of a ``Desk`` and options as the command ``name`` of ``app``."""

    def register(body: Body) -> Body:
        run, parameters = _runner(body)
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        app.command(name)(run)
        return body

    return register


def without_a_name(app: typer.Typer) -> Callable[[Body], Body]:
    """Register what a group of commands does when none of them is named."""

    def register(body: Body) -> Body:
        run, parameters = _runner(body)

        def unless_named(ctx: typer.Context, **given: Any) -> None:
            if ctx.invoked_subcommand is None:
                run(**given)
            if any(given[each.name] != each.default for each in parameters):
                raise typer.BadParameter(f"give options after {ctx.invoked_subcommand}")

        ctx = inspect.Parameter("ctx", _KEYWORD, annotation=typer.Context)
        unless_named.__doc__ = run.__doc__
        unless_named.__annotations__ = {"ctx": typer.Context, **run.__annotations__}
        unless_named.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [ctx, *parameters]
        )
        app.callback(invoke_without_command=True)(unless_named)
        return body

    return register


def _runner(body: Body) -> tuple[Callable[..., None], list[inspect.Parameter]]:
    own, *options = inspect.signature(body, eval_str=True).parameters.values()

    def run(**given: Any) -> None:
        desk = Desk(**{shared: given.pop(shared) for shared in _SHARED})
        _carry_out(lambda: body(**{own.name: desk}, **given), as_json=desk.as_json)

    parameters = [*options, *_shared_parameters()]
    run.__doc__ = _unfolded(body.__doc__ or "")
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run, parameters


def _unfolded(text: str) -> str:
    """Help as paragraphs of one line each, which the screen folds as it is wide."""
    return "\n\n".join(" ".join(each.split()) for each in inspect.cleandoc(text).split("\n\n"))


def run_app(app: typer.Typer, arguments: list[str] | None = None) -> int:
    """Run ``app`` on ``arguments``; the exit status. Never lets a traceback out.

    A command that can not be understood is refused as ``USAGE``: in words, or in JSON where
    ``--json`` stands among the arguments.
    """
    given = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in given
    try:
        status = app(args=given, prog_name="franking", standalone_mode=not as_json)
    except typer.TyperException as misused:
        refuse(USAGE.because(misused.format_message()), as_json=as_json)
        return EXIT_REFUSED
    except SystemExit as leaving:
        status = leaving.code
    return status if isinstance(status, int) else int(status is not None)


def _shared_parameters() -> list[inspect.Parameter]:
    return [
        inspect.Parameter(name, _KEYWORD, default=_DEFAULTS[name], annotation=annotation)
        for name, annotation in _SHARED.items()
    ]


def _carry_out(body: Callable[[], Answer], *, as_json: bool) -> None:
    try:
        answer = body()
    except Refused as refused:
        refuse(refused, as_json=as_json)
        raise typer.Exit(EXIT_REFUSED) from None
    except InvariantBroken as broken:
        _tell_fault(f"the state contradicts itself: {broken}", as_json=as_json)
        raise typer.Exit(EXIT_BROKEN) from None
    except KeyboardInterrupt:
        console(stderr=True).print("Stopped. What was acknowledged is kept; run it again to go on.")
        raise typer.Exit(EXIT_STOPPED) from None
    except Exception as fault:
        _tell_fault(f"{type(fault).__name__}: {fault}", as_json=as_json)
        raise typer.Exit(EXIT_BROKEN) from None
    give(answer, as_json=as_json)
    raise typer.Exit(answer.exit_status)


def _tell_fault(detail: str, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"broken": {"detail": detail}}, indent=2) + "\n")
        return
    out = console(stderr=True)
    out.print(f"Broken: {detail}", markup=False, style="bold red")
    out.print("Nothing more was done. `franking device check` reads a device's whole journal.")
