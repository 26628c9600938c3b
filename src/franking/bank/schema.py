"""Where the lockbox bank puts its tables."""

from __future__ import annotations

from sqlalchemy import MetaData

from franking.rules.permissions import require_permitted
from franking.storage import Schema

SCHEMA = Schema("bank", 1, MetaData(), require_permitted, migrations="franking.bank.migrations")
METADATA = SCHEMA.metadata
