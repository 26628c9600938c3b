"""Where a trust domain keeps its books: a database, units of work, and a journal of commands.

Knows no postal matter. ``books`` opens a database and runs units of work, ``journal`` is the
hash-chained record of every command, ``columns`` and ``guards`` are what the rooms build their
tables from, ``database`` knows SQLite and PostgreSQL.
"""

from franking.storage.books import Actor, Books, Reading, Schema, Work
from franking.storage.database import Database, Where, place_of
from franking.storage.journal import Act, JournalCheck

__all__ = [
    "Act",
    "Actor",
    "Books",
    "Database",
    "JournalCheck",
    "Reading",
    "Schema",
    "Where",
    "Work",
    "place_of",
]
