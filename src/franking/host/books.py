"""The mailer's books: print jobs, artwork, address data, register readings and notices.

One SQLite file. They hold no money: what a device has is in the device. Losing them costs the list
of what was printed, and never postage, since a device gives the same indicium for the same
request again.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, LargeBinary, MetaData, PrimaryKeyConstraint, Table

from franking.host.artwork_records import ARTWORK_TRANSITIONS, ArtworkStatus
from franking.host.printing.records import (
    JOB_TRANSITIONS,
    PIECE_TRANSITIONS,
    JobStatus,
    PieceStatus,
)
from franking.rules.permissions import Role, require_permitted
from franking.storage import Actor, Books, Schema
from franking.storage.columns import (
    guard_append_only,
    guard_transitions,
    never_negative,
    one_of,
    optional_text,
    text,
    whole,
)

DOMAIN = "mailer"
FILE_NAME = "mailer.sqlite"

METADATA = MetaData()

JOBS = Table(
    "print_jobs",
    METADATA,
    text("job_id", primary_key=True),
    text("status"),
    text("template"),
    text("town"),
    text("rows_digest"),
    text("created_at"),
    whole("total_mills"),
    never_negative("total_mills"),
    one_of("status", JobStatus),
    sqlite_strict=True,
)
guard_transitions(JOBS, JOB_TRANSITIONS)

PIECES = Table(
    "print_pieces",
    METADATA,
    text("job_id"),
    whole("line"),
    text("request_id", unique=True),
    text("status"),
    text("cost_centre"),
    text("reference"),
    text("stock"),
    whole("postage_mills"),
    text("piece"),
    Column("indicium", LargeBinary, nullable=True),
    optional_text("refusal"),
    PrimaryKeyConstraint("job_id", "line"),
    never_negative("line", "postage_mills"),
    one_of("status", PieceStatus),
    sqlite_strict=True,
)
guard_transitions(PIECES, PIECE_TRANSITIONS)

BAD_ROWS = Table(
    "print_bad_rows",
    METADATA,
    text("job_id"),
    whole("line"),
    text("code"),
    text("clause"),
    text("detail"),
    text("remedy"),
    PrimaryKeyConstraint("job_id", "line"),
    sqlite_strict=True,
)
guard_append_only(BAD_ROWS)

RUNS = Table(
    "print_runs",
    METADATA,
    text("job_id"),
    whole("run"),
    text("kind"),
    text("reason"),
    text("at"),
    text("lines"),
    whole("pieces"),
    PrimaryKeyConstraint("job_id", "run"),
    one_of("kind", ("print", "reprint")),
    sqlite_strict=True,
)
guard_append_only(RUNS)

ARTWORK = Table(
    "artwork",
    METADATA,
    text("artwork_id", primary_key=True),
    text("status"),
    text("title"),
    text("mailer_name"),
    text("lines"),
    text("digest"),
    text("supplied_by"),
    text("approval_id"),
    text("decided_at"),
    text("reason"),
    one_of("status", ArtworkStatus),
    sqlite_strict=True,
)
guard_transitions(ARTWORK, ARTWORK_TRANSITIONS)

ADDRESS_DATA = Table(
    "address_data",
    METADATA,
    text("name"),
    text("dated"),
    text("installed_on"),
    PrimaryKeyConstraint("name", "dated"),
    sqlite_strict=True,
)
guard_append_only(ADDRESS_DATA)

ACKNOWLEDGEMENTS = Table(
    "acknowledgements",
    METADATA,
    text("notice"),
    text("digest"),
    text("person"),
    text("at"),
    PrimaryKeyConstraint("notice", "digest", "person"),
    sqlite_strict=True,
)
guard_append_only(ACKNOWLEDGEMENTS)

REGISTER_READINGS = Table(
    "register_readings",
    METADATA,
    text("device"),
    whole("number"),
    text("day"),
    whole("ascending_mills"),
    whole("descending_mills"),
    text("note"),
    text("correction"),
    text("kept_at"),
    PrimaryKeyConstraint("device", "number"),
    never_negative("ascending_mills", "descending_mills"),
    sqlite_strict=True,
)
guard_append_only(REGISTER_READINGS)

SCHEMA = Schema(DOMAIN, 1, METADATA, require_permitted, migrations="franking.host.migrations")
OWNER = Actor("mailer", Role.MAILER)


def open_mailer_books(folder: Path, *, by: Actor = OWNER) -> Books:
    """The books in a mailer's folder, made where there are none.

    Raises:
        Refused: what ``Books.open`` refuses.
    """
    return Books.open(folder / FILE_NAME, SCHEMA, by=by)
