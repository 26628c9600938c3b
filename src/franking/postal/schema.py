"""Where the rooms of the postal domain put their tables."""

from __future__ import annotations

from sqlalchemy import MetaData

from franking.docket import Docket
from franking.ledger import Ledger
from franking.messages.dispatch import DispatchTables
from franking.postal.treasury.chart import CHART
from franking.retention import Retention
from franking.rules.permissions import require_permitted
from franking.storage import Schema

SCHEMA = Schema("postal", 3, MetaData(), require_permitted, migrations="franking.postal.migrations")
METADATA = SCHEMA.metadata
DISPATCHES = DispatchTables.within(METADATA)
"""Messages on their way to and from the other domain."""
DOCKET = Docket.within(METADATA)
"""What is due, by whom, and what became of it."""
LEDGER = Ledger.within(METADATA, CHART)
"""The Postal Service's money: the fund, and what each provider's customers hold."""
RETENTION = Retention.within(SCHEMA, DOCKET, DISPATCHES)
"""What is kept after its subject has ended, and until when."""
