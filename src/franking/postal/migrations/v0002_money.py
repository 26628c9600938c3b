"""The Postal Service's money: the treasury, refunds, the fate of pieces, adjustments."""

from __future__ import annotations

from alembic import op

from franking.storage.migrating import lay_out

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Lay out the new tables; those before are as they were."""
    lay_out(op.get_bind(), __file__)
