"""Where a trust domain keeps its books: a database, units of work, and a journal of commands.

Knows no postal matter. ``books`` opens a database and runs units of work, ``journal`` is the
hash-chained record of every command, ``columns`` are the column types and guards that the rooms
build their tables from.
"""

from franking.storage.books import Actor, Books, Reading, Schema, Work
from franking.storage.journal import Act, JournalCheck

__all__ = ["Act", "Actor", "Books", "JournalCheck", "Reading", "Schema", "Work"]
