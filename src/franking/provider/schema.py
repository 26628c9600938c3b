"""Where the rooms of the provider's domain put their tables."""

from __future__ import annotations

from sqlalchemy import MetaData

from franking.docket import Docket
from franking.ledger import Ledger
from franking.messages.dispatch import DispatchTables
from franking.provider.funds.chart import CHART
from franking.retention import Retention
from franking.rules.permissions import require_permitted
from franking.storage import Schema

SCHEMA = Schema(
    "provider", 2, MetaData(), require_permitted, migrations="franking.provider.migrations"
)
METADATA = SCHEMA.metadata
DISPATCHES = DispatchTables.within(METADATA)
"""Messages on their way to and from the other domain."""
DOCKET = Docket.within(METADATA)
"""What is due, by whom, and what became of it."""
RETENTION = Retention.within(SCHEMA, DOCKET, DISPATCHES)
"""What is kept after its subject has ended, and until when."""
LEDGER = Ledger.within(METADATA, CHART)
"""Where every mill is: on deposit, in transit, in a device, used, refunded or owed."""
