"""Nights of scans: irregularities with their evidence, and what was seen on-line."""

from __future__ import annotations

from alembic import op

from franking.storage.migrating import lay_out

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Lay out the new tables; those before are as they were."""
    lay_out(op.get_bind(), __file__)
