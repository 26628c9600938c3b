"""The first tables of the mailer books, laid out by the statements beside it."""

from __future__ import annotations

from alembic import op

from franking.storage.migrating import lay_out

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Lay out the tables."""
    lay_out(op.get_bind(), __file__)
