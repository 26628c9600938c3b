"""What a database itself refuses, whatever a program does: moves out of the table, rewritten rows.

A guard stands with its table (``Table.info``) and is laid as triggers: when books are made, and
again after each migration, so that the code is the one place that says what is guarded. Rows of an
append-only table go only while their record is being destroyed by rule (``destroying``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Connection, MetaData, Table, text

State = TypeVar("State", bound=StrEnum)

DESTROYING = "destroying"
"""The table that names the record being destroyed, within the unit of work that destroys it."""
_GUARDS = "guards"
_RAISE = "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';"
_UNLESS = f"EXISTS (SELECT 1 FROM {DESTROYING})"
_FUNCTIONS = (
    "CREATE OR REPLACE FUNCTION books_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
    f"BEGIN {_RAISE} END $$",
    "CREATE OR REPLACE FUNCTION books_refuse_to_lose() RETURNS trigger LANGUAGE plpgsql AS $$ "
    f"BEGIN IF {_UNLESS} THEN RETURN OLD; END IF; {_RAISE} END $$",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """One trigger: when ``event`` meets a row for which ``when`` holds, the change is refused."""

    name: str
    table: str
    event: str
    """``DELETE``, or ``UPDATE`` with the columns that it is about."""
    saying: str
    when: str = ""
    until_destroyed: bool = False
    """Whether it makes way while a record is being destroyed by rule."""

    def on_sqlite(self) -> str:
        """The trigger for SQLite."""
        conditions = [self.when] if self.when else []
        conditions += [f"NOT {_UNLESS}"] if self.until_destroyed else []
        when = f" WHEN {' AND '.join(f'({one})' for one in conditions)}" if conditions else ""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table}{when} "
            f"BEGIN SELECT RAISE(ABORT, '{self.saying}'); END"
        )

    def on_postgresql(self) -> str:
        """The trigger for PostgreSQL; ``TRUNCATE`` has no rows."""
        each = "STATEMENT" if self.event == "TRUNCATE" else "ROW"
        function = "books_refuse_to_lose" if self.until_destroyed else "books_refuse"
        when = f" WHEN ({self.when})" if self.when else ""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} FOR EACH {each}{when} "
            f"EXECUTE FUNCTION {function}('{self.saying}')"
        )


def guard_transitions(
    table: Table, transitions: Mapping[State, frozenset[State]], *, column: str = "status"
) -> None:
    """Have the database refuse every move of ``column`` that is not in ``transitions``."""
    moves = " OR ".join(
        f"(OLD.{column} = '{before}' AND NEW.{column} IN ({quoted(after)}))"
        for before, after in transitions.items()
        if after
    )
    stand(
        table,
        Guard(
            name=f"{table.name}_{column}_moves",
            table=table.name,
            event=f"UPDATE OF {column}",
            when=f"OLD.{column} <> NEW.{column} AND NOT ({moves or '1 = 0'})",
            saying=f"{table.name}: {column} may not move so",
        ),
    )


def guard_append_only(
    table: Table, *, columns: Iterable[str] = (), permanent: bool = False
) -> None:
    """Have the database refuse to delete rows of ``table``, or to change them (or ``columns``).

    Rows go only while their record is being destroyed by rule (``storage.destroying``), and rows
    of a ``permanent`` table never do.
    """
    of = ", ".join(f'"{column}"' for column in columns)
    events = {"kept": f"UPDATE OF {of}" if of else "UPDATE", "stays": "DELETE", "whole": "TRUNCATE"}
    for name, event in events.items():
        stand(
            table,
            Guard(
                name=f"{table.name}_{name}",
                table=table.name,
                event=event,
                saying=f"{table.name} is append-only",
                until_destroyed=event == "DELETE" and not permanent,
            ),
        )


def stand(table: Table, guard: Guard) -> None:
    """Have a table guarded, from the next time that guards are laid."""
    table.info.setdefault(_GUARDS, []).append(guard)


def guards_of(metadata: MetaData) -> Iterator[Guard]:
    """Every guard of the tables."""
    for table in metadata.sorted_tables:
        yield from table.info.get(_GUARDS, ())


def lay_guards(connection: Connection, metadata: MetaData) -> None:
    """Write every guard into the database anew."""
    lift_guards(connection)
    if connection.dialect.name == "postgresql":
        for function in _FUNCTIONS:
            connection.exec_driver_sql(function.replace("%", "%%"))
        for guard in guards_of(metadata):
            connection.exec_driver_sql(guard.on_postgresql().replace("%", "%%"))
        return
    for guard in guards_of(metadata):
        if guard.event != "TRUNCATE":
            connection.exec_driver_sql(guard.on_sqlite())


def lift_guards(connection: Connection) -> None:
    """Take every guard out of the database, as a migration must that rewrites tables."""
    for name, table in laid_guards(connection):
        on = f' ON "{table}"' if connection.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"{on}')


def laid_guards(connection: Connection) -> list[tuple[str, str]]:
    """The names of the guards that the database holds, each with its table."""
    if connection.dialect.name == "postgresql":
        query = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND c.relnamespace = to_regnamespace(current_schema()) "
            "ORDER BY 1, 2"
        )
    else:
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1, 2"
    return [(row[0], row[1]) for row in connection.execute(text(query))]


def quoted(values: Iterable[str]) -> str:
    """The values as a list in SQL, in one order."""
    return ", ".join("'" + value.replace("'", "''") + "'" for value in sorted(values))
