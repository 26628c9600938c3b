"""The provider's money: ledger, funds, bank files, telephone settings, refunds, closes, reports.

What devices held before is not in the ledger yet: ``provider.resetting.beginning`` posts it. A
reset that closed unused was never charged: nothing of it is to be returned any more.
"""

from __future__ import annotations

from alembic import op

from franking.storage.migrating import change, lay_out

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Lay out the new tables; note up to where use is known, and whom a reset was charged to."""
    lay_out(op.get_bind(), __file__)
    change(op.get_bind(), __file__)
