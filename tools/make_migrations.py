"""Write what each domain's newest revision lays out, from its tables, or show what has changed.

    python -m tools.make_migrations            write the newest revisions' new tables anew
    python -m tools.make_migrations --check    fail when the code has other tables than they lay out
    python -m tools.make_migrations --diff     what a next revision would do, as Alembic sees it

A domain's revisions are ``vNNNN_why.py``, as many as its schema's version says, and beside each
the statements that make its new tables, ``why.DATABASE.sql``. Only the newest is written anew;
what went before is as books somewhere have it. To begin a further one, raise the schema's version
and write its ``.py``: it lays out its statements, and then changes the older tables by hand.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from franking.rules.permissions import Role
from franking.storage import Actor, Schema
from franking.storage.database import open_engine
from franking.storage.migrating import migrate, revisions_folder

DOMAINS = {
    "provider": "franking.provider.books",
    "postal": "franking.postal.books",
    "bank": "franking.bank.books",
    "mailer": "franking.host.books",
    "fleet": "franking.psd.hosted_tables",
}
"""Where each domain has all of its tables together."""
DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (make_url(f"{name}://").get_dialect()() for name in ("sqlite", "postgresql"))
}
_MADE = re.compile(r"^CREATE TABLE (\w+)", re.MULTILINE)


def schema_of(domain: str) -> Schema:
    """The schema of a domain, with the tables of every room in it."""
    schema: Schema = import_module(DOMAINS[domain]).SCHEMA
    _ = schema.journal, schema.title, schema.destroying
    return schema


def statements(schema: Schema, dialect: Dialect, *, without: Collection[str] = ()) -> str:
    """What makes every other table and index, in an order in which each finds what it refers to."""
    made = []
    for table in schema.metadata.sorted_tables:
        if table.name in without:
            continue
        made.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        made += [str(CreateIndex(index).compile(dialect=dialect)).strip() for index in indexes]
    lines = "\n".join(line.rstrip() for line in ";\n\n".join(made).splitlines())
    return lines + ";\n"


def files(domain: str) -> Iterator[tuple[Path, str]]:
    """The statements of a domain's newest revision."""
    schema = schema_of(domain)
    folder = revisions_folder(schema)
    *earlier, newest = (path.stem.partition("_")[2] for path in sorted(folder.glob("v*.py")))
    for name, dialect in DIALECTS.items():
        before = "\n".join((folder / f"{why}.{name}.sql").read_text() for why in earlier)
        text = statements(schema, dialect, without=_MADE.findall(before))
        yield folder / f"{newest}.{name}.sql", text


def stale() -> list[Path]:
    """The files that would be written otherwise."""
    return [
        path
        for domain in DOMAINS
        for path, text in files(domain)
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def differences(domain: str) -> str:
    """What a next revision would do, as Python."""
    from alembic.autogenerate import produce_migrations, render_python_code
    from alembic.runtime.migration import MigrationContext

    schema, by = schema_of(domain), Actor("make_migrations", Role.PROVIDER_SERVICE)
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "books"
        migrate(where, schema, by=by, now=datetime.now(UTC))
        with open_engine(where).connect() as connection:
            context = MigrationContext.configure(connection)
            upgrade = produce_migrations(context, schema.metadata).upgrade_ops
    return "" if upgrade is None or upgrade.is_empty() else render_python_code(upgrade)


def main(arguments: list[str]) -> int:
    """Write, check or show."""
    if arguments == ["--diff"]:
        for domain in DOMAINS:
            print(f"# {domain}\n{differences(domain)}")
        return 0
    changed = stale()
    if arguments == ["--check"]:
        for path in changed:
            print(f"{path} is not what the code says: run python -m tools.make_migrations")
        return 1 if changed else 0
    for domain in DOMAINS:
        for path, text in files(domain):
            path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
